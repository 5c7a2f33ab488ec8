//! The report of VAT collected (`vat/postpayment`), which an access point's contract may ask for after a B2C sale.
//!
//! When exactly it is due is not settled by any text at hand; neither is what a sale without a buyer's TIN or with
//! several rates writes, so what is done here is said at each field.

use super::errors::{self, Call, Effect};
use super::{ApiKeys, Client, body, is_denied};
use crate::Result;
use crate::firs::wire::mbs::{known, tin};
use http::Method;
use rust_decimal::Decimal;
use serde::Serialize;
use taxpoynt_ubl::{Invoice, TaxCategory, round_half_up};

/// The report of the VAT of one document; every member is a text, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VatReport {
    /// The seller's TIN.
    pub agent_tin: String,
    /// The sum of the lines.
    pub base_amount: String,
    /// The buyer's TIN; empty for a walk-in (unconfirmed).
    pub beneficiary_tin: String,
    /// The currency of the amounts.
    pub currency: String,
    /// The names of what was sold, joined by `; `.
    pub item_description: String,
    /// The document.
    pub irn: String,
    /// Taxes that are not VAT; the engine knows none, so it is `0.00`.
    pub other_taxes: String,
    /// The amount to pay.
    pub total_amount: String,
    /// The issue date.
    pub transaction_date: String,
    /// The access point's own service id.
    pub integrator_service_id: String,
    /// The VAT.
    pub vat_calculated: String,
    /// Percent, `7.5`: the standard rate where any of it was sold at one, else `0`.
    pub vat_rate: String,
    /// `STANDARD_VAT` where anything was sold at a standard rate, else `ZERO_VAT`; the list has no word for exempt.
    pub vat_status: String,
}

/// The report of `invoice`; `integrator_service_id` is the access point's own service id.
#[must_use]
pub fn vat_report(invoice: &Invoice, integrator_service_id: &str) -> VatReport {
    let places = invoice.currency.minor_units().max(2);
    let amount = |amount: Decimal| {
        let mut amount = round_half_up(amount, places);
        // As many digits as the currency has: 957500.00.
        amount.rescale(places);
        amount.to_string()
    };
    let standard = invoice.tax_subtotals.iter().find(|subtotal| subtotal.category == TaxCategory::S);
    let names: Vec<&str> = invoice.lines.iter().map(|line| line.name.trim()).collect();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    VatReport {
        agent_tin: text(known(invoice.supplier.tin.as_ref())),
        base_amount: amount(invoice.totals.line_extension_amount),
        beneficiary_tin: text(invoice.customer.as_ref().and_then(tin)),
        currency: invoice.currency.code().to_owned(),
        item_description: names.join("; "),
        irn: text(invoice.irn.as_ref().map(taxpoynt_ubl::Irn::as_str)),
        other_taxes: amount(Decimal::ZERO),
        total_amount: amount(invoice.totals.payable_amount),
        transaction_date: invoice.issue_date.to_string(),
        integrator_service_id: integrator_service_id.trim().to_owned(),
        vat_calculated: amount(invoice.totals.tax_amount),
        vat_rate: standard.map_or(Decimal::ZERO, |subtotal| subtotal.percent).normalize().to_string(),
        vat_status: if standard.is_some() { "STANDARD_VAT" } else { "ZERO_VAT" }.to_owned(),
    }
}

impl Client {
    /// Reports the VAT of a document that is signed. What a success looks like is not settled, so whatever does not say
    /// "not ok" is one.
    ///
    /// # Errors
    /// `Rejected` with `field`; `NotFound` where the document is not registered. `Ambiguous` where the answer does not
    /// say whether it took effect, and no call tells: a person or the access point decides on a second report.
    pub async fn report_vat(&self, keys: &ApiKeys, report: &VatReport) -> Result<()> {
        let call = Call { operation: "firs.report_vat", effect: Effect::Change };
        let url = self.url(call, &["vat", "postpayment"])?;
        let body = body(call, report)?;
        match self.send(call, keys, Method::POST, url, body).await? {
            Some(data) if is_denied(&data) => Err(errors::unclear(call, 0, "answered that it is not done")),
            _ => Ok(()),
        }
    }
}
