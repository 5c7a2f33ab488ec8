//! Pulls from a seeded platform under late commits, equal stamps, shifting pages, deletes, caps, webhooks and crashes, and
//! holds its book against the store, record by record.
//!
//! `cargo run --release -p taxpoynt-tests --bin histories -- [--count N] [--seed N] [--only N] [--sabotage NAME]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a proof that cannot run must stop"
)]

use std::process::ExitCode;
use taxpoynt_tests::histories::{Kind, Plan, Sabotage, run, run_history};

const USAGE: &str = "histories [--count N] [--seed N] [--only N] [--sabotage NAME]\n\
    --count     how many histories (10000)\n\
    --seed      decides everything (42)\n\
    --only      replays one history of that seed and tells it\n\
    --sabotage  breaks the pull: no-overlap, our-clock, trust-offset, one-reading, no-sweep";

/// Of so many failures the verdicts are told.
const SHOWN: usize = 10;

fn main() -> ExitCode {
    match options(std::env::args().skip(1)) {
        Ok((plan, Some(nth))) => replay(&plan, nth),
        Ok((plan, None)) => prove(&plan),
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<(Plan, Option<u64>), String> {
    let mut plan = Plan { seed: 42, count: 10_000, sabotage: Sabotage::None };
    let mut only = None;
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(format!("{option} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{option} wants a number, not {value:?}"));
        match option.as_str() {
            "--count" => plan.count = number()?,
            "--seed" => plan.seed = number()?,
            "--only" => only = Some(number()?),
            "--sabotage" => {
                plan.sabotage = Sabotage::named(&value).ok_or(format!("no sabotage is named {value:?}"))?;
            }
            _ => return Err(format!("unknown option {option}")),
        }
    }
    Ok((plan, only))
}

fn replay(plan: &Plan, nth: u64) -> ExitCode {
    let outcome = run_history(plan, nth, true);
    println!("seed {}, history {nth}", plan.seed);
    outcome.story.iter().for_each(|line| println!("    {line}"));
    outcome.failures.iter().for_each(|verdict| println!("{}: {}", verdict.kind, verdict.what));
    if outcome.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn prove(plan: &Plan) -> ExitCode {
    println!("seed {}, {} histories, sabotage {:?}", plan.seed, plan.count, plan.sabotage);
    let report = run(plan, |nth, so_far| {
        if nth % 500 == 499 {
            eprintln!("{} histories, {} failures", nth + 1, so_far.failures.len());
        }
    });
    for (what, count) in &report.happened {
        println!("{count:>9} {what}");
    }
    for kind in [Kind::Missing, Kind::Stale, Kind::Twice, Kind::Undead, Kind::NotInvoiced, Kind::Misbehaved] {
        println!("{:>9} {kind}", report.count(kind));
    }
    for what in report.untouched() {
        println!("never met: {what}");
    }
    for (nth, verdict) in report.failures.iter().take(SHOWN) {
        println!("history {nth}: {}: {}", verdict.kind, verdict.what);
        println!("    again: histories --seed {} --only {nth}", plan.seed);
    }
    if report.failures.is_empty() && report.untouched().is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
