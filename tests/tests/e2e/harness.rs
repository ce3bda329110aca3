//! One running service with a database of its own.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;
use user_service_testdb::TestDatabase;
use uuid::Uuid;

use crate::client::Request;
use crate::process::{PROFILE, end};

/// How long the service may take to become ready, or a verb to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the service may take to stop: `SHUTDOWN_TIMEOUT` and a little.
const FAREWELL: Duration = Duration::from_secs(40);
const TICK: Duration = Duration::from_millis(20);

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    MySql,
}

/// A running service.
pub(crate) struct App {
    pub(crate) engine: Engine,
    /// The key that tokens are signed with.
    pub(crate) key: String,
    port: u16,
    settings: Vec<(String, String)>,
    child: Option<Child>,
    told: AtomicBool,
    client: reqwest::Client,
    home: TempDir,
    database: Arc<TestDatabase>,
}

/// What a verb left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Everything that was written.
    pub(crate) fn output(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

impl App {
    /// A service on an empty, migrated database.
    pub(crate) async fn start(engine: Engine) -> Self {
        let database = match engine {
            Engine::Sqlite => TestDatabase::sqlite().await,
            Engine::Postgres => TestDatabase::postgres().await,
            Engine::MySql => TestDatabase::mysql().await,
        };
        Self::on(engine, database, &[]).await
    }

    /// A service on this database, which is empty, with these settings besides the usual.
    pub(crate) async fn on(engine: Engine, database: TestDatabase, more: &[(&str, &str)]) -> Self {
        let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let settings = [
            ("DATABASE_URL", database.url()),
            ("HOST", "127.0.0.1"),
            ("JWT_SECRET_KEY", &key),
            ("JSON_LOGS", "true"),
            ("LOG_LEVEL", "info"),
            // Tests ask faster than anybody may.
            ("RATE_LIMITS", "false"),
        ];
        let settings = settings.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let mut app = Self::stopped(engine, key, settings, Arc::new(database));
        for (name, value) in more {
            app.set(name, value);
        }
        app.run(&["migrate", "up"]).await.exits(0);
        app.serve().await;
        app
    }

    fn stopped(
        engine: Engine,
        key: String,
        settings: Vec<(String, String)>,
        database: Arc<TestDatabase>,
    ) -> Self {
        Self {
            engine,
            port: free_port(),
            settings,
            child: None,
            told: AtomicBool::new(false),
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_mins(1))
                .build()
                .unwrap(),
            home: tempfile::tempdir().unwrap(),
            database,
            key,
        }
    }

    /// Another process of the service on the same database: with the settings of this one, but for these.
    pub(crate) async fn replica(&self, settings: &[(&str, &str)]) -> Self {
        let database = Arc::clone(&self.database);
        let known = self.settings.clone();
        let mut replica = Self::stopped(self.engine, self.key.clone(), known, database);
        for (name, value) in settings {
            replica.set(name, value);
        }
        replica.serve().await;
        replica
    }

    /// Runs statements on the database, behind the service's back.
    pub(crate) async fn sql(&self, statements: &str) {
        let (url, sql) = (self.database.url(), AssertSqlSafe(statements.to_owned()));
        match self.engine {
            Engine::Sqlite => {
                let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
                connection.execute(sqlx::raw_sql(sql)).await.unwrap();
            }
            Engine::Postgres => {
                let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
                connection.execute(sqlx::raw_sql(sql)).await.unwrap();
            }
            Engine::MySql => {
                let mut connection = sqlx::MySqlConnection::connect(url).await.unwrap();
                connection.execute(sqlx::raw_sql(sql)).await.unwrap();
            }
        }
    }

    /// An id as SQL.
    pub(crate) fn literal(&self, id: &str) -> String {
        match self.engine {
            Engine::Postgres => format!("'{id}'"),
            Engine::Sqlite | Engine::MySql => format!("X'{}'", id.replace('-', "")),
        }
    }

    pub(crate) fn database_url(&self) -> &str {
        self.database.url()
    }

    /// How many files of avatars the service keeps in its directory.
    pub(crate) fn avatar_files(&self) -> usize {
        files_below(&self.avatars())
    }

    fn avatars(&self) -> PathBuf {
        self.home.path().join("avatars")
    }

    /// Copies the files of some avatar as those of another, behind the service's back.
    pub(crate) fn copy_avatar(&self, id: &str) {
        let folders = || std::fs::read_dir(self.avatars()).unwrap().flatten();
        let avatars = folders().flat_map(|folder| std::fs::read_dir(folder.path()).unwrap());
        let some = avatars.flatten().next().unwrap().path();
        let copy = self.avatars().join(&id[id.len() - 2..]).join(id);
        std::fs::create_dir_all(&copy).unwrap();
        for file in std::fs::read_dir(some).unwrap().flatten() {
            std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
    }

    /// Notes that the files of an avatar are nobody's since a moment, behind the service's back.
    pub(crate) async fn note_avatar(&self, id: &str, due: &str) {
        let id = self.literal(id);
        let insert = "INSERT INTO user_avatar_files (avatar_id, due_at) VALUES";
        self.sql(&format!("{insert} ({id}, '{due}')")).await;
    }

    /// Lets the time come at which what is noted of files is due.
    pub(crate) async fn due_avatars_now(&self) {
        let update = "UPDATE user_avatar_files SET due_at = '2020-01-01 00:00:00'";
        self.sql(update).await;
    }

    /// Of how many avatars something is noted.
    pub(crate) async fn noted_avatars(&self) -> i64 {
        let sql = "SELECT count(*) FROM user_avatar_files";
        let url = self.database.url();
        macro_rules! count {
            ($connection:ident) => {{
                let mut connection = sqlx::$connection::connect(url).await.unwrap();
                let count = sqlx::query_scalar(sql).fetch_one(&mut connection).await;
                count.unwrap()
            }};
        }
        match self.engine {
            Engine::Sqlite => count!(SqliteConnection),
            Engine::Postgres => count!(PgConnection),
            Engine::MySql => count!(MySqlConnection),
        }
    }

    /// How many rows of a table were written so far: inserted and updated, as `PostgreSQL` counts them.
    pub(crate) async fn row_writes(&self, table: &str) -> (i64, i64) {
        let url = self.database.url();
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        let sql = "SELECT n_tup_ins, n_tup_upd FROM pg_stat_user_tables WHERE relname = $1";
        sqlx::query_as(sql)
            .bind(table)
            .fetch_one(&mut connection)
            .await
            .unwrap()
    }

    /// Stops the service and starts it on the same database with one more setting.
    pub(crate) async fn restart_with(&mut self, name: &str, value: &str) {
        self.set(name, value);
        self.restart().await;
    }

    /// Stops the service, if it runs, and starts it on the same database.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.serve().await;
    }

    /// Changes a setting of whatever is started next.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Takes a setting away from whatever is started next.
    pub(crate) fn unset(&mut self, name: &str) {
        self.settings.retain(|(known, _)| known != name);
    }

    /// Runs a verb to its end with the settings of this service.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(&[], arguments).await
    }

    /// The same with these settings beside the others.
    pub(crate) async fn run_with(&self, settings: &[(&str, &str)], arguments: &[&str]) -> Outcome {
        let directory = tempfile::tempdir().unwrap();
        let (out, err) = (directory.path().join("out"), directory.path().join("err"));
        let mut child = self
            .command()
            .envs(settings.iter().copied())
            .args(arguments)
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        let status = ended(&mut child, PATIENCE).await;
        if status.is_none() {
            child.kill().ok();
            child.wait().ok();
        }
        let outcome = Outcome {
            code: status.and_then(|status| status.code()),
            stdout: text(&out),
            stderr: text(&err),
        };
        assert!(status.is_some(), "{arguments:?} does not end: {outcome:#?}");
        outcome
    }

    /// Starts a verb with the settings of this service; its input is a pipe.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let (id, name) = (self.id().to_string(), format!("-{name}"));
        let sent = Command::new("kill").args([&name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Writes the file `.env` that the service finds where it runs.
    pub(crate) fn dotenv(&self, text: &str) {
        std::fs::write(self.home.path().join(".env"), text).unwrap();
    }

    /// Waits until the service has written this.
    pub(crate) async fn logged(&self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.logs().contains(text) {
            assert!(Instant::now() < end, "not written: {text}\n{}", self.logs());
            tokio::time::sleep(TICK).await;
        }
    }

    /// Waits until a line of the metrics is this.
    pub(crate) async fn until(&self, metric: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let metrics = self.get("/metrics").await.is(200).text();
            if metrics.lines().any(|line| line == metric) {
                return;
            }
            assert!(Instant::now() < end, "no {metric}:\n{metrics}");
            tokio::time::sleep(TICK).await;
        }
    }

    /// Sends SIGTERM unless it was sent before.
    pub(crate) fn terminate_once(&self) {
        if !self.told.swap(true, Ordering::Relaxed) {
            self.terminate();
        }
    }

    /// Waits for the service to end by itself; its exit code.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let child = self.child.as_mut().expect("it runs");
        let status = ended(child, FAREWELL).await;
        let status = status.unwrap_or_else(|| panic!("it does not stop: {}", self.logs()));
        self.child = None;
        status.code()
    }

    /// Sends SIGTERM and waits; the exit code.
    pub(crate) async fn stop_gracefully(&mut self) -> Option<i32> {
        self.terminate();
        self.ended().await
    }

    /// Everything the service has written so far.
    pub(crate) fn logs(&self) -> String {
        text(&self.log_file())
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    pub(crate) fn head(&self, path: &str) -> Request {
        self.request(Method::HEAD, path)
    }

    pub(crate) fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    pub(crate) fn patch(&self, path: &str) -> Request {
        self.request(Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        Request::new(self.client.request(method, self.url(path)))
    }

    /// Where it is.
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// A request to another address.
    pub(crate) fn get_url(&self, url: &str) -> Request {
        Request::new(self.client.get(url))
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    fn log_file(&self) -> PathBuf {
        self.home.path().join("service.log")
    }

    fn command(&self) -> Command {
        let mut command = program();
        command
            .envs(self.settings.iter().cloned())
            .env("PORT", self.port.to_string())
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Starts the service, and does not wait for it.
    pub(crate) fn begin(&mut self) {
        self.port = free_port();
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_file())
            .unwrap();
        let child = self
            .command()
            .arg("serve")
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    async fn serve(&mut self) {
        self.launch("/health/ready").await;
    }

    /// Starts it, and waits until this path is 200.
    pub(crate) async fn launch(&mut self, good: &str) {
        self.begin();
        let end = Instant::now() + PATIENCE;
        loop {
            let ready = self.client.get(self.url(good)).send().await;
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                panic!("the service ended with {status}: {}", self.logs());
            }
            if ready.as_ref().is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            assert!(
                Instant::now() < end,
                "not ready: {ready:?}\n{}",
                self.logs()
            );
            tokio::time::sleep(TICK).await;
        }
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            end(&mut child);
        }
        if std::thread::panicking() {
            eprintln!("--- what the service wrote ---\n{}", self.logs());
        }
    }
}

/// The program, with nothing in its environment but PATH and [`PROFILE`].
pub(crate) fn program() -> Command {
    let path = match std::env::var_os("USER_SERVICE_BIN") {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => std::env::current_exe()
            .unwrap()
            .ancestors()
            .nth(2)
            .unwrap()
            .join("user-service"),
    };
    assert!(
        path.is_file(),
        "there is no program at {}: build it with `cargo build -p user-service --features full`, \
         or name it in USER_SERVICE_BIN",
        path.display()
    );
    let mut command = Command::new(path);
    let kept = ["PATH", PROFILE]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.env_clear().envs(kept);
    command
}

/// How many files there are below a directory, which need not be there.
pub(crate) fn files_below(directory: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return 0;
    };
    let count = |path: PathBuf| {
        if path.is_dir() { files_below(&path) } else { 1 }
    };
    entries.flatten().map(|entry| count(entry.path())).sum()
}

/// A port below the ephemeral range, another one for every service of every test process.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    (0..1000)
        .find_map(|_| {
            let offset = std::process::id().wrapping_mul(97) + NEXT.fetch_add(1, Ordering::Relaxed);
            let port = u16::try_from(10_000 + offset % 22_000).unwrap();
            TcpListener::bind(("127.0.0.1", port))
                .is_ok()
                .then_some(port)
        })
        .expect("a free port")
}

async fn ended(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let end = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() > end {
            return None;
        }
        tokio::time::sleep(TICK).await;
    }
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
