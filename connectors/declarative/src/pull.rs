//! What is read of a platform: pages of changed records, one record, deleted ones, pipelines and shops.

use crate::{
    call::{self, Places, member, written},
    gather,
    plan::Plan,
    template::{Stages, Texts},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{Batch, Capability, Context, Gone, Pipeline, Pull, Stage, gather::Raw, unsupported},
    json,
    model::{Location, RawRecord, SourceKey},
};

/// A query, and where its pages go on: a place in a list means nothing without the query it belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Checkpoint {
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    at: Option<String>,
    #[serde(default)]
    trail: Trail,
}

/// A page that was passed, and for how many more it is looked out for: pages that name each other as the next are noticed
/// however many they are (Brent's algorithm), and nothing grows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Trail {
    passed: Option<String>,
    span: u32,
    left: u32,
}

impl Trail {
    /// The trail at the next page; none where that was passed before.
    fn on(self, next: &str) -> Option<Self> {
        match (self.passed.as_deref() == Some(next), self.left.checked_sub(1)) {
            (true, _) => None,
            (false, Some(left)) => Some(Self { left, ..self }),
            (false, None) => {
                let span = self.span.saturating_mul(2).max(1);
                Some(Self { passed: Some(next.to_owned()), span, left: span })
            }
        }
    }
}

impl Checkpoint {
    fn of(plan: &Plan, pull: &Pull) -> Result<Self> {
        match &pull.checkpoint {
            Some(text) => json::read(plan.operations.pull, text.as_bytes()),
            None => Ok(Self { since: pull.since, until: pull.until, at: None, trail: Trail::default() }),
        }
    }
}

/// One page of changed records.
pub(crate) async fn page(plan: &Plan, cx: &Context, pull: Pull) -> Result<Batch> {
    let Some(wanted) = &plan.template.pull else { return Err(unsupported(&plan.info, Capability::Pull)) };
    let checkpoint = Checkpoint::of(plan, &pull)?;
    let time = |at: Option<DateTime<Utc>>| at.map(|at| written(at, wanted.times, wanted.whole_seconds));
    let places = Places { since: time(checkpoint.since), until: time(checkpoint.until), ..Places::default() };
    let at = (checkpoint.at.as_deref(), wanted.total.as_deref());
    let mut page = call::page(plan, cx, plan.operations.pull, &wanted.list, &places, at).await?;
    if let (Some(path), Some(since)) = (&wanted.newest_first, checkpoint.since) {
        let before = page.records.len();
        // One without a readable time is taken: to leave it out could lose a sale.
        page.records.retain(|raw| changed_at(raw, path).is_none_or(|at| at >= since));
        if page.records.len() < before {
            page.next = None;
        }
    }
    let last_id = page.records.last().and_then(|raw| member(raw, plan.id()));
    let mut batch = if wanted.fetch_each {
        each(plan, cx, page.records).await?
    } else {
        gather::records(plan, cx, page.records).await?
    };
    batch.total = page.total;
    batch.last_id = last_id;
    if let Some(next) = page.next {
        let trail = checkpoint.trail.on(&next).ok_or_else(|| {
            let message = format!("the platform's pages of {} name each other as the next", wanted.list.get);
            Error::new(ErrorKind::Platform, plan.operations.pull, message)
        })?;
        let checkpoint = Checkpoint { at: Some(next), trail, ..checkpoint };
        batch.next = Some(json::write(plan.operations.pull, &checkpoint)?);
    }
    Ok(batch)
}

fn changed_at(raw: &RawValue, path: &str) -> Option<DateTime<Utc>> {
    member(raw, path)?.parse().ok()
}

/// Fetches each listed record. What is wrong with one of them stays with it.
async fn each(plan: &Plan, cx: &Context, listed: Vec<Raw>) -> Result<Batch> {
    let mut batch = Batch::default();
    for raw in listed {
        let key = SourceKey::new(plan.kind, member(&raw, plan.id()).unwrap_or_default());
        let fetched = if key.id.is_empty() {
            Err(Error::payload(plan.operations.pull, plan.id(), "the record has no id"))
        } else {
            fetch(plan, cx, &key).await
        };
        match fetched {
            Ok(record) => batch.records.push(record),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Payload) => {
                batch.failed.push((key, error));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(batch)
}

/// One record with everything that belongs to it.
pub(crate) async fn fetch(plan: &Plan, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
    let fetch = &plan.template.fetch;
    let places = Places { id: Some(key.id.clone()), ..Places::default() };
    let body = call::one(plan, cx, plan.operations.fetch, (&fetch.get, &fetch.query), &places).await?;
    gather::record(plan, cx, key, &body).await
}

/// One page of deleted records.
pub(crate) async fn deleted(plan: &Plan, cx: &Context, at: Option<String>) -> Result<Gone> {
    let Some(list) = &plan.template.deleted else {
        return Err(unsupported(&plan.info, Capability::Deletions));
    };
    let page = call::page(plan, cx, plan.operations.deleted, list, &Places::default(), (at.as_deref(), None))
        .await?;
    let ids = page.records.iter().filter_map(|raw| member(raw, plan.id()));
    Ok(Gone { keys: ids.map(|id| SourceKey::new(plan.kind, id)).collect(), next: page.next })
}

/// Sales pipelines with their stages.
pub(crate) async fn pipelines(plan: &Plan, cx: &Context) -> Result<Vec<Pipeline>> {
    let Some(wanted) = &plan.template.pipelines else {
        return Err(unsupported(&plan.info, Capability::Pipelines));
    };
    let operation = plan.operations.pipelines;
    let found = call::all(plan, cx, operation, &wanted.list, &Places::default()).await?;
    let listed = match &wanted.stages.list {
        Some(list) => call::all(plan, cx, operation, list, &Places::default()).await?,
        None => Vec::new(),
    };
    let mut pipelines = Vec::with_capacity(found.len());
    for raw in &found {
        let id = needed(operation, raw, &wanted.id)?;
        let name = member(raw, &wanted.name).unwrap_or_else(|| id.clone());
        let stages = stages(operation, &wanted.stages, raw, &id, &listed)?;
        pipelines.push(Pipeline { id, name, stages });
    }
    Ok(pipelines)
}

fn stages(
    operation: &'static str,
    wanted: &Stages,
    pipeline: &RawValue,
    id: &str,
    listed: &[Raw],
) -> Result<Vec<Stage>> {
    let of = |raw: &RawValue| {
        let id = needed(operation, raw, &wanted.id)?;
        let name = member(raw, &wanted.name).unwrap_or_else(|| id.clone());
        Ok(Stage { name, won: !wanted.won.is_empty() && has(raw, &wanted.won), id })
    };
    if let Some(path) = &wanted.inside {
        let answer = call::Answer::of(operation, pipeline.get().as_bytes())?;
        return answer.list(path)?.iter().map(|raw| of(raw)).collect();
    }
    let belongs =
        |raw: &&Raw| wanted.pipeline.as_ref().is_none_or(|path| member(raw, path).as_deref() == Some(id));
    listed.iter().filter(belongs).map(|raw| of(raw)).collect()
}

/// The shops.
pub(crate) async fn locations(plan: &Plan, cx: &Context) -> Result<Vec<Location>> {
    let Some(wanted) = &plan.template.locations else {
        return Err(unsupported(&plan.info, Capability::Locations));
    };
    let operation = plan.operations.locations;
    let found = call::all(plan, cx, operation, &wanted.list, &Places::default()).await?;
    let of = |raw: &Raw| {
        let optional = |path: &Option<String>| path.as_ref().and_then(|path| member(raw, path));
        Ok(Location {
            id: needed(operation, raw, &wanted.id)?,
            name: member(raw, &wanted.name),
            timezone: optional(&wanted.timezone),
            country: optional(&wanted.country),
        })
    };
    found.iter().map(of).collect()
}

fn needed(operation: &'static str, raw: &RawValue, path: &str) -> Result<String> {
    member(raw, path).ok_or_else(|| Error::payload(operation, path, format!("{path}: missing: it has no id")))
}

/// Whether a resource has all these values.
fn has(raw: &RawValue, values: &Texts) -> bool {
    values.iter().all(|(path, value)| member(raw, path).as_deref() == Some(value))
}
