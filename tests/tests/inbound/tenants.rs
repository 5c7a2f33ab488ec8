//! Several tenants, with key pairs of their own and a shared one: nobody sees another's documents.

use crate::office::{IRN, OWN_KEY, Office, SHARED_KEY, TIN, invoice, tenant};
use crate::post::{Letter, seal};
use serde_json::json;
use taxpoynt_core::{
    ErrorKind,
    store::{InboundFilter, InboundOrigin, InboundState},
    tenant::InboundPolicy,
};
use uuid::Uuid;

const OTHER_TIN: &str = "10203040-0001";

/// Two tenants under the engine's own pair.
async fn shared() -> (Office, Uuid) {
    let office = Office::with(tenant("Kainji Stores Ltd", TIN, None, InboundPolicy::HoldFaulty)).await;
    let other = tenant("Zuma Bread Ltd", OTHER_TIN, None, InboundPolicy::HoldFaulty);
    let other = office.engine.add_tenant(other).await.unwrap().id.unwrap();
    (office, other)
}

#[tokio::test]
async fn another_tenants_document_is_not_found() {
    let office = Office::open().await;
    let other = tenant("Zuma Bread Ltd", OTHER_TIN, None, InboundPolicy::HoldFaulty);
    let other = office.engine.add_tenant(other).await.unwrap().id.unwrap();
    office.post.send(IRN, &invoice(IRN, TIN), OWN_KEY);
    office.pull().await;
    office.settle().await;
    let id = office.only().await.id;
    let engine = &office.engine;
    for refused in [
        engine.inbound_document(id, Some(other)).await.map(drop),
        engine.acknowledge_inbound(id, Some(other)).await,
        engine.retry_inbound(id, Some(other)).await,
        engine.inbound_audit(id, Some(other)).await.map(drop),
        engine.pull_inbound(Uuid::now_v7(), None, None).await.map(drop),
        engine.announce_inbound(IRN, Some(Uuid::now_v7()), InboundOrigin::Host).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotFound);
    }
    let theirs = InboundFilter { tenant: Some(other), ..InboundFilter::default() };
    assert!(engine.inbound(&theirs).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn under_a_shared_pair_each_document_goes_to_the_buyer_it_names() {
    let (office, other) = shared().await;
    let irns = ["A-4D5E6F70-20261118", "B-4D5E6F70-20261118", "C-4D5E6F70-20261118"];
    for (irn, tin) in irns.iter().zip([TIN, OTHER_TIN, "99999999-0001"]) {
        office.post.send(irn, &invoice(irn, tin), SHARED_KEY);
    }
    // Both list all three; the webhook speaks of one of them too.
    office.pull().await;
    office.settle().await;
    office.engine.pull_inbound(other, None, None).await.unwrap();
    office.engine.announce_inbound(irns[1], None, InboundOrigin::Webhook).await.unwrap();
    office.settle().await;
    let shown = |documents: Vec<taxpoynt_core::store::Inbound>| {
        let taken = documents.into_iter().filter(|d| d.state == InboundState::Acknowledged);
        taken.map(|d| d.irn).collect::<Vec<_>>()
    };
    assert_eq!(shown(office.documents(office.tenant).await), [irns[0]]);
    assert_eq!(shown(office.documents(other).await), [irns[1]]);
    let acknowledged = office.post.acknowledged();
    assert_eq!(acknowledged, [(irns[0].to_owned(), 1), (irns[1].to_owned(), 1)].into());
    for of in [office.tenant, other] {
        for document in office.documents(of).await {
            let state = (document.state, document.code.as_deref());
            let theirs = document.content.json.is_some() || document.content.supplier_name.is_some();
            match state {
                (InboundState::Acknowledged, None) => assert!(theirs),
                (InboundState::Refused, Some("not_ours" | "of_another_tenant")) => {
                    assert!(!theirs, "{document:?}");
                    let resumed = office.engine.acknowledge_inbound(document.id, None).await;
                    assert_eq!(resumed.unwrap_err().kind(), ErrorKind::Conflict);
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn what_is_handed_to_a_tenant_with_its_own_pair_is_downloaded_with_it() {
    let office = Office::with(tenant("Kainji Stores Ltd", TIN, None, InboundPolicy::HoldFaulty)).await;
    let other = tenant("Zuma Bread Ltd", OTHER_TIN, Some(OWN_KEY), InboundPolicy::HoldFaulty);
    let other = office.engine.add_tenant(other).await.unwrap().id.unwrap();
    let row = seal(SHARED_KEY, invoice(IRN, OTHER_TIN).to_string().as_bytes());
    let download = Some(seal(OWN_KEY, invoice(IRN, OTHER_TIN).to_string().as_bytes()));
    let row = json!({"irn": IRN, "content": row});
    office.post.letter(IRN, Letter { download, row, listed: true, of_key: SHARED_KEY.into() });
    office.pull().await;
    office.settle().await;
    assert!(office.documents(office.tenant).await.is_empty());
    let theirs = office.documents(other).await;
    assert_eq!((theirs.len(), theirs[0].state), (1, InboundState::Acknowledged));
}

#[tokio::test]
async fn the_host_may_vouch_for_whose_a_document_is() {
    let (office, _) = shared().await;
    // A TIN of another form: perhaps the same taxpayer, and nobody but a person knows.
    office.post.send(IRN, &invoice(IRN, "2345678901"), SHARED_KEY);
    office.pull().await;
    office.settle().await;
    assert_eq!(office.outcome().await, (InboundState::Refused, Some("not_ours".into())));
    office.engine.announce_inbound(IRN, Some(office.tenant), InboundOrigin::Host).await.unwrap();
    office.settle().await;
    let taken = office.only().await;
    assert_eq!(taken.state, InboundState::Acknowledged);
    assert!(taken.content.findings.iter().any(|f| f.id == "IN-BUY-01" && !f.fatal));
}

#[tokio::test]
async fn an_announcement_nobody_can_look_for_is_left_to_the_listings() {
    let office = Office::open().await;
    let other = tenant("Zuma Bread Ltd", OTHER_TIN, Some(SHARED_KEY), InboundPolicy::HoldFaulty);
    office.engine.add_tenant(other).await.unwrap();
    let announced = office.engine.announce_inbound(IRN, None, InboundOrigin::Webhook).await.unwrap();
    assert_eq!(announced, None, "each tenant has a pair of its own");
    for irn in ["", "..", "a b", "no hyphen"] {
        let error = office.engine.announce_inbound(irn, None, InboundOrigin::Webhook).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Payload, "{irn:?}");
    }
}
