//! The way of a document: announced, downloaded, checked, acknowledged, once.

use crate::{
    office::{IRN, OWN_KEY, Office, SHARED_KEY, TIN, invoice},
    post::{Letter, seal},
};
use serde_json::json;
use std::time::Duration;
use taxpoynt_core::{
    ErrorKind,
    engine::InboundReport,
    store::{InboundOrigin, InboundState},
};
use taxpoynt_ubl::{Ruleset, Severity, validate};

#[tokio::test]
async fn an_invoice_from_a_supplier_is_downloaded_checked_and_acknowledged() {
    let office = Office::open().await;
    let sent = invoice(IRN, TIN);
    office.post.send(IRN, &sent, OWN_KEY);
    let report = office.pull().await;
    assert_eq!(report, InboundReport { seen: 1, new: 1, known: 0, failed: 0 });
    office.settle().await;
    let document = office.only().await;
    assert_eq!((document.state, document.code.as_deref()), (InboundState::Acknowledged, None));
    let content = &document.content;
    assert_eq!(content.supplier_name.as_deref(), Some("Ream & Sons Ltd"));
    assert_eq!(content.supplier_tin.as_deref(), Some("22334455-0001"));
    assert_eq!(
        (content.number.as_deref(), content.payable_amount.as_deref()),
        (Some("SUP-2026-7"), Some("26500"))
    );
    let kept: serde_json::Value = serde_json::from_str(content.json.as_deref().unwrap()).unwrap();
    assert_eq!(kept, sent, "the supplier's own words");
    assert!(!content.is_faulty(), "{:?}", content.findings);
    let ubl = content.ubl.as_ref().unwrap();
    let fatal: Vec<_> = validate(ubl, &[Ruleset::En16931, Ruleset::Ubl21]).unwrap();
    let fatal: Vec<_> = fatal.into_iter().filter(|f| f.severity == Severity::Fatal).collect();
    assert!(fatal.is_empty(), "{fatal:?}");
    let read = taxpoynt_ubl::parse(ubl).unwrap();
    assert_eq!(read.lines[1].tax.category, taxpoynt_ubl::TaxCategory::Z, "the book, and not the paper");
    assert_eq!(office.post.acknowledged(), [(IRN.to_owned(), 1)].into());
    let events: Vec<_> =
        office.engine.inbound_audit(document.id, None).await.unwrap().into_iter().map(|e| e.event).collect();
    assert_eq!(
        events,
        ["inbound.announced", "inbound.downloaded", "inbound.checked", "inbound.acknowledged"]
    );
}

#[tokio::test]
async fn webhook_and_pull_of_one_document_make_one_document() {
    let office = Office::open().await;
    office.post.send(IRN, &invoice(IRN, TIN), OWN_KEY);
    let announce = || office.engine.announce_inbound(IRN, Some(office.tenant), InboundOrigin::Webhook);
    let first = announce().await.unwrap();
    assert_eq!(office.pull().await, InboundReport { seen: 1, new: 0, known: 1, failed: 0 });
    assert_eq!(announce().await.unwrap(), first);
    office.settle().await;
    assert_eq!(announce().await.unwrap(), first);
    office.pull().await;
    office.settle().await;
    assert_eq!(office.only().await.state, InboundState::Acknowledged);
    assert_eq!(office.post.acknowledged()[IRN], 1);
    let downloads = office.post.calls().iter().filter(|call| call.contains("download")).count();
    assert_eq!(downloads, 1);
}

#[tokio::test]
async fn a_document_not_yet_to_be_had_is_fetched_when_it_is() {
    let office = Office::open().await;
    office.engine.announce_inbound(IRN, None, InboundOrigin::Webhook).await.unwrap();
    office.work().await;
    assert_eq!(office.only().await.state, InboundState::Announced, "the authority does not know it yet");
    office.post.put(IRN, json!({"irn": IRN, "payment_status": "PENDING"}));
    office.clock.advance(Duration::from_secs(301));
    office.work().await;
    assert_eq!(office.only().await.state, InboundState::Announced, "bare metadata");
    office.post.send(IRN, &invoice(IRN, TIN), OWN_KEY);
    office.engine.announce_inbound(IRN, None, InboundOrigin::Webhook).await.unwrap();
    office.work().await;
    assert_eq!(office.only().await.state, InboundState::Acknowledged, "the hint brings it at once");
}

#[tokio::test]
async fn what_never_comes_waits_for_a_person_in_the_end() {
    let office = Office::open().await;
    office.engine.announce_inbound(IRN, Some(office.tenant), InboundOrigin::Host).await.unwrap();
    let begun = office.post.calls().len();
    office.settle().await;
    let document = office.only().await;
    assert_eq!((document.state, document.code.as_deref()), (InboundState::Held, Some("gave_up")));
    assert_eq!(document.message.as_deref(), Some("The authority does not know the document."));
    assert_eq!(office.post.calls().len() - begun, 80);
    let nothing = office.engine.acknowledge_inbound(document.id, Some(office.tenant)).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::Conflict);
    office.post.send(IRN, &invoice(IRN, TIN), OWN_KEY);
    office.engine.retry_inbound(document.id, Some(office.tenant)).await.unwrap();
    office.settle().await;
    assert_eq!(office.outcome().await, (InboundState::Acknowledged, None));
}

#[tokio::test]
async fn content_that_a_listing_carries_is_not_downloaded_again() {
    let office = Office::open().await;
    let sealed = seal(OWN_KEY, invoice(IRN, TIN).to_string().as_bytes());
    let nameless = "N-4D5E6F70-20261118";
    let sealed_nameless = seal(OWN_KEY, invoice(nameless, TIN).to_string().as_bytes());
    let mut row = sealed.clone();
    row["irn"] = json!(IRN);
    let letter = |row, sealed| Letter { download: Some(sealed), row, listed: true, of_key: String::new() };
    office.post.letter(IRN, letter(row, sealed));
    office.post.letter(nameless, letter(json!({"content": sealed_nameless}), sealed_nameless.clone()));
    assert_eq!(office.pull().await, InboundReport { seen: 2, new: 2, known: 0, failed: 0 });
    office.settle().await;
    let mut irns: Vec<_> =
        office.documents(office.tenant).await.into_iter().map(|d| (d.irn, d.state)).collect();
    irns.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [nameless, IRN].map(|irn| (irn.to_owned(), InboundState::Acknowledged));
    assert_eq!(irns, expected);
    assert!(office.post.calls().iter().all(|call| !call.contains("download")), "{:?}", office.post.calls());
}

#[tokio::test]
async fn a_row_that_names_nothing_is_kept_once() {
    let office = Office::open().await;
    let row = json!({"something": "else", "amount": 7});
    office.post.letter("X", Letter { download: None, row: row.clone(), listed: true, of_key: String::new() });
    for _ in 0..3 {
        assert_eq!(office.pull().await, InboundReport { seen: 1, new: 0, known: 0, failed: 1 });
        office.settle().await;
    }
    let document = office.only().await;
    assert_eq!((document.state, document.code.as_deref()), (InboundState::Unreadable, Some("irn_missing")));
    let kept: serde_json::Value = serde_json::from_slice(&document.raw.clone().unwrap()).unwrap();
    assert_eq!(kept, row);
    assert_eq!(
        office.engine.acknowledge_inbound(document.id, None).await.unwrap_err().kind(),
        ErrorKind::Conflict
    );
    office.engine.retry_inbound(document.id, None).await.unwrap();
    office.settle().await;
    assert_eq!(office.outcome().await.0, InboundState::Unreadable);
    assert!(office.post.calls().iter().all(|call| call.starts_with("GET pull")), "nobody is asked for it");
}

#[tokio::test]
async fn the_next_listing_starts_before_the_last_one_ended() {
    let office = Office::open().await;
    office.pull().await;
    office.clock.advance(Duration::from_secs(3 * 86_400));
    office.pull().await;
    let days = ["2026-01-01", "2026-02-01"].map(|day| day.parse().ok());
    office.engine.pull_inbound(office.tenant, days[0], days[1]).await.unwrap();
    office.pull().await;
    let expected = ["", "from=2026-10-20", "from=2026-01-01&to=2026-02-01", "from=2026-10-23"]
        .map(|q| format!("GET pull?{q}"));
    assert_eq!(office.post.calls(), expected);
}

#[tokio::test]
async fn after_a_crash_in_the_middle_it_goes_on() {
    let office = Office::open().await;
    office.post.send(IRN, &invoice(IRN, TIN), OWN_KEY);
    office.pull().await;
    // Somebody claims the job and is never heard of again, after each step.
    use taxpoynt_core::store::{InboundStep, InboundStore, TenantJobStore};
    let lease = Duration::from_secs(300);
    for state in [InboundState::Announced, InboundState::Downloaded, InboundState::Checked] {
        let now = taxpoynt_core::Clock::now(&*office.clock);
        let jobs = office.store.claim_tenant_jobs(9, lease, now).await.unwrap();
        assert_eq!(jobs.len(), 1, "{state:?}");
        let only = office.only().await;
        let raw = (state == InboundState::Downloaded)
            .then(|| seal(OWN_KEY, invoice(IRN, TIN).to_string().as_bytes()).to_string().into());
        let step = InboundStep { id: only.id, state, reason: None, raw, content: None, finished: false };
        office.store.settle_inbound(&step, &jobs[0].fence, now).await.unwrap();
        office.work().await;
        assert_eq!(office.only().await.state, state, "its lease still runs");
        office.clock.advance(Duration::from_secs(301));
    }
    let engine = office.another_engine().await;
    while engine.work_once().await.unwrap() > 0 {}
    assert_eq!(office.outcome().await, (InboundState::Acknowledged, None));
}

#[tokio::test]
async fn a_corrected_key_opens_what_could_not_be_opened() {
    let office = Office::open().await;
    office.post.send(IRN, &invoice(IRN, TIN), SHARED_KEY);
    office.pull().await;
    office.settle().await;
    let document = office.only().await;
    assert_eq!((document.state, document.code.as_deref()), (InboundState::Unreadable, Some("not_readable")));
    assert!(document.message.unwrap().contains("api_key"));
    assert!(document.raw.is_some() && office.post.acknowledged().is_empty());
    let mut corrected = crate::office::tenant("Kainji Stores Ltd", TIN, Some(SHARED_KEY), Default::default());
    corrected.id = Some(office.tenant);
    office.engine.add_tenant(corrected).await.unwrap();
    office.engine.retry_inbound(document.id, Some(office.tenant)).await.unwrap();
    office.settle().await;
    assert_eq!(office.outcome().await, (InboundState::Acknowledged, None));
}
