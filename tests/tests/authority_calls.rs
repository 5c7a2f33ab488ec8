//! Our client and the simulated authority, which know nothing of each other, over real HTTP: what one asks the other
//! answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

use secrecy::SecretString;
use taxpoynt_core::{
    ErrorKind,
    firs::{ApiKeys, Client, Paging, Resource, Search, vat_report},
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of, network};
use taxpoynt_ubl::{Irn, PaymentStatus};

fn client(house: &House) -> (Client, ApiKeys) {
    let authority = &house.sim.credentials().authority;
    let keys = ApiKeys::new(authority.api_key.clone(), authority.api_secret.clone());
    (Client::new(network(), house.sim.urls().authority.parse().unwrap()), keys)
}

#[tokio::test]
async fn a_deployment_is_healthy_and_tells_who_its_taxpayers_are() {
    let house = House::open().await;
    let (client, keys) = client(&house);
    let authority = &house.sim.credentials().authority;
    assert!(client.health(&keys).await.unwrap());
    let login =
        client.authenticate(&keys, "a@b.example", &SecretString::from("pass".to_owned())).await.unwrap();
    let entity = client.entity(&keys, &login.entity_id).await.unwrap().unwrap();
    let listing = client.entities(&keys, &Paging::default(), None).await.unwrap();
    assert_eq!((listing.rows, listing.unread, listing.has_next), (vec![entity.clone()], 0, false));
    let business = entity.businesses.iter().find(|b| b.id == authority.business_id).unwrap();
    assert_eq!(business.service_id(), Some(authority.service_id.as_str()));
    let holder = client.verify_tin(&keys, &authority.tin).await.unwrap().unwrap();
    assert_eq!(holder.name.as_deref(), Some(authority.name.as_str()));
    let stranger = ApiKeys::new("0f1e2d3c-0000-4000-8000-000000000000", "wrong");
    let error = client.entities(&stranger, &Paging::default(), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn every_code_list_is_there() {
    let house = House::open().await;
    let (client, keys) = client(&house);
    for resource in Resource::ALL {
        let rows = client.resource(&keys, resource).await.unwrap();
        assert!(rows.is_some_and(|rows| !rows.is_empty()), "{resource:?}");
    }
    let rows = client.resource(&keys, Resource::InvoiceTypes).await.unwrap().unwrap();
    let named = |code: &str| rows.iter().find(|row| row.code == code).and_then(|row| row.name.as_deref());
    assert_eq!((named("381"), named("380")), (Some("Commercial Invoice"), Some("Credit Note")));
}

#[tokio::test]
async fn a_document_is_found_paid_and_reported() {
    let house = House::open().await;
    let (client, keys) = client(&house);
    let till = house.sim.square().sell(Sale::WalkIn).await;
    let deal = house.sim.hubspot().deal_id().to_owned();
    house.sim.hubspot().win(&deal).await.unwrap();
    house.settle().await;
    let paid = house.document(&till.id).await;
    let open = house.document(&deal).await;
    let irn = |document: &taxpoynt_core::store::Document| Irn::parse(&document.document.irn).unwrap();
    let business = house.sim.credentials().authority.business_id.clone();

    client.validate_irn(&keys, &business, &irn(&open)).await.unwrap();
    let other = Irn::new("INV000001", "AAAAAAAA", open.document.issue_date).unwrap();
    let error = client.validate_irn(&keys, &business, &other).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Rejected, Some("irn")));

    let found = async |status: PaymentStatus| {
        let search = Search { payment_status: Some(status), ..Search::default() };
        let listing = client.search_page(&keys, &business, &search).await.unwrap();
        listing.rows.into_iter().map(|row| row.irn).collect::<Vec<_>>()
    };
    assert_eq!(found(PaymentStatus::Pending).await, [open.document.irn.as_str()]);
    client.update_payment(&keys, &irn(&open), PaymentStatus::Paid, Some("transfer 9")).await.unwrap();
    assert!(found(PaymentStatus::Pending).await.is_empty());
    let both = found(PaymentStatus::Paid).await;
    assert_eq!(both.len(), 2);
    assert!(both.contains(&paid.document.irn));
    let again = client.update_payment(&keys, &irn(&open), PaymentStatus::Rejected, None).await.unwrap_err();
    assert_eq!((again.kind(), again.get("code")), (ErrorKind::Rejected, Some("payment_terminal")));
    let unknown = client.update_payment(&keys, &other, PaymentStatus::Paid, None).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);

    for document in [&paid, &open] {
        client.report_vat(&keys, &vat_report(&invoice_of(document), "0A1B2C3D")).await.unwrap();
    }
}
