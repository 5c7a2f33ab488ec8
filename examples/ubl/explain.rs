//! `explain`: what a rule wants.

use super::{
    args::{Flag, Line},
    nearest::nearest,
    report::listed,
    terminal::{Paint, number, plain},
    verdict::Outcome,
};
use serde::Serialize;
use std::io::{self, Write};
use taxpoynt_ubl::{Explanation, Ruleset, Severity, rule_ids};

pub(crate) const USAGE: &str = "ubl explain [RULE-ID…]";

pub(crate) const ABOUT: &str = "\
Says of each rule whose it is, how bad it is to break it, where it looks and what it wants.
Without an id: how many rules each set has.";

pub(crate) const FLAGS: &[Flag] = &[
    Flag { name: "--json", value: None, help: "one JSON line a rule, for programs" },
    Flag { name: "--all", value: Some("SET"), help: "every rule of a set: ubl21, en16931, peppol, nigeria" },
];

pub(crate) const AFTER: &str = "\
Exit code: 0, or 2 for an id that no set has.";

/// Runs the command.
///
/// # Errors
/// One sentence about a rule set that does not exist, or about an output that cannot be written.
pub(crate) fn run(line: Line) -> Result<Outcome, String> {
    let mut ids: Vec<String> = line.words().map(|id| id.to_string_lossy().into_owned()).collect();
    if let Some(set) = line.value("--all")? {
        let set = Ruleset::parse(&set.to_string_lossy()).map_err(|e| e.to_string())?;
        ids.extend(rule_ids(set).iter().map(ToString::to_string));
        if ids.is_empty() {
            return Err(format!("{} has no rules", set.name()));
        }
    }
    let paint = Paint::of_output();
    let mut text = String::new();
    let mut refused = Vec::new();
    for id in &ids {
        match taxpoynt_ubl::explain(id) {
            Some(rule) if line.has("--json") => text.push_str(&row(&rule)),
            Some(rule) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&paragraph(&rule, paint));
            }
            None => refused.push(unknown(id)),
        }
    }
    if ids.is_empty() {
        text = overview(paint);
    }
    match io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => return Err(format!("the output: {e}")),
        _ => {}
    }
    for line in &refused {
        eprintln!("{line}");
    }
    Ok(if refused.is_empty() { Outcome::Valid } else { Outcome::Unreadable })
}

fn paragraph(rule: &Explanation, paint: Paint) -> String {
    let severity = match rule.severity {
        Severity::Fatal => paint.red("fatal"),
        Severity::Warning => paint.yellow("warning"),
    };
    format!(
        "{}  {}, {severity}\n  looks at  {}\n  wants     {}\n",
        paint.bold(rule.id),
        title(rule.ruleset),
        rule.concerns,
        rule.wants
    )
}

/// A rule as one object.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    ruleset: &'a str,
    severity: &'a str,
    concerns: &'a str,
    wants: &'a str,
}

fn row(rule: &Explanation) -> String {
    let (ruleset, severity) = (rule.ruleset.name(), rule.severity.name());
    let row = Row { id: rule.id, ruleset, severity, concerns: &rule.concerns, wants: &rule.wants };
    // There is nothing in it that JSON could not say.
    format!("{}\n", serde_json::to_string(&row).unwrap_or_default())
}

fn title(ruleset: Ruleset) -> &'static str {
    match ruleset {
        Ruleset::Ubl21 => "structure of UBL 2.1",
        Ruleset::En16931 => "EN 16931",
        Ruleset::Peppol => "Peppol BIS Billing 3.0",
        Ruleset::Nigeria => "Nigerian tax authority",
        _ => ruleset.name(),
    }
}

fn every_id() -> impl Iterator<Item = &'static str> {
    Ruleset::ALL.iter().flat_map(|set| rule_ids(*set))
}

fn unknown(id: &str) -> String {
    let shown = plain(id);
    let near = nearest(id, every_id(), 5);
    if near.is_empty() {
        format!("there is no rule {shown}; ubl explain --all SET lists those there are")
    } else {
        format!("there is no rule {shown}; near it: {}", listed(&near))
    }
}

fn overview(paint: Paint) -> String {
    let mut text = String::new();
    for set in Ruleset::ALL {
        let count = number(rule_ids(*set).len());
        text.push_str(&format!(
            "{}  {count:>5} rules  {}\n",
            paint.bold(&format!("{:8}", set.name())),
            title(*set)
        ));
    }
    text.push_str(
        "\nubl explain RULE-ID says what one wants, ubl explain --all SET what all of a set want.\n",
    );
    text
}
