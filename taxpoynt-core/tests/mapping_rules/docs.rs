//! The examples of `docs/mapping.md` run.

use crate::support::*;
use taxpoynt_core::{
    connector::RecordShape,
    mapping::Rules,
    model::{ItemTax, Sale},
    tenant::Tenant,
};

const PAGE: &str = include_str!("../../../docs/mapping.md");

/// The code blocks that open with this line, such as "```toml".
fn blocks<'p>(page: &'p str, open: &str) -> Vec<&'p str> {
    page.split(&format!("\n{open}\n")).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

fn comments<'b>(block: &'b str, name: &str) -> Vec<&'b str> {
    let start = format!("# {name}: ");
    block.lines().filter_map(|line| line.strip_prefix(start.as_str())).collect()
}

fn run(block: &str) -> Mapped {
    let record = comments(block, "record")[0];
    let is_deal = record.starts_with("{\"deal\"");
    let shape: &RecordShape = if is_deal { &CRM } else { &TILL };
    let items = vec![bound(ItemTax::NotCarried, &[("order.line_items", 0)])];
    let sale = Sale { items, description: None, ..sale() };
    let document = if is_deal { deal(sale) } else { transaction(sale) };
    map(&tenant(r#"{"tax":{"default":{"category":"S","percent":"5"}}}"#), block, &document, shape, record)
}

#[test]
fn every_example_gives_what_it_says() {
    let examples = blocks(PAGE, "```toml");
    assert!(examples.len() >= 23, "{} examples", examples.len());
    for block in examples {
        let mapped = run(block);
        let gives = comments(block, "gives");
        assert!(!gives.is_empty(), "an example says what it gives:\n{block}");
        for line in gives {
            let (target, expected) = line.split_once(" = ").unwrap();
            let provenance = mapped.provenance();
            let set = provenance.iter().find(|p| p.target == target);
            let found = set.map_or("nothing", |p| p.value.as_str());
            assert_eq!(found, expected, "{target} of\n{block}");
        }
        let held: Vec<String> = mapped.reasons.iter().map(|r| format!("{} {}", r.code, r.message)).collect();
        let expected = comments(block, "holds");
        assert_eq!(held.len(), expected.len(), "{held:?}\n{block}");
        assert!(held.iter().zip(expected).all(|(held, start)| held.starts_with(start)), "{held:?}");
    }
}

#[test]
fn every_transform_has_an_example_of_its_own() {
    let schema = Rules::json_schema();
    let forms = schema.pointer("/$defs/transform/anyOf").unwrap();
    let alone = forms[0]["enum"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    let with = forms[1]["properties"].as_object().unwrap().keys().cloned();
    let mut names: Vec<String> = alone.chain(with).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 20);
    for name in names {
        let section =
            PAGE.split(&format!("\n### {name}\n")).nth(1).unwrap_or_else(|| panic!("{name} is missing"));
        let section = section.split("\n## ").next().unwrap().split("\n### ").next().unwrap();
        let example = blocks(section, "```toml").concat();
        assert!(
            example.contains(&format!("\"{name}\"")) || example.contains(&format!("{{ {name} = ")),
            "{name}"
        );
    }
}

#[test]
fn every_target_and_source_stands_on_the_page() {
    let schema = Rules::json_schema();
    for section in
        ["invoice", "buyer", "each/properties/line", "each/properties/charge", "each/properties/payment"]
    {
        let path = format!("/properties/{section}/properties");
        for (name, target) in schema.pointer(&path).unwrap().as_object().unwrap() {
            let is_group = target.get("properties").is_some();
            assert!(is_group || PAGE.contains(&format!("`{name}`")), "target {name}");
        }
    }
    for section in ["invoice", "each.line", "each.charge", "each.payment"] {
        let path = format!("/$defs/path.{section}/anyOf/0/enum");
        for source in schema.pointer(&path).unwrap().as_array().unwrap() {
            let (_, name) = source.as_str().unwrap().split_once('.').unwrap();
            let listed = PAGE.contains(&format!("`{name}`")) || name.starts_with("address.");
            assert!(listed, "source {source}");
        }
    }
}

#[test]
fn the_settings_become_the_rules_that_stand_beside_them() {
    let settings = blocks(PAGE, "```json tenant");
    let rules = blocks(PAGE, "```toml tenant");
    assert_eq!((settings.len(), rules.len()), (1, 1));
    let tenant = Tenant::from_json(settings[0].as_bytes()).unwrap();
    let text = Rules::text_of_tenant(&tenant);
    assert_eq!(text.trim_end(), rules[0], "write this into the page:\n{text}");
    Rules::parse(&text).unwrap();
}
