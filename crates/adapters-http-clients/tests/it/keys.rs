//! Real keys, and how they are published.

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::forgeries::{Signer, rsa_key};
use crate::server::Reply;

/// A new signer with a key of this name.
pub(crate) fn signer(algorithm: Algorithm, kid: &str) -> Signer {
    let random = aws_lc_rs::rand::SystemRandom::new();
    let ec = |alg| {
        let document = EcdsaKeyPair::generate_pkcs8(alg, &random).unwrap();
        EncodingKey::from_ec_der(document.as_ref())
    };
    let (key, der) = match algorithm {
        Algorithm::ES256 => (ec(&ECDSA_P256_SHA256_FIXED_SIGNING), vec![]),
        Algorithm::ES384 => (ec(&ECDSA_P384_SHA384_FIXED_SIGNING), vec![]),
        Algorithm::EdDSA => {
            let document = Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
            (EncodingKey::from_ed_der(document.as_ref()), vec![])
        }
        _ => rsa_key(KeySize::Rsa2048),
    };
    let mut signer = Signer {
        algorithm,
        key,
        kid: Some(kid.to_owned()),
        public: vec![],
    };
    let jwk = public(&signer);
    signer.public = forms(&jwk, der);
    signer
}

/// Every form in which an attacker may hold a public key.
fn forms(jwk: &Value, der: Vec<u8>) -> Vec<Vec<u8>> {
    let mut forms = vec![jwk.to_string().into_bytes()];
    for member in ["n", "x", "y"] {
        if let Some(text) = jwk[member].as_str() {
            forms.push(text.as_bytes().to_vec());
            forms.push(URL_SAFE_NO_PAD.decode(text).unwrap());
        }
    }
    if !der.is_empty() {
        let lines: Vec<String> = STANDARD
            .encode(&der)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8(line.to_vec()).unwrap())
            .collect();
        let pem = |end| {
            format!(
                "-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----{end}",
                lines.join("\n")
            )
        };
        forms.extend([pem("").into_bytes(), pem("\n").into_bytes(), der]);
    }
    forms
}

/// The public key of a signer.
pub(crate) fn public(signer: &Signer) -> Value {
    let jwk = Jwk::from_encoding_key(&signer.key, signer.algorithm).unwrap();
    let mut jwk = serde_json::to_value(jwk).unwrap();
    jwk["kid"] = json!(signer.kid);
    jwk["use"] = json!("sig");
    jwk
}

/// The answer that publishes the keys of these signers.
pub(crate) fn published(signers: &[&Signer]) -> Reply {
    let keys: Vec<Value> = signers.iter().map(|signer| public(signer)).collect();
    Reply::ok(json!({"keys": keys}).to_string())
}
