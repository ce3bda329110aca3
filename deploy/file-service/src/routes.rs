//! The protocol: `docs/FILE_SERVICE.md`.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::digest::Sha;
use crate::files::{Files, Put};
use crate::key::{Key, MAX_KEY, Prefix};
use crate::listing;
use crate::problem::Problem;

/// The field of a digest (RFC 9530).
const CONTENT_DIGEST: &str = "content-digest";

/// The longest page of a list.
const MAX_PAGE: usize = 1000;

/// What all requests share.
pub(crate) struct State {
    pub(crate) files: Files,
    /// Its digest, so that every comparison takes the same time.
    pub(crate) token: [u8; 32],
    pub(crate) max_size: usize,
}

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/health", web::get().to(health))
        .service(
            web::resource("/files")
                .wrap(from_fn(authorized))
                .get(list)
                .delete(delete_below)
                .default_service(web::to(not_allowed)),
        )
        .service(
            web::resource("/files/{key:.*}")
                .wrap(from_fn(authorized))
                .get(get)
                .put(put)
                .delete(delete)
                .default_service(web::to(not_allowed)),
        )
        .default_service(web::to(nothing_here));
}

async fn authorized(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let known = request
        .app_data::<web::Data<State>>()
        .is_some_and(|state| knows(&request, &state.token));
    if !known {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong").into());
    }
    next.call(request).await
}

fn knows(request: &ServiceRequest, token: &[u8; 32]) -> bool {
    let sent = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    sent.is_some_and(|(_, sent)| {
        let sent: [u8; 32] = Sha256::digest(sent.trim()).into();
        sent.ct_eq(token).into()
    })
}

async fn health(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let there = web::block(move || state.files.root().is_dir()).await?;
    if !there {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the directory is gone",
        ));
    }
    Ok(HttpResponse::Ok().json(json!({"status": "ok"})))
}

fn key(path: &str) -> Result<Key, Problem> {
    Key::parse(path).ok_or(Problem::bad("the key is not allowed"))
}

async fn put(
    state: web::Data<State>,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    const TOO_LARGE: Problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the file is too large");
    let key = key(&path)?;
    let promised = request
        .headers()
        .get(CONTENT_DIGEST)
        .and_then(|value| Sha::parse(value.to_str().ok()?))
        .ok_or(Problem::bad("there is no Content-Digest with sha-256"))?;
    let bytes = body
        .to_bytes_limited(state.max_size)
        .await
        .map_err(|_too_long| TOO_LARGE)?
        .map_err(|_broken_off| Problem::bad("the file is cut off"))?;
    let outcome = web::block(move || {
        let sha = Sha::of(&bytes);
        if sha != promised {
            return Err(Problem::bad("the file has another digest"));
        }
        Ok((state.files.put(&key, &bytes)?, sha))
    })
    .await?;
    let (put, sha) = outcome?;
    let status = match put {
        Put::New => StatusCode::CREATED,
        Put::Same => StatusCode::NO_CONTENT,
        Put::Other => {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "another file has this key",
            ));
        }
    };
    Ok(HttpResponse::build(status)
        .insert_header((ETAG, sha.etag()))
        .finish())
}

async fn get(state: web::Data<State>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let key = key(&path)?;
    let media_type = key.media_type();
    let found = web::block(move || {
        let bytes = state.files.get(&key)?;
        Ok::<_, Problem>(bytes.map(|bytes| (Sha::of(&bytes), bytes)))
    })
    .await??;
    let (sha, bytes) = found.ok_or(Problem::new(StatusCode::NOT_FOUND, "no file has this key"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DIGEST, sha.field()))
        .insert_header((ETAG, sha.etag()))
        .body(bytes))
}

async fn delete(state: web::Data<State>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let key = key(&path)?;
    web::block(move || state.files.delete(&key)).await??;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Below {
    prefix: String,
}

async fn delete_below(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = web::Query::<Below>::from_query(request.query_string())
        .map_err(|_wrong| Problem::bad("`prefix` alone is needed"))?;
    let prefix = Prefix::parse(&query.prefix)
        .filter(|prefix| !prefix.is_everything())
        .ok_or(Problem::bad("`prefix` must be a key with `/` at its end"))?;
    web::block(move || state.files.delete_below(&prefix)).await??;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    after: String,
    limit: Option<usize>,
    delimiter: Option<String>,
}

async fn list(state: web::Data<State>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let query = web::Query::<Listing>::from_query(request.query_string())
        .map_err(|_wrong| Problem::bad("only `prefix`, `after`, `limit`, `delimiter` are known"))?
        .into_inner();
    let prefix = Prefix::parse(&query.prefix).ok_or(Problem::bad(
        "`prefix` must be empty or a key with `/` at its end",
    ))?;
    let limit = query.limit.unwrap_or(MAX_PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::bad("`limit` must be from 1 to 1000"));
    }
    let grouped = match query.delimiter.as_deref() {
        None => false,
        Some("/") => true,
        Some(_) => return Err(Problem::bad("`delimiter` must be `/`")),
    };
    if query.after.len() > MAX_KEY {
        return Err(Problem::bad("`after` is too long"));
    }
    let page = web::block(move || {
        listing::list(state.files.root(), &prefix, &query.after, limit, grouped)
    })
    .await??;
    Ok(HttpResponse::Ok().json(page))
}

async fn not_allowed() -> Result<HttpResponse, Problem> {
    Err(Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "the method is not known here",
    ))
}

async fn nothing_here() -> Result<HttpResponse, Problem> {
    Err(Problem::new(StatusCode::NOT_FOUND, "nothing is here"))
}
