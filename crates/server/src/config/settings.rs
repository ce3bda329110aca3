//! The one declaration of every setting.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use garde::Validate;
use secrecy::SecretString;
use user_service_adapters_http_clients::ServiceUrl;

use super::{
    avatar_types::AvatarTypes,
    checks::{self, Checks},
    database_url::DatabaseUrl,
    load::Reader,
    networks::Networks,
    origins::Origins,
    rate::Rate,
    telemetry::{LogFormat, Pairs, Ratio, SecretPairs, TracesSampler},
    value::{Algorithm, AuthMode, FromSetting, Hours, LogFilter},
};

/// What is known about one setting.
#[derive(Debug)]
pub(crate) struct Setting {
    /// What it is about, as a heading.
    pub(crate) group: &'static str,
    /// Its name in the environment.
    pub(crate) name: &'static str,
    /// What it does; one or more lines.
    pub(crate) doc: &'static str,
    /// What a value of it is.
    pub(crate) form: &'static str,
    /// What its number counts, where it has a unit.
    pub(crate) unit: Option<&'static str>,
    /// Its value when nobody gives one.
    pub(crate) default: Option<&'static str>,
    /// Whether its value must not be seen.
    pub(crate) secret: bool,
    /// Whether SIGHUP reads it anew.
    pub(crate) reloaded: bool,
}

/// Declares settings in groups: `["Heading"]`, then for each its documentation and
/// `NAME field: Type = "default" unit, secret;`, or `reloaded` in place of `secret`.
/// The field is called as the setting is, in lower case.
macro_rules! settings {
    (@is secret secret) => { true };
    (@is secret $(reloaded)?) => { false };
    (@is reloaded reloaded) => { true };
    (@is reloaded $(secret)?) => { false };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
    (@unit $type:ty) => { <$type as FromSetting>::UNIT };
    (@unit $type:ty, $unit:ident) => { Some(stringify!($unit)) };
    ($(
        [$group:literal]
        $(
            $(#[doc = $doc:literal])+
            $(#[garde($($check:tt)+)])?
            $name:ident $field:ident: $type:ty $(= $default:literal $($unit:ident)?)? $(, $mark:ident)?;
        )+
    )+) => {
        /// The configuration: every setting, parsed and checked.
        #[derive(Debug, Validate)]
        #[garde(context(Checks))]
        #[garde(allow_unvalidated)]
        pub(crate) struct Config {
            $($(
                $(#[doc = $doc])+
                $(#[garde($($check)+)])?
                pub(crate) $field: $type,
            )+)+
            /// Where each setting came from.
            pub(super) origins: BTreeMap<&'static str, String>,
        }

        /// Every setting there is.
        pub(crate) static SETTINGS: &[Setting] = &[$($(
            Setting {
                group: $group,
                name: stringify!($name),
                doc: concat!($($doc, "\n"),+),
                form: <$type as FromSetting>::FORM,
                unit: settings!(@unit $type $($(, $unit)?)?),
                default: settings!(@default $($default)?),
                secret: settings!(@is secret $($mark)?),
                reloaded: settings!(@is reloaded $($mark)?),
            },
        )+)+];

        impl Config {
            /// Reads every setting, faulty ones too, so that all faults are met.
            pub(super) fn read(reader: &mut Reader) -> Option<Self> {
                $($(let $field = reader.read(stringify!($name));)+)+
                Some(Self { $($($field: $field?,)+)+ origins: std::mem::take(&mut reader.origins) })
            }

            /// Every setting as text that may be seen; `None` where it is not set.
            pub(super) fn texts(&self) -> Vec<(&'static str, Option<String>)> {
                vec![$($((stringify!($name), self.$field.show()),)+)+]
            }
        }

        #[cfg(test)]
        pub(super) static FIELDS: &[(&str, &str)] = &[$($((stringify!($name), stringify!($field)),)+)+];
    };
}

settings! {
    ["Database"]

    /// The database: `sqlite://file.db`, `postgres://user:password@host/name` or
    /// `mysql://user:password@host/name`. `SQLAlchemy`'s forms are understood.
    DATABASE_URL database_url: DatabaseUrl = "sqlite://user-service.db?mode=rwc", secret;

    /// A replica of the database, to read from where it does not matter that an answer is some moments old; see
    /// docs/DATABASES.md. Empty means none.
    #[garde(custom(checks::replica))]
    DATABASE_READ_URL database_read_url: Option<DatabaseUrl>, secret;

    /// Connections to the database for requests, at most (1 to 1000); three more are for upkeep.
    /// As many again to the replica.
    #[garde(range(min = 1, max = 1000))]
    DB_POOL_SIZE db_pool_size: u32 = "10";

    /// Seconds to wait for a free connection (1 to 60).
    #[garde(custom(checks::seconds(1, 60)))]
    DB_ACQUIRE_TIMEOUT db_acquire_timeout: Duration = "2";

    /// Seconds one statement may take (1 to 300).
    #[garde(custom(checks::seconds(1, 300)))]
    DB_STATEMENT_TIMEOUT db_statement_timeout: Duration = "3";

    /// Profiles that the process remembers for 0.9 seconds, for callers who cannot have changed them (0 to
    /// 1000000; some 2 kB each); 0 means none.
    #[garde(range(max = 1_000_000))]
    PROFILE_CACHE_SIZE profile_cache_size: u32 = "0";

    /// For `user-service db setup` alone: an administrator of the database server, who makes the database and its two
    /// accounts, such as `postgres://postgres:password@host/postgres` or `mysql://root:password@host/`. Keep it from
    /// `serve`.
    #[garde(custom(checks::server))]
    DATABASE_ADMIN_URL database_admin_url: Option<DatabaseUrl>, secret;

    /// For `user-service db setup` alone: the password of the account that owns the tables; made where not set.
    DATABASE_OWNER_PASSWORD database_owner_password: Option<SecretString>, secret;

    /// For `user-service db setup` alone: the password of the account that serves; made where not set.
    DATABASE_RUNTIME_PASSWORD database_runtime_password: Option<SecretString>, secret;

    /// The database of the Python service that this one succeeds, for `users import --from-python-service` alone; see
    /// `docs/FROM_PYTHON_SERVICE.md`.
    PYTHON_SERVICE_DATABASE_URL python_service_database_url: Option<DatabaseUrl>, secret;

    ["Listeners and the process"]

    /// Address to listen on.
    HOST host: IpAddr = "0.0.0.0";

    /// Port to listen on.
    PORT port: u16 = "8082";

    /// File with the certificate of this service and those that lead to its authority, as PEM. With it `PORT` speaks
    /// HTTPS alone. Read again when it changes, and at SIGHUP. Not set means plain HTTP.
    #[garde(custom(checks::certificate))]
    TLS_CERT_FILE tls_cert_file: Option<String>;

    /// File with the private key of that certificate, as PEM, without a password.
    #[garde(custom(checks::private_key))]
    TLS_KEY_FILE tls_key_file: Option<String>;

    /// Where the API's paths begin; starts with `/` and does not end with one.
    #[garde(custom(checks::path_prefix))]
    API_V1_PREFIX api_v1_prefix: String = "/api/v1";

    /// Where this service is for others, as `avatar_url` has to name it: `https://users.example`; not set
    /// means references from the root of the server.
    PUBLIC_URL public_url: Option<ServiceUrl>;

    /// Origins of browsers which may call: `https://a.example,https://b.example`, a JSON array,
    /// or `*`; empty means none.
    CORS_ORIGINS cors_origins: Origins = "";

    /// Proxies whose `Forwarded` and `X-Forwarded-For` are believed: addresses and networks, such as
    /// `10.0.0.0/8,192.0.2.1`; empty means none.
    TRUSTED_PROXIES trusted_proxies: Networks = "";

    /// Address and port of a listener for operators: `/metrics`, `/version` and health, such as
    /// `127.0.0.1:9082`. Then `PORT` serves no `/metrics`. Not set means none.
    MANAGEMENT_ADDR management_addr: Option<SocketAddr>;

    /// Threads that serve requests; 0 means one for each core.
    #[garde(range(max = 1024))]
    WORKERS workers: usize = "0";

    /// Seconds which requests in flight are given to finish at shutdown (0 to 600).
    #[garde(custom(checks::seconds(0, 600)))]
    SHUTDOWN_TIMEOUT shutdown_timeout: Duration = "30";

    /// Seconds for which readiness says 503 before the listener closes (0 to 60).
    #[garde(custom(checks::seconds(0, 60)))]
    SHUTDOWN_DELAY shutdown_delay: Duration = "0";

    ["Tokens"]

    /// How callers are known: `secret` (tokens signed with `JWT_SECRET_KEY`), `jwks` (tokens signed
    /// with keys which the Auth Service publishes) or `remote` (the Auth Service is asked about
    /// each token).
    AUTH_MODE auth_mode: AuthMode = "secret";

    /// Key that tokens are signed with, in mode `secret`: at least as long as the hash of
    /// `JWT_ALGORITHM` (32, 48 or 64 bytes). `openssl rand -hex 64` makes one. In mode `remote` it
    /// may be given to verify tokens with while the Auth Service is away.
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

    /// Where the Auth Service is, for `jwks` and `remote`: `https://auth.example`. `http://` is
    /// taken only for this machine.
    #[garde(custom(checks::auth_service))]
    AUTH_SERVICE_URL auth_service_url: Option<ServiceUrl>, secret;

    /// Whether `AUTH_SERVICE_URL` may be `http://` for other machines, too. Whoever can change what
    /// is sent there can then make tokens.
    AUTH_SERVICE_ALLOW_HTTP auth_service_allow_http: bool = "false";

    /// Seconds which a call of the Auth Service may take, with everything (1 to 30).
    #[garde(custom(checks::seconds(1, 30)))]
    AUTH_TIMEOUT auth_timeout: Duration = "2";

    /// Where the keys are, below `AUTH_SERVICE_URL`, in mode `jwks`.
    #[garde(custom(checks::path_prefix))]
    AUTH_JWKS_PATH auth_jwks_path: String = "/.well-known/jwks.json";

    /// Seconds after which the keys are fetched again, in mode `jwks` (1 to 86400).
    #[garde(custom(checks::seconds(1, 86400)))]
    AUTH_REFRESH_INTERVAL auth_refresh_interval: Duration = "300";

    /// Seconds within which the keys are fetched once, at most, because tokens name a key that is
    /// not known, in mode `jwks` (1 to 3600).
    #[garde(custom(checks::seconds(1, 3600)))]
    AUTH_MIN_REFRESH_INTERVAL auth_min_refresh_interval: Duration = "30";

    /// Hours for which the keys are trusted while they cannot be fetched again, in mode `jwks`
    /// (1 to 720).
    #[garde(custom(checks::hours(1, 720)))]
    AUTH_STALE_LIMIT auth_stale_limit: Hours = "24";

    /// Seconds for which the answer about a token is remembered, in mode `remote` (0 to 300).
    #[garde(custom(checks::seconds(0, 300)))]
    AUTH_CACHE_TTL auth_cache_ttl: Duration = "5";

    /// Key that page cursors are signed with, 32 bytes or more, the same for every replica; not set
    /// means one derived from `JWT_SECRET_KEY`.
    #[garde(custom(checks::cursor_secret))]
    CURSOR_SECRET_KEY cursor_secret_key: Option<SecretString>, secret;

    ["Profiles and lists"]

    /// Whether profiles can be read without a token.
    PUBLIC_PROFILES public_profiles: bool = "false";

    /// Whether `GET /users/me` makes the profile of who has none, from what their token says.
    JIT_PROVISIONING jit_provisioning: bool = "false";

    /// Items on a page when the caller does not say (1 to `MAX_PAGE_SIZE`).
    #[garde(range(min = 1, max = 1000), custom(checks::at_most_max_page))]
    DEFAULT_PAGE_SIZE default_page_size: u32 = "20";

    /// Items on a page, at most (1 to 1000).
    #[garde(range(min = 1, max = 1000))]
    MAX_PAGE_SIZE max_page_size: u32 = "100";

    /// Hours for which the answer to an Idempotency-Key is kept (1 to 168).
    #[garde(custom(checks::hours(1, 168)))]
    IDEMPOTENCY_TTL idempotency_ttl: Hours = "24";

    ["Sessions"]

    /// Sessions of one person that may be active, the oldest being ended for one more (0 to 10000);
    /// 0 means no limit.
    #[garde(range(max = 10_000))]
    MAX_ACTIVE_SESSIONS max_active_sessions: u32 = "5";

    /// Whether a token that is seen for the first time makes a session.
    TRACK_SESSIONS track_sessions: bool = "true";

    /// Days for which ended sessions are kept (1 to 3650).
    #[garde(range(min = 1, max = 3650))]
    SESSION_RETENTION session_retention: u32 = "30" days;

    /// Days after its last activity for which the client address of a session is kept (1 to 3650).
    #[garde(range(min = 1, max = 3650))]
    SESSION_ADDRESS_RETENTION session_address_retention: u32 = "30" days;

    /// Days for which revocations are kept; no token may be valid for longer (1 to 3650).
    #[garde(range(min = 1, max = 3650))]
    REVOCATION_RETENTION revocation_retention: u32 = "30" days;

    ["Redis"]

    /// Redis, which replicas share: `redis://host:6379/0`, `rediss://…`,
    /// `redis+sentinel://host:26379,…/master/0` or `redis+cluster://host,…`; not set means none.
    REDIS_URL redis_url: Option<SecretString>, secret;

    /// Seconds for which Redis and the process remember who was let in (1 to 3600).
    #[garde(custom(checks::seconds(1, 3600)))]
    REDIS_SESSION_TTL redis_session_ttl: Duration = "60";

    /// Seconds for which Redis and the process remember answers to an Idempotency-Key (1 to 86400).
    #[garde(custom(checks::seconds(1, 86400)))]
    REDIS_CACHE_TTL redis_cache_ttl: Duration = "300";

    ["Avatars"]

    /// The largest picture which may be sent, in bytes (1024 to 52428800).
    #[garde(range(min = 1024, max = 52_428_800))]
    MAX_AVATAR_SIZE max_avatar_size: usize = "5242880" bytes;

    /// Types of pictures which are taken, by their bytes: of jpeg, png, webp, gif and avif, those that are
    /// compiled in; as media types, too.
    ALLOWED_AVATAR_TYPES allowed_avatar_types: AvatarTypes = "image/jpeg,image/png,image/webp";

    /// Pictures which may be sent at the same time (1 to 1000); each may take `MAX_AVATAR_SIZE` of memory.
    #[garde(range(min = 1, max = 1000))]
    AVATAR_UPLOADS avatar_uploads: usize = "16";

    /// Threads of low priority that work on pictures (0 to 64); 0 means one for every two cores.
    #[garde(range(max = 64))]
    AVATAR_WORKERS avatar_workers: usize = "0";

    /// Directory in which avatars are kept where neither a File Service nor a bucket is named.
    AVATAR_DIR avatar_dir: String = "avatars";

    /// File Service in which avatars are kept: `https://files.example`; `docs/FILE_SERVICE.md` says what
    /// it must do.
    #[garde(custom(checks::file_service))]
    FILE_SERVICE_URL file_service_url: Option<ServiceUrl>, secret;

    /// Token which the File Service knows this service by.
    #[garde(custom(checks::with_file_service))]
    FILE_SERVICE_TOKEN file_service_token: Option<SecretString>, secret;

    /// Bucket in which avatars are kept, of S3 or of what speaks its language.
    S3_BUCKET s3_bucket: Option<String>;

    /// Where the bucket is, for others than AWS: `https://s3.example`.
    #[garde(custom(checks::endpoint))]
    S3_ENDPOINT s3_endpoint: Option<ServiceUrl>;

    /// The bucket's region.
    S3_REGION s3_region: String = "us-east-1";

    /// Folder in the bucket.
    S3_PREFIX s3_prefix: String = "avatars";

    /// Name of the key for the bucket.
    #[garde(custom(checks::with_bucket))]
    S3_ACCESS_KEY_ID s3_access_key_id: Option<String>;

    /// The key for the bucket.
    #[garde(custom(checks::with_bucket))]
    S3_SECRET_ACCESS_KEY s3_secret_access_key: Option<SecretString>, secret;

    /// Seconds which a call of the File Service or of the bucket may take, with everything (1 to 30).
    #[garde(custom(checks::seconds(1, 30)))]
    AVATAR_STORE_TIMEOUT avatar_store_timeout: Duration = "5";

    /// Whether `FILE_SERVICE_URL` and `S3_ENDPOINT` may be `http://` for other machines, too. Whoever can
    /// read what is sent there can then change avatars.
    AVATAR_STORE_ALLOW_HTTP avatar_store_allow_http: bool = "false";

    /// Whether `/avatars/{hash}` shows avatars to everybody who knows an e-mail address or a user id, as
    /// Libravatar does.
    LIBRAVATAR libravatar: bool = "false";

    ["Limits"]

    /// Seconds a request may take, with everything (1 to 300).
    #[garde(custom(checks::seconds(1, 300)))]
    REQUEST_TIMEOUT request_timeout: Duration = "10";

    /// Seconds a request may take that sends a picture (1 to 600).
    #[garde(custom(checks::seconds(1, 600)))]
    UPLOAD_TIMEOUT upload_timeout: Duration = "60";

    /// Requests that the process works on at the same time (1 to 100000); more are refused at once with 503.
    #[garde(range(min = 1, max = 100_000))]
    MAX_IN_FLIGHT max_in_flight: usize = "1024";

    /// Imports by `POST /users:import` that the process works on at the same time (1 to 1000); more are refused at
    /// once with 503.
    #[garde(range(min = 1, max = 1000))]
    MAX_IMPORTS max_imports: usize = "4";

    /// Whether requests are counted and refused where too many come; see docs/LIMITS.md.
    RATE_LIMITS rate_limits: bool = "true";

    /// Requests of one person, such as `50/s:100`, `10/min`, or `off`.
    RATE_LIMIT_DEFAULT rate_limit_default: Rate = "50/s:100";

    /// Requests without a good token from one address.
    RATE_LIMIT_ANONYMOUS rate_limit_anonymous: Rate = "10/s:20";

    /// Searches of one person, or from one address.
    RATE_LIMIT_SEARCH rate_limit_search: Rate = "5/s:10";

    /// Pictures sent by one person.
    RATE_LIMIT_UPLOADS rate_limit_uploads: Rate = "10/min";

    /// Pictures read without a token from one address.
    RATE_LIMIT_PICTURES rate_limit_pictures: Rate = "100/s:400";

    ["Logs, metrics and traces"]

    /// error, warn, info, debug, trace, or a filter such as `info,sqlx=warn`. Read anew at SIGHUP.
    LOG_LEVEL log_level: LogFilter = "info", reloaded;

    /// Whether logs are JSON, one object on a line.
    JSON_LOGS json_logs: bool = "true";

    /// `json`, `pretty`, or `auto`, which is `pretty` where standard error is a terminal; not set means
    /// as `JSON_LOGS` says.
    LOG_FORMAT log_format: Option<LogFormat>;

    /// Whether `/metrics` is served.
    PROMETHEUS_ENABLED prometheus_enabled: bool = "true";

    /// Collector that traces are sent to by OTLP, over HTTP as protobuf: `http://collector:4318`; not set
    /// means none.
    OTEL_EXPORTER_OTLP_ENDPOINT otel_exporter_otlp_endpoint: Option<ServiceUrl>;

    /// Header fields for the collector: `name=value,other=value`, percent-encoded.
    OTEL_EXPORTER_OTLP_HEADERS otel_exporter_otlp_headers: Option<SecretPairs>, secret;

    /// What traces call this service.
    OTEL_SERVICE_NAME otel_service_name: String = "user-service";

    /// What else traces say of this process: `name=value,other=value`, percent-encoded.
    OTEL_RESOURCE_ATTRIBUTES otel_resource_attributes: Pairs = "";

    /// Which traces are sent: `always_on`, `always_off`, `traceidratio`, or `parentbased_` before one of
    /// them, for requests whose caller did not decide.
    OTEL_TRACES_SAMPLER otel_traces_sampler: TracesSampler = "parentbased_always_on";

    /// The share for `traceidratio` (0 to 1).
    OTEL_TRACES_SAMPLER_ARG otel_traces_sampler_arg: Ratio = "1";
}
