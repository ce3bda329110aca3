//! Administrators of database servers.

use secrecy::SecretString;
use user_service_adapters_sql::setup::Administrator;

use super::store::{NotCompiledIn, engine_name};
use crate::config::Engine;

/// Connects to the server as its administrator.
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    expect(unused_variables, reason = "only servers have administrators")
)]
pub(crate) async fn open_administrator(
    engine: Engine,
    url: &SecretString,
) -> anyhow::Result<Box<dyn Administrator>> {
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    use secrecy::ExposeSecret as _;

    match engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => Ok(Box::new(
            user_service_adapters_postgres::PostgresAdministrator::connect(url.expose_secret())
                .await?,
        )),
        #[cfg(feature = "mysql")]
        Engine::MySql => Ok(Box::new(
            user_service_adapters_mysql::MySqlAdministrator::connect(url.expose_secret()).await?,
        )),
        _ => Err(NotCompiledIn::of("DATABASE_ADMIN_URL", engine_name(engine)).into()),
    }
}
