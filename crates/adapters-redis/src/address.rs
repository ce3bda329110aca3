//! Where Redis is: the forms of `REDIS_URL`.

use redis::io::tcp::TcpSettings;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};
use url::Url;

use crate::error::OpenError;

/// The port of a Sentinel.
const SENTINEL_PORT: u16 = 26379;

const SCHEMES: &str = "the scheme must be redis, rediss, redis+unix, redis+sentinel, rediss+sentinel, \
                       redis+cluster or rediss+cluster";
const FORM: &str = "it must be of the form redis://user:password@host:port/database";
const SENTINEL_FORM: &str = "it must be of the form redis+sentinel://user:password@host:port,host:port/master-name/database";
const CLUSTER_FORM: &str =
    "it must be of the form redis+cluster://user:password@host:port,host:port";
const VERIFIED: &str = "certificates are always verified";

/// What a URL points at.
pub(crate) enum Target {
    /// One server.
    One(ConnectionInfo),
    /// The master that Sentinels know by a name.
    Sentinel(Watched),
    /// A cluster, by some of its nodes; there is at least one.
    Cluster(Vec<ConnectionInfo>),
}

/// A master that Sentinels watch.
pub(crate) struct Watched {
    /// The Sentinels; there is at least one.
    pub(crate) sentinels: Vec<ConnectionAddr>,
    /// How to greet them.
    pub(crate) greeting: RedisConnectionInfo,
    /// The name of the master.
    pub(crate) name: String,
    /// How to greet it.
    pub(crate) node: RedisConnectionInfo,
    /// Whether connections are encrypted.
    pub(crate) tls: bool,
}

impl Target {
    /// Reads a URL.
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let (scheme, rest) = url.split_once("://").ok_or(OpenError::Url(SCHEMES))?;
        match scheme {
            "redis" | "rediss" | "redis+unix" | "unix" => info(url, FORM).map(Self::One),
            "redis+sentinel" => sentinel("redis", rest),
            "rediss+sentinel" => sentinel("rediss", rest),
            "redis+cluster" => cluster("redis", rest),
            "rediss+cluster" => cluster("rediss", rest),
            _ => Err(OpenError::Url(SCHEMES)),
        }
    }
}

/// One server, small commands sent as soon as they are there.
fn info(url: &str, form: &'static str) -> Result<ConnectionInfo, OpenError> {
    let info = url
        .into_connection_info()
        .map_err(|_| OpenError::Url(form))?;
    if matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. }) {
        return Err(OpenError::Url(VERIFIED));
    }
    Ok(info.set_tcp_settings(tcp_settings()))
}

/// How sockets are set up.
pub(crate) fn tcp_settings() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

/// The parts of `user:password@host:port,host:port/path?query`.
struct Seeds<'a> {
    /// With its `@`, where there are credentials.
    credentials: &'a str,
    hosts: Vec<&'a str>,
    path: &'a str,
    query: &'a str,
}

impl<'a> Seeds<'a> {
    fn of(rest: &'a str) -> Self {
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let hosts = authority.rfind('@').map_or(0, |at| at + 1);
        Self {
            credentials: authority.get(..hosts).unwrap_or_default(),
            hosts: authority
                .get(hosts..)
                .unwrap_or_default()
                .split(',')
                .collect(),
            path: path.trim_end_matches('/'),
            query,
        }
    }
}

fn cluster(scheme: &str, rest: &str) -> Result<Target, OpenError> {
    let seeds = Seeds::of(rest);
    if !seeds.path.is_empty() || !seeds.query.is_empty() {
        return Err(OpenError::Url(CLUSTER_FORM));
    }
    seeds
        .hosts
        .iter()
        .map(|host| {
            not_empty(host, CLUSTER_FORM)?;
            let url = format!("{scheme}://{}{host}", seeds.credentials);
            info(&url, CLUSTER_FORM)
        })
        .collect::<Result<_, _>>()
        .map(Target::Cluster)
}

fn sentinel(scheme: &str, rest: &str) -> Result<Target, OpenError> {
    let seeds = Seeds::of(rest);
    let (master, database) = seeds.path.split_once('/').unwrap_or((seeds.path, "0"));
    not_empty(master, SENTINEL_FORM)?;
    let node = info(
        &format!("{scheme}://{}unknown/{database}", seeds.credentials),
        SENTINEL_FORM,
    )?;
    let sentinels = seeds
        .hosts
        .iter()
        .map(|host| {
            not_empty(host, SENTINEL_FORM)?;
            let url = format!("{scheme}://{host}");
            let has_port = Url::parse(&url).is_ok_and(|url| url.port().is_some());
            let url = if has_port {
                url
            } else {
                format!("{url}:{SENTINEL_PORT}")
            };
            Ok(info(&url, SENTINEL_FORM)?.addr().clone())
        })
        .collect::<Result<_, OpenError>>()?;
    Ok(Target::Sentinel(Watched {
        sentinels,
        greeting: greeting(seeds.query)?,
        name: master.to_owned(),
        node: node.redis_settings().clone(),
        tls: scheme == "rediss",
    }))
}

/// The credentials of the Sentinels themselves: `sentinel_username` and `sentinel_password`.
fn greeting(query: &str) -> Result<RedisConnectionInfo, OpenError> {
    let url = Url::parse(&format!("redis://unknown?{query}"))
        .map_err(|_| OpenError::Url(SENTINEL_FORM))?;
    url.query_pairs()
        .try_fold(
            RedisConnectionInfo::default(),
            |greeting, (name, value)| match &*name {
                "sentinel_username" => Ok(greeting.set_username(&*value)),
                "sentinel_password" => Ok(greeting.set_password(&*value)),
                _ => Err(OpenError::Url(SENTINEL_FORM)),
            },
        )
}

fn not_empty(part: &str, form: &'static str) -> Result<(), OpenError> {
    if part.is_empty() {
        Err(OpenError::Url(form))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(info: &ConnectionInfo) -> String {
        info.addr().to_string()
    }

    #[test]
    fn one_server_is_understood() {
        for (url, at) in [
            ("redis://127.0.0.1", "127.0.0.1:6379"),
            ("redis://:secret@cache:7000/3", "cache:7000"),
            ("rediss://user:p%40ss@cache", "cache:6379"),
            ("redis+unix:///run/redis.sock", "/run/redis.sock"),
            ("redis://[::1]:7", "::1:7"),
        ] {
            let Ok(Target::One(info)) = Target::parse(url) else {
                panic!("{url}");
            };
            assert_eq!(address(&info), at, "{url}");
            assert!(info.tcp_settings().nodelay());
        }
    }

    #[test]
    fn credentials_and_database_are_read() {
        let Ok(Target::One(info)) = Target::parse("rediss://user:p%40ss@cache/3") else {
            panic!();
        };
        let settings = info.redis_settings();
        assert_eq!(settings.username(), Some("user"));
        assert_eq!(settings.password(), Some("p@ss"));
        assert_eq!(settings.db(), 3);
        assert!(matches!(info.addr(), ConnectionAddr::TcpTls { .. }));
    }

    #[test]
    fn a_cluster_is_known_by_some_nodes() {
        let Ok(Target::Cluster(nodes)) =
            Target::parse("rediss+cluster://u:p@one,two:7001,[::1]:7002/")
        else {
            panic!();
        };
        let at: Vec<_> = nodes.iter().map(address).collect();
        assert_eq!(at, ["one:6379", "two:7001", "::1:7002"]);
        for node in &nodes {
            assert_eq!(node.redis_settings().password(), Some("p"));
            assert!(matches!(node.addr(), ConnectionAddr::TcpTls { .. }));
        }
    }

    #[test]
    fn a_master_is_known_by_its_sentinels() {
        let url = "redis+sentinel://u:p@one,two:7001,[::1]/main/2?sentinel_password=s%26s";
        let Ok(Target::Sentinel(watched)) = Target::parse(url) else {
            panic!();
        };
        let at: Vec<_> = watched.sentinels.iter().map(ToString::to_string).collect();
        assert_eq!(at, ["one:26379", "two:7001", "::1:26379"]);
        assert_eq!((watched.name.as_str(), watched.tls), ("main", false));
        let node = watched.node;
        assert_eq!((node.username(), node.password()), (Some("u"), Some("p")));
        assert_eq!(node.db(), 2);
        assert_eq!(watched.greeting.password(), Some("s&s"));
    }

    #[test]
    fn a_wrong_url_is_refused_without_being_repeated() {
        for url in [
            "",
            "127.0.0.1:6379",
            "http://u:secret@127.0.0.1",
            "redis://",
            "redis://u:secret@host/db",
            "redis://u:secret@host:99999",
            "rediss://u:secret@host#insecure",
            "redis+cluster://u:secret@host/1",
            "redis+cluster://u:secret@one,,two",
            "redis+cluster://",
            "redis+sentinel://u:secret@host",
            "redis+sentinel://u:secret@/main",
            "redis+sentinel://u:secret@host/main/x",
            "redis+sentinel://u:secret@host/main?password=secret",
        ] {
            let Err(error) = Target::parse(url) else {
                panic!("{url}");
            };
            let text = format!("{error} {error:?}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
