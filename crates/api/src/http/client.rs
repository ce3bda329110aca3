//! What sent a request: its address, as far as trusted proxies tell it, and its user agent.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderMap, USER_AGENT, X_FORWARDED_FOR};
use ipnet::IpNet;
use rfc7239::{NodeIdentifier, NodeName};
use user_service_application::session::Client;
use user_service_domain::session::UserAgent;

/// The proxies whose word is taken about whom they speak for.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// These networks; none means that nobody is believed.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The nearest address that is not of a trusted proxy. Where `Forwarded` (RFC 7239) and
    /// `X-Forwarded-For` both came and differ, one of them is the client's own invention: the proxy's
    /// address is all that is sure then.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.holds(peer) {
            return peer;
        }
        let forwarded = headers
            .contains_key(FORWARDED)
            .then(|| self.nearest(peer, forwarded(headers)));
        let listed = headers
            .contains_key(&X_FORWARDED_FOR)
            .then(|| self.nearest(peer, x_forwarded_for(headers)));
        match (forwarded, listed) {
            (Some(one), Some(other)) if one != other => peer,
            (Some(one), _) | (None, Some(one)) => one,
            (None, None) => peer,
        }
    }

    /// Walks from the last hop to the first. Stops at what is no address: who stands before it is unknown.
    fn nearest(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut nearest = peer;
        for hop in hops {
            let Some(hop) = hop else { break };
            nearest = hop.to_canonical();
            if !self.holds(nearest) {
                break;
            }
        }
        nearest
    }
}

/// The hops of `Forwarded`, last first.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines: Vec<_> = headers.get_all(FORWARDED).collect();
    lines.into_iter().rev().flat_map(|line| {
        rfc7239::parse(line.to_str().unwrap_or_default())
            .rev()
            .map(|hop| match hop.ok()?.forwarded_for? {
                NodeIdentifier {
                    name: NodeName::Ip(address),
                    ..
                } => Some(address),
                _ => None,
            })
            .collect::<Vec<_>>()
    })
}

/// The hops of `X-Forwarded-For`, last first.
fn x_forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines: Vec<_> = headers.get_all(&X_FORWARDED_FOR).collect();
    lines.into_iter().rev().flat_map(|line| {
        line.to_str()
            .unwrap_or_default()
            .rsplit(',')
            .map(|hop| written(hop.trim()))
            .collect::<Vec<_>>()
    })
}

/// An address as proxies write it: bare, or with a port.
fn written(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .or_else(|_| text.parse().map(|socket: std::net::SocketAddr| socket.ip()))
        .ok()
}

/// The address that sent this request.
pub(crate) fn address(req: &HttpRequest, proxies: &TrustedProxies) -> Option<IpAddr> {
    req.peer_addr()
        .map(|peer| proxies.client(peer.ip(), req.headers()))
}

/// What sent this request.
pub(crate) fn client(req: &HttpRequest, proxies: &TrustedProxies) -> Client {
    let user_agent = req
        .headers()
        .get(USER_AGENT)
        .and_then(|value| UserAgent::fitting(&String::from_utf8_lossy(value.as_bytes())));
    Client {
        user_agent,
        ip_address: address(req, proxies),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn seen(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies::new(vec![
            "10.0.0.0/8".parse().unwrap(),
            "::1/128".parse().unwrap(),
        ]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        proxies.client(peer.parse().unwrap(), &map).to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        let lies = [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")];
        assert_eq!(seen("8.8.8.8", &lies), "8.8.8.8");
        assert_eq!(seen("8.8.8.8", &[]), "8.8.8.8");
    }

    #[test]
    fn the_nearest_stranger_is_the_client() {
        for (headers, client) in [
            (vec![("x-forwarded-for", "1.1.1.1")], "1.1.1.1"),
            (
                vec![("x-forwarded-for", "6.6.6.6, 1.1.1.1, 10.1.1.1")],
                "1.1.1.1",
            ),
            (
                vec![
                    ("x-forwarded-for", "6.6.6.6"),
                    ("x-forwarded-for", "1.1.1.1:4711"),
                ],
                "1.1.1.1",
            ),
            (vec![("x-forwarded-for", "2001:db8::1")], "2001:db8::1"),
            (vec![("x-forwarded-for", "[2001:db8::1]:80")], "2001:db8::1"),
            (vec![("x-forwarded-for", "::ffff:1.1.1.1")], "1.1.1.1"),
            (
                vec![(
                    "forwarded",
                    "for=6.6.6.6, for=\"[2001:db8::1]:4711\";proto=https",
                )],
                "2001:db8::1",
            ),
            (
                vec![("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "1.1.1.1")],
                "1.1.1.1",
            ),
        ] {
            assert_eq!(seen("10.0.0.1", &headers), client, "{headers:?}");
        }
    }

    #[test]
    fn what_cannot_be_known_is_the_proxy() {
        for headers in [
            vec![],
            vec![("x-forwarded-for", "unknown")],
            vec![("x-forwarded-for", "")],
            vec![("forwarded", "for=_hidden")],
            vec![("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "2.2.2.2")],
        ] {
            assert_eq!(seen("10.0.0.1", &headers), "10.0.0.1", "{headers:?}");
        }
        assert_eq!(
            seen(
                "10.0.0.1",
                &[("x-forwarded-for", "1.1.1.1, unknown, 10.0.0.9")]
            ),
            "10.0.0.9"
        );
    }
}
