//! Which profile a path names.

use actix_web::HttpRequest;
use user_service_domain::identity::Caller;
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::ProfileKey;
use uuid::Uuid;

use crate::problem::{Problem, ProblemType};

/// `{id}` of the path: a UUID in hyphenated form, or `me` for the caller's own profile. A path without
/// `{id}` is one of `me`. Anything else is 404.
pub(crate) fn profile(req: &HttpRequest, caller: &Caller) -> Result<ProfileKey, Problem> {
    match req.match_info().get("id") {
        None | Some("me") => match caller {
            Caller::Known(principal) => Ok(ProfileKey::User(principal.user_id)),
            Caller::Anonymous => Err(Problem::new(ProblemType::MissingToken)),
        },
        Some(id) if id.len() == 36 => Uuid::try_parse(id)
            .map(|id| ProfileKey::Id(ProfileId::new(id)))
            .map_err(|_| Problem::new(ProblemType::ProfileNotFound)),
        Some(_) => Err(Problem::new(ProblemType::ProfileNotFound)),
    }
}
