//! The README names every switch, every endpoint, every form and every control call that there is.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::Value;
use std::collections::BTreeSet;
use taxpoynt_sim::{
    AccessPointSettings, AuthoritySettings, FaultKind, Form, Options, Plan, Sim, Spoil, WebhookFault,
};

const README: &str = include_str!("../README.md");

fn members(settings: &impl serde::Serialize) -> Vec<String> {
    let settings = serde_json::to_value(settings).unwrap();
    settings.as_object().unwrap().keys().cloned().collect()
}

/// The texts between a marker and the next quotation mark.
fn quoted<'a>(source: &'a str, marker: &'a str) -> impl Iterator<Item = &'a str> {
    source.split(marker).skip(1).map(|rest| rest.split('"').next().unwrap())
}

#[test]
fn every_switch_is_in_the_readme() {
    let (sim, _) = Sim::in_process(Options::default()).unwrap();
    let all = [
        members(&AuthoritySettings::default()),
        members(&AccessPointSettings::default()),
        members(&sim.square().oauth().settings()),
        members(&sim.square().limits().unwrap()),
        members(&sim.pipedrive().settings()),
        members(&Plan::of(0)),
    ]
    .concat();
    assert!(all.len() > 15);
    for switch in all {
        assert!(README.contains(&format!("`{switch}`")), "{switch}");
    }
}

#[test]
fn every_fault_is_in_the_readme() {
    let name = |value: Value| value.as_str().unwrap().to_owned();
    let mut names: Vec<String> =
        WebhookFault::ALL.iter().map(|kind| name(serde_json::to_value(kind).unwrap())).collect();
    names.extend(Spoil::ALL.iter().map(|how| name(serde_json::to_value(how).unwrap())));
    names.extend(FaultKind::ALL.iter().chain(&FaultKind::PLATFORM).map(|kind| kind.name()));
    names.push(FaultKind::Shield.name());
    for name in names {
        assert!(README.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_form_of_a_download_is_in_the_readme() {
    for form in [
        Form::Json,
        Form::Base64,
        Form::DataUri,
        Form::Pdf,
        Form::Xml,
        Form::Metadata,
        Form::Plain,
        Form::OtherIrn,
        Form::OtherKey,
        Form::ShortIv,
    ] {
        let Value::String(name) = serde_json::to_value(form).unwrap() else { unreachable!() };
        assert!(README.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_endpoint_that_is_counted_is_in_the_readme() {
    let sources = [
        include_str!("../src/authority/calls.rs"),
        include_str!("../src/access_point/mod.rs"),
        include_str!("../src/square/mod.rs"),
        include_str!("../src/hubspot/mod.rs"),
        include_str!("../src/pipedrive/mod.rs"),
    ];
    let names: BTreeSet<&str> = sources.iter().flat_map(|source| quoted(source, "at(\"")).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let named = [format!("| `{name}`"), format!(", `{name}`")];
        assert!(named.iter().any(|name| README.contains(name)), "{name}");
    }
}

#[test]
fn every_control_call_is_in_the_readme() {
    let sources = [
        include_str!("../src/control.rs"),
        include_str!("../src/control/platform.rs"),
        include_str!("../src/control/pipedrive.rs"),
    ];
    let paths: Vec<&str> = sources.iter().flat_map(|source| quoted(source, ".route(\"/")).collect();
    assert!(paths.len() > 15, "{paths:?}");
    for path in paths {
        let path = path.trim_start_matches("control/");
        // `{platform}` stands for a list of names there, `sales/{name}` for each sale.
        let shown = path.replace("{platform}/", "").replace("/{name}", "/");
        assert!(README.contains(&shown), "{path}");
    }
}
