//! Every query of the dashboard and of the rules asks for what the engine prints, by labels that it has.

use crate::{
    promql::{Expr, parse},
    rules::{page, read},
};
use serde_json::Value;
use taxpoynt_core::metrics::{FAMILIES, Family, Kind};

/// The family of a series, or a name that the recording rules make, with its labels.
fn known(name: &str) -> Option<Vec<&'static str>> {
    let of = |family: &'static Family, extra: &[&'static str]| [family.labels, extra].concat();
    for family in FAMILIES {
        match (family.kind, name.strip_prefix(family.name)) {
            (Kind::Counter | Kind::Gauge, Some("")) => return Some(of(family, &[])),
            (Kind::Histogram, Some("_bucket")) => return Some(of(family, &["le"])),
            (Kind::Histogram, Some("_sum" | "_count")) => return Some(of(family, &[])),
            _ => {}
        }
    }
    read("recording.rules.yml").iter().any(|rule| rule.name == name).then(|| vec!["platform"])
}

fn check(place: &str, query: &Expr) {
    let mut labels = Vec::new();
    let selectors = query.selectors();
    assert!(!selectors.is_empty(), "{place} asks for nothing");
    for selector in selectors {
        let own =
            known(&selector.name).unwrap_or_else(|| panic!("{place}: {} is not printed", selector.name));
        for (label, ..) in &selector.matchers {
            assert!(own.contains(&label.as_str()), "{place}: {} has no label {label}", selector.name);
        }
        labels.extend(own);
    }
    for label in query.groups() {
        assert!(labels.contains(&label), "{place}: nothing has the label {label}");
    }
}

#[test]
fn every_rule_asks_for_what_the_engine_prints() {
    for file in ["recording.rules.yml", "alerts.rules.yml"] {
        for rule in read(file) {
            check(&rule.name, &rule.expr);
        }
    }
}

#[test]
fn every_panel_of_the_dashboard_asks_for_what_the_engine_prints() {
    let dashboard: Value = serde_json::from_str(&page("dashboard.json")).unwrap();
    let mut shown = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        if panel["type"] == "row" {
            continue;
        }
        assert!(panel["description"].as_str().unwrap().ends_with('.'), "{title} says what it shows");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{title} asks nothing");
        for target in targets {
            let query = target["expr"].as_str().unwrap();
            let query = query.replace("$__rate_interval", "5m").replace("$platform", ".*");
            let query = parse(&query);
            check(title, &query);
            shown.extend(query.selectors().into_iter().map(|selector| selector.name.clone()));
        }
    }
    for rule in read("recording.rules.yml") {
        if shown.contains(&rule.name) {
            shown.extend(rule.expr.selectors().into_iter().map(|selector| selector.name.clone()));
        }
    }
    for family in FAMILIES {
        assert!(shown.iter().any(|name| name.starts_with(family.name)), "no panel shows {}", family.name);
    }
}

#[test]
fn no_two_panels_lie_on_each_other() {
    let dashboard: Value = serde_json::from_str(&page("dashboard.json")).unwrap();
    let mut taken = std::collections::BTreeSet::new();
    let mut ids = std::collections::BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "two panels have one id");
        let at = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24, "{} is wider than the page", panel["title"]);
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(taken.insert((x, y)), "{} lies on another", panel["title"]);
            }
        }
    }
}

#[test]
fn the_page_of_metrics_lists_each_family_as_it_is() {
    let page = page("metrics.md");
    for family in FAMILIES {
        let kind = match family.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        let tenant = if family.by_tenant { ", (`tenant`)" } else { "" };
        let row = format!("| `{}` | {kind} | {}{tenant} | {} |", family.name, labels.join(", "), family.help);
        assert!(page.contains(&row), "docs/operations/metrics.md lacks this row:\n{row}");
    }
}
