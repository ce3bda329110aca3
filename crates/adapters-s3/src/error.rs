//! What may go wrong.

use std::error::Error as StdError;

use object_store::Error;
use object_store::client::{HttpError, HttpErrorKind};
use user_service_domain::avatar::AvatarStoreError;

/// The longest code of an error; what is longer is no code.
const MAX_CODE: usize = 64;

/// The store cannot be used with these settings. Holds none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no name of a bucket.
    #[error("the bucket has no name")]
    Bucket,
    /// The endpoint is no address.
    #[error("the endpoint must be a URL such as `https://s3.example`, without a user, `?` and `#`")]
    Endpoint,
    /// The prefix may not be one.
    #[error("the prefix must be lower-case letters, digits, `.`, `_`, `-`, and `/` between them")]
    Prefix,
    /// There is no client: no certificates to trust, for example.
    #[error("no HTTP client could be made")]
    Client,
    /// Something else is wrong with them.
    #[error("the settings are refused")]
    Refused,
}

/// Why a call came to nothing. Holds no address, no key and nothing that was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum S3Error {
    /// No connection came about.
    #[error("no connection")]
    Unreachable,
    /// The answers did not come in time.
    #[error("no answer in time")]
    TimedOut,
    /// An answer broke off, or is not what S3 says.
    #[error("the answer is broken")]
    Broken,
    /// Whoever asks may not.
    #[error("refused: {0}")]
    Forbidden(String),
    /// The store said so; the code of its error.
    #[error("the store said {0}")]
    Said(String),
    /// A file is longer than any that is put.
    #[error("the file is too long")]
    TooLong,
    /// The store failed again and again, and is left alone for a while.
    #[error("left alone after failures")]
    LeftAlone,
}

impl From<S3Error> for AvatarStoreError {
    fn from(error: S3Error) -> Self {
        Self(error.into())
    }
}

/// The code of an error without one.
fn nameless() -> String {
    "an error".to_owned()
}

/// Takes from an error what may be told.
pub(crate) fn told(error: &Error) -> S3Error {
    if let Some(http) = cause::<HttpError>(error) {
        return match http.kind() {
            HttpErrorKind::Connect => S3Error::Unreachable,
            HttpErrorKind::Timeout => S3Error::TimedOut,
            _ => S3Error::Broken,
        };
    }
    let code = code(error);
    match error {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            S3Error::Forbidden(code.unwrap_or_else(nameless))
        }
        _ => S3Error::Said(code.unwrap_or_else(nameless)),
    }
}

/// Whether an object is not there, in a bucket that is.
pub(crate) fn is_absent(error: &Error) -> bool {
    matches!(error, Error::NotFound { .. }) && code(error).as_deref() != Some("NoSuchBucket")
}

fn cause<T: StdError + 'static>(error: &Error) -> Option<&T> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The code in the document that S3 describes an error with, as far as it looks like one.
fn code(error: &Error) -> Option<String> {
    let text = error.to_string();
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let plain = !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric());
    (plain && code.len() <= MAX_CODE).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_found(body: &str) -> Error {
        Error::NotFound {
            path: "secret/path".to_owned(),
            source: format!("404: {body}").into(),
        }
    }

    #[test]
    fn an_object_is_absent_only_where_its_bucket_is_not() {
        assert!(is_absent(&not_found("<Error><Code>NoSuchKey</Code>")));
        assert!(is_absent(&not_found("")));
        assert!(!is_absent(&not_found("<Error><Code>NoSuchBucket</Code>")));
    }

    #[test]
    fn only_what_looks_like_a_code_is_told() {
        for (body, code) in [
            ("<Code>NoSuchBucket</Code>", "NoSuchBucket"),
            ("<Code></Code>", "an error"),
            ("<Code>../../secret</Code>", "an error"),
            ("<Code>open", "an error"),
            ("", "an error"),
        ] {
            assert_eq!(told(&not_found(body)), S3Error::Said(code.to_owned()));
        }
    }
}
