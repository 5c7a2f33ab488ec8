//! The corpus of 2,601 documents with the verdicts of the official rules on each.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// `TAXPOYNT_REFERENCE`, or the folder beside the workspace.
#[allow(dead_code, reason = "each test looks at what it judges")]
pub(crate) fn reference() -> PathBuf {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("TAXPOYNT_REFERENCE").map_or(beside, PathBuf::from).join("ubl/corpus");
    assert!(
        root.join("manifest.json").is_file(),
        "the reference corpus is not at {}: set TAXPOYNT_REFERENCE to the folder that holds ubl/corpus/manifest.json",
        root.display()
    );
    root
}

/// A document with the verdicts on it.
#[allow(dead_code, reason = "each test looks at what it judges")]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) xml: Vec<u8>,
    /// None where the official rules abort.
    pub(crate) en16931: Option<BTreeSet<String>>,
    /// The same of Peppol.
    pub(crate) peppol: Option<BTreeSet<String>>,
    pub(crate) schema_valid: bool,
    /// What the publisher's own unit test says.
    pub(crate) must_fire: BTreeSet<String>,
    pub(crate) must_not_fire: BTreeSet<String>,
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
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let case = |case: &Value| {
        let xml = match case["path"].as_str() {
            Some(path) => std::fs::read(root.join(path)).unwrap(),
            None => {
                let line = &lists[case["jsonl"].as_str().unwrap()][case["line"].as_u64().unwrap() as usize];
                text(&line["xml"]).into_bytes()
            }
        };
        let ids = |list: &Value| list.as_array().map(|ids| ids.iter().map(text).collect::<BTreeSet<_>>());
        Case {
            id: text(&case["id"]),
            kind: text(&case["kind"]),
            xml,
            en16931: ids(&case["expect"]["en16931"]),
            peppol: ids(&case["expect"]["peppol"]),
            schema_valid: case["expect"]["xsd_valid"] == true,
            must_fire: ids(&case["must_fire"]).unwrap_or_default(),
            must_not_fire: ids(&case["must_not_fire"]).unwrap_or_default(),
        }
    };
    manifest["cases"].as_array().unwrap().iter().map(case).collect()
}
