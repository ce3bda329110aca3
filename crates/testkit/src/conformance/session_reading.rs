//! Reads of sessions: the standing of a bearer, and lists.

use std::sync::Arc;

use chrono::TimeDelta;
use user_service_domain::profile::Profile;
use user_service_domain::revocation::Revocation;
use user_service_domain::session::{
    Account, DeviceType, EndReason, Session, SessionFilter, Standing,
};
use user_service_domain::store::Store;

use super::support::{
    ended, line, listed, micros, save, save_with_sessions, seconds, session_of, someone, standing,
    tell,
};

/// Who was never heard of has no account, no removal and no session.
pub async fn who_was_never_heard_of_has_nothing(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let unknown = someone().user_id;
    for token in [None, Some(sessions[0].token)] {
        let nothing = Standing {
            account: Account::None,
            removed_at: None,
            session: None,
        };
        assert_eq!(standing(&*store, unknown, token).await, nothing);
    }
}

/// The account is the person's own, active or not; without a token there is no session.
pub async fn a_standing_has_the_account(store: Arc<dyn Store>) {
    for is_active in [true, false] {
        let ana = Profile {
            is_active,
            ..someone()
        };
        save(&*store, &[ana.clone(), someone()]).await;
        let mut work = store.begin().await.unwrap();
        work.sessions().insert(&session_of(&ana)).await.unwrap();
        work.commit().await.unwrap();
        let account = Account::Present {
            profile_id: ana.id,
            is_active,
        };
        for token in [None, Some(session_of(&ana).token)] {
            let expected = Standing {
                account,
                removed_at: None,
                session: None,
            };
            assert_eq!(standing(&*store, ana.user_id, token).await, expected);
        }
    }
}

/// The session is that of the token, whole and whatever its state.
pub async fn a_standing_has_the_session_whatever_its_state(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 3, |n, session| match n {
        0 => session.expires_at = micros(1),
        1 => session.ended = Some(ended(3, EndReason::Revoked)),
        _ => {
            session.device.kind = Some(DeviceType::Mobile);
            session.ip_address = Some("192.0.2.1".parse().unwrap());
            session.last_activity_at = micros(123_456);
            session.follows_tokens = false;
        }
    })
    .await;
    for session in sessions {
        let known = standing(&*store, ana.user_id, Some(session.token)).await;
        assert_eq!(known.session, Some(session));
    }
}

/// Sessions are looked for among those of the person alone, also where another has one of the same token.
pub async fn a_standing_has_no_session_of_another(store: Arc<dyn Store>) {
    let (ana, hers) = save_with_sessions(&*store, 2, |_, _| ()).await;
    let shared = hers[0].token;
    let (bo, his) = save_with_sessions(&*store, 1, |_, session| session.token = shared).await;
    for (person, session) in [(&ana, &hers[0]), (&bo, &his[0])] {
        let known = standing(&*store, person.user_id, Some(shared)).await;
        assert_eq!(known.session.as_ref(), Some(session));
    }
    let known = standing(&*store, bo.user_id, Some(hers[1].token)).await;
    assert_eq!(known.session, None);
}

/// The newest removal of the person is known, to the microsecond: of no other, and of no other kind.
pub async fn a_standing_has_the_newest_removal(store: Arc<dyn Store>) {
    let (ana, bo) = (someone(), someone());
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut newest = line(ana.user_id, 20, Revocation::AccountRemoved);
    newest.at = micros(20_000_001);
    let session = Revocation::Session {
        id: session_of(&ana).id,
        token: session_of(&ana).token,
        reason: EndReason::Revoked,
        expires_at: seconds(1),
    };
    let lines = [
        line(ana.user_id, 10, Revocation::AccountRemoved),
        newest,
        line(ana.user_id, 15, Revocation::AccountRemoved),
        line(ana.user_id, 30, Revocation::AccountDeactivated),
        line(ana.user_id, 31, Revocation::AccountReactivated),
        line(ana.user_id, 32, session),
        line(bo.user_id, 40, Revocation::AccountRemoved),
    ];
    tell(&*store, &lines[3..6]).await;
    let known = standing(&*store, ana.user_id, None).await;
    assert_eq!(known.removed_at, None);
    tell(&*store, &lines).await;
    for token in [None, Some(session_of(&ana).token)] {
        let known = standing(&*store, ana.user_id, token).await;
        assert_eq!(known.removed_at, Some(newest.at));
        assert!(matches!(known.account, Account::Present { .. }));
        let known = standing(&*store, bo.user_id, token).await;
        assert_eq!(known.removed_at, Some(seconds(40)));
        assert_eq!(known.account, Account::None);
    }
}

/// A removal is remembered when the account is gone, and its sessions are not.
pub async fn a_removal_outlives_the_account(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(ana.id).await.unwrap());
    let removed = line(ana.user_id, 5, Revocation::AccountRemoved);
    work.revocations().append(&[removed]).await.unwrap();
    work.commit().await.unwrap();
    let gone = Standing {
        account: Account::None,
        removed_at: Some(seconds(5)),
        session: None,
    };
    let known = standing(&*store, ana.user_id, Some(sessions[0].token)).await;
    assert_eq!(known, gone);
}

/// A list is in the order of last activity, newest first, equals by falling id, and of the profile alone.
pub async fn sessions_are_listed_newest_activity_first(store: Arc<dyn Store>) {
    save_with_sessions(&*store, 2, |_, _| ()).await;
    let used = [3, 1_000_000, 1_001_000, 2, 2, 2, 1_000_001, 9];
    let (ana, mut expected) = save_with_sessions(&*store, used.len(), |n, session| {
        session.last_activity_at = micros(used[n]);
        session.created_at = micros(-used[n]);
    })
    .await;
    expected.sort_by_key(|session| (session.last_activity_at, session.id));
    expected.reverse();
    for filter in [SessionFilter::All, SessionFilter::Active] {
        let all = listed(&*store, ana.id, filter, micros(0)).await;
        assert_eq!(all, expected, "{filter:?}");
    }
    let nobody = someone().id;
    let none = listed(&*store, nobody, SessionFilter::All, micros(0)).await;
    assert_eq!(none, []);
}

/// A list holds no more than its limit: the first of the order.
pub async fn a_list_of_sessions_stops_at_its_limit(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 5, |n, session| {
        session.last_activity_at = micros(-i64::try_from(n).unwrap());
    })
    .await;
    for limit in [0, 1, 3, 5, 6] {
        let reader = store.sessions();
        let list = reader.list(ana.id, SessionFilter::All, micros(0), limit);
        let wanted = usize::try_from(limit).unwrap().min(5);
        assert_eq!(list.await.unwrap(), sessions[..wanted]);
    }
}

/// A session has ended when somebody ended it, or at its `expires_at`, though nobody wrote it down; it is
/// listed as what it is at the given moment.
pub async fn a_list_judges_by_the_given_moment(store: Arc<dyn Store>) {
    let now = seconds(60);
    let (ana, sessions) = save_with_sessions(&*store, 4, |n, session| {
        session.last_activity_at = micros(-i64::try_from(n).unwrap());
        match n {
            0 => session.expires_at = now + TimeDelta::microseconds(1),
            1 => session.expires_at = now,
            2 => session.ended = Some(ended(0, EndReason::Evicted)),
            _ => (),
        }
    })
    .await;
    let pick =
        |which: &[usize]| -> Vec<Session> { which.iter().map(|n| sessions[*n].clone()).collect() };
    for (filter, shift, which) in [
        (SessionFilter::Active, 0, &[0, 3][..]),
        (SessionFilter::Ended, 0, &[1, 2]),
        (SessionFilter::All, 0, &[0, 1, 2, 3]),
        (SessionFilter::Active, -1, &[0, 1, 3]),
        (SessionFilter::Ended, -1, &[2]),
        (SessionFilter::Active, 1, &[3]),
        (SessionFilter::Ended, 1, &[0, 1, 2]),
    ] {
        let moment = now + TimeDelta::microseconds(shift);
        let list = listed(&*store, ana.id, filter, moment).await;
        assert_eq!(list, pick(which), "{filter:?} {shift}");
    }
}

/// Counted are the sessions of all profiles that are active at the moment, and no more than asked.
pub async fn sessions_in_use_are_counted_as_far_as_asked(store: Arc<dyn Store>) {
    let now = seconds(3599);
    let count = async |most| store.sessions().count_active(now, most).await.unwrap();
    assert_eq!(count(9).await, 0);
    save_with_sessions(&*store, 5, |n, session| match n {
        0 => session.ended = Some(ended(3, EndReason::Revoked)),
        1 => session.expires_at = now,
        2 => session.expires_at = now + TimeDelta::microseconds(1),
        _ => (),
    })
    .await;
    save_with_sessions(&*store, 1, |_, _| ()).await;
    assert_eq!(count(9).await, 4);
    assert_eq!(count(4).await, 4);
    assert_eq!(count(3).await, 3);
}
