//! Makes invoices from a seed and holds `calculate` against exact fractions and the rules of EN 16931.
//!
//! `cargo run --release -p taxpoynt-tests --bin million -- --count 1000000 --seed 42 --sample 2000 --out DIR`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a proof that cannot run must stop"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use taxpoynt_tests::million::{Plan, Report, run};

const USAGE: &str = "million [--count N] [--seed N] [--threads N] [--sample N --out DIR]\n\
    --count    how many invoices (1000000)\n\
    --seed     decides all of them (42)\n\
    --threads  2\n\
    --sample   of so many, spread evenly, the XML is written below --out";

fn main() -> ExitCode {
    let plan = match plan(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let report = run_loudly(&plan);
    print(&plan, &report);
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn plan(mut arguments: impl Iterator<Item = String>) -> Result<Plan, String> {
    let mut plan = Plan { seed: 42, count: 1_000_000, threads: 2, keep: None };
    let (mut sample, mut out) = (None, None);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(format!("{option} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{option} wants a number, not {value:?}"));
        match option.as_str() {
            "--count" => plan.count = number()?,
            "--seed" => plan.seed = number()?,
            "--threads" => plan.threads = number()?.max(1),
            "--sample" => sample = Some(number()?.max(1)),
            "--out" => out = Some(PathBuf::from(value)),
            _ => return Err(format!("unknown option {option}")),
        }
    }
    plan.keep = match (sample, out) {
        (Some(sample), Some(folder)) => {
            std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
            Some((plan.count.div_ceil(sample).max(1), folder))
        }
        (None, None) => None,
        _ => return Err("--sample and --out go together".into()),
    };
    Ok(plan)
}

/// Says on standard error how far it is, twice a second.
#[allow(clippy::disallowed_methods, reason = "a command may tell a person how far it is")]
fn run_loudly(plan: &Plan) -> Report {
    let (done, over) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let teller = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                eprint!("\r{} of {}", done.load(Ordering::Relaxed), plan.count);
                std::thread::park_timeout(Duration::from_millis(500));
            }
            eprintln!("\r{} of {}", done.load(Ordering::Relaxed), plan.count);
        });
        let report = run(plan, &done);
        over.store(true, Ordering::Relaxed);
        teller.thread().unpark();
        report
    })
}

fn print(plan: &Plan, report: &Report) {
    println!("seed {}", plan.seed);
    println!("{} invoices, {} lines, {} bytes of XML", report.invoices, report.lines, report.bytes);
    println!("{} differ from exact arithmetic", report.differing);
    println!("{} break a fatal rule of EN 16931", report.broken);
    if let Some((_, folder)) = &plan.keep {
        println!("{} XML files in {}", report.kept, folder.display());
    }
    for (name, count) in &report.had {
        println!("  {count:>9} {name}");
    }
    for failure in &report.failures {
        println!("{failure}");
    }
}
