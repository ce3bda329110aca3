//! What is on the wire, byte by byte: heads that smuggle, crawl or swell, and what every response says.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::App;
use crate::people::USERS;

/// How long something may take that is sure to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A connection without a client's good manners.
pub(crate) struct Wire<S = TcpStream>(pub(crate) S);

/// What came back.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) head: String,
    body: Vec<u8>,
}

impl Raw {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Asserts a problem document.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.field("content-type"), Some("application/problem+json"));
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status, "{body}");
        assert_eq!(body["request_id"], self.field("x-request-id").unwrap());
    }
}

impl Wire {
    pub(crate) async fn open(app: &App) -> Self {
        Self(TcpStream::connect(app.address()).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // Whoever was refused meanwhile need not read on.
        self.0.write_all(bytes.as_ref()).await.ok();
    }

    /// The next response; `None` where the connection ended.
    pub(crate) async fn answer(&mut self) -> Option<Raw> {
        timeout(PATIENCE, self.read()).await.expect("in time")
    }

    async fn read(&mut self) -> Option<Raw> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut raw = Raw {
            status,
            head,
            body: Vec::new(),
        };
        let length = raw
            .field("content-length")
            .map_or(0, |n| n.parse().unwrap());
        raw.body.resize(length, 0);
        self.0.read_exact(&mut raw.body).await.unwrap();
        Some(raw)
    }

    /// Asserts that nothing more comes and that the connection ends.
    pub(crate) async fn ends(mut self) {
        let mut rest = Vec::new();
        let end = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "the connection stays open");
        assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }
}

/// One request on a connection of its own.
async fn once(app: &App, bytes: impl AsRef<[u8]>) -> Raw {
    let mut wire = Wire::open(app).await;
    wire.send(bytes).await;
    wire.answer().await.expect("an answer")
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: service\r\n\r\n")
}

pub(crate) async fn what_smuggles_a_request_is_refused(app: App) {
    let hidden = get("/health/live");
    let length = hidden.len();
    let post = |fields: &str, body: &str| {
        format!("POST {USERS} HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n{body}")
    };
    for request in [
        // Two lengths, or two ways to tell it (RFC 9112 section 6).
        post(
            &format!("Content-Length: 0\r\nContent-Length: {length}"),
            &hidden,
        ),
        post(&format!("Content-Length: 0, {length}"), &hidden),
        post("Content-Length: +0", &hidden),
        post("Content-Length: -1", &hidden),
        post("Content-Length: 0x0", &hidden),
        post("Content-Length: ", &hidden),
        post("Content-Length: 99999999999999999999", &hidden),
        post(
            &format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
            &format!("0\r\n\r\n{hidden}"),
        ),
        post(
            &format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
            &format!("0\r\n\r\n{hidden}"),
        ),
        post(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            &format!("0\r\n\r\n{hidden}"),
        ),
        post(
            "Transfer-Encoding: chunked, identity",
            &format!("0\r\n\r\n{hidden}"),
        ),
        post("Transfer-Encoding: identity", &hidden),
        post("Transfer-Encoding: xchunked", &format!("0\r\n\r\n{hidden}")),
        post("Transfer-Encoding : chunked", &format!("0\r\n\r\n{hidden}")),
        // A field on two lines (RFC 9112 section 5.2), and others that one reader reads as another does not.
        post("X-Folded: a\r\n Content-Length: 0", &hidden),
        post("X-Folded: a\r\n\tb", &hidden),
        post("X-Null: a\0b", &hidden),
        post(" Content-Length: 0", &hidden),
        post("Content-Length\t: 0", &hidden),
        format!(
            "POST {USERS} HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
        ),
        // Which host?
        format!("GET {USERS} HTTP/1.1\r\n\r\n{hidden}"),
        format!("GET {USERS} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n{hidden}"),
        // What is no request.
        format!("GET {USERS}\r\n\r\n{hidden}"),
        format!("GET {USERS} HTTP/3.0\r\nHost: a\r\n\r\n{hidden}"),
        format!("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n{hidden}"),
        format!("G\u{1}T {USERS} HTTP/1.1\r\nHost: a\r\n\r\n{hidden}"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\0 a handshake of TLS\r\n\r\n".to_owned(),
    ] {
        let mut wire = Wire::open(&app).await;
        wire.send(&request).await;
        let answer = wire.answer().await;
        let answer = answer.unwrap_or_else(|| panic!("no answer: {request}"));
        answer.problem(400, "malformed-request");
        wire.ends().await;
    }
}

pub(crate) async fn broken_chunks_are_refused(app: App) {
    let token = app.stranger().token;
    let hidden = get("/health/live");
    for chunks in [
        "z\r\n",
        "-1\r\n",
        "2\r\n{}x\r\n",
        "ffffffffffffffffff\r\n",
        "1;\0\r\n",
    ] {
        let mut wire = Wire::open(&app).await;
        wire.send(format!(
            "POST {USERS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n{chunks}{hidden}"
        ))
        .await;
        // The connection ends, with an answer or without; what follows is no request.
        while let Some(answer) = wire.answer().await {
            assert_eq!(answer.status, 400, "{chunks:?}: {answer:?}");
        }
    }
}

pub(crate) async fn a_body_that_nobody_reads_is_no_request(app: App) {
    // The first is refused by its head; what would have been its body must not be taken for a second one.
    let hidden = get("/health/live");
    let mut wire = Wire::open(&app).await;
    wire.send(format!(
        "POST {USERS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{hidden}",
        hidden.len()
    ))
    .await;
    wire.answer().await.unwrap().problem(401, "missing-token");
    wire.send(get("/nothing")).await;
    if let Some(next) = wire.answer().await {
        next.problem(404, "not-found");
    }
}

pub(crate) async fn an_upgrade_opens_no_tunnel(app: App) {
    for upgrade in ["websocket", "h2c", "TLS/1.0"] {
        let mut wire = Wire::open(&app).await;
        wire.send(format!(
            "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: {upgrade}\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ))
        .await;
        wire.answer().await.unwrap().problem(404, "not-found");
    }
    let connect = once(
        &app,
        "CONNECT internal:80 HTTP/1.1\r\nHost: internal:80\r\n\r\n",
    )
    .await;
    assert!([400, 404, 405].contains(&connect.status), "{connect:?}");
}

pub(crate) async fn a_slow_head_is_cut_off(app: App) {
    // The first head of a connection, and one after an answer.
    let first = async {
        let mut wire = Wire::open(&app).await;
        let begin = Instant::now();
        wire.send("GET / HTTP/1.1\r\nHost: a\r\n").await;
        (wire, begin)
    };
    let silent = async { (Wire::open(&app).await, Instant::now()) };
    let second = async {
        let mut wire = Wire::open(&app).await;
        wire.send(get("/health/live")).await;
        assert_eq!(wire.answer().await.unwrap().status, 200);
        let begin = Instant::now();
        wire.send("GET / HTTP/1.1\r\nHost: a\r\nX: ").await;
        (wire, begin)
    };
    let (first, silent, second) = tokio::join!(first, silent, second);
    let cut_off = async |(wire, begin): (Wire, Instant)| {
        let (mut reads, mut writes) = wire.0.into_split();
        // A byte now and then keeps nothing alive.
        let crawling = tokio::spawn(async move {
            while writes.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
        let mut answer = Vec::new();
        let end = timeout(PATIENCE, reads.read_to_end(&mut answer)).await;
        assert!(end.is_ok(), "the connection stays open");
        crawling.abort();
        let (answer, took) = (String::from_utf8(answer).unwrap(), begin.elapsed());
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains(r#""code":"request-timeout""#), "{answer}");
        assert!(took < Duration::from_secs(9), "{took:?}");
    };
    tokio::join!(cut_off(first), cut_off(silent), cut_off(second));
}

pub(crate) async fn a_slow_body_is_cut_off(mut app: App) {
    app.restart_with("REQUEST_TIMEOUT", "1").await;
    let token = app.stranger().token;
    for framing in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let mut wire = Wire::open(&app).await;
        let begin = Instant::now();
        wire.send(format!(
            "POST {USERS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
        ))
        .await;
        wire.send("1\r\n{\r\n").await;
        wire.answer().await.unwrap().problem(408, "request-timeout");
        assert!(begin.elapsed() < Duration::from_secs(3));
        wire.ends().await;
    }
}

pub(crate) async fn a_large_head_is_refused(app: App) {
    let with = |fields: String| format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let many = |count: usize| {
        let fields: Vec<_> = (0..count).map(|n| format!("x-{n}: a\r\n")).collect();
        fields.concat()
    };
    assert_eq!(once(&app, with(many(63))).await.status, 200);
    for (request, status, code) in [
        (
            get(&format!("/{}", "x".repeat(9 * 1024))),
            414,
            "uri-too-long",
        ),
        (
            get(&format!("/?{}", "x".repeat(60 * 1024))),
            414,
            "uri-too-long",
        ),
        (with(many(64)), 431, "headers-too-large"),
        (with(many(500)), 431, "headers-too-large"),
        (
            with(format!("x: {}\r\n", "y".repeat(17 * 1024))),
            431,
            "headers-too-large",
        ),
        (
            with(format!("{}: y\r\n", "x".repeat(17 * 1024))),
            431,
            "headers-too-large",
        ),
        (
            with(format!("x: {}\r\n", "y".repeat(300 * 1024))),
            431,
            "headers-too-large",
        ),
    ] {
        let mut wire = Wire::open(&app).await;
        wire.send(&request).await;
        wire.answer()
            .await
            .expect("an answer")
            .problem(status, code);
        wire.ends().await;
    }
}

/// Fields that every response has.
pub(crate) fn is_hardened(answer: &Raw) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.field(name), Some(value), "{}", answer.head);
    }
    let policy = answer.field("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(answer.field("cache-control").is_some(), "{}", answer.head);
    assert!(answer.field("x-request-id").is_some(), "{}", answer.head);
    for name in ["server", "x-powered-by", "via"] {
        assert_eq!(answer.field(name), None, "{}", answer.head);
    }
    let all = format!("{}{}", answer.head, String::from_utf8_lossy(&answer.body));
    for library in [
        "actix",
        "rust",
        "hyper",
        env!("CARGO_PKG_VERSION"),
        "sqlx",
        "sqlite",
    ] {
        assert!(
            !all.to_ascii_lowercase().contains(library),
            "{library}: {all}"
        );
    }
}

pub(crate) async fn every_response_is_hardened(mut app: App) {
    app.set("PUBLIC_URL", "https://users.example");
    app.restart_with("CORS_ORIGINS", "https://app.example")
        .await;
    let preflight = |origin: &str| {
        format!(
            "OPTIONS {USERS} HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: GET\r\n\r\n"
        )
    };
    for (request, status) in [
        (get("/"), 200),
        (get("/health/live"), 200),
        (get("/problems"), 200),
        (get("/nothing"), 404),
        (get(USERS), 401),
        (get("/../../etc/passwd"), 404),
        (format!("PUT {USERS} HTTP/1.1\r\nHost: a\r\n\r\n"), 405),
        ("HEAD / HTTP/1.0\r\n\r\n".to_owned(), 200),
        (preflight("https://app.example"), 200),
        (preflight("https://evil.example"), 400),
        (get(&format!("/{}", "x".repeat(9 * 1024))), 414),
        (format!("GET {USERS} HTTP/1.1\r\n\r\n"), 400),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: a\r\nx: {}\r\n\r\n",
                "y".repeat(300 * 1024)
            ),
            431,
        ),
    ] {
        let mut wire = Wire::open(&app).await;
        wire.send(&request).await;
        let answer = if request.starts_with("HEAD") {
            let mut text = String::new();
            timeout(PATIENCE, wire.0.read_to_string(&mut text))
                .await
                .unwrap()
                .unwrap();
            Raw {
                status: text.split(' ').nth(1).unwrap().parse().unwrap(),
                head: text,
                body: Vec::new(),
            }
        } else {
            wire.answer().await.expect("an answer")
        };
        assert_eq!(answer.status, status, "{request}: {answer:?}");
        is_hardened(&answer);
    }
    let secure = app.get("/").await.header("strict-transport-security");
    assert!(secure.contains("max-age="), "{secure}");
}

pub(crate) async fn a_trace_is_not_given(app: App) {
    for path in ["/", USERS, "/nothing"] {
        let answer = once(
            &app,
            format!("TRACE {path} HTTP/1.1\r\nHost: a\r\nX-Secret: hunter2\r\n\r\n"),
        )
        .await;
        answer.problem(405, "method-not-allowed");
        assert!(answer.field("allow").is_some());
        assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"));
    }
}

pub(crate) async fn a_hostile_host_changes_nothing(app: App) {
    let ana = app.person("Ana").await;
    let token = &ana.token;
    let fields = "Host: evil.example\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n\
         X-Forwarded-Prefix: /evil.example\r\nForwarded: host=evil.example\r\nX-Original-URL: /health\r\n\
         X-Rewrite-URL: /health\r\nX-HTTP-Method-Override: DELETE\r\nConnection: close";
    for target in [
        format!("{USERS}?limit=1"),
        format!("{USERS}/me"),
        format!("http://evil.example{USERS}/me"),
        "/docs".to_owned(),
        "/nothing".to_owned(),
    ] {
        let answer = once(
            &app,
            format!("GET {target} HTTP/1.1\r\n{fields}\r\nAuthorization: Bearer {token}\r\n\r\n"),
        )
        .await;
        assert!([200, 302, 404].contains(&answer.status), "{answer:?}");
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!answer.head.contains("evil.example"), "{}", answer.head);
        assert!(!body.contains("evil.example"), "{body}");
    }
    // Nobody was removed by a field.
    app.get(&ana.path()).token(token).await.is(200);
}

pub(crate) async fn responses_are_not_compressed(app: App) {
    let token = app.person("Ana").await.token;
    for path in [USERS, "/openapi.json", "/nothing"] {
        let reply = app
            .get(path)
            .token(&token)
            .header("accept-encoding", "gzip, br, zstd, deflate")
            .await;
        assert_eq!(reply.maybe("content-encoding"), None, "{path}");
    }
    // Neither is what is sent inflated.
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    app.post(USERS)
        .token(&token)
        .header("content-encoding", "gzip")
        .raw("application/json", gzip)
        .await
        .coded(415, "unsupported-media-type");
}

pub(crate) async fn other_origins_are_let_in_by_name_alone(mut app: App) {
    let token = app.person("Ana").await.token;
    let asked = async |app: &App, origin: &str| {
        let get = app.get(USERS).token(&token).header("origin", origin).await;
        get.maybe("access-control-allow-origin")
    };
    let preflight = async |app: &App, origin: &str| {
        let options = app.request(Method::OPTIONS, USERS).header("origin", origin);
        let options = options
            .header("access-control-request-method", "DELETE")
            .await;
        options.maybe("access-control-allow-origin")
    };
    assert_eq!(asked(&app, "https://app.example").await, None);
    app.restart_with("CORS_ORIGINS", "https://app.example")
        .await;
    let own = Some("https://app.example".to_owned());
    assert_eq!(asked(&app, "https://app.example").await, own);
    assert_eq!(preflight(&app, "https://app.example").await, own);
    for origin in [
        "https://evil.example",
        "http://app.example",
        "https://app.example.evil.example",
        "https://xapp.example",
        "https://app.example:8443",
        "null",
    ] {
        assert_eq!(asked(&app, origin).await, None, "{origin}");
        assert_eq!(preflight(&app, origin).await, None, "{origin}");
    }
    let reply = app
        .get(USERS)
        .token(&token)
        .header("origin", "https://app.example")
        .await;
    assert_eq!(reply.maybe("access-control-allow-credentials"), None);
    let varies = reply.headers.get_all("vary").iter();
    let varies: Vec<_> = varies
        .map(|value| value.to_str().unwrap().to_ascii_lowercase())
        .collect();
    assert!(
        varies.iter().any(|value| value.contains("origin")),
        "{varies:?}"
    );
}

pub(crate) async fn an_answer_that_nobody_reads_holds_nobody_up(app: App) {
    // Many ask for much and read nothing; others are answered all the same.
    let mut deaf = Vec::new();
    for _ in 0..50 {
        let mut wire = Wire::open(&app).await;
        wire.send(get("/docs/swagger-ui-bundle.js").repeat(4)).await;
        deaf.push(wire);
    }
    for _ in 0..20 {
        let begin = Instant::now();
        app.get("/health/live").await.is(200);
        assert!(begin.elapsed() < Duration::from_secs(2));
    }
}
