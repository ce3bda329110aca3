//! The route table: every path, its methods and their handlers.

use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, Resource, Route, guard};

use crate::http::route::RouteMeasures;
use crate::limits::{Policy, charge_stranger};
use crate::problem::{Problem, ProblemType, pages};
use crate::state::State;
use crate::{avatars, preferences, revocations, service, sessions, users};

/// Registers every route, the API's under `prefix`.
pub fn routes(config: &mut ServiceConfig, prefix: &str) {
    let api = web::scope(prefix)
        .service(at(
            "/users",
            [
                (Method::GET, web::to(users::list::handle)),
                (Method::POST, web::to(users::create::handle)),
            ],
        ))
        .service(at(
            "/users:import",
            [(Method::POST, web::to(users::import::handle))],
        ))
        // Before `/users/{id}`, which would take them.
        .service(at(
            "/users/search",
            [(Method::GET, web::to(users::search::handle))],
        ))
        .service(at("/users/me", profile()))
        .service(at("/users/{id}", profile()))
        .service(at(
            "/users/{id}/avatar",
            [
                (Method::GET, web::to(avatars::get::handle)),
                (Method::POST, web::to(avatars::upload::handle)),
                (Method::DELETE, web::to(avatars::delete::handle)),
            ],
        ))
        .service(at(
            "/users/{id}/preferences",
            [
                (Method::GET, web::to(preferences::get::handle)),
                (Method::PATCH, web::to(preferences::patch::handle)),
            ],
        ))
        .service(at(
            "/users/{id}/sessions",
            [
                (Method::GET, web::to(sessions::list::handle)),
                (Method::POST, web::to(sessions::create::handle)),
                (Method::DELETE, web::to(sessions::revoke_all::handle)),
            ],
        ))
        .service(at(
            "/users/{id}/sessions/{session_id}",
            [(Method::DELETE, web::to(sessions::revoke::handle))],
        ))
        .service(at(
            "/revocations",
            [(Method::GET, web::to(revocations::list::handle))],
        ))
        .default_service(web::to(not_found));
    probes(config);
    config
        .service(at("/", [(Method::GET, web::to(service::root::handle))]))
        .service(at(
            "/avatars/{hash}",
            [(Method::GET, web::to(avatars::libravatar::handle))],
        ))
        // Where federated clients look.
        .service(at(
            "/avatar/{hash}",
            [(Method::GET, web::to(avatars::libravatar::handle))],
        ))
        .service(at("/problems", [(Method::GET, web::to(pages::index))]))
        .service(at(
            "/problems/{slug}",
            [(Method::GET, web::to(pages::show))],
        ))
        .service(at(
            "/openapi.json",
            [(Method::GET, web::to(service::docs::openapi))],
        ))
        .service(at("/docs", [(Method::GET, web::to(service::docs::index))]))
        .service(at(
            "/docs/{file}",
            [(Method::GET, web::to(service::docs::file))],
        ))
        .service(api)
        .default_service(web::to(not_found));
}

/// Registers what only operators ask for, on a listener of its own.
pub fn management_routes(config: &mut ServiceConfig) {
    probes(config);
    config
        .service(at(
            "/version",
            [(Method::GET, web::to(service::version::handle))],
        ))
        .default_service(web::to(not_found));
}

/// Health and metrics.
fn probes(config: &mut ServiceConfig) {
    config
        .service(at(
            "/health",
            [(Method::GET, web::to(service::health::summary))],
        ))
        .service(at(
            "/health/live",
            [(Method::GET, web::to(service::health::live))],
        ))
        .service(at(
            "/health/ready",
            [(Method::GET, web::to(service::health::ready))],
        ))
        .service(at(
            "/metrics",
            [(Method::GET, web::to(service::metrics::handle))],
        ));
}

fn profile() -> [(Method, Route); 3] {
    [
        (Method::GET, web::to(users::get::handle)),
        (Method::PATCH, web::to(users::patch::handle)),
        (Method::DELETE, web::to(users::delete::handle)),
    ]
}

/// A resource that answers HEAD where it answers GET, and 405 with `Allow` to all other methods.
fn at<const N: usize>(path: &str, methods: [(Method, Route); N]) -> Resource {
    let mut allowed = Vec::new();
    let mut resource = web::resource(path).app_data(RouteMeasures::default());
    for (method, route) in methods {
        allowed.push(method.to_string());
        resource = if method == Method::GET {
            allowed.push(Method::HEAD.to_string());
            resource.route(route.guard(guard::Any(guard::Get()).or(guard::Head())))
        } else {
            resource.route(route.guard(guard::Method(method)))
        };
    }
    let allow =
        HeaderValue::from_str(&allowed.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""));
    resource.default_service(web::to(move || {
        let problem = Problem::new(ProblemType::MethodNotAllowed).with(ALLOW, allow.clone());
        async move { Err::<actix_web::HttpResponse, _>(problem) }
    }))
}

/// Whoever looks for what is not there is counted like somebody without a token.
async fn not_found(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<actix_web::HttpResponse, Problem> {
    charge_stranger(&req, &state, Policy::Anonymous).await?;
    Err(Problem::new(ProblemType::NotFound))
}

/// Cross-origin access for these origins alone; `*` for all. None by default.
pub fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "idempotency-key",
            "x-request-id",
            "traceparent",
            "tracestate",
        ])
        .expose_headers([
            "etag",
            "location",
            "link",
            "x-request-id",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "avatar-fallback",
        ])
        .max_age(600);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin();
    }
    origins
        .iter()
        .fold(cors, |cors, origin| cors.allowed_origin(origin))
}
