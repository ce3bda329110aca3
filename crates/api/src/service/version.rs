//! `/version`, for operators.

use actix_web::{HttpResponse, web};

use super::Vitals;

/// What was built, and of what.
pub(crate) async fn handle(vitals: web::Data<Vitals>) -> HttpResponse {
    HttpResponse::Ok().json(vitals.build)
}
