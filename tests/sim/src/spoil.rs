//! Records that are not what they should be: one of a page is spoiled, the others are left alone.

use axum::{body::Body, response::Response};
use http::header;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Spoil {
    /// Every amount is text.
    AmountsAreText,
    /// Its times are no times.
    NoTime,
    /// Its lists are text, its objects are lists.
    WrongTypes,
    /// Nothing but the id is there.
    Hollow,
    /// Every quantity is no number.
    NoQuantity,
    /// The currency does not exist.
    NoCurrency,
}

impl Spoil {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::AmountsAreText,
        Self::NoTime,
        Self::WrongTypes,
        Self::Hollow,
        Self::NoQuantity,
        Self::NoCurrency,
    ];

    /// Spoils a record; its id stays.
    pub(crate) fn apply(self, record: &mut Value) {
        match self {
            Self::AmountsAreText => each(record, &|name, value| {
                if matches!(name, "amount" | "price" | "item_price") {
                    *value = "a lot".into();
                }
            }),
            Self::NoTime => each(record, &|name, value| {
                if ["_at", "_time", "edAt", "date"].iter().any(|end| name.ends_with(end)) {
                    *value = "yesterday".into();
                }
            }),
            Self::WrongTypes => {
                for value in record.as_object_mut().into_iter().flat_map(|members| members.values_mut()) {
                    match value {
                        Value::Array(_) => *value = "a list".into(),
                        Value::Object(_) => *value = Value::from(vec!["an object"]),
                        _ => {}
                    }
                }
            }
            Self::Hollow => {
                let id = record["id"].clone();
                *record = serde_json::json!({"id": id});
            }
            Self::NoQuantity => each(record, &|name, value| {
                if name == "quantity" {
                    *value = "some".into();
                }
            }),
            Self::NoCurrency => each(record, &|name, value| {
                if name == "currency" || name.ends_with("currency_code") {
                    *value = "XQX".into();
                }
            }),
        }
    }
}

/// Visits every member, at every depth.
fn each(value: &mut Value, change: &impl Fn(&str, &mut Value)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                each(member, change);
                change(name, member);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|entry| each(entry, change)),
        _ => {}
    }
}

/// Spoils the middle one of an answer's records, or the one record there is.
pub(crate) async fn one_record(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut answer) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let lists = answer.as_object_mut().into_iter().flat_map(|members| members.values_mut());
    for member in lists {
        match member {
            Value::Array(records) if !records.is_empty() => {
                let middle = records.len() / 2;
                Spoil::WrongTypes.apply(&mut records[middle]);
                break;
            }
            Value::Object(_) if member["id"].is_string() || member["id"].is_number() => {
                Spoil::WrongTypes.apply(member);
                break;
            }
            _ => {}
        }
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(answer.to_string()))
}
