//! Signals that end a verb in good order.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Whether `SIGINT` or `SIGTERM` came.
pub(super) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// From now on signals are waited for. A second one ends the program at once.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (came, receiver) = watch::channel(false);
        tokio::spawn(async move {
            for first in [true, false] {
                tokio::select! { _ = interrupt.recv() => (), _ = terminate.recv() => () }
                if first {
                    came.send_replace(true);
                } else {
                    std::process::exit(i32::from(crate::exit::Exit::Interrupted as u8));
                }
            }
        });
        Ok(Self(receiver))
    }

    /// Whether one came.
    pub(super) fn came(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until one comes.
    pub(super) async fn comes(&mut self) {
        // The sender lives as long as the program.
        if self.0.wait_for(|came| *came).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
