//! What waited is looked at again once the thing it waited for may be there.

use crate::engine::Engine;
use crate::{
    Result,
    store::{DocumentFilter, DocumentState, Lane, RecordFilter},
};
use uuid::Uuid;

impl Engine {
    /// Queues again what waits for something that has just changed: all held records of a tenant, or those held for
    /// one reason.
    pub(in crate::engine) async fn requeue_held(&self, tenant: Uuid, code: Option<&str>) -> Result<()> {
        let mut filter =
            RecordFilter { tenant: Some(tenant), held: true, limit: Some(1000), ..RecordFilter::default() };
        loop {
            let page = self.store().records(&filter).await?;
            for record in page.items {
                if code.is_none_or(|code| record.held.as_ref().is_some_and(|held| held.code == code)) {
                    self.store().requeue_record(record.id, Lane::Normal, self.now()).await?;
                }
            }
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Queues again the records whose documents the authority refused: what it missed may be there now.
    pub(in crate::engine) async fn requeue_rejected(&self, tenant: Uuid) -> Result<()> {
        let state = Some(DocumentState::Rejected);
        let mut filter =
            DocumentFilter { tenant: Some(tenant), state, limit: Some(1000), ..DocumentFilter::default() };
        loop {
            let page = self.store().documents(&filter).await?;
            for document in page.items.iter().filter(|d| d.is_open()) {
                self.store().requeue_record(document.record, Lane::Normal, self.now()).await?;
            }
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => return Ok(()),
            }
        }
    }
}
