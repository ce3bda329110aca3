//! Tokens that are signed with a shared secret: `AUTH_MODE=secret`.

use async_trait::async_trait;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use user_service_domain::identity::{Principal, Scope, Scopes, TokenError, TokenVerifier};
use user_service_domain::ids::UserId;
use uuid::Uuid;

/// The one algorithm that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HmacAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

/// What a token must fulfil besides its signature.
#[derive(Clone, Debug, Default)]
pub struct TokenRules {
    /// `iss`, where set.
    pub issuer: Option<String>,
    /// One of `aud`, where set.
    pub audience: Option<String>,
    /// How many seconds clocks may differ.
    pub leeway: u64,
}

/// Claims as they are read. A claim of a wrong type makes the token malformed.
#[derive(Deserialize)]
struct Claims {
    sub: Uuid,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    jti: Option<String>,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "read for its type alone: a number where there is one (RFC 7519 section 4.1.6)"
    )]
    iat: Option<f64>,
}

/// Claims as they are written by the development issuer and `token issue`.
#[derive(Clone, Debug, Serialize)]
pub struct IssuedClaims {
    /// The person.
    pub sub: Uuid,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
    /// Who issued the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Scopes with spaces between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// An address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

/// Verifies and issues tokens under one secret and one algorithm (RFC 8725 section 3.1).
pub struct SecretTokens {
    decoding: DecodingKey,
    encoding: EncodingKey,
    algorithm: Algorithm,
    validation: Validation,
}

impl SecretTokens {
    /// Under this secret.
    pub fn new(secret: &[u8], algorithm: HmacAlgorithm, rules: &TokenRules) -> Self {
        let algorithm = match algorithm {
            HmacAlgorithm::Hs256 => Algorithm::HS256,
            HmacAlgorithm::Hs384 => Algorithm::HS384,
            HmacAlgorithm::Hs512 => Algorithm::HS512,
        };
        let mut validation = Validation::new(algorithm);
        let mut required = vec!["exp", "sub"];
        validation.leeway = rules.leeway;
        validation.validate_nbf = true;
        match &rules.issuer {
            Some(issuer) => {
                validation.set_issuer(&[issuer]);
                required.push("iss");
            }
            None => validation.iss = None,
        }
        match &rules.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                required.push("aud");
            }
            None => validation.validate_aud = false,
        }
        validation.set_required_spec_claims(&required);
        Self {
            decoding: DecodingKey::from_secret(secret),
            encoding: EncodingKey::from_secret(secret),
            algorithm,
            validation,
        }
    }

    /// A token with these claims.
    pub fn issue(&self, claims: &IssuedClaims) -> Result<String, TokenError> {
        jsonwebtoken::encode(&Header::new(self.algorithm), claims, &self.encoding)
            .map_err(|error| TokenError::Unavailable(Box::new(error)))
    }
}

#[async_trait]
impl TokenVerifier for SecretTokens {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|error| TokenError::Invalid(reason(error.kind())))?
            .claims;
        let scopes = claims
            .scope
            .as_deref()
            .map(Scopes::parse)
            .unwrap_or_default();
        let is_admin = scopes.has(Scope::UsersAdmin)
            || claims
                .roles
                .is_some_and(|roles| roles.iter().any(|role| role == "admin"));
        Ok(Principal {
            user_id: UserId::new(claims.sub),
            is_admin,
            scopes,
            session: claims.sid.or(claims.jti),
        })
    }
}

fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "signature",
        ErrorKind::ExpiredSignature => "expired",
        ErrorKind::ImmatureSignature => "not valid yet",
        ErrorKind::InvalidIssuer => "issuer",
        ErrorKind::InvalidAudience => "audience",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "algorithm",
        ErrorKind::MissingRequiredClaim(_) => "a required claim is missing",
        ErrorKind::Json(_) => "claims",
        _ => "malformed",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn rules() -> TokenRules {
        TokenRules {
            issuer: Some("auth".to_owned()),
            audience: Some("profiles".to_owned()),
            leeway: 5,
        }
    }

    fn sign(algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
        jsonwebtoken::encode(
            &Header::new(algorithm),
            claims,
            &EncodingKey::from_secret(secret),
        )
        .unwrap()
    }

    fn claims(change: Value) -> Value {
        let mut claims = json!({
            "sub": "0190c1f4-2b5e-7c3a-9d8e-1f2a3b4c5d6e", "exp": 4_000_000_000_u64, "iss": "auth", "aud": ["profiles", "x"],
        });
        let (Value::Object(all), Value::Object(change)) = (&mut claims, change) else {
            unreachable!()
        };
        for (name, value) in change {
            if value.is_null() {
                all.remove(&name);
            } else {
                all.insert(name, value);
            }
        }
        claims
    }

    async fn verify(token: &str) -> Result<Principal, TokenError> {
        SecretTokens::new(SECRET, HmacAlgorithm::Hs256, &rules())
            .verify(token)
            .await
    }

    #[tokio::test]
    async fn a_good_token_names_its_bearer_and_their_rights() {
        let token = sign(
            Algorithm::HS256,
            SECRET,
            &claims(
                json!({"roles": ["staff", "admin"], "scope": "users:read other", "jti": "j", "sid": "s"}),
            ),
        );
        let principal = verify(&token).await.unwrap();
        assert!(
            principal.is_admin
                && principal.scopes.has(Scope::UsersRead)
                && !principal.scopes.has(Scope::UsersWrite)
        );
        assert_eq!(principal.session.as_deref(), Some("s"));
    }

    #[tokio::test]
    async fn a_token_that_breaks_any_rule_is_refused() {
        for change in [
            json!({"exp": null}),
            json!({"exp": 1}),
            json!({"exp": "4000000000"}),
            json!({"nbf": 4_000_000_000_u64}),
            json!({"nbf": "soon"}),
            json!({"iat": "then"}),
            json!({"sub": null}),
            json!({"sub": "ana"}),
            json!({"iss": null}),
            json!({"iss": "other"}),
            json!({"aud": null}),
            json!({"aud": "other"}),
            json!({"roles": "admin"}),
            json!({"roles": [1]}),
            json!({"scope": ["users:read"]}),
        ] {
            let token = sign(Algorithm::HS256, SECRET, &claims(change.clone()));
            assert!(
                matches!(verify(&token).await, Err(TokenError::Invalid(_))),
                "{change}"
            );
        }
        for token in [
            sign(Algorithm::HS512, SECRET, &claims(json!({}))),
            sign(
                Algorithm::HS256,
                b"another secret of enough length!",
                &claims(json!({})),
            ),
            format!(
                "{}.{}.",
                b64(r#"{"alg":"none"}"#),
                b64(&claims(json!({})).to_string())
            ),
            String::new(),
            "a.b.c".to_owned(),
        ] {
            assert!(
                matches!(verify(&token).await, Err(TokenError::Invalid(_))),
                "{token}"
            );
        }
    }

    fn b64(text: &str) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    }
}
