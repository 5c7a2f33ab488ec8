//! Documents that others sent to a tenant: what the store keeps of them, and the moves.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `announce_inbound` | one document a (tenant, IRN), however often and by whatever way it is heard of; a job will fetch it |
//! | `settle_inbound` | what came, or what became of it, is on disk before anything else is done with it |
//! | `hand_over_inbound` | the tenant named as buyer has it, and nobody else |
//! | `resume_inbound` | what waited for a person is worked on again |
//! | any of them, refused | nothing changed: `Fenced`, `Conflict` (it was acknowledged), `NotFound` (also another tenant's) |

use super::{Fence, Page, Pending};
use crate::{Error, Result, firs::Finding};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use taxpoynt_ubl::DocumentType;
use uuid::Uuid;

/// Jobs that belong to a tenant and to no connection.
///
/// Not the queue of sales: those jobs have a connection, a lane and dead letters. One of these that is given up leaves
/// its subject in a state that says so.
#[async_trait]
pub trait TenantJobStore: Send + Sync {
    /// Claims up to `limit` due jobs, the oldest first. One whose lease ran out is due again under a new fence, and that
    /// was an attempt.
    async fn claim_tenant_jobs(
        &self,
        limit: u32,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<TenantJob>>;

    /// What is left to do.
    async fn pending_tenant_jobs(&self, now: DateTime<Utc>) -> Result<Pending>;

    /// Ends a job that has nothing more to store. `Fenced`.
    async fn finish_tenant_job(&self, fence: &Fence, now: DateTime<Utc>) -> Result<()>;

    /// Gives a job back for `at`, counting the attempt. `Fenced`.
    async fn retry_tenant_job(
        &self,
        fence: &Fence,
        error: &Error,
        at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<()>;
}

/// Received documents.
#[async_trait]
pub trait InboundStore: Send + Sync {
    /// Notes that a document was sent to a tenant and queues its job. A known (tenant, IRN) makes no second one: one
    /// that still waits is due at once, since who speaks of it may mean that it can be had now; any other stays as it
    /// is. The sealed content that comes with a listing is stored with a new one, and with one that had none. One refused
    /// as `not_ours` starts anew where the host names it.
    async fn announce_inbound(&self, announced: &Announced, now: DateTime<Utc>) -> Result<(Uuid, bool)>;

    /// Stores what became of a document, and ends the job where `finished`; else the job stays claimed and its lease
    /// starts anew. `Fenced` where the job is another document's; `Conflict` where it was acknowledged.
    async fn settle_inbound(&self, settled: &InboundStep, fence: &Fence, now: DateTime<Utc>) -> Result<()>;

    /// Hands a document to the tenant whose it is, in `state`: `Downloaded`, or `Announced` to be downloaded with that
    /// tenant's own keys. Where that tenant has it already, it ends here as `refused` with code
    /// `of_another_tenant`, without content. `Fenced`.
    async fn hand_over_inbound(
        &self,
        to: Uuid,
        state: InboundState,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// Puts a document that waits for a person back to `state` and queues its job: `Checked` to be acknowledged,
    /// `Announced` to be downloaded anew. `Conflict` for one that was acknowledged already or is being worked on;
    /// `NotFound` where it is not `tenant`'s.
    async fn resume_inbound(
        &self,
        id: Uuid,
        tenant: Option<Uuid>,
        state: InboundState,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// One document; `NotFound` where it is not `tenant`'s.
    async fn inbound_document(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Inbound>;

    /// Documents, newest first, without their content.
    async fn inbound(&self, filter: &InboundFilter) -> Result<Page<Inbound>>;

    /// The one tenant with this TIN, hyphens and blanks aside; `None` where none has it or several have.
    async fn tenant_of_tin(&self, tin: &str) -> Result<Option<Uuid>>;

    /// Whether one of the tenant's own documents has this IRN.
    async fn is_own_irn(&self, tenant: Uuid, irn: &str) -> Result<bool>;

    /// Tenants, oldest first.
    async fn tenant_ids(&self) -> Result<Vec<Uuid>>;

    /// Up to which day a tenant's documents were listed.
    async fn inbound_listed_until(&self, tenant: Uuid) -> Result<Option<NaiveDate>>;

    /// Notes a finished listing.
    async fn note_inbound_listing(&self, listing: &InboundListing, now: DateTime<Utc>) -> Result<()>;
}

/// What a job of a tenant does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TenantJobKind {
    /// Download, check and acknowledge a received document.
    ReceiveInbound(Uuid),
}

/// A claimed job of a tenant.
#[derive(Debug, Clone)]
pub struct TenantJob {
    /// The proof.
    pub fence: Fence,
    /// What to do.
    pub kind: TenantJobKind,
    /// Whose.
    pub tenant: Uuid,
    /// Attempts made before this one.
    pub attempts: u32,
}

/// Where a received document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InboundState {
    /// Its IRN is known.
    Announced,
    /// What came is stored, sealed as it came.
    Downloaded,
    /// Read and checked; the authority is told next, or the tenant's policy leaves that to a person.
    Checked,
    /// The authority was told that it arrived. Nothing changes any more.
    Acknowledged,
    /// A person must look, and then acknowledge it or have it downloaded anew.
    Held,
    /// What came cannot be read; it is kept as it came.
    Unreadable,
    /// The authority will not have it, or it is not this tenant's.
    Refused,
}

/// How a document was first heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundOrigin {
    /// Listed by the authority.
    Pull,
    /// Announced by the authority's webhook.
    Webhook,
    /// Named by the host.
    Host,
}

/// A document somebody speaks of.
#[derive(Debug, Clone)]
pub struct Announced {
    /// For whom.
    pub tenant: Uuid,
    /// Its IRN, or what identifies a listed row that names none.
    pub irn: String,
    /// By which way.
    pub origin: InboundOrigin,
    /// Its content as it came, where it came along.
    pub raw: Option<Bytes>,
}

/// What was read of a document.
#[derive(Debug, Clone, Default)]
pub struct InboundContent {
    /// Who sent it.
    pub supplier_name: Option<String>,
    /// TIN of the supplier.
    pub supplier_tin: Option<String>,
    /// The supplier's number of it.
    pub number: Option<String>,
    /// Its issue date.
    pub issue_date: Option<NaiveDate>,
    /// Which of the three.
    pub document_type: Option<DocumentType>,
    /// Currency code.
    pub currency: Option<String>,
    /// Payable amount, as decimal text.
    pub payable_amount: Option<String>,
    /// The authority's JSON, opened.
    pub json: Option<String>,
    /// UBL XML.
    pub ubl: Option<Bytes>,
    /// The PDF, where that is what came.
    pub pdf: Option<Bytes>,
    /// What is to be said of it.
    pub findings: Vec<Finding>,
}

impl InboundContent {
    /// Whether something speaks against taking it as it is.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.findings.iter().any(|finding| finding.fatal)
    }
}

/// What became of a document.
#[derive(Debug, Clone)]
pub struct InboundStep {
    /// The document.
    pub id: Uuid,
    /// The state it reached.
    pub state: InboundState,
    /// Why it waits or ended: a code and a sentence.
    pub reason: Option<(String, String)>,
    /// What came; replaces what came before.
    pub raw: Option<Bytes>,
    /// What was read of it; replaces what was read before.
    pub content: Option<Box<InboundContent>>,
    /// Whether the job is done.
    pub finished: bool,
}

/// A received document.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// The engine's id.
    pub id: Uuid,
    /// Whose.
    pub tenant: Uuid,
    /// Its IRN, as its supplier wrote it.
    pub irn: String,
    /// How it was first heard of.
    pub origin: InboundOrigin,
    /// Where it is.
    pub state: InboundState,
    /// Why it waits or ended; stable: `faulty`, `not_readable`, `pdf_only`.
    pub code: Option<String>,
    /// The same in one sentence.
    pub message: Option<String>,
    /// What came, sealed as it came; not in listings.
    pub raw: Option<Bytes>,
    /// What was read of it; in listings without JSON, UBL and PDF.
    pub content: InboundContent,
    /// When it was first heard of.
    pub announced_at: DateTime<Utc>,
    /// When what came was stored.
    pub downloaded_at: Option<DateTime<Utc>>,
    /// When it was read and checked.
    pub checked_at: Option<DateTime<Utc>>,
    /// When the authority was told.
    pub acknowledged_at: Option<DateTime<Utc>>,
}

/// Which received documents. Absent: all.
#[derive(Debug, Clone, Default)]
pub struct InboundFilter {
    /// Whose.
    pub tenant: Option<Uuid>,
    /// In this state.
    pub state: Option<InboundState>,
    /// Only those something speaks against.
    pub faulty: bool,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Rows a page; 100 unless said, at most 1,000.
    pub limit: Option<u32>,
}

/// A finished listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundListing {
    /// Whose.
    pub tenant: Uuid,
    /// Up to which day it reached.
    pub until: NaiveDate,
    /// Rows.
    pub seen: u64,
    /// Not heard of before.
    pub new: u64,
    /// Heard of before.
    pub known: u64,
    /// Rows that name no document.
    pub failed: u64,
}
