//! The examples of `docs/mapping.md` run.

use crate::examples::{blocks, check};
use taxpoynt_core::{mapping::Rules, tenant::Tenant};

const PAGE: &str = include_str!("../../../docs/mapping.md");
const COOKBOOK: &str = include_str!("../../../docs/cookbook.md");

#[test]
fn every_example_gives_what_it_says() {
    let examples = blocks(PAGE, "```toml");
    assert!(examples.len() >= 23, "{} examples", examples.len());
    examples.into_iter().for_each(check);
}

#[test]
fn every_wish_of_the_cookbook_has_an_example_that_gives_what_it_says() {
    let wishes: Vec<&str> = COOKBOOK
        .split("\n## ")
        .skip(1)
        .filter(|wish| wish.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert_eq!(wishes.len(), 10);
    for wish in wishes {
        let examples = blocks(wish, "```toml");
        assert!(!examples.is_empty(), "{wish}");
        examples.into_iter().for_each(check);
    }
}

#[test]
fn every_template_is_named_on_the_page() {
    for template in Rules::templates() {
        assert!(PAGE.contains(&format!("`{}`", template.name)), "{}", template.name);
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
    for section in [
        "trigger",
        "invoice",
        "buyer",
        "each/properties/line",
        "each/properties/charge",
        "each/properties/payment",
    ] {
        let path = format!("/properties/{section}/properties");
        for (name, target) in schema.pointer(&path).unwrap().as_object().unwrap() {
            let is_group = target.get("properties").is_some();
            assert!(is_group || PAGE.contains(&format!("`{name}`")), "target {name}");
        }
    }
    for section in ["trigger", "invoice", "each.line", "each.charge", "each.payment"] {
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
