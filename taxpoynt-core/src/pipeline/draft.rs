//! One source document → one unnumbered invoice, or the reason why not yet.

use super::{
    amounts::{split, totals_disagree},
    provenance::of_lines,
};
use crate::{
    Error, Result,
    catalogue::{SoldItem, WaitingItem},
    connector::Connector,
    firs::incomplete,
    mapping::{
        self, Decision, Mapped, MappedDocument, MappedLine, MappedPayment, Provenance, Record, Rules, owned,
    },
    model::{CustomerKind, Discount, Item, ItemTax, RawRecord, Refund, Sale, SourceDocument},
    store::Held,
    tenant::{DealAmountPolicy, NoLinesPolicy, Tenant, TipPolicy, VoucherPolicy},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use taxpoynt_ubl::{
    AllowanceCharge, Currency, DocumentReference, DocumentType, Invoice, InvoiceKind, InvoiceLine,
    PaymentStatus, Tax, Totals, calculate, tax_differences,
};

/// An invoice issued before, so that a refund finds what it takes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The platform's id of the record it was made from.
    pub source_id: String,
    /// Its number.
    pub number: String,
    /// Its issue date.
    pub issue_date: NaiveDate,
    /// Its IRN.
    #[serde(default)]
    pub irn: Option<String>,
    /// The document itself, where it is at hand: a credit note takes its buyer over unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Box<Invoice>>,
}

/// What one source document became.
#[derive(Debug, Clone)]
pub enum Drafted {
    /// An invoice without number and IRN.
    Draft(Box<Draft>),
    /// Nothing yet.
    Held(Held),
}

/// An invoice without number and IRN.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Unique within the record: `invoice`, `credit_note`, `credit_note:2`, …
    pub purpose: String,
    /// The document. `issue_date` is the day of the sale until the caller sets another.
    pub invoice: Invoice,
    /// When the sale was made, where the record says so: from then on its deadline runs.
    pub sold_at: Option<DateTime<Utc>>,
    /// Which rule and which source set which field.
    pub provenance: Vec<Provenance>,
    /// Differences that were recorded and held nothing back, one sentence each.
    pub remarks: Vec<String>,
    /// Items that nothing classifies, each once.
    pub unclassified: Vec<WaitingItem>,
    /// The rule by which a person approves it before it is sent; none: it goes at once.
    pub approval: Option<String>,
    /// Whether the record does not say when the sale was made, so that its day is that of the draft.
    pub undated: bool,
}

/// Reads a record and drafts every document it stands for, in the record's order.
///
/// `today` stands in where the record does not say when the sale was made.
///
/// # Errors
/// `Payload`, naming the field; `Mapping`.
pub fn draft(
    connector: &dyn Connector,
    raw: &RawRecord,
    tenant: &Tenant,
    rules: &Rules,
    issued: &[Issued],
    today: Option<NaiveDate>,
) -> Result<Vec<Drafted>> {
    let shape = &connector.info().record;
    let record = Record::new(&raw.body, shape)?;
    let mut credit_notes = 0;
    sources(connector, raw, tenant)?
        .into_iter()
        .map(|document| {
            let purpose = match &document {
                SourceDocument::Refund(_) => {
                    credit_notes += 1;
                    if credit_notes == 1 {
                        "credit_note".to_owned()
                    } else {
                        format!("credit_note:{credit_notes}")
                    }
                }
                _ => "invoice".to_owned(),
            };
            let sale = document.sale();
            let platform = connector.info().id;
            let drafter = Drafter {
                document: &document,
                sale,
                record: &record,
                platform,
                tenant,
                rules,
                issued,
                today,
            };
            drafter.draft(purpose, shape.root, shape.currency)
        })
        .collect()
}

/// What the record stands for, as it is drafted.
pub(super) fn sources(
    connector: &dyn Connector,
    raw: &RawRecord,
    tenant: &Tenant,
) -> Result<Vec<SourceDocument>> {
    let one_line = tenant.policy.amount_without_lines == NoLinesPolicy::OneLine;
    let documents = connector.normalize(raw)?.into_iter();
    Ok(documents.map(|document| if one_line { with_amount_as_line(document) } else { document }).collect())
}

struct Drafter<'a, 'r> {
    document: &'a SourceDocument,
    sale: &'a Sale,
    record: &'a Record<'r>,
    platform: &'a str,
    tenant: &'a Tenant,
    rules: &'a Rules,
    issued: &'a [Issued],
    today: Option<NaiveDate>,
}

/// Ends the draft early: the sale waits.
enum Stop {
    Held(Held),
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

fn held<T>(code: &str, message: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Held(Held { code: code.into(), message: message.into() }))
}

impl Drafter<'_, '_> {
    fn draft(&self, purpose: String, root: &str, currency_field: &str) -> Result<Drafted> {
        match self.build(purpose, root, currency_field) {
            Ok(draft) => Ok(Drafted::Draft(Box::new(draft))),
            Err(Stop::Held(held)) => Ok(Drafted::Held(held)),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    fn build(&self, purpose: String, root: &str, currency_field: &str) -> Result<Draft, Stop> {
        let (trigger, approval) = self.triggered()?;
        let currency = self.currency(currency_field)?;
        if let Some(held) = totals_disagree(&self.sale.disagreements, currency) {
            return Err(Stop::Held(held));
        }
        self.has_lines(currency)?;
        let references = self.references()?;
        let mapped = mapping::apply(self.rules, self.document, self.record, self.tenant)?;
        self.is_decided(&mapped)?;
        let tax_point = self.tax_point(root)?;
        let undated = tax_point.is_none();
        let day = tax_point.or(self.today).ok_or_else(|| {
            Error::payload(
                "pipeline.draft",
                format!("{root}.closed_at"),
                "the record does not say when the sale was made",
            )
        })?;
        let mut invoice = self.blank(currency, day, &mapped);
        invoice.references = references;
        invoice.tax_point_date = Some(tax_point.unwrap_or(day));
        invoice.lines = self.lines(&mapped);
        if invoice.lines.is_empty() {
            return held("nothing_to_invoice", "Nothing is left to invoice: the record sells vouchers only.");
        }
        self.charges(&mut invoice, &mapped);
        self.discounts(&mut invoice, &mapped, currency);
        invoice.totals.rounding_amount = self.sale.rounding;
        calculate(&mut invoice).map_err(refused)?;
        self.check(&invoice, currency)?;
        let remarks = self.deal_amount(&invoice, currency)?;
        let skipped = |item: usize| self.sale.items.get(item).is_some_and(|item| self.is_skipped(item));
        let unclassified = self.unclassified(&mapped, currency);
        let mut provenance = match (0..self.sale.items.len()).any(skipped) {
            true => of_lines(mapped.provenance(), skipped),
            false => mapped.provenance(),
        };
        provenance.retain(|entry| self.is_used(&entry.target));
        provenance.insert(0, trigger);
        let sold_at = self.sale.closed_at.or(self.sale.created_at).filter(|_| !undated);
        Ok(Draft { purpose, invoice, sold_at, provenance, remarks, unclassified, approval, undated })
    }

    /// The items without a whole pair, those of one item added up.
    fn unclassified(&self, mapped: &Mapped<'_, '_>, currency: Currency) -> Vec<WaitingItem> {
        let mut waiting: Vec<WaitingItem> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let kept = self.sale.items.iter().zip(&mapped.lines).filter(|(item, _)| !self.is_skipped(item));
        for (item, line) in kept.filter(|(_, line)| line.classification.is_none_or(incomplete)) {
            let found = SoldItem::from(&line.item(item, self.platform));
            let place = *places.entry(found.key()).or_insert(waiting.len());
            match waiting.get_mut(place) {
                Some(known) => known.amount = known.amount.saturating_add(item.net_amount),
                None => {
                    let currency = currency.code().to_owned();
                    waiting.push(WaitingItem { item: found, amount: item.net_amount, currency });
                }
            }
        }
        waiting
    }

    /// What made it a document, by the rules; and which of them asks for a person's approval. Everything else waits.
    fn triggered(&self) -> Result<(Provenance, Option<String>), Stop> {
        let triggered = mapping::trigger(self.rules, self.document, self.record, self.tenant)?;
        match triggered.by {
            Some(by) if triggered.decision == Decision::Automatic => Ok((by, None)),
            Some(by) if triggered.decision == Decision::Approval => {
                let rule = by.rule.clone();
                Ok((by, Some(rule)))
            }
            _ => {
                let held = triggered.held.map(|held| (held.code, held.message));
                let (code, message) = held.unwrap_or(("trigger_waits", String::new()));
                self::held(code, message)
            }
        }
    }

    fn currency(&self, field: &str) -> Result<Currency, Stop> {
        self.sale.currency.or(self.tenant.currency).ok_or_else(|| {
            let message = format!("{field} is missing and the tenant sets no default currency");
            Error::payload("pipeline.draft", field, message).into()
        })
    }

    /// What a refund takes back.
    fn references(&self) -> Result<Vec<DocumentReference>, Stop> {
        let SourceDocument::Refund(refund) = self.document else { return Ok(Vec::new()) };
        let Some(original) = self.original(refund) else {
            return match &refund.original_id {
                Some(id) => held(
                    "original_not_invoiced",
                    format!("The refund takes back sale {id:?}, for which no invoice was issued yet."),
                ),
                None => held(
                    "refund_unlinked",
                    "The till does not say which sale the refund takes back, so the credit note cannot refer to an invoice.",
                ),
            };
        };
        Ok(vec![DocumentReference {
            number: original.number.clone(),
            irn: original.irn.clone(),
            issue_date: Some(original.issue_date),
            ..DocumentReference::default()
        }])
    }

    fn original(&self, refund: &Refund) -> Option<&Issued> {
        let id = refund.original_id.as_deref()?;
        self.issued.iter().find(|i| i.source_id == id)
    }

    /// The day of the sale, where it was made.
    fn tax_point(&self, root: &str) -> Result<Option<NaiveDate>, Stop> {
        // Until a deal is won, the day it will be closed is a forecast: what is invoiced before is invoiced today.
        if matches!(self.document, SourceDocument::Deal(deal) if !deal.won) && self.today.is_some() {
            return Ok(None);
        }
        let Some(at) = self.sale.closed_at.or(self.sale.created_at) else { return Ok(None) };
        let zone =
            self.sale.location.as_ref().and_then(|l| l.timezone.as_deref()).and_then(|z| z.parse().ok());
        let zone: chrono_tz::Tz =
            zone.or_else(|| self.tenant.zone().ok()).unwrap_or(chrono_tz::Africa::Lagos);
        // A year that a document cannot carry is a till with a wrong clock; the local date of one may not even exist.
        if !(1970..=9998).contains(&at.year()) {
            let message = format!("{at} is not the time of a sale; correct the date at the platform");
            return Err(Error::payload("pipeline.draft", format!("{root}.closed_at"), message).into());
        }
        Ok(Some(at.with_timezone(&zone).date_naive()))
    }

    fn blank(&self, currency: Currency, day: NaiveDate, mapped: &Mapped<'_, '_>) -> Invoice {
        let original = match self.document {
            SourceDocument::Refund(refund) => self.original(refund).and_then(|o| o.invoice.as_deref()),
            _ => None,
        };
        let (customer, kind) = match original {
            Some(original) => (original.customer.clone(), original.kind),
            None => (mapped.buyer.party(), kind_of(mapped.buyer.kind())),
        };
        let is_refund = matches!(self.document, SourceDocument::Refund(_));
        Invoice {
            document_type: if is_refund { DocumentType::CreditNote } else { DocumentType::Invoice },
            kind,
            number: String::new(),
            irn: None,
            business_id: self.tenant.business_id.clone(),
            issue_date: day,
            issue_time: None,
            due_date: mapped.document.due_date.or_else(|| due_after(day, mapped.document.due_days)),
            tax_point_date: None,
            currency,
            source_id: Some(self.sale.id.clone()),
            payment_status: if self.sale.paid { PaymentStatus::Paid } else { PaymentStatus::Pending },
            note: owned(mapped.document.note.as_ref()),
            buyer_reference: owned(mapped.document.buyer_reference.as_ref()),
            order_reference: owned(mapped.document.order_reference.as_ref()),
            payment_terms: owned(mapped.document.payment_terms.as_ref()),
            supplier: self.tenant.party(),
            customer,
            lines: Vec::new(),
            allowances: Vec::new(),
            charges: Vec::new(),
            payment_means: mapped.payment_means.iter().map(MappedPayment::payment_means).collect(),
            totals: Totals::default(),
            tax_subtotals: Vec::new(),
            references: Vec::new(),
            ..Invoice::default()
        }
    }

    /// An amount without lines waits, unless the tenant's policy made it one line before.
    fn has_lines(&self, currency: Currency) -> Result<(), Stop> {
        if !self.sale.items.is_empty() {
            return Ok(());
        }
        let amount = amount_of(self.document);
        if amount.is_zero() {
            return held("nothing_to_invoice", "The record has no lines and its amount is zero.");
        }
        let money = taxpoynt_ubl::Money::new(amount, currency);
        held(
            "amount_without_lines",
            format!(
                "The record states {money} but has no lines; add them, or set policy.amount_without_lines to \"one_line\"."
            ),
        )
    }

    fn is_skipped(&self, item: &Item) -> bool {
        item.voucher && self.tenant.policy.vouchers == VoucherPolicy::Skip
    }

    /// What the rules could not decide. A line that is left out decides nothing.
    fn is_decided(&self, mapped: &Mapped<'_, '_>) -> Result<(), Stop> {
        let skipped: Vec<String> = (self.sale.items.iter().enumerate())
            .filter(|(_, item)| self.is_skipped(item))
            .map(|(index, _)| format!("lines[{index}]."))
            .collect();
        let counts = |target: &str| !skipped.iter().any(|prefix| target.starts_with(prefix));
        match mapped.reasons.iter().find(|reason| counts(&reason.target)) {
            Some(reason) => held(reason.code, reason.message.clone()),
            None => Ok(()),
        }
    }

    fn lines(&self, mapped: &Mapped<'_, '_>) -> Vec<InvoiceLine> {
        let kept = self.sale.items.iter().zip(&mapped.lines).filter(|(item, _)| !self.is_skipped(item));
        // A line without a tax always comes with a reason, which held the document before.
        let taxed = kept.filter_map(|(item, line)| Some((item, line, line.tax?.tax())));
        let unnamed = mapped.document.discount_reason.as_deref();
        let line = |(index, (item, line, tax))| invoice_line(index + 1, (item, line, tax), unnamed);
        taxed.enumerate().map(line).collect()
    }

    fn charges(&self, invoice: &mut Invoice, mapped: &Mapped<'_, '_>) {
        for (charge, mapped) in self.sale.charges.iter().zip(&mapped.charges) {
            let tax = mapped.tax.map(|tax| tax.tax());
            invoice.charges.push(adjustment(charge.amount, owned(mapped.reason.as_ref()), tax));
        }
        if self.charges_tip() {
            let MappedDocument { tip_tax, tip_reason, .. } = &mapped.document;
            let tax = tip_tax.map(|tax| tax.tax());
            invoice.charges.push(adjustment(self.sale.tip, owned(tip_reason.as_ref()), tax));
        }
    }

    fn charges_tip(&self) -> bool {
        self.tenant.policy.tips == TipPolicy::Charge && !self.sale.tip.is_zero()
    }

    /// Whether what a rule set is on the document: the tip's texts where a tip is charged, the name of a discount where
    /// one has none of its own.
    fn is_used(&self, target: &str) -> bool {
        match target {
            "tip_tax" | "tip_reason" => self.charges_tip(),
            "discount_reason" => {
                let items = self.sale.items.iter().filter(|item| !self.is_skipped(item));
                let mut given = items.flat_map(|item| &item.discounts).chain(&self.sale.discounts);
                given.any(|discount| discount.name.is_none() && !discount.amount.is_zero())
            }
            _ => true,
        }
    }

    fn discounts(&self, invoice: &mut Invoice, mapped: &Mapped<'_, '_>, currency: Currency) {
        for Share { discount, amount, tax } in shares(&invoice.lines, &self.sale.discounts, currency) {
            let name = self.sale.discounts.get(discount).and_then(|discount| discount.name.clone());
            let reason = name.or_else(|| owned(mapped.document.discount_reason.as_ref()));
            invoice.allowances.push(adjustment(amount, reason, Some(tax)));
        }
    }

    /// The document must come to what the platform took, and its taxes to their rates.
    fn check(&self, invoice: &Invoice, currency: Currency) -> Result<(), Stop> {
        if let Some(difference) = tax_differences(invoice).first() {
            let money = |amount| taxpoynt_ubl::Money::new(amount, currency);
            return held(
                "tax_disagrees",
                format!(
                    "The platform applied {} of tax on {}, but {} % of it is {}: the difference is 1.00 or more.",
                    money(difference.stated),
                    money(difference.taxable_amount),
                    difference.percent.normalize(),
                    money(difference.expected.unwrap_or_default()),
                ),
            );
        }
        let Some(total) = self.sale.total else { return Ok(()) };
        let tip = if self.tenant.policy.tips == TipPolicy::Charge { self.sale.tip } else { Decimal::ZERO };
        let vouchers: Decimal =
            self.sale.items.iter().filter(|i| self.is_skipped(i)).map(|i| i.net_amount).sum();
        let expected = total + tip - vouchers;
        if invoice.totals.payable_amount == expected {
            return Ok(());
        }
        let disagreement = crate::model::Disagreement {
            path: "total".into(),
            stated: expected,
            computed: invoice.totals.payable_amount,
            parts: "lines, charges, taxes and rounding".into(),
        };
        totals_disagree(&[disagreement], currency).map_or(Ok(()), |held| Err(Stop::Held(held)))
    }

    /// A CRM's deal amount is no control total; the tenant may make it one.
    fn deal_amount(&self, invoice: &Invoice, currency: Currency) -> Result<Vec<String>, Stop> {
        let SourceDocument::Deal(deal) = self.document else { return Ok(Vec::new()) };
        let lines = invoice.totals.tax_exclusive_amount;
        let Some(amount) = deal.amount.filter(|a| *a != lines) else { return Ok(Vec::new()) };
        let money = |amount| taxpoynt_ubl::Money::new(amount, currency);
        let sentence = format!("The deal amount is {}, its lines come to {}.", money(amount), money(lines));
        match self.tenant.policy.deal_amount {
            DealAmountPolicy::Record => Ok(vec![sentence]),
            DealAmountPolicy::MustMatch => held("deal_amount_differs", sentence),
        }
    }
}

/// The part of a discount that falls on one tax.
pub(crate) struct Share {
    /// Its place among the discounts of the sale.
    pub(crate) discount: usize,
    pub(crate) amount: Decimal,
    pub(crate) tax: Tax,
}

/// Discounts on the whole sale are spread over its taxes by what each taxes.
pub(crate) fn shares(lines: &[InvoiceLine], discounts: &[Discount], currency: Currency) -> Vec<Share> {
    let mut taxes: Vec<(Tax, Decimal)> = Vec::new();
    for line in lines {
        match taxes.iter_mut().find(|(t, _)| t.category == line.tax.category && t.percent == line.tax.percent)
        {
            Some((_, net)) => *net += line.net_amount,
            None => taxes.push((Tax { amount: None, ..line.tax.clone() }, line.net_amount)),
        }
    }
    let weights: Vec<Decimal> = taxes.iter().map(|(_, net)| *net).collect();
    let mut shares = Vec::new();
    for (discount, given) in discounts.iter().enumerate() {
        let parts = split(given.amount, &weights, currency.minor_units()).into_iter().zip(&taxes);
        let parts = parts.filter(|(amount, _)| !amount.is_zero());
        shares.extend(parts.map(|(amount, (tax, _))| Share { discount, amount, tax: tax.clone() }));
    }
    shares
}

/// Business to government, to business, or to a consumer.
fn kind_of(buyer: Option<CustomerKind>) -> InvoiceKind {
    match buyer {
        Some(CustomerKind::Government) => InvoiceKind::B2G,
        Some(CustomerKind::Organization) => InvoiceKind::B2B,
        _ => InvoiceKind::B2C,
    }
}

fn refused(error: taxpoynt_ubl::Error) -> Stop {
    Error::payload("pipeline.calculate", "", error.to_string()).into()
}

fn allowances(item: &Item, unnamed: Option<&str>) -> Vec<AllowanceCharge> {
    let given = item.discounts.iter().filter(|d| !d.amount.is_zero());
    let reason = |name: Option<&str>| name.or(unnamed).map(str::to_owned);
    given.map(|d| adjustment(d.amount, reason(d.name.as_deref()), None)).collect()
}

fn adjustment(amount: Decimal, reason: Option<String>, tax: Option<Tax>) -> AllowanceCharge {
    AllowanceCharge { amount, reason, tax, ..AllowanceCharge::default() }
}

fn invoice_line(
    number: usize,
    (item, line, tax): (&Item, &MappedLine<'_>, Tax),
    unnamed: Option<&str>,
) -> InvoiceLine {
    InvoiceLine {
        id: number.to_string(),
        name: line.name.as_ref().to_owned(),
        description: owned(line.description.as_ref()),
        sku: owned(line.sku.as_ref()),
        quantity: item.quantity.get(),
        unit: owned(line.unit.as_ref()).unwrap_or_else(|| taxpoynt_ubl::UNIT_ONE.to_owned()),
        unit_price: item.unit_price,
        base_quantity: Decimal::ONE,
        net_amount: item.net_amount,
        tax,
        allowances: allowances(item, unnamed),
        charges: item.charges.iter().map(|c| adjustment(c.amount, c.name.clone(), None)).collect(),
        classification: line.classification.cloned(),
        note: owned(line.note.as_ref()),
        ..InvoiceLine::default()
    }
}

/// What a record without lines states.
fn amount_of(document: &SourceDocument) -> Decimal {
    match document {
        SourceDocument::Deal(deal) => deal.amount.unwrap_or_default(),
        other => other.sale().total.unwrap_or_default(),
    }
}

/// A record that states an amount but no lines, with the amount as its one line.
fn with_amount_as_line(mut document: SourceDocument) -> SourceDocument {
    let amount = amount_of(&document);
    let (title, tax) = match &document {
        SourceDocument::Deal(deal) => (deal.title.clone(), ItemTax::NotCarried),
        _ => (None, ItemTax::Untaxed),
    };
    let sale = match &mut document {
        SourceDocument::Deal(deal) => &mut deal.sale,
        SourceDocument::Transaction(transaction) => &mut transaction.sale,
        SourceDocument::Refund(refund) => &mut refund.sale,
    };
    if sale.items.is_empty() && !amount.is_zero() {
        sale.items.push(Item {
            id: None,
            name: title.or_else(|| sale.reference.clone()).unwrap_or_else(|| sale.id.clone()),
            description: sale.description.clone(),
            sku: None,
            product_id: None,
            voucher: false,
            quantity: taxpoynt_ubl::Quantity::ONE,
            unit: None,
            unit_price: amount,
            discounts: Vec::new(),
            charges: Vec::new(),
            net_amount: amount,
            tax,
            bindings: Vec::new(),
        });
    }
    document
}

fn due_after(day: NaiveDate, days: Option<u16>) -> Option<NaiveDate> {
    day.checked_add_days(chrono::Days::new(u64::from(days?)))
}
