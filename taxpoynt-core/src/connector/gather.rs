//! Gathering records: what every connector does with the resources of a page, so that none of it is written again.
//!
//! The rule that all of it keeps: one bad record never blocks a page, and no record comes with a part missing because the
//! platform's answer could not be read.

use super::Batch;
use crate::{
    Error, ErrorKind, Result, json,
    json::Text,
    model::{RawRecord, RecordKind, SourceKey},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A resource as the platform wrote it.
pub type Raw = Box<RawValue>;

/// The text or number in a resource's member `id`; none where it has none, or is no object.
#[must_use]
pub fn id_of(raw: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Identified {
        id: Text,
    }
    // Serde would read a list as an object's members in order.
    let object = raw.get().trim_start().starts_with('{');
    let read = object.then(|| serde_json::from_str::<Identified>(raw.get()).ok()).flatten()?;
    read.id.get().map(str::to_owned)
}

/// The resources of a page that can be read, each beside its text. The others are failures of the page, told by their id
/// where they have one.
pub fn sift<T: DeserializeOwned>(
    operation: &'static str,
    kind: RecordKind,
    page: Vec<Raw>,
    failed: &mut Vec<(SourceKey, Error)>,
) -> Vec<(T, Raw)> {
    let mut readable = Vec::with_capacity(page.len());
    for raw in page {
        let id = id_of(&raw);
        match object(operation, &raw) {
            Ok(value) if id.is_some() => readable.push((value, raw)),
            outcome => {
                let unnamed = || Error::payload(operation, "id", "id: the record has none");
                failed.push((
                    SourceKey::new(kind, id.unwrap_or_default()),
                    outcome.err().unwrap_or_else(unnamed),
                ));
            }
        }
    }
    readable
}

fn object<T: DeserializeOwned>(operation: &'static str, raw: &RawValue) -> Result<T> {
    if !raw.get().trim_start().starts_with('{') {
        return Err(Error::payload(operation, "", "the record is not a JSON object"));
    }
    json::read(operation, raw.get().as_bytes())
}

/// Resources that records refer to, by id, and whether some of what the platform sent could not be read.
#[derive(Debug, Default)]
pub struct Shelf {
    by_id: BTreeMap<String, Raw>,
    unreadable: bool,
}

impl Shelf {
    /// A shelf with these resources, each by its member `id`.
    #[must_use]
    pub fn of(resources: Vec<Raw>) -> Self {
        let mut shelf = Self::default();
        resources.into_iter().for_each(|raw| shelf.put(raw));
        shelf
    }

    /// Adds a resource by its member `id`. One without is remembered as unreadable.
    pub fn put(&mut self, raw: Raw) {
        match id_of(&raw) {
            Some(id) => self.put_as(id, raw),
            None => self.unreadable = true,
        }
    }

    /// Adds a resource by an id that stands elsewhere.
    pub fn put_as(&mut self, id: String, raw: Raw) {
        self.by_id.insert(id, raw);
    }

    /// Something could not be read: from now on nobody knows whether what is not here is really not there.
    pub fn doubt(&mut self) {
        self.unreadable = true;
    }

    /// The resource, where it is here.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Raw> {
        self.by_id.get(id)
    }

    /// All resources, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Raw)> {
        self.by_id.iter().map(|(id, raw)| (id.as_str(), raw))
    }

    /// The resource that a record's `field` refers to; none where the platform does not have it.
    ///
    /// # Errors
    /// `Payload`, naming the field, where it may be among what could not be read: without it the record would look whole
    /// and not be.
    pub fn find(&self, operation: &'static str, field: &'static str, id: &str) -> Result<Option<&Raw>> {
        match self.get(id) {
            None if self.unreadable => Err(unreadable(operation, field)),
            found => Ok(found),
        }
    }

    /// That everything could be read.
    ///
    /// # Errors
    /// `Payload`, naming the field, where not.
    pub fn whole(&self, operation: &'static str, field: &'static str) -> Result<()> {
        if self.unreadable { Err(unreadable(operation, field)) } else { Ok(()) }
    }
}

/// The failure of a record that refers to what could not be read.
#[must_use]
pub fn unreadable(operation: &'static str, field: &'static str) -> Error {
    let message = format!(
        "{field}: the platform's answer holds a part that cannot be read, so the record may be incomplete; it is pulled again"
    );
    Error::payload(operation, field, message)
}

/// A gathered record.
///
/// # Errors
/// `Payload` where it has no JSON form.
pub fn record(
    operation: &'static str,
    key: SourceKey,
    modified_at: Option<DateTime<Utc>>,
    body: &impl Serialize,
) -> Result<RawRecord> {
    let body = serde_json::to_vec(body).map_err(|e| {
        Error::payload(operation, key.kind.as_str(), "the record cannot be written").caused_by(e)
    })?;
    Ok(RawRecord { key, modified_at, body: Bytes::from(body) })
}

/// That the platform has records of this kind at all.
///
/// # Errors
/// `NotFound`.
pub fn expect_kind(operation: &'static str, key: &SourceKey, kind: RecordKind) -> Result<()> {
    if key.kind == kind {
        return Ok(());
    }
    let message =
        format!("the platform has no {}, only records of the kind {}", key.kind.as_str(), kind.as_str());
    Err(Error::new(ErrorKind::NotFound, operation, message).with("key", key.to_string()))
}

impl Batch {
    /// The one record of a batch that was fetched for `key`.
    ///
    /// # Errors
    /// What it failed with; `NotFound` where the batch is empty.
    pub fn only(mut self, operation: &'static str, key: &SourceKey) -> Result<RawRecord> {
        match (self.records.pop(), self.failed.pop()) {
            (Some(record), _) => Ok(record),
            (None, Some((_, error))) => Err(error),
            (None, None) => {
                Err(Error::new(ErrorKind::NotFound, operation, "the platform answered without it")
                    .with("key", key.to_string()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Raw {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn an_id_is_a_text_or_a_number_of_an_object() {
        let ids = [r#"{"id":"a"}"#, r#"{"id":7}"#, r#"{"id":""}"#, r#"{"id":{}}"#, r#"["a"]"#, "null", "{}"];
        let read: Vec<_> = ids.iter().map(|text| id_of(&raw(text))).collect();
        assert_eq!(read[..2], [Some("a".to_owned()), Some("7".to_owned())]);
        assert!(read[2..].iter().all(Option::is_none), "{read:?}");
    }

    #[test]
    fn what_is_missing_beside_something_unreadable_is_no_certainty() {
        let mut shelf = Shelf::of(vec![raw(r#"{"id":"a"}"#)]);
        assert!(shelf.find("test", "customer", "b").unwrap().is_none());
        shelf.put(raw("null"));
        assert!(shelf.find("test", "customer", "a").unwrap().is_some());
        let error = shelf.find("test", "customer", "b").unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("customer")));
        assert!(shelf.whole("test", "customer").is_err());
    }

    #[test]
    fn a_bad_record_is_told_by_its_id_and_the_rest_goes_on() {
        #[derive(Debug, Deserialize)]
        struct Order {
            total: u32,
        }
        let page = ["{\"id\":\"a\",\"total\":1}", "{\"id\":\"b\",\"total\":\"x\"}", "[\"c\", 3]", "null"];
        let mut failed = Vec::new();
        let page = page.iter().map(|text| raw(text)).collect();
        let read = sift::<Order>("test", RecordKind::Order, page, &mut failed);
        assert_eq!(read.iter().map(|(order, _)| order.total).collect::<Vec<_>>(), [1]);
        let ids: Vec<_> = failed.iter().map(|(key, _)| key.id.as_str()).collect();
        assert_eq!(ids, ["b", "", ""]);
    }
}
