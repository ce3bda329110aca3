//! Where another service is.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The address of another service: `http` or `https` with a host, perhaps with a path, and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(Url);

impl ServiceUrl {
    /// Reads it. What is wrong does not quote the text: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim())
            .map_err(|_wrong| "must be a URL such as `https://auth.example`")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must begin with `https://` or `http://`");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user or a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must not have `?` or `#`");
        }
        Ok(Self(url))
    }

    /// Whether nobody on the way can read or change what is sent: by TLS, or because it does not leave the machine.
    pub fn is_protected(&self) -> bool {
        self.0.scheme() == "https" || self.is_loopback()
    }

    /// The host, as it is told to operators.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The address of this path, which begins with `/`, below the service's own.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
            Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
            None => false,
        }
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceUrl(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_below_the_service() {
        for (base, at) in [
            ("https://a.example", "https://a.example/keys.json"),
            ("https://a.example/", "https://a.example/keys.json"),
            (
                "https://a.example/auth/",
                "https://a.example/auth/keys.json",
            ),
            ("http://[::1]:81/a/b", "http://[::1]:81/a/b/keys.json"),
        ] {
            let url = ServiceUrl::parse(base).unwrap();
            assert_eq!(url.at("/keys.json").as_str(), at);
        }
    }

    #[test]
    fn what_is_no_address_of_a_service_is_refused_and_not_quoted() {
        for bad in [
            "",
            "auth",
            "auth.example:80",
            "ftp://hunter2.example",
            "file:///etc/passwd",
            "https://",
            "https://user:hunter2@a.example",
            "https://hunter2@a.example",
            "https://a.example?key=hunter2",
            "https://a.example/#hunter2",
        ] {
            let wrong = ServiceUrl::parse(bad).unwrap_err();
            assert!(!wrong.contains("hunter2"), "{bad}");
        }
    }

    #[test]
    fn only_tls_and_loopback_are_protected() {
        for (url, protected) in [
            ("https://a.example", true),
            ("http://localhost:8081", true),
            ("http://auth.localhost", true),
            ("http://127.0.0.1", true),
            ("http://127.8.9.1", true),
            ("http://[::1]", true),
            ("http://a.example", false),
            ("http://10.0.0.1", false),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
            ("http://[::ffff:7f00:1]", false),
        ] {
            let parsed = ServiceUrl::parse(url).unwrap();
            assert_eq!(parsed.is_protected(), protected, "{url}");
        }
    }
}
