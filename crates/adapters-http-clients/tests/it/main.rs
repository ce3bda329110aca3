//! Verifiers that ask an Auth Service, which is a real HTTP server here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../adapters-jwt/tests/shared/forgeries.rs"]
mod forgeries;
mod jwks;
mod jwks_outage;
mod keys;
mod remote;
mod remote_outage;
mod server;
