//! Every type of problem there is: the one table that responses, pages and documents are made of.

/// What a type of problem says about itself.
#[derive(Debug)]
pub struct Entry {
    /// The last part of its URI; stable.
    pub slug: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// What kind of problem.
    pub title: &'static str,
    /// The sentence where nothing more is known.
    pub detail: &'static str,
    /// What a developer should do about it.
    pub remedy: &'static str,
    /// What it has besides what every problem has; nothing else is sent.
    pub extras: &'static [Extra],
}

/// What a type of problem has besides what every problem has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// The member `errors`.
    Errors,
    /// The member `violated-policies`.
    ViolatedPolicies,
    /// A header field; and its value where nobody knows a better one.
    Field(&'static str, Option<&'static str>),
    /// The end of the connection: what came on it was too much, or too slow.
    EndOfConnection,
}

use Extra::{EndOfConnection, Errors, Field, ViolatedPolicies};

/// RFC 6750 section 3.
const CHALLENGE: Extra = Field("WWW-Authenticate", Some(r#"Bearer realm="user-service""#));
const BAD_TOKEN: Extra = Field(
    "WWW-Authenticate",
    Some(r#"Bearer realm="user-service", error="invalid_token""#),
);
const SMALL_TOKEN: Extra = Field(
    "WWW-Authenticate",
    Some(r#"Bearer realm="user-service", error="insufficient_scope""#),
);
const SOON: Extra = Field("Retry-After", Some("2"));

macro_rules! catalogue {
    (
        $($variant:ident = $slug:literal $status:literal $title:literal [$($extra:expr),*], $detail:literal, $remedy:literal;)+
    ) => {
        /// A type of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemType {
            $(#[doc = concat!("`", $slug, "`: ", $title)] $variant),+
        }

        /// Every type.
        pub const CATALOGUE: &[ProblemType] = &[$(ProblemType::$variant),+];

        impl ProblemType {
            /// What it says about itself.
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$variant => &Entry {
                        slug: $slug, status: $status, title: $title, detail: $detail, remedy: $remedy, extras: &[$($extra),*],
                    }),+
                }
            }
        }
    };
}

catalogue! {
    MalformedRequest = "malformed-request" 400 "Malformed request" [],
        "The request could not be read.",
        "Check the request line, the headers and the framing of the body.";
    HttpsRequired = "https-required" 400 "HTTPS required" [EndOfConnection],
        "This port speaks HTTPS alone.",
        "Ask again with an address that begins with https://.";
    MalformedJson = "malformed-json" 400 "Malformed JSON" [],
        "The body is not well-formed JSON in UTF-8, or nests more than 32 levels.",
        "Send one JSON document (RFC 8259) in UTF-8.";
    InvalidParameter = "invalid-parameter" 400 "Invalid query parameter" [Errors],
        "At least one query parameter is at fault; see errors.",
        "Each entry of errors names a parameter and its rule. To go deeper than skip allows, follow next_cursor.";
    InvalidCursor = "invalid-cursor" 400 "Invalid cursor" [Errors],
        "The cursor cannot be used here.",
        "Use a next_cursor as it was given, with the same filter and sort, or start from the first page.";
    InvalidHeader = "invalid-header" 400 "Invalid header" [],
        "A request header is at fault.",
        "An Idempotency-Key has 1 to 255 visible ASCII characters; If-Match and If-None-Match hold entity tags.";
    MissingToken = "missing-token" 401 "Authentication required" [CHALLENGE],
        "This needs a bearer token.",
        "Send `Authorization: Bearer` with a token of your Auth Service.";
    InvalidToken = "invalid-token" 401 "Invalid token" [BAD_TOKEN],
        "The bearer token is malformed, forged, expired, or meant for somebody else.",
        "Obtain a new token. Which check failed is in the service's log under the request id.";
    SessionEnded = "session-ended" 401 "Session ended" [BAD_TOKEN],
        "The session of this token is over.",
        "Sign in again; a new session has a token of its own.";
    AccountEnded = "account-ended" 401 "Account ended" [BAD_TOKEN],
        "The account of this token is not active, or was removed after the token was issued.",
        "Ask an administrator; a removed account needs a new token.";
    Forbidden = "forbidden" 403 "Forbidden" [SMALL_TOKEN],
        "The token does not permit this.",
        "Act on your own profile, or use a token with the scope that the operation names.";
    NotFound = "not-found" 404 "Not found" [],
        "There is nothing at this path.",
        "Compare the path with the OpenAPI document.";
    ProfileNotFound = "profile-not-found" 404 "Profile not found" [],
        "There is no such profile, or it is not for you to see.",
        "Check the id; `me` needs a profile to have been made with POST /users.";
    SessionNotFound = "session-not-found" 404 "Session not found" [],
        "The profile has no such session.",
        "List the sessions; `current` needs a token with a sid or jti that is tracked.";
    MethodNotAllowed = "method-not-allowed" 405 "Method not allowed" [Field("Allow", None)],
        "This path does not take this method; see Allow.",
        "Use one of the methods in the Allow header.";
    NotAcceptable = "not-acceptable" 406 "Not acceptable" [],
        "No media type in Accept can be given.",
        "Accept application/json.";
    RequestTimeout = "request-timeout" 408 "Request timeout" [EndOfConnection],
        "The body took longer to arrive than it may.",
        "Send the body in one go, over a better connection, or a smaller one.";
    ProfileExists = "profile-exists" 409 "Profile exists" [],
        "The person has a profile.",
        "Change the existing profile with PATCH.";
    SessionOver = "session-over" 409 "Session over" [],
        "The session of this token was ended before; it does not begin again.",
        "Start another session with another token.";
    RequestInProgress = "request-in-progress" 409 "Request in progress" [],
        "A request with this Idempotency-Key is under way.",
        "Repeat the request a little later to receive its stored response.";
    PreconditionFailed = "precondition-failed" 412 "Precondition failed" [Field("ETag", None)],
        "The resource has changed since; its present ETag is in the response.",
        "Read the resource again, apply the change to what you read, and send its ETag.";
    PayloadTooLarge = "payload-too-large" 413 "Body too large" [EndOfConnection],
        "The body is larger than this operation takes.",
        "Send at most 64 KiB for profiles and sessions, 128 KiB for preferences, and MAX_AVATAR_SIZE for pictures.";
    UriTooLong = "uri-too-long" 414 "URI too long" [EndOfConnection],
        "The request target has more than 8 KiB.",
        "Ask for fewer things at once.";
    UnsupportedMediaType = "unsupported-media-type" 415 "Unsupported media type" [Field("Accept-Post", None), Field("Accept-Patch", None)],
        "The body is of a media type or content coding that this operation does not take.",
        "Send application/json, or application/merge-patch+json with PATCH, in UTF-8 and without content coding.";
    UnsupportedImage = "unsupported-image" 415 "Unsupported image" [Field("Accept-Post", None)],
        "The file is not of a type that is taken, whatever it is called.",
        "Send one of the types in Accept-Post. A photo in HEIC can be sent as JPEG; SVG is not taken at all.";
    InvalidImage = "invalid-image" 422 "Invalid image" [Errors],
        "The file cannot be taken as a picture; see errors.",
        "Open the picture and save it anew, smaller where it was too large.";
    ValidationFailed = "validation-failed" 422 "Validation failed" [Errors],
        "At least one member of the body is at fault; see errors.",
        "Each entry of errors has the JSON Pointer of a member and its rule. All faults are listed at once.";
    IdempotencyKeyReused = "idempotency-key-reused" 422 "Idempotency key reused" [],
        "This Idempotency-Key came with another body before.",
        "Use a new key for a new request.";
    HeadersTooLarge = "headers-too-large" 431 "Header fields too large" [EndOfConnection],
        "The header fields are more than 64, or have more than 16 KiB in all.",
        "Send fewer or shorter headers.";
    QuotaExceeded = "quota-exceeded" 429 "Quota exceeded" [Field("Retry-After", None), ViolatedPolicies],
        "Too many requests came in too short a time; nothing was done.",
        "Wait for the seconds in Retry-After, and spread requests out: RateLimit says how many are left. It is the problem type quota-exceeded of draft-ietf-httpapi-ratelimit-headers.";
    Internal = "internal-error" 500 "Internal error" [],
        "Something broke on our side.",
        "Report the request id to the operator; this is a bug.";
    Unavailable = "unavailable" 503 "Unavailable" [SOON],
        "A part that this request needs cannot be reached or is too busy. Nothing was half done.",
        "Repeat the request after the time in Retry-After.";
    AvatarsUnavailable = "avatars-unavailable" 503 "Avatars unavailable" [SOON],
        "Pictures cannot be kept or removed now. The one that was there is still there.",
        "Repeat the request after the time in Retry-After.";
    Overloaded = "overloaded" 503 "Overloaded" [SOON],
        "Too much is being done at once. Nothing was half done.",
        "Repeat the request after the time in Retry-After.";
    NotReady = "not-ready" 503 "Not ready" [SOON],
        "The service does not want traffic now.",
        "Wait, or ask another replica.";
    DeadlineExceeded = "deadline-exceeded" 504 "Deadline exceeded" [SOON],
        "The request took longer than it may, and was given up. What it was to change may or may not have changed.",
        "Read what is there now, or repeat the request: with the same Idempotency-Key nothing is done twice.";
}

impl Entry {
    /// Whether it has this besides what every problem has.
    pub fn has(&self, extra: Extra) -> bool {
        self.extras.contains(&extra)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn slugs_are_unique_and_statuses_are_errors() {
        let slugs: HashSet<_> = CATALOGUE.iter().map(|p| p.entry().slug).collect();
        assert_eq!(slugs.len(), CATALOGUE.len());
        assert!(
            CATALOGUE
                .iter()
                .all(|p| (400..600).contains(&p.entry().status))
        );
    }
}
