//! `taxpoynt-sim --port N`: prints one JSON line and serves until killed.

use chrono::{DateTime, Utc};
use std::{env, io::Write as _, process::ExitCode};
use taxpoynt_sim::{Options, Sim};

const USAGE: &str = "usage: taxpoynt-sim [--port N] [--now RFC3339]";

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value\n{USAGE}"))?;
        match name.as_str() {
            "--port" => {
                options.port = value.parse().map_err(|_| format!("{value} is not a port\n{USAGE}"))?
            }
            "--now" => {
                let now = DateTime::parse_from_rfc3339(&value)
                    .map_err(|_| format!("{value} is not an RFC 3339 time"))?;
                options.now = Some(now.with_timezone(&Utc));
            }
            _ => return Err(format!("{name} is unknown\n{USAGE}")),
        }
    }
    Ok(options)
}

async fn serve(options: Options) -> std::io::Result<()> {
    let sim = Sim::start(options).await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", sim.describe())?;
    out.flush()?;
    drop(out);
    std::future::pending().await
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match options(env::args().skip(1)) {
        Ok(options) => serve(options).await.map_err(|error| format!("cannot start: {error}")),
        Err(problem) => Err(problem),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "{problem}");
            ExitCode::FAILURE
        }
    }
}
