//! Payment updates: the one thing that may change of a signed document, and only until it is paid or rejected.

use super::errors::{self, Call, Effect};
use super::{ApiKeys, Client, body, is_denied};
use crate::Result;
use crate::firs::codes;
use http::Method;
use serde::Serialize;
use taxpoynt_ubl::{Irn, PaymentStatus};

#[derive(Serialize)]
struct Update<'a> {
    payment_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

impl Client {
    /// Tells the authority that a document is paid, or will not be; `reference` is the payment's own, where there is
    /// one.
    ///
    /// The body of a success is recorded nowhere, so whatever does not say "not ok" is one.
    ///
    /// # Errors
    /// `Rejected`, final: `code` is `payment_terminal` where the document is paid or rejected there already, and
    /// `payment_unsigned` where it has to be signed first. `NotFound` where it is not registered. `Ambiguous` where the
    /// answer does not say whether it took effect: `confirm` shows the payment status, and repeating the same update
    /// does no harm (one that took effect answers `payment_terminal`).
    pub async fn update_payment(
        &self,
        keys: &ApiKeys,
        irn: &Irn,
        status: PaymentStatus,
        reference: Option<&str>,
    ) -> Result<()> {
        let call = Call { operation: "firs.update_payment", effect: Effect::Change };
        let url = self.url(call, &["invoice", "update", irn.as_str()])?;
        let reference = reference.map(str::trim).filter(|reference| !reference.is_empty());
        let update = Update { payment_status: codes::payment_status_code(status), reference };
        let body = body(call, &update)?;
        let data = self.send(call, keys, Method::PATCH, url, body).await?;
        match data {
            Some(data) if is_denied(&data) => Err(errors::unclear(call, 0, "answered that it is not done")),
            _ => Ok(()),
        }
    }
}
