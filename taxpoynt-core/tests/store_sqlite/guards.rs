//! The triggers: what even hands on the open file cannot do.

use crate::world::{Place, at, invoice, record, till};
use sqlx::AssertSqlSafe;
use std::time::Duration;
use taxpoynt_core::{
    firs::lifecycle::state_at,
    model::RecordKind,
    store::{DocumentStore, JobStore, Sqlite, Stage, Submission},
};
use uuid::Uuid;

async fn with_invoice(place: &Place) -> (Sqlite, Uuid) {
    let store = place.open().await;
    let connection = till(&store).await;
    let sale = record(&store, connection.id, RecordKind::Order, "sale-1").await;
    let id = invoice(&store, sale, 1).await;
    (store, id)
}

async fn reach(store: &Sqlite, document: Uuid, stage: Stage) {
    let jobs = store.claim(10, Duration::from_secs(60), at(2)).await.unwrap();
    let job = jobs.iter().find(|job| format!("{:?}", job.kind).contains(&document.to_string())).unwrap();
    let way = [
        Stage::Validated,
        Stage::Signing,
        Stage::Signed,
        Stage::Transmitting,
        Stage::Transmitted,
        Stage::Confirmed,
    ];
    for stage in way.into_iter().filter(|between| *between <= stage) {
        let submission = Submission {
            document,
            stage,
            state: state_at(stage),
            message: None,
            code: None,
            finished: false,
            csid: None,
        };
        store.settle_submission(&submission, &job.fence, at(2)).await.unwrap();
    }
}

async fn refused(place: &Place, statement: &str) -> String {
    let error =
        sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut place.other_process().await).await;
    error.expect_err(statement).to_string()
}

const CONTENT: [&str; 10] = [
    "document_type = 'credit_note'",
    "kind = 'B2B'",
    "issue_date = '2020-01-01'",
    "currency = 'USD'",
    "payable_amount = '1.00'",
    "content_hash = 'x'",
    "invoice = 'x'",
    "ubl = x'00'",
    "mbs = x'00'",
    "provenance = 'x'",
];

#[tokio::test]
async fn signed_content_cannot_be_edited() {
    for stage in [Stage::Signing, Stage::Signed, Stage::Confirmed] {
        let place = Place::new();
        let (store, id) = with_invoice(&place).await;
        for change in CONTENT {
            let before = sqlx::query(AssertSqlSafe(format!("UPDATE documents SET {change}")));
            before.execute(&mut place.other_process().await).await.unwrap();
        }
        reach(&store, id, stage).await;
        for change in CONTENT {
            let other = change.replace("x'00'", "x'01'").replace("'x'", "'y'").replace("1.00", "2.00");
            let other = other.replace("'credit_note'", "'debit_note'").replace("B2B", "B2G");
            let other = other.replace("2020", "2021").replace("USD", "EUR");
            let message = refused(&place, &format!("UPDATE documents SET {other}")).await;
            assert!(message.contains("correct it with a credit note"), "{stage:?} {change}: {message}");
        }
        assert!(refused(&place, "UPDATE documents SET stage = 10").await.contains("never goes back"));
        let from = refused(&place, "UPDATE documents SET drafted_from = 'elsewhere'").await;
        assert!(from.contains("drafted under is not edited after sign"), "{stage:?}: {from}");
    }
}

#[tokio::test]
async fn a_number_and_the_stamp_of_an_irn_never_change() {
    let place = Place::new();
    let (_store, _) = with_invoice(&place).await;
    for change in [
        "number = 'INV000002'",
        "stamp = 'another'",
        "series = 'X{seq}'",
        "series_number = 2",
        "purpose = 'invoice 2'",
    ] {
        let message = refused(&place, &format!("UPDATE documents SET {change}")).await;
        assert!(message.contains("never change"), "{change}: {message}");
    }
}

#[tokio::test]
async fn a_csid_never_changes() {
    let place = Place::new();
    let (_store, _) = with_invoice(&place).await;
    let first = "UPDATE documents SET csid = 'of the access point'";
    sqlx::query(first).execute(&mut place.other_process().await).await.unwrap();
    for change in ["csid = 'another'", "csid = NULL"] {
        let message = refused(&place, &format!("UPDATE documents SET {change}")).await;
        assert!(message.contains("never changes"), "{change}: {message}");
    }
}

#[tokio::test]
async fn an_irn_changes_with_its_stamp_and_not_after_sign() {
    let place = Place::new();
    let (store, id) = with_invoice(&place).await;
    let change = "UPDATE documents SET irn = 'INV000001-AAAAAAAA-20260528', stamp = 'another'";
    sqlx::query(change).execute(&mut place.other_process().await).await.unwrap();
    reach(&store, id, Stage::Signing).await;
    let back = "UPDATE documents SET irn = 'INV000001-6997D6BB-20260528', stamp = 'stamp'";
    assert!(refused(&place, back).await.contains("never change after sign"));
}

#[tokio::test]
async fn documents_numbers_versions_and_the_audit_trail_cannot_be_taken_back() {
    let place = Place::new();
    let (_store, _) = with_invoice(&place).await;
    for (statement, why) in [
        ("DELETE FROM document_stages; DELETE FROM documents", "never deleted"),
        ("UPDATE number_series SET next = 1", "goes on by one"),
        ("UPDATE number_series SET next = 4", "goes on by one"),
        ("UPDATE record_versions SET body = x'00'", "never edited"),
        ("UPDATE audit SET detail = ''", "only added to"),
        ("DELETE FROM audit", "only added to"),
        ("INSERT INTO ground_texts VALUES ('a', 'b'); UPDATE ground_texts SET text = 'c'", "never edited"),
        ("INSERT INTO ground_texts VALUES ('d', 'b'); DELETE FROM ground_texts", "is kept for as long"),
        (
            "INSERT INTO ground_texts VALUES ('e', 'b');
             INSERT INTO grounds (settings, built_in_rules, platform_rules, lookup_tables) VALUES ('e', 'e', 'e', '{}');
             UPDATE grounds SET engine = '2'",
            "never edited",
        ),
        (
            "INSERT INTO ground_texts VALUES ('f', 'b');
             INSERT INTO grounds (settings, built_in_rules, platform_rules, lookup_tables) VALUES ('f', 'f', 'f', '{}');
             DELETE FROM grounds",
            "is kept for as long",
        ),
    ] {
        let message = refused(&place, statement).await;
        assert!(message.contains(why), "{statement}: {message}");
    }
}

#[tokio::test]
async fn every_body_of_a_record_is_kept() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await;
    for (body, modified) in [("v1", 1), ("v2", 2), ("v1", 3)] {
        let raw = taxpoynt_core::model::RawRecord {
            key: taxpoynt_core::model::SourceKey::new(RecordKind::Order, "sale-1"),
            modified_at: Some(at(modified)),
            body: bytes::Bytes::from(body),
        };
        let put = taxpoynt_core::store::PutRecord {
            connection: connection.id,
            raw,
            lane: taxpoynt_core::store::Lane::High,
            queue: false,
        };
        taxpoynt_core::store::RecordStore::put_record(&store, &put, None, at(modified)).await.unwrap();
    }
    assert_eq!(place.count("SELECT count(*) FROM record_versions").await, 2);
    assert_eq!(place.count("SELECT count(*) FROM records").await, 1);
}
