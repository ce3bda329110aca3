//! `/users/me`: the operations of `/users/{id}` on the caller's own profile, as the document names them.

use super::ProfileBody;
use super::patch::ProfilePatchBody;

/// Read one's own profile
///
/// With `preferences`.
#[utoipa::path(
    get, path = "/users/me", tag = "profiles", operation_id = "getMe",
    responses(
        (status = 200, description = "The profile with its preferences", body = ProfileBody, headers(("ETag" = String, description = "The state of this representation"))),
        (status = 304, description = "The caller has this state"),
    ),
    security(("bearer" = []))
)]
#[expect(
    dead_code,
    reason = "documents what get::handle serves under this path"
)]
pub(crate) fn get() {}

/// Change one's own profile
#[utoipa::path(
    patch, path = "/users/me", tag = "profiles", operation_id = "updateMe",
    params(("If-Match" = Option<String>, Header, nullable = false, description = "The ETag that the change is based on, or `*`")),
    request_body(content((ProfilePatchBody = "application/merge-patch+json"), (ProfilePatchBody = "application/json"))),
    responses((status = 200, description = "The changed profile with its preferences", body = ProfileBody, headers(("ETag" = String, description = "The state of this representation")))),
    security(("bearer" = []))
)]
#[expect(
    dead_code,
    reason = "documents what patch::handle serves under this path"
)]
pub(crate) fn patch() {}

/// Remove one's own profile
#[utoipa::path(
    delete, path = "/users/me", tag = "profiles", operation_id = "deleteMe",
    params(("If-Match" = Option<String>, Header, nullable = false, description = "The ETag that the removal is based on, or `*`")),
    responses((status = 204, description = "It is gone")),
    security(("bearer" = []))
)]
#[expect(
    dead_code,
    reason = "documents what delete::handle serves under this path"
)]
pub(crate) fn delete() {}
