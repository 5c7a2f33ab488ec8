//! The same way against the simulated authority, over real HTTP.

use taxpoynt_core::{
    store::{Inbound, InboundFilter, InboundOrigin, InboundState},
    tenant::InboundPolicy,
};
use taxpoynt_sim::{Form, Incoming};
use taxpoynt_tests::House;

async fn received(house: &House) -> Vec<Inbound> {
    let filter = InboundFilter { tenant: Some(house.tenant), ..InboundFilter::default() };
    let mut all = Vec::new();
    for row in house.engine.inbound(&filter).await.unwrap().items {
        all.push(house.engine.inbound_document(row.id, Some(house.tenant)).await.unwrap());
    }
    all.reverse();
    all
}

async fn put(house: &House, form: Form) -> String {
    let incoming = Incoming { form, announce: false, ..Incoming::default() };
    house.sim.authority().put_in_inbox(incoming).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_simulated_authority_holds_arrives_in_each_form() {
    let house = House::open().await;
    let forms = [
        (Form::Json, InboundState::Acknowledged, None),
        (Form::Base64, InboundState::Acknowledged, None),
        (Form::DataUri, InboundState::Acknowledged, None),
        (Form::Plain, InboundState::Acknowledged, None),
        (Form::Pdf, InboundState::Held, Some("pdf_only")),
        (Form::Xml, InboundState::Unreadable, Some("xml_malformed")),
        (Form::OtherIrn, InboundState::Unreadable, Some("irn_differs")),
        (Form::OtherKey, InboundState::Unreadable, Some("not_readable")),
        (Form::ShortIv, InboundState::Unreadable, Some("envelope_malformed")),
    ];
    let mut irns = Vec::new();
    for (form, ..) in forms {
        irns.push(put(&house, form).await);
    }
    let report = house.engine.pull_inbound(house.tenant, None, None).await.unwrap();
    assert_eq!((report.seen, report.new, report.failed), (9, 9, 0));
    house.engine.announce_inbound(&irns[0], None, InboundOrigin::Webhook).await.unwrap();
    house.settle().await;
    for (document, (form, state, code)) in received(&house).await.iter().zip(forms) {
        assert_eq!((document.state, document.code.as_deref()), (state, code), "{form:?}: {document:?}");
        assert!(document.raw.is_some());
    }
    for there in house.sim.authority().inbox() {
        let taken = matches!(there.form, Form::Json | Form::Base64 | Form::DataUri | Form::Plain);
        assert_eq!(
            (there.acknowledged, there.acknowledged_count),
            (taken, u64::from(taken)),
            "{:?}",
            there.form
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_cannot_be_had_yet_is_had_later() {
    let house = House::of(|tenant| tenant.policy.inbound = InboundPolicy::Acknowledge).await;
    let irn = put(&house, Form::Metadata).await;
    house.engine.pull_inbound(house.tenant, None, None).await.unwrap();
    while house.engine.work_once().await.unwrap() > 0 {}
    assert_eq!(received(&house).await[0].state, InboundState::Announced);
    let invoice = house.sim.authority().inbox()[0].invoice.clone();
    let incoming = Incoming { invoice: Some(invoice.clone()), announce: false, ..Incoming::default() };
    house.sim.authority().put_in_inbox(incoming).await.unwrap();
    house.settle().await;
    let document = received(&house).await.remove(0);
    assert_eq!((document.state, document.irn), (InboundState::Acknowledged, irn));
    let kept: serde_json::Value = serde_json::from_str(document.content.json.as_deref().unwrap()).unwrap();
    assert_eq!(kept, invoice);
}
