//! Where every element of a stored document came from, why a sale waits, and why a document was refused. Computed from the
//! raw record and what was in force when the document was drafted; what was not kept is not told, and nothing is taken from
//! what is in force now.

use super::{
    Engine,
    prepare::{CREDIT, DEBIT, as_sent, content_hash, invoice_of, issued_of, of_purpose, originals_of},
    rules::InForce,
};
use crate::{
    Error, ErrorKind, Result,
    explain::{
        Entry, Explanation, IssueDay, Made, Reads, Subject, WhyHeld, WhyRejected, elements, original_of,
        remedy, target, why_held,
    },
    mapping::{Provenance, Record as RecordView},
    model::RawRecord,
    pipeline::{Drafted, Issued, TracedDraft, traced},
    store::{Complaint, Document, DocumentState, Grounds, Held, Record},
};
use std::collections::BTreeMap;
use taxpoynt_ubl::Invoice;
use uuid::Uuid;

/// What a document was made from, found again.
struct Found {
    raw: RawRecord,
    in_force: InForce,
    /// None where drafting again gives another document.
    draft: Option<TracedDraft>,
}

/// Why what a document was made from cannot be told any more.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lost {
    NotKept,
    Unreadable(String),
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
        let kept = self.store().grounds(document.id).await?;
        let drafted_by = kept.grounds.as_ref().and_then(|grounds| grounds.engine.clone());
        let mut found = self.found(kept.grounds, &document.platform);
        let base = self.base_of(document, &invoice).await?;
        let mut issued = Vec::new();
        if base.is_none() {
            issued = self.originals_of(document, &invoice, found.as_ref().ok()).await.unwrap_or_default();
            if let Ok(found) = &mut found {
                found.draft = draft_again(document, &invoice, &fields, found, &issued);
            }
        }
        let of = Of { document, invoice: &invoice, fields: &fields, base: base.as_ref(), issued: &issued };
        let elements = of.elements(found.as_ref().ok(), (&kept.series, Some(kept.series_number)))?;
        let rejected = match document.state {
            DocumentState::Rejected => self.why_rejected(document, &elements).await?,
            _ => Vec::new(),
        };
        let notes = notes(&found, base.is_none(), drafted_by.as_deref());
        let (number, source_id) = (invoice.number, document.source_id.clone());
        Ok(Explanation { number, source_id, fields, elements, held: Vec::new(), rejected, notes })
    }

    /// What was in force, from what was kept. What is in force now takes no part in it.
    fn found(&self, kept: Option<Grounds>, platform: &str) -> Result<Found, Lost> {
        let grounds = kept.ok_or(Lost::NotKept)?;
        let in_force = self.in_force_then(&grounds, platform);
        let in_force = in_force.map_err(|error| Lost::Unreadable(error.message().to_owned()))?;
        Ok(Found { raw: grounds.raw, in_force, draft: None })
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

    /// What a refund takes back, as its document refers to it. The document tells which; where the record of then is gone, the
    /// one of now leads there.
    async fn originals_of(
        &self,
        document: &Document,
        invoice: &Invoice,
        found: Option<&Found>,
    ) -> Result<Vec<Issued>> {
        let ids = match found {
            Some(found) => originals_of(&*found.in_force.connector, &found.raw)?,
            None => {
                let record = self.store().record(document.record, None).await?;
                originals_of(&**self.connector(&document.platform)?, &record.raw)?
            }
        };
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let all = self.store().issued(document.tenant, &document.platform, &ids).await?;
        let refers_to = |other: &Document| {
            invoice.references.iter().any(|r| r.irn.as_deref() == Some(other.document.irn.as_str()))
        };
        all.into_iter().filter(refers_to).map(issued_of).collect()
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
        let InForce { connector, tenant, rules, .. } = self.in_force_now(record).await?;
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

/// Drafts a document again with every rule told. What cannot be drafted, or comes out otherwise, is not told.
fn draft_again(
    document: &Document,
    invoice: &Invoice,
    fields: &[Provenance],
    found: &Found,
    issued: &[Issued],
) -> Option<TracedDraft> {
    let InForce { connector, tenant, rules, .. } = &found.in_force;
    let day = invoice.tax_point_date.or(Some(invoice.issue_date));
    let drafts = traced(&**connector, &found.raw, tenant, rules, issued, day).ok()?;
    drafts.into_iter().find(|traced| {
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
        let is_stated = as_sent(tenant, invoice, &mut draft).is_ok();
        is_stated && content_hash(&draft.invoice).ok().as_ref() == Some(&document.document.content_hash)
    })
}

/// A stored document, read.
struct Of<'a> {
    document: &'a Document,
    invoice: &'a Invoice,
    fields: &'a [Provenance],
    /// The document it corrects or adds to.
    base: Option<&'a Invoice>,
    /// What a refund takes back.
    issued: &'a [Issued],
}

impl Of<'_> {
    fn elements(&self, found: Option<&Found>, series: (&str, Option<u64>)) -> Result<Vec<Entry>> {
        let connector = found.map(|found| &found.in_force.connector);
        let (view, copied) = match (found, connector) {
            (Some(found), Some(connector)) => {
                let view = RecordView::new(&found.raw.body, &connector.info().record)?;
                (Some(view), connector.copied_in(&found.raw.body))
            }
            _ => (None, Vec::new()),
        };
        let draft = found.and_then(|found| found.draft.as_ref());
        let made = match self.base {
            Some(original) if self.document.document.purpose.starts_with(DEBIT) => Made::AddsTo(original),
            Some(original) => Made::TakesBack(original),
            None => {
                let drafted = draft.map(|draft| original_of(&draft.document, self.issued));
                // What cannot be drafted again has the buyer of the document it refers to all the same.
                let referred = || self.issued.first().and_then(|issued| issued.invoice.as_deref());
                Made::FromRecord(drafted.unwrap_or_else(referred))
            }
        };
        let none = BTreeMap::new();
        elements(Subject {
            invoice: self.invoice,
            xml: &self.document.document.ubl,
            provenance: self.fields,
            tenant: found.map(|found| &found.in_force.tenant),
            draft,
            record: view.as_ref().map(|view| view as &dyn Reads),
            copied: &copied,
            made,
            series,
            issued: IssueDay::Prepared,
            versions: found.map_or(&none, |found| &found.in_force.versions),
        })
    }
}

/// What a reader must know besides: why something is not told, and what was recorded and held nothing back.
fn notes(found: &Result<Found, Lost>, is_of_record: bool, drafted_by: Option<&str>) -> Vec<String> {
    const KEPT: &str = "Which rule set each field is told as it was kept with the document, without what it read and the \
                        steps between";
    match found {
        Err(Lost::NotKept) => vec![format!(
            "What was in force when this document was made is not kept any more: its record, settings and rules of then. \
             {KEPT}; nothing is taken from what is in force now."
        )],
        Err(Lost::Unreadable(why)) => vec![format!(
            "This engine cannot read what was in force when this document was made ({why}). {KEPT}; nothing is taken from \
             what is in force now."
        )],
        Ok(Found { draft: Some(TracedDraft { drafted: Drafted::Draft(draft), .. }), .. }) => {
            draft.remarks.clone()
        }
        Ok(_) if is_of_record => {
            let own = env!("CARGO_PKG_VERSION");
            let by = match drafted_by {
                Some(then) if then != own => format!("the engine was changed since, from {then} to {own}"),
                _ => "the engine was changed since".to_owned(),
            };
            vec![format!(
                "Drafted again under the rules and settings of then, the record gives another document: {by}. Which rule \
                 set each field is told as it was kept with the document, without the steps between."
            )]
        }
        Ok(_) => Vec::new(),
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
