//! Who may do what: the matrix of the contract, section 2, in one place.

use user_service_domain::identity::{Caller, Principal, Scope};
use user_service_domain::ids::UserId;
use user_service_domain::profile::Profile;

use crate::UseCaseError;

/// How much of a profile a caller sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projection {
    /// What everybody may see.
    Public,
    /// Everything.
    Full,
}

/// What the operator opens to callers without a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `PUBLIC_PROFILES`: anonymous callers see public projections.
    pub public_profiles: bool,
    /// `LIBRAVATAR`: everybody sees avatars whose hash they know.
    pub libravatar: bool,
}

impl Policy {
    /// Lets the caller read public things, or names the lack of a token.
    pub fn admit_reader(self, caller: &Caller) -> Result<(), UseCaseError> {
        match caller {
            Caller::Anonymous if !self.public_profiles => Err(UseCaseError::Unauthenticated),
            Caller::Anonymous | Caller::Known(_) => Ok(()),
        }
    }
}

/// The caller's identity, or the lack of a token.
pub fn known(caller: &Caller) -> Result<&Principal, UseCaseError> {
    match caller {
        Caller::Anonymous => Err(UseCaseError::Unauthenticated),
        Caller::Known(principal) => Ok(principal),
    }
}

/// Whose things alone the bearer may act on; by administration or `scope` it is everybody's, and `None`.
pub fn confined_to(principal: &Principal, scope: Scope) -> Option<UserId> {
    let is_free = principal.is_admin || principal.scopes.has(scope);
    (!is_free).then_some(principal.user_id)
}

fn acts_for(principal: &Principal, owner: UserId, scope: Scope) -> bool {
    confined_to(principal, scope).is_none_or(|only| only == owner)
}

/// Whether the caller sees full profiles of everybody.
pub fn reads_all(caller: &Caller) -> bool {
    matches!(caller, Caller::Known(p) if p.is_admin || p.scopes.has(Scope::UsersRead))
}

/// What may lag, for callers who cannot have made the change that is missing: whoever may change profiles of others
/// is never shown them as they were.
pub fn lagging<R>(caller: &Caller, reader: Option<R>) -> Option<R> {
    reader.filter(
        |_| !matches!(caller, Caller::Known(p) if p.is_admin || p.scopes.has(Scope::UsersWrite)),
    )
}

/// Whether this is the caller's own.
pub fn owns(caller: &Caller, profile: &Profile) -> bool {
    matches!(caller, Caller::Known(p) if p.user_id == profile.user_id)
}

/// What the caller sees of this profile; `None` hides that it exists.
pub fn sight(caller: &Caller, profile: &Profile) -> Option<Projection> {
    match caller {
        Caller::Known(p) if acts_for(p, profile.user_id, Scope::UsersRead) => {
            Some(Projection::Full)
        }
        _ if profile.is_active => Some(Projection::Public),
        _ => None,
    }
}

/// Lets the caller act on what belongs to this profile by right of ownership, administration or `scope`.
/// A stranger learns of a refusal only where they may know that the profile exists.
pub fn admit(caller: &Caller, profile: &Profile, scope: Scope) -> Result<(), UseCaseError> {
    let principal = known(caller)?;
    if acts_for(principal, profile.user_id, scope) {
        return Ok(());
    }
    match sight(caller, profile) {
        Some(_) => Err(UseCaseError::Forbidden("this belongs to somebody else")),
        None => Err(UseCaseError::ProfileNotFound),
    }
}

/// Whether the caller may decide about `is_verified` and `is_active`.
pub fn admit_standing(caller: &Caller) -> Result<(), UseCaseError> {
    let principal = known(caller)?;
    if principal.is_admin || principal.scopes.has(Scope::UsersWrite) {
        return Ok(());
    }
    Err(UseCaseError::Forbidden(
        "is_verified and is_active are for administrators and services to set",
    ))
}

/// Whether the caller may start sessions of other tokens than their own.
pub fn starts_any(principal: &Principal) -> bool {
    principal.is_admin || principal.scopes.has(Scope::SessionsWrite)
}

/// Whether the caller may read the feed of revocations.
pub fn admit_feed(caller: &Caller) -> Result<(), UseCaseError> {
    let principal = known(caller)?;
    if principal.is_admin || principal.scopes.has(Scope::SessionsRead) {
        return Ok(());
    }
    Err(UseCaseError::Forbidden(
        "revocations are for administrators and services to read",
    ))
}

/// Whether the caller may take users in by the million.
pub fn admit_import(caller: &Caller) -> Result<(), UseCaseError> {
    let principal = known(caller)?;
    if principal.is_admin || principal.scopes.has(Scope::UsersWrite) {
        return Ok(());
    }
    Err(UseCaseError::Forbidden(
        "users are for administrators and services to import",
    ))
}

/// Whether the caller may make a profile for this person.
pub fn admit_creation(caller: &Caller, for_whom: UserId) -> Result<(), UseCaseError> {
    if acts_for(known(caller)?, for_whom, Scope::UsersWrite) {
        return Ok(());
    }
    Err(UseCaseError::Forbidden(
        "a profile can be made for oneself alone",
    ))
}
