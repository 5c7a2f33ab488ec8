//! The behaviour suite: every platform, every capability it claims, written once over `&dyn Connector`.
//!
//! A connector says in its `ConnectorInfo` what it can do and thereby signs up for the trials; what it does not claim must
//! answer `Unsupported`. Nothing listens and nothing sleeps: calls go to the simulators in this process, and time is the
//! trial's own. `sabotage` breaks connectors on purpose and wants each to be caught by name.
//!
//! A further platform adds one file below `platforms/` and its line in `platforms::all`.

mod bench;
mod cases;
mod journal;
mod platforms;
mod record;
mod sabotage;
mod stand;
mod table;
mod wire;

use bench::{Bench, Verdict, ensure, watched};
use cases::Case;
use libtest_mimic::{Arguments, Trial};
use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};
use table::Row;

/// Holds a case: a panic is a reason to fail like any other, and whatever it proves, no secret may be logged.
fn held(bench: &Bench, case: &Case) -> Verdict {
    let world = bench.few();
    let mut secrets = vec![world.token.clone(), cases::SECRET.to_owned()];
    secrets.extend(bench.stand.oauth(world).map(|(_, registration)| registration.client_secret));
    let trial = || (case.hold)(bench);
    watched(&secrets, || {
        catch_unwind(AssertUnwindSafe(trial)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("panicked: {}", text.unwrap_or_default()))
        })
    })
}

fn every_platform_is_on_trial() -> Verdict {
    let stands = platforms::all();
    let tried: BTreeSet<_> = stands.iter().map(|stand| stand.connector().info().id).collect();
    let registered: BTreeSet<_> = taxpoynt_tests::platforms().iter().map(|c| c.info().id).collect();
    ensure!(tried == registered, "registered {registered:?}, on trial {tried:?}");
    Ok(())
}

fn main() {
    let arguments = Arguments::from_args();
    let rows: Arc<Mutex<Vec<Row>>> = Arc::default();
    let mut trials =
        vec![Trial::test("suite::every_platform_is_on_trial", || Ok(every_platform_is_on_trial()?))];
    // Verdicts are sentences; what a sabotaged connector panics with is not for the terminal.
    std::panic::set_hook(Box::new(|_| {}));
    for stand in platforms::all() {
        let bench = Bench::new(stand.clone(), stand.connector());
        for case in cases::of(bench.connector.info(), &bench) {
            let (bench, rows) = (bench.clone(), rows.clone());
            let name = format!("{}::{}::{}", bench.id(), case.about, case.promise);
            trials.push(Trial::test(name, move || {
                let verdict = held(&bench, &case);
                let (about, promise) = (case.about, case.promise);
                let row = Row { platform: bench.id(), about, promise, passed: verdict.is_ok() };
                rows.lock().unwrap_or_else(PoisonError::into_inner).push(row);
                Ok(verdict?)
            }));
        }
        for (name, trial) in sabotage::trials(&stand) {
            trials.push(Trial::test(name, move || Ok(trial()?)));
        }
    }
    let whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if whole {
        let table = table::markdown(&rows.lock().unwrap_or_else(PoisonError::into_inner));
        let path = record::target().join("behavior.md");
        std::fs::write(&path, &table).unwrap();
        record::write();
        println!("{table}\nAlso in {}.", path.display());
    }
    conclusion.exit();
}
