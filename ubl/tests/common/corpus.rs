//! The corpus of 2,601 documents with the verdict of the schema on each.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// `TAXPOYNT_REFERENCE`, or the folder beside the workspace.
fn reference() -> PathBuf {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("TAXPOYNT_REFERENCE").map_or(beside, PathBuf::from).join("ubl/corpus");
    assert!(
        root.join("manifest.json").is_file(),
        "the reference corpus is not at {}: set TAXPOYNT_REFERENCE to the folder that holds ubl/corpus/manifest.json",
        root.display()
    );
    root
}

pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) xml: Vec<u8>,
    pub(crate) xsd_valid: bool,
}

pub(crate) fn cases() -> Vec<Case> {
    let root = reference();
    let lines = |name: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(root.join(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let lists: BTreeMap<_, _> =
        ["units.jsonl", "mutants.jsonl"].map(|name| (name.to_owned(), lines(name))).into();
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let case = |case: &Value| {
        let xml = match case["path"].as_str() {
            Some(path) => std::fs::read(root.join(path)).unwrap(),
            None => {
                let line = &lists[case["jsonl"].as_str().unwrap()][case["line"].as_u64().unwrap() as usize];
                line["xml"].as_str().unwrap().as_bytes().to_vec()
            }
        };
        let xsd_valid = case["expect"]["xsd_valid"].as_bool();
        Case {
            id: case["id"].as_str().unwrap().to_owned(),
            xml,
            xsd_valid: xsd_valid.unwrap_or_else(|| panic!("no schema verdict: {case}")),
        }
    };
    manifest["cases"].as_array().unwrap().iter().map(case).collect()
}
