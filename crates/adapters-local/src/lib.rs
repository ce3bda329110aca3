#![doc = include_str!("../README.md")]

mod clock;
mod ids;
mod secret_tokens;

pub use clock::SystemClock;
pub use ids::UuidV7;
pub use secret_tokens::{HmacAlgorithm, IssuedClaims, SecretTokens, TokenRules};
