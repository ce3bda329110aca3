//! The Auth Service goes away, talks nonsense, or changes its keys.

use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::harness::App;
use crate::load::Sign;
use crate::people::{USERS, in_seconds};
use crate::server::{Reply, Server};
use crate::trial::{Figures, Promise, Trial};
use crate::world::{Place, World};

/// A key that the Auth Service signs with.
#[derive(Clone)]
struct Key {
    id: &'static str,
    public: Value,
    private: EncodingKey,
}

impl Key {
    fn new(id: &'static str) -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let document = Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(document.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Self {
            id,
            public: json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": id, "x": x }),
            private: EncodingKey::from_ed_der(document.as_ref()),
        }
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

fn published(keys: &[&Key]) -> Reply {
    let keys: Vec<&Value> = keys.iter().map(|key| &key.public).collect();
    let mut reply = Reply::ok(json!({ "keys": keys }).to_string());
    if let Reply::Answer { headers, .. } = &mut reply {
        headers.push_str("content-type: application/json\r\n");
    }
    reply
}

/// Signs with whichever key it is now.
fn signer(key: &Arc<Mutex<Key>>) -> Sign {
    let key = Arc::clone(key);
    Arc::new(move |claims| key.lock().unwrap().sign(claims))
}

async fn with_keys(world: &World, server: &Server) -> Place {
    let settings = [
        ("AUTH_MODE", "jwks"),
        ("AUTH_SERVICE_URL", &*server.url()),
        ("AUTH_REFRESH_INTERVAL", "1"),
        ("AUTH_MIN_REFRESH_INTERVAL", "1"),
        (
            "CURSOR_SECRET_KEY",
            "a key for cursors, of 32 bytes and more",
        ),
    ];
    world.place(&settings).await
}

/// The status that a stranger with a token of this key gets.
async fn status(app: &App, key: &Key) -> u16 {
    let claims =
        json!({ "sub": uuid::Uuid::new_v4(), "exp": in_seconds(600), "iat": in_seconds(-1) });
    let list = app.get(&format!("{USERS}?limit=1"));
    list.token(key.sign(&claims)).await.status
}

async fn known_keys_go_on(world: &World, harm: impl AsyncFn(&mut Server)) -> Figures {
    let (key, other) = (Key::new("known"), Key::new("other"));
    let mut server = Server::start(published(&[&key])).await;
    let place = with_keys(world, &server).await;
    let signs = Arc::new(Mutex::new(key.clone()));
    let mut trial = Trial::begin_signed(&[&place.app], signer(&signs)).await;
    harm(&mut server).await;
    trial.goes_on(3.0).await;
    let unknown = status(&place.app, &other).await;
    server.reply(published(&[&key]));
    trial.mends();
    let figures = trial.end(&place.app, Promise::UNNOTICED).await;
    figures.promised(unknown == 401, "an unknown key is 401")
}

pub(crate) async fn killed(world: &mut World) -> Figures {
    known_keys_go_on(world, async |server| server.stop().await).await
}

pub(crate) async fn frozen(world: &mut World) -> Figures {
    known_keys_go_on(world, async |server| server.reply(Reply::Silence)).await
}

pub(crate) async fn nonsense(world: &mut World) -> Figures {
    known_keys_go_on(world, async |server| {
        let endless = Reply::ok(vec![b' '; 4 << 20]);
        let none = Reply::ok(r#"{"keys":[]}"#);
        server.reply_in_turn(vec![Reply::ok("{"), endless, none, Reply::HangUp]);
    })
    .await
}

/// The Auth Service signs with another key from one moment to the next.
pub(crate) async fn rotated(world: &mut World) -> Figures {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let server = Server::start(published(&[&old])).await;
    let place = with_keys(world, &server).await;
    let signs = Arc::new(Mutex::new(old.clone()));
    let mut trial = Trial::begin_signed(&[&place.app], signer(&signs)).await;
    trial.goes_on(1.5).await;
    server.reply(published(&[&new]));
    *signs.lock().unwrap() = new;
    trial.mends();
    let promise = Promise {
        text: "the first token of a new key fetches it; at most once a second here, 401 until then",
        writes: &[401],
        reads: &[401],
        breaks: false,
    };
    let stopped = trial.stop().await;
    let removed = status(&place.app, &old).await;
    let figures = stopped.settle(&place.app, promise).await;
    figures.promised(removed == 401, "the removed key is 401")
}

/// A service that never saw a key asks for patience, and goes on by itself.
pub(crate) async fn absent(world: &mut World) -> Figures {
    let key = Key::new("known");
    let mut server = Server::start(published(&[&key])).await;
    let mut place = with_keys(world, &server).await;
    server.stop().await;
    place.app.kill();
    place.app.launch("/health/live").await;
    let refused = status(&place.app, &key).await;
    server.restart().await;
    let since = std::time::Instant::now();
    while status(&place.app, &key).await != 200 {
        assert!(since.elapsed().as_secs() < 30, "the keys are not fetched");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let seconds = since.elapsed().as_secs_f64();
    let signs = Arc::new(Mutex::new(key));
    let trial = Trial::begin_signed(&[&place.app], signer(&signs)).await;
    let figures = trial.end(&place.app, Promise::UNNOTICED).await;
    figures
        .promised(refused == 503, "503 while no key was ever seen")
        .promised(seconds < 5.0, "good within 5 s")
}
