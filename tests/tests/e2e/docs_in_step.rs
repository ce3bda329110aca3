//! Generated files are as the program would generate them.

use std::path::PathBuf;

use crate::harness::program;

fn made(file: &str, arguments: &[&str]) -> (String, String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(file);
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let directory = tempfile::tempdir().unwrap();
    let output = program()
        .args(arguments)
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    (kept, String::from_utf8(output.stdout).unwrap())
}

fn same(file: &str, arguments: &[&str]) {
    let (kept, made) = made(file, arguments);
    assert!(
        kept == made,
        "{file} is out of step: `user-service {} > {file}`",
        arguments.join(" ")
    );
}

#[test]
fn the_openapi_document_is_in_step() {
    same("docs/openapi.json", &["openapi"]);
}

#[test]
fn the_example_of_the_configuration_is_in_step() {
    same(".env.example", &["config", "example"]);
}

#[test]
fn the_table_of_what_is_kept_is_in_step() {
    let file = "docs/PRIVACY.md";
    let (kept, made) = made(file, &["config", "retention"]);
    assert!(
        kept.contains(&made),
        "{file} is out of step: put the output of `user-service config retention` into it"
    );
}
