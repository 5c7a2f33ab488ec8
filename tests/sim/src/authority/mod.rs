//! The tax authority (NRS, formerly FIRS): registers invoices, strictly, and answers in its own words.

mod answer;
mod book;
mod calls;
mod check;
mod envelope;
mod inbox;
mod lists;
mod lookup;
mod schema;
mod search;
mod settings;
mod shapes;
mod totals;

pub(crate) use answer::{RECORD_NOT_FOUND, record_not_found};
pub(crate) use book::{Book, NotUpdated, Sign};
pub use book::{Business, Refusal, Registered};
pub(crate) use calls::{judged, not_transmittable, router};
pub use inbox::{Form, Incoming, Received};
pub use lookup::Participant;
pub use settings::{AuthoritySettings, Edition, ErrorShape, HttpStatus, NotFound, SearchShape};

use crate::{
    faults::{Fault, Wording},
    webhook::{Happened, Letter, Receiver, Refused},
    world::{Desk, Shared, World, lock},
};
use answer::{TRY_LATER, error, refuse};
use axum::response::Response;
use http::{StatusCode, request::Parts};
use serde_json::json;
use std::collections::BTreeMap;

/// The handle of the simulated authority.
#[derive(Clone)]
pub struct Authority {
    pub(crate) world: Shared,
}

impl Authority {
    /// Every invoice registered so far, in the order of registration.
    #[must_use]
    pub fn registered(&self) -> Vec<Registered> {
        lock(&self.world.book).registered()
    }

    /// How many invoices are registered.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.world.book).count()
    }

    /// The invoice registered under an IRN.
    #[must_use]
    pub fn find(&self, irn: &str) -> Option<Registered> {
        lock(&self.world.book).shown(irn)
    }

    /// How often each endpoint was called, refused calls included.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.world.authority.counted()
    }

    /// How often `sign` was called again for an IRN that was registered.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        lock(&self.world.book).duplicates
    }

    /// The payloads refused so far, each with all its faults; the answer itself names only the first.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        lock(&self.world.book).refusals.clone()
    }

    /// Reads a QR stamp with the private key (RSA, PKCS#1 v1.5) as only the authority can.
    ///
    /// # Errors
    /// Where the text is not base64 or was not made with this run's public key and that padding.
    pub fn decrypt_stamp(&self, stamp: &str) -> Result<String, Refused> {
        self.world.keys.decrypt(stamp).map_err(Refused)
    }

    /// The private key of this run, PKCS#8 PEM, for a check of the stamp with other tools. It protects nothing.
    #[must_use]
    pub fn private_key_pem(&self) -> String {
        self.world.keys.private_pem().to_owned()
    }

    /// Orders a fault; several are used up in the order they were asked for.
    pub fn fail_next(&self, fault: Fault) {
        self.world.authority.faults.order(fault);
    }

    /// Takes back every fault that has not struck yet.
    pub fn clear_faults(&self) {
        self.world.authority.faults.clear();
    }

    /// Whether sums are recomputed (they are, unless switched off here).
    pub fn strict_totals(&self, on: bool) {
        self.set(|settings| settings.strict_totals = on);
    }

    /// How it behaves.
    #[must_use]
    pub fn settings(&self) -> AuthoritySettings {
        lock(&self.world.book).settings.clone()
    }

    /// Changes how it behaves from the next call on.
    pub fn set(&self, change: impl FnOnce(&mut AuthoritySettings)) {
        change(&mut lock(&self.world.book).settings);
    }

    /// Puts an invoice that another taxpayer sent into our inbox; a webhook announces it where it should.
    ///
    /// # Errors
    /// Where the payload has no IRN.
    pub async fn put_in_inbox(&self, incoming: Incoming) -> Result<Happened, Refused> {
        let irn = inbox::put(&self.world, &incoming)?;
        let letters = if incoming.announce { vec![notice(&irn, "TRANSMITTING")] } else { Vec::new() };
        let deliveries = self.world.outbox.send(&self.world, letters).await;
        Ok(Happened { id: irn, deliveries })
    }

    /// What lies in our inbox, in the order it came.
    #[must_use]
    pub fn inbox(&self) -> Vec<Received> {
        lock(&self.world.book).inbox.all().to_vec()
    }

    /// Lets another taxpayer take part in the exchange, as look-ups tell it.
    pub fn add_participant(&self, participant: Participant) {
        lock(&self.world.book).participants.push(participant);
    }

    /// Enables another taxpayer beside the one in the credentials, or changes what is known of one.
    pub fn add_business(&self, business: Business) {
        let businesses = &mut lock(&self.world.book).businesses;
        businesses.retain(|known| known.business_id != business.business_id);
        businesses.push(business);
    }

    /// Sets where the authority's own notices go; `None`: nowhere.
    pub fn set_webhook_url(&self, receiver: Option<Receiver>) {
        self.world.outbox.to_authority(receiver);
    }

    /// The buyer's access point acknowledges a transmitted invoice; two notices follow.
    ///
    /// # Errors
    /// Where the invoice is not registered or was not transmitted.
    pub async fn acknowledge(&self, irn: &str) -> Result<Happened, Refused> {
        let marked = lock(&self.world.book).acknowledge(irn);
        if !marked {
            return Err(Refused(format!("{irn} is not a transmitted invoice")));
        }
        let notices = ["ACKNOWLEDGED", "TRANSMITTED"].map(|message| notice(irn, message));
        let deliveries = self.world.outbox.send(&self.world, notices.to_vec()).await;
        Ok(Happened { id: irn.to_owned(), deliveries })
    }
}

fn notice(irn: &str, message: &str) -> Letter {
    Letter::Authority { notice: json!({"irn": irn, "message": message}) }
}

/// The desk: key check and wording.
pub(crate) fn desk() -> Desk {
    Desk::new(
        || Wording {
            server_error: error(500, "invoice_actions", Some(TRY_LATER), TRY_LATER, 0),
            too_many: error(429, "handler", None, "too many requests", 0),
            unauthorized: (StatusCode::BAD_REQUEST, error(400, "handler", None, KEY_REFUSED, 0)),
            more: |_| None,
        },
        admit,
    )
}

const KEY_REFUSED: &str = "unable to validate api key";

fn admit(world: &World, _: &'static str, head: &Parts) -> Option<Response> {
    let has = |name: &str, expected: &str| head.headers.get(name).is_some_and(|value| value == expected);
    let credentials = &world.credentials.authority;
    let known = has("x-api-key", &credentials.api_key) && has("x-api-secret", &credentials.api_secret);
    // A bad key is a 400 here, never a 401.
    (!known).then(|| refuse(world, "handler", None, KEY_REFUSED))
}
