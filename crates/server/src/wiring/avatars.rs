//! Where avatars are kept, and what makes them.

use std::sync::Arc;

use anyhow::Context;
use secrecy::ExposeSecret;
use user_service_adapters_http_clients::{FileServiceSettings, FileServiceStore, ServiceUrl};
use user_service_adapters_image::{ImageRenderer, ImageSettings};
use user_service_adapters_local::LocalAvatarStore;
use user_service_api::Uploads;
use user_service_domain::avatar::AvatarStore;
use user_service_domain::health::Dependency;
use user_service_telemetry::{HttpClientMeasures, Instruments};

use crate::config::Config;

/// The store of avatars, and what it depends on.
pub(crate) struct Avatars {
    pub(crate) files: Arc<dyn AvatarStore>,
    pub(crate) dependency: Option<Arc<dyn Dependency>>,
}

/// As `FILE_SERVICE_URL` and `S3_BUCKET` say; else in `AVATAR_DIR`. Nothing need answer yet.
pub(crate) fn open_avatars(
    config: &Config,
    instruments: Option<&Instruments>,
) -> anyhow::Result<Avatars> {
    let measures = |host: &str| {
        instruments.map_or_else(HttpClientMeasures::default, |instruments| {
            instruments.http_client(host)
        })
    };
    match (&config.file_service_url, &config.s3_bucket) {
        (Some(service), _) => file_service(config, service, measures(service.host())),
        (None, Some(bucket)) => {
            let endpoint = config.s3_endpoint.as_ref();
            let measures = measures(endpoint.map_or("s3.amazonaws.com", ServiceUrl::host));
            s3(config, bucket, measures)
        }
        (None, None) => Ok(Avatars {
            files: Arc::new(LocalAvatarStore::new(&config.avatar_dir)),
            dependency: None,
        }),
    }
}

fn file_service(
    config: &Config,
    service: &ServiceUrl,
    measures: HttpClientMeasures,
) -> anyhow::Result<Avatars> {
    let token = config
        .file_service_token
        .as_ref()
        .context("FILE_SERVICE_TOKEN is required")?;
    let settings = FileServiceSettings {
        timeout: config.avatar_store_timeout,
        measures,
        ..FileServiceSettings::default()
    };
    let token = token.expose_secret().to_owned();
    let store = Arc::new(FileServiceStore::new(service, token, &settings)?);
    Ok(Avatars {
        files: Arc::clone(&store) as _,
        dependency: Some(store),
    })
}

#[cfg(feature = "s3")]
fn s3(config: &Config, bucket: &str, measures: HttpClientMeasures) -> anyhow::Result<Avatars> {
    use user_service_adapters_s3::{S3AvatarStore, S3Settings};

    let access_key_id = config.s3_access_key_id.clone();
    let secret = config.s3_secret_access_key.as_ref();
    let store = Arc::new(S3AvatarStore::new(&S3Settings {
        bucket: bucket.to_owned(),
        endpoint: config.s3_endpoint.as_ref().map(ToString::to_string),
        region: config.s3_region.clone(),
        prefix: config.s3_prefix.clone(),
        access_key_id: access_key_id.context("S3_ACCESS_KEY_ID is required")?,
        secret_access_key: secret
            .context("S3_SECRET_ACCESS_KEY is required")?
            .expose_secret()
            .to_owned(),
        timeout: config.avatar_store_timeout,
        failures: S3Settings::FAILURES,
        leave_alone_for: S3Settings::LEAVE_ALONE_FOR,
        measures,
    })?);
    Ok(Avatars {
        files: Arc::clone(&store) as _,
        dependency: Some(store),
    })
}

#[cfg(not(feature = "s3"))]
fn s3(_: &Config, _: &str, _: HttpClientMeasures) -> anyhow::Result<Avatars> {
    Err(super::NotCompiledIn::of("S3_BUCKET", "s3").into())
}

/// What makes pictures.
pub(super) fn renderer(config: &Config) -> ImageRenderer {
    let mut settings = ImageSettings {
        allowed: config.allowed_avatar_types.0.clone(),
        ..ImageSettings::default()
    };
    if config.avatar_workers > 0 {
        settings.workers = config.avatar_workers;
    }
    ImageRenderer::new(settings)
}

/// How they are taken in.
pub(super) fn uploads(config: &Config) -> Uploads {
    let types = config.allowed_avatar_types.0.iter();
    Uploads::new(
        config.max_avatar_size,
        types.map(|kind| kind.media_type()).collect(),
        config.upload_timeout,
        config.avatar_uploads,
    )
}
