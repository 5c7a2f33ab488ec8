//! Walls: one tenant never sees another, and no secret is ever written or shown in the clear.

use std::collections::BTreeMap;
use taxpoynt_core::{
    ErrorKind, Result,
    engine::Credentials,
    store::{DocumentFilter, RecordFilter},
};
use taxpoynt_sim::{Business, Sale};
use taxpoynt_tests::{House, shop};
use uuid::Uuid;

fn kind<T>(result: Result<T>) -> ErrorKind {
    result.err().map(|error| error.kind()).expect("an error")
}

/// Another shop on the same engine.
async fn neighbour(house: &House) -> Uuid {
    let business = Business {
        business_id: "77777777-8e41-4f0b-9c37-6a1e5b0d4f22".into(),
        service_id: "CCCCCCCC".into(),
        name: "Bola Stores Ltd".into(),
        tin: "50607080-0001".into(),
    };
    let mut tenant = shop(&house.sim);
    tenant.name.clone_from(&business.name);
    tenant.business_id = Some(business.business_id.clone());
    tenant.service_id = Some(business.service_id.clone());
    tenant.tin = Some(business.tin.clone());
    house.sim.authority().add_business(business);
    house.engine.add_tenant(tenant).await.unwrap().id.unwrap()
}

#[tokio::test]
async fn another_tenants_id_is_not_found() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let other = Some(neighbour(&house).await);
    let (document, record) = (house.document(&sale.id).await, house.record(&sale.id).await);
    let engine = &house.engine;
    let body = record.raw.body.clone();
    assert_eq!(kind(engine.document(document.id, other).await), ErrorKind::NotFound);
    assert_eq!(kind(engine.explain(document.id, other).await), ErrorKind::NotFound);
    assert_eq!(kind(engine.replay_record(record.id, other).await), ErrorKind::NotFound);
    assert_eq!(kind(engine.audit(record.id, other).await), ErrorKind::NotFound);
    assert_eq!(kind(engine.audit(document.id, other).await), ErrorKind::NotFound);
    assert_eq!(kind(engine.sync(house.square.id, other, None).await), ErrorKind::NotFound);
    assert_eq!(kind(engine.ingest(house.square.id, other, &body).await), ErrorKind::NotFound);
    assert_eq!(kind(engine.invoice(house.square.id, other, &sale.id).await), ErrorKind::NotFound);
    assert_eq!(kind(engine.sync_log(house.square.id, other).await), ErrorKind::NotFound);
    assert!(engine.connections(other).await.unwrap().is_empty());
    let documents = DocumentFilter { tenant: other, ..DocumentFilter::default() };
    assert!(engine.invoices(&documents).await.unwrap().items.is_empty());
    let records = RecordFilter { tenant: other, ..RecordFilter::default() };
    assert!(engine.records(&records).await.unwrap().items.is_empty());
    // Its owner finds all of it.
    engine.document(document.id, Some(house.tenant)).await.unwrap();
    engine.explain(document.id, Some(house.tenant)).await.unwrap();
}

#[tokio::test]
async fn another_tenants_dead_letter_is_not_found() {
    use taxpoynt_sim::{Fault, FaultKind};
    let house = House::open().await;
    house.sim.square().fail_next(Fault::next("order", FaultKind::Malformed).times(3));
    house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let other = Some(neighbour(&house).await);
    let letter = house.engine.dead_letters(Some(house.tenant)).await.unwrap().remove(0);
    assert!(house.engine.dead_letters(other).await.unwrap().is_empty());
    assert_eq!(kind(house.engine.replay(letter.id, other).await), ErrorKind::NotFound);
    assert_eq!(kind(house.engine.discard(letter.id, other, "not mine").await), ErrorKind::NotFound);
}

#[tokio::test]
async fn two_tenants_that_share_a_till_account_each_get_their_own_invoice() {
    let house = House::open().await;
    let other = neighbour(&house).await;
    let credentials = &house.sim.credentials().square;
    let theirs = Credentials {
        access_token: credentials.access_token.clone().into(),
        webhook_secret: Some(credentials.signature_key.clone().into()),
    };
    let settings = BTreeMap::from([
        ("base_url".to_owned(), house.sim.urls().square.clone()),
        ("webhook_url".to_owned(), house.hooks.url("square")),
    ]);
    house.engine.connect("square", other, theirs, settings).await.unwrap();
    house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let irns: Vec<_> = house.sim.authority().registered().into_iter().map(|r| r.irn).collect();
    assert_eq!(irns.len(), 2);
    assert!(irns.contains(&"INV000001-4B7E8E41-20261120".to_owned()));
    assert!(irns.contains(&"INV000001-CCCCCCCC-20261120".to_owned()));
    assert_eq!(house.documents().await.len(), 1, "each sees one");
}

#[tokio::test]
async fn no_secret_is_in_the_database_or_in_debug_output() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.sim.hubspot().win(house.sim.hubspot().deal_id()).await.unwrap();
    house.settle().await;
    let known = house.sim.credentials();
    let secrets = [
        ("Square's token", &known.square.access_token),
        ("Square's signature key", &known.square.signature_key),
        ("HubSpot's token", &known.hubspot.access_token),
        ("HubSpot's client secret", &known.hubspot.client_secret),
        ("the authority's secret", &known.authority.api_secret),
        ("the authority's key", &known.authority.api_key),
    ];
    let bytes = house.database_bytes();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(&sale.id), "the database is where we look");
    let tenant = house.engine.tenant(house.tenant).await.unwrap();
    let records = house.records().await;
    let documents = house.documents().await;
    let sealed = shop(&house.sim).authority;
    let connections = house.engine.connections(None).await.unwrap();
    let shown = format!(
        "{:?} {:?} {tenant:?} {sealed:?} {connections:?} {:?} {:?} {records:?} {documents:?}",
        house.engine,
        house.options(),
        house.square,
        house.hubspot
    );
    for (what, secret) in secrets {
        assert!(!holds(secret), "{what} is in the database");
        assert!(!shown.contains(secret.as_str()), "{what} is shown");
    }
}

#[tokio::test]
async fn a_database_opened_with_another_key_gives_no_credentials_away() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    assert_eq!(kind(house.engine_with_another_key().await), ErrorKind::Config);
    let stranger = house.engine_with_keys_lost().await;
    let error = stranger.sync(house.square.id, None, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(!format!("{error:?}").contains(&house.sim.credentials().square.access_token));
}
