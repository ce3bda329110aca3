//! `user-service`: the composition root of Gravity User Service.

mod background;
mod cli;
mod config;
mod connection;
mod dev;
mod exit;
mod listener;
mod management;
mod output;
mod probe;
mod retention;
mod supervisor;
mod telemetry;
mod tls;
mod verbs;
mod wiring;

use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Verb};
use exit::Exit;

/// Some tenth less processor time a request than with the allocator of glibc, and many times less than with musl's
/// (docs/PERFORMANCE.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Drivers and clients find their cryptography here; a second call would be refused, and there is none.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        output::complain("the TLS provider could not be installed");
        return Exit::Failure.into();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(&format!("the runtime could not start: {error}"));
            return Exit::Failure.into();
        }
    };
    let exit = actix_web::rt::System::with_tokio_rt(|| runtime).block_on(run(cli));
    match exit {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&format!("{error:#}"));
            verbs::exit_of(&error).into()
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<Exit> {
    match cli.verb {
        Verb::Serve(args) => verbs::serve::run(cli.config, args).await,
        Verb::Migrate(verb) => verbs::migrate::run(cli.config, verb).await,
        Verb::Config(verb) => verbs::config::run(cli.config, verb),
        Verb::Doctor { json } => Box::pin(verbs::doctor::run(cli.config, json)).await,
        Verb::Db(verb) => verbs::db::run(cli.config, verb).await,
        Verb::Sessions(verb) => verbs::sessions::run(cli.config, verb).await,
        Verb::Avatars(verb) => verbs::avatars::run(cli.config, verb).await,
        Verb::Search(verb) => verbs::search::run(cli.config, verb).await,
        Verb::Users(verb) => verbs::users::run(cli.config, verb).await,
        Verb::Token(cli::TokenVerb::Issue(args)) => verbs::token::run(cli.config, args),
        Verb::Openapi => verbs::openapi(cli.config),
        Verb::Problems => Ok(verbs::problems()),
        Verb::Healthcheck { url } => verbs::healthcheck::run(cli.config, url).await,
        Verb::Version { json } => Ok(verbs::version(json)),
        Verb::Completions { shell } => Ok(verbs::completions(shell)),
        Verb::Man(args) => verbs::man::run(args),
    }
}
