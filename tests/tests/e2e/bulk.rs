//! Users in and out by the million, a few thousand at a time.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::harness::App;
use crate::pictures;

const PATIENCE: Duration = Duration::from_secs(20);

/// A directory for files of a test.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }
}

/// So many users as lines, with nothing but what must be there.
fn lines(count: usize) -> String {
    let mut lines = String::new();
    for n in 0..count {
        let line = json!({ "user_id": Uuid::new_v4(), "display_name": format!("Person {n}") });
        writeln!(lines, "{line}").unwrap();
    }
    lines
}

async fn export(app: &App, path: &str) -> Vec<u8> {
    let outcome = app.run(&["users", "export", path]).await.exits(0);
    assert_eq!(outcome.stdout, "");
    fs::read(path).unwrap()
}

/// Waits for a file; panics when the program ends without it.
async fn wait_for(path: &str, child: &mut Child) {
    let end = Instant::now() + PATIENCE;
    while !Path::new(path).exists() {
        assert!(Instant::now() < end, "{path} does not come");
        assert_eq!(
            child.try_wait().unwrap(),
            None,
            "it ended before {path} came"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn has(stdout: &str, line: &str) {
    assert!(
        stdout.lines().any(|there| there == line),
        "{line}: {stdout}"
    );
}

/// A few people with everything that is awkward about them.
async fn some_people(app: &App) {
    let ana = app
        .person_with(json!({ "display_name": "=Ana \"Zoë\" 👩‍🚀, O'Brien", "bio": "two\nlines\t\\N", "location": "",
            "website": "https://münchen.example/ü?a=b", "phone_number": "+442071838750" }))
        .await;
    let body = json!({ "theme": "dark", "language": "pt-BR", "marketing": true,
        "custom_settings": { "a": [1.5, null, { "ü": "\\\"," }], "b": {} } });
    app.patch(&ana.preferences())
        .token(&ana.token)
        .json(&body)
        .await
        .is(200);
    let avatar = format!("{}/avatar", ana.path());
    let upload = app.post(&avatar).token(&ana.token);
    upload
        .raw("image/png", pictures::plain([1, 2, 3]))
        .await
        .is(200);
    app.inactive("Bea").await;
    app.person("王伟").await;
}

pub(crate) async fn an_export_imported_elsewhere_exports_the_same_bytes(app: App) {
    let files = Files::new();
    some_people(&app).await;
    let login = json!({ "user_id": Uuid::new_v4(), "display_name": "Cy", "last_login_at": "2026-01-02T03:04:05.000006Z",
        "avatar_url": "/files/cy.png", "created_at": "2020-02-29T00:00:00Z" });
    let path = files.write("one.ndjson", &format!("{login}\n"));
    app.run(&["users", "import", &path]).await.exits(0);
    let ndjson = export(&app, &files.path("a.ndjson")).await;
    let csv = export(&app, &files.path("a.csv")).await;
    assert_eq!(String::from_utf8_lossy(&ndjson).lines().count(), 4);
    let to_stdout = app.run(&["users", "export"]).await.exits(0);
    assert_eq!(to_stdout.stdout.as_bytes(), ndjson);
    for from in ["a.ndjson", "a.csv"] {
        let other = App::start(app.engine).await;
        let from = files.path(from);
        let outcome = other.run(&["users", "import", &from]).await.exits(0);
        has(&outcome.stdout, "created: 4");
        assert_eq!(export(&other, &files.path("b.ndjson")).await, ndjson);
        assert_eq!(export(&other, &files.path("b.csv")).await, csv);
        let again = other.run(&["users", "import", &from]).await.exits(0);
        has(&again.stdout, "unchanged: 4");
        assert_eq!(export(&other, &files.path("b.ndjson")).await, ndjson);
        let found = other
            .get("/api/v1/users/search?q=zoe")
            .token(other.admin().token);
        assert_eq!(
            found.await.is(200).json()["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    }
}

pub(crate) async fn every_fault_of_every_line_is_told(app: App) {
    let files = Files::new();
    let (ana, bea) = (Uuid::new_v4(), Uuid::new_v4());
    let secret = "peter@example.com";
    let text = [
        json!({ "user_id": ana, "display_name": "Ana" }).to_string(),
        json!({ "user_id": bea, "display_name": "", "website": secret, "shoe": 1 }).to_string(),
        format!("{{\"user_id\": \"{secret}\""),
        json!({ "user_id": bea }).to_string(),
        json!({ "user_id": ana, "bio": "b" }).to_string(),
    ];
    let (path, rejects) = (
        files.write("users.ndjson", &text.join("\n")),
        files.path("rejects"),
    );
    let outcome = app
        .run(&["users", "import", &path, "--rejects", &rejects])
        .await
        .exits(65);
    for line in [
        "read: 5",
        "created: 1",
        "updated: 1",
        "unchanged: 0",
        "rejected: 3",
    ] {
        has(&outcome.stdout, line);
    }
    assert!(!outcome.output().contains(secret), "{outcome:#?}");
    let told = fs::read_to_string(&rejects).unwrap();
    assert!(!told.contains(secret), "{told}");
    let told: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<(u64, Vec<String>)> = told
        .iter()
        .map(|reject| {
            let errors = reject["errors"].as_array().unwrap().iter();
            let errors = errors.map(|error| {
                format!(
                    "{} {}",
                    error["pointer"].as_str().unwrap(),
                    error["code"].as_str().unwrap()
                )
            });
            (reject["line"].as_u64().unwrap(), errors.collect())
        })
        .collect();
    let expected = [
        (
            2,
            vec![
                "/display_name blank",
                "/website not_a_url",
                "/shoe unknown_member",
            ],
        ),
        (3, vec![" malformed_json"]),
        (4, vec!["/display_name missing"]),
    ];
    assert_eq!(told.len(), expected.len());
    for ((line, errors), (expected_line, expected)) in told.iter().zip(expected) {
        assert_eq!(
            (*line, errors.iter().map(String::as_str).collect::<Vec<_>>()),
            (expected_line, expected)
        );
    }
    assert!(!Path::new(&format!("{path}.checkpoint")).exists());
    let header = files.write("users.csv", "user_id,shoe_size\n");
    app.run(&["users", "import", &header]).await.exits(65);
}

pub(crate) async fn a_dry_run_keeps_nothing(app: App) {
    let files = Files::new();
    let path = files.write("users.ndjson", &lines(3));
    let outcome = app
        .run(&["users", "import", &path, "--dry-run"])
        .await
        .exits(0);
    has(&outcome.stdout, "created: 3");
    assert_eq!(export(&app, &files.path("out")).await, b"");
    assert_eq!(fs::read_dir(files.0.path()).unwrap().count(), 2);
}

/// Lines as an export of another service has them, and the file that holds them.
async fn exported(app: &App, files: &Files, count: usize) -> (String, Vec<u8>) {
    let path = files.write("source.ndjson", &lines(count));
    let source = App::start(app.engine).await;
    source.run(&["users", "import", &path]).await.exits(0);
    let path = files.path("users.ndjson");
    let bytes = export(&source, &path).await;
    (path, bytes)
}

pub(crate) async fn a_killed_import_goes_on(app: App) {
    let files = Files::new();
    let (path, bytes) = exported(&app, &files, 1600).await;
    let checkpoint = format!("{path}.checkpoint");
    let mut child = app.spawn(&["users", "import", &path]);
    wait_for(&checkpoint, &mut child).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(Path::new(&checkpoint).exists(), "it had ended already");
    // Nobody starts again by mistake.
    app.run(&["users", "import", &path]).await.exits(65);
    let outcome = app
        .run(&["users", "import", &path, "--resume"])
        .await
        .exits(0);
    has(&outcome.stdout, "read: 1600");
    assert_eq!(export(&app, &files.path("out")).await, bytes);
    assert!(!Path::new(&checkpoint).exists());
}

pub(crate) async fn an_interrupted_import_ends_in_good_order(app: App) {
    let files = Files::new();
    let (path, bytes) = exported(&app, &files, 700).await;
    let (checkpoint, rejects) = (files.path("checkpoint"), files.path("rejects"));
    let mut child = app.spawn(&[
        "users",
        "import",
        "-",
        "--checkpoint",
        &checkpoint,
        "--rejects",
        &rejects,
    ]);
    let mut input = child.stdin.take().unwrap();
    input.write_all(&bytes).unwrap();
    wait_for(&checkpoint, &mut child).await;
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    // Its input is still open.
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(input);
    let resume = [
        "users",
        "import",
        &path,
        "--resume",
        "--checkpoint",
        &checkpoint,
        "--rejects",
        &rejects,
    ];
    let outcome = app.run(&resume).await.exits(0);
    has(&outcome.stdout, "created: 700");
    assert_eq!(export(&app, &files.path("out")).await, bytes);
}

pub(crate) async fn a_resumed_import_is_of_the_same_file(app: App) {
    let files = Files::new();
    let text = lines(1600);
    let path = files.write("users.ndjson", &text);
    let mut child = app.spawn(&["users", "import", &path]);
    wait_for(&format!("{path}.checkpoint"), &mut child).await;
    child.kill().unwrap();
    child.wait().unwrap();
    fs::write(&path, text.replacen("Person 3", "Person 4", 1)).unwrap();
    app.run(&["users", "import", &path, "--resume"])
        .await
        .exits(65);
    fs::write(&path, text).unwrap();
    app.run(&["users", "import", &path, "--resume", "--format", "csv"])
        .await
        .exits(65);
    app.run(&["users", "import", &path, "--resume"])
        .await
        .exits(0);
    app.run(&["users", "import", "-", "--resume"])
        .await
        .exits(65);
}

pub(crate) async fn an_export_goes_on_after_a_user(app: App) {
    let files = Files::new();
    let path = files.write("users.ndjson", &lines(5));
    app.run(&["users", "import", &path]).await.exits(0);
    for name in ["all.csv", "all.ndjson"] {
        let all = files.path(name);
        let bytes = export(&app, &all).await;
        let text = String::from_utf8(bytes.clone()).unwrap();
        let kept: Vec<&str> = text.lines().take(3).collect();
        let id = if name.ends_with("csv") {
            kept[2].split(',').next().unwrap().to_owned()
        } else {
            let line: Value = serde_json::from_str(kept[2]).unwrap();
            line["id"].as_str().unwrap().to_owned()
        };
        fs::write(&all, format!("{}\n", kept.join("\n"))).unwrap();
        app.run(&["users", "export", &all, "--after", &id])
            .await
            .exits(0);
        assert_eq!(fs::read(PathBuf::from(&all)).unwrap(), bytes, "{name}");
    }
}
