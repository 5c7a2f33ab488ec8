//! The corpus of rule files: each is a test of its name. `tests/mapping_rules/corpus/README.md` says how they are read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod file;
mod messages;
mod sale;
#[path = "../mapping_rules/support.rs"]
#[allow(dead_code, reason = "shared with the other tests of rules")]
mod support;

use file::File;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{path::PathBuf, process::ExitCode};

/// How many files are promised, of both kinds together.
const PROMISED: usize = 300;

fn corpus() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mapping_rules/corpus"))
}

/// The rule files of a folder, by name.
fn files(folder: &str) -> Vec<File> {
    let entries = std::fs::read_dir(corpus().join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_none_or(|kind| kind != "txt"));
    paths.sort();
    paths.into_iter().map(|path| File::read(&path)).collect()
}

fn trial(name: &str, test: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, || test().map_err(Failed::from))
}

fn main() -> ExitCode {
    let (valid, invalid) = (files("valid"), files("invalid"));
    let (count, names) = (valid.len() + invalid.len(), [&valid, &invalid].map(|files| File::names(files)));
    let said: Vec<String> = valid.iter().chain(&invalid).flat_map(File::said).collect();
    let mut trials = vec![
        trial("there_are_as_many_files_as_promised", move || {
            if count >= PROMISED { Ok(()) } else { Err(format!("{count} of {PROMISED} files")) }
        }),
        trial("every_file_has_a_number_and_a_name_of_its_own", move || file::numbered(&names)),
        trial("every_message_is_said_by_a_file", move || messages::all_said(&said)),
    ];
    trials.extend(
        valid.into_iter().map(|f| trial(&format!("valid/{}", f.name), move || f.gives_what_it_says())),
    );
    trials.extend(
        invalid.into_iter().map(|f| trial(&format!("invalid/{}", f.name), move || f.is_refused_as_it_says())),
    );
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
