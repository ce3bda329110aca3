//! `user_revocations`

use sea_orm::sea_query::Expr;
use sea_orm::{DbErr, DeriveIden};
use user_service_domain::ids::{SessionId, UserId};
use user_service_domain::revocation::{FeedEntry, FeedPosition, NewFeedEntry, Revocation};
use user_service_domain::session::EndReason;

use super::{Columns, digest, unreadable};

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserRevocations {
    Table,
    Position,
    UserId,
    Kind,
    SessionId,
    TokenDigest,
    Reason,
    RevokedAt,
    ExpiresAt,
}

use UserRevocations as C;

/// The kind of a removal, which a read looks for.
pub(crate) const REMOVED: &str = "removed";
const SESSION: &str = "session";
const DEACTIVATED: &str = "deactivated";
const REACTIVATED: &str = "reactivated";

/// What a read selects.
pub(crate) const READ: [UserRevocations; 8] = [
    C::Position,
    C::UserId,
    C::RevokedAt,
    C::Kind,
    C::SessionId,
    C::TokenDigest,
    C::Reason,
    C::ExpiresAt,
];

/// Reads [`READ`].
pub(crate) fn read(row: &mut Columns<'_>) -> Result<FeedEntry, DbErr> {
    Ok(FeedEntry {
        position: FeedPosition(row.take()?),
        user_id: UserId::new(row.take()?),
        at: row.take()?,
        revocation: revocation(row)?,
    })
}

fn revocation(row: &mut Columns<'_>) -> Result<Revocation, DbErr> {
    match row.take::<String>()?.as_str() {
        SESSION => Ok(Revocation::Session {
            id: SessionId::new(row.take()?),
            token: digest(row, "token_digest")?,
            reason: EndReason::named(&row.take::<String>()?).ok_or_else(|| unreadable("reason"))?,
            expires_at: row.take()?,
        }),
        DEACTIVATED => Ok(Revocation::AccountDeactivated),
        REACTIVATED => Ok(Revocation::AccountReactivated),
        REMOVED => Ok(Revocation::AccountRemoved),
        _ => Err(unreadable("kind")),
    }
}

/// What an insert writes; the position comes from the database.
pub(crate) const WRITE: [UserRevocations; 7] = [
    C::UserId,
    C::RevokedAt,
    C::Kind,
    C::SessionId,
    C::TokenDigest,
    C::Reason,
    C::ExpiresAt,
];

/// The values of [`WRITE`].
pub(crate) fn values(entry: &NewFeedEntry) -> [Expr; 7] {
    let (kind, session) = match entry.revocation {
        Revocation::Session {
            id,
            token,
            reason,
            expires_at,
        } => (SESSION, Some((id, token, reason, expires_at))),
        Revocation::AccountDeactivated => (DEACTIVATED, None),
        Revocation::AccountReactivated => (REACTIVATED, None),
        Revocation::AccountRemoved => (REMOVED, None),
    };
    [
        Expr::val(entry.user_id.get()),
        Expr::val(entry.at),
        Expr::val(kind),
        Expr::val(session.map(|(id, ..)| id.get())),
        Expr::val(session.map(|(_, token, ..)| token.0.to_vec())),
        Expr::val(session.map(|(.., reason, _)| reason.as_str())),
        Expr::val(session.map(|(.., expires_at)| expires_at)),
    ]
}
