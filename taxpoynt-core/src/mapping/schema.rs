//! The JSON Schema of a rule file, made from the same tables that check it.

use super::{
    catalog::{Section, TARGETS},
    source,
    transform::NAMES,
    trigger::DECISIONS,
    value::Kind,
};
use serde_json::{Map, Value, json};

/// The schema of a rule file.
pub(super) fn schema() -> Value {
    let [trigger, invoice, buyer, line, charge, payment] = Section::ALL.map(section);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "TaxPoynt mapping rules",
        "description": "For each target, the rules that set it: the first whose `when` holds and whose source is present.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "version": { "const": 1 },
            "trigger": trigger,
            "invoice": invoice,
            "buyer": buyer,
            "each": {
                "type": "object",
                "additionalProperties": false,
                "properties": { "line": line, "charge": charge, "payment": payment },
            },
        },
        "$defs": definitions(),
    })
}

/// A section's targets, with `address.city` as a member of `address`; dotted names are accepted too.
fn section(section: Section) -> Value {
    let mut properties = Map::new();
    for target in TARGETS.iter().filter(|target| target.section == section) {
        let mut rule = json!({
            "description": target.about,
            "x-kind": kind(target.kind),
            "anyOf": [
                { "$ref": format!("#/$defs/rule.{}", section.table()) },
                { "type": "array", "items": { "$ref": format!("#/$defs/rule.{}", section.table()) } },
            ],
        });
        if !target.one_of.is_empty() {
            rule["x-one-of"] = json!(target.one_of);
        }
        if let Some((group, name)) = target.name.split_once('.') {
            let group = properties.entry(group).or_insert_with(
                || json!({ "type": "object", "additionalProperties": false, "properties": {} }),
            );
            if let Some(members) = group.get_mut("properties").and_then(Value::as_object_mut) {
                members.insert(name.to_owned(), rule.clone());
            }
        }
        properties.insert(target.name.to_owned(), rule);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Date => "date",
        Kind::Tax => "tax",
        Kind::Classification => "classification",
        _ => "text",
    }
}

fn definitions() -> Value {
    let mut definitions = Map::new();
    for section in Section::ALL {
        definitions.insert(format!("path.{}", section.table()), path(section));
        definitions.insert(format!("when.{}", section.table()), when(section));
        definitions.insert(format!("rule.{}", section.table()), rule(section));
    }
    definitions.insert("constant".into(), constant());
    definitions.insert("decision".into(), json!({ "enum": DECISIONS }));
    definitions.insert("lookup".into(), lookup());
    definitions.insert("transform".into(), transform());
    definitions.insert("tax".into(), tax());
    definitions.insert("classification".into(), classification());
    Value::Object(definitions)
}

/// A source: one of the typed ones, a field of the record, or what was decided about the buyer.
fn path(section: Section) -> Value {
    let mut typed = source::names(section);
    typed.sort_unstable();
    typed.dedup();
    json!({
        "type": "string",
        "anyOf": [{ "enum": typed }, { "pattern": "^(raw|custom|buyer)\\..+" }],
    })
}

fn when(section: Section) -> Value {
    let path = json!({ "$ref": format!("#/$defs/path.{}", section.table()) });
    let paths = json!({ "anyOf": [path, { "type": "array", "items": path }] });
    json!({
        "type": "object",
        "description": "All of it must hold.",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": {
            "equals": { "type": "object" },
            "in": { "type": "object" },
            "present": paths,
            "absent": paths,
            "not": { "$ref": format!("#/$defs/when.{}", section.table()) },
        },
    })
}

fn rule(section: Section) -> Value {
    let path = json!({ "$ref": format!("#/$defs/path.{}", section.table()) });
    let transform = json!({ "$ref": "#/$defs/transform" });
    json!({
        "anyOf": [
            path,
            {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "name": { "type": "string", "minLength": 1, "maxLength": 100 },
                    "from": { "anyOf": [path, { "type": "array", "items": path, "minItems": 1, "maxItems": 16 }] },
                    "value": { "$ref": if section == Section::Trigger { "#/$defs/decision" } else { "#/$defs/constant" } },
                    "apply": { "anyOf": [transform, { "type": "array", "items": transform, "minItems": 1, "maxItems": 16 }] },
                    "when": { "$ref": format!("#/$defs/when.{}", section.table()) },
                    "skip": { "const": true },
                },
                "not": { "required": ["from", "value"] },
            },
        ],
    })
}

fn constant() -> Value {
    json!({
        "anyOf": [
            { "type": ["string", "number", "boolean"] },
            { "$ref": "#/$defs/tax" },
            { "$ref": "#/$defs/classification" },
        ],
    })
}

/// A built-in table, one that was imported, or one written out here.
fn lookup() -> Value {
    let name = json!({ "type": "string", "minLength": 1 });
    let kept = |required: &[&str], kinds: &[&str]| {
        let mut properties = json!({ "table": { "type": "string", "pattern": "^[a-z][a-z0-9_]*$" } });
        properties["as"] = json!({ "enum": kinds });
        if required.contains(&"column") {
            properties["column"] = name.clone();
        }
        json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
    };
    json!({
        "anyOf": [
            { "enum": ["ng_states", "countries"] },
            kept(&["table", "column"], &["text", "number"]),
            kept(&["table", "as"], &["tax", "classification"]),
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": { "not": { "const": "table" } },
                "additionalProperties": { "$ref": "#/$defs/constant" },
            },
        ],
    })
}

fn tax() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["category"],
        "properties": {
            "category": { "enum": ["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"] },
            "percent": { "type": ["string", "number"] },
            "reason": { "type": "string", "minLength": 1 },
        },
    })
}

fn classification() -> Value {
    let pair = |code: &str, category: &str| {
        let text = json!({ "type": "string", "minLength": 1 });
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": [code, category],
            "properties": { code: text, category: text },
        })
    };
    json!({ "anyOf": [pair("hsn_code", "product_category"), pair("isic_code", "service_category")] })
}

/// The transforms that can stand alone as a name, and all of them as a table of one.
fn transform() -> Value {
    let alone: Vec<&str> =
        NAMES.iter().filter(|(_, written)| written.starts_with('"')).map(|(name, _)| *name).collect();
    let with: Map<String, Value> = NAMES
        .iter()
        .filter(|(_, written)| written.contains('{'))
        .map(|(name, written)| {
            let mut parameter = json!({ "description": written });
            if *name == "lookup" {
                parameter["$ref"] = json!("#/$defs/lookup");
            }
            ((*name).to_owned(), parameter)
        })
        .collect();
    json!({
        "anyOf": [
            { "enum": alone },
            { "type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1, "properties": with },
        ],
    })
}
