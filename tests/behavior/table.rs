//! What passed, by platform and capability.

use std::{collections::BTreeMap, fmt::Write};

/// One trial that was held.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) platform: &'static str,
    pub(crate) about: &'static str,
    pub(crate) promise: &'static str,
    pub(crate) passed: bool,
}

/// A table for people: a row per capability, a column per platform.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut platforms: Vec<&str> = rows.iter().map(|row| row.platform).collect();
    platforms.sort_unstable();
    platforms.dedup();
    let mut text = String::from(
        "# Behaviour of the connectors\n\nMade by `cargo test -p taxpoynt-tests --test behavior`; n/m: trials passed of trials held.\n\n|  |",
    );
    for platform in &platforms {
        let _ = write!(text, " {platform} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(platforms.len()));
    let mut cells: BTreeMap<(&str, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        cells.entry((row.about, row.platform)).or_default().push(row);
    }
    let mut abouts: Vec<&str> = rows.iter().map(|row| row.about).collect();
    abouts.sort_unstable();
    abouts.dedup();
    for about in abouts {
        let _ = write!(text, "\n| {about} |");
        for platform in &platforms {
            let cell = cells.get(&(about, platform)).map(Vec::as_slice).unwrap_or_default();
            let _ = write!(text, " {} |", shown(cell));
        }
    }
    text.push_str("\n\n| trial |");
    for platform in &platforms {
        let _ = write!(text, " {platform} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(platforms.len()));
    let mut trials: BTreeMap<(&str, &str), BTreeMap<&str, bool>> = BTreeMap::new();
    for row in rows {
        trials.entry((row.about, row.promise)).or_default().insert(row.platform, row.passed);
    }
    for ((about, promise), held) in trials {
        let _ = write!(text, "\n| {about}::{promise} |");
        for platform in &platforms {
            let mark = held.get(platform).map_or("–", |passed| if *passed { "pass" } else { "**FAIL**" });
            let _ = write!(text, " {mark} |");
        }
    }
    text.push('\n');
    text
}

fn shown(cell: &[&Row]) -> String {
    let passed = cell.iter().filter(|row| row.passed).count();
    match cell {
        [] => "–".to_owned(),
        [row] if row.promise == "unclaimed" && row.passed => "Unsupported".to_owned(),
        _ => format!("{passed}/{}", cell.len()),
    }
}
