//! The keys of an Auth Service: a JWK Set (RFC 7517).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use user_service_adapters_jwt::{UnverifiedToken, VerifyingKey};

/// What an RSA key without `alg` is taken for.
const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// The sizes of RSA keys that are strong enough, and not so large that verifying stops the service.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Most keys in a set.
const MAX_KEYS: usize = 256;

/// Keys that can be used; there is at least one.
pub(crate) struct KeySet {
    keys: Vec<NamedKey>,
    /// How many others were in the set.
    pub(crate) passed_over: usize,
}

struct NamedKey {
    id: Option<String>,
    key: Arc<VerifyingKey>,
}

/// What a set has for a token.
pub(crate) enum Found {
    /// The one key that fits.
    Key(Arc<VerifyingKey>),
    /// No key of that name; where the token names none, no key for its algorithm.
    Unknown,
    /// No key may be used for this token.
    Unfit(&'static str),
}

impl KeySet {
    /// Reads the usable keys of a set. What is wrong with a set is said where none is left.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Wire {
            keys: Vec<serde_json::Value>,
        }
        let wire = serde_json::from_slice::<Wire>(json).map_err(|_wrong| "no JWK Set")?;
        if wire.keys.len() > MAX_KEYS {
            return Err("too many keys");
        }
        let all = wire.keys.len();
        let keys: Vec<NamedKey> = wire
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value::<Jwk>(key).ok()?.usable())
            .collect();
        if keys.is_empty() {
            return Err("no usable key");
        }
        let passed_over = all - keys.len();
        Ok(Self { keys, passed_over })
    }

    /// How many keys can be used.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The key for a token: by its `kid`, and where it has none the only one for its algorithm.
    pub(crate) fn find(&self, token: &UnverifiedToken<'_>) -> Found {
        let named = || {
            self.keys
                .iter()
                .filter(|key| token.key_id().is_none() || key.id.as_deref() == token.key_id())
        };
        let mut fitting = named().filter(|key| key.key.takes(token.algorithm()));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Found::Key(Arc::clone(&one.key)),
            (Some(_), Some(_)) => Found::Unfit("more than one key fits"),
            (None, _) if token.key_id().is_some() && named().next().is_some() => {
                Found::Unfit("algorithm")
            }
            (None, _) => Found::Unknown,
        }
    }
}

/// A key as it is read (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(flatten)]
    private: Private,
}

/// Members that only a private or secret key has. One of those in public is nobody's secret any longer.
#[derive(Deserialize)]
struct Private {
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

impl Private {
    const fn is_empty(&self) -> bool {
        self.d.is_none()
            && self.p.is_none()
            && self.q.is_none()
            && self.dp.is_none()
            && self.dq.is_none()
            && self.qi.is_none()
            && self.oth.is_none()
            && self.k.is_none()
    }
}

impl Jwk {
    /// The key, if it is a public one to verify with, strong enough, and of a kind that is known.
    fn usable(self) -> Option<NamedKey> {
        let verifies = self.purpose.as_deref().is_none_or(|name| name == "sig")
            && self
                .key_ops
                .as_ref()
                .is_none_or(|names| names.iter().any(|name| name == "verify"));
        let reachable = self
            .kid
            .as_ref()
            .is_none_or(|kid| kid.len() <= UnverifiedToken::MAX_KEY_ID);
        if !verifies || !reachable || !self.private.is_empty() {
            return None;
        }
        let (key, algorithms) = match self.kty.as_str() {
            "RSA" => (self.rsa()?, RSA.as_slice()),
            "EC" => match self.crv.as_deref()? {
                "P-256" => (self.ec(32)?, [Algorithm::ES256].as_slice()),
                "P-384" => (self.ec(48)?, [Algorithm::ES384].as_slice()),
                _ => return None,
            },
            "OKP" if self.crv.as_deref() == Some("Ed25519") => {
                (self.ed25519()?, [Algorithm::EdDSA].as_slice())
            }
            _ => return None,
        };
        let algorithms: Vec<Algorithm> = match self.alg.as_deref() {
            None => algorithms.to_vec(),
            // RFC 9864 section 2.2: the same algorithm by its full name.
            Some("Ed25519") if algorithms == [Algorithm::EdDSA] => algorithms.to_vec(),
            Some(name) => {
                let algorithm = name.parse().ok()?;
                algorithms.contains(&algorithm).then(|| vec![algorithm])?
            }
        };
        Some(NamedKey {
            id: self.kid,
            key: Arc::new(VerifyingKey::new(key, algorithms)),
        })
    }

    fn rsa(&self) -> Option<DecodingKey> {
        let (n, e) = (number(self.n.as_ref())?, number(self.e.as_ref())?);
        let bits = n.len() * 8 - usize::try_from(n.first()?.leading_zeros()).ok()?;
        let small_and_odd = e.len() <= 4 && e.last()? % 2 == 1 && e != [1];
        (RSA_BITS.contains(&bits) && small_and_odd)
            .then(|| DecodingKey::from_rsa_raw_components(&n, &e))
    }

    fn ec(&self, length: usize) -> Option<DecodingKey> {
        let (x, y) = (self.x.as_ref()?, self.y.as_ref()?);
        let right = bytes(Some(x))?.len() == length && bytes(Some(y))?.len() == length;
        right
            .then(|| DecodingKey::from_ec_components(x, y).ok())
            .flatten()
    }

    fn ed25519(&self) -> Option<DecodingKey> {
        let x = self.x.as_ref()?;
        (bytes(Some(x))?.len() == 32)
            .then(|| DecodingKey::from_ed_components(x).ok())
            .flatten()
    }
}

fn bytes(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

/// A number without leading zeros.
fn number(text: Option<&String>) -> Option<Vec<u8>> {
    let bytes = bytes(text)?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn b64(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn rsa(bits: usize) -> Value {
        let mut n = vec![0xff; bits / 8];
        n[0] = 0x80;
        json!({"kty": "RSA", "kid": "r", "n": b64(&n), "e": "AQAB"})
    }

    fn with(mut key: Value, member: &str, value: Value) -> Value {
        key[member] = value;
        key
    }

    fn ec(curve: &str, length: usize) -> Value {
        let part = b64(&vec![7; length]);
        json!({"kty": "EC", "kid": "e", "crv": curve, "x": part, "y": part})
    }

    fn ed() -> Value {
        json!({"kty": "OKP", "kid": "o", "crv": "Ed25519", "x": b64(&[7; 32])})
    }

    fn parse(keys: &[Value]) -> Result<KeySet, &'static str> {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes())
    }

    fn find(set: &KeySet, header: &Value) -> Found {
        let token = format!("{}.e30.AAAA", b64(header.to_string().as_bytes()));
        set.find(&UnverifiedToken::read(&token).unwrap())
    }

    #[test]
    fn a_key_is_for_the_algorithms_of_its_kind_alone() {
        let es256 = with(ec("P-256", 32), "use", json!("sig"));
        let rs256 = with(rsa(2048), "alg", json!("RS256"));
        for (key, algorithms) in [
            (rsa(2048), "RS256 RS384 RS512 PS256 PS384 PS512"),
            (rs256, "RS256"),
            (with(rsa(8192), "alg", json!("PS512")), "PS512"),
            (es256, "ES256"),
            (ec("P-384", 48), "ES384"),
            (ed(), "EdDSA"),
            (with(ed(), "alg", json!("Ed25519")), "EdDSA"),
            (with(ed(), "key_ops", json!(["verify"])), "EdDSA"),
        ] {
            let set = parse(std::slice::from_ref(&key)).unwrap();
            for algorithm in [
                "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                "ES256", "ES384", "EdDSA",
            ] {
                let found = find(&set, &json!({"alg": algorithm}));
                let fits = algorithms.split(' ').any(|name| name == algorithm);
                assert_eq!(matches!(found, Found::Key(_)), fits, "{algorithm}: {key}");
            }
        }
    }

    #[test]
    fn a_key_that_is_weak_private_or_for_something_else_is_passed_over() {
        let bad = [
            rsa(512),
            rsa(1024),
            rsa(2040),
            rsa(8200),
            with(rsa(2048), "n", json!(format!("AAAA{}", b64(&[0xff; 128])))),
            with(rsa(2048), "e", json!("AQ")),
            with(rsa(2048), "e", json!("AAE")),
            with(rsa(2048), "e", json!("AQAA")),
            with(rsa(2048), "e", json!("")),
            with(rsa(2048), "n", json!("no base64!")),
            with(rsa(2048), "n", json!(5)),
            with(rsa(2048), "d", json!("AQAB")),
            with(rsa(2048), "oth", json!([])),
            with(rsa(2048), "use", json!("enc")),
            with(rsa(2048), "key_ops", json!(["encrypt"])),
            with(rsa(2048), "alg", json!("RSA-OAEP")),
            with(rsa(2048), "alg", json!("HS256")),
            with(rsa(2048), "alg", json!("ES256")),
            with(rsa(2048), "kid", json!("k".repeat(257))),
            with(rsa(2048), "kty", json!("rsa")),
            with(ec("P-256", 32), "d", json!("AQAB")),
            with(ec("P-256", 32), "alg", json!("ES384")),
            ec("P-256", 31),
            ec("P-256", 48),
            ec("P-384", 32),
            ec("P-521", 66),
            ec("secp256k1", 32),
            with(ed(), "d", json!("AQAB")),
            with(ed(), "crv", json!("X25519")),
            with(ed(), "crv", json!("Ed448")),
            with(ed(), "x", json!(b64(&[7; 31]))),
            json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "HS256"}),
            json!({"kid": "x"}),
            json!({}),
            json!("key"),
            Value::Null,
        ];
        for key in &bad {
            assert_eq!(
                parse(std::slice::from_ref(key)).err(),
                Some("no usable key"),
                "{key}"
            );
        }
        let mut all = bad.to_vec();
        all.push(ed());
        let set = parse(&all).unwrap();
        assert_eq!((set.len(), set.passed_over), (1, bad.len()));
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for (text, says) in [
            ("", "no JWK Set"),
            ("<html>", "no JWK Set"),
            ("[]", "no JWK Set"),
            ("{}", "no JWK Set"),
            ("{\"keys\":{}}", "no JWK Set"),
            ("{\"keys\":[]}", "no usable key"),
        ] {
            assert_eq!(KeySet::parse(text.as_bytes()).err(), Some(says), "{text}");
        }
        assert_eq!(parse(&vec![ed(); 257]).err(), Some("too many keys"));
    }

    #[test]
    fn a_key_is_found_by_its_name_and_without_one_only_where_one_alone_fits() {
        let set = parse(&[
            with(rsa(2048), "kid", json!("a")),
            with(rsa(2048), "kid", json!("b")),
            ed(),
        ])
        .unwrap();
        let of = |alg: &str, kid: Value| match find(&set, &json!({"alg": alg, "kid": kid})) {
            Found::Key(_) => "key",
            Found::Unknown => "unknown",
            Found::Unfit(why) => why,
        };
        assert_eq!(of("RS256", json!("a")), "key");
        assert_eq!(of("RS256", json!("o")), "algorithm");
        assert_eq!(of("RS256", json!("A")), "unknown");
        assert_eq!(of("RS256", json!("")), "unknown");
        assert_eq!(of("EdDSA", Value::Null), "key");
        assert_eq!(of("RS256", Value::Null), "more than one key fits");
        assert_eq!(of("ES256", Value::Null), "unknown");
    }
}
