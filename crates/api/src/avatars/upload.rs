//! `POST /users/{id}/avatar`.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use user_service_application::UseCaseError;
use user_service_application::authz::known;
use user_service_application::avatar::NewAvatar;
use user_service_application::idempotency::Reserved;
use user_service_application::profile::{ProfileView, Receipt};
use user_service_domain::avatar::{Focus, ImageFault};
use user_service_domain::idempotency::StoredResponse;
use utoipa::ToSchema;

use super::body::{self, accepting};
use crate::http::caller::known_caller;
use crate::http::links::Links;
use crate::http::{conditional, idempotency, target};
use crate::limits::{Policy, charge};
use crate::problem::Problem;
use crate::state::State;
use crate::users::ProfileBody;

/// A picture in a form.
#[derive(ToSchema)]
#[schema(as = NewAvatar)]
#[expect(dead_code, reason = "it documents what is read field by field")]
pub(crate) struct NewAvatarBody {
    /// The picture: JPEG, PNG or WebP by its bytes, or what else `ALLOWED_AVATAR_TYPES` names; at most `MAX_AVATAR_SIZE` bytes,
    /// 40 megapixels and 16 384 pixels a side.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What the square is cut around: fractions of width and height from the upper left corner.
    #[schema(value_type = String, example = "0.5,0.3", required = false, pattern = r"^ *(0(\.[0-9]{1,6})?|1(\.0{1,6})?) *, *(0(\.[0-9]{1,6})?|1(\.0{1,6})?) *$")]
    focus: Option<String>,
}

/// Give a profile an avatar
///
/// The picture is turned upright, cut to a square and written anew in four sizes, without any metadata. Readers see
/// the old one until the new one is there. Safe to repeat with an `Idempotency-Key`.
#[utoipa::path(
    post, path = "/users/{id}/avatar", tag = "avatars", operation_id = "uploadAvatar",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("focus" = Option<String>, Query, description = "What the square is cut around: `x,y`, fractions of width and height", pattern = r"^ *(0(\.[0-9]{1,6})?|1(\.0{1,6})?) *, *(0(\.[0-9]{1,6})?|1(\.0{1,6})?) *$"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The ETag of a picture that is to be replaced, or `*`"),
        ("Idempotency-Key" = Option<String>, Header, nullable = false, description = "Makes the request safe to repeat for 24 hours", min_length = 1, max_length = 255, pattern = r#"^("[!#-~]+"|[!#-~]+)$"#),
    ),
    request_body(content((NewAvatarBody = "multipart/form-data"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"))),
    responses((status = 200, description = "The profile with its new `avatar_url`", body = ProfileBody, headers(("ETag" = String, description = "The state of this representation")))),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    payload: Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    charge(&req, &state, Policy::Uploads, &caller).await?;
    conditional::accepts_json(&req)?;
    let key = target::profile(&req, &caller)?;
    // Who may not do this at all sends nothing.
    state.upload_avatar.authorise(&caller, key).await?;
    let if_match = conditional::if_match(&req)?;
    let repeat = idempotency::key(&req, known(&caller)?)?;
    let place = state.uploads.place().await?;
    let upload = body::read(&req, payload, &state.uploads).await?;
    let focus = upload.focus.unwrap_or(Focus::MIDDLE);
    let fingerprint = repeat.map(|_| idempotency::fingerprint(&upload.file));
    let render = |view: &ProfileView| stored(view, &state.links);
    let give = async |receipt| {
        let new = NewAvatar {
            upload: upload.file,
            focus,
        };
        let given = state
            .upload_avatar
            .execute(&caller, key, new, if_match, receipt);
        let given = given.await;
        drop(place);
        state.metrics.avatar_uploaded(outcome(&given));
        given
    };
    let (Some(repeat), Some(fingerprint)) = (repeat, fingerprint) else {
        let view = give(None).await.map_err(|error| refusal(error, &state))?;
        return Ok(send(render(&view)));
    };
    match state.reserve_key.execute(repeat, fingerprint).await? {
        Reserved::Replay(stored) => Ok(idempotency::replay(stored)),
        Reserved::First => {
            let receipt = Receipt {
                key: repeat,
                render: &render,
            };
            match give(Some(receipt)).await {
                Ok(view) => {
                    let response = render(&view);
                    state
                        .reserve_key
                        .remember(repeat, fingerprint, view.profile.id, &response)
                        .await;
                    Ok(send(response))
                }
                Err(error) => {
                    idempotency::release(&state, repeat).await;
                    Err(refusal(error, &state))
                }
            }
        }
    }
}

fn refusal(error: UseCaseError, state: &State) -> Problem {
    let of_type = matches!(error, UseCaseError::ImageRefused(ImageFault::Type(_)));
    let problem = error.into();
    if of_type {
        accepting(problem, &state.uploads)
    } else {
        problem
    }
}

fn outcome(given: &Result<ProfileView, UseCaseError>) -> &'static str {
    match given {
        Ok(_) => "stored",
        Err(UseCaseError::ImageRefused(_)) => "refused",
        Err(UseCaseError::Busy) => "overloaded",
        Err(UseCaseError::AvatarsUnavailable(_)) => "unavailable",
        Err(_) => "failed",
    }
}

fn stored(view: &ProfileView, links: &Links) -> StoredResponse {
    StoredResponse {
        status: 200,
        location: None,
        etag: Some(format!("\"{}\"", view.revision)),
        body: serde_json::to_string(&ProfileBody::of(view, links)).unwrap_or_default(),
    }
}

fn send(stored: StoredResponse) -> HttpResponse {
    idempotency::respond(&stored).body(stored.body)
}
