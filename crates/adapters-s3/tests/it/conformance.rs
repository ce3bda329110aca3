//! The promises of the port.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use user_service_adapters_s3::{S3AvatarStore, S3Settings};
use user_service_testkit::avatars::{AroundTheStore, Avatars};

use crate::server::Server;

struct Bucket(PathBuf);

#[async_trait]
impl AroundTheStore for Bucket {
    async fn leave(&self, place: &str) {
        let path = self.0.join(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
}

async fn fresh() -> (Avatars, Server) {
    let server = Server::start().await;
    let avatars = Avatars {
        store: Arc::new(S3AvatarStore::new(&server.settings()).unwrap()),
        around: Arc::new(Bucket(server.bucket().join(S3Settings::PREFIX))),
    };
    (avatars, server)
}

user_service_testkit::avatar_store_conformance!(fresh);
