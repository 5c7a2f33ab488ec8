//! One sale's life, read off the spans alone, and nothing of anybody in them.
//!
//! A binary of its own: `tracing` remembers of each span whether anybody listens, and where only one listener is left it
//! asks the thread at hand. A test that listens to nothing, on another thread, would answer for those that do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the helpers of tests are tests")]

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::store::{Rollout, Switch, SwitchChange};
use taxpoynt_sim::Sale;
use taxpoynt_tests::House;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// A span as a log would show it, with the events inside it.
#[derive(Debug, Clone, Default)]
struct Seen {
    id: u64,
    name: &'static str,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
    events: Vec<BTreeMap<&'static str, String>>,
}

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Seen>>>);

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl Collector {
    /// The spans of a sale in the order they began.
    fn life(&self, sale: &str) -> Vec<Seen> {
        let seen = self.0.lock().unwrap();
        seen.iter().filter(|span| span.fields.get("sale").is_some_and(|s| s == sale)).cloned().collect()
    }

    fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    fn with(&self, id: &Id, change: impl FnOnce(&mut Seen)) {
        let mut seen = self.0.lock().unwrap();
        // The registry gives the number of a closed span away again: the last one is meant.
        if let Some(span) = seen.iter_mut().rev().find(|span| span.id == id.into_u64()) {
            change(span);
        }
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Collector {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !attributes.metadata().target().starts_with("taxpoynt") {
            return;
        }
        let parent = context.span(id).and_then(|span| Some(span.parent()?.name()));
        let mut seen =
            Seen { id: id.into_u64(), name: attributes.metadata().name(), parent, ..Seen::default() };
        attributes.record(&mut Fields(&mut seen.fields));
        self.0.lock().unwrap().push(seen);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.with(id, |span| values.record(&mut Fields(&mut span.fields)));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        if let Some(span) = context.lookup_current() {
            self.with(&span.id(), |span| span.events.push(fields));
        }
    }
}

/// Names, and what each came to.
fn told(life: &[Seen]) -> Vec<(&'static str, &str)> {
    let came_to = |span: &'_ Seen| span.fields.get("outcome").or_else(|| span.fields.get("change")).cloned();
    life.iter().map(|span| (span.name, came_to(span).unwrap_or_default().leak() as &str)).collect()
}

fn stages(span: &Seen) -> Vec<&str> {
    span.events.iter().filter_map(|event| event.get("stage").map(String::as_str)).collect()
}

#[tokio::test]
async fn the_spans_of_one_sale_tell_its_life_from_the_webhook_to_the_confirmation() {
    let collector = Collector::default();
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(collector.clone()));
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    let other = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let key = |id: &str| format!("square/{}/order/{id}", house.square.account);
    let life = collector.life(&key(&sale.id));
    assert_eq!(
        told(&life),
        [
            ("sale.announced", ""),
            ("sale.fetch", ""),
            ("sale.prepare", "prepared"),
            ("sale.submit", "accepted"),
        ],
        "{life:#?}"
    );
    assert_eq!(life[0].parent, Some("webhook"));
    assert_eq!(stages(&life[3]), ["authority_validate", "sign", "transmit", "confirm"]);
    let document = house.document(&sale.id).await;
    assert_eq!(life[3].fields["document"], document.id.to_string());
    for span in &life {
        assert_eq!(span.fields["tenant"], house.tenant.to_string());
    }
    let reported = collector.life(&key(&other.id));
    assert_eq!(stages(reported.last().unwrap()), ["authority_validate", "sign", "confirm"]);
    let webhook = collector.all().into_iter().find(|span| span.name == "webhook").unwrap();
    assert_eq!((webhook.fields["platform"].as_str(), webhook.fields["status"].as_str()), ("square", "200"));
}

#[tokio::test]
async fn a_pulled_a_handed_in_and_an_asked_for_sale_are_followed_alike() {
    let collector = Collector::default();
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(collector.clone()));
    let house = House::open().await;
    house.deafen();
    let pulled = house.sim.square().sell(Sale::WalkIn).await.id;
    house.engine.sync(house.square.id, None, None).await.unwrap();
    let handed_in = house.sim.square().sell(Sale::WalkIn).await.id;
    let record = house.till_record(&handed_in).await.to_string();
    house.engine.ingest(house.square.id, None, record.as_bytes()).await.unwrap();
    let asked_for = house.sim.square().sell(Sale::WalkIn).await.id;
    house.engine.invoice(house.square.id, None, &asked_for).await.unwrap();
    house.settle().await;
    let life = |id: &str| collector.life(&format!("square/{}/order/{id}", house.square.account));
    let rest = [("sale.prepare", "prepared"), ("sale.submit", "accepted")];
    assert_eq!(told(&life(&pulled)), [&[("sale.pulled", "")], &rest[..]].concat());
    assert_eq!(life(&pulled)[0].parent, Some("sync"));
    assert_eq!(told(&life(&handed_in)), [&[("sale.handed_in", "new")], &rest[..]].concat());
    let asked = life(&asked_for);
    assert_eq!(
        told(&asked)[..2],
        [("sale.asked_for", "prepared"), ("sale.submit", "accepted")],
        "{asked:#?}"
    );
}

#[tokio::test]
async fn what_is_held_or_switched_off_says_so_in_its_span() {
    let collector = Collector::default();
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(collector.clone()));
    let house = House::of(|tenant| tenant.authority.as_mut().unwrap().crypto_keys = None).await;
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let life = collector.life(&format!("square/{}/order/{}", house.square.account, sale.id));
    let prepare = life.last().unwrap();
    assert_eq!((prepare.name, prepare.fields["outcome"].as_str()), ("sale.prepare", "held"));
    assert_eq!(prepare.fields["code"], "crypto_keys_missing");
    let (who, reason) = ("ada".to_owned(), "A test.".to_owned());
    let (switch, to) = (Switch::ProcessWebhooks, Some(Rollout::OFF));
    let change = SwitchChange { switch, tenant: None, platform: None, to, who, reason };
    house.engine.switch(&change).await.unwrap();
    let other = house.sim.square().sell(Sale::WalkIn).await;
    house.engine.drain(Duration::from_millis(500)).await.unwrap();
    let life = collector.life(&format!("square/{}/order/{}", house.square.account, other.id));
    assert_eq!(told(&life), [("sale.announced", ""), ("sale.fetch", "switched_off")]);
}

#[tokio::test]
async fn no_span_and_no_event_holds_a_name_a_tin_an_address_or_a_secret() {
    let collector = Collector::default();
    let _listening = tracing::subscriber::set_default(tracing_subscriber::registry().with(collector.clone()));
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    let crm = house.sim.hubspot();
    crm.win(crm.deal_id()).await.unwrap();
    house.engine.sync(house.square.id, None, None).await.unwrap();
    house.settle().await;
    let written = format!("{:?}", collector.all());
    assert!(written.contains("sale.submit"), "it was listened to");
    let credentials = house.sim.credentials();
    let mut private = vec![
        credentials.square.access_token.clone(),
        credentials.square.signature_key.clone(),
        credentials.hubspot.access_token.clone(),
        credentials.hubspot.client_secret.clone(),
        credentials.authority.api_key.clone(),
        credentials.authority.api_secret.clone(),
        credentials.authority.tin.clone(),
    ];
    for document in house.documents().await {
        private.push(document.document.irn.clone());
        private.push(document.document.number.clone());
        private.push(document.document.stamp.clone());
        private.push(document.document.payable_amount.clone());
        let Some(customer) = taxpoynt_tests::invoice_of(&document).customer else { continue };
        private.push(customer.name);
        private.extend(customer.tin);
        private.extend(customer.email);
        private.extend(customer.phone);
    }
    assert!(private.len() > 12, "the buyers were found: {private:?}");
    for secret in private {
        assert!(!secret.is_empty() && !written.contains(&secret), "{secret} is in a span");
    }
}
