//! Checks on parsed values; `garde` runs them all. No message quotes a value.

#![expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "garde calls checks with references"
)]

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use user_service_adapters_http_clients::ServiceUrl;

use super::database_url::{DatabaseUrl, Engine};
use super::value::{Algorithm, AuthMode, Hours};
use crate::tls;

/// What the program is about to do, which decides what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Serve for real: a strong secret is required.
    Serve,
    /// Serve for a developer: the caller passes the secret as a flag, and it may be weak.
    Dev,
    /// Work on the database only: no secret is needed.
    Database,
    /// Work on the database and the files of avatars.
    Avatars,
}

impl Purpose {
    /// Whether requests will be answered.
    const fn serves(self) -> bool {
        matches!(self, Self::Serve | Self::Dev)
    }

    /// Whether files of avatars will be touched.
    const fn keeps_avatars(self) -> bool {
        !matches!(self, Self::Database)
    }
}

/// What checks of one setting need to know of others.
#[derive(Debug)]
pub(crate) struct Checks {
    /// What the program is about to do.
    pub(super) purpose: Purpose,
    /// The kind of `DATABASE_URL`.
    pub(super) engine: Engine,
    /// `AUTH_MODE`.
    pub(super) auth_mode: AuthMode,
    /// `AUTH_SERVICE_ALLOW_HTTP`.
    pub(super) allow_http: bool,
    /// Whether there is a `JWT_SECRET_KEY`.
    pub(super) has_signing_secret: bool,
    /// `JWT_ALGORITHM`.
    pub(super) algorithm: Algorithm,
    /// `MAX_PAGE_SIZE`.
    pub(super) max_page_size: u32,
    /// Where avatars are kept.
    pub(super) avatars: AvatarChecks,
    /// What TLS is spoken with.
    pub(super) tls: TlsChecks,
}

/// What checks need to know of TLS.
#[derive(Debug, Default)]
pub(super) struct TlsChecks {
    /// `TLS_CERT_FILE`.
    pub(super) cert_file: Option<String>,
    /// `TLS_KEY_FILE`.
    pub(super) key_file: Option<String>,
}

/// What checks need to know of where avatars are kept.
#[derive(Debug)]
pub(super) struct AvatarChecks {
    /// `AVATAR_STORE_ALLOW_HTTP`.
    pub(super) allow_http: bool,
    /// Whether there is a `FILE_SERVICE_URL`.
    pub(super) has_file_service: bool,
    /// Whether there is an `S3_BUCKET`.
    pub(super) has_bucket: bool,
}

/// Texts that show up in secrets nobody chose.
const PLACEHOLDERS: [&str; 5] = [
    "changeme",
    "change-me",
    "change_me",
    "your-secret",
    "your_secret",
];

/// Fewest different bytes in a secret.
const DISTINCT_BYTES: usize = 8;

/// Fewest bytes in `CURSOR_SECRET_KEY`.
const CURSOR_SECRET_BYTES: usize = 32;

fn range(value: u64, min: u64, max: u64, unit: &str) -> garde::Result {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(garde::Error::new(format!("must be {min} to {max} {unit}")))
}

pub(super) fn seconds(min: u64, max: u64) -> impl Fn(&Duration, &Checks) -> garde::Result {
    move |value, _| range(value.as_secs(), min, max, "seconds")
}

pub(super) fn hours(min: u64, max: u64) -> impl Fn(&Hours, &Checks) -> garde::Result {
    move |value, _| range(u64::from(value.0), min, max, "hours")
}

pub(super) fn certificate(value: &Option<String>, checks: &Checks) -> garde::Result {
    match value {
        None if checks.tls.key_file.is_some() => Err(garde::Error::new(
            "is required while there is a TLS_KEY_FILE",
        )),
        Some(path) if checks.purpose.serves() => {
            tls::chain(path).map(drop).map_err(garde::Error::new)
        }
        _ => Ok(()),
    }
}

pub(super) fn private_key(value: &Option<String>, checks: &Checks) -> garde::Result {
    let path = match value {
        None if checks.tls.cert_file.is_some() => {
            return Err(garde::Error::new(
                "is required while there is a TLS_CERT_FILE",
            ));
        }
        Some(path) if checks.purpose.serves() => path,
        _ => return Ok(()),
    };
    let key = tls::key(path).map_err(garde::Error::new)?;
    match checks.tls.cert_file.as_deref().map(tls::chain) {
        Some(Ok(chain)) => tls::config(chain, key).map(drop).map_err(garde::Error::new),
        // What is wrong with the certificate is said of it.
        Some(Err(_)) | None => Ok(()),
    }
}

pub(super) fn path_prefix(value: &str, _: &Checks) -> garde::Result {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    if value.starts_with('/')
        && !value.ends_with('/')
        && !value.contains("//")
        && value.chars().all(plain)
    {
        return Ok(());
    }
    Err(garde::Error::new(
        "must start with `/`, not end with one, and contain only letters, digits and `-_.~/`",
    ))
}

pub(super) fn at_most_max_page(value: &u32, checks: &Checks) -> garde::Result {
    if *value <= checks.max_page_size {
        return Ok(());
    }
    Err(garde::Error::new(format!(
        "must not be more than MAX_PAGE_SIZE ({})",
        checks.max_page_size
    )))
}

pub(super) fn replica(value: &Option<DatabaseUrl>, checks: &Checks) -> garde::Result {
    match value {
        Some(replica) if replica.engine == Engine::Sqlite => Err(garde::Error::new(
            "an embedded database has no replicas: it is for `postgres://` and `mysql://`",
        )),
        Some(replica) if replica.engine != checks.engine => Err(garde::Error::new(
            "must be of the same kind as DATABASE_URL",
        )),
        _ => Ok(()),
    }
}

pub(super) fn server(value: &Option<DatabaseUrl>, _: &Checks) -> garde::Result {
    match value {
        Some(url) if url.engine == Engine::Sqlite => Err(garde::Error::new(
            "an embedded database needs no administrator: it is for `postgres://` and `mysql://`",
        )),
        _ => Ok(()),
    }
}

pub(super) fn auth_service(value: &Option<ServiceUrl>, checks: &Checks) -> garde::Result {
    if !checks.purpose.serves() || checks.auth_mode == AuthMode::Secret {
        return Ok(());
    }
    match value {
        None => Err(garde::Error::new(format!(
            "is required while AUTH_MODE is `{}`",
            checks.auth_mode.as_str()
        ))),
        Some(url) if url.is_protected() || checks.allow_http => Ok(()),
        Some(_) => Err(garde::Error::new(
            "must be `https://`: over `http://` others can make tokens; \
             AUTH_SERVICE_ALLOW_HTTP=true takes it all the same",
        )),
    }
}

pub(super) fn file_service(value: &Option<ServiceUrl>, checks: &Checks) -> garde::Result {
    match value {
        Some(_) if checks.avatars.has_bucket => Err(garde::Error::new(
            "avatars are kept in one place: there is an S3_BUCKET too",
        )),
        _ => endpoint(value, checks),
    }
}

pub(super) fn endpoint(value: &Option<ServiceUrl>, checks: &Checks) -> garde::Result {
    match value {
        Some(url)
            if checks.purpose.keeps_avatars()
                && !url.is_protected()
                && !checks.avatars.allow_http =>
        {
            Err(garde::Error::new(
                "must be `https://`: over `http://` others can read what is sent; \
                 AVATAR_STORE_ALLOW_HTTP=true takes it all the same",
            ))
        }
        _ => Ok(()),
    }
}

pub(super) fn with_file_service(value: &Option<SecretString>, checks: &Checks) -> garde::Result {
    if value.is_none() && checks.avatars.has_file_service && checks.purpose.keeps_avatars() {
        return Err(garde::Error::new(
            "is required while there is a FILE_SERVICE_URL",
        ));
    }
    Ok(())
}

pub(super) fn with_bucket<T>(value: &Option<T>, checks: &Checks) -> garde::Result {
    if value.is_none() && checks.avatars.has_bucket && checks.purpose.keeps_avatars() {
        return Err(garde::Error::new("is required while there is an S3_BUCKET"));
    }
    Ok(())
}

pub(super) fn cursor_secret(value: &Option<SecretString>, checks: &Checks) -> garde::Result {
    let Some(secret) = value else {
        if !checks.purpose.serves()
            || checks.auth_mode == AuthMode::Secret
            || checks.has_signing_secret
        {
            return Ok(());
        }
        return Err(garde::Error::new(format!(
            "is required while AUTH_MODE is `{}` and there is no JWT_SECRET_KEY; \
             `openssl rand -hex 64` makes one for all replicas",
            checks.auth_mode.as_str()
        )));
    };
    if secret.expose_secret().len() >= CURSOR_SECRET_BYTES {
        return Ok(());
    }
    Err(garde::Error::new(format!(
        "must have at least {CURSOR_SECRET_BYTES} bytes"
    )))
}

pub(super) fn signing_secret(value: &Option<SecretString>, checks: &Checks) -> garde::Result {
    if !checks.purpose.serves() {
        return Ok(());
    }
    let Some(secret) = value else {
        if checks.auth_mode != AuthMode::Secret {
            return Ok(());
        }
        return Err(garde::Error::new(
            "is required while AUTH_MODE is `secret`; `openssl rand -hex 64` makes one",
        ));
    };
    if checks.purpose == Purpose::Dev {
        return Ok(());
    }
    match weakness(secret.expose_secret(), checks.algorithm) {
        Some(weakness) => Err(garde::Error::new(weakness)),
        None => Ok(()),
    }
}

/// Why a signing secret is weak, if it is.
fn weakness(secret: &str, algorithm: Algorithm) -> Option<String> {
    let lower = secret.trim().to_ascii_lowercase();
    if lower == "secret"
        || PLACEHOLDERS
            .iter()
            .any(|placeholder| lower.contains(placeholder))
    {
        return Some("is a placeholder, not a secret; `openssl rand -hex 64` makes one".to_owned());
    }
    let (has, needs) = (secret.len(), algorithm.hash_bytes());
    if has < needs {
        return Some(format!(
            "is too short: {algorithm} needs at least {needs} bytes (RFC 7518, section 3.2), this has {has}"
        ));
    }
    let distinct = secret
        .bytes()
        .collect::<std::collections::BTreeSet<_>>()
        .len();
    (distinct < DISTINCT_BYTES).then(|| {
        format!(
            "is too simple: it needs at least {DISTINCT_BYTES} different bytes, this has {distinct}"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_secrets_are_refused() {
        let strong = "k9Qx2vLr7TmZ4bWs8JpN3cHd6FyG1aUe";
        assert_eq!(strong.len(), 32);
        for (secret, algorithm, says) in [
            ("", Algorithm::Hs256, "too short"),
            ("secret", Algorithm::Hs256, "placeholder"),
            ("SECRET", Algorithm::Hs256, "placeholder"),
            ("change-me", Algorithm::Hs256, "placeholder"),
            (
                "please-CHANGEME-0123456789abcdefghijkl",
                Algorithm::Hs256,
                "placeholder",
            ),
            (
                "change_me_0123456789abcdefghijklmnopq",
                Algorithm::Hs256,
                "placeholder",
            ),
            (
                "your-secret-key-change-in-production-1",
                Algorithm::Hs256,
                "placeholder",
            ),
            (
                "Your_Secret_0123456789abcdefghijklmno",
                Algorithm::Hs256,
                "placeholder",
            ),
            (&strong[..31], Algorithm::Hs256, "32 bytes"),
            (strong, Algorithm::Hs384, "48 bytes"),
            (strong, Algorithm::Hs512, "64 bytes"),
            (
                "abcdefgabcdefgabcdefgabcdefgabcdefg",
                Algorithm::Hs256,
                "too simple",
            ),
        ] {
            let weakness = weakness(secret, algorithm).unwrap_or_default();
            assert!(weakness.contains(says), "{secret}: {weakness}");
        }
        assert_eq!(weakness(strong, Algorithm::Hs256), None);
        assert_eq!(weakness(&strong.repeat(2), Algorithm::Hs512), None);
    }

    #[test]
    fn a_prefix_is_a_plain_path() {
        let checks = Checks {
            purpose: Purpose::Serve,
            engine: Engine::Postgres,
            auth_mode: AuthMode::Secret,
            allow_http: false,
            has_signing_secret: true,
            algorithm: Algorithm::Hs256,
            max_page_size: 100,
            avatars: AvatarChecks {
                allow_http: false,
                has_file_service: false,
                has_bucket: false,
            },
            tls: TlsChecks::default(),
        };
        for good in ["/api/v1", "/users"] {
            assert!(path_prefix(good, &checks).is_ok(), "{good}");
        }
        for bad in ["", "/", "api", "/api/", "//api", "/a?b", "/{id}"] {
            assert!(path_prefix(bad, &checks).is_err(), "{bad}");
        }
    }
}
