//! Forged tokens, which every verifier must refuse.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// The issuer that the verifier under test trusts.
pub(crate) const ISSUER: &str = "https://auth.example";
/// The audience that the verifier under test is.
pub(crate) const AUDIENCE: &str = "profiles";
/// The bearer of good tokens.
pub(crate) const SUB: &str = "0190c1f4-2b5e-7c3a-9d8e-1f2a3b4c5d6e";

/// Whoever signs tokens that the verifier under test trusts.
pub(crate) struct Signer {
    /// The algorithm that the key is for.
    pub(crate) algorithm: Algorithm,
    /// Its private key.
    pub(crate) key: EncodingKey,
    /// The name of the key.
    pub(crate) kid: Option<String>,
    /// Every form in which its public key may be known to an attacker.
    pub(crate) public: Vec<Vec<u8>>,
}

impl Signer {
    /// A token whose bearer is to be let in.
    pub(crate) fn good(&self) -> String {
        self.sign(&self.header(json!({})), &claims(json!({})))
    }

    /// A token with these claims changed; null leaves one out.
    pub(crate) fn with_claims(&self, change: Value) -> String {
        self.sign(&self.header(json!({})), &claims(change))
    }

    /// A token with these header parameters changed; null leaves one out.
    pub(crate) fn with_header(&self, change: Value) -> String {
        self.sign(&self.header(change), &claims(json!({})))
    }

    fn header(&self, change: Value) -> Value {
        let header = json!({"alg": self.algorithm, "typ": "at+jwt", "kid": self.kid});
        changed(changed(json!({}), header), change)
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    fn sign_text(&self, header: &str, claims: &str) -> String {
        sign(header, claims, &self.key, self.algorithm)
    }
}

/// The claims of a good token with these changed; null leaves one out.
pub(crate) fn claims(change: Value) -> Value {
    let good = json!({"sub": SUB, "exp": 4_000_000_000_u64, "iat": 1_700_000_000, "iss": ISSUER,
        "aud": [AUDIENCE, "other"], "sid": "s", "scope": "users:read"});
    changed(good, change)
}

fn changed(mut all: Value, change: Value) -> Value {
    let (Value::Object(members), Value::Object(change)) = (&mut all, change) else {
        unreachable!("both are objects")
    };
    for (name, value) in change {
        if value.is_null() {
            members.remove(&name);
        } else {
            members.insert(name, value);
        }
    }
    all
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sign(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", b64(header), b64(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// A new private key for RSA with this many bits, and its public key as DER.
pub(crate) fn rsa_key(size: KeySize) -> (EncodingKey, Vec<u8>) {
    let pair = KeyPair::generate(size).unwrap();
    let pkcs8 = pair.as_der().unwrap();
    // The PKCS #1 key within PKCS #8 begins after 26 bytes for all sizes from 2048 to 8192 bits.
    let key = EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..]);
    (key, pair.public_key().as_ref().to_vec())
}

/// Every forgery, with a name. The verifier must take `signer.good()`, and trust `ISSUER` and `AUDIENCE`.
pub(crate) fn forgeries(signer: &Signer) -> Vec<(String, String)> {
    let mut all = Vec::new();
    unsigned(signer, &mut all);
    wrong_algorithms(signer, &mut all);
    own_keys(signer, &mut all);
    wrong_headers(signer, &mut all);
    wrong_claims(signer, &mut all);
    wrong_shapes(signer, &mut all);
    all
}

type List = Vec<(String, String)>;

fn unsigned(signer: &Signer, all: &mut List) {
    let good = signer.good();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let payload = message.split_once('.').unwrap().1;
    for alg in ["none", "None", "NONE", "nOnE", "", " none"] {
        let header = b64(signer.header(json!({"alg": alg})).to_string());
        for (signature, with) in [("", "no"), (signature, "the old"), ("AAAA", "some")] {
            all.push((
                format!("alg {alg:?} with {with} signature"),
                format!("{header}.{payload}.{signature}"),
            ));
        }
    }
    for (name, token) in [
        ("signature stripped", format!("{message}.")),
        ("signature and dot stripped", message.to_owned()),
        (
            "signature cut",
            format!("{message}.{}", &signature[..signature.len() - 4]),
        ),
        ("signature longer", format!("{good}AAAA")),
        ("signature padded", format!("{good}=")),
        (
            "signature of zeros",
            format!("{message}.{}", b64([0_u8; 64])),
        ),
    ] {
        all.push((name.to_owned(), token));
    }
    let other = signer.with_claims(json!({"sub": "0190c1f4-2b5e-7c3a-9d8e-000000000000"}));
    let stolen = other.rsplit_once('.').unwrap().1;
    all.push((
        "signature of another token".to_owned(),
        format!("{message}.{stolen}"),
    ));
    let promoted = b64(claims(json!({"roles": ["admin"]})).to_string());
    let header = message.split_once('.').unwrap().0;
    all.push((
        "claims changed".to_owned(),
        format!("{header}.{promoted}.{signature}"),
    ));
}

fn wrong_algorithms(signer: &Signer, all: &mut List) {
    use Algorithm::{
        ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
    };
    let siblings: &[Algorithm] = match signer.algorithm {
        HS256 => &[HS384, HS512],
        RS256 => &[RS384, RS512, PS256, PS384, PS512],
        PS256 => &[RS256, RS384, RS512, PS384, PS512],
        _ => &[],
    };
    for &algorithm in siblings {
        let header = signer.header(json!({"alg": algorithm}));
        all.push((
            format!("same key with {algorithm:?}"),
            sign(
                &header.to_string(),
                &claims(json!({})).to_string(),
                &signer.key,
                algorithm,
            ),
        ));
    }
    let good = signer.good();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let payload = message.split_once('.').unwrap().1;
    let others = [HS256, HS384, RS256, RS512, PS256, ES256, ES384, EdDSA];
    for algorithm in others.into_iter().filter(|a| *a != signer.algorithm) {
        let header = b64(signer.header(json!({"alg": algorithm})).to_string());
        all.push((
            format!("{algorithm:?} in name only"),
            format!("{header}.{payload}.{signature}"),
        ));
    }
    for alg in ["ES512", "ES256K", "RS1", "HS1", "Ed25519", "dir", "A128KW"] {
        all.push((
            format!("alg {alg}"),
            signer.with_header(json!({"alg": alg})),
        ));
    }
    let lower = format!("{:?}", signer.algorithm).to_ascii_lowercase();
    all.push((
        "alg in lower case".to_owned(),
        signer.with_header(json!({"alg": lower})),
    ));
    for (form, public) in signer.public.iter().enumerate() {
        for algorithm in [HS256, HS384, HS512] {
            all.push((
                format!("public key, form {form}, as the secret of {algorithm:?}"),
                sign(
                    &signer.header(json!({"alg": algorithm})).to_string(),
                    &claims(json!({})).to_string(),
                    &EncodingKey::from_secret(public),
                    algorithm,
                ),
            ));
        }
    }
}

/// Tokens signed with a key that the attacker brings along.
fn own_keys(signer: &Signer, all: &mut List) {
    let (rsa, _) = rsa_key(KeySize::Rsa2048);
    let jwk =
        serde_json::to_value(Jwk::from_encoding_key(&rsa, Algorithm::RS256).unwrap()).unwrap();
    let hmac = EncodingKey::from_secret(b"");
    let secret = EncodingKey::from_secret(b"another secret of sufficient length");
    let oct = json!({"kty": "oct", "k": "", "alg": "HS256"});
    let chain = json!(["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"]);
    let away = "http://127.0.0.1:9/keys";
    for (key, algorithm, own) in [
        (&rsa, Algorithm::RS256, &jwk),
        (&hmac, Algorithm::HS256, &oct),
        (&secret, Algorithm::HS256, &oct),
    ] {
        for kid in [json!(signer.kid), json!("unheard-of"), Value::Null] {
            for (name, brought) in [
                ("nothing", json!({})),
                ("jwk", json!({"jwk": own})),
                ("jku", json!({"jku": away})),
                ("x5u", json!({"x5u": away})),
                ("x5c", json!({"x5c": chain})),
            ] {
                let header = changed(
                    signer.header(json!({"alg": algorithm, "kid": kid})),
                    brought,
                );
                all.push((
                    format!("own {algorithm:?} key, kid {kid}, with {name}"),
                    sign(
                        &header.to_string(),
                        &claims(json!({})).to_string(),
                        key,
                        algorithm,
                    ),
                ));
            }
        }
        for kid in [
            "../../../../dev/null",
            "/proc/sys/kernel/randomize_va_space",
            "file:///dev/null",
            "' OR '1'='1",
            "x' UNION SELECT 'AA'; --",
            "|sleep 5",
            "\u{0}",
            "",
        ] {
            let header = signer.header(json!({"alg": algorithm, "kid": kid}));
            all.push((
                format!("own {algorithm:?} key, kid {kid:?}"),
                sign(
                    &header.to_string(),
                    &claims(json!({})).to_string(),
                    key,
                    algorithm,
                ),
            ));
        }
    }
}

/// Well signed, and yet wrong.
fn wrong_headers(signer: &Signer, all: &mut List) {
    for change in [
        json!({"typ": "JWE"}),
        json!({"typ": "logout+jwt"}),
        json!({"typ": "dpop+jwt"}),
        json!({"typ": "id_token"}),
        json!({"typ": 5}),
        json!({"typ": ["JWT"]}),
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"crit": "exp"}),
        json!({"kid": "k".repeat(257)}),
        json!({"kid": 1}),
        json!({"kid": {"kid": "a"}}),
        json!({"alg": null}),
        json!({"alg": 5}),
        json!({"alg": [signer.algorithm]}),
    ] {
        all.push((format!("header {change}"), signer.with_header(change)));
    }
    let twice = format!(
        r#"{{"alg":"none",{}"#,
        &signer.header(json!({})).to_string()[1..]
    );
    all.push((
        "alg given twice".to_owned(),
        signer.sign_text(&twice, &claims(json!({})).to_string()),
    ));
}

fn wrong_claims(signer: &Signer, all: &mut List) {
    for change in [
        json!({"exp": null}),
        json!({"exp": 1}),
        json!({"exp": 1_700_000_000}),
        json!({"exp": "4000000000"}),
        json!({"exp": true}),
        json!({"exp": [4_000_000_000_u64]}),
        json!({"exp": {}}),
        json!({"exp": -4_000_000_000_i64}),
        json!({"exp": 1e300}),
        json!({"exp": 4_000_000_000_000_u64}),
        json!({"nbf": 4_000_000_000_u64}),
        json!({"nbf": "soon"}),
        json!({"nbf": [0]}),
        json!({"nbf": -1}),
        json!({"iat": "then"}),
        json!({"iat": false}),
        json!({"iat": 1e300}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "ana"}),
        json!({"sub": 5}),
        json!({"sub": [SUB]}),
        json!({"sub": format!("{SUB} ")}),
        json!({"sub": format!("{SUB}'--")}),
        json!({"iss": null}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": format!("{ISSUER}/")}),
        json!({"iss": [ISSUER]}),
        json!({"iss": [ISSUER, "https://evil.example"]}),
        json!({"aud": null}),
        json!({"aud": "other"}),
        json!({"aud": []}),
        json!({"aud": 5}),
        json!({"aud": [AUDIENCE, 5]}),
        json!({"aud": {AUDIENCE: true}}),
        json!({"aud": format!("{AUDIENCE} other")}),
        json!({"roles": "admin"}),
        json!({"roles": [1]}),
        json!({"roles": {"admin": true}}),
        json!({"scope": ["users:read"]}),
        json!({"scope": 5}),
        json!({"sid": 5}),
        json!({"sid": ""}),
        json!({"sid": "a\nb"}),
        json!({"sid": "s".repeat(256)}),
        json!({"jti": 5}),
        json!({"sid": null, "jti": " "}),
    ] {
        all.push((format!("claims {change}"), signer.with_claims(change)));
    }
    let header = signer.header(json!({})).to_string();
    let text = claims(json!({})).to_string();
    for again in [
        r#""sub":"0190c1f4-2b5e-7c3a-9d8e-000000000000""#,
        r#""exp":1"#,
        r#""iss":"https://evil.example""#,
        r#""aud":"other""#,
        r#""scope":"users:admin""#,
    ] {
        for twice in [
            format!("{{{again},{}", &text[1..]),
            format!("{},{again}}}", &text[..text.len() - 1]),
        ] {
            all.push((
                format!("{again} besides the good one"),
                signer.sign_text(&header, &twice),
            ));
        }
    }
}

fn wrong_shapes(signer: &Signer, all: &mut List) {
    let header = signer.header(json!({})).to_string();
    for payload in [
        "",
        "5",
        "null",
        "[]",
        "\"x\"",
        "{",
        "{\"sub\"}",
        "\u{feff}{}",
    ] {
        all.push((
            format!("payload {payload:?}"),
            signer.sign_text(&header, payload),
        ));
    }
    let good = signer.good();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    for (name, token) in [
        (
            "64 KiB",
            signer.with_claims(json!({"x": "x".repeat(48 * 1024)})),
        ),
        ("64 KiB of dots", ".".repeat(64 * 1024)),
        ("nothing", String::new()),
        ("a word", "token".to_owned()),
        ("two dots", "..".to_owned()),
        ("not base64", "a.b.c".to_owned()),
        ("four parts", format!("{good}.{signature}")),
        (
            "five parts",
            format!("{head}.{payload}.AAAA.{signature}.AAAA"),
        ),
        ("a part before", format!(".{good}")),
        ("a space before", format!(" {good}")),
        ("a line after", format!("{good}\n")),
        ("padded header", format!("{head}=.{payload}.{signature}")),
        (
            "JSON serialisation",
            json!({"payload": payload, "protected": head, "signature": signature}).to_string(),
        ),
        ("not ASCII", format!("é{good}")),
    ] {
        all.push((name.to_owned(), token));
    }
}
