//! Who makes the stamp: the tenant's key file, with its time as the host says, or a stamper of the host's own.

use chrono::{DateTime, Utc};
use std::sync::Arc;
use taxpoynt_core::{
    Result,
    engine::{Engine, EngineOptions},
    stamp::{Stamp, StampTime, Stamper},
    store::Sqlite,
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, network};
use taxpoynt_ubl::{Invoice, Irn};

/// As an access point with a scheme of its own would stamp.
#[derive(Debug)]
struct OfTheAccessPoint;

impl Stamper for OfTheAccessPoint {
    fn stamp(&self, invoice: &Invoice, irn: &Irn, _at: DateTime<Utc>) -> Result<Stamp> {
        Stamp::new(format!("https://access-point.example/{irn}?pay={}", invoice.totals.payable_amount))
    }
}

/// An engine on the house's database, opened with other options.
async fn another(house: &House, edit: impl FnOnce(&mut EngineOptions)) -> Engine {
    let mut options = house.options();
    edit(&mut options);
    let store = Sqlite::open(&format!("sqlite://{}", house.database().display())).await.unwrap();
    Engine::assemble(Arc::new(store), network(), options).await.unwrap()
}

#[tokio::test]
async fn a_stamper_of_the_hosts_own_takes_the_place_of_the_key_file() {
    let house = House::of(|tenant| tenant.authority.as_mut().unwrap().crypto_keys = None).await;
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    assert_eq!(house.held(&sale.id).await.unwrap().code, "crypto_keys_missing");

    let engine = another(&house, |options| options.stamper = Some(Arc::new(OfTheAccessPoint))).await;
    let tenant = engine.tenant(house.tenant).await.unwrap();
    engine.add_tenant(tenant).await.unwrap();
    house.settle_with(&engine).await;
    house.assert_all_accepted_once(1).await;
    let document = house.document(&sale.id).await.document;
    let expected = format!("https://access-point.example/{}?pay={}", document.irn, document.payable_amount);
    assert_eq!(document.stamp, expected);
}

#[tokio::test]
async fn a_host_says_how_a_stamp_writes_its_time() {
    let house = House::open().await;
    let engine = another(&house, |options| options.stamp_time = StampTime::LocalTimeOfDay).await;
    house.hooks.serve(Some(engine.clone()));
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle_with(&engine).await;
    house.assert_all_accepted_once(1).await;
    let document = house.document(&sale.id).await.document;
    let plain = house.sim.authority().decrypt_stamp(&document.stamp).unwrap();
    let plain: serde_json::Value = serde_json::from_str(&plain).unwrap();
    let (irn, time) = plain["irn"].as_str().unwrap().rsplit_once('.').unwrap();
    assert_eq!(irn, document.irn);
    // The clock of the house stands at ten o'clock UTC: eleven in Lagos, to the millisecond.
    assert!(time.len() == 9 && time.starts_with("11"), "{time}");
}

#[tokio::test]
async fn no_document_has_a_csid_that_nobody_supplied() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.document(&sale.id).await.csid, None);
}
