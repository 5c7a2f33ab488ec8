//! A small world: a tenant with a till and a CRM, and the moves tests repeat.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};
use taxpoynt_core::store::Waiting;
use taxpoynt_core::{
    Error, ErrorKind,
    firs::lifecycle::state_at,
    model::{RawRecord, RecordKind, SourceKey},
    store::{
        Change, Connection, Delivery, DocumentState, Job, JobKind, Lane, NewConnection, NewDocument,
        Prepared, PreparedDocument, PutRecord, Sqlite, Stage, Store, Submission, Taken,
    },
    tenant::Tenant,
};
use taxpoynt_ubl::DocumentType;
use uuid::Uuid;

pub(crate) const LEASE: Duration = Duration::from_secs(60);
pub(crate) const SERIES: &str = "INV{seq:06}";

/// A folder that goes with the test.
pub(crate) struct Place(Option<PathBuf>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

pub(crate) async fn memory() -> (Arc<dyn Store>, Place) {
    let store = Sqlite::open("sqlite::memory:").await.unwrap();
    store_of(store, Place(None)).await
}

pub(crate) async fn file() -> (Arc<dyn Store>, Place) {
    let folder = std::env::temp_dir().join(format!("taxpoynt-store-{}", Uuid::now_v7()));
    std::fs::create_dir(&folder).unwrap();
    let store = Sqlite::open(&format!("sqlite://{}/store.db", folder.display())).await.unwrap();
    store_of(store, Place(Some(folder))).await
}

async fn store_of(store: Sqlite, place: Place) -> (Arc<dyn Store>, Place) {
    let store: Arc<dyn Store> = Arc::new(store);
    store.migrate().await.unwrap();
    (store, place)
}

/// Seconds after a fixed moment.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
}

pub(crate) fn seller(name: &str) -> Tenant {
    let business_id = Some(Uuid::now_v7().to_string());
    Tenant { name: name.to_owned(), business_id, ..Tenant::default() }
}

pub(crate) fn account(tenant: Uuid, platform: &str, account: &str) -> NewConnection {
    NewConnection {
        tenant,
        platform: platform.to_owned(),
        family: if platform == "till" { "pos" } else { "crm" },
        account: account.to_owned(),
        account_name: None,
        settings: BTreeMap::new(),
        sealed: "sealed".to_owned(),
    }
}

pub(crate) fn order(id: &str) -> SourceKey {
    SourceKey::new(RecordKind::Order, id)
}

pub(crate) fn raw(id: &str, modified_at: Option<i64>, body: &str) -> RawRecord {
    let body = Bytes::copy_from_slice(body.as_bytes());
    RawRecord { key: order(id), modified_at: modified_at.map(at), body }
}

/// An invoice of this number.
pub(crate) fn invoice(number: u64, content: &str) -> PreparedDocument {
    document("invoice", DocumentType::Invoice, SERIES, number, content)
}

pub(crate) fn credit_note(number: u64, content: &str) -> PreparedDocument {
    document("credit_note", DocumentType::CreditNote, "CN{seq:06}", number, content)
}

pub(crate) fn document(
    purpose: &str,
    document_type: DocumentType,
    series: &str,
    number: u64,
    content: &str,
) -> PreparedDocument {
    let text = format!("{}{number:06}", series.split('{').next().unwrap());
    let new = NewDocument {
        purpose: purpose.to_owned(),
        document_type,
        kind: "B2C".to_owned(),
        irn: format!("{text}-6997D6BB-20260528"),
        number: text,
        issue_date: at(0).date_naive(),
        report_by: Some(at(24 * 3600)),
        currency: "NGN".to_owned(),
        payable_amount: "1075.00".to_owned(),
        content_hash: format!("hash of {content}"),
        invoice: format!("{{\"says\":\"{content}\"}}"),
        ubl: Bytes::from(format!("<Invoice>{content}</Invoice>")),
        mbs: Bytes::from(format!("{{\"mbs\":\"{content}\"}}")),
        stamp: format!("stamp of {content}"),
        provenance: "{}".to_owned(),
    };
    PreparedDocument { document: new, taken: Taken { series: series.to_owned(), number }, grounds: None }
}

/// A store with a seller and its till.
pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) tenant: Uuid,
    pub(crate) till: Connection,
}

impl World {
    pub(crate) async fn new(store: Arc<dyn Store>) -> Self {
        Self::of(store, "Ada Foods Ltd").await
    }

    /// A further seller in the same store.
    pub(crate) async fn of(store: Arc<dyn Store>, name: &str) -> Self {
        let tenant = store.put_tenant(&seller(name), None, at(0)).await.unwrap();
        let till = store.put_connection(&account(tenant, "till", "merchant-1"), at(0)).await.unwrap();
        Self { store, tenant, till }
    }

    pub(crate) fn delivery(&self, events: &[(&str, Option<&str>)]) -> Delivery {
        let body = format!("{events:?}");
        let named = |(id, record): &(&str, Option<&str>)| {
            ((*id).to_owned(), "order.updated".to_owned(), record.map(order))
        };
        Delivery {
            connection: self.till.id,
            body: Bytes::from(body),
            events: events.iter().map(named).collect(),
            lane: Lane::High,
        }
    }

    /// One event that names a record.
    pub(crate) async fn event(&self, event: &str, record: &str) {
        let ingested = self.store.ingest(&self.delivery(&[(event, Some(record))]), at(0)).await.unwrap();
        assert_eq!(ingested.new, 1);
    }

    pub(crate) async fn claim(&self, now: i64) -> Vec<Job> {
        self.store.claim(100, LEASE, at(now)).await.unwrap()
    }

    pub(crate) async fn claim_one(&self, now: i64) -> Job {
        let jobs = self.claim(now).await;
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        jobs.into_iter().next().unwrap()
    }

    /// Stores a record without queueing anything.
    pub(crate) async fn put(&self, raw: RawRecord, now: i64) -> (Uuid, Change) {
        let put = PutRecord { connection: self.till.id, raw, lane: Lane::High, queue: false };
        self.store.put_record(&put, None, at(now)).await.unwrap()
    }

    pub(crate) async fn record(&self, id: &str) -> Uuid {
        self.put(raw(id, Some(0), "{}"), 0).await.0
    }

    pub(crate) async fn prepare(
        &self,
        record: Uuid,
        documents: Vec<PreparedDocument>,
    ) -> Result<Vec<Uuid>, Error> {
        let prepared =
            Prepared { record, documents, held: None, waiting: Waiting::default(), lane: Lane::High };
        self.store.settle_prepare(&prepared, None, at(1)).await
    }

    /// A record with an invoice, and the claimed job that submits it.
    pub(crate) async fn submission(&self, number: u64) -> (Uuid, Job) {
        let record = self.record(&format!("sale-{number}")).await;
        let ids = self.prepare(record, vec![invoice(number, "first")]).await.unwrap();
        let job = self.claim_one(1).await;
        assert_eq!(job.kind, JobKind::Submit(ids[0]));
        (ids[0], job)
    }

    pub(crate) async fn reach(
        &self,
        document: Uuid,
        job: &Job,
        (stage, state): (Stage, DocumentState),
        now: i64,
    ) -> Result<(), Error> {
        // The way there, one stage after the other.
        let at_stage = self.store.document(document, None).await?.stage;
        for between in STAGES.into_iter().filter(|between| at_stage < *between && *between < stage) {
            let step = Submission {
                document,
                stage: between,
                state: state_at(between),
                message: None,
                code: None,
                finished: false,
                csid: None,
            };
            self.store.settle_submission(&step, &job.fence, at(now)).await?;
        }
        let message = Some(format!("answer at {now}"));
        let submission =
            Submission { document, stage, state, message, code: None, finished: false, csid: None };
        self.store.settle_submission(&submission, &job.fence, at(now)).await
    }
}

const STAGES: [Stage; 5] =
    [Stage::Validated, Stage::Signing, Stage::Signed, Stage::Transmitting, Stage::Transmitted];

pub(crate) fn trouble() -> Error {
    Error::new(ErrorKind::Unavailable, "till.fetch", "the till cannot be reached")
}

pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}
