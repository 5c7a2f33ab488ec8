//! Pages of changed deals by search, oldest change first. Each page begins where the last one ended, by time and not
//! by offset: a deal that changes meanwhile moves behind and shifts nothing, and no search comes near the 10,000
//! results after which HubSpot refuses.

use crate::{api, gather};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use taxpoynt_core::{
    Result,
    connector::{Batch, Context, Pull},
    json,
};

const MODIFIED: &str = "hs_lastmodifieddate";
const ID: &str = "hs_object_id";

/// Where a pull stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Checkpoint {
    /// Milliseconds: changes at or after this time.
    since: i64,
    /// More deals than one page share the time `since`, as after an import: they are read by id, up to this one.
    after_id: Option<String>,
}

/// One page.
pub(crate) async fn page(cx: &Context, pull: Pull) -> Result<Batch> {
    let checkpoint = match &pull.checkpoint {
        Some(text) => json::read::<Checkpoint>("hubspot.pull", text.as_bytes())?,
        None => Checkpoint { since: pull.since.map_or(0, |at| at.timestamp_millis()), after_id: None },
    };
    let (filters, sort_by) = query(&checkpoint);
    let (deals, more) = api::search(cx, &filters, sort_by).await?;
    let mut batch = gather::records(cx, deals).await?;
    let stamps = batch.records.iter().filter_map(|record| record.modified_at);
    let last = stamps.map(|at| at.timestamp_millis()).max();
    let last_id = batch.records.iter().filter_map(|record| record.key.id.parse::<u64>().ok()).max();
    if let Some(next) = next(&checkpoint, more, last, last_id) {
        batch.next = Some(json::write("hubspot.pull", &next)?);
    }
    Ok(batch)
}

fn query(checkpoint: &Checkpoint) -> (Value, &'static str) {
    let filter = |name: &str, operator: &str, value: &str| json!({ "propertyName": name, "operator": operator, "value": value });
    let since = checkpoint.since.to_string();
    let from = filter(MODIFIED, "GTE", &since);
    match &checkpoint.after_id {
        None => (json!([from]), MODIFIED),
        Some(id) => (json!([from, filter(MODIFIED, "LTE", &since), filter(ID, "GT", id)]), ID),
    }
}

/// The page after one that ended with the change at `last`. The deals of that very moment come again, which costs
/// little; a page full of one moment would come again for ever, so that moment is read by id.
fn next(checkpoint: &Checkpoint, more: bool, last: Option<i64>, last_id: Option<u64>) -> Option<Checkpoint> {
    let by_time = |since: i64| Checkpoint { since, after_id: None };
    if checkpoint.after_id.is_some() {
        let same = |id: u64| Checkpoint { since: checkpoint.since, after_id: Some(id.to_string()) };
        return match last_id {
            Some(id) if more => Some(same(id)),
            _ => Some(by_time(checkpoint.since.saturating_add(1))),
        };
    }
    let last = last.filter(|_| more)?;
    if last > checkpoint.since {
        Some(by_time(last))
    } else {
        Some(Checkpoint { since: checkpoint.since, after_id: Some("0".to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_ends_even_where_a_whole_page_shares_one_moment() {
        let start = Checkpoint { since: 5, after_id: None };
        let later = next(&start, true, Some(9), Some(40)).unwrap();
        assert_eq!(later, Checkpoint { since: 9, after_id: None });
        let by_id = next(&later, true, Some(9), Some(41)).unwrap();
        assert_eq!(by_id, Checkpoint { since: 9, after_id: Some("0".into()) });
        let on = next(&by_id, true, Some(9), Some(77)).unwrap();
        assert_eq!(on, Checkpoint { since: 9, after_id: Some("77".into()) });
        let after = next(&on, false, Some(9), Some(90)).unwrap();
        assert_eq!(after, Checkpoint { since: 10, after_id: None });
        assert_eq!(next(&after, false, None, None), None);
    }
}
