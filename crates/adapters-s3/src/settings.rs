//! What is to be known of a bucket.

use std::fmt;
use std::time::Duration;

use url::{Host, Url};
use user_service_telemetry::HttpClientMeasures;

/// Where the files are, and who asks for them.
#[derive(Clone)]
pub struct S3Settings {
    /// The name of the bucket.
    pub bucket: String,
    /// Where the store is, unless it is Amazon's: `http` or `https`, a host, perhaps a port and a path.
    pub endpoint: Option<String>,
    /// The region that requests are signed for: `eu-central-1`; for most other stores any.
    pub region: String,
    /// Who asks.
    pub access_key_id: String,
    /// What proves it.
    pub secret_access_key: String,
    /// What keys begin with: lower-case letters, digits, `.`, `_`, `-`, and `/` between them.
    pub prefix: String,
    /// How long a call may take, all attempts together.
    pub timeout: Duration,
    /// After how many failures in a row the store is left alone.
    pub failures: u32,
    /// For how long.
    pub leave_alone_for: Duration,
    /// Measures each request.
    pub measures: HttpClientMeasures,
}

impl S3Settings {
    /// The usual prefix.
    pub const PREFIX: &str = "avatars";
    /// The usual timeout.
    pub const TIMEOUT: Duration = Duration::from_secs(5);
    /// The usual number of failures.
    pub const FAILURES: u32 = 5;
    /// The usual time to be left alone.
    pub const LEAVE_ALONE_FOR: Duration = Duration::from_secs(5);

    /// Whether nobody on the way can read or change what is sent: by TLS, or because it does not leave the machine.
    pub fn is_protected(&self) -> bool {
        match &self.endpoint {
            None => true,
            Some(text) => {
                Url::parse(text).is_ok_and(|url| url.scheme() == "https" || is_loopback(&url))
            }
        }
    }
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .field("failures", &self.failures)
            .field("leave_alone_for", &self.leave_alone_for)
            .finish_non_exhaustive()
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_and_loopback_are_protected() {
        for (endpoint, protected) in [
            (None, true),
            (Some("https://s3.example"), true),
            (Some("http://localhost:9000"), true),
            (Some("http://127.0.0.1:9000"), true),
            (Some("http://[::1]:9000"), true),
            (Some("http://minio:9000"), false),
            (Some("http://10.0.0.1"), false),
            (Some("nonsense"), false),
        ] {
            let settings = S3Settings {
                bucket: "b".to_owned(),
                endpoint: endpoint.map(str::to_owned),
                region: "r".to_owned(),
                access_key_id: "hunter1".to_owned(),
                secret_access_key: "hunter2".to_owned(),
                prefix: S3Settings::PREFIX.to_owned(),
                timeout: S3Settings::TIMEOUT,
                failures: S3Settings::FAILURES,
                leave_alone_for: S3Settings::LEAVE_ALONE_FOR,
                measures: HttpClientMeasures::default(),
            };
            assert_eq!(settings.is_protected(), protected, "{endpoint:?}");
            assert!(!format!("{settings:?}").contains("hunter"));
        }
    }
}
