//! What the authority posts to us. Nobody can prove that it was the authority, so a notice is a hint and nothing more: it
//! is stored, and the document's state is read by its IRN before anything changes. What is lost, repeated, late or made
//! up therefore changes nothing but when we look.

use crate::engine::{Engine, Receipt, spans::Sale};
use crate::{
    Error, ErrorKind, Result, Retry,
    firs::{ApiKeys, Confirmation, Notice, Submittable, Transmitter},
    store::{
        self, Document, Fence, InboundOrigin, NewNotice, Reading, Stage, Transmission, TransmissionState,
    },
    webhook::{
        Secrets, WebhookRequest, hmac,
        timestamp::{self, Unit},
    },
};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::time::Duration;
use taxpoynt_ubl::{InvoiceKind, Irn};
use uuid::Uuid;

/// No notice is larger: the documented one has two short members.
const LARGEST: usize = 64 * 1024;

/// What is kept of the name of an event that we do not know.
const LONGEST_EVENT: usize = 64;

/// How far a signed notice's time may be off, on either side.
const TOLERANCE: Duration = Duration::from_secs(300);

/// How long to wait where a document is on its way, or does not show yet.
const NOT_YET: Duration = Duration::from_secs(60);

/// How long a document that was sent again has until it is looked at.
const A_WHILE: Duration = Duration::from_secs(300);

impl Engine {
    /// Receives what was posted to the URL that is set on the authority's dashboard. The body is stored before it is
    /// answered; what it says of a document of ours is then looked up at the authority by a worker.
    ///
    /// Without `AuthorityOptions::webhook_secret` anyone who knows the URL can make us look: give it a long random path.
    ///
    /// `Receipt::status` is 200, 401 where a signature is asked for and does not fit, 405 for anything but POST, 413 for
    /// a body over 64 KiB; only with 200 anything was stored.
    ///
    /// # Errors
    /// `Store`: the sender must then get a 5xx, so that it repeats.
    pub async fn receive_authority(
        &self,
        method: &str,
        url: &str,
        headers: &http::HeaderMap,
        body: &[u8],
    ) -> Result<Receipt> {
        if let Some(refusal) = refusal(method, body) {
            return Ok(refusal);
        }
        match self.is_signed(&WebhookRequest { method, url, headers, body }) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::SignatureInvalid | ErrorKind::Replayed) => {
                tracing::warn!("a notice in the authority's name was refused: {}", error.message());
                return Ok(answer(401, error.message()));
            }
            Err(error) => return Err(error),
        }
        let notice = read(body);
        let noticed = self.store().receive_notice(&notice, self.now()).await?;
        if noticed.document.is_none() {
            self.on_unknown_irn(&notice).await?;
        }
        if noticed.new {
            self.inner.bell.notify_waiters();
        }
        let (new, duplicates) = (u32::from(noticed.new), u32::from(!noticed.new));
        Ok(Receipt { new, duplicates, ..answer(200, Notice::REPLY) })
    }

    /// Of an IRN that none of our documents has: somebody else's document, perhaps one that was sent to a tenant. The
    /// notice is stored already.
    async fn on_unknown_irn(&self, notice: &NewNotice) -> Result<()> {
        match self.announce_inbound(&notice.irn, None, InboundOrigin::Webhook).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Payload => {
                tracing::info!(event = notice.event, "a notice about no document: {error}");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The form that access points use (`X-Timestamp`, `X-Signature` over body and timestamp), where a secret is set.
    fn is_signed(&self, request: &WebhookRequest<'_>) -> Result<()> {
        let options = self.inner.options.authority.as_ref();
        let Some(secret) = options.and_then(|options| options.webhook_secret.clone()) else { return Ok(()) };
        let stamp = request.header("x-timestamp")?;
        let message = [request.body, stamp.as_bytes()];
        hmac::verify_hex(request, "x-signature", &Secrets::one(secret), &message)?;
        timestamp::check(stamp, Unit::Seconds, self.now(), TOLERANCE)
    }

    /// How the sending of a document to its buyer goes, once a notice or a host made the engine look; `None` before.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn transmission(&self, document: Uuid, tenant: Option<Uuid>) -> Result<Option<Transmission>> {
        let document = self.store().document(document, tenant).await?;
        self.store().transmission(document.id).await
    }

    /// Has a worker read a document's state at the authority, as after a notice: notices get lost.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn look_again(&self, document: Uuid, tenant: Option<Uuid>) -> Result<()> {
        let document = self.store().document(document, tenant).await?;
        self.store().want_reading(document.id, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(())
    }

    /// What was announced about a document, oldest first, whoever did.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn notices(&self, document: Uuid, tenant: Option<Uuid>) -> Result<Vec<store::Notice>> {
        let document = self.store().document(document, tenant).await?;
        self.store().notices(&document.document.irn).await
    }

    /// Reads a document's state at the authority again, because of what was announced.
    pub(in crate::engine) async fn read_again(&self, document: Uuid, fence: &Fence) -> Result<()> {
        let document = self.store().document(document, None).await?;
        Sale::of_document(&document).tell();
        let notices = self.store().notices(&document.document.irn).await?;
        // Before `sign` there is nothing to read, and while it is sent its own job reads: the end of that one queues this.
        if document.stage < Stage::Transmitted && !is_reported(&document) || document.stage < Stage::Signed {
            return self.store().finish(fence, self.now()).await;
        }
        let transmitter = self.transmitter_of(document.tenant).await?;
        let keys = self.authority_keys(document.tenant).await?;
        let look = Look { engine: self, document: &document, notices: &notices, fence };
        look.settle(&*transmitter, &keys).await
    }
}

struct Look<'a> {
    engine: &'a Engine,
    document: &'a Document,
    notices: &'a [store::Notice],
    fence: &'a Fence,
}

impl Look<'_> {
    async fn settle(&self, transmitter: &dyn Transmitter, keys: &ApiKeys) -> Result<()> {
        let irn = Irn::parse(&self.document.document.irn).map_err(|_| {
            Error::new(ErrorKind::Store, "engine.confirm", "the stored IRN of the document cannot be read")
        })?;
        let Some(shown) = transmitter.confirmation(&irn, keys).await? else { return Err(not_shown()) };
        if self.failed() && !arrived(&shown) && !is_reported(self.document) {
            return self.send_again(transmitter, keys).await;
        }
        self.record(state_of(&shown), false, None, Then::End).await
    }

    /// Whether a failure was announced that nobody has looked into.
    fn failed(&self) -> bool {
        self.notices.iter().any(|notice| notice.event == "FAILED" && notice.handled_at.is_none())
    }

    /// The document is signed and stays so: the failure is recorded, then the transmission alone is repeated.
    async fn send_again(&self, transmitter: &dyn Transmitter, keys: &ApiKeys) -> Result<()> {
        let message = "The authority could not send it to the buyer; it stays signed, and is sent again.";
        self.record(TransmissionState::TransmitFailed, false, Some(message), Then::Go).await?;
        // From `Transmitting` the transmitter asks once more and sends only what is not shown as transmitted.
        let bytes = self.document.document.mbs.clone();
        let mut sent = Submittable::read(bytes, Stage::Transmitting)?;
        let mut step = transmitter.advance(&sent, keys).await?;
        if step.stage == Stage::Transmitting {
            // It asked and must send: the lease is proved once more before the call.
            self.record(TransmissionState::TransmitFailed, false, Some(message), Then::Go).await?;
            sent.asked = true;
            step = transmitter.advance(&sent, keys).await?;
        }
        self.record(TransmissionState::Transmitting, true, step.message.as_deref(), Then::LookAgain).await?;
        // Notices get lost, so the outcome is read whether or not one comes.
        Err(not_there_yet())
    }

    async fn record(
        &self,
        state: TransmissionState,
        resent: bool,
        message: Option<&str>,
        then: Then,
    ) -> Result<()> {
        let open = self.notices.iter().filter(|notice| notice.handled_at.is_none());
        let handled = open.map(|notice| (notice.event.clone(), notice.seen));
        let reading = Reading {
            document: self.document.id,
            state,
            resent,
            message: message.map(str::to_owned),
            handled: if then == Then::Go { Vec::new() } else { handled.collect() },
            finished: then == Then::End,
        };
        self.engine.store().settle_reading(&reading, self.fence, self.engine.now()).await
    }
}

/// What follows a record of what was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// What the notices ask for is done next.
    Go,
    /// The notices are answered; the outcome is still to be read.
    LookAgain,
    /// Nothing.
    End,
}

/// B2C is reported, never transmitted.
fn is_reported(document: &Document) -> bool {
    crate::firs::codes::kind(&document.document.kind) == Some(InvoiceKind::B2C)
}

fn arrived(shown: &Confirmation) -> bool {
    shown.transmitted == Some(true) || shown.delivered == Some(true)
}

fn state_of(shown: &Confirmation) -> TransmissionState {
    match (shown.transmitted, shown.delivered) {
        (_, Some(true)) => TransmissionState::Acknowledged,
        (Some(true), _) => TransmissionState::Transmitted,
        _ => TransmissionState::Transmitting,
    }
}

fn not_shown() -> Error {
    let message = "The authority does not show the document at the moment; it is asked again.";
    Error::new(ErrorKind::Unavailable, "engine.confirm", message).retry_as(Retry::After(NOT_YET))
}

/// A transmission takes a while.
fn not_there_yet() -> Error {
    let message = "The document was sent again; what became of it is read later.";
    Error::new(ErrorKind::Unavailable, "engine.confirm", message).retry_as(Retry::After(A_WHILE))
}

fn answer(status: u16, reply: &str) -> Receipt {
    Receipt::refusal(status, reply)
}

fn refusal(method: &str, body: &[u8]) -> Option<Receipt> {
    if !method.eq_ignore_ascii_case("POST") {
        return Some(answer(405, "post a notice here"));
    }
    (body.len() > LARGEST).then(|| answer(413, "a notice has at most 64 KiB"))
}

/// What cannot be read is kept too, under no IRN: it may be the first of a new form.
fn read(body: &[u8]) -> NewNotice {
    let stored = Bytes::copy_from_slice(body);
    match Notice::parse(body) {
        Ok(notice) => {
            let event = notice.event.name().chars().take(LONGEST_EVENT).collect();
            NewNotice { irn: notice.irn.to_string(), event, body: stored }
        }
        Err(error) => {
            tracing::warn!("a notice in the authority's name cannot be read: {}", error.message());
            let hash: String =
                Sha256::digest(body).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            NewNotice { irn: String::new(), event: format!("UNREADABLE {hash}"), body: stored }
        }
    }
}
