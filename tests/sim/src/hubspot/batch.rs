//! HubSpot's batches: many records by id, and what they are linked to; 207 where some are missing.

use super::{bad_request, crm, listed, ok, shown, unknown_type};
use crate::{
    clock::rfc3339,
    faults,
    world::{Shared, World, lock},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

fn inputs(request: &Value, most: usize) -> Result<Vec<String>, Box<Response>> {
    let ids: Vec<String> = request["inputs"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|input| match &input["id"] {
            Value::String(id) => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        })
        .collect();
    match ids.len() {
        0 => Err(Box::new(bad_request("`inputs` must name at least one id."))),
        count if count > most => Err(Box::new(bad_request(&format!("At most {most} inputs are allowed.")))),
        _ => Ok(ids),
    }
}

/// 200 where everything was found, 207 with the errors where not.
fn batch(world: &World, results: Vec<Value>, errors: Vec<Value>) -> Response {
    let now = rfc3339(world.clock.now());
    let mut body = json!({"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now});
    if errors.is_empty() {
        return ok(&body);
    }
    body["numErrors"] = Value::from(errors.len());
    body["errors"] = Value::from(errors);
    faults::json(StatusCode::MULTI_STATUS, &body)
}

pub(super) async fn read(
    State(world): State<Shared>,
    Path((_, kind)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let (request, ids) =
        match super::read(&body).and_then(|request| inputs(&request, 1000).map(|ids| (request, ids))) {
            Ok(read) => read,
            Err(refusal) => return *refusal,
        };
    let crm = lock(&world.crm);
    let Some(kind) = crm::type_name(&kind) else { return unknown_type(&kind) };
    let asked = listed(&request, "properties");
    let (mut results, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match crm.find(kind, &id) {
            Some(record) => results.push(shown(&crm, kind, record, &asked)),
            None => missing.push(id),
        }
    }
    let mut errors = Vec::new();
    if !missing.is_empty() {
        errors.push(json!({
            "status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some objects, they may be deleted or not exist.",
            "context": {"ids": missing},
        }));
    }
    batch(&world, results, errors)
}

pub(super) async fn associations(
    State(world): State<Shared>,
    Path((_, from, to)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    let ids = match super::read(&body).and_then(|request| inputs(&request, 1000)) {
        Ok(ids) => ids,
        Err(refusal) => return *refusal,
    };
    let (Some(from), Some(to)) = (crm::type_name(&from), crm::type_name(&to)) else {
        return unknown_type(&from);
    };
    let crm = lock(&world.crm);
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        let linked = crm.linked(from, &id, to);
        if linked.is_empty() {
            errors.push(no_associations(from, &id, to));
            continue;
        }
        let ends: Vec<Value> = linked.into_iter().map(association).collect();
        results.push(json!({"from": {"id": id}, "to": ends}));
    }
    batch(&world, results, errors)
}

fn association(link: &crm::Link) -> Value {
    let types: Vec<Value> = link
        .types
        .iter()
        .map(|(category, id, label)| json!({"category": category, "typeId": id, "label": label}))
        .collect();
    // A number in live answers, though the specification says text.
    let id = link.to.1.parse::<u64>().map_or_else(|_| Value::from(link.to.1.clone()), Value::from);
    json!({"toObjectId": id, "associationTypes": types})
}

fn no_associations(from: &str, id: &str, to: &str) -> Value {
    let (from, to) = (crm::single(from), crm::single(to));
    json!({
        "status": "error", "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": format!("No {to} is associated with {from} {id}."),
        "context": {"fromObjectId": [id], "fromObjectType": [from], "toObjectType": [to]},
    })
}
