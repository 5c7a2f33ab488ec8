//! Who takes part in the exchange: the parties of a document, and whether a buyer can be reached, and through whom.
//!
//! No answer of these three calls is recorded anywhere, so what is usual is read and the answer itself is kept.

use super::errors::{Call, Effect};
use super::listing::{Found, found_in, object};
use super::{ApiKeys, Client, found, is_denied, words};
use crate::Result;
use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use taxpoynt_ubl::Irn;

/// A party of the exchange; whatever the answer left out is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Participant {
    /// Its TIN.
    pub tin: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its business id at the authority.
    pub business_id: Option<String>,
    /// The access point it chose.
    pub app_reference: Option<String>,
}

/// What a look-up of a party says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participation {
    /// The party, as far as the answer tells.
    pub party: Participant,
    /// The answer's `data` as it came.
    pub answer: String,
}

/// What a look-up of a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Involved {
    /// The document, where the answer shows it.
    pub document: Option<Found>,
    /// The parties found in the answer.
    pub parties: Vec<Participant>,
    /// The answer's `data` as it came.
    pub answer: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow)]
    tin: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    party_name: Option<&'a RawValue>,
    #[serde(borrow)]
    business_id: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    app_reference: Option<&'a RawValue>,
}

impl Client {
    /// A document and the parties involved in its exchange; `None` where the authority does not know it.
    ///
    /// # Errors
    /// Of a read: `Unavailable`, `Unauthenticated`, `Config`, …
    pub async fn lookup_document(&self, keys: &ApiKeys, irn: &Irn) -> Result<Option<Involved>> {
        let data = self.lookup("firs.lookup_document", keys, &[irn.as_str()]).await?;
        Ok(data.map(|data| Involved {
            document: members(&data).values().find_map(|value| found_in(value)).or_else(|| found_in(&data)),
            parties: parties(&data),
            answer: data.get().to_owned(),
        }))
    }

    /// Whether whoever has this TIN takes part, and through which access point; `None` where not.
    ///
    /// # Errors
    /// As `lookup_document`.
    pub async fn lookup_tin(&self, keys: &ApiKeys, tin: &str) -> Result<Option<Participation>> {
        let data = self.lookup("firs.lookup_tin", keys, &["tin", tin]).await?;
        Ok(data.and_then(|data| participation(&data)))
    }

    /// As `lookup_tin`, for a party id.
    ///
    /// # Errors
    /// As `lookup_document`.
    pub async fn lookup_party(&self, keys: &ApiKeys, party_id: &str) -> Result<Option<Participation>> {
        let data = self.lookup("firs.lookup_party", keys, &["party", party_id]).await?;
        Ok(data.and_then(|data| participation(&data)))
    }

    async fn lookup(
        &self,
        operation: &'static str,
        keys: &ApiKeys,
        what: &[&str],
    ) -> Result<Option<Box<RawValue>>> {
        let call = Call { operation, effect: Effect::Read };
        let path: Vec<&str> = ["invoice", "transmit", "lookup"].iter().chain(what).copied().collect();
        let url = self.url(call, &path)?;
        found(self.send(call, keys, Method::GET, url, Bytes::new()).await)
    }
}

fn participation(data: &RawValue) -> Option<Participation> {
    if is_denied(data) || matches!(data.get(), "[]" | "{}" | "false") {
        return None;
    }
    let party = participant(data).or_else(|| parties(data).into_iter().next()).unwrap_or_default();
    Some(Participation { party, answer: data.get().to_owned() })
}

fn members(data: &RawValue) -> BTreeMap<String, &RawValue> {
    serde_json::from_str(data.get()).unwrap_or_default()
}

/// The parties among the members, and in the lists among the members.
fn parties(data: &RawValue) -> Vec<Participant> {
    let lists = |raw: &'_ RawValue| -> Vec<Participant> {
        let rows: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
        rows.into_iter().filter_map(participant).collect()
    };
    let mut found = lists(data);
    for value in members(data).into_values() {
        found.extend(participant(value));
        found.extend(lists(value));
    }
    found
}

/// A party is known by its TIN; an invoice has none at its top.
fn participant(raw: &RawValue) -> Option<Participant> {
    let wire: Wire<'_> = object(raw)?;
    Some(Participant {
        tin: Some(words(wire.tin)?),
        name: words(wire.party_name).or_else(|| words(wire.name)),
        business_id: words(wire.business_id).or_else(|| words(wire.id)),
        app_reference: words(wire.app_reference),
    })
}
