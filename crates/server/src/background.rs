//! What goes on beside requests.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use user_service_api::{Metrics, RateLimits};
use user_service_application::UseCaseError;
use user_service_application::avatar::CollectAvatars;
use user_service_application::idempotency::PruneKeys;
use user_service_application::profile::IndexProfiles;
use user_service_application::revocation::{FollowRevocations, PruneRevocations};
use user_service_application::session::{
    CountSessions, DropAddresses, FlushActivity, PruneSessions,
};
use user_service_domain::session::Flush;
use user_service_migration as migration;

/// How often what is over is forgotten.
const PRUNE_EVERY: Duration = Duration::from_mins(5);

/// How often addresses of sessions that were not used for long are dropped.
const DROP_EVERY: Duration = Duration::from_hours(1);

/// How often files that are nobody's are removed.
const COLLECT_EVERY: Duration = Duration::from_mins(1);

/// How often it is looked at who is counted.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// How often profiles that came past the service are indexed.
const INDEX_EVERY: Duration = Duration::from_mins(1);

/// How often the database is asked which migrations it lacks.
const MIGRATIONS_EVERY: Duration = Duration::from_mins(1);

/// How often sessions in use are counted: by every replica, over as many entries of an index as there are such sessions.
const COUNT_EVERY: Duration = Duration::from_mins(5);

/// The use cases that nobody asks for.
pub(crate) struct Background {
    pub(crate) follow: FollowRevocations,
    pub(crate) flush: FlushActivity,
    pub(crate) prune_sessions: PruneSessions,
    pub(crate) drop_addresses: DropAddresses,
    pub(crate) count_sessions: CountSessions,
    pub(crate) prune_revocations: PruneRevocations,
    pub(crate) prune_keys: PruneKeys,
    pub(crate) collect_avatars: CollectAvatars,
    pub(crate) index_profiles: IndexProfiles,
    pub(crate) metrics: Metrics,
    /// `DATABASE_URL`
    pub(crate) database_url: SecretString,
    pub(crate) rates: Arc<RateLimits>,
}

/// The running tasks.
pub(crate) struct Tasks {
    background: Arc<Background>,
    tasks: JoinSet<()>,
}

impl Background {
    /// Starts them all.
    pub(crate) fn start(self) -> Tasks {
        let background = Arc::new(self);
        let mut tasks = JoinSet::new();
        tasks.spawn(follow(Arc::clone(&background)));
        tasks.spawn(listen(Arc::clone(&background)));
        tasks.spawn(flush(Arc::clone(&background)));
        tasks.spawn(prune(Arc::clone(&background)));
        tasks.spawn(drop_addresses(Arc::clone(&background)));
        tasks.spawn(collect(Arc::clone(&background)));
        tasks.spawn(index(Arc::clone(&background)));
        tasks.spawn(count_migrations(Arc::clone(&background)));
        tasks.spawn(count_sessions(Arc::clone(&background)));
        tasks.spawn(sweep(Arc::clone(&background)));
        Tasks { background, tasks }
    }

    async fn write_activity(&self, how: Flush) {
        match self.flush.execute(how).await {
            Ok(rows) => self.metrics.activity_written(rows),
            Err(error) => tracing::warn!(error = %error, "activity could not be written"),
        }
    }
}

impl Tasks {
    /// Ends them, and writes down what is only remembered.
    pub(crate) async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.background.write_activity(Flush::Final).await;
    }
}

async fn follow(background: Arc<Background>) {
    let mut ticks = interval(FollowRevocations::EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut follows = true;
    loop {
        ticks.tick().await;
        let read = background.follow.read().await;
        match &read {
            Ok(()) if !follows => tracing::info!("the feed of revocations can be read again"),
            Err(error) if follows => {
                tracing::warn!(error = %error, "the feed of revocations cannot be read");
            }
            Ok(()) | Err(_) => {}
        }
        follows = read.is_ok();
    }
}

async fn listen(background: Arc<Background>) {
    background.follow.listen().await;
}

async fn flush(background: Arc<Background>) {
    let mut ticks = interval(FlushActivity::EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        background.write_activity(Flush::Coalesced).await;
    }
}

async fn prune(background: Arc<Background>) {
    let mut ticks = interval(PRUNE_EVERY);
    loop {
        ticks.tick().await;
        let failures: [Option<UseCaseError>; 3] = [
            background.prune_keys.execute().await.err(),
            background.prune_sessions.execute().await.err(),
            background.prune_revocations.execute().await.err(),
        ];
        for error in failures.into_iter().flatten() {
            tracing::warn!(error = %error, "what is over could not be forgotten");
        }
    }
}

async fn drop_addresses(background: Arc<Background>) {
    let mut ticks = interval(DROP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = background.drop_addresses.execute().await {
            tracing::warn!(error = %error, "addresses of sessions could not be dropped");
        }
    }
}

async fn collect(background: Arc<Background>) {
    let mut ticks = interval(COLLECT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = background.collect_avatars.execute().await {
            tracing::warn!(error = %error, "files that are nobody's could not be removed");
        }
    }
}

async fn index(background: Arc<Background>) {
    let mut ticks = interval(INDEX_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match background.index_profiles.execute().await {
            Ok(0) => {}
            Ok(profiles) => tracing::info!(profiles, "indexed for the search"),
            Err(error) => tracing::warn!(error = %error, "profiles could not be indexed"),
        }
    }
}

/// They may come to be pending while the service runs: when somebody takes them back, or restores an older copy.
async fn count_migrations(background: Arc<Background>) {
    let mut ticks = interval(MIGRATIONS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match migration::status(background.database_url.expose_secret()).await {
            Ok(changes) => {
                let pending = changes.iter().filter(|change| !change.applied);
                background.metrics.migrations_pending(pending.count());
            }
            // That the database is away is told elsewhere.
            Err(error) => tracing::debug!(error = %error, "migrations could not be counted"),
        }
    }
}

async fn count_sessions(background: Arc<Background>) {
    let mut ticks = interval(COUNT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match background.count_sessions.execute().await {
            Ok(sessions) => background.metrics.sessions_active(sessions),
            Err(error) => tracing::warn!(error = %error, "sessions could not be counted"),
        }
    }
}

async fn sweep(background: Arc<Background>) {
    let mut ticks = interval(SWEEP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        background.rates.sweep();
    }
}
