//! `serve`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::{Condition, NormalizePath, TrailingSlash, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};
use user_service_adapters_local::SystemClock;
use user_service_api::Readiness;
use user_service_application::idempotency::PruneKeys;
use user_service_domain::store::Store;
use user_service_migration as migration;

use super::MigrationsPending;
use crate::cli::ServeArgs;
use crate::config::{Config, Engine, Purpose, Sources};
use crate::exit::Exit;
use crate::{dev, output, telemetry, wiring};

/// How often expired idempotency keys are forgotten.
const PRUNE_EVERY: Duration = Duration::from_mins(10);

pub(crate) async fn run(file: Option<PathBuf>, args: ServeArgs) -> anyhow::Result<Exit> {
    let development = if args.dev {
        Some(dev::Development::prepare()?)
    } else {
        None
    };
    let mut flags = args.flags();
    let purpose = match &development {
        Some(development) => {
            flags.extend(development.flags(args.host.as_deref())?);
            Purpose::Dev
        }
        None => Purpose::Serve,
    };
    let config = Config::load(&Sources::from_process(file, flags), purpose)?;
    wiring::check_engine(&config.database_url)?;
    telemetry::start(&config)?;
    migrate(&config, args.migrate || args.dev).await?;
    let store = wiring::open_store(&config).await?;
    let readiness = Readiness::default();
    let prefix = config.api_v1_prefix.clone();
    let state = web::Data::new(wiring::state(
        &config,
        Arc::clone(&store),
        readiness.clone(),
    ));
    let origins = config.cors_origins.0.clone();
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::clone(&state))
            .wrap(NormalizePath::new(TrailingSlash::Trim))
            .wrap(from_fn(user_service_api::request_context))
            .wrap(Condition::new(
                !origins.is_empty(),
                user_service_api::cors(&origins),
            ))
            .configure(|app| user_service_api::routes(app, &prefix))
    })
    .disable_signals()
    .shutdown_timeout(config.shutdown_timeout.as_secs());
    if config.workers > 0 {
        server = server.workers(config.workers);
    }
    let address = std::net::SocketAddr::new(config.host, config.port);
    let server = server
        .bind(address)
        .with_context(|| format!("cannot listen on {address}"))?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    let server = server.run();
    if let Some(development) = development {
        output::say(
            &development
                .welcome(Arc::clone(&store), &config, bound)
                .await?,
        );
    }
    tracing::info!(address = %bound, "serving");
    readiness.set(true);
    let maintenance = tokio::spawn(maintain(store));
    let handle = server.handle();
    let delay = config.shutdown_delay;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    actix_web::rt::spawn(async move {
        tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
        readiness.set(false);
        tracing::info!("shutting down");
        tokio::time::sleep(delay).await;
        tokio::select! {
            () = handle.stop(true) => (),
            // Who asks twice does not want to wait.
            _ = terminate.recv() => handle.stop(false).await,
            _ = interrupt.recv() => handle.stop(false).await,
        }
    });
    server.await?;
    maintenance.abort();
    tracing::info!("stopped");
    Ok(Exit::Ok)
}

/// Applies what is pending where asked, and always to an embedded database; else refuses to go on.
async fn migrate(config: &Config, asked: bool) -> anyhow::Result<()> {
    let url = config.database_url.url.expose_secret();
    if asked || config.database_url.engine == Engine::Sqlite {
        for name in migration::up(url).await? {
            tracing::info!(migration = name, "applied");
        }
        return Ok(());
    }
    let pending = migration::status(url)
        .await?
        .iter()
        .filter(|change| !change.applied)
        .count();
    if pending > 0 {
        return Err(MigrationsPending(pending).into());
    }
    Ok(())
}

async fn maintain(store: Arc<dyn Store>) {
    let prune = PruneKeys::new(store, Arc::new(SystemClock));
    let mut ticks = tokio::time::interval(PRUNE_EVERY);
    loop {
        ticks.tick().await;
        match prune.execute().await {
            Ok(0) => (),
            Ok(pruned) => tracing::debug!(pruned, "forgot idempotency keys"),
            Err(error) => tracing::warn!(error = %error, "idempotency keys could not be pruned"),
        }
    }
}
