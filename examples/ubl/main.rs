//! UBL invoices at the command line: which rules they break, what a rule wants, and a sale's record made into one.

mod args;
mod convert;
mod crew;
mod explain;
mod inputs;
mod nearest;
mod outline;
mod page;
mod report;
mod terminal;
mod validate;
mod verdict;

use args::{Flag, Line};
use std::{ffi::OsString, process::ExitCode};
use verdict::Outcome;

const HELP: &str = "\
ubl: UBL 2.1 invoices and credit notes

  ubl validate FILE…         which rules documents break, and where
  ubl explain RULE-ID…       what a rule wants
  ubl convert --platform P --tenant T.json FILE…
                             a till's sale or a CRM's deal made into UBL

ubl COMMAND --help says the rest. From a checkout: cargo run --release --example ubl -- COMMAND …";

/// A command: its help and what runs it.
struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    flags: &'static [Flag],
    after: &'static str,
    run: fn(Line) -> Result<Outcome, String>,
}

const COMMANDS: [Command; 3] = [
    Command {
        name: "validate",
        usage: validate::USAGE,
        about: validate::ABOUT,
        flags: validate::FLAGS,
        after: validate::AFTER,
        run: validate::run,
    },
    Command {
        name: "explain",
        usage: explain::USAGE,
        about: explain::ABOUT,
        flags: explain::FLAGS,
        after: explain::AFTER,
        run: explain::run,
    },
    Command {
        name: "convert",
        usage: convert::USAGE,
        about: convert::ABOUT,
        flags: convert::FLAGS,
        after: convert::AFTER,
        run: convert::run,
    },
];

impl Command {
    fn help(&self) -> String {
        let mut parts = vec![format!("usage: {}", self.usage), self.about.to_owned()];
        if !self.flags.is_empty() {
            parts.push(args::listed(self.flags).trim_end().to_owned());
        }
        parts.push(self.after.to_owned());
        parts.join("\n\n")
    }
}

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match run(&words) {
        Ok(outcome) => ExitCode::from(outcome as u8),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run(words: &[OsString]) -> Result<Outcome, String> {
    let Some((first, rest)) = words.split_first() else { return Err(HELP.into()) };
    let name = first.to_string_lossy();
    if let "--help" | "-h" | "help" = &*name {
        let topic = rest.first().and_then(|topic| COMMANDS.iter().find(|c| *topic == c.name));
        println!("{}", topic.map_or_else(|| HELP.into(), Command::help));
        return Ok(Outcome::Valid);
    }
    let command = COMMANDS.iter().find(|c| c.name == name).ok_or_else(|| unknown(&name))?;
    let told = |why: String| format!("ubl {}: {why}\nubl {} --help says how", command.name, command.name);
    match Line::read(rest, command.flags).map_err(told)? {
        Some(line) => (command.run)(line).map_err(told),
        None => {
            println!("{}", command.help());
            Ok(Outcome::Valid)
        }
    }
}

fn unknown(name: &str) -> String {
    let near = nearest::nearest(name, COMMANDS.iter().map(|c| c.name), 1);
    let hint = match near.first() {
        Some(near) => format!("did you mean ubl {near}?"),
        None if std::path::Path::new(name).exists() => format!("did you mean ubl validate {name}?"),
        None => "there is validate, explain and convert".into(),
    };
    format!("ubl: there is no command {name}; {hint}\nubl --help says how")
}
