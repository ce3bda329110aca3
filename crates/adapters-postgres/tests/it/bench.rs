//! The bench asks the database what the service asks.

use sea_orm::DbBackend;
use user_service_adapters_sql::{build, statements};
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::ProfileKey;
use uuid::Uuid;

#[test]
fn the_bench_runs_the_statement_of_the_service() {
    let key = ProfileKey::Id(ProfileId::new(Uuid::nil()));
    let statement = build(DbBackend::Postgres, &statements::find_profile(key));
    let bench = include_str!("../../../../tests/bench/find_profile.sql");
    assert_eq!(bench.trim().replace(":id", "$1"), statement.sql);
}
