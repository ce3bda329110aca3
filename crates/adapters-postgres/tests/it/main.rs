//! Tests on a real database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
#[path = "../../../adapters-sql/tests/shared/cases.rs"]
mod cases;
mod conformance;
#[path = "../../../adapters-sql/tests/shared/crossing.rs"]
mod crossing;
#[path = "../../../adapters-sql/tests/shared/few_connections.rs"]
mod few_connections;
#[path = "../../../adapters-sql/tests/shared/locked_out.rs"]
mod locked_out;
mod migrations;
mod plans;
#[path = "../../../adapters-sql/tests/shared/round_trip.rs"]
mod round_trip;
mod session;
mod store;
#[path = "../../../adapters-sql/tests/shared/upgrade.rs"]
mod upgrade;
mod writers;
