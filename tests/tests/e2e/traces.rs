//! Traces, as a collector is told of them.

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::collector::{Collector, attribute, hex};
use crate::harness::App;

const PARENT: &str = "00f067aa0ba902b7";

/// A trace of its own, and the `traceparent` by which it is continued.
pub(crate) fn trace(flags: &str) -> (String, String) {
    let trace = Uuid::new_v4().simple().to_string();
    let traceparent = format!("00-{trace}-{PARENT}-{flags}");
    (trace, traceparent)
}

pub(crate) fn find<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    let names = || spans.iter().map(|span| &span.name).collect::<Vec<_>>();
    let found = spans.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| panic!("no {name}: {:?}", names()))
}

pub(crate) async fn a_request_is_a_part_of_the_callers_trace(mut app: App) {
    let collector = Collector::start();
    collector.judge(&mut app);
    collector.collect(&mut app);
    app.restart().await;
    let (name, phone) = ("Markername7f3a", "+442071838750");
    let ana = app
        .person_with(json!({ "display_name": name, "phone_number": phone }))
        .await;
    let (trace, traceparent) = trace("01");
    // A token that was not asked about before.
    let token = app.token(&ana.sub, &json!({ "jti": Uuid::new_v4().to_string() }));
    app.patch(&ana.path())
        .token(&token)
        .header("traceparent", &traceparent)
        .header("tracestate", "rojo=00f067aa0ba902b7")
        .json(&json!({ "display_name": format!("{name} too") }))
        .await
        .is(200);
    let request = "PATCH /api/v1/users/{id}";
    let spans = collector
        .spans(&trace, &[request, "profile.update", "POST"])
        .await;

    let server = find(&spans, request);
    assert_eq!(server.kind, SpanKind::Server as i32);
    assert_eq!(hex(&server.parent_span_id), PARENT);
    let said = |name: &str| attribute(&server.attributes, name);
    assert_eq!(said("http.request.method").as_deref(), Some("PATCH"));
    assert_eq!(said("http.route").as_deref(), Some("/api/v1/users/{id}"));
    assert_eq!(said("http.response.status_code").as_deref(), Some("200"));

    let use_case = find(&spans, "profile.update");
    assert_eq!(use_case.parent_span_id, server.span_id);

    for (name, operation) in [
        ("SELECT user_profiles", "SELECT"),
        ("UPDATE user_profiles", "UPDATE"),
    ] {
        let statement = find(&spans, name);
        assert_eq!(statement.kind, SpanKind::Client as i32);
        let said = attribute(&statement.attributes, "db.operation.name");
        assert_eq!(said.as_deref(), Some(operation));
    }
    assert_eq!(
        find(&spans, "UPDATE user_profiles").parent_span_id,
        use_case.span_id
    );
    // A session was started, too, and committed.
    let mut commits = spans.iter().filter(|span| span.name == "COMMIT");
    assert!(commits.any(|commit| commit.parent_span_id == use_case.span_id));

    // The Auth Service continues the trace at the span of the question.
    let question = find(&spans, "POST");
    assert_eq!(question.parent_span_id, server.span_id);
    assert_eq!(
        collector.asked_with(),
        (
            Some(format!("00-{trace}-{}-01", hex(&question.span_id))),
            Some("rojo=00f067aa0ba902b7".to_owned())
        )
    );

    assert_eq!(
        collector.resource("service.name").as_deref(),
        Some("user-service")
    );
    assert_eq!(
        collector.resource("deployment.environment").as_deref(),
        Some("e2e,1")
    );
    let told = format!("{spans:?}").to_lowercase();
    for secret in [name, phone, &ana.id, &ana.sub, &token, app.key.as_str()] {
        assert!(!told.contains(&secret.to_lowercase()), "{secret} in {told}");
    }

    let logs = app.logs();
    let line = logs.lines().find(|line| line.contains(&trace)).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["trace_id"], trace, "{line}");
    assert_eq!(line["span_id"], hex(&server.span_id), "{line}");
    assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
}
