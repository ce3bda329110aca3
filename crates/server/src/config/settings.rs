//! The one declaration of every setting.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use garde::Validate;
use secrecy::SecretString;

use super::{
    checks::{self, Checks},
    database_url::DatabaseUrl,
    load::Reader,
    origins::Origins,
    value::{Algorithm, AuthMode, FromSetting, Hours, LogFilter},
};

/// What is known about one setting.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Its name in the environment.
    pub(crate) name: &'static str,
    /// What it does; one or more lines.
    pub(crate) doc: &'static str,
    /// Its value when nobody gives one.
    pub(crate) default: Option<&'static str>,
    /// Whether its value must not be seen.
    pub(crate) secret: bool,
}

/// Declares settings: documentation, `NAME field: Type = "default", secret;`.
/// The field is called as the setting is, in lower case.
macro_rules! settings {
    (@secret) => { false };
    (@secret secret) => { true };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
    ($(
        $(#[doc = $doc:literal])+
        $(#[garde($($check:tt)+)])?
        $name:ident $field:ident: $type:ty $(= $default:literal)? $(, $secret:ident)?;
    )+) => {
        /// The configuration: every setting, parsed and checked.
        #[derive(Debug, Validate)]
        #[garde(context(Checks))]
        #[garde(allow_unvalidated)]
        pub(crate) struct Config {
            $(
                $(#[doc = $doc])+
                $(#[garde($($check)+)])?
                pub(crate) $field: $type,
            )+
            /// Where each setting came from.
            pub(super) origins: BTreeMap<&'static str, String>,
        }

        /// Every setting there is.
        pub(crate) static SETTINGS: &[Setting] = &[$(
            Setting {
                name: stringify!($name),
                doc: concat!($($doc, "\n"),+),
                default: settings!(@default $($default)?),
                secret: settings!(@secret $($secret)?),
            },
        )+];

        impl Config {
            /// Reads every setting, faulty ones too, so that all faults are met.
            pub(super) fn read(reader: &mut Reader) -> Option<Self> {
                $(let $field = reader.read(stringify!($name));)+
                Some(Self { $($field: $field?,)+ origins: std::mem::take(&mut reader.origins) })
            }

            /// Every setting as text that may be seen; `None` where it is not set.
            pub(super) fn texts(&self) -> Vec<(&'static str, Option<String>)> {
                vec![$((stringify!($name), self.$field.show()),)+]
            }
        }

        #[cfg(test)]
        pub(super) static FIELDS: &[(&str, &str)] = &[$((stringify!($name), stringify!($field)),)+];
    };
}

settings! {
    /// The database: `sqlite://file.db`, `postgres://user:password@host/name` or
    /// `mysql://user:password@host/name`. `SQLAlchemy`'s forms are understood.
    DATABASE_URL database_url: DatabaseUrl = "sqlite://user-service.db?mode=rwc", secret;

    /// Connections to the database, at most (1 to 1000).
    #[garde(range(min = 1, max = 1000))]
    DB_POOL_SIZE db_pool_size: u32 = "10";

    /// Seconds to wait for a free connection (1 to 60).
    #[garde(custom(checks::seconds(1, 60)))]
    DB_ACQUIRE_TIMEOUT db_acquire_timeout: Duration = "3";

    /// Seconds one statement may take (1 to 300).
    #[garde(custom(checks::seconds(1, 300)))]
    DB_STATEMENT_TIMEOUT db_statement_timeout: Duration = "5";

    /// Address to listen on.
    HOST host: IpAddr = "0.0.0.0";

    /// Port to listen on.
    PORT port: u16 = "8082";

    /// Where the API's paths begin; starts with `/` and does not end with one.
    #[garde(custom(checks::path_prefix))]
    API_V1_PREFIX api_v1_prefix: String = "/api/v1";

    /// error, warn, info, debug, trace, or a filter such as `info,sqlx=warn`.
    LOG_LEVEL log_level: LogFilter = "info";

    /// Whether logs are JSON, one object on a line.
    JSON_LOGS json_logs: bool = "true";

    /// Origins of browsers which may call: `https://a.example,https://b.example`, a JSON array,
    /// or `*`; empty means none.
    CORS_ORIGINS cors_origins: Origins = "";

    /// How callers are known: `secret` (tokens signed with `JWT_SECRET_KEY`).
    AUTH_MODE auth_mode: AuthMode = "secret";

    /// Key that tokens are signed with: at least as long as the hash of `JWT_ALGORITHM`
    /// (32, 48 or 64 bytes). `openssl rand -hex 64` makes one.
    #[garde(custom(checks::signing_secret))]
    JWT_SECRET_KEY jwt_secret_key: Option<SecretString>, secret;

    /// How tokens are signed: HS256, HS384 or HS512.
    JWT_ALGORITHM jwt_algorithm: Algorithm = "HS256";

    /// Issuer which tokens must name; not set means any.
    JWT_ISSUER jwt_issuer: Option<String>;

    /// Audience which tokens must name; not set means any.
    JWT_AUDIENCE jwt_audience: Option<String>;

    /// Seconds by which clocks may differ (0 to 60).
    #[garde(custom(checks::seconds(0, 60)))]
    JWT_LEEWAY jwt_leeway: Duration = "30";

    /// Key that page cursors are signed with, 32 bytes or more; not set means one derived from
    /// `JWT_SECRET_KEY`.
    #[garde(custom(checks::cursor_secret))]
    CURSOR_SECRET_KEY cursor_secret_key: Option<SecretString>, secret;

    /// Whether profiles can be read without a token.
    PUBLIC_PROFILES public_profiles: bool = "false";

    /// Items on a page when the caller does not say (1 to `MAX_PAGE_SIZE`).
    #[garde(range(min = 1, max = 1000), custom(checks::at_most_max_page))]
    DEFAULT_PAGE_SIZE default_page_size: u32 = "20";

    /// Items on a page, at most (1 to 1000).
    #[garde(range(min = 1, max = 1000))]
    MAX_PAGE_SIZE max_page_size: u32 = "100";

    /// Hours for which the answer to an Idempotency-Key is kept (1 to 168).
    #[garde(custom(checks::hours(1, 168)))]
    IDEMPOTENCY_TTL idempotency_ttl: Hours = "24";

    /// Threads that serve requests; 0 means one for each core.
    #[garde(range(max = 1024))]
    WORKERS workers: usize = "0";

    /// Seconds which requests in flight are given to finish at shutdown (0 to 600).
    #[garde(custom(checks::seconds(0, 600)))]
    SHUTDOWN_TIMEOUT shutdown_timeout: Duration = "30";

    /// Seconds for which readiness says 503 before the listener closes (0 to 60).
    #[garde(custom(checks::seconds(0, 60)))]
    SHUTDOWN_DELAY shutdown_delay: Duration = "0";
}
