//! Where every element of a stored document came from, why a sale waits, and why a document was refused. Computed from the
//! raw record and what was in force when the document was drafted; nothing is taken from what is in force now, unless
//! nothing else was kept.

use super::{
    Engine,
    prepare::{CREDIT, DEBIT, as_sent, content_hash, invoice_of, issued_of, of_purpose, originals_of},
    rules::InForce,
};
use crate::{
    Error, ErrorKind, Result,
    connector::Connector,
    explain::{
        Entry, Explanation, IssueDay, Made, Subject, WhyHeld, WhyRejected, elements, original_of, remedy,
        target, why_held,
    },
    mapping::{Provenance, Record as RecordView},
    model::RawRecord,
    pipeline::{Drafted, Issued, TracedDraft, traced},
    store::{Complaint, Document, DocumentState, Held, Record},
};
use taxpoynt_ubl::Invoice;
use uuid::Uuid;

/// What a document was made from, found again.
struct Found {
    in_force: InForce,
    raw: RawRecord,
    /// None where the record gives another document now.
    draft: Option<TracedDraft>,
    issued: Vec<Issued>,
    notes: Vec<String>,
}

impl Engine {
    /// Of a document: where every element and attribute of its UBL came from, and where the authority refused it, each
    /// complaint with where the value it is about came from. The same document always gives the same explanation,
    /// whatever rules and settings are in force now. Of a record's id: why the sale waits, by what is in force now.
    ///
    /// # Errors
    /// `NotFound`, also for another tenant's; `Store`.
    pub async fn explain(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Explanation> {
        match self.store().document(id, tenant).await {
            Ok(document) => self.explain_document(&document).await,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let record = self.store().record(id, tenant).await.map_err(|_| error)?;
                self.explain_record(&record).await
            }
            Err(error) => Err(error),
        }
    }

    async fn explain_document(&self, document: &Document) -> Result<Explanation> {
        let invoice = invoice_of(document)?;
        let fields: Vec<Provenance> =
            crate::json::read("engine.explain", document.document.provenance.as_bytes())?;
        let record = self.store().record(document.record, None).await?;
        let kept = self.store().grounds(document.id).await?;
        let then = kept.grounds.as_ref().and_then(|kept| self.in_force_then(kept, &record.platform).ok());
        let was_kept = then.is_some();
        let in_force = match then {
            Some(then) => then,
            None => self.in_force_now(&record).await?,
        };
        let raw = kept.grounds.map_or_else(|| record.raw.clone(), |grounds| grounds.raw);
        let base = self.base_of(document, &invoice).await?;
        let mut found = Found { in_force, raw, draft: None, issued: Vec::new(), notes: Vec::new() };
        if base.is_none() {
            self.draft_again(document, &invoice, &fields, &mut found).await;
            found.note(was_kept);
        }
        let connector = self.connector(&record.platform)?.clone();
        let of = Of { document, invoice: &invoice, fields: &fields, base: base.as_ref() };
        let elements = of.elements(&*connector, &found, (&kept.series, Some(kept.series_number)))?;
        let mut notes = std::mem::take(&mut found.notes);
        if let Some(TracedDraft { drafted: Drafted::Draft(draft), .. }) = &found.draft {
            notes.extend(draft.remarks.iter().cloned());
        }
        let rejected = match document.state {
            DocumentState::Rejected => self.why_rejected(document, &elements).await?,
            _ => Vec::new(),
        };
        let (number, source_id) = (invoice.number, document.source_id.clone());
        Ok(Explanation { number, source_id, fields, elements, held: Vec::new(), rejected, notes })
    }

    /// The document that this one corrects or adds to; none for one that is made from the record.
    async fn base_of(&self, document: &Document, invoice: &Invoice) -> Result<Option<Invoice>> {
        let purpose = &document.document.purpose;
        if !purpose.starts_with(CREDIT) && !purpose.starts_with(DEBIT) {
            return Ok(None);
        }
        let irn = invoice.references.first().and_then(|reference| reference.irn.as_deref());
        let all = self.store().documents_of(document.record).await?;
        let of = all.iter().find(|other| Some(other.document.irn.as_str()) == irn);
        let missing =
            || Error::new(ErrorKind::Store, "engine.explain", "the document that this one refers to is gone");
        of.map(invoice_of).transpose()?.ok_or_else(missing).map(Some)
    }

    /// Drafts the document again with every rule told. What cannot be drafted, or comes out otherwise, is not told.
    async fn draft_again(
        &self,
        document: &Document,
        invoice: &Invoice,
        fields: &[Provenance],
        found: &mut Found,
    ) {
        let drafts = self.drafts_again(document, invoice, found).await.unwrap_or_default();
        found.draft = drafts.into_iter().find(|traced| {
            let Drafted::Draft(draft) = &traced.drafted else { return false };
            let Some(mut draft) = of_purpose(vec![Drafted::Draft(draft.clone())], &document.document.purpose)
            else {
                return false;
            };
            // What the catalogue said then is kept with the document.
            for (at, (line, stored)) in draft.invoice.lines.iter_mut().zip(&invoice.lines).enumerate() {
                let by_catalogue = |field: &Provenance| {
                    field.target == format!("lines[{at}].classification")
                        && field.rule.starts_with("catalogue entry ")
                };
                if fields.iter().any(by_catalogue) {
                    line.classification.clone_from(&stored.classification);
                }
            }
            let is_stated = as_sent(&found.in_force.tenant, invoice, &mut draft).is_ok();
            is_stated && content_hash(&draft.invoice).ok().as_ref() == Some(&document.document.content_hash)
        });
    }

    async fn drafts_again(
        &self,
        document: &Document,
        invoice: &Invoice,
        found: &mut Found,
    ) -> Result<Vec<TracedDraft>> {
        let connector = self.connector(&document.platform)?.clone();
        let ids = originals_of(&*connector, &found.raw)?;
        if !ids.is_empty() {
            let all = self.store().issued(document.tenant, &document.platform, &ids).await?;
            let refers_to = |other: &Document| {
                invoice.references.iter().any(|r| r.irn.as_deref() == Some(other.document.irn.as_str()))
            };
            found.issued = all.into_iter().filter(refers_to).map(issued_of).collect::<Result<_>>()?;
        }
        let InForce { tenant, rules, .. } = &found.in_force;
        let day = invoice.tax_point_date.or(Some(invoice.issue_date));
        traced(&*connector, &found.raw, tenant, rules, &found.issued, day)
    }

    /// What the document was refused for; one that was refused before complaints were kept has its sentence alone.
    async fn why_rejected(&self, document: &Document, elements: &[Entry]) -> Result<Vec<WhyRejected>> {
        let mut complaints = self.store().refusal(document.id).await?;
        if complaints.is_empty() {
            complaints.push(Complaint {
                id: document.code.clone().unwrap_or_else(|| "authority".to_owned()),
                path: String::new(),
                message: document.message.clone().unwrap_or_default(),
            });
        }
        Ok(complaints.into_iter().map(|complaint| WhyRejected::of(complaint, elements)).collect())
    }

    /// Why a sale waits.
    async fn explain_record(&self, record: &Record) -> Result<Explanation> {
        let source_id = record.raw.key.id.clone();
        let Some(held) = &record.held else {
            let notes =
                vec!["The sale does not wait: its documents have explanations of their own.".to_owned()];
            return Ok(Explanation { source_id, notes, ..Explanation::default() });
        };
        let mut why = self.why_record_waits(record, held).await.unwrap_or_default();
        if !why.iter().any(|one| one.code == held.code) {
            why.insert(0, plainly(held));
        }
        Ok(Explanation { source_id, held: why, ..Explanation::default() })
    }

    /// The reasons with the rules that were looked at; empty where the record cannot be drafted at all.
    async fn why_record_waits(&self, record: &Record, held: &Held) -> Result<Vec<WhyHeld>> {
        let connector = self.connector(&record.platform)?.clone();
        let InForce { tenant, rules, .. } = self.in_force_now(record).await?;
        let ids = originals_of(&*connector, &record.raw)?;
        let (issued, _) = self.issued_for(record, &ids).await?;
        let today = self.now().with_timezone(&tenant.zone().unwrap_or(chrono_tz::Africa::Lagos)).date_naive();
        let drafts = traced(&*connector, &record.raw, &tenant, &rules, &issued, Some(today))?;
        let view = RecordView::new(&record.raw.body, &connector.info().record)?;
        let mut why = Vec::new();
        for draft in &drafts {
            match &draft.drafted {
                Drafted::Held(held) => why.extend(why_held(held, draft, &rules, &view, &tenant)?),
                Drafted::Draft(_) if target(&held.code).is_some() => {
                    why.extend(why_held(held, draft, &rules, &view, &tenant)?);
                }
                Drafted::Draft(_) => {}
            }
        }
        Ok(why)
    }
}

/// A stored document, read.
struct Of<'a> {
    document: &'a Document,
    invoice: &'a Invoice,
    fields: &'a [Provenance],
    /// The document it corrects or adds to.
    base: Option<&'a Invoice>,
}

impl Of<'_> {
    fn elements(
        &self,
        connector: &dyn Connector,
        found: &Found,
        series: (&str, Option<u64>),
    ) -> Result<Vec<Entry>> {
        let view = RecordView::new(&found.raw.body, &connector.info().record)?;
        let copied = connector.copied_in(&found.raw.body);
        let made = match self.base {
            Some(original) if self.document.document.purpose.starts_with(DEBIT) => Made::AddsTo(original),
            Some(original) => Made::TakesBack(original),
            None => {
                let drafted = found.draft.as_ref().map(|draft| original_of(&draft.document, &found.issued));
                // What cannot be drafted again has the buyer of the document it refers to all the same.
                let referred = || found.issued.first().and_then(|issued| issued.invoice.as_deref());
                Made::FromRecord(drafted.unwrap_or_else(referred))
            }
        };
        elements(Subject {
            invoice: self.invoice,
            xml: &self.document.document.ubl,
            provenance: self.fields,
            tenant: &found.in_force.tenant,
            draft: found.draft.as_ref(),
            record: Some(&view),
            copied: &copied,
            made,
            series,
            issued: IssueDay::Prepared,
            versions: &found.in_force.versions,
        })
    }
}

impl Found {
    fn note(&mut self, was_kept: bool) {
        let note = match (was_kept, self.draft.is_some()) {
            (true, true) => return,
            (false, true) => {
                "What was in force when this document was made was not kept, or this engine cannot read it; what is in \
                 force now makes the same document of the record, and is told here."
            }
            (true, false) => {
                "Drafted again under the rules and settings of then, the record gives another document: the engine was \
                 changed since. Which rule set each field is told as it was kept with the document, without the steps \
                 between."
            }
            (false, false) => {
                "What was in force when this document was made was not kept, or this engine cannot read it, and what is \
                 in force now makes another document of the record. Which rule set each field is told as it was kept \
                 with the document, without the steps between."
            }
        };
        self.notes.push(note.to_owned());
    }
}

/// A reason that no single rule stands behind.
fn plainly(held: &Held) -> WhyHeld {
    WhyHeld {
        code: held.code.clone(),
        message: held.message.clone(),
        target: None,
        rules: Vec::new(),
        remedy: remedy(&held.code).to_owned(),
    }
}
