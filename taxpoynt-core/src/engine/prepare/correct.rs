//! A record that changes after its document was submitted: the document is never edited. A payment is reported; anything
//! else leads, as the tenant's policy says, to a person or to a credit note and a new invoice.
//!
//! The invoices of a record are versions: `invoice`, `invoice:2`, `invoice:3` …; version *k* is taken back in full by
//! `correction_credit_note:k`. A version that is not taken back is the live one, and there is at most one. Purposes are
//! unique in a record, so that whatever is repeated or interrupted finds what was made before.

use super::{DebitNote, Preparation, invoice_of};
use crate::engine::{Engine, submit::status_in};
use crate::{
    Error, ErrorKind, Result,
    mapping::Provenance,
    pipeline::Draft,
    store::{
        Deletion, Document, DocumentState, Held, Lane, Payment, PaymentOrigin, PaymentState, Stage,
        WantedPayment,
    },
    tenant::CorrectionPolicy,
};
use taxpoynt_ubl::{DocumentReference, DocumentType, Invoice, PaymentStatus};
use uuid::Uuid;

/// The purpose of a record's first invoice.
pub(in crate::engine) const INVOICE: &str = "invoice";
/// What the purpose of a credit note starts with that takes a version back.
pub(in crate::engine) const CREDIT: &str = "correction_credit_note:";

/// What is asked of a preparation.
#[derive(Clone, Copy)]
pub(in crate::engine) enum Ask<'a> {
    /// What the record and the tenant's policy say.
    Record,
    /// A person takes this document back: how, and why.
    Correct(Uuid, CorrectionPolicy, &'a str),
    /// A person adds to this document.
    Debit(Uuid, &'a DebitNote),
}

impl Ask<'_> {
    /// Whether what is wrong is the record's, so that it waits, or the caller's, who is told.
    pub(in crate::engine) fn is_of_the_record(self) -> bool {
        matches!(self, Self::Record)
    }
}

impl Engine {
    /// Takes an accepted invoice back: a credit note over all of it, and, where `how` says so, a new invoice of what
    /// the record says now. `reason` goes on the credit note. Returns the documents made, the credit note first. Asked
    /// for again, it makes nothing and returns them.
    ///
    /// # Errors
    /// `Conflict` where the document is no invoice, is not signed yet, or other notes refer to it; also where the new
    /// invoice cannot be made, with the reason. `Config` where `how` is `Held` or the reason is empty. `NotFound`;
    /// `Store`.
    pub async fn correct(
        &self,
        document: Uuid,
        how: CorrectionPolicy,
        reason: &str,
        tenant: Option<Uuid>,
    ) -> Result<Vec<Uuid>> {
        let refused = |kind, message: &str| Err(Error::new(kind, "engine.correct", message));
        if how == CorrectionPolicy::Held || reason.trim().is_empty() {
            return refused(
                ErrorKind::Config,
                "say how to correct the document, and why: the buyer reads it",
            );
        }
        let document = self.store().document(document, tenant).await?;
        let Some(version) = version_of(&document.document.purpose) else {
            return refused(
                ErrorKind::Conflict,
                "only an invoice made from a record can be taken back this way",
            );
        };
        let made = self.correction_of(&document, version).await?;
        if !made.is_empty() {
            return Ok(made);
        }
        let ask = Ask::Correct(document.id, how, reason.trim());
        self.prepare_as(document.record, Lane::Normal, None, ask).await?;
        self.inner.bell.notify_waiters();
        let made = self.correction_of(&document, version).await?;
        if !made.is_empty() {
            return Ok(made);
        }
        let held = self.store().record(document.record, None).await?.held;
        let why = held.map_or_else(|| "there is nothing to take back".to_owned(), |held| held.message);
        refused(ErrorKind::Conflict, &why)
    }

    /// The versions that a refund can still give back: not those that a correction took back.
    pub(super) async fn not_taken_back(&self, issued: Vec<Document>) -> Result<Vec<Document>> {
        let mut live = Vec::with_capacity(issued.len());
        for document in issued {
            let notes = self.store().notes_to(document.tenant, &document.document.irn).await?;
            if !notes.iter().any(|note| note.document.purpose.starts_with(CREDIT)) {
                live.push(document);
            }
        }
        Ok(live)
    }

    /// The credit note that took a version back, and the next version.
    async fn correction_of(&self, document: &Document, version: u32) -> Result<Vec<Uuid>> {
        let all = self.store().documents_of(document.record).await?;
        let find = |purpose: String| all.iter().find(|d| d.document.purpose == purpose).map(|d| d.id);
        let Some(credit) = find(format!("{CREDIT}{version}")) else { return Ok(Vec::new()) };
        Ok([Some(credit), find(purpose_of(version + 1))].into_iter().flatten().collect())
    }
}

impl Preparation<'_> {
    /// The newest version of the record's invoice.
    pub(super) fn newest(&self) -> Option<(u32, &Document)> {
        let versions = self.existing.iter().filter_map(|d| Some((version_of(&d.document.purpose)?, d)));
        versions.max_by_key(|(version, _)| *version)
    }

    pub(super) fn is_taken_back(&self, version: u32) -> bool {
        let purpose = format!("{CREDIT}{version}");
        self.existing.iter().any(|d| d.document.purpose == purpose)
    }

    fn policy(&self) -> CorrectionPolicy {
        match self.ask {
            Ask::Correct(_, how, _) => how,
            _ => self.tenant.policy.corrections,
        }
    }

    /// The purpose under which the record's sale is invoiced now; `None`: it was taken back, and by policy nothing
    /// takes its place.
    pub(super) fn version(&self) -> Option<String> {
        match self.newest() {
            None => Some(INVOICE.to_owned()),
            Some((version, _)) if !self.is_taken_back(version) => Some(purpose_of(version)),
            Some((version, _)) => {
                (self.policy() == CorrectionPolicy::CreditNoteAndNewInvoice).then(|| purpose_of(version + 1))
            }
        }
    }

    /// The record again, after its document went out.
    pub(super) async fn after_submission(&mut self, sent: Document, draft: Draft) -> Result<()> {
        let asked = matches!(self.ask, Ask::Correct(document, ..) if document == sent.id);
        if !asked && !self.sale_has_changed(&sent, &draft.invoice).await? {
            return self.payment_of(&sent, &draft.invoice).await;
        }
        if version_of(&sent.document.purpose).is_none() || self.policy() == CorrectionPolicy::Held {
            self.hold(changed_after_submission(&sent));
            return Ok(());
        }
        let next = (self.policy() == CorrectionPolicy::CreditNoteAndNewInvoice).then_some(draft);
        let why = match self.ask {
            Ask::Correct(_, _, reason) => reason.to_owned(),
            _ => "the sale it was made from has changed".to_owned(),
        };
        self.take_back(&sent, &why, next).await
    }

    /// A sale that cannot be drafted: usually it waits. One that was cancelled after its invoice went out is taken back.
    pub(super) async fn not_drafted(&mut self, held: Held) -> Result<()> {
        let live = self.newest().filter(|(version, d)| !self.is_taken_back(*version) && !d.is_open());
        let asked = live.filter(|(_, d)| matches!(self.ask, Ask::Correct(id, ..) if id == d.id));
        match (held.code.as_str(), live.map(|(_, d)| d.clone())) {
            (_, Some(sent)) if asked.is_some() => {
                let Ask::Correct(_, how, reason) = self.ask else { return Ok(()) };
                if how == CorrectionPolicy::CreditNoteAndNewInvoice && !has_ended(&held) {
                    self.hold(held);
                    return Ok(());
                }
                self.take_back(&sent, reason, None).await
            }
            (CANCELED | DELETED, Some(sent)) if self.policy() == CorrectionPolicy::Held => {
                let message = format!(
                    "The sale was {} after {} was submitted; an accepted document is never edited: issue a \
                     credit note.",
                    end_of(&held),
                    sent.document.number
                );
                self.hold(Held { code: "changed_after_submission".into(), message });
                Ok(())
            }
            (CANCELED | DELETED, Some(sent)) => {
                self.take_back(&sent, &format!("the sale was {}", end_of(&held)), None).await
            }
            // Cancelled and taken back: nothing is left to do.
            (CANCELED | DELETED, None)
                if self.newest().is_some_and(|(version, _)| self.is_taken_back(version)) =>
            {
                Ok(())
            }
            ("original_not_invoiced", _) if self.originals_taken_back => {
                self.hold(original_taken_back());
                Ok(())
            }
            // Rules or settings of now hold it; the sale is as it was when its documents went out.
            _ if self.stands_as_sent().await? => Ok(()),
            _ => {
                self.hold(held);
                Ok(())
            }
        }
    }

    /// A credit note over the whole document, and the next version where there is one: both or none.
    async fn take_back(&mut self, sent: &Document, why: &str, next: Option<Draft>) -> Result<()> {
        let Some(version) = version_of(&sent.document.purpose) else { return Ok(()) };
        if sent.stage < Stage::Signed || sent.state == DocumentState::Rejected {
            self.hold(correction_waits(sent));
            return Ok(());
        }
        let notes = self.engine.store().notes_to(sent.tenant, &sent.document.irn).await?;
        if let Some(note) = notes.first() {
            self.hold(other_note(sent, note));
            return Ok(());
        }
        let (documents, numbers) = (self.prepared.documents.len(), self.numbers.clone());
        self.issue_correction(taken_back(sent, version, why)?).await?;
        let mut complete = self.prepared.documents.len() > documents;
        if let Some(mut draft) = next.filter(|_| complete) {
            draft.purpose = purpose_of(version + 1);
            draft.provenance.push(provenance(&draft.purpose, sent, why));
            if self.exchange(&mut draft).await? {
                self.issue_correction(draft).await?;
            }
            complete = self.prepared.documents.len() > documents + 1;
        }
        if !complete {
            // Why is in `held`: a credit note alone would leave the sale without an invoice.
            self.prepared.documents.truncate(documents);
            self.numbers = numbers;
        }
        Ok(())
    }

    /// Notes that the authority refused are made again, with the seller's settings of now, as a refused invoice is.
    pub(super) async fn mend_notes(&mut self) -> Result<()> {
        let refused = |d: &&Document| {
            let purpose = &d.document.purpose;
            d.state == DocumentState::Rejected
                && d.is_open()
                && (purpose.starts_with(CREDIT) || purpose.starts_with(super::debit::DEBIT))
        };
        for document in self.existing.iter().filter(refused).cloned().collect::<Vec<_>>() {
            let invoice = Invoice {
                supplier: self.tenant.party(),
                business_id: self.tenant.business_id.clone(),
                ..invoice_of(&document)?
            };
            let provenance =
                crate::json::read("prepare.provenance", document.document.provenance.as_bytes())?;
            let purpose = document.document.purpose;
            self.issue_correction(Draft {
                purpose,
                invoice,
                provenance,
                sold_at: None,
                remarks: Vec::new(),
                unclassified: Vec::new(),
                approval: None,
                undated: false,
            })
            .await?;
        }
        Ok(())
    }

    /// Whether the record says of the payment what the authority has.
    async fn payment_of(&mut self, sent: &Document, now: &Invoice) -> Result<()> {
        let (engine, said) = (self.engine, status_in(sent)?);
        let is_paid = now.payment_status == PaymentStatus::Paid;
        let payment = engine.store().payment(sent.id).await?;
        match (is_paid, said, payment) {
            (true, PaymentStatus::Pending, None) => {
                let reference = now.payment_means.iter().find_map(|means| means.payment_id.clone());
                let wanted = WantedPayment {
                    document: sent.id,
                    status: PaymentStatus::Paid,
                    reference,
                    origin: PaymentOrigin::Record,
                };
                engine.store().want_payment(&wanted, engine.now()).await?;
            }
            (true, _, Some(payment)) if payment.status != PaymentStatus::Paid => {
                self.hold(payment_differs(sent));
            }
            (true, PaymentStatus::Rejected, None) => self.hold(payment_differs(sent)),
            (false, PaymentStatus::Paid, _) => self.hold(payment_reversed(sent)),
            (false, _, Some(payment)) if is_gone(&payment) => {
                let withdrawn = payment.state == PaymentState::Wanted
                    && engine.store().withdraw_payment(sent.id, engine.now()).await?;
                if !withdrawn {
                    self.hold(payment_reversed(sent));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

const CANCELED: &str = "sale_canceled";
const DELETED: &str = "record_deleted";

/// Why nothing more is made of a record that is gone.
pub(super) fn deleted(deletion: &Deletion) -> Held {
    let message = format!("The sale was deleted at its platform: {}. It is not invoiced.", deletion.why);
    Held { code: DELETED.into(), message }
}

fn has_ended(held: &Held) -> bool {
    matches!(held.code.as_str(), CANCELED | DELETED)
}

fn end_of(held: &Held) -> &'static str {
    if held.code == DELETED { "deleted at its platform" } else { "cancelled" }
}

/// A record that no longer says paid takes back only what a record said.
fn is_gone(payment: &Payment) -> bool {
    payment.origin == PaymentOrigin::Record && payment.state != PaymentState::Refused
}

fn purpose_of(version: u32) -> String {
    if version == 1 { INVOICE.to_owned() } else { format!("{INVOICE}:{version}") }
}

pub(in crate::engine) fn version_of(purpose: &str) -> Option<u32> {
    if purpose == INVOICE {
        return Some(1);
    }
    purpose.strip_prefix("invoice:")?.parse().ok()
}

/// A credit note over all of a document. Amounts stay positive; nothing is said of how it is paid back, because a
/// correction pays nothing back.
fn taken_back(sent: &Document, version: u32, why: &str) -> Result<Draft> {
    let original = invoice_of(sent)?;
    let purpose = format!("{CREDIT}{version}");
    let invoice = Invoice {
        document_type: DocumentType::CreditNote,
        note: Some(format!("Takes back {} in full: {why}.", original.number)),
        references: vec![reference_to(&original)],
        payment_status: PaymentStatus::Pending,
        payment_means: Vec::new(),
        payment_terms: None,
        due_date: None,
        number: String::new(),
        irn: None,
        ..original
    };
    let provenance = vec![provenance(&purpose, sent, why)];
    Ok(Draft {
        purpose,
        invoice,
        provenance,
        sold_at: None,
        remarks: Vec::new(),
        unclassified: Vec::new(),
        approval: None,
        undated: false,
    })
}

/// The billing reference to a document.
pub(super) fn reference_to(original: &Invoice) -> DocumentReference {
    DocumentReference {
        number: original.number.clone(),
        irn: original.irn.as_ref().map(ToString::to_string),
        issue_date: Some(original.issue_date),
        ..DocumentReference::default()
    }
}

/// Says in the document's history which document led to it, and why.
pub(super) fn provenance(purpose: &str, sent: &Document, why: &str) -> Provenance {
    Provenance {
        target: "document".to_owned(),
        rule: format!("correction:{purpose}"),
        source: Some(format!("document.{}", sent.document.number)),
        value: why.to_owned(),
    }
}

fn changed_after_submission(existing: &Document) -> Held {
    Held {
        code: "changed_after_submission".into(),
        message: format!(
            "The record changed after {} was submitted; an accepted document is never edited: issue a credit note and, \
             where needed, a new invoice.",
            existing.document.number
        ),
    }
}

fn original_taken_back() -> Held {
    Held {
        code: "original_taken_back".into(),
        message: "The invoice of the sale that this refund gives back was taken back in full by a credit note already; \
                  another credit note would count it twice."
            .into(),
    }
}

fn correction_waits(sent: &Document) -> Held {
    Held {
        code: "correction_waits".into(),
        message: format!(
            "The record changed while {} was on its way to the authority; it is corrected once the authority has it.",
            sent.document.number
        ),
    }
}

fn other_note(sent: &Document, note: &Document) -> Held {
    Held {
        code: "corrected_otherwise".into(),
        message: format!(
            "The record of {} changed after it was submitted, and {} refers to it already: a credit note over all of it \
             would count that part twice. A person must decide.",
            sent.document.number, note.document.number
        ),
    }
}

fn payment_reversed(sent: &Document) -> Held {
    Held {
        code: "payment_reversed".into(),
        message: format!(
            "The platform no longer says that {} is paid, but the authority was told so, which is final: issue a credit \
             note if the payment fell away for good.",
            sent.document.number
        ),
    }
}

fn payment_differs(sent: &Document) -> Held {
    Held {
        code: "payment_differs".into(),
        message: format!(
            "The platform says that {} is paid, but it was reported as rejected, which is final. A person must decide.",
            sent.document.number
        ),
    }
}
