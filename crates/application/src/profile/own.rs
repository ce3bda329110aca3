//! One's own profile among those of others.

use user_service_domain::identity::Caller;
use user_service_domain::profile::{Profile, ProfileKey};
use user_service_domain::store::{Store, StoreError};

use crate::authz;

/// Shows the caller their own profile as it is, where the others may be as they were some moments ago.
pub(super) async fn show_own(
    store: &dyn Store,
    caller: &Caller,
    profiles: impl IntoIterator<Item = &mut Profile>,
) -> Result<(), StoreError> {
    let mut profiles = profiles.into_iter();
    if let Some(own) = profiles.find(|profile| authz::owns(caller, profile))
        && let Some(latest) = store.profiles().find(ProfileKey::Id(own.id)).await?
    {
        *own = latest;
    }
    Ok(())
}
