//! Keys are fetched, found and exchanged.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use serde_json::json;
use user_service_adapters_http_clients::{JwksSettings, JwksVerifier, ServiceUrl};
use user_service_adapters_jwt::{Memory, Remembering, TokenRules};
use user_service_domain::identity::{Principal, TokenError, TokenVerifier};
use user_service_telemetry::{HttpClientMeasures, KeySetMeasures};
use user_service_testkit::FixedClock;

use crate::forgeries::{AUDIENCE, ISSUER, SUB, forgeries};
use crate::keys::{public, published, signer};
use crate::server::{Reply, Server};

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) verifier: Arc<JwksVerifier>,
}

pub(crate) fn rules() -> TokenRules {
    TokenRules {
        issuer: Some(ISSUER.to_owned()),
        audience: Some(AUDIENCE.to_owned()),
        leeway: 5,
    }
}

pub(crate) fn settings() -> JwksSettings {
    JwksSettings {
        path: "/.well-known/jwks.json".to_owned(),
        refresh_every: Duration::from_mins(5),
        min_refresh_every: Duration::from_secs(30),
        stale_limit: Duration::from_hours(24),
        timeout: Duration::from_secs(5),
        calls: HttpClientMeasures::default(),
        measures: KeySetMeasures::default(),
    }
}

pub(crate) async fn world(reply: Reply) -> World {
    world_with(reply, settings()).await
}

pub(crate) async fn world_with(reply: Reply, settings: JwksSettings) -> World {
    let server = Server::start(reply).await;
    let clock = Arc::new(FixedClock::default());
    let url = ServiceUrl::parse(&server.url()).unwrap();
    let verifier = JwksVerifier::start(&url, settings, rules(), Arc::clone(&clock) as _).unwrap();
    World {
        server,
        clock,
        verifier: Arc::new(verifier),
    }
}

impl World {
    pub(crate) async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        self.verifier.verify(token).await
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }
}

pub(crate) fn is_invalid(verdict: &Result<Principal, TokenError>) -> bool {
    matches!(verdict, Err(TokenError::Invalid(_)))
}

pub(crate) fn is_unavailable(verdict: &Result<Principal, TokenError>) -> bool {
    matches!(verdict, Err(TokenError::Unavailable(_)))
}

const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

#[tokio::test]
async fn a_token_of_every_algorithm_is_taken() {
    let signers: Vec<_> = ALGORITHMS
        .iter()
        .enumerate()
        .map(|(n, algorithm)| signer(*algorithm, &format!("key {n}")))
        .collect();
    let all: Vec<_> = signers.iter().collect();
    let world = world(published(&all)).await;
    for signer in &signers {
        let bearer = world.verify(&signer.good()).await.unwrap();
        assert_eq!(bearer.user_id.to_string(), SUB);
    }
    assert_eq!(world.server.count(), 1);
    let request = &world.server.requests()[0];
    assert!(request.starts_with("GET /.well-known/jwks.json HTTP/1.1\r\n"));
}

#[tokio::test]
async fn every_forgery_is_refused() {
    for algorithm in [
        Algorithm::RS256,
        Algorithm::PS256,
        Algorithm::ES256,
        Algorithm::EdDSA,
    ] {
        let signer = signer(algorithm, "a");
        let world = world(published(&[&signer])).await;
        world.verify(&signer.good()).await.unwrap();
        for (name, token) in forgeries(&signer) {
            let verdict = world.verify(&token).await;
            assert!(is_invalid(&verdict), "{algorithm:?}, {name}: {verdict:?}");
        }
        assert_eq!(world.server.count(), 2, "one look for keys unheard of");
    }
}

#[tokio::test]
async fn a_token_without_a_key_id_is_taken_where_one_key_alone_fits() {
    let (one, other) = (signer(Algorithm::ES256, "a"), signer(Algorithm::ES256, "b"));
    let edwards = signer(Algorithm::EdDSA, "c");
    let world = world(published(&[&one, &edwards])).await;
    let nameless = one.with_header(json!({"kid": null}));
    world.verify(&nameless).await.unwrap();

    world.server.reply(published(&[&one, &edwards, &other]));
    world.verify(&other.good()).await.unwrap();
    assert!(is_invalid(&world.verify(&nameless).await));
}

#[tokio::test]
async fn a_new_key_is_fetched_once_however_many_ask_for_it() {
    let (old, new) = (
        signer(Algorithm::ES256, "old"),
        signer(Algorithm::ES256, "new"),
    );
    let world = world(published(&[&old])).await;
    world.verify(&old.good()).await.unwrap();
    world.server.reply(published(&[&old, &new]));
    let tokens: Vec<_> = (0..50)
        .map(|n| new.with_claims(json!({"sid": format!("session {n}")})))
        .collect();
    let verdicts = join_all(tokens.iter().map(|token| world.verify(token))).await;
    assert!(verdicts.iter().all(Result::is_ok));
    assert_eq!(world.server.count(), 2);
    world.verify(&old.good()).await.unwrap();
}

#[tokio::test]
async fn keys_unheard_of_cost_one_fetch_in_an_interval() {
    let (known, unknown) = (signer(Algorithm::ES256, "a"), signer(Algorithm::ES256, "b"));
    let world = world(published(&[&known])).await;
    world.verify(&known.good()).await.unwrap();
    for round in 2..5 {
        for n in 0..20 {
            let token = unknown.with_header(json!({"kid": format!("{round}-{n}")}));
            assert!(is_invalid(&world.verify(&token).await));
        }
        assert_eq!(world.server.count(), round);
        world.pass(29);
        assert!(is_invalid(&world.verify(&unknown.good()).await));
        assert_eq!(world.server.count(), round);
        world.pass(1);
    }
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_stop_the_fetch() {
    let (old, new) = (
        signer(Algorithm::ES256, "old"),
        signer(Algorithm::ES256, "new"),
    );
    let world = world(published(&[&old])).await;
    world.verify(&old.good()).await.unwrap();
    world.server.reply(published(&[&old, &new]));
    let (token, verifier) = (new.good(), Arc::clone(&world.verifier));
    let impatient = tokio::spawn(async move { verifier.verify(&token).await });
    world.server.wait_for(2).await;
    impatient.abort();
    let _aborted = impatient.await;
    world.verify(&new.good()).await.unwrap();
    assert_eq!(world.server.count(), 2);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_refused_after_the_next_fetch() {
    let (old, new) = (
        signer(Algorithm::ES256, "old"),
        signer(Algorithm::ES256, "new"),
    );
    let world = world(published(&[&old])).await;
    let memory = Memory {
        tokens: 100,
        bearers: Duration::from_mins(1),
        refusals: Duration::ZERO,
    };
    let verifier = Remembering::new(
        Arc::clone(&world.verifier) as _,
        Arc::clone(&world.clock) as _,
        memory,
        world.verifier.epoch(),
    );
    verifier.verify(&old.good()).await.unwrap();
    world.server.reply(published(&[&new]));
    verifier.verify(&old.good()).await.unwrap();
    verifier.verify(&new.good()).await.unwrap();
    assert!(is_invalid(&verifier.verify(&old.good()).await));
}

#[tokio::test]
async fn keys_are_fetched_again_and_again() {
    let (old, new) = (
        signer(Algorithm::ES256, "old"),
        signer(Algorithm::ES256, "new"),
    );
    let settings = JwksSettings {
        refresh_every: Duration::from_millis(20),
        ..settings()
    };
    let world = world_with(published(&[&old]), settings).await;
    world.server.wait_for(3).await;
    world.verify(&old.good()).await.unwrap();
    world.server.reply(published(&[&new]));
    // The second request from now on was sent after the answer to the first, the new keys, was read.
    world.server.wait_for(world.server.count() + 2).await;
    assert!(is_invalid(&world.verify(&old.good()).await));
    world.verify(&new.good()).await.unwrap();
}

#[tokio::test]
async fn a_key_among_bad_ones_is_used_and_they_are_not() {
    let (good, leaked) = (
        signer(Algorithm::ES256, "good"),
        signer(Algorithm::ES256, "leaked"),
    );
    let mut with_private = public(&leaked);
    with_private["d"] = json!("AQAB");
    let keys =
        json!({"keys": [with_private, {"kty": "oct", "kid": "o", "k": "AAAA"}, 5, public(&good)]});
    let world = world(Reply::ok(keys.to_string())).await;
    world.verify(&good.good()).await.unwrap();
    assert!(is_invalid(&world.verify(&leaked.good()).await));
}
