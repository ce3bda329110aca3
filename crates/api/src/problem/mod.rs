//! Problem details (RFC 9457).

mod catalogue;
mod from_use_case;
mod image;
pub(crate) mod pages;
mod reference;
#[cfg(test)]
mod tests;
mod unreadable;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
pub use catalogue::{CATALOGUE, Extra, ProblemType};
pub use reference::reference;
use serde::Serialize;
pub use unreadable::unreadable;
use user_service_domain::fault::{Fault, FaultCode};
use utoipa::ToSchema;

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// One fault of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Where in the body (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub(crate) pointer: Option<String>,
    /// Which query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub(crate) parameter: Option<Cow<'static, str>>,
    /// Stable, for programs.
    pub(crate) code: &'static str,
    /// One sentence, for people.
    pub(crate) message: String,
}

impl FieldError {
    /// A fault of a member of the body.
    pub(crate) fn member(name: &str, fault: Fault) -> Self {
        let pointer = if name.is_empty() {
            String::new()
        } else {
            format!("/{}", name.replace('~', "~0").replace('/', "~1"))
        };
        Self {
            pointer: Some(pointer),
            parameter: None,
            code: fault.code.as_str(),
            message: fault.message,
        }
    }

    /// A fault of a query parameter.
    pub(crate) fn parameter(name: impl Into<Cow<'static, str>>, fault: Fault) -> Self {
        Self {
            pointer: None,
            parameter: Some(name.into()),
            code: fault.code.as_str(),
            message: fault.message,
        }
    }
}

/// A problem on its way to the caller; boxed, for results are mostly good.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    kind: ProblemType,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    violated: Option<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    instance: String,
    request_id: String,
}

/// A problem as it is written.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// A stable URI reference; it leads to the documentation of the type.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    type_: String,
    /// What kind of problem.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened this time.
    detail: &'a str,
    /// The path that was asked for.
    #[schema(format = "uri-reference")]
    instance: &'a str,
    /// The same as `X-Request-Id`.
    request_id: &'a str,
    /// The last part of `type`.
    code: &'static str,
    /// Every fault of the request at once.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false, value_type = Vec<FieldError>)]
    errors: &'a [FieldError],
    /// The policies of `RateLimit-Policy` that the request would have violated.
    #[serde(rename = "violated-policies", skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Vec<String>)]
    violated_policies: Option<[&'static str; 1]>,
}

impl Problem {
    /// A problem of this type with the catalogue's own sentence.
    pub(crate) fn new(kind: ProblemType) -> Self {
        Self::because(kind, kind.entry().detail)
    }

    /// The caller may not do this, and why.
    pub(crate) fn forbidden(why: &str) -> Self {
        Self::because(ProblemType::Forbidden, format!("Not permitted: {why}."))
    }

    /// A problem of this type with a sentence of its own.
    pub(crate) fn because(kind: ProblemType, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            violated: None,
            headers: Vec::new(),
            instance: String::new(),
            request_id: String::new(),
        }))
    }

    /// A cursor in this parameter cannot be used, and why.
    pub(crate) fn cursor(parameter: &'static str, why: &'static str) -> Self {
        let fault = Fault::new(FaultCode::InvalidCursor, why);
        Self::because(
            ProblemType::InvalidCursor,
            format!("The cursor cannot be used here: {why}."),
        )
        .with_errors(vec![FieldError::parameter(parameter, fault)])
    }

    /// With every fault of the body, 422.
    pub(crate) fn members(errors: Vec<FieldError>) -> Self {
        Self::new(ProblemType::ValidationFailed).with_errors(errors)
    }

    /// With every fault of the query, 400.
    pub(crate) fn parameters(errors: Vec<FieldError>) -> Self {
        Self::new(ProblemType::InvalidParameter).with_errors(errors)
    }

    pub(crate) fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Whether it is of this type.
    pub(crate) fn is(&self, kind: ProblemType) -> bool {
        self.0.kind == kind
    }

    /// With the policy that the request would have violated.
    pub(crate) fn violating(mut self, policy: &'static str) -> Self {
        self.0.violated = Some(policy);
        self
    }

    /// The last part of its type.
    pub(crate) fn code(&self) -> &'static str {
        self.0.kind.entry().slug
    }

    /// With a header field of those that its type has.
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The header field that this is, with what is known of it.
    fn field(&self, extra: Extra) -> Option<(HeaderName, HeaderValue)> {
        let Extra::Field(name, usual) = extra else {
            return None;
        };
        let name = HeaderName::try_from(name).ok()?;
        let given = self.0.headers.iter().find(|(given, _)| *given == name);
        let value = given.map(|(_, value)| value.clone());
        let value = value.or_else(|| usual.map(HeaderValue::from_static))?;
        Some((name, value))
    }

    /// As JSON.
    fn body(&self) -> String {
        let entry = self.0.kind.entry();
        let body = ProblemBody {
            type_: format!("/problems/{}", entry.slug),
            title: entry.title,
            status: entry.status,
            detail: &self.0.detail,
            instance: &self.0.instance,
            request_id: &self.0.request_id,
            code: entry.slug,
            errors: if entry.has(Extra::Errors) {
                &self.0.errors
            } else {
                &[]
            },
            violated_policies: self
                .0
                .violated
                .filter(|_| entry.has(Extra::ViolatedPolicies))
                .map(|policy| [policy]),
        };
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// Told where and in which request it happened.
    pub(crate) fn at(mut self, instance: &str, request_id: &str) -> Self {
        instance.clone_into(&mut self.0.instance);
        request_id.clone_into(&mut self.0.request_id);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind.entry().slug)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.kind.entry().status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        let entry = self.0.kind.entry();
        if entry.has(Extra::EndOfConnection) {
            response.force_close();
        }
        for extra in entry.extras {
            if let Some(field) = self.field(*extra) {
                response.insert_header(field);
            }
        }
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        response.content_type(MEDIA_TYPE).body(self.body())
    }
}
