//! What the supervisor that started the service is told, by the protocol of systemd.

use std::time::Duration;

use aws_lc_rs::rsa::{KeyPair, KeySize};
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::Jwk;
use tempfile::TempDir;
use tokio::net::{TcpListener, UnixDatagram};

use crate::forged_tokens::{publish, rsa};
use crate::harness::{App, free_port};

/// A supervisor that listens.
struct Supervisor {
    socket: UnixDatagram,
    home: TempDir,
}

impl Supervisor {
    fn of(app: &mut App) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        app.set("NOTIFY_SOCKET", path.to_str().unwrap());
        Self { socket, home }
    }

    /// What it is told next.
    async fn told(&self) -> String {
        let mut message = [0; 4096];
        let received = self.socket.recv(&mut message);
        let length = tokio::time::timeout(Duration::from_secs(20), received)
            .await
            .unwrap_or_else(|_| panic!("nothing is told at {}", self.home.path().display()))
            .unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    }

    /// What it is told that has this line, and all it is told before.
    async fn told_of(&self, line: &str) -> (String, String) {
        let mut before = String::new();
        loop {
            let message = self.told().await;
            if message.lines().any(|it| it == line) {
                return (message, before);
            }
            before.push_str(&message);
        }
    }
}

pub(crate) async fn it_is_told_when_the_service_is_ready_and_when_it_stops(mut app: App) {
    app.stop_gracefully().await;
    app.set("SHUTDOWN_TIMEOUT", "7");
    let supervisor = Supervisor::of(&mut app);
    app.begin();
    let (told, _) = supervisor.told_of("READY=1").await;
    app.get("/health/ready").await.is(200);
    assert!(told.contains("STATUS=serving on 127.0.0.1:"), "{told}");
    app.terminate();
    let (told, before) = supervisor.told_of("STOPPING=1").await;
    assert!(told.contains("EXTEND_TIMEOUT_USEC=17000000\n"), "{told}");
    assert!(!before.contains("WATCHDOG"), "{before}");
    assert_eq!(app.ended().await, Some(0), "{}", app.logs());
}

pub(crate) async fn readiness_is_not_told_before_anybody_can_be_let_in(mut app: App) {
    app.stop_gracefully().await;
    let port = free_port();
    app.set("AUTH_MODE", "jwks");
    app.set("AUTH_SERVICE_URL", &format!("http://127.0.0.1:{port}"));
    app.set("CURSOR_SECRET_KEY", &"c".repeat(64));
    app.unset("JWT_SECRET_KEY");
    let supervisor = Supervisor::of(&mut app);
    app.begin();
    let waits = "STATUS=not ready yet: 503 Service Unavailable";
    let (_, before) = supervisor.told_of(waits).await;
    assert!(!before.contains("READY=1"), "{before}");
    let key = rsa(&KeyPair::generate(KeySize::Rsa2048).unwrap());
    let key = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    publish(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), &key);
    supervisor.told_of("READY=1").await;
    app.get("/health/ready").await.is(200);
}

pub(crate) async fn a_watchdog_is_fed(mut app: App) {
    app.stop_gracefully().await;
    app.set("WATCHDOG_USEC", "600000");
    let supervisor = Supervisor::of(&mut app);
    app.begin();
    supervisor.told_of("READY=1").await;
    for _ in 0..3 {
        assert_eq!(supervisor.told().await, "WATCHDOG=1\n");
    }
    app.terminate();
    supervisor.told_of("STOPPING=1").await;
    assert_eq!(app.ended().await, Some(0), "{}", app.logs());
}
