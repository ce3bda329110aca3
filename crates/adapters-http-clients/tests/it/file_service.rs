//! The reference File Service keeps the files of avatars.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;
use user_service_adapters_http_clients::{
    CallError, FileServiceError, FileServiceSettings, FileServiceStore, ServiceUrl,
};
use user_service_domain::avatar::{AvatarStore as _, AvatarStoreError, Picture, Variant};
use user_service_domain::health::Dependency as _;
use user_service_domain::ids::AvatarId;
use user_service_file_service::{Settings, serve};
use user_service_testkit::avatars::{AroundTheStore, Avatars};
use uuid::Uuid;

use crate::file_service_proxy::digest;
use crate::server::{Reply, Server};

pub(crate) const TOKEN: &str = "hunter2-0123456789";

/// The reference service.
pub(crate) struct Service {
    address: SocketAddr,
    directory: TempDir,
    stop: Option<Stop>,
}

/// Stops a server, whatever it is doing, and waits for that.
type Stop = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

impl Service {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut service = Self {
            address: listener.local_addr().unwrap(),
            directory: tempfile::tempdir().unwrap(),
            stop: None,
        };
        service.listen(listener);
        service
    }

    fn listen(&mut self, listener: TcpListener) {
        let settings = Settings::new(self.directory.path().to_owned(), TOKEN.to_owned(), 4 << 20);
        let server = serve(listener, settings.unwrap()).unwrap();
        let handle = server.handle();
        let task = tokio::spawn(server);
        self.stop = Some(Box::new(move || {
            Box::pin(async move {
                handle.stop(false).await;
                task.await.unwrap().unwrap();
            })
        }));
    }

    /// Refuses connections from now on.
    pub(crate) async fn stop(&mut self) {
        self.stop.take().unwrap()().await;
    }

    /// Listens again, on the same port.
    pub(crate) fn restart(&mut self) {
        self.listen(TcpListener::bind(self.address).unwrap());
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The directory of the files of all avatars.
    fn avatars(&self) -> PathBuf {
        self.directory.path().join("files/avatars")
    }

    /// The names of an avatar's files, sorted.
    pub(crate) fn files(&self, id: AvatarId) -> Vec<String> {
        names(&self.avatars().join(id.to_string()))
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn store_at(url: &str, settings: &FileServiceSettings) -> FileServiceStore {
    let url = ServiceUrl::parse(url).unwrap();
    FileServiceStore::new(&url, TOKEN.to_owned(), settings).unwrap()
}

pub(crate) fn store(address: SocketAddr) -> FileServiceStore {
    store_at(
        &format!("http://{address}"),
        &FileServiceSettings::default(),
    )
}

pub(crate) fn id(n: u128) -> AvatarId {
    AvatarId::new(Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0000 + n,
    ))
}

pub(crate) fn pictures(many: usize) -> Vec<Picture> {
    Variant::all()
        .take(many)
        .map(|variant| Picture {
            variant,
            bytes: variant.to_string().into_bytes(),
        })
        .collect()
}

/// What went wrong, and that nothing of it tells a secret or an address.
pub(crate) fn told(error: AvatarStoreError) -> CallError {
    let text = format!("{error:?} {error} {}", error.0);
    for private in ["hunter2", "127.0.0.1", "avatars/", "0190"] {
        assert!(!text.contains(private), "{text}");
    }
    *error.0.downcast_ref::<CallError>().unwrap()
}

struct Directory(PathBuf);

#[async_trait]
impl AroundTheStore for Directory {
    async fn leave(&self, place: &str) {
        let path = self.0.join(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
}

async fn fresh() -> (Avatars, Service) {
    let service = Service::start();
    let avatars = Avatars {
        store: Arc::new(store(service.address())),
        around: Arc::new(Directory(service.avatars())),
    };
    std::future::ready((avatars, service)).await
}

user_service_testkit::avatar_store_conformance!(fresh);

#[tokio::test]
async fn a_file_is_sent_with_its_digest_and_the_token() {
    let server = Server::start(Reply::status(201, "")).await;
    let store = store_at(
        &format!("{}/base/", server.url()),
        &FileServiceSettings::default(),
    );
    store.put(id(1), &pictures(1)).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let end = requests[0].find("\r\n\r\n").unwrap();
    let (head, body) = (&requests[0][..end + 2], &requests[0][end + 4..]);
    let folder = "/base/files/avatars/01900000-0000-7000-8000-000000000001";
    assert!(head.starts_with(&format!("PUT {folder}/64.webp HTTP/1.1\r\n")));
    for field in [
        format!("authorization: Bearer {TOKEN}\r\n"),
        "content-type: image/webp\r\n".to_owned(),
        format!("content-digest: {}\r\n", digest(b"64.webp")),
    ] {
        assert!(head.contains(&field), "{head}");
    }
    assert_eq!(body, "64.webp");
}

#[tokio::test]
async fn a_whole_folder_is_deleted_with_one_request() {
    let server = Server::start(Reply::status(204, "")).await;
    let store = store_at(&server.url(), &FileServiceSettings::default());
    store.delete(id(1)).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let query = "prefix=avatars%2F01900000-0000-7000-8000-000000000001%2F";
    assert!(requests[0].starts_with(&format!("DELETE /files?{query} HTTP/1.1\r\n")));
}

#[tokio::test]
async fn a_list_may_be_longer_than_a_page() {
    let service = Service::start();
    let ids: Vec<_> = (0..1234).map(id).collect();
    let around = Directory(service.avatars());
    for id in &ids {
        around.leave(&format!("{id}/64.webp")).await;
    }
    let store = store(service.address());
    assert_eq!(store.list(None, 5000).await.unwrap(), ids);
    assert_eq!(
        store.list(Some(ids[99]), 1100).await.unwrap(),
        ids[100..1200]
    );
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused_and_none_is_shown() {
    let url = ServiceUrl::parse("http://127.0.0.1:1").unwrap();
    let settings = FileServiceSettings::default();
    for bad in ["", "a b", "a\r\nb", "é", " "] {
        let made = FileServiceStore::new(&url, bad.to_owned(), &settings);
        assert!(matches!(made, Err(FileServiceError::Token)), "{bad:?}");
    }
    let store = FileServiceStore::new(&url, TOKEN.to_owned(), &settings).unwrap();
    assert!(!format!("{store:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_service_that_stops_is_an_error_soon_and_works_when_it_is_back() {
    let mut service = Service::start();
    let store = store(service.address());
    store.put(id(1), &pictures(8)).await.unwrap();
    store.check().await.unwrap();
    service.stop().await;
    let begun = std::time::Instant::now();
    let refused = told(store.put(id(2), &pictures(8)).await.unwrap_err());
    assert!(matches!(
        refused,
        CallError::Unreachable(_) | CallError::Broken
    ));
    let variant = pictures(1)[0].variant;
    assert!(store.get(id(1), variant).await.is_err());
    assert!(store.check().await.is_err());
    assert!(begun.elapsed() < Duration::from_secs(10));
    service.restart();
    store.put(id(2), &pictures(8)).await.unwrap();
    assert_eq!(store.list(None, 9).await.unwrap(), [id(1), id(2)]);
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_wrong_token_is_an_error_not_an_absence() {
    let service = Service::start();
    let url = ServiceUrl::parse(&format!("http://{}", service.address())).unwrap();
    let settings = FileServiceSettings::default();
    let store = FileServiceStore::new(&url, "hunter2-other".to_owned(), &settings).unwrap();
    let variant = pictures(1)[0].variant;
    for error in [
        store.put(id(1), &pictures(1)).await.unwrap_err(),
        store.get(id(1), variant).await.unwrap_err(),
        store.delete(id(1)).await.unwrap_err(),
        store.list(None, 9).await.unwrap_err(),
    ] {
        assert_eq!(told(error), CallError::Status(401));
    }
}

#[tokio::test]
async fn another_file_under_the_same_key_is_an_error() {
    let service = Service::start();
    let store = store(service.address());
    store.put(id(1), &pictures(2)).await.unwrap();
    let mut other = pictures(2);
    other[1].bytes = b"other".to_vec();
    let error = told(store.put(id(1), &other).await.unwrap_err());
    assert_eq!(error, CallError::Senseless("another file has this key"));
    let kept = store.get(id(1), other[1].variant).await.unwrap();
    assert_eq!(kept.as_ref(), Some(&pictures(2)[1].bytes));
}
