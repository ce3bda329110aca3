//! The parts of Gravity User Service, put together as the shop wants them.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use anyhow::Result;
use tokio::time::interval;
use user_service_adapters_image::{ImageRenderer, ImageSettings};
use user_service_adapters_local::{
    LocalAvatarStore, LocalRevocationBus, MemoryReplayCache, MemorySessionCache, SystemClock,
    UserAgentDevices, UuidV7,
};
use user_service_adapters_sqlite::PoolOptions;
use user_service_api::{
    Build, Limits, Metrics, Ports, Quotas, RateLimits, Readiness, Settings, State, TrustedProxies,
    Uploads, Vitals,
};
use user_service_application::authz::Policy;
use user_service_application::paging::CursorCodec;
use user_service_application::revocation::{Announcer, FollowRevocations, RevocationWatch};
use user_service_application::session::ActivityRecorder;
use user_service_domain::clock::Clock;
use user_service_domain::revocation::RevocationBus;
use user_service_domain::session::SessionCache;
use user_service_domain::store::Store;

use crate::keys::Keys;

/// Where the shop has the API.
pub const ROOT: &str = "/people";

/// Where it is below that.
pub const API: &str = "/v1";

/// What handlers are given.
#[derive(Clone)]
pub struct People {
    pub state: web::Data<State>,
    pub vitals: web::Data<Vitals>,
}

const MINUTE: Duration = Duration::from_secs(60);

/// Opens a SQLite database, and begins what goes on beside requests.
pub async fn open(database: &str) -> Result<People> {
    let url = format!("sqlite://{database}?mode=rwc");
    user_service_migration::up(&url).await?;
    let store = user_service_adapters_sqlite::open(&url, PoolOptions::default()).await?;
    let store: Arc<dyn Store> = Arc::new(store);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let hot = MemorySessionCache::new(Arc::clone(&clock), 10_000, MINUTE);
    let hot: Arc<dyn SessionCache> = Arc::new(hot);
    let bus: Arc<dyn RevocationBus> = Arc::new(LocalRevocationBus::default());
    let watch = Arc::new(RevocationWatch::default());
    follow(&store, &watch, &hot, &bus).await?;
    let readiness = Readiness::default();
    readiness.set(true);
    let ports = Ports {
        store: Arc::clone(&store),
        probe: Arc::clone(&store),
        clock: Arc::clone(&clock),
        ids: Arc::new(UuidV7),
        tokens: Arc::new(Keys::of_the_shop()),
        devices: Arc::new(UserAgentDevices),
        hot,
        shared: None,
        bus,
        replays: Arc::new(MemoryReplayCache::new(clock, 1 << 20, MINUTE)),
        avatars: Arc::new(LocalAvatarStore::new(format!("{database}.avatars"))),
        renderer: Arc::new(ImageRenderer::new(ImageSettings::default())),
        dependencies: Vec::new(),
    };
    let state = web::Data::new(State::new(
        limits(),
        settings(),
        readiness,
        Metrics::new()?,
        TrustedProxies::new(Vec::new()),
        CursorCodec::new(b"a secret of 32 bytes of the shop"),
        watch,
        Arc::new(ActivityRecorder::default()),
        Uploads::new(5 << 20, vec!["image/jpeg", "image/png"], MINUTE, 4),
        Arc::new(RateLimits::new(Quotas::default(), None)),
        ports,
    ));
    let build = Build {
        version: env!("CARGO_PKG_VERSION"),
        revision: "unknown",
        adapters: &["sqlite"],
    };
    let vitals = web::Data::new(Vitals::of(&state, store, false, build));
    Ok(People { state, vitals })
}

/// Hears of what was revoked, here or by another process on this database.
async fn follow(
    store: &Arc<dyn Store>,
    watch: &Arc<RevocationWatch>,
    hot: &Arc<dyn SessionCache>,
    bus: &Arc<dyn RevocationBus>,
) -> Result<()> {
    let announcer = Announcer::new(Arc::clone(watch), Arc::clone(hot), None, Arc::clone(bus));
    let follow = FollowRevocations::new(
        Arc::clone(store),
        Arc::clone(watch),
        Arc::clone(hot),
        Arc::clone(bus),
        announcer,
    );
    follow.begin().await?;
    tokio::spawn(async move {
        let mut ticks = interval(FollowRevocations::EVERY);
        loop {
            ticks.tick().await;
            if let Err(error) = follow.read().await {
                eprintln!("the feed of revocations cannot be read: {error}");
            }
        }
    });
    Ok(())
}

fn limits() -> Limits {
    Limits {
        prefix: format!("{ROOT}{API}"),
        default_page_size: 20,
        max_page_size: 100,
        max_imports: 4,
        request_timeout: Duration::from_secs(10),
        upload_timeout: MINUTE,
        max_in_flight: 256,
    }
}

/// Keys of the shop belong to no session.
fn settings() -> Settings {
    Settings {
        policy: Policy::default(),
        provisions_profiles: false,
        tracks_sessions: false,
        max_active_sessions: 0,
        keep_keys_for: chrono::Duration::hours(24),
        public_url: None,
    }
}
