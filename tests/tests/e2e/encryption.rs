//! The way to the database, encrypted.

use sqlx::Connection as _;

use crate::doctor::is;
use crate::harness::App;
use crate::people::USERS;

/// Whether the server can do TLS, and how many of the service's connections to its database do.
async fn encrypted(app: &App) -> (bool, i64) {
    let sql = "SELECT current_setting('ssl') = 'on', (SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING \
               (pid) WHERE ssl AND datname = current_database() AND pid <> pg_backend_pid())";
    let mut connection = sqlx::PgConnection::connect(app.database_url())
        .await
        .unwrap();
    sqlx::query_as(sql)
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

pub(crate) async fn what_must_be_encrypted_is_or_does_not_begin(mut app: App) {
    let mut url = reqwest::Url::parse(app.database_url()).unwrap();
    url.set_query(Some("sslmode=require"));
    app.stop_gracefully().await;
    let (can, _) = encrypted(&app).await;
    let outcome = app
        .run_with(&[("DATABASE_URL", url.as_str())], &["doctor", "--json"])
        .await;
    if !can {
        is(
            &outcome,
            "database",
            "failed",
            "the mode that the server can do",
        );
        return;
    }
    is(&outcome, "database", "ok", "");
    app.restart_with("DATABASE_URL", url.as_str()).await;
    let ana = app.person("Ana").await;
    app.read(&format!("{USERS}/me"), &ana).await;
    let (_, connections) = encrypted(&app).await;
    assert!(connections > 0);
}
