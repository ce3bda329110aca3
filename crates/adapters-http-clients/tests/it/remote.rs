//! The Auth Service is asked about each token.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use user_service_adapters_http_clients::{RemoteSettings, RemoteVerifier, ServiceUrl};
use user_service_adapters_jwt::{Epoch, HmacAlgorithm, Memory, Remembering, SecretTokens};
use user_service_domain::identity::{Principal, TokenError, TokenVerifier};
use user_service_domain::session::SessionToken;
use user_service_telemetry::HttpClientMeasures;
use user_service_testkit::FixedClock;

use crate::forgeries::{SUB, Signer, claims};
use crate::jwks::{is_invalid, rules};
use crate::server::{Reply, Server};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) verifier: Arc<RemoteVerifier>,
}

pub(crate) fn settings() -> RemoteSettings {
    RemoteSettings {
        timeout: Duration::from_secs(5),
        failures: 5,
        leave_alone_for: Duration::from_mins(1),
        measures: HttpClientMeasures::default(),
    }
}

pub(crate) async fn world(reply: Reply) -> World {
    world_with(reply, settings(), false).await
}

pub(crate) async fn world_with(reply: Reply, settings: RemoteSettings, falls_back: bool) -> World {
    let server = Server::start(reply).await;
    let clock = Arc::new(FixedClock::default());
    let url = ServiceUrl::parse(&server.url()).unwrap();
    let local = SecretTokens::new(
        SECRET,
        HmacAlgorithm::Hs256,
        rules(),
        Arc::clone(&clock) as _,
    );
    let fallback = falls_back.then(|| Arc::new(local) as Arc<dyn TokenVerifier>);
    let verifier =
        RemoteVerifier::new(&url, &settings, rules(), Arc::clone(&clock) as _, fallback).unwrap();
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
}

/// Whoever shares the secret of the fallback.
pub(crate) fn signer() -> Signer {
    Signer {
        algorithm: Algorithm::HS256,
        key: EncodingKey::from_secret(SECRET),
        kid: None,
        public: vec![],
    }
}

pub(crate) fn vouched() -> Reply {
    Reply::ok(json!({"valid": true, "claims": claims(json!({}))}).to_string())
}

async fn verdict(answer: &Value, token: &str) -> Result<Principal, TokenError> {
    world(Reply::ok(answer.to_string()))
        .await
        .verify(token)
        .await
}

#[tokio::test]
async fn the_token_is_sent_in_the_header_and_in_the_body() {
    let world = world(vouched()).await;
    let token = signer().good();
    world.verify(&token).await.unwrap();
    let requests = world.server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert!(request.starts_with("POST /api/v1/auth/validate HTTP/1.1\r\n"));
    assert!(request.contains(&format!("authorization: Bearer {token}\r\n")));
    assert!(request.ends_with(&json!({"token": token}).to_string()));
}

#[tokio::test]
async fn claims_are_read_wherever_an_auth_service_may_put_them() {
    let all = claims(json!({}));
    let flat = claims(json!({"valid": true}));
    let introspected = claims(json!({"active": true}));
    let user = json!({"valid": true, "user_id": SUB, "email": "a@b.example", "roles": ["admin"]});
    for answer in [
        json!({"valid": true, "claims": all}),
        json!({"valid": true, "payload": all}),
        json!({"claims": all}),
        all,
        flat,
        introspected,
        user,
    ] {
        let bearer = verdict(&answer, &signer().good()).await.unwrap();
        assert_eq!(bearer.user_id.to_string(), SUB, "{answer}");
        assert_eq!(bearer.session, Some(SessionToken::parse("s").unwrap()));
        assert_eq!(bearer.is_admin, answer.get("roles").is_some(), "{answer}");
    }
}

#[tokio::test]
async fn what_the_answer_says_goes_before_what_the_token_says() {
    let token = signer().with_claims(json!({"roles": ["admin"], "scope": "users:admin"}));
    let answer = json!({"valid": true, "user_id": SUB, "sid": "other"});
    let bearer = verdict(&answer, &token).await.unwrap();
    assert!(!bearer.is_admin, "rights come from the Auth Service alone");
    assert_eq!(bearer.session, Some(SessionToken::parse("other").unwrap()));
}

#[tokio::test]
async fn a_token_that_the_auth_service_refuses_is_invalid() {
    for reply in [
        Reply::ok(json!({"valid": false}).to_string()),
        Reply::ok(json!({"active": false}).to_string()),
        Reply::ok(json!({"valid": true, "active": false, "claims": claims(json!({}))}).to_string()),
        Reply::ok(json!({"valid": false, "claims": claims(json!({}))}).to_string()),
        Reply::status(400, ""),
        Reply::status(401, "{\"detail\":\"no\"}"),
        Reply::status(403, ""),
        Reply::status(422, ""),
    ] {
        // More often than failures would be forgiven.
        let world = world(reply).await;
        for _ in 0..6 {
            assert!(is_invalid(&world.verify(&signer().good()).await));
        }
        world.server.reply(vouched());
        world.verify(&signer().good()).await.unwrap();
    }
}

#[tokio::test]
async fn claims_are_checked_here_too() {
    for change in [
        json!({"exp": 1_700_000_000}),
        json!({"exp": "4000000000"}),
        json!({"nbf": 4_000_000_000_u64}),
        json!({"iss": "https://evil.example"}),
        json!({"aud": "other"}),
        json!({"sub": "ana"}),
        json!({"sub": null}),
        json!({"roles": "admin"}),
        json!({"sid": ""}),
    ] {
        let answer = json!({"valid": true, "claims": claims(change)});
        let verdict = verdict(&answer, &signer().good()).await;
        assert!(is_invalid(&verdict), "{answer}: {verdict:?}");
    }
}

#[tokio::test]
async fn an_opaque_token_needs_an_answer_with_an_end() {
    let token = "2YotnFZFEjr1zCsicMWpAA==";
    let whole = json!({"active": true, "sub": SUB, "exp": 4_000_000_000_u64,
        "iss": "https://auth.example", "aud": "profiles"});
    let mut endless = whole.clone();
    endless.as_object_mut().unwrap().remove("exp");
    verdict(&whole, token).await.unwrap();
    assert!(is_invalid(&verdict(&endless, token).await));
}

#[tokio::test]
async fn what_can_be_no_token_is_not_sent() {
    let world = world(vouched()).await;
    let long = "a".repeat(8193);
    for token in ["", "=", "a b", "a\nb", "a\r\nx: y", "é", "a\u{0}", &long] {
        assert!(is_invalid(&world.verify(token).await), "{token:?}");
    }
    assert_eq!(world.server.count(), 0);
}

#[tokio::test]
async fn a_verdict_is_remembered_for_its_time() {
    let world = world(vouched()).await;
    let memory = Memory {
        tokens: 100,
        bearers: Duration::from_secs(5),
        refusals: Duration::from_secs(1),
    };
    let remembering = Remembering::new(
        Arc::clone(&world.verifier) as _,
        Arc::clone(&world.clock) as _,
        memory,
        Epoch::default(),
    );
    let token = signer().good();
    for _ in 0..10 {
        remembering.verify(&token).await.unwrap();
    }
    assert_eq!(world.server.count(), 1);
    world.server.reply(Reply::status(401, ""));
    world.clock.advance(TimeDelta::seconds(5));
    for _ in 0..10 {
        assert!(is_invalid(&remembering.verify(&token).await));
    }
    assert_eq!(world.server.count(), 2);
    world.server.reply(vouched());
    world.clock.advance(TimeDelta::seconds(1));
    remembering.verify(&token).await.unwrap();
}
