//! The outermost middleware: request id, span, size limits, problem details, panics, the request's log line.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, AUTHORIZATION, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use futures_util::FutureExt;
use user_service_telemetry::trace::{RequestTrace, TraceContext};

use super::route::{RouteMeasures, UNMATCHED, method_name};
use super::{admission, hardening};
use crate::limits::write_fields;
use crate::problem::{Problem, ProblemType};
use crate::state::State;

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
static TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const MAX_URI: usize = 8 * 1024;
const MAX_HEADERS: usize = 16 * 1024;
const MAX_HEADER_FIELDS: usize = 64;

/// Wraps the whole application.
pub async fn request_context(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let request_id = request_id(&req);
    let path = req.path().to_owned();
    let method = method_name(req.method());
    let state = req.app_data::<web::Data<State>>().cloned();
    let _active = state.as_ref().map(|state| state.metrics.begin(method));
    let trace = RequestTrace::begin(trace_context(&req), method);
    // Named as the log expects it: see `LOG_SPAN`.
    let span = tracing::info_span!(
        "request",
        request_id = request_id.as_str(),
        trace_id = trace.trace_id(),
        span_id = trace.span_id(),
    );
    let work = async {
        let admitted = |req| admission::call(state.as_ref(), req, next);
        let result: Result<ServiceResponse, Error> = match refusal(&req) {
            Some(problem) => Err(problem.at(&path, &request_id).into()),
            None => match AssertUnwindSafe(admitted(req)).catch_unwind().await {
                Ok(Ok(response)) => {
                    let response = response.map_into_boxed_body();
                    let mut response = explain(response, &path, &request_id, state.as_ref());
                    write_fields(&mut response);
                    Ok(response)
                }
                Ok(Err(error)) => Err(of_error(&error).at(&path, &request_id).into()),
                Err(_panic) => {
                    tracing::error!("a handler panicked");
                    Err(Problem::new(ProblemType::Internal)
                        .at(&path, &request_id)
                        .into())
                }
            },
        };
        let status = match &result {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        let took = started.elapsed();
        let request = result.as_ref().ok().map(ServiceResponse::request);
        let route =
            request.and_then(|request| Some((request, request.app_data::<RouteMeasures>()?)));
        if let Some(state) = &state {
            match route {
                Some((request, measures)) => {
                    measures.answered(request, &state.metrics, method, status, took);
                }
                None => state
                    .metrics
                    .duration(method, UNMATCHED, status)
                    .observe(took.as_secs_f64()),
            }
        }
        let pattern = route.map(|(request, measures)| measures.pattern(request));
        trace.answered(method, pattern, status.as_u16());
        tracing::info!(
            method,
            route = pattern.unwrap_or(UNMATCHED),
            status = status.as_u16(),
            duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
        let id =
            HeaderValue::from_str(&request_id).unwrap_or_else(|_| HeaderValue::from_static("-"));
        let secure = state.as_ref().is_some_and(|state| state.is_secure());
        let leaving = state.is_some_and(|state| !state.readiness.get());
        match result {
            Ok(mut response) => {
                dress(response.response_mut().head_mut(), id, secure, leaving);
                Ok(response)
            }
            // Errors become responses outside of this middleware: they are dressed as they leave.
            Err(error) => {
                let mut response = error.error_response();
                dress(response.head_mut(), id, secure, leaving);
                Err(actix_web::error::InternalError::from_response(error, response).into())
            }
        }
    };
    trace.run(span, work).await
}

/// `leaving`: who keeps the connection would lose a request on it when the listener closes, so they are told to make another,
/// which a balancer leads elsewhere.
fn dress(head: &mut ResponseHead, id: HeaderValue, secure: bool, leaving: bool) {
    head.headers_mut().insert(X_REQUEST_ID.clone(), id);
    hardening::harden(head.headers_mut(), secure);
    if leaving {
        head.set_connection_type(ConnectionType::Close);
    }
}

/// The caller's id when it is 1 to 128 visible ASCII characters, else a new one.
fn request_id(req: &ServiceRequest) -> String {
    let given = req
        .headers()
        .get(&X_REQUEST_ID)
        .and_then(|v| v.to_str().ok());
    match given {
        Some(id) if (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()) => {
            id.to_owned()
        }
        _ => req
            .app_data::<web::Data<State>>()
            .map_or_else(String::new, |state| {
                state.ids.next().as_hyphenated().to_string()
            }),
    }
}

/// What the caller says of the trace that the request belongs to; two `traceparent` say nothing.
fn trace_context(req: &ServiceRequest) -> Option<TraceContext> {
    let mut parents = req.headers().get_all(&TRACEPARENT);
    let (parent, None) = (parents.next()?, parents.next()) else {
        return None;
    };
    let states = req.headers().get_all(&TRACESTATE);
    let states: Vec<&str> = states.filter_map(|state| state.to_str().ok()).collect();
    TraceContext::parse(parent.to_str().ok()?, Some(&states.join(",")))
}

fn refusal(req: &ServiceRequest) -> Option<Problem> {
    if req
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len())
        > MAX_URI
    {
        return Some(Problem::new(ProblemType::UriTooLong));
    }
    if *req.method() == Method::TRACE || *req.method() == Method::CONNECT {
        let known = HeaderValue::from_static("GET, HEAD, POST, PATCH, DELETE");
        return Some(Problem::new(ProblemType::MethodNotAllowed).with(ALLOW, known));
    }
    if req.headers().len() > MAX_HEADER_FIELDS {
        return Some(Problem::new(ProblemType::HeadersTooLarge));
    }
    // A token has a limit of its own: one that is too long is an invalid token.
    let headers: usize = req
        .headers()
        .iter()
        .filter(|(name, _)| **name != AUTHORIZATION)
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    (headers > MAX_HEADERS).then(|| Problem::new(ProblemType::HeadersTooLarge))
}

/// Gives a failed response its body.
fn explain(
    response: ServiceResponse,
    path: &str,
    request_id: &str,
    state: Option<&web::Data<State>>,
) -> ServiceResponse {
    let Some(error) = response.response().error() else {
        return response;
    };
    let problem = of_error(error).at(path, request_id);
    if let Some(state) = state.filter(|_| problem.is(ProblemType::Overloaded)) {
        state.metrics.shed("busy");
    }
    let (request, _) = response.into_parts();
    ServiceResponse::from_err(problem, request)
}

/// Our own problems as they are; what the framework refuses by its status alone.
fn of_error(error: &Error) -> Problem {
    if let Some(problem) = error.as_error::<Problem>() {
        return problem.clone();
    }
    let status = error.as_response_error().status_code();
    let kind = match status {
        StatusCode::PAYLOAD_TOO_LARGE => ProblemType::PayloadTooLarge,
        StatusCode::NOT_FOUND => ProblemType::NotFound,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemType::UnsupportedMediaType,
        status if status.is_client_error() => ProblemType::MalformedRequest,
        _ => ProblemType::Internal,
    };
    Problem::new(kind)
}
