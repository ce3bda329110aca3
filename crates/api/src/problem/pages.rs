//! `GET /problems` and `GET /problems/{slug}`: each type's documentation.

use std::fmt::Write;

use actix_web::{HttpResponse, web};

use super::{CATALOGUE, Problem, ProblemType};

/// The list of all types.
pub(crate) async fn index() -> HttpResponse {
    let mut body = "<h1>Problems</h1><ul>".to_owned();
    for entry in CATALOGUE.iter().map(|p| p.entry()) {
        // Writing to a String cannot fail.
        let _ = write!(
            body,
            r#"<li>{0} <a href="/problems/{1}">{1}</a> {2}"#,
            entry.status, entry.slug, entry.title
        );
    }
    body.push_str("</ul>");
    page("Problems", &body)
}

/// One type.
pub(crate) async fn show(slug: web::Path<String>) -> Result<HttpResponse, Problem> {
    let entry = CATALOGUE
        .iter()
        .map(|p| p.entry())
        .find(|entry| entry.slug == slug.as_str())
        .ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    let body = format!(
        r#"<h1>{}</h1><p>Status {}, code <code>{}</code></p><p>{}</p><h2>What to do</h2><p>{}</p><p><a href="/problems">All problems</a></p>"#,
        entry.title, entry.status, entry.slug, entry.detail, entry.remedy
    );
    Ok(page(entry.title, &body))
}

fn page(title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><body>{body}</body></html>"#
    ))
}
