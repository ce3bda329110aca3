//! `/docs` and `/openapi.json`.

use std::error::Error;
use std::io::Read as _;
use std::sync::{Arc, LazyLock};

use actix_web::http::header::{
    AcceptEncoding, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, Encoding, LOCATION, VARY,
};
use actix_web::{HttpResponse, web};
use flate2::read::GzDecoder;
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

/// A file of the user interface; all are within the program, compressed, and none loads anything from elsewhere.
pub(crate) async fn file(
    name: web::Path<String>,
    accepted: Option<web::Header<AcceptEncoding>>,
) -> Result<HttpResponse, Problem> {
    let Some(file) = utoipa_swagger_ui::serve(&name, Arc::clone(&UI)).map_err(broken)? else {
        return Err(Problem::new(ProblemType::NotFound));
    };
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.content_type)
        .insert_header((VARY, "Accept-Encoding"))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'",
        ));
    let mut bytes = file.bytes.into_owned();
    if file.gzpipped && takes_gzip(accepted) {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    } else if file.gzpipped {
        bytes = web::block(move || inflated(&bytes))
            .await
            .map_err(|error| broken(error.into()))?
            .map_err(|error| broken(error.into()))?;
    }
    Ok(response.body(bytes))
}

/// Whether gzip is asked for (RFC 9110 section 12.5.3). Who says nothing gets what anybody can read.
fn takes_gzip(accepted: Option<web::Header<AcceptEncoding>>) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    accepted.is_some_and(|accepted| accepted.negotiate(offered.iter()) == Some(Encoding::gzip()))
}

fn inflated(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut inflated = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut inflated)?;
    Ok(inflated)
}

fn broken(error: Box<dyn Error>) -> Problem {
    tracing::error!(%error, "a file of the user interface could not be served");
    Problem::new(ProblemType::Internal)
}
