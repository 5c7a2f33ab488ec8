//! Webhooks as the engine receives them: stored once before the answer, however often and in whatever order they come.

use super::{List, webhook::SECRET};
use crate::{
    bench::{Bench, Verdict, ensure, gave, now, run},
    stand::{Letter, World},
    wire::Wire,
};
use http::HeaderMap;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use taxpoynt_core::{
    Clock, Vault,
    connector::{Capability, ConnectorInfo},
    engine::{App, Credentials, Engine, EngineOptions, Receipt},
    model::SourceKey,
    store::{Connection, Record, RecordFilter, Sqlite},
};
use taxpoynt_tests::{TestClock, shop};

const URL: &str = "https://hooks.example.com/taxpoynt";

pub(super) fn list(info: &ConnectorInfo, bench: &Bench, list: &mut List) {
    if !(info.can(Capability::Webhook) && info.can(Capability::Fetch)) {
        return;
    }
    list.add("webhook", "stored_once_and_fetched", stored);
    list.add("webhook", "refused_and_not_stored", not_stored);
    list.add("webhook", "only_the_platform_is_believed", only_the_platform);
    list.add("webhook", "duplicate", duplicate);
    list.add("webhook", "reordered", reordered);
    list.add("webhook", "unknown_and_unreadable_are_stored", kept);
    list.add("webhook", "of_another_account", another_account);
    let world = bench.few();
    if bench.stand.batch(world, &world.keys).is_some() {
        list.add("webhook", "batch", batch);
        list.add("webhook", "batch_with_a_bad_event", bad_event);
    }
}

/// An engine with one connection to a world.
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) connection: Connection,
    pub(crate) wire: Arc<Wire>,
    pub(crate) clock: Arc<TestClock>,
}

impl Desk {
    pub(crate) async fn open(bench: &Bench, world: &World, store: &str) -> Result<Self, String> {
        let clock = Arc::new(TestClock::new(now()));
        let wire = Wire::new(bench.id(), world.sim.direct(), clock.clone());
        let engine = engine(bench, world, store, &wire, &clock).await?;
        let tenant = gave("the tenant", engine.add_tenant(shop(&world.sim)).await)?;
        let credentials = Credentials {
            access_token: world.key.clone().into(),
            webhook_secret: Some(SECRET.to_owned().into()),
        };
        let settings = BTreeMap::from([
            ("base_url".to_owned(), world.base_url.to_string()),
            ("webhook_url".to_owned(), URL.to_owned()),
        ]);
        let tenant = tenant.id.ok_or("a tenant without id")?;
        let connection = gave("connect", engine.connect(bench.id(), tenant, credentials, settings).await)?;
        Ok(Self { engine, connection, wire, clock })
    }

    /// Gives the engine a webhook for the connection.
    pub(crate) async fn post(&self, bench: &Bench, letter: &Letter) -> Result<Receipt, String> {
        let headers = bench.stand.sign(SECRET, URL, &letter.body, self.clock.now());
        self.post_as(&headers, letter).await
    }

    async fn post_as(&self, headers: &HeaderMap, letter: &Letter) -> Result<Receipt, String> {
        let target = self.connection.id.to_string();
        gave("receive", self.engine.receive(&target, "POST", URL, headers, letter.body.as_bytes()).await)
    }

    /// Works until nothing is due, through the pauses before further attempts. Documents wait on: nobody is there to
    /// register them.
    pub(crate) async fn settle(&self) -> Verdict {
        for _ in 0..6 {
            while !gave("drain", self.engine.drain(Duration::from_millis(500)).await)?.empty {
                tokio::task::yield_now().await;
            }
            self.clock.advance(Duration::from_secs(60));
        }
        Ok(())
    }

    pub(crate) async fn records(&self) -> Result<Vec<Record>, String> {
        let filter = RecordFilter { limit: Some(100), ..RecordFilter::default() };
        Ok(gave("records", self.engine.records(&filter).await)?.items)
    }

    async fn keys(&self) -> Result<Vec<SourceKey>, String> {
        Ok(self.records().await?.into_iter().map(|record| record.raw.key).collect())
    }
}

/// An engine over a wire, with our registration at the platform.
pub(crate) async fn engine(
    bench: &Bench,
    world: &World,
    store: &str,
    wire: &Arc<Wire>,
    clock: &Arc<TestClock>,
) -> Result<Engine, String> {
    let store = gave("the store", Sqlite::open(store).await)?;
    let mut options = EngineOptions::new(vec![Vault::generate_key().into()], bench.registry());
    options.clock = clock.clone();
    options.allow_hosts = vec!["127.0.0.1".to_owned()];
    if let Some((_, registration)) = bench.stand.oauth(world) {
        let app = App {
            client_id: Some(registration.client_id),
            client_secret: Some(registration.client_secret.into()),
            redirect_uris: vec![registration.redirect_uri],
            ..App::default()
        };
        options.apps.insert(bench.id().to_owned(), app);
    }
    gave("the engine", Engine::assemble(Arc::new(store), wire.clone(), options).await)
}

fn with_desk(bench: &Bench, trial: impl AsyncFnOnce(&Desk, &World) -> Verdict) -> Verdict {
    let world = bench.open(crate::bench::FEW);
    run(async {
        let desk = Desk::open(bench, &world, "sqlite::memory:").await?;
        trial(&desk, &world).await
    })
}

fn stored(bench: &Bench) -> Verdict {
    with_desk(bench, async |desk, world| {
        let key = &world.keys[0];
        let before = desk.wire.count();
        let receipt = desk.post(bench, &bench.stand.letter(world, key, 1, 0)).await?;
        ensure!((receipt.status, receipt.new, receipt.duplicates) == (200, 1, 0), "{receipt:?}");
        ensure!(desk.wire.count() == before, "the platform was called before the answer");
        desk.settle().await?;
        ensure!(desk.keys().await? == [key.clone()], "{:?} was stored", desk.keys().await?);
        Ok(())
    })
}

/// Whatever a webhook says of a record, what is stored is what the platform answers: not every platform proves its body.
fn only_the_platform(bench: &Bench) -> Verdict {
    with_desk(bench, async |desk, world| {
        let key = &world.keys[0];
        let mut letter = bench.stand.letter(world, key, 1, 0);
        let mut told: Value = serde_json::from_str(&letter.body).map_err(|e| e.to_string())?;
        exaggerate(&mut told);
        letter.body = told.to_string();
        let receipt = desk.post(bench, &letter).await?;
        ensure!((receipt.status, receipt.new) == (200, 1), "{receipt:?}");
        desk.settle().await?;
        let line = bench.line(world);
        let present = gave("fetch", bench.stand.connector().fetch(&line.cx, key).await)?;
        let records = desk.records().await?;
        ensure!(records.len() == 1, "{} records of one sale", records.len());
        ensure!(records[0].raw.body == present.body, "a webhook was believed");
        Ok(())
    })
}

/// Every object of a webhook says an amount that is not the platform's.
fn exaggerate(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(exaggerate),
        Value::Object(members) => {
            members.values_mut().for_each(exaggerate);
            for name in ["value", "amount", "total_money"] {
                members.insert(name.to_owned(), 99_999_999.into());
            }
        }
        _ => {}
    }
}

fn not_stored(bench: &Bench) -> Verdict {
    with_desk(bench, async |desk, world| {
        let letter = bench.stand.letter(world, &world.keys[0], 1, 0);
        let mut forgeries = vec![bench.stand.sign("another", URL, &letter.body, now()), HeaderMap::new()];
        if let Some(tolerance) = bench.stand.proof().tolerance {
            let then = now() - chrono::TimeDelta::seconds(tolerance + 1);
            forgeries.push(bench.stand.sign(SECRET, URL, &letter.body, then));
        }
        for headers in forgeries {
            let receipt = desk.post_as(&headers, &letter).await?;
            ensure!((receipt.status, receipt.new) == (401, 0), "{receipt:?}");
            ensure!(!receipt.reply.contains(SECRET), "the secret is in the answer");
        }
        desk.settle().await?;
        ensure!(desk.keys().await?.is_empty(), "a forged webhook made a record");
        Ok(())
    })
}

fn duplicate(bench: &Bench) -> Verdict {
    with_desk(bench, async |desk, world| {
        let key = &world.keys[0];
        for attempt in 0..4 {
            let receipt = desk.post(bench, &bench.stand.letter(world, key, 1, attempt)).await?;
            let expected = if attempt == 0 { (200, 1, 0) } else { (200, 0, 1) };
            let got = (receipt.status, receipt.new, receipt.duplicates);
            ensure!(got == expected, "delivery {attempt}: {got:?} instead of {expected:?}");
            if attempt == 1 {
                desk.settle().await?;
            }
        }
        desk.settle().await?;
        ensure!(desk.keys().await? == [key.clone()], "{:?}", desk.keys().await?);
        let records = desk.records().await?;
        ensure!(records.len() == 1, "{} records of one sale", records.len());
        Ok(())
    })
}

/// The news of the later change comes first: what is stored in the end is the record as it is.
fn reordered(bench: &Bench) -> Verdict {
    with_desk(bench, async |desk, world| {
        let key = &world.keys[1];
        let (old, new) = (bench.stand.letter(world, key, 1, 0), bench.stand.letter(world, key, 2, 0));
        bench.stand.change(world, key).await;
        desk.post(bench, &new).await?;
        desk.settle().await?;
        desk.post(bench, &old).await?;
        desk.settle().await?;
        let line = bench.line(world);
        let present = gave("fetch", bench.stand.connector().fetch(&line.cx, key).await)?;
        let records = desk.records().await?;
        ensure!(records.len() == 1, "{} records of one sale", records.len());
        ensure!(records[0].raw.body == present.body, "an older version won");
        Ok(())
    })
}

fn kept(bench: &Bench) -> Verdict {
    with_desk(bench, async |desk, world| {
        let before = desk.wire.count();
        let strange = desk.post(bench, &bench.stand.strange(world)).await?;
        ensure!(strange.status == 200, "an unknown kind is answered {strange:?}");
        let rubbish = Letter { body: "{\"signed\": \"rubbish".to_owned(), about: Vec::new() };
        let rubbish = desk.post(bench, &rubbish).await?;
        ensure!(rubbish.status == 200, "signed rubbish is answered {rubbish:?}: it would come for ever");
        desk.settle().await?;
        ensure!(desk.wire.count() == before, "something was fetched for it");
        ensure!(desk.keys().await?.is_empty(), "it made a record");
        Ok(())
    })
}

/// One signature serves all sellers of an app: what is another's is not taken.
fn another_account(bench: &Bench) -> Verdict {
    with_desk(bench, async |desk, world| {
        let mut letter = bench.stand.letter(world, &world.keys[0], 1, 0);
        // As long, so that only the account is another: the last character moves by one.
        let mut other = world.account.clone();
        let last = other.pop().ok_or("an account without a name")?;
        other.push(if last == '1' { '2' } else { '1' });
        letter.body = letter.body.replace(&world.account, &other);
        let receipt = desk.post(bench, &letter).await?;
        ensure!(receipt.new == 0, "another account's event was taken: {receipt:?}");
        desk.settle().await?;
        ensure!(desk.keys().await?.is_empty(), "another account's event made a record");
        Ok(())
    })
}

fn batch(bench: &Bench) -> Verdict {
    with_desk(bench, async |desk, world| {
        let letter = bench.stand.batch(world, &world.keys).ok_or("no batches")?;
        let receipt = desk.post(bench, &letter).await?;
        let all = u32::try_from(world.keys.len()).unwrap();
        ensure!((receipt.new, receipt.duplicates) == (all, 0), "{receipt:?}");
        let again = desk.post(bench, &letter).await?;
        ensure!((again.new, again.duplicates) == (0, all), "{again:?}");
        desk.settle().await?;
        let stored: BTreeSet<_> = desk.keys().await?.into_iter().collect();
        ensure!(stored == world.keys.iter().cloned().collect(), "{stored:?}");
        Ok(())
    })
}

/// One event of a batch is junk: the others are stored and fetched all the same.
fn bad_event(bench: &Bench) -> Verdict {
    for junk in ["null", "7", "\"x\"", "{}", "[]"] {
        with_desk(bench, async |desk, world| {
            let letter = bench.stand.batch(world, &world.keys).ok_or("no batches")?;
            let mut events: Vec<Box<serde_json::value::RawValue>> =
                serde_json::from_str(&letter.body).map_err(|e| e.to_string())?;
            events[1] = serde_json::value::RawValue::from_string(junk.to_owned()).unwrap();
            let letter = Letter { body: serde_json::to_string(&events).unwrap(), about: Vec::new() };
            let receipt = desk.post(bench, &letter).await?;
            ensure!(receipt.status == 200, "{junk} in a batch is answered {receipt:?}");
            desk.settle().await?;
            let stored: BTreeSet<_> = desk.keys().await?.into_iter().collect();
            let good = [&world.keys[0], &world.keys[2]].into_iter().cloned().collect();
            ensure!(stored == good, "{junk} in a batch: {stored:?} was stored");
            Ok(())
        })?;
    }
    Ok(())
}
