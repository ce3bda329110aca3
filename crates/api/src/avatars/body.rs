//! Reads a picture from a request: `multipart/form-data` (RFC 7578) or the bare bytes.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpMessage, HttpRequest};
use futures_util::{Stream, StreamExt, TryStreamExt};
use user_service_domain::avatar::Focus;
use user_service_domain::fault::{Fault, FaultCode};

use super::Uploads;
use crate::http::query::Parameters;
use crate::problem::{FieldError, Problem, ProblemType};

/// What a form may hold beside the file, in bytes: boundaries, headers, other fields.
const OVERHEAD: usize = 64 * 1024;

/// The longest `focus`, in bytes.
const MAX_FOCUS: usize = 64;

/// What was sent.
pub(super) struct Upload {
    pub(super) file: Vec<u8>,
    pub(super) focus: Option<Focus>,
}

/// The file and the focus; the type and the name that the caller gave it decide nothing. Problems: 400, 408, 413, 415, 422.
pub(super) async fn read(
    req: &HttpRequest,
    payload: Payload,
    uploads: &Uploads,
) -> Result<Upload, Problem> {
    let mut parameters = Parameters::of(req)?;
    let asked = parameters.optional("focus", focus);
    parameters.finish(())?;
    let form = form(req, uploads)?;
    let limit = uploads.max_size + if form { OVERHEAD } else { 0 };
    let announced = announced(req);
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let body = counted(payload, limit);
    let reading = async {
        if form {
            multipart(req, body, uploads).await
        } else {
            let file = bare(body, announced.unwrap_or_default()).await?;
            Ok(Upload { file, focus: None })
        }
    };
    let upload = within(uploads.patience, reading).await?;
    Ok(Upload {
        focus: asked.or(upload.focus),
        ..upload
    })
}

async fn within<T>(
    patience: Duration,
    reading: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    tokio::time::timeout(patience, reading)
        .await
        .unwrap_or_else(|_elapsed| Err(Problem::new(ProblemType::RequestTimeout)))
}

/// `x,y`, each from 0 to 1.
fn focus(text: &str) -> Result<Focus, Fault> {
    Focus::parse(text).ok_or_else(|| {
        Fault::new(
            FaultCode::NotAPoint,
            "must be two fractions from 0 to 1, such as 0.5,0.3",
        )
    })
}

/// Whether it is a form, or else the file itself.
fn form(req: &HttpRequest, uploads: &Uploads) -> Result<bool, Problem> {
    let coded = req
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity");
    let essence = req.content_type().trim().to_ascii_lowercase();
    match essence.as_str() {
        _ if coded => Err(unsupported(uploads)),
        "multipart/form-data" => Ok(true),
        "" | "application/octet-stream" => Ok(false),
        _ if essence.starts_with("image/") => Ok(false),
        _ => Err(unsupported(uploads)),
    }
}

fn unsupported(uploads: &Uploads) -> Problem {
    let problem = Problem::because(
        ProblemType::UnsupportedMediaType,
        "Send multipart/form-data with the picture in the field file, or the picture itself as image/*.",
    );
    accepting(problem, uploads)
}

/// Tells which types are taken.
pub(super) fn accepting(problem: Problem, uploads: &Uploads) -> Problem {
    let types = format!("multipart/form-data, {}", uploads.media_types.join(", "));
    match HeaderValue::from_str(&types) {
        Ok(types) => problem.with(HeaderName::from_static("accept-post"), types),
        Err(_) => problem,
    }
}

fn announced(req: &HttpRequest) -> Option<usize> {
    let length = req.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

fn too_large() -> Problem {
    Problem::new(ProblemType::PayloadTooLarge)
}

/// The body, ended by an error where it is longer than it may be.
fn counted(
    payload: Payload,
    limit: usize,
) -> impl Stream<Item = Result<Bytes, PayloadError>> + 'static {
    let mut seen = 0;
    payload.map(move |chunk| {
        let chunk = chunk?;
        seen += chunk.len();
        if seen > limit {
            return Err(PayloadError::Overflow);
        }
        Ok(chunk)
    })
}

fn broken(error: PayloadError) -> Problem {
    match error {
        PayloadError::Overflow => too_large(),
        _ => Problem::new(ProblemType::MalformedRequest),
    }
}

async fn bare(
    body: impl Stream<Item = Result<Bytes, PayloadError>>,
    announced: usize,
) -> Result<Vec<u8>, Problem> {
    let file = Vec::with_capacity(announced);
    body.try_fold(file, async |mut file, chunk| {
        file.extend_from_slice(&chunk);
        Ok(file)
    })
    .await
    .map_err(broken)
}

fn broken_form(error: MultipartError) -> Problem {
    match error {
        MultipartError::Payload(error) => broken(error),
        _ => Problem::because(
            ProblemType::MalformedRequest,
            "The body is not well-formed multipart/form-data.",
        ),
    }
}

fn faulty(name: &str, code: FaultCode, message: &'static str) -> Problem {
    Problem::members(vec![FieldError::member(name, Fault::new(code, message))])
}

async fn multipart(
    req: &HttpRequest,
    body: impl Stream<Item = Result<Bytes, PayloadError>> + 'static,
    uploads: &Uploads,
) -> Result<Upload, Problem> {
    let mut form = Multipart::new(req.headers(), body);
    let mut file = None;
    let mut point = None;
    while let Some(mut field) = form.try_next().await.map_err(broken_form)? {
        match field.name() {
            Some("file") if file.is_some() => {
                return Err(faulty("file", FaultCode::Repeated, "must come once"));
            }
            Some("file") => {
                check_head(&field, uploads)?;
                file = Some(gather(&mut field, uploads.max_size).await?);
            }
            Some("focus") => {
                let text = gather(&mut field, MAX_FOCUS).await?;
                let text = String::from_utf8_lossy(&text);
                let parsed = focus(text.trim());
                point =
                    Some(parsed.map_err(|fault| {
                        Problem::members(vec![FieldError::member("focus", fault)])
                    })?);
            }
            // Forms carry what their pages need; what is not read here counts against the limit all the same.
            _ => while field.try_next().await.map_err(broken_form)?.is_some() {},
        }
    }
    match file {
        Some(file) => Ok(Upload { file, focus: point }),
        None => Err(faulty("file", FaultCode::Missing, "must be there")),
    }
}

/// A file that calls itself something else than a picture, or that names a place, is none of a person's pictures.
fn check_head(field: &Field, uploads: &Uploads) -> Result<(), Problem> {
    let picture = field.content_type().is_none_or(|given| {
        given.type_() == "image" || given.essence_str() == "application/octet-stream"
    });
    if !picture {
        return Err(unsupported(uploads));
    }
    let name = field
        .content_disposition()
        .and_then(|disposition| disposition.get_filename());
    if name.is_some_and(|name| name.contains(['/', '\\', '\0'])) {
        return Err(faulty(
            "file",
            FaultCode::InvalidFileName,
            "must not have a path in its name",
        ));
    }
    Ok(())
}

async fn gather(field: &mut Field, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.try_next().await.map_err(broken_form)? {
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
