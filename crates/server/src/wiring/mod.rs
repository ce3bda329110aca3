//! Puts the adapters behind the ports.

mod administrator;
mod avatars;
mod caches;
mod inspector;
mod python_service;
mod store;
mod tokens;

use std::sync::Arc;

use chrono::Duration;
use secrecy::ExposeSecret;
use user_service_adapters_local::{SystemClock, UserAgentDevices, UuidV7};
use user_service_api::{
    Build, Limits, Metrics, Ports, Quotas, RateLimits, Readiness, Settings, State, TrustedProxies,
};
use user_service_application::authz::Policy;
use user_service_application::avatar::CollectAvatars;
use user_service_application::idempotency::PruneKeys;
use user_service_application::paging::CursorCodec;
use user_service_application::profile::IndexProfiles;
use user_service_application::revocation::{
    Announcer, FollowRevocations, PruneRevocations, RevocationWatch,
};
use user_service_application::session::{
    ActivityRecorder, CountSessions, DropAddresses, FlushActivity, PruneSessions,
};
use user_service_domain::clock::Clock;
use user_service_domain::health::Dependency;
use user_service_domain::quota::SharedQuotas;
use user_service_domain::store::Store;
use user_service_telemetry::Instruments;

pub(crate) use administrator::open_administrator;
pub(crate) use avatars::open_avatars;
pub(crate) use inspector::{open_inspector, without_making};
pub(crate) use python_service::open_python_service;
pub(crate) use store::{
    COMPILED_IN, NotCompiledIn, RequestStore, check_engine, open_request_store, open_store,
    open_upkeep,
};
pub(crate) use tokens::secret_tokens;

use crate::background::Background;
use crate::config::Config;
use caches::Caches;
use tokens::Trust;

/// The service without its listener.
pub(crate) struct Assembly {
    /// What handlers are given.
    pub(crate) state: State,
    /// What goes on beside them.
    pub(crate) background: Background,
}

/// What was built. `USER_SERVICE_REVISION` is the commit, where the builder tells it.
pub(crate) const BUILD: Build = Build {
    version: env!("CARGO_PKG_VERSION"),
    revision: match option_env!("USER_SERVICE_REVISION") {
        Some(revision) => revision,
        None => "unknown",
    },
    adapters: COMPILED_IN,
};

/// What the service counts, and what its adapters do.
pub(crate) fn metrics() -> anyhow::Result<(Metrics, Instruments)> {
    let metrics = Metrics::new()?;
    metrics.tell_build(&BUILD);
    let instruments = Instruments::new(metrics.registry())?;
    Ok((metrics, instruments))
}

/// Puts everything together over this store for requests, and the other for what goes on beside them.
pub(crate) fn assemble(
    config: &Config,
    requests: RequestStore,
    upkeep: Arc<dyn Store>,
    readiness: Readiness,
    (metrics, instruments): (Metrics, &Instruments),
) -> anyhow::Result<Assembly> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let Caches {
        hot,
        shared,
        bus,
        replays,
        quotas,
        dependency,
    } = caches::open(config, &clock, instruments)?;
    let trust = Trust::of(config, &clock, instruments)?;
    let watch = Arc::new(RevocationWatch::default());
    let activity = Arc::new(ActivityRecorder::default());
    let announcer = Announcer::new(
        Arc::clone(&watch),
        Arc::clone(&hot),
        shared.clone(),
        Arc::clone(&bus),
    );
    let avatars = open_avatars(config, Some(instruments))?;
    let rates = Arc::new(rates(config, quotas));
    let probe = Arc::clone(&upkeep);
    let background = Background {
        collect_avatars: CollectAvatars::new(
            Arc::clone(&upkeep),
            Arc::clone(&avatars.files),
            Arc::clone(&clock),
        ),
        follow: FollowRevocations::new(
            Arc::clone(&upkeep),
            Arc::clone(&watch),
            Arc::clone(&hot),
            Arc::clone(&bus),
            announcer,
        ),
        flush: FlushActivity::new(
            Arc::clone(&upkeep),
            Arc::clone(&clock),
            Arc::clone(&activity),
        ),
        prune_sessions: PruneSessions::new(
            Arc::clone(&upkeep),
            Arc::clone(&clock),
            Duration::days(config.session_retention.into()),
        ),
        drop_addresses: DropAddresses::new(
            Arc::clone(&upkeep),
            Arc::clone(&clock),
            Duration::days(config.session_address_retention.into()),
        ),
        count_sessions: CountSessions::new(Arc::clone(&upkeep), Arc::clone(&clock)),
        prune_revocations: PruneRevocations::new(
            Arc::clone(&upkeep),
            Arc::clone(&clock),
            Duration::days(config.revocation_retention.into()),
        ),
        index_profiles: IndexProfiles::new(Arc::clone(&upkeep)),
        prune_keys: PruneKeys::new(upkeep, Arc::clone(&clock)),
        metrics: metrics.clone(),
        database_url: config.database_url.url.clone(),
        rates: Arc::clone(&rates),
    };
    let ports = Ports {
        store: requests.store,
        probe,
        clock,
        ids: Arc::new(UuidV7),
        tokens: trust.verifier,
        devices: Arc::new(UserAgentDevices),
        hot,
        shared,
        bus,
        replays,
        avatars: avatars.files,
        renderer: Arc::new(avatars::renderer(config)),
        dependencies: [
            requests.replica,
            trust.dependency,
            dependency,
            avatars.dependency,
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    let state = State::new(
        limits(config),
        settings(config),
        readiness,
        metrics,
        TrustedProxies::new(config.trusted_proxies.0.clone()),
        CursorCodec::new(cursor_secret(config)),
        watch,
        activity,
        avatars::uploads(config),
        rates,
        ports,
    );
    Ok(Assembly { state, background })
}

/// Redis, as something that may be away, where there is one.
pub(crate) fn redis_dependency(config: &Config) -> anyhow::Result<Option<Arc<dyn Dependency>>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (_, instruments) = metrics()?;
    Ok(caches::open(config, &clock, &instruments)?.dependency)
}

/// What tokens depend on, as something that may be away, where they do.
pub(crate) fn auth_dependency(config: &Config) -> anyhow::Result<Option<Arc<dyn Dependency>>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (_, instruments) = metrics()?;
    Ok(Trust::of(config, &clock, &instruments)?.dependency)
}

/// Who may ask for how much.
fn rates(config: &Config, shared: Option<Arc<dyn SharedQuotas>>) -> RateLimits {
    if !config.rate_limits {
        return RateLimits::new(Quotas::default(), None);
    }
    let quotas = Quotas {
        default: config.rate_limit_default.quota,
        anonymous: config.rate_limit_anonymous.quota,
        search: config.rate_limit_search.quota,
        uploads: config.rate_limit_uploads.quota,
        pictures: config.rate_limit_pictures.quota,
    };
    RateLimits::new(quotas, shared)
}

fn limits(config: &Config) -> Limits {
    Limits {
        prefix: config.api_v1_prefix.clone(),
        default_page_size: config.default_page_size,
        max_page_size: config.max_page_size,
        request_timeout: config.request_timeout,
        upload_timeout: config.upload_timeout,
        max_in_flight: config.max_in_flight,
        max_imports: config.max_imports,
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        policy: Policy {
            public_profiles: config.public_profiles,
            libravatar: config.libravatar,
        },
        provisions_profiles: config.jit_provisioning,
        tracks_sessions: config.track_sessions,
        max_active_sessions: config.max_active_sessions,
        keep_keys_for: Duration::from_std(config.idempotency_ttl.duration())
            .unwrap_or(Duration::hours(24)),
        public_url: config.public_url.as_ref().map(ToString::to_string),
    }
}

fn cursor_secret(config: &Config) -> &[u8] {
    config.cursor_secret_key.as_ref().map_or_else(
        || tokens::secret(config),
        |secret| secret.expose_secret().as_bytes(),
    )
}
