//! Generated files are as the program would generate them.

use std::path::PathBuf;

use crate::harness::program;

fn same(file: &str, arguments: &[&str]) {
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
    let made = String::from_utf8(output.stdout).unwrap();
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
