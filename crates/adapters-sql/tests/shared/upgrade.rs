//! Sessions and the index of the search when the schema changes.

use chrono::{DateTime, TimeDelta, Utc};
use user_service_adapters_sql::SqlStore;
use user_service_domain::ids::{ProfileId, SessionId, UserId};
use user_service_domain::profile::{Counted, DisplayName, Profile, ProfileFilter, Searched};
use user_service_domain::session::{
    Device, DeviceName, DeviceType, EndReason, Ended, OsName, Session, SessionFilter, TokenDigest,
    UserAgent,
};
use user_service_domain::store::Store;
use user_service_domain::text::SearchText;
use uuid::Uuid;

/// What the upkeep of sessions and the feed brought.
const CHANGES: u32 = 6;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_763_935_549_123_456).unwrap()
}

/// A person without anything optional.
pub(crate) fn person(n: u128) -> Profile {
    Profile {
        id: ProfileId::new(Uuid::from_u128(n)),
        user_id: UserId::new(Uuid::from_u128(1000 + n)),
        display_name: DisplayName::parse("Ana").unwrap(),
        bio: None,
        avatar: None,
        avatar_url: None,
        location: None,
        website: None,
        phone_number: None,
        is_verified: false,
        is_active: true,
        version: 1,
        created_at: now(),
        updated_at: now(),
        last_login_at: None,
    }
}

/// The session of this number and token; an odd one has everything set.
pub(crate) fn session(of: &Profile, n: u128, token: u8) -> Session {
    let odd = n % 2 == 1;
    Session {
        id: SessionId::new(Uuid::from_u128(n)),
        profile_id: of.id,
        token: TokenDigest([token; 32]),
        device: Device {
            kind: odd.then_some(DeviceType::Tablet),
            name: DeviceName::parse("Ana's 平板").ok().filter(|_| odd),
            os: OsName::parse("Ós").ok().filter(|_| odd),
        },
        ip_address: "2001:db8::1".parse().ok().filter(|_| odd),
        user_agent: UserAgent::parse("Mozilla/5.0").ok().filter(|_| odd),
        created_at: now(),
        last_activity_at: now() + TimeDelta::microseconds(1),
        expires_at: now() + TimeDelta::hours(1),
        follows_tokens: true,
        ended: odd.then_some(Ended {
            at: now(),
            reason: EndReason::Revoked,
        }),
    }
}

async fn save(store: &SqlStore, profiles: &[Profile], sessions: &[Session]) {
    let mut work = store.begin().await.unwrap();
    for profile in profiles {
        work.profiles().insert(profile).await.unwrap();
    }
    for session in sessions {
        work.sessions().insert(session).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn saved(store: &SqlStore, of: &Profile) -> Vec<Session> {
    let list = store.sessions().list(of.id, SessionFilter::All, now(), 10);
    let mut sessions = list.await.unwrap();
    sessions.sort_by_key(|session| session.id);
    sessions
}

/// Down and up again, sessions are as they were. The way down is refused where it would lose one: when two
/// people have sessions of one token.
pub(crate) async fn sessions_survive(url: &str, open: impl AsyncFn() -> SqlStore) {
    let all = user_service_migration::up(url).await.unwrap();
    let (ana, bo) = (person(1), person(2));
    let hers: Vec<Session> = (0..4).map(|n| session(&ana, n.into(), n)).collect();
    let store = open().await;
    save(&store, &[ana.clone(), bo.clone()], &hers).await;
    store.close().await.unwrap();

    let down = user_service_migration::down(url, CHANGES).await.unwrap();
    assert_eq!(down.len(), 6);
    let up = user_service_migration::up(url).await.unwrap();
    assert_eq!(up, all[all.len() - 6..]);
    let store = open().await;
    assert_eq!(saved(&store, &ana).await, hers);

    let his = session(&bo, 9, 3);
    save(&store, &[], std::slice::from_ref(&his)).await;
    store.close().await.unwrap();
    user_service_migration::down(url, CHANGES - 1)
        .await
        .unwrap();
    assert!(user_service_migration::down(url, 1).await.is_err());
    let up = user_service_migration::up(url).await.unwrap();
    assert_eq!(up, all[all.len() - 5..]);
    let store = open().await;
    assert_eq!(saved(&store, &ana).await, hers);
    assert_eq!(saved(&store, &bo).await, [his]);
    store.close().await.unwrap();
}

/// Profiles from before there was an index are in it once they were indexed, in batches.
pub(crate) async fn profiles_are_indexed(url: &str, open: impl AsyncFn() -> SqlStore) {
    user_service_migration::up(url).await.unwrap();
    let store = open().await;
    let people: Vec<Profile> = (1..=5).map(person).collect();
    save(&store, &people, &[]).await;
    store.close().await.unwrap();
    // The index, and what came after it.
    user_service_migration::down(url, 3).await.unwrap();
    user_service_migration::up(url).await.unwrap();
    let store = open().await;
    let name = people[0].display_name.as_str();
    let rest: String = name.chars().skip(1).collect();
    let text = SearchText::parse(&rest).unwrap();
    let count = async || {
        let filter = ProfileFilter::default();
        store.search().count(&text, &filter, 1000).await.unwrap()
    };
    assert_eq!(count().await, Counted::Exactly(0));
    for expected in [3, 2, 0] {
        let mut work = store.begin().await.unwrap();
        assert_eq!(
            work.search_index().index_pending(3).await.unwrap(),
            expected
        );
        work.commit().await.unwrap();
    }
    let matching = people
        .iter()
        .filter(|person| text.rank(&Searched::of(person)).is_some());
    assert_eq!(
        count().await,
        Counted::Exactly(matching.count().try_into().unwrap())
    );
    store.close().await.unwrap();
}
