//! Everything that is kept in `fuzz/corpus` keeps its promise: what a fuzzer once found stays mended.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../../fuzz/src/targets.rs"]
#[expect(unreachable_pub, reason = "it is the library of the fuzz targets, too")]
mod targets;

use std::path::Path;

fn replay(name: &str, target: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let files = std::fs::read_dir(corpus.join(name)).unwrap();
    let mut replayed = 0;
    for file in files.flatten() {
        target(&std::fs::read(file.path()).unwrap());
        replayed += 1;
    }
    assert!(replayed > 3, "{name}: {replayed}");
}

macro_rules! replayed {
    ($($target:ident,)+) => {$(
        #[test]
        fn $target() {
            replay(stringify!($target), targets::$target);
        }
    )+};
}

replayed! {
    cursor,
    merge_patch,
    display_name,
    search_query,
    user_agent,
    image_header,
    idempotency_key,
    jwt_header,
}
