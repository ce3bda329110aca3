//! `/docs` and `/openapi.json`.

use std::sync::{Arc, LazyLock};

use actix_web::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::Config;

use crate::problem::{Problem, ProblemType};
use crate::state::State;

static UI: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

/// The OpenAPI document of this service as configured.
pub(crate) async fn openapi(state: web::Data<State>) -> HttpResponse {
    let document = || web::Bytes::from(crate::openapi::document(&state.limits.prefix));
    HttpResponse::Ok()
        .content_type("application/json")
        .body(state.document.get_or_init(document).clone())
}

/// Leads to the user interface.
pub(crate) async fn index() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, "/docs/index.html"))
        .finish()
}

/// A file of the user interface; all are within the program, and none loads anything from elsewhere.
pub(crate) async fn file(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    match utoipa_swagger_ui::serve(&name, Arc::clone(&UI)) {
        Ok(Some(file)) => Ok(HttpResponse::Ok()
            .content_type(file.content_type)
            .insert_header((
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'",
            ))
            .body(file.bytes.into_owned())),
        Ok(None) => Err(Problem::new(ProblemType::NotFound)),
        Err(error) => {
            tracing::error!(error = %error, "a file of the user interface could not be served");
            Err(Problem::new(ProblemType::Internal))
        }
    }
}
