//! The OpenAPI 3.1 document, made of the handlers' own annotations.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};

use crate::problem::{CATALOGUE, MEDIA_TYPE, ProblemBody};
use crate::{avatars, preferences, revocations, service, sessions, users};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Gravity User Service",
        description = "Profiles and preferences of people, beside the login that a product already has.",
        license(name = "MIT", identifier = "MIT"),
    ),
    servers((url = "/", description = "This server")),
    paths(service::root::handle, service::health::summary, service::health::live, service::health::ready, service::metrics::handle, avatars::libravatar::handle),
    components(schemas(ProblemBody)),
    tags(
        (name = "profiles", description = "Who people say they are"),
        (name = "avatars", description = "What people look like"),
        (name = "preferences", description = "How people want to be served"),
        (name = "sessions", description = "Where people are signed in, and what of it is over"),
        (name = "service", description = "How the service is"),
    ),
    modifiers(&Security),
)]
struct Service;

#[derive(utoipa::OpenApi)]
#[openapi(paths(
    users::list::handle,
    users::create::handle,
    users::import::handle,
    users::search::handle,
    users::me::get,
    users::me::patch,
    users::me::delete,
    users::get::handle,
    users::patch::handle,
    users::delete::handle,
    avatars::get::handle,
    avatars::upload::handle,
    avatars::delete::handle,
    preferences::get::handle,
    preferences::patch::handle,
    sessions::list::handle,
    sessions::create::handle,
    sessions::revoke_all::handle,
    sessions::revoke::handle,
    revocations::list::handle,
))]
struct Api;

/// The document as pretty JSON, with the API under `prefix`.
pub fn document(prefix: &str) -> String {
    let mut document = Service::openapi().nest(prefix, Api::openapi());
    add_problems(&mut document, prefix);
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Every operation answers with the problems that its kind of request can meet.
fn add_problems(document: &mut OpenApi, prefix: &str) {
    for (path, item) in &mut document.paths.paths {
        let api = path.starts_with(prefix) && path != "/";
        for (operation, reads) in [
            (&mut item.get, true),
            (&mut item.delete, true),
            (&mut item.post, false),
            (&mut item.patch, false),
        ] {
            let Some(operation) = operation else { continue };
            let mut statuses = vec![414, 431, 500, 503];
            if path.starts_with("/avatars/") {
                statuses.extend([400, 404, 406, 429, 504]);
            }
            if api {
                statuses.extend([400, 401, 403, 404, 406, 412, 429, 504]);
                if !reads {
                    statuses.extend([408, 409, 413, 415, 422]);
                }
            }
            for status in statuses {
                add_problem(operation, status);
            }
        }
    }
}

fn add_problem(operation: &mut Operation, status: u16) {
    let titles: Vec<_> = CATALOGUE
        .iter()
        .map(|p| p.entry())
        .filter(|e| e.status == status)
        .map(|e| e.title)
        .collect();
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let response = ResponseBuilder::new()
        .description(titles.join(", or "))
        .content(MEDIA_TYPE, content)
        .build();
    operation
        .responses
        .responses
        .entry(status.to_string())
        .or_insert(RefOr::T(response));
}
