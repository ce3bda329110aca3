//! What this process knows of the feed of revocations, and what of its caches that makes void.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use user_service_domain::ids::UserId;
use user_service_domain::revocation::{FeedEntry, FeedPosition, GAP_PATIENCE};
use user_service_domain::session::EndReason;

/// How long after the feed was last read what is cached may be trusted: with the time of an answer this
/// stays under the second within which a revocation holds everywhere.
const LEASE: Duration = Duration::from_millis(900);

/// How long after the beginning nothing is cached: a unit of work that was being committed just then may
/// have a position below the one that was the last.
const SETTLE: Duration = Duration::from_secs(2);

/// How many people with a recent revocation are remembered. What was cached before the oldest of them
/// is not trusted.
const REMEMBERED: usize = 100_000;

/// The state of knowledge before the store was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) as_of: FeedPosition,
    epoch: u64,
}

/// Follows the feed.
///
/// Every position up to `low` has been seen or can no longer appear. A verdict is stamped with `low` as it
/// was before the store was asked, so a later line about the same person voids it, whichever replica asked.
#[derive(Debug)]
pub struct RevocationWatch {
    started: Instant,
    /// When it began at the end of the feed, in microseconds after `started`.
    began_at: AtomicU64,
    /// When the last successful reading of the feed began, in microseconds after `started`; 0 for never.
    read_at: AtomicU64,
    known: Mutex<Known>,
    /// How many sessions this process ended, in the order of [`EndReason::ALL`].
    ended: [AtomicU64; EndReason::ALL.len()],
}

#[derive(Debug, Default)]
struct Known {
    low: FeedPosition,
    /// Lines up to here may have been forgotten.
    floor: FeedPosition,
    /// What was seen above `low`.
    above: BTreeSet<FeedPosition>,
    /// Since when the position after `low` is missing.
    gap_since: Option<Instant>,
    /// The last line about a person.
    last_about: HashMap<UserId, FeedPosition>,
    order: VecDeque<(FeedPosition, UserId)>,
    /// Counts what voided anything here.
    epoch: u64,
    /// In which epoch what was known of a person became void.
    voided: HashMap<UserId, (u64, Instant)>,
    /// People of whom a notice came, whose line in the feed was not read since.
    unsure: HashMap<UserId, Instant>,
}

impl Default for RevocationWatch {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            began_at: AtomicU64::new(u64::MAX),
            read_at: AtomicU64::new(0),
            known: Mutex::default(),
            ended: Default::default(),
        }
    }
}

impl RevocationWatch {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long ago the feed was last read; `None` before the first time.
    pub fn age(&self) -> Option<Duration> {
        let read_at = self.read_at.load(Ordering::Acquire);
        (read_at > 0).then(|| {
            self.started
                .elapsed()
                .saturating_sub(Duration::from_micros(read_at))
        })
    }

    /// How many sessions this process ended for each reason.
    pub fn ended(&self) -> impl Iterator<Item = (EndReason, u64)> {
        let counts = self.ended.iter();
        let counts = counts.map(|count| count.load(Ordering::Relaxed));
        EndReason::ALL.into_iter().zip(counts)
    }

    /// This process ended so many sessions.
    pub(crate) fn count_ended(&self, reason: EndReason, sessions: usize) {
        let sessions = u64::try_from(sessions).unwrap_or(u64::MAX);
        for (of, count) in EndReason::ALL.into_iter().zip(&self.ended) {
            if of == reason {
                count.fetch_add(sessions, Ordering::Relaxed);
            }
        }
    }

    /// Whether the feed was read lately enough to trust what is cached, and to cache.
    pub(crate) fn is_fresh(&self) -> bool {
        let settled =
            Duration::from_micros(self.began_at.load(Ordering::Acquire)).saturating_add(SETTLE);
        self.started.elapsed() >= settled && self.age().is_some_and(|age| age <= LEASE)
    }

    /// Begins at the end of the feed.
    pub(crate) fn begin(&self, last: FeedPosition) {
        let mut known = self.known();
        known.low = last;
        known.floor = last;
        self.began_at
            .store(self.micros(Instant::now()), Ordering::Release);
    }

    fn micros(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.started);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    /// Up to where everything is known.
    pub(crate) fn low(&self) -> FeedPosition {
        self.known().low
    }

    /// Remember this before the store is asked.
    pub(crate) fn mark(&self) -> Mark {
        let known = self.known();
        Mark {
            as_of: known.low,
            epoch: known.epoch,
        }
    }

    /// Whether something about a person became void after the mark.
    pub(crate) fn voided_since(&self, user: UserId, mark: Mark) -> bool {
        self.known()
            .voided
            .get(&user)
            .is_some_and(|(epoch, _)| *epoch > mark.epoch)
    }

    /// Whether a verdict that another replica may have cached still stands.
    pub(crate) fn stands(&self, user: UserId, as_of: FeedPosition) -> bool {
        let known = self.known();
        (known.floor..=known.low).contains(&as_of)
            && !known.unsure.contains_key(&user)
            && known
                .last_about
                .get(&user)
                .is_none_or(|last| *last <= as_of)
    }

    /// Something about a person was revoked; the feed will tell what.
    pub(crate) fn notice(&self, user: UserId) {
        let mut known = self.known();
        known.void(user);
        known.unsure.insert(user, Instant::now());
    }

    /// Takes in what the last part of a reading of the feed after [`Self::low`] found. Answers about whom
    /// there was news.
    pub(crate) fn absorb(&self, began: Instant, entries: &[FeedEntry]) -> Vec<UserId> {
        let news = self.absorb_part(entries);
        self.known().tidy(began);
        self.read_at
            .fetch_max(self.micros(began).max(1), Ordering::AcqRel);
        news
    }

    /// Takes in a part of a reading that goes on.
    pub(crate) fn absorb_part(&self, entries: &[FeedEntry]) -> Vec<UserId> {
        let mut known = self.known();
        let mut news = Vec::new();
        for entry in entries {
            if entry.position > known.low && known.above.insert(entry.position) {
                known.void(entry.user_id);
                known.remember(entry.position, entry.user_id);
                news.push(entry.user_id);
            }
        }
        known.advance();
        news
    }
}

impl Known {
    fn void(&mut self, user: UserId) {
        self.epoch += 1;
        self.voided.insert(user, (self.epoch, Instant::now()));
    }

    fn remember(&mut self, position: FeedPosition, user: UserId) {
        let last = self.last_about.entry(user).or_insert(position);
        *last = position.max(*last);
        self.order.push_back((position, user));
        while self.order.len() > REMEMBERED {
            if let Some((position, user)) = self.order.pop_front() {
                self.floor = self.floor.max(position);
                if self.last_about.get(&user) == Some(&position) {
                    self.last_about.remove(&user);
                }
            }
        }
    }

    /// Moves `low` over what was seen without a gap, and over gaps that nobody fills any more.
    fn advance(&mut self) {
        while let Some(first) = self.above.first().copied() {
            if first.0 > self.low.0 + 1 {
                let since = *self.gap_since.get_or_insert_with(Instant::now);
                if since.elapsed() < GAP_PATIENCE {
                    return;
                }
            }
            self.gap_since = None;
            self.low = first;
            self.above.pop_first();
        }
        self.gap_since = None;
    }

    /// Forgets what no question can be about any more.
    fn tidy(&mut self, began: Instant) {
        self.unsure.retain(|_, noticed| *noticed >= began);
        if self.voided.len() > 1024 {
            self.voided.retain(|_, (_, at)| at.elapsed() < GAP_PATIENCE);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use user_service_domain::revocation::Revocation;
    use uuid::Uuid;

    use super::*;

    fn entry(position: i64, user: u128) -> FeedEntry {
        FeedEntry {
            position: FeedPosition(position),
            user_id: person(user),
            at: DateTime::<Utc>::UNIX_EPOCH,
            revocation: Revocation::AccountRemoved,
        }
    }

    fn person(n: u128) -> UserId {
        UserId::new(Uuid::from_u128(n))
    }

    fn watch() -> RevocationWatch {
        let watch = RevocationWatch::default();
        watch.begin(FeedPosition(10));
        watch
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_cached_is_trusted_before_the_feed_was_read_and_later_than_a_lease() {
        let watch = watch();
        assert!(!watch.is_fresh());
        tokio::time::advance(Duration::from_secs(5)).await;
        watch.absorb(Instant::now(), &[]);
        assert!(watch.is_fresh());
        tokio::time::advance(LEASE + Duration::from_millis(1)).await;
        assert!(!watch.is_fresh());
    }

    #[tokio::test(start_paused = true)]
    async fn a_reading_counts_from_when_it_began() {
        let watch = watch();
        tokio::time::advance(Duration::from_secs(5)).await;
        let began = Instant::now();
        tokio::time::advance(LEASE * 2).await;
        watch.absorb(began, &[]);
        assert!(!watch.is_fresh());
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_voids_what_was_found_before_it_and_nothing_else() {
        let watch = watch();
        let before = watch.mark();
        assert_eq!(watch.absorb(Instant::now(), &[entry(11, 1)]), [person(1)]);
        assert!(watch.voided_since(person(1), before));
        assert!(!watch.voided_since(person(2), before));
        assert!(!watch.voided_since(person(1), watch.mark()));
        assert!(!watch.stands(person(1), FeedPosition(10)));
        assert!(watch.stands(person(2), FeedPosition(10)));
        assert!(watch.stands(person(1), FeedPosition(11)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_gap_holds_the_mark_back_until_it_is_filled() {
        let watch = watch();
        assert_eq!(watch.absorb(Instant::now(), &[entry(12, 1)]), [person(1)]);
        assert_eq!(watch.low(), FeedPosition(10));
        // Read again, it is no news; the late one is.
        let news = watch.absorb(Instant::now(), &[entry(11, 2), entry(12, 1)]);
        assert_eq!(news, [person(2)]);
        assert_eq!(watch.low(), FeedPosition(12));
    }

    #[tokio::test(start_paused = true)]
    async fn a_gap_that_nobody_fills_is_passed_over() {
        let watch = watch();
        watch.absorb(Instant::now(), &[entry(12, 1)]);
        tokio::time::advance(GAP_PATIENCE).await;
        watch.absorb(Instant::now(), &[entry(12, 1)]);
        assert_eq!(watch.low(), FeedPosition(12));
    }

    #[tokio::test(start_paused = true)]
    async fn a_notice_makes_unsure_until_the_feed_is_read_after_it() {
        let watch = watch();
        let earlier = Instant::now();
        tokio::time::advance(Duration::from_millis(1)).await;
        let mark = watch.mark();
        watch.notice(person(1));
        assert!(watch.voided_since(person(1), mark));
        watch.absorb(earlier, &[]);
        assert!(!watch.stands(person(1), FeedPosition(10)));
        tokio::time::advance(Duration::from_millis(1)).await;
        watch.absorb(Instant::now(), &[]);
        assert!(watch.stands(person(1), FeedPosition(10)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_older_or_newer_than_what_is_known_does_not_stand() {
        let watch = watch();
        assert!(!watch.stands(person(1), FeedPosition(9)));
        assert!(!watch.stands(person(1), FeedPosition(11)));
    }
}
