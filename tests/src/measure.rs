//! What measurements share: numbers from the command line, what this process took of the machine, one core to run on.

use std::time::Duration;

/// The number after `name` on the command line: `--sales 100000`.
///
/// # Panics
/// Where what follows is no number.
#[must_use]
pub fn number(name: &str, default: u64) -> u64 {
    let mut words = std::env::args().skip_while(|word| word != name).skip(1);
    words.next().map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} wants a number")))
}

/// Runs this program again on one core, where the machine can do that: whether two that take turns share a core, and moving
/// between cores, decide more about the time of a call than what is measured.
pub fn pin() {
    const PINNED: &str = "TAXPOYNT_PINNED";
    if std::env::var_os(PINNED).is_some() {
        println!("pinned to the last core");
        return;
    }
    let core = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1).to_string();
    let Ok(own) = std::env::current_exe() else { return };
    let mut again = std::process::Command::new("taskset");
    again.args(["-c", &core]).arg(own).args(std::env::args_os().skip(1)).env(PINNED, "1");
    match again.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(_) => println!("not pinned to a core: there is no taskset"),
    }
}

/// The most memory this process ever had, in bytes (Linux; elsewhere 0).
#[must_use]
pub fn peak() -> u64 {
    status("VmHWM:")
}

/// What memory this process holds now, in bytes (Linux; elsewhere 0).
#[must_use]
pub fn resident() -> u64 {
    status("VmRSS:")
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name));
    let kilobytes: Option<u64> = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// The processor time of all threads that live, in user code and system (Linux; elsewhere 0).
#[must_use]
pub fn processor_time() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    Duration::from_nanos(tasks.filter_map(of).sum())
}
