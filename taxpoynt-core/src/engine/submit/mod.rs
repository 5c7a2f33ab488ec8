//! A stored document → registered at the authority, one durable step at a time, and what is told of it afterwards; knows
//! the document as it was stamped, and never changes its bytes.
//!
//! The stage is stored before a call whose effect could get lost (`Signing`, `Transmitting`), so that whoever picks the
//! job up again asks first. The same bytes are sent on every attempt. What follows an error is in `firs::lifecycle`.

mod mend;
mod notices;
mod payment;

pub(super) use payment::status_in;

use super::{Engine, spans::Sale, timer::Timer};
use crate::{
    Error, ErrorKind, Result,
    firs::{
        Step, Submittable,
        lifecycle::{self, Event},
    },
    metrics::Submitted,
    store::{Complaint, Document, DocumentState, Fence, Job, Passenger, Stage, Submission, Switch},
};
use uuid::Uuid;

impl Engine {
    /// Takes a document from its stored stage to the end, or to an error that says whether to come back.
    pub(super) async fn submit(&self, document: Uuid, job: &Job) -> Result<()> {
        let fence = &job.fence;
        let document = self.store().document(document, None).await?;
        if self.begin(&document, fence).await? {
            return Ok(());
        }
        self.inner.holds.check(document.tenant, self.now())?;
        let transmitter = self.transmitter_of(document.tenant).await?;
        let keys = self.authority_keys(document.tenant).await?;
        let mut submittable = Submittable::read(document.document.mbs.clone(), document.stage)?;
        let mut timer = Timer::start(self, &document.source_id);
        loop {
            let mut stored = submittable.stage;
            if let Some(intent) = submittable.intent() {
                self.settle(&document, Step::intending(intent), fence).await?;
                stored = intent;
            }
            match transmitter.advance(&submittable, &keys).await {
                Ok(step) => {
                    timer.lap(stage_name(step.stage));
                    let (stage, finished) = (step.stage, step.finished);
                    self.catch_up_on_payment(&document, step.payment).await?;
                    self.settle(&document, step, fence).await?;
                    self.inner.holds.lift(document.tenant);
                    tracing::info!(stage = stage_name(stage), "the authority answered");
                    if stage >= Stage::Signed && stored < Stage::Signed {
                        let took = self.since_received(job).unwrap_or_default();
                        self.inner.metrics.signed(self.whose_document(&document), took);
                        // Refunds that waited for this invoice can refer to it now.
                        self.requeue_held(document.tenant, Some("original_not_invoiced")).await?;
                    }
                    if finished {
                        self.ended(&document, Submitted::Accepted);
                        return Ok(());
                    }
                    submittable.asked = stage == submittable.stage;
                    submittable.stage = stage;
                }
                Err(error) => return self.stopped(&document, stored, error, fence).await,
            }
        }
    }

    /// Says which sale this is about, and whether what is sent of it has to wait for a switch.
    pub(super) async fn begin(&self, document: &Document, fence: &Fence) -> Result<bool> {
        Sale::of_document(document).tell();
        tracing::Span::current().record("document", tracing::field::display(document.id));
        let passenger =
            Passenger { tenant: document.tenant, platform: &document.platform, id: &document.source_id };
        self.held_back(Switch::Submit, passenger, fence).await
    }

    fn ended(&self, document: &Document, outcome: Submitted) {
        tracing::Span::current().record("outcome", outcome.as_str());
        self.inner.metrics.submitted(self.whose_document(document), outcome);
    }

    /// A refusal ends the job; anything else is the worker's to come back to, or to give up.
    async fn stopped(&self, document: &Document, stored: Stage, error: Error, fence: &Fence) -> Result<()> {
        let event = Event::of(&error);
        if event == Event::Forbidden {
            self.inner.holds.put(document.tenant, &error, self.now());
        }
        match lifecycle::next(stored, event) {
            Some(row) if row.state == DocumentState::Rejected => {
                let error = self.with_sources(document, error).await;
                self.note_refusal(document, &error).await?;
                self.ended(document, Submitted::Rejected);
                tracing::warn!(document = %document.id, "the authority refused it: {error}");
                self.settle(document, Step::rejected(stored, &error), fence).await?;
                self.refused_for_a_code(document, &error).await
            }
            Some(_) => Err(error),
            None => Err(Error::new(
                ErrorKind::Internal,
                "engine.submit",
                format!("{event:?} cannot happen to a document at {stored:?}: {}", error.message()),
            )
            .caused_by(error)),
        }
    }

    /// Keeps each complaint with the field it names, so that it can be explained where that came from.
    async fn note_refusal(&self, document: &Document, error: &Error) -> Result<()> {
        let complaints: Vec<Complaint> = error.faults().iter().map(Into::into).collect();
        if complaints.is_empty() {
            return Ok(());
        }
        self.store().note_refusal(document.id, &complaints, self.now()).await
    }

    async fn settle(&self, document: &Document, step: Step, fence: &Fence) -> Result<()> {
        let Step { stage, state, message, code, finished, csid, payment: _ } = step;
        let submission = Submission { document: document.id, stage, state, message, code, finished, csid };
        self.store().settle_submission(&submission, fence, self.now()).await
    }
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Draft => "draft",
        Stage::Validated => "authority_validate",
        Stage::Signing | Stage::Signed => "sign",
        Stage::Transmitting | Stage::Transmitted => "transmit",
        Stage::Confirmed => "confirm",
    }
}
