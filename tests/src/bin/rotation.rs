//! Rotates the keys of many credentials under load, with rotations killed in the middle, and reads every one at the end.
//!
//! `cargo run --release -p taxpoynt-tests --bin rotation -- [--count N] [--kills N] [--seed N]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a proof that cannot run must stop, and it asks the machine for the time"
)]

use secrecy::ExposeSecret;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};
use taxpoynt_tests::rotation::{Outcome, Plan, World, rotate_in};
use uuid::Uuid;

const USAGE: &str = "rotation [--count N] [--kills N] [--seed N]\n\
    --count  how many credentials (100000)\n\
    --kills  how many rotations are killed in the middle (5)\n\
    --seed   decides which are read and refreshed when (42)";

/// Set in the process that rotates and is killed: the folder. The keys come by standard input.
const CHILD: &str = "TAXPOYNT_ROTATION_FOLDER";

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Ok(folder) = std::env::var(CHILD) {
        let keys: Vec<String> = std::io::stdin().lines().map(Result::unwrap).collect();
        runtime.block_on(rotate_in(Path::new(&folder), &keys[0], &keys[1]));
        return ExitCode::SUCCESS;
    }
    let mut plan = Plan { count: 100_000, readers: 24, refreshers: 8, seed: 42 };
    let mut kills = 5;
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let number = arguments.next().and_then(|value| value.parse::<u64>().ok());
        match (option.as_str(), number) {
            ("--count", Some(count)) => plan.count = usize::try_from(count.max(1)).unwrap(),
            ("--kills", Some(number)) => kills = usize::try_from(number).unwrap(),
            ("--seed", Some(seed)) => plan.seed = seed,
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    runtime.block_on(prove(plan, kills))
}

async fn prove(plan: Plan, kills: usize) -> ExitCode {
    let folder = std::env::temp_dir().join(format!("taxpoynt-rotation-{}", Uuid::now_v7()));
    let start = Instant::now();
    let world = World::build(folder.clone(), &plan).await;
    println!(
        "seed {}; {} credentials stored under the old key: {:?}",
        plan.seed,
        plan.count,
        start.elapsed()
    );
    let mut outcome =
        world.rotate_under_load(&plan, async |world| killed(world, plan.count, kills).await).await;
    let start = Instant::now();
    outcome.read_at_the_end = world.read_all().await;
    let at_the_end = start.elapsed();
    std::fs::remove_dir_all(folder).unwrap();
    tell(&outcome);
    println!(
        "{} read at the end with the new key alone, each the last stored: {at_the_end:?}",
        outcome.read_at_the_end
    );
    let sound = outcome.failed_reads.is_empty()
        && outcome.report.old_keys_may_go()
        && outcome.report.failed == 0
        && outcome.read_at_the_end == plan.count;
    println!("{}", if sound { "sound" } else { "NOT SOUND" });
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn tell(outcome: &Outcome) {
    let shown = |times: &[_]| {
        let at = |percent| Outcome::percentile(times, percent);
        format!("p50 {:?}, p99 {:?}, longest {:?}", at(50), at(99), at(100))
    };
    println!(
        "{} rotations killed in the middle; the last took {:?}, all {:?}",
        outcome.killed, outcome.last_rotation, outcome.took
    );
    println!(
        "{} new tokens stored meanwhile, every other one by a process that sealed under the old key",
        outcome.refreshes
    );
    println!(
        "{} reads meanwhile, {} failed: {}",
        outcome.reads,
        outcome.failed_reads.len(),
        shown(&outcome.read_times)
    );
    println!("{} reads before any rotation: {}", outcome.calm_times.len(), shown(&outcome.calm_times));
    for failed in outcome.failed_reads.iter().take(10) {
        println!("    {failed}");
    }
    let report = &outcome.report;
    println!("of {}, done {}, left {}, failed {}", report.of, report.done, report.left, report.failed);
}

/// Rotations in processes of their own, each killed after it has gone a part of the way further.
async fn killed(world: &World, count: usize, kills: usize) -> usize {
    let (new, old) = world.keys();
    let keys = format!("{}\n{}\n", new.expose_secret(), old.expose_secret());
    let mut killed = 0;
    for nth in 1..=kills {
        let (folder, keys) = (world.folder().to_owned(), keys.clone());
        let stop_at = (count * nth / (kills + 1)) as u64;
        killed +=
            usize::from(tokio::task::spawn_blocking(move || one(&folder, &keys, stop_at)).await.unwrap());
    }
    killed
}

/// Whether it was still at work when it was killed.
fn one(folder: &Path, keys: &str, stop_at: u64) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(CHILD, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), keys.as_bytes()).unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let far = lines.map(Result::unwrap).any(|line| {
        let done = line.split(' ').next().and_then(|number| number.parse::<u64>().ok());
        done.is_some_and(|done| done >= stop_at)
    });
    child.kill().unwrap();
    far && !child.wait().unwrap().success()
}
