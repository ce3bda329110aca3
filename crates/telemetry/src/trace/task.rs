//! The trace that a task works for.

use std::sync::Arc;

use tokio::task_local;
use tracing::{Instrument as _, Span};

use super::TraceContext;

task_local! {
    static CURRENT: Arc<TraceContext>;
}

/// What the caller said of the trace that this task works for.
pub(super) fn current() -> Option<Arc<TraceContext>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Runs work for a request that came with this context.
pub(super) async fn within<T>(
    context: Option<Arc<TraceContext>>,
    work: impl Future<Output = T>,
) -> T {
    match context {
        Some(context) => CURRENT.scope(context, work).await,
        None => work.await,
    }
}

/// The trace that a task works for, to be taken along to another task.
#[derive(Clone, Debug)]
pub struct Following {
    context: Option<Arc<TraceContext>>,
    span: Span,
}

impl Following {
    /// That of this task.
    pub fn current() -> Self {
        Self {
            context: current(),
            span: Span::current(),
        }
    }

    /// Nobody's.
    pub fn nobody() -> Self {
        Self {
            context: None,
            span: Span::none(),
        }
    }

    /// Runs work for it.
    pub async fn run<T>(self, work: impl Future<Output = T>) -> T {
        within(self.context, work).instrument(self.span).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_follows_works_for_the_same_trace() {
        let context = TraceContext::parse(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            None,
        )
        .map(Arc::new);
        let taken = within(context.clone(), async { Following::current() }).await;
        assert_eq!(current(), None);
        let seen = tokio::spawn(taken.run(async { current() })).await.unwrap();
        assert_eq!(seen, context);
        let seen = Following::nobody().run(async { current() }).await;
        assert_eq!(seen, None);
    }
}
