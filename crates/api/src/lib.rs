#![doc = include_str!("../README.md")]

mod http;
mod openapi;
mod preferences;
mod problem;
mod routes;
mod service;
mod state;
mod users;

pub use openapi::document;
pub use problem::{CATALOGUE, ProblemType};
pub use routes::{cors, routes};
pub use state::{Limits, Readiness, State};

pub use http::context::request_context;
