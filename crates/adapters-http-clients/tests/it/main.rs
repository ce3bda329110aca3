//! Adapters that ask an Auth Service or a File Service, which are real HTTP servers here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod file_service;
mod file_service_outage;
mod file_service_proxy;
#[path = "../../../adapters-jwt/tests/shared/forgeries.rs"]
mod forgeries;
mod jwks;
mod jwks_outage;
mod keys;
mod remote;
mod remote_outage;
mod server;
mod traces;
