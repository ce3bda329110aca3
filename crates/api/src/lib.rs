#![doc = include_str!("../README.md")]

mod avatars;
mod http;
mod limits;
mod metrics;
mod openapi;
mod preferences;
mod problem;
mod revocations;
mod routes;
mod service;
mod sessions;
mod state;
mod users;

pub use avatars::Uploads;
pub use limits::{Quotas, RateLimits};
pub use metrics::Metrics;
pub use openapi::document;
pub use problem::{CATALOGUE, Extra, ProblemType, reference, unreadable};
pub use routes::{cors, management_routes, routes};
pub use service::{Build, Vitals};
pub use state::{Limits, Ports, Readiness, Settings, State};

pub use http::client::TrustedProxies;
pub use http::context::request_context;
