//! Promises of the configuration as a whole.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::{
    settings::{FIELDS, SETTINGS},
    *,
};

pub(super) const STRONG: &str = "k9Qx2vLr7TmZ4bWs8JpN3cHd6FyG1aUe";

/// A directory with files in it, and sources that use them.
pub(super) struct World {
    dir: TempDir,
    pub(super) sources: Sources,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            sources: Sources::default(),
        }
        .env("JWT_SECRET_KEY", STRONG)
    }

    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn toml(mut self, text: &str) -> Self {
        self.sources.config_file = Some(self.file("config.toml", text));
        self
    }

    pub(super) fn dotenv(mut self, text: &str) -> Self {
        self.sources.env_file = Some(self.file(".env", text));
        self
    }

    pub(super) fn env(mut self, name: &str, text: &str) -> Self {
        self.sources.environment.retain(|(other, _)| other != name);
        self.sources
            .environment
            .push((name.to_owned(), text.to_owned()));
        self
    }

    pub(super) fn flag(mut self, name: &'static str, text: &str) -> Self {
        self.sources.flags.push((name, text.to_owned()));
        self
    }

    pub(super) fn load(&self) -> Result<Config, ConfigErrors> {
        Config::load(&self.sources, Purpose::Serve)
    }

    pub(super) fn faults(&self) -> String {
        self.load().unwrap_err().to_string()
    }
}

#[test]
fn fields_are_called_as_their_settings_are() {
    for (name, field) in FIELDS {
        assert_eq!(name.to_ascii_lowercase(), *field);
    }
}

#[test]
fn defaults_alone_are_enough_but_for_the_secret() {
    let config = World::new().load().unwrap();
    assert_eq!(config.port, 8082);
    assert_eq!(config.api_v1_prefix, "/api/v1");
    assert_eq!(config.database_url.engine, Engine::Sqlite);
    assert_eq!(config.idempotency_ttl.duration().as_secs(), 86_400);
    assert!(config.json_logs && config.cors_origins.0.is_empty());
    assert!(config.jwt_issuer.is_none() && config.cursor_secret_key.is_none());

    let none = Sources::default();
    let faults = Config::load(&none, Purpose::Serve).unwrap_err();
    assert_eq!(faults.0.len(), 1);
    assert!(
        faults
            .to_string()
            .contains("JWT_SECRET_KEY (not set): is required"),
        "{faults}"
    );
    assert!(Config::load(&none, Purpose::Database).is_ok());
}

#[test]
fn later_layers_win() {
    let port = |world: &World| {
        let config = world.load().unwrap();
        (config.port, config.origin("PORT").unwrap().to_owned())
    };
    let world = World::new();
    assert_eq!(port(&world), (8082, "default".to_owned()));
    let world = world.toml("port = 1");
    assert_eq!(port(&world).0, 1);
    assert!(port(&world).1.ends_with("config.toml"));
    let world = world.dotenv("PORT=2\n");
    assert_eq!(port(&world).0, 2);
    assert!(port(&world).1.contains(".env"));
    let world = world.env("PORT", "3");
    assert_eq!(port(&world), (3, "environment".to_owned()));
    let world = world.flag("PORT", "4");
    assert_eq!(port(&world), (4, "flag".to_owned()));
}

#[test]
fn empty_in_the_environment_is_not_set() {
    let world = World::new()
        .toml("PORT = 1")
        .dotenv("PORT=\n")
        .env("PORT", "");
    assert_eq!(world.load().unwrap().port, 1);
}

#[test]
fn the_file_has_either_case_and_real_types() {
    let world = World::new().toml(
        "port = 1\nJSON_LOGS = false\nCors_Origins = ['https://A.example:443', 'http://b:1']\nlog_level = 'INFO'",
    );
    let config = world.load().unwrap();
    assert!(!config.json_logs);
    assert_eq!(config.cors_origins.0, ["https://a.example", "http://b:1"]);
    assert_eq!(config.log_level.0, "info");
    assert!(
        World::new()
            .toml("port = 1\nPORT = 2")
            .faults()
            .contains("given twice")
    );
}

#[test]
fn all_faults_are_named_at_once() {
    let world = World::new()
        .toml("databse_url = 'x'\nnothing_like_it = 1\nworkers = {}")
        .dotenv("LOG_LEVEL=inof\nDB_POOL_SIZE=0\n")
        .env("JWT_SECRET_KEY", "secret")
        .env("HOST", "everywhere")
        .env("CORS_ORIGINS", "https://a.example/path")
        .env("AUTH_MODE", "ldap")
        .env("JWT_LEEWAY", "61")
        .env("MAX_PAGE_SIZE", "10")
        .env("DB_STATEMENT_TIMEOUT", "0")
        .env("IDEMPOTENCY_TTL", "169")
        .env("CURSOR_SECRET_KEY", "short")
        .env("API_V1_PREFIX", "/api/")
        .env("SOMETHING_ELSE", "is ignored")
        .flag("PORT", "70000");
    let text = world.faults();
    for line in [
        "databse_url (file ",
        "did you mean `database_url`?",
        "nothing_like_it (file ",
        "WORKERS (file ",
        "LOG_LEVEL (",
        "DB_POOL_SIZE (",
        "JWT_SECRET_KEY (environment): is a placeholder",
        "HOST (environment): \"everywhere\": must be an IP address",
        "CORS_ORIGINS (environment)",
        "AUTH_MODE (environment): \"ldap\": must be secret, jwks or remote",
        "JWT_LEEWAY (environment): \"61\": must be 0 to 60 seconds",
        "DEFAULT_PAGE_SIZE (default): \"20\": must not be more than MAX_PAGE_SIZE (10)",
        "DB_STATEMENT_TIMEOUT (environment)",
        "IDEMPOTENCY_TTL (environment)",
        "CURSOR_SECRET_KEY (environment): must have at least 32 bytes",
        "API_V1_PREFIX (environment)",
        "PORT (flag): \"70000\": must be a whole number from 0 to 65535",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
    assert_eq!(text.lines().count(), 1 + 16, "{text}");
}

#[test]
fn an_auth_service_is_needed_where_it_is_asked() {
    for mode in ["jwks", "remote"] {
        let world = World::new()
            .env("JWT_SECRET_KEY", "")
            .env("AUTH_MODE", mode);
        let text = world.faults();
        for line in [
            format!("AUTH_SERVICE_URL (not set): is required while AUTH_MODE is `{mode}`"),
            format!("CURSOR_SECRET_KEY (not set): is required while AUTH_MODE is `{mode}` and"),
        ] {
            assert!(text.contains(&line), "{line} is not in:\n{text}");
        }
        assert_eq!(text.lines().count(), 1 + 2, "{text}");
        assert!(Config::load(&world.sources, Purpose::Database).is_ok());

        let world = world.env("AUTH_SERVICE_URL", "http://auth.example");
        let text = world.faults();
        assert!(text.contains("AUTH_SERVICE_URL (environment): must be `https://`"));
        let cursors = world.env("CURSOR_SECRET_KEY", STRONG);
        for (name, text) in [
            ("AUTH_SERVICE_URL", "https://auth.example"),
            ("AUTH_SERVICE_URL", "http://127.0.0.1:8081/auth"),
            ("AUTH_SERVICE_ALLOW_HTTP", "true"),
        ] {
            let world = World {
                sources: cursors.sources.clone(),
                ..World::new()
            };
            assert!(world.env(name, text).load().is_ok(), "{text}");
        }
        let secret = World::new()
            .env("AUTH_MODE", mode)
            .env("AUTH_SERVICE_URL", "https://auth.example/");
        let config = secret.load().unwrap();
        let shown = show(&config);
        let line = "AUTH_SERVICE_URL=https://auth.example  # environment";
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn a_place_for_avatars_needs_what_opens_it() {
    let world = || World::new();
    for (name, text, faults) in [
        (
            "FILE_SERVICE_URL",
            "https://files.example",
            vec!["FILE_SERVICE_TOKEN (not set): is required while there is a FILE_SERVICE_URL"],
        ),
        (
            "S3_BUCKET",
            "people",
            vec![
                "S3_ACCESS_KEY_ID (not set): is required while there is an S3_BUCKET",
                "S3_SECRET_ACCESS_KEY (not set): is required while there is an S3_BUCKET",
            ],
        ),
        (
            "S3_ENDPOINT",
            "http://minio:9000",
            vec!["must be `https://`"],
        ),
        ("ALLOWED_AVATAR_TYPES", "svg", vec!["must be of"]),
        ("MAX_AVATAR_SIZE", "99999999", vec!["greater than"]),
    ] {
        let text = world().env(name, text).faults();
        assert_eq!(text.lines().count(), 1 + faults.len(), "{text}");
        for fault in faults {
            assert!(text.contains(fault), "{fault} is not in:\n{text}");
        }
    }
    let files = |url| {
        let world = world().env("FILE_SERVICE_URL", url);
        world.env("FILE_SERVICE_TOKEN", "hunter2-hunter2-hunter2")
    };
    let config = files("https://files.example").load().unwrap();
    assert!(!show(&config).contains("hunter2"));
    let plain = || files("http://files.example");
    assert!(plain().faults().contains("must be `https://`"));
    assert!(
        plain()
            .env("AVATAR_STORE_ALLOW_HTTP", "true")
            .load()
            .is_ok()
    );
    let two = files("https://files.example").env("S3_BUCKET", "people");
    assert!(two.faults().contains("avatars are kept in one place"));
    let database = Config::load(&plain().sources, Purpose::Database);
    assert!(database.is_ok(), "it does not touch avatars");
    assert!(Config::load(&plain().sources, Purpose::Avatars).is_err());
}

#[test]
fn a_missing_env_file_is_no_fault_but_a_missing_config_file_is() {
    let mut world = World::new();
    world.sources.env_file = Some(world.dir.path().join("none"));
    assert!(world.load().is_ok());
    world.sources.config_file = Some(world.dir.path().join("none.toml"));
    assert!(world.faults().contains("(--config): cannot be read"));
}

#[test]
fn the_example_is_a_valid_env_file() {
    let filled: String = example()
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| {
            SETTINGS
                .iter()
                .any(|s| line.starts_with(&format!("{}=", s.name)))
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    assert_eq!(filled.lines().count(), SETTINGS.len());
    World::new().dotenv(&filled).load().unwrap();
}

#[test]
fn a_certificate_and_its_key_go_together() {
    let files = World::new();
    let pair = rcgen::generate_simple_self_signed(["users.example".to_owned()]).unwrap();
    let other = rcgen::KeyPair::generate().unwrap();
    let cert = files.file("cert.pem", &pair.cert.pem());
    let key = files.file("key.pem", &pair.signing_key.serialize_pem());
    let other = files.file("other.pem", &other.serialize_pem());
    let with = |cert: Option<&PathBuf>, key: Option<&PathBuf>| {
        let mut world = World::new();
        for (name, path) in [("TLS_CERT_FILE", cert), ("TLS_KEY_FILE", key)] {
            if let Some(path) = path {
                world = world.env(name, path.to_str().unwrap());
            }
        }
        world
    };
    assert!(with(Some(&cert), Some(&key)).load().is_ok());
    let named = format!(
        "tls_cert_file = '{}'\ntls_key_file = '{}'",
        cert.display(),
        key.display()
    );
    assert!(World::new().toml(&named).load().is_ok());
    let nowhere = PathBuf::from("/nowhere");
    for (cert, key, says) in [
        (
            Some(&cert),
            None,
            "TLS_KEY_FILE (not set): is required while there is a TLS_CERT_FILE",
        ),
        (
            None,
            Some(&key),
            "TLS_CERT_FILE (not set): is required while there is a TLS_KEY_FILE",
        ),
        (
            Some(&cert),
            Some(&other),
            "does not belong to the certificate in TLS_CERT_FILE",
        ),
        (
            Some(&key),
            Some(&key),
            "key.pem\": has no certificate in it",
        ),
        (
            Some(&cert),
            Some(&cert),
            "cert.pem\": has no private key in it",
        ),
        (
            Some(&nowhere),
            Some(&key),
            "TLS_CERT_FILE (environment): \"/nowhere\": cannot be read",
        ),
    ] {
        let faults = with(cert, key).faults();
        assert!(faults.contains(says), "{faults}");
        assert_eq!(faults.lines().count(), 2, "{faults}");
        assert!(!faults.contains("BEGIN"), "{faults}");
    }
    // Whoever does not serve needs no certificate.
    let world = with(Some(&nowhere), Some(&nowhere));
    assert!(Config::load(&world.sources, Purpose::Database).is_ok());
}
