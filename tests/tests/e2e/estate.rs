//! A database with its two accounts, as `db setup` makes them; both are removed in the end.

use std::path::PathBuf;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;
use uuid::Uuid;

use crate::harness::{App, Engine, Outcome};

/// Names that nothing else on the server has, and a directory for their passwords.
pub(crate) struct Estate {
    engine: Engine,
    administrator: String,
    pub(crate) database: String,
    pub(crate) owner: String,
    pub(crate) runtime: String,
    out: TempDir,
}

impl Estate {
    /// On the server of a service's database; nothing is made yet.
    pub(crate) fn of(app: &App) -> Self {
        let name = Uuid::new_v4().simple().to_string();
        let name = format!("ust_{}", &name[..16]);
        Self {
            engine: app.engine,
            administrator: app.database_url().to_owned(),
            owner: format!("{name}_o"),
            runtime: format!("{name}_r"),
            database: name,
            out: tempfile::tempdir().unwrap(),
        }
    }

    /// Accounts of one's own in the database of another.
    pub(crate) fn within(app: &App, other: &Self) -> Self {
        let mut estate = Self::of(app);
        estate.database.clone_from(&other.database);
        estate
    }

    /// `db setup` with the administrator's URL and these names.
    pub(crate) async fn set_up(
        &self,
        app: &App,
        settings: &[(&str, &str)],
        more: &[&str],
    ) -> Outcome {
        let mut arguments = vec!["db", "setup", "--database", &self.database];
        arguments.extend(["--owner", &self.owner, "--runtime", &self.runtime]);
        arguments.extend(more);
        let mut all = vec![("DATABASE_ADMIN_URL", self.administrator.as_str())];
        all.extend(settings);
        app.run_with(&all, &arguments).await
    }

    /// The same, keeping the URLs.
    pub(crate) async fn set_up_kept(&self, app: &App, more: &[&str]) -> Outcome {
        let out = self.out.path().to_str().unwrap();
        let arguments: Vec<&str> = ["--out", out]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        self.set_up(app, &[], &arguments).await
    }

    /// Makes everything, migrates as the owner, and serves as who may do no more than serve.
    pub(crate) async fn serving(&self, app: &App, more: &[&str]) -> App {
        self.set_up_kept(app, more).await.exits(0);
        let owner = self.url("owner");
        app.run_with(&[("DATABASE_URL", &owner)], &["migrate", "up"])
            .await
            .exits(0);
        app.replica(&[("DATABASE_URL", &self.url("runtime"))]).await
    }

    /// The file with the URL of an account.
    pub(crate) fn file(&self, role: &str) -> PathBuf {
        self.out.path().join(format!("{role}.url"))
    }

    /// The URL of an account, with its password.
    pub(crate) fn url(&self, role: &str) -> String {
        std::fs::read_to_string(self.file(role))
            .unwrap()
            .trim()
            .to_owned()
    }

    /// The password of an account.
    pub(crate) fn password(&self, role: &str) -> String {
        let url = reqwest::Url::parse(&self.url(role)).unwrap();
        url.password().unwrap().to_owned()
    }

    /// Runs statements as who has this URL.
    pub(crate) async fn sql(&self, url: &str, statements: &str) -> Result<(), sqlx::Error> {
        run(self.engine, url, statements).await
    }

    /// Runs statements as the administrator, in this database.
    pub(crate) async fn as_administrator(&self, database: &str, statements: &str) {
        let url = within(&self.administrator, database);
        self.sql(&url, statements).await.unwrap();
    }

    /// Whether the administrator finds an account of this name.
    pub(crate) async fn knows(&self, account: &str) -> bool {
        let mut found = 0_i64;
        match self.engine {
            Engine::Postgres => {
                let mut connection = sqlx::PgConnection::connect(&self.administrator)
                    .await
                    .unwrap();
                let sql = "SELECT count(*) FROM pg_roles WHERE rolname = $1";
                found = sqlx::query_scalar(sql)
                    .bind(account)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap();
            }
            Engine::MySql => {
                let mut connection = sqlx::MySqlConnection::connect(&self.administrator)
                    .await
                    .unwrap();
                let sql = "SELECT count(*) FROM mysql.user WHERE user = ?";
                found = sqlx::query_scalar(sql)
                    .bind(account)
                    .fetch_one(&mut connection)
                    .await
                    .unwrap();
            }
            Engine::Sqlite => {}
        }
        found > 0
    }
}

/// The URL with another database.
pub(crate) fn within(url: &str, database: &str) -> String {
    let mut url = reqwest::Url::parse(url).unwrap();
    url.set_path(database);
    url.into()
}

async fn run(engine: Engine, url: &str, statements: &str) -> Result<(), sqlx::Error> {
    let sql = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
    match engine {
        Engine::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await?;
            connection.execute(sql).await?;
        }
        Engine::MySql => {
            let mut connection = sqlx::MySqlConnection::connect(url).await?;
            connection.execute(sql).await?;
        }
        Engine::Sqlite => {}
    }
    Ok(())
}

impl Drop for Estate {
    fn drop(&mut self) {
        let (database, owner, runtime) = (&self.database, &self.owner, &self.runtime);
        let statements: Vec<String> = match self.engine {
            Engine::Postgres => vec![
                format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"),
                format!("DROP ROLE IF EXISTS {runtime}"),
                format!("DROP ROLE IF EXISTS {owner}"),
            ],
            _ => vec![
                format!("DROP DATABASE IF EXISTS {database}"),
                format!("DROP USER IF EXISTS {runtime}, {owner}"),
            ],
        };
        // A thread of its own: a runtime cannot be entered from within another one.
        let removed = std::thread::scope(|scope| {
            let remove = || {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                runtime.block_on(async {
                    for statement in &statements {
                        run(self.engine, &self.administrator, statement).await?;
                    }
                    Ok::<_, sqlx::Error>(())
                })
            };
            scope.spawn(remove).join()
        });
        if !matches!(removed, Ok(Ok(()))) {
            eprintln!("{database} and its accounts are left behind: {removed:?}");
        }
    }
}
