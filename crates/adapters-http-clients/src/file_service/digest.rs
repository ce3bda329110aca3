//! `Content-Digest` (RFC 9530), of which SHA-256 alone is asked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderMap;
use sha2::{Digest as _, Sha256};

/// The field.
pub(super) const FIELD: &str = "content-digest";

/// The value of the field for these bytes.
pub(super) fn of(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(bytes)))
}

/// Whether the bytes are those that the field promises; `None` where it promises nothing.
pub(super) fn is_kept(headers: &HeaderMap, bytes: &[u8]) -> Option<bool> {
    let field = headers.get(FIELD)?.to_str().ok()?;
    let promised = field
        .split(',')
        .map(str::trim)
        .find(|member| member.starts_with("sha-256="))?;
    Some(promised == of(bytes))
}
