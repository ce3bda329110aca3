//! The listener for operators, `MANAGEMENT_ADDR`.

use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{NormalizePath, TrailingSlash, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use user_service_api::{State, Vitals};

/// A listener with one thread of its own: probes and scrapes are answered while all others are busy, and until the last
/// request was.
pub(crate) struct Management(ServerHandle);

impl Management {
    /// Begins to listen.
    pub(crate) fn start(
        address: SocketAddr,
        state: web::Data<State>,
        vitals: Vitals,
    ) -> anyhow::Result<Self> {
        let vitals = web::Data::new(vitals);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::clone(&state))
                .app_data(web::Data::clone(&vitals))
                .wrap(NormalizePath::new(TrailingSlash::Trim))
                .wrap(from_fn(user_service_api::request_context))
                .configure(user_service_api::management_routes)
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .bind(address)
        .with_context(|| format!("cannot listen on {address}"))?;
        let bound = server.addrs().first().copied().unwrap_or(address);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        tracing::info!(address = %bound, "serving operators");
        Ok(Self(handle))
    }

    /// Ends it.
    pub(crate) async fn stop(self) {
        self.0.stop(true).await;
    }
}
