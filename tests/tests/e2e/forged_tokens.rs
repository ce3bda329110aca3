//! Tokens that nobody issued, or that were issued for something else (RFC 8725).

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::sign as signed;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::harness::App;
use crate::people::{USERS, in_seconds, sign, with};

const ATTACKER: &str = "the attacker's own key, long enough for any algorithm of the HMAC family";

fn claims() -> Value {
    json!({ "sub": Uuid::new_v4().to_string(), "exp": in_seconds(3600), "iat": in_seconds(0) })
}

/// A token of this header and payload as they are, with an HMAC by SHA-256.
fn raw(key: &str, header: &str, payload: &str) -> String {
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let key = EncodingKey::from_secret(key.as_bytes());
    let signature = signed(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn forged(key: &str, header: &Value) -> String {
    raw(key, &header.to_string(), &claims().to_string())
}

/// The private half of a key of RSA.
pub(crate) fn rsa(pair: &KeyPair) -> EncodingKey {
    /// What PKCS #8 puts before the key of PKCS #1, where it has 2048 bits.
    const WRAPPING: usize = 26;
    let der = pair.as_der().unwrap();
    EncodingKey::from_rsa_der(&der.as_ref()[WRAPPING..])
}

/// Wherever a token is needed, and where none is: one that is there must be good.
async fn refused(app: &App, token: &str) {
    for path in [USERS, &format!("{USERS}/me"), "/api/v1/revocations"] {
        let reply = app.get(path).token(token).await;
        assert_eq!(reply.status, 401, "{token}: {}", reply.text());
        reply.refused("invalid-token");
    }
}

async fn let_in(app: &App, token: &str) {
    app.get(USERS).token(token).await.is(200);
}

pub(crate) async fn a_token_without_a_signature_is_refused(app: App) {
    let good = forged(&app.key, &json!({ "alg": "HS256", "typ": "JWT" }));
    let_in(&app, &good).await;
    let (rest, signature) = good.rsplit_once('.').unwrap();
    let payload = rest.split_once('.').unwrap().1;
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "none\u{0}"] {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "typ": "JWT" }).to_string());
        for end in ["", signature] {
            refused(&app, &format!("{header}.{payload}.{end}")).await;
        }
    }
    for token in [
        rest.to_owned(),
        format!("{rest}."),
        format!("{rest}.{}", &signature[1..]),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!("{good}="),
        format!("{good}.x.y"),
        format!(".{good}"),
    ] {
        refused(&app, &token).await;
    }
}

pub(crate) async fn another_algorithm_is_refused(app: App) {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        refused(&app, &sign(algorithm, &app.key, &claims())).await;
    }
    for alg in [
        "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "hs256", "HS256 ", "HS1", "A256GCM",
    ] {
        refused(&app, &forged(&app.key, &json!({ "alg": alg }))).await;
    }
    for header in [
        r#"{"typ":"JWT"}"#,
        r#"{"alg":null}"#,
        r#"{"alg":256}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"["HS256"]"#,
        "HS256",
        "",
    ] {
        refused(&app, &raw(&app.key, header, &claims().to_string())).await;
    }
    // Signed in earnest with a key of another kind, which nobody here trusts.
    let key = rsa(&KeyPair::generate(KeySize::Rsa2048).unwrap());
    for algorithm in [Algorithm::RS256, Algorithm::PS512] {
        let jwk = Jwk::from_encoding_key(&key, algorithm).unwrap();
        let header = Header {
            jwk: Some(jwk),
            ..Header::new(algorithm)
        };
        let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
        refused(&app, &token).await;
    }
}

pub(crate) async fn another_key_is_refused(app: App) {
    for key in [
        ATTACKER,
        "",
        "\n",
        "secret",
        &format!("{}\n", app.key),
        &app.key[1..],
        &app.key.to_uppercase(),
    ] {
        refused(&app, &forged(key, &json!({ "alg": "HS256" }))).await;
    }
}

pub(crate) async fn a_token_does_not_choose_its_key(app: App) {
    let jwk = json!({ "kty": "oct", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode(ATTACKER) });
    let certificate = STANDARD.encode(ATTACKER);
    for extra in [
        json!({ "jwk": jwk }),
        json!({ "jwk": jwk, "kid": "attacker" }),
        json!({ "jku": "https://attacker.example/jwks.json" }),
        json!({ "jku": "http://127.0.0.1:1/.well-known/jwks.json", "kid": "attacker" }),
        json!({ "x5u": "https://attacker.example/chain.pem" }),
        json!({ "x5c": [certificate] }),
    ] {
        let mut header = json!({ "alg": "HS256", "typ": "JWT" });
        for (name, value) in extra.as_object().unwrap() {
            header[name] = value.clone();
        }
        refused(&app, &forged(ATTACKER, &header)).await;
    }
    // Signed with what a careless server would find under the name: nothing, or a line of a file.
    for kid in [
        "../../../../../../dev/null",
        "/dev/null",
        "file:///dev/null",
        "/proc/sys/kernel/randomize_va_space",
        "' UNION SELECT '' -- ",
        "| cat /dev/null",
        "",
        &"k".repeat(5000),
    ] {
        for key in ["", "2\n", "2", ATTACKER] {
            let token = forged(key, &json!({ "alg": "HS256", "kid": kid }));
            app.get(USERS).token(&token).await.refused("invalid-token");
        }
    }
}

pub(crate) async fn another_kind_of_token_is_refused(app: App) {
    for typ in [
        "secevent+jwt",
        "logout+jwt",
        "dpop+jwt",
        "JOSE+JSON",
        "JWE",
        "application/secevent+jwt",
        "",
    ] {
        refused(
            &app,
            &forged(&app.key, &json!({ "alg": "HS256", "typ": typ })),
        )
        .await;
    }
    for typ in ["JWT", "jwt", "at+jwt", "application/at+jwt"] {
        let_in(
            &app,
            &forged(&app.key, &json!({ "alg": "HS256", "typ": typ })),
        )
        .await;
    }
    // What it demands to be understood is not.
    for crit in [json!(["exp"]), json!(["b64"]), json!([])] {
        let header = json!({ "alg": "HS256", "crit": crit, "b64": false });
        refused(&app, &forged(&app.key, &header)).await;
    }
    let five = [
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0",
        "",
        "AAAA",
        "AAAA",
        "AAAA",
    ]
    .join(".");
    for token in [
        five.as_str(),
        "garbage",
        "a.b.c",
        "..",
        ".",
        "e30.e30.",
        "null",
    ] {
        refused(&app, token).await;
    }
}

pub(crate) async fn a_token_out_of_its_time_is_refused(app: App) {
    for (name, value) in [
        ("exp", json!(in_seconds(-3600))),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!(in_seconds(3600).to_string())),
        ("exp", json!([in_seconds(3600)])),
        ("exp", Value::Null),
        ("nbf", json!(in_seconds(3600))),
        ("nbf", json!("now")),
        ("iat", json!("now")),
        ("iat", json!({})),
    ] {
        let token = sign(Algorithm::HS256, &app.key, &with(claims(), name, value));
        refused(&app, &token).await;
    }
    let eternal = json!({ "sub": Uuid::new_v4().to_string() });
    refused(&app, &sign(Algorithm::HS256, &app.key, &eternal)).await;
    let begun = with(claims(), "nbf", json!(in_seconds(-1)));
    let_in(&app, &sign(Algorithm::HS256, &app.key, &begun)).await;
}

pub(crate) async fn a_token_of_another_issuer_or_audience_is_refused(mut app: App) {
    app.set("JWT_ISSUER", "https://auth.example");
    app.restart_with("JWT_AUDIENCE", "user-service").await;
    let of = |issuer: Value, audience: Value| {
        let claims = with(with(claims(), "iss", issuer), "aud", audience);
        sign(Algorithm::HS256, &app.key, &claims)
    };
    let (issuer, audience) = (json!("https://auth.example"), json!("user-service"));
    let_in(&app, &of(issuer.clone(), audience.clone())).await;
    let several = json!(["other-service", "user-service"]);
    let_in(&app, &of(issuer.clone(), several)).await;
    for wrong in [
        json!("https://auth.example/"),
        json!("https://auth.example.attacker.example"),
        json!("HTTPS://AUTH.EXAMPLE"),
        json!(["https://auth.example"]),
        json!(""),
        Value::Null,
    ] {
        refused(&app, &of(wrong, audience.clone())).await;
    }
    for wrong in [
        json!("other-service"),
        json!(["other-service"]),
        json!("user-service "),
        json!("user"),
        json!({ "user-service": true }),
        json!([["user-service"]]),
        json!([]),
        json!(""),
        Value::Null,
    ] {
        refused(&app, &of(issuer.clone(), wrong)).await;
    }
    refused(&app, &sign(Algorithm::HS256, &app.key, &claims())).await;
}

pub(crate) async fn claims_of_a_wrong_type_are_refused(app: App) {
    for (name, value) in [
        ("sub", json!("ana")),
        ("sub", json!(1)),
        ("sub", json!("")),
        ("sub", json!([Uuid::new_v4().to_string()])),
        ("sub", Value::Null),
        ("roles", json!("admin")),
        ("roles", json!({ "admin": true })),
        ("roles", json!(["user", 1])),
        ("scope", json!(["users:admin"])),
        ("scope", json!(1)),
        ("iss", json!(1)),
        ("aud", json!(1)),
        ("sid", json!(1)),
        ("sid", json!("")),
        ("sid", json!("s".repeat(256))),
        ("sid", json!("line\nbreak")),
        ("jti", json!({})),
    ] {
        let token = sign(Algorithm::HS256, &app.key, &with(claims(), name, value));
        refused(&app, &token).await;
    }
    let nobody = json!({ "exp": in_seconds(3600), "iat": in_seconds(0) });
    refused(&app, &sign(Algorithm::HS256, &app.key, &nobody)).await;
    let (sub, exp) = (Uuid::new_v4(), in_seconds(3600));
    let other = Uuid::new_v4();
    for payload in [
        "",
        "{",
        "null",
        "[]",
        "\u{feff}{}",
        &format!(r#"{{"sub":"{sub}","sub":"{other}","exp":{exp}}}"#),
        &format!(r#"{{"sub":"{sub}","exp":1,"exp":{exp}}}"#),
        &format!(r#"[{{"sub":"{sub}","exp":{exp}}}]"#),
        &format!(r#"{{"sub":"{sub}","exp":{exp}}}x"#),
    ] {
        refused(&app, &raw(&app.key, r#"{"alg":"HS256"}"#, payload)).await;
    }
}

pub(crate) async fn a_large_token_is_refused(app: App) {
    let long = |bytes: usize| {
        let mut claims = claims();
        let without = sign(Algorithm::HS256, &app.key, &claims).len();
        claims["pad"] = json!("x".repeat((bytes - without) * 3 / 4));
        sign(Algorithm::HS256, &app.key, &claims)
    };
    for bytes in [9 * 1024, 16 * 1024, 64 * 1024] {
        let token = long(bytes);
        assert!(token.len() > bytes - 64, "{}", token.len());
        refused(&app, &token).await;
    }
    let_in(&app, &long(4 * 1024)).await;
    // Any other header has the limit of all headers.
    let token = long(1024);
    app.get(USERS)
        .token(&token)
        .header("x-other", &"x".repeat(20 * 1024))
        .await
        .coded(431, "headers-too-large");
    let_in(&app, &token).await;
}

pub(crate) async fn a_token_comes_in_one_header_of_its_scheme(app: App) {
    let token = sign(Algorithm::HS256, &app.key, &claims());
    let_in(&app, &token).await;
    let other = sign(Algorithm::HS256, &app.key, &claims());
    for second in [&token, &other, "garbage"] {
        app.get(USERS)
            .token(&token)
            .header("authorization", &format!("Bearer {second}"))
            .await
            .refused("invalid-token");
    }
    for value in [
        "Bearer", "Bearer ", "Bearer  ", "bearer\t", &token, "Bearer=x",
    ] {
        let reply = app.get(USERS).header("authorization", value).await;
        reply.refused("invalid-token");
    }
    for value in [
        &format!("Basic {token}"),
        "Basic YTpi",
        "Digest username=a",
        &format!("Token {token}"),
        &format!("DPoP {token}"),
    ] {
        let reply = app.get(USERS).header("authorization", value).await;
        reply.refused("missing-token");
    }
    // Nowhere else is a token looked for (RFC 9700 section 2.4).
    app.get(&format!("{USERS}/me?access_token={token}"))
        .await
        .refused("missing-token");
    for name in ["cookie", "x-access-token", "proxy-authorization"] {
        let reply = app
            .get(USERS)
            .header(name, &format!("access_token={token}"))
            .await;
        reply.refused("missing-token");
    }
    let form = format!("access_token={token}");
    app.post(USERS)
        .raw("application/x-www-form-urlencoded", form)
        .await
        .refused("missing-token");
}

/// An Auth Service that publishes this key.
async fn auth_service(key: &Jwk) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    publish(listener, key);
    url
}

/// Answers everybody with this key.
pub(crate) fn publish(listener: TcpListener, key: &Jwk) {
    let body = json!({ "keys": [key] }).to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => request.push(byte),
                    Err(_) => break,
                }
            }
            stream.write_all(answer.as_bytes()).await.ok();
        }
    });
}

pub(crate) async fn a_public_key_is_no_secret(mut app: App) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private = rsa(&pair);
    let mut jwk = Jwk::from_encoding_key(&private, Algorithm::RS256).unwrap();
    jwk.common.key_id = Some("one".to_owned());
    app.set("AUTH_SERVICE_URL", &auth_service(&jwk).await);
    app.unset("JWT_SECRET_KEY");
    app.unset("JWT_ALGORITHM");
    app.set("CURSOR_SECRET_KEY", &"c".repeat(64));
    app.restart_with("AUTH_MODE", "jwks").await;
    let genuine = |kid: Option<&str>, algorithm| {
        let header = Header {
            kid: kid.map(str::to_owned),
            ..Header::new(algorithm)
        };
        jsonwebtoken::encode(&header, &claims(), &private).unwrap()
    };
    let_in(&app, &genuine(Some("one"), Algorithm::RS256)).await;
    // The key is published with its algorithm.
    refused(&app, &genuine(Some("one"), Algorithm::PS256)).await;
    refused(&app, &genuine(Some("one"), Algorithm::RS512)).await;
    refused(&app, &genuine(Some("two"), Algorithm::RS256)).await;

    let public = pair.public_key();
    let spki: PublicKeyX509Der<'_> = public.as_der().unwrap();
    let spki: &[u8] = spki.as_ref();
    let lines: Vec<_> = STANDARD
        .encode(spki)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    );
    let published = json!(jwk);
    let modulus = published["n"].as_str().unwrap();
    let (bytes, json) = (
        URL_SAFE_NO_PAD.decode(modulus).unwrap(),
        published.to_string(),
    );
    let secrets: [&[u8]; 9] = [
        b"",
        spki,
        public.as_ref(),
        pem.as_bytes(),
        pem.trim_end().as_bytes(),
        modulus.as_bytes(),
        &bytes,
        json.as_bytes(),
        app.key.as_bytes(),
    ];
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            for kid in [Some("one".to_owned()), None] {
                let header = Header {
                    kid,
                    ..Header::new(algorithm)
                };
                let key = EncodingKey::from_secret(secret);
                let token = jsonwebtoken::encode(&header, &claims(), &key).unwrap();
                app.get(USERS).token(&token).await.refused("invalid-token");
            }
        }
    }
    // A key of the attacker under the name of the true one.
    let theirs = rsa(&KeyPair::generate(KeySize::Rsa2048).unwrap());
    let own = Jwk::from_encoding_key(&theirs, Algorithm::RS256).unwrap();
    let elsewhere = auth_service(&own).await;
    for header in [
        Header {
            kid: Some("one".to_owned()),
            jwk: Some(own.clone()),
            ..Header::new(Algorithm::RS256)
        },
        Header {
            jku: Some(format!("{elsewhere}/.well-known/jwks.json")),
            ..Header::new(Algorithm::RS256)
        },
        Header {
            kid: Some("../../../../dev/null".to_owned()),
            jku: Some(elsewhere.clone()),
            ..Header::new(Algorithm::RS256)
        },
    ] {
        let token = jsonwebtoken::encode(&header, &claims(), &theirs).unwrap();
        refused(&app, &token).await;
    }
    let good = genuine(Some("one"), Algorithm::RS256);
    let (header, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"one"}"#);
    refused(&app, &format!("{none}.{payload}.")).await;
    refused(&app, &format!("{none}.{payload}.{signature}")).await;
    refused(&app, &format!("{header}.{payload}.")).await;
    let_in(&app, &good).await;
}
