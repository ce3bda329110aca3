//! What was found out about a token is remembered, and for how long.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use user_service_adapters_jwt::{Epoch, Memory, Remembering};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Principal, Scopes, TokenError, TokenVerifier};
use user_service_domain::ids::UserId;
use user_service_testkit::FixedClock;

use crate::forgeries::SUB;

/// Counts how often it is asked, and says what it is told to.
struct Oracle {
    asked: AtomicU32,
    says: Mutex<Says>,
    expires_at: DateTime<Utc>,
}

#[derive(Clone, Copy)]
enum Says {
    Good,
    Forged,
    Away,
}

#[async_trait]
impl TokenVerifier for Oracle {
    async fn verify(&self, _token: &str) -> Result<Principal, TokenError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match *self.says.lock().unwrap() {
            Says::Good => Ok(Principal {
                user_id: UserId::new(SUB.parse().unwrap()),
                is_admin: false,
                scopes: Scopes::default(),
                session: None,
                issued_at: None,
                expires_at: self.expires_at,
                about: None,
            }),
            Says::Forged => Err(TokenError::Invalid("forged")),
            Says::Away => Err(TokenError::Unavailable("away".into())),
        }
    }
}

struct World {
    oracle: Arc<Oracle>,
    clock: Arc<FixedClock>,
    epoch: Epoch,
    remembering: Remembering,
}

/// Remembers bearers for 60 seconds and refusals for 5; tokens expire after 90.
fn world(says: Says) -> World {
    let clock = Arc::new(FixedClock::default());
    let oracle = Arc::new(Oracle {
        asked: AtomicU32::new(0),
        says: Mutex::new(says),
        expires_at: clock.now() + TimeDelta::seconds(90),
    });
    let epoch = Epoch::default();
    let memory = Memory {
        tokens: 100,
        bearers: Duration::from_mins(1),
        refusals: Duration::from_secs(5),
    };
    let remembering = Remembering::new(
        Arc::clone(&oracle) as _,
        Arc::clone(&clock) as _,
        memory,
        epoch.clone(),
    );
    World {
        oracle,
        clock,
        epoch,
        remembering,
    }
}

impl World {
    async fn ask(&self, token: &str) -> Result<Principal, TokenError> {
        self.remembering.verify(token).await
    }

    fn asked(&self) -> u32 {
        self.oracle.asked.load(Ordering::SeqCst)
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }
}

#[tokio::test]
async fn a_bearer_is_remembered_for_its_time() {
    let world = world(Says::Good);
    for _ in 0..3 {
        world.ask("a").await.unwrap();
    }
    assert_eq!(world.asked(), 1);
    world.ask("b").await.unwrap();
    assert_eq!(world.asked(), 2);
    world.pass(59);
    world.ask("a").await.unwrap();
    assert_eq!(world.asked(), 2);
    world.pass(1);
    world.ask("a").await.unwrap();
    assert_eq!(world.asked(), 3);
}

#[tokio::test]
async fn a_bearer_is_not_remembered_past_the_end_of_the_token() {
    let world = world(Says::Good);
    world.pass(80);
    world.ask("a").await.unwrap();
    world.pass(9);
    world.ask("a").await.unwrap();
    assert_eq!(world.asked(), 1);
    world.pass(1);
    *world.oracle.says.lock().unwrap() = Says::Forged;
    assert!(world.ask("a").await.is_err());
}

#[tokio::test]
async fn a_refusal_is_remembered_for_less() {
    let world = world(Says::Forged);
    for _ in 0..3 {
        assert!(matches!(
            world.ask("a").await,
            Err(TokenError::Invalid("forged"))
        ));
    }
    assert_eq!(world.asked(), 1);
    world.pass(5);
    *world.oracle.says.lock().unwrap() = Says::Good;
    world.ask("a").await.unwrap();
}

#[tokio::test]
async fn that_nobody_could_be_asked_is_not_remembered() {
    let world = world(Says::Away);
    assert!(world.ask("a").await.is_err());
    *world.oracle.says.lock().unwrap() = Says::Good;
    world.ask("a").await.unwrap();
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn what_was_found_in_an_earlier_epoch_does_not_count() {
    let world = world(Says::Good);
    world.ask("a").await.unwrap();
    world.epoch.advance();
    *world.oracle.says.lock().unwrap() = Says::Forged;
    assert!(world.ask("a").await.is_err());
    world.epoch.advance();
    *world.oracle.says.lock().unwrap() = Says::Good;
    world.ask("a").await.unwrap();
}

#[tokio::test]
async fn a_clock_that_was_set_back_prolongs_nothing() {
    let world = world(Says::Good);
    world.ask("a").await.unwrap();
    world.pass(-30);
    world.ask("a").await.unwrap();
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_flood_of_forged_tokens_drives_out_no_bearer() {
    let world = world(Says::Good);
    world.ask("good").await.unwrap();
    *world.oracle.says.lock().unwrap() = Says::Forged;
    for n in 0..1000 {
        assert!(world.ask(&format!("forged {n}")).await.is_err());
    }
    world.ask("good").await.unwrap();
}
