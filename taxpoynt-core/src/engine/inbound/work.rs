//! A document that others sent, one durable step at a time: download → read and check → acknowledge.
//!
//! What came is stored before anything looks at it. An acknowledgement whose answer was lost is said again: said twice,
//! it means the same.

use super::InboundKeys;
use crate::engine::{Engine, work::abnormal};
use crate::{
    Error, ErrorKind, Result, Retry,
    firs::{Content, Download, Envelope, Received},
    json,
    store::{
        Fence, Inbound, InboundContent, InboundOrigin, InboundState, InboundStep, TenantJob, TenantJobKind,
    },
    tenant::InboundPolicy,
};
use bytes::Bytes;
use serde_json::value::RawValue;
use std::time::Duration;
use uuid::Uuid;

const OPERATION: &str = "engine.receive_inbound";

/// Waiting times before the second, third, … attempt; the last one repeats.
const BACKOFF: [u64; 8] = [5, 15, 60, 300, 900, 1_800, 3_600, 3_600];

/// Attempts before a document is held for a person: about three days.
const ATTEMPTS: u32 = 80;

/// How long to wait for a document that is announced and not yet to be had.
const NOT_YET: Duration = Duration::from_secs(300);

/// How long to wait after a setting turned out wrong.
const SETTING: Duration = Duration::from_secs(3600);

impl Engine {
    /// Does a job of a tenant; a failure is noted with the job or with its subject.
    pub(in crate::engine) async fn run_tenant_job(&self, job: TenantJob) -> Result<()> {
        let TenantJobKind::ReceiveInbound(id) = job.kind;
        let (engine, fence) = (self.clone(), job.fence.clone());
        // A task of its own: a defect ends one job, not the worker.
        let done = match tokio::spawn(async move { engine.receive_inbound(id, &fence).await }).await {
            Ok(done) => done,
            Err(defect) => Err(abnormal(&defect)),
        };
        let settled = match done {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Fenced => return Ok(()),
            Err(error) => self.inbound_failed(id, &job, error).await,
        };
        match settled {
            Err(error) if error.kind() == ErrorKind::Fenced => Ok(()),
            settled => settled,
        }
    }

    async fn receive_inbound(&self, id: Uuid, fence: &Fence) -> Result<()> {
        loop {
            let document = self.store().inbound_document(id, None).await?;
            match document.state {
                InboundState::Announced => self.download_inbound(&document, fence).await?,
                InboundState::Downloaded => {
                    if self.check_inbound(&document, fence).await? {
                        return Ok(());
                    }
                }
                InboundState::Checked => return self.tell_arrived(&document, fence).await,
                // Somebody else has settled it.
                _ => return self.store().finish_tenant_job(fence, self.now()).await,
            }
        }
    }

    async fn download_inbound(&self, document: &Inbound, fence: &Fence) -> Result<()> {
        let InboundKeys { keys, .. } = self.inbound_keys(document.tenant).await?;
        let Some(download) =
            self.deployment_of(document.tenant).await?.client.download(&keys, &document.irn).await?
        else {
            return Err(not_yet("The authority does not know the document."));
        };
        let raw = match download {
            Download::Sealed(envelope) => envelope.to_json()?,
            Download::Plain(raw) if is_document(&raw) => raw.get().to_owned(),
            Download::Plain(_) => return Err(not_yet("The authority does not hand the document out yet.")),
        };
        let step = InboundStep { raw: Some(Bytes::from(raw)), ..step(document, InboundState::Downloaded) };
        self.store().settle_inbound(&step, fence, self.now()).await
    }

    /// Reads what came and says how it goes on; true: the job is done.
    async fn check_inbound(&self, document: &Inbound, fence: &Fence) -> Result<bool> {
        let InboundKeys { keys, shared } = self.inbound_keys(document.tenant).await?;
        let (tenant, _) = self.store().tenant(document.tenant).await?;
        let raw = document.raw.clone().unwrap_or_default();
        let opened = opened(&raw, &keys);
        let read = opened.as_ref().map_err(Clone::clone).and_then(|content| {
            Received::read(content, &document.irn, tenant.tin.as_deref()).map_err(|e| Reason::of(&e))
        });
        let settled = match read {
            Ok(received) => match self.owner(document, &received, shared).await? {
                Owner::This => {
                    judged(document, content_of(&received, opened.as_ref().ok()), tenant.policy.inbound)
                }
                Owner::Other(other) => {
                    // Sealed for the shared pair: a tenant with one of its own downloads it anew.
                    let shared = self.inbound_keys(other).await?.shared;
                    let state = if shared { InboundState::Downloaded } else { InboundState::Announced };
                    self.store().hand_over_inbound(other, state, fence, self.now()).await?;
                    let still = self.store().inbound_document(document.id, None).await?;
                    return Ok(still.tenant != other);
                }
                Owner::Nobody => ended(document, InboundState::Refused, Reason::not_ours()),
            },
            Err(reason) => {
                let pdf = match opened {
                    Ok(Content::Pdf(pdf)) => Some(pdf),
                    _ => None,
                };
                let state = if pdf.is_some() { InboundState::Held } else { InboundState::Unreadable };
                let content =
                    pdf.map(|pdf| Box::new(InboundContent { pdf: Some(pdf), ..InboundContent::default() }));
                InboundStep { content, ..ended(document, state, reason) }
            }
        };
        let finished = settled.finished;
        self.store().settle_inbound(&settled, fence, self.now()).await?;
        Ok(finished)
    }

    /// Whose document it is. Under a pair of the tenant's own it is the tenant's; under one that tenants share, the
    /// buyer named in it decides, and what names somebody else is shown to nobody.
    async fn owner(&self, document: &Inbound, received: &Received, shared: bool) -> Result<Owner> {
        let foreign =
            received.findings.iter().any(|finding| finding.id == "IN-BUY-01" || finding.id == "IN-BUY-02");
        if !shared || !foreign || document.origin == InboundOrigin::Host {
            return Ok(Owner::This);
        }
        let tin = received.invoice.customer.as_ref().and_then(|customer| customer.tin.clone());
        let Some(tin) = tin else { return self.owner_unnamed().await };
        match self.store().tenant_of_tin(&tin).await? {
            Some(other) if other != document.tenant => Ok(Owner::Other(other)),
            Some(_) => Ok(Owner::This),
            None => self.owner_unnamed().await,
        }
    }

    /// Of a single tenant it is the tenant's: there is nobody else to show it to.
    async fn owner_unnamed(&self) -> Result<Owner> {
        let alone = self.store().tenant_ids().await?.len() == 1;
        Ok(if alone { Owner::This } else { Owner::Nobody })
    }

    async fn tell_arrived(&self, document: &Inbound, fence: &Fence) -> Result<()> {
        let InboundKeys { keys, .. } = self.inbound_keys(document.tenant).await?;
        self.deployment_of(document.tenant).await?.client.acknowledge(&keys, &document.irn).await?;
        let step = InboundStep { finished: true, ..step(document, InboundState::Acknowledged) };
        self.store().settle_inbound(&step, fence, self.now()).await
    }

    /// Tried again while it may help and attempts are left; then a person must look.
    async fn inbound_failed(&self, id: Uuid, job: &TenantJob, error: Error) -> Result<()> {
        let now = self.now();
        let wait = Duration::from_secs(BACKOFF[(job.attempts as usize).min(BACKOFF.len() - 1)]);
        tracing::warn!(document = %id, attempt = job.attempts + 1, "a received document: {error}");
        let wait = match error.retry() {
            // The authority's "not found" may be too early; every other "never" stays so.
            Retry::Never if error.kind() == ErrorKind::NotFound => Some(wait.max(NOT_YET)),
            // Settings: whoever corrects them need not look for what waited.
            Retry::Never if is_setting(&error) => Some(wait.max(SETTING)),
            Retry::Never => None,
            Retry::After(told) => Some(wait.max(told)),
            Retry::Now | Retry::Ambiguous => Some(wait),
        };
        if let Some(wait) = wait.filter(|_| job.attempts + 1 < ATTEMPTS) {
            return self.store().retry_tenant_job(&job.fence, &error, now + wait, now).await;
        }
        let document = self.store().inbound_document(id, None).await?;
        let (state, code) = match error.kind() {
            ErrorKind::Rejected => (InboundState::Refused, "refused"),
            _ if wait.is_some() => (InboundState::Held, "gave_up"),
            _ => (InboundState::Held, error.kind().name()),
        };
        let reason = Reason { code: code.to_owned(), message: error.message().to_owned() };
        self.store().settle_inbound(&ended(&document, state, reason), &job.fence, now).await
    }
}

fn is_setting(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Config | ErrorKind::Unauthenticated | ErrorKind::PermissionDenied)
}

enum Owner {
    This,
    Other(Uuid),
    Nobody,
}

/// Why a document waits or ended.
#[derive(Debug, Clone)]
struct Reason {
    code: String,
    message: String,
}

impl Reason {
    fn of(error: &Error) -> Self {
        let code = error.get("code").unwrap_or(error.kind().name()).to_owned();
        Self { code, message: error.message().to_owned() }
    }

    fn not_ours() -> Self {
        let message = "The document names no tenant of this engine as its buyer; it is kept sealed and not acknowledged.";
        Self { code: "not_ours".to_owned(), message: message.to_owned() }
    }
}

fn not_yet(message: &str) -> Error {
    Error::new(ErrorKind::NotFound, OPERATION, message).retry_as(Retry::After(NOT_YET))
}

fn step(document: &Inbound, state: InboundState) -> InboundStep {
    InboundStep { id: document.id, state, reason: None, raw: None, content: None, finished: false }
}

fn ended(document: &Inbound, state: InboundState, reason: Reason) -> InboundStep {
    InboundStep { reason: Some((reason.code, reason.message)), finished: true, ..step(document, state) }
}

/// Whether an answer without envelope is a document and not its bare metadata.
fn is_document(raw: &RawValue) -> bool {
    match raw.get().as_bytes().first() {
        Some(b'{') => json::members(raw.get()).is_ok_and(|members| {
            let has = |name: &str| members.iter().any(|(n, _)| n == name);
            has("invoice_line") || has("iv_hex") || has("invoice")
        }),
        Some(b'"') => true,
        _ => false,
    }
}

/// What came, opened where it is sealed.
fn opened(raw: &[u8], keys: &crate::firs::ApiKeys) -> Result<Content, Reason> {
    let value: &RawValue = serde_json::from_slice(raw).map_err(|_| Reason {
        code: "not_readable".to_owned(),
        message: "What came is not the authority's JSON.".to_owned(),
    })?;
    let plain = match Envelope::find(value) {
        Some(envelope) => envelope.open(keys).map_err(|e| Reason::of(&e))?,
        None => Bytes::copy_from_slice(raw),
    };
    Content::read(&plain).map_err(|e| Reason::of(&e))
}

fn content_of(received: &Received, content: Option<&Content>) -> InboundContent {
    let invoice = &received.invoice;
    InboundContent {
        supplier_name: Some(invoice.supplier.name.clone()).filter(|name| !name.is_empty()),
        supplier_tin: invoice.supplier.tin.clone(),
        number: Some(invoice.number.clone()),
        issue_date: Some(invoice.issue_date),
        document_type: Some(invoice.document_type),
        currency: Some(invoice.currency.code().to_owned()),
        payable_amount: Some(invoice.totals.payable_amount.to_string()),
        json: match content {
            Some(Content::Invoice(json)) => Some(json.get().to_owned()),
            _ => None,
        },
        ubl: received.ubl.clone(),
        pdf: None,
        findings: received.findings.clone(),
    }
}

/// What the tenant's policy says of a document that was read.
fn judged(document: &Inbound, content: InboundContent, policy: InboundPolicy) -> InboundStep {
    let fatal = content.findings.iter().filter(|finding| finding.fatal).count();
    let first = content.findings.iter().find(|finding| finding.fatal).map(|f| f.message.clone());
    let next = match (policy, first) {
        (InboundPolicy::HoldFaulty, Some(first)) => {
            let message = match fatal {
                1 => first,
                more => format!("{first} There are {} more faults.", more - 1),
            };
            ended(document, InboundState::Held, Reason { code: "faulty".to_owned(), message })
        }
        (InboundPolicy::Manual, _) => InboundStep { finished: true, ..step(document, InboundState::Checked) },
        (InboundPolicy::Acknowledge | InboundPolicy::HoldFaulty, _) => step(document, InboundState::Checked),
    };
    InboundStep { content: Some(Box::new(content)), ..next }
}
