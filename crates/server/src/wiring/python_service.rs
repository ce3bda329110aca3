//! The database of the Python service that this one succeeds.

use secrecy::ExposeSecret;
use user_service_adapters_python_service::{PythonService, Reader, SourceError, TextType};

use super::store::check_engine_of;
use crate::config::{DatabaseUrl, Engine};

/// Opens it, to read; it need not answer yet.
pub(crate) fn open_python_service(at: &DatabaseUrl) -> anyhow::Result<Box<dyn PythonService>> {
    macro_rules! open {
        ($adapter:ident, $text:ident) => {{
            let pool = $adapter::open_foreign(at.url.expose_secret()).map_err(SourceError::from)?;
            Ok(Box::new(Reader::new(pool, TextType::$text)))
        }};
    }
    check_engine_of("PYTHON_SERVICE_DATABASE_URL", at)?;
    match at.engine {
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => open!(user_service_adapters_sqlite, Text),
        #[cfg(feature = "postgres")]
        Engine::Postgres => open!(user_service_adapters_postgres, Text),
        #[cfg(feature = "mysql")]
        Engine::MySql => open!(user_service_adapters_mysql, Char),
        #[allow(unreachable_patterns, reason = "all engines may be compiled in")]
        _ => anyhow::bail!("the engine of PYTHON_SERVICE_DATABASE_URL is not in this build"),
    }
}
