//! How a session is shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use user_service_domain::identity::Caller;
use user_service_domain::session::{
    DeviceName, DeviceType, OsName, Session, SessionState, SessionToken, UserAgent,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::schemas;
use crate::http::timestamp::Timestamp;

/// Where a person is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody<'a> {
    /// The session's id.
    id: Uuid,
    /// Whose.
    profile_id: Uuid,
    #[schema(schema_with = schemas::device_type)]
    device_type: Option<&'static str>,
    /// What the device is called.
    device_name: Option<&'a str>,
    /// Its operating system.
    os: Option<&'a str>,
    /// Where the session was started from.
    ip_address: Option<String>,
    /// The user agent that started it.
    user_agent: Option<&'a str>,
    /// Whether it is in use.
    is_active: bool,
    /// Whether it is that of the token of this request.
    is_current: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to a minute.
    #[schema(value_type = String, format = DateTime)]
    last_activity_at: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    #[schema(schema_with = schemas::ended_reason)]
    ended_reason: Option<&'static str>,
    /// The same as `ended_at`, under its older name.
    #[schema(value_type = Option<String>, format = DateTime)]
    logout_at: Option<Timestamp>,
}

impl<'a> SessionBody<'a> {
    /// A session of `owner` as its caller sees it at this moment.
    pub(crate) fn of(session: &'a Session, caller: &Caller, own: bool, now: DateTime<Utc>) -> Self {
        let ended = match session.state(now) {
            SessionState::Active => None,
            SessionState::Ended(ended) => Some(ended),
        };
        let current = match caller {
            Caller::Known(principal) => principal.session.map(SessionToken::digest),
            Caller::Anonymous => None,
        };
        Self {
            id: session.id.get(),
            profile_id: session.profile_id.get(),
            device_type: session.device.kind.map(DeviceType::as_str),
            device_name: session.device.name.as_ref().map(DeviceName::as_str),
            os: session.device.os.as_ref().map(OsName::as_str),
            ip_address: session.ip_address.map(|address| address.to_string()),
            user_agent: session.user_agent.as_ref().map(UserAgent::as_str),
            is_active: ended.is_none(),
            is_current: own && current == Some(session.token),
            created_at: Timestamp(session.created_at),
            last_activity_at: Timestamp(session.last_activity_at),
            expires_at: Timestamp(session.expires_at),
            ended_at: ended.map(|ended| Timestamp(ended.at)),
            ended_reason: ended.map(|ended| ended.reason.as_str()),
            logout_at: ended.map(|ended| Timestamp(ended.at)),
        }
    }
}
