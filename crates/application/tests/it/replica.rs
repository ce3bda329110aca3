//! A process of the service without its wire.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use user_service_adapters_local::{LocalRevocationBus, MemorySessionCache};
use user_service_application::UseCaseError;
use user_service_application::profile::{CreateProfile, ProvisionProfile};
use user_service_application::revocation::{Announcer, FollowRevocations, RevocationWatch};
use user_service_application::session::{
    ActivityRecorder, Client, FlushActivity, ListSessions, RevokeSession, RevokeSessions,
    SessionGate, StartSession, Tracking,
};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Principal, Scopes};
use user_service_domain::ids::{IdGenerator, UserId};
use user_service_domain::profile::{Profile, ProfileKey};
use user_service_domain::session::{
    Device, DeviceDetector, Session, SessionCache, SessionFilter, SessionToken, UserAgent,
};
use user_service_domain::store::Store;
use user_service_testkit::{FixedClock, MemoryStore, SequentialIds, account, profile};

/// The cap of these tests.
pub(crate) const CAP: u32 = 3;

struct NoDevices;

#[async_trait]
impl DeviceDetector for NoDevices {
    async fn detect(&self, _: &UserAgent) -> Device {
        Device::default()
    }
}

/// What replicas share.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) ids: Arc<SequentialIds>,
}

impl World {
    /// Person 1 with a profile and preferences.
    pub(crate) async fn new() -> Self {
        let world = Self {
            store: MemoryStore::new(),
            clock: Arc::new(FixedClock::default()),
            ids: Arc::new(SequentialIds::new()),
        };
        let account = account(1);
        let mut work = world.store.begin().await.unwrap();
        work.profiles().insert(&account.profile).await.unwrap();
        work.preferences()
            .insert(&account.preferences)
            .await
            .unwrap();
        work.commit().await.unwrap();
        world
    }
}

/// One process.
pub(crate) struct Replica {
    pub(crate) world: World,
    pub(crate) gate: SessionGate,
    pub(crate) start: Arc<StartSession>,
    pub(crate) list: ListSessions,
    pub(crate) revoke: RevokeSession,
    pub(crate) revoke_all: RevokeSessions,
    pub(crate) follow: FollowRevocations,
    pub(crate) flush: FlushActivity,
    pub(crate) announcer: Announcer,
    pub(crate) provision: ProvisionProfile,
}

impl Replica {
    /// A process that tracks sessions, and has settled.
    pub(crate) async fn of(world: &World) -> Self {
        Self::tracking(world, true).await
    }

    /// A process that has settled.
    pub(crate) async fn tracking(world: &World, track: bool) -> Self {
        let store: Arc<dyn Store> = Arc::new(world.store.clone());
        let clock: Arc<dyn Clock> = Arc::clone(&world.clock) as _;
        let ids: Arc<dyn IdGenerator> = Arc::clone(&world.ids) as _;
        let watch = Arc::new(RevocationWatch::default());
        let hot: Arc<dyn SessionCache> = Arc::new(MemorySessionCache::new(
            Arc::clone(&clock),
            1000,
            Duration::from_mins(1),
        ));
        let bus = Arc::new(LocalRevocationBus::default());
        let announcer = Announcer::new(
            Arc::clone(&watch),
            Arc::clone(&hot),
            None,
            Arc::clone(&bus) as _,
        );
        let activity = Arc::new(ActivityRecorder::default());
        let start = Arc::new(StartSession::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            announcer.clone(),
            Arc::clone(&activity),
            CAP,
        ));
        let create = Arc::new(CreateProfile::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            announcer.clone(),
        ));
        let replica = Self {
            world: world.clone(),
            gate: SessionGate::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                Arc::new(NoDevices),
                Arc::clone(&watch),
                Arc::clone(&hot),
                None,
                Arc::clone(&activity),
                Arc::clone(&start),
                track,
            ),
            start,
            list: ListSessions::new(Arc::clone(&store), Arc::clone(&clock)),
            revoke: RevokeSession::new(Arc::clone(&store), Arc::clone(&clock), announcer.clone()),
            revoke_all: RevokeSessions::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                announcer.clone(),
            ),
            flush: FlushActivity::new(Arc::clone(&store), Arc::clone(&clock), activity),
            follow: FollowRevocations::new(store, watch, hot, bus, announcer.clone()),
            provision: ProvisionProfile::new(create, clock, ids),
            announcer,
        };
        replica.follow.begin().await.unwrap();
        tokio::time::advance(Duration::from_secs(3)).await;
        replica.follow.read().await.unwrap();
        replica
    }

    /// Lets the bearer in, or not.
    pub(crate) async fn admit(&self, bearer: &Principal) -> Result<(), UseCaseError> {
        self.gate
            .admit(bearer, Client::default, Tracking::Start)
            .await
    }

    /// The person's sessions.
    pub(crate) async fn sessions(&self, filter: SessionFilter) -> Vec<Session> {
        let caller = Caller::Known(person(1));
        let key = ProfileKey::User(person(1).user_id);
        let list = self.list.execute(&caller, key, filter).await.unwrap();
        assert!(list.is_own);
        list.sessions
    }

    /// Time passes for everybody; the feed is not read.
    pub(crate) async fn wait(&self, seconds: i64) {
        self.world.clock.advance(TimeDelta::seconds(seconds));
        tokio::time::advance(Duration::from_secs(seconds.unsigned_abs())).await;
    }

    /// Changes the stored profile of person 1, and tells nobody.
    pub(crate) async fn change(&self, change: impl FnOnce(&mut Profile)) {
        let mut work = self.world.store.begin().await.unwrap();
        let key = ProfileKey::User(person(1).user_id);
        let found = work.profiles().find_for_update(key).await.unwrap();
        let mut profile = found.unwrap();
        change(&mut profile);
        profile.version += 1;
        work.profiles().update(&profile).await.unwrap();
        work.commit().await.unwrap();
    }
}

/// The bearer of a token of person `n` without a session, issued now and good for an hour.
pub(crate) fn person(n: u32) -> Principal {
    let now = FixedClock::default().now();
    Principal {
        user_id: profile(n).user_id,
        is_admin: false,
        scopes: Scopes::default(),
        session: None,
        issued_at: Some(now),
        expires_at: now + TimeDelta::hours(1),
        about: None,
    }
}

/// The bearer of a token of person 1 in this session.
pub(crate) fn in_session(sid: &str) -> Principal {
    Principal {
        session: Some(SessionToken::parse(sid).unwrap()),
        ..person(1)
    }
}

/// The bearer with a token issued at another time.
pub(crate) fn issued(bearer: &Principal, at: DateTime<Utc>) -> Principal {
    Principal {
        issued_at: Some(at),
        ..bearer.clone()
    }
}

/// Fails unless the caller was refused for their session.
#[track_caller]
pub(crate) fn assert_session_ended(answer: Result<(), UseCaseError>) {
    assert!(
        matches!(answer, Err(UseCaseError::SessionEnded)),
        "{answer:?}"
    );
}

/// Fails unless the caller was refused for their account.
#[track_caller]
pub(crate) fn assert_account_ended(answer: Result<(), UseCaseError>) {
    assert!(
        matches!(answer, Err(UseCaseError::AccountEnded)),
        "{answer:?}"
    );
}

/// The feed is read as often as it should be while this much time passes.
pub(crate) async fn follow(replica: &Replica, seconds: i64) {
    replica.wait(seconds).await;
    replica.follow.read().await.unwrap();
    // A reading counts from its beginning.
    assert!(Instant::now().elapsed().is_zero());
}

/// The id of a person who has no profile.
pub(crate) fn stranger() -> UserId {
    profile(99).user_id
}
