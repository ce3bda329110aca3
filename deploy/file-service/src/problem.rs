//! What goes wrong, as problem details (RFC 9457).

use std::io::{self, Write as _};

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

/// An answer that says what is wrong.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Problem {
    status: StatusCode,
    detail: &'static str,
}

#[derive(Serialize)]
struct Body {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
}

impl Problem {
    pub(crate) const fn new(status: StatusCode, detail: &'static str) -> Self {
        Self { status, detail }
    }

    pub(crate) const fn bad(detail: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        // Where nobody listens nobody is told.
        let _told = writeln!(io::stderr(), "the disk failed: {error}");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the file could not be read or kept",
        )
    }
}

impl From<actix_web::error::BlockingError> for Problem {
    fn from(_stopping: actix_web::error::BlockingError) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the service is about to stop",
        )
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        let body = Body {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        answer
            .insert_header(ContentType(
                "application/problem+json"
                    .parse()
                    .unwrap_or(actix_web::mime::APPLICATION_JSON),
            ))
            .body(text)
    }
}
