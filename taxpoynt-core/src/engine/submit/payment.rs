//! Tells the authority that a document is paid, or will not be: once, after `sign`, and asking first after any unclear
//! answer.

use crate::engine::Engine;
use crate::{
    Error, ErrorKind, Result, Retry,
    firs::{ApiKeys, Transmitter, codes},
    store::{Document, Fence, Payment, PaymentOrigin, PaymentState, Stage, WantedPayment},
};
use std::time::Duration;
use taxpoynt_ubl::{Invoice, Irn, PaymentStatus};
use uuid::Uuid;

/// How long to wait where the authority does not know a signed document, or does not count it as signed, yet.
const NOT_YET: Duration = Duration::from_secs(60);

impl Engine {
    /// Notes that a document is paid (or will not be: the buyer rejected it) and reports it as soon as the document is
    /// signed. The same status again does nothing; `Payment::state` says how far the report got.
    ///
    /// Where a platform says that a sale is paid, the engine does this by itself.
    ///
    /// # Errors
    /// `Config` for `Pending`, where every document starts. `Conflict` where the document went out with another final
    /// status, or was reported so. `NotFound`, also for another tenant's document; `Store`.
    pub async fn update_payment(
        &self,
        document: Uuid,
        status: PaymentStatus,
        reference: Option<&str>,
        tenant: Option<Uuid>,
    ) -> Result<Payment> {
        let document = self.store().document(document, tenant).await?;
        let reference = reference.map(str::trim).filter(|reference| !reference.is_empty());
        let said = status_in(&document)?;
        if document.stage >= Stage::Signing && said != PaymentStatus::Pending && said != status {
            let message = format!(
                "{} went out as {}, which is final: correct it with a credit note",
                document.document.number,
                codes::payment_status_code(said)
            );
            return Err(Error::new(ErrorKind::Conflict, "engine.update_payment", message));
        }
        let reference = reference.map(str::to_owned);
        let wanted = WantedPayment { document: document.id, status, reference, origin: PaymentOrigin::Host };
        let payment = self.store().want_payment(&wanted, self.now()).await?;
        self.inner.bell.notify_waiters();
        Ok(payment)
    }

    /// The payment of a document, as far as it was reported or is to be; `None`: the document says it itself, or it is
    /// not paid.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn payment(&self, document: Uuid, tenant: Option<Uuid>) -> Result<Option<Payment>> {
        let document = self.store().document(document, tenant).await?;
        self.store().payment(document.id).await
    }

    /// Reports a payment, or finds that there is nothing to report.
    pub(in crate::engine) async fn report_payment(&self, document: Uuid, fence: &Fence) -> Result<()> {
        let open = self.store().payment(document).await?.filter(|payment| is_open(payment.state));
        let document = self.store().document(document, None).await?;
        // Before `sign` nothing is sent: the end of the submission queues this again.
        let Some(payment) = open.filter(|_| document.stage >= Stage::Signed) else {
            return self.store().finish(fence, self.now()).await;
        };
        if self.begin(&document, fence).await? {
            return Ok(());
        }
        let report = Report { engine: self, document: &document, payment: &payment, fence };
        let transmitter = self.transmitter_of(document.tenant).await?;
        let keys = self.authority_keys(document.tenant).await?;
        if status_in(&document)? == payment.status && !report.is_behind(&*transmitter, &keys).await? {
            return report.end(PaymentState::Done, "The document says so itself.").await;
        }
        report.send(&*transmitter, &keys).await
    }

    /// A document that the authority had already was registered before its buyer paid, and ours says paid: then the
    /// payment is told after all, once the document counts as signed here.
    pub(super) async fn catch_up_on_payment(
        &self,
        document: &Document,
        known_there: Option<PaymentStatus>,
    ) -> Result<()> {
        if known_there != Some(PaymentStatus::Pending) {
            return Ok(());
        }
        let status = status_in(document)?;
        if status == PaymentStatus::Pending {
            return Ok(());
        }
        let (document, origin) = (document.id, PaymentOrigin::Record);
        let wanted = WantedPayment { document, status, reference: None, origin };
        self.store().want_payment(&wanted, self.now()).await.map(drop)
    }
}

struct Report<'a> {
    engine: &'a Engine,
    document: &'a Document,
    payment: &'a Payment,
    fence: &'a Fence,
}

impl Report<'_> {
    async fn send(&self, transmitter: &dyn Transmitter, keys: &ApiKeys) -> Result<()> {
        let irn = self.irn()?;
        if self.payment.state == PaymentState::Sending
            && let Some(shown) = self.shown(transmitter, &irn, keys).await?
        {
            return self.settle_as(shown, "The authority shows it after an unclear answer.").await;
        }
        self.settle(PaymentState::Sending, None).await?;
        let reference = self.payment.reference.as_deref();
        match transmitter.update_payment(&irn, self.payment.status, reference, keys).await {
            Ok(()) => self.settle(PaymentState::Done, None).await,
            Err(error) if error.get("code") == Some("payment_unsigned") => Err(later(error)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(later(error)),
            Err(error) if error.kind() == ErrorKind::Rejected => {
                self.refused(transmitter, &irn, keys, &error).await
            }
            Err(error) => Err(error),
        }
    }

    /// A closed document is what we wanted where it was closed with our status: by an attempt whose answer got lost, or
    /// by a person on the dashboard.
    async fn refused(
        &self,
        transmitter: &dyn Transmitter,
        irn: &Irn,
        keys: &ApiKeys,
        error: &Error,
    ) -> Result<()> {
        match self.shown(transmitter, irn, keys).await? {
            Some(shown) => self.settle_as(shown, "The authority had this status already.").await,
            None => self.end(PaymentState::Refused, error.message()).await,
        }
    }

    /// The final status that the authority shows; `None`: it shows none.
    async fn shown(
        &self,
        transmitter: &dyn Transmitter,
        irn: &Irn,
        keys: &ApiKeys,
    ) -> Result<Option<PaymentStatus>> {
        let shown = self.known(transmitter, irn, keys).await?;
        Ok(shown.filter(|status| *status != PaymentStatus::Pending))
    }

    /// Whether the authority says in so many words that it knows of no payment.
    async fn is_behind(&self, transmitter: &dyn Transmitter, keys: &ApiKeys) -> Result<bool> {
        Ok(self.known(transmitter, &self.irn()?, keys).await? == Some(PaymentStatus::Pending))
    }

    async fn known(
        &self,
        transmitter: &dyn Transmitter,
        irn: &Irn,
        keys: &ApiKeys,
    ) -> Result<Option<PaymentStatus>> {
        let confirmation = transmitter.confirmation(irn, keys).await?;
        Ok(confirmation.and_then(|c| c.payment_status).and_then(|text| codes::payment_status(&text)))
    }

    async fn settle_as(&self, shown: PaymentStatus, message: &str) -> Result<()> {
        if shown == self.payment.status {
            return self.end(PaymentState::Done, message).await;
        }
        let message = format!(
            "The authority has {} as {}, which is final; {} was not recorded.",
            self.document.document.number,
            codes::payment_status_code(shown),
            codes::payment_status_code(self.payment.status)
        );
        self.end(PaymentState::Refused, &message).await
    }

    async fn end(&self, state: PaymentState, message: &str) -> Result<()> {
        self.settle(state, Some(message)).await
    }

    async fn settle(&self, state: PaymentState, message: Option<&str>) -> Result<()> {
        let (engine, document) = (self.engine, self.document.id);
        engine.store().settle_payment(document, state, message, self.fence, engine.now()).await
    }

    fn irn(&self) -> Result<Irn> {
        Irn::parse(&self.document.document.irn).map_err(|_| {
            Error::new(ErrorKind::Store, "engine.payment", "the stored IRN of the document cannot be read")
        })
    }
}

fn is_open(state: PaymentState) -> bool {
    matches!(state, PaymentState::Wanted | PaymentState::Sending)
}

/// The payment status that went, or will go, to the authority with the document.
pub(in crate::engine) fn status_in(document: &Document) -> Result<PaymentStatus> {
    let invoice: Invoice = crate::json::read("engine.payment", document.document.invoice.as_bytes())?;
    Ok(invoice.payment_status)
}

/// Our store knows the document as signed: the authority's own copy of it is behind.
fn later(error: Error) -> Error {
    let message = "The authority does not count the document as signed yet; its payment is reported later.";
    Error::new(ErrorKind::Unavailable, "engine.payment", message)
        .retry_as(Retry::After(NOT_YET))
        .caused_by(error)
}
