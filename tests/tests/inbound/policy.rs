//! When the authority is told: by the tenant's policy, and by a person.

use crate::office::{IRN, OWN_KEY, Office, TIN, invoice, tenant};
use crate::post::seal;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use taxpoynt_core::{ErrorKind, store::InboundState, tenant::InboundPolicy};

async fn office(policy: InboundPolicy) -> Office {
    Office::with(tenant("Kainji Stores Ltd", TIN, Some(OWN_KEY), policy)).await
}

fn faulty() -> Value {
    let mut faulty = invoice(IRN, TIN);
    faulty["legal_monetary_total"]["payable_amount"] = json!(26_000);
    faulty
}

async fn received(policy: InboundPolicy, document: &Value) -> Office {
    let office = office(policy).await;
    office.post.send(IRN, document, OWN_KEY);
    office.pull().await;
    office.settle().await;
    office
}

#[tokio::test]
async fn each_policy_decides_what_is_acknowledged_by_itself() {
    use InboundPolicy::{Acknowledge, HoldFaulty, Manual};
    use InboundState::{Acknowledged, Checked, Held};
    let (good, bad) = (invoice(IRN, TIN), faulty());
    for (policy, of_good, of_bad) in [
        (Acknowledge, Acknowledged, Acknowledged),
        (HoldFaulty, Acknowledged, Held),
        (Manual, Checked, Checked),
    ] {
        for (document, state) in [(&good, of_good), (&bad, of_bad)] {
            let office = received(policy, document).await;
            assert_eq!(office.only().await.state, state, "{policy:?}");
            assert_eq!(office.post.acknowledged().len(), usize::from(state == Acknowledged), "{policy:?}");
        }
    }
}

#[tokio::test]
async fn a_faulty_document_says_what_is_wrong_and_a_person_may_take_it() {
    let office = received(InboundPolicy::HoldFaulty, &faulty()).await;
    let held = office.only().await;
    assert_eq!(held.code.as_deref(), Some("faulty"));
    assert!(
        held.content.findings.iter().any(|f| f.fatal && f.id == "BR-CO-16"),
        "{:?}",
        held.content.findings
    );
    assert!(held.message.unwrap().len() > 20);
    assert!(held.content.ubl.is_some(), "faults do not keep it from being stored");
    office.engine.acknowledge_inbound(held.id, Some(office.tenant)).await.unwrap();
    office.settle().await;
    let taken = office.only().await;
    assert_eq!((taken.state, taken.code, taken.message), (InboundState::Acknowledged, None, None));
    assert!(taken.content.is_faulty(), "what was found stays with it");
    office.engine.acknowledge_inbound(held.id, Some(office.tenant)).await.unwrap();
    office.settle().await;
    assert_eq!(office.post.acknowledged()[IRN], 1, "said once");
    assert_eq!(office.engine.retry_inbound(held.id, None).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_mended_document_is_downloaded_anew() {
    let office = received(InboundPolicy::HoldFaulty, &faulty()).await;
    let held = office.only().await;
    office.post.send(IRN, &invoice(IRN, TIN), OWN_KEY);
    office.engine.retry_inbound(held.id, Some(office.tenant)).await.unwrap();
    office.settle().await;
    let taken = office.only().await;
    assert_eq!((taken.state, taken.content.is_faulty()), (InboundState::Acknowledged, false));
}

#[tokio::test]
async fn a_pdf_is_kept_for_a_person() {
    let pdf = b"%PDF-1.7\nan invoice on paper";
    for plain in
        [pdf.to_vec(), format!("data:application/pdf;base64,{}", BASE64_STANDARD.encode(pdf)).into_bytes()]
    {
        let office = office(InboundPolicy::Acknowledge).await;
        office.post.put(IRN, seal(OWN_KEY, &plain));
        office.pull().await;
        office.settle().await;
        let held = office.only().await;
        assert_eq!((held.state, held.code.as_deref()), (InboundState::Held, Some("pdf_only")));
        assert_eq!(held.content.pdf.as_deref(), Some(&pdf[..]));
        office.engine.acknowledge_inbound(held.id, None).await.unwrap();
        office.settle().await;
        assert_eq!(office.outcome().await.0, InboundState::Acknowledged);
    }
}

#[tokio::test]
async fn another_document_under_the_irn_is_not_taken_for_it() {
    let office = received(InboundPolicy::Acknowledge, &invoice("OTHER-4D5E6F70-20261118", TIN)).await;
    assert_eq!(office.outcome().await, (InboundState::Unreadable, Some("irn_differs".into())));
    assert!(office.post.acknowledged().is_empty());
}

#[tokio::test]
async fn a_refused_acknowledgement_is_told_and_kept() {
    let office = office(InboundPolicy::Acknowledge).await;
    office.post.refuse(Some("you are not a party of this invoice"));
    office.post.send(IRN, &invoice(IRN, TIN), OWN_KEY);
    office.pull().await;
    office.settle().await;
    let refused = office.only().await;
    assert_eq!((refused.state, refused.code.as_deref()), (InboundState::Refused, Some("refused")));
    assert!(refused.content.ubl.is_some());
    office.post.refuse(None);
    office.engine.acknowledge_inbound(refused.id, None).await.unwrap();
    office.settle().await;
    assert_eq!(office.outcome().await.0, InboundState::Acknowledged);
}

#[test]
fn the_policy_is_written_as_the_contract_has_it() {
    for (text, policy) in [
        ("acknowledge", InboundPolicy::Acknowledge),
        ("hold_faulty", InboundPolicy::HoldFaulty),
        ("manual", InboundPolicy::Manual),
    ] {
        let tenant = json!({"name": "A", "policy": {"inbound": text}}).to_string();
        let read = taxpoynt_core::tenant::Tenant::from_json(tenant.as_bytes()).unwrap();
        assert_eq!(read.policy.inbound, policy);
    }
    assert_eq!(InboundPolicy::default(), InboundPolicy::HoldFaulty);
}
