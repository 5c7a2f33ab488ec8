//! The parts of the rules' JSON Schema that are the same for every target: values, lookups and transforms.

use super::{transform::NAMES, value::Kind};
use serde_json::{Map, Value, json};

/// The definitions by name.
pub(super) fn definitions() -> [(&'static str, Value); 8] {
    let day = json!({ "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$" });
    [
        ("constant", constant()),
        ("day", day),
        ("lookup", lookup()),
        ("transform", transform()),
        ("gathering", first_of(&starting(&["first", "require"], &["join", "require"]))),
        ("text", first_of(&starting(&[], &["template"]))),
        ("tax", tax()),
        ("classification", classification()),
    ]
}

/// Predicates that compare with the same things.
pub(super) const CLASSES: [&str; 5] = ["value", "values", "texts", "number", "day"];

/// The class of a predicate.
pub(super) fn class_of(predicate: &str) -> &'static str {
    match predicate {
        "equals" => "value",
        "in" => "values",
        "at_least" | "below" => "number",
        "since" | "before" => "day",
        _ => "texts",
    }
}

/// A kind in the names of definitions.
pub(super) const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Bool => "bool",
        Kind::DateTime => "datetime",
        _ => "text",
    }
}

/// The transforms that take a source of a kind, as the first of a list or alone.
pub(super) fn takes(kind: Kind) -> Value {
    let takes: &[&str] = match kind {
        Kind::Bool => &["bool", "lookup", "template", "default", "require"],
        Kind::DateTime => &["date", "datetime", "template", "require"],
        _ => &[
            "trim",
            "upper",
            "lower",
            "max_len",
            "replace",
            "split_first",
            "strip_prefix",
            "phone",
            "decimal",
            "minor_units",
            "percent",
            "datetime",
            "bool",
            "lookup",
            "template",
            "default",
            "require",
        ],
    };
    let of = |written: fn(&str) -> bool| -> Vec<&str> {
        let names = NAMES.iter().filter(|(name, form)| takes.contains(name) && written(form));
        names.map(|(name, _)| *name).collect()
    };
    first_of(&starting(&of(|form| form.starts_with('"')), &of(|form| form.contains('{'))))
}

fn first_of(transform: &Value) -> Value {
    json!({ "anyOf": [transform, { "type": "array", "prefixItems": [transform] }] })
}

/// What predicates of a class compare a value of a kind with; nothing fits where it is an error.
pub(super) fn compared(class: &str, kind: Kind, one_of: &[&str]) -> Value {
    let texts = || {
        let text = json!({ "type": "string", "pattern": r"\S" });
        json!({ "anyOf": [text, { "type": "array", "items": text }] })
    };
    let literal = || match kind {
        Kind::Any => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Text if !one_of.is_empty() => json!({ "enum": one_of }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Bool => json!({ "type": "boolean" }),
        _ => json!(false),
    };
    match class {
        "value" => literal(),
        "values" => json!({ "type": "array", "items": literal() }),
        "texts" if matches!(kind, Kind::Any | Kind::Text) => texts(),
        "number" if matches!(kind, Kind::Any | Kind::Number) => json!({ "type": "number" }),
        "day" if matches!(kind, Kind::Any | Kind::Date | Kind::DateTime) => {
            json!({ "$ref": "#/$defs/day" })
        }
        _ => json!(false),
    }
}

fn constant() -> Value {
    json!({
        "anyOf": [
            { "type": "string", "maxLength": 4000 },
            { "type": ["number", "boolean"] },
            { "$ref": "#/$defs/tax" },
            { "$ref": "#/$defs/classification" },
        ],
    })
}

/// A built-in table, one that was imported, or one written out here, whose values are of one kind.
fn lookup() -> Value {
    let name = json!({ "type": "string", "pattern": r"\S" });
    let kept = |required: &[&str], kinds: &[&str]| {
        let mut properties = json!({ "table": name });
        properties["as"] = json!({ "enum": kinds });
        if required.contains(&"column") {
            properties["column"] = name.clone();
        }
        json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
    };
    let of_one_kind = |value: Value| {
        json!({
            "type": "object",
            "minProperties": 1,
            "propertyNames": { "not": { "const": "table" } },
            "additionalProperties": value,
        })
    };
    json!({
        "anyOf": [
            { "enum": ["ng_states", "countries"] },
            kept(&["table", "column"], &["text", "number"]),
            kept(&["table", "as"], &["tax", "classification"]),
            of_one_kind(json!({ "type": "string", "maxLength": 4000 })),
            of_one_kind(json!({ "type": "number" })),
            of_one_kind(json!({ "type": "boolean" })),
            of_one_kind(json!({ "$ref": "#/$defs/tax" })),
            of_one_kind(json!({ "$ref": "#/$defs/classification" })),
        ],
    })
}

/// Which rate a category can have (BR-S-05, BR-Z-05 and their like).
fn tax() -> Value {
    let is = |categories: &[&str]| json!({ "properties": { "category": { "enum": categories } } });
    let percent =
        |text: &str, number: Value| json!({ "anyOf": [{ "type": "string", "pattern": text }, number] });
    let none = percent("^[^1-9]*$", json!({ "const": 0 }));
    let some = percent("[1-9]", json!({ "type": "number", "exclusiveMinimum": 0 }));
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["category"],
        "properties": {
            "category": { "enum": ["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"] },
            "percent": { "anyOf": [
                { "type": "string", "pattern": r"^\s*\+?(\d+\.?\d*|\.\d+)\s*%?\s*$" },
                { "type": "number", "minimum": 0, "maximum": 100 },
            ] },
            "reason": { "type": "string", "pattern": r"\S" },
        },
        "allOf": [
            { "if": is(&["S"]), "then": { "required": ["percent"], "properties": { "percent": some } } },
            { "if": is(&["Z", "E", "AE", "K", "G", "O"]), "then": { "properties": { "percent": none } } },
        ],
    })
}

fn classification() -> Value {
    let pair = |code: &str, category: &str| {
        let text = json!({ "type": "string", "pattern": r"\S" });
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
    let with: Vec<&str> =
        NAMES.iter().filter(|(_, written)| written.contains('{')).map(|(name, _)| *name).collect();
    starting(&alone, &with)
}

fn starting(alone: &[&str], with: &[&str]) -> Value {
    let properties: Map<String, Value> =
        with.iter().map(|name| ((*name).to_owned(), parameter(name))).collect();
    let with = json!({
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": properties,
    });
    if alone.is_empty() { with } else { json!({ "anyOf": [{ "enum": alone }, with] }) }
}

/// What a transform takes, with how it is written.
fn parameter(name: &str) -> Value {
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 1000 });
    let any = json!({ "type": "string", "maxLength": 1000 });
    let pattern = json!({ "type": "string", "pattern": "%", "maxLength": 1000 });
    let mut parameter = match name {
        "max_len" => json!({ "type": "integer", "minimum": 1, "maximum": 4000 }),
        "replace" => json!({ "type": "array", "prefixItems": [text, any], "items": false, "minItems": 2 }),
        "phone" => json!({ "type": "string", "pattern": "^[1-9][0-9]{0,2}$" }),
        "join" => any,
        "decimal" | "minor_units" => json!({ "type": "integer", "minimum": 0, "maximum": 10 }),
        "percent" => json!({ "const": "fraction" }),
        "date" => pattern,
        "datetime" => json!({ "anyOf": [{ "enum": ["unix", "unix_ms"] }, pattern] }),
        "lookup" => json!({ "$ref": "#/$defs/lookup" }),
        "default" => json!({ "$ref": "#/$defs/constant" }),
        // Braces stand in pairs: a place, or written twice for themselves.
        "template" => json!({ "type": "string", "minLength": 1, "maxLength": 1000,
            "pattern": r"^([^{}]|\{\{|\}\}|\{[^{}]*\})*$" }),
        _ => text,
    };
    if let Some((_, written)) = NAMES.iter().find(|(known, _)| *known == name) {
        parameter["description"] = json!(written);
    }
    parameter
}
