//! Reads the feed of revocations.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use user_service_domain::clock::Clock;
use user_service_domain::identity::Caller;
use user_service_domain::revocation::{FeedEntry, FeedPosition, GAP_PATIENCE};
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::authz;
use crate::paging::CursorCodec;

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationPage {
    /// Its lines.
    pub entries: Vec<FeedEntry>,
    /// Where to go on, also when there is nothing yet.
    pub next_cursor: String,
}

/// Reads the feed from a place on.
pub struct ListRevocations {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cursors: CursorCodec,
}

impl ListRevocations {
    /// Over this store, clock and codec.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, cursors: CursorCodec) -> Self {
        Self {
            store,
            clock,
            cursors,
        }
    }

    /// Whether the caller may read the feed at all.
    pub fn admit(&self, caller: &Caller) -> Result<(), UseCaseError> {
        authz::admit_feed(caller)
    }

    /// At most `limit` lines after `since`, from the first that is kept where there is none. Every line
    /// comes at least once; one that was committed out of turn makes its neighbours come again. Errors:
    /// `Forbidden`, `InvalidCursor`.
    #[tracing::instrument(name = "revocation.list", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        since: Option<&str>,
        limit: u32,
    ) -> Result<RevocationPage, UseCaseError> {
        self.admit(caller)?;
        let since = since
            .map(|cursor| self.cursors.decode_feed(cursor))
            .transpose()?;
        let from = since.unwrap_or_default();
        let entries = self.store.revocations().after(from, limit).await?;
        let from = match (since, entries.first()) {
            // What came before the first line that is kept was forgotten.
            (None, Some(first)) => FeedPosition(first.position.0 - 1),
            _ => from,
        };
        let next = settled(from, &entries, self.clock.now());
        Ok(RevocationPage {
            next_cursor: self.cursors.encode_feed(next),
            entries,
        })
    }
}

/// The last place before which no line can appear any more.
fn settled(from: FeedPosition, entries: &[FeedEntry], now: DateTime<Utc>) -> FeedPosition {
    let mut settled = from;
    for entry in entries {
        let follows = entry.position.0 == settled.0 + 1;
        if !follows && entry.at + GAP_PATIENCE > now {
            break;
        }
        settled = entry.position;
    }
    settled
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use user_service_domain::ids::UserId;
    use user_service_domain::revocation::Revocation;
    use uuid::Uuid;

    use super::*;

    fn entries(positions: &[i64]) -> Vec<FeedEntry> {
        positions
            .iter()
            .map(|position| FeedEntry {
                position: FeedPosition(*position),
                user_id: UserId::new(Uuid::nil()),
                at: DateTime::<Utc>::UNIX_EPOCH,
                revocation: Revocation::AccountRemoved,
            })
            .collect()
    }

    #[test]
    fn a_young_gap_is_waited_for_and_an_old_one_is_not() {
        let entries = entries(&[4, 5, 7, 8]);
        let settled = |after: i64| {
            let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(after);
            settled(FeedPosition(3), &entries, now)
        };
        assert_eq!(settled(1), FeedPosition(5));
        assert_eq!(settled(61), FeedPosition(8));
    }

    #[test]
    fn nothing_new_leaves_the_place() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        assert_eq!(settled(FeedPosition(3), &[], now), FeedPosition(3));
    }
}
