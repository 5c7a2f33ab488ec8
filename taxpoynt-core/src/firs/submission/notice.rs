//! What the authority (or an access point) posts to our webhook about a transmission.
//!
//! No signature of the authority's own is known, so a notice is only a hint: read the state by IRN before changing
//! anything. It carries no id either; (event, IRN) identifies it.

use crate::{Error, Result};
use serde::Deserialize;
use taxpoynt_ubl::Irn;

/// What is said to have happened.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// On its way to the parties.
    Transmitting,
    /// A party acknowledged it.
    Acknowledged,
    /// Every party has acknowledged it.
    Transmitted,
    /// The transmission failed; the document stays signed.
    Failed,
    /// Something newer than this list, as written.
    Other(String),
}

impl Event {
    /// As the authority writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Transmitting => "TRANSMITTING",
            Self::Acknowledged => "ACKNOWLEDGED",
            Self::Transmitted => "TRANSMITTED",
            Self::Failed => "FAILED",
            Self::Other(name) => name,
        }
    }
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The document.
    pub irn: Irn,
    /// What is said of it.
    pub event: Event,
}

#[derive(Deserialize)]
struct Wire {
    irn: Irn,
    message: String,
}

impl Notice {
    /// The answer the sender expects, with status 200.
    pub const REPLY: &'static str = r#"{"status":200,"message":"ACKNOWLEDGED"}"#;

    /// Reads a webhook body.
    ///
    /// # Errors
    /// `Payload`, naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let wire: Wire = crate::json::read("firs.notice", body)?;
        let event = match wire.message.trim() {
            "" => return Err(Error::payload("firs.notice", "message", "message must say what happened")),
            "TRANSMITTING" => Event::Transmitting,
            "ACKNOWLEDGED" => Event::Acknowledged,
            "TRANSMITTED" => Event::Transmitted,
            "FAILED" => Event::Failed,
            other => Event::Other(other.to_owned()),
        };
        Ok(Self { irn: wire.irn, event })
    }
}
