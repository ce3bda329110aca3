//! Throw-away databases for tests.
//!
//! A [`TestDatabase`] is an empty database of its own on a real engine; it is
//! removed when the value is dropped, whether the test passed or panicked. A
//! [`TestRedis`] is a prefix of keys of its own on a real Redis.
//! Where the server cannot be reached the constructor panics: a test that
//! needs a server never passes without it.

#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "only tests use this crate, and a test without its database must fail"
)]

mod test_redis;

use std::fmt;
use std::future::Future;
use std::io::Write as _;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, MySqlConnection, PgConnection};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

pub use test_redis::{REDIS_VARIABLE, TestRedis};

/// The environment variable that names the PostgreSQL server of the tests.
pub const POSTGRES_VARIABLE: &str = "TEST_POSTGRES_URL";
/// The environment variable that names the MySQL or MariaDB server of the tests.
pub const MYSQL_VARIABLE: &str = "TEST_MYSQL_URL";

const POSTGRES_DEFAULT: &str = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable";
const MYSQL_DEFAULT: &str = "mysql://root@127.0.0.1:3306/";

/// How long one statement to a server may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(30);

/// An empty database that lives as long as this value.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    home: Home,
}

/// What has to be removed in the end.
#[derive(Debug)]
enum Home {
    Elsewhere,
    Directory(#[expect(dead_code, reason = "held for its Drop")] TempDir),
    Server(Server, String),
}

/// A server, by the URL of its administrator.
#[derive(Debug)]
enum Server {
    Postgres(Url),
    MySql(Url),
}

impl TestDatabase {
    /// A new SQLite database file in a directory of its own.
    #[expect(clippy::unused_async, reason = "the three constructors are used alike")]
    pub async fn sqlite() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("ust_")
            .tempdir()
            .expect("SQLite: a temporary directory");
        let file = directory.path().join("test.db");
        let path = file
            .to_str()
            .expect("SQLite: the temporary directory has a UTF-8 path");
        Self {
            url: format!("sqlite://{path}?mode=rwc"),
            home: Home::Directory(directory),
        }
    }

    /// A new database on the PostgreSQL server of [`POSTGRES_VARIABLE`].
    pub async fn postgres() -> Self {
        Self::on(Server::Postgres(admin_url(
            "PostgreSQL",
            POSTGRES_VARIABLE,
            POSTGRES_DEFAULT,
        )))
        .await
    }

    /// A new database on the MySQL or MariaDB server of [`MYSQL_VARIABLE`].
    pub async fn mysql() -> Self {
        Self::on(Server::MySql(admin_url(
            "MySQL/MariaDB",
            MYSQL_VARIABLE,
            MYSQL_DEFAULT,
        )))
        .await
    }

    /// An empty database that somebody else made, and removes.
    pub fn at(url: String) -> Self {
        Self {
            url,
            home: Home::Elsewhere,
        }
    }

    /// The URL under which the service reaches this database.
    pub fn url(&self) -> &str {
        &self.url
    }

    async fn on(server: Server) -> Self {
        let name = format!("ust_{}", Uuid::new_v4().simple());
        if let Err(error) = server.create(&name).await {
            panic!("{server}: no test database: {error}");
        }
        let mut url = server.url().clone();
        url.set_path(&name);
        Self {
            url: url.into(),
            home: Home::Server(server, name),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Home::Server(server, name) = &self.home else {
            return;
        };
        // A thread of its own: the caller may or may not be inside a runtime,
        // and a runtime cannot be entered from within another one.
        let removed = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .map_err(|error| error.to_string())?
                        .block_on(server.remove(name))
                })
                .join()
                .unwrap_or_else(|_| Err("the removing thread panicked".to_owned()))
        });
        if let Err(error) = removed {
            // Not a panic: the test may be unwinding already.
            let _ = writeln!(
                std::io::stderr(),
                "{server}: test database {name} is left behind: {error}"
            );
        }
    }
}

impl Server {
    fn url(&self) -> &Url {
        match self {
            Self::Postgres(url) | Self::MySql(url) => url,
        }
    }

    async fn create(&self, name: &str) -> Result<(), String> {
        self.run(match self {
            Self::Postgres(_) => vec![
                // template0 holds no connections of others and takes any encoding.
                format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
                // Nobody misses it after a crash.
                format!("ALTER DATABASE {name} SET synchronous_commit = off"),
            ],
            Self::MySql(_) => vec![format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")],
        })
        .await
    }

    async fn remove(&self, name: &str) -> Result<(), String> {
        self.run(vec![match self {
            // FORCE: pools of the test may still be open.
            Self::Postgres(_) => format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            Self::MySql(_) => format!("DROP DATABASE IF EXISTS {name}"),
        }])
        .await
    }

    /// Runs statements on one connection, each by itself.
    async fn run(&self, statements: Vec<String>) -> Result<(), String> {
        within(async {
            match self {
                Self::Postgres(url) => {
                    let mut connection = PgConnection::connect(url.as_str()).await?;
                    for statement in statements {
                        sqlx::raw_sql(AssertSqlSafe(statement))
                            .execute(&mut connection)
                            .await?;
                    }
                    connection.close().await
                }
                Self::MySql(url) => {
                    let mut connection = MySqlConnection::connect(url.as_str()).await?;
                    for statement in statements {
                        sqlx::raw_sql(AssertSqlSafe(statement))
                            .execute(&mut connection)
                            .await?;
                    }
                    connection.close().await
                }
            }
        })
        .await
    }
}

/// The engine, where it is looked for, and the variable that says so; never
/// the password.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (engine, variable) = match self {
            Self::Postgres(_) => ("PostgreSQL", POSTGRES_VARIABLE),
            Self::MySql(_) => ("MySQL/MariaDB", MYSQL_VARIABLE),
        };
        let url = self.url();
        let host = url.host_str().unwrap_or_default();
        write!(f, "{engine} at {host}")?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
        }
        write!(f, " (set {variable} for another server)")
    }
}

async fn within(work: impl Future<Output = Result<(), sqlx::Error>>) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

fn admin_url(engine: &str, variable: &str, default: &str) -> Url {
    match Url::parse(&self::variable(engine, variable, default)) {
        Ok(url) => url,
        Err(error) => panic!("{engine}: {variable} is not a URL: {error}"),
    }
}

/// What a variable of the environment says, else the default.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests have no configuration but the environment"
)]
fn variable(engine: &str, variable: &str, default: &str) -> String {
    match std::env::var(variable) {
        Ok(text) if !text.is_empty() => text,
        Ok(_) | Err(std::env::VarError::NotPresent) => default.to_owned(),
        Err(error) => panic!("{engine}: {variable}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_has_a_file_of_its_own() {
        let database = runtime().block_on(TestDatabase::sqlite());
        let path = file_of(&database);
        std::fs::write(&path, b"").expect("the directory is there");
        drop(database);
        assert!(!std::path::Path::new(&path).exists());
    }

    #[test]
    fn postgres_is_dropped_within_a_runtime_and_with_open_connections() {
        runtime().block_on(async {
            let database = TestDatabase::postgres().await;
            let url = database.url().to_owned();
            let _open = PgConnection::connect(&url).await.expect("it exists");
            drop(database);
            assert!(PgConnection::connect(&url).await.is_err());
        });
    }

    #[test]
    fn mysql_is_dropped_outside_a_runtime() {
        let runtime = runtime();
        let database = runtime.block_on(TestDatabase::mysql());
        let url = database.url().to_owned();
        let open = runtime
            .block_on(MySqlConnection::connect(&url))
            .expect("it exists");
        drop(database);
        assert!(runtime.block_on(MySqlConnection::connect(&url)).is_err());
        runtime.block_on(async move { drop(open) });
    }

    #[test]
    fn an_unreachable_server_is_named_without_its_password() {
        let server =
            Server::Postgres(Url::parse("postgres://u:secret@127.0.0.1:1/x").expect("a URL"));
        let error = runtime()
            .block_on(server.create("ust_none"))
            .expect_err("nothing listens there");
        let message = format!("{server}: {error}");
        assert!(message.contains("PostgreSQL at 127.0.0.1:1"), "{message}");
        assert!(message.contains(POSTGRES_VARIABLE), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    }

    fn file_of(database: &TestDatabase) -> String {
        database
            .url()
            .trim_start_matches("sqlite://")
            .trim_end_matches("?mode=rwc")
            .to_owned()
    }
}
