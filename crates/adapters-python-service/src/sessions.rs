//! From a row of `user_sessions` to a session.

use chrono::{DateTime, Utc};
use user_service_domain::bulk::SessionOf;
use user_service_domain::ids::{ProfileId, SessionId, UserId};
use user_service_domain::session::{
    Device, DeviceName, DeviceType, EndReason, Ended, OsName, Session, SessionToken, UserAgent,
};

use crate::row::{Texts, flag, moment, uuid};

/// A session of the Python service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormerSession {
    /// It goes on, or its token must stay refused.
    Live(Box<SessionOf>),
    /// Its time is over.
    Over,
    /// It has no id, person, token or end that can be read.
    Unreadable,
}

impl FormerSession {
    /// Of a row of `TextType::sessions`.
    pub(crate) fn read(texts: Vec<Option<String>>, now: DateTime<Utc>) -> Self {
        let mut texts = Texts::of(texts);
        let [user_id] = texts.take();
        let [
            id,
            token,
            kind,
            name,
            os,
            address,
            agent,
            created_at,
            active_at,
            expires_at,
            logout_at,
        ] = texts.take();
        let [is_active] = texts.take();
        let time = |text: Option<String>| moment(&text?);
        let Some(expires_at) = time(expires_at) else {
            return Self::Unreadable;
        };
        if expires_at <= now {
            return Self::Over;
        }
        let user_id = user_id.as_deref().and_then(uuid).map(UserId::new);
        let id = id.as_deref().and_then(uuid).map(SessionId::new);
        let token = token.and_then(|token| SessionToken::parse(&token).ok());
        let (Some(user_id), Some(id), Some(token)) = (user_id, id, token) else {
            return Self::Unreadable;
        };
        let created_at = time(created_at).unwrap_or(now).min(now);
        let last_activity_at = time(active_at).unwrap_or(created_at).min(now);
        let at = time(logout_at);
        let ended = (at.is_some() || flag(is_active) == Some(false)).then(|| Ended {
            at: at.unwrap_or(last_activity_at).min(now),
            reason: EndReason::Logout,
        });
        let session = Session {
            id,
            // Whose it is shows only when it is stored.
            profile_id: ProfileId::new(uuid::Uuid::nil()),
            token: token.digest(),
            device: Device {
                kind: kind.and_then(|kind| DeviceType::parse(&kind.to_ascii_lowercase()).ok()),
                name: name.and_then(|name| DeviceName::fitting(&name)),
                os: os.and_then(|os| OsName::fitting(&os)),
            },
            ip_address: address.and_then(|address| address.trim().parse().ok()),
            user_agent: agent.and_then(|agent| UserAgent::fitting(&agent)),
            created_at,
            last_activity_at,
            expires_at,
            follows_tokens: false,
            ended,
        };
        Self::Live(Box::new(SessionOf { user_id, session }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "01900000-0000-7000-8000-000000000001";
    const ID: &str = "01900000-0000-7000-8000-000000000002";

    fn read(expires_at: &str, active: &str, token: &str) -> FormerSession {
        let now = moment("2026-01-01 00:00:00").unwrap();
        let texts = [
            USER,
            ID,
            token,
            "Mobile",
            "Ana's\u{0} phone",
            "iOS",
            "::1",
            "Agent/1",
            "2025-12-01 00:00:00",
            "2025-12-31 00:00:00",
            expires_at,
        ];
        let mut texts: Vec<Option<String>> = texts.map(|text| Some(text.to_owned())).into();
        texts.extend([None, Some(active.to_owned())]);
        FormerSession::read(texts, now)
    }

    #[test]
    fn a_live_session_is_known_by_its_token_alone() {
        let FormerSession::Live(live) = read("2026-02-01 00:00:00", "true", "abc") else {
            panic!("it lives");
        };
        let SessionOf { user_id, session } = *live;
        assert_eq!(user_id.to_string(), USER);
        assert_eq!(session.token, SessionToken::parse("abc").unwrap().digest());
        assert_eq!(session.device.kind, Some(DeviceType::Mobile));
        assert_eq!(session.device.name.unwrap().as_str(), "Ana's phone");
        assert_eq!((session.ended, session.follows_tokens), (None, false));
    }

    #[test]
    fn what_was_ended_stays_ended_while_its_token_is_good() {
        let FormerSession::Live(ended) = read("2026-02-01 00:00:00", "false", "abc") else {
            panic!("its token lives");
        };
        let end = ended.session.ended.unwrap();
        assert_eq!(
            (end.at, end.reason),
            (ended.session.last_activity_at, EndReason::Logout)
        );
        assert_eq!(
            read("2025-12-31 23:59:59", "true", "abc"),
            FormerSession::Over
        );
        assert_eq!(
            read("2026-02-01 00:00:00", "true", ""),
            FormerSession::Unreadable
        );
    }
}
