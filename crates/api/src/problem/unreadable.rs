//! Answers to what is no request.

use actix_web::http::header::HeaderMap;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{MEDIA_TYPE, Problem, ProblemType};
use crate::http::hardening;

/// A whole response of HTTP/1.1, for a connection on which no request could be read; it says that the connection ends.
pub fn unreadable(kind: ProblemType, request_id: Uuid, now: DateTime<Utc>) -> Vec<u8> {
    let id = request_id.as_hyphenated().to_string();
    let body = Problem::new(kind).at("/", &id).body();
    let entry = kind.entry();
    let mut head = format!(
        "HTTP/1.1 {} {}\r\ncontent-length: {}\r\ncontent-type: {MEDIA_TYPE}\r\nconnection: close\r\ndate: {}\r\nx-request-id: {id}\r\n",
        entry.status,
        entry.title,
        body.len(),
        now.format("%a, %d %b %Y %H:%M:%S GMT"),
    );
    let mut fields = HeaderMap::new();
    hardening::harden(&mut fields, false);
    for (name, value) in &fields {
        head.push_str(name.as_str());
        head.push_str(": ");
        head.push_str(value.to_str().unwrap_or_default());
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.push_str(&body);
    head.into_bytes()
}
