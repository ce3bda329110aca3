//! Reads of sessions, of files of avatars, and of the feed of revocations.

use sea_orm::DbBackend;
use user_service_domain::revocation::FeedPosition;
use user_service_domain::session::SessionFilter;

use super::{BY_USER, HotStatement, PROFILES, Samples, hot};
use crate::statements;

const SESSIONS: &str = "user_sessions";
const REVOCATIONS: &str = "user_revocations";
const FILES: &str = "user_avatar_files";
const BY_TOKEN: &[&str] = &["user_sessions_profile_id_token_digest_key"];
const BY_ADDRESS: &[&str] = &["user_sessions_address_idx"];

/// A person's few sessions may be sorted.
pub(super) fn hot_statements(backend: DbBackend, samples: &Samples) -> Vec<HotStatement> {
    let (of, user) = (samples.session_of.id, samples.session_of.user);
    let (token, now) = (samples.token, samples.now);
    let list = |filter| statements::list_sessions(of, filter, now, 20);
    let standing: &[&str] = &[
        "user_profiles_user_id_key",
        "user_revocations_user_id_idx",
        "user_sessions_profile_id_token_digest_key",
    ];
    let upkeep: &[&str] = &["user_sessions_ended_at_idx"];
    let avatars: Vec<_> = samples
        .profiles
        .iter()
        .take(3)
        .filter_map(|it| it.avatar)
        .collect();
    let mut all = vec![
        hot(
            "standing",
            PROFILES,
            BY_USER,
            statements::standing(user, None),
        ),
        hot(
            "standing in a session",
            SESSIONS,
            standing,
            statements::standing(user, Some(token)),
        ),
        hot("sessions", SESSIONS, BY_TOKEN, list(SessionFilter::All)).sorting(),
        hot(
            "sessions in use",
            SESSIONS,
            BY_TOKEN,
            list(SessionFilter::Active),
        )
        .sorting(),
        hot(
            "ended sessions",
            SESSIONS,
            BY_TOKEN,
            list(SessionFilter::Ended),
        )
        .sorting(),
        hot(
            "active sessions",
            SESSIONS,
            BY_TOKEN,
            statements::active_sessions(of, now),
        )
        .sorting(),
        hot(
            "renewable sessions",
            SESSIONS,
            BY_TOKEN,
            statements::renewable_sessions(of, now),
        )
        .sorting(),
        hot(
            "session of a token",
            SESSIONS,
            BY_TOKEN,
            statements::find_session_by_token(of, token),
        ),
        hot(
            "session of an id",
            SESSIONS,
            &[],
            statements::find_session(of, samples.session),
        ),
        hot(
            "lapsed sessions",
            SESSIONS,
            upkeep,
            statements::lapsed_sessions(backend, now, 500),
        ),
        hot(
            "number of sessions in use",
            SESSIONS,
            upkeep,
            statements::count_active_sessions(backend, now, 1001),
        ),
        hot(
            "outlived sessions",
            SESSIONS,
            upkeep,
            statements::outlived_sessions(now, 500),
        ),
        hot(
            "sessions with addresses",
            SESSIONS,
            BY_ADDRESS,
            statements::addressed_sessions(now, None, 500),
        ),
        hot(
            "further sessions with addresses",
            SESSIONS,
            BY_ADDRESS,
            statements::addressed_sessions(now, Some(samples.addressed), 500),
        ),
        hot(
            "profile of an alias",
            PROFILES,
            &[],
            statements::find_profile_by_alias(samples.alias),
        ),
        hot(
            "due files",
            FILES,
            &["user_avatar_files_due_at_idx"],
            statements::due_avatar_files(now, 500),
        ),
        hot(
            "feed from its start",
            REVOCATIONS,
            &[],
            statements::revocations_after(FeedPosition(0), 500),
        ),
        hot(
            "feed from its middle",
            REVOCATIONS,
            &[],
            statements::revocations_after(samples.position, 500),
        ),
        hot(
            "end of the feed",
            REVOCATIONS,
            &[],
            statements::last_revocation(),
        ),
        hot(
            "outlived revocations",
            REVOCATIONS,
            &["user_revocations_revoked_at_idx"],
            statements::outlived_revocations(now, 500),
        ),
    ];
    if !avatars.is_empty() {
        let by_avatar = &["user_profiles_avatar_id_key"];
        all.push(hot(
            "noted files",
            FILES,
            &[],
            statements::noted_avatar_files(&avatars),
        ));
        all.push(hot(
            "owned avatars",
            PROFILES,
            by_avatar,
            statements::owned_avatars(&avatars),
        ));
    }
    all
}
