//! Who calls: customers of the shop, by keys that it gave them.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{Duration, Utc};
use user_service_domain::identity::{Principal, Scopes, TokenError, TokenVerifier};
use user_service_domain::ids::UserId;
use uuid::Uuid;

/// Keys and whose they are.
pub struct Keys(HashMap<&'static str, (Uuid, bool)>);

impl Keys {
    /// Those of the shop: one customer and its owner.
    pub fn of_the_shop() -> Self {
        Self(HashMap::from([
            ("key-of-ana", (Uuid::from_u128(1), false)),
            ("key-of-the-owner", (Uuid::from_u128(2), true)),
        ]))
    }
}

#[async_trait]
impl TokenVerifier for Keys {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let Some((id, is_admin)) = self.0.get(token) else {
            return Err(TokenError::Invalid("no such key"));
        };
        Ok(Principal {
            user_id: UserId::new(*id),
            is_admin: *is_admin,
            scopes: Scopes::default(),
            session: None,
            issued_at: None,
            expires_at: Utc::now() + Duration::days(1),
            about: None,
        })
    }
}
