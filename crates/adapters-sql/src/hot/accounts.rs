//! Reads of many accounts at a time.

use super::{BY_USER, HotStatement, PROFILES, Samples, hot};
use crate::statements;

const PREFERENCES: &str = "user_preferences";
const SESSIONS: &str = "user_sessions";
const BY_PROFILE: &[&str] = &["user_preferences_profile_id_key"];
const BY_TOKEN: &[&str] = &["user_sessions_profile_id_token_digest_key"];

/// What was read may be sorted.
pub(super) fn hot_statements(samples: &Samples) -> Vec<HotStatement> {
    let middle = Some(samples.middle().id);
    let few = || samples.profiles.iter().take(5);
    let ids: Vec<_> = few().map(|it| it.id).collect();
    let users: Vec<_> = few().map(|it| it.user).collect();
    let mut all = vec![
        hot(
            "all accounts",
            PROFILES,
            BY_PROFILE,
            statements::accounts_after(None, 20),
        ),
        hot(
            "accounts past an id",
            PROFILES,
            BY_PROFILE,
            statements::accounts_after(middle, 20),
        ),
        hot(
            "taken sessions",
            SESSIONS,
            &[],
            statements::taken_sessions(&[samples.session]),
        ),
    ];
    if !ids.is_empty() {
        all.extend([
            hot(
                "accounts of people",
                PROFILES,
                BY_USER,
                statements::lock_profiles_of(&users),
            ),
            hot(
                "preferences of profiles",
                PREFERENCES,
                BY_PROFILE,
                statements::preferences_of(&ids),
            ),
            hot(
                "taken profiles",
                PROFILES,
                &[],
                statements::taken_profiles(&ids),
            ),
            hot(
                "tokens of profiles",
                SESSIONS,
                BY_TOKEN,
                statements::tokens_of(&ids),
            ),
        ]);
    }
    if !samples.preferences.is_empty() {
        all.push(hot(
            "taken preferences",
            PREFERENCES,
            &[],
            statements::taken_preferences(&samples.preferences),
        ));
    }
    all.into_iter().map(HotStatement::sorting).collect()
}
