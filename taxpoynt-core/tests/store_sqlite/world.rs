//! A folder with a database, a seller with a till, and a second pair of hands on the file.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sqlx::{ConnectOptions, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{collections::BTreeMap, path::PathBuf};
use taxpoynt_core::store::Waiting;
use taxpoynt_core::{
    model::{RawRecord, RecordKind, SourceKey},
    store::{
        Connection, Delivery, DocumentStore, Lane, NewConnection, NewDocument, Prepared, PreparedDocument,
        PutRecord, RecordStore, Sqlite, Taken, TenantStore,
    },
    tenant::Tenant,
};
use taxpoynt_ubl::DocumentType;
use uuid::Uuid;

/// A folder that goes with the test.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("taxpoynt-sqlite-{}", Uuid::now_v7()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("store.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.file().display())
    }

    pub(crate) async fn open(&self) -> Sqlite {
        let store = Sqlite::open(&self.url()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// Another process, as far as SQLite can tell.
    pub(crate) async fn other_process(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.file()).connect().await.unwrap()
    }

    /// One number read by that process.
    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query(query).fetch_one(&mut self.other_process().await).await.unwrap().get(0)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
}

pub(crate) async fn till(store: &Sqlite) -> Connection {
    connect(store, "till", "pos").await
}

pub(crate) async fn connect(store: &Sqlite, platform: &str, family: &'static str) -> Connection {
    let business_id = Some("6997d6bb-0000-4000-8000-000000000001".to_owned());
    let tenant = Tenant { name: "Ada Foods Ltd".into(), business_id, ..Tenant::default() };
    let tenant = store.put_tenant(&tenant, Some("sealed-authority"), at(0)).await.unwrap();
    let new = NewConnection {
        tenant,
        platform: platform.to_owned(),
        family,
        account: "account-1".into(),
        account_name: None,
        settings: BTreeMap::from([("webhook_url".into(), "https://host/secret-path".into())]),
        sealed: "sealed-token".into(),
    };
    store.put_connection(&new, at(0)).await.unwrap()
}

pub(crate) fn delivery(connection: Uuid, event: &str) -> Delivery {
    let key = SourceKey::new(RecordKind::Order, format!("sale of {event}"));
    let events = vec![(event.to_owned(), "order.updated".to_owned(), Some(key))];
    Delivery { connection, body: Bytes::from(format!("body of {event}")), events, lane: Lane::High }
}

pub(crate) async fn record(store: &Sqlite, connection: Uuid, kind: RecordKind, id: &str) -> Uuid {
    let raw = RawRecord { key: SourceKey::new(kind, id), modified_at: Some(at(0)), body: Bytes::from("{}") };
    let put = PutRecord { connection, raw, lane: Lane::High, queue: true };
    store.put_record(&put, None, at(0)).await.unwrap().0
}

pub(crate) async fn invoice(store: &Sqlite, record: Uuid, number: u64) -> Uuid {
    let document = NewDocument {
        purpose: "invoice".into(),
        document_type: DocumentType::Invoice,
        kind: "B2C".into(),
        number: format!("INV{number:06}"),
        irn: format!("INV{number:06}-6997D6BB-20260528"),
        issue_date: at(0).date_naive(),
        report_by: None,
        currency: "NGN".into(),
        payable_amount: "1075.00".into(),
        content_hash: "hash".into(),
        invoice: "{}".into(),
        ubl: Bytes::from("<Invoice/>"),
        mbs: Bytes::from("{}"),
        stamp: "stamp".into(),
        provenance: "{}".into(),
    };
    let documents = vec![PreparedDocument {
        document,
        taken: Taken { series: "INV{seq:06}".into(), number },
        grounds: None,
    }];
    let prepared = Prepared { record, documents, held: None, waiting: Waiting::default(), lane: Lane::High };
    store.settle_prepare(&prepared, None, at(1)).await.unwrap()[0]
}
