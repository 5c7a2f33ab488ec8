//! What a stored deal or sale would become now, under the rules in force, without preparing it.

use super::Engine;
use crate::{
    Error, ErrorKind, Result,
    engine::prepare::originals,
    mapping::Provenance,
    model::{RecordKind, SourceKey},
    pipeline::{Drafted, approval_required, draft},
    store::{Held, Record},
};
use serde::Serialize;
use taxpoynt_ubl::Invoice;
use uuid::Uuid;

/// What one document of a record would become.
#[derive(Debug, Clone, Serialize)]
pub struct Foreseen {
    /// What the rules of `[trigger]` and all others make of it.
    pub outcome: Foretold,
    /// The rule of `[trigger]` that decides; none where no rule holds.
    pub rule: Option<String>,
    /// Why it would wait.
    pub held: Option<Held>,
    /// The document, without number and IRN.
    pub invoice: Option<Invoice>,
    /// Which rule and which source set which field.
    pub fields: Vec<Provenance>,
}

/// What becomes of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Foretold {
    /// It is drafted and goes its way.
    Document,
    /// It is drafted and waits for a person.
    Approval,
    /// It waits for the reason that is given.
    Held,
}

impl Engine {
    /// What a stored record would become under the rules in force: whether it is a document, waits for a person's
    /// approval or for something else, by which rule, and what the document says. Nothing is stored. What only the
    /// engine's later steps hold (a missing classification, a TIN) is not looked at; a document that went out stays.
    ///
    /// # Errors
    /// `NotFound` for a record that is not stored; `Payload`, `Mapping`, as the record is refused; `Store`.
    pub async fn preview(
        &self,
        connection: Uuid,
        record_id: &str,
        tenant: Option<Uuid>,
    ) -> Result<Vec<Foreseen>> {
        let connection = self.store().connection(connection, tenant).await?;
        let record = self.stored(connection.id, record_id).await?;
        let connector = self.connector(&record.platform)?.clone();
        let tenant = self.store().tenant(record.tenant).await?.0;
        let catalogue = self.shelf(record.tenant).await?.catalogue;
        let rules = self.rules(&record.platform, record.connection, &tenant).await?;
        let rules = rules.with_catalogue(catalogue, &record.platform);
        let today = self.now().with_timezone(&tenant.zone().unwrap_or(chrono_tz::Africa::Lagos)).date_naive();
        let (issued, _) = self.issued_for(&record, &originals(&*connector, &record)?).await?;
        let drafts = draft(&*connector, &record.raw, &tenant, &rules, &issued, Some(today))?;
        Ok(drafts.into_iter().map(foreseen).collect())
    }

    async fn stored(&self, connection: Uuid, id: &str) -> Result<Record> {
        for kind in [RecordKind::Deal, RecordKind::Order] {
            let key = SourceKey::new(kind, id);
            if let Some(record) = self.store().record_by_key(connection, &key).await? {
                return Ok(record);
            }
        }
        let message =
            "no record of this id is stored for the connection: pull it, or ask for its invoice, first";
        Err(Error::new(ErrorKind::NotFound, "engine.preview", message).with("record", id))
    }
}

fn foreseen(drafted: Drafted) -> Foreseen {
    match drafted {
        Drafted::Held(held) => Foreseen {
            outcome: Foretold::Held,
            rule: None,
            held: Some(held),
            invoice: None,
            fields: Vec::new(),
        },
        Drafted::Draft(draft) => Foreseen {
            outcome: if draft.approval.is_some() { Foretold::Approval } else { Foretold::Document },
            rule: draft.provenance.iter().find(|p| p.target.starts_with("trigger.")).map(|p| p.rule.clone()),
            held: draft.approval.as_deref().map(approval_required),
            invoice: Some(draft.invoice),
            fields: draft.provenance,
        },
    }
}
