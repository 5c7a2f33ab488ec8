//! Pages: every record comes, from the start and from every checkpoint, whatever happens in between.

use super::List;
use crate::{
    bench::{Bench, Verdict, ensure, gave, run},
    stand::World,
    wire::{Answer, Trouble},
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use taxpoynt_core::connector::{Batch, Capability, ConnectorInfo, Context, Pull};

/// No pull has more pages than this.
const MOST: usize = 60;

pub(super) fn list(info: &ConnectorInfo, list: &mut List) {
    if info.can(Capability::Pull) {
        list.add("pull", "pages", pages);
        list.add("pull", "resume_from_every_checkpoint", resume);
        list.add("pull", "failure_on_every_page", failure);
        list.add("pull", "since", since);
        list.add("pull", "pulled_is_fetched", same);
        list.add("pull", "strange_checkpoint", strange);
    }
}

type Ids = BTreeSet<String>;

fn wanted(world: &World) -> Ids {
    world.keys.iter().map(|key| key.id.clone()).collect()
}

fn ids(batch: &Batch) -> impl Iterator<Item = String> {
    batch.records.iter().map(|record| record.key.id.clone())
}

/// A pull page by page: what came, and the checkpoint after each page but the last.
struct Walk {
    pages: Vec<Vec<String>>,
    checkpoints: Vec<String>,
}

impl Walk {
    async fn from(bench: &Bench, cx: &Context, mut pull: Pull) -> Result<Self, String> {
        let mut walk = Self { pages: Vec::new(), checkpoints: Vec::new() };
        while walk.pages.len() < MOST {
            let batch = gave("a page", bench.connector.pull(cx, pull).await)?;
            ensure!(batch.failed.is_empty(), "unreadable: {:?}", batch.failed);
            walk.pages.push(ids(&batch).collect());
            let Some(next) = batch.next else { return Ok(walk) };
            ensure!(!walk.checkpoints.contains(&next), "the checkpoint {next} comes again");
            walk.checkpoints.push(next.clone());
            pull = Pull { since: None, checkpoint: Some(next), ..Pull::default() };
        }
        Err(format!("the pull does not end after {MOST} pages"))
    }

    fn all(&self) -> Ids {
        self.pages.iter().flatten().cloned().collect()
    }
}

fn pages(bench: &Bench) -> Verdict {
    let world = bench.many();
    run(async {
        let line = bench.line(world);
        let walk = Walk::from(bench, &line.cx, Pull::default()).await?;
        let missing: Vec<_> = wanted(world).difference(&walk.all()).cloned().collect();
        ensure!(missing.is_empty(), "{} records never came: {missing:?}", missing.len());
        let full = walk.pages.iter().filter(|page| !page.is_empty()).count();
        ensure!(full >= 3, "{} records fit on {full} pages", world.keys.len());
        let came: usize = walk.pages.iter().map(Vec::len).sum();
        ensure!(came < world.keys.len() + 2 * full, "{came} records came for {}", world.keys.len());
        let calls = line.wire.count();
        ensure!(calls < full * 15 + 15, "{calls} calls for {full} pages");
        Ok(())
    })
}

/// Another process goes on from a checkpoint with nothing but its text.
fn resume(bench: &Bench) -> Verdict {
    let world = bench.many();
    run(async {
        let whole = Walk::from(bench, &bench.line(world).cx, Pull::default()).await?;
        ensure!(whole.checkpoints.len() >= 2, "no checkpoint to go on from");
        for (nth, checkpoint) in whole.checkpoints.iter().enumerate() {
            let before: Ids = whole.pages[..=nth].iter().flatten().cloned().collect();
            let pull = Pull { since: None, checkpoint: Some(checkpoint.clone()), ..Pull::default() };
            let rest = Walk::from(bench, &bench.line(world).cx, pull).await?.all();
            let missing: Vec<_> =
                wanted(world).into_iter().filter(|id| !before.contains(id) && !rest.contains(id)).collect();
            ensure!(missing.is_empty(), "after checkpoint {nth} never came: {missing:?}");
        }
        Ok(())
    })
}

/// A page that fails is asked for again from the checkpoint before it.
fn failure(bench: &Bench) -> Verdict {
    let world = bench.many();
    run(async {
        let whole = Walk::from(bench, &bench.line(world).cx, Pull::default()).await?;
        for nth in 0..whole.pages.len() {
            let line = bench.line(world);
            let (mut seen, mut pull) = (Ids::new(), Pull::default());
            for _ in 0..nth {
                let batch = gave("a page", bench.connector.pull(&line.cx, pull).await)?;
                seen.extend(ids(&batch));
                pull = Pull { since: None, checkpoint: batch.next, ..Pull::default() };
            }
            let last = line.wire.count();
            line.wire.strike(last, 4, Trouble::Answer(Answer::json(503, "{}")));
            let failed = bench.connector.pull(&line.cx, pull.clone()).await;
            ensure!(failed.is_err(), "page {nth} came although the platform was out");
            seen.extend(Walk::from(bench, &line.cx, pull).await?.all());
            let missing: Vec<_> = wanted(world).difference(&seen).cloned().collect();
            ensure!(missing.is_empty(), "after a failure on page {nth} never came: {missing:?}");
        }
        Ok(())
    })
}

/// From a time on, that time included; afterwards nothing.
fn since(bench: &Bench) -> Verdict {
    let world = bench.few();
    run(async {
        let line = bench.line(world);
        let batch = gave("all", bench.connector.pull(&line.cx, Pull::default()).await)?;
        let stamps: Vec<DateTime<Utc>> = batch.records.iter().filter_map(|r| r.modified_at).collect();
        ensure!(stamps.len() == world.keys.len(), "a record without the time of its change");
        ensure!(stamps.is_sorted(), "not oldest change first: {stamps:?}");
        for (nth, at) in stamps.iter().enumerate() {
            let later =
                Walk::from(bench, &line.cx, Pull { since: Some(*at), checkpoint: None, ..Pull::default() })
                    .await?
                    .all();
            let expected: Ids = ids(&batch).skip(nth).collect();
            ensure!(expected.is_subset(&later), "since {at}: {later:?} lacks some of {expected:?}");
        }
        let after = stamps.last().map(|at| *at + chrono::TimeDelta::days(1));
        let none = Walk::from(bench, &line.cx, Pull { since: after, checkpoint: None, ..Pull::default() })
            .await?
            .all();
        ensure!(none.is_empty(), "changed tomorrow: {none:?}");
        Ok(())
    })
}

/// However a record comes, it is the same bytes: else a webhook and a pull of one sale would be two versions.
fn same(bench: &Bench) -> Verdict {
    let world = bench.few();
    run(async {
        let line = bench.line(world);
        let batch = gave("pull", bench.connector.pull(&line.cx, Pull::default()).await)?;
        for pulled in &batch.records {
            let fetched = gave("fetch", bench.connector.fetch(&line.cx, &pulled.key).await)?;
            ensure!(fetched.body == pulled.body, "{} differs between pull and fetch", pulled.key);
            ensure!(fetched.modified_at == pulled.modified_at, "{}: another time", pulled.key);
            let documents = gave("normalize", bench.connector.normalize(pulled))?;
            ensure!(!documents.is_empty(), "{} is no document", pulled.key);
            let known = gave("identify", bench.connector.identify(&pulled.body))?;
            ensure!(known.key == pulled.key, "{} is identified as {}", pulled.key, known.key);
            ensure!(known.modified_at == pulled.modified_at, "{}: identified at another time", pulled.key);
        }
        Ok(())
    })
}

/// A checkpoint of an older release, or a damaged one, is an error that says so: never a pull that skips.
fn strange(bench: &Bench) -> Verdict {
    let world = bench.few();
    run(async {
        for text in ["", "0", "{}", "{\"since\":\"x\"}", "\u{0}", "null", "[1]"] {
            let line = bench.line(world);
            let pull = Pull { since: None, checkpoint: Some(text.to_owned()), ..Pull::default() };
            if let Ok(batch) = bench.connector.pull(&line.cx, pull).await {
                let all = ids(&batch).collect::<Ids>() == wanted(world);
                ensure!(all, "the checkpoint {text:?} was taken and lost records");
            }
        }
        Ok(())
    })
}
