#![doc = include_str!("../README.md")]

mod claims;
mod remembering;
mod rules;
mod secret_tokens;
mod unverified;
mod verifying_key;

pub use claims::Claims;
pub use remembering::{Epoch, Memory, Remembering};
pub use rules::TokenRules;
pub use secret_tokens::{HmacAlgorithm, IssuedClaims, SecretTokens};
pub use unverified::UnverifiedToken;
pub use verifying_key::VerifyingKey;
