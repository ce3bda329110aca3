//! What happens while a File Service cannot be asked, or answers what makes no sense.

use std::time::{Duration, Instant};

use user_service_adapters_http_clients::{CallError, FileServiceSettings, FileServiceStore};
use user_service_domain::avatar::AvatarStore as _;
use user_service_domain::health::Dependency as _;

use crate::file_service::{Service, id, pictures, store, store_at, told};
use crate::file_service_proxy::{Fault, Proxy, digest, raw};
use crate::server::{Reply, Server};

async fn asking(reply: Reply) -> (Server, FileServiceStore) {
    let server = Server::start(reply).await;
    let settings = FileServiceSettings {
        timeout: Duration::from_secs(2),
        ..FileServiceSettings::default()
    };
    let store = store_at(&server.url(), &settings);
    (server, store)
}

fn answer(status: u16, headers: &str, body: impl Into<Vec<u8>>) -> Reply {
    Reply::Answer {
        status,
        headers: headers.to_owned(),
        body: body.into(),
    }
}

async fn get(store: &FileServiceStore) -> Result<Option<Vec<u8>>, CallError> {
    let variant = pictures(1)[0].variant;
    store.get(id(1), variant).await.map_err(told)
}

#[tokio::test]
async fn what_may_soon_succeed_is_tried_again_but_not_for_long() {
    for status in [502, 503, 504] {
        let failing = Reply::status(status, "");
        let (server, store) = asking(failing.clone()).await;
        server.reply_in_turn(vec![failing.clone(), failing, Reply::status(201, "")]);
        store.put(id(1), &pictures(1)).await.unwrap();
        assert_eq!(server.count(), 3);
        server.reply(Reply::status(status, ""));
        assert_eq!(get(&store).await, Err(CallError::Status(status)));
        assert_eq!(server.count(), 6);
    }
}

#[tokio::test]
async fn what_will_not_change_is_not_tried_again() {
    for status in [200, 400, 401, 403, 404, 413, 429, 500, 501, 507] {
        let (server, store) = asking(Reply::status(status, "")).await;
        let error = told(store.put(id(1), &pictures(1)).await.unwrap_err());
        assert_eq!(error, CallError::Status(status));
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn a_refused_connection_is_an_error_soon() {
    let (mut server, store) = asking(Reply::HangUp).await;
    server.stop().await;
    let begun = Instant::now();
    let error = told(store.put(id(1), &pictures(8)).await.unwrap_err());
    assert!(matches!(error, CallError::Unreachable(_)), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_service_that_hangs_is_an_error_in_time() {
    for reply in [Reply::Silence, Reply::Head] {
        let server = Server::start(reply).await;
        let settings = FileServiceSettings {
            timeout: Duration::from_millis(300),
            ..FileServiceSettings::default()
        };
        let store = store_at(&server.url(), &settings);
        let begun = Instant::now();
        assert_eq!(get(&store).await, Err(CallError::TimedOut));
        let put = store.put(id(1), &pictures(8)).await.unwrap_err();
        assert_eq!(told(put), CallError::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(10));
        let begun = Instant::now();
        assert!(store.check().await.is_err());
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_redirection_is_not_followed() {
    let elsewhere = Server::start(Reply::status(201, "")).await;
    let (server, store) = asking(Reply::redirect(&elsewhere.url())).await;
    assert_eq!(get(&store).await, Err(CallError::Redirected));
    let put = store.put(id(1), &pictures(1)).await.unwrap_err();
    assert_eq!(told(put), CallError::Redirected);
    assert_eq!((server.count(), elsewhere.count()), (2, 0));
}

#[tokio::test]
async fn a_file_is_taken_only_with_its_digest() {
    let right = digest(b"64.webp");
    let field = |value: &str| format!("content-digest: {value}\r\n");
    let (server, store) = asking(answer(200, &field(&right), "64.webp")).await;
    assert_eq!(get(&store).await, Ok(Some(b"64.webp".to_vec())));
    server.reply(answer(
        200,
        &field(&format!("sha-512=:AAAA:, {right}")),
        "64.webp",
    ));
    assert_eq!(get(&store).await, Ok(Some(b"64.webp".to_vec())));

    let wrong = Err(CallError::Senseless("the file has another digest"));
    let missing = Err(CallError::Senseless("the file has no digest"));
    for (headers, body, expected) in [
        (field(&digest(b"other")), "64.webp", wrong.clone()),
        (field(&right), "64.web", wrong.clone()),
        (field(&right), "", wrong.clone()),
        (field("sha-256=:AAAA:"), "64.webp", wrong),
        (field("sha-512=:AAAA:"), "64.webp", missing.clone()),
        (String::new(), "64.webp", missing),
    ] {
        let (_server, store) = asking(answer(200, &headers, body)).await;
        assert_eq!(get(&store).await, expected, "{headers}");
    }
}

#[tokio::test]
async fn only_a_problem_tells_that_a_file_is_absent() {
    for (content_type, absent) in [
        ("content-type: application/problem+json\r\n", true),
        (
            "content-type: Application/Problem+JSON; charset=utf-8\r\n",
            true,
        ),
        ("content-type: text/html\r\n", false),
        ("", false),
    ] {
        let (_server, store) = asking(answer(404, content_type, "{}")).await;
        let expected = if absent {
            Ok(None)
        } else {
            Err(CallError::Status(404))
        };
        assert_eq!(get(&store).await, expected, "{content_type}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    let long = vec![b'x'; (16 << 20) + 1];
    let field = format!("content-digest: {}\r\n", digest(&long));
    let (server, store) = asking(answer(200, &field, long)).await;
    assert_eq!(get(&store).await, Err(CallError::TooLong));
    server.reply(Reply::ok(vec![b' '; (1 << 20) + 1]));
    let listed = store.list(None, 9).await.map_err(told);
    assert_eq!(listed, Err(CallError::TooLong));
}

#[tokio::test]
async fn garbage_is_tried_again_and_is_an_error() {
    for text in [
        "garbage",
        "",
        "HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\ncut off",
        "HTTP/1.1 200 X\r\ncontent-length: x\r\n\r\n",
        "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let (address, given) = raw(text).await;
        let store = store(address);
        assert_eq!(get(&store).await, Err(CallError::Broken), "{text}");
        assert_eq!(given.load(std::sync::atomic::Ordering::SeqCst), 3);
    }
}

#[tokio::test]
async fn a_list_that_makes_no_sense_is_an_error() {
    for body in [
        "",
        "<html>",
        r#"{"items":[],"next":null}"#,
        r#"{"items":[],"prefixes":["avatars/b/","avatars/a/"],"next":null}"#,
        r#"{"items":[],"prefixes":[],"next":""}"#,
    ] {
        let (_server, store) = asking(Reply::ok(body)).await;
        let listed = store.list(None, 9).await.map_err(told);
        assert!(matches!(listed, Err(CallError::Senseless(_))), "{body}");
    }
}

#[tokio::test]
async fn a_put_whose_answer_is_cut_off_is_tried_again_and_keeps_one_file() {
    let service = Service::start();
    let proxy = Proxy::start(service.address()).await;
    for (n, faults) in [
        vec![Fault::CutAnswer],
        vec![Fault::CutAnswer, Fault::CutAnswer],
        vec![Fault::Busy, Fault::CutAnswer],
        vec![Fault::CutAnswer, Fault::Busy],
        vec![Fault::Busy, Fault::Busy],
        vec![Fault::HangUp, Fault::CutAnswer],
    ]
    .into_iter()
    .enumerate()
    {
        let id = id(n as u128);
        // Each with connections of its own: one that is kept would know no fault.
        let store = store(proxy.address());
        proxy.fail(faults);
        store.put(id, &pictures(1)).await.unwrap();
        proxy.assert_failed();
        assert_eq!(service.files(id), ["64.webp"]);
        assert_eq!(
            store.get(id, pictures(1)[0].variant).await.unwrap(),
            Some(b"64.webp".to_vec())
        );
    }
}

#[tokio::test]
async fn a_put_of_many_lives_through_faults_of_some() {
    let service = Service::start();
    let proxy = Proxy::start(service.address()).await;
    let store = store(proxy.address());
    proxy.fail(vec![Fault::CutAnswer, Fault::Busy, Fault::HangUp]);
    store.put(id(1), &pictures(12)).await.unwrap();
    proxy.assert_failed();
    assert_eq!(service.files(id(1)).len(), 12);
    assert_eq!(store.list(None, 9).await.unwrap(), [id(1)]);
}

#[tokio::test]
async fn a_put_that_failed_may_be_repeated() {
    let service = Service::start();
    let proxy = Proxy::start(service.address()).await;
    let store = store(proxy.address());
    proxy.fail(vec![Fault::CutAnswer; 3]);
    let error = told(store.put(id(1), &pictures(1)).await.unwrap_err());
    assert_eq!(error, CallError::Broken);
    store.put(id(1), &pictures(8)).await.unwrap();
    assert_eq!(service.files(id(1)).len(), 8);
}

#[tokio::test]
async fn a_delete_whose_answer_is_cut_off_is_tried_again() {
    let service = Service::start();
    let proxy = Proxy::start(service.address()).await;
    // Not over the proxy: a connection that is kept would know no fault.
    store(service.address())
        .put(id(1), &pictures(8))
        .await
        .unwrap();
    proxy.fail(vec![Fault::CutAnswer]);
    let store = store(proxy.address());
    store.delete(id(1)).await.unwrap();
    proxy.assert_failed();
    assert_eq!(store.list(None, 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_service_that_keeps_failing_is_left_alone_for_a_while() {
    let server = Server::start(Reply::status(500, "")).await;
    let settings = FileServiceSettings {
        leave_alone_for: Duration::from_millis(400),
        ..FileServiceSettings::default()
    };
    let store = store_at(&server.url(), &settings);
    for _ in 0..settings.failures {
        assert_eq!(get(&store).await, Err(CallError::Status(500)));
    }
    server.reply(Reply::status(201, ""));
    let begun = Instant::now();
    let mut refused = 0;
    while let Err(error) = store.put(id(1), &pictures(1)).await {
        assert_eq!(told(error), CallError::LeftAlone);
        assert_eq!(server.count(), 5, "it is not asked");
        refused += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    assert!(refused > 0);
    assert_eq!(server.count(), 6);
}

#[tokio::test]
async fn absence_is_no_failure() {
    let service = Service::start();
    let store = store(service.address());
    for _ in 0..10 {
        assert_eq!(get(&store).await, Ok(None));
    }
}

#[tokio::test]
async fn health_is_what_the_service_says() {
    let (server, store) = asking(Reply::ok("{\"status\":\"ok\"}")).await;
    store.check().await.unwrap();
    assert_eq!(
        (store.name(), store.is_essential()),
        ("file_service", false)
    );
    let request = &server.requests()[0];
    assert!(request.starts_with("GET /health HTTP/1.1\r\n"));
    assert!(!request.contains("authorization"), "{request}");
    server.reply(Reply::status(503, ""));
    assert!(store.check().await.is_err());
}
