//! Units of work that cross each other: engines with more than one writer.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ConnectionTrait;
use user_service_adapters_sql::SqlStore;
use user_service_domain::revocation::{FeedPosition, NewFeedEntry, Revocation};
use user_service_domain::session::{EndReason, Session, TokenDigest};
use user_service_domain::store::{Store, UnitOfWork};

use crate::upgrade::{person, session};

const START: FeedPosition = FeedPosition(0);

fn removal(n: u128, at: DateTime<Utc>) -> NewFeedEntry {
    NewFeedEntry {
        user_id: person(n).user_id,
        at,
        revocation: Revocation::AccountRemoved,
    }
}

fn token(n: u128) -> TokenDigest {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&n.to_be_bytes());
    TokenDigest(bytes)
}

async fn two(store: &dyn Store) -> (Box<dyn UnitOfWork>, Box<dyn UnitOfWork>) {
    (store.begin().await.unwrap(), store.begin().await.unwrap())
}

async fn told(store: &dyn Store, line: NewFeedEntry) -> Box<dyn UnitOfWork> {
    let mut work = store.begin().await.unwrap();
    work.revocations().append(&[line]).await.unwrap();
    work
}

/// Of two open units of work the later may be committed first: a reader sees its position before the
/// smaller one, and both in the end.
pub(crate) async fn positions_cross(store: &dyn Store) {
    let at = person(1).created_at;
    let early = told(store, removal(1, at)).await;
    let late = told(store, removal(2, at)).await;
    late.commit().await.unwrap();
    let seen = store.revocations().after(START, 10).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].user_id, person(2).user_id);
    early.commit().await.unwrap();
    let all = store.revocations().after(START, 10).await.unwrap();
    let people: Vec<_> = all.iter().map(|line| line.user_id).collect();
    assert_eq!(people, [person(1).user_id, person(2).user_id]);
    assert!(all[0].position < seen[0].position && all[1] == seen[0]);
    assert_eq!(store.revocations().last().await.unwrap(), seen[0].position);
}

/// Who expires or forgets does not wait for rows that others work on, nor for another who does the same. The
/// store holds enough for its planner to use indexes; `analyze` tells it so.
pub(crate) async fn upkeep_waits_for_nobody(store: &SqlStore, analyze: &str) {
    let ana = person(1);
    let lapsed = |n: u128| Session {
        ended: None,
        token: token(n),
        ..session(&ana, n, 0)
    };
    let later = lapsed(1).expires_at + TimeDelta::days(1);
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    let mut lines = Vec::new();
    for n in 1..=1000 {
        let mut session = lapsed(n);
        let mut line = removal(n, session.created_at);
        if n > 5 {
            session.expires_at = later + TimeDelta::days(1);
            line.at = later;
        }
        work.sessions().insert(&session).await.unwrap();
        lines.push(line);
    }
    work.revocations().append(&lines).await.unwrap();
    work.commit().await.unwrap();
    store
        .connection()
        .execute_unprepared(analyze)
        .await
        .unwrap();

    let mut busy = store.begin().await.unwrap();
    let held = [lapsed(2).id];
    let ended = busy
        .sessions()
        .end(ana.id, &held, later, EndReason::Revoked);
    assert_eq!(ended.await.unwrap(), 1);

    let (mut one, mut other) = two(store).await;
    assert_eq!(one.session_upkeep().expire(later, 2).await.unwrap(), 2);
    assert_eq!(other.session_upkeep().expire(later, 10).await.unwrap(), 2);
    one.commit().await.unwrap();
    other.commit().await.unwrap();

    let (mut one, mut other) = two(store).await;
    assert_eq!(one.session_upkeep().prune(later, 3).await.unwrap(), 3);
    assert_eq!(other.session_upkeep().prune(later, 10).await.unwrap(), 1);
    assert_eq!(one.revocations().prune(later, 3).await.unwrap(), 3);
    assert_eq!(other.revocations().prune(later, 10).await.unwrap(), 2);
    other.commit().await.unwrap();
    one.commit().await.unwrap();

    busy.commit().await.unwrap();
    let mut work = store.begin().await.unwrap();
    let found = work.sessions().find(ana.id, held[0]).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(found.unwrap().ended.unwrap().reason, EndReason::Revoked);
}
