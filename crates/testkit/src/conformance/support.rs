//! What the cases share.

use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use user_service_domain::idempotency::{Fingerprint, KeyDigest, KeyRecord, StoredResponse};
use user_service_domain::ids::{PreferencesId, ProfileId, SessionId, UserId};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::{
    Account, DisplayName, Position, Profile, ProfileFilter, ProfileKey, ProfileOrder, ProfileQuery,
};
use user_service_domain::revocation::{FeedEntry, FeedPosition, NewFeedEntry, Revocation};
use user_service_domain::session::{
    Device, EndReason, Ended, Session, SessionFilter, Standing, TokenDigest,
};
use user_service_domain::store::{Constraint, Store, StoreError};
use uuid::Uuid;

use crate::build::{epoch, profile};

/// A profile that no other case knows.
pub(super) fn someone() -> Profile {
    let (id, user_id) = (ProfileId::new(Uuid::new_v4()), UserId::new(Uuid::new_v4()));
    Profile {
        id,
        user_id,
        ..profile(1)
    }
}

/// [`someone`] of this name.
pub(super) fn named(name: &str) -> Profile {
    Profile {
        display_name: DisplayName::parse(name).unwrap(),
        ..someone()
    }
}

/// The default preferences of this profile.
pub(super) fn preferences_of(profile: &Profile) -> Preferences {
    Preferences::defaults(
        PreferencesId::new(Uuid::new_v4()),
        profile.id,
        profile.created_at,
    )
}

/// The profile as the next version.
pub(super) fn next(profile: &Profile) -> Profile {
    Profile {
        version: profile.version + 1,
        ..profile.clone()
    }
}

/// A key that no other case knows, good for a day.
pub(super) fn some_key() -> KeyRecord {
    KeyRecord {
        key: KeyDigest(random_bytes()),
        fingerprint: Fingerprint(random_bytes()),
        created_at: micros(123_456),
        expires_at: micros(123_456) + TimeDelta::days(1),
        response: None,
    }
}

/// A session of this profile that no other case knows: begun with 2026, good for an hour, nothing optional
/// set.
pub(super) fn session_of(profile: &Profile) -> Session {
    Session {
        id: SessionId::new(Uuid::new_v4()),
        profile_id: profile.id,
        token: TokenDigest(random_bytes()),
        device: Device::default(),
        ip_address: None,
        user_agent: None,
        created_at: micros(0),
        last_activity_at: micros(0),
        expires_at: seconds(3600),
        follows_tokens: true,
        ended: None,
    }
}

/// An end so many seconds into 2026.
pub(super) fn ended(second: i64, reason: EndReason) -> Ended {
    let at = seconds(second);
    Ended { at, reason }
}

/// A line about this person, of so many seconds into 2026.
pub(super) fn line(user_id: UserId, second: i64, revocation: Revocation) -> NewFeedEntry {
    let at = seconds(second);
    NewFeedEntry {
        user_id,
        at,
        revocation,
    }
}

fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    bytes[16..].copy_from_slice(Uuid::new_v4().as_bytes());
    bytes
}

/// A response with everything set.
pub(super) fn some_response() -> StoredResponse {
    StoredResponse {
        status: 201,
        location: Some("/api/v1/users/1".to_owned()),
        etag: Some("\"1\"".to_owned()),
        body: r#"{"name":"Zoë 👩‍🚀"}"#.to_owned(),
    }
}

/// So many microseconds into 2026.
pub(super) fn micros(n: i64) -> DateTime<Utc> {
    epoch() + TimeDelta::microseconds(n)
}

/// So many seconds into 2026.
pub(super) fn seconds(n: i64) -> DateTime<Utc> {
    epoch() + TimeDelta::seconds(n)
}

/// Stores profiles in one unit of work.
pub(super) async fn save(store: &dyn Store, profiles: &[Profile]) {
    let mut work = store.begin().await.unwrap();
    for profile in profiles {
        work.profiles().insert(profile).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// Stores a profile with its preferences.
pub(super) async fn save_account(
    store: &dyn Store,
    preferences: impl FnOnce(&mut Preferences),
) -> Account {
    let profile = someone();
    let mut account = Account {
        preferences: preferences_of(&profile),
        profile,
    };
    preferences(&mut account.preferences);
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&account.profile).await.unwrap();
    work.preferences()
        .insert(&account.preferences)
        .await
        .unwrap();
    work.commit().await.unwrap();
    account
}

/// Stores a changed profile.
pub(super) async fn update(store: &dyn Store, profile: &Profile) {
    let mut work = store.begin().await.unwrap();
    work.profiles().update(profile).await.unwrap();
    work.commit().await.unwrap();
}

/// Stores a key.
pub(super) async fn save_key(store: &dyn Store, record: &KeyRecord) {
    let mut work = store.begin().await.unwrap();
    work.idempotency_keys().insert(record).await.unwrap();
    work.commit().await.unwrap();
}

/// Stores sessions in one unit of work.
pub(super) async fn save_sessions(store: &dyn Store, sessions: &[Session]) {
    let mut work = store.begin().await.unwrap();
    for session in sessions {
        work.sessions().insert(session).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// Stores a profile with sessions that differ from [`session_of`] by what is done to each by its number.
pub(super) async fn save_with_sessions(
    store: &dyn Store,
    count: usize,
    change: impl Fn(usize, &mut Session),
) -> (Profile, Vec<Session>) {
    let ana = someone();
    save(store, std::slice::from_ref(&ana)).await;
    let mut sessions: Vec<Session> = (0..count).map(|_| session_of(&ana)).collect();
    for (n, session) in sessions.iter_mut().enumerate() {
        change(n, session);
    }
    save_sessions(store, &sessions).await;
    (ana, sessions)
}

/// Adds lines to the feed in one unit of work.
pub(super) async fn tell(store: &dyn Store, lines: &[NewFeedEntry]) {
    let mut work = store.begin().await.unwrap();
    work.revocations().append(lines).await.unwrap();
    work.commit().await.unwrap();
}

/// The feed after a position.
pub(super) async fn heard(store: &dyn Store, after: FeedPosition) -> Vec<FeedEntry> {
    store.revocations().after(after, 10_000).await.unwrap()
}

/// The session as a unit of work sees it.
pub(super) async fn found_session(store: &dyn Store, like: &Session) -> Option<Session> {
    let mut work = store.begin().await.unwrap();
    let found = work.sessions().find(like.profile_id, like.id).await;
    work.commit().await.unwrap();
    found.unwrap()
}

/// The sessions of a profile as readers see them.
pub(super) async fn listed(
    store: &dyn Store,
    of: ProfileId,
    filter: SessionFilter,
    now: DateTime<Utc>,
) -> Vec<Session> {
    let reader = store.sessions();
    reader.list(of, filter, now, 10_000).await.unwrap()
}

/// What is known of a bearer.
pub(super) async fn standing(
    store: &dyn Store,
    user_id: UserId,
    token: Option<TokenDigest>,
) -> Standing {
    store.sessions().standing(user_id, token).await.unwrap()
}

/// The profile of this id as readers see it.
pub(super) async fn found(store: &dyn Store, id: ProfileId) -> Option<Profile> {
    store.profiles().find(ProfileKey::Id(id)).await.unwrap()
}

/// The profile of this id with its preferences as readers see them.
pub(super) async fn found_account(store: &dyn Store, id: ProfileId) -> Option<Account> {
    store
        .profiles()
        .find_account(ProfileKey::Id(id))
        .await
        .unwrap()
}

/// The preferences of this profile as a unit of work sees them.
pub(super) async fn found_preferences(store: &dyn Store, id: ProfileId) -> Option<Preferences> {
    let mut work = store.begin().await.unwrap();
    let found = work.preferences().find_for_update(id).await.unwrap();
    work.commit().await.unwrap();
    found
}

/// The record of this key as a unit of work sees it.
pub(super) async fn found_key(store: &dyn Store, key: KeyDigest) -> Option<KeyRecord> {
    let mut work = store.begin().await.unwrap();
    let found = work.idempotency_keys().find_for_update(key).await.unwrap();
    work.commit().await.unwrap();
    found
}

/// These profiles alone.
pub(super) fn among(profiles: &[Profile]) -> ProfileFilter {
    ProfileFilter {
        ids: Some(ids(profiles)),
        ..ProfileFilter::default()
    }
}

/// The ids of profiles in their order.
pub(super) fn ids(profiles: &[Profile]) -> Vec<ProfileId> {
    profiles.iter().map(|profile| profile.id).collect()
}

/// What a first page of 1000 holds, in the order of its ids.
pub(super) async fn all(store: &dyn Store, filter: ProfileFilter) -> Vec<ProfileId> {
    let position = Position::Offset(0);
    let query = ProfileQuery {
        filter,
        order: ProfileOrder::default(),
        position,
        limit: 1000,
    };
    let mut found = ids(&store.profiles().list(&query).await.unwrap());
    found.sort_unstable();
    found
}

/// Fails unless the answer is this conflict.
#[track_caller]
pub(super) fn assert_conflict<T: Debug>(answer: &Result<T, StoreError>, with: Constraint) {
    assert!(
        matches!(answer, Err(StoreError::Conflict(c)) if *c == with),
        "{with:?}, not {answer:?}"
    );
}

/// Fails unless the answer is `Stale`.
#[track_caller]
pub(super) fn assert_stale<T: Debug>(answer: &Result<T, StoreError>) {
    assert!(
        matches!(answer, Err(StoreError::Stale)),
        "Stale, not {answer:?}"
    );
}

/// Fails unless the answer is `Internal`.
#[track_caller]
pub(super) fn assert_internal<T: Debug>(answer: &Result<T, StoreError>) {
    assert!(
        matches!(answer, Err(StoreError::Internal(_))),
        "Internal, not {answer:?}"
    );
}
