//! A stored document → registered at the authority, one durable step at a time.
//!
//! The stage is stored before a call whose effect could get lost (`Signing`, `Transmitting`), so that whoever picks the
//! job up again asks first. The same bytes are sent on every attempt.

use super::{Engine, timer::Timer};
use crate::{
    ErrorKind, Result,
    firs::{Step, Submittable},
    store::{Document, Fence, Stage, Submission},
};
use uuid::Uuid;

impl Engine {
    /// Takes a document from its stored stage to the end, or to an error that says whether to come back.
    pub(super) async fn submit(&self, document: Uuid, fence: &Fence) -> Result<()> {
        let document = self.store().document(document, None).await?;
        let transmitter = self.transmitter_of(document.tenant).await?;
        let keys = self.authority_keys(document.tenant).await?;
        let mut submittable = Submittable::read(document.document.mbs.clone(), document.stage)?;
        let mut timer = Timer::start(self, &document.source_id);
        loop {
            if let Some(intent) = submittable.intent() {
                self.settle(&document, Step::intending(intent), fence).await?;
            }
            match transmitter.advance(&submittable, &keys).await {
                Ok(step) => {
                    timer.lap(stage_name(step.stage));
                    let (stage, finished) = (step.stage, step.finished);
                    self.settle(&document, step, fence).await?;
                    if stage >= Stage::Signed {
                        // Refunds that waited for this invoice can refer to it now.
                        self.requeue_held(document.tenant, Some("original_not_invoiced")).await?;
                    }
                    if finished {
                        return Ok(());
                    }
                    submittable.stage = stage;
                }
                Err(error) if error.kind() == ErrorKind::Rejected => {
                    let error = self.with_sources(&document, error).await;
                    tracing::warn!(document = %document.id, "the authority refused it: {error}");
                    return self.settle(&document, Step::rejected(submittable.stage, &error), fence).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn settle(&self, document: &Document, step: Step, fence: &Fence) -> Result<()> {
        let Step { stage, state, message, finished, csid } = step;
        let submission = Submission { document: document.id, stage, state, message, finished, csid };
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
