//! Off is not lost: what a switch holds back is stored, waits with its reason, and is invoiced once when it is on again.

use std::{collections::BTreeSet, time::Duration};
use taxpoynt_core::{
    ErrorKind,
    engine::Engine,
    store::{DocumentState, Rollout, Spread, Switch, SwitchChange},
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::House;

fn change(switch: Switch, to: Option<Rollout>) -> SwitchChange {
    let (who, reason) = ("ada@host.example".to_owned(), "The price list is wrong.".to_owned());
    SwitchChange { switch, tenant: None, platform: None, to, who, reason }
}

async fn off(engine: &Engine, switch: Switch) {
    engine.switch(&change(switch, Some(Rollout::OFF))).await.unwrap();
}

async fn on(engine: &Engine, switch: Switch) -> u64 {
    engine.switch(&change(switch, Some(Rollout::ON))).await.unwrap()
}

/// Works all that may be worked, and lets nothing wait for its own time.
async fn work(house: &House) {
    for _ in 0..1_000 {
        if house.engine.drain(Duration::from_millis(500)).await.unwrap().empty {
            return;
        }
    }
    panic!("the queue never becomes empty");
}

async fn sell(house: &House, count: usize) -> Vec<String> {
    let mut ids = Vec::with_capacity(count);
    for _ in 0..count {
        let sale = house.sim.square().sell(Sale::WalkIn).await;
        assert_eq!(sale.status(), Some(200), "a switch never turns a webhook away");
        ids.push(sale.id);
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_sales_that_arrive_while_preparing_is_off_are_each_invoiced_once_when_it_is_on() {
    let house = House::open().await;
    off(&house.engine, Switch::Prepare).await;
    sell(&house, 1_000).await;
    work(&house).await;
    let records = house.records().await;
    assert_eq!(records.len(), 1_000, "received and stored");
    for record in &records {
        let held = record.held.as_ref().unwrap();
        assert_eq!(held.code, "switched_off");
        assert_eq!(
            held.message,
            "Preparing invoices is switched off, by ada@host.example since 2026-11-20 10:00 UTC: The price list is \
             wrong. It goes on by itself when \"ingest.prepare\" is switched on."
        );
    }
    assert!(house.documents().await.is_empty());
    assert_eq!(on(&house.engine, Switch::Prepare).await, 1_000, "jobs made due");
    house.settle().await;
    house.assert_all_accepted_once(1_000).await;
    assert!(house.records().await.iter().all(|record| record.held.is_none()));
}

#[tokio::test]
async fn webhooks_that_are_not_processed_are_stored_and_processed_later() {
    let house = House::open().await;
    off(&house.engine, Switch::ProcessWebhooks).await;
    sell(&house, 5).await;
    house.sim.redeliver().await;
    work(&house).await;
    assert_eq!((house.rows("events").await, house.rows("deliveries").await), (5, 5));
    assert!(house.records().await.is_empty(), "nothing was fetched");
    on(&house.engine, Switch::ProcessWebhooks).await;
    house.settle().await;
    house.assert_all_accepted_once(5).await;
}

#[tokio::test]
async fn documents_that_are_not_submitted_are_numbered_and_submitted_later() {
    let house = House::open().await;
    off(&house.engine, Switch::Submit).await;
    sell(&house, 5).await;
    work(&house).await;
    let waiting = house.documents().await;
    assert_eq!(waiting.len(), 5);
    for document in &waiting {
        assert_eq!(
            (document.state, document.code.as_deref()),
            (DocumentState::Prepared, Some("switched_off"))
        );
        assert!(
            document.message.as_ref().unwrap().starts_with("Sending to the tax authority is switched off")
        );
    }
    assert!(house.sim.authority().calls().is_empty(), "the authority heard nothing");
    assert_eq!(
        house.engine.forecast(None).await.unwrap().waiting,
        5,
        "their deadlines are watched all the same"
    );
    on(&house.engine, Switch::Submit).await;
    house.settle().await;
    house.assert_all_accepted_once(5).await;
    let sent = house.documents().await;
    assert!(sent.iter().all(|document| document.code.is_none()));
    let numbers = |documents: &[taxpoynt_core::store::Document]| {
        documents.iter().map(|d| d.document.number.clone()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&waiting), numbers(&sent), "with the numbers they had");
}

#[tokio::test]
async fn a_pull_that_is_off_is_refused_and_the_next_one_misses_nothing() {
    let house = House::open().await;
    house.engine.sync(house.square.id, None, None).await.unwrap();
    house.deafen();
    off(&house.engine, Switch::Sync).await;
    house.sim.square().sell(Sale::WalkIn).await;
    let refused = house.engine.sync(house.square.id, None, None).await.unwrap_err();
    assert_eq!((refused.kind(), refused.get("code")), (ErrorKind::Config, Some("switched_off")));
    house.clock.advance(Duration::from_secs(3 * 24 * 3600));
    on(&house.engine, Switch::Sync).await;
    let report = house.engine.sync(house.square.id, None, None).await.unwrap();
    assert_eq!(report.new, 1, "{report:?}");
    let log = house.engine.sync_log(house.square.id, None).await.unwrap();
    assert!(log.iter().all(|pull| pull.error.is_none()), "a pull that was not made has not failed");
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_percentage_lets_the_same_sales_through_everywhere_and_more_as_it_rises() {
    let house = House::open().await;
    let mut before = BTreeSet::new();
    let rollout = |percent| Rollout { percent, spread: Spread::Record };
    house.engine.switch(&change(Switch::Prepare, Some(rollout(10)))).await.unwrap();
    let ids = sell(&house, 200).await;
    for percent in [10, 30, 70] {
        house.engine.switch(&change(Switch::Prepare, Some(rollout(percent)))).await.unwrap();
        work(&house).await;
        let through: BTreeSet<String> = house.documents().await.into_iter().map(|d| d.source_id).collect();
        let drawn = ids.iter().filter(|id| rollout(percent).has(&format!("square/{id}"))).cloned();
        assert_eq!(through, drawn.collect(), "what another process would draw, at {percent} %");
        assert!(through.is_superset(&before), "who was in stays in");
        // Five standard deviations of 200 fair draws: 5 * sqrt(200 / 4) = 35.
        let expected = usize::from(percent) * 2;
        assert!(through.len().abs_diff(expected) < 35, "{} of 200 at {percent} %", through.len());
        before = through;
    }
    on(&house.engine, Switch::Prepare).await;
    house.settle().await;
    house.assert_all_accepted_once(200).await;
}

#[tokio::test]
async fn another_process_heeds_a_switch_from_its_next_claim_on() {
    let house = House::open().await;
    let other = house.another_engine().await;
    off(&other, Switch::Prepare).await;
    sell(&house, 3).await;
    work(&house).await;
    assert!(house.documents().await.is_empty());
    on(&house.engine, Switch::Prepare).await;
    house.settle_with(&other).await;
    house.assert_all_accepted_once(3).await;
}

#[tokio::test]
async fn a_switch_for_one_tenant_or_platform_leaves_the_others_alone() {
    let house = House::open().await;
    let of_hubspot = SwitchChange {
        platform: Some("hubspot".into()),
        tenant: Some(house.tenant),
        ..change(Switch::Prepare, Some(Rollout::OFF))
    };
    house.engine.switch(&of_hubspot).await.unwrap();
    sell(&house, 1).await;
    let crm = house.sim.hubspot();
    let deal = crm.deal_id().to_owned();
    crm.win(&deal).await.unwrap();
    work(&house).await;
    assert_eq!(house.documents().await.len(), 1, "the till's");
    assert_eq!(house.held(&deal).await.unwrap().code, "switched_off");
    // By hand it waits too, and with a job of its own.
    let asked = house.engine.invoice(house.hubspot.id, None, &deal).await.unwrap();
    assert_eq!(asked.held.unwrap().code, "switched_off");
    house.engine.switch(&SwitchChange { to: None, ..of_hubspot }).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(2).await;
}

#[tokio::test]
async fn who_switched_what_and_why_is_kept() {
    let house = House::open().await;
    let engine = &house.engine;
    let ours = |to| SwitchChange { tenant: Some(house.tenant), ..change(Switch::Submit, to) };
    engine.switch(&ours(Some(Rollout::OFF))).await.unwrap();
    engine
        .switch(&change(Switch::Sync, Some(Rollout { percent: 40, spread: Spread::Tenant })))
        .await
        .unwrap();
    engine.switch(&ours(None)).await.unwrap();
    let settings = engine.switches(None).await.unwrap();
    assert_eq!(settings.len(), 1);
    assert_eq!((settings[0].switch, settings[0].rollout.percent), (Switch::Sync, 40));
    let log = engine.switch_log(Some(house.tenant), 10).await.unwrap();
    let told: Vec<_> = log.iter().map(|e| (e.seq, e.switch, e.before, e.after)).collect();
    let tenants = Rollout { percent: 40, spread: Spread::Tenant };
    assert_eq!(
        told,
        [
            (3, Switch::Submit, Some(Rollout::OFF), None),
            (2, Switch::Sync, None, Some(tenants)),
            (1, Switch::Submit, None, Some(Rollout::OFF)),
        ]
    );
    assert!(log.iter().all(|e| e.who == "ada@host.example" && e.reason == "The price list is wrong."));
    let history = engine.audit(house.tenant, Some(house.tenant)).await.unwrap();
    let switched: Vec<_> = history.iter().filter(|e| e.event == "switch.set").collect();
    assert_eq!(switched.len(), 2);
    assert_eq!(switched[0].detail, "submit: 0 %, by ada@host.example: The price list is wrong.");
}

#[tokio::test]
async fn a_change_that_says_nothing_is_refused_with_its_field() {
    let house = House::open().await;
    let good = change(Switch::Submit, Some(Rollout::OFF));
    let too_much = Some(Rollout { percent: 101, spread: Spread::Record });
    for (field, wrong) in [
        ("percent", SwitchChange { to: too_much, ..good.clone() }),
        ("who", SwitchChange { who: " ".into(), ..good.clone() }),
        ("reason", SwitchChange { reason: String::new(), ..good.clone() }),
    ] {
        let refused = house.engine.switch(&wrong).await.unwrap_err();
        assert_eq!((refused.kind(), refused.get("field")), (ErrorKind::Config, Some(field)));
    }
    let stranger = SwitchChange { tenant: Some(uuid::Uuid::now_v7()), ..good };
    assert_eq!(house.engine.switch(&stranger).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(house.engine.switch_log(None, 10).await.unwrap().is_empty());
}
