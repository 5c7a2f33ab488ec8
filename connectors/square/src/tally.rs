//! A day's count: the completed orders that were closed on it, at every location.

use crate::{
    api::{self, LOCATIONS_PER_SEARCH, Search},
    book::OneCurrency,
    gather::rfc3339,
    pull,
    wire::Money,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use taxpoynt_core::{
    Result,
    connector::{Context, Day, TallyEntry, TallyPage},
    json,
    model::{RawRecord, RecordKind, SourceKey},
};

const OPERATION: &str = "square.tally";

/// What is left to count.
#[derive(Debug, Serialize, Deserialize)]
struct Checkpoint {
    locations: Vec<String>,
    cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Record {
    order: Order,
}

#[derive(Debug, Deserialize)]
struct Order {
    id: String,
    state: Option<String>,
    closed_at: Option<DateTime<Utc>>,
    total_money: Option<Money>,
}

/// One page.
pub(crate) async fn page(cx: &Context, day: &Day, checkpoint: Option<String>) -> Result<TallyPage> {
    let mut checkpoint = match checkpoint {
        Some(text) => json::read::<Checkpoint>(OPERATION, text.as_bytes())?,
        None => Checkpoint { locations: pull::wanted_locations(cx).await?, cursor: None },
    };
    let chunk = checkpoint.locations.len().min(LOCATIONS_PER_SEARCH);
    if chunk == 0 {
        return Ok(TallyPage::default());
    }
    // Both ends of Square's spans belong to them, and its times have milliseconds.
    let end = day.until.checked_sub_signed(TimeDelta::milliseconds(1)).unwrap_or(day.until);
    let (start, end) = (rfc3339(day.from), rfc3339(end));
    let search = Search {
        locations: checkpoint.locations.get(..chunk).unwrap_or_default(),
        time: "closed_at",
        start: Some(&start),
        end: Some(&end),
        cursor: checkpoint.cursor.as_deref(),
    };
    let found = api::search(cx, &search).await?;
    let mut entries = Vec::with_capacity(found.items.len());
    for raw in &found.items {
        entries.extend(entry(json::read(OPERATION, raw.get().as_bytes())?)?);
    }
    if found.cursor.is_none() {
        checkpoint.locations.drain(..chunk);
    }
    checkpoint.cursor = found.cursor;
    let next = (!checkpoint.locations.is_empty()).then(|| json::write(OPERATION, &checkpoint)).transpose()?;
    Ok(TallyPage { entries, total: None, next })
}

/// What a stored record counts for.
pub(crate) fn counted(raw: &RawRecord) -> Result<Option<TallyEntry>> {
    entry(json::read::<Record>(OPERATION, &raw.body)?.order)
}

fn entry(order: Order) -> Result<Option<TallyEntry>> {
    let completed = order.state.as_deref() == Some("COMPLETED");
    let Some(at) = order.closed_at.filter(|_| completed) else { return Ok(None) };
    let currency = order.total_money.map(|money| money.currency);
    let amount = match currency {
        Some(currency) => OneCurrency(currency).optional(order.total_money, "order.total_money")?,
        None => None,
    };
    Ok(Some(TallyEntry {
        key: SourceKey::new(RecordKind::Order, order.id),
        at,
        amount,
        currency: currency.map(|currency| currency.code().to_owned()),
    }))
}
