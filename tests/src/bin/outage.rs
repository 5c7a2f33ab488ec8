//! Takes the authority away for twenty hours of a day three times as busy as usual, in simulated time, and shows who was
//! reported in time, who could not be and was foretold, and what taking documents as they come would have done.
//!
//! `cargo run --release -p taxpoynt-tests --bin outage -- --a-day 6000 --seed 42`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a proof that cannot run must stop"
)]

use std::process::ExitCode;
use taxpoynt_tests::outage::{
    HOUR, Order, Outcome, Plan, Sale, Traffic, picture, possible, run, sales, slowest_feasible,
};

const USAGE: &str = "outage [--a-day N] [--seed N] [--out FILE]\n\
    --a-day   sales of an ordinary day (6000)\n\
    --seed    decides all of them (42)\n\
    --out     where the picture goes (target/outage.svg)";

/// The authority stops at five in the morning, UTC, and comes back at one in the night.
const OUTAGE: (i64, i64) = (5 * HOUR, 25 * HOUR);

struct Options {
    a_day: usize,
    seed: u64,
    out: std::path::PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let busy = (OUTAGE.0, OUTAGE.1, 3);
    let sales = sales(&Traffic { seed: options.seed, a_day: options.a_day, hours: 60, busy });
    let slowest = slowest_feasible(&sales, (OUTAGE.0 * 1000, OUTAGE.1 * 1000));
    describe(&options, &sales, slowest);
    let mut failures = Vec::new();
    let mut runs = Vec::new();
    for (title, call, order) in [
        ("By deadline", slowest * 10 / 11, Order::Deadlines),
        ("As they came (control)", slowest * 10 / 11, Order::Arrival),
        ("By deadline, too slow an authority", slowest * 3 / 2, Order::Deadlines),
        ("As they came, too slow an authority (control)", slowest * 3 / 2, Order::Arrival),
    ] {
        let plan = Plan { sales: sales.clone(), call, outage: OUTAGE, order };
        eprintln!("{title} …");
        let outcome = run(&plan).await;
        failures.extend(promises(title, &plan, &outcome));
        runs.push((title, plan, outcome));
    }
    print(&runs);
    failures.extend(controls(&runs));
    let shown: Vec<_> = runs.iter().map(|(title, plan, outcome)| (*title, plan, outcome)).collect();
    if let Some(folder) = options.out.parent() {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::fs::write(&options.out, picture(&shown)).unwrap();
    println!("\npicture: {}", options.out.display());
    for failure in &failures {
        println!("FAILED: {failure}");
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), std::path::PathBuf::from);
    let mut options = Options { a_day: 6000, seed: 42, out: target.join("outage.svg") };
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(format!("{option} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{option} wants a number, not {value:?}"));
        match option.as_str() {
            "--a-day" => options.a_day = number()?.clamp(100, 100_000) as usize,
            "--seed" => options.seed = number()?,
            "--out" => options.out = value.into(),
            _ => return Err(format!("unknown option {option}")),
        }
    }
    Ok(options)
}

fn describe(options: &Options, sales: &[Sale], slowest: i64) {
    let during = sales.iter().filter(|sale| (OUTAGE.0..OUTAGE.1).contains(&sale.sold_at)).count();
    let companies = sales.iter().filter(|sale| sale.b2b).count();
    println!(
        "seed {}, {} sales on an ordinary day, {} in 60 hours",
        options.seed,
        options.a_day,
        sales.len()
    );
    println!("{companies} of them to companies (B2B: cleared first), the rest to consumers (B2C: 24 hours)");
    println!(
        "the authority is out from hour 5 to hour 25; {during} sales are made meanwhile, three times as many as usual"
    );
    let consumers = sales.len() - companies;
    let possible = possible(sales, (OUTAGE.0 * 1000, OUTAGE.1 * 1000));
    println!("{} of the consumers' sales are due before it is back: no speed helps", consumers - possible);
    println!(
        "an ideal schedule reports the others in time with calls of up to {slowest} ms, one after the other\n"
    );
}

/// What each run by deadline must keep.
fn promises(title: &str, plan: &Plan, outcome: &Outcome) -> Vec<String> {
    let mut failures = Vec::new();
    let mut hold = |kept: bool, what: String| {
        if !kept {
            failures.push(format!("{title}: {what}"));
        }
    };
    hold(outcome.lost == 0, format!("{} lost", outcome.lost));
    hold(outcome.doubled == 0, format!("{} doubled", outcome.doubled));
    hold(outcome.dead == 0, format!("{} given up", outcome.dead));
    if plan.order == Order::Deadlines {
        // Where all that are possible can be in time, all but one in ten thousand are. Where not, the engine works in batches and companies
        // share with reports in their last half hour, so it is held to most of what the ideal schedule makes.
        let least = if outcome.feasible == outcome.possible { 9_999 } else { 9_700 };
        let enough = outcome.in_time * 10_000 >= outcome.feasible * least;
        hold(enough, format!("{} in time of {} feasible", outcome.in_time, outcome.feasible));
        hold(outcome.unalarmed == 0, format!("{} late without an alarm an hour before", outcome.unalarmed));
    }
    failures
}

/// A proof that cannot fail proves nothing: as they came must come out worse.
fn controls(runs: &[(&str, Plan, Outcome)]) -> Vec<String> {
    let pairs = runs.chunks(2).filter_map(|pair| Some((pair.first()?, pair.get(1)?)));
    pairs
        .filter(|(ours, control)| control.2.in_time >= ours.2.in_time)
        .map(|(ours, _)| format!("{}: the control is no worse", ours.0))
        .collect()
}

fn print(runs: &[(&str, Plan, Outcome)]) {
    let row = |name: &str, value: &dyn Fn(&Plan, &Outcome) -> String| {
        let cells: Vec<_> =
            runs.iter().map(|(_, plan, outcome)| format!("{:>18}", value(plan, outcome))).collect();
        println!("{name:<50}{}", cells.concat());
    };
    row("", &|plan, _| {
        if plan.order == Order::Deadlines { "by deadline".into() } else { "as they came".into() }
    });
    row("one call takes, ms", &|plan, _| plan.call.to_string());
    row("capacity measured, documents an hour", &|_, o| o.per_hour.to_string());
    row("B2C documents", &|_, o| o.consumers.to_string());
    row("… the fastest authority could be told of in time", &|_, o| o.possible.to_string());
    row("… an ideal schedule reports in time", &|_, o| o.feasible.to_string());
    row("… reported in time", &|_, o| o.in_time.to_string());
    row("… in ten-thousandths of the ideal", &|_, o| (o.in_time * 10_000 / o.feasible.max(1)).to_string());
    row("… late", &|_, o| (o.consumers - o.in_time).to_string());
    row("… late and not foretold an hour before", &|_, o| o.unalarmed.to_string());
    row("B2B cleared within, nine of ten, s", &|_, o| (o.clearance / 1000).to_string());
    row("lost", &|_, o| o.lost.to_string());
    row("doubled", &|_, o| o.doubled.to_string());
    row("given up", &|_, o| o.dead.to_string());
    row("calls during the outage", &|_, o| o.calls.1.to_string());
    for (title, _, outcome) in runs.iter().filter(|(_, plan, _)| plan.order == Order::Deadlines) {
        println!("\nalarms, {title}:");
        for alarm in &outcome.alarms {
            println!(
                "  hour {:>3}:{:02}  {:?}: {}",
                alarm.at / HOUR,
                alarm.at % HOUR / 60,
                alarm.change,
                alarm.message
            );
        }
    }
}
