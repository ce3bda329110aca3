//! `POST /users:import`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use uuid::Uuid;

use crate::client::Reply;
use crate::files_lost::until;
use crate::harness::App;
use crate::people::USERS;

const IMPORT: &str = "/api/v1/users:import";
const NDJSON: &str = "application/x-ndjson";

async fn import(app: &App, body: impl Into<Vec<u8>>) -> Reply {
    let request = app.post(IMPORT).token(app.admin().token);
    request.raw(NDJSON, body).await
}

fn verdicts(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.header("content-type"), NDJSON);
    let text = reply.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub(crate) async fn each_line_gets_a_verdict(app: App) {
    let (ana, bea) = (Uuid::new_v4(), Uuid::new_v4());
    let lines = [
        json!({ "user_id": ana, "display_name": "Ana", "preferences": { "theme": "dark" } })
            .to_string(),
        String::new(),
        json!({ "user_id": bea, "display_name": "\u{0}", "website": "x" }).to_string(),
        json!({ "user_id": ana, "display_name": "Ana" }).to_string(),
        json!({ "user_id": ana, "bio": "b" }).to_string(),
        "nonsense".to_owned(),
    ];
    let reply = import(&app, lines.join("\n")).await.is(200);
    let verdicts = verdicts(&reply);
    assert_eq!(
        verdicts[0],
        json!({ "line": 1, "status": "created", "user_id": ana })
    );
    assert_eq!(
        (&verdicts[1]["line"], &verdicts[1]["status"]),
        (&json!(3), &json!("rejected"))
    );
    let pointers: Vec<_> = verdicts[1]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["pointer"])
        .collect();
    assert_eq!(pointers, ["/display_name", "/website"]);
    assert_eq!(
        verdicts[2],
        json!({ "line": 4, "status": "unchanged", "user_id": ana })
    );
    assert_eq!(
        verdicts[3],
        json!({ "line": 5, "status": "updated", "user_id": ana })
    );
    assert_eq!(verdicts[4]["errors"][0]["code"], "malformed_json");
    let counts = json!({ "created": 1, "updated": 1, "unchanged": 1, "rejected": 2 });
    assert_eq!(verdicts[5], json!({ "status": "done", "counts": counts }));
    assert_eq!(verdicts.len(), 6);
    let listed = app
        .get(&format!("{USERS}?user_id={ana}"))
        .token(app.admin().token);
    let listed = listed.await.is(200).json();
    assert_eq!(listed["items"][0]["bio"], "b");
    let line = json!({ "user_id": bea, "display_name": "Bea" }).to_string();
    let dry = app
        .post(&format!("{IMPORT}?dry_run=true"))
        .token(app.admin().token);
    let dry = dry.raw(NDJSON, line).await.is(200);
    assert!(dry.text().contains("created"), "{}", dry.text());
    let listed = app
        .get(&format!("{USERS}?user_id={bea}"))
        .token(app.admin().token);
    assert_eq!(listed.await.is(200).json()["items"], json!([]));
    assert_eq!(import(&app, "").await.is(200).text().lines().count(), 1);
}

/// An import whose lines are sent one by one.
struct Open {
    replies: Lines<BufReader<OwnedReadHalf>>,
    out: OwnedWriteHalf,
}

impl Open {
    async fn begin(app: &App) -> Self {
        let stream = TcpStream::connect(app.address()).await.unwrap();
        let (read, mut out) = stream.into_split();
        let head = format!(
            "POST {IMPORT} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: {NDJSON}\r\n\
             transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
            app.admin().token
        );
        out.write_all(head.as_bytes()).await.unwrap();
        let replies = BufReader::new(read).lines();
        Self { replies, out }
    }

    /// Sends a line with a new user, and waits for its verdict.
    async fn import(&mut self) -> Value {
        let line = json!({ "user_id": Uuid::new_v4(), "display_name": "Person" });
        let line = format!("{line}\n");
        let chunk = format!("{:x}\r\n{line}\r\n", line.len());
        self.out.write_all(chunk.as_bytes()).await.unwrap();
        loop {
            let text = self.replies.next_line().await.unwrap().expect("a verdict");
            if let Ok(verdict) = serde_json::from_str::<Value>(&text)
                && verdict.is_object()
            {
                return verdict;
            }
        }
    }

    /// Sends no more; what else comes.
    async fn end(mut self) -> String {
        self.out.write_all(b"0\r\n\r\n").await.unwrap();
        let mut rest = String::new();
        while let Some(line) = self.replies.next_line().await.unwrap() {
            rest.push_str(&line);
        }
        rest
    }
}

/// Somebody who sends a line, waits for its verdict, and only then sends the next one.
pub(crate) async fn verdicts_come_while_lines_are_sent(app: App) {
    let mut import = Open::begin(&app).await;
    for n in 1..=3 {
        let verdict = import.import().await;
        assert_eq!(
            (&verdict["line"], &verdict["status"]),
            (&json!(n), &json!("created"))
        );
    }
    let rest = import.end().await;
    assert!(rest.contains(r#""status":"done""#), "{rest}");
}

pub(crate) async fn no_more_imports_run_at_once_than_may(mut app: App) {
    app.restart_with("MAX_IMPORTS", "1").await;
    let mut first = Open::begin(&app).await;
    first.import().await;
    let refused = import(&app, "").await;
    refused.coded(503, "overloaded");
    assert_eq!(refused.header("retry-after"), "2");
    // Whoever was refused took nothing away, and those who read are not kept waiting.
    first.import().await;
    app.get(USERS).token(app.admin().token).await.is(200);
    let rest = first.end().await;
    assert!(rest.contains(r#""created":2"#), "{rest}");
    import(&app, "").await.is(200);
    // Nor does one that is broken off keep its place.
    let mut broken_off = Open::begin(&app).await;
    broken_off.import().await;
    drop(broken_off);
    until("a place", async || {
        (import(&app, "").await.status == 200).then_some(())
    })
    .await;
}

pub(crate) async fn what_is_no_ndjson_is_refused(app: App) {
    let admin = app.admin();
    let json = app
        .post(IMPORT)
        .token(&admin.token)
        .raw("application/json", "{}")
        .await;
    json.coded(415, "unsupported-media-type");
    assert_eq!(json.header("accept-post"), NDJSON);
    let coded = app
        .post(IMPORT)
        .token(&admin.token)
        .header("content-encoding", "gzip");
    coded
        .raw(NDJSON, "")
        .await
        .coded(415, "unsupported-media-type");
    let html = app
        .post(IMPORT)
        .token(&admin.token)
        .header("accept", "text/html");
    html.raw(NDJSON, "").await.coded(406, "not-acceptable");
    let parameter = app
        .post(&format!("{IMPORT}?dry_run=perhaps&x=1"))
        .token(&admin.token);
    parameter
        .raw(NDJSON, "")
        .await
        .bad_parameters(&["dry_run", "x"]);
    app.get(IMPORT).token(&admin.token).await.problem(405);
}

pub(crate) async fn who_is_imported_inactive_is_refused_at_once(app: App) {
    let ana = app.person("Ana").await;
    app.get(&ana.path()).token(&ana.token).await.is(200);
    let line = |active: bool| json!({ "user_id": ana.sub, "is_active": active }).to_string();
    import(&app, line(false)).await.is(200);
    app.get(&ana.path())
        .token(&ana.token)
        .await
        .refused("account-ended");
    import(&app, line(true)).await.is(200);
    app.get(&ana.path()).token(&ana.token).await.is(200);
}

pub(crate) async fn a_large_body_is_taken_in(app: App) {
    let long = "x".repeat(300 * 1024);
    let mut body = String::new();
    for n in 0..1100 {
        let line = json!({ "user_id": Uuid::new_v4(), "display_name": format!("Person {n}"), "bio": "b".repeat(400) });
        writeln!(body, "{line}").unwrap();
    }
    writeln!(body, "{{\"user_id\":\"{long}\"}}").unwrap();
    let verdicts = verdicts(&import(&app, body).await.is(200));
    assert_eq!(verdicts.len(), 1102);
    assert_eq!(verdicts[1100]["errors"][0]["code"], "line_too_long");
    let counts = json!({ "created": 1100, "updated": 0, "unchanged": 0, "rejected": 1 });
    assert_eq!(
        verdicts[1101],
        json!({ "status": "done", "counts": counts })
    );
}
