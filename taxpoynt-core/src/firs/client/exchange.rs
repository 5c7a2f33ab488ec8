//! Documents that others sent to a taxpayer: list them, download them, say that they arrived.

use super::errors::{Call, Effect};
use super::listing::rows;
use super::{ApiKeys, Client, found, unread, words};
use crate::firs::received::{Envelope, usable_irn};
use crate::{Error, ErrorKind, Result, json};
use bytes::Bytes;
use chrono::NaiveDate;
use http::Method;
use serde_json::value::RawValue;

/// What a download answers.
#[derive(Debug, Clone)]
pub enum Download {
    /// The document, sealed for the API key that asked.
    Sealed(Envelope),
    /// No envelope: bare metadata while the document is not yet to be had, or a document that is not sealed.
    Plain(Box<RawValue>),
}

impl Download {
    /// What it is, for the parts of an answer.
    fn of(data: Box<RawValue>) -> Self {
        match Envelope::find(&data) {
            Some(envelope) => Self::Sealed(envelope),
            None => Self::Plain(data),
        }
    }
}

/// Which received documents `pull` lists. Absent: all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PullQuery {
    /// Only those acknowledged, or only those not.
    pub confirmed: Option<bool>,
    /// From this day.
    pub from: Option<NaiveDate>,
    /// To this day.
    pub to: Option<NaiveDate>,
}

/// A received document as `pull` lists it.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// Its IRN; `None` where the row does not say it.
    pub irn: Option<String>,
    /// The document itself, where the row carries it.
    pub envelope: Option<Envelope>,
    /// The row as it came.
    pub raw: Box<RawValue>,
}

/// What the body of an acknowledgement says; the sources differ, and no live answer is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AcknowledgeBody {
    /// `{"message":"ACKNOWLEDGED"}`, as an accredited client sends it.
    #[default]
    Message,
    /// Nothing, as the published API page has it.
    Empty,
}

impl AcknowledgeBody {
    fn bytes(self) -> Bytes {
        match self {
            Self::Message => Bytes::from_static(br#"{"message":"ACKNOWLEDGED"}"#),
            Self::Empty => Bytes::new(),
        }
    }
}

impl Client {
    /// Downloads a document by its IRN, ours or another's; `None` where the authority does not know it.
    ///
    /// # Errors
    /// `Payload` for a text that cannot be an IRN; of a read: `Unavailable`, `RateLimited`, `Unauthenticated`, …
    pub async fn download(&self, keys: &ApiKeys, irn: &str) -> Result<Option<Download>> {
        let call = Call { operation: "firs.download", effect: Effect::Read };
        let url = self.url(call, &["invoice", "download", usable_irn(irn)?])?;
        let data = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)?;
        Ok(data.map(Download::of))
    }

    /// The documents others sent, within the days asked for.
    ///
    /// # Errors
    /// Of a read: `Unavailable` (also for an answer that is no list), `RateLimited`, `Unauthenticated`, …
    pub async fn pull(&self, keys: &ApiKeys, query: &PullQuery) -> Result<Vec<Pulled>> {
        let call = Call { operation: "firs.pull", effect: Effect::Read };
        let mut url = self.url(call, &["invoice", "transmit", "pull"])?;
        let confirmed = query.confirmed.map(|confirmed| confirmed.to_string());
        let from = query.from.map(|day| day.to_string());
        let to = query.to.map(|day| day.to_string());
        for (name, value) in [("confirmed", confirmed), ("from", from), ("to", to)] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, &value);
            }
        }
        let Some(data) = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)? else {
            return Ok(Vec::new());
        };
        let rows = rows(&data, "irn").ok_or_else(|| unread(call, "a list of received documents"))?;
        Ok(rows.into_iter().map(pulled).collect())
    }

    /// Tells the authority that a document arrived and was taken. Said again, it stays said.
    ///
    /// # Errors
    /// `Payload` for a text that cannot be an IRN; `Ambiguous` where the answer does not say whether it took effect: it
    /// can be said again; `NotFound` where the authority does not know the document; `Rejected`.
    pub async fn acknowledge(&self, keys: &ApiKeys, irn: &str) -> Result<()> {
        let call = Call { operation: "firs.acknowledge", effect: Effect::Change };
        let url = self.url(call, &["invoice", "transmit", usable_irn(irn)?])?;
        match self.send(call, keys, Method::PATCH, url, self.acknowledge_body.bytes()).await {
            Ok(_) => Ok(()),
            Err(error) if said_before(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The same client with another body of acknowledgements.
    #[must_use]
    pub fn acknowledging(mut self, body: AcknowledgeBody) -> Self {
        self.acknowledge_body = body;
        self
    }
}

/// An answer such as "already acknowledged" is what was wanted.
fn said_before(error: &Error) -> bool {
    let already = error.get("details").is_some_and(|details| {
        let details = details.to_ascii_lowercase();
        details.contains("already") && details.contains("acknowledged")
    });
    let status = error.get("status").is_some_and(|status| ["208", "409"].contains(&status));
    already || (error.kind() == ErrorKind::Ambiguous && status)
}

/// A row: the IRN alone, or an object with it, with the envelope in it or under one of its members.
fn pulled(raw: &RawValue) -> Pulled {
    let members = json::members(raw.get()).unwrap_or_default();
    let irn = members.iter().find(|(name, _)| name == "irn").and_then(|(_, value)| words(Some(value)));
    let irn = irn.or_else(|| json::text_of(raw.get()).map(|text| text.trim().to_owned()));
    let nested = || members.iter().find_map(|(_, value)| Envelope::find(value));
    Pulled {
        irn: irn.filter(|irn| usable_irn(irn).is_ok()),
        envelope: Envelope::find(raw).or_else(nested),
        raw: raw.to_owned(),
    }
}
