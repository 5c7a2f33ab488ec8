//! What can only be seen, or brought about, on the writer's own connection.

use super::Sqlite;
use crate::{
    ErrorKind, Retry,
    store::{Connection, Delivery, Lane, NewConnection, RecordStore, TenantStore},
    tenant::Tenant,
};
use chrono::DateTime;
use std::path::PathBuf;

struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

async fn opened() -> (Sqlite, Connection, Place) {
    let place = Place(std::env::temp_dir().join(format!("taxpoynt-writer-{}", uuid::Uuid::now_v7())));
    std::fs::create_dir(&place.0).unwrap();
    let store = Sqlite::open(&format!("sqlite://{}/store.db", place.0.display())).await.unwrap();
    store.migrate().await.unwrap();
    let tenant = Tenant { name: "Ada Foods Ltd".into(), ..Tenant::default() };
    let tenant = store.put_tenant(&tenant, None, DateTime::UNIX_EPOCH).await.unwrap();
    let till = NewConnection {
        tenant,
        platform: "till".into(),
        family: "pos",
        account: "merchant-1".into(),
        account_name: None,
        settings: Default::default(),
        sealed: "sealed".into(),
    };
    let till = store.put_connection(&till, DateTime::UNIX_EPOCH).await.unwrap();
    (store, till, place)
}

async fn number(store: &Sqlite, statement: &str) -> i64 {
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    store
        .write("test", move |connection| {
            Box::pin(async move { Ok(sqlx::query_scalar(statement).fetch_one(connection).await?) })
        })
        .await
        .unwrap()
}

fn event(connection: &Connection, id: u32) -> Delivery {
    Delivery {
        connection: connection.id,
        body: vec![b'x'; 20_000].into(),
        events: vec![(format!("e{id}"), "order.updated".into(), None)],
        lane: Lane::High,
    }
}

#[tokio::test]
async fn every_commit_is_on_disk_before_it_is_answered() {
    let (store, ..) = opened().await;
    assert_eq!(number(&store, "SELECT synchronous FROM pragma_synchronous").await, 2, "FULL");
    assert_eq!(number(&store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode").await, 1);
    assert_eq!(number(&store, "SELECT foreign_keys FROM pragma_foreign_keys").await, 1);
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_answered_and_the_store_recovers() {
    let (store, till, _place) = opened().await;
    let pages = number(&store, "PRAGMA page_count").await + 20;
    number(&store, &format!("PRAGMA max_page_count = {pages}")).await;
    let (mut answered, mut refused) = (0, 0);
    while refused < 3 {
        // Refused ones come together with one that fits, in the same commit.
        let (large, small) =
            (event(&till, answered + refused), Delivery { body: "{}".into(), ..event(&till, 1_000_000) });
        let (large, _) = tokio::join!(
            store.ingest(&large, DateTime::UNIX_EPOCH),
            store.ingest(&small, DateTime::UNIX_EPOCH)
        );
        match large {
            Ok(_) => answered += 1,
            Err(error) => {
                assert_eq!((error.kind(), error.retry()), (ErrorKind::Store, Retry::Never), "{error:?}");
                assert!(error.message().contains("full"), "{error}");
                refused += 1;
            }
        }
    }
    assert!(answered > 0);
    number(&store, "PRAGMA max_page_count = 1000000").await;
    let stored = number(&store, "SELECT count(*) FROM events WHERE event_id <> 'e1000000'").await;
    assert_eq!(stored, i64::from(answered));
    assert_eq!(store.ingest(&event(&till, 2_000_000), DateTime::UNIX_EPOCH).await.unwrap().new, 1);
}
