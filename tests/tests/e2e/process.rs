//! Another program beside the service, which may be harmed.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Where a program that was built for coverage writes what it met.
pub(crate) const PROFILE: &str = "LLVM_PROFILE_FILE";

const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);

/// A program that runs, or ran.
#[derive(Default)]
pub(crate) struct Process(Option<Child>);

impl Process {
    /// Starts it.
    #[track_caller]
    pub(crate) fn start(&mut self, command: &mut Command) {
        let child = command.spawn();
        self.0 = Some(child.unwrap_or_else(|error| panic!("{command:?}: {error}")));
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.0.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Connections stay, and nothing answers any more.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// It goes on as if nothing had been.
    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.0.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            end(&mut child);
        }
    }
}

/// Ends a program whose test is over: at once; one that was built for coverage by itself, for then it writes what it
/// met.
pub(crate) fn end(child: &mut Child) {
    if std::env::var_os(PROFILE).is_some() {
        let id = child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().ok();
        let patience = Instant::now() + PATIENCE;
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < patience {
            std::thread::sleep(TICK);
        }
    }
    child.kill().ok();
    child.wait().ok();
}
