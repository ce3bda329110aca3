//! What handlers are given.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use user_service_application::authz::Policy;
use user_service_application::idempotency::ReserveKey;
use user_service_application::paging::CursorCodec;
use user_service_application::preferences::{GetPreferences, UpdatePreferences};
use user_service_application::profile::{
    CreateProfile, DeleteProfile, GetProfile, ListProfiles, UpdateProfile,
};
use user_service_domain::clock::Clock;
use user_service_domain::identity::TokenVerifier;
use user_service_domain::ids::IdGenerator;
use user_service_domain::store::Store;

/// Limits that the operator sets.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The base path, such as `/api/v1`.
    pub prefix: String,
    /// The page size where none is asked for.
    pub default_page_size: u32,
    /// The largest page size.
    pub max_page_size: u32,
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

/// The use cases and ports that handlers call; one for all workers.
pub struct State {
    /// Limits that the operator sets.
    pub limits: Limits,
    /// Whether the service wants traffic.
    pub readiness: Readiness,
    /// For the health check alone.
    pub store: Arc<dyn Store>,
    /// Verifies tokens.
    pub tokens: Arc<dyn TokenVerifier>,
    /// Makes request ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Use case.
    pub list_profiles: ListProfiles,
    /// Use case.
    pub get_profile: GetProfile,
    /// Use case.
    pub create_profile: CreateProfile,
    /// Use case.
    pub update_profile: UpdateProfile,
    /// Use case.
    pub delete_profile: DeleteProfile,
    /// Use case.
    pub get_preferences: GetPreferences,
    /// Use case.
    pub update_preferences: UpdatePreferences,
    /// Use case.
    pub reserve_key: ReserveKey,
}

impl State {
    /// Builds the use cases over these ports.
    #[expect(
        clippy::too_many_arguments,
        reason = "the composition root names each port once"
    )]
    pub fn new(
        limits: Limits,
        readiness: Readiness,
        policy: Policy,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        tokens: Arc<dyn TokenVerifier>,
        cursors: CursorCodec,
        keep_keys_for: chrono::Duration,
    ) -> Self {
        Self {
            limits,
            readiness,
            list_profiles: ListProfiles::new(Arc::clone(&store), cursors, policy),
            get_profile: GetProfile::new(Arc::clone(&store), policy),
            create_profile: CreateProfile::new(
                Arc::clone(&store),
                Arc::clone(&clock),
                Arc::clone(&ids),
            ),
            update_profile: UpdateProfile::new(Arc::clone(&store), Arc::clone(&clock)),
            delete_profile: DeleteProfile::new(Arc::clone(&store)),
            get_preferences: GetPreferences::new(Arc::clone(&store)),
            update_preferences: UpdatePreferences::new(Arc::clone(&store), Arc::clone(&clock)),
            reserve_key: ReserveKey::new(Arc::clone(&store), clock, keep_keys_for),
            store,
            tokens,
            ids,
        }
    }
}
