//! Ids and names as a host writes them.

use crate::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// An id. What is no id of ours belongs to nobody.
///
/// # Errors
/// `NotFound`, naming what was asked for.
pub fn id(what: &'static str, text: &str) -> Result<Uuid> {
    Uuid::parse_str(text).map_err(|_| {
        Error::new(ErrorKind::NotFound, "engine.id", format!("no {what} has the id {text:?}"))
            .with("id", text)
    })
}

/// The tenant a call is made for, where the host says one.
///
/// # Errors
/// `NotFound` for what is no id.
pub fn whose(tenant: Option<String>) -> Result<Option<Uuid>> {
    tenant.map(|text| id("tenant", &text)).transpose()
}

/// A name of a closed set: a state, a kind.
///
/// # Errors
/// `Config`, naming the field and the names there are.
pub fn named<T: DeserializeOwned>(
    operation: &'static str,
    field: &str,
    name: Option<String>,
) -> Result<Option<T>> {
    let Some(name) = name else { return Ok(None) };
    serde_json::from_value(Value::from(name))
        .map(Some)
        .map_err(|e| Error::new(ErrorKind::Config, operation, format!("{field}: {e}")).with("field", field))
}
