#![doc = include_str!("../README.md")]

mod digest;
mod disk;
mod files;
mod key;
mod listing;
mod problem;
mod routes;
mod settings;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};

use crate::files::Files;
use crate::routes::State;
pub use crate::settings::{Settings, WrongSettings};

/// How long requests that are under way may take after the service was told to stop, in seconds.
const SHUTDOWN_SECONDS: u64 = 5;

/// Serves on this listener until the answer's handle stops it; signals are the caller's. To be awaited, or spawned
/// on a tokio runtime.
pub fn serve(listener: TcpListener, settings: Settings) -> io::Result<Server> {
    let state = web::Data::from(Arc::new(State {
        files: Files::open(&settings.directory)?,
        token: settings.token_digest(),
        max_size: settings.max_size,
    }));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .configure(routes::configure)
    })
    .workers(2)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}
