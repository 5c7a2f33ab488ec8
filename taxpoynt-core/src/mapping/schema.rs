//! The JSON Schema of a rule file, made from the same tables that check it.
//!
//! It refuses what the compiler refuses as far as a schema can say it: names, paths, parameters, which values a target
//! takes. What flows through several transforms is the compiler's to check.

use super::{
    catalog::{Field, GROUPS, Scope, Section, TARGETS, Target},
    schema_parts, source,
    trigger::DECISIONS,
    value::Kind,
    when,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A member of a path: a name, in quotes where it holds dots or brackets.
const NAME: &str = r#"("[^"]+"|[^.\[\]"\s]([^.\[\]"]*[^.\[\]"\s])?)"#;

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

fn targets_of(section: Section) -> impl Iterator<Item = &'static Target> {
    TARGETS.iter().filter(move |target| target.section == section)
}

/// A section's targets, with `address.city` as a member of `address`; dotted names are accepted too.
fn section(section: Section) -> Value {
    let mut properties = Map::new();
    for target in targets_of(section) {
        let of_target = json!({ "$ref": format!("#/$defs/rule.{}", id_of(target)) });
        let mut rule = json!({
            "description": target.about,
            "x-kind": kind(target.kind),
            "anyOf": [of_target, { "type": "array", "items": of_target }],
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

/// `buyer.address.city`, `trigger.deal`: a target's name in the definitions.
fn id_of(target: &Target) -> String {
    format!("{}.{}", target.section.table(), target.name)
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
        definitions.insert(format!("compared.{}", section.table()), comparable(section));
        for wanted in [Kind::Text, Kind::Number, Kind::Date, Kind::Tax, Kind::Classification] {
            let name = format!("direct.{}.{}", section.table(), kind(wanted));
            definitions.insert(name, direct_of(section, wanted));
        }
        for target in targets_of(section) {
            definitions.insert(format!("rule.{}", id_of(target)), rule(target));
        }
    }
    for class in schema_parts::CLASSES {
        definitions.insert(format!("compared.{class}"), compared(class));
    }
    for of in [Kind::Number, Kind::Bool, Kind::DateTime] {
        let names: BTreeSet<String> =
            fields(None).filter(|(_, field)| field.kind == of).map(|(name, _)| name).collect();
        definitions.insert(format!("typed.{}", schema_parts::word(of)), json!({ "enum": names }));
        definitions.insert(format!("takes.{}", schema_parts::word(of)), schema_parts::takes(of));
    }
    for (name, definition) in schema_parts::definitions() {
        definitions.insert(name.to_owned(), definition);
    }
    Value::Object(definitions)
}

/// A source: one of the typed ones, a field of the record, or what was decided about the buyer.
fn path(section: Section) -> Value {
    let mut typed = source::names(section);
    typed.sort_unstable();
    typed.dedup();
    json!({ "type": "string", "maxLength": 310, "anyOf": [{ "enum": typed }, of_record(section), decided(section) ] })
}

/// `raw.*` and `custom.*`. Where lines and charges have elements, `[]` stands at most twice.
fn of_record(section: Section) -> Value {
    let index = if section.has_elements() { r"\[\d*\]" } else { r"\[\d+\]" };
    json!({ "anyOf": [
        { "pattern": format!(r"^raw(\.{NAME}({index})*)+$"), "not": { "pattern": r"\[\].*\[\].*\[\]" } },
        { "pattern": format!(r"^custom\.{NAME}$") },
    ] })
}

/// `buyer.*`: everything where lines are made, nothing before; between the buyer's own targets it depends on their order,
/// which each target's rule says.
fn decided(section: Section) -> Value {
    let names: Vec<String> = match section {
        Section::Line | Section::Charge | Section::Payment | Section::Buyer => {
            targets_of(Section::Buyer).map(|target| format!("buyer.{}", target.name)).collect()
        }
        _ => return json!(false),
    };
    json!({ "enum": names })
}

/// What a rule reads that takes the value as it is, for every target of a kind in a section.
fn direct_of(section: Section, wanted: Kind) -> Value {
    let fits = |kind: Kind| match wanted {
        Kind::Text => matches!(kind, Kind::Text | Kind::Number | Kind::Any),
        Kind::Tax => kind == Kind::Number,
        wanted => wanted == kind,
    };
    let names: BTreeSet<String> =
        fields(Some(section)).filter(|(_, field)| fits(field.kind)).map(|(name, _)| name).collect();
    let mut any = vec![json!({ "enum": names })];
    if fits(Kind::Any) {
        any.push(of_record(section));
    }
    json!({ "type": "string", "maxLength": 310, "anyOf": any })
}

/// The typed sources of a section, or of all, by their whole names.
fn fields(section: Option<Section>) -> impl Iterator<Item = (String, &'static Field)> {
    let groups = GROUPS.iter().filter(move |group| match (group.scope, section) {
        (Scope::Anywhere, _) | (_, None) => true,
        (Scope::Only(only), Some(section)) => only == section,
    });
    groups.flat_map(|group| {
        group.fields().map(move |field| (format!("{}.{}", group.prefix, field.name), field))
    })
}

fn direct(target: &Target) -> Value {
    let of_kind =
        json!({ "$ref": format!("#/$defs/direct.{}.{}", target.section.table(), kind(target.kind)) });
    if target.kind == Kind::Text { json!({ "anyOf": [of_kind, decided_before(target)] }) } else { of_kind }
}

/// What was decided about the buyer before this target.
fn decided_before(target: &Target) -> Value {
    if target.section != Section::Buyer {
        return decided(target.section);
    }
    let before = targets_of(Section::Buyer).take_while(|other| other.name != target.name);
    let names: Vec<String> = before.map(|other| format!("buyer.{}", other.name)).collect();
    if names.is_empty() { json!(false) } else { json!({ "enum": names }) }
}

fn when(section: Section) -> Value {
    let path = json!({ "$ref": format!("#/$defs/path.{}", section.table()) });
    let mut properties = Map::new();
    for (name, example) in when::KEYS {
        let mut predicate = match name {
            "present" | "absent" => json!({ "anyOf": [path, { "type": "array", "items": path }] }),
            "not" => json!({ "$ref": format!("#/$defs/when.{}", section.table()) }),
            _ => comparison(section, name),
        };
        predicate["description"] = json!(example);
        properties.insert(name.to_owned(), predicate);
    }
    json!({
        "type": "object",
        "description": "All of it must hold.",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": properties,
    })
}

/// A table of paths with what each is compared with.
fn comparison(section: Section, predicate: &str) -> Value {
    json!({
        "$ref": format!("#/$defs/compared.{}", schema_parts::class_of(predicate)),
        "propertyNames": { "$ref": format!("#/$defs/compared.{}", section.table()) },
    })
}

/// What predicates of a class compare each path with, whatever section it is read in. A path written without quotes
/// arrives as tables in tables, of which only the beginning is checked.
fn compared(class: &str) -> Value {
    let typed =
        fields(None).map(|(name, field)| (name, schema_parts::compared(class, field.kind, field.one_of)));
    let properties: Map<String, Value> = typed.collect();
    let any = schema_parts::compared(class, Kind::Any, &[]);
    let nested = json!({ "type": "object", "minProperties": 1 });
    json!({
        "type": "object",
        "minProperties": 1,
        "properties": properties,
        "patternProperties": { r"^(raw|custom|buyer)\.": { "anyOf": [any, nested] } },
        "additionalProperties": nested,
    })
}

/// The paths that can be compared in a section, and the beginnings of those that are written without quotes.
fn comparable(section: Section) -> Value {
    let mut heads = BTreeSet::new();
    for (name, _) in fields(Some(section)) {
        heads.extend(name.match_indices('.').map(|(at, _)| name[..at].to_owned()));
    }
    json!({ "anyOf": [
        { "$ref": format!("#/$defs/path.{}", section.table()) },
        { "enum": heads },
        { "pattern": r#"^(raw|custom|buyer)(\.[^\[\]"]+)?$"# },
    ] })
}

fn rule(target: &Target) -> Value {
    let path = json!({ "$ref": format!("#/$defs/path.{}", target.section.table()) });
    let path = match target.section {
        Section::Buyer => json!({ "anyOf": [
            { "allOf": [path, { "not": { "pattern": "^buyer\\." } }] },
            decided_before(target),
        ] }),
        _ => path,
    };
    let direct = direct(target);
    json!({
        "anyOf": [
            direct,
            {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "name": { "type": "string", "minLength": 1, "maxLength": 100 },
                    "from": { "anyOf": [path, { "type": "array", "items": path, "minItems": 1, "maxItems": 16 }] },
                    "value": constant(target),
                    "apply": { "anyOf": [
                        { "$ref": "#/$defs/transform" },
                        { "type": "array", "items": { "$ref": "#/$defs/transform" }, "minItems": 1, "maxItems": 16 },
                    ] },
                    "when": { "$ref": format!("#/$defs/when.{}", target.section.table()) },
                    "skip": { "const": true },
                },
                "oneOf": shapes(target, &direct),
                "allOf": [flows(Kind::Number), flows(Kind::Bool), flows(Kind::DateTime)],
            },
        ],
    })
}

/// A source of a kind flows into a transform that takes it.
fn flows(of: Kind) -> Value {
    let word = schema_parts::word(of);
    json!({
        "if": { "required": ["from"], "properties": { "from": { "$ref": format!("#/$defs/typed.{word}") } } },
        "then": { "properties": { "apply": { "$ref": format!("#/$defs/takes.{word}") } } },
    })
}

/// The ways a rule can be written: as it is, changed, fixed, fixed and changed, a text with places, nothing.
fn shapes(target: &Target, direct: &Value) -> Value {
    let without = |names: &[&str]| -> Value {
        let any: Vec<Value> = names.iter().map(|name| json!({ "required": [name] })).collect();
        json!({ "not": { "anyOf": any } })
    };
    let starts = |def: &str| json!({ "$ref": format!("#/$defs/{def}") });
    json!([
        { "required": ["from"], "properties": { "from": direct }, "allOf": [without(&["value", "apply", "skip"])] },
        { "required": ["from", "apply"], "properties": { "from": { "type": "string" } }, "allOf": [without(&["value", "skip"])] },
        {
            "required": ["from", "apply"],
            "properties": { "from": { "type": "array" }, "apply": starts("gathering") },
            "allOf": [without(&["value", "skip"])],
        },
        { "required": ["value"], "properties": { "value": fixed(target) }, "allOf": [without(&["from", "apply", "skip"])] },
        { "required": ["value", "apply"], "allOf": [without(&["from", "skip"])] },
        { "required": ["apply"], "properties": { "apply": starts("text") }, "allOf": [without(&["from", "value", "skip"])] },
        { "required": ["skip"], "allOf": [without(&["from", "value", "apply"])] },
    ])
}

/// A fixed value that transforms may still change; a text for a date is always one.
fn constant(target: &Target) -> Value {
    match target.kind {
        Kind::Date => {
            json!({ "anyOf": [{ "$ref": "#/$defs/day" }, { "type": ["number", "boolean", "object"] }] })
        }
        _ => json!({ "$ref": "#/$defs/constant" }),
    }
}

/// A fixed value as the target takes it.
fn fixed(target: &Target) -> Value {
    if !target.one_of.is_empty() {
        return json!({ "enum": if target.section == Section::Trigger { DECISIONS } else { target.one_of } });
    }
    match target.kind {
        Kind::Number => json!({ "type": "integer", "minimum": 0, "maximum": 65535 }),
        Kind::Date => json!({ "$ref": "#/$defs/day" }),
        Kind::Tax => json!({ "anyOf": [{ "$ref": "#/$defs/tax" }, { "type": "number" }] }),
        Kind::Classification => json!({ "$ref": "#/$defs/classification" }),
        _ => json!({ "type": ["string", "number"] }),
    }
}
