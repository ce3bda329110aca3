//! Which of several media types a caller takes (RFC 9110 section 12.5.1).

use actix_web::HttpRequest;
use actix_web::http::header::{self, Header, Quality};

use crate::problem::{Problem, ProblemType};

/// What `Accept` says.
pub(crate) struct Accepted(Option<header::Accept>);

/// How much a media type is wanted.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Wanted {
    /// By which quality; zero is not at all.
    pub(crate) quality: Quality,
    /// Whether it was named, and not only covered by a range.
    pub(crate) named: bool,
}

impl Accepted {
    /// Of this request. Problem: 400.
    pub(crate) fn of(req: &HttpRequest) -> Result<Self, Problem> {
        if !req.headers().contains_key(header::ACCEPT) {
            return Ok(Self(None));
        }
        match header::Accept::parse(req) {
            Ok(accept) if accept.is_empty() => Ok(Self(None)),
            Ok(accept) => Ok(Self(Some(accept))),
            Err(_) => Err(Problem::because(
                ProblemType::InvalidHeader,
                "Accept does not hold media ranges.",
            )),
        }
    }

    /// How much this type is wanted: the most specific range that covers it decides. Without `Accept`
    /// everything is.
    pub(crate) fn wants(&self, media_type: &str) -> Wanted {
        let (family, kind) = media_type.split_once('/').unwrap_or((media_type, ""));
        let Some(accept) = &self.0 else {
            return Wanted {
                quality: Quality::MAX,
                named: false,
            };
        };
        let covering = accept.iter().filter_map(|range| {
            let item = (range.item.type_().as_str(), range.item.subtype().as_str());
            let rank = match item {
                (f, k) if f == family && k == kind => 2,
                (f, "*") if f == family => 1,
                ("*", "*") => 0,
                _ => return None,
            };
            Some((rank, range.quality))
        });
        covering.max_by_key(|(rank, _)| *rank).map_or(
            Wanted {
                quality: Quality::ZERO,
                named: false,
            },
            |(rank, quality)| Wanted {
                quality,
                named: rank == 2,
            },
        )
    }

    /// Whether this type is taken at all.
    pub(crate) fn takes(&self, media_type: &str) -> bool {
        self.wants(media_type).quality > Quality::ZERO
    }
}
