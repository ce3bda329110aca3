//! The fake keeps every promise, and every promise is in the list.

use std::sync::Arc;

use user_service_domain::store::Store;
use user_service_testkit::MemoryStore;

async fn fresh() -> (Arc<dyn Store>, ()) {
    std::future::ready((Arc::new(MemoryStore::new()) as Arc<dyn Store>, ())).await
}

user_service_testkit::store_conformance!(fresh);

#[test]
fn every_case_is_listed() {
    let list = include_str!("../src/stamp.rs");
    for cases in [
        include_str!("../src/conformance/accounts.rs"),
        include_str!("../src/conformance/avatars.rs"),
        include_str!("../src/conformance/filtering.rs"),
        include_str!("../src/conformance/idempotency.rs"),
        include_str!("../src/conformance/listing.rs"),
        include_str!("../src/conformance/preferences.rs"),
        include_str!("../src/conformance/profiles.rs"),
        include_str!("../src/conformance/removal.rs"),
        include_str!("../src/conformance/revocations.rs"),
        include_str!("../src/conformance/searching.rs"),
        include_str!("../src/conformance/session_reading.rs"),
        include_str!("../src/conformance/session_upkeep.rs"),
        include_str!("../src/conformance/sessions.rs"),
        include_str!("../src/conformance/texts.rs"),
        include_str!("../src/conformance/unit_of_work.rs"),
        include_str!("../src/conformance/writers.rs"),
    ] {
        let names = cases
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn "));
        for name in names
            .filter_map(|rest| rest.split_once('('))
            .map(|(name, _)| name)
        {
            assert!(
                list.contains(&format!(" {name},\n")),
                "{name} is not listed"
            );
        }
    }
}
