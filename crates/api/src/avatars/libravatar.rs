//! `GET /avatars/{hash}`: avatars for everybody who knows an e-mail address or a user id, as Libravatar has it
//! (<https://wiki.libravatar.org/api/>).

use std::num::IntErrorKind;

use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse, web};
use user_service_application::UseCaseError;
use user_service_application::avatar::{AvatarAnswer, NoPicture};
use user_service_domain::avatar::{AvatarAlias, PictureSize, drawing};

use super::get::initials;
use super::serve::{self, Keep, Reader};
use crate::http::conditional::Known;
use crate::http::negotiation::Accepted;
use crate::limits::{Policy, charge_stranger};
use crate::problem::{Problem, ProblemType};
use crate::state::State;

/// The side where none is asked for, or none that can be.
const DEFAULT_SIZE: u32 = 80;

/// The longest side that is given to whoever asks for more.
const MAX_SIZE: u32 = 512;

/// How long every cache may keep a picture that is found by such a path.
const KEEP: Keep = Keep::While("public, max-age=300");

/// Nothing to be seen.
const BLANK: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512"/>"#;

/// What is shown of who has no avatar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Default {
    NotFound,
    Silhouette,
    Identicon,
    Initials,
    Blank,
}

/// Read an avatar without a token
///
/// For whoever is active and has an avatar, under the SHA-256 of the lower-cased, trimmed e-mail address or of the user id. Off
/// unless `LIBRAVATAR=true`.
#[utoipa::path(
    get, path = "/avatars/{hash}", tag = "avatars", operation_id = "getPublicAvatar",
    params(
        ("hash" = String, Path, description = "SHA-256 in hexadecimal", pattern = "^[0-9A-Fa-f]{64}$"),
        ("s" = Option<String>, Query, nullable = false, description = "The side in pixels, 512 where it is more, 80 where it is no number from 1 on", example = "80"),
        ("d" = Option<String>, Query, nullable = false, description = "For whom is not found: `404`, `mp`, `identicon`, `initials` or `blank`; others of Libravatar's are like the nearest of these"),
    ),
    responses(
        (status = 200, description = "The picture", content((Vec<u8> = "image/webp"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (String = "image/svg+xml"))),
        (status = 304, description = "The caller has this picture"),
    ),
    security(())
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    if !state.settings.policy.libravatar {
        return Err(Problem::new(ProblemType::NotFound));
    }
    charge_stranger(&req, &state, Policy::Pictures).await?;
    let hash = req.match_info().get("hash").unwrap_or_default();
    let alias = alias(hash).ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    let (size, default) = wishes(&req);
    let reader = Reader {
        accepted: Accepted::of(&req)?,
        known: Known::of(&req)?,
        size: PictureSize::at_least(size),
    };
    let choose = |avatar: &_| reader.choose(avatar);
    match state.get_avatar.execute_by_alias(alias, choose).await {
        Ok(AvatarAnswer::Picture(avatar, variant, bytes)) => {
            Ok(serve::picture(&avatar, variant, bytes, KEEP))
        }
        Ok(AvatarAnswer::Unchanged(avatar, variant)) => {
            Ok(serve::unchanged(&avatar, variant, KEEP))
        }
        Ok(AvatarAnswer::NotAcceptable) => Err(Problem::new(ProblemType::NotAcceptable)),
        Ok(AvatarAnswer::Drawing(profile, why)) => {
            let initials = initials(&profile);
            stand_in(&reader, default, alias, why, Some(initials))
        }
        Err(UseCaseError::ProfileNotFound) => {
            stand_in(&reader, default, alias, NoPicture::Absent, None)
        }
        Err(error) => Err(error.into()),
    }
}

fn stand_in(
    reader: &Reader,
    default: Default,
    alias: AvatarAlias,
    why: NoPicture,
    initials: Option<String>,
) -> Result<HttpResponse, Problem> {
    let svg = match default {
        Default::NotFound => return Err(Problem::new(ProblemType::NotFound)),
        Default::Silhouette => drawing::silhouette_svg().to_owned(),
        Default::Identicon => drawing::identicon_svg(&alias.0),
        Default::Initials => initials.unwrap_or_else(|| drawing::silhouette_svg().to_owned()),
        Default::Blank => BLANK.to_owned(),
    };
    serve::drawing(reader, svg, why, KEEP)
}

/// The alias that a path names; clients may write a picture's ending behind it.
fn alias(text: &str) -> Option<AvatarAlias> {
    let hex = match text.split_once('.') {
        Some((hex, "jpg" | "jpeg" | "png" | "webp")) => hex,
        Some(_) => return None,
        None => text,
    };
    if hex.len() != 64 {
        return None;
    }
    let mut alias = [0; 32];
    for (byte, pair) in alias.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(AvatarAlias(alias))
}

/// Size and default. As Libravatar does, what cannot be read is passed over, and so is what is not known.
fn wishes(req: &HttpRequest) -> (u32, Default) {
    let pairs = Query::<Vec<(String, String)>>::from_query(req.query_string());
    let pairs = pairs.map_or_else(|_| Vec::new(), Query::into_inner);
    let (mut size, mut default) = (DEFAULT_SIZE, Default::Silhouette);
    for (name, value) in &pairs {
        match name.as_str() {
            "s" | "size" => size = side(value),
            "d" | "default" => default = default_named(value),
            _ => {}
        }
    }
    (size, default)
}

/// A side of more than there is is the longest, however long its number.
fn side(text: &str) -> u32 {
    match text.parse::<u32>() {
        Ok(0) => DEFAULT_SIZE,
        Ok(side) => side.min(MAX_SIZE),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => MAX_SIZE,
        Err(_) => DEFAULT_SIZE,
    }
}

/// A URL as the default would let others send people anywhere from here: it is passed over.
fn default_named(text: &str) -> Default {
    match text {
        "404" => Default::NotFound,
        "identicon" | "monsterid" | "wavatar" | "retro" | "robohash" | "pagan" => {
            Default::Identicon
        }
        "initials" => Default::Initials,
        "blank" => Default::Blank,
        _ => Default::Silhouette,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_hash_is_64_hexadecimal_digits_with_or_without_an_ending() {
        let hash = "00ff".repeat(16);
        let expected = Some(AvatarAlias([0, 255].repeat(16).try_into().unwrap()));
        assert_eq!(alias(&hash), expected);
        assert_eq!(alias(&hash.to_uppercase()), expected);
        assert_eq!(alias(&format!("{hash}.png")), expected);
        for bad in [
            "",
            "00",
            &hash[1..],
            &format!("{hash}0"),
            &format!("{hash}.exe"),
            &format!("{hash}."),
            &hash.replace('f', "g"),
            &"é".repeat(32),
        ] {
            assert_eq!(alias(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        for (query, expected) in [
            ("", (80, Default::Silhouette)),
            ("s=200&d=404", (200, Default::NotFound)),
            ("size=1&default=retro", (1, Default::Identicon)),
            ("s=0", (80, Default::Silhouette)),
            ("s=513&d=blank&r=x&f=y", (512, Default::Blank)),
            ("s=2147483648", (512, Default::Silhouette)),
            ("s=99999999999999999999", (512, Default::Silhouette)),
            ("s=-1", (80, Default::Silhouette)),
            ("s=large", (80, Default::Silhouette)),
            ("d=https%3A%2F%2Fevil.example%2F", (80, Default::Silhouette)),
        ] {
            let req = TestRequest::with_uri(&format!("/avatars/x?{query}")).to_http_request();
            assert_eq!(wishes(&req), expected, "{query}");
        }
    }
}
