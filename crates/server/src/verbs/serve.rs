//! `serve`

use std::path::PathBuf;
use std::sync::Arc;

use actix_web::middleware::{Condition, NormalizePath, TrailingSlash, from_fn};
use actix_web::{App, web};
use anyhow::Context;
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};
use user_service_api::{Readiness, Vitals};
use user_service_domain::store::Store;
use user_service_migration as migration;

use super::MigrationsPending;
use crate::cli::ServeArgs;
use crate::config::{Config, Engine, Purpose, Sources};
use crate::exit::Exit;
use crate::management::Management;
use crate::supervisor::Supervision;
use crate::tls::Certificates;
use crate::{dev, listener, output, telemetry, wiring};

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
    let sources = Sources::from_process(file, flags);
    let config = Config::load(&sources, purpose)?;
    for url in [&config.database_url]
        .into_iter()
        .chain(&config.database_read_url)
    {
        wiring::check_engine(url)?;
    }
    let certificates = Certificates::of(&config)?;
    let telemetry = telemetry::start(&config)?;
    telemetry.levels.clone().follow_hangups(sources, purpose)?;
    let (metrics, instruments) = wiring::metrics()?;
    let upkeep = wiring::open_upkeep(&config, &instruments).await?;
    // To connect takes longer than all else at the start: meanwhile the first connection for upkeep is made.
    let migrated = migrate(&config, args.migrate || args.dev);
    let (migrated, ()) = match config.database_url.engine {
        // There it would be made before there are tables.
        Engine::Sqlite => (migrated.await, ()),
        Engine::Postgres | Engine::MySql => tokio::join!(migrated, connect(Arc::clone(&upkeep))),
    };
    migrated?;
    let workers = workers(&config);
    let requests = wiring::open_request_store(&config, workers, &instruments).await?;
    let readiness = Readiness::default();
    let prefix = config.api_v1_prefix.clone();
    let store = Arc::clone(&requests.store);
    let wiring::Assembly { state, background } = wiring::assemble(
        &config,
        requests,
        Arc::clone(&upkeep),
        readiness.clone(),
        (metrics, &instruments),
    )?;
    background.follow.begin().await?;
    let state = web::Data::new(state);
    let management = match config.management_addr {
        Some(address) => {
            let vitals = Vitals::of(&state, upkeep, config.prometheus_enabled, wiring::BUILD);
            Some(Management::start(
                address,
                web::Data::clone(&state),
                vitals,
            )?)
        }
        None => None,
    };
    let vitals = web::Data::new(Vitals::of(
        &state,
        Arc::clone(&state.store),
        config.prometheus_enabled && management.is_none(),
        wiring::BUILD,
    ));
    let origins = config.cors_origins.0.clone();
    let shared = web::Data::clone(&state);
    let application = move || {
        // Each worker has connections of its own: the first is made before the first request.
        actix_web::rt::spawn(connect(Arc::clone(&store)));
        App::new()
            .app_data(web::Data::clone(&shared))
            .app_data(web::Data::clone(&vitals))
            .wrap(NormalizePath::new(TrailingSlash::Trim))
            .wrap(Condition::new(
                !origins.is_empty(),
                user_service_api::cors(&origins),
            ))
            .wrap(from_fn(user_service_api::request_context))
            .configure(|app| user_service_api::routes(app, &prefix))
    };
    let address = std::net::SocketAddr::new(config.host, config.port);
    let listener =
        listener::listen(address).with_context(|| format!("cannot listen on {address}"))?;
    let bound = listener.local_addr().unwrap_or(address);
    listener::raise_open_files();
    let tls = certificates.is_some();
    if let Some(certificates) = &certificates {
        certificates.clone().follow()?;
    }
    let patience = config.shutdown_timeout;
    let server = listener::serve(listener, certificates, workers, patience, application)?;
    if let Some(development) = development {
        output::say(&development.welcome(&state, &config, bound).await?);
    }
    tracing::info!(address = %bound, tls, "serving");
    readiness.set(true);
    let tasks = background.start();
    let supervision = Supervision::begin(bound, tls);
    let handle = server.handle();
    let delay = config.shutdown_delay;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    actix_web::rt::spawn(async move {
        tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
        readiness.set(false);
        tracing::info!("shutting down");
        if let Some(supervision) = supervision {
            supervision.end(delay + patience).await;
        }
        tokio::time::sleep(delay).await;
        tokio::select! {
            () = handle.stop(true) => (),
            // Who asks twice does not want to wait.
            _ = terminate.recv() => handle.stop(false).await,
            _ = interrupt.recv() => handle.stop(false).await,
        }
    });
    server.await?;
    tasks.stop().await;
    if let Some(management) = management {
        management.stop().await;
    }
    tracing::info!("stopped");
    telemetry.stop().await;
    Ok(Exit::Ok)
}

/// Makes a connection. Whether the database answers is for those to say who need it.
async fn connect(store: Arc<dyn Store>) {
    drop(store.ping().await);
}

/// How many threads serve requests.
fn workers(config: &Config) -> usize {
    if config.workers > 0 {
        config.workers
    } else {
        std::thread::available_parallelism().map_or(2, usize::from)
    }
}

/// Applies what is pending where asked, and always to an embedded database; else refuses to go on. What a newer release
/// has applied is no reason to: the release before it can serve on its schema.
pub(super) async fn migrate(config: &Config, asked: bool) -> anyhow::Result<()> {
    let url = config.database_url.url.expose_secret();
    let migrates = asked || config.database_url.engine == Engine::Sqlite;
    if migrates {
        for name in migration::up(url).await? {
            tracing::info!(migration = name, "applied");
        }
    }
    let all = migration::status(url).await?;
    let pending = all.iter().filter(|change| !change.applied).count();
    if pending > 0 && !migrates {
        return Err(MigrationsPending(pending).into());
    }
    for change in all.iter().filter(|change| !change.known) {
        tracing::warn!(migration = change.name, "applied by a newer release");
    }
    Ok(())
}
