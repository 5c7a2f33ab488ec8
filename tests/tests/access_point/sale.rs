//! A sale at the till goes through the access point to the authority, with the CSID that it supplied.

use crate::Branch;
use taxpoynt_core::{
    firs::Transmitter as _,
    store::{DocumentState, Stage},
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::payload_of;
use taxpoynt_ubl::{Irn, PaymentStatus};

#[tokio::test]
async fn a_company_order_is_cleared_through_the_access_point() {
    let branch = Branch::open().await;
    let sale = branch.house.sim.square().sell(Sale::B2b).await;
    assert_eq!(sale.status(), Some(200));
    branch.settle().await;
    branch.house.assert_all_accepted_once(1).await;
    let document = branch.house.document(&sale.id).await;
    assert_eq!((document.state, document.stage), (DocumentState::Accepted, Stage::Confirmed));
    let registered = branch.house.sim.authority().find(&document.document.irn).unwrap();
    assert_eq!((registered.transmitted, registered.transmit_count), (true, 1));
    let sent: serde_json::Value = serde_json::from_slice(&document.document.mbs).unwrap();
    assert_eq!(payload_of(&branch.house.sim, &document.document.irn), sent);
    let calls = branch.house.sim.access_point().calls();
    for endpoint in ["validate", "sign", "transmit", "confirm"] {
        assert_eq!(calls.get(endpoint), Some(&1), "{endpoint}: {calls:?}");
    }
    assert!(branch.house.sim.authority().calls().is_empty(), "nothing went to the authority itself");
}

#[tokio::test]
async fn the_csid_is_stored_as_it_came_and_none_is_made() {
    let branch = Branch::open().await;
    let with = branch.house.sim.square().sell(Sale::B2b).await;
    branch.settle().await;
    branch.house.sim.access_point().set(|settings| settings.supplies_csid = false);
    let without = branch.house.sim.square().sell(Sale::WalkIn).await;
    branch.settle().await;
    let document = branch.house.document(&with.id).await;
    let supplied = branch.house.sim.access_point().csid(&document.document.irn);
    assert!(supplied.is_some() && document.csid == supplied);
    assert_eq!(branch.house.document(&without.id).await.csid, None);
}

#[tokio::test]
async fn a_walk_in_is_reported_and_not_transmitted() {
    let branch = Branch::open().await;
    branch.house.sim.square().sell(Sale::WalkIn).await;
    branch.settle().await;
    branch.house.assert_all_accepted_once(1).await;
    assert_eq!(branch.house.sim.access_point().calls().get("transmit"), None);
}

#[tokio::test]
async fn payment_is_told_and_read_as_the_access_points_numbers() {
    let branch = Branch::open().await;
    let sale = branch.house.sim.hubspot().win(branch.house.sim.hubspot().deal_id()).await.unwrap();
    branch.settle().await;
    let document = branch.house.document(&sale.id).await;
    let irn = Irn::parse(&document.document.irn).unwrap();
    let keys = branch.keys();
    let state = branch.point.confirmation(&irn, &keys).await.unwrap().unwrap();
    assert_eq!(state.payment_status.as_deref(), Some("PENDING"));
    branch.point.update_payment(&irn, PaymentStatus::Paid, Some("TRX-1"), &keys).await.unwrap();
    let state = branch.point.confirmation(&irn, &keys).await.unwrap().unwrap();
    assert_eq!(state.payment_status.as_deref(), Some("PAID"));
    let refused = branch.point.update_payment(&irn, PaymentStatus::Rejected, None, &keys).await;
    assert_eq!(refused.unwrap_err().kind(), taxpoynt_core::ErrorKind::Rejected);
}
