//! The map of the house, held against what cargo says the crates really use.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::Value;
use std::{collections::BTreeSet, process::Command};

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .expect("cargo metadata runs");
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// The crates of ours that a crate uses, other than in its own tests.
fn ours(metadata: &Value, name: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|p| p["name"] == name).unwrap_or_else(|| panic!("no package {name}"));
    let dependencies = package["dependencies"].as_array().unwrap();
    dependencies
        .iter()
        .filter(|d| d["kind"] != "dev")
        .filter_map(|d| d["name"].as_str())
        .filter(|n| n.starts_with("taxpoynt-"))
        .map(str::to_owned)
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

#[test]
fn ubl_knows_nobody_and_core_knows_only_ubl() {
    let metadata = metadata();
    assert_eq!(ours(&metadata, "taxpoynt-ubl"), set(&[]));
    assert_eq!(ours(&metadata, "taxpoynt-core"), set(&["taxpoynt-ubl"]));
}

#[test]
fn a_connector_knows_core_and_ubl_and_no_other_connector() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let manifest = package["manifest_path"].as_str().unwrap();
        if manifest.contains("/connectors/") && name != "taxpoynt-connectors" {
            let allowed = set(&["taxpoynt-core", "taxpoynt-ubl"]);
            assert!(ours(&metadata, name).is_subset(&allowed), "{name} reaches too far");
        }
    }
}

#[test]
fn the_simulators_use_no_crate_of_ours() {
    assert_eq!(ours(&metadata(), "taxpoynt-sim"), set(&[]));
}

#[test]
fn bindings_reach_platforms_only_through_the_facade() {
    let metadata = metadata();
    for name in ["taxpoynt-python", "taxpoynt-node"] {
        let allowed = set(&["taxpoynt-connectors", "taxpoynt-core", "taxpoynt-ubl"]);
        assert!(ours(&metadata, name).is_subset(&allowed), "{name} reaches too far");
    }
}

#[test]
fn core_names_no_platform() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../taxpoynt-core/src");
    let mut folders = vec![std::path::PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                // Comments and tests may give a platform as an example; code may not know one.
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
                    for platform in ["square", "hubspot", "salesforce", "toast", "pipedrive"] {
                        assert!(!line.to_lowercase().contains(platform), "{}: {line}", path.display());
                    }
                }
            }
        }
    }
}
