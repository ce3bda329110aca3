//! `user_idempotency_keys`

use sea_orm::{DbErr, DeriveIden};
use user_service_domain::idempotency::{Fingerprint, KeyDigest, KeyRecord, StoredResponse};

use super::{Columns, bytes, unreadable};

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserIdempotencyKeys {
    Table,
    KeyDigest,
    Fingerprint,
    ProfileId,
    ResponseStatus,
    ResponseLocation,
    ResponseEtag,
    ResponseBody,
    CreatedAt,
    ExpiresAt,
}

use UserIdempotencyKeys as C;

/// What a read selects.
pub(crate) const READ: [UserIdempotencyKeys; 8] = [
    C::KeyDigest,
    C::Fingerprint,
    C::CreatedAt,
    C::ExpiresAt,
    C::ResponseStatus,
    C::ResponseLocation,
    C::ResponseEtag,
    C::ResponseBody,
];

/// Reads [`READ`].
pub(crate) fn read(row: &mut Columns<'_>) -> Result<KeyRecord, DbErr> {
    Ok(KeyRecord {
        key: KeyDigest(bytes(row, "key_digest")?),
        fingerprint: Fingerprint(bytes(row, "fingerprint")?),
        created_at: row.take()?,
        expires_at: row.take()?,
        response: response(row)?,
    })
}

fn response(row: &mut Columns<'_>) -> Result<Option<StoredResponse>, DbErr> {
    let status: Option<i16> = row.take()?;
    let location = row.take()?;
    let etag = row.take()?;
    let body: Option<String> = row.take()?;
    match (status, body) {
        (Some(status), Some(body)) => Ok(Some(StoredResponse {
            status: u16::try_from(status).map_err(|_| unreadable("response_status"))?,
            location,
            etag,
            body,
        })),
        (None, None) => Ok(None),
        _ => Err(unreadable("response_body")),
    }
}
