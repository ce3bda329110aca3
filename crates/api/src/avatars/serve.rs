//! A picture as a response.

use actix_web::http::header::{self, ETAG, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use user_service_application::avatar::{Choice, NoPicture};
use user_service_application::revision::Revision;
use user_service_domain::avatar::{Avatar, PictureFormat, PictureSize, Variant};

use crate::http::conditional::Known;
use crate::http::negotiation::Accepted;
use crate::problem::{Problem, ProblemType};

/// The media type of what is drawn.
const SVG: &str = "image/svg+xml";

/// What a reader takes and has.
pub(super) struct Reader {
    pub(super) accepted: Accepted,
    pub(super) known: Known,
    pub(super) size: PictureSize,
}

impl Reader {
    /// Which picture of this avatar is theirs: WebP where they name it and like it as well as the other.
    pub(super) fn choose(&self, avatar: &Avatar) -> Choice {
        let webp = self.accepted.wants(PictureFormat::Webp.media_type());
        let other = self.accepted.wants(avatar.fallback.media_type());
        let format = if webp.named && webp.quality >= other.quality {
            PictureFormat::Webp
        } else {
            avatar.fallback
        };
        if !self.accepted.takes(format.media_type()) {
            return Choice::None;
        }
        let variant = Variant {
            size: self.size,
            format,
        };
        if self.known.has(&Revision::of_picture(avatar, variant)) {
            Choice::Unchanged(variant)
        } else {
            Choice::Read(variant)
        }
    }
}

/// For how long, and by whom, a response may be kept.
#[derive(Clone, Copy)]
pub(super) enum Keep {
    /// For ever: its URL names this very version.
    Version {
        /// Also by caches that many share.
        public: bool,
    },
    /// Asked again before each use.
    Checked {
        /// Also by caches that many share.
        public: bool,
    },
    /// For a while, by everybody.
    While(&'static str),
    /// Not at all: it will be something else soon.
    Never,
}

impl Keep {
    fn cache_control(self) -> &'static str {
        match self {
            Self::Version { public: true } => "public, max-age=31536000, immutable",
            Self::Version { public: false } => "private, max-age=31536000, immutable",
            Self::Checked { public: true } => "public, no-cache",
            Self::Checked { public: false } => "private, no-cache",
            Self::While(value) => value,
            Self::Never => "no-store",
        }
    }

    fn vary(self) -> &'static str {
        match self {
            Self::Version { public: true } | Self::Checked { public: true } | Self::While(_) => {
                "Accept"
            }
            Self::Version { public: false } | Self::Checked { public: false } | Self::Never => {
                "Accept, Authorization"
            }
        }
    }

    fn crosses_origins(self) -> bool {
        matches!(
            self,
            Self::Version { public: true } | Self::Checked { public: true } | Self::While(_)
        )
    }
}

/// A picture.
pub(super) fn picture(
    avatar: &Avatar,
    variant: Variant,
    bytes: Vec<u8>,
    keep: Keep,
) -> HttpResponse {
    let revision = Revision::of_picture(avatar, variant);
    let mut response = HttpResponse::Ok();
    head(&mut response, &revision, keep);
    response.insert_header((
        header::CONTENT_DISPOSITION,
        format!("inline; filename=\"avatar-{variant}\""),
    ));
    response
        .content_type(variant.format.media_type())
        .body(bytes)
}

/// 304.
pub(super) fn unchanged(avatar: &Avatar, variant: Variant, keep: Keep) -> HttpResponse {
    let mut response = HttpResponse::NotModified();
    head(&mut response, &Revision::of_picture(avatar, variant), keep);
    response.finish()
}

/// Something drawn in a picture's stead, and why. Problem: 406.
pub(super) fn drawing(
    reader: &Reader,
    svg: String,
    why: NoPicture,
    keep: Keep,
) -> Result<HttpResponse, Problem> {
    if !reader.accepted.takes(SVG) {
        return Err(Problem::because(
            ProblemType::NotAcceptable,
            "There is no picture, and what is drawn in its stead is image/svg+xml.",
        ));
    }
    let revision = Revision::of_drawing(&svg);
    let keep = match why {
        NoPicture::Absent => keep,
        NoPicture::Unreachable | NoPicture::Lost => Keep::Never,
    };
    let fresh = reader.known.has(&revision);
    let mut response = if fresh {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    head(&mut response, &revision, keep);
    response.insert_header((
        HeaderName::from_static("avatar-fallback"),
        HeaderValue::from_static(match why {
            NoPicture::Absent => "absent",
            NoPicture::Unreachable => "unavailable",
            NoPicture::Lost => "lost",
        }),
    ));
    if fresh {
        return Ok(response.finish());
    }
    response.insert_header((
        header::CONTENT_DISPOSITION,
        "inline; filename=\"avatar.svg\"",
    ));
    Ok(response.content_type(SVG).body(svg))
}

/// What every such response says. Even opened by itself, a picture can do nothing.
fn head(response: &mut HttpResponseBuilder, revision: &Revision, keep: Keep) {
    response
        .insert_header((ETAG, format!("\"{revision}\"")))
        .insert_header((header::CACHE_CONTROL, keep.cache_control()))
        .insert_header((header::VARY, keep.vary()))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ));
    if keep.crosses_origins() {
        response.insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    }
}
