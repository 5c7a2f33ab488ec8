//! A day's count: the deals won whose closing date lies in it, read by id.

use crate::{
    api,
    pull::{ID, filter},
    value::{decimal, time},
    wire::{Object, Record},
};
use serde_json::Value;
use taxpoynt_core::{
    Result,
    connector::{Context, Day, TallyEntry, TallyPage, gather::id_of},
    json,
    model::{RawRecord, RecordKind, SourceKey},
};

const OPERATION: &str = "hubspot.tally";

/// One page; the checkpoint is the last id of the page before.
pub(crate) async fn page(cx: &Context, day: &Day, checkpoint: Option<String>) -> Result<TallyPage> {
    let mut filters = vec![
        filter("hs_is_closed_won", "EQ", "true"),
        filter("closedate", "GTE", &day.from.timestamp_millis().to_string()),
        filter("closedate", "LT", &day.until.timestamp_millis().to_string()),
    ];
    filters.extend(checkpoint.as_deref().map(|id| filter(ID, "GT", id)));
    let found = api::search(cx, &Value::Array(filters), ID, None).await?;
    let mut entries = Vec::with_capacity(found.deals.len());
    for raw in &found.deals {
        let deal: Object = json::read(OPERATION, raw.get().as_bytes())?;
        entries.extend(entry(&deal)?);
    }
    let last = found.deals.iter().filter_map(|deal| id_of(deal)?.parse::<u64>().ok()).max();
    let next = last.filter(|_| found.after.is_some()).map(|id| id.to_string());
    // Later pages match less: the first one's number is the day's.
    Ok(TallyPage { entries, total: found.total.filter(|_| checkpoint.is_none()), next })
}

/// What a stored record counts for.
pub(crate) fn counted(raw: &RawRecord) -> Result<Option<TallyEntry>> {
    let record: Record = json::read(OPERATION, &raw.body)?;
    entry(&record.deal)
}

fn entry(deal: &Object) -> Result<Option<TallyEntry>> {
    let won = deal.property("hs_is_closed_won") == Some("true");
    let Some(at) = time(deal, "deal", "closedate")?.filter(|_| won) else { return Ok(None) };
    Ok(Some(TallyEntry {
        key: SourceKey::new(RecordKind::Deal, &deal.id.0),
        at,
        amount: decimal(deal, "deal", "amount")?,
        currency: deal.owned("deal_currency_code"),
    }))
}
