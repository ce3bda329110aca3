//! Upkeep of sessions across profiles: activity, logins, expiry, forgetting.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use user_service_domain::ids::{ProfileId, SessionId};
use user_service_domain::profile::Profile;
use user_service_domain::session::{EndReason, Ended, Flush, Login, Session, SessionFilter, Touch};
use user_service_domain::store::Store;
use uuid::Uuid;

use super::support::{
    ended, found, found_session, listed, micros, save, save_with_sessions, seconds, someone,
};

/// Touched at the moment with a token that lives no longer than the session does.
fn used(session: &Session, at: DateTime<Utc>) -> Touch {
    Touch {
        session_id: session.id,
        at,
        token_expires_at: session.expires_at,
    }
}

async fn touch(store: &dyn Store, touches: &[Touch], flush: Flush) -> u64 {
    let mut work = store.begin().await.unwrap();
    let written = work.session_upkeep().touch(touches, flush).await.unwrap();
    work.commit().await.unwrap();
    written
}

async fn log_in(store: &dyn Store, logins: &[(ProfileId, DateTime<Utc>)]) {
    let logins: Vec<Login> = logins
        .iter()
        .map(|&(profile_id, at)| Login { profile_id, at })
        .collect();
    let mut work = store.begin().await.unwrap();
    work.session_upkeep().log_in(&logins).await.unwrap();
    work.commit().await.unwrap();
}

async fn expire(store: &dyn Store, second: i64, limit: u32) -> u64 {
    let mut work = store.begin().await.unwrap();
    let upkeep = work.session_upkeep();
    let expired = upkeep.expire(seconds(second), limit).await.unwrap();
    work.commit().await.unwrap();
    expired
}

async fn prune(store: &dyn Store, second: i64, limit: u32) -> u64 {
    let mut work = store.begin().await.unwrap();
    let upkeep = work.session_upkeep();
    let pruned = upkeep.prune(seconds(second), limit).await.unwrap();
    work.commit().await.unwrap();
    pruned
}

async fn assert_is(store: &dyn Store, expected: Session) {
    assert_eq!(found_session(store, &expected).await, Some(expected));
}

/// Activity moves forward, never back, and nothing else moves with it.
pub async fn activity_moves_forward_only(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 2, |_, session| {
        session.last_activity_at = seconds(600);
        session.device.kind = Some(user_service_domain::session::DeviceType::Web);
    })
    .await;
    let session = &sessions[0];
    for flush in [Flush::Coalesced, Flush::Final] {
        let earlier = used(session, seconds(300));
        assert_eq!(touch(&*store, &[earlier], flush).await, 0);
        assert_is(&*store, session.clone()).await;
    }
    let later = used(session, micros(700_000_001));
    assert_eq!(touch(&*store, &[later], Flush::Coalesced).await, 1);
    let moved = Session {
        last_activity_at: later.at,
        ..session.clone()
    };
    assert_is(&*store, moved).await;
    assert_is(&*store, sessions[1].clone()).await;
}

/// What moves by less than a minute is not written, and by a minute it is.
pub async fn less_than_a_minute_is_not_worth_a_write(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let session = &sessions[0];
    let minute = session.last_activity_at + TimeDelta::minutes(1);
    let almost = used(session, minute - TimeDelta::microseconds(1));
    assert_eq!(touch(&*store, &[almost], Flush::Coalesced).await, 0);
    assert_is(&*store, session.clone()).await;
    let just = [used(session, minute)];
    assert_eq!(touch(&*store, &just, Flush::Coalesced).await, 1);
    // Another replica flushes the same.
    assert_eq!(touch(&*store, &just, Flush::Coalesced).await, 0);
    let moved = Session {
        last_activity_at: minute,
        ..session.clone()
    };
    assert_is(&*store, moved).await;
}

/// At the end of a process whatever moves at all is written, and what does not move is not.
pub async fn a_final_flush_writes_what_moves_at_all(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 2, |n, session| {
        session.last_activity_at = micros(5);
        session.follows_tokens = n == 1;
    })
    .await;
    let same = [
        used(&sessions[0], micros(5)),
        Touch {
            token_expires_at: seconds(9000),
            ..used(&sessions[0], micros(5))
        },
    ];
    for touches in same.chunks(1) {
        assert_eq!(touch(&*store, touches, Flush::Final).await, 0);
    }
    let next = used(&sessions[0], micros(6));
    assert_eq!(touch(&*store, &[next], Flush::Final).await, 1);
    let moved = Session {
        last_activity_at: micros(6),
        ..sessions[0].clone()
    };
    assert_is(&*store, moved).await;
    let renewed = sessions[1].expires_at + TimeDelta::microseconds(1);
    let token_alone = Touch {
        token_expires_at: renewed,
        ..used(&sessions[1], micros(4))
    };
    assert_eq!(touch(&*store, &[token_alone], Flush::Final).await, 1);
    let moved = Session {
        expires_at: renewed,
        ..sessions[1].clone()
    };
    assert_is(&*store, moved).await;
}

/// The expiry of a session that follows its tokens moves with them, never back; that of another stays.
pub async fn expiry_follows_the_tokens_where_it_shall(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 2, |n, session| {
        session.follows_tokens = n == 0;
    })
    .await;
    for (minute, token, expected) in [(1, 7200, 7200), (2, 60, 7200), (3, 7201, 7201)] {
        let touches: Vec<Touch> = sessions
            .iter()
            .map(|session| Touch {
                token_expires_at: seconds(token),
                ..used(session, seconds(60 * minute))
            })
            .collect();
        assert_eq!(touch(&*store, &touches, Flush::Coalesced).await, 2);
        for (n, session) in sessions.iter().enumerate() {
            let expires_at = if n == 0 {
                seconds(expected)
            } else {
                session.expires_at
            };
            let moved = Session {
                last_activity_at: seconds(60 * minute),
                expires_at,
                ..session.clone()
            };
            assert_is(&*store, moved).await;
        }
    }
}

/// A token that lives a minute longer is worth a write by itself; activity moves along.
pub async fn a_newer_token_is_worth_a_write(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 2, |n, session| {
        session.follows_tokens = n == 0;
    })
    .await;
    let renewed = |by: TimeDelta| -> Vec<Touch> {
        sessions
            .iter()
            .map(|session| Touch {
                token_expires_at: session.expires_at + by,
                ..used(session, seconds(1))
            })
            .collect()
    };
    let almost = TimeDelta::minutes(1) - TimeDelta::microseconds(1);
    assert_eq!(touch(&*store, &renewed(almost), Flush::Coalesced).await, 0);
    let minute = TimeDelta::minutes(1);
    assert_eq!(touch(&*store, &renewed(minute), Flush::Coalesced).await, 1);
    let moved = Session {
        last_activity_at: seconds(1),
        expires_at: sessions[0].expires_at + minute,
        ..sessions[0].clone()
    };
    assert_is(&*store, moved).await;
    assert_is(&*store, sessions[1].clone()).await;
}

/// Sessions that somebody ended do not move; those that only lapsed do.
pub async fn ended_sessions_do_not_move(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 5, |n, session| {
        session.expires_at = seconds(60);
        session.ended = EndReason::ALL.get(n).map(|reason| ended(1, *reason));
    })
    .await;
    let touches: Vec<Touch> = sessions
        .iter()
        .map(|session| Touch {
            token_expires_at: seconds(7200),
            ..used(session, seconds(3600))
        })
        .collect();
    assert_eq!(touch(&*store, &touches, Flush::Final).await, 1);
    let renewed = Session {
        last_activity_at: seconds(3600),
        expires_at: seconds(7200),
        ..sessions[4].clone()
    };
    assert_is(&*store, renewed).await;
    for session in &sessions[..4] {
        assert_is(&*store, session.clone()).await;
    }
}

/// Unknown ids are passed over, and nothing at all may be touched.
pub async fn unknown_sessions_are_passed_over(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let known = used(&sessions[0], seconds(60));
    let unknown = Touch {
        session_id: SessionId::new(Uuid::new_v4()),
        ..known
    };
    for flush in [Flush::Coalesced, Flush::Final] {
        assert_eq!(touch(&*store, &[], flush).await, 0);
        assert_eq!(touch(&*store, &[unknown], flush).await, 0);
    }
    let both = [unknown, known];
    assert_eq!(touch(&*store, &both, Flush::Coalesced).await, 1);
}

/// Of several touches of a session in one flush the latest wins, and it is written once.
pub async fn the_latest_touch_wins(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 1, |_, _| ()).await;
    let touches = [120, 180, 60].map(|second| Touch {
        token_expires_at: seconds(7200 + second),
        ..used(&sessions[0], seconds(second))
    });
    assert_eq!(touch(&*store, &touches, Flush::Coalesced).await, 1);
    let moved = Session {
        last_activity_at: seconds(180),
        expires_at: seconds(7380),
        ..sessions[0].clone()
    };
    assert_is(&*store, moved).await;
}

/// A flush of a thousand sessions, of many persons and in no order, moves each to its own moment.
pub async fn a_thousand_sessions_move_at_once(store: Arc<dyn Store>) {
    let mut sessions = Vec::new();
    for _ in 0..4 {
        let (_, more) = save_with_sessions(&*store, 250, |_, _| ()).await;
        sessions.extend(more);
    }
    let moment = |n: usize| seconds(60) + TimeDelta::microseconds(i64::try_from(n).unwrap());
    let touches: Vec<Touch> = sessions
        .iter()
        .enumerate()
        .map(|(n, session)| Touch {
            token_expires_at: moment(n) + TimeDelta::hours(2),
            ..used(session, moment(n))
        })
        .collect();
    assert_eq!(touch(&*store, &touches, Flush::Coalesced).await, 1000);
    let mut seen = 0;
    for of in [0, 250, 500, 750].map(|n| sessions[n].profile_id) {
        for session in listed(&*store, of, SessionFilter::All, micros(0)).await {
            let n = touches.iter().position(|t| t.session_id == session.id);
            let given = touches[n.unwrap()];
            assert_eq!(session.last_activity_at, given.at);
            assert_eq!(session.expires_at, given.token_expires_at);
            seen += 1;
        }
    }
    assert_eq!(seen, 1000);
}

/// The last login moves forward, never back, to the microsecond; the profile is otherwise as it was.
pub async fn the_last_login_moves_forward_only(store: Arc<dyn Store>) {
    let (ana, bo) = (someone(), someone());
    save(&*store, &[ana.clone(), bo.clone()]).await;
    for (given, expected) in [(500_001, 500_001), (400_000, 500_001), (500_002, 500_002)] {
        log_in(&*store, &[(ana.id, micros(given))]).await;
        let seen = Profile {
            last_login_at: Some(micros(expected)),
            ..ana.clone()
        };
        assert_eq!(found(&*store, ana.id).await, Some(seen));
    }
    assert_eq!(found(&*store, bo.id).await, Some(bo));
}

/// The last login of a profile that was stored with one moves as well.
pub async fn a_stored_login_moves_too(store: Arc<dyn Store>) {
    let ana = Profile {
        last_login_at: Some(seconds(5)),
        ..someone()
    };
    save(&*store, std::slice::from_ref(&ana)).await;
    for (given, expected) in [(4, 5), (6, 6)] {
        log_in(&*store, &[(ana.id, seconds(given))]).await;
        let last = found(&*store, ana.id).await.unwrap().last_login_at;
        assert_eq!(last, Some(seconds(expected)));
    }
}

/// Profiles that are gone, or never were, are passed over; of several logins the latest wins.
pub async fn logins_of_nobody_are_passed_over(store: Arc<dyn Store>) {
    let (ana, gone) = (someone(), someone());
    save(&*store, &[ana.clone(), gone.clone()]).await;
    log_in(&*store, &[]).await;
    log_in(&*store, &[(gone.id, seconds(1))]).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(gone.id).await.unwrap());
    work.commit().await.unwrap();
    let logins = [
        (gone.id, seconds(2)),
        (ana.id, seconds(2)),
        (someone().id, seconds(2)),
        (ana.id, seconds(3)),
        (ana.id, seconds(1)),
    ];
    log_in(&*store, &logins).await;
    log_in(&*store, &logins[2..3]).await;
    let last = found(&*store, ana.id).await.unwrap().last_login_at;
    assert_eq!(last, Some(seconds(3)));
    assert_eq!(found(&*store, gone.id).await, None);
}

/// Three hundred persons may sign in at once, each at their own moment.
pub async fn many_logins_are_kept_at_once(store: Arc<dyn Store>) {
    let crowd: Vec<Profile> = (0..300).map(|_| someone()).collect();
    save(&*store, &crowd).await;
    let logins: Vec<_> = (1..)
        .map(micros)
        .zip(&crowd)
        .map(|(at, p)| (p.id, at))
        .collect();
    log_in(&*store, &logins).await;
    for (id, at) in logins {
        assert_eq!(found(&*store, id).await.unwrap().last_login_at, Some(at));
    }
}

/// Those expire that nobody ended and that lapsed by the moment, at it too: they end when they lapsed.
pub async fn what_lapsed_is_written_down(store: Arc<dyn Store>) {
    let (_, hers) = save_with_sessions(&*store, 3, |n, session| {
        let shift = TimeDelta::microseconds(i64::try_from(n).unwrap() - 1);
        session.expires_at = seconds(60) + shift;
    })
    .await;
    let (_, his) = save_with_sessions(&*store, 2, |n, session| {
        session.expires_at = seconds(30);
        if n == 0 {
            session.ended = Some(ended(45, EndReason::Logout));
        }
    })
    .await;
    assert_eq!(expire(&*store, 60, 100).await, 3);
    assert_eq!(expire(&*store, 60, 100).await, 0);
    for session in [&hers[0], &hers[1], &his[1]] {
        let mut end = ended(0, EndReason::Expired);
        end.at = session.expires_at;
        let expired = Session {
            ended: Some(end),
            ..session.clone()
        };
        assert_is(&*store, expired).await;
    }
    for session in [&hers[2], &his[0]] {
        assert_is(&*store, session.clone()).await;
    }
}

/// At most `limit` expire at a time, and the rest later.
pub async fn expiring_stops_at_its_limit(store: Arc<dyn Store>) {
    for _ in 0..5 {
        save_with_sessions(&*store, 1, |_, session| session.expires_at = seconds(1)).await;
    }
    let mut expired = Vec::new();
    for limit in [0, 2, 2, 2, 2] {
        expired.push(expire(&*store, 60, limit).await);
    }
    assert_eq!(expired, [0, 2, 2, 1, 0]);
}

/// Those are forgotten that ended before the moment and whose tokens are over by then, and no others.
pub async fn pruning_forgets_only_sessions_that_are_over(store: Arc<dyn Store>) {
    let moment = seconds(60);
    let (before, after) = (
        moment - TimeDelta::microseconds(1),
        moment + TimeDelta::microseconds(1),
    );
    // When each ended and when its tokens are over.
    let times = [
        (Some(before), before),
        (Some(moment), before),
        (Some(before), after),
        (None, before),
        (None, after),
    ];
    let (ana, sessions) = save_with_sessions(&*store, times.len(), |n, session| {
        let (at, expires_at) = times[n];
        session.expires_at = expires_at;
        let reason = EndReason::Revoked;
        session.ended = at.map(|at| Ended { at, reason });
    })
    .await;
    assert_eq!(prune(&*store, 60, 100).await, 1);
    assert_eq!(prune(&*store, 60, 100).await, 0);
    assert_eq!(found_session(&*store, &sessions[0]).await, None);
    for session in &sessions[1..] {
        assert_is(&*store, session.clone()).await;
    }
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// At most `limit` sessions are forgotten at a time, and the rest later.
pub async fn pruning_sessions_stops_at_its_limit(store: Arc<dyn Store>) {
    for _ in 0..5 {
        save_with_sessions(&*store, 1, |_, session| {
            session.expires_at = seconds(1);
            session.ended = Some(ended(1, EndReason::Expired));
        })
        .await;
    }
    let mut pruned = Vec::new();
    for limit in [0, 2, 2, 2, 2] {
        pruned.push(prune(&*store, 60, limit).await);
    }
    assert_eq!(pruned, [0, 2, 2, 1, 0]);
}

/// Three thousand sessions may expire at once and be forgotten at once.
pub async fn thousands_expire_and_are_forgotten(store: Arc<dyn Store>) {
    save_with_sessions(&*store, 3000, |_, session| session.expires_at = seconds(1)).await;
    assert_eq!(expire(&*store, 60, 10_000).await, 3000);
    assert_eq!(prune(&*store, 60, 10_000).await, 3000);
}

/// Walks through all, so many at a time; how many addresses were dropped.
async fn drop_addresses(store: &dyn Store, second: i64, limit: u32) -> u64 {
    let (mut from, mut dropped) = (None, 0);
    loop {
        let mut work = store.begin().await.unwrap();
        let upkeep = work.session_upkeep();
        let walk = upkeep.drop_addresses(seconds(second), from, limit).await;
        work.commit().await.unwrap();
        let walk = walk.unwrap();
        dropped += walk.dropped;
        if walk.next.is_none() {
            return dropped;
        }
        from = walk.next;
    }
}

fn address() -> Option<std::net::IpAddr> {
    "2001:db8::7".parse().ok()
}

/// Addresses go once a session was not used for long, whether it ended or not, and nothing else goes with them.
pub async fn addresses_go_after_the_last_use(store: Arc<dyn Store>) {
    let moment = seconds(60);
    let before = moment - TimeDelta::microseconds(1);
    // When each was last used, and whether it ended.
    let uses = [
        (before, false),
        (before, true),
        (moment, false),
        (moment, true),
    ];
    let (_, sessions) = save_with_sessions(&*store, uses.len(), |n, session| {
        let (last, is_over) = uses[n];
        session.last_activity_at = last;
        session.ended = is_over.then(|| ended(50, EndReason::Revoked));
        session.ip_address = address();
        session.user_agent = user_service_domain::session::UserAgent::parse("curl/8").ok();
    })
    .await;
    assert_eq!(drop_addresses(&*store, 60, 100).await, 2);
    assert_eq!(drop_addresses(&*store, 60, 100).await, 0);
    for (session, (used, _)) in sessions.into_iter().zip(uses) {
        let ip_address = session.ip_address.filter(|_| used == moment);
        let kept = Session {
            ip_address,
            ..session
        };
        assert_is(&*store, kept).await;
    }
}

/// In however many steps it is walked, every session is seen: also those made at the same moment, and past those
/// that are in use.
pub async fn addresses_are_found_in_steps(store: Arc<dyn Store>) {
    let (_, sessions) = save_with_sessions(&*store, 12, |n, session| {
        let n = i64::try_from(n).unwrap();
        session.created_at = seconds(n / 4);
        session.last_activity_at = seconds(if n % 3 == 0 { 100 } else { 10 });
        session.ip_address = address().filter(|_| n != 7);
    })
    .await;
    assert_eq!(drop_addresses(&*store, 60, 2).await, 7);
    let mut left = 0;
    for session in &sessions {
        let found = found_session(&*store, session).await.unwrap();
        left += usize::from(found.ip_address.is_some());
    }
    assert_eq!(left, 4);
    assert_eq!(drop_addresses(&*store, 101, 5).await, 4);
}

/// Upkeep that is not committed leaves no trace.
pub async fn dropped_upkeep_leaves_no_trace(store: Arc<dyn Store>) {
    let (ana, sessions) = save_with_sessions(&*store, 2, |n, session| {
        if n == 0 {
            session.expires_at = seconds(1);
        }
    })
    .await;
    let mut work = store.begin().await.unwrap();
    let upkeep = work.session_upkeep();
    let touches = [used(&sessions[1], seconds(60))];
    assert_eq!(upkeep.touch(&touches, Flush::Final).await.unwrap(), 1);
    let (profile_id, at) = (ana.id, seconds(1));
    upkeep.log_in(&[Login { profile_id, at }]).await.unwrap();
    assert_eq!(upkeep.expire(seconds(60), 10).await.unwrap(), 1);
    assert_eq!(upkeep.prune(seconds(60), 10).await.unwrap(), 1);
    drop(work);
    for session in sessions {
        assert_is(&*store, session).await;
    }
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}
