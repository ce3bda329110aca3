//! `PATCH /users/{id}`.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use user_service_domain::profile::{
    Bio, DisplayName, Location, PhoneNumber, ProfilePatch, Website,
};
use utoipa::ToSchema;

use super::{ProfileBody, schemas};
use crate::http::body::{self, Accepts};
use crate::http::caller::known_caller;
use crate::http::members::{Members, boolean, text};
use crate::http::{conditional, target};
use crate::problem::Problem;
use crate::state::State;

/// A change of a profile (RFC 7396): what is absent stays, null clears.
#[derive(Deserialize, ToSchema)]
#[schema(as = ProfilePatch)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the members are read one by one, so that every fault is reported; a test keeps the two in step"
)]
pub(crate) struct ProfilePatchBody {
    #[schema(schema_with = schemas::display_name, required = false)]
    display_name: Option<String>,
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

/// Change a profile
///
/// Loses no concurrent change of other members; with `If-Match` it is refused when anything changed.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "profiles", operation_id = "updateUser",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The ETag that the change is based on, or `*`"),
    ),
    request_body(content((ProfilePatchBody = "application/merge-patch+json"), (ProfilePatchBody = "application/json"))),
    responses((status = 200, description = "The changed profile", body = ProfileBody, headers(("ETag" = String, description = "The state of this representation")))),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    payload: Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    conditional::accepts_json(&req)?;
    let key = target::profile(&req, &caller)?;
    let bytes = body::read(&req, payload, Accepts::PROFILE_PATCH).await?;
    let if_match = conditional::if_match(&req)?;
    let mut members = body::object(&bytes)?;
    let patch = members_of(&mut members);
    let patch = match members.finish(Some(patch)) {
        Ok(patch) => patch,
        // Who may not do this at all does not learn its rules.
        Err(faults) => {
            state.update_profile.authorise(&caller, key).await?;
            return Err(faults);
        }
    };
    let view = state
        .update_profile
        .execute(&caller, key, patch, if_match)
        .await?;
    let mut response = HttpResponse::Ok();
    conditional::private(&mut response);
    response.insert_header(("ETag", format!("\"{}\"", view.revision)));
    Ok(response.json(ProfileBody::of(&view, &state.links)))
}

fn members_of(m: &mut Members) -> ProfilePatch {
    ProfilePatch {
        display_name: m.optional("display_name", text(DisplayName::parse)),
        bio: m.nullable("bio", text(Bio::parse)),
        location: m.nullable("location", text(Location::parse)),
        website: m.nullable("website", text(Website::parse)),
        phone_number: m.nullable("phone_number", text(PhoneNumber::parse)),
        is_verified: m.optional("is_verified", boolean),
        is_active: m.optional("is_active", boolean),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn the_schema_names_the_members_that_are_read() {
        let mut members = Members::new(Map::default());
        members_of(&mut members);
        members.assert_documented_by::<ProfilePatchBody>();
    }
}
