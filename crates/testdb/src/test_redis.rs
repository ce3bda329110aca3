//! A part of a Redis server for each test.

use std::fmt;
use std::io::Write as _;
use std::time::Duration;

use redis::{Connection, ConnectionAddr, IntoConnectionInfo as _, RedisResult};
use uuid::Uuid;

/// The environment variable that names the Redis server of the tests.
pub const REDIS_VARIABLE: &str = "TEST_REDIS_URL";

const REDIS_DEFAULT: &str = "redis://127.0.0.1:6379";

/// How long one command may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(30);

/// A prefix of keys of its own on the Redis server of [`REDIS_VARIABLE`]; what is under it goes with this
/// value.
#[derive(Debug)]
pub struct TestRedis {
    server: Server,
    prefix: String,
}

impl TestRedis {
    /// Panics where the server does not answer: a test that needs Redis never passes without it.
    pub fn new() -> Self {
        let url = super::variable("Redis", REDIS_VARIABLE, REDIS_DEFAULT);
        let server = Server(url);
        if let Err(error) = server.ping() {
            panic!("{server}: no answer: {error}");
        }
        Self {
            server,
            prefix: format!("ust_{}:", Uuid::new_v4().simple()),
        }
    }

    /// The URL under which the service reaches the server.
    pub fn url(&self) -> &str {
        &self.server.0
    }

    /// What the names of all keys of the test begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl Default for TestRedis {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        if let Err(error) = self.server.remove(&self.prefix) {
            // Not a panic: the test may be unwinding already.
            let _ = writeln!(
                std::io::stderr(),
                "{}: keys of {} are left behind: {error}",
                self.server,
                self.prefix
            );
        }
    }
}

/// A server, by its URL.
struct Server(String);

impl Server {
    fn connect(&self) -> RedisResult<Connection> {
        let connection =
            redis::Client::open(self.0.as_str())?.get_connection_with_timeout(PATIENCE)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        Ok(connection)
    }

    fn ping(&self) -> RedisResult<()> {
        redis::cmd("PING").query(&mut self.connect()?)
    }

    fn remove(&self, prefix: &str) -> RedisResult<()> {
        let mut connection = self.connect()?;
        let mut cursor = 0_u64;
        loop {
            let (next, keys): (u64, Vec<Vec<u8>>) = redis::cmd("SCAN")
                .arg(cursor)
                .arg("MATCH")
                .arg(format!("{prefix}*"))
                .arg("COUNT")
                .arg(1000)
                .query(&mut connection)?;
            if !keys.is_empty() {
                redis::cmd("DEL").arg(keys).query::<()>(&mut connection)?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }
}

/// Where it is looked for, and the variable that says so; never the password.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")?;
        if let Ok(info) = self.0.as_str().into_connection_info()
            && let ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } =
                info.addr()
        {
            write!(f, " at {host}:{port}")?;
        }
        write!(f, " (set {REDIS_VARIABLE} for another server)")
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(redis: &TestRedis) -> Vec<String> {
        let mut connection = redis.server.connect().expect("it answers");
        redis::cmd("KEYS")
            .arg(format!("{}*", redis.prefix))
            .query(&mut connection)
            .expect("it answers")
    }

    #[test]
    fn keys_under_the_prefix_go_with_the_value() {
        let (one, other) = (TestRedis::new(), TestRedis::new());
        let mut connection = one.server.connect().expect("it answers");
        for redis in [&one, &other] {
            for n in 0..1500 {
                redis::cmd("SET")
                    .arg(format!("{}{n}", redis.prefix))
                    .arg("")
                    .query::<()>(&mut connection)
                    .expect("it answers");
            }
        }
        let prefix = one.prefix.clone();
        drop(one);
        let gone = TestRedis {
            server: Server(other.server.0.clone()),
            prefix,
        };
        assert!(keys(&gone).is_empty());
        assert_eq!(keys(&other).len(), 1500);
    }

    #[test]
    fn an_unreachable_server_is_named_without_its_password() {
        let server = Server("redis://:secret@127.0.0.1:1".to_owned());
        let error = server.ping().expect_err("nothing listens there");
        let message = format!("{server}: {error}");
        assert!(message.contains("Redis at 127.0.0.1:1"), "{message}");
        assert!(message.contains(REDIS_VARIABLE), "{message}");
        assert!(!message.contains("secret"), "{message}");
        assert!(!format!("{server:?}").contains("secret"));
    }
}
