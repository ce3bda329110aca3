//! The address of the database, in any form in which people have it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::value::{FromSetting, MASK};

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// `SQLite`.
    Sqlite,
    /// `PostgreSQL`.
    Postgres,
    /// `MySQL` or `MariaDB`.
    MySql,
}

/// The address of the database, in the form that sqlx understands.
#[derive(Clone)]
pub(crate) struct DatabaseUrl {
    /// The kind of database.
    pub(crate) engine: Engine,
    /// The address; it may contain a password.
    pub(crate) url: SecretString,
}

impl DatabaseUrl {
    /// The address with every password replaced.
    pub(crate) fn redacted(&self) -> String {
        let text = self.url.expose_secret();
        if self.engine == Engine::Sqlite {
            return text.to_owned();
        }
        let Ok(mut url) = Url::parse(text) else {
            return MASK.to_owned();
        };
        if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
            return MASK.to_owned();
        }
        rewrite_query(&mut url, |key, value| {
            let value = if key.contains("password") {
                MASK.to_owned()
            } else {
                value
            };
            (key, value)
        });
        url.into()
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseUrl")
            .field("engine", &self.engine)
            .field("url", &self.redacted())
            .finish()
    }
}

impl FromSetting for DatabaseUrl {
    const FORM: &'static str = "URL";

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or_else(accepted)?;
        let scheme = scheme.to_ascii_lowercase();
        let (dialect, driver) = match scheme.split_once('+') {
            Some((dialect, driver)) => (dialect, Some(driver)),
            None => (scheme.as_str(), None),
        };
        let (engine, url) = match dialect {
            "sqlite" => (Engine::Sqlite, sqlite(rest, driver.is_some())?),
            "postgres" | "postgresql" => (Engine::Postgres, server("postgres", rest)?),
            "mysql" | "mariadb" => (Engine::MySql, server("mysql", rest)?),
            _ => return Err(accepted()),
        };
        Ok(Self {
            engine,
            url: url.into(),
        })
    }

    fn show(&self) -> Option<String> {
        Some(self.redacted())
    }
}

fn accepted() -> String {
    "must begin with sqlite://, postgres://, postgresql://, mysql:// or mariadb:// \
     (also with a SQLAlchemy driver, as in postgresql+asyncpg://)"
        .to_owned()
}

/// A URL of a database server.
fn server(scheme: &str, rest: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "must be {scheme}://user:password@host:port/database; \
             special characters in the password must be percent-encoded"
        )
    };
    if !rest.starts_with("//") {
        return Err(wrong());
    }
    let mut url = Url::parse(&format!("{scheme}:{rest}")).map_err(|_| wrong())?;
    if url.fragment().is_some() {
        return Err(wrong());
    }
    if scheme == "postgres" {
        // asyncpg's `ssl` is libpq's `sslmode`; ignoring it would weaken the connection
        rewrite_query(&mut url, |key, value| {
            match (key.as_str(), value.as_str()) {
                ("ssl", "true" | "1") => ("sslmode".to_owned(), "require".to_owned()),
                ("ssl", "false" | "0") => ("sslmode".to_owned(), "disable".to_owned()),
                ("ssl", _) => ("sslmode".to_owned(), value),
                _ => (key, value),
            }
        });
    }
    Ok(url.into())
}

/// Passes every pair of the query through `change`; leaves the text alone if none changes.
fn rewrite_query(url: &mut Url, change: impl Fn(String, String) -> (String, String)) {
    let before: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let after: Vec<_> = before
        .iter()
        .cloned()
        .map(|(key, value)| change(key, value))
        .collect();
    if before != after {
        url.query_pairs_mut().clear().extend_pairs(after);
    }
}

/// A `SQLite` URL. In `SQLAlchemy`'s form three slashes begin a relative path and four an absolute
/// one; in sqlx's form two and three do.
fn sqlite(rest: &str, sqlalchemy: bool) -> Result<String, String> {
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    let dotted = path.starts_with("/./") || path.starts_with("/../") || path == "/:memory:";
    let path = if sqlalchemy || dotted {
        path.strip_prefix('/').unwrap_or(path)
    } else {
        path
    };
    if path == ":memory:" || (path.is_empty() && sqlalchemy) {
        return Ok("sqlite::memory:".to_owned());
    }
    if path.is_empty() {
        return Err("must name a file, as in sqlite://user-service.db".to_owned());
    }
    Ok(match query {
        None | Some("") => format!("sqlite://{path}?mode=rwc"),
        Some(query) if query.split('&').any(|pair| pair.starts_with("mode=")) => {
            format!("sqlite://{path}?{query}")
        }
        Some(query) => format!("sqlite://{path}?{query}&mode=rwc"),
    })
}

#[cfg(test)]
#[path = "database_url_tests.rs"]
mod tests;
