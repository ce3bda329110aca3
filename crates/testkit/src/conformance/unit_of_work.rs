//! Units of work: all or nothing, and spent after an error.

use std::sync::Arc;

use chrono::TimeDelta;
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::{Profile, ProfileKey};
use user_service_domain::revocation::Revocation;
use user_service_domain::session::{EndReason, Flush, Login, Session, Touch};
use user_service_domain::store::{Constraint, Store, UnitOfWork};

use super::support::{
    assert_conflict, assert_internal, assert_stale, found, found_account, found_key,
    found_preferences, line, micros, next, preferences_of, save, save_account, save_key,
    session_of, some_key, some_response, someone,
};

/// Every call but a drop.
async fn assert_spent(mut work: Box<dyn UnitOfWork>) {
    let (ana, key) = (someone(), some_key());
    let moment = micros(0) - TimeDelta::days(1);
    for by in [ProfileKey::Id(ana.id), ProfileKey::User(ana.user_id)] {
        assert_internal(&work.profiles().find_for_update(by).await);
    }
    assert_internal(&work.profiles().insert(&ana).await);
    assert_internal(&work.profiles().update(&next(&ana)).await);
    assert_internal(&work.profiles().delete(ana.id).await);
    assert_internal(&work.preferences().find_for_update(ana.id).await);
    assert_internal(&work.preferences().insert(&preferences_of(&ana)).await);
    assert_internal(&work.preferences().update(&preferences_of(&ana)).await);
    assert_internal(&work.idempotency_keys().find_for_update(key.key).await);
    assert_internal(&work.idempotency_keys().insert(&key).await);
    assert_internal(
        &work
            .idempotency_keys()
            .complete(key.key, ana.id, &some_response())
            .await,
    );
    assert_internal(&work.idempotency_keys().delete(key.key).await);
    assert_internal(&work.idempotency_keys().prune(moment, 1).await);
    assert_sessions_spent(&mut *work).await;
    assert_internal(&work.commit().await);
}

/// Every call of the sessions and of the feed, those with nothing to do among them.
async fn assert_sessions_spent(work: &mut dyn UnitOfWork) {
    let (ana, moment) = (someone(), micros(0));
    let session = session_of(&ana);
    let sessions = work.sessions();
    assert_internal(&sessions.find_by_token(ana.id, session.token).await);
    assert_internal(&sessions.find(ana.id, session.id).await);
    assert_internal(&sessions.active(ana.id, moment).await);
    assert_internal(&sessions.insert(&session).await);
    assert_internal(&sessions.update(&session).await);
    for ids in [&[session.id][..], &[]] {
        let ended = sessions.end(ana.id, ids, moment, EndReason::Revoked);
        assert_internal(&ended.await);
    }
    let touch = Touch {
        session_id: session.id,
        at: moment,
        token_expires_at: moment,
    };
    let login = Login {
        profile_id: ana.id,
        at: moment,
    };
    let upkeep = work.session_upkeep();
    for count in [0, 1] {
        assert_internal(&upkeep.touch(&[touch][..count], Flush::Final).await);
        assert_internal(&upkeep.log_in(&[login][..count]).await);
    }
    assert_internal(&upkeep.expire(moment, 1).await);
    assert_internal(&upkeep.prune(moment, 1).await);
    let told = line(ana.user_id, 0, Revocation::AccountRemoved);
    let log = work.revocations();
    for count in [0, 1] {
        assert_internal(&log.append(&[told][..count]).await);
    }
    assert_internal(&log.prune(moment, 1).await);
}

/// The store answers a ping.
pub async fn a_store_answers(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
}

/// A unit of work that does nothing may be committed.
pub async fn nothing_may_be_committed(store: Arc<dyn Store>) {
    store.begin().await.unwrap().commit().await.unwrap();
}

/// What a unit of work wrote, it sees: inserts, updates and removals of each kind.
pub async fn a_unit_of_work_sees_its_own_writes(store: Arc<dyn Store>) {
    let (ana, key) = (someone(), some_key());
    let preferences = preferences_of(&ana);
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.preferences().insert(&preferences).await.unwrap();
    work.idempotency_keys().insert(&key).await.unwrap();
    let by = ProfileKey::User(ana.user_id);
    assert_eq!(
        work.profiles().find_for_update(by).await.unwrap(),
        Some(ana.clone())
    );
    assert_eq!(
        work.preferences().find_for_update(ana.id).await.unwrap(),
        Some(preferences.clone())
    );
    assert_eq!(
        work.idempotency_keys()
            .find_for_update(key.key)
            .await
            .unwrap(),
        Some(key.clone())
    );

    let changed = Preferences {
        version: 2,
        marketing: true,
        ..preferences
    };
    work.profiles().update(&next(&ana)).await.unwrap();
    work.preferences().update(&changed).await.unwrap();
    work.idempotency_keys()
        .complete(key.key, ana.id, &some_response())
        .await
        .unwrap();
    assert_eq!(
        work.profiles().find_for_update(by).await.unwrap(),
        Some(next(&ana))
    );
    assert_eq!(
        work.preferences().find_for_update(ana.id).await.unwrap(),
        Some(changed)
    );
    let record = work
        .idempotency_keys()
        .find_for_update(key.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.response, Some(some_response()));

    assert!(work.profiles().delete(ana.id).await.unwrap());
    assert_eq!(work.profiles().find_for_update(by).await.unwrap(), None);
    assert_eq!(
        work.preferences().find_for_update(ana.id).await.unwrap(),
        None
    );
    assert_eq!(
        work.idempotency_keys()
            .find_for_update(key.key)
            .await
            .unwrap(),
        None
    );
    work.commit().await.unwrap();
    assert_eq!(found(&*store, ana.id).await, None);
}

/// Readers see nothing of a unit of work before it is committed, and all of it after.
pub async fn readers_see_what_is_committed(store: Arc<dyn Store>) {
    let ana = someone();
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    assert_eq!(found(&*store, ana.id).await, None);
    work.commit().await.unwrap();
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// Inserts of a dropped unit of work leave no trace.
pub async fn dropped_inserts_leave_no_trace(store: Arc<dyn Store>) {
    let (ana, key) = (someone(), some_key());
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.preferences()
        .insert(&preferences_of(&ana))
        .await
        .unwrap();
    work.idempotency_keys().insert(&key).await.unwrap();
    drop(work);
    assert_eq!(found(&*store, ana.id).await, None);
    assert_eq!(found_preferences(&*store, ana.id).await, None);
    assert_eq!(found_key(&*store, key.key).await, None);
    save(&*store, std::slice::from_ref(&ana)).await;
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// Changes and removals of a dropped unit of work leave no trace.
pub async fn dropped_changes_leave_no_trace(store: Arc<dyn Store>) {
    let (account, key) = (save_account(&*store, |_| ()).await, some_key());
    save_key(&*store, &key).await;
    let (ana, preferences) = (&account.profile, &account.preferences);
    let mut work = store.begin().await.unwrap();
    work.profiles()
        .update(&Profile {
            is_verified: true,
            ..next(ana)
        })
        .await
        .unwrap();
    let changed = Preferences {
        version: 2,
        marketing: true,
        ..preferences.clone()
    };
    work.preferences().update(&changed).await.unwrap();
    work.idempotency_keys()
        .complete(key.key, ana.id, &some_response())
        .await
        .unwrap();
    drop(work);
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(ana.id).await.unwrap());
    work.idempotency_keys().delete(key.key).await.unwrap();
    drop(work);
    assert_eq!(found_account(&*store, ana.id).await, Some(account.clone()));
    assert_eq!(found_key(&*store, key.key).await, Some(key));
}

/// Fifty dropped units of work do not use the store up.
pub async fn dropped_units_of_work_cost_nothing(store: Arc<dyn Store>) {
    for n in 0..50 {
        let mut work = store.begin().await.unwrap();
        if n % 2 == 0 {
            work.profiles().insert(&someone()).await.unwrap();
        }
        drop(work);
    }
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// After a conflict a unit of work is spent: every later call is `Internal`, and so is the commit.
pub async fn a_conflict_spends_the_unit_of_work(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut work = store.begin().await.unwrap();
    assert_conflict(
        &work
            .profiles()
            .insert(&Profile {
                id: ana.id,
                ..someone()
            })
            .await,
        Constraint::ProfileId,
    );
    assert_spent(work).await;
}

/// After `Stale` a unit of work is spent: every later call is `Internal`, and so is the commit.
pub async fn a_lost_race_spends_the_unit_of_work(store: Arc<dyn Store>) {
    let mut work = store.begin().await.unwrap();
    assert_stale(&work.profiles().update(&next(&someone())).await);
    assert_spent(work).await;
    let mut work = store.begin().await.unwrap();
    assert_stale(&work.preferences().update(&preferences_of(&someone())).await);
    assert_spent(work).await;
}

/// After an error of the keys a unit of work is spent for all else.
pub async fn an_error_of_one_port_spends_the_others(store: Arc<dyn Store>) {
    let key = some_key();
    save_key(&*store, &key).await;
    let mut work = store.begin().await.unwrap();
    assert_conflict(
        &work.idempotency_keys().insert(&key).await,
        Constraint::IdempotencyKey,
    );
    assert_spent(work).await;
}

/// After an error of the sessions a unit of work is spent for all else.
pub async fn an_error_of_the_sessions_spends_the_others(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let session = session_of(&ana);
    let mut work = store.begin().await.unwrap();
    work.sessions().insert(&session).await.unwrap();
    let again = Session {
        id: session.id,
        ..session_of(&ana)
    };
    assert_conflict(&work.sessions().insert(&again).await, Constraint::SessionId);
    assert_spent(work).await;
    let mut work = store.begin().await.unwrap();
    assert_stale(&work.sessions().update(&session).await);
    assert_spent(work).await;
}

/// What a spent unit of work wrote before its error leaves no trace, and the store serves on.
pub async fn a_spent_unit_of_work_leaves_no_trace(store: Arc<dyn Store>) {
    let (ana, key) = (someone(), some_key());
    let mut work = store.begin().await.unwrap();
    work.idempotency_keys().insert(&key).await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    assert_conflict(
        &work
            .profiles()
            .insert(&Profile {
                id: ana.id,
                ..someone()
            })
            .await,
        Constraint::ProfileId,
    );
    assert_internal(&work.commit().await);
    assert_eq!(found(&*store, ana.id).await, None);
    assert_eq!(found_key(&*store, key.key).await, None);
}
