//! What the store keeps of a document after `sign`: its payment, what the authority announced, how its transmission goes.
//!
//! | move | what it guarantees when it returns |
//! |---|---|
//! | `want_payment` | the wish is on disk and is told once the document is signed, not before; a told one stays |
//! | `withdraw_payment` | a wish that was never sent is gone; one that may have been sent stays |
//! | `settle_payment` | `Sending` is stored before the call, so that whoever comes after a crash asks first; the end is final |
//! | `receive_notice` | the body is on disk; (event, IRN) counts once; the document will be read again |
//! | `settle_reading` | times of a transmission are set once and never moved; handled notices are not handled again |

use super::{Document, Fence};
use crate::Result;
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use taxpoynt_ubl::PaymentStatus;
use uuid::Uuid;

/// How far the report of a payment got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentState {
    /// Not sent: the document is not signed yet, or its turn has not come.
    Wanted,
    /// On its way: ask before sending it again.
    Sending,
    /// The authority has it.
    Done,
    /// The authority refused it for good.
    Refused,
}

/// Who said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentOrigin {
    /// The platform's record; what it takes back, the engine may take back.
    Record,
    /// The host.
    Host,
}

/// A payment to be reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPayment {
    /// The document.
    pub document: Uuid,
    /// `Paid` or `Rejected`.
    pub status: PaymentStatus,
    /// The payment's own reference.
    pub reference: Option<String>,
    /// Who said so.
    pub origin: PaymentOrigin,
}

/// The payment of a document, as it is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The document.
    pub document: Uuid,
    /// `Paid` or `Rejected`.
    pub status: PaymentStatus,
    /// The payment's own reference.
    pub reference: Option<String>,
    /// Who said so first.
    pub origin: PaymentOrigin,
    /// How far its report got.
    pub state: PaymentState,
    /// What the authority said, one sentence.
    pub message: Option<String>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When it was first sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub settled_at: Option<DateTime<Utc>>,
}

/// A body that was posted to us as the authority.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// The IRN it names.
    pub irn: String,
    /// What it says: `TRANSMITTED`.
    pub event: String,
    /// It, as it arrived.
    pub body: Bytes,
}

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noticed {
    /// Whether (event, IRN) had not been announced before, or calls for attention anew.
    pub new: bool,
    /// Our document of this IRN.
    pub document: Option<Uuid>,
}

/// A stored notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The IRN it names.
    pub irn: String,
    /// What it says.
    pub event: String,
    /// The first body that said so.
    pub body: Bytes,
    /// How often it came.
    pub seen: u64,
    /// When it came first.
    pub received_at: DateTime<Utc>,
    /// When the document was read again because of it.
    pub handled_at: Option<DateTime<Utc>>,
}

/// How the sending of a signed document to its buyer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TransmissionState {
    /// On its way.
    Transmitting,
    /// The authority shows it as transmitted.
    Transmitted,
    /// The buyer's side has it.
    Acknowledged,
    /// It failed; the document stays signed, and only the transmission is tried again.
    TransmitFailed,
}

/// The transmission of a document, as last read from the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmission {
    /// The document.
    pub document: Uuid,
    /// Where it is.
    pub state: TransmissionState,
    /// When it first showed as transmitted.
    pub transmitted_at: Option<DateTime<Utc>>,
    /// When it first showed as acknowledged.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When it last failed.
    pub failed_at: Option<DateTime<Utc>>,
    /// How often it was sent again.
    pub resent: u32,
    /// One sentence, where there is more to say.
    pub message: Option<String>,
}

/// What a look at the authority showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The document.
    pub document: Uuid,
    /// Where its transmission is.
    pub state: TransmissionState,
    /// Whether it was sent again just now.
    pub resent: bool,
    /// One sentence, where there is more to say.
    pub message: Option<String>,
    /// The notices it answers: event, and how often that one had come by then.
    pub handled: Vec<(String, u64)>,
    /// Whether the job is done.
    pub finished: bool,
}

/// What happens to documents after `sign`.
#[async_trait]
pub trait AfterStore: Send + Sync {
    /// Notes that a document is paid or will not be, and queues the report as soon as the document is signed. The same
    /// status again changes nothing, also after it was told or refused. Another status replaces one that was never sent;
    /// else it is a `Conflict`. `Config` for `Pending`, where every document starts. `NotFound`.
    async fn want_payment(&self, wanted: &WantedPayment, now: DateTime<Utc>) -> Result<Payment>;

    /// Takes back what the record had said and was never sent; `false`: there is no such wish.
    async fn withdraw_payment(&self, document: Uuid, now: DateTime<Utc>) -> Result<bool>;

    /// The payment of a document.
    async fn payment(&self, document: Uuid) -> Result<Option<Payment>>;

    /// Records how far the report got: `Sending` keeps the job, an end finishes it. A payment that has ended stays as
    /// it is. `Fenced` where the lease ran out or the job is another document's.
    async fn settle_payment(
        &self,
        document: Uuid,
        state: PaymentState,
        message: Option<&str>,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<()>;

    /// Stores a notice and, where the IRN is one of ours, queues a look at the authority. One that came before is
    /// counted; a repeated failure counts as new once the document was sent again since. Of IRNs that are not ours
    /// at most 10,000 are kept, the newest.
    async fn receive_notice(&self, notice: &NewNotice, now: DateTime<Utc>) -> Result<Noticed>;

    /// Queues a look at the authority. `NotFound`.
    async fn want_reading(&self, document: Uuid, now: DateTime<Utc>) -> Result<()>;

    /// The notices of an IRN, oldest first.
    async fn notices(&self, irn: &str) -> Result<Vec<Notice>>;

    /// The transmission of a document, once it was looked at.
    async fn transmission(&self, document: Uuid) -> Result<Option<Transmission>>;

    /// Records what a look at the authority showed. `Fenced` as `settle_payment`.
    async fn settle_reading(&self, reading: &Reading, fence: &Fence, now: DateTime<Utc>) -> Result<()>;

    /// The notes of a tenant that correct the document with this IRN, oldest first.
    async fn notes_to(&self, tenant: Uuid, irn: &str) -> Result<Vec<Document>>;
}
