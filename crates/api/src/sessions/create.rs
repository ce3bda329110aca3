//! `POST /users/{id}/sessions`.

use std::net::IpAddr;

use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use user_service_application::authz::{self, known};
use user_service_application::idempotency::Reserved;
use user_service_application::session::{
    Client, NewSession, SessionReceipt, Started, StartsFor, Tracking,
};
use user_service_domain::fault::{Fault, FaultCode};
use user_service_domain::idempotency::StoredResponse;
use user_service_domain::identity::{Caller, Principal};
use user_service_domain::session::{
    Device, DeviceName, DeviceType, OsName, SessionToken, UserAgent,
};
use utoipa::ToSchema;

use super::{SessionBody, schemas};
use crate::http::body::{self, Accepts};
use crate::http::caller::known_caller_with;
use crate::http::members::{Members, text};
use crate::http::query::moment;
use crate::http::{client, conditional, idempotency, target};
use crate::problem::{FieldError, Problem};
use crate::state::State;

/// How long a session lasts of which nobody says when it ends, until a token of it is seen.
const UNSEEN: TimeDelta = TimeDelta::hours(24);

/// A session to be started.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewSession)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the members are read one by one, so that every fault is reported; a test keeps the two in step"
)]
pub(crate) struct NewSessionBody {
    /// The `sid` or `jti` of the session's tokens; the caller's own where left out. Never given back.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 255, pattern = r"^[\x21-\x7e]+$")]
    session_token: Option<String>,
    #[schema(schema_with = schemas::new_device_type, required = false)]
    device_type: Option<String>,
    /// Taken from the user agent where left out.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, pattern = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")]
    device_name: Option<String>,
    /// Taken from the user agent where left out.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 50, pattern = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")]
    os: Option<String>,
    /// For administrators and services; a person's own is that of the request.
    #[schema(value_type = String, required = false, format = "ipv4")]
    ip_address: Option<String>,
    /// For administrators and services; a person's own is that of the request.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 1024, pattern = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")]
    user_agent: Option<String>,
    /// When the session ends, whatever its tokens say; it follows them where left out.
    #[schema(value_type = String, format = DateTime, required = false)]
    expires_at: Option<String>,
}

/// The members as they were read.
struct Given {
    token: Option<SessionToken>,
    kind: Option<DeviceType>,
    name: Option<DeviceName>,
    os: Option<OsName>,
    ip_address: Option<IpAddr>,
    user_agent: Option<UserAgent>,
    expires_at: Option<DateTime<Utc>>,
}

/// Start a session
///
/// People start that of their own token; administrators and services any. The oldest session past the cap
/// is ended. Where the session is there already it is given back with what is told anew.
#[utoipa::path(
    post, path = "/users/{id}/sessions", tag = "sessions", operation_id = "createSession",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes the request safe to repeat for 24 hours", min_length = 1, max_length = 255, pattern = r#"^("[!#-~]+"|[!#-~]+)$"#),
    ),
    request_body = NewSessionBody,
    responses(
        (status = 201, description = "The new session", body = SessionBody, headers(("Location" = String, description = "Where the session is"))),
        (status = 200, description = "The session that is there", body = SessionBody, headers(("Location" = String, description = "Where the session is"))),
    ),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    payload: Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller_with(&req, &state, Tracking::Leave).await?;
    conditional::accepts_json(&req)?;
    let key = target::profile(&req, &caller)?;
    // Who may not do this at all does not learn its rules.
    let own = state.start_session.authorise(&caller, key).await?;
    let bytes = body::read(&req, payload, Accepts::PROFILE).await?;
    let principal = known(&caller)?;
    let repeat = idempotency::key(&req, principal)?;
    let now = state.clock.now();
    let new = assemble(read(&bytes)?, principal, own, &req, &state, now).await?;
    let base = format!("{}/users", state.limits.prefix);
    let render = |started: &Started| stored(started, &caller, own, now, &base);
    let start = async |receipt| {
        let on = StartsFor::Caller(&caller);
        state.start_session.execute(on, key, &new, receipt).await
    };
    let Some(repeat) = repeat else {
        return Ok(send(render(&start(None).await?)));
    };
    let fingerprint = idempotency::fingerprint(&bytes);
    match state.reserve_key.execute(repeat, fingerprint).await? {
        Reserved::Replay(stored) => Ok(idempotency::replay(stored)),
        Reserved::First => {
            let receipt = SessionReceipt {
                key: repeat,
                render: &render,
            };
            match start(Some(receipt)).await {
                Ok(started) => {
                    let response = render(&started);
                    let about = started.session.profile_id;
                    state
                        .reserve_key
                        .remember(repeat, fingerprint, about, &response)
                        .await;
                    Ok(send(response))
                }
                Err(error) => Err(idempotency::give_back(&state, repeat, error).await),
            }
        }
    }
}

fn read(bytes: &Bytes) -> Result<Given, Problem> {
    let mut members = body::object(bytes)?;
    let given = members_of(&mut members);
    members.finish(Some(given))
}

fn members_of(m: &mut Members) -> Given {
    Given {
        token: m.optional("session_token", text(SessionToken::parse)),
        kind: m.optional("device_type", text(DeviceType::parse)),
        name: m.optional("device_name", text(DeviceName::parse)),
        os: m.optional("os", text(OsName::parse)),
        ip_address: m.optional("ip_address", text(ip_address)),
        user_agent: m.optional("user_agent", text(UserAgent::parse)),
        expires_at: m.optional("expires_at", text(time)),
    }
}

fn time(text: &str) -> Result<DateTime<Utc>, Fault> {
    // A query would take a space for a plus.
    moment(if text.contains(' ') { "" } else { text })
}

fn ip_address(text: &str) -> Result<IpAddr, Fault> {
    text.parse()
        .map_err(|_| Fault::new(FaultCode::NotAnIpAddress, "must be an IPv4 or IPv6 address"))
}

/// The session that is asked for. Own sessions are of the caller's own token, device and address.
async fn assemble(
    given: Given,
    principal: &Principal,
    own: bool,
    req: &HttpRequest,
    state: &State,
    now: DateTime<Utc>,
) -> Result<NewSession, Problem> {
    let is_own_token = own
        && principal.session.is_some()
        && given
            .token
            .is_none_or(|token| Some(token) == principal.session);
    if own && !is_own_token && !authz::starts_any(principal) {
        return Err(match (given.token, principal.session) {
            (None, None) => missing_token(),
            _ => Problem::forbidden("a person can start the session of their own token alone"),
        });
    }
    let Some(token) = given.token.or(principal.session.filter(|_| own)) else {
        return Err(missing_token());
    };
    let client = if is_own_token {
        if given.ip_address.is_some() || given.user_agent.is_some() {
            return Err(Problem::forbidden(
                "ip_address and user_agent of one's own session are those of the request",
            ));
        }
        client::client(req, &state.proxies)
    } else {
        Client {
            user_agent: given.user_agent,
            ip_address: given.ip_address,
        }
    };
    if given.expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::members(vec![FieldError::member(
            "expires_at",
            Fault::new(FaultCode::InThePast, "must be in the future"),
        )]));
    }
    let detected = match &client.user_agent {
        Some(user_agent) => state.devices.detect(user_agent).await,
        None => Device::default(),
    };
    let token_expires_at = if is_own_token {
        principal.expires_at
    } else {
        now + UNSEEN
    };
    Ok(NewSession {
        token,
        device: Device {
            kind: given.kind.or(detected.kind),
            name: given.name.or(detected.name),
            os: given.os.or(detected.os),
        },
        ip_address: client.ip_address,
        user_agent: client.user_agent,
        expires_at: given.expires_at.unwrap_or(token_expires_at),
        follows_tokens: given.expires_at.is_none(),
    })
}

fn missing_token() -> Problem {
    Problem::members(vec![FieldError::member(
        "session_token",
        Fault::new(
            FaultCode::Missing,
            "is required: the sid or jti of the session's tokens",
        ),
    )])
}

fn stored(
    started: &Started,
    caller: &Caller,
    own: bool,
    now: DateTime<Utc>,
    users: &str,
) -> StoredResponse {
    let Started { session, is_new } = started;
    let body = SessionBody::of(session, caller, own, now);
    StoredResponse {
        status: if *is_new { 201 } else { 200 },
        location: Some(format!(
            "{users}/{}/sessions/{}",
            session.profile_id, session.id
        )),
        etag: None,
        body: serde_json::to_string(&body).unwrap_or_default(),
    }
}

fn send(stored: StoredResponse) -> HttpResponse {
    idempotency::respond(&stored).body(stored.body)
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn the_schema_names_the_members_that_are_read() {
        let mut members = Members::new(Map::default());
        members_of(&mut members);
        members.assert_documented_by::<NewSessionBody>();
    }
}
