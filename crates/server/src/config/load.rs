//! From layers of text to a checked configuration.

use std::collections::BTreeMap;

use figment::Figment;
use garde::Validate;

use super::{
    checks::{AvatarChecks, Checks, Purpose, TlsChecks},
    error::{ConfigError, ConfigErrors},
    settings::{Config, SETTINGS},
    sources::{Layers, Sources},
    value::FromSetting,
};

/// The most of a faulty value that a message repeats.
const QUOTED_CHARS: usize = 80;

/// Reads settings one by one, and keeps their faults.
pub(super) struct Reader {
    figment: Figment,
    errors: Vec<ConfigError>,
    pub(super) origins: BTreeMap<&'static str, String>,
}

impl Reader {
    /// Reads a setting; if it is faulty its default stands in, so that other checks can go on.
    pub(super) fn read<T: FromSetting>(&mut self, name: &'static str) -> Option<T> {
        let Ok(value) = self.figment.find_value(name) else {
            let absent = T::absent();
            if absent.is_none() {
                self.fault(name, "is required");
            }
            return absent;
        };
        let origin = self
            .figment
            .get_metadata(value.tag())
            .map(|from| from.name.to_string());
        self.origins.insert(name, origin.unwrap_or_default());
        match T::parse(value.as_str().unwrap_or_default()) {
            Ok(value) => Some(value),
            Err(message) => {
                self.fault(name, &message);
                let setting = SETTINGS.iter().find(|setting| setting.name == name);
                let default = setting.and_then(|setting| setting.default);
                default.map_or_else(T::absent, |default| T::parse(default).ok())
            }
        }
    }

    /// Keeps a fault, unless the setting already has one.
    fn fault(&mut self, name: &str, message: &str) {
        if self.has_fault(name) {
            return;
        }
        let value = self.figment.find_value(name).ok();
        let from = value
            .as_ref()
            .and_then(|value| self.figment.get_metadata(value.tag()));
        let source = from.map_or("not set", |from| &from.name).to_owned();
        // what a file holds is not repeated: the path may be wrong and the file another's secret
        let by_file = from.is_some_and(|from| from.source.is_some());
        let secret = SETTINGS
            .iter()
            .any(|setting| setting.name == name && setting.secret);
        let message = match value.as_ref().and_then(|value| value.as_str()) {
            Some(text) if !secret && !by_file => {
                let text: String = text.chars().take(QUOTED_CHARS).collect();
                format!("{text:?}: {message}")
            }
            _ => message.to_owned(),
        };
        self.errors.push(ConfigError {
            name: name.to_owned(),
            source,
            message,
        });
    }

    fn has_fault(&self, name: &str) -> bool {
        self.errors.iter().any(|error| error.name == name)
    }
}

impl Config {
    /// Reads, parses and checks every setting; on failure every fault is returned.
    pub(crate) fn load(sources: &Sources, purpose: Purpose) -> Result<Self, ConfigErrors> {
        let Layers { figment, errors } = Layers::read(sources);
        let mut reader = Reader {
            figment,
            errors,
            origins: BTreeMap::new(),
        };
        let config = Self::read(&mut reader);
        if let Some(config) = &config {
            let max_page_size = if reader.has_fault("MAX_PAGE_SIZE") {
                u32::MAX
            } else {
                config.max_page_size
            };
            let checks = Checks {
                purpose,
                engine: config.database_url.engine,
                auth_mode: config.auth_mode,
                allow_http: config.auth_service_allow_http,
                has_signing_secret: config.jwt_secret_key.is_some(),
                algorithm: config.jwt_algorithm,
                max_page_size,
                avatars: AvatarChecks {
                    allow_http: config.avatar_store_allow_http,
                    has_file_service: config.file_service_url.is_some(),
                    has_bucket: config.s3_bucket.is_some(),
                },
                tls: TlsChecks {
                    cert_file: config.tls_cert_file.clone(),
                    key_file: config.tls_key_file.clone(),
                },
            };
            if let Err(report) = config.validate_with(&checks) {
                for (path, error) in report.iter() {
                    reader.fault(&path.to_string().to_ascii_uppercase(), error.message());
                }
            }
        }
        match config {
            Some(config) if reader.errors.is_empty() => Ok(config),
            _ => Err(ConfigErrors(reader.errors)),
        }
    }

    /// Where a setting came from: `default`, `file x.toml`, `.env`, `environment` or `flag`;
    /// `None` if it is not set.
    pub(crate) fn origin(&self, name: &str) -> Option<&str> {
        self.origins.get(name).map(String::as_str)
    }
}
