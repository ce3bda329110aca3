//! The trace of a request goes along to whom is asked, and what is asked is counted.

use jsonwebtoken::Algorithm;
use tracing::Span;
use user_service_adapters_http_clients::{
    FileServiceSettings, FileServiceStore, JwksSettings, ServiceUrl,
};
use user_service_domain::avatar::AvatarStore as _;
use user_service_telemetry::trace::{RequestTrace, TraceContext};
use user_service_telemetry::{Instruments, Registry};

use crate::file_service::id;
use crate::jwks::{settings, world_with};
use crate::keys::{published, signer};
use crate::server::{Reply, Server};

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Does this for a request that came with a context.
async fn traced<T>(work: impl Future<Output = T>) -> T {
    let context = TraceContext::parse(TRACEPARENT, Some("rojo=1"));
    RequestTrace::begin(context, "GET")
        .run(Span::none(), work)
        .await
}

/// Whether this request bears the context.
fn bears(request: &str) -> bool {
    let line = |line: &str| request.contains(&format!("\r\n{line}\r\n"));
    line(&format!("traceparent: {TRACEPARENT}")) && line("tracestate: rojo=1")
}

/// How many observations the one series has of these labels, in their order.
fn count(registry: &Registry, labels: &[&str]) -> u64 {
    for family in registry.gather() {
        for metric in family.get_metric() {
            let mut own = Vec::new();
            for label in metric.get_label() {
                own.push(label.value());
            }
            if own == labels {
                return metric.get_histogram().get_sample_count();
            }
        }
    }
    0
}

#[tokio::test]
async fn a_fetch_of_keys_belongs_to_the_request_that_asked_for_it() {
    let registry = Registry::new();
    let instruments = Instruments::new(&registry).unwrap();
    let settings = JwksSettings {
        calls: instruments.http_client("auth.example"),
        measures: instruments.key_set().unwrap(),
        ..settings()
    };
    let (old, new) = (
        signer(Algorithm::ES256, "old"),
        signer(Algorithm::ES256, "new"),
    );
    let world = world_with(published(&[&old]), settings).await;
    world.verify(&old.good()).await.unwrap();
    world.server.reply(published(&[&new]));
    traced(world.verify(&new.good())).await.unwrap();
    let asked = world.server.requests();
    assert_eq!(asked.len(), 2, "{asked:#?}");
    assert!(!asked[0].contains("traceparent"), "{}", asked[0]);
    assert!(bears(&asked[1]), "{}", asked[1]);
    // By their names: error_type, http_request_method, http_response_status_code, server_address.
    assert_eq!(count(&registry, &["", "GET", "200", "auth.example"]), 2);
    let refreshes = registry.gather();
    let refreshes = refreshes
        .iter()
        .find(|family| family.name() == "user_service_jwks_refresh_total");
    let succeeded = &refreshes.unwrap().get_metric()[1];
    assert_eq!(succeeded.get_label()[0].value(), "success");
    assert!((succeeded.get_counter().get_value() - 2.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn the_file_service_is_asked_within_the_trace() {
    let registry = Registry::new();
    let instruments = Instruments::new(&registry).unwrap();
    let server = Server::start(Reply::status(204, "")).await;
    let url = ServiceUrl::parse(&server.url()).unwrap();
    let settings = FileServiceSettings {
        measures: instruments.http_client(url.host()),
        ..FileServiceSettings::default()
    };
    let store = FileServiceStore::new(&url, "token".to_owned(), &settings).unwrap();
    traced(store.delete(id(1))).await.unwrap();
    store.delete(id(2)).await.unwrap();
    let asked = server.requests();
    assert!(bears(&asked[0]), "{}", asked[0]);
    assert!(!asked[1].contains("trace"), "{}", asked[1]);
    assert_eq!(count(&registry, &["", "DELETE", "204", "127.0.0.1"]), 2);
}
