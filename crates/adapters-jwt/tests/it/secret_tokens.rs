//! Tokens under a shared secret.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;
use user_service_adapters_jwt::{HmacAlgorithm, IssuedClaims, SecretTokens, TokenRules};
use user_service_domain::identity::{Scope, TokenError, TokenVerifier};
use user_service_domain::session::SessionToken;
use user_service_testkit::FixedClock;

use crate::forgeries::{AUDIENCE, ISSUER, SUB, Signer, forgeries};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

fn rules() -> TokenRules {
    TokenRules {
        issuer: Some(ISSUER.to_owned()),
        audience: Some(AUDIENCE.to_owned()),
        leeway: 5,
    }
}

fn verifier() -> SecretTokens {
    SecretTokens::new(
        SECRET,
        HmacAlgorithm::Hs256,
        rules(),
        Arc::new(FixedClock::default()),
    )
}

fn signer() -> Signer {
    Signer {
        algorithm: Algorithm::HS256,
        key: EncodingKey::from_secret(SECRET),
        kid: None,
        public: vec![],
    }
}

#[tokio::test]
async fn a_good_token_names_its_bearer_and_their_rights() {
    let bearer = verifier().verify(&signer().good()).await.unwrap();
    assert_eq!(bearer.user_id.to_string(), SUB);
    assert!(!bearer.is_admin && bearer.scopes.has(Scope::UsersRead));
    assert_eq!(bearer.session, Some(SessionToken::parse("s").unwrap()));
    assert_eq!(bearer.expires_at.timestamp(), 4_000_000_000);
}

#[tokio::test]
async fn every_forgery_is_refused() {
    let verifier = verifier();
    for (name, token) in forgeries(&signer()) {
        let verdict = verifier.verify(&token).await;
        assert!(
            matches!(verdict, Err(TokenError::Invalid(_))),
            "{name}: {verdict:?}"
        );
    }
}

#[tokio::test]
async fn only_the_one_algorithm_is_taken() {
    for (algorithm, name) in [
        (HmacAlgorithm::Hs256, Algorithm::HS256),
        (HmacAlgorithm::Hs384, Algorithm::HS384),
        (HmacAlgorithm::Hs512, Algorithm::HS512),
    ] {
        let verifier =
            SecretTokens::new(SECRET, algorithm, rules(), Arc::new(FixedClock::default()));
        for signed in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let signer = Signer {
                algorithm: signed,
                ..signer()
            };
            let verdict = verifier.verify(&signer.good()).await;
            assert_eq!(verdict.is_ok(), signed == name, "{signed:?} for {name:?}");
        }
    }
}

#[tokio::test]
async fn what_is_issued_is_taken() {
    let verifier = verifier();
    let claims = IssuedClaims {
        sub: SUB.parse().unwrap(),
        exp: 4_000_000_000,
        iss: Some(ISSUER.to_owned()),
        aud: Some(AUDIENCE.to_owned()),
        roles: vec!["admin".to_owned()],
        jti: Some("j".to_owned()),
        name: Some("Ana".to_owned()),
        zoneinfo: Some("Europe/Lisbon".to_owned()),
        ..IssuedClaims::default()
    };
    let token = verifier.issue(&claims).unwrap();
    let bearer = verifier.verify(&token).await.unwrap();
    assert!(bearer.is_admin);
    assert_eq!(bearer.session, Some(SessionToken::parse("j").unwrap()));
    let about = bearer.about.unwrap();
    assert_eq!(about.name.as_deref(), Some("Ana"));
    assert_eq!(about.zoneinfo.as_deref(), Some("Europe/Lisbon"));
}

#[tokio::test]
async fn issuer_and_audience_are_free_where_no_rule_names_them() {
    let verifier = SecretTokens::new(
        SECRET,
        HmacAlgorithm::Hs256,
        TokenRules::default(),
        Arc::new(FixedClock::default()),
    );
    for change in [
        json!({}),
        json!({"iss": null, "aud": null}),
        json!({"aud": "anybody"}),
    ] {
        let token = signer().with_claims(change.clone());
        assert!(verifier.verify(&token).await.is_ok(), "{change}");
    }
}
