//! The context of a trace on its way through the service.

use serde_json::json;
use uuid::Uuid;

use crate::collector::Collector;
use crate::harness::{App, free_port};
use crate::people::USERS;
use crate::traces::{find, trace};

pub(crate) async fn what_the_caller_does_not_send_is_not_sent(mut app: App) {
    let collector = Collector::start();
    collector.judge(&mut app);
    collector.collect(&mut app);
    app.restart().await;
    let ana = app.person("Ana").await;
    let (unsent, traceparent) = trace("00");
    let ask = async |traceparent: &str| {
        let token = app.token(&ana.sub, &json!({ "jti": Uuid::new_v4().to_string() }));
        let me = app.get(&format!("{USERS}/me")).token(token);
        me.header("traceparent", traceparent).await.is(200);
    };
    ask(&traceparent).await;
    // It is continued all the same.
    let (continued, _) = collector.asked_with();
    let continued = continued.unwrap();
    assert!(
        continued.starts_with(&format!("00-{unsent}-")),
        "{continued}"
    );
    assert!(continued.ends_with("-00"), "{continued}");
    let (sent, traceparent) = trace("01");
    ask(&traceparent).await;
    collector.spans(&sent, &["GET /api/v1/users/me"]).await;
    // What is left is sent at the end.
    let (last, traceparent) = trace("01");
    ask(&traceparent).await;
    assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
    find(&collector.known(&last), "GET /api/v1/users/me");
    assert_eq!(collector.known(&unsent), []);
}

pub(crate) async fn without_a_collector_the_context_is_passed_on_as_it_came(mut app: App) {
    let auth = Collector::start();
    auth.judge(&mut app);
    app.restart().await;
    let ana = app.person("Ana").await;
    let ask = async |headers: &[(&str, &str)]| {
        let token = app.token(&ana.sub, &json!({ "jti": Uuid::new_v4().to_string() }));
        let mut request = app.get(&format!("{USERS}/me")).token(token);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.await.is(200);
        auth.asked_with()
    };
    let (trace, traceparent) = trace("01");
    let with = ask(&[("traceparent", &traceparent), ("tracestate", "a=b")]).await;
    assert_eq!(with, (Some(traceparent.clone()), Some("a=b".to_owned())));
    assert_eq!(
        ask(&[("traceparent", &traceparent)]).await,
        (Some(traceparent), None)
    );
    assert!(app.logs().contains(&format!("\"trace_id\":\"{trace}\"")));
    // Nobody is told what is not of the form.
    for bad in ["00-4bf9-00-01", "what ever"] {
        assert_eq!(
            ask(&[("traceparent", bad), ("tracestate", "a=b")]).await,
            (None, None)
        );
    }
    assert_eq!(ask(&[]).await, (None, None));
}

pub(crate) async fn a_lost_collector_breaks_no_request(mut app: App) {
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    app.set("OTEL_EXPORTER_OTLP_ENDPOINT", &nowhere);
    app.set("OTEL_BSP_SCHEDULE_DELAY", "50");
    app.restart().await;
    let ana = app.person("Ana").await;
    app.logged("traces cannot be delivered").await;
    app.get(&ana.path()).token(&ana.token).await.is(200);
    assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
    let said = app.logs().matches("traces cannot be delivered").count();
    assert_eq!(said, 1);
}
