//! By what else an avatar is known.

use sha2::{Digest, Sha256};
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::identity::Principal;
use user_service_domain::ids::UserId;

/// The alias of a person by their id in the Auth Service, in lower-case hyphenated form.
pub(super) fn of_user(id: UserId) -> AvatarAlias {
    AvatarAlias(Sha256::digest(id.to_string()).into())
}

/// The aliases of whoever is calling: by id, and by e-mail address where their token names one.
pub(super) fn of_caller(own: &Principal) -> Vec<AvatarAlias> {
    let email = own.about.as_ref().and_then(|about| about.email.as_deref());
    let email = email.map(|email| AvatarAlias(Sha256::digest(email.trim().to_lowercase()).into()));
    [Some(of_user(own.user_id)), email]
        .into_iter()
        .flatten()
        .collect()
}
