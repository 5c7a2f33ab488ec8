//! How a submission moves on, one step at a time: the seam for the authority or another access point.
//!
//! | stage stored | persist first | call | stage after |
//! |---|---|---|---|
//! | Draft | | validate | Validated |
//! | Validated | Signing | sign | Signed |
//! | Signing (a crash or an unclear answer before) | | search, confirm (and download, where neither shows an amount); nothing there: stays, `asked` | Signed, Signing |
//! | Signing, asked | | sign the same bytes | Signed |
//! | Signed, B2B and B2G | Transmitting | transmit | Transmitted |
//! | Transmitting (as Signing) | | confirm; not shown as transmitted: stays, `asked` | Transmitted, Transmitting |
//! | Transmitting, asked | | transmit | Transmitted |
//! | Signed, B2C; Transmitted | | confirm | Confirmed |
//!
//! What may follow which answer is in [`lifecycle`](super::lifecycle). A document that turns out to be registered although nobody told us is adopted when its content is ours, and held
//! for a person as `quarantined` when it is not. Nothing signed is ever signed again, and what follows after the
//! signature can fail without taking it back.

use super::{compare, lifecycle};
use crate::firs::client::{ApiKeys, Client, Confirmation, Found, exchange::Download};
use crate::firs::{codes, received::Content};
use crate::store::{DocumentState, Stage};
use crate::{Error, ErrorKind, Result, Retry, json};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{fmt, time::Duration};
use taxpoynt_ubl::{InvoiceKind, Irn, PaymentStatus};

/// How long a signed document may stay invisible to `confirm` before it is asked for again.
const NOT_YET: Duration = Duration::from_secs(60);

/// A stored document on its way, read from the very bytes that are sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Submittable {
    /// Its IRN.
    pub irn: Irn,
    /// The seller's id at the authority.
    pub business_id: String,
    /// B2C is reported, B2B and B2G are transmitted too.
    pub kind: InvoiceKind,
    /// The exact bytes, the same every time.
    pub body: Bytes,
    /// How far it got, as stored before this step.
    pub stage: Stage,
    /// Whether the step before this one asked the authority and was told that the call is still to be made. Set by
    /// whoever has stored that step: the lease then held until a moment ago, and nobody else makes the call.
    pub asked: bool,
    /// Its issue date.
    pub issue_date: NaiveDate,
    /// The authority's document type code.
    pub type_code: String,
    /// The currency of its amounts.
    pub currency: String,
    /// The amount to pay.
    pub payable: Decimal,
    /// The amount with tax.
    pub tax_inclusive: Decimal,
    /// The buyer's TIN.
    pub buyer_tin: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    irn: Irn,
    business_id: String,
    invoice_kind: String,
    issue_date: NaiveDate,
    invoice_type_code: String,
    document_currency_code: String,
    legal_monetary_total: Total,
    #[serde(default)]
    accounting_customer_party: Option<Buyer>,
}

#[derive(Deserialize)]
struct Total {
    payable_amount: json::Exact,
    tax_inclusive_amount: json::Exact,
}

#[derive(Deserialize)]
struct Buyer {
    #[serde(default)]
    tin: Option<String>,
}

impl Submittable {
    /// Reads what a step needs from the stored bytes (`NewDocument::mbs`).
    ///
    /// # Errors
    /// `Payload`, naming the field: the bytes are not the authority's JSON.
    pub fn read(body: Bytes, stage: Stage) -> Result<Self> {
        const OPERATION: &str = "firs.submittable";
        let read: Body = json::read(OPERATION, &body)?;
        let kind = codes::kind(&read.invoice_kind).ok_or_else(|| {
            Error::payload(OPERATION, "invoice_kind", "invoice_kind must be B2B, B2C or B2G")
        })?;
        Ok(Self {
            irn: read.irn,
            business_id: read.business_id,
            kind,
            body,
            stage,
            asked: false,
            issue_date: read.issue_date,
            type_code: read.invoice_type_code,
            currency: read.document_currency_code,
            payable: read.legal_monetary_total.payable_amount.0,
            tax_inclusive: read.legal_monetary_total.tax_inclusive_amount.0,
            buyer_tin: read.accounting_customer_party.and_then(|buyer| buyer.tin),
        })
    }

    /// The stage to store *before* the next step, so that a crash in the middle of it is found again. `advance` is
    /// then called with the document as it is, not with this stage.
    #[must_use]
    pub fn intent(&self) -> Option<Stage> {
        match self.stage {
            Stage::Validated => Some(Stage::Signing),
            Stage::Signed if self.is_transmitted() => Some(Stage::Transmitting),
            _ => None,
        }
    }

    fn is_transmitted(&self) -> bool {
        self.kind != InvoiceKind::B2C
    }
}

/// Where a step left the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The stage reached.
    pub stage: Stage,
    /// The state that follows.
    pub state: DocumentState,
    /// What to tell a person, where there is more to say than the stage.
    pub message: Option<String>,
    /// Why it stopped, one of those in [`lifecycle`](super::lifecycle); `None` where it goes on.
    pub code: Option<String>,
    /// Whether nothing is left to do.
    pub finished: bool,
    /// The cryptographic stamp identifier, where the access point supplied one with this step. It is stored as it
    /// came; nobody on our side makes one.
    pub csid: Option<String>,
    /// Of a document that was there already: what is known there of its payment. It may have been registered before its
    /// buyer paid, and go out of our store afterwards.
    pub payment: Option<PaymentStatus>,
}

impl Step {
    /// A stage that was reached.
    #[must_use]
    pub fn to(stage: Stage) -> Self {
        let state = lifecycle::state_at(stage);
        let finished = stage == Stage::Confirmed;
        Self { stage, state, message: None, code: None, finished, csid: None, payment: None }
    }

    /// The step to store before a call whose effect could get lost.
    #[must_use]
    pub fn intending(stage: Stage) -> Self {
        Self::to(stage)
    }

    /// The end of a document that the authority refused at the stored stage `stage`: the state and code are those of
    /// the table.
    #[must_use]
    pub fn rejected(stage: Stage, error: &Error) -> Self {
        let row = lifecycle::next(stage, lifecycle::Event::of(error));
        Self {
            stage,
            state: row.map_or(DocumentState::Rejected, |row| row.state),
            message: Some(error.message().to_owned()),
            code: row.and_then(|row| row.codes.first()).map(|code| (*code).to_owned()),
            finished: true,
            csid: None,
            payment: None,
        }
    }

    /// The same with the CSID that came with it.
    #[must_use]
    pub fn with_csid(self, csid: Option<String>) -> Self {
        Self { csid, ..self }
    }

    /// The same with what is known there of its payment.
    #[must_use]
    pub fn with_payment(self, payment: Option<PaymentStatus>) -> Self {
        Self { payment, ..self }
    }

    /// The same with a sentence for a person.
    #[must_use]
    pub fn saying(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..self }
    }
}

/// Moves documents on at the authority, or at an access point that stands before it.
#[async_trait]
pub trait Transmitter: Send + Sync + fmt::Debug {
    /// Makes the next step from `document.stage`. Where `document.intent()` names a stage, store that first. A step that
    /// stays at its stage has asked and found that the call is still to be made: store it, which proves the lease once
    /// more, then call again with `asked`. Repeating a step whose outcome was not stored is safe.
    ///
    /// # Errors
    /// `Rejected`: final for this document, `code` is `quarantined` where another document holds its IRN. `Ambiguous`:
    /// later again, from the stage then stored. `Unavailable`, `TimedOut`, `RateLimited`, `NotFound` of a confirmation
    /// that does not show yet: later again, as `retry` says. `Unauthenticated`, `Config`, `Authority`: a person is
    /// needed; what is signed stays signed.
    async fn advance(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step>;

    /// Reads what is known of a document; `None`: it is not known there.
    ///
    /// # Errors
    /// Of a read: `Unavailable`, `RateLimited`, `Unauthenticated`, `Config`, …
    async fn confirmation(&self, irn: &Irn, keys: &ApiKeys) -> Result<Option<Confirmation>>;

    /// Reports that a signed document is paid or rejected: the one thing about it that may still change, once.
    ///
    /// # Errors
    /// `Rejected`, final: `code` is `payment_terminal` where it is paid or rejected there already. `NotFound`, or
    /// `Rejected` with the code `payment_unsigned`: later again. `Ambiguous`: look at `confirmation` before it is sent
    /// again. The rest as `advance`.
    async fn update_payment(
        &self,
        irn: &Irn,
        status: PaymentStatus,
        reference: Option<&str>,
        keys: &ApiKeys,
    ) -> Result<()>;
}

/// The authority's own API.
#[derive(Debug, Clone)]
pub struct Mbs {
    client: Client,
}

/// What is known of a document after asking.
enum Known {
    Ours(Step),
    Absent,
}
impl Mbs {
    /// Over a client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    async fn validate(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        match self.client.validate(keys, document.body.clone()).await {
            Ok(()) => Ok(Step::to(Stage::Validated)),
            // The text for a repeated IRN: registered before, and our store was put back, perhaps.
            Err(error) if error.kind() == ErrorKind::Ambiguous => match self.look_up(document, keys).await? {
                Known::Ours(adopted) => Ok(adopted),
                Known::Absent => Err(Error::new(
                    ErrorKind::Unavailable,
                    "firs.validate",
                    "The authority cannot check the document at the moment.",
                )
                .retry_as(Retry::After(NOT_YET))
                .caused_by(error)),
            },
            Err(error) => Err(error),
        }
    }

    async fn sign(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        let signed = self.client.sign(keys, document.body.clone()).await?;
        Ok(Step::to(Stage::Signed).with_csid(signed.csid))
    }

    async fn ask_before_signing(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        match self.look_up(document, keys).await? {
            Known::Ours(adopted) => Ok(adopted),
            Known::Absent => Ok(Step::to(Stage::Signing)),
        }
    }

    /// Asks twice before a document counts as absent: `search` shows the content, `confirm` knows every IRN. Where
    /// neither shows an amount, the document itself is downloaded.
    async fn look_up(&self, document: &Submittable, keys: &ApiKeys) -> Result<Known> {
        if let Some(found) = self.client.search(keys, &document.business_id, &document.irn).await? {
            same(document, &found)?;
            if found.payable.is_none() {
                self.downloaded(document, keys).await?;
            }
            let payment = found.payment_status.as_deref().and_then(codes::payment_status);
            return Ok(Known::Ours(adopted(found.csid, payment)));
        }
        match self.client.confirm(keys, &document.irn).await? {
            None => Ok(Known::Absent),
            Some(confirmation) => {
                same_day(document, &confirmation)?;
                self.downloaded(document, keys).await?;
                let payment = confirmation.payment_status.as_deref().and_then(codes::payment_status);
                Ok(Known::Ours(adopted(None, payment)))
            }
        }
    }

    /// Whether what can be downloaded under the IRN is our document. An answer that shows none proves nothing.
    async fn downloaded(&self, document: &Submittable, keys: &ApiKeys) -> Result<()> {
        let irn = document.irn.as_str();
        let download = self.client.download(keys, irn).await.ok().flatten();
        let shown = download.and_then(|download| content(&download, keys)).ok_or_else(|| unseen(document))?;
        match compare::difference(&document.body, shown.get()) {
            Some(other) => Err(quarantined(document, &other.path, &other.theirs, &other.ours)),
            None if compare::shows(&shown, &["irn"]) && compare::shows(&shown, &PAYABLE) => Ok(()),
            None => Err(unseen(document)),
        }
    }

    async fn transmit(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        match self.client.transmit(keys, &document.irn).await {
            Ok(()) => Ok(Step::to(Stage::Transmitted)),
            // The document is signed and stays so: only the sending was refused.
            Err(error) if error.kind() == ErrorKind::Rejected => {
                let message =
                    format!("The document is signed, but was not sent to the buyer: {}", error.message());
                Err(Error::new(ErrorKind::Authority, "firs.transmit", message)
                    .with("code", lifecycle::TRANSMIT_REFUSED)
                    .caused_by(error))
            }
            Err(error) => Err(error),
        }
    }

    async fn ask_before_transmitting(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        let shown = self.client.confirm(keys, &document.irn).await?;
        if shown.is_some_and(|c| c.transmitted == Some(true)) {
            return Ok(Step::to(Stage::Transmitted).saying("The authority shows it as transmitted."));
        }
        Ok(Step::to(Stage::Transmitting))
    }

    async fn confirm(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        let Some(confirmation) = self.client.confirm(keys, &document.irn).await? else {
            let message = "The authority signed the document but does not show it yet.";
            return Err(Error::new(ErrorKind::NotFound, "firs.confirm", message)
                .retry_as(Retry::After(NOT_YET))
                .with("irn", document.irn.as_str()));
        };
        let step = Step::to(Stage::Confirmed);
        Ok(match (document.is_transmitted(), confirmation.transmitted) {
            (true, Some(false)) => step.saying("Confirmed; not every party has acknowledged it yet."),
            _ => step.saying("Confirmed."),
        })
    }
}

#[async_trait]
impl Transmitter for Mbs {
    async fn advance(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        match document.stage {
            Stage::Draft => self.validate(document, keys).await,
            Stage::Validated => self.sign(document, keys).await,
            Stage::Signing if document.asked => self.sign(document, keys).await,
            Stage::Signing => self.ask_before_signing(document, keys).await,
            Stage::Signed if document.is_transmitted() => self.transmit(document, keys).await,
            Stage::Transmitting if document.asked => self.transmit(document, keys).await,
            Stage::Transmitting => self.ask_before_transmitting(document, keys).await,
            Stage::Signed | Stage::Transmitted => self.confirm(document, keys).await,
            Stage::Confirmed => Ok(Step::to(Stage::Confirmed)),
        }
    }

    async fn confirmation(&self, irn: &Irn, keys: &ApiKeys) -> Result<Option<Confirmation>> {
        self.client.confirm(keys, irn).await
    }

    async fn update_payment(
        &self,
        irn: &Irn,
        status: PaymentStatus,
        reference: Option<&str>,
        keys: &ApiKeys,
    ) -> Result<()> {
        self.client.update_payment(keys, irn, status, reference).await
    }
}

fn adopted(csid: Option<String>, payment: Option<PaymentStatus>) -> Step {
    Step::to(Stage::Signed)
        .saying("The authority had the document already, with the same content.")
        .with_csid(csid)
        .with_payment(payment)
}

/// Whether what is registered is our document. What the answer leaves out is not compared.
fn same(document: &Submittable, found: &Found) -> Result<()> {
    let differs = |name: &'static str, theirs: Option<String>, ours: String| {
        theirs.filter(|theirs| *theirs != ours).map(|theirs| (name, theirs, ours))
    };
    let amount = |amount: Decimal| amount.normalize().to_string();
    let difference =
        differs("issue date", found.issue_date.map(|d| d.to_string()), document.issue_date.to_string())
            .or_else(|| differs("document type", found.type_code.clone(), document.type_code.clone()))
            .or_else(|| differs("currency", found.currency.clone(), document.currency.clone()))
            .or_else(|| differs("payable amount", found.payable.map(amount), amount(document.payable)))
            .or_else(|| {
                differs("amount with tax", found.tax_inclusive.map(amount), amount(document.tax_inclusive))
            })
            .or_else(|| {
                let ours = document.buyer_tin.clone()?;
                differs("buyer's TIN", found.buyer_tin.clone(), ours)
            });
    match difference {
        None => {}
        Some((name, theirs, ours)) => return Err(quarantined(document, name, &theirs, &ours)),
    }
    match compare::difference(&document.body, &found.shown) {
        None => Ok(()),
        Some(other) => Err(quarantined(document, &other.path, &other.theirs, &other.ours)),
    }
}

fn quarantined(document: &Submittable, name: &str, theirs: &str, ours: &str) -> Error {
    let message = format!(
        "The authority holds another document under IRN {}: its {name} is {theirs}, ours is {ours}. A person must decide.",
        document.irn
    );
    Error::new(ErrorKind::Rejected, "firs.look_up", message)
        .with("code", lifecycle::QUARANTINED)
        .with("irn", document.irn.as_str())
}

/// `confirm` knows the IRN and `search` does not show it: another date proves another document, the same date proves
/// nothing.
fn same_day(document: &Submittable, confirmation: &Confirmation) -> Result<()> {
    match confirmation.issue_date.filter(|date| *date != document.issue_date) {
        None => Ok(()),
        Some(date) => {
            Err(quarantined(document, "issue date", &date.to_string(), &document.issue_date.to_string()))
        }
    }
}

fn unseen(document: &Submittable) -> Error {
    let message = "The authority knows the IRN but does not show the document yet; it is asked again later.";
    Error::new(ErrorKind::Ambiguous, "firs.look_up", message).with("irn", document.irn.as_str())
}

/// Without it a document is not known for ours (section 7.2 of the authority sheet).
const PAYABLE: [&str; 2] = ["legal_monetary_total", "payable_amount"];

/// The authority's JSON in a download, where it is one.
fn content(download: &Download, keys: &ApiKeys) -> Option<Box<RawValue>> {
    match download {
        Download::Plain(raw) => Some(raw.clone()),
        Download::Sealed(envelope) => match Content::read(&envelope.open(keys).ok()?).ok()? {
            Content::Invoice(raw) => Some(raw),
            _ => None,
        },
    }
}
