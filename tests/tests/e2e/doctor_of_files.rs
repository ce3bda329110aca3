//! `doctor`, where the database is a file.

use crate::doctor::is;
use crate::harness::App;

pub(crate) async fn what_serving_makes_is_not_missed(mut app: App) {
    app.stop_gracefully().await;
    app.run(&["migrate", "down"]).await.exits(0);
    let outcome = app.run(&["doctor", "--json"]).await.exits(0);
    is(&outcome, "migrations", "ok", "");
    is(&outcome, "indexes", "skipped", "");
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("none.db");
    let url = format!("sqlite://{}", file.display());
    let nowhere = [("DATABASE_URL", url.as_str())];
    let outcome = app.run_with(&nowhere, &["doctor", "--json"]).await.exits(1);
    is(&outcome, "database", "warning", "makes the file");
    assert!(!file.exists());
}
