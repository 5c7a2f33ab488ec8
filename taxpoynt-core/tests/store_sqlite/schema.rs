//! The schema: up, down and up again, and the names a host plans with.

use crate::world::{Place, at, connect, invoice, record, till};
use sqlx::{Column, Row};
use taxpoynt_core::{
    ErrorKind,
    model::RecordKind,
    store::{GroundStore, JobStore, LogStore, Sqlite, SyncEntry, TenantStore},
};

const OBJECTS: &str = "SELECT group_concat(type || ' ' || name || ' ' || coalesce(sql, ''), char(10))
    FROM (SELECT * FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations' ORDER BY name)";

async fn objects(place: &Place) -> Option<String> {
    sqlx::query(OBJECTS).fetch_one(&mut place.other_process().await).await.unwrap().get(0)
}

#[tokio::test]
async fn every_migration_goes_up_down_and_up_again() {
    let place = Place::new();
    let store = place.open().await;
    let full = objects(&place).await.unwrap();
    // With rows in every table that others name.
    let connection = till(&store).await;
    let sale = record(&store, connection.id, RecordKind::Order, "sale-1").await;
    invoice(&store, sale, 1).await;
    let newest = Sqlite::migrations().len() as u32;
    for version in (0..newest).rev() {
        store.revert(version).await.unwrap();
        let left = objects(&place).await;
        assert_eq!(left.is_none(), version == 0, "{version}: {left:?}");
        store.migrate().await.unwrap();
        assert_eq!(objects(&place).await.as_deref(), Some(full.as_str()), "down to {version} and up again");
    }
    assert_eq!(place.count("SELECT count(*) FROM documents").await, 0);
    till(&store).await;
    store.migrate().await.unwrap();
    assert_eq!(place.count("SELECT count(*) FROM schema_migrations").await, i64::from(newest));
}

/// As it was kept before documents shared it: a row for each time that a document was drafted.
const ROWS_OF_GROUNDS: &str = r#"
INSERT INTO ground_texts VALUES ('s1', 'then'), ('s2', 'now'), ('b', 'built in'), ('p', 'of the platform');
INSERT INTO document_grounds (document, body_hash, settings, built_in_rules, platform_rules, drafted_at)
SELECT d.id, r.body_hash, 's1', 'b', 'p', 1 FROM documents d JOIN records r ON r.id = d.record WHERE d.series_number = 1;
INSERT INTO document_grounds (document, body_hash, settings, built_in_rules, platform_rules, drafted_at)
SELECT d.id, r.body_hash, 's2', 'b', 'p', 2 FROM documents d JOIN records r ON r.id = d.record;
"#;

#[tokio::test]
async fn grounds_of_documents_are_shared_from_then_on_and_the_last_ones_stay() {
    let place = Place::new();
    let store = place.open().await;
    let connection = till(&store).await;
    let mut documents = Vec::new();
    for (number, sale) in [(1, "sale-1"), (2, "sale-2")] {
        let sale = record(&store, connection.id, RecordKind::Order, sale).await;
        documents.push(invoice(&store, sale, number).await);
    }
    store.revert(19).await.unwrap();
    sqlx::raw_sql(ROWS_OF_GROUNDS).execute(&mut place.other_process().await).await.unwrap();
    for _up_and_down in 0..2 {
        store.migrate().await.unwrap();
        for document in &documents {
            let grounds = store.grounds(*document).await.unwrap().grounds.unwrap();
            assert_eq!((&*grounds.settings.text, &*grounds.built_in.text), ("now", "built in"));
            assert_eq!((&grounds.raw.body[..], grounds.engine), (&b"{}"[..], None));
        }
        let shared = "SELECT count(DISTINCT grounds) FROM documents WHERE drafted_from IS NOT NULL";
        assert_eq!(place.count(shared).await, 1);
        store.revert(19).await.unwrap();
        assert_eq!(place.count("SELECT count(DISTINCT document) FROM document_grounds").await, 2);
    }
}

#[tokio::test]
async fn the_plain_sql_makes_the_same_schema() {
    let (plain, migrated) = (Place::new(), Place::new());
    let store = migrated.open().await;
    drop(std::fs::File::create(plain.file()).unwrap());
    let mut hands = plain.other_process().await;
    for migration in Sqlite::migrations() {
        sqlx::raw_sql(migration.up).execute(&mut hands).await.unwrap();
    }
    assert_eq!(objects(&plain).await, objects(&migrated).await);
    for migration in Sqlite::migrations().iter().rev() {
        sqlx::raw_sql(migration.down).execute(&mut hands).await.unwrap();
    }
    assert_eq!(objects(&plain).await, None);
    store.close().await;
}

#[tokio::test]
async fn a_database_of_a_newer_engine_is_refused() {
    let place = Place::new();
    let store = place.open().await;
    let newer = "INSERT INTO schema_migrations VALUES (99, 'from the future', 'x', 0)";
    sqlx::query(newer).execute(&mut place.other_process().await).await.unwrap();
    assert_eq!(store.migrate().await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn a_migration_with_another_text_is_refused() {
    let place = Place::new();
    let store = place.open().await;
    let edited = "UPDATE schema_migrations SET up_hash = 'x' WHERE version = 2";
    sqlx::query(edited).execute(&mut place.other_process().await).await.unwrap();
    let error = store.migrate().await.unwrap_err();
    assert_eq!((error.kind(), error.get("migration")), (ErrorKind::Config, Some("2")));
}

#[tokio::test]
async fn a_host_reads_its_tables_by_the_planned_names_without_secrets() {
    let place = Place::new();
    let store = place.open().await;
    let (pos, crm) = (till(&store).await, connect(&store, "crm", "crm").await);
    let sale = record(&store, pos.id, RecordKind::Order, "sale-1").await;
    record(&store, crm.id, RecordKind::Deal, "deal-1").await;
    invoice(&store, sale, 1).await;
    let pull = SyncEntry {
        connection: pos.id,
        started_at: at(0),
        finished_at: at(1),
        seen: 1,
        new: 1,
        changed: 0,
        unchanged: 0,
        failed: 0,
        error: None,
    };
    store.log_sync(&pull, None).await.unwrap();
    let mut hands = place.other_process().await;
    for (query, names) in [
        ("SELECT * FROM crm_connections", "tenant_id platform account_id state"),
        ("SELECT * FROM pos_connections", "tenant_id platform account_id state"),
        ("SELECT * FROM crm_deals", "tenant_id connection_id deal_id record held_code invoice_number"),
        (
            "SELECT * FROM pos_transactions",
            "tenant_id connection_id transaction_id record invoice_number invoice_irn",
        ),
        ("SELECT * FROM sync_logs", "tenant_id connection_id seen failed error"),
    ] {
        let rows = sqlx::query(query).fetch_all(&mut hands).await.unwrap();
        assert_eq!(rows.len(), 1, "{query}");
        let columns: Vec<_> = rows[0].columns().iter().map(|column| column.name()).collect();
        for name in names.split(' ') {
            assert!(columns.contains(&name), "{query} has no {name}");
        }
        for secret in ["sealed", "settings"] {
            assert!(!columns.contains(&secret), "{query} shows {secret}");
        }
    }
    let number: String = sqlx::query("SELECT invoice_number FROM pos_transactions")
        .fetch_one(&mut hands)
        .await
        .unwrap()
        .get(0);
    assert_eq!(number, "INV000001");
}

#[tokio::test]
async fn without_its_tables_the_store_says_so() {
    let place = Place::new();
    let store = Sqlite::open(&place.url()).await.unwrap();
    let error = store.pending(at(0)).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Store, "store.pending"));
    store.migrate().await.unwrap();
    store.pending(at(0)).await.unwrap();
}
