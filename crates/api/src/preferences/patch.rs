//! `PATCH /users/{id}/preferences`.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Map, Value};
use user_service_application::revision::Revision;
use user_service_domain::preferences::{
    DateFormat, Language, PreferencesPatch, Theme, TimeFormat, TimeZone,
};
use utoipa::ToSchema;

use super::{PreferencesBody, schemas};
use crate::http::body::{self, Accepts};
use crate::http::caller::known_caller;
use crate::http::members::{Members, boolean, object, text};
use crate::http::{conditional, target};
use crate::problem::Problem;
use crate::state::State;

/// A change of preferences (RFC 7396): what is absent stays; `custom_settings` is merged, null clears it.
#[derive(Deserialize, ToSchema)]
#[schema(as = PreferencesPatch)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the members are read one by one, so that every fault is reported; a test keeps the two in step"
)]
pub(crate) struct PreferencesPatchBody {
    #[schema(schema_with = schemas::language, required = false)]
    language: Option<String>,
    #[schema(schema_with = schemas::timezone, required = false)]
    timezone: Option<String>,
    #[schema(schema_with = schemas::theme, required = false)]
    theme: Option<String>,
    #[schema(schema_with = schemas::date_format, required = false)]
    date_format: Option<String>,
    #[schema(schema_with = schemas::time_format, required = false)]
    time_format: Option<String>,
    /// Consent to notifications by e-mail.
    #[schema(value_type = bool, required = false)]
    email_notifications: Option<bool>,
    /// Consent to push notifications.
    #[schema(value_type = bool, required = false)]
    push_notifications: Option<bool>,
    /// Consent to notifications by SMS.
    #[schema(value_type = bool, required = false)]
    sms_notifications: Option<bool>,
    /// Consent to the newsletter.
    #[schema(value_type = bool, required = false)]
    newsletter: Option<bool>,
    /// Consent to marketing.
    #[schema(value_type = bool, required = false)]
    marketing: Option<bool>,
    /// An object to merge; the bounds are those of the whole once merged.
    #[schema(value_type = Option<schemas::CustomSettings>)]
    custom_settings: Option<Map<String, Value>>,
}

/// Change preferences
///
/// Loses no concurrent change of other members; with `If-Match` it is refused when anything changed.
#[utoipa::path(
    patch, path = "/users/{id}/preferences", tag = "preferences", operation_id = "updatePreferences",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The ETag that the change is based on, or `*`"),
    ),
    request_body(content((PreferencesPatchBody = "application/merge-patch+json"), (PreferencesPatchBody = "application/json"))),
    responses((status = 200, description = "The changed preferences", body = PreferencesBody, headers(("ETag" = String, description = "The state of this representation")))),
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
    let bytes = body::read(&req, payload, Accepts::PREFERENCES_PATCH).await?;
    let if_match = conditional::if_match(&req)?;
    let mut members = body::object(&bytes)?;
    let patch = members_of(&mut members);
    let patch = match members.finish(Some(patch)) {
        Ok(patch) => patch,
        // Who may not do this at all does not learn its rules.
        Err(faults) => {
            state.update_preferences.authorise(&caller, key).await?;
            return Err(faults);
        }
    };
    let preferences = state
        .update_preferences
        .execute(&caller, key, patch, if_match)
        .await?;
    let mut response = HttpResponse::Ok();
    conditional::private(&mut response);
    response.insert_header((
        "ETag",
        format!("\"{}\"", Revision::of_preferences(&preferences)),
    ));
    Ok(response.json(PreferencesBody::new(&preferences)))
}

fn members_of(m: &mut Members) -> PreferencesPatch {
    PreferencesPatch {
        language: m.optional("language", text(Language::parse)),
        timezone: m.optional("timezone", text(TimeZone::parse)),
        theme: m.optional("theme", text(Theme::parse)),
        date_format: m.optional("date_format", text(DateFormat::parse)),
        time_format: m.optional("time_format", text(TimeFormat::parse)),
        email_notifications: m.optional("email_notifications", boolean),
        push_notifications: m.optional("push_notifications", boolean),
        sms_notifications: m.optional("sms_notifications", boolean),
        newsletter: m.optional("newsletter", boolean),
        marketing: m.optional("marketing", boolean),
        custom_settings: m.nullable("custom_settings", object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_names_the_members_that_are_read() {
        let mut members = Members::new(Map::default());
        members_of(&mut members);
        members.assert_documented_by::<PreferencesPatchBody>();
    }
}
