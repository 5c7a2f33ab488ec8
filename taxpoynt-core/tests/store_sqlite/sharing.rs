//! The one writer: moves share a commit, and none disturbs another.

use crate::world::{Place, at, delivery, till};
use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};
use taxpoynt_core::{
    ErrorKind, Retry,
    store::{JobStore, RecordStore},
};
use uuid::Uuid;

/// Frames of the journal that end a commit (<https://www.sqlite.org/fileformat2.html#walformat>).
fn commits(place: &Place) -> usize {
    let journal = std::fs::read(place.0.join("store.db-wal")).unwrap();
    let page = u32::from_be_bytes(journal[8..12].try_into().unwrap()) as usize;
    journal[32..].chunks_exact(24 + page).filter(|frame| frame[4..8] != [0; 4]).count()
}

#[tokio::test]
async fn moves_that_arrive_together_share_one_commit() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await.id;
    let before = commits(&place);
    for i in 0..50 {
        let event = delivery(connection, &format!("e{i}"));
        let mut move_in_hand = pin!(store.ingest(&event, at(0)));
        assert!(move_in_hand.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    store.ingest(&delivery(connection, "last"), at(0)).await.unwrap();
    assert_eq!(store.pending(at(0)).await.unwrap().due, 51);
    assert_eq!(commits(&place) - before, 1);
}

#[tokio::test]
async fn a_refused_move_undoes_itself_alone() {
    let place = Place::new();
    let store = Arc::new(place.open().await);
    let connection = till(&store).await.id;
    let senders: Vec<_> = (0..100)
        .map(|i| {
            let store = Arc::clone(&store);
            // Every third names no connection of ours.
            let to = if i % 3 == 0 { Uuid::now_v7() } else { connection };
            tokio::spawn(async move { store.ingest(&delivery(to, &format!("e{i}")), at(0)).await })
        })
        .collect();
    for (i, sender) in senders.into_iter().enumerate() {
        match sender.await.unwrap() {
            Ok(ingested) => assert!(i % 3 != 0 && ingested.new == 1),
            Err(error) => assert!(i % 3 == 0 && error.kind() == ErrorKind::NotFound, "{error:?}"),
        }
    }
    assert_eq!(place.count("SELECT count(*) FROM events").await, 66);
    assert_eq!(place.count("SELECT count(*) FROM deliveries").await, 66);
}

#[tokio::test]
async fn a_caller_that_stops_waiting_abandons_no_move() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await.id;
    {
        let event = delivery(connection, "e1");
        let mut move_in_hand = pin!(store.ingest(&event, at(0)));
        // Far enough to be handed over, and no further.
        assert!(move_in_hand.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    // A later move is written after it.
    store.ingest(&delivery(connection, "e2"), at(0)).await.unwrap();
    assert_eq!(store.pending(at(0)).await.unwrap().due, 2);
}

#[tokio::test]
async fn closing_waits_for_the_moves_in_hand() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await.id;
    for i in 0..50 {
        let event = delivery(connection, &format!("e{i}"));
        let mut move_in_hand = pin!(store.ingest(&event, at(0)));
        assert!(move_in_hand.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    store.close().await;
    assert_eq!(place.count("SELECT count(*) FROM events").await, 50);
}

#[tokio::test]
async fn readers_do_not_wait_for_another_process_that_writes() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await.id;
    let mut hands = place.other_process().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut hands).await.unwrap();
    assert_eq!(store.pending(at(0)).await.unwrap().due, 0);
    sqlx::query("COMMIT").execute(&mut hands).await.unwrap();
    store.ingest(&delivery(connection, "e1"), at(0)).await.unwrap();
}

#[tokio::test]
async fn a_database_kept_busy_says_try_again_and_works_afterwards() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await.id;
    let mut hands = place.other_process().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut hands).await.unwrap();
    let error = store.ingest(&delivery(connection, "e1"), at(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Store, Retry::Now));
    assert_eq!(error.operation(), "store.ingest");
    sqlx::query("ROLLBACK").execute(&mut hands).await.unwrap();
    assert_eq!(store.ingest(&delivery(connection, "e1"), at(0)).await.unwrap().new, 1);
}
