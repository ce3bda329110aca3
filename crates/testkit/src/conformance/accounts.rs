//! Many accounts at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, json};
use user_service_domain::bulk::{AccountChange, StoredAccount};
use user_service_domain::ids::{PreferencesId, ProfileId, UserId};
use user_service_domain::preferences::{CustomSettings, Theme};
use user_service_domain::profile::{
    Account, Bio, DisplayName, Location, ProfileFilter, ProfileSearchQuery, SearchStart,
};
use user_service_domain::store::{Constraint, Store, UnitOfWork};
use user_service_domain::text::SearchText;
use uuid::Uuid;

use super::support::{
    assert_conflict, assert_internal, assert_stale, found_account, listed, micros, next,
    preferences_of, save, seconds, session_of, someone,
};
use user_service_domain::session::SessionFilter;

fn some_account() -> Account {
    let profile = someone();
    Account {
        preferences: preferences_of(&profile),
        profile,
    }
}

/// So many accounts that are all a little different.
fn crowd(count: usize) -> Vec<Account> {
    let mut crowd: Vec<Account> = (0..count).map(|_| some_account()).collect();
    for (n, account) in crowd.iter_mut().enumerate() {
        let name = format!("Crowd {n} {}", account.profile.id.get().simple());
        account.profile.display_name = DisplayName::parse(&name).unwrap();
        if n % 2 == 0 {
            account.profile.bio = Some(Bio::parse("").unwrap());
            account.profile.last_login_at = Some(micros(1_000_001));
        }
        if n % 3 == 0 {
            let settings: Map<_, _> = [("n".to_owned(), json!({ "n": n }))].into_iter().collect();
            account.preferences.custom_settings = Some(CustomSettings::stored(settings));
            account.preferences.theme = Theme::Dark;
        }
    }
    crowd
}

async fn insert(store: &dyn Store, accounts: &[Account]) {
    let mut work = store.begin().await.unwrap();
    work.accounts().insert(accounts).await.unwrap();
    work.commit().await.unwrap();
}

async fn held(work: &mut dyn UnitOfWork, accounts: &[Account]) -> Vec<StoredAccount> {
    let users: Vec<UserId> = accounts
        .iter()
        .map(|account| account.profile.user_id)
        .collect();
    let mut found = work.accounts().find_for_update(&users).await.unwrap();
    found.sort_by_key(|account| account.profile.id);
    found
}

fn sorted(accounts: &[Account]) -> Vec<StoredAccount> {
    let mut accounts: Vec<StoredAccount> = accounts.iter().cloned().map(Into::into).collect();
    accounts.sort_by_key(|account| account.profile.id);
    accounts
}

async fn search(store: &dyn Store, text: &str) -> BTreeSet<ProfileId> {
    let query = ProfileSearchQuery {
        text: SearchText::parse(text).unwrap(),
        filter: ProfileFilter::default(),
        start: SearchStart::default(),
        limit: 100,
    };
    let page = store.search().search(&query).await.unwrap();
    page.found.iter().map(|(profile, _)| profile.id).collect()
}

/// What was inserted at once is read back equal, one by one and at once, however many they are.
pub async fn many_accounts_are_read_back_equal(store: Arc<dyn Store>) {
    for count in [0, 1, 700] {
        let crowd = crowd(count);
        insert(&*store, &crowd).await;
        for account in crowd.iter().take(5) {
            let found = found_account(&*store, account.profile.id).await;
            assert_eq!(found.as_ref(), Some(account));
        }
        let mut work = store.begin().await.unwrap();
        assert_eq!(held(&mut *work, &crowd).await, sorted(&crowd));
        work.commit().await.unwrap();
    }
}

/// Who has no account is left out, and who is asked about twice is found once.
pub async fn of_many_only_those_who_are_there_are_found(store: Arc<dyn Store>) {
    let ana = some_account();
    insert(&*store, std::slice::from_ref(&ana)).await;
    let mut work = store.begin().await.unwrap();
    let asked = [ana.clone(), some_account(), ana.clone()];
    assert_eq!(held(&mut *work, &asked).await, [ana.into()]);
}

/// A profile without preferences is found without them, for update and in the walk over all.
pub async fn a_profile_without_preferences_is_found(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let bare = StoredAccount {
        profile: ana.clone(),
        preferences: None,
    };
    let mut work = store.begin().await.unwrap();
    let found = work.accounts().find_for_update(&[ana.user_id]).await;
    assert_eq!(found.unwrap(), std::slice::from_ref(&bare));
    drop(work);
    let all = store.profiles().accounts_after(None, 10).await.unwrap();
    assert_eq!(all, [bare]);
}

/// A walk over all accounts visits each once, in the order of ids.
pub async fn a_walk_over_all_accounts_visits_each_once(store: Arc<dyn Store>) {
    let crowd = crowd(25);
    insert(&*store, &crowd).await;
    let mut walked = Vec::new();
    let mut after = None;
    loop {
        let page = store.profiles().accounts_after(after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 10);
        after = Some(last.profile.id);
        walked.extend(page);
    }
    assert_eq!(walked, sorted(&crowd));
}

/// Nothing of many is kept when one of them conflicts, and the rule that it breaks is named.
pub async fn of_many_a_conflict_keeps_none(store: Arc<dyn Store>) {
    let ana = some_account();
    insert(&*store, std::slice::from_ref(&ana)).await;
    let bea = some_account();
    let mut same_user = some_account();
    same_user.profile.user_id = ana.profile.user_id;
    let mut same_id = some_account();
    same_id.profile.id = ana.profile.id;
    let mut same_preferences = some_account();
    same_preferences.preferences.id = ana.preferences.id;
    for (twin, rule) in [
        (same_user, Constraint::ProfileUser),
        (same_id, Constraint::ProfileId),
        (same_preferences, Constraint::PreferencesId),
    ] {
        let mut work = store.begin().await.unwrap();
        let answer = work.accounts().insert(&[bea.clone(), twin]).await;
        assert_conflict(&answer, rule);
        assert_internal(&work.accounts().find_for_update(&[]).await);
        drop(work);
        assert_eq!(found_account(&*store, bea.profile.id).await, None);
    }
}

/// Taken ids are told apart from free ones.
pub async fn taken_ids_are_told(store: Arc<dyn Store>) {
    let ana = some_account();
    insert(&*store, std::slice::from_ref(&ana)).await;
    let mut work = store.begin().await.unwrap();
    let profiles = [ProfileId::new(Uuid::new_v4()), ana.profile.id];
    let preferences = [ana.preferences.id, PreferencesId::new(Uuid::new_v4())];
    let taken = work
        .accounts()
        .taken(&profiles, &preferences)
        .await
        .unwrap();
    assert_eq!(taken.profiles, [ana.profile.id]);
    assert_eq!(taken.preferences, [ana.preferences.id]);
}

/// Many changes at once are read back equal; nobody else is touched.
pub async fn many_changes_are_read_back_equal(store: Arc<dyn Store>) {
    let crowd = crowd(300);
    insert(&*store, &crowd).await;
    let mut work = store.begin().await.unwrap();
    let found = held(&mut *work, &crowd).await;
    let mut expected = found.clone();
    let mut changes = Vec::new();
    for (n, before) in found.into_iter().enumerate() {
        let mut profile = before.profile.clone();
        let mut preferences = before.preferences.clone().unwrap();
        match n % 4 {
            0 => {
                profile = next(&profile);
                profile.location = Some(Location::parse("Évora").unwrap());
                profile.created_at = micros(5);
            }
            1 => {
                preferences.version += 1;
                preferences.custom_settings = None;
                preferences.created_at = micros(7);
            }
            2 => profile.last_login_at = (n % 8 == 2).then(|| micros(9)),
            _ => continue,
        }
        let after = Account {
            profile,
            preferences,
        };
        expected[n] = after.clone().into();
        changes.push(AccountChange { before, after });
    }
    work.accounts().update(&changes).await.unwrap();
    assert_eq!(held(&mut *work, &crowd).await, expected);
    work.commit().await.unwrap();
    let all = store.profiles().accounts_after(None, 1000).await.unwrap();
    assert_eq!(all, expected);
}

/// Preferences that were missing come with a change.
pub async fn a_change_brings_missing_preferences(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut work = store.begin().await.unwrap();
    let before = work.accounts().find_for_update(&[ana.user_id]).await;
    let before = before.unwrap().remove(0);
    let after = Account {
        preferences: preferences_of(&ana),
        profile: ana.clone(),
    };
    let change = AccountChange {
        before,
        after: after.clone(),
    };
    work.accounts().update(&[change]).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(found_account(&*store, ana.id).await, Some(after));
}

/// The search finds who was inserted among many, and by their new name who was changed among many.
pub async fn many_are_searched_by_what_they_are_called_now(store: Arc<dyn Store>) {
    let mut crowd = crowd(3);
    crowd[0].profile.display_name = DisplayName::parse("Quillfeather One").unwrap();
    crowd[1].profile.display_name = DisplayName::parse("Quillfeather Two").unwrap();
    insert(&*store, &crowd).await;
    let (one, two) = (crowd[0].profile.id, crowd[1].profile.id);
    assert_eq!(search(&*store, "quillfeather").await, [one, two].into());
    let mut work = store.begin().await.unwrap();
    let before = work
        .accounts()
        .find_for_update(&[crowd[0].profile.user_id])
        .await;
    let before = before.unwrap().remove(0);
    let mut after = crowd[0].clone();
    after.profile = next(&after.profile);
    after.profile.display_name = DisplayName::parse("Marrowbone").unwrap();
    let change = AccountChange { before, after };
    work.accounts().update(&[change]).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(search(&*store, "quillfeather").await, [two].into());
    assert_eq!(search(&*store, "marrowbone").await, [one].into());
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.search_index().index_pending(10).await.unwrap(), 0);
}

/// Sessions are stored at once, but for those whose id or token is there.
pub async fn of_many_sessions_those_that_are_new_are_stored(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let known = session_of(&ana);
    let mut work = store.begin().await.unwrap();
    let stored = work
        .accounts()
        .insert_sessions(std::slice::from_ref(&known))
        .await;
    assert_eq!(stored.unwrap(), 1);
    work.commit().await.unwrap();
    let (mut same_id, mut same_token) = (session_of(&ana), session_of(&ana));
    same_id.id = known.id;
    same_token.token = known.token;
    let new = session_of(&ana);
    let mut work = store.begin().await.unwrap();
    let sessions = [same_id, new.clone(), same_token];
    assert_eq!(work.accounts().insert_sessions(&sessions).await.unwrap(), 1);
    work.commit().await.unwrap();
    let mut kept = listed(&*store, ana.id, SessionFilter::All, seconds(0)).await;
    kept.sort_by_key(|session| session.id);
    let mut expected = [known, new];
    expected.sort_by_key(|session| session.id);
    assert_eq!(kept, expected);
}

/// Sessions of a profile that is gone are refused as by a race.
pub async fn many_sessions_of_nobody_are_stale(store: Arc<dyn Store>) {
    let mut work = store.begin().await.unwrap();
    let sessions = [session_of(&someone())];
    assert_stale(&work.accounts().insert_sessions(&sessions).await);
}
