//! `POST /users`.

use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use user_service_application::authz::known;
use user_service_application::idempotency::Reserved;
use user_service_application::profile::{NewProfile, ProfileView, Receipt};
use user_service_domain::idempotency::StoredResponse;
use user_service_domain::ids::UserId;
use user_service_domain::profile::{Bio, DisplayName, Location, PhoneNumber, Website};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ProfileBody, schemas};
use crate::http::body::{self, Accepts};
use crate::http::caller::known_caller;
use crate::http::links::Links;
use crate::http::members::{Members, boolean, text, uuid};
use crate::http::{conditional, idempotency};
use crate::problem::Problem;
use crate::state::State;

/// A profile to be made.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewProfile)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the members are read one by one, so that every fault is reported; a test keeps the two in step"
)]
pub(crate) struct NewProfileBody {
    /// Whose; the caller's own where left out.
    #[schema(value_type = Uuid, required = false)]
    user_id: Option<Uuid>,
    #[schema(schema_with = schemas::display_name)]
    display_name: String,
    #[schema(schema_with = schemas::bio)]
    bio: Option<String>,
    #[schema(schema_with = schemas::location)]
    location: Option<String>,
    #[schema(schema_with = schemas::website)]
    website: Option<String>,
    #[schema(schema_with = schemas::phone_number)]
    phone_number: Option<String>,
    /// For administrators and services.
    #[schema(value_type = bool, required = false)]
    is_verified: Option<bool>,
    /// For administrators and services.
    #[schema(value_type = bool, required = false)]
    is_active: Option<bool>,
}

/// Make a profile
///
/// With default preferences, in one unit of work. A person has one profile. Safe to repeat with an `Idempotency-Key`.
#[utoipa::path(
    post, path = "/users", tag = "profiles", operation_id = "createUser",
    params(("Idempotency-Key" = Option<String>, Header, nullable = false, description = "Makes the request safe to repeat for 24 hours", min_length = 1, max_length = 255, pattern = r#"^("[!#-~]+"|[!#-~]+)$"#)),
    request_body = NewProfileBody,
    responses((status = 201, description = "The new profile", body = ProfileBody, headers(
        ("ETag" = String, description = "The state of this representation"),
        ("Location" = String, description = "Where the profile is"),
    ))),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    payload: Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    conditional::accepts_json(&req)?;
    let bytes = body::read(&req, payload, Accepts::PROFILE).await?;
    let key = idempotency::key(&req, known(&caller)?)?;
    let new = read(&bytes, |whose| {
        state
            .create_profile
            .authorise(&caller, whose)
            .map_err(Problem::from)
    })?;
    let render = |view: &ProfileView| stored(view, &state.links);
    let Some(key) = key else {
        let view = state.create_profile.execute(&caller, new, None).await?;
        return Ok(send(render(&view)));
    };
    let fingerprint = idempotency::fingerprint(&bytes);
    match state.reserve_key.execute(key, fingerprint).await? {
        Reserved::Replay(stored) => Ok(idempotency::replay(stored)),
        Reserved::First => {
            match state
                .create_profile
                .execute(
                    &caller,
                    new,
                    Some(Receipt {
                        key,
                        render: &render,
                    }),
                )
                .await
            {
                Ok(view) => {
                    let response = render(&view);
                    state
                        .reserve_key
                        .remember(key, fingerprint, view.profile.id, &response)
                        .await;
                    Ok(send(response))
                }
                Err(error) => Err(idempotency::give_back(&state, key, error).await),
            }
        }
    }
}

fn read(
    bytes: &Bytes,
    authorise: impl FnOnce(Option<UserId>) -> Result<(), Problem>,
) -> Result<NewProfile, Problem> {
    let mut members = body::object(bytes)?;
    let (user_id, new) = members_of(&mut members);
    match members.finish(new) {
        Ok(new) => Ok(new),
        // Who may not do this at all does not learn its rules.
        Err(faults) => Err(authorise(user_id).err().unwrap_or(faults)),
    }
}

fn members_of(m: &mut Members) -> (Option<UserId>, Option<NewProfile>) {
    let user_id = m.optional("user_id", text(uuid)).map(UserId::new);
    let display_name = m.required("display_name", text(DisplayName::parse));
    let bio = m.nullable("bio", text(Bio::parse)).flatten();
    let location = m.nullable("location", text(Location::parse)).flatten();
    let website = m.nullable("website", text(Website::parse)).flatten();
    let phone_number = m
        .nullable("phone_number", text(PhoneNumber::parse))
        .flatten();
    let is_verified = m.optional("is_verified", boolean);
    let is_active = m.optional("is_active", boolean);
    let new = display_name.map(|display_name| NewProfile {
        user_id,
        display_name,
        bio,
        location,
        website,
        phone_number,
        is_verified,
        is_active,
    });
    (user_id, new)
}

fn stored(view: &ProfileView, links: &Links) -> StoredResponse {
    StoredResponse {
        status: 201,
        location: Some(links.profile(view.profile.id)),
        etag: Some(format!("\"{}\"", view.revision)),
        body: serde_json::to_string(&ProfileBody::of(view, links)).unwrap_or_default(),
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
        members.assert_documented_by::<NewProfileBody>();
    }
}
