//! Who is calling, as some Auth Service vouches.

mod principal;
mod verifier;

pub use principal::{Caller, Principal, Scope, Scopes};
pub use verifier::{TokenError, TokenVerifier};
