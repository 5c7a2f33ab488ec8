//! From root resources to whole records: the steps of `gather`, each with as few calls for a page as the platform lets
//! it have.

use crate::{
    call::{self, Answer, Places, member},
    plan::Plan,
    template::Gather,
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{
        Batch, Context,
        gather::{self, Raw},
    },
    json,
    mapping::{Part, Record},
    model::{RawRecord, SourceKey},
};

/// A record that is being gathered.
pub(crate) struct Sketch {
    id: String,
    members: Vec<(String, Member)>,
}

/// A member of a record, each resource as the platform wrote it.
#[derive(Serialize)]
#[serde(untagged)]
enum Member {
    One(Raw),
    Many(Vec<Raw>),
}

impl Serialize for Sketch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for (name, member) in &self.members {
            map.serialize_entry(name, member)?;
        }
        map.end()
    }
}

impl Sketch {
    /// A record that has only its root resource; none where that has no id.
    fn of(plan: &Plan, root: Raw) -> Option<Self> {
        let id = member(&root, plan.id()).filter(|id| !id.is_empty())?;
        Some(Self { id, members: vec![(plan.info.record.root.to_owned(), Member::One(root))] })
    }

    /// The texts a path of the record leads to, several where it leads into a list.
    fn texts(&self, path: &str) -> Vec<String> {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let read = |raw: &RawValue| if rest.is_empty() { call::scalar(raw.get()) } else { member(raw, rest) };
        let found = self.members.iter().find(|(name, _)| name == first);
        match found {
            Some((_, Member::One(raw))) if !rest.is_empty() => several(raw, rest),
            Some((_, Member::One(raw))) => read(raw).into_iter().collect(),
            Some((_, Member::Many(raws))) => raws.iter().filter_map(|raw| read(raw)).collect(),
            None => Vec::new(),
        }
    }
}

/// What a path holds: one text, or each text of a list.
fn several(raw: &RawValue, path: &str) -> Vec<String> {
    let Ok(answer) = Answer::of("gather", raw.get().as_bytes()) else { return Vec::new() };
    match answer.get(path) {
        Ok(Some(text)) if text.starts_with('[') => json::elements(text)
            .unwrap_or_default()
            .iter()
            .filter_map(|raw| call::scalar(raw.get()))
            .collect(),
        Ok(Some(text)) => call::scalar(text).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whole records of a page's root resources. One that cannot be read goes to `failed` and blocks none of the others.
pub(crate) async fn records(plan: &Plan, cx: &Context, roots: Vec<Raw>) -> Result<Batch> {
    let mut batch = Batch::default();
    let mut sketches = Vec::with_capacity(roots.len());
    for root in roots {
        let is_object = root.get().trim_start().starts_with('{');
        match is_object.then(|| Sketch::of(plan, root)).flatten() {
            Some(sketch) => sketches.push(sketch),
            None => {
                let error =
                    Error::payload(plan.operations.fetch, plan.info.record.root, "the record has no id");
                batch.failed.push((SourceKey::new(plan.kind, ""), error));
            }
        }
    }
    finish(plan, cx, sketches, batch).await
}

/// One whole record from the answer of `fetch`.
pub(crate) async fn record(plan: &Plan, cx: &Context, key: &SourceKey, body: &[u8]) -> Result<RawRecord> {
    let sketch = sketch(plan, key, body)?;
    finish(plan, cx, vec![sketch], Batch::default()).await?.only(plan.operations.fetch, key)
}

fn sketch(plan: &Plan, key: &SourceKey, body: &[u8]) -> Result<Sketch> {
    let operation = plan.operations.fetch;
    let root = plan.info.record.root;
    let missing = || {
        let message = "the platform answered without it";
        Error::new(ErrorKind::NotFound, operation, message).with("key", key.to_string())
    };
    let sketch = match &plan.template.fetch.root {
        Some(path) => {
            let text = match path.as_str() {
                "" => std::str::from_utf8(body).ok(),
                path => Answer::of(operation, body)?.get(path)?,
            };
            let text = text.ok_or_else(missing)?;
            Sketch::of(plan, raw(operation, root, text)?)
        }
        None => whole(plan, body)?,
    };
    sketch.ok_or_else(|| Error::payload(operation, root, format!("{root}: the record has no id")))
}

/// A record whose members are the answer's own.
fn whole(plan: &Plan, body: &[u8]) -> Result<Option<Sketch>> {
    let operation = plan.operations.fetch;
    let text =
        std::str::from_utf8(body).map_err(|e| Error::payload(operation, "", "not UTF-8").caused_by(e))?;
    let members = json::members(text)
        .map_err(|e| Error::payload(operation, "", "the answer is not a JSON object").caused_by(e))?;
    let root = members.iter().find(|(name, _)| name == plan.info.record.root);
    let Some(id) = root.and_then(|(_, raw)| member(raw, plan.id())).filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let members =
        members.into_iter().map(|(name, raw)| (name.into_owned(), Member::One(raw.to_owned()))).collect();
    Ok(Some(Sketch { id, members }))
}

fn raw(operation: &'static str, field: &str, text: &str) -> Result<Raw> {
    RawValue::from_string(text.to_owned())
        .map_err(|e| Error::payload(operation, field, "is not readable JSON").caused_by(e))
}

async fn finish(plan: &Plan, cx: &Context, mut sketches: Vec<Sketch>, mut batch: Batch) -> Result<Batch> {
    let mut unsure: BTreeMap<usize, &'static str> = BTreeMap::new();
    for (step, member) in plan.template.gather.iter().zip(&plan.members) {
        let found = Found::read(plan, cx, step, &sketches).await?;
        for (nth, sketch) in sketches.iter_mut().enumerate() {
            if !found.put(plan, step, sketch) {
                unsure.entry(nth).or_insert(member);
            }
        }
    }
    for (nth, sketch) in sketches.iter().enumerate() {
        let key = SourceKey::new(plan.kind, &sketch.id);
        let made = match unsure.get(&nth) {
            Some(member) => Err(gather::unreadable(plan.operations.fetch, member)),
            None => made(plan, key.clone(), sketch),
        };
        match made {
            Ok(record) => batch.records.push(record),
            Err(error) => batch.failed.push((key, error)),
        }
    }
    Ok(batch)
}

/// The record of a finished sketch; `NotFound` where the platform only shows what was deleted.
fn made(plan: &Plan, key: SourceKey, sketch: &Sketch) -> Result<RawRecord> {
    let operation = plan.operations.fetch;
    let body = serde_json::to_vec(sketch)
        .map_err(|e| Error::payload(operation, "", "the record cannot be written").caused_by(e))?;
    let record = Record::new(&body, &plan.info.record)?;
    let reader = plan.fields.reader(operation, &record, None);
    if reader.flag(Part::Sale, "gone", &[])? == Some(true) {
        let message = "the record was deleted at the platform";
        return Err(Error::new(ErrorKind::NotFound, operation, message).with("key", key.to_string()));
    }
    let modified_at = reader.time(Part::Sale, "modified_at", &[])?;
    Ok(RawRecord { key, modified_at, body: body.into() })
}

/// What a step found, by what it belongs to.
#[derive(Default)]
struct Found {
    by: BTreeMap<String, Vec<Raw>>,
    /// Of these, an answer held a part that could not be read: nobody knows whether what is not here is really not there.
    doubt: BTreeSet<String>,
}

impl Found {
    async fn read(plan: &Plan, cx: &Context, step: &Gather, sketches: &[Sketch]) -> Result<Self> {
        let ids: BTreeSet<String> = sketches.iter().flat_map(|sketch| keys(step, sketch)).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let mut found = Self::default();
        let whole = step.batch.is_none() && !step.list.names("{id}");
        let size = if whole { ids.len() } else { step.batch.unwrap_or(1) };
        for chunk in ids.chunks(size.max(1)) {
            let places = match step.batch {
                Some(_) => Places { ids: Some(chunk.join(",")), ..Places::default() },
                None => Places { id: chunk.first().cloned(), ..Places::default() },
            };
            let read = call::all(plan, cx, plan.operations.fetch, &step.list, &places).await;
            match read {
                Ok(resources) => resources.into_iter().for_each(|raw| found.shelve(step, chunk, raw)),
                // One resource that is gone takes nothing with it.
                Err(error) if error.kind() == ErrorKind::NotFound && chunk.len() == 1 => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    fn shelve(&mut self, step: &Gather, asked: &[String], raw: Raw) {
        let owner = match (&step.belongs, step.batch) {
            (Some(path), _) => member(&raw, path),
            (None, None) if step.list.names("{id}") => {
                raw.get().trim_start().starts_with('{').then(|| asked.first().cloned()).flatten()
            }
            (None, _) => member(&raw, "id"),
        };
        match owner {
            Some(owner) => self.by.entry(owner).or_default().push(raw),
            None => self.doubt.extend(asked.iter().cloned()),
        }
    }

    /// Gives a record its resources; false where they may not be all.
    fn put(&self, plan: &Plan, step: &Gather, sketch: &mut Sketch) -> bool {
        let keys = keys(step, sketch);
        let many = plan.template.record.lists.contains_key(&step.member);
        let own = step.of.is_none();
        let lost = |key: &String| self.doubt.contains(key) && (own || !self.by.contains_key(key));
        if keys.iter().any(lost) {
            return false;
        }
        let mut raws: Vec<Raw> = keys.iter().filter_map(|key| self.by.get(key)).flatten().cloned().collect();
        if many {
            if !raws.is_empty() || own {
                sketch.members.push((step.member.clone(), Member::Many(raws)));
            }
        } else if !raws.is_empty() {
            sketch.members.push((step.member.clone(), Member::One(raws.swap_remove(0))));
        }
        true
    }
}

/// The ids by which a step asks for what belongs to a record; none where it does not ask.
fn keys(step: &Gather, sketch: &Sketch) -> Vec<String> {
    let wanted = step.when.iter().all(|(path, value)| sketch.texts(path).iter().any(|text| text == value))
        && step.needs.as_ref().is_none_or(|path| !sketch.texts(path).is_empty());
    match &step.of {
        _ if !wanted => Vec::new(),
        None => vec![sketch.id.clone()],
        Some(path) => {
            let mut seen = BTreeSet::new();
            let mut ids = sketch.texts(path);
            ids.retain(|id| !id.is_empty() && seen.insert(id.clone()));
            ids
        }
    }
}
