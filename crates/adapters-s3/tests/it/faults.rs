//! What happens while S3 cannot be asked, or refuses.

use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use user_service_adapters_s3::{S3AvatarStore, S3Error, S3Settings};
use user_service_domain::avatar::{AvatarStore as _, AvatarStoreError};
use user_service_domain::health::Dependency as _;

use crate::buckets::{id, pictures};
use crate::server::{KEY_ID, SECRET, Server, settings};

/// What went wrong, and that nothing of it tells a secret or an address.
pub(crate) fn told(error: AvatarStoreError) -> S3Error {
    let text = format!("{error:?} {error} {}", error.0);
    for private in [KEY_ID, SECRET, "127.0.0.1", "avatars/"] {
        assert!(!text.contains(private), "{text}");
    }
    error.0.downcast_ref::<S3Error>().unwrap().clone()
}

#[tokio::test]
async fn a_server_that_is_killed_is_an_error_soon_and_works_when_it_is_back() {
    let mut server = Server::start().await;
    let store = S3AvatarStore::new(&server.settings()).unwrap();
    store.put(id(1), &pictures()).await.unwrap();
    store.check().await.unwrap();
    server.kill().await;
    let variant = pictures()[0].variant;
    let begun = Instant::now();
    assert_eq!(
        told(store.get(id(1), variant).await.unwrap_err()),
        S3Error::Unreachable
    );
    assert_eq!(
        told(store.put(id(2), &pictures()).await.unwrap_err()),
        S3Error::Unreachable
    );
    assert_eq!(
        told(store.list(None, 9).await.unwrap_err()),
        S3Error::Unreachable
    );
    assert!(store.check().await.is_err());
    assert!(begun.elapsed() < Duration::from_secs(10));
    server.restart().await;
    store.put(id(2), &pictures()).await.unwrap();
    assert_eq!(store.list(None, 9).await.unwrap(), [id(1), id(2)]);
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_an_error_in_time() {
    // Connections come about, and nobody takes them up.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = S3AvatarStore::new(&S3Settings {
        timeout: Duration::from_millis(300),
        ..settings(silent.local_addr().unwrap())
    })
    .unwrap();
    let begun = Instant::now();
    let variant = pictures()[0].variant;
    assert_eq!(
        told(store.get(id(1), variant).await.unwrap_err()),
        S3Error::TimedOut
    );
    assert_eq!(
        told(store.put(id(1), &pictures()).await.unwrap_err()),
        S3Error::TimedOut
    );
    assert_eq!(
        told(store.delete(id(1)).await.unwrap_err()),
        S3Error::TimedOut
    );
    assert!(begun.elapsed() < Duration::from_secs(10));
    let begun = Instant::now();
    assert!(store.check().await.is_err());
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_store_that_keeps_failing_is_left_alone_for_a_while() {
    let mut server = Server::start().await;
    let store = S3AvatarStore::new(&S3Settings {
        leave_alone_for: Duration::from_secs(1),
        ..server.settings()
    })
    .unwrap();
    server.kill().await;
    for _ in 0..S3Settings::FAILURES {
        assert_eq!(
            told(store.delete(id(1)).await.unwrap_err()),
            S3Error::Unreachable
        );
    }
    server.restart().await;
    let begun = Instant::now();
    let mut refused = 0;
    while let Err(error) = store.put(id(1), &pictures()).await {
        assert_eq!(told(error), S3Error::LeftAlone);
        refused += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    assert!(refused > 0);
    assert_eq!(store.list(None, 9).await.unwrap(), [id(1)]);
}

#[tokio::test]
async fn wrong_credentials_are_an_error_not_an_absence() {
    let server = Server::start().await;
    let wrong_secret = S3Settings {
        secret_access_key: "hunter3".to_owned(),
        ..server.settings()
    };
    let nobody = S3Settings {
        access_key_id: "hunter4".to_owned(),
        ..server.settings()
    };
    for settings in [wrong_secret, nobody] {
        let store = S3AvatarStore::new(&settings).unwrap();
        let variant = pictures()[0].variant;
        for error in [
            store.put(id(1), &pictures()).await.unwrap_err(),
            store.get(id(1), variant).await.unwrap_err(),
            store.delete(id(1)).await.unwrap_err(),
            store.list(None, 9).await.unwrap_err(),
        ] {
            let text = format!("{error:?} {}", error.0);
            assert!(!text.contains("hunter"), "{text}");
            let error = told(error);
            assert!(
                matches!(error, S3Error::Forbidden(_) | S3Error::Said(_)),
                "{error:?}"
            );
        }
        assert!(store.check().await.is_err());
        assert!(!format!("{store:?}").contains("hunter"));
    }
}
