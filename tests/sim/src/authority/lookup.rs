//! Who takes part: look-ups by IRN, TIN and party, and the parties a business noted down. Shapes are assumed.

use super::{
    answer::{UNABLE, data, invalid, record_not_found, refuse},
    book::{Book, Entry},
    check,
    search::Paging,
    shapes,
};
use crate::world::{Shared, lock};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A taxpayer who takes part in the exchange, with the access point that was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// Its tax identification number.
    pub tin: String,
    /// Its name.
    pub name: String,
    /// The access point it receives through.
    pub access_point: String,
}

/// A party that a business noted down.
#[derive(Debug, Clone)]
pub(super) struct Party {
    id: String,
    business_id: String,
    row: Value,
}

impl Book {
    fn participant(&self, tin: &str) -> Option<Value> {
        let ours = self.businesses.iter().find(|business| business.tin == tin).map(|business| {
            json!({"tin": tin, "name": business.name, "access_point": "simulated-app", "is_active": true})
        });
        ours.or_else(|| {
            let other = self.participants.iter().find(|other| other.tin == tin)?;
            Some(json!({
                "tin": tin, "name": other.name, "access_point": other.access_point, "is_active": true,
            }))
        })
    }

    fn parties_of(&self, entry: &Entry) -> Value {
        let invoice = entry.invoice();
        let party = |role: &str, member: &str| {
            let tin = invoice[member]["tin"].as_str()?;
            let access_point =
                self.participant(tin).map(|known| known["access_point"].clone()).unwrap_or_default();
            Some(json!({
                "role": role, "party_name": invoice[member]["party_name"], "tin": tin,
                "access_point": access_point,
            }))
        };
        let parties =
            [party("SUPPLIER", "accounting_supplier_party"), party("CUSTOMER", "accounting_customer_party")];
        json!({
            "irn": entry.irn, "business_id": entry.business_id, "issue_date": entry.issue_date,
            "invoice_type_code": entry.type_code, "entry_status": entry.entry_status(),
            "parties": parties.into_iter().flatten().collect::<Vec<_>>(),
        })
    }
}

/// The invoice and who is involved.
pub(super) async fn by_irn(State(world): State<Shared>, Path(irn): Path<String>) -> Response {
    let found = {
        let book = lock(&world.book);
        book.find(&irn).map(|entry| book.parties_of(entry))
    };
    found.map_or_else(|| record_not_found(&world), |found| data(&world, "lookup_irn", 200, found))
}

/// Whether a taxpayer takes part, and through whom.
pub(super) async fn by_tin(State(world): State<Shared>, Path(tin): Path<String>) -> Response {
    if tin.chars().count() < 5 {
        return invalid(&world, "tin must be at least in length or value 5");
    }
    let found = lock(&world.book).participant(&tin);
    found.map_or_else(|| record_not_found(&world), |found| data(&world, "lookup_tin", 200, found))
}

/// The same by a party's id.
pub(super) async fn by_party(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    if let Some(fault) = shapes::uuid_fault(&id) {
        return invalid(&world, &fault);
    }
    let found = {
        let book = lock(&world.book);
        book.parties.iter().find(|party| party.id == id).map(|party| {
            let tin = party.row["tin"].as_str().unwrap_or_default();
            let access_point =
                book.participant(tin).map(|known| known["access_point"].clone()).unwrap_or_default();
            json!({
                "tin": tin, "name": party.row["party_name"], "access_point": access_point,
                "is_active": !access_point.is_null(),
            })
        })
    };
    found.map_or_else(|| record_not_found(&world), |found| data(&world, "lookup_party", 200, found))
}

/// Notes a party down. In the API description of 2025, gone from newer ones.
pub(super) async fn note_party(State(world): State<Shared>, body: Bytes) -> Response {
    let Ok(Value::Object(mut row)) = serde_json::from_slice::<Value>(&body) else {
        return refuse(&world, "invoice_actions", Some("the body must be a JSON object"), UNABLE);
    };
    let business_id =
        row.remove("business_id").and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
    if let Some(fault) = shapes::uuid_fault(&business_id) {
        return invalid(&world, &fault);
    }
    let row = Value::from(row);
    if let Some(fault) = check::party_fault(&row) {
        return invalid(&world, &fault);
    }
    let mut book = lock(&world.book);
    let nth = book.parties.len() + 1;
    let (id, address) =
        (format!("00000000-0000-4000-a000-{nth:012}"), format!("00000000-0000-4000-b000-{nth:012}"));
    let mut shown = row;
    shown["id"] = Value::from(id.as_str());
    shown["postal_address_id"] = Value::from(address.as_str());
    book.parties.push(Party { id: id.clone(), business_id, row: shown });
    drop(book);
    data(&world, "party", 201, json!({"party_id": id, "postal_address_id": address}))
}

/// The parties of a business.
pub(super) async fn parties(
    State(world): State<Shared>,
    Path(business_id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if let Some(fault) = shapes::uuid_fault(&business_id) {
        return invalid(&world, &fault);
    }
    let rows: Vec<Value> = lock(&world.book)
        .parties
        .iter()
        .filter(|party| party.business_id == business_id)
        .filter(|party| query.get("party_name").is_none_or(|name| party.row["party_name"] == **name))
        .map(|party| party.row.clone())
        .collect();
    match Paging::of(&query).and_then(|paging| paging.of_values(&rows)) {
        Ok(page) => data(&world, "party", 200, page),
        Err(fault) => invalid(&world, &fault),
    }
}
