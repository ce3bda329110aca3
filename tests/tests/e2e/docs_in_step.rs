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
fn the_reference_of_the_configuration_is_in_step() {
    same("docs/CONFIGURATION.md", &["config", "reference"]);
}

#[test]
fn the_catalogue_of_errors_is_in_step() {
    same("docs/ERRORS.md", &["problems"]);
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

fn text(file: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let (rules, runbooks) = (
        text("deploy/prometheus/alerts.yml"),
        text("docs/RUNBOOKS.md"),
    );
    let after = |text: &str, start: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim);
        let found = lines.filter_map(|line| line.strip_prefix(start));
        found.map(str::to_owned).collect()
    };
    let alerts = after(&rules, "- alert: ");
    assert_eq!(alerts, after(&runbooks, "## "));
    let anchors = alerts.iter().map(|alert| alert.to_lowercase());
    let anchors: Vec<_> = anchors.collect();
    assert_eq!(anchors, after(&rules, "runbook_url: docs/RUNBOOKS.md#"));
}

#[test]
fn rules_and_dashboard_ask_for_documented_metrics() {
    let documented = text("docs/OBSERVABILITY.md");
    for file in [
        "deploy/prometheus/alerts.yml",
        "deploy/grafana/user-service.json",
    ] {
        let asked = text(file);
        let words = asked.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let metrics = words.filter(|word| {
            ["user_service_", "db_client_", "http_"]
                .iter()
                .any(|start| word.starts_with(start))
        });
        let mut count = 0;
        for metric in metrics {
            let family = ["_count", "_bucket"]
                .iter()
                .find_map(|end| {
                    metric
                        .strip_suffix(end)
                        .filter(|it| it.ends_with("_seconds"))
                })
                .unwrap_or(metric);
            assert!(
                documented.contains(&format!("`{family}`")),
                "{file}: {metric}"
            );
            count += 1;
        }
        assert!(count > 10, "{file}");
    }
}
