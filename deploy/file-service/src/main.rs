//! The reference File Service: see `docs/FILE_SERVICE.md`.

use std::io::{self, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use user_service_file_service::{Settings, serve};

#[actix_web::main]
async fn main() -> Result<()> {
    let host = setting("FILE_SERVICE_HOST")?.unwrap_or_else(|| "127.0.0.1".to_owned());
    let port: u16 = number("FILE_SERVICE_PORT", 8083)?;
    let directory = setting("FILE_SERVICE_DIR")?.context("FILE_SERVICE_DIR is not set")?;
    let token = setting("FILE_SERVICE_TOKEN")?.context("FILE_SERVICE_TOKEN is not set")?;
    let max_size = number("FILE_SERVICE_MAX_SIZE", Settings::MAX_SIZE)?;
    let settings = Settings::new(PathBuf::from(directory), token, max_size)?;

    let listener = TcpListener::bind((host.as_str(), port))
        .with_context(|| format!("cannot listen on {host}:{port}"))?;
    let address = listener.local_addr()?;
    let server = serve(listener, settings)?;
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    writeln!(io::stdout(), "listening on http://{address}")?;
    asked_to_stop().await?;
    handle.stop(true).await;
    running.await??;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where this program reads its settings"
)]
fn setting(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => anyhow::bail!("{name} is no text"),
    }
}

fn number<T: std::str::FromStr>(name: &str, usual: T) -> Result<T> {
    match setting(name)? {
        None => Ok(usual),
        Some(text) => text
            .parse()
            .map_err(|_wrong| anyhow::anyhow!("{name} must be a number")),
    }
}

/// Waits for SIGTERM or SIGINT.
#[cfg(unix)]
async fn asked_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
