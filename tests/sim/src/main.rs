//! `taxpoynt-sim --port N`: prints one JSON line, says on the other output what there is, and serves until killed.

use chrono::{DateTime, Utc};
use std::{env, io::Write as _, process::ExitCode};
use taxpoynt_sim::{Options, Sim};

const USAGE: &str = "usage: taxpoynt-sim [--port N] [--now RFC3339] [--quiet]";

/// What a person wants to know first; programs read the one line on the standard output.
fn first_screen(sim: &Sim) -> String {
    let (urls, square) = (sim.urls(), &sim.credentials().square);
    let (control, redirect) = (&urls.control, &square.redirect_uri);
    format!(
        "taxpoynt-sim serves until killed. Tokens and secrets are in the line above.

  authority     {}api/v1/…
  access point  {}api/v1/app/invoice/…
  square        {}v2/…       consent page: oauth2/authorize, token: oauth2/token
  hubspot       {}crm/…      consent page: oauth/authorize, token: oauth/2026-03/token
  pipedrive     {}api/v2/…   consent page: oauth/authorize, token: oauth/token
  control       {control}

  curl -s -X POST {control}square/sales/b2b
  curl -s {control}square/journal
  curl -s -X POST {control}hubspot/plan -d '{{\"seed\": 7}}'
  curl -si '{}oauth2/authorize?client_id={}&redirect_uri={redirect}&scope=ORDERS_READ&state=1'

Every switch, fault and call: tests/sim/README.md. --quiet leaves this out.",
        urls.authority,
        urls.access_point,
        urls.square,
        urls.hubspot,
        urls.pipedrive,
        urls.square,
        square.client_id,
    )
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<(Options, bool), String> {
    let (mut options, mut quiet) = (Options::default(), false);
    while let Some(name) = arguments.next() {
        if name == "--quiet" {
            quiet = true;
            continue;
        }
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
    Ok((options, quiet))
}

async fn serve(options: Options, quiet: bool) -> std::io::Result<()> {
    let sim = Sim::start(options).await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", sim.describe())?;
    out.flush()?;
    drop(out);
    if !quiet {
        writeln!(std::io::stderr(), "{}", first_screen(&sim))?;
    }
    std::future::pending().await
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match options(env::args().skip(1)) {
        Ok((options, quiet)) => serve(options, quiet).await.map_err(|error| format!("cannot start: {error}")),
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
