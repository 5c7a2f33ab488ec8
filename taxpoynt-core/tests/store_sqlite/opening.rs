//! Opening: new files, foreign files, and what is still there afterwards.

use crate::world::{Place, at, delivery, till};
use taxpoynt_core::{
    ErrorKind, Retry,
    store::{JobStore, RecordStore, Sqlite, TenantStore},
};

#[cfg(unix)]
#[tokio::test]
async fn a_new_database_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let store = place.open().await;
    till(&store).await;
    let files: Vec<_> = std::fs::read_dir(&place.0).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2, "the journal is beside the database");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn what_was_stored_is_there_after_closing() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await;
    store.ingest(&delivery(connection.id, "e1"), at(0)).await.unwrap();
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.connection(connection.id, None).await.unwrap().sealed, "sealed-token");
    assert_eq!(store.ingest(&delivery(connection.id, "e1"), at(1)).await.unwrap().duplicates, 1);
    assert_eq!(store.pending(at(1)).await.unwrap().due, 1);
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_alone() {
    let place = Place::new();
    let text = "a bookkeeper's notes, and not a database at all\n".repeat(100);
    std::fs::write(place.file(), &text).unwrap();
    let error = Sqlite::open(&place.url()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Store, Retry::Never));
    assert!(!format!("{error:?}").contains("bookkeeper"));
    assert_eq!(std::fs::read_to_string(place.file()).unwrap(), text);
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let place = Place::new();
    let url = format!("sqlite://{}/missing/store.db", place.0.display());
    let error = Sqlite::open(&url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.get("path").unwrap().ends_with("missing/store.db"));
}

#[tokio::test]
async fn two_memory_databases_share_nothing() {
    let one = Sqlite::open("sqlite::memory:").await.unwrap();
    let two = Sqlite::open("sqlite::memory:").await.unwrap();
    one.migrate().await.unwrap();
    two.migrate().await.unwrap();
    till(&one).await;
    assert!(two.connections(None).await.unwrap().is_empty());
    assert_eq!(one.clone().connections(None).await.unwrap().len(), 1);
}
