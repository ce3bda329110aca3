//! What breaks in operation, done to the real program under load.
//!
//! A client keeps book of what was acknowledged, and compares: `tests/faults/run` runs every fault on servers of its
//! own and writes `docs/FAULTS.md`. The few of `short` are part of all tests; they harm nothing but the way to the
//! servers that all tests share.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why on standard error"
)]

mod auth;
mod cache;
#[path = "../e2e/client.rs"]
#[expect(dead_code, reason = "it is made for the end-to-end tests")]
mod client;
mod database;
mod disk;
#[path = "../e2e/file_service.rs"]
#[expect(dead_code, reason = "it is made for the end-to-end tests")]
mod file_service;
mod files;
#[path = "../e2e/harness.rs"]
#[expect(dead_code, reason = "it is made for the end-to-end tests")]
mod harness;
mod ledger;
mod load;
#[path = "../e2e/people.rs"]
#[expect(dead_code, reason = "it is made for the end-to-end tests")]
mod people;
#[path = "../e2e/pictures.rs"]
#[expect(dead_code, reason = "it is made for the end-to-end tests")]
mod pictures;
#[path = "../e2e/process.rs"]
mod process;
mod proxy;
#[path = "../e2e/redis.rs"]
mod redis;
mod report;
#[path = "../../../crates/adapters-http-clients/tests/it/server.rs"]
#[expect(dead_code, reason = "it is made for the tests of the clients")]
mod server;
mod servers;
mod service;
mod trial;
mod world;

use crate::harness::Engine;
use crate::report::{Fault, fault};
use crate::world::World;

/// What can be done to a database on a server.
fn of_servers() -> Vec<Fault> {
    vec![
        fault!(database::killed, "database killed, back after 2 s"),
        fault!(database::restarted, "database restarted"),
        fault!(database::frozen, "database frozen until it is noticed"),
        fault!(database::slow, "database 100 ms slower"),
        fault!(database::cut_off, "way to the database cut for 1 s"),
        fault!(database::silent, "way to the database silent for 8 s"),
        fault!(
            database::forsaken,
            "host of the database gone without a word, its address moved (timeouts of 1 s)"
        ),
        fault!(
            database::hung_up,
            "connections ended by the server, ten times"
        ),
        fault!(
            database::locked,
            "tables locked by another for 3 s, every connection busy"
        ),
        fault!(database::disk_full, "disk of the database full"),
        fault!(database::read_only, "database read-only for 3 s"),
        fault!(database::replica_lost, "read replica gone for 3 s"),
        fault!(database::replica_silent, "read replica silent for 4 s"),
    ]
}

fn of_postgres() -> Vec<Fault> {
    vec![
        fault!(
            database::demoted,
            "old connections on a demoted primary (25006), new ones on the new"
        ),
        fault!(
            database::failed_over,
            "primary killed, synchronous standby promoted, address moved"
        ),
    ]
}

/// What can be done to an embedded database.
fn of_sqlite() -> Vec<Fault> {
    vec![
        fault!(
            database::locked,
            "database locked by another process for 3 s"
        ),
        fault!(database::disk_full, "disk of the database full"),
    ]
}

/// What can be done wherever the data are.
fn of_all() -> Vec<Fault> {
    vec![
        fault!(cache::killed, "Redis killed, back after 2 s"),
        fault!(cache::frozen, "Redis frozen for 3 s"),
        fault!(cache::slow, "Redis 300 ms slower"),
        fault!(cache::cut_off, "way to Redis cut for 3 s"),
        fault!(cache::flushed, "Redis emptied, twenty times"),
        fault!(files::killed, "File Service killed"),
        fault!(files::frozen, "File Service frozen"),
        fault!(
            files::nonsense,
            "File Service answers 500, elsewhere, 4 MiB, nothing"
        ),
        fault!(auth::killed, "Auth Service gone (keys)"),
        fault!(auth::frozen, "Auth Service silent (keys)"),
        fault!(
            auth::nonsense,
            "Auth Service answers broken, endless and empty key sets"
        ),
        fault!(auth::rotated, "Auth Service signs with a new key"),
        fault!(auth::absent, "Auth Service away when the service starts"),
        fault!(
            service::killed,
            "service killed in the middle of writes, three times"
        ),
        fault!(service::terminated, "service told to stop under load"),
        fault!(service::replica_killed, "one of two replicas killed"),
        fault!(service::raced, "sixteen change one profile at once"),
        fault!(
            service::migrated,
            "schema down and up beneath data, four migrate at once"
        ),
        fault!(
            service::clock_moved,
            "clock of the service 20 s ahead, 20 s behind, 2 h ahead"
        ),
        fault!(
            service::flooded,
            "sixty bodies that are too large, too deep, no pictures"
        ),
    ]
}

fn everything(engine: Engine) -> Vec<Fault> {
    let mut faults = match engine {
        Engine::Sqlite => of_sqlite(),
        Engine::Postgres => of_servers().into_iter().chain(of_postgres()).collect(),
        Engine::MySql => of_servers(),
    };
    faults.extend(of_all());
    faults
}

/// The faults of `FAULTS` alone, where it names some.
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration but the environment"
)]
fn chosen(faults: Vec<Fault>) -> Vec<Fault> {
    let Ok(names) = std::env::var("FAULTS") else {
        return faults;
    };
    let is_meant = |fault: &Fault| names.split(',').any(|name| fault.name.contains(name));
    faults.into_iter().filter(is_meant).collect()
}

/// Every fault on a server of one's own; the table goes to the directory `FAULTS_OUT`.
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no configuration but the environment"
)]
async fn full(engine: Engine) {
    let mut world = World::private(engine).await;
    let out = std::env::var("FAULTS_OUT").ok();
    let keep = |table: &str| {
        if let Some(out) = &out {
            let file = std::path::Path::new(out).join(format!("{engine:?}.md").to_lowercase());
            std::fs::write(file, table).unwrap();
        }
    };
    let (table, broken) = report::run(&mut world, &chosen(everything(engine)), keep).await;
    eprintln!("{table}");
    assert!(broken.is_empty(), "{broken:#?}");
}

async fn few(engine: Engine, faults: &[Fault]) {
    let mut world = World::shared(engine);
    let (table, broken) = report::run(&mut world, faults, |_| ()).await;
    assert!(broken.is_empty(), "{broken:#?}\n{table}");
}

mod short {
    use super::{Engine, fault, few};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        let faults = [fault!(service::killed, "the service is killed")];
        few(Engine::Sqlite, &faults).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        let faults = [
            fault!(database::cut_off, "the way is cut"),
            fault!(database::forsaken, "the host is gone"),
        ];
        few(Engine::Postgres, &faults).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn mysql() {
        let faults = [
            fault!(database::cut_off, "the way is cut"),
            fault!(cache::killed, "Redis is killed"),
        ];
        few(Engine::MySql, &faults).await;
    }
}

mod full {
    use super::{Engine, full};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes and servers of its own: tests/faults/run"]
    async fn sqlite() {
        full(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes and servers of its own: tests/faults/run"]
    async fn postgres() {
        full(Engine::Postgres).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "takes minutes and servers of its own: tests/faults/run"]
    async fn mysql() {
        full(Engine::MySql).await;
    }
}
