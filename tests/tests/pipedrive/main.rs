//! Pipedrive, a platform that is one template: from the consent page to invoices that the authority accepted, once each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

use serde_json::json;
use std::{collections::BTreeMap, time::Duration};
use taxpoynt_core::{
    Clock, ErrorKind, Retry,
    auth::Callback,
    engine::{App, Engine, SyncReport},
    store::{Connection, DocumentState},
};
use taxpoynt_sim::{Offer, Pipedrive, Plan, Stock};
use taxpoynt_tests::{House, dec, invoice_of, network};

/// A house whose shop sells through Pipedrive, too.
struct Office {
    house: House,
    /// The house's engine, with our registration at Pipedrive.
    engine: Engine,
    crm: Pipedrive,
    connection: Connection,
}

impl Office {
    /// The owner consents, types the webhook's password in, and says where the buyer's TIN is.
    async fn open() -> Self {
        let house = House::open().await;
        let own = house.sim.credentials().pipedrive.clone();
        let app = App {
            client_id: Some(own.client_id),
            client_secret: Some(own.client_secret.into()),
            redirect_uris: vec![own.redirect_uri.clone()],
            ..App::default()
        };
        let with_app = |options: &mut taxpoynt_core::engine::EngineOptions| {
            options.apps.insert("pipedrive".to_owned(), app);
        };
        let engine = house.site().engine_of(network(), with_app).await.unwrap();
        let callback = consent(&house, &engine, &own.redirect_uri).await;
        let connection = engine.exchange("pipedrive", house.tenant, callback).await.unwrap();
        let (crm, target) = (house.sim.pipedrive(), connection.id.to_string());
        engine.add_webhook_secret(&target, own.webhook_password.into(), None).await.unwrap();
        let rules = format!("[buyer]\ntin = \"raw.organization.custom_fields.{}\"\n", crm.tin_field());
        assert!(engine.set_rules(house.tenant, Some(connection.id), Some(&rules), None).await.unwrap());
        house.hooks.serve(Some(engine.clone()));
        let office = Self { house, engine, crm, connection };
        office.listen();
        office
    }

    fn listen(&self) {
        let url = self.house.hooks.url(&self.connection.id.to_string());
        self.crm.set_webhook_url(Some(url.into()));
    }

    async fn settle(&self) {
        self.house.settle_with(&self.engine).await;
    }

    async fn pull(&self) -> SyncReport {
        self.engine.sync(self.connection.id, Some(self.house.tenant), None).await.unwrap()
    }

    /// An open deal of an offer.
    async fn offer(&self, offer: Offer) -> String {
        self.crm.offer(offer).await.id
    }

    async fn win(&self, deal: &str) -> Option<u16> {
        self.crm.win(deal).await.unwrap().status()
    }

    /// Time passes here and at the platforms.
    fn pass(&self, time: Duration) {
        self.house.clock.advance(time);
        self.house.sim.set_now(self.house.clock.now());
    }
}

/// A person opens the consent page and is sent back.
async fn consent(house: &House, engine: &Engine, redirect_uri: &str) -> Callback {
    let settings = BTreeMap::from([("base_url".to_owned(), house.sim.urls().pipedrive.clone())]);
    let url = engine.authorize_url("pipedrive", house.tenant, redirect_uri, settings).await.unwrap();
    let page = format!("{}?{}", url.path(), url.query().unwrap());
    let page = http::Request::get(page).body(bytes::Bytes::new()).unwrap();
    let answer = house.sim.direct().call(page).await.unwrap();
    let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
    Callback::from_query(back.query().unwrap()).unwrap()
}

#[tokio::test]
async fn a_deal_that_is_won_becomes_one_accepted_invoice_however_often_it_is_told() {
    let office = Office::open().await;
    assert_eq!(office.connection.account, office.house.sim.credentials().pipedrive.company_id.to_string());
    let deal = office.offer(Offer::Exclusive).await;
    office.settle().await;
    assert!(office.house.documents().await.is_empty(), "an open deal is no sale");
    assert_eq!(office.win(&deal).await, Some(200));
    office.settle().await;
    office.house.assert_all_accepted_once(1).await;

    let invoice = invoice_of(&office.house.document(&deal).await);
    assert_eq!(invoice.lines.len(), 2, "the line that is switched off is no part of it");
    // 4 × 125,000 less 10 %, 12.5 × 1,850 less 1,125, less 5,000 off the deal.
    assert_eq!(invoice.totals.tax_exclusive_amount, dec("467000"));
    assert_eq!(invoice.totals.tax_amount, dec("35025"));
    assert_eq!(invoice.totals.payable_amount, dec("502025"));
    let buyer = invoice.customer.as_ref().unwrap();
    assert_eq!(
        (buyer.name.as_str(), buyer.tin.as_deref()),
        ("Delta Marine Stores Ltd", Some("40506070-0001"))
    );

    // The start's deal is still open.
    let report = office.pull().await;
    assert_eq!(report.failed, 0, "{report:?}");
    office.house.sim.redeliver().await;
    office.settle().await;
    office.house.assert_all_accepted_once(1).await;
    assert_eq!(office.house.sim.authority().calls()["sign"], 1);
}

#[tokio::test]
async fn what_lost_webhooks_missed_the_pull_finds_once_each() {
    let office = Office::open().await;
    let told = office.offer(Offer::Exclusive).await;
    assert_eq!(office.win(&told).await, Some(200));
    office.settle().await;
    office.crm.set_webhook_url(None);
    let (inclusive, untaxed) = (office.offer(Offer::Inclusive).await, office.offer(Offer::Untaxed).await);
    for deal in [&inclusive, &untaxed] {
        assert_eq!(office.win(deal).await, None, "nobody is told");
    }
    office.settle().await;
    office.house.assert_all_accepted_once(1).await;
    office.pass(Duration::from_secs(60));
    let report = office.pull().await;
    assert_eq!(report.failed, 0, "{report:?}");
    office.settle().await;
    office.house.assert_all_accepted_once(3).await;
    let again = office.pull().await;
    assert_eq!((again.new, again.failed), (0, 0), "{again:?}");
    office.settle().await;
    office.house.assert_all_accepted_once(3).await;

    // 2 × 53,750 and 1.365 × 4,300, tax within both.
    let inclusive = invoice_of(&office.house.document(&inclusive).await);
    assert_eq!(inclusive.totals.payable_amount, dec("113369.50"));
    // 12 × 20,000 less 5 % off the deal: it says that there is no tax, and the tenant says that this is exempt.
    let untaxed = invoice_of(&office.house.document(&untaxed).await).totals;
    assert_eq!((untaxed.tax_exclusive_amount, untaxed.tax_amount), (dec("228000"), dec("0")));
}

#[tokio::test]
async fn a_banned_webhook_loses_no_sale() {
    let office = Office::open().await;
    office.house.hooks.serve(None);
    for _ in 0..10 {
        office.offer(Offer::Bare).await;
    }
    office.house.hooks.serve(Some(office.engine.clone()));
    let deal = office.offer(Offer::Exclusive).await;
    assert!(office.crm.win(&deal).await.unwrap().deliveries.is_empty(), "events of a ban never come");
    office.pass(Duration::from_secs(1900));
    office.pull().await;
    office.settle().await;
    assert_eq!(office.house.document(&deal).await.state, DocumentState::Accepted);
    office.house.assert_all_accepted_once(1).await;
}

#[tokio::test]
async fn a_line_that_is_edited_arrives_though_its_deal_does_not_move() {
    let office = Office::open().await;
    let deal = office.offer(Offer::Exclusive).await;
    office.settle().await;
    let line = office.crm.lines(&deal)[0].clone();
    let before = office.house.record(&deal).await;
    assert_eq!(office.crm.change_line(&line, "quantity", &json!(5)).await.unwrap().status(), Some(200));
    office.settle().await;
    let after = office.house.record(&deal).await;
    assert_eq!(after.raw.modified_at, before.raw.modified_at, "the deal's own time stands still");
    assert_ne!(after.raw.body, before.raw.body, "and the new line is stored all the same");
}

#[tokio::test]
async fn a_token_that_ends_is_refreshed_and_the_refresh_token_stays() {
    let office = Office::open().await;
    for nth in 1..4 {
        office.pass(Duration::from_secs(3600));
        let report = office.pull().await;
        assert_eq!(report.failed, 0, "{report:?}");
        let counts = office.crm.oauth().counts();
        assert_eq!((counts.refreshed, counts.refused), (nth, 0), "{counts:?}");
    }
}

#[tokio::test]
async fn a_history_larger_than_a_days_tokens_goes_on_the_next_day_where_it_stopped() {
    let office = Office::open().await;
    let stock = Stock {
        seed: 11,
        count: 1200,
        from: "2026-10-01T00:00:00Z".parse().unwrap(),
        to: "2026-11-01T00:00:00Z".parse().unwrap(),
        equal: 200,
    };
    office.crm.stock(&stock);
    // A page of 500 won deals takes some 5,100 tokens, most of them for the discounts of each deal.
    office.crm.set_limits(|limits| {
        (limits.enforced, limits.burst_oauth, limits.daily, limits.shield_after) =
            (true, u32::MAX, Some(6_000), None);
    });
    let mut days = 1;
    loop {
        match office.engine.sync(office.connection.id, Some(office.house.tenant), None).await {
            Ok(report) => {
                assert_eq!(report.failed, 0, "{report:?}");
                break;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}"),
        }
        office.pass(Duration::from_secs(24 * 3600));
        days += 1;
        assert!(days < 5, "it begins anew each day");
    }
    assert_eq!(days, 3);
    assert_eq!(office.house.rows("records").await, 1201, "the start's deal among them");
    let calls = office.crm.calls();
    assert!(calls["deal_discounts"] < 1200 + 2 * 100, "pages are read again: {calls:?}");
}

/// Calls fail in every way of the platform and its proxies, records move between pages, webhooks are lost, late, doubled
/// and forged: all by a seed.
#[tokio::test]
async fn on_a_rough_day_every_won_deal_becomes_one_invoice_and_no_forgery_is_taken() {
    for seed in [1, 42, 4711] {
        eprintln!("seed {seed}");
        let office = Office::open().await;
        let mut plan = Plan::platform(seed);
        (plan.calls, plan.webhooks_forged, plan.webhooks_delayed) = (200, 300, 150);
        office.crm.set_plan(Some(plan));
        let mut won = Vec::new();
        for nth in 0..12 {
            let offer = [Offer::Exclusive, Offer::Inclusive, Offer::Untaxed][nth % 3];
            let deal = office.offer(offer).await;
            office.win(&deal).await;
            won.push(deal);
        }
        for _ in 0..4 {
            office.pass(Duration::from_secs(1800));
            office.house.sim.catch_up().await;
            // What fails is tried again by the next pull.
            if let Err(error) =
                office.engine.sync(office.connection.id, Some(office.house.tenant), None).await
            {
                assert_ne!(error.retry(), Retry::Never, "{error:?}");
            }
            office.settle().await;
        }
        let struck: u64 = office.crm.struck().values().flat_map(|of| of.values()).sum();
        assert!(struck > 5, "only {struck} calls were struck: the day was calm");
        office.crm.set_plan(None);
        // A refresh that failed is not tried again at once.
        office.pass(Duration::from_secs(300));
        assert_eq!(office.pull().await.failed, 0);
        office.settle().await;
        office.house.assert_all_accepted_once(won.len()).await;
        let forged = office.house.sim.deliveries().into_iter().filter(|delivery| delivery.fault.is_some());
        let answers: Vec<_> = forged.map(|delivery| delivery.status).collect();
        assert!(!answers.is_empty() && answers.iter().all(|status| *status == Some(401)), "{answers:?}");
    }
}
