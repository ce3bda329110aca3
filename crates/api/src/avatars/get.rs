//! `GET /users/{id}/avatar`.

use actix_web::http::header::{self, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use user_service_application::avatar::{AvatarAnswer, NoPicture};
use user_service_domain::avatar::{Initials, PictureSize, drawing};
use user_service_domain::fault::Fault;
use user_service_domain::profile::Profile;

use super::serve::{self, Keep, Reader};
use crate::http::caller::viewer;
use crate::http::conditional::Known;
use crate::http::negotiation::Accepted;
use crate::http::query::{Parameters, number};
use crate::http::target;
use crate::problem::{Problem, ProblemType};
use crate::state::State;

/// The side where none is asked for.
const DEFAULT_SIZE: u32 = 256;

/// The longest side that may be asked for; the largest picture is given all the same.
const MAX_SIZE: u32 = 2048;

/// The longest version, in characters.
const MAX_VERSION: usize = 64;

/// Read an avatar
///
/// The smallest picture that need not be enlarged to the asked size: 64, 128, 256 or 512 pixels. WebP for who names it in `Accept`, else JPEG or
/// PNG. Without an avatar, initials as SVG. Under the `avatar_url` of a profile it may be kept for ever.
#[utoipa::path(
    get, path = "/users/{id}/avatar", tag = "avatars", operation_id = "getAvatar",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("size" = Option<u32>, Query, description = "The side in pixels", minimum = 1, maximum = 2048),
        ("v" = Option<String>, Query, description = "The version, as `avatar_url` names it; another is the picture of the day", max_length = 64),
    ),
    responses(
        (status = 200, description = "The picture", content((Vec<u8> = "image/webp"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (String = "image/svg+xml")), headers(
            ("ETag" = String, description = "The content of this picture"),
            ("Avatar-Fallback" = String, description = "Where it is drawn: `absent`, `unavailable` or `lost`"),
        )),
        (status = 302, description = "A former service keeps the picture elsewhere"),
        (status = 304, description = "The caller has this picture"),
    ),
    security((), ("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = viewer(&req, &state).await?;
    state.get_avatar.admit(&caller)?;
    let key = target::profile(&req, &caller)?;
    let mut parameters = Parameters::of(&req)?;
    let size = parameters.optional("size", number(1, MAX_SIZE));
    let version = parameters.optional("v", version);
    parameters.finish(())?;
    let reader = Reader {
        accepted: Accepted::of(&req)?,
        known: Known::of(&req)?,
        size: PictureSize::at_least(size.unwrap_or(DEFAULT_SIZE)),
    };
    let public = state.settings.policy.public_profiles;
    let keep = |digest: &dyn std::fmt::Display| {
        if version.as_ref().is_some_and(|v| *v == digest.to_string()) {
            Keep::Version { public }
        } else {
            Keep::Checked { public }
        }
    };
    let choose = |avatar: &_| reader.choose(avatar);
    match state.get_avatar.execute(&caller, key, choose).await? {
        AvatarAnswer::Picture(avatar, variant, bytes) => {
            let keep = keep(&avatar.digest);
            Ok(serve::picture(&avatar, variant, bytes, keep))
        }
        AvatarAnswer::Unchanged(avatar, variant) => {
            let keep = keep(&avatar.digest);
            Ok(serve::unchanged(&avatar, variant, keep))
        }
        AvatarAnswer::NotAcceptable => Err(Problem::because(
            ProblemType::NotAcceptable,
            "The picture is image/webp, and image/jpeg or image/png.",
        )),
        AvatarAnswer::Drawing(profile, NoPicture::Absent) if elsewhere(&profile).is_some() => {
            let place = elsewhere(&profile).unwrap_or_default();
            Ok(HttpResponse::Found()
                .insert_header((LOCATION, place))
                .insert_header((header::CACHE_CONTROL, "private, no-cache"))
                .finish())
        }
        AvatarAnswer::Drawing(profile, why) => {
            serve::drawing(&reader, initials(&profile), why, Keep::Checked { public })
        }
    }
}

fn version(text: &str) -> Result<String, Fault> {
    if text.chars().count() > MAX_VERSION {
        return Err(Fault::too_long(MAX_VERSION));
    }
    Ok(text.to_owned())
}

/// Where a former service keeps the picture.
fn elsewhere(profile: &Profile) -> Option<&str> {
    let url = profile.avatar_url.as_deref()?;
    let absolute = url.starts_with("https://") || url.starts_with("http://");
    (absolute && url.bytes().all(|b| b.is_ascii_graphic())).then_some(url)
}

/// The initials of a profile, drawn.
pub(super) fn initials(profile: &Profile) -> String {
    let initials = Initials::of(&profile.display_name);
    drawing::initials_svg(&initials, profile.id.get().as_bytes())
}
