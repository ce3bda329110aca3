//! Nothing of people is where it should not be, and what is kept is told.

use serde_json::{Value, json};
use sqlx::Connection as _;
use uuid::Uuid;

use crate::client::Reply;
use crate::file_service::FileService;
use crate::harness::{App, Engine};
use crate::people::{Person, USERS};
use crate::pictures::plain;
use crate::redis::Redis;

/// What people say of themselves, in values of bodies, queries and headers.
const MARKS: [&str; 18] = [
    "Zqname",
    "Zqbio",
    "Zqlocation",
    "zqwebsite",
    "442071838751",
    "Zqsetting",
    "Zqvalue",
    "Zqsessiontoken",
    "Zqdevice",
    "Zqsystem",
    "Zqagent",
    "198.51.100.77",
    "203.0.113.78",
    "zqmail",
    "Zqquery",
    "Zqfile",
    "Zqkey",
    "Zqtag",
];

struct Seen {
    secrets: Vec<String>,
    errors: Vec<String>,
}

impl Seen {
    fn error(&mut self, reply: &Reply, status: u16) {
        assert_eq!(reply.status, status, "{}", reply.text());
        self.errors.push(reply.text());
    }
}

pub(crate) async fn marked_data_are_in_no_log_metric_or_error(mut app: App) {
    let (redis, files) = (Redis::start().await, FileService::start().await);
    app.set("REDIS_URL", &redis.url());
    app.set("LOG_LEVEL", "trace");
    app.set("TRUSTED_PROXIES", "127.0.0.1");
    app.set("LIBRAVATAR", "true");
    for (name, value) in files.settings() {
        app.set(name, &value);
    }
    app.restart().await;
    let token = |sub: &str| {
        let claims =
            json!({ "sid": "Zqsessiontoken-sid", "email": "zqmail@example.org", "name": "Zqname" });
        app.token(sub, &claims)
    };
    let sub = Uuid::new_v4().to_string();
    let mut ana = Person {
        token: token(&sub),
        sub,
        id: String::new(),
    };
    let mut seen = Seen {
        secrets: vec![app.key.clone()],
        errors: vec![],
    };
    profile(&app, &mut ana, &mut seen).await;
    preferences(&app, &ana, &mut seen).await;
    sessions(&app, &ana, &mut seen).await;
    pictures(&app, &ana, &mut seen).await;
    strange(&app, &ana, &mut seen).await;
    let metrics = app.get("/metrics").await.is(200).text();
    // What a stopped database says of the values it was given is in no log either.
    app.delete(&ana.path()).token(&ana.token).await.is(204);
    app.stop_gracefully().await;
    let logs = app.logs();
    // It tells as much as it can.
    let telling = ["\"level\":\"TRACE\"", "\"level\":\"DEBUG\""];
    assert!(telling.iter().any(|level| logs.contains(level)) && logs.contains("\"status\":422"));
    seen.secrets.push(ana.token.clone());
    let parts: Vec<String> = ana.token.split('.').map(str::to_owned).collect();
    seen.secrets.extend(parts.into_iter().skip(1));
    let errors = seen.errors.join("\n");
    for (place, text) in [
        ("a log", &logs),
        ("a metric", &metrics),
        ("an error", &errors),
    ] {
        let secrets = seen.secrets.iter().map(String::as_str);
        for mark in MARKS.into_iter().chain(secrets) {
            let line = text
                .lines()
                .find(|line| line.to_lowercase().contains(&mark.to_lowercase()));
            assert!(line.is_none(), "{mark} is in {place}: {line:?}");
        }
    }
}

async fn profile(app: &App, ana: &mut Person, seen: &mut Seen) {
    let body = json!({
        "display_name": "Zqname",
        "bio": "Zqbio",
        "location": "Zqlocation",
        "website": "https://zqwebsite.example/",
        "phone_number": "+442071838751",
    });
    let post = |body: &Value| {
        let post = app.post(USERS).token(&ana.token).json(body);
        post.header("user-agent", "Zqagent/1 (X11; Linux)")
            .header("x-forwarded-for", "198.51.100.77")
    };
    let made = post(&body).header("idempotency-key", "Zqkey-1").await;
    let made = made.is(201).json();
    seen.error(&post(&body).header("idempotency-key", "Zqkey-2").await, 409);
    let other = json!({ "display_name": "Zqname2" });
    let reused = post(&other).header("idempotency-key", "Zqkey-1").await;
    seen.error(&reused, 422);
    seen.error(
        &post(&body).header("idempotency-key", "\"Zqkey\"\"").await,
        400,
    );
    made["id"].as_str().unwrap().clone_into(&mut ana.id);
    let wrong = json!({
        "display_name": "Zqname\u{202e}",
        "bio": "Zqbio".repeat(200),
        "website": "zqwebsite",
        "phone_number": "442071838751 Zqvalue",
        "location": ["Zqlocation"],
    });
    let patch = |body: &Value| app.patch(&ana.path()).token(&ana.token).json(body);
    seen.error(&patch(&wrong).await, 422);
    seen.error(&patch(&body).header("if-match", "\"Zqtag\"").await, 412);
    patch(&body).await.is(200);
    app.get(&ana.path()).token(&ana.token).await.is(200);
    let search = format!("{USERS}/search?q=Zqquery");
    app.get(&search).token(&ana.token).await.is(200);
    for query in [
        "is_active=Zqquery",
        "cursor=Zqquery",
        "created_after=Zqquery",
        "sort=Zqquery",
    ] {
        let list = app.get(&format!("{USERS}?{query}")).token(&ana.token);
        seen.error(&list.await, 400);
    }
    let broken = app.post(USERS).token(&ana.token);
    seen.error(
        &broken.raw("application/json", "{\"Zqname\": Zqvalue").await,
        400,
    );
}

async fn preferences(app: &App, ana: &Person, seen: &mut Seen) {
    let path = ana.preferences();
    let change = |body: &Value| app.patch(&path).token(&ana.token).json(body);
    let good = json!({ "custom_settings": { "Zqsetting": { "a": "Zqvalue" } } });
    change(&good).await.is(200);
    let wrong = json!({ "theme": "Zqvalue", "language": "Zqvalue!", "timezone": "Zqvalue/Zq", "custom_settings": "Zqsetting" });
    seen.error(&change(&wrong).await, 422);
    let nul = json!({ "custom_settings": { "Zqsetting\0": "Zqvalue\0" } });
    seen.error(&change(&nul).await, 422);
}

async fn sessions(app: &App, ana: &Person, seen: &mut Seen) {
    let admin = app.admin();
    let start = |body: &Value| app.post(&ana.sessions()).token(&admin.token).json(body);
    let good = json!({
        "session_token": "Zqsessiontoken-2",
        "device_name": "Zqdevice",
        "os": "Zqsystem",
        "ip_address": "203.0.113.78",
        "user_agent": "Zqagent/2",
    });
    let id = start(&good).await.is(201).json()["id"].clone();
    let wrong = json!({
        "session_token": "Zqsessiontoken".repeat(30),
        "device_name": "Zqdevice\u{7}",
        "os": "Zqsystem".repeat(30),
        "ip_address": "203.0.113.78/Zqvalue",
        "user_agent": ["Zqagent"],
    });
    seen.error(&start(&wrong).await, 422);
    app.get(&format!("{}?state=all", ana.sessions()))
        .token(&ana.token)
        .header("x-forwarded-for", "198.51.100.77")
        .await
        .is(200);
    let path = format!("{}/{}", ana.sessions(), id.as_str().unwrap());
    app.delete(&path).token(&ana.token).await.is(204);
}

async fn pictures(app: &App, ana: &Person, seen: &mut Seen) {
    let avatar = ana.avatar();
    let form = |bytes: &[u8]| {
        let mut body =
            b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Zqfile.png\"\r\n\
            Content-Type: image/png\r\n\r\n"
                .to_vec();
        body.extend(bytes);
        body.extend(b"\r\n--b--\r\n");
        let post = app.post(&avatar).token(&ana.token);
        post.raw("multipart/form-data; boundary=b", body)
    };
    form(&plain([1, 2, 3])).await.is(200);
    seen.error(&form(b"Zqfile is no picture").await, 415);
    app.get(&avatar).token(&ana.token).await.is(200);
}

/// What nobody should send.
async fn strange(app: &App, ana: &Person, seen: &mut Seen) {
    let me = format!("{USERS}/me");
    let in_query = app.get(&format!("{me}?access_token={}", ana.token));
    seen.error(&in_query.await, 401);
    let forged = app.get(&me).token(format!("{}Zqvalue", ana.token));
    seen.error(&forged.await, 401);
    let basic = app
        .get(&me)
        .header("authorization", "Basic WnF2YWx1ZTpacXZhbHVl");
    seen.error(&basic.await, 401);
    let cookie = app.get(&me).header("cookie", "session=Zqvalue");
    seen.error(&cookie.await, 401);
    // A path is the caller's own, and is repeated to them; it is in no log.
    app.get(&format!("{USERS}/Zqname"))
        .token(&ana.token)
        .await
        .is(404);
    app.get("/Zqname/Zqvalue").await.is(404);
    app.get("/avatars/5a71766c5a71766c5a71766c5a71766c?d=https%3A%2F%2Fzqwebsite.example")
        .await;
}

/// The columns of the schema and those that docs/PRIVACY.md tells of are the same.
pub(crate) async fn every_column_is_told_of(app: App) {
    let url = app.database_url();
    macro_rules! columns {
        ($connection:ident, $sql:literal) => {{
            let mut connection = sqlx::$connection::connect(url).await.unwrap();
            let columns = sqlx::query_scalar::<_, String>($sql).fetch_all(&mut connection);
            columns.await.unwrap()
        }};
    }
    let mut columns = match app.engine {
        Engine::Sqlite => columns!(
            SqliteConnection,
            "SELECT t.name || '.' || c.name FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table'"
        ),
        Engine::Postgres => columns!(
            PgConnection,
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        ),
        Engine::MySql => columns!(
            MySqlConnection,
            "SELECT CAST(CONCAT(table_name, '.', column_name) AS CHAR) FROM information_schema.columns WHERE table_schema = DATABASE()"
        ),
    };
    let ours = ["user_service_migrations.", "sqlite_"];
    columns.retain(|column| !ours.iter().any(|other| column.starts_with(other)));
    columns.sort_unstable();
    let told = include_str!("../../../docs/PRIVACY.md");
    let mut told: Vec<String> = told
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| code.starts_with("user_") && code.contains('.'))
        .map(str::to_owned)
        .collect();
    told.sort_unstable();
    assert_eq!(columns, told);
}
