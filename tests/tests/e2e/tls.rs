//! The service with a certificate of its own.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::harness::App;
use crate::people::USERS;
use crate::wire::{PATIENCE, Wire, get, is_hardened};

const NAME: &str = "users.example";

/// A certificate and its key, in files.
struct Files {
    home: TempDir,
    certificate: CertificateDer<'static>,
}

impl Files {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let certificate = renew(&home);
        Self { home, certificate }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes another pair in place of the one that is there.
    fn renew(&mut self) {
        self.certificate = renew(&self.home);
    }

    /// Starts a service that uses them.
    async fn serve(&self, app: &mut App) {
        self.name_to(app);
        app.stop_gracefully().await;
        app.begin();
        let end = Instant::now() + PATIENCE;
        while self.connect(app).await.is_err() {
            assert!(Instant::now() < end, "no TLS: {}", app.logs());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn name_to(&self, app: &mut App) {
        app.set("TLS_CERT_FILE", self.path("cert.pem").to_str().unwrap());
        app.set("TLS_KEY_FILE", self.path("key.pem").to_str().unwrap());
    }

    async fn connect(&self, app: &App) -> std::io::Result<Wire<TlsStream<TcpStream>>> {
        connect(app, &self.certificate, &[&TLS12, &TLS13], &[]).await
    }

    async fn open(&self, app: &App) -> Wire<TlsStream<TcpStream>> {
        self.connect(app).await.unwrap()
    }

    /// Whether whoever connects now is shown this certificate.
    async fn are_served(&self, app: &App) -> bool {
        self.connect(app).await.is_ok()
    }

    /// Waits until they are.
    async fn will_be_served(&self, app: &App) {
        let end = Instant::now() + PATIENCE;
        while !self.are_served(app).await {
            assert!(Instant::now() < end, "the old one stays: {}", app.logs());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn renew(home: &TempDir) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([NAME.to_owned()]).unwrap();
    std::fs::write(home.path().join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(home.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

/// A connection by TLS that trusts this certificate alone.
async fn connect(
    app: &App,
    certificate: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&str],
) -> std::io::Result<Wire<TlsStream<TcpStream>>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().into()).collect();
    let stream = TcpStream::connect(app.address()).await?;
    let name = ServerName::try_from(NAME).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = timeout(PATIENCE, connector.connect(name, stream)).await??;
    Ok(Wire(stream))
}

pub(crate) async fn a_port_with_a_certificate_speaks_https_alone(mut app: App) {
    let files = Files::new();
    files.serve(&mut app).await;
    let token = app.stranger().token;
    let mut wire = files.open(&app).await;
    // Several requests on one connection.
    for (request, status) in [
        (get("/health/ready"), 200),
        (get(USERS), 401),
        (
            format!("GET {USERS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"),
            200,
        ),
    ] {
        wire.send(request).await;
        let answer = wire.answer().await.expect("an answer");
        assert_eq!(answer.status, status, "{answer:?}");
        is_hardened(&answer);
        // That others are to come by TLS alone is for PUBLIC_URL to say.
        assert_eq!(answer.field("strict-transport-security"), None);
    }
    for request in [get("/health/live"), "hello\r\n".to_owned()] {
        let mut plain = Wire::open(&app).await;
        plain.send(request).await;
        let answer = plain.answer().await.expect("an answer");
        answer.problem(400, "https-required");
        is_hardened(&answer);
        plain.ends().await;
    }
}

pub(crate) async fn an_old_version_and_another_protocol_are_refused(mut app: App) {
    let files = Files::new();
    files.serve(&mut app).await;
    for version in [&TLS12, &TLS13] {
        let mut wire = connect(&app, &files.certificate, &[version], &["h2", "http/1.1"])
            .await
            .unwrap();
        let (_, session) = wire.0.get_ref();
        assert_eq!(session.protocol_version(), Some(version.version));
        assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
        wire.send(get("/health/live")).await;
        assert_eq!(wire.answer().await.unwrap().status, 200);
    }
    let other = connect(&app, &files.certificate, &[&TLS13], &["h2"]).await;
    assert!(other.is_err());
    // A client that knows TLS 1.1 and nothing newer: its hello, with one suite and no extension.
    let hello = [&[3, 2][..], &[7; 32], &[0, 0, 2, 0xc0, 0x2f, 1, 0]].concat();
    let length = u8::try_from(hello.len()).unwrap();
    let record = [&[22, 3, 1, 0, length + 4, 1, 0, 0, length][..], &hello].concat();
    let mut wire = Wire::open(&app).await;
    wire.send(record).await;
    let mut answer = Vec::new();
    let end = timeout(PATIENCE, wire.0.read_to_end(&mut answer)).await;
    assert!(end.is_ok(), "the connection stays open");
    // A fatal alert.
    assert!(matches!(answer[..], [21, _, _, 0, 2, 2, _]), "{answer:?}");
}

pub(crate) async fn a_slow_handshake_is_cut_off(mut app: App) {
    let files = Files::new();
    files.serve(&mut app).await;
    let silent = async || Wire::open(&app).await.0;
    let half = async || {
        let mut stream = silent().await;
        // A record of a handshake that never ends.
        stream.write_all(&[22, 3, 1, 2, 0, 1, 0, 1]).await.unwrap();
        stream
    };
    let (silent, half) = tokio::join!(silent(), half());
    let cut_off = async |stream: TcpStream| {
        let begin = Instant::now();
        let (mut reads, mut writes) = stream.into_split();
        // A byte now and then keeps nothing alive.
        let crawling = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(500)).await;
                if writes.write_all(&[22]).await.is_err() {
                    break;
                }
            }
        });
        let mut answer = Vec::new();
        // It may be reset, for something of it is not read.
        let end = timeout(PATIENCE, reads.read_to_end(&mut answer)).await;
        assert!(end.is_ok(), "the connection stays open");
        crawling.abort();
        let took = begin.elapsed();
        assert!(took < Duration::from_secs(9), "{took:?}");
    };
    tokio::join!(cut_off(silent), cut_off(half));
    assert!(files.are_served(&app).await);
}

pub(crate) async fn what_is_slow_or_large_is_refused_over_tls_too(mut app: App) {
    let files = Files::new();
    app.set("REQUEST_TIMEOUT", "1");
    files.serve(&mut app).await;
    let token = app.stranger().token;
    let slow_head = async {
        let mut wire = files.open(&app).await;
        wire.send(get("/health/live")).await;
        assert_eq!(wire.answer().await.unwrap().status, 200);
        wire.send("GET / HTTP/1.1\r\nHost: a\r\nX: ").await;
        wire.answer().await.unwrap().problem(408, "request-timeout");
        wire.ends().await;
    };
    let silent = async {
        let mut wire = files.open(&app).await;
        wire.answer().await.unwrap().problem(408, "request-timeout");
        wire.ends().await;
    };
    let slow_body = async {
        let mut wire = files.open(&app).await;
        wire.send(format!(
            "POST {USERS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
        ))
        .await;
        wire.answer().await.unwrap().problem(408, "request-timeout");
        wire.ends().await;
    };
    let large_head = async {
        let mut wire = files.open(&app).await;
        wire.send(format!(
            "GET / HTTP/1.1\r\nHost: a\r\nx: {}\r\n\r\n",
            "y".repeat(300 * 1024)
        ))
        .await;
        let answer = wire.answer().await.unwrap();
        answer.problem(431, "headers-too-large");
        is_hardened(&answer);
        wire.ends().await;
    };
    let no_request = async {
        let mut wire = files.open(&app).await;
        wire.send("\u{1}\r\n\r\n").await;
        let answer = wire.answer().await.unwrap();
        answer.problem(400, "malformed-request");
        is_hardened(&answer);
        wire.ends().await;
    };
    tokio::join!(slow_head, silent, slow_body, large_head, no_request);
}

pub(crate) async fn a_deaf_caller_is_cut_off_over_tls_too(mut app: App) {
    let files = Files::new();
    files.serve(&mut app).await;
    let mut deaf = files.open(&app).await;
    // More than the buffers of both sides hold.
    deaf.send(get("/docs/swagger-ui-bundle.js").repeat(24))
        .await;
    // While nothing is read nothing is seen of the end: what can be written is.
    let (_, mut writes) = tokio::io::split(deaf.0);
    let cut_off = async {
        while writes.write_all(b"GET / HTTP/1.1\r\n\r\n").await.is_ok() {
            writes.flush().await.ok();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let end = timeout(Duration::from_secs(50), cut_off).await;
    assert!(end.is_ok(), "the connection stays open");
}

pub(crate) async fn another_certificate_is_served_to_whoever_comes_next(mut app: App) {
    let mut files = Files::new();
    files.serve(&mut app).await;
    let mut open = files.open(&app).await;
    // By itself, and at a hangup.
    for hangup in [false, true] {
        files.renew();
        if hangup {
            app.signal("HUP");
        }
        files.will_be_served(&app).await;
        app.logged("the certificate was read anew").await;
        // What was open before goes on.
        open.send(get("/health/live")).await;
        assert_eq!(open.answer().await.expect("an answer").status, 200);
    }
}

pub(crate) async fn a_faulty_certificate_changes_nothing(mut app: App) {
    let mut files = Files::new();
    files.serve(&mut app).await;
    let (cert, key) = (files.path("cert.pem"), files.path("key.pem"));
    let good = (std::fs::read(&cert).unwrap(), std::fs::read(&key).unwrap());
    let stays = "the certificate stays as it is";
    let other = generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let other_key = other.signing_key.serialize_pem();
    let secret = other_key.lines().nth(1).unwrap();
    for (file, text, fault) in [
        (&cert, "none", "TLS_CERT_FILE has no certificate in it"),
        (&key, "none", "TLS_KEY_FILE has no private key in it"),
        (
            &key,
            &other_key,
            "TLS_KEY_FILE does not belong to the certificate",
        ),
    ] {
        std::fs::write(file, text).unwrap();
        app.signal("HUP");
        app.logged(fault).await;
        assert!(files.are_served(&app).await, "{fault}");
        std::fs::write(&cert, &good.0).unwrap();
        std::fs::write(&key, &good.1).unwrap();
    }
    std::fs::remove_file(&key).unwrap();
    app.logged("TLS_KEY_FILE cannot be read").await;
    assert!(files.are_served(&app).await);
    assert!(app.logs().contains(stays));
    assert!(!app.logs().contains(secret), "{}", app.logs());
    // A good one is taken after all.
    files.renew();
    files.will_be_served(&app).await;
}

pub(crate) async fn a_certificate_that_cannot_be_used_is_named(mut app: App) {
    let files = Files::new();
    files.name_to(&mut app);
    app.run(&["config", "check"]).await.exits(0);
    let key = std::fs::read_to_string(files.path("key.pem")).unwrap();
    let secret = key.lines().nth(1).unwrap();
    std::fs::write(files.path("key.pem"), "none").unwrap();
    for verb in [&["config", "check"][..], &["serve"]] {
        let outcome = app.run(verb).await.exits(78);
        assert!(outcome.stderr.contains("TLS_KEY_FILE (environment): "));
    }
    // The two files in each other's place.
    std::fs::write(files.path("key.pem"), &key).unwrap();
    let (cert, key) = (files.path("key.pem"), files.path("cert.pem"));
    app.set("TLS_CERT_FILE", cert.to_str().unwrap());
    app.set("TLS_KEY_FILE", key.to_str().unwrap());
    let outcome = app.run(&["serve"]).await.exits(78);
    for name in ["TLS_CERT_FILE", "TLS_KEY_FILE"] {
        assert!(outcome.stderr.contains(&format!("{name} (environment): ")));
    }
    assert!(!outcome.output().contains(secret), "{outcome:?}");
}

pub(crate) async fn the_service_finds_itself_over_tls(mut app: App) {
    let files = Files::new();
    let notify = files.path("notify");
    let supervisor = UnixDatagram::bind(&notify).unwrap();
    supervisor.set_read_timeout(Some(PATIENCE)).unwrap();
    app.set("NOTIFY_SOCKET", notify.to_str().unwrap());
    files.serve(&mut app).await;
    app.run(&["healthcheck"]).await.exits(0);
    let told = tokio::task::spawn_blocking(move || {
        loop {
            let mut message = [0; 4096];
            let length = supervisor.recv(&mut message).unwrap();
            let message = String::from_utf8_lossy(&message[..length]).into_owned();
            if message.contains("READY=1") {
                return message;
            }
        }
    });
    assert!(told.await.unwrap().contains("STATUS=serving on 127.0.0.1:"));
}

pub(crate) async fn what_is_in_flight_over_tls_is_finished(mut app: App) {
    let files = Files::new();
    files.serve(&mut app).await;
    let token = app.stranger().token;
    let body = r#"{"display_name":"Ana"}"#;
    let mut wire = files.open(&app).await;
    wire.send(format!(
        "POST {USERS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    ))
    .await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    app.terminate();
    app.logged("shutting down").await;
    wire.send(body).await;
    assert_eq!(wire.answer().await.expect("an answer").status, 201);
    wire.ends().await;
    assert_eq!(app.ended().await, Some(0));
}
