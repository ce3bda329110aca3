//! What happens while the Auth Service is away, slow or talks nonsense.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::json;
use user_service_adapters_http_clients::JwksSettings;
use user_service_domain::health::Dependency;

use crate::jwks::{World, is_invalid, is_unavailable, settings, world, world_with};
use crate::keys::{public, published, signer};
use crate::server::{Reply, Server};

#[tokio::test]
async fn known_keys_go_on_serving_while_the_auth_service_is_away() {
    let (known, unknown) = (signer(Algorithm::ES256, "a"), signer(Algorithm::ES256, "b"));
    let mut world = world(published(&[&known])).await;
    world.verify(&known.good()).await.unwrap();
    world.server.stop().await;
    world.pass(60);
    assert!(is_invalid(&world.verify(&unknown.good()).await));
    world.verify(&known.good()).await.unwrap();
    world.verifier.check().await.unwrap();

    world.server.reply(published(&[&known, &unknown]));
    world.server.restart().await;
    world.pass(30);
    world.verify(&unknown.good()).await.unwrap();
}

#[tokio::test]
async fn keys_are_trusted_up_to_the_limit_and_again_after_the_next_fetch() {
    let known = signer(Algorithm::ES256, "a");
    let mut world = world(published(&[&known])).await;
    world.verify(&known.good()).await.unwrap();
    world.server.stop().await;
    world.pass(24 * 60 * 60);
    world.verify(&known.good()).await.unwrap();
    world.pass(1);
    let verdict = world.verify(&known.good()).await;
    assert!(is_unavailable(&verdict), "{verdict:?}");
    assert!(world.verifier.check().await.is_err());

    world.server.restart().await;
    world.pass(30);
    world.verify(&known.good()).await.unwrap();
    world.verifier.check().await.unwrap();
}

#[tokio::test]
async fn without_any_key_nobody_can_be_asked() {
    let known = signer(Algorithm::ES256, "a");
    let mut world = world(Reply::status(500, "")).await;
    let verdict = world.verify(&known.good()).await;
    assert!(is_unavailable(&verdict), "{verdict:?}");
    assert!(world.verifier.check().await.is_err());
    assert!(world.verifier.is_essential());
    world.server.stop().await;
    world.pass(30);
    let verdict = world.verify(&known.good()).await;
    assert!(is_unavailable(&verdict), "{verdict:?}");
    let words = format!("{verdict:?}");
    assert!(!words.contains(&world.server.port()), "{words}");
    assert!(is_invalid(&world.verify("forged").await));
}

#[tokio::test]
async fn the_keys_are_fetched_as_soon_as_the_auth_service_is_there() {
    let known = signer(Algorithm::ES256, "a");
    let world = world(Reply::status(503, "")).await;
    world.server.wait_for(1).await;
    world.server.reply(published(&[&known]));
    // By itself, about a second later; nobody asks.
    world.server.wait_for(2).await;
    world.verify(&known.good()).await.unwrap();
}

/// Lets the service look for a key that is not known, which makes it fetch.
async fn look(world: &World, reply: Reply) {
    world.server.reply(reply);
    world.pass(30);
    let before = world.server.count();
    let unknown = signer(Algorithm::ES256, "unknown").good();
    let verdict = world.verify(&unknown).await;
    assert!(is_invalid(&verdict), "{verdict:?}");
    assert!(world.server.count() > before);
}

#[tokio::test]
async fn an_answer_that_is_no_good_set_changes_nothing() {
    let known = signer(Algorithm::ES256, "a");
    let elsewhere = Server::start(published(&[&signer(Algorithm::ES256, "unknown")])).await;
    let world = world(published(&[&known])).await;
    world.verify(&known.good()).await.unwrap();
    let private = {
        let mut key = public(&known);
        key["d"] = json!("AQAB");
        json!({"keys": [key]}).to_string()
    };
    let large = {
        let mut set = json!({"keys": [public(&signer(Algorithm::ES256, "unknown"))]});
        set["padding"] = json!("x".repeat(256 * 1024));
        set.to_string()
    };
    for reply in [
        Reply::ok(""),
        Reply::ok("<html>"),
        Reply::ok("{\"keys\":[]}"),
        Reply::ok("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"unknown\",\"k\":\"AAAA\"}]}"),
        Reply::ok(private),
        Reply::ok(large),
        Reply::ok(vec![0xff; 10 * 1024 * 1024]),
        Reply::status(404, "{}"),
        Reply::status(500, "{}"),
        Reply::redirect(&elsewhere.url()),
        Reply::HangUp,
    ] {
        look(&world, reply).await;
        world.verify(&known.good()).await.unwrap();
    }
    assert_eq!(elsewhere.count(), 0, "a redirect was followed");
}

#[tokio::test]
async fn a_slow_answer_is_not_waited_for() {
    let known = signer(Algorithm::ES256, "a");
    let settings = JwksSettings {
        timeout: Duration::from_millis(300),
        ..settings()
    };
    let world = world_with(published(&[&known]), settings).await;
    world.verify(&known.good()).await.unwrap();
    for reply in [Reply::Silence, Reply::Head] {
        look(&world, reply).await;
        world.verify(&known.good()).await.unwrap();
    }
}
