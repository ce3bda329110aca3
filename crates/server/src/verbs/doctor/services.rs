//! What else the service calls: the Auth Service, Redis, and where avatars are kept.

use std::sync::Arc;

use user_service_adapters_http_clients::count_keys;
use user_service_domain::health::Dependency;

use super::finding::Finding;
use crate::config::{AuthMode, Config};
use crate::exit::Exit;
use crate::wiring;

const TOKENS: &str = "tokens";
const REDIS: &str = "redis";
const AVATARS: &str = "avatars";

/// All of them at once.
pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let (tokens, redis, avatars) = tokio::join!(tokens(config), redis(config), avatars(config));
    vec![tokens, redis, avatars]
}

async fn tokens(config: &Config) -> Finding {
    match config.auth_mode {
        AuthMode::Secret => Finding::good(TOKENS, "verified with JWT_SECRET_KEY"),
        AuthMode::Jwks => published_keys(config).await,
        AuthMode::Remote => {
            let fix = "start the Auth Service, or correct AUTH_SERVICE_URL";
            dependency(
                TOKENS,
                wiring::auth_dependency(config),
                "AUTH_SERVICE_URL",
                fix,
            )
            .await
        }
    }
}

/// The keys that the Auth Service publishes.
async fn published_keys(config: &Config) -> Finding {
    let Some(service) = &config.auth_service_url else {
        return Finding::skipped(TOKENS, "AUTH_SERVICE_URL is not set");
    };
    let at = format!(
        "{}{}",
        service.to_string().trim_end_matches('/'),
        config.auth_jwks_path
    );
    match count_keys(service, &config.auth_jwks_path, config.auth_timeout).await {
        Ok(1) => Finding::good(TOKENS, format!("1 key at {at}")),
        Ok(keys) => Finding::good(TOKENS, format!("{keys} keys at {at}")),
        Err(error) => {
            let detail = format!("no keys at {at}: {error}");
            let fix = "start the Auth Service, or correct AUTH_SERVICE_URL and AUTH_JWKS_PATH";
            Finding::failed(TOKENS, Exit::Unavailable, detail, fix)
        }
    }
}

async fn redis(config: &Config) -> Finding {
    if config.redis_url.is_none() {
        return Finding::skipped(REDIS, "REDIS_URL is not set");
    }
    let fix = "start Redis, or correct REDIS_URL; until then the service does without";
    dependency(REDIS, wiring::redis_dependency(config), "REDIS_URL", fix).await
}

async fn avatars(config: &Config) -> Finding {
    let (setting, fix) = match (&config.file_service_url, &config.s3_bucket) {
        (Some(_), _) => (
            "FILE_SERVICE_URL",
            "start the File Service, or correct FILE_SERVICE_URL; until then no picture is taken in",
        ),
        (None, Some(_)) => (
            "S3_BUCKET",
            "correct S3_BUCKET, S3_ENDPOINT and the key; until then no picture is taken in",
        ),
        (None, None) => return Finding::good(AVATARS, format!("kept in {}", config.avatar_dir)),
    };
    let store = wiring::open_avatars(config, None).map(|avatars| avatars.dependency);
    dependency(AVATARS, store, setting, fix).await
}

/// Whether something that is called answers.
async fn dependency(
    check: &'static str,
    opened: anyhow::Result<Option<Arc<dyn Dependency>>>,
    setting: &'static str,
    fix: &'static str,
) -> Finding {
    let dependency = match opened {
        Ok(Some(dependency)) => dependency,
        Ok(None) => return Finding::skipped(check, "not used"),
        Err(_) => {
            // Its words may hold the setting, and so a secret.
            let detail = format!("{setting} cannot be used, or asks for what is not in this build");
            return Finding::failed(check, Exit::Config, detail, format!("correct {setting}"));
        }
    };
    match dependency.check().await {
        Ok(()) => Finding::good(check, format!("{} answers", dependency.name())),
        Err(error) if dependency.is_essential() => {
            let detail = format!("{} does not answer: {error}", dependency.name());
            Finding::failed(check, Exit::Unavailable, detail, fix)
        }
        Err(error) => {
            let detail = format!("{} does not answer: {error}", dependency.name());
            Finding::warning(check, detail, fix)
        }
    }
}
