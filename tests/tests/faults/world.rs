//! Where a fault happens: a service, its database, and the way between them.

use reqwest::Url;
use user_service_testdb::TestDatabase;

use crate::disk::Disk;
use crate::harness::{App, Engine};
use crate::proxy::Proxy;
use crate::servers::Server;

/// An engine, with a server of one's own where it is to be harmed itself.
pub(crate) struct World {
    pub(crate) engine: Engine,
    server: Option<Server>,
}

/// A service on an empty database.
pub(crate) struct Place {
    pub(crate) app: App,
    way: Option<Proxy>,
    /// The database's name on its server.
    pub(crate) database: String,
    _owned: Option<TestDatabase>,
}

impl World {
    /// On the servers of all tests, which are left alone: only the way to them may be harmed.
    pub(crate) fn shared(engine: Engine) -> Self {
        Self {
            engine,
            server: None,
        }
    }

    /// On a server that may be harmed.
    pub(crate) async fn private(engine: Engine) -> Self {
        let server = match engine {
            Engine::Sqlite => None,
            engine => Some(Server::start(engine).await),
        };
        Self { engine, server }
    }

    pub(crate) fn server(&mut self) -> &mut Server {
        self.server.as_mut().expect("a server of one's own")
    }

    /// Whatever the last case left behind.
    pub(crate) async fn heal(&mut self) {
        if let Some(server) = &mut self.server {
            server.thaw();
            if !server.answers().await {
                server.kill();
                server.run().await;
            }
        }
    }

    /// Removes a database from the server before its disk goes.
    pub(crate) async fn remove(&self, database: &str) {
        if let Some(server) = &self.server {
            server.remove(database).await;
        }
    }

    /// A service with these settings besides the usual.
    pub(crate) async fn place(&self, settings: &[(&str, &str)]) -> Place {
        let Some(server) = &self.server else {
            return self.place_of_all(settings).await;
        };
        let name = server.database().await;
        self.place_at(server, name, settings).await
    }

    /// The same with its database on a disk.
    pub(crate) async fn place_on(&self, disk: &Disk, settings: &[(&str, &str)]) -> Place {
        if let Some(server) = &self.server {
            let name = server.database_on(disk.path()).await;
            return self.place_at(server, name, settings).await;
        }
        let url = format!("sqlite://{}/test.db?mode=rwc", disk.path().display());
        Place {
            app: App::on(self.engine, TestDatabase::at(url), &usual(settings)).await,
            way: None,
            database: String::new(),
            _owned: None,
        }
    }

    async fn place_at(&self, server: &Server, name: String, settings: &[(&str, &str)]) -> Place {
        let way = Proxy::start(server.address()).await;
        let url = server.url(&name, way.port());
        Place {
            app: App::on(self.engine, TestDatabase::at(url), &usual(settings)).await,
            way: Some(way),
            database: name,
            _owned: None,
        }
    }

    async fn place_of_all(&self, settings: &[(&str, &str)]) -> Place {
        let database = match self.engine {
            Engine::Sqlite => TestDatabase::sqlite().await,
            Engine::Postgres => TestDatabase::postgres().await,
            Engine::MySql => TestDatabase::mysql().await,
        };
        let mut url = Url::parse(database.url()).unwrap();
        let way = match (url.host_str(), url.port()) {
            (Some(host), port) if self.engine != Engine::Sqlite => {
                let usual = if self.engine == Engine::Postgres {
                    5432
                } else {
                    3306
                };
                let way = Proxy::start(format!("{host}:{}", port.unwrap_or(usual))).await;
                url.set_host(Some("127.0.0.1")).unwrap();
                url.set_port(Some(way.port())).unwrap();
                Some(way)
            }
            _ => None,
        };
        Place {
            app: App::on(self.engine, TestDatabase::at(url.into()), &usual(settings)).await,
            way,
            database: String::new(),
            // It is removed with its owner.
            _owned: Some(database),
        }
    }
}

impl Place {
    /// The way to the database.
    pub(crate) fn way(&self) -> &Proxy {
        self.way.as_ref().expect("a server is somewhere else")
    }
}

/// Sessions are counted, so none is ended for another.
fn usual<'a>(settings: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![("MAX_ACTIVE_SESSIONS", "0")];
    all.extend(settings);
    all
}
