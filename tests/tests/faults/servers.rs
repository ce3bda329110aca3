//! Database servers of one's own, which may be harmed.

#![expect(
    clippy::single_match_else,
    reason = "another engine would be another arm"
)]

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::harness::{Engine, free_port};

const PATIENCE: Duration = Duration::from_mins(1);
const TICK: Duration = Duration::from_millis(20);

/// A server of `PostgreSQL` or `MariaDB` that keeps its data when it ends, as durably as it does by default.
pub(crate) struct Server {
    engine: Engine,
    port: u16,
    child: Option<Child>,
    home: TempDir,
}

impl Server {
    /// A running server.
    pub(crate) async fn start(engine: Engine) -> Self {
        let mut server = Self::made(engine);
        let data = server.data();
        let mut install = match engine {
            Engine::Postgres => {
                let mut initdb = server.command("initdb");
                initdb.arg("-D").arg(&data);
                initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8"]);
                initdb.args(["--locale=C.UTF-8", "--no-sync"]);
                initdb
            }
            _ => {
                let mut install = server.command("mariadb-install-db");
                install.args(["--no-defaults", "--skip-test-db"]);
                install.arg("--auth-root-authentication-method=normal");
                install.arg(format!("--datadir={}", data.display()));
                install
            }
        };
        let done = install.output().unwrap();
        assert!(done.status.success(), "{done:?}");
        server.run().await;
        server
    }

    /// A standby of this server of `PostgreSQL`, to which every commit goes before it is acknowledged.
    pub(crate) async fn standby(&self) -> Self {
        let mut standby = Self::made(Engine::Postgres);
        let mut backup = standby.command("pg_basebackup");
        backup.arg("-D").arg(standby.data());
        backup.args(["-h", "127.0.0.1", "-U", "postgres", "-R", "-X", "stream"]);
        backup.args(["-c", "fast", "-p", &self.port.to_string()]);
        let done = backup.output().unwrap();
        assert!(done.status.success(), "{done:?}");
        standby.run().await;
        self.administer("ALTER SYSTEM SET synchronous_standby_names = '*'")
            .await;
        self.administer("SELECT pg_reload_conf()").await;
        let end = Instant::now() + PATIENCE;
        while self
            .count("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
            .await
            == 0
        {
            assert!(Instant::now() < end, "the standby does not follow");
            tokio::time::sleep(TICK).await;
        }
        standby
    }

    fn made(engine: Engine) -> Self {
        let home = tempfile::Builder::new()
            .prefix("user-service-faults.")
            .tempdir_in("/tmp")
            .unwrap();
        if let Some((uid, gid)) = account(engine) {
            chown(home.path(), Some(uid), Some(gid)).unwrap();
        }
        Self {
            engine,
            port: free_port(),
            child: None,
            home,
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it on its port and waits until it answers.
    pub(crate) async fn run(&mut self) {
        let data = self.data();
        let mut server = match self.engine {
            Engine::Postgres => {
                let mut postgres = self.command("postgres");
                postgres.arg("-D").arg(&data);
                postgres.args(["-p", &self.port.to_string(), "-c", "max_connections=200"]);
                postgres.args(["-c", "listen_addresses=127.0.0.1"]);
                postgres.args(["-c", "unix_socket_directories="]);
                postgres
            }
            _ => {
                let mut mariadbd = self.command("mariadbd");
                mariadbd.args(["--no-defaults", "--skip-name-resolve", "--skip-log-bin"]);
                mariadbd.args(["--bind-address=127.0.0.1", "--character-set-server=utf8mb4"]);
                mariadbd.arg(format!("--datadir={}", data.display()));
                mariadbd.arg(format!("--port={}", self.port));
                let home = self.home.path().display();
                mariadbd.arg(format!("--socket={home}/socket"));
                mariadbd.arg(format!("--pid-file={home}/pid"));
                mariadbd
            }
        };
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.home.path().join("server.log"))
            .unwrap();
        server.stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(server.spawn().unwrap());
        let end = Instant::now() + PATIENCE;
        while !self.answers().await {
            let log = std::fs::read_to_string(self.home.path().join("server.log"));
            assert!(Instant::now() < end, "no answer: {log:?}");
            tokio::time::sleep(TICK).await;
        }
    }

    /// Whether it runs and answers.
    pub(crate) async fn answers(&self) -> bool {
        let url = self.admin_url();
        let ping = async {
            match self.engine {
                Engine::Postgres => PgConnection::connect(&url).await.is_ok(),
                _ => MySqlConnection::connect(&url).await.is_ok(),
            }
        };
        tokio::time::timeout(Duration::from_secs(1), ping)
            .await
            .unwrap_or(false)
    }

    fn admin_url(&self) -> String {
        match self.engine {
            Engine::Postgres => format!("postgres://postgres@{}/postgres", self.address()),
            _ => format!("mysql://root@{}/mysql", self.address()),
        }
    }

    /// The URL of a database by way of this port.
    pub(crate) fn url(&self, database: &str, port: u16) -> String {
        match self.engine {
            Engine::Postgres => format!("postgres://postgres@127.0.0.1:{port}/{database}"),
            // Who may everything may also write where all others may only read.
            _ => format!("mysql://app@127.0.0.1:{port}/{database}"),
        }
    }

    /// An empty database; its name.
    pub(crate) async fn database(&self) -> String {
        let name = format!("ust_{}", Uuid::new_v4().simple());
        self.create(&name, "").await;
        name
    }

    /// An empty database on this disk; its name.
    pub(crate) async fn database_on(&self, disk: &Path) -> String {
        let name = format!("ust_{}", Uuid::new_v4().simple());
        let folder = disk.join("database");
        std::fs::create_dir(&folder).unwrap();
        if let Some((uid, gid)) = account(self.engine) {
            chown(&folder, Some(uid), Some(gid)).unwrap();
        }
        if self.engine == Engine::Postgres {
            let place = format!("CREATE TABLESPACE {name} LOCATION '{}'", folder.display());
            self.administer(&place).await;
            self.create(&name, &format!("TABLESPACE {name}")).await;
        } else {
            // A directory of the server's data is a database.
            std::os::unix::fs::symlink(&folder, self.data().join(&name)).unwrap();
            self.grant(&name).await;
        }
        name
    }

    /// Removes a database and the place it was in.
    pub(crate) async fn remove(&self, name: &str) {
        if self.engine == Engine::Postgres {
            self.administer(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .await;
            self.administer(&format!("DROP TABLESPACE IF EXISTS {name}"))
                .await;
        } else {
            self.administer(&format!("DROP DATABASE {name}")).await;
        }
    }

    async fn create(&self, name: &str, how: &str) {
        self.administer(&format!("CREATE DATABASE {name} {how}"))
            .await;
        if self.engine != Engine::Postgres {
            self.grant(name).await;
        }
    }

    async fn grant(&self, name: &str) {
        self.administer("CREATE USER IF NOT EXISTS app@'127.0.0.1'")
            .await;
        self.administer(&format!("GRANT ALL ON {name}.* TO app@'127.0.0.1'"))
            .await;
    }

    /// Runs a statement as the administrator.
    pub(crate) async fn administer(&self, statement: &str) {
        let sql = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
        let url = self.admin_url();
        match self.engine {
            Engine::Postgres => {
                let mut connection = PgConnection::connect(&url).await.unwrap();
                connection.execute(sql).await.unwrap();
            }
            _ => {
                let mut connection = MySqlConnection::connect(&url).await.unwrap();
                connection.execute(sql).await.unwrap();
            }
        }
    }

    async fn count(&self, statement: &'static str) -> i64 {
        let mut connection = PgConnection::connect(&self.admin_url()).await.unwrap();
        let count = sqlx::query_scalar(statement).fetch_one(&mut connection);
        count.await.unwrap()
    }

    /// Ends every connection to this database.
    pub(crate) async fn hang_up(&self, database: &str) {
        if self.engine == Engine::Postgres {
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname =";
            self.administer(&format!("{end} '{database}'")).await;
        } else {
            // It kills the one that asks, too, unless that is another user's.
            self.administer("KILL USER app@'127.0.0.1'").await;
        }
    }

    /// Ends it at once, with every process of its own.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Without its parent none of them comes anew.
            signal(&[child.id()], "-STOP");
            let mut all = children(child.id());
            all.push(child.id());
            signal(&all, "-KILL");
            child.wait().ok();
            let end = Instant::now() + PATIENCE;
            while all.iter().any(|id| alive(*id)) && Instant::now() < end {
                std::thread::sleep(TICK);
            }
        }
    }

    /// Asks it to end without waiting for its clients, and waits.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let how = match self.engine {
                Engine::Postgres => "-INT",
                _ => "-TERM",
            };
            signal(&[child.id()], how);
            child.wait().ok();
        }
    }

    /// Connections stay, and nothing answers any more.
    pub(crate) fn freeze(&self) {
        self.all("-STOP");
    }

    /// It goes on as if nothing had been.
    pub(crate) fn thaw(&self) {
        self.all("-CONT");
    }

    /// Makes a standby the primary.
    pub(crate) async fn promote(&self) {
        self.administer("SELECT pg_promote()").await;
        self.administer("ALTER SYSTEM RESET synchronous_standby_names")
            .await;
        self.administer("SELECT pg_reload_conf()").await;
    }

    fn all(&self, how: &str) {
        if let Some(child) = &self.child {
            let mut all = children(child.id());
            all.push(child.id());
            signal(&all, how);
        }
    }

    /// A program of the server, as the account that may run it.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some((uid, gid)) = account(self.engine) {
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.thaw();
        self.kill();
    }
}

/// Root must not run a server: the account that does instead.
fn account(engine: Engine) -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if id(&["-u"])? != 0 {
        return None;
    }
    let name = match engine {
        Engine::Postgres => "postgres",
        _ => "mysql",
    };
    [name, "nobody"]
        .iter()
        .find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)))
}

fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let mut versions: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path)
        .chain(versions.into_iter().rev())
        .chain(["/usr/sbin".into(), "/usr/libexec".into()]);
    places
        .map(|place| place.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("there is no {name}: install postgresql and mariadb-server"))
}

fn signal(ids: &[u32], how: &str) {
    let ids = ids.iter().map(ToString::to_string);
    // Some of them may be gone already.
    Command::new("kill")
        .arg(how)
        .args(ids)
        .stderr(Stdio::null())
        .status()
        .ok();
}

fn alive(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// The processes that this one started.
fn children(of: u32) -> Vec<u32> {
    let parent = |id: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| OsStr::to_str(&entry.file_name())?.parse().ok())
        .filter(|id| parent(*id) == Some(of))
        .collect()
}
