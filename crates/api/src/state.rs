//! What handlers are given.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::web::Bytes;
use chrono::TimeDelta;
use user_service_application::authz::Policy;
use user_service_application::avatar::{DeleteAvatar, GetAvatar, RemoveFiles, UploadAvatar};
use user_service_application::bulk::ImportUsers;
use user_service_application::idempotency::ReserveKey;
use user_service_application::paging::CursorCodec;
use user_service_application::preferences::{GetPreferences, UpdatePreferences};
use user_service_application::profile::{
    CreateProfile, DeleteProfile, GetProfile, ListProfiles, ProvisionProfile, SearchProfiles,
    UpdateProfile,
};
use user_service_application::revocation::{Announcer, ListRevocations, RevocationWatch};
use user_service_application::session::{
    ActivityRecorder, ListSessions, RevokeSession, RevokeSessions, SessionGate, StartSession,
};
use user_service_domain::avatar::{AvatarRenderer, AvatarStore};
use user_service_domain::clock::Clock;
use user_service_domain::health::Dependency;
use user_service_domain::idempotency::ReplayCache;
use user_service_domain::identity::TokenVerifier;
use user_service_domain::ids::IdGenerator;
use user_service_domain::revocation::RevocationBus;
use user_service_domain::session::{DeviceDetector, SessionCache};
use user_service_domain::store::Store;

use crate::avatars::Uploads;
use crate::http::client::TrustedProxies;
use crate::http::links::Links;
use crate::limits::{InFlight, RateLimits};
use crate::metrics::Metrics;

/// Limits that the operator sets.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The base path, such as `/api/v1`.
    pub prefix: String,
    /// The page size where none is asked for.
    pub default_page_size: u32,
    /// The largest page size.
    pub max_page_size: u32,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long a request that sends a picture may take.
    pub upload_timeout: Duration,
    /// How many requests are worked on at the same time.
    pub max_in_flight: usize,
    /// How many imports are worked on at the same time.
    pub max_imports: usize,
}

/// What else the operator sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What is open to callers without a token.
    pub policy: Policy,
    /// Whether profiles are made at the first `GET /users/me`.
    pub provisions_profiles: bool,
    /// Whether tokens that are seen for the first time make sessions.
    pub tracks_sessions: bool,
    /// How many sessions of a person may be active; 0 for no limit.
    pub max_active_sessions: u32,
    /// How long the answer to an `Idempotency-Key` is kept.
    pub keep_keys_for: TimeDelta,
    /// Where the server is for others: `https://users.example`, without a slash at the end.
    pub public_url: Option<String>,
}

/// Whether the service wants traffic.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on the service wants traffic, or no longer.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    /// Whether it does.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The adapters behind the ports, as the composition root chose them.
#[derive(Clone)]
pub struct Ports {
    /// Rows.
    pub store: Arc<dyn Store>,
    /// The same, for the health check: it does not wait behind requests.
    pub probe: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn IdGenerator>,
    /// Trust in tokens.
    pub tokens: Arc<dyn TokenVerifier>,
    /// Devices by their user agents.
    pub devices: Arc<dyn DeviceDetector>,
    /// Verdicts in this process.
    pub hot: Arc<dyn SessionCache>,
    /// Verdicts of all replicas.
    pub shared: Option<Arc<dyn SessionCache>>,
    /// Notices among replicas.
    pub bus: Arc<dyn RevocationBus>,
    /// Responses that may be repeated.
    pub replays: Arc<dyn ReplayCache>,
    /// Files of avatars.
    pub avatars: Arc<dyn AvatarStore>,
    /// Pictures from uploads.
    pub renderer: Arc<dyn AvatarRenderer>,
    /// What may be away besides the store.
    pub dependencies: Vec<Arc<dyn Dependency>>,
}

/// The use cases and ports that handlers call; one for all workers.
pub struct State {
    /// Limits that the operator sets.
    pub limits: Limits,
    /// What else the operator sets.
    pub settings: Settings,
    /// Counts requests by who sends them.
    pub rates: Arc<RateLimits>,
    /// Counts requests that are worked on.
    pub(crate) in_flight: InFlight,
    /// Counts imports that are worked on.
    pub(crate) imports: InFlight,
    /// Whether the service wants traffic.
    pub readiness: Readiness,
    /// For the health check alone.
    pub store: Arc<dyn Store>,
    /// For the health check and metrics.
    pub dependencies: Vec<Arc<dyn Dependency>>,
    /// Counts.
    pub metrics: Metrics,
    /// How well the feed of revocations is followed.
    pub watch: Arc<RevocationWatch>,
    /// Verifies tokens.
    pub tokens: Arc<dyn TokenVerifier>,
    /// Lets callers in.
    pub gate: SessionGate,
    /// Whom to believe about addresses.
    pub proxies: TrustedProxies,
    /// Reads user agents.
    pub devices: Arc<dyn DeviceDetector>,
    /// How uploads are taken in.
    pub uploads: Uploads,
    /// The OpenAPI document, once somebody asked for it.
    pub(crate) document: OnceLock<Bytes>,
    /// Where things are.
    pub(crate) links: Links,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes request ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Use case.
    pub list_profiles: ListProfiles,
    /// Use case.
    pub search_profiles: SearchProfiles,
    /// Use case.
    pub get_profile: GetProfile,
    /// Use case.
    pub create_profile: Arc<CreateProfile>,
    /// Use case.
    pub update_profile: UpdateProfile,
    /// Use case.
    pub delete_profile: DeleteProfile,
    /// Use case.
    pub import_users: ImportUsers,
    /// Use case.
    pub get_avatar: GetAvatar,
    /// Use case.
    pub upload_avatar: UploadAvatar,
    /// Use case.
    pub delete_avatar: DeleteAvatar,
    /// Use case.
    pub get_preferences: GetPreferences,
    /// Use case.
    pub update_preferences: UpdatePreferences,
    /// Use case.
    pub list_sessions: ListSessions,
    /// Use case.
    pub start_session: Arc<StartSession>,
    /// Use case.
    pub revoke_session: RevokeSession,
    /// Use case.
    pub revoke_sessions: RevokeSessions,
    /// Use case.
    pub list_revocations: ListRevocations,
    /// Use case.
    pub reserve_key: ReserveKey,
}

impl State {
    /// Builds the use cases over these ports.
    #[expect(
        clippy::too_many_arguments,
        reason = "the composition root names each part once"
    )]
    pub fn new(
        limits: Limits,
        settings: Settings,
        readiness: Readiness,
        metrics: Metrics,
        proxies: TrustedProxies,
        cursors: CursorCodec,
        watch: Arc<RevocationWatch>,
        activity: Arc<ActivityRecorder>,
        uploads: Uploads,
        rates: Arc<RateLimits>,
        ports: Ports,
    ) -> Self {
        let Ports {
            store,
            probe,
            clock,
            ids,
            tokens,
            devices,
            hot,
            shared,
            bus,
            replays,
            avatars,
            renderer,
            dependencies,
        } = ports;
        let remove_files = RemoveFiles::new(Arc::clone(&store), Arc::clone(&avatars));
        let announcer = Announcer::new(Arc::clone(&watch), Arc::clone(&hot), shared.clone(), bus);
        let create_profile = Arc::new(CreateProfile::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            announcer.clone(),
        ));
        let provision = settings.provisions_profiles.then(|| {
            Arc::new(ProvisionProfile::new(
                Arc::clone(&create_profile),
                Arc::clone(&clock),
                Arc::clone(&ids),
            ))
        });
        let start_session = Arc::new(StartSession::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            announcer.clone(),
            Arc::clone(&activity),
            settings.max_active_sessions,
        ));
        Self {
            readiness,
            gate: SessionGate::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                Arc::clone(&devices),
                Arc::clone(&watch),
                hot,
                shared,
                activity,
                Arc::clone(&start_session),
                settings.tracks_sessions,
            ),
            list_profiles: ListProfiles::new(Arc::clone(&store), cursors.clone(), settings.policy),
            search_profiles: SearchProfiles::new(
                Arc::clone(&store),
                cursors.clone(),
                settings.policy,
            ),
            get_profile: GetProfile::new(Arc::clone(&store), settings.policy, provision),
            create_profile,
            update_profile: UpdateProfile::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                announcer.clone(),
            ),
            delete_profile: DeleteProfile::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                announcer.clone(),
                Arc::clone(&replays),
                remove_files.clone(),
            ),
            import_users: ImportUsers::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                Arc::clone(&ids),
                Some(announcer.clone()),
            ),
            get_avatar: GetAvatar::new(Arc::clone(&store), Arc::clone(&avatars), settings.policy),
            upload_avatar: UploadAvatar::new(
                Arc::clone(&store),
                avatars,
                renderer,
                Arc::clone(&clock),
                Arc::clone(&ids),
                remove_files.clone(),
                settings.policy.libravatar,
            ),
            delete_avatar: DeleteAvatar::new(Arc::clone(&store), Arc::clone(&clock), remove_files),
            get_preferences: GetPreferences::new(Arc::clone(&store)),
            update_preferences: UpdatePreferences::new(Arc::clone(&store), Arc::clone(&clock)),
            list_sessions: ListSessions::new(Arc::clone(&store), Arc::clone(&clock)),
            start_session,
            revoke_session: RevokeSession::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                announcer.clone(),
            ),
            revoke_sessions: RevokeSessions::new(Arc::clone(&store), Arc::clone(&clock), announcer),
            list_revocations: ListRevocations::new(Arc::clone(&store), Arc::clone(&clock), cursors),
            reserve_key: ReserveKey::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                replays,
                settings.keep_keys_for,
            ),
            document: OnceLock::new(),
            links: Links::new(settings.public_url.as_deref(), &limits.prefix),
            in_flight: InFlight::new(limits.max_in_flight),
            imports: InFlight::new(limits.max_imports),
            rates,
            uploads,
            limits,
            settings,
            store: probe,
            dependencies,
            metrics,
            watch,
            tokens,
            proxies,
            devices,
            clock,
            ids,
        }
    }

    /// Whether callers reach the service over TLS alone.
    pub(crate) fn is_secure(&self) -> bool {
        self.settings
            .public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"))
    }
}
