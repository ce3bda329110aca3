//! Which requests are traced, by `OTEL_TRACES_SAMPLER`.

use crate::collector::Collector;
use crate::harness::App;
use crate::traces::trace;

/// Whether a request is traced whose caller traces it, and one whose caller does not.
pub(crate) async fn the_sampler_decides_what_is_traced(mut app: App) {
    let ana = app.person("Ana").await;
    for (sampler, share, traced) in [
        ("always_on", "1", (true, true)),
        ("always_off", "1", (false, false)),
        ("traceidratio", "1", (true, true)),
        ("traceidratio", "0", (false, false)),
        ("parentbased_always_on", "1", (true, false)),
        ("parentbased_always_off", "1", (true, false)),
        ("parentbased_traceidratio", "0", (true, false)),
    ] {
        let collector = Collector::start();
        collector.collect(&mut app);
        app.set("OTEL_TRACES_SAMPLER", sampler);
        app.set("OTEL_TRACES_SAMPLER_ARG", share);
        app.restart().await;
        let (callers, calls) = (trace("01"), trace("00"));
        for (_, traceparent) in [&callers, &calls] {
            let read = app.get(&ana.path()).token(&ana.token);
            read.header("traceparent", traceparent).await.is(200);
        }
        // What is not sent yet is sent before it ends.
        assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
        let is_told = |trace: &str| !collector.known(trace).is_empty();
        let told = (is_told(&callers.0), is_told(&calls.0));
        assert_eq!(told, traced, "{sampler} of {share}");
    }
}

/// Where nobody traces, the sampler alone decides.
pub(crate) async fn a_sampler_of_parents_decides_where_there_is_none(mut app: App) {
    let ana = app.person("Ana").await;
    for (sampler, traced) in [
        ("parentbased_always_on", true),
        ("parentbased_always_off", false),
    ] {
        let collector = Collector::start();
        collector.collect(&mut app);
        app.set("OTEL_TRACES_SAMPLER", sampler);
        app.restart().await;
        app.get(&ana.path()).token(&ana.token).await.is(200);
        assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
        let spans = collector.all();
        let is_told = spans
            .iter()
            .any(|span| span.name == "GET /api/v1/users/{id}");
        assert_eq!(is_told, traced, "{sampler}");
    }
}
