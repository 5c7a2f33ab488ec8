//! No secret anywhere: not in what is logged, shown, answered or stored in the clear.

use super::{List, receive::Desk, webhook::SECRET};
use crate::bench::{Bench, Verdict, ensure, gave, run};
use http::HeaderMap;

pub(super) fn list(list: &mut List) {
    list.add("secrets", "nowhere", nowhere);
}

/// A folder that is gone with the trial.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A connection's whole life, with trouble; then everything that is left of it is searched. What was logged is searched
/// after every trial.
fn nowhere(bench: &Bench) -> Verdict {
    let folder = Folder(std::env::temp_dir().join(format!("taxpoynt-behavior-{}", uuid::Uuid::now_v7())));
    std::fs::create_dir_all(&folder.0).map_err(|e| e.to_string())?;
    let store = format!("sqlite://{}", folder.0.join("taxpoynt.db").display());
    let world = bench.open(crate::bench::FEW);
    let mut shown = String::new();
    run(async {
        let desk = Desk::open(bench, &world, &store).await?;
        let report = desk.engine.sync(desk.connection.id, None, None).await;
        shown.push_str(&format!("{report:?}"));
        if bench.connector.webhook().is_some() {
            let letter = bench.stand.letter(&world, &world.keys[0], 1, 0);
            shown.push_str(&format!("{:?}", desk.post(bench, &letter).await?));
            let target = desk.connection.id.to_string();
            let forged = desk.engine.receive(&target, "POST", "", &HeaderMap::new(), b"{}").await;
            shown.push_str(&format!("{forged:?}"));
        }
        desk.settle().await?;
        shown.push_str(&format!("{:?} {:?} {:?}", desk.engine, desk.connection, desk.records().await?));
        // The token no longer counts: the error is shown to a person.
        let line = bench.line_as(&world, "canary-rejected-token-77");
        let refused = bench.connector.check(&line.cx).await;
        shown.push_str(&format!("{refused:?} {:?}", line.cx));
        Ok::<(), String>(())
    })?;
    let files = std::fs::read_dir(&folder.0).map_err(|e| e.to_string())?;
    let mut stored = Vec::new();
    for file in files {
        stored.extend(std::fs::read(file.map_err(|e| e.to_string())?.path()).map_err(|e| e.to_string())?);
    }
    ensure!(stored.len() > 10_000, "the database was not found");
    for secret in [world.token.as_str(), SECRET, "canary-rejected-token-77"] {
        ensure!(!shown.contains(secret), "a secret is shown: {}", shown.replace(secret, "***"));
        let clear = stored.windows(secret.len()).any(|window| window == secret.as_bytes());
        ensure!(!clear, "a secret is in the database in the clear");
    }
    gave("the connection still works", run(bench.connector.check(&bench.line(&world).cx)))?;
    Ok(())
}
