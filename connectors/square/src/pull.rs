//! Pages of changed orders, oldest change first, ten locations at a time. How to go on without gaps is core's to know.

use crate::{
    api::{self, LOCATIONS_PER_SEARCH, Search},
    gather::{self, rfc3339},
    wire::Location,
};
use serde::{Deserialize, Serialize};
use taxpoynt_core::{
    Error, Result,
    connector::{Batch, Context, Pull},
    json,
};

/// A query and Square's cursor within it: Square wants both.
#[derive(Debug, Serialize, Deserialize)]
struct Checkpoint {
    /// The locations to list, minus those that are done.
    locations: Vec<String>,
    since: Option<String>,
    until: Option<String>,
    cursor: Option<String>,
}

/// Ten locations each.
pub(crate) async fn parts(cx: &Context) -> Result<Vec<String>> {
    Ok(wanted_locations(cx).await?.chunks(LOCATIONS_PER_SEARCH).map(|some| some.join(",")).collect())
}

/// One page.
pub(crate) async fn page(cx: &Context, pull: Pull) -> Result<Batch> {
    let mut checkpoint = match (&pull.checkpoint, &pull.part) {
        (Some(text), _) => json::read::<Checkpoint>("square.pull", text.as_bytes())?,
        (None, part) => Checkpoint {
            locations: match part {
                Some(part) => part.split(',').map(str::to_owned).collect(),
                None => wanted_locations(cx).await?,
            },
            since: pull.since.map(rfc3339),
            until: pull.until.map(rfc3339),
            cursor: None,
        },
    };
    let chunk = checkpoint.locations.len().min(LOCATIONS_PER_SEARCH);
    if chunk == 0 {
        return Ok(Batch::default());
    }
    let search = Search {
        locations: checkpoint.locations.get(..chunk).unwrap_or_default(),
        time: "updated_at",
        start: checkpoint.since.as_deref(),
        end: checkpoint.until.as_deref(),
        cursor: checkpoint.cursor.as_deref(),
    };
    let page = api::search(cx, &search).await?;
    let mut batch = gather::records(cx, page.items).await?;
    if page.cursor.is_none() {
        checkpoint.locations.drain(..chunk);
    }
    checkpoint.cursor = page.cursor;
    if !checkpoint.locations.is_empty() {
        batch.next = Some(json::write("square.pull", &checkpoint)?);
    }
    Ok(batch)
}

/// The locations whose orders are read: all of them, or those that the setting names. One that was closed last week may
/// have sold before, so inactive ones are among them.
pub(crate) async fn wanted_locations(cx: &Context) -> Result<Vec<String>> {
    let wanted: Option<Vec<&str>> = cx
        .settings
        .get("location_ids")
        .map(|ids| ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect());
    let mut ids = Vec::new();
    for location in all_locations(cx).await? {
        let named =
            wanted.as_ref().is_none_or(|wanted| wanted.is_empty() || wanted.contains(&location.id.as_str()));
        if named {
            ids.push(location.id);
        }
    }
    ids.sort();
    Ok(ids)
}

async fn all_locations(cx: &Context) -> Result<Vec<Location>> {
    let all = api::locations(cx).await?;
    let read = |raw: &api::Raw| json::read::<Location>("square.locations", raw.get().as_bytes());
    all.iter().map(read).collect::<Result<Vec<_>, Error>>()
}

/// The active locations.
pub(crate) async fn locations(cx: &Context) -> Result<Vec<Location>> {
    let all = all_locations(cx).await?;
    Ok(all.into_iter().filter(|location| location.status.as_deref() != Some("INACTIVE")).collect())
}
