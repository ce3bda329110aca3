//! `docs/THREAT_MODEL.md` names tests: each of them exists, and no threat is without one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The functions of every source file below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("target") {
                functions(&path, found)?;
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let names = fs::read_to_string(&path)?;
            let names = names.lines().filter_map(|line| {
                let (before, after) = line.split_once("fn ")?;
                let is_item = before
                    .split(' ')
                    .all(|word| matches!(word, "" | "pub" | "pub(crate)" | "async" | "pub(super)"));
                let (name, _) = after.split_once('(')?;
                is_item.then(|| name.to_owned())
            });
            found.extend(names);
        }
    }
    Ok(())
}

/// The number of a threat and what it is held by.
fn rows(document: &str) -> Vec<(String, Vec<String>)> {
    document
        .lines()
        .filter_map(|line| {
            let cells: Vec<_> = line.strip_prefix("| T")?.split(" | ").collect();
            let (number, held_by) = (cells.first()?, cells.last()?);
            let tests = held_by.split('`').skip(1).step_by(2);
            Some((format!("T{number}"), tests.map(str::to_owned).collect()))
        })
        .collect()
}

#[test]
fn every_threat_names_tests_that_exist() -> Result<()> {
    let document = fs::read_to_string(root().join("docs/THREAT_MODEL.md"))?;
    let rows = rows(&document);
    let numbers: Vec<_> = rows.iter().map(|(number, _)| number.clone()).collect();
    let expected: Vec<_> = (1..=36).map(|number| format!("T{number}")).collect();
    assert_eq!(numbers, expected);
    let mut known = BTreeSet::new();
    for folder in ["crates", "deploy", "migration", "tests"] {
        functions(&root().join(folder), &mut known).context(folder)?;
    }
    for (number, tests) in rows {
        ensure!(!tests.is_empty(), "{number} names no test");
        for test in tests {
            let is_there = if test.contains('/') {
                root().join(&test).is_file()
            } else {
                known.contains(&test)
            };
            ensure!(is_there, "{number} names {test}, which does not exist");
        }
    }
    Ok(())
}
