//! The database: that it is there, who we are in it, its schema, its clock, and how it answers.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use user_service_adapters_local::SystemClock;
use user_service_adapters_sql::hot::{Slow, slow_statements};
use user_service_adapters_sql::inspect::Inspector;
use user_service_adapters_sql::setup::ConnectError;
use user_service_domain::clock::Clock;
use user_service_migration as migration;

use super::finding::Finding;
use crate::config::{Config, DatabaseUrl, Engine};
use crate::exit::Exit;
use crate::wiring;

const DATABASE: &str = "database";
const CLOCK: &str = "clock";
const MIGRATIONS: &str = "migrations";
const RIGHTS: &str = "rights";
const INDEXES: &str = "indexes";
const REPLICA: &str = "replica";

/// By how much the clocks of service and database may differ.
const MOST_SKEW: TimeDelta = TimeDelta::seconds(2);

/// Everything about the database and its replica.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let (mut findings, replica) = tokio::join!(primary(config), replica(config));
    findings.push(replica);
    findings
}

async fn primary(config: &Config) -> Vec<Finding> {
    let at = wiring::without_making(&config.database_url);
    let inspector = match wiring::open_inspector(config, &at).await {
        Ok(Ok(inspector)) => inspector,
        Ok(Err(error)) => {
            let mut findings = vec![unconnected(&at, &error)];
            let rest = [CLOCK, MIGRATIONS, RIGHTS, INDEXES];
            findings
                .extend(rest.map(|check| Finding::skipped(check, "there is no database to ask")));
            return findings;
        }
        Err(error) => {
            let fix = "take a build with this engine";
            return vec![Finding::failed(
                DATABASE,
                Exit::Config,
                error.to_string(),
                fix,
            )];
        }
    };
    let mut findings = server(&*inspector).await;
    let (is_current, migrations) = migrations(&at).await;
    findings.push(migrations);
    findings.push(rights(&*inspector).await);
    if is_current {
        findings.extend(indexes(&*inspector).await);
    } else {
        findings.push(Finding::skipped(INDEXES, "the schema is not current"));
    }
    findings
}

/// Why there is no connection, and what to do about it.
fn unconnected(at: &DatabaseUrl, error: &ConnectError) -> Finding {
    let detail = format!("{error}: {}", at.redacted());
    if at.engine == Engine::Sqlite {
        let fix = "`user-service serve` makes the file; its directory must be there and writable";
        return Finding::warning(DATABASE, format!("no database yet: {}", at.redacted()), fix);
    }
    let (exit, fix) = match error {
        ConnectError::Unreachable(_) => (
            Exit::Unavailable,
            "start the server, or correct host and port in DATABASE_URL",
        ),
        ConnectError::Busy => (
            Exit::Unavailable,
            "wait, or raise the server's limit of connections",
        ),
        ConnectError::Credentials => (
            Exit::Config,
            "correct user and password in DATABASE_URL; `user-service db setup --reset-passwords` sets new ones",
        ),
        ConnectError::NoDatabase => (
            Exit::Config,
            "correct the database's name in DATABASE_URL, or make it with `user-service db setup`",
        ),
        ConnectError::Tls => (
            Exit::Config,
            "name the authority of the server's certificate in DATABASE_URL, or the mode that the server can do",
        ),
        ConnectError::Other(_) => (
            Exit::Unavailable,
            "look into the server's log, and correct DATABASE_URL",
        ),
    };
    Finding::failed(DATABASE, exit, detail, fix)
}

/// An answer that did not come; the words of drivers may hold anything, so they are not repeated.
fn unanswered(check: &'static str) -> Finding {
    let fix = "look into the server's log; raise DB_STATEMENT_TIMEOUT if it is only slow";
    Finding::failed(
        check,
        Exit::Unavailable,
        "the database did not answer this",
        fix,
    )
}

/// The version of the server, and its clock.
async fn server(inspector: &dyn Inspector) -> Vec<Finding> {
    let before = SystemClock.now();
    let Ok(server) = inspector.server().await else {
        return vec![unanswered(DATABASE)];
    };
    let after = SystemClock.now();
    let version = match server.needs {
        None => Finding::good(DATABASE, server.version),
        Some(oldest) => {
            let detail = format!("{} is not supported", server.version);
            let fix = format!("take {oldest} or later");
            Finding::failed(DATABASE, Exit::Config, detail, fix)
        }
    };
    // Its clock was read at some moment in between: what is certain is the distance from the nearer end.
    let skew = if server.now < before {
        server.now - before
    } else if server.now > after {
        server.now - after
    } else {
        TimeDelta::zero()
    };
    let clock = if skew.abs() <= MOST_SKEW {
        Finding::good(CLOCK, "the database's is as this machine's")
    } else {
        let side = if skew < TimeDelta::zero() {
            "behind"
        } else {
            "ahead of"
        };
        let detail = format!(
            "the database's clock is {}.{:03} s {side} this machine's",
            skew.num_seconds().abs(),
            skew.subsec_nanos().abs() / 1_000_000
        );
        Finding::warning(CLOCK, detail, "have both machines follow one time server")
    };
    vec![version, clock]
}

/// Whether the schema is current, and what to say about it.
async fn migrations(at: &DatabaseUrl) -> (bool, Finding) {
    let Ok(all) = migration::status(at.url.expose_secret()).await else {
        let detail = "the ledger of migrations cannot be read";
        let fix = "`user-service db setup` grants the account what it needs";
        return (
            false,
            Finding::failed(MIGRATIONS, Exit::Config, detail, fix),
        );
    };
    let pending = all.iter().filter(|change| !change.applied).count();
    let newer = all.iter().filter(|change| !change.known).count();
    if pending == 0 && newer > 0 {
        let detail = format!("a newer release has applied {newer} that this program does not have");
        let fix = "take the newest program; this one may serve on if it is of the release before";
        return (true, Finding::warning(MIGRATIONS, detail, fix));
    }
    if pending == 0 {
        return (
            true,
            Finding::good(MIGRATIONS, format!("all {} are applied", all.len())),
        );
    }
    if at.engine == Engine::Sqlite {
        let detail = format!("{pending} are pending: `serve` applies them");
        return (false, Finding::good(MIGRATIONS, detail));
    }
    let detail = format!("{pending} of {} are pending", all.len());
    let fix = "run `user-service migrate up` with the URL of the owner";
    (
        false,
        Finding::failed(MIGRATIONS, Exit::MigrationsPending, detail, fix),
    )
}

/// Whether the account may do what it needs to, and no more.
async fn rights(inspector: &dyn Inspector) -> Finding {
    let rights = match inspector.rights().await {
        Ok(Some(rights)) => rights,
        Ok(None) => return Finding::skipped(RIGHTS, "an embedded database knows no accounts"),
        Err(_) => return unanswered(RIGHTS),
    };
    let account = &rights.account;
    if !rights.missing.is_empty() {
        let detail = format!("{account} may not do this: {}", rights.missing.join(", "));
        let fix = "`user-service db setup` grants what is missing";
        return Finding::failed(RIGHTS, Exit::Config, detail, fix);
    }
    if !rights.excess.is_empty() {
        let detail = format!("{account} {}", rights.excess.join(", "));
        let fix = "serve as an account that may do no more than read and write rows: `user-service db setup` makes one";
        return Finding::warning(RIGHTS, detail, fix);
    }
    Finding::good(
        RIGHTS,
        format!("{account} reads and writes rows, and may do no more"),
    )
}

/// What makes statements slow.
async fn indexes(inspector: &dyn Inspector) -> Vec<Finding> {
    let Ok(slow) = slow_statements(inspector, SystemClock.now()).await else {
        return vec![unanswered(INDEXES)];
    };
    if slow.is_empty() {
        return vec![Finding::good(
            INDEXES,
            "every frequent statement is answered from one",
        )];
    }
    let finding = |slow: Slow| match slow {
        Slow::Missing {
            index,
            create,
            statements,
        } => {
            let slows = if statements.is_empty() {
                "deleting profiles".to_owned()
            } else {
                statements.join("; ")
            };
            let detail = format!(
                "{} on {} is missing, which slows: {slows}",
                index.name, index.table
            );
            Finding::warning(INDEXES, detail, format!("as the owner: {create};"))
        }
        Slow::Unused {
            table,
            statements,
            analyze,
        } => {
            let detail = format!("all of {table} is read for: {}", statements.join("; "));
            Finding::warning(INDEXES, detail, format!("as the owner: {analyze};"))
        }
    };
    slow.into_iter().map(finding).collect()
}

/// The replica, which can be done without.
async fn replica(config: &Config) -> Finding {
    let Some(at) = &config.database_read_url else {
        return Finding::skipped(REPLICA, "DATABASE_READ_URL is not set");
    };
    match wiring::open_inspector(config, at).await {
        Ok(Ok(_)) => Finding::good(REPLICA, "answers"),
        Ok(Err(error)) => {
            let detail = format!("{error}: {}", at.redacted());
            Finding::warning(
                REPLICA,
                detail,
                "correct DATABASE_READ_URL, or start the replica",
            )
        }
        Err(error) => Finding::failed(
            REPLICA,
            Exit::Config,
            error.to_string(),
            "take a build with this engine",
        ),
    }
}
