//! Sales in another currency: the tax is stated in naira too, at a rate whose source and date are kept.
//!
//! The document stays in the currency of the sale. Where a rate is known, its tax goes into the document in naira as well
//! (BT-6, BT-111; BR-53), rounded half up to the kobo, with the rate beside it. A note is converted at the rate of the
//! document it corrects: what is taken back is what was accounted for.

use super::{Preparation, invoice_of};
use crate::{
    Error, ErrorKind, Result,
    mapping::Provenance,
    pipeline::Draft,
    rates,
    store::{Document, Held},
    tenant::{ExchangeRatePolicy, Tenant},
};
use chrono::NaiveDate;
use taxpoynt_ubl::{Currency, ExchangeRate, Invoice};

/// What Nigeria's tax is accounted in.
const ACCOUNTING: Currency = Currency::NGN;

impl Preparation<'_> {
    /// States the tax of a new document in naira. False: the sale waits for a rate.
    pub(super) async fn exchange(&mut self, draft: &mut Draft) -> Result<bool> {
        let currency = draft.invoice.currency;
        if currency == ACCOUNTING {
            return Ok(true);
        }
        let on = draft.invoice.tax_point_date.unwrap_or(draft.invoice.issue_date);
        let (rate, rule) = match self.of_original(&draft.invoice) {
            Some(rate) => (Some(rate), "rates:original"),
            None => self.look_up(currency, on).await?,
        };
        let known = rate.is_some();
        state(&self.tenant, draft, rate, rule)?;
        if !known && self.tenant.policy.exchange_rate == ExchangeRatePolicy::Required {
            self.hold(rate_missing(currency, on));
            return Ok(false);
        }
        Ok(true)
    }

    /// As the document that was sent: a rate that was corrected since is no change of the sale.
    pub(super) fn exchange_as(&self, sent: &Document, draft: &mut Draft) -> Result<()> {
        as_sent(&self.tenant, &invoice_of(sent)?, draft)
    }

    /// The rate of the document that a note corrects.
    fn of_original(&self, note: &Invoice) -> Option<ExchangeRate> {
        let irn = note.references.first()?.irn.as_deref()?;
        let original = self.issued.iter().find(|issued| issued.irn.as_deref() == Some(irn))?;
        original.invoice.as_ref()?.tax_exchange_rate.clone().filter(|rate| rate.from == note.currency)
    }

    /// The host's rate, else the tenant's own.
    async fn look_up(
        &self,
        currency: Currency,
        on: NaiveDate,
    ) -> Result<(Option<ExchangeRate>, &'static str)> {
        if let Some(source) = &self.engine.inner.options.rates
            && let Some(rate) = source.rate(currency, ACCOUNTING, on).await?
        {
            return Ok((Some(rates::checked(rate, currency, ACCOUNTING)?), "rates:host"));
        }
        let own = rates::of_tenant(&self.tenant, currency, ACCOUNTING, on);
        Ok((own.map(|rate| rates::checked(rate, currency, ACCOUNTING)).transpose()?, "rates:tenant"))
    }
}

/// Gives a draft the rate of exchange of the document that was sent.
pub(in crate::engine) fn as_sent(tenant: &Tenant, sent: &Invoice, draft: &mut Draft) -> Result<()> {
    if draft.invoice.currency == ACCOUNTING {
        return Ok(());
    }
    state(tenant, draft, sent.tax_exchange_rate.clone(), "rates:original")
}

fn state(tenant: &Tenant, draft: &mut Draft, rate: Option<ExchangeRate>, rule: &str) -> Result<()> {
    let Draft { invoice, provenance, .. } = draft;
    forget(invoice, provenance);
    let Some(rate) = rate else { return Ok(()) };
    let amount = rate.convert(invoice.totals.tax_amount).ok_or_else(|| {
        let message = "the tax in naira exceeds 28 digits: the rate cannot be right";
        Error::new(ErrorKind::Config, "engine.exchange", message).with("field", "rate")
    })?;
    provenance.push(Provenance {
        target: TARGET.to_owned(),
        rule: rule.to_owned(),
        source: rate.source.clone(),
        value: sentence(&rate),
    });
    if tenant.policy.exchange_rate_note {
        let note = invoice.note.take().map(|note| format!("{note} ")).unwrap_or_default();
        invoice.note = Some(format!("{note}{}", sentence(&rate)));
    }
    invoice.tax_currency = Some(rate.to);
    invoice.tax_amount_in_tax_currency = Some(amount);
    invoice.tax_exchange_rate = Some(rate);
    Ok(())
}

const TARGET: &str = "tax_exchange_rate";

/// Takes an earlier rate out again.
fn forget(invoice: &mut Invoice, provenance: &mut Vec<Provenance>) {
    provenance.retain(|p| p.target != TARGET);
    invoice.tax_currency = None;
    invoice.tax_amount_in_tax_currency = None;
    let Some(rate) = invoice.tax_exchange_rate.take() else { return };
    if let Some(note) = &invoice.note
        && let Some(before) = note.strip_suffix(&sentence(&rate))
    {
        invoice.note = Some(before.trim_end().to_owned()).filter(|note| !note.is_empty());
    }
}

/// `1 USD = 1530.25 NGN (CBN, 2026-11-20).`
fn sentence(rate: &ExchangeRate) -> String {
    let date = rate.date.map(|date| date.to_string());
    let origin: Vec<&str> = [rate.source.as_deref(), date.as_deref()].into_iter().flatten().collect();
    let origin = if origin.is_empty() { String::new() } else { format!(" ({})", origin.join(", ")) };
    format!("1 {} = {} {}{origin}.", rate.from.code(), rate.rate, rate.to.code())
}

fn rate_missing(currency: Currency, on: NaiveDate) -> Held {
    Held {
        code: "exchange_rate_missing".into(),
        message: format!(
            "The sale is in {}, and no rate of exchange to NGN is known for {on}: enter one in the tenant's \
             exchange_rates, or set policy.exchange_rate to \"optional\".",
            currency.code()
        ),
    }
}
