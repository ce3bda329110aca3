//! Who calls: tokens, and profiles to call about.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::App;

pub(crate) const USERS: &str = "/api/v1/users";

/// What anybody may see of a profile.
pub(crate) const PUBLIC: [&str; 10] = [
    "id",
    "user_id",
    "display_name",
    "bio",
    "avatar_url",
    "thumbhash",
    "location",
    "website",
    "is_verified",
    "created_at",
];

/// What the person, administrators and services with `users:read` see.
pub(crate) const FULL: [&str; 14] = [
    "id",
    "user_id",
    "display_name",
    "bio",
    "avatar_url",
    "thumbhash",
    "location",
    "website",
    "is_verified",
    "created_at",
    "phone_number",
    "is_active",
    "updated_at",
    "last_login_at",
];

/// Somebody with a token, and perhaps a profile.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) sub: String,
    pub(crate) token: String,
    /// The id of the profile; empty where there is none.
    pub(crate) id: String,
}

impl Person {
    /// The path of the profile.
    pub(crate) fn path(&self) -> String {
        format!("{USERS}/{}", self.id)
    }

    /// The path of the preferences.
    pub(crate) fn preferences(&self) -> String {
        format!("{USERS}/{}/preferences", self.id)
    }

    /// The path of the sessions.
    pub(crate) fn sessions(&self) -> String {
        format!("{USERS}/{}/sessions", self.id)
    }
}

/// Seconds since the epoch, so many from now.
pub(crate) fn in_seconds(seconds: i64) -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    i64::try_from(now).unwrap() + seconds
}

/// Signs claims.
pub(crate) fn sign(algorithm: Algorithm, key: &str, claims: &Value) -> String {
    let key = EncodingKey::from_secret(key.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

/// Claims with one of another value.
pub(crate) fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

impl App {
    /// A token with these claims besides `sub` and `exp`.
    pub(crate) fn token(&self, sub: &str, more: &Value) -> String {
        let mut claims = json!({ "sub": sub, "exp": in_seconds(3600), "iat": in_seconds(0) });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        sign(Algorithm::HS256, &self.key, &claims)
    }

    /// The same person with a token of this session (`sid`).
    pub(crate) fn signed_in(&self, person: &Person, session: &str) -> Person {
        self.bearing(person, &json!({ "sid": session }))
    }

    /// The same person with a token of these claims.
    pub(crate) fn bearing(&self, person: &Person, claims: &Value) -> Person {
        Person {
            token: self.token(&person.sub, claims),
            ..person.clone()
        }
    }

    /// The same person, who signed in a little later than now.
    pub(crate) fn later(&self, person: &Person) -> Person {
        self.bearing(person, &json!({ "iat": in_seconds(5) }))
    }

    fn known(&self, claims: &Value) -> Person {
        let sub = Uuid::new_v4().to_string();
        Person {
            token: self.token(&sub, claims),
            sub,
            id: String::new(),
        }
    }

    /// Somebody without a profile: a stranger to everybody.
    pub(crate) fn stranger(&self) -> Person {
        self.known(&json!({}))
    }

    /// An administrator without a profile.
    pub(crate) fn admin(&self) -> Person {
        self.known(&json!({ "roles": ["user", "admin"] }))
    }

    /// A service with these scopes.
    pub(crate) fn service(&self, scope: &str) -> Person {
        self.known(&json!({ "scope": scope }))
    }

    /// Somebody with a profile of this name.
    pub(crate) async fn person(&self, name: &str) -> Person {
        self.person_with(json!({ "display_name": name })).await
    }

    /// Somebody with this profile.
    pub(crate) async fn person_with(&self, body: Value) -> Person {
        let mut person = self.stranger();
        let made = self
            .post(USERS)
            .token(&person.token)
            .json(&body)
            .await
            .is(201)
            .json();
        made["id"].as_str().unwrap().clone_into(&mut person.id);
        person
    }

    /// Somebody whose profile an administrator made inactive.
    pub(crate) async fn inactive(&self, name: &str) -> Person {
        let person = self.person(name).await;
        self.set_active(&person, false).await;
        person
    }

    /// Makes an account usable, or not.
    pub(crate) async fn set_active(&self, person: &Person, is_active: bool) {
        let body = json!({ "is_active": is_active });
        self.patch(&person.path())
            .token(self.admin().token)
            .json(&body)
            .await
            .is(200);
    }

    /// The body of a GET that must succeed.
    pub(crate) async fn read(&self, path: &str, caller: &Person) -> Value {
        self.get(path).token(&caller.token).await.is(200).json()
    }
}
