//! Asking a service that runs on this machine how it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::{Client, ClientBuilder, StatusCode};

/// Asks over a connection of its own each time, so that the listener has to answer, too.
pub(crate) struct Probe(Client);

impl Probe {
    /// Who does not answer within `patience` is taken to be away.
    pub(crate) fn new(patience: Duration) -> reqwest::Result<Self> {
        builder(patience).build().map(Self)
    }

    /// For the service that the configuration is of, where its address alone is known: its certificate is for a name, and
    /// is not looked at.
    pub(crate) fn of_itself(patience: Duration) -> reqwest::Result<Self> {
        builder(patience)
            .tls_danger_accept_invalid_certs(true)
            .build()
            .map(Self)
    }

    /// The status of the answer.
    pub(crate) async fn ask(&self, url: &str) -> reqwest::Result<StatusCode> {
        self.0.get(url).send().await.map(|answer| answer.status())
    }
}

fn builder(patience: Duration) -> ClientBuilder {
    Client::builder()
        .timeout(patience)
        .no_proxy()
        .pool_max_idle_per_host(0)
}

/// Where the service that listens on this address has this path; what listens everywhere is asked on loopback.
pub(crate) fn url(address: SocketAddr, tls: bool, path: &str) -> String {
    let host = match address.ip() {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}{path}", SocketAddr::new(host, address.port()))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn what_listens_everywhere_is_asked_on_loopback() {
        for (address, tls, expected) in [
            ("0.0.0.0:1", false, "http://127.0.0.1:1/p"),
            ("[::]:1", true, "https://[::1]:1/p"),
            ("192.0.2.1:1", false, "http://192.0.2.1:1/p"),
        ] {
            assert_eq!(url(address.parse().unwrap(), tls, "/p"), expected);
        }
    }

    #[tokio::test]
    async fn a_listener_behind_which_nobody_answers_is_away() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(listener.local_addr().unwrap(), false, "/health/live");
        let probe = Probe::new(Duration::from_millis(100)).unwrap();
        assert!(probe.ask(&url).await.unwrap_err().is_timeout());
    }

    #[tokio::test]
    async fn the_status_of_the_answer_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(listener.local_addr().unwrap(), false, "/health/live");
        let answer = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            let answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        };
        let probe = Probe::new(Duration::from_secs(20)).unwrap();
        let (status, ()) = tokio::join!(probe.ask(&url), answer);
        assert_eq!(status.unwrap(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
