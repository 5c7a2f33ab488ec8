//! Each alert fires when what it says is so, on what a real engine printed, and not before; and no other fires with it.

use crate::rules::{STEP, Watch, read};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Response;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use taxpoynt_core::{
    Clock, Error, ErrorKind, Vault,
    clock::ManualClock,
    connector::Family,
    engine::{Engine, EngineOptions},
    http::{
        HttpService,
        breaker::{Breaker, BreakerOptions, CircuitBreaker},
        measure::Attempts,
    },
    metrics::{Difference, Generation, Metrics, Refresh, Whose},
    model::{RawRecord, RecordKind, SourceKey},
    store::{
        Connection, ConnectionState, JobStore, Lane, LogStore, NewConnection, PutRecord, RecordStore,
        Rollout, Sqlite, Switch, SwitchChange, SyncEntry, TenantStore,
    },
    tenant::Tenant,
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, network, platforms};

/// An engine with a till, nobody working, and a watch on what it prints.
struct Office {
    engine: Engine,
    recorder: Arc<Metrics>,
    store: Sqlite,
    clock: Arc<ManualClock>,
    till: Connection,
    watch: Watch,
}

impl Office {
    async fn open() -> Self {
        let store = Sqlite::open("sqlite::memory:").await.unwrap();
        let clock = Arc::new(ManualClock::new("2026-11-20T10:00:00Z".parse().unwrap()));
        let mut options = EngineOptions::new(vec![Vault::generate_key().into()], platforms());
        options.clock = clock.clone();
        let engine = Engine::assemble(Arc::new(store.clone()), network(), options).await.unwrap();
        let tenant = Tenant { name: "Ada Foods Ltd".into(), ..Tenant::default() };
        let tenant = store.put_tenant(&tenant, None, clock.now()).await.unwrap();
        let till = NewConnection {
            tenant,
            platform: "square".into(),
            family: "pos",
            account: "ML1".into(),
            account_name: None,
            settings: BTreeMap::new(),
            sealed: "sealed".into(),
        };
        let till = store.put_connection(&till, clock.now()).await.unwrap();
        let recorder = engine.recorder();
        Self { engine, recorder, store, clock, till, watch: Watch::new() }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn whose(&self) -> Whose<'static> {
        Whose { platform: "square", family: Family::Pos, tenant: self.till.tenant }
    }

    /// For so many minutes the same happens in each step; what fires at the end.
    async fn minutes(&mut self, minutes: i64, mut happens: impl FnMut(&Metrics, Whose<'_>)) -> Vec<String> {
        let mut firing = Vec::new();
        for _ in 0..minutes * 60 / STEP {
            happens(&self.recorder, self.whose());
            self.clock.advance(Duration::from_secs(STEP.unsigned_abs()));
            let text = self.engine.metrics().await;
            firing = self.watch.step(&text);
        }
        firing
    }

    async fn quiet(&mut self, minutes: i64) -> Vec<String> {
        self.minutes(minutes, |_, _| {}).await
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const NONE: [&str; 0] = [];

#[tokio::test]
async fn an_office_where_all_is_well_is_left_alone() {
    let mut office = Office::open().await;
    let calls = office.recorder.of_platform("square");
    let firing = office
        .minutes(30, |metrics, whose| {
            metrics.processed(whose, Duration::from_millis(800));
            metrics.generated(whose, Generation::Prepared, 1);
            metrics.token_refreshed("square", Refresh::Refreshed);
            calls.attempt(&Ok(Response::new(Bytes::new())), Duration::from_millis(120));
        })
        .await;
    assert_eq!(firing, NONE);
}

#[tokio::test]
async fn a_till_that_takes_over_three_seconds_for_five_minutes_is_told() {
    let mut office = Office::open().await;
    let slow = |metrics: &Metrics, whose: Whose<'_>| {
        for _ in 0..9 {
            metrics.processed(whose, Duration::from_millis(500));
        }
        metrics.processed(whose, seconds(4));
    };
    assert_eq!(office.minutes(5, slow).await, NONE, "not before it has held for five minutes");
    assert_eq!(office.minutes(2, slow).await, ["TaxpoyntTillProcessingSlow"]);
    let quick = |metrics: &Metrics, whose: Whose<'_>| metrics.processed(whose, Duration::from_millis(2_900));
    assert_eq!(office.minutes(12, quick).await, NONE, "2.9 s are within the promise");
}

#[tokio::test]
async fn two_percent_of_failing_calls_are_borne_and_three_are_told() {
    let mut office = Office::open().await;
    let calls = office.recorder.of_platform("square");
    let each = |failing: u32| {
        let calls = calls.clone();
        move |_: &Metrics, _: Whose<'_>| {
            for number in 0..100 {
                let failed = Error::new(ErrorKind::TimedOut, "http.timeout", "no answer in time");
                let answer = if number < failing { Err(failed) } else { Ok(Response::new(Bytes::new())) };
                calls.attempt(&answer, Duration::from_millis(50));
            }
        }
    };
    assert_eq!(office.minutes(20, each(2)).await, NONE);
    assert_eq!(office.minutes(20, each(3)).await, ["TaxpoyntApiErrors"]);
    assert_eq!(office.minutes(20, each(0)).await, NONE);
}

#[tokio::test]
async fn a_record_that_is_not_there_is_no_failing_call() {
    let mut office = Office::open().await;
    let calls = office.recorder.of_platform("square");
    let firing = office
        .minutes(20, |_, _| {
            let gone = Response::builder().status(404).body(Bytes::new()).unwrap();
            calls.attempt(&Ok(gone), Duration::from_millis(50));
        })
        .await;
    assert_eq!(firing, NONE);
}

#[tokio::test]
async fn more_than_a_thousand_due_jobs_for_five_minutes_are_told() {
    let mut office = Office::open().await;
    let put = |number: u32| PutRecord {
        connection: office.till.id,
        raw: RawRecord {
            key: SourceKey::new(RecordKind::Order, format!("order-{number}")),
            modified_at: None,
            body: Bytes::from_static(b"{}"),
        },
        lane: Lane::High,
        queue: true,
    };
    for number in 0..1_000 {
        office.store.put_record(&put(number), None, office.now()).await.unwrap();
    }
    let one_more = put(1_000);
    assert_eq!(office.quiet(10).await, NONE, "a thousand are borne");
    office.store.put_record(&one_more, None, office.now()).await.unwrap();
    assert_eq!(office.quiet(4).await, NONE);
    assert_eq!(office.quiet(2).await, ["TaxpoyntQueueLong"]);
}

#[tokio::test]
async fn a_store_slower_than_half_a_second_is_told() {
    let mut office = Office::open().await;
    let moves = |took: u64| {
        move |metrics: &Metrics, _: Whose<'_>| {
            metrics.moved("store.ingest", Duration::from_millis(took));
        }
    };
    assert_eq!(office.minutes(12, moves(400)).await, NONE);
    assert_eq!(office.minutes(12, moves(700)).await, ["TaxpoyntStoreSlow"]);
}

#[tokio::test]
async fn three_failed_pulls_in_a_row_are_told_and_one_good_one_ends_it() {
    let mut office = Office::open().await;
    let entry = |failed: bool| SyncEntry {
        connection: office.till.id,
        started_at: office.now(),
        finished_at: office.now(),
        seen: 0,
        new: 0,
        changed: 0,
        unchanged: 0,
        failed: 0,
        error: failed.then(|| "the platform cannot be reached".to_owned()),
    };
    let (bad, good) = (entry(true), entry(false));
    for _ in 0..2 {
        office.store.log_sync(&bad, None).await.unwrap();
    }
    assert_eq!(office.quiet(5).await, NONE);
    office.store.log_sync(&bad, None).await.unwrap();
    assert_eq!(office.quiet(1).await, ["TaxpoyntSyncFailing"]);
    office.store.log_sync(&good, None).await.unwrap();
    assert_eq!(office.quiet(1).await, NONE);
}

#[tokio::test]
async fn refreshes_that_only_fail_are_told_and_a_single_failure_is_not() {
    let mut office = Office::open().await;
    office.quiet(1).await;
    let mut turn = 0;
    let mixed = office
        .minutes(20, |metrics, _| {
            turn += 1;
            let outcome = if turn % 2 == 0 { Refresh::Refreshed } else { Refresh::Failed };
            metrics.token_refreshed("hubspot", outcome);
        })
        .await;
    assert_eq!(mixed, NONE);
    let failing = |metrics: &Metrics, _: Whose<'_>| metrics.token_refreshed("hubspot", Refresh::Failed);
    assert_eq!(office.minutes(25, failing).await, ["TaxpoyntTokenRefreshFailing"]);
}

#[tokio::test]
async fn a_connection_to_be_authorized_again_is_told_at_once() {
    let mut office = Office::open().await;
    let (till, now) = (office.till.id, office.now());
    office.store.set_connection_state(till, ConnectionState::NeedsReauth, now).await.unwrap();
    assert_eq!(office.quiet(1).await, ["TaxpoyntReauthorizationNeeded"]);
}

#[tokio::test]
async fn records_that_cannot_become_invoices_are_told_and_held_ones_are_not() {
    let mut office = Office::open().await;
    let each = |outcome: Generation| {
        move |metrics: &Metrics, whose: Whose<'_>| {
            metrics.generated(whose, Generation::Prepared, 9);
            metrics.generated(whose, outcome, 1);
        }
    };
    assert_eq!(office.minutes(40, each(Generation::Held)).await, NONE);
    assert_eq!(office.minutes(40, each(Generation::Invalid)).await, ["TaxpoyntInvoicesFailing"]);
}

#[tokio::test]
async fn what_reconciliation_finds_is_told() {
    let mut office = Office::open().await;
    office.quiet(2).await;
    office.recorder.reconciled("square", Difference::Missing, 0);
    assert_eq!(office.quiet(2).await, NONE);
    office.recorder.reconciled("square", Difference::Missing, 1);
    assert_eq!(office.quiet(1).await, ["TaxpoyntReconciliationDiffers"]);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_after_a_minute() {
    let mut office = Office::open().await;
    assert_eq!(office.quiet(2).await, NONE);
    office.store.revert(0).await.unwrap();
    assert_eq!(office.quiet(2).await, ["TaxpoyntStoreDown"]);
}

#[tokio::test]
async fn a_job_that_was_given_up_is_told_after_a_quarter_of_an_hour() {
    let mut office = Office::open().await;
    let raw = RawRecord {
        key: SourceKey::new(RecordKind::Order, "order-1"),
        modified_at: None,
        body: Bytes::from_static(b"{}"),
    };
    let put = PutRecord { connection: office.till.id, raw, lane: Lane::High, queue: true };
    office.store.put_record(&put, None, office.now()).await.unwrap();
    let jobs = office.store.claim(1, seconds(60), office.now()).await.unwrap();
    let error = Error::new(ErrorKind::Internal, "test", "it cannot be done");
    office.store.bury(&jobs[0].fence, &error, office.now()).await.unwrap();
    assert_eq!(office.quiet(14).await, NONE);
    assert_eq!(office.quiet(2).await, ["TaxpoyntDeadLetters"]);
}

/// Never answers.
struct Silent;

#[async_trait]
impl HttpService for Silent {
    async fn call(&self, _: http::Request<Bytes>) -> taxpoynt_core::Result<Response<Bytes>> {
        Err(Error::new(ErrorKind::Unavailable, "http", "no connection was made"))
    }
}

#[tokio::test]
async fn calls_held_back_for_five_minutes_are_told_also_while_one_may_try() {
    let mut office = Office::open().await;
    let breaker = Arc::new(Breaker::new(BreakerOptions::default()));
    office.recorder.watch_breaker("square", &breaker);
    assert_eq!(office.quiet(6).await, NONE);
    let guarded = CircuitBreaker::new(Arc::new(Silent), office.clock.clone(), breaker.clone());
    for _ in 0..5 {
        assert!(guarded.call(http::Request::new(Bytes::new())).await.is_err());
    }
    assert_eq!(office.quiet(4).await, NONE);
    assert_eq!(office.quiet(2).await, ["TaxpoyntBreakerOpen"]);
    drop((guarded, breaker));
    assert_eq!(office.quiet(6).await, NONE, "a breaker that nobody holds any more is no trouble");
}

#[tokio::test]
async fn a_deadline_at_risk_is_told_before_it_is_missed_and_a_missed_one_at_once() {
    let house = House::open().await;
    let (who, reason) = ("ada".to_owned(), "A test.".to_owned());
    let (switch, to) = (Switch::Submit, Some(Rollout::OFF));
    let change = SwitchChange { switch, tenant: None, platform: None, to, who, reason };
    house.engine.switch(&change).await.unwrap();
    house.sim.square().sell(Sale::WalkIn).await;
    while !house.engine.drain(Duration::from_millis(500)).await.unwrap().empty {}
    let mut watch = Watch::new();
    let mut told = Vec::new();
    for _ in 0..20 {
        house.clock.advance(seconds(STEP.unsigned_abs()));
        told.push(watch.step(&house.engine.metrics().await));
    }
    assert_eq!(told[3], NONE, "two minutes are no backlog");
    assert_eq!(told[19], ["TaxpoyntDeadlineAtRisk"]);
    house.clock.advance(seconds(24 * 3600));
    let late = watch.step(&house.engine.metrics().await);
    assert!(late.contains(&"TaxpoyntDeadlineMissed".to_owned()), "{late:?}");
}

#[test]
fn every_alert_says_what_it_is_and_what_to_do_first() {
    let page = crate::rules::page("alerts.md");
    let alerts = read("alerts.rules.yml");
    assert_eq!(alerts.len(), 14);
    for alert in alerts {
        assert!(!alert.records && alert.name.starts_with("Taxpoynt"), "{}", alert.name);
        assert!(matches!(alert.texts["severity"].as_str(), "warning" | "critical"), "{}", alert.name);
        for text in ["summary", "runbook"] {
            assert!(alert.texts[text].ends_with('.'), "{}: {text}", alert.name);
        }
        assert!(alert.texts["runbook"].len() > 80, "{}: a runbook says what to do", alert.name);
        assert!(page.contains(&format!("`{}`", alert.name)), "alerts.md does not have {}", alert.name);
    }
    let names: Vec<String> = read("recording.rules.yml").into_iter().map(|rule| rule.name).collect();
    assert_eq!(
        names,
        [
            "crm_deal_processing_time",
            "pos_transaction_volume",
            "invoice_generation_success_rate",
            "api_error_rates"
        ],
        "the names the host plans with"
    );
}
