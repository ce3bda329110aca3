//! How the program ends, in the numbers of `sysexits.h`.

use std::process::ExitCode;

/// The program's exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All went well.
    Ok = 0,
    /// Something failed that has no number of its own.
    Failure = 1,
    /// The command line was not understood; `clap` says the same.
    Usage = 2,
    /// What was read is at fault (`EX_DATAERR`).
    DataFaults = 65,
    /// A service that was needed could not be reached (`EX_UNAVAILABLE`).
    Unavailable = 69,
    /// Migrations have to be applied first (`EX_TEMPFAIL`).
    MigrationsPending = 75,
    /// The configuration has faults (`EX_CONFIG`).
    Config = 78,
    /// A signal ended it in good order; it can go on (128 and the number of `SIGINT`).
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
