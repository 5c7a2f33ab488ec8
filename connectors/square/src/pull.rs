//! Pages of changed orders: ten locations at a time, oldest change first, with everything needed to go on in the
//! checkpoint.

use crate::{
    api::{self, LOCATIONS_PER_SEARCH, Search},
    gather::{self, rfc3339},
    wire::Location,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use taxpoynt_core::{
    Error, Result,
    connector::{Batch, Context, Pull},
    json,
};

/// This machine's clock may be behind Square's: what changed just now is not to fall out of the window.
const CLOCK_SKEW: TimeDelta = TimeDelta::hours(1);

/// Where a pull stands.
#[derive(Debug, Serialize, Deserialize)]
struct Checkpoint {
    /// The active locations when the pull began, minus those that are done.
    locations: Vec<String>,
    /// The window's start; none: as far back as Square goes.
    since: Option<String>,
    /// The window's end: the time the pull began, and a little more.
    until: String,
    /// Square's cursor within the first chunk of locations.
    cursor: Option<String>,
    /// The last change seen in this chunk: where to begin again when the cursor has expired.
    seen: Option<String>,
}

/// One page.
pub(crate) async fn page(cx: &Context, pull: Pull) -> Result<Batch> {
    let mut checkpoint = match &pull.checkpoint {
        Some(text) => json::read::<Checkpoint>("square.pull", text.as_bytes())?,
        None => Checkpoint {
            locations: active_locations(cx).await?,
            since: pull.since.map(rfc3339),
            until: rfc3339(cx.clock.now().checked_add_signed(CLOCK_SKEW).unwrap_or(cx.clock.now())),
            cursor: None,
            seen: None,
        },
    };
    let chunk = checkpoint.locations.len().min(LOCATIONS_PER_SEARCH);
    if chunk == 0 {
        return Ok(Batch::default());
    }
    let page = search(cx, &checkpoint, chunk).await?;
    let mut batch = gather::records(cx, page.items).await?;
    match page.cursor {
        Some(cursor) if Some(&cursor) != checkpoint.cursor.as_ref() => {
            let last = batch.records.iter().filter_map(|record| record.modified_at).max();
            checkpoint.seen = last.map(rfc3339).or(checkpoint.seen);
            checkpoint.cursor = Some(cursor);
        }
        _ => {
            checkpoint.locations.drain(..chunk);
            checkpoint.cursor = None;
            checkpoint.seen = None;
        }
    }
    if !checkpoint.locations.is_empty() {
        batch.next = Some(json::write("square.pull", &checkpoint)?);
    }
    Ok(batch)
}

/// A cursor lives some minutes. An expired one means starting again at the last change seen, which both ends of the
/// window include.
async fn search(cx: &Context, checkpoint: &Checkpoint, chunk: usize) -> Result<api::Page> {
    let mut search = Search {
        locations: checkpoint.locations.get(..chunk).unwrap_or_default(),
        start: checkpoint.since.as_deref(),
        end: &checkpoint.until,
        cursor: checkpoint.cursor.as_deref(),
    };
    match api::search(cx, &search).await {
        Err(error) if search.cursor.is_some() && error.get("code") == Some("INVALID_CURSOR") => {
            search.cursor = None;
            search.start = checkpoint.seen.as_deref().or(search.start);
            api::search(cx, &search).await
        }
        answer => answer,
    }
}

/// The locations to search: the active ones, or those of them that the setting names.
async fn active_locations(cx: &Context) -> Result<Vec<String>> {
    let wanted: Option<Vec<&str>> = cx
        .settings
        .get("location_ids")
        .map(|ids| ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect());
    let mut ids = Vec::new();
    for location in locations(cx).await? {
        let named =
            wanted.as_ref().is_none_or(|wanted| wanted.is_empty() || wanted.contains(&location.id.as_str()));
        if named {
            ids.push(location.id);
        }
    }
    ids.sort();
    Ok(ids)
}

/// The active locations.
pub(crate) async fn locations(cx: &Context) -> Result<Vec<Location>> {
    let all = api::locations(cx).await?;
    let read = |raw: &api::Raw| json::read::<Location>("square.locations", raw.get().as_bytes());
    let all = all.iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    Ok(all.into_iter().filter(|location| location.status.as_deref() != Some("INACTIVE")).collect())
}
