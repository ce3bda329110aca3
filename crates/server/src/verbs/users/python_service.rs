//! `users import --from-python-service`

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use futures_util::StreamExt;
use serde_json::json;
use url::Url;
use user_service_adapters_local::{SystemClock, UuidV7};
use user_service_adapters_python_service::{FormerSession, FormerUser, PythonService, SourceError};
use user_service_application::bulk::{
    AdoptSessions, CompareUsers, How, IdRule, ImportUsers, Outcome,
};
use user_service_bulk_files::{SetDigest, json};
use user_service_domain::bulk::{MemberFault, SessionOf, StoredAccount, UserRecord};
use user_service_domain::clock::Clock;
use user_service_domain::store::Store;

use super::Misused;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::rejects::{Rejects, errors};
use super::tally::Tally;
use crate::cli::ImportArgs;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::{complain, say};
use crate::{verbs, wiring};

const SETTING: &str = "PYTHON_SERVICE_DATABASE_URL";

pub(super) async fn run(file: Option<PathBuf>, args: ImportArgs) -> anyhow::Result<Exit> {
    let mut flags = Vec::new();
    if let Some(url) = args.from_python_service.clone().flatten() {
        if has_password(&url) {
            return Err(Misused(
                "a password in an argument can be seen by everybody on this machine: give the URL in \
                 PYTHON_SERVICE_DATABASE_URL, or in a file with --from-python-service-file",
            )
            .into());
        }
        flags.push((SETTING, url));
    }
    if let Some(path) = &args.from_python_service_file {
        let url = tokio::fs::read_to_string(path).await;
        let url = url.with_context(|| format!("{} cannot be read", path.display()))?;
        flags.push((SETTING, url.trim().to_owned()));
    }
    let config = Config::load(&Sources::from_process(file, flags), Purpose::Database)?;
    wiring::check_engine(&config.database_url)?;
    let at = config.python_service_database_url.as_ref();
    let at = at.ok_or(Misused("PYTHON_SERVICE_DATABASE_URL is not set"))?;
    let source = wiring::open_python_service(at)?;
    source.check().await?;
    verbs::serve::migrate(&config, false).await?;
    let store = wiring::open_store(&config).await?;
    let mut takeover = Takeover {
        rejects: Rejects::open(args.rejects.as_deref(), None).await?,
        progress: Progress::of_users(None, args.no_progress),
        interrupt: Interrupt::listen()?,
        dry_run: args.dry_run,
    };
    takeover.run(&*source, store).await
}

/// Whether others would see a password in it.
fn has_password(url: &str) -> bool {
    // The driver after `+` is none of a URL's parser's business.
    Url::parse(url).is_ok_and(|url| {
        url.password().is_some() || url.query_pairs().any(|(name, _)| name.contains("password"))
    })
}

struct Takeover {
    rejects: Rejects,
    progress: Progress,
    interrupt: Interrupt,
    dry_run: bool,
}

/// What became of the users.
#[derive(Default)]
struct Users {
    tally: Tally,
    mended: u64,
}

/// What became of the sessions.
#[derive(Default)]
struct Sessions {
    live: u64,
    new: u64,
    over: u64,
    unreadable: u64,
}

/// The users of both sides, compared.
#[derive(Default)]
struct Sides {
    said: SetDigest,
    stored: SetDigest,
    compared: u64,
    missing: u64,
}

impl Takeover {
    async fn run(
        &mut self,
        source: &dyn PythonService,
        store: Arc<dyn Store>,
    ) -> anyhow::Result<Exit> {
        let users = self.users(source, &store).await?;
        let total = users.tally.total();
        self.rejects.flush().await?;
        say(&format!(
            "users in the Python service: {total}\n{}\nmended: {}",
            users.tally, users.mended
        ));
        if self.interrupt.came() {
            return Ok(self.interrupted());
        }
        if self.dry_run {
            self.progress.done();
            complain("nothing was kept: this was a dry run");
            return Ok(verdict(users.tally.rejected == 0));
        }
        let sessions = self.sessions(source, &store).await?;
        say(&format!(
            "sessions taken over: {} ({} new)\nsessions that are over: {}\nsessions that cannot be read: {}",
            sessions.live, sessions.new, sessions.over, sessions.unreadable
        ));
        if self.interrupt.came() {
            return Ok(self.interrupted());
        }
        let sides = self.compare(source, store).await?;
        if self.interrupt.came() {
            return Ok(self.interrupted());
        }
        self.progress.done();
        say(&format!(
            "compared: {}\nmissing here: {}\nchecksum there: {}\nchecksum here:  {}",
            sides.compared, sides.missing, sides.said, sides.stored
        ));
        if sides.said != sides.stored {
            complain("the two sides differ: was one of them changed meanwhile? Run it again.");
            return Ok(Exit::Failure);
        }
        Ok(verdict(users.tally.rejected == 0))
    }

    fn interrupted(&self) -> Exit {
        self.progress.done();
        complain("interrupted; run it again: what was taken over is found unchanged");
        Exit::Interrupted
    }

    async fn users(
        &mut self,
        source: &dyn PythonService,
        store: &Arc<dyn Store>,
    ) -> anyhow::Result<Users> {
        let import = ImportUsers::new(
            Arc::clone(store),
            Arc::new(SystemClock),
            Arc::new(UuidV7),
            None,
        );
        let how = How {
            dry_run: self.dry_run,
            ids: IdRule::WhereNew,
        };
        let mut users = Users::default();
        let mut batches = source.users().chunks(ImportUsers::BATCH);
        while let Some(batch) = batches.next().await {
            if self.interrupt.came() {
                break;
            }
            let mut records = Vec::new();
            let mut ids = Vec::new();
            for user in batch {
                let FormerUser { id, record, mended } = user?;
                if !mended.is_empty() {
                    users.mended += 1;
                    self.note("mended", &id, &mended);
                }
                match record {
                    Ok(record) => {
                        records.push(record);
                        ids.push(id);
                    }
                    Err(faults) => self.reject(&mut users, &id, faults),
                }
            }
            let outcomes = import.execute(&records, how).await?;
            for (outcome, id) in outcomes.into_iter().zip(ids) {
                match outcome {
                    Outcome::Rejected(faults) => self.reject(&mut users, &id, faults),
                    outcome => users.tally.count(&outcome),
                }
            }
            self.rejects.flush().await?;
            self.progress.at(users.tally.total());
        }
        Ok(users)
    }

    fn reject(&mut self, users: &mut Users, id: &str, faults: Vec<MemberFault>) {
        self.note("rejected", id, &faults);
        users.tally.count(&Outcome::Rejected(faults));
    }

    fn note(&mut self, status: &str, id: &str, faults: &[MemberFault]) {
        let faults = errors(faults);
        self.rejects
            .add(json!({ "id": id, "status": status, "errors": faults }));
    }

    async fn sessions(
        &mut self,
        source: &dyn PythonService,
        store: &Arc<dyn Store>,
    ) -> anyhow::Result<Sessions> {
        self.progress.says("sessions".to_owned());
        let adopt = AdoptSessions::new(Arc::clone(store));
        let mut count = Sessions::default();
        let mut batches = source
            .sessions(SystemClock.now())
            .chunks(ImportUsers::BATCH);
        while let Some(batch) = batches.next().await {
            if self.interrupt.came() {
                break;
            }
            let mut live: Vec<SessionOf> = Vec::new();
            for session in batch {
                match session? {
                    FormerSession::Live(session) => live.push(*session),
                    FormerSession::Over => count.over += 1,
                    FormerSession::Unreadable => count.unreadable += 1,
                }
            }
            count.live += u64::try_from(live.len()).unwrap_or_default();
            count.new += adopt.execute(&live).await?;
            self.progress.at(count.live);
        }
        Ok(count)
    }

    /// Reads both sides once more.
    async fn compare(
        &mut self,
        source: &dyn PythonService,
        store: Arc<dyn Store>,
    ) -> anyhow::Result<Sides> {
        self.progress.says("compared".to_owned());
        let compare = CompareUsers::new(store, Arc::new(SystemClock), Arc::new(UuidV7));
        let mut sides = Sides::default();
        let mut batches = source.users().chunks(ImportUsers::BATCH);
        while let Some(batch) = batches.next().await {
            if self.interrupt.came() {
                break;
            }
            let records: Result<Vec<UserRecord>, SourceError> = batch
                .into_iter()
                .filter_map(|user| user.map(|user| user.record.ok()).transpose())
                .collect();
            let records = records?;
            let compared = compare.execute(&records).await?;
            let count = |count: usize| u64::try_from(count).unwrap_or_default();
            sides.missing += count(records.len() - compared.len());
            sides.compared += count(compared.len());
            for both in &compared {
                sides.said.add(&line(&both.said));
                sides.stored.add(&line(&both.stored));
            }
            self.progress.at(sides.compared);
        }
        Ok(sides)
    }
}

fn line(account: &StoredAccount) -> Vec<u8> {
    let mut line = Vec::new();
    json::write(account, &mut line);
    line
}

fn verdict(all_taken: bool) -> Exit {
    if all_taken {
        Exit::Ok
    } else {
        Exit::DataFaults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_seen() {
        for url in [
            "postgresql+asyncpg://u:p@h/db",
            "mysql://u:@h/db?password=x",
            "postgres://h/db?user=u&password=p",
        ] {
            assert!(has_password(url), "{url}");
        }
        for url in [
            "postgres://u@h/db",
            "sqlite:///srv/app.db",
            "sqlite+aiosqlite:///./app.db",
        ] {
            assert!(!has_password(url), "{url}");
        }
    }
}
