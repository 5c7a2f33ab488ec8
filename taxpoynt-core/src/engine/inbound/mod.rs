//! Documents that others sent to a tenant: hear of them, list them, work them, and what a person decides; knows nothing
//! of the tenant's own sales.

mod work;

use super::Engine;
use crate::{
    Error, ErrorKind, Result,
    firs::{ApiKeys, PullQuery, Pulled, usable_irn},
    store::{
        Announced, AuditEntry, Inbound, InboundFilter, InboundListing, InboundOrigin, InboundState, Page,
    },
};
use bytes::Bytes;
use chrono::{Days, NaiveDate};
use chrono_tz::Africa::Lagos;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A listing starts this many days before the last one ended. Whether the authority's days are those of issue or of
/// arrival is not known, and an invoice may arrive weeks after its date; a row seen again costs nothing.
const OVERLAP: Days = Days::new(31);

/// What a listing gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct InboundReport {
    /// Rows.
    pub seen: u64,
    /// Documents not heard of before.
    pub new: u64,
    /// Documents heard of before.
    pub known: u64,
    /// Rows that name no document; each is kept as it came, as `unreadable`.
    pub failed: u64,
}

impl Engine {
    /// Lists what others sent to a tenant and queues what is new. Without days: from 31 days before the last listing
    /// until today; the first time, everything. Workers then download, check and acknowledge.
    ///
    /// # Errors
    /// `NotFound` for the tenant; `Config` without an authority or a key pair; what the authority answers. What was
    /// stored before an error stays, and the next listing repeats the rest.
    pub async fn pull_inbound(
        &self,
        tenant: Uuid,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<InboundReport> {
        let keys = self.inbound_keys(tenant).await?.keys;
        let today = self.now().with_timezone(&Lagos).date_naive();
        let listed = self.store().inbound_listed_until(tenant).await?;
        let since = listed.and_then(|day| day.min(today).checked_sub_days(OVERLAP));
        let query = PullQuery { confirmed: None, from: from.or(since), to };
        let rows = self.deployment_of(tenant).await?.client.pull(&keys, &query).await?;
        let mut report = InboundReport { seen: rows.len() as u64, ..InboundReport::default() };
        for row in rows {
            self.announce_row(tenant, &keys, row, &mut report).await?;
        }
        if from.is_none() && to.is_none() {
            let InboundReport { seen, new, known, failed } = report;
            let listing = InboundListing { tenant, until: today, seen, new, known, failed };
            self.store().note_inbound_listing(&listing, self.now()).await?;
        }
        self.inner.bell.notify_waiters();
        Ok(report)
    }

    async fn announce_row(
        &self,
        tenant: Uuid,
        keys: &ApiKeys,
        row: Pulled,
        report: &mut InboundReport,
    ) -> Result<()> {
        let sealed = row.envelope.as_ref().map(|envelope| envelope.to_json()).transpose()?.map(Bytes::from);
        let irn = row.irn.or_else(|| irn_inside(row.envelope.as_ref(), keys));
        let named = irn.is_some();
        // A row that names no document is kept under its own hash, so that it is kept once.
        let irn = irn.unwrap_or_else(|| nameless(row.raw.get()));
        let raw = if named { sealed } else { Some(Bytes::from(row.raw.get().to_owned())) };
        // One of the tenant's own documents is not one that others sent.
        if self.store().is_own_irn(tenant, &irn).await? {
            report.known += 1;
            return Ok(());
        }
        let announced = Announced { tenant, irn, origin: InboundOrigin::Pull, raw };
        let (_, new) = self.store().announce_inbound(&announced, self.now()).await?;
        match (named, new) {
            (false, _) => report.failed += 1,
            (true, true) => report.new += 1,
            (true, false) => report.known += 1,
        }
        Ok(())
    }

    /// Notes that a document exists which is none of ours, such as a webhook or the host names it, and queues it. Hints
    /// only: whether it is there, and whose it is, the download shows. Without a tenant it is looked for with the
    /// engine's own key pair and goes to the tenant it names as buyer; where no tenant uses that pair, nobody can look,
    /// and `None` is answered: the tenants' own listings bring it.
    ///
    /// With origin `Host` the caller vouches that the document is this tenant's: it is not handed to another, also where
    /// its key pair is shared. An operator's move, then, and none to offer to tenants.
    ///
    /// # Errors
    /// `Payload` where the text cannot be an IRN; `NotFound` for the tenant; `Store`.
    pub async fn announce_inbound(
        &self,
        irn: &str,
        tenant: Option<Uuid>,
        origin: InboundOrigin,
    ) -> Result<Option<Uuid>> {
        let irn = usable_irn(irn)?.to_owned();
        let tenant = match tenant {
            Some(tenant) => Some(self.tenant(tenant).await.map(|_| tenant)?),
            None => self.custodian().await?,
        };
        let Some(tenant) = tenant else {
            tracing::info!(irn, "a document of others is announced, and no tenant can look for it");
            return Ok(None);
        };
        if self.store().is_own_irn(tenant, &irn).await? {
            return Ok(None);
        }
        let announced = Announced { tenant, irn, origin, raw: None };
        let (id, _) = self.store().announce_inbound(&announced, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(Some(id))
    }

    /// The first tenant that uses the engine's own key pair, else the only tenant there is.
    async fn custodian(&self) -> Result<Option<Uuid>> {
        let tenants = self.store().tenant_ids().await?;
        if let [only] = tenants[..] {
            return Ok(Some(only));
        }
        for tenant in tenants {
            if self.inbound_keys(tenant).await.is_ok_and(|keys| keys.shared) {
                return Ok(Some(tenant));
            }
        }
        Ok(None)
    }

    /// Received documents, newest first, without their content.
    ///
    /// # Errors
    /// `Store`.
    pub async fn inbound(&self, filter: &InboundFilter) -> Result<Page<Inbound>> {
        self.store().inbound(filter).await
    }

    /// One received document with its content; another tenant's is `NotFound`.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn inbound_document(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Inbound> {
        self.store().inbound_document(id, tenant).await
    }

    /// What happened to a received document, oldest first.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn inbound_audit(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Vec<AuditEntry>> {
        let document = self.store().inbound_document(id, tenant).await?;
        self.store().audit(document.id).await
    }

    /// Has a worker tell the authority that a document arrived and was taken, whatever the tenant's policy: a person
    /// has looked. One that was acknowledged already stays so.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where nothing was downloaded yet, where the document is not this tenant's, or while a
    /// worker has it (then try again).
    pub async fn acknowledge_inbound(&self, id: Uuid, tenant: Option<Uuid>) -> Result<()> {
        let document = self.store().inbound_document(id, tenant).await?;
        match document.state {
            InboundState::Acknowledged => return Ok(()),
            _ if document.raw.is_none() || document.irn.starts_with(NAMELESS) => {
                return Err(nothing_there(&document));
            }
            _ => {}
        }
        self.store().resume_inbound(id, tenant, InboundState::Checked, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(())
    }

    /// Has a worker download and check a document anew: after a key was corrected, or the supplier mended it. What came
    /// before stays until something new came.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` where it was acknowledged, is not this tenant's, or while a worker has it.
    pub async fn retry_inbound(&self, id: Uuid, tenant: Option<Uuid>) -> Result<()> {
        let document = self.store().inbound_document(id, tenant).await?;
        // A row without a name cannot be asked for; it can only be read again.
        let nameless = document.irn.starts_with(NAMELESS);
        let state = if nameless { InboundState::Downloaded } else { InboundState::Announced };
        self.store().resume_inbound(id, tenant, state, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(())
    }

    /// The pair a tenant's documents are sealed for.
    pub(super) async fn inbound_keys(&self, tenant: Uuid) -> Result<InboundKeys> {
        let shared = self.own_authority(tenant).await?.pair().is_none();
        Ok(InboundKeys { keys: self.authority_keys(tenant).await?, shared })
    }
}

/// A key pair, and whether other tenants use it too.
pub(super) struct InboundKeys {
    pub(super) keys: ApiKeys,
    pub(super) shared: bool,
}

/// The IRN inside a row's sealed content.
fn irn_inside(envelope: Option<&crate::firs::Envelope>, keys: &ApiKeys) -> Option<String> {
    let plain = envelope?.open(keys).ok()?;
    let irn = crate::firs::Content::read(&plain).ok()?.irn()?;
    usable_irn(&irn).is_ok().then_some(irn)
}

/// Marks a row that names no document.
const NAMELESS: &str = "row:";

fn nameless(row: &str) -> String {
    let digest = Sha256::digest(row);
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{NAMELESS}{hex}")
}

fn nothing_there(document: &Inbound) -> Error {
    let message = "no document was downloaded, so there is nothing to acknowledge";
    Error::new(ErrorKind::Conflict, "engine.acknowledge_inbound", message).with("irn", document.irn.clone())
}
