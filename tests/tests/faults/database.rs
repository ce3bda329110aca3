//! The database goes away, slows down, or refuses.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::disk::Disk;
use crate::harness::{App, Engine};
use crate::people::USERS;
use crate::proxy::Mode;
use crate::servers::Server;
use crate::trial::{Figures, Promise, Trial};
use crate::world::World;

/// How a service without its database answers: it lives, is not ready, and says when to ask again.
async fn answers_without_database(app: &App) -> bool {
    let asked = Instant::now();
    let live = app.get("/health/live").await.status == 200;
    let at_once = asked.elapsed() < Duration::from_secs(1);
    let ready = app.get("/health/ready").await;
    let read = app.get(USERS).token(app.admin().token).await;
    if read.status != 503 {
        return false;
    }
    read.coded(503, "unavailable");
    let retry = read.header("retry-after").parse::<u32>().is_ok();
    live && at_once && ready.status == 503 && retry
}

pub(crate) async fn killed(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    world.server().kill();
    let told = answers_without_database(&place.app).await;
    trial.goes_on(2.0).await;
    world.server().run().await;
    trial.mends();
    let figures = trial.end(&place.app, Promise::UNAVAILABLE).await;
    figures.promised(told, "probes as promised")
}

pub(crate) async fn restarted(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    world.server().stop();
    world.server().run().await;
    trial.mends();
    trial.end(&place.app, Promise::UNAVAILABLE).await
}

pub(crate) async fn frozen(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    world.server().freeze();
    trial.goes_on(1.0).await;
    let told = answers_without_database(&place.app).await;
    trial.goes_on(2.0).await;
    world.server().thaw();
    trial.mends();
    let figures = trial.end(&place.app, Promise::UNAVAILABLE).await;
    figures.promised(told, "probes as promised")
}

pub(crate) async fn slow(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    place.way().set(Mode::Slow(Duration::from_millis(100)));
    trial.goes_on(4.0).await;
    place.way().set(Mode::Open);
    trial.mends();
    trial.end(&place.app, Promise::UNNOTICED).await
}

pub(crate) async fn cut_off(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    place.way().set(Mode::Cut);
    let told = answers_without_database(&place.app).await;
    trial.goes_on(1.0).await;
    place.way().set(Mode::Open);
    trial.mends();
    let figures = trial.end(&place.app, Promise::UNAVAILABLE).await;
    figures.promised(told, "probes as promised")
}

pub(crate) async fn silent(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    place.way().set(Mode::Silent);
    trial.goes_on(8.0).await;
    place.way().set(Mode::Open);
    trial.mends();
    trial.end(&place.app, Promise::UNAVAILABLE).await
}

/// The host is gone without a word, and another one has its address.
pub(crate) async fn forsaken(world: &mut World) -> Figures {
    let place = world
        .place(&[("DB_STATEMENT_TIMEOUT", "1"), ("DB_ACQUIRE_TIMEOUT", "1")])
        .await;
    let mut trial = Trial::begin(&[&place.app]).await;
    place.way().forsake();
    trial.mends();
    trial.end(&place.app, Promise::UNAVAILABLE).await
}

/// Connections are ended from the other side again and again.
pub(crate) async fn hung_up(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    for _ in 0..10 {
        world.server().hang_up(&place.database).await;
        trial.goes_on(0.2).await;
    }
    trial.mends();
    trial.end(&place.app, Promise::UNAVAILABLE).await
}

/// Another one keeps the tables locked, and so every connection busy.
pub(crate) async fn locked(world: &mut World) -> Figures {
    let place = world
        .place(&[("DB_POOL_SIZE", "4"), ("DB_ACQUIRE_TIMEOUT", "1")])
        .await;
    let mut trial = Trial::begin(&[&place.app]).await;
    let lock = match world.engine {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => {
            "BEGIN; LOCK TABLE user_profiles, user_preferences IN ACCESS EXCLUSIVE MODE"
        }
        Engine::MySql => "LOCK TABLES user_profiles WRITE, user_preferences WRITE",
    };
    let url = place.app.database_url();
    let lock = sqlx::raw_sql(AssertSqlSafe(lock));
    macro_rules! hold {
        ($connection:ident) => {{
            let mut other = sqlx::$connection::connect(url).await.unwrap();
            other.execute(lock).await.unwrap();
            trial.goes_on(3.0).await;
            other.close().await.unwrap();
        }};
    }
    match world.engine {
        Engine::Sqlite => hold!(SqliteConnection),
        Engine::Postgres => hold!(PgConnection),
        Engine::MySql => hold!(MySqlConnection),
    }
    trial.mends();
    trial.end(&place.app, Promise::UNAVAILABLE).await
}

pub(crate) async fn disk_full(world: &mut World) -> Figures {
    // Beneath all that is on it.
    let disk = Disk::of(96);
    let place = world.place_on(&disk, &[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    disk.fill();
    trial.goes_on_until_refused(30).await;
    trial.goes_on(2.0).await;
    disk.free();
    trial.mends();
    let figures = trial.end(&place.app, Promise::READ_ONLY).await;
    let refused = figures.refused.contains_key("503 `unavailable`");
    let database = place.database.clone();
    drop(place);
    world.remove(&database).await;
    figures.promised(refused, "writes are refused while it is full")
}

pub(crate) async fn read_only(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let (on, off): (&[&str], &[&str]) = match world.engine {
        Engine::Postgres => (
            &[
                "ALTER SYSTEM SET default_transaction_read_only = on",
                "SELECT pg_reload_conf()",
            ],
            &[
                "ALTER SYSTEM RESET default_transaction_read_only",
                "SELECT pg_reload_conf()",
            ],
        ),
        _ => (&["SET GLOBAL read_only = 1"], &["SET GLOBAL read_only = 0"]),
    };
    let mut trial = Trial::begin(&[&place.app]).await;
    for statement in on {
        world.server().administer(statement).await;
    }
    trial.goes_on(3.0).await;
    for statement in off {
        world.server().administer(statement).await;
    }
    trial.mends();
    let figures = trial.end(&place.app, Promise::READ_ONLY).await;
    let refused = figures.refused.contains_key("503 `unavailable`");
    figures.promised(refused, "writes are refused meanwhile")
}

/// The connections that there are reach a server that only reads any more, new ones the one that writes.
pub(crate) async fn demoted(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    let writes = format!(
        "ALTER DATABASE {} SET default_transaction_read_only = off",
        place.database
    );
    // What a database says is heard by new connections alone.
    for statement in [
        writes.as_str(),
        "ALTER SYSTEM SET default_transaction_read_only = on",
        "SELECT pg_reload_conf()",
    ] {
        world.server().administer(statement).await;
    }
    trial.mends();
    let figures = trial.end(&place.app, Promise::READ_ONLY).await;
    for statement in [
        "ALTER SYSTEM RESET default_transaction_read_only",
        "SELECT pg_reload_conf()",
    ] {
        world.server().administer(statement).await;
    }
    figures
}

/// The primary dies, its synchronous standby takes over, and the address moves.
pub(crate) async fn failed_over(world: &mut World) -> Figures {
    let mut primary = Server::start(Engine::Postgres).await;
    let name = primary.database().await;
    let standby = primary.standby().await;
    let way = crate::proxy::Proxy::start(primary.address()).await;
    let url = primary.url(&name, way.port());
    let database = user_service_testdb::TestDatabase::at(url);
    let settings = [("MAX_ACTIVE_SESSIONS", "0")];
    let app = App::on(world.engine, database, &settings).await;
    let mut trial = Trial::begin(&[&app]).await;
    primary.kill();
    standby.promote().await;
    way.lead_to(standby.address());
    trial.mends();
    trial.end(&app, Promise::UNAVAILABLE).await
}

/// The replica that is read from goes away.
pub(crate) async fn replica_lost(world: &mut World) -> Figures {
    replica(world, Mode::Cut, 3.0).await
}

/// The replica that is read from falls silent.
pub(crate) async fn replica_silent(world: &mut World) -> Figures {
    replica(world, Mode::Silent, 4.0).await
}

async fn replica(world: &mut World, mode: Mode, seconds: f64) -> Figures {
    let mut place = world.place(&[]).await;
    let way = crate::proxy::Proxy::start(world.server().address()).await;
    let url = world.server().url(&place.database, way.port());
    place.app.restart_with("DATABASE_READ_URL", &url).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    way.set(mode);
    trial.goes_on(seconds).await;
    way.set(Mode::Open);
    trial.mends();
    trial.end(&place.app, Promise::UNNOTICED).await
}
