//! Reads the rule files as they are written: a small part of YAML, and `promtool check rules` reads the rest.

use crate::{
    promql::{self, Expr},
    series::{Series, Vector},
};
use std::{collections::BTreeMap, path::PathBuf};

/// A rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) name: String,
    /// Whether it records, or alerts.
    pub(crate) records: bool,
    pub(crate) expr: Expr,
    /// Seconds it must hold before it fires.
    pub(crate) hold: i64,
    /// Severity, summary and runbook.
    pub(crate) texts: BTreeMap<String, String>,
}

/// A file of docs/operations.
pub(crate) fn page(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/operations").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The rules of a file.
pub(crate) fn read(file: &str) -> Vec<Rule> {
    let text = page(file);
    let mut blocks: Vec<BTreeMap<String, String>> = Vec::new();
    // The key whose text goes on, and how deep it stands.
    let mut folding: Option<(String, usize)> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        let depth = line.len() - line.trim_start().len();
        let (line, starts) = match line.trim().strip_prefix("- ") {
            Some(rest) => (rest, true),
            None => (line.trim(), false),
        };
        match &folding {
            Some((key, deep)) if depth > *deep => {
                let value = blocks.last_mut().unwrap().entry(key.clone()).or_default();
                *value = format!("{value} {line}").trim().to_owned();
                continue;
            }
            _ => folding = None,
        }
        let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("{file}: {line}"));
        if starts && matches!(key, "alert" | "record") {
            blocks.push(BTreeMap::new());
        }
        let Some(block) = blocks.last_mut() else { continue };
        match value.trim() {
            ">-" => folding = Some((key.to_owned(), depth)),
            "" => {}
            value => {
                block.insert(key.to_owned(), value.trim_matches('"').to_owned());
            }
        }
    }
    blocks.into_iter().map(rule).collect()
}

fn rule(mut texts: BTreeMap<String, String>) -> Rule {
    let records = texts.contains_key("record");
    let name = texts.remove("record").or_else(|| texts.remove("alert")).unwrap();
    let expr = promql::parse(&texts.remove("expr").unwrap());
    let hold = texts.remove("for").map_or(0, |hold| promql::seconds(&hold));
    Rule { name, records, expr, hold, texts }
}

/// Scrapes, records, and finds out which alerts fire, in steps of 30 s.
pub(crate) struct Watch {
    pub(crate) series: Series,
    recording: Vec<Rule>,
    alerts: Vec<Rule>,
    /// Since when each alert holds, by its labels.
    holds: BTreeMap<(String, BTreeMap<String, String>), i64>,
    pub(crate) at: i64,
}

pub(crate) const STEP: i64 = 30;

impl Watch {
    pub(crate) fn new() -> Self {
        let (recording, alerts) = (read("recording.rules.yml"), read("alerts.rules.yml"));
        Self { series: Series::default(), recording, alerts, holds: BTreeMap::new(), at: 0 }
    }

    /// Takes in a scrape, and says which alerts fire now.
    pub(crate) fn step(&mut self, text: &str) -> Vec<String> {
        self.at += STEP;
        self.series.scrape(text, self.at);
        for rule in &self.recording {
            let found: Vector = self.series.ask(&rule.expr, self.at);
            for (labels, value) in found {
                self.series.put(rule.name.clone(), labels, self.at, value);
            }
        }
        let mut firing = Vec::new();
        let mut holds = BTreeMap::new();
        for rule in &self.alerts {
            for (labels, _) in self.series.ask(&rule.expr, self.at) {
                let key = (rule.name.clone(), labels);
                let since = self.holds.get(&key).copied().unwrap_or(self.at);
                if self.at - since >= rule.hold {
                    firing.push(rule.name.clone());
                }
                holds.insert(key, since);
            }
        }
        self.holds = holds;
        firing.sort();
        firing.dedup();
        firing
    }
}
