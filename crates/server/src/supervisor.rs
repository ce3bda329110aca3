//! Telling the supervisor that started the program how it is, by the protocol of systemd (`sd_notify(3)`).
//!
//! The program is believed to be ready, and to be alive, when it says so over HTTP: it asks itself.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

use crate::probe::{self, Probe};

/// Between two questions whether the service is ready.
const EVERY: Duration = Duration::from_millis(500);

/// Readiness may wait for the database as long as `DB_ACQUIRE_TIMEOUT`.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a shutdown may take beside the waiting that is configured.
const TO_FINISH: Duration = Duration::from_secs(10);

/// What the supervisor is told while the service runs.
pub(crate) struct Supervision(JoinHandle<()>);

impl Supervision {
    /// Begins to tell of the service at this address, if there is anybody to tell.
    pub(crate) fn begin(address: SocketAddr, tls: bool) -> Option<Self> {
        std::env::var_os("NOTIFY_SOCKET").map(|_| {
            Self(actix_web::rt::spawn(async move {
                if let Err(error) = watch(address, tls).await {
                    tracing::error!(%error, "the supervisor is told nothing");
                }
            }))
        })
    }

    /// Tells that the service stops, and that `waiting` of that is meant.
    pub(crate) async fn end(self, waiting: Duration) {
        self.0.abort();
        let limit = u32::try_from((waiting + TO_FINISH).as_micros()).unwrap_or(u32::MAX);
        let states = vec![NotifyState::Stopping, NotifyState::ExtendTimeoutUsec(limit)];
        tell(states, Some("shutting down".to_owned())).await;
    }
}

/// Tells once that the service is ready, then ever again that it is alive.
async fn watch(address: SocketAddr, tls: bool) -> reqwest::Result<()> {
    let ready = probe::url(address, tls, "/health/ready");
    let probe = Probe::of_itself(PATIENCE)?;
    let mut told = None;
    loop {
        let status = match probe.ask(&ready).await {
            Ok(status) if status.is_success() => break,
            Ok(status) => format!("not ready yet: {status}"),
            Err(_) => "not ready yet: no answer".to_owned(),
        };
        if told.as_ref() != Some(&status) {
            tell(Vec::new(), Some(status.clone())).await;
            told = Some(status);
        }
        tokio::time::sleep(EVERY).await;
    }
    let status = format!("serving on {address}");
    tell(vec![NotifyState::Ready], Some(status)).await;
    if let Some(limit) = sd_notify::watchdog_enabled() {
        stay_alive(address, tls, limit).await?;
    }
    Ok(())
}

/// Asks three times within the limit, so that one slow answer is not the end.
async fn stay_alive(address: SocketAddr, tls: bool, limit: Duration) -> reqwest::Result<()> {
    let live = probe::url(address, tls, "/health/live");
    let every = (limit / 3).max(Duration::from_millis(1));
    let probe = Probe::of_itself(every)?;
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match probe.ask(&live).await {
            Ok(status) if status.is_success() => tell(vec![NotifyState::Watchdog], None).await,
            Ok(status) => tracing::error!(%status, "the service does not say that it is alive"),
            Err(error) => tracing::error!(%error, "the service does not answer itself"),
        }
    }
}

/// A supervisor that cannot be told is no reason to stop.
async fn tell(news: Vec<NotifyState<'static>>, status: Option<String>) {
    let sent = tokio::task::spawn_blocking(move || {
        let status = status.as_deref().map(NotifyState::Status);
        sd_notify::notify(&news.into_iter().chain(status).collect::<Vec<_>>())
    });
    let told = sent.await.map_err(std::io::Error::other);
    if let Err(error) = told.and_then(|told| told) {
        tracing::warn!(%error, "the supervisor could not be told");
    }
}
