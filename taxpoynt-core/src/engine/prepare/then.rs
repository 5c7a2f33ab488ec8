//! A sale looked at as it was when its documents were drafted: rules and settings that changed since are no change of it.

use super::{
    Preparation,
    correct::{CREDIT, INVOICE, version_of},
    debit::DEBIT,
    exchange::as_sent,
    has_changed, invoice_of,
};
use crate::{
    Result,
    pipeline::{Draft, Drafted, draft},
    store::Document,
};
use taxpoynt_ubl::Invoice;

impl Preparation<'_> {
    /// Whether the sale says something else than the document that was submitted. Where it does under the rules and settings
    /// of now, those of then decide.
    pub(super) async fn sale_has_changed(&self, sent: &Document, now: &Invoice) -> Result<bool> {
        if !has_changed(sent, now.clone())? {
            return Ok(false);
        }
        let drafts = self.drafted_then(sent).await?;
        match drafts.and_then(|drafts| of_purpose(drafts, &sent.document.purpose)) {
            Some(then) => has_changed(sent, then.invoice),
            None => Ok(true),
        }
    }

    /// Whether every document that the record stands for was sent, and the sale is as it was then.
    pub(super) async fn stands_as_sent(&self) -> Result<bool> {
        let newest = self.newest().map(|(version, _)| version);
        let counts = |document: &&Document| match version_of(&document.document.purpose) {
            Some(version) => Some(version) == newest && !self.is_taken_back(version),
            None => is_of_record(&document.document.purpose),
        };
        let sent: Vec<&Document> = self.existing.iter().filter(counts).collect();
        if sent.is_empty() || sent.iter().any(|document| document.is_open()) {
            return Ok(false);
        }
        for document in &sent {
            let Some(drafts) = self.drafted_then(document).await? else { return Ok(false) };
            // A further document that waits is not among those that were sent.
            if drafts.len() != sent.len() || drafts.iter().any(|d| matches!(d, Drafted::Held(_))) {
                return Ok(false);
            }
            let then = of_purpose(drafts, &document.document.purpose);
            let is_same = then.map(|then| has_changed(document, then.invoice)).transpose()? == Some(false);
            if !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The record of now, drafted under what was in force when a document was. None where that was not kept, or this
    /// engine cannot read it any more.
    async fn drafted_then(&self, sent: &Document) -> Result<Option<Vec<Drafted>>> {
        let kept = self.engine.store().grounds(sent.id).await?;
        let then = kept.grounds.map(|grounds| self.engine.in_force_then(&grounds, &self.record.platform));
        let Some(Ok(then)) = then else { return Ok(None) };
        let document = invoice_of(sent)?;
        let day = document.tax_point_date.unwrap_or(self.today);
        let raw = &self.record.raw;
        let drafts = draft(&*then.connector, raw, &then.tenant, &then.rules, &self.issued, Some(day));
        let Ok(mut drafts) = drafts else { return Ok(None) };
        for drafted in &mut drafts {
            if let Drafted::Draft(draft) = drafted {
                as_sent(&then.tenant, &document, draft)?;
            }
        }
        Ok(Some(drafts))
    }
}

/// The draft that a stored document is a version of.
pub(in crate::engine) fn of_purpose(drafts: Vec<Drafted>, purpose: &str) -> Option<Draft> {
    let wanted = if version_of(purpose).is_some() { INVOICE } else { purpose };
    drafts.into_iter().find_map(|drafted| match drafted {
        Drafted::Draft(draft) if draft.purpose == wanted => Some(*draft),
        _ => None,
    })
}

/// Whether documents of this purpose are made from the record itself, and not from another document.
fn is_of_record(purpose: &str) -> bool {
    !purpose.starts_with(CREDIT) && !purpose.starts_with(DEBIT)
}
