//! Who is calling, as some Auth Service vouches.

mod principal;
mod verifier;

pub use principal::{AboutPerson, Caller, Principal, Scope, Scopes};
pub use verifier::{TokenError, TokenVerifier};
