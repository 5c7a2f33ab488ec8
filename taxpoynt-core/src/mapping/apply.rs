//! Rules applied to one document: what each target became, which rule set it, and what holds the document.

use super::{
    Rules,
    buyer::MappedBuyer,
    catalog::{BUYER, Facts, at},
    mapped::{Mapped, MappedCharge, MappedDocument, MappedLine, MappedPayment, MappedTax, Reason},
    provenance::{By, Scene, Set, named},
    record::Record,
    rule::{Outcome, Rule},
    source::Cx,
    tax,
    transform::Failure,
    value::{Value, trimmed},
};
use crate::{
    Error, ErrorKind, Result,
    model::{Charge, Item, Sale, SourceDocument, Tender},
    tenant::Tenant,
};
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;
use std::borrow::Cow;
use taxpoynt_ubl::Classification;

/// Decides everything about a document that is not arithmetic.
///
/// What the data lacks does not fail: it is listed in [`Mapped::reasons`], and the document waits. What no rule changes is
/// not copied, so that what comes out borrows from everything that went in.
///
/// # Errors
/// `Config` where the tenant names no time zone that exists.
pub fn apply<'v, 'r>(
    rules: &'v Rules,
    document: &'v SourceDocument,
    record: &'v Record<'r>,
    tenant: &'v Tenant,
) -> Result<Mapped<'v, 'r>> {
    let sale = document.sale();
    let zone = tenant.zone().map_err(|message| Error::new(ErrorKind::Config, "mapping.apply", message))?;
    let customer = sale.customer.as_ref();
    let contact = customer.and_then(|customer| customer.billing_contact());
    let facts = Facts { document, sale, customer, contact, tenant, item: None, charge: None, tender: None };
    let mut run = Run { rules, reasons: Vec::new(), set: Vec::with_capacity(targets(sale)), element: 0 };
    let nobody = MappedBuyer::default();
    let cx = Cx { facts, record, bindings: &[], buyer: &nobody, zone, tables: rules.tables() };
    let document = run.document(&cx);
    let buyer = run.buyer(&cx);
    let cx = Cx { buyer: &buyer, ..cx };
    let lines = run.each(&sale.items, |run, item| run.line(item, &cx));
    let charges = run.each(&sale.charges, |run, charge| run.charge(charge, &cx));
    let payments = run.each(&sale.tenders, |run, tender| run.payment(tender, &cx));
    let payment_means = payments.into_iter().flatten().collect();
    let scene = Scene { facts, record, zone, tables: rules.tables() };
    let Run { reasons, set, .. } = run;
    Ok(Mapped { document, buyer, lines, charges, payment_means, reasons, set, scene })
}

/// How many targets a document has at the most.
fn targets(sale: &Sale) -> usize {
    at::LINE_NAME
        + sale.items.len() * (at::CHARGE_REASON - at::LINE_NAME)
        + sale.charges.len() * (at::PAYMENT_CODE - at::CHARGE_REASON)
        + sale.tenders.len() * (at::PAYMENT_ID + 1 - at::PAYMENT_CODE)
}

struct Run<'v> {
    rules: &'v Rules,
    reasons: Vec<Reason>,
    set: Vec<Set<'v>>,
    /// Which item, charge or tender is decided now.
    element: usize,
}

/// A value and the rule that gave it.
struct Decided<'v> {
    value: Value<'v>,
    rule: &'v Rule,
    pick: usize,
}

impl<'v> Run<'v> {
    fn each<E, M>(&mut self, elements: &'v [E], decide: impl Fn(&mut Self, &'v E) -> M) -> Vec<M> {
        let mut mapped = Vec::with_capacity(elements.len());
        for (i, element) in elements.iter().enumerate() {
            self.element = i;
            mapped.push(decide(self, element));
        }
        mapped
    }

    fn document(&mut self, cx: &Cx<'_, 'v, '_>) -> MappedDocument<'v> {
        MappedDocument {
            note: self.text(at::NOTE, cx),
            buyer_reference: self.text(at::BUYER_REFERENCE, cx),
            order_reference: self.text(at::ORDER_REFERENCE, cx),
            payment_terms: self.text(at::PAYMENT_TERMS, cx),
            due_date: self.due_date(cx),
            due_days: self.due_days(cx),
            tip_tax: self.tip_tax(cx),
            tip_reason: self.text(at::TIP_REASON, cx),
            discount_reason: self.text(at::DISCOUNT_REASON, cx),
        }
    }

    fn due_date(&mut self, cx: &Cx<'_, 'v, '_>) -> Option<NaiveDate> {
        let decided = self.first(at::DUE_DATE, cx)?;
        let Value::Date(date) = decided.value else { return None };
        self.keep(at::DUE_DATE, decided.rule, decided.pick);
        Some(date)
    }

    fn due_days(&mut self, cx: &Cx<'_, 'v, '_>) -> Option<u16> {
        let decided = self.first(at::DUE_DAYS, cx)?;
        let number = decided.value.number()?;
        let days = if number.fract().is_zero() { number.to_u16() } else { None };
        if days.is_some() {
            self.keep(at::DUE_DAYS, decided.rule, decided.pick);
        } else {
            let message =
                format!("due_days is a whole number of days, found {number} (rule {})", decided.rule);
            self.hold("mapping_failed", message, at::DUE_DAYS);
        }
        days
    }

    fn tip_tax(&mut self, cx: &Cx<'_, 'v, '_>) -> Option<MappedTax<'v>> {
        let decided = self.first(at::TIP_TAX, cx)?;
        let tax = tax::of(&decided.value)?;
        self.keep(at::TIP_TAX, decided.rule, decided.pick);
        Some(tax)
    }

    /// Its targets one after the other, so that a rule can read what was decided before its own.
    fn buyer(&mut self, cx: &Cx<'_, 'v, '_>) -> MappedBuyer<'v> {
        let mut buyer = MappedBuyer::default();
        for target in (BUYER.0..).take(BUYER.1) {
            let text = self.text(target, &Cx { buyer: &buyer, ..*cx });
            buyer.put(target, text);
        }
        buyer
    }

    fn line(&mut self, item: &'v Item, cx: &Cx<'_, 'v, '_>) -> MappedLine<'v> {
        let cx = Cx { facts: Facts { item: Some(item), ..cx.facts }, bindings: &item.bindings, ..*cx };
        let name = self.text(at::LINE_NAME, &cx);
        if name.is_none() {
            let message = "the line has no name: name the item at the platform or map each.line.name";
            self.hold("field_required", message.to_owned(), at::LINE_NAME);
        }
        let mut line = MappedLine {
            name: name.unwrap_or_default(),
            description: self.text(at::LINE_DESCRIPTION, &cx),
            sku: self.text(at::LINE_SKU, &cx),
            unit: self.text(at::LINE_UNIT, &cx),
            tax: self.tax(at::LINE_TAX, &cx),
            category: self.text(at::LINE_CATEGORY, &cx),
            classification: None,
            note: self.text(at::LINE_NOTE, &cx),
        };
        line.classification = self.classification(&line, item, &cx);
        line
    }

    /// What the tenant's catalogue says, else what the rules say.
    fn classification(
        &mut self,
        line: &MappedLine<'v>,
        item: &'v Item,
        cx: &Cx<'_, 'v, '_>,
    ) -> Option<&'v Classification> {
        let rules = self.rules;
        if let Some(shelf) = &rules.catalogue
            && let Some(hit) = shelf.catalogue.find(&line.item(item, &shelf.platform))
        {
            let by = By::Entry(hit);
            self.set.push(Set { target: at::LINE_CLASSIFICATION, element: self.element, by });
            return Some(&hit.entry.classification);
        }
        let decided = self.first(at::LINE_CLASSIFICATION, cx)?;
        let Value::Classification(classification) = decided.value else { return None };
        self.keep(at::LINE_CLASSIFICATION, decided.rule, decided.pick);
        Some(classification)
    }

    fn charge(&mut self, charge: &'v Charge, cx: &Cx<'_, 'v, '_>) -> MappedCharge<'v> {
        let cx = Cx { facts: Facts { charge: Some(charge), ..cx.facts }, bindings: &charge.bindings, ..*cx };
        MappedCharge { reason: self.text(at::CHARGE_REASON, &cx), tax: self.tax(at::CHARGE_TAX, &cx) }
    }

    fn payment(&mut self, tender: &'v Tender, cx: &Cx<'_, 'v, '_>) -> Option<MappedPayment<'v>> {
        let cx = Cx { facts: Facts { tender: Some(tender), ..cx.facts }, ..*cx };
        Some(MappedPayment {
            tender: self.element,
            code: self.text(at::PAYMENT_CODE, &cx)?,
            name: self.text(at::PAYMENT_NAME, &cx),
            id: self.text(at::PAYMENT_ID, &cx),
        })
    }

    fn text(&mut self, target: usize, cx: &Cx<'_, 'v, '_>) -> Option<Cow<'v, str>> {
        let Decided { value, rule, pick } = self.first(target, cx)?;
        match value.into_text() {
            Ok(text) => {
                let text = trimmed(text);
                if text.is_empty() {
                    return None;
                }
                self.keep(target, rule, pick);
                Some(text)
            }
            Err(why) => {
                self.failed(&Failure::Unusable(why), rule, pick, target, cx);
                None
            }
        }
    }

    /// The value of the first rule that applies.
    fn first(&mut self, target: usize, cx: &Cx<'_, 'v, '_>) -> Option<Decided<'v>> {
        let rules = self.rules;
        for rule in rules.of(target) {
            for pick in 0.. {
                match rule.run(cx, pick) {
                    Ok(Outcome::Passed) => {}
                    Ok(Outcome::Skipped) => return None,
                    Ok(Outcome::Value(value)) => return Some(Decided { value, rule, pick }),
                    Err(failure) => {
                        self.failed(&failure, rule, pick, target, cx);
                        return None;
                    }
                }
                // Few rules have another element to look at, so that it is asked only where the one before passed.
                if pick + 1 >= rule.picks(cx) {
                    break;
                }
            }
        }
        None
    }

    /// The tax of an item or charge, with the platform's amount.
    fn tax(&mut self, target: usize, cx: &Cx<'_, 'v, '_>) -> Option<MappedTax<'v>> {
        let rules = self.rules;
        let decision = match tax::decide(rules.of(target), cx) {
            Ok(Some(decision)) => decision,
            Ok(None) => {
                let (code, message) = tax::undecided(cx);
                self.hold(code, message, target);
                return None;
            }
            Err((failure, rule, pick)) => {
                self.failed(&failure, rule, pick, target, cx);
                return None;
            }
        };
        match tax::with_amount(&decision, cx) {
            Ok(tax) => {
                self.keep(target, decision.rule, decision.pick);
                Some(tax)
            }
            Err((code, message)) => {
                self.hold(code, message, target);
                None
            }
        }
    }

    /// Keeps which rule set a target.
    fn keep(&mut self, target: usize, rule: &'v Rule, pick: usize) {
        self.set.push(Set { target, element: self.element, by: By::Rule(rule, pick) });
    }

    fn failed(&mut self, failure: &Failure, rule: &Rule, pick: usize, target: usize, cx: &Cx<'_, 'v, '_>) {
        let name = named(target, self.element);
        let source = rule.origin(cx, pick).unwrap_or_else(|| "its source".to_owned());
        match failure {
            Failure::Unusable(why) => {
                let message = format!("{name} cannot be set: {source} {why} (rule {rule})");
                self.hold("mapping_failed", message, target);
            }
            Failure::Missing(why) => {
                let message =
                    why.clone().unwrap_or_else(|| format!("{name} is required, but {source} holds nothing"));
                self.hold("field_required", format!("{message} (rule {rule})"), target);
            }
        }
    }

    fn hold(&mut self, code: &'static str, message: String, target: usize) {
        self.reasons.push(Reason { code, message, target: named(target, self.element) });
    }
}
