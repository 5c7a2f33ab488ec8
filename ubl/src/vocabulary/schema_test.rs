//! The vocabulary beside the schema of UBL 2.1 it was taken from.

use super::*;
use crate::xml::tree::{Element, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A module of the schema, as bytes.
pub(crate) fn module(path: &str) -> Vec<u8> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("TAXPOYNT_REFERENCE").map_or(beside, PathBuf::from).join("ubl/xsd");
    std::fs::read(root.join(path)).unwrap_or_else(|e| {
        panic!(
            "{path} is not in {}: set TAXPOYNT_REFERENCE to the folder that holds ubl/xsd ({e})",
            root.display()
        )
    })
}

/// Every element below of a local name.
pub(crate) fn below<'t>(element: Element<'t>, local: &str) -> Vec<Element<'t>> {
    let mut found = Vec::new();
    for child in element.children() {
        if child.local() == local {
            found.push(child);
        }
        found.extend(below(child, local));
    }
    found
}

/// The elements a module declares, with their types.
fn declared(schema: Element<'_>) -> BTreeMap<String, String> {
    let elements = schema.children().filter(|e| e.local() == "element");
    elements.map(|e| (e.attribute("name").unwrap().into(), e.attribute("type").unwrap().into())).collect()
}

/// The name a reference in a module whose own namespace has the usual prefix `own` stands for.
fn referred(reference: &str, own: &str) -> Name {
    match reference.split_once(':') {
        Some(("cac" | "cbc" | "ext", _)) => Name::written(reference),
        _ => Name::written(&format!("{own}{reference}")),
    }
}

/// The children a type of a module has, from its sequence.
pub(crate) fn sequence(of_type: Element<'_>, own: &str) -> Vec<Child> {
    assert_eq!((below(of_type, "sequence").len(), below(of_type, "choice").len()), (1, 0));
    let children = below(of_type, "element");
    let child = |e: &Element<'_>| Child {
        name: referred(e.attribute("ref").unwrap(), own),
        occurs: Occurs {
            required: match e.attribute("minOccurs") {
                Some("0") => false,
                Some("1") | None => true,
                other => panic!("{other:?}"),
            },
            repeats: match e.attribute("maxOccurs") {
                Some("unbounded") => true,
                Some("1") | None => false,
                other => panic!("{other:?}"),
            },
        },
    };
    children.iter().map(child).collect()
}

pub(crate) fn complex_types(schema: Element<'_>) -> BTreeMap<String, Element<'_>> {
    let types = schema.children().filter(|e| e.local() == "complexType");
    types.map(|e| (e.attribute("name").unwrap().into(), e)).collect()
}

#[test]
fn every_aggregate_component_has_the_type_of_the_schema() {
    let xml = module("common/UBL-CommonAggregateComponents-2.1.xsd");
    let tree = Tree::read(&xml).unwrap();
    let declared = declared(tree.root());
    assert_eq!(declared.len(), Cac::ALL.len());
    for (name, of_type) in &declared {
        let Name::Cac(name) = Name::aggregate(name) else { panic!("{name} is missing") };
        assert_eq!(format!("{:?}Type", name.of_type()), *of_type);
    }
}

#[test]
fn every_type_has_the_children_of_the_schema() {
    let mut compared = BTreeSet::new();
    for path in [
        "common/UBL-CommonAggregateComponents-2.1.xsd",
        "maindoc/UBL-Invoice-2.1.xsd",
        "maindoc/UBL-CreditNote-2.1.xsd",
    ] {
        let xml = module(path);
        let tree = Tree::read(&xml).unwrap();
        for (name, of_type) in complex_types(tree.root()) {
            let known = [Name::Invoice, Name::CreditNote]
                .into_iter()
                .chain(Cac::ALL.iter().map(|name| Name::Cac(*name)))
                .filter_map(Name::of_type)
                .find(|known| format!("{known:?}Type") == name)
                .unwrap_or_else(|| panic!("{name} is missing"));
            let children = sequence(of_type, "cac:");
            assert_eq!(known.children(), children, "{name}");
            let names: BTreeSet<_> = children.iter().map(|child| child.name.parts()).collect();
            assert_eq!(names.len(), children.len(), "{name} has a child in two places");
            compared.insert(name);
        }
    }
    let all = Cac::ALL.iter().map(|name| name.of_type()).chain([Type::Invoice, Type::CreditNote]);
    assert_eq!(compared, all.map(|of| format!("{of:?}Type")).collect());
}

#[test]
fn every_basic_component_holds_what_the_schema_says() {
    let xml = module("common/UBL-CommonBasicComponents-2.1.xsd");
    let tree = Tree::read(&xml).unwrap();
    let (declared, types) = (declared(tree.root()), complex_types(tree.root()));
    assert_eq!(declared.len(), Cbc::ALL.len());
    for (name, of_type) in &declared {
        let Name::Cbc(known) = Name::basic(name) else { panic!("{name} is missing") };
        let base = below(types[of_type], "extension")[0].attribute("base").unwrap();
        let kind = match base.trim_start_matches("udt:").trim_end_matches("Type") {
            "Percent" | "Rate" => "Numeric".into(),
            "Name" => "Text".into(),
            kind => kind.to_owned(),
        };
        assert_eq!(format!("{:?}", known.kind()), kind, "{name}");
    }
}
