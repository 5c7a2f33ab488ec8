//! Malformed records: in every list of every answer, each element in turn is junk, and the page goes on without it.

use super::List;
use crate::{
    bench::{Bench, Verdict, ensure, gave, run},
    wire::Trouble,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use taxpoynt_core::{
    ErrorKind,
    connector::{Batch, Capability, ConnectorInfo, Pull},
    model::RawRecord,
};

pub(super) fn list(info: &ConnectorInfo, list: &mut List) {
    if info.can(Capability::Pull) {
        list.add("pull", "malformed_record", malformed);
    }
    list.add("normalize", "malformed_record", normalize);
}

fn junk() -> [Value; 6] {
    [Value::Null, json!(7), json!("junk"), json!([]), json!({}), json!({"id": {"no": "id"}})]
}

/// JSON pointers of the elements of lists and of maps by id, down to the members of a record.
fn elements(value: &Value, maps: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, "", 0, maps, &mut found);
    found
}

fn walk(value: &Value, at: &str, depth: usize, maps: &[&str], found: &mut Vec<String>) {
    if depth > 4 {
        return;
    }
    let children: Vec<(String, &Value)> = match value {
        Value::Array(list) => list.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (k.replace('~', "~0").replace('/', "~1"), v)).collect(),
        _ => return,
    };
    let of_list = value.is_array() || maps.contains(&at);
    for (name, child) in children {
        let place = format!("{at}/{name}");
        if of_list {
            found.push(place.clone());
        }
        walk(child, &place, depth + 1, maps, found);
    }
}

fn malformed(bench: &Bench) -> Verdict {
    let world = bench.few();
    run(async {
        let calm = bench.line(world);
        let whole = gave("without junk", bench.connector.pull(&calm.cx, Pull::default()).await)?;
        let mut tried = 0;
        for (nth, call) in calm.wire.calls().iter().enumerate() {
            let answer: Value =
                serde_json::from_slice(call.answer.as_deref().unwrap_or_default()).unwrap_or_default();
            for place in elements(&answer, bench.stand.maps()) {
                let inside = is_in_a_resource(&answer, &place) || is_a_record(&answer, &place, bench);
                for junk in junk() {
                    tried += 1;
                    let spoilt = Spoilt { nth, path: &call.path, place: &place, inside };
                    one(bench, &spoilt, junk, &whole).await?;
                }
            }
        }
        ensure!(tried > 50, "only {tried} places to spoil");
        Ok(())
    })
}

/// Whether a place lies within a resource: those are passed on as they are, junk and all, for `normalize` to judge.
fn is_in_a_resource(answer: &Value, place: &str) -> bool {
    let ends = place.char_indices().filter(|(_, c)| *c == '/').map(|(at, _)| at);
    ends.filter_map(|end| answer.pointer(&place[..end]))
        .any(|value| value["id"].is_string() || value["id"].is_number())
}

/// Whether it is one of the records themselves.
fn is_a_record(answer: &Value, place: &str, bench: &Bench) -> bool {
    // Some platforms write ids as numbers.
    let id = answer.pointer(place).map(|value| match &value["id"] {
        Value::String(id) => id.clone(),
        id => id.to_string(),
    });
    bench.few().keys.iter().any(|key| id.as_ref().is_some_and(|id| *id == key.id))
}

/// Where the junk is.
struct Spoilt<'a> {
    nth: usize,
    path: &'a str,
    place: &'a str,
    inside: bool,
}

async fn one(bench: &Bench, spoilt: &Spoilt<'_>, junk: Value, whole: &Batch) -> Verdict {
    let world = bench.few();
    let line = bench.line(world);
    let what = format!("{junk} at {} of {}", spoilt.place, spoilt.path);
    line.wire.strike(spoilt.nth, 1, Trouble::Spoilt(spoilt.place.to_owned(), junk));
    let batch = match bench.connector.pull(&line.cx, Pull::default()).await {
        Ok(batch) => batch,
        Err(error) if bench.stand.directs(spoilt.path) && error.kind() == ErrorKind::Payload => return Ok(()),
        Err(error) => return Err(format!("{what} blocks the page: {error}")),
    };
    let named: BTreeSet<_> = batch
        .records
        .iter()
        .map(|record| &record.key.id)
        .chain(batch.failed.iter().map(|(key, _)| &key.id))
        .collect();
    let missing = world.keys.iter().filter(|key| !named.contains(&key.id)).count();
    ensure!(missing <= 1, "{what} costs {missing} records");
    // A record that cannot be recognised any more is still told of.
    let told = batch.records.len() + batch.failed.len();
    ensure!(told >= world.keys.len(), "{what}: a record disappears without a word");
    for record in batch.records.iter().filter(|_| !spoilt.inside) {
        let same = whole.records.iter().any(|r| r.key == record.key && r.body == record.body);
        ensure!(same, "{what}: {} comes with a part missing, and nothing says so", record.key);
    }
    for (key, error) in &batch.failed {
        ensure!(error.kind() == ErrorKind::Payload, "{what}: {key} failed with {error}");
        ensure!(error.get("field").is_some(), "{what}: {key} failed, and no field is named: {error}");
    }
    Ok(())
}

/// Whatever is in a record, reading it ends with documents or with an error that names the field.
fn normalize(bench: &Bench) -> Verdict {
    let world = bench.few();
    let records = run(async {
        let line = bench.line(world);
        let batch = gave("pull", bench.connector.pull(&line.cx, Pull::default()).await)?;
        Ok::<_, String>(batch.records)
    })?;
    for record in &records {
        let value: Value = serde_json::from_slice(&record.body).map_err(|e| e.to_string())?;
        let mut places = Vec::new();
        everything(&value, "", &mut places);
        for place in places {
            for junk in junk() {
                let mut spoilt = value.clone();
                if let Some(member) = spoilt.pointer_mut(&place) {
                    *member = junk;
                }
                let body = spoilt.to_string().into();
                let spoilt = RawRecord { key: record.key.clone(), modified_at: record.modified_at, body };
                if let Err(error) = bench.connector.normalize(&spoilt) {
                    ensure!(error.kind() == ErrorKind::Payload, "{place}: {error}");
                    ensure!(error.get("field").is_some(), "{place}: no field in {error}");
                }
            }
        }
        for end in (0..record.body.len()).step_by(37) {
            let body = record.body.slice(..end);
            let torn = RawRecord { key: record.key.clone(), modified_at: None, body };
            let outcome = bench.connector.normalize(&torn);
            ensure!(outcome.is_err(), "half a record was read");
        }
    }
    Ok(())
}

fn everything(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().enumerate().for_each(|(i, child)| {
            found.push(format!("{at}/{i}"));
            everything(child, &format!("{at}/{i}"), found);
        }),
        Value::Object(map) => map.iter().for_each(|(name, child)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            found.push(format!("{at}/{name}"));
            everything(child, &format!("{at}/{name}"), found);
        }),
        _ => {}
    }
}
