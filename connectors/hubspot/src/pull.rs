//! Pages of changed deals by search, in the order asked for. How to go on without gaps, and around the 10,000 results after
//! which HubSpot refuses, is core's to know.

use crate::{api, gather};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use taxpoynt_core::{
    Result,
    connector::{Batch, Context, Gone, Pull, PullOrder, gather::id_of},
    json,
    model::{RecordKind, SourceKey},
};

const MODIFIED: &str = "hs_lastmodifieddate";
/// The deal's id as a property.
pub(crate) const ID: &str = "hs_object_id";

/// A query and HubSpot's offset within it: HubSpot wants both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Checkpoint {
    /// Milliseconds: changes at or after this time.
    since: Option<i64>,
    /// Changes at or before this time.
    until: Option<i64>,
    /// By id, after this one; none: by time.
    after_id: Option<String>,
    /// The offset.
    after: Option<String>,
}

impl Checkpoint {
    fn of(pull: &Pull) -> Result<Self> {
        if let Some(text) = &pull.checkpoint {
            return json::read("hubspot.pull", text.as_bytes());
        }
        let millis = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_millis());
        let after_id = match &pull.order {
            PullOrder::Time => None,
            PullOrder::Id { after } if after.is_empty() => Some("0".to_owned()),
            PullOrder::Id { after } => Some(after.clone()),
        };
        Ok(Self { since: millis(pull.since), until: millis(pull.until), after_id, after: None })
    }

    fn search(&self) -> (Value, &'static str) {
        let mut filters = Vec::new();
        filters.extend(self.since.map(|since| filter(MODIFIED, "GTE", &since.to_string())));
        filters.extend(self.until.map(|until| filter(MODIFIED, "LTE", &until.to_string())));
        filters.extend(self.after_id.as_deref().map(|id| filter(ID, "GT", id)));
        if filters.is_empty() {
            filters.push(filter(MODIFIED, "GTE", "0"));
        }
        (Value::Array(filters), if self.after_id.is_some() { ID } else { MODIFIED })
    }
}

/// One condition of a search.
pub(crate) fn filter(name: &str, operator: &str, value: &str) -> Value {
    json!({ "propertyName": name, "operator": operator, "value": value })
}

/// One page.
pub(crate) async fn page(cx: &Context, pull: Pull) -> Result<Batch> {
    let checkpoint = Checkpoint::of(&pull)?;
    let (filters, sort_by) = checkpoint.search();
    let found = api::search(cx, &filters, sort_by, checkpoint.after.as_deref()).await?;
    let last_id = found.deals.iter().filter_map(|deal| id_of(deal)?.parse::<u64>().ok()).max();
    let mut batch = gather::records(cx, found.deals).await?;
    batch.total = found.total;
    batch.last_id = last_id.map(|id| id.to_string());
    if found.after.is_some() {
        batch.next = Some(json::write("hubspot.pull", &Checkpoint { after: found.after, ..checkpoint })?);
    }
    Ok(batch)
}

/// One page of the deals in the recycle bin, where HubSpot keeps them for 90 days. A search never shows them.
pub(crate) async fn deleted(cx: &Context, after: Option<String>) -> Result<Gone> {
    let found = api::archived(cx, after.as_deref()).await?;
    let ids = found.deals.iter().filter(gather::is_archived).filter_map(|deal| id_of(deal));
    let keys = ids.map(|id| SourceKey::new(RecordKind::Deal, id)).collect();
    Ok(Gone { keys, next: found.after })
}
