//! What we know of data types and extensions beside the schema it was taken from.

use super::component::{attributes, form};
use super::extension::{Part, part};
use super::form::Form;
use super::signature;
use crate::vocabulary::schema_test::{below, complex_types, module, sequence};
use crate::vocabulary::{Ext, Kind};
use crate::xml::tree::{Element, Tree};
use std::collections::BTreeMap;

const KINDS: [(Kind, &[&str]); 11] = [
    (Kind::Amount, &["Amount"]),
    (Kind::BinaryObject, &["BinaryObject"]),
    (Kind::Code, &["Code"]),
    (Kind::Date, &["Date"]),
    (Kind::Identifier, &["Identifier"]),
    (Kind::Indicator, &["Indicator"]),
    (Kind::Measure, &["Measure"]),
    (Kind::Numeric, &["Numeric", "Percent", "Rate"]),
    (Kind::Quantity, &["Quantity"]),
    (Kind::Text, &["Text", "Name"]),
    (Kind::Time, &["Time"]),
];

/// The form of a type of XML Schema.
fn form_of(name: &str) -> Form {
    match name {
        "xsd:string" | "xsd:normalizedString" => Form::Any,
        "xsd:decimal" => Form::Decimal,
        "xsd:boolean" => Form::Boolean,
        "xsd:date" => Form::Date,
        "xsd:time" => Form::Time,
        "xsd:base64Binary" => Form::Base64,
        "xsd:language" => Form::Language,
        "xsd:anyURI" => Form::Uri,
        other => panic!("{other}"),
    }
}

/// Takes in what a type says of its text and attributes; what is taken in later overrides.
fn gather(
    of_type: Element<'_>,
    text: &mut Option<Form>,
    known: &mut BTreeMap<String, (Form, bool)>,
) -> String {
    let base = [below(of_type, "extension"), below(of_type, "restriction")].concat()[0];
    let base = base.attribute("base").unwrap();
    if base.starts_with("xsd:") {
        *text = Some(form_of(base));
    }
    for attribute in below(of_type, "attribute") {
        let read = |name| attribute.attribute(name).unwrap();
        known.insert(read("name").into(), (form_of(read("type")), read("use") == "required"));
    }
    base.into()
}

#[test]
fn every_kind_has_the_form_and_the_attributes_of_the_schema() {
    let (core, own) =
        (module("common/CCTS_CCT_SchemaModule-2.1.xsd"), module("common/UBL-UnqualifiedDataTypes-2.1.xsd"));
    let (core, own) = (Tree::read(&core).unwrap(), Tree::read(&own).unwrap());
    let (core, own) = (complex_types(core.root()), complex_types(own.root()));
    for (kind, names) in KINDS {
        for name in names {
            let (mut text, mut known) = (None, BTreeMap::new());
            let of_type = own[&format!("{name}Type")];
            let base = gather(of_type, &mut None, &mut BTreeMap::new());
            if let Some(base) = base.strip_prefix("ccts-cct:") {
                gather(core[base], &mut text, &mut known);
            }
            gather(of_type, &mut text, &mut known);
            assert_eq!(Some(form(kind)), text, "{name}");
            let ours = attributes(kind).iter().map(|a| (a.name.to_owned(), (a.form, a.required)));
            assert_eq!(ours.collect::<BTreeMap<_, _>>(), known, "{name}");
        }
    }
}

#[test]
fn an_extension_has_the_parts_of_the_schema() {
    let xml = module("common/UBL-CommonExtensionComponents-2.1.xsd");
    let tree = Tree::read(&xml).unwrap();
    let types = complex_types(tree.root());
    let content = module("common/UBL-ExtensionContentDataType-2.1.xsd");
    let content = Tree::read(&content).unwrap();
    let any = below(content.root(), "any");
    let said: Vec<_> = ["namespace", "processContents", "minOccurs", "maxOccurs"]
        .map(|name| any[0].attribute(name).unwrap())
        .into();
    assert_eq!((any.len(), said), (1, vec!["##other", "lax", "1", "1"]));
    let declared: Vec<_> = tree.root().children().filter(|e| e.local() == "element").collect();
    assert_eq!(declared.len(), Ext::ALL.len());
    for name in Ext::ALL {
        let written = format!("{name:?}Type");
        match part(*name) {
            Part::Children(children) => assert_eq!(children, sequence(types[&written], "ext:"), "{written}"),
            Part::Text(kind) => {
                let base = below(types[&written], "extension")[0].attribute("base").unwrap();
                assert_eq!(base, format!("udt:{kind:?}Type"), "{written}");
            }
            Part::Foreign => assert_eq!(*name, Ext::ExtensionContent),
        }
    }
}

#[test]
fn every_part_of_a_signature_that_is_declared_on_its_own_is_known() {
    let mut found = 0;
    for path in [
        "UBL-CommonSignatureComponents-2.1.xsd",
        "UBL-SignatureAggregateComponents-2.1.xsd",
        "UBL-SignatureBasicComponents-2.1.xsd",
        "UBL-xmldsig-core-schema-2.1.xsd",
        "UBL-XAdESv132-2.1.xsd",
        "UBL-XAdESv141-2.1.xsd",
    ] {
        let text = String::from_utf8(module(&format!("common/{path}"))).unwrap();
        // The schema of XML Signature brings its own document type declaration.
        let text = match (text.find("<!DOCTYPE"), text.find("]>")) {
            (Some(start), Some(end)) => format!("{}{}", &text[..start], &text[end + 2..]),
            _ => text,
        };
        let tree = Tree::read(text.as_bytes()).unwrap_or_else(|e| panic!("{path}: {e}"));
        let space = tree.root().attribute("targetNamespace").unwrap();
        for declared in tree.root().children().filter(|e| e.local() == "element") {
            let name = declared.attribute("name").unwrap();
            let document = format!("<{name} xmlns={space:?}/>");
            let known = Tree::read(document.as_bytes()).unwrap();
            assert!(signature::global(known.root()).is_some(), "{name} of {space}");
            found += 1;
        }
    }
    assert_eq!(found, signature::count());
}
