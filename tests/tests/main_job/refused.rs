//! What the authority refuses: said in a sentence that names the field, and sent under the same number once mended.

use taxpoynt_core::store::{Document, DocumentState, Stage};
use taxpoynt_sim::{Business, Fault, FaultKind, Sale};
use taxpoynt_tests::{House, payload_of};

async fn refused(house: &House) -> Document {
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let document = house.document(&sale.id).await;
    assert_eq!(document.state, DocumentState::Rejected, "{:?}", document.message);
    assert!(document.stage < Stage::Signing);
    assert!(house.sim.authority().registered().is_empty());
    document
}

#[tokio::test]
async fn a_wrong_service_id_is_named_and_the_mended_document_keeps_its_number() {
    let house = House::of(|tenant| tenant.service_id = Some("AAAAAAAA".into())).await;
    let before = refused(&house).await;
    let message = before.message.clone().unwrap();
    assert!(message.contains("service_id"), "{message}");
    assert!(message.ends_with("; set service_id of the tenant."), "{message}");
    assert_eq!(before.document.irn, "INV000001-AAAAAAAA-20261120");

    house.mend(|_| {}).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let after = house.document(&before.source_id).await;
    assert_eq!(after.id, before.id);
    assert_eq!(after.document.number, before.document.number);
    assert_eq!(after.document.irn, "INV000001-4B7E8E41-20261120");
    let plain = house.sim.authority().decrypt_stamp(&after.document.stamp).unwrap();
    assert!(
        plain.starts_with(r#"{"irn":"INV000001-4B7E8E41-20261120."#),
        "the stamp says the IRN that is sent"
    );
    assert_eq!(payload_of(&house.sim, &after.document.irn)["irn"], after.document.irn.as_str());
}

#[tokio::test]
async fn a_business_that_is_not_enabled_is_named_and_the_mended_document_keeps_its_number() {
    let stranger = "3d5a2c10-8e41-4f0b-9c37-000000000000";
    let house = House::of(|tenant| tenant.business_id = Some(stranger.into())).await;
    let before = refused(&house).await;
    let message = before.message.clone().unwrap();
    assert!(message.contains("business id"), "{message}");
    assert!(message.ends_with("; set business_id of the tenant."), "{message}");

    house.mend(|_| {}).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let after = house.document(&before.source_id).await;
    assert_eq!((after.document.number, after.document.irn), (before.document.number, before.document.irn));
}

#[tokio::test]
async fn what_sign_refused_is_mended_and_keeps_its_number() {
    let house = House::open().await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.sim.authority().fail_next(Fault::next("sign", FaultKind::ServerError));
    while !house.sim.authority().calls().contains_key("sign") {
        house.engine.work_once().await.unwrap();
    }
    // After validation the authority gives the business another service id.
    let known = |service_id: &str| Business {
        business_id: house.sim.credentials().authority.business_id.clone(),
        service_id: service_id.into(),
        name: "Simulated Kitchen Ltd".into(),
        tin: "10203040-0001".into(),
    };
    house.sim.authority().add_business(known("CCCCCCCC"));
    house.settle().await;
    let before = house.document(&sale.id).await;
    assert_eq!(
        (before.stage, before.state),
        (Stage::Signing, DocumentState::Rejected),
        "{:?}",
        before.message
    );
    assert_eq!(before.code.as_deref(), Some("sign_failed"));

    house.mend(|tenant| tenant.service_id = Some("CCCCCCCC".into())).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let after = house.document(&sale.id).await;
    assert_eq!((after.id, &after.document.number), (before.id, &before.document.number));
    assert_eq!(after.document.irn, "INV000001-CCCCCCCC-20261120");
    assert_eq!(house.sim.authority().registered()[0].irn, after.document.irn);
}

#[tokio::test]
async fn a_corrected_business_id_keeps_the_credentials_that_were_stored() {
    let stranger = "3d5a2c10-8e41-4f0b-9c37-000000000000";
    let house = House::of(|tenant| tenant.business_id = Some(stranger.into())).await;
    let before = refused(&house).await;
    // A bookkeeper mends the id alone; the key file and the keys were given once.
    house.mend(|tenant| tenant.authority = None).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    assert_eq!(house.document(&before.source_id).await.document.number, before.document.number);
}

#[tokio::test]
async fn what_was_refused_is_sent_again_when_the_authority_has_come_round() {
    let (business_id, service_id) = ("3d5a2c10-8e41-4f0b-9c37-000000000000", "BBBBBBBB");
    let house = House::of(|tenant| {
        tenant.business_id = Some(business_id.into());
        tenant.service_id = Some(service_id.into());
    })
    .await;
    let before = refused(&house).await;
    house.sim.authority().add_business(Business {
        business_id: business_id.into(),
        service_id: service_id.into(),
        name: "Simulated Kitchen Ltd".into(),
        tin: "10203040-0001".into(),
    });
    house.engine.replay_record(before.record, Some(house.tenant)).await.unwrap();
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let after = house.document(&before.source_id).await;
    assert_eq!(after.document.number, before.document.number);
    assert_eq!(after.document.stamp, before.document.stamp, "the first stamp is the stamp");
}

#[tokio::test]
async fn a_refused_document_leaves_no_gap_and_stops_no_other() {
    let house = House::of(|tenant| tenant.service_id = Some("AAAAAAAA".into())).await;
    refused(&house).await;
    house.mend(|_| {}).await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    house.assert_all_accepted_once(2).await;
    let numbers: Vec<_> = house.documents().await.into_iter().map(|d| d.document.number).collect();
    assert_eq!(numbers, ["INV000001", "INV000002"]);
}

#[tokio::test]
async fn a_tin_the_authority_would_refuse_never_gets_there() {
    let house = House::of(|tenant| tenant.tin = Some("123".into())).await;
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    let held = house.held(&sale.id).await.unwrap();
    assert_eq!(held.code, "seller_tin_missing");
    assert!(held.message.contains("5 to 20 characters"), "{}", held.message);
    assert!(house.sim.authority().calls().is_empty());
    house.mend(|_| {}).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
}
