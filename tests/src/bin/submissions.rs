//! Submits documents under seeded faults and holds the authority's book against the store, document by document.
//!
//! `cargo run --release -p taxpoynt-tests --bin submissions -- [--count N] [--seed N] [--only IRN]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a proof that cannot run must stop"
)]

use std::process::ExitCode;
use taxpoynt_tests::submissions::{Kind, Plan, Recovery, Report, run_world, world_of};

const USAGE: &str = "submissions [--count N] [--seed N] [--world N] [--only IRN]\n\
    --count  how many sales (50000)\n\
    --seed   decides everything (42)\n\
    --world  documents that share a store and a simulator (2000)\n\
    --only   replays the world of one document of that seed and tells what happened to it";

/// Of so many failures the histories are told.
const SHOWN: usize = 10;

fn main() -> ExitCode {
    let (plan, only) = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match only {
        Some(irn) => replay(&plan, &irn),
        None => prove(&plan),
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<(Plan, Option<String>), String> {
    let mut plan = Plan { seed: 42, count: 50_000, per_world: 2_000, recovery: Recovery::Asking };
    let mut only = None;
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(format!("{option} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{option} wants a number, not {value:?}"));
        let size = || number().map(|number| usize::try_from(number).unwrap_or(usize::MAX).max(1));
        match option.as_str() {
            "--count" => plan.count = size()?,
            "--seed" => plan.seed = number()?,
            "--world" => plan.per_world = size()?,
            "--only" => only = Some(value),
            _ => return Err(format!("unknown option {option}")),
        }
    }
    Ok((plan, only))
}

fn replay(plan: &Plan, irn: &str) -> ExitCode {
    let Some(nth) = world_of(irn).filter(|nth| *nth < plan.worlds().len()) else {
        eprintln!(
            "{irn} is no IRN of these {} worlds: they begin with W and four digits",
            plan.worlds().len()
        );
        return ExitCode::from(2);
    };
    let outcome = run_world(plan, nth, Some(irn));
    println!("seed {}, world {nth}, {irn}", plan.seed);
    for line in &outcome.watched {
        println!("    {line}");
    }
    let wrong: Vec<_> = outcome.failures.iter().filter(|verdict| verdict.irn == irn).collect();
    wrong.iter().for_each(|verdict| println!("{}: {}", verdict.kind, verdict.what));
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn prove(plan: &Plan) -> ExitCode {
    println!("seed {}", plan.seed);
    let mut report = Report::default();
    let worlds = plan.worlds().len();
    for nth in 0..worlds {
        let outcome = run_world(plan, nth, None);
        eprintln!(
            "world {} of {worlds}: {} sales, {} calls, {} processes died, {} slept past their lease, {} h by its clock, {} failures",
            nth + 1,
            outcome.sold,
            outcome.calls,
            outcome.deaths,
            outcome.naps,
            outcome.took.num_hours(),
            outcome.failures.len(),
        );
        report.add(outcome);
    }
    print(plan, &report);
    if report.failures.is_empty() && report.untouched().is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print(plan: &Plan, report: &Report) {
    println!(
        "{} sales, {} calls, {} processes died, {} slept past their lease",
        report.sold, report.calls, report.deaths, report.naps
    );
    for (word, count) in &report.ended {
        println!("  {count:>9} {word}");
    }
    println!("  {:>9} paid later, and the authority knows", report.paid);
    let endpoints: Vec<&String> = report.struck.keys().collect();
    let kinds: std::collections::BTreeSet<&String> =
        report.struck.values().flat_map(|kinds| kinds.keys()).collect();
    print!("{:<28}", "faults struck");
    endpoints.iter().for_each(|endpoint| print!("{endpoint:>10}"));
    println!();
    for kind in kinds {
        print!("{kind:<28}");
        endpoints
            .iter()
            .for_each(|e| print!("{:>10}", report.struck[*e].get(kind).copied().unwrap_or_default()));
        println!();
    }
    for kind in Kind::ALL {
        println!("{:>9} {kind}", report.count(kind));
    }
    for what in report.untouched() {
        println!("never met: {what}");
    }
    for verdict in report.failures.iter().take(SHOWN) {
        println!("{verdict}");
        println!(
            "    again: submissions --seed {} --count {} --world {} --only {}",
            plan.seed, plan.count, plan.per_world, verdict.irn
        );
    }
}
