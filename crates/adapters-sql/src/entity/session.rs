//! `user_sessions`

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Value;
use sea_orm::{DbErr, DeriveIden};
use user_service_domain::ids::{ProfileId, SessionId};
use user_service_domain::session::{
    Device, DeviceName, DeviceType, EndReason, Ended, OsName, Session, TokenDigest, UserAgent,
};

use super::{Columns, digest, unreadable};

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserSessions {
    Table,
    Id,
    ProfileId,
    TokenDigest,
    DeviceType,
    DeviceName,
    Os,
    IpAddress,
    UserAgent,
    CreatedAt,
    LastActivityAt,
    ExpiresAt,
    FollowsTokens,
    EndedAt,
    EndedReason,
}

use UserSessions as C;

/// What a read selects.
pub(crate) const READ: [UserSessions; 14] = [
    C::Id,
    C::ProfileId,
    C::TokenDigest,
    C::DeviceType,
    C::DeviceName,
    C::Os,
    C::IpAddress,
    C::UserAgent,
    C::CreatedAt,
    C::LastActivityAt,
    C::ExpiresAt,
    C::FollowsTokens,
    C::EndedAt,
    C::EndedReason,
];

/// Reads [`READ`].
pub(crate) fn read(row: &mut Columns<'_>) -> Result<Session, DbErr> {
    let id = row.take()?;
    rest(row, SessionId::new(id))
}

/// Reads [`READ`] of an outer join: without a session every column is NULL.
pub(crate) fn read_joined(row: &mut Columns<'_>) -> Result<Option<Session>, DbErr> {
    let id: Option<_> = row.maybe()?;
    id.map(|id| rest(row, SessionId::new(id))).transpose()
}

/// Reads an id alone.
pub(crate) fn read_id(row: &mut Columns<'_>) -> Result<SessionId, DbErr> {
    row.take().map(SessionId::new)
}

/// Reads a profile and what is kept of a token of theirs.
pub(crate) fn read_token(row: &mut Columns<'_>) -> Result<(ProfileId, TokenDigest), DbErr> {
    Ok((ProfileId::new(row.take()?), digest(row, "token_digest")?))
}

fn rest(row: &mut Columns<'_>, id: SessionId) -> Result<Session, DbErr> {
    Ok(Session {
        id,
        profile_id: ProfileId::new(row.take()?),
        token: digest(row, "token_digest")?,
        device: Device {
            kind: device_type(row.maybe()?)?,
            name: row.maybe::<String>()?.map(DeviceName::stored),
            os: row.maybe::<String>()?.map(OsName::stored),
        },
        ip_address: ip_address(row.maybe()?)?,
        user_agent: row.maybe::<String>()?.map(UserAgent::stored),
        created_at: row.take()?,
        last_activity_at: row.take()?,
        expires_at: row.take()?,
        follows_tokens: row.take()?,
        ended: ended(row.maybe()?, row.maybe()?)?,
    })
}

fn device_type(text: Option<String>) -> Result<Option<DeviceType>, DbErr> {
    text.map(|text| DeviceType::parse(&text).map_err(|_| unreadable("device_type")))
        .transpose()
}

fn ip_address(text: Option<String>) -> Result<Option<IpAddr>, DbErr> {
    text.map(|text| text.parse().map_err(|_| unreadable("ip_address")))
        .transpose()
}

fn ended(at: Option<DateTime<Utc>>, reason: Option<String>) -> Result<Option<Ended>, DbErr> {
    match (at, reason) {
        (Some(at), Some(reason)) => Ok(Some(Ended {
            at,
            reason: EndReason::named(&reason).ok_or_else(|| unreadable("ended_reason"))?,
        })),
        (None, None) => Ok(None),
        _ => Err(unreadable("ended_at")),
    }
}

/// What an update may change.
pub(crate) fn changeable(session: &Session) -> [(UserSessions, Value); 9] {
    let device = &session.device;
    [
        (C::DeviceType, device.kind.map(DeviceType::as_str).into()),
        (
            C::DeviceName,
            device.name.as_ref().map(DeviceName::as_str).into(),
        ),
        (C::Os, device.os.as_ref().map(OsName::as_str).into()),
        (
            C::IpAddress,
            session.ip_address.map(|address| address.to_string()).into(),
        ),
        (
            C::UserAgent,
            session.user_agent.as_ref().map(UserAgent::as_str).into(),
        ),
        (C::LastActivityAt, session.last_activity_at.into()),
        (C::ExpiresAt, session.expires_at.into()),
        (C::EndedAt, session.ended.map(|ended| ended.at).into()),
        (
            C::EndedReason,
            session.ended.map(|ended| ended.reason.as_str()).into(),
        ),
    ]
}

/// What only an insert writes.
pub(crate) fn fixed(session: &Session) -> [(UserSessions, Value); 5] {
    [
        (C::Id, session.id.get().into()),
        (C::ProfileId, session.profile_id.get().into()),
        (C::TokenDigest, session.token.0.to_vec().into()),
        (C::CreatedAt, session.created_at.into()),
        (C::FollowsTokens, session.follows_tokens.into()),
    ]
}
