//! What happens while the Auth Service cannot be asked about tokens.

use std::time::{Duration, Instant};

use user_service_adapters_http_clients::RemoteSettings;
use user_service_domain::health::Dependency;

use crate::jwks::{is_invalid, is_unavailable};
use crate::remote::{settings, signer, vouched, world, world_with};
use crate::server::{Reply, Server};

#[tokio::test]
async fn what_may_soon_succeed_is_tried_again_but_not_for_long() {
    for status in [502, 503, 504] {
        let failing = Reply::status(status, "");
        let world = world(failing.clone()).await;
        world
            .server
            .reply_in_turn(vec![failing.clone(), failing.clone(), vouched()]);
        world.verify(&signer().good()).await.unwrap();
        assert_eq!(world.server.count(), 3);
        world.server.reply(failing);
        let verdict = world.verify(&signer().good()).await;
        assert!(is_unavailable(&verdict), "{verdict:?}");
        assert_eq!(world.server.count(), 6);
    }
}

#[tokio::test]
async fn an_answer_that_says_nothing_is_no_verdict() {
    let elsewhere = Server::start(vouched()).await;
    for reply in [
        Reply::status(500, ""),
        Reply::status(404, ""),
        Reply::status(429, ""),
        Reply::status(204, ""),
        Reply::redirect(&elsewhere.url()),
        Reply::ok(""),
        Reply::ok("<html>"),
        Reply::ok("[]"),
        Reply::ok("{\"valid\":\"yes\"}"),
        Reply::ok("{\"valid\":true,\"claims\":[]}"),
        Reply::ok(vec![b' '; 64 * 1024 + 1]),
        Reply::HangUp,
    ] {
        let world = world(reply).await;
        let verdict = world.verify(&signer().good()).await;
        assert!(is_unavailable(&verdict), "{verdict:?}");
        let words = format!("{verdict:?}");
        assert!(!words.contains(&world.server.port()), "{words}");
        assert!(!words.contains(&signer().good()), "{words}");
    }
    assert_eq!(elsewhere.count(), 0, "a token was sent elsewhere");
}

#[tokio::test]
async fn an_answer_is_waited_for_so_long_and_no_longer() {
    let settings = RemoteSettings {
        timeout: Duration::from_millis(300),
        ..settings()
    };
    for reply in [Reply::Silence, Reply::Head] {
        let world = world_with(reply, settings.clone(), false).await;
        let began = Instant::now();
        let verdict = world.verify(&signer().good()).await;
        assert!(is_unavailable(&verdict), "{verdict:?}");
        assert!(began.elapsed() < Duration::from_secs(3));
        assert_eq!(world.server.count(), 1);
    }
}

#[tokio::test]
async fn after_failures_the_auth_service_is_left_alone_for_a_while() {
    let settings = RemoteSettings {
        failures: 3,
        leave_alone_for: Duration::from_millis(200),
        ..settings()
    };
    let world = world_with(Reply::status(500, ""), settings, false).await;
    let token = signer().good();
    for _ in 0..3 {
        assert!(is_unavailable(&world.verify(&token).await));
    }
    let asked = world.server.count();
    assert_eq!(asked, 3);
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(100) {
        assert!(is_unavailable(&world.verify(&token).await));
        assert_eq!(world.server.count(), asked);
    }
    world.server.reply(vouched());
    while world.verify(&token).await.is_err() {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "it never recovered"
        );
        tokio::task::yield_now().await;
    }
    assert_eq!(world.server.count(), asked + 1);
    for _ in 0..5 {
        world.verify(&token).await.unwrap();
    }
}

#[tokio::test]
async fn where_there_is_a_local_key_it_stands_in_and_only_then() {
    let mut world = world_with(vouched(), settings(), true).await;
    let good = signer().good();
    let forged = format!("{good}AAAA");
    world.server.reply(Reply::status(401, ""));
    assert!(
        is_invalid(&world.verify(&good).await),
        "what the Auth Service refuses stays refused"
    );
    world.server.reply(Reply::status(500, ""));
    world.verify(&good).await.unwrap();
    world.server.stop().await;
    world.verify(&good).await.unwrap();
    assert!(is_invalid(&world.verify(&forged).await));
    assert!(!world.verifier.is_essential());
}

#[tokio::test]
async fn health_is_whether_anything_answers() {
    let mut world = world(Reply::status(404, "")).await;
    assert!(world.verifier.is_essential());
    assert_eq!(world.verifier.name(), "auth_service");
    world.verifier.check().await.unwrap();
    world.server.reply(Reply::Silence);
    assert!(world.verifier.check().await.is_err());
    world.server.stop().await;
    assert!(world.verifier.check().await.is_err());
}
