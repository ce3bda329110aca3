//! Bounds the time of calls, and leaves a store alone that keeps failing.

use std::time::Duration;

use failsafe::StateMachine;
use failsafe::backoff::{Constant, constant};
use failsafe::failure_policy::{ConsecutiveFailures, consecutive_failures};

use crate::error::S3Error;
use crate::settings::S3Settings;

pub(crate) struct Guard {
    timeout: Duration,
    breaker: StateMachine<ConsecutiveFailures<Constant>, ()>,
}

impl Guard {
    pub(crate) fn new(settings: &S3Settings) -> Self {
        let policy = consecutive_failures(settings.failures, constant(settings.leave_alone_for));
        Self {
            timeout: settings.timeout,
            breaker: StateMachine::new(policy, ()),
        }
    }

    /// Makes the call, unless the store is being left alone.
    pub(crate) async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, S3Error>>,
    ) -> Result<T, S3Error> {
        if !self.breaker.is_call_permitted() {
            return Err(S3Error::LeftAlone);
        }
        let outcome = match tokio::time::timeout(self.timeout, call).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(S3Error::TimedOut),
        };
        match &outcome {
            Ok(_) => self.breaker.on_success(),
            Err(_) => self.breaker.on_error(),
        }
        outcome
    }
}
