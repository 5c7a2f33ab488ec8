//! Crashes: what was answered is there, and nothing is half done.

use crate::world::{Place, at, delivery, invoice, record, till};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};
use taxpoynt_core::{
    model::RecordKind,
    store::{DocumentFilter, DocumentStore, RecordStore},
};

const CHILD: &str = "TAXPOYNT_STORE_CRASH_FILE";
const ANSWERED_BEFORE_THE_KILL: usize = 150;

/// Half of these are webhooks, half are whole invoices; each is printed after the store answered.
async fn sell_until_killed(folder: std::path::PathBuf) {
    let place = std::mem::ManuallyDrop::new(Place(folder));
    let store = place.open().await;
    let connection = till(&store).await;
    for number in 1.. {
        let event = format!("e{number}");
        store.ingest(&delivery(connection.id, &event), at(0)).await.unwrap();
        let sale = record(&store, connection.id, RecordKind::Order, &event).await;
        invoice(&store, sale, number).await;
        println!("answered {number}");
    }
}

/// The test runs itself as the process that is killed.
#[tokio::test]
async fn a_killed_process_loses_nothing_it_answered_and_leaves_nothing_half_done() {
    if let Ok(folder) = std::env::var(CHILD) {
        sell_until_killed(folder.into()).await;
    }
    let place = Place::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "crash::a_killed_process_loses_nothing_it_answered_and_leaves_nothing_half_done",
        ])
        .env(CHILD, &place.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let answered = lines
        .map(Result::unwrap)
        .filter(|line| line.starts_with("answered "))
        .take(ANSWERED_BEFORE_THE_KILL)
        .count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(answered, ANSWERED_BEFORE_THE_KILL, "the process ended by itself");

    let store = place.open().await;
    let connection = till(&store).await;
    for number in 1..=answered {
        let again = store.ingest(&delivery(connection.id, &format!("e{number}")), at(1)).await.unwrap();
        assert_eq!(again.duplicates, 1, "event {number} was answered and is lost");
    }
    let page = store.documents(&DocumentFilter { limit: Some(1000), ..Default::default() }).await.unwrap();
    let documents = page.items.len() as i64;
    assert!(documents >= answered as i64);
    assert_eq!(place.count("SELECT next FROM number_series").await, documents + 1, "a gap in the numbers");
    for (what, half_done) in [
        (
            "documents without a submission",
            "SELECT count(*) FROM documents WHERE id NOT IN (SELECT subject FROM jobs)",
        ),
        (
            "events without a body",
            "SELECT count(*) FROM events WHERE delivery NOT IN (SELECT id FROM deliveries)",
        ),
        (
            "records without a body",
            "SELECT count(*) FROM records WHERE id NOT IN (SELECT record FROM record_versions)",
        ),
        (
            "a database that is not sound",
            "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        ),
        ("broken references", "SELECT count(*) FROM pragma_foreign_key_check"),
    ] {
        assert_eq!(place.count(half_done).await, 0, "{what}");
    }
}

#[tokio::test]
async fn a_transaction_left_open_is_undone() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await;
    store.ingest(&delivery(connection.id, "e1"), at(0)).await.unwrap();
    // What another process had written, and not committed, when the machine stopped.
    let mut hands = place.other_process().await;
    for statement in ["BEGIN IMMEDIATE", "DELETE FROM events", "DELETE FROM jobs", "PRAGMA cache_size = 1"] {
        sqlx::query(statement).execute(&mut hands).await.unwrap();
    }
    let after = Place::new();
    for file in std::fs::read_dir(&place.0).unwrap().map(Result::unwrap) {
        // The index of the journal is memory, and does not survive.
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), after.0.join(file.file_name())).unwrap();
        }
    }
    let store = after.open().await;
    assert_eq!(store.ingest(&delivery(connection.id, "e1"), at(1)).await.unwrap().duplicates, 1);
    assert_eq!(after.count("SELECT count(*) FROM jobs").await, 1);
}
