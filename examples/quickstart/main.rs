//! The main job, end to end and on this machine alone: a till sale and a CRM deal become stamped, transmitted invoices.

mod convert;
mod files;
mod print;
mod story;
mod webhooks;

use std::{path::PathBuf, process::ExitCode};

const USAGE: &str = "\
usage: quickstart [--out DIR]
       quickstart --platform square|hubspot --record FILE [--tenant FILE] [--out DIR]

  --out DIR        where documents and the database go (default target/quickstart)
  --platform NAME  convert a record of your own instead of running the simulators
  --record FILE    the record: one JSON object with the platform's own resources
  --tenant FILE    the seller's settings as JSON (default: the example's own shop)";

/// What the command line asks for.
#[derive(Debug, Default, Clone)]
struct Arguments {
    out: Option<PathBuf>,
    platform: Option<String>,
    record: Option<PathBuf>,
    tenant: Option<PathBuf>,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--out" => arguments.out = Some(value()?.into()),
                "--platform" => arguments.platform = Some(value()?),
                "--record" => arguments.record = Some(value()?.into()),
                "--tenant" => arguments.tenant = Some(value()?.into()),
                "--help" | "-h" => return Ok(None),
                other => return Err(format!("unknown option {other:?}")),
            }
        }
        if arguments.platform.is_some() != arguments.record.is_some() {
            return Err("--platform and --record go together".into());
        }
        Ok(Some(arguments))
    }

    fn out(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| PathBuf::from("target/quickstart"))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("{message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let done = match (&arguments.platform, &arguments.record) {
        (Some(platform), Some(record)) => {
            convert::run(platform, record, arguments.tenant.as_deref(), &arguments.out())
        }
        _ => story::run(&arguments.out()).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe quickstart stopped: {error}");
            ExitCode::FAILURE
        }
    }
}
