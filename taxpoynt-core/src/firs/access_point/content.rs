//! What an access point shows of a registered document, and whether it is ours.

use super::super::transmitter::Submittable;
use super::answer::{member, words};
use crate::{Error, ErrorKind, Result, json::Exact};
use chrono::{DateTime, NaiveDate};
use chrono_tz::Africa::Lagos;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

/// A registered document, whatever of it is shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    irn: Option<String>,
    pub(super) issue_date: Option<NaiveDate>,
    type_code: Option<String>,
    currency: Option<String>,
    payable: Option<Decimal>,
    tax_inclusive: Option<Decimal>,
    buyer_tin: Option<String>,
}

impl Shown {
    /// Reads a document in the authority's names; `None` where it does not even show what proves it: issue date, type
    /// and payable amount.
    pub(super) fn read(data: &RawValue) -> Option<Self> {
        let text = |path: &str| member(data, path).and_then(words);
        let amount = |path: &str| {
            let raw = member(data, path)?;
            // Some write amounts as text.
            let plain = words(raw)?;
            serde_json::from_str::<Exact>(raw.get()).map(|exact| exact.0).ok().or_else(|| plain.parse().ok())
        };
        let shown = Self {
            irn: text("irn"),
            type_code: text("invoice_type_code"),
            currency: text("document_currency_code"),
            payable: amount("legal_monetary_total.payable_amount"),
            tax_inclusive: amount("legal_monetary_total.tax_inclusive_amount"),
            buyer_tin: text("accounting_customer_party.tin"),
            ..Self::dates(data)
        };
        let proves = shown.issue_date.is_some() && shown.type_code.is_some() && shown.payable.is_some();
        proves.then_some(shown)
    }

    /// Reads what a confirmation shows: dates.
    pub(super) fn dates(data: &RawValue) -> Self {
        Self { issue_date: member(data, "issue_date").and_then(words).and_then(day), ..Self::default() }
    }
}

/// A date, or the day of a timestamp in Lagos (midnight there is 23:00 UTC of the day before).
fn day(text: String) -> Option<NaiveDate> {
    match DateTime::parse_from_rfc3339(&text) {
        Ok(time) => Some(time.with_timezone(&Lagos).date_naive()),
        Err(_) => NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok(),
    }
}

/// Whether what is registered is our document. What is not shown is not compared.
///
/// # Errors
/// `Rejected` with the code `quarantined`, naming the first difference.
pub(super) fn compare(document: &Submittable, shown: &Shown) -> Result<()> {
    let amount = |amount: Decimal| amount.normalize().to_string();
    let rows = [
        ("IRN", shown.irn.clone(), document.irn.as_str().to_owned()),
        ("issue date", shown.issue_date.map(|d| d.to_string()), document.issue_date.to_string()),
        ("document type", shown.type_code.clone(), document.type_code.clone()),
        ("currency", shown.currency.clone(), document.currency.clone()),
        ("payable amount", shown.payable.map(amount), amount(document.payable)),
        ("amount with tax", shown.tax_inclusive.map(amount), amount(document.tax_inclusive)),
        ("buyer's TIN", shown.buyer_tin.clone(), document.buyer_tin.clone().unwrap_or_else(|| "none".into())),
    ];
    for (name, theirs, ours) in rows {
        let Some(theirs) = theirs.filter(|theirs| *theirs != ours) else { continue };
        let message = format!(
            "The access point holds another document under IRN {}: its {name} is {theirs}, ours is {ours}. A person must \
             decide.",
            document.irn
        );
        return Err(Error::new(ErrorKind::Rejected, "access_point.look_up", message)
            .with("code", "quarantined")
            .with("irn", document.irn.as_str()));
    }
    Ok(())
}
