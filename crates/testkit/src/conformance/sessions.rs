//! The sessions of a profile: kept exactly, found by token and id, ended once.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::task::JoinSet;
use user_service_domain::ids::SessionId;
use user_service_domain::profile::{Profile, ProfileKey};
use user_service_domain::session::{
    Device, DeviceName, DeviceType, EndReason, OsName, Session, SessionFilter, TokenDigest,
    UserAgent,
};
use user_service_domain::store::{Constraint, Store, StoreError};
use uuid::Uuid;

use super::support::{
    assert_conflict, assert_stale, ended, found_session, listed, micros, save, save_sessions,
    save_with_sessions, seconds, session_of, someone,
};
use super::writers::persist;

fn complete(session: &mut Session) {
    session.device = Device {
        kind: Some(DeviceType::Tablet),
        name: Some(DeviceName::parse("Ana's 平板 👩‍🚀").unwrap()),
        os: Some(OsName::parse("Ós 17.1 \\ '%").unwrap()),
    };
    session.ip_address = Some("2001:db8::ff:1".parse().unwrap());
    session.user_agent = Some(UserAgent::parse("Mozilla/5.0 (\"x\"; ü)").unwrap());
    session.created_at = micros(1);
    session.last_activity_at = micros(999_999);
    session.expires_at = micros(2_000_000_000_000_001);
    session.follows_tokens = false;
    session.ended = Some(ended(7, EndReason::Logout));
}

async fn update(store: &dyn Store, session: &Session) {
    let mut work = store.begin().await.unwrap();
    work.sessions().update(session).await.unwrap();
    work.commit().await.unwrap();
}

async fn end(store: &dyn Store, of: &Profile, ids: &[SessionId], second: i64) -> u64 {
    let mut work = store.begin().await.unwrap();
    let ended = work
        .sessions()
        .end(of.id, ids, seconds(second), EndReason::Revoked)
        .await
        .unwrap();
    work.commit().await.unwrap();
    ended
}

fn ids(sessions: &[Session]) -> Vec<SessionId> {
    sessions.iter().map(|session| session.id).collect()
}

/// A session with every member set is read back equal, by every finder and in a list.
pub async fn a_complete_session_is_read_back_equal(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 1, |_, session| complete(session)).await;
    let session = &sessions[0];
    let mut work = store.begin().await.unwrap();
    let by_token = work.sessions().find_by_token(ana.id, session.token).await;
    assert_eq!(by_token.unwrap().as_ref(), Some(session));
    let by_id = work.sessions().find(ana.id, session.id).await;
    assert_eq!(by_id.unwrap().as_ref(), Some(session));
    work.commit().await.unwrap();
    let all = listed(&*store, ana.id, SessionFilter::All, micros(0)).await;
    assert_eq!(all, sessions);
}

/// A session with nothing optional set is read back equal: `None` stays `None`.
pub async fn a_bare_session_is_read_back_equal(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let found = found_session(&*store, &sessions[0]).await;
    assert_eq!(found.as_ref(), Some(&sessions[0]));
}

/// Every kind of device, every reason and every form of address is kept.
pub async fn every_choice_of_a_session_is_kept(store: Arc<dyn Store>) {
    let addresses = [
        "192.0.2.1",
        "::",
        "::ffff:192.0.2.1",
        "2001:db8:1:2:3:4:5:6",
    ];
    let (_, sessions) = save_with_sessions(&*store, 4, |n, session| {
        session.device.kind = Some(DeviceType::ALL[n]);
        session.ended = Some(ended(1, EndReason::ALL[n]));
        session.ip_address = Some(addresses[n].parse::<IpAddr>().unwrap());
    })
    .await;
    for session in sessions {
        assert_eq!(found_session(&*store, &session).await, Some(session));
    }
}

/// The longest texts about a device come back, in characters of four bytes as well.
pub async fn the_longest_texts_of_a_device_come_back(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 2, |n, session| {
        let letter = ["👩", "x"][n];
        session.device.name = DeviceName::parse(&letter.repeat(DeviceName::MAX)).ok();
        session.device.os = OsName::parse(&letter.repeat(OsName::MAX)).ok();
        session.user_agent = UserAgent::parse(&letter.repeat(UserAgent::MAX)).ok();
    })
    .await;
    for session in sessions {
        assert!(session.device.name.is_some() && session.user_agent.is_some());
        assert_eq!(found_session(&*store, &session).await, Some(session));
    }
}

/// Times of a session are kept to the microsecond, the first and the last of a second included, past 2038.
pub async fn times_of_a_session_are_kept_to_the_microsecond(store: Arc<dyn Store>) {
    let times = [
        0,
        1,
        999_999,
        500_000,
        999_999_999_999,
        2_000_000_000_000_001,
    ];
    let (_, sessions) = save_with_sessions(&*store, times.len(), |n, session| {
        session.created_at = micros(times[n]);
        session.last_activity_at = micros(times[n] + 1);
        session.expires_at = micros(times[n] + 2);
        let mut end = ended(0, EndReason::Expired);
        end.at = micros(times[n] + 3);
        session.ended = Some(end);
    })
    .await;
    for session in sessions {
        assert_eq!(found_session(&*store, &session).await, Some(session));
    }
}

/// A digest is any bytes, and no byte is passed over.
pub async fn digests_of_tokens_are_any_bytes(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    for byte in [0, 0xff, b'\'', b'\\', b' '] {
        let mut last_differs = [byte; 32];
        last_differs[31] ^= 1;
        for bytes in [[byte; 32], last_differs] {
            let session = Session {
                token: TokenDigest(bytes),
                ..session_of(&ana)
            };
            save_sessions(&*store, std::slice::from_ref(&session)).await;
            let mut work = store.begin().await.unwrap();
            let found = work.sessions().find_by_token(ana.id, session.token).await;
            assert_eq!(found.unwrap(), Some(session));
        }
    }
}

/// A session is found by its token and by its id whatever its state: in use, lapsed, ended.
pub async fn a_session_is_found_whatever_its_state(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 3, |n, session| match n {
        0 => session.expires_at = micros(1),
        1 => session.ended = Some(ended(0, EndReason::Evicted)),
        _ => (),
    })
    .await;
    let mut work = store.begin().await.unwrap();
    for session in sessions {
        let by_token = work.sessions().find_by_token(ana.id, session.token).await;
        assert_eq!(by_token.unwrap().as_ref(), Some(&session));
        let by_id = work.sessions().find(ana.id, session.id).await;
        assert_eq!(by_id.unwrap(), Some(session));
    }
    work.commit().await.unwrap();
}

/// An absent session is `None`, and so is that of another profile.
pub async fn sessions_of_others_are_not_found(store: Arc<dyn Store>) {
    let (_, hers) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let (bo, his) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let nobodys = session_of(&bo);
    let mut work = store.begin().await.unwrap();
    for session in [&hers[0], &nobodys] {
        let by_token = work.sessions().find_by_token(bo.id, session.token).await;
        assert_eq!(by_token.unwrap(), None);
        let by_id = work.sessions().find(bo.id, session.id).await;
        assert_eq!(by_id.unwrap(), None);
    }
    let active = work.sessions().active(bo.id, micros(0)).await;
    assert_eq!(active.unwrap(), his);
    work.commit().await.unwrap();
}

/// Active are those that nobody ended and that end after the moment, not at it; oldest first, equals by id.
pub async fn active_sessions_come_oldest_first(store: Arc<dyn Store>) {
    let now = seconds(60);
    let begun = [5, 3, 3, 3, 9, 1, 2, 0];
    let (ana, sessions) = save_with_sessions(&*store, begun.len(), |n, session| {
        session.created_at = micros(begun[n]);
        match n {
            5 => session.expires_at = now,
            6 => session.expires_at = now + chrono::TimeDelta::microseconds(1),
            7 => session.ended = Some(ended(59, EndReason::Revoked)),
            _ => (),
        }
    })
    .await;
    let mut expected: Vec<Session> = [0, 1, 2, 3, 4, 6].map(|n| sessions[n].clone()).to_vec();
    expected.sort_by_key(|session| (session.created_at, session.id));
    let mut work = store.begin().await.unwrap();
    let active = work.sessions().active(ana.id, now).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(active, expected);
    assert_eq!(active[0].id, sessions[6].id);
}

/// A second session of a token is `Conflict(SessionToken)`, also when the first has ended.
pub async fn a_second_session_of_a_token_conflicts(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 2, |n, session| {
        if n == 0 {
            session.ended = Some(ended(1, EndReason::Logout));
        }
    })
    .await;
    for session in sessions {
        let again = Session {
            token: session.token,
            ..session_of(&ana)
        };
        let mut work = store.begin().await.unwrap();
        let answer = work.sessions().insert(&again).await;
        assert_conflict(&answer, Constraint::SessionToken);
    }
}

/// Two persons may have sessions of the same token, and each finds their own.
pub async fn two_persons_may_have_one_token(store: Arc<dyn Store>) {
    let (_, hers) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let token = hers[0].token;
    let (bo, his) = save_with_sessions(&*store, 1, |_, session| session.token = token).await;
    let mut work = store.begin().await.unwrap();
    for session in hers.iter().chain(&his) {
        let found = work.sessions().find_by_token(session.profile_id, token);
        assert_eq!(found.await.unwrap().as_ref(), Some(session));
    }
    work.commit().await.unwrap();
    assert_eq!(end(&*store, &bo, &ids(&his), 1).await, 1);
    let found = found_session(&*store, &hers[0]).await;
    assert_eq!(found.as_ref(), Some(&hers[0]));
}

/// An id that is taken is `Conflict(SessionId)`, whoever has it.
pub async fn a_taken_session_id_conflicts(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let bo = someone();
    save(&*store, std::slice::from_ref(&bo)).await;
    for profile in [&ana, &bo] {
        let again = Session {
            id: sessions[0].id,
            ..session_of(profile)
        };
        let mut work = store.begin().await.unwrap();
        let answer = work.sessions().insert(&again).await;
        assert_conflict(&answer, Constraint::SessionId);
    }
}

/// A session of a profile that is gone, or never was, is `Stale`.
pub async fn a_session_of_nobody_is_stale(store: Arc<dyn Store>) {
    let (ana, _) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(ana.id).await.unwrap());
    work.commit().await.unwrap();
    for profile in [ana, someone()] {
        let mut work = store.begin().await.unwrap();
        assert_stale(&work.sessions().insert(&session_of(&profile)).await);
    }
}

/// An update keeps device, address, user agent, activity, expiry and end, and nothing else; of no other
/// session.
pub async fn an_update_keeps_what_may_change(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 2, |_, _| ()).await;
    let mut full = sessions[0].clone();
    complete(&mut full);
    update(&*store, &full).await;
    let kept = |changed: &Session| Session {
        token: sessions[0].token,
        created_at: sessions[0].created_at,
        follows_tokens: sessions[0].follows_tokens,
        ..changed.clone()
    };
    assert_eq!(found_session(&*store, &full).await, Some(kept(&full)));
    let bare = Session {
        id: full.id,
        ..session_of(&ana)
    };
    update(&*store, &bare).await;
    assert_eq!(found_session(&*store, &full).await, Some(kept(&bare)));
    let other = found_session(&*store, &sessions[1]).await;
    assert_eq!(other.as_ref(), Some(&sessions[1]));
}

/// An update that changes nothing is no lost race.
pub async fn an_update_that_changes_nothing_is_kept(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 1, |_, session| complete(session)).await;
    update(&*store, &sessions[0]).await;
    let found = found_session(&*store, &sessions[0]).await;
    assert_eq!(found.as_ref(), Some(&sessions[0]));
}

/// An update of a session that is gone is `Stale`, and so is one of another profile.
pub async fn an_update_of_a_missing_session_is_stale(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let strangers = Session {
        profile_id: someone().id,
        ..sessions[0].clone()
    };
    for session in [session_of(&ana), strangers] {
        let mut work = store.begin().await.unwrap();
        assert_stale(&work.sessions().update(&session).await);
    }
    let found = found_session(&*store, &sessions[0]).await;
    assert_eq!(found.as_ref(), Some(&sessions[0]));
}

/// Those that lapsed and follow their tokens could be taken up, written down or not, until somebody ends them.
pub async fn renewable_sessions_are_those_that_only_lapsed(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 6, |n, session| match n {
        0 => session.expires_at = micros(1),
        1 => session.ended = Some(ended(5, EndReason::Expired)),
        2 => {
            session.ended = Some(ended(5, EndReason::Expired));
            session.follows_tokens = false;
        }
        3 => session.ended = Some(ended(5, EndReason::Revoked)),
        4 => {
            session.expires_at = micros(1);
            session.follows_tokens = false;
        }
        _ => (),
    })
    .await;
    let renewable = async || {
        let mut work = store.begin().await.unwrap();
        let found = work.sessions().renewable(ana.id, micros(1)).await.unwrap();
        work.commit().await.unwrap();
        let mut found = ids(&found);
        found.sort_unstable();
        found
    };
    let mut expected = ids(&sessions[..2]);
    expected.sort_unstable();
    assert_eq!(renewable().await, expected);
    assert_eq!(end(&*store, &ana, &expected, 60).await, 2);
    assert_eq!(renewable().await, []);
}

/// Those are ended that nobody ended before, lapsed ones too; the first end stays. As many are counted.
pub async fn a_session_is_ended_once(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 4, |n, session| match n {
        0 => session.ended = Some(ended(5, EndReason::Logout)),
        1 => session.expires_at = micros(1),
        _ => (),
    })
    .await;
    let wanted = ids(&sessions[..3]);
    assert_eq!(end(&*store, &ana, &wanted, 60).await, 2);
    assert_eq!(end(&*store, &ana, &wanted, 61).await, 0);
    for (n, session) in sessions.into_iter().enumerate() {
        let end = match n {
            0 => Some(ended(5, EndReason::Logout)),
            1 | 2 => Some(ended(60, EndReason::Revoked)),
            _ => None,
        };
        let found = found_session(&*store, &session).await;
        assert_eq!(
            found,
            Some(Session {
                ended: end,
                ..session
            })
        );
    }
}

/// Only sessions of the profile are ended, and each once: unknown, repeated and foreign ids do not count.
pub async fn only_sessions_of_the_profile_are_ended(store: Arc<dyn Store>) {
    let (_, hers) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let (bo, his) = save_with_sessions(&*store, 2, |_, _| ()).await;
    let wanted = [
        hers[0].id,
        his[0].id,
        his[0].id,
        SessionId::new(Uuid::new_v4()),
    ];
    assert_eq!(end(&*store, &bo, &[], 1).await, 0);
    assert_eq!(end(&*store, &bo, &wanted, 1).await, 1);
    for untouched in [&hers[0], &his[1]] {
        let found = found_session(&*store, untouched).await;
        assert_eq!(found.as_ref(), Some(untouched));
    }
}

/// Three thousand sessions may be ended at once.
pub async fn many_sessions_are_ended_at_once(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 3000, |_, _| ()).await;
    assert_eq!(end(&*store, &ana, &ids(&sessions), 1).await, 3000);
    let active = listed(&*store, ana.id, SessionFilter::Active, micros(0)).await;
    assert_eq!(active, []);
}

/// A unit of work sees the sessions that it wrote, and readers see them when it is committed.
pub async fn a_unit_of_work_sees_its_own_sessions(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let (first, second) = (session_of(&ana), session_of(&ana));
    let mut work = store.begin().await.unwrap();
    work.sessions().insert(&first).await.unwrap();
    work.sessions().insert(&second).await.unwrap();
    let at = seconds(1);
    let ids = [first.id];
    let ended = work.sessions().end(ana.id, &ids, at, EndReason::Evicted);
    assert_eq!(ended.await.unwrap(), 1);
    let active = work.sessions().active(ana.id, micros(0)).await.unwrap();
    assert_eq!(active, std::slice::from_ref(&second));
    let found = work.sessions().find_by_token(ana.id, first.token).await;
    assert_eq!(found.unwrap().and_then(|found| found.ended).unwrap().at, at);
    let of = (ana.id, SessionFilter::All, micros(0));
    assert_eq!(listed(&*store, of.0, of.1, of.2).await, []);
    work.commit().await.unwrap();
    assert_eq!(listed(&*store, of.0, of.1, of.2).await.len(), 2);
}

/// Sessions go with their profile, and nobody else's.
pub async fn removing_a_profile_removes_its_sessions(store: Arc<dyn Store>) {
    let (ana, hers) = save_with_sessions(&*store, 3, |_, _| ()).await;
    let (_, his) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(ana.id).await.unwrap());
    work.commit().await.unwrap();
    for session in hers {
        assert_eq!(found_session(&*store, &session).await, None);
    }
    let found = found_session(&*store, &his[0]).await;
    assert_eq!(found.as_ref(), Some(&his[0]));
}

const STARTS: i64 = 20;
const CAP: usize = 3;

/// Ends the oldest past the cap and starts one more, as a use case does.
async fn start(store: &dyn Store, session: &Session) -> Result<(), StoreError> {
    let now = session.created_at;
    let of = session.profile_id;
    let mut work = store.begin().await?;
    work.profiles()
        .find_for_update(ProfileKey::Id(of))
        .await?
        .unwrap();
    let active = work.sessions().active(of, now).await?;
    let over = ids(&active[..(active.len() + 1).saturating_sub(CAP)]);
    work.sessions()
        .end(of, &over, now, EndReason::Evicted)
        .await?;
    work.sessions().insert(session).await?;
    work.commit().await
}

/// Of twenty that start at once, each holding the profile, as many stay as are allowed; no reader ever sees
/// more.
pub async fn no_more_sessions_stay_than_are_allowed(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut starts = JoinSet::new();
    for n in 0..STARTS {
        let (store, session) = (
            Arc::clone(&store),
            Session {
                created_at: micros(n),
                ..session_of(&ana)
            },
        );
        starts.spawn(async move { persist(|| start(&*store, &session)).await });
    }
    while !starts.is_empty() {
        let active = listed(&*store, ana.id, SessionFilter::Active, micros(0)).await;
        assert!(active.len() <= CAP, "{} are active", active.len());
        while let Some(started) = starts.try_join_next() {
            started.unwrap().unwrap();
        }
    }
    let active = listed(&*store, ana.id, SessionFilter::Active, micros(0)).await;
    assert_eq!(active.len(), CAP);
    let all = listed(&*store, ana.id, SessionFilter::All, micros(0)).await;
    assert_eq!(all.len(), usize::try_from(STARTS).unwrap());
}
