//! The database of the Python service that this one succeeds.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use user_service_testdb::TestDatabase;
use uuid::Uuid;

use crate::harness::{App, Engine};
use crate::people::USERS;

/// The tables as `SQLAlchemy` makes them, with what is called otherwise on each engine.
const TABLES: &str = "
CREATE TABLE user_profiles (
    id {id} NOT NULL PRIMARY KEY, user_id {uuid} NOT NULL, display_name VARCHAR(255) NOT NULL, bio TEXT, avatar_url VARCHAR(500),
    location VARCHAR(255), website VARCHAR(500), phone_number VARCHAR(50), is_verified BOOLEAN, is_active BOOLEAN,
    created_at {time} NOT NULL, updated_at {time}, last_login_at {plain}
);
CREATE TABLE user_preferences (
    id {id} NOT NULL PRIMARY KEY, profile_id {id} NOT NULL REFERENCES user_profiles (id), language VARCHAR(10), timezone VARCHAR(50),
    theme VARCHAR(20), date_format VARCHAR(20), time_format VARCHAR(10), email_notifications BOOLEAN, push_notifications BOOLEAN,
    sms_notifications BOOLEAN, newsletter BOOLEAN, marketing BOOLEAN, custom_settings {json}, created_at {time}, updated_at {time}
);
CREATE TABLE user_sessions (
    id {id} NOT NULL PRIMARY KEY, profile_id {id} NOT NULL REFERENCES user_profiles (id), session_token VARCHAR(255), device_type VARCHAR(50),
    device_name VARCHAR(255), os VARCHAR(100), ip_address VARCHAR(45), user_agent TEXT, is_active BOOLEAN, created_at {time},
    last_activity_at {time}, expires_at {time}, logout_at {time}
);";

struct Source {
    engine: Engine,
    database: TestDatabase,
}

impl Source {
    async fn new(engine: Engine) -> Self {
        let (database, types) = match engine {
            Engine::Sqlite => (
                TestDatabase::sqlite().await,
                ["VARCHAR(36)", "CHAR(32)", "DATETIME", "DATETIME", "JSON"],
            ),
            Engine::Postgres => (
                TestDatabase::postgres().await,
                [
                    "VARCHAR(36)",
                    "UUID",
                    "TIMESTAMP WITH TIME ZONE",
                    "TIMESTAMP",
                    "JSONB",
                ],
            ),
            Engine::MySql => (
                TestDatabase::mysql().await,
                ["VARCHAR(36)", "CHAR(32)", "DATETIME(6)", "DATETIME", "JSON"],
            ),
        };
        let mut tables = TABLES.to_owned();
        for (name, kind) in ["{id}", "{uuid}", "{time}", "{plain}", "{json}"]
            .into_iter()
            .zip(types)
        {
            tables = tables.replace(name, kind);
        }
        let source = Self { engine, database };
        source.sql(&tables).await;
        source
    }

    async fn sql(&self, sql: &str) {
        let (url, sql) = (self.database.url(), AssertSqlSafe(sql.to_owned()));
        macro_rules! run {
            ($connection:ident) => {{
                let mut connection = sqlx::$connection::connect(url).await.unwrap();
                connection.execute(sqlx::raw_sql(sql)).await.unwrap();
                connection.close().await.unwrap();
            }};
        }
        match self.engine {
            Engine::Sqlite => run!(SqliteConnection),
            Engine::Postgres => run!(PgConnection),
            Engine::MySql => run!(MySqlConnection),
        }
    }

    /// In the form that the Python service had it in.
    fn url(&self) -> String {
        let url = self.database.url();
        match self.engine {
            Engine::Sqlite => url.replacen("sqlite://", "sqlite+aiosqlite:///", 1),
            Engine::Postgres => url.replacen("postgres://", "postgresql+asyncpg://", 1),
            Engine::MySql => url.replacen("mysql://", "mysql+aiomysql://", 1),
        }
    }

    /// A user id as this engine keeps it.
    fn user(&self, n: u32) -> String {
        let id = user(n);
        match self.engine {
            Engine::Postgres => id.to_string(),
            _ => id.simple().to_string(),
        }
    }

    /// How a backslash is written in a text.
    fn backslash(&self) -> &'static str {
        match self.engine {
            Engine::MySql => "\\\\",
            _ => "\\",
        }
    }
}

fn user(n: u32) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(n))
}

fn profile(n: u32) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_9000_0000_0000_0000 + u128::from(n))
}

/// People of every kind: 700 ordinary ones, and those that need care.
async fn fill(source: &Source) {
    let user = |n| source.user(n);
    let mut sql = String::from(
        "INSERT INTO user_profiles (id, user_id, display_name, is_verified, is_active, created_at) VALUES ",
    );
    for n in 100..800 {
        let (id, user) = (profile(n), user(n));
        write!(
            sql,
            "('{id}', '{user}', 'Person {n}', FALSE, TRUE, '2024-01-01 00:00:00.25'),"
        )
        .unwrap();
    }
    sql.pop();
    let columns = "INSERT INTO user_profiles (id, user_id, display_name, bio, avatar_url, location, website, phone_number, \
        is_verified, is_active, created_at, updated_at, last_login_at) VALUES";
    let slash = source.backslash();
    write!(
        sql,
        "; {columns} ('{}', '{}', 'Ana \"Zoë\" 👩‍🚀 O''Brien', 'two\nlines {slash}N', 'https://files.example/a.png', 'Lisboa', \
         'https://ana.example', '+442071838750', TRUE, FALSE, '2023-05-06 07:08:09.000001', '2024-05-06 07:08:09.999999', \
         '2025-01-01 00:00:00'), \
         ('{}', '{}', 'Bea', NULL, '/files/bea.png', '', 'bea.example', '020 7183 8750', NULL, NULL, '2023-01-01 00:00:00', NULL, NULL), \
         ('{}', '{}', '  ', NULL, NULL, NULL, NULL, NULL, TRUE, TRUE, '2023-01-01 00:00:00', NULL, NULL), \
         ('{}', '{}', '{}', NULL, '', '', '', '', FALSE, TRUE, '2023-01-01 00:00:00', NULL, NULL)",
        profile(1), user(1), profile(2), user(2), profile(3), user(3),
        profile(4).to_string().to_uppercase(), user(4), "N".repeat(150),
    )
    .unwrap();
    let preferences = "INSERT INTO user_preferences (id, profile_id, language, timezone, theme, date_format, time_format, \
        email_notifications, push_notifications, sms_notifications, newsletter, marketing, custom_settings, created_at, updated_at) VALUES";
    let odd = "FALSE, FALSE, TRUE, TRUE, TRUE";
    write!(
        sql,
        "; {preferences} ('{}', '{}', 'pt-BR', 'Europe/Lisbon', 'dark', 'DD/MM/YYYY', '12h', {odd}, '{{\"a\": [1, {{\"ü\": null}}]}}', \
         '2023-05-06 07:08:09', '2024-05-06 07:08:09'), \
         ('{}', '{}', 'xx-', 'UTC', 'auto', 'YYYY-MM-DD', '24h', {odd}, NULL, '2022-01-01 00:00:00', '2022-01-01 00:00:00'), \
         ('{}', '{}', 'pt_br', 'GMT+2', 'pink', '%d/%m/%Y', '24', NULL, NULL, NULL, NULL, TRUE, '[1]', '2023-01-01 00:00:00', \
         '2023-01-02 00:00:00')",
        profile(11), profile(1), profile(12), profile(2), profile(13), profile(2),
    )
    .unwrap();
    let sessions = "INSERT INTO user_sessions (id, profile_id, session_token, device_type, device_name, os, ip_address, user_agent, \
        is_active, created_at, last_activity_at, expires_at, logout_at) VALUES";
    let from = "'2024-01-01 00:00:00', '2024-01-02 00:00:00'";
    write!(
        sql,
        "; {sessions} ('{}', '{}', 'live', 'mobile', 'A phone', 'iOS', '192.0.2.1', 'Agent/1', TRUE, {from}, '2096-01-01 00:00:00', NULL), \
         ('{}', '{}', 'ended', 'Fridge', NULL, NULL, 'nowhere', NULL, FALSE, {from}, '2096-01-01 00:00:00', '2024-01-03 00:00:00'), \
         ('{}', '{}', 'over', NULL, NULL, NULL, NULL, NULL, TRUE, {from}, '2024-02-01 00:00:00', NULL), \
         ('{}', '{}', NULL, NULL, NULL, NULL, NULL, NULL, TRUE, {from}, '2096-01-01 00:00:00', NULL)",
        profile(21), profile(2), profile(22), profile(2), profile(23), profile(2), profile(24), profile(2),
    )
    .unwrap();
    source.sql(&sql).await;
}

async fn read(app: &App, n: u32) -> Value {
    let path = format!("{USERS}/{}", profile(n));
    app.get(&path).token(app.admin().token).await.is(200).json()
}

fn value<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {name}: {text}")).trim()
}

pub(crate) async fn the_users_of_the_python_service_are_taken_over(mut app: App) {
    let source = Source::new(app.engine).await;
    fill(&source).await;
    app.set("PYTHON_SERVICE_DATABASE_URL", &source.url());
    let files = tempfile::tempdir().unwrap();
    let rejects = files.path().join("rejects");
    let verb = [
        "users",
        "import",
        "--from-python-service",
        "--rejects",
        rejects.to_str().unwrap(),
    ];
    let dry = [&verb[..], &["--dry-run"]].concat();
    let outcome = app.run(&dry).await.exits(65);
    assert_eq!(value(&outcome.stdout, "created"), "703");
    let outcome = app.run(&verb).await.exits(65);
    let told = &outcome.stdout;
    for (name, expected) in [
        ("users in the Python service", "704"),
        ("created", "703"),
        ("rejected", "1"),
        ("mended", "2"),
        ("sessions taken over", "2 (2 new)"),
        ("sessions that are over", "1"),
        ("sessions that cannot be read", "1"),
        ("compared", "703"),
        ("missing here", "0"),
    ] {
        assert_eq!(value(told, name), expected, "{name}: {told}");
    }
    assert_eq!(value(told, "checksum here"), value(told, "checksum there"));
    assert!(!outcome.output().contains("Zoë"), "{outcome:#?}");
    let ana = read(&app, 1).await;
    for (name, expected) in [
        ("user_id", user(1).to_string().as_str()),
        ("display_name", "Ana \"Zoë\" 👩‍🚀 O'Brien"),
        ("bio", "two\nlines \\N"),
        ("avatar_url", "https://files.example/a.png"),
        ("phone_number", "+442071838750"),
        ("created_at", "2023-05-06T07:08:09.000001Z"),
        ("updated_at", "2024-05-06T07:08:09.999999Z"),
        ("last_login_at", "2025-01-01T00:00:00.000000Z"),
    ] {
        assert_eq!(ana[name], expected, "{name}");
    }
    assert_eq!(
        (&ana["is_verified"], &ana["is_active"]),
        (&true.into(), &false.into())
    );
    let path = format!("{USERS}/{}/preferences", profile(1));
    let chosen = app.get(&path).token(app.admin().token).await.is(200).json();
    assert_eq!(
        (&chosen["theme"], &chosen["marketing"]),
        (&"dark".into(), &true.into())
    );
    assert_eq!(chosen["custom_settings"]["a"][1]["ü"], Value::Null);
    let bea = read(&app, 2).await;
    assert_eq!(bea["website"], "https://bea.example");
    assert_eq!(bea["phone_number"], Value::Null);
    let path = format!("{USERS}/{}/preferences", profile(2));
    let chosen = app.get(&path).token(app.admin().token).await.is(200).json();
    assert_eq!(
        chosen["id"],
        profile(13).to_string(),
        "the newest preferences count"
    );
    assert_eq!(
        (&chosen["language"], &chosen["theme"]),
        (&"pt-BR".into(), &"auto".into())
    );
    assert_eq!(read(&app, 4).await["display_name"], "N".repeat(100));
    let told = fs::read_to_string(&rejects).unwrap();
    let told: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let rejected: Vec<&Value> = told
        .iter()
        .filter(|line| line["status"] == "rejected")
        .collect();
    assert_eq!(rejected.len(), 1, "{told:#?}");
    assert_eq!(
        (&rejected[0]["id"], &rejected[0]["errors"][0]["code"]),
        (&profile(3).to_string().into(), &"blank".into())
    );
    // Sessions go on, and what was ended stays ended.
    let claims = |sid: &str| app.token(&user(2).to_string(), &serde_json::json!({ "sid": sid }));
    let me = format!("{USERS}/me");
    app.get(&me).token(claims("live")).await.is(200);
    app.get(&me)
        .token(claims("ended"))
        .await
        .refused("session-ended");
    let again = app.run(&verb).await.exits(65);
    assert_eq!(value(&again.stdout, "unchanged"), "703");
    assert_eq!(value(&again.stdout, "sessions taken over"), "2 (0 new)");
}

pub(crate) async fn a_password_in_an_argument_is_refused(app: App) {
    let url = "postgresql+asyncpg://u:hunter2@127.0.0.1:1/x";
    let outcome = app
        .run(&["users", "import", "--from-python-service", url])
        .await
        .exits(2);
    assert!(!outcome.output().contains("hunter2"), "{outcome:#?}");
    app.run(&["users", "import", "--from-python-service"])
        .await
        .exits(2);
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("url");
    fs::write(&file, format!("{url}\n")).unwrap();
    let outcome = app
        .run(&[
            "users",
            "import",
            "--from-python-service-file",
            file.to_str().unwrap(),
        ])
        .await
        .exits(69);
    assert!(!outcome.output().contains("hunter2"), "{outcome:#?}");
}

pub(crate) async fn a_database_of_this_service_is_not_taken_over(mut app: App) {
    let url = app.database_url().to_owned();
    app.set("PYTHON_SERVICE_DATABASE_URL", &url);
    app.run(&["users", "import", "--from-python-service"])
        .await
        .exits(65);
}
