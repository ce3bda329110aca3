//! What is kept of people, where, and for how long: the table of `config retention`, which docs/PRIVACY.md has with
//! the defaults.

use std::fmt::Write as _;

/// How long something is kept.
enum Until {
    /// Until the profile is removed.
    Removal,
    /// So many days, hours or seconds, by a setting, after something; with the profile at the latest.
    Setting(&'static str, &'static str, &'static str),
    /// As a sentence.
    Said(&'static str),
}

/// Something that is kept.
struct Kept {
    what: &'static str,
    /// The columns `table.column`, or another place.
    places: &'static [&'static str],
    until: Until,
}

const fn kept(what: &'static str, places: &'static [&'static str], until: Until) -> Kept {
    Kept {
        what,
        places,
        until,
    }
}

/// Everything that is kept. A test reads the schema: every column is here.
const KEPT: &[Kept] = &[
    kept(
        "The person's id at the Auth Service, and the ids of their profile and preferences",
        &[
            "user_profiles.id",
            "user_profiles.user_id",
            "user_profile_activity.profile_id",
            "user_preferences.id",
            "user_preferences.profile_id",
        ],
        Until::Removal,
    ),
    kept(
        "Name, bio, location, website, telephone number, address of a picture elsewhere",
        &[
            "user_profiles.display_name",
            "user_profiles.bio",
            "user_profiles.location",
            "user_profiles.website",
            "user_profiles.phone_number",
            "user_profiles.avatar_url",
        ],
        Until::Removal,
    ),
    kept(
        "Name and location, folded for order and search",
        &[
            "user_profiles.name_key",
            "user_profiles.search_text",
            "user_profiles.search_version",
            "user_search_postings.word_id",
            "user_search_postings.profile_id",
        ],
        Until::Removal,
    ),
    kept(
        "Words of names and locations, which say of nobody that they are theirs",
        &[
            "user_search_words.word_id",
            "user_search_words.word",
            "user_search_terms.kind",
            "user_search_terms.term",
            "user_search_terms.word_id",
        ],
        Until::Said("for good; without the profile nothing leads from a word to a person"),
    ),
    kept(
        "Standing, version, times of making and changing",
        &[
            "user_profiles.is_verified",
            "user_profiles.is_active",
            "user_profiles.version",
            "user_profiles.created_at",
            "user_profiles.updated_at",
            "user_preferences.version",
            "user_preferences.created_at",
            "user_preferences.updated_at",
        ],
        Until::Removal,
    ),
    kept(
        "The last sign-in",
        &["user_profile_activity.last_login_at"],
        Until::Removal,
    ),
    kept(
        "Language, time zone, appearance",
        &[
            "user_preferences.language",
            "user_preferences.timezone",
            "user_preferences.theme",
            "user_preferences.date_format",
            "user_preferences.time_format",
        ],
        Until::Removal,
    ),
    kept(
        "Consents",
        &[
            "user_preferences.email_notifications",
            "user_preferences.push_notifications",
            "user_preferences.sms_notifications",
            "user_preferences.newsletter",
            "user_preferences.marketing",
        ],
        Until::Removal,
    ),
    kept(
        "What products keep for themselves",
        &["user_preferences.custom_settings"],
        Until::Removal,
    ),
    kept(
        "Pictures, without their metadata",
        &[
            "user_profiles.avatar_id",
            "user_profiles.avatar_digest",
            "user_profiles.avatar_fallback",
            "user_profiles.avatar_thumbhash",
            "files in the store of avatars",
        ],
        Until::Said(
            "the picture is replaced or removed, or the profile; files go at once, or once their store is back",
        ),
    ),
    kept(
        "Files that are to go",
        &["user_avatar_files.avatar_id", "user_avatar_files.due_at"],
        Until::Said("the files are gone"),
    ),
    kept(
        "SHA-256 of user id and e-mail address, for `LIBRAVATAR`",
        &[
            "user_avatar_aliases.alias",
            "user_avatar_aliases.profile_id",
        ],
        Until::Removal,
    ),
    kept(
        "Sessions: device, user agent, times; of their tokens a SHA-256",
        &[
            "user_sessions.id",
            "user_sessions.profile_id",
            "user_sessions.token_digest",
            "user_sessions.device_type",
            "user_sessions.device_name",
            "user_sessions.os",
            "user_sessions.user_agent",
            "user_sessions.created_at",
            "user_sessions.last_activity_at",
            "user_sessions.expires_at",
            "user_sessions.follows_tokens",
            "user_sessions.ended_at",
            "user_sessions.ended_reason",
        ],
        Until::Setting("SESSION_RETENTION", "days", "their end"),
    ),
    kept(
        "Client addresses of sessions",
        &["user_sessions.ip_address"],
        Until::Setting("SESSION_ADDRESS_RETENTION", "days", "the last activity"),
    ),
    kept(
        "Revocations: the person's id, and of tokens a SHA-256",
        &[
            "user_revocations.position",
            "user_revocations.user_id",
            "user_revocations.kind",
            "user_revocations.session_id",
            "user_revocations.token_digest",
            "user_revocations.reason",
            "user_revocations.revoked_at",
            "user_revocations.expires_at",
        ],
        Until::Said(
            "`REVOCATION_RETENTION` days after the revocation, also when the profile is removed: else its tokens would be good again",
        ),
    ),
    kept(
        "Answers to requests that may be repeated: a profile or session as it was made; of the key a SHA-256",
        &[
            "user_idempotency_keys.key_digest",
            "user_idempotency_keys.fingerprint",
            "user_idempotency_keys.profile_id",
            "user_idempotency_keys.response_status",
            "user_idempotency_keys.response_location",
            "user_idempotency_keys.response_etag",
            "user_idempotency_keys.response_body",
            "user_idempotency_keys.created_at",
            "user_idempotency_keys.expires_at",
        ],
        Until::Setting("IDEMPOTENCY_TTL", "hours", "the request"),
    ),
    kept(
        "Who was let in",
        &["Redis, and the memory of the process"],
        Until::Setting("REDIS_SESSION_TTL", "seconds", "the last request"),
    ),
    kept(
        "Answers to requests that may be repeated, once more",
        &["Redis, and the memory of the process"],
        Until::Setting("REDIS_CACHE_TTL", "seconds", "the request"),
    ),
    kept(
        "Profiles that many read",
        &["the memory of the process"],
        Until::Said("0.9 seconds, where `PROFILE_CACHE_SIZE` is not 0"),
    ),
];

/// The table, in Markdown. `value` tells the value of a setting.
pub(crate) fn table(value: impl Fn(&str) -> String) -> String {
    let mut table = String::from("| What | Where | Kept until |\n| --- | --- | --- |\n");
    for Kept {
        what,
        places,
        until,
    } in KEPT
    {
        let places: Vec<String> = places
            .iter()
            .map(|place| {
                if place.contains(' ') {
                    (*place).to_owned()
                } else {
                    format!("`{place}`")
                }
            })
            .collect();
        let until = match until {
            Until::Removal => "the profile is removed".to_owned(),
            Until::Setting(name, unit, after) => format!(
                "{} {unit} (`{name}`) after {after}; the profile is removed, at the latest",
                value(name)
            ),
            Until::Said(sentence) => (*sentence).to_owned(),
        };
        let _ = writeln!(table, "| {what} | {} | {until} |", places.join(", "));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_that_is_named_exists() {
        let asked = std::cell::RefCell::new(Vec::new());
        table(|name| {
            asked.borrow_mut().push(name.to_owned());
            String::new()
        });
        for name in asked.into_inner() {
            let known = crate::config::example().contains(&format!("\n# {name}="));
            assert!(known, "{name}");
        }
    }
}
