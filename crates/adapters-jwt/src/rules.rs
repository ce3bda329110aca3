//! What the claims of a token must fulfil.

use chrono::{DateTime, TimeDelta, Utc};
use user_service_domain::identity::{Principal, Scope, Scopes, TokenError};
use user_service_domain::ids::UserId;

use crate::claims::Claims;

/// What a token must fulfil besides its signature.
#[derive(Clone, Debug, Default)]
pub struct TokenRules {
    /// `iss`, where set.
    pub issuer: Option<String>,
    /// One of `aud`, where set.
    pub audience: Option<String>,
    /// How many seconds clocks may differ.
    pub leeway: u32,
}

impl TokenRules {
    /// Who bears these claims at this moment. Somebody must have vouched for them.
    pub fn admit(&self, claims: Claims, now: DateTime<Utc>) -> Result<Principal, TokenError> {
        let missing = TokenError::Invalid("a required claim is missing");
        let (Some(sub), Some(exp)) = (claims.sub, claims.exp) else {
            return Err(missing);
        };
        let leeway = TimeDelta::seconds(self.leeway.into());
        if now - leeway >= exp.0 {
            return Err(TokenError::Invalid("expired"));
        }
        if claims.nbf.is_some_and(|nbf| nbf.0 > now + leeway) {
            return Err(TokenError::Invalid("not valid yet"));
        }
        if let Some(issuer) = &self.issuer {
            match &claims.iss {
                Some(named) if named == issuer => (),
                Some(_) => return Err(TokenError::Invalid("issuer")),
                None => return Err(missing),
            }
        }
        if let Some(audience) = &self.audience {
            match &claims.aud {
                Some(named) if named.has(audience) => (),
                Some(_) => return Err(TokenError::Invalid("audience")),
                None => return Err(missing),
            }
        }
        let session = claims.session().map_err(TokenError::Invalid)?;
        let scopes = claims
            .scope
            .as_deref()
            .map(Scopes::parse)
            .unwrap_or_default();
        let is_admin = scopes.has(Scope::UsersAdmin)
            || claims
                .roles
                .as_ref()
                .is_some_and(|roles| roles.iter().any(|role| role == "admin"));
        Ok(Principal {
            user_id: UserId::new(sub),
            is_admin,
            scopes,
            session,
            issued_at: claims.iat.map(|iat| iat.0),
            expires_at: exp.0,
            about: claims.about(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn admit(change: Value, now: i64) -> Result<Principal, String> {
        let mut claims =
            json!({"sub": "0190c1f4-2b5e-7c3a-9d8e-1f2a3b4c5d6e", "exp": 1000, "nbf": 500});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let rules = TokenRules {
            leeway: 5,
            ..TokenRules::default()
        };
        let now = DateTime::from_timestamp(now, 0).unwrap();
        rules
            .admit(serde_json::from_value(claims).unwrap(), now)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_lives_from_nbf_to_exp_give_or_take_the_leeway() {
        for (now, outcome) in [
            (494, Some("not valid yet")),
            (495, None),
            (1004, None),
            (1005, Some("expired")),
        ] {
            let refusal = admit(json!({}), now).err();
            match outcome {
                None => assert_eq!(refusal, None, "{now}"),
                Some(says) => assert!(refusal.unwrap().ends_with(says), "{now}"),
            }
        }
    }

    #[test]
    fn what_the_claims_say_is_carried_over() {
        let claims = json!({"iat": 600, "roles": ["staff", "admin"], "scope": "openid users:read",
            "name": "Ana", "locale": "pt", "zoneinfo": "Europe/Lisbon", "email": "a@b.example"});
        let bearer = admit(claims, 700).unwrap();
        assert!(bearer.is_admin && bearer.scopes.has(Scope::UsersRead));
        assert!(!bearer.scopes.has(Scope::UsersWrite));
        assert_eq!(bearer.issued_at, DateTime::from_timestamp(600, 0));
        assert_eq!(
            bearer.expires_at,
            DateTime::from_timestamp(1000, 0).unwrap()
        );
        let about = bearer.about.unwrap();
        assert_eq!(about.name.as_deref(), Some("Ana"));
        assert_eq!(about.zoneinfo.as_deref(), Some("Europe/Lisbon"));
    }

    #[test]
    fn an_admin_is_one_by_the_exact_role_or_scope() {
        for (claims, is_admin) in [
            (json!({"scope": "users:admin"}), true),
            (json!({"roles": ["admin"]}), true),
            (
                json!({"roles": ["Admin", "administrator", "admin "], "scope": "admin"}),
                false,
            ),
        ] {
            assert_eq!(
                admit(claims.clone(), 700).unwrap().is_admin,
                is_admin,
                "{claims}"
            );
        }
    }
}
