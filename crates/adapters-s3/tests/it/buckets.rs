//! What is in the bucket.

use user_service_adapters_s3::{OpenError, S3AvatarStore, S3Settings};
use user_service_domain::avatar::{AvatarStore as _, Picture, Variant};
use user_service_domain::ids::AvatarId;
use uuid::Uuid;

use crate::server::{Server, files};

pub(crate) fn id(n: u128) -> AvatarId {
    AvatarId::new(Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0000 + n,
    ))
}

pub(crate) fn pictures() -> Vec<Picture> {
    Variant::all()
        .take(3)
        .map(|variant| Picture {
            variant,
            bytes: variant.to_string().into_bytes(),
        })
        .collect()
}

#[tokio::test]
async fn a_file_is_an_object_below_the_prefix() {
    let server = Server::start().await;
    let store = S3AvatarStore::new(&S3Settings {
        prefix: "user-service/avatars".to_owned(),
        ..server.settings()
    })
    .unwrap();
    store.put(id(1), &pictures()).await.unwrap();
    let folder = "user-service/avatars/01900000-0000-7000-8000-000000000001";
    let kept = files(&server.bucket());
    for name in ["64.jpeg", "64.png", "64.webp"] {
        assert!(kept.contains(&format!("{folder}/{name}")), "{kept:?}");
    }
}

#[tokio::test]
async fn whatever_is_under_an_id_is_deleted() {
    let server = Server::start().await;
    let store = S3AvatarStore::new(&server.settings()).unwrap();
    store.put(id(1), &pictures()).await.unwrap();
    store.put(id(2), &pictures()).await.unwrap();
    let folder = server.bucket().join(format!("avatars/{}", id(1)));
    std::fs::write(folder.join("128.gif"), "of another version").unwrap();
    store.delete(id(1)).await.unwrap();
    assert_eq!(store.list(None, 9).await.unwrap(), [id(2)]);
    let kept = files(&server.bucket());
    assert!(!kept.iter().any(|key| key.contains("128.gif")), "{kept:?}");
}

#[tokio::test]
async fn a_list_may_be_longer_than_a_page_of_s3() {
    let server = Server::start().await;
    let store = S3AvatarStore::new(&server.settings()).unwrap();
    let ids: Vec<_> = (0..1234).map(id).collect();
    for id in &ids {
        let folder = server.bucket().join(format!("avatars/{id}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("64.webp"), "x").unwrap();
    }
    assert_eq!(store.list(None, 5000).await.unwrap(), ids);
    assert_eq!(
        store.list(Some(ids[99]), 1100).await.unwrap(),
        ids[100..1200]
    );
}

#[tokio::test]
async fn settings_that_cannot_be_right_are_refused_and_not_quoted() {
    let good = Server::start().await.settings();
    let with = |change: &dyn Fn(&mut S3Settings)| {
        let mut settings = good.clone();
        change(&mut settings);
        S3AvatarStore::new(&settings).map(drop).unwrap_err()
    };
    assert_eq!(with(&|s| s.bucket.clear()), OpenError::Bucket);
    assert_eq!(
        with(&|s| s.prefix = "/hunter2".to_owned()),
        OpenError::Prefix
    );
    for endpoint in [
        "",
        "hunter2",
        "ftp://a.example",
        "http://user:hunter2@a.example",
        "http://a.example?hunter2",
    ] {
        let error = with(&|s| s.endpoint = Some(endpoint.to_owned()));
        assert_eq!(error, OpenError::Endpoint);
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }
    S3AvatarStore::new(&S3Settings {
        endpoint: None,
        ..good.clone()
    })
    .unwrap();
}
