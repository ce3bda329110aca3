//! The feed of revocations: lines that are there exactly when their change is.

use std::sync::Arc;

use user_service_domain::ids::UserId;
use user_service_domain::revocation::{FeedEntry, FeedPosition, NewFeedEntry, Revocation};
use user_service_domain::session::EndReason;
use user_service_domain::store::Store;

use super::support::{
    found_session, heard, line, micros, save_with_sessions, seconds, session_of, someone, tell,
};

const START: FeedPosition = FeedPosition(0);

fn removals(count: i64) -> Vec<NewFeedEntry> {
    let user = someone().user_id;
    (0..count)
        .map(|second| line(user, second, Revocation::AccountRemoved))
        .collect()
}

/// What was told is heard, in its order, at positions that grow.
#[track_caller]
fn assert_heard(heard: &[FeedEntry], told: &[NewFeedEntry]) {
    let lines: Vec<NewFeedEntry> = heard
        .iter()
        .map(|heard| NewFeedEntry {
            user_id: heard.user_id,
            at: heard.at,
            revocation: heard.revocation,
        })
        .collect();
    assert_eq!(lines, told);
    assert!(
        heard
            .windows(2)
            .all(|pair| pair[0].position < pair[1].position)
    );
}

async fn last(store: &dyn Store) -> FeedPosition {
    store.revocations().last().await.unwrap()
}

async fn prune(store: &dyn Store, second: i64, limit: u32) -> u64 {
    let mut work = store.begin().await.unwrap();
    let log = work.revocations();
    let pruned = log.prune(seconds(second), limit).await.unwrap();
    work.commit().await.unwrap();
    pruned
}

/// A line of every kind and reason is read back equal, times to the microsecond.
pub async fn every_line_is_read_back_equal(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 4, |_, _| ()).await;
    let mut told: Vec<NewFeedEntry> = sessions
        .iter()
        .zip(EndReason::ALL)
        .map(|(session, reason)| NewFeedEntry {
            user_id: ana.user_id,
            at: micros(999_999),
            revocation: Revocation::Session {
                id: session.id,
                token: session.token,
                reason,
                expires_at: micros(2_000_000_000_000_001),
            },
        })
        .collect();
    for revocation in [
        Revocation::AccountDeactivated,
        Revocation::AccountReactivated,
        Revocation::AccountRemoved,
    ] {
        let at = micros(1);
        told.push(NewFeedEntry {
            user_id: someone().user_id,
            at,
            revocation,
        });
    }
    tell(&*store, &told).await;
    assert_heard(&heard(&*store, START).await, &told);
}

/// An empty feed has no lines and the default position.
pub async fn an_empty_feed_is_at_its_start(store: Arc<dyn Store>) {
    assert_eq!(last(&*store).await, FeedPosition::default());
    assert_eq!(heard(&*store, START).await, []);
    tell(&*store, &[]).await;
    assert_eq!(last(&*store).await, FeedPosition::default());
}

/// Lines are read after a position, not at it, by position and no more than the limit; the last is the last.
pub async fn a_feed_is_read_in_pieces(store: Arc<dyn Store>) {
    let told = removals(7);
    tell(&*store, &told[..4]).await;
    tell(&*store, &told[4..]).await;
    let all = heard(&*store, START).await;
    assert_heard(&all, &told);
    assert_eq!(last(&*store).await, all[6].position);
    let (mut seen, mut place) = (Vec::new(), START);
    for expected in [3, 3, 1, 0] {
        let piece = store.revocations().after(place, 3).await.unwrap();
        assert_eq!(piece.len(), expected);
        place = piece.last().map_or(place, |line| line.position);
        seen.extend(piece);
    }
    assert_eq!(seen, all);
    assert_eq!(heard(&*store, all[3].position).await, all[4..]);
    assert_eq!(store.revocations().after(START, 0).await.unwrap(), []);
    assert_eq!(heard(&*store, FeedPosition(i64::MAX)).await, []);
}

/// Lines are in the order of time though they may tell of an earlier moment.
pub async fn positions_do_not_depend_on_moments(store: Arc<dyn Store>) {
    let mut told = removals(5);
    told.reverse();
    for line in &told {
        tell(&*store, std::slice::from_ref(line)).await;
    }
    assert_heard(&heard(&*store, START).await, &told);
}

/// A position is above all that were committed before, also of lines that were forgotten.
pub async fn positions_are_never_given_again(store: Arc<dyn Store>) {
    let mut highest = START;
    for _ in 0..3 {
        tell(&*store, &removals(2)).await;
        let lines = heard(&*store, highest).await;
        assert_eq!(lines.len(), 2);
        highest = last(&*store).await;
        assert_eq!(lines[1].position, highest);
        assert_eq!(prune(&*store, 60, 100).await, 2);
        assert_eq!(last(&*store).await, FeedPosition::default());
    }
}

/// A line is there when the change that it tells of is: both, or none.
pub async fn a_line_is_there_when_its_change_is(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let session = &sessions[0];
    let told = line(
        ana.user_id,
        1,
        Revocation::Session {
            id: session.id,
            token: session.token,
            reason: EndReason::Revoked,
            expires_at: session.expires_at,
        },
    );
    for kept in [false, true] {
        let mut work = store.begin().await.unwrap();
        let (ids, at) = ([session.id], seconds(1));
        let ended = work.sessions().end(ana.id, &ids, at, EndReason::Revoked);
        assert_eq!(ended.await.unwrap(), 1);
        work.revocations().append(&[told]).await.unwrap();
        assert_eq!(heard(&*store, START).await, []);
        if kept {
            work.commit().await.unwrap();
        } else {
            drop(work);
        }
        let found = found_session(&*store, session).await.unwrap();
        assert_eq!(found.ended.is_some(), kept);
        let lines = heard(&*store, START).await;
        assert_heard(&lines, &vec![told; usize::from(kept)]);
    }
}

/// Lines about a person stay when their profile goes, and need none to be written.
pub async fn lines_outlive_the_profile(store: Arc<dyn Store>) {
    let (ana, _) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let told = [
        line(ana.user_id, 1, Revocation::AccountDeactivated),
        line(ana.user_id, 2, Revocation::AccountRemoved),
        line(someone().user_id, 3, Revocation::AccountRemoved),
    ];
    tell(&*store, &told[..1]).await;
    let mut work = store.begin().await.unwrap();
    work.revocations().append(&told[1..2]).await.unwrap();
    assert!(work.profiles().delete(ana.id).await.unwrap());
    work.commit().await.unwrap();
    tell(&*store, &told[2..]).await;
    assert_heard(&heard(&*store, START).await, &told);
}

/// Twenty-five hundred lines may be added at once, and keep their order.
pub async fn many_lines_keep_their_order(store: Arc<dyn Store>) {
    let bo = someone();
    let told: Vec<NewFeedEntry> = (0..2500)
        .map(|second| {
            let session = session_of(&bo);
            let revocation = Revocation::Session {
                id: session.id,
                token: session.token,
                reason: EndReason::Evicted,
                expires_at: seconds(second),
            };
            line(bo.user_id, second % 7, revocation)
        })
        .collect();
    tell(&*store, &told).await;
    assert_heard(&heard(&*store, START).await, &told);
}

/// Lines from before the moment are forgotten, not those of it, and as many are counted.
pub async fn pruning_forgets_only_lines_from_before(store: Arc<dyn Store>) {
    let user: UserId = someone().user_id;
    let told = [59_999_999, 60_000_001, 60_000_000, 0].map(|n| NewFeedEntry {
        at: micros(n),
        ..line(user, 0, Revocation::AccountRemoved)
    });
    tell(&*store, &told).await;
    assert_eq!(prune(&*store, 60, 100).await, 2);
    assert_eq!(prune(&*store, 60, 100).await, 0);
    assert_heard(&heard(&*store, START).await, &told[1..3]);
}

/// At most `limit` lines are forgotten at a time, and the rest later.
pub async fn pruning_lines_stops_at_its_limit(store: Arc<dyn Store>) {
    tell(&*store, &removals(5)).await;
    let mut pruned = Vec::new();
    for limit in [0, 2, 2, 2, 2] {
        pruned.push(prune(&*store, 60, limit).await);
    }
    assert_eq!(pruned, [0, 2, 2, 1, 0]);
}
