//! What a person approves before it is sent: listed, approved, refused; and whether a draft has been.

use super::{Engine, prepare::Preparation};
use crate::{
    Error, ErrorKind, Result,
    pipeline::{Draft, approval_required},
    store::{Approval, ApprovalFilter, ApprovalState, Decided, Held, Page, WantedApproval},
};
use taxpoynt_ubl::Invoice;
use uuid::Uuid;

impl Engine {
    /// Drafts that a person approves before they are sent (`docs/mapping.md`, Triggers), newest first, with what was
    /// decided about them.
    ///
    /// # Errors
    /// `Payload` for a cursor that no listing gave; `Store`.
    pub async fn approvals(&self, filter: &ApprovalFilter) -> Result<Page<Approval>> {
        self.store().approvals(filter).await
    }

    /// Approves a draft: what it says is sent. The approval is of that content alone: where the record says something
    /// else before it is sent, it asks again. Approving it again changes nothing.
    ///
    /// # Errors
    /// `Config` where nobody says who approves; `Conflict` where it was refused, or the record says something else by
    /// now; `NotFound`; `Store`.
    pub async fn approve(
        &self,
        id: Uuid,
        by: &str,
        note: Option<&str>,
        tenant: Option<Uuid>,
    ) -> Result<Approval> {
        self.decide("engine.approve", true, (id, tenant), by, note).await
    }

    /// Refuses a draft: it is not sent, and its record is held as `approval_refused` until it says something else.
    ///
    /// # Errors
    /// As `approve`.
    pub async fn refuse(
        &self,
        id: Uuid,
        by: &str,
        note: Option<&str>,
        tenant: Option<Uuid>,
    ) -> Result<Approval> {
        self.decide("engine.refuse", false, (id, tenant), by, note).await
    }

    async fn decide(
        &self,
        operation: &'static str,
        approved: bool,
        (id, tenant): (Uuid, Option<Uuid>),
        by: &str,
        note: Option<&str>,
    ) -> Result<Approval> {
        if by.trim().is_empty() {
            let message = "say who decides: the name stays with the decision and in the log";
            return Err(Error::new(ErrorKind::Config, operation, message).with("field", "by"));
        }
        let note = note.map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned);
        let decided = Decided { id, tenant, approved, by: by.trim().to_owned(), note };
        let approval = self.store().decide(&decided, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(approval)
    }
}

impl Preparation<'_> {
    /// Whether a draft may be sent: no rule asks a person, a person asked for it, or one has approved what it says. Else
    /// the record waits, and the draft is asked about in the move that says so.
    pub(super) async fn may_be_sent(&mut self, draft: &Draft, content_hash: &str) -> Result<bool> {
        let Some(rule) = draft.approval.as_deref().filter(|_| self.ask.is_of_the_record()) else {
            return Ok(true);
        };
        let hash = approved_hash(draft, content_hash)?;
        let state = self.engine.store().decision(self.record.id, &draft.purpose, &hash).await?;
        match state {
            Some(ApprovalState::Approved) => return Ok(true),
            Some(ApprovalState::Refused) => {
                let message =
                    "A person refused this document: it is not sent until the record says something else.";
                self.hold(Held { code: "approval_refused".into(), message: message.into() });
            }
            _ => {
                self.hold(approval_required(rule));
                self.prepared.waiting.approvals.push(asked(draft, hash, rule)?);
            }
        }
        Ok(false)
    }
}

/// The draft as a person is shown it. Its number is taken when it is prepared.
fn asked(draft: &Draft, content_hash: String, rule: &str) -> Result<WantedApproval> {
    let shown = Invoice { number: String::new(), irn: None, ..draft.invoice.clone() };
    Ok(WantedApproval {
        purpose: draft.purpose.clone(),
        content_hash,
        rule: rule.to_owned(),
        currency: shown.currency.code().to_owned(),
        payable_amount: shown.totals.payable_amount.to_string(),
        invoice: crate::json::write("prepare.approval", &shown)?,
    })
}

/// A record that does not say its day gets that of its preparation, which is no change of what it says.
fn approved_hash(draft: &Draft, content_hash: &str) -> Result<String> {
    if !draft.undated {
        return Ok(content_hash.to_owned());
    }
    super::prepare::content_hash(&Invoice { tax_point_date: None, ..draft.invoice.clone() })
}
