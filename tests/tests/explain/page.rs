//! `docs/explain.md`: what it shows is what the engine says.

use serde_json::Value;
use taxpoynt_core::{
    explain::{Explanation, conversion},
    host::explained::explained,
    mapping::Rules,
    pipeline::ConvertOptions,
    tenant::Tenant,
};
use taxpoynt_tests::platforms;

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/explain.md");
    std::fs::read_to_string(path).unwrap()
}

/// The block that begins with this line: ```` ```json record ````.
fn block(page: &str, kind: &str) -> String {
    let (_, rest) = page.split_once(&format!("```{kind}\n")).unwrap_or_else(|| panic!("no block {kind}"));
    rest.split_once("```").unwrap().0.to_owned()
}

fn explanation(page: &str, record: &str) -> Explanation {
    let tenant = Tenant::from_json(block(page, "json tenant").as_bytes()).unwrap();
    let rules = Rules::parse(&block(page, "toml rules")).unwrap();
    let options = ConvertOptions { rules: Some(&rules), sequence: Some(17), ..ConvertOptions::default() };
    let registry = platforms();
    let connector = &**registry.get("square").unwrap();
    conversion(connector, record.as_bytes(), &tenant, &options).unwrap().remove(0)
}

/// Where the page says something else, what it ought to say is printed.
fn same(what: &str, engine: &str, page: &str) {
    assert!(engine.trim() == page.trim(), "docs/explain.md, {what}, ought to say:\n{engine}");
}

#[test]
fn the_pages_example_is_what_the_engine_says_of_it() {
    let page = page();
    let told = explanation(&page, &block(&page, "json record"));
    same("the table", &told.to_string(), &block(&page, "text table"));
    let all = explained(&told);
    let name = all["elements"].as_array().unwrap().iter().find(|e| e["term"] == "BT-153").unwrap();
    let shown: Value = serde_json::from_str(&block(&page, "json element")).unwrap();
    assert!(*name == shown, "docs/explain.md, the element, ought to say:\n{name:#}");
}

#[test]
fn the_pages_held_sale_waits_for_what_it_says() {
    let page = page();
    let mut record: Value = serde_json::from_str(&block(&page, "json record")).unwrap();
    record["order"].as_object_mut().unwrap().remove("ticket_name");
    same("the held sale", &explanation(&page, &record.to_string()).to_string(), &block(&page, "text held"));
}

#[test]
fn the_page_names_every_kind_of_origin() {
    let page = page();
    for kind in [
        "rule",
        "catalogue",
        "copied",
        "calculated",
        "setting",
        "numbering",
        "fixed",
        "clock",
        "original",
        "asked",
        "rate",
        "holds",
        "unknown",
    ] {
        assert!(page.contains(&format!("| `{kind}` |")), "{kind}");
    }
}
