//! Answers that no S3 server should give.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use user_service_adapters_s3::{S3AvatarStore, S3Error, S3Settings};
use user_service_domain::avatar::AvatarStore as _;

use crate::buckets::{id, pictures};
use crate::faults::told;
use crate::server::settings;

/// A store whose server gives these answers in turn, the last one again and again; and how many it gave.
async fn answering(answers: Vec<String>) -> (S3AvatarStore, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = S3Settings {
        timeout: Duration::from_secs(2),
        ..settings(listener.local_addr().unwrap())
    };
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let n = count.fetch_add(1, Ordering::SeqCst);
            let answer = answers[n.min(answers.len() - 1)].clone();
            tokio::spawn(async move {
                let mut request = vec![0; 65536];
                let _read = stream.read(&mut request).await;
                let _sent = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (S3AvatarStore::new(&settings).unwrap(), given)
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

const FILE: &str = "last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\netag: \"1\"\r\n";

#[tokio::test]
async fn what_may_soon_succeed_is_tried_again_but_not_for_long() {
    let busy = answer(503, "", "<Error><Code>SlowDown</Code></Error>");
    let variant = pictures()[0].variant;
    let good = answer(200, FILE, "bytes");
    let (store, given) = answering(vec![busy.clone(), busy.clone(), good]).await;
    let got = store.get(id(1), variant).await.unwrap();
    assert_eq!(got.as_deref(), Some(b"bytes".as_slice()));
    assert_eq!(given.load(Ordering::SeqCst), 3);

    let (store, given) = answering(vec![busy]).await;
    let error = told(store.get(id(1), variant).await.unwrap_err());
    assert_eq!(error, S3Error::Said("SlowDown".to_owned()));
    assert_eq!(given.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_no_picture() {
    let variant = pictures()[0].variant;
    let elsewhere = "location: http://127.0.0.1:1/\r\n";
    for text in [
        answer(307, elsewhere, ""),
        answer(400, "", "hunter2"),
        answer(
            200,
            "content-type: text/html\r\n",
            "<html>Welcome to the Wi-Fi",
        ),
        format!("HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: 99\r\n{FILE}\r\ncut"),
        format!("HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: 99999999999\r\n{FILE}\r\n"),
        "garbage".to_owned(),
        String::new(),
    ] {
        let (store, _) = answering(vec![text.clone()]).await;
        let error = store.get(id(1), variant).await;
        let error = error.map_err(told).unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn a_list_that_makes_no_sense_is_an_error() {
    for text in [
        answer(200, "", "<html>"),
        answer(200, "", ""),
        answer(404, "", "<Error><Code>NoSuchBucket</Code></Error>"),
    ] {
        let (store, _) = answering(vec![text.clone()]).await;
        let listed = store.list(None, 9).await.map_err(told);
        assert!(listed.is_err(), "{text}: {listed:?}");
    }
}

#[tokio::test]
async fn a_list_that_does_not_go_on_ends() {
    let page = format!(
        "<ListBucketResult><IsTruncated>true</IsTruncated>\
         <NextContinuationToken>t</NextContinuationToken>\
         <CommonPrefixes><Prefix>avatars/{}/</Prefix></CommonPrefixes></ListBucketResult>",
        id(1)
    );
    let (store, _) = answering(vec![answer(200, "", &page)]).await;
    let error = told(store.list(None, 9).await.unwrap_err());
    assert_eq!(error, S3Error::Broken);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_an_error_not_an_absence() {
    let gone = answer(404, "", "<Error><Code>NoSuchBucket</Code></Error>");
    let (store, _) = answering(vec![gone]).await;
    let variant = pictures()[0].variant;
    for error in [
        store.put(id(1), &pictures()).await.unwrap_err(),
        store.get(id(1), variant).await.unwrap_err(),
        store.delete(id(1)).await.unwrap_err(),
        store.list(None, 9).await.unwrap_err(),
    ] {
        assert_eq!(told(error), S3Error::Said("NoSuchBucket".to_owned()));
    }
}
