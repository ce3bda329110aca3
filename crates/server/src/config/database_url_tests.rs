//! Promises about addresses of databases.

use super::*;

#[test]
fn urls_of_sqlalchemy_are_understood() {
    for (given, engine, meant) in [
        (
            "postgresql+asyncpg://u:p@h:5432/d",
            Engine::Postgres,
            "postgres://u:p@h:5432/d",
        ),
        (
            "postgresql+psycopg2://u:p@h/d",
            Engine::Postgres,
            "postgres://u:p@h/d",
        ),
        (
            "postgresql://u:p%40@h/d",
            Engine::Postgres,
            "postgres://u:p%40@h/d",
        ),
        ("POSTGRES://h/d", Engine::Postgres, "postgres://h/d"),
        (
            "postgresql+asyncpg://h/d?ssl=require",
            Engine::Postgres,
            "postgres://h/d?sslmode=require",
        ),
        (
            "mysql+aiomysql://u:p@h:3306/d",
            Engine::MySql,
            "mysql://u:p@h:3306/d",
        ),
        (
            "mysql+pymysql://u:p@h/d?charset=utf8mb4",
            Engine::MySql,
            "mysql://u:p@h/d?charset=utf8mb4",
        ),
        ("mariadb://u:p@h/d", Engine::MySql, "mysql://u:p@h/d"),
        (
            "mariadb+asyncmy://u:p@h/d",
            Engine::MySql,
            "mysql://u:p@h/d",
        ),
        (
            "sqlite+aiosqlite:///rel.db",
            Engine::Sqlite,
            "sqlite://rel.db?mode=rwc",
        ),
        (
            "sqlite+aiosqlite:////abs/a.db",
            Engine::Sqlite,
            "sqlite:///abs/a.db?mode=rwc",
        ),
        (
            "sqlite+aiosqlite:///./a.db",
            Engine::Sqlite,
            "sqlite://./a.db?mode=rwc",
        ),
        ("sqlite+aiosqlite://", Engine::Sqlite, "sqlite::memory:"),
        ("sqlite:///:memory:", Engine::Sqlite, "sqlite::memory:"),
        ("sqlite::memory:", Engine::Sqlite, "sqlite::memory:"),
        ("sqlite://a.db", Engine::Sqlite, "sqlite://a.db?mode=rwc"),
        (
            "sqlite:a.db?cache=private",
            Engine::Sqlite,
            "sqlite://a.db?cache=private&mode=rwc",
        ),
        (
            "sqlite:///abs/a.db?mode=ro",
            Engine::Sqlite,
            "sqlite:///abs/a.db?mode=ro",
        ),
        (
            "sqlite:///./a.db",
            Engine::Sqlite,
            "sqlite://./a.db?mode=rwc",
        ),
    ] {
        let parsed = DatabaseUrl::parse(given).unwrap();
        assert_eq!(parsed.engine, engine, "{given}");
        assert_eq!(parsed.url.expose_secret(), meant, "{given}");
    }
}

#[test]
fn other_urls_are_refused_without_being_quoted() {
    for bad in [
        "hunter2",
        "mssql://u:hunter2@h/d",
        "postgres:hunter2",
        "sqlite://",
        "mysql://u:hunter2#x@h/d",
    ] {
        let message = DatabaseUrl::parse(bad).unwrap_err();
        assert!(
            message.contains("://") && !message.contains("hunter2"),
            "{message}"
        );
    }
    assert!(
        DatabaseUrl::parse("oracle://h")
            .unwrap_err()
            .contains("postgres://")
    );
}

#[test]
fn passwords_are_never_shown() {
    for url in [
        "postgres://u:hunter2@h/d",
        "mysql://h/d?password=hunter2&x=1",
    ] {
        let url = DatabaseUrl::parse(url).unwrap();
        for seen in [format!("{url:?}"), url.redacted()] {
            assert!(seen.contains("h/d") && !seen.contains("hunter2"), "{seen}");
        }
    }
}
