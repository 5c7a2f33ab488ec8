//! Rules applied to one document: what each target became, which rule set it, and what holds the document.

use super::{
    Rules,
    catalog::{Facts, Section, TARGETS, target_index},
    compile::{Outcome, Rule},
    record::Record,
    source::Cx,
    tax,
    transform::Failure,
    value::Value,
};
use crate::{
    Error, ErrorKind, Result, catalogue,
    model::{Charge, CustomerKind, Item, SourceDocument, Tender},
    tenant::Tenant,
};
use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;
use std::cell::RefCell;
use taxpoynt_ubl::{Address, Classification, Contact, Party, PaymentMeans, Tax};

/// Everything rules decided about a document. Amounts are not among it, except the platform's own tax amounts, which
/// are copied into each `Tax`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapped {
    /// What is said once.
    pub document: MappedDocument,
    /// The buyer; none for a walk-in.
    pub buyer: Option<Party>,
    /// What the buyer is; none: a private person, or nobody.
    pub buyer_kind: Option<CustomerKind>,
    /// One for each item of the sale, in its order.
    pub lines: Vec<MappedLine>,
    /// One for each charge of the sale, in its order.
    pub charges: Vec<MappedCharge>,
    /// One for each tender that has a code.
    pub payment_means: Vec<PaymentMeans>,
    /// Why the document must wait; empty: it need not.
    pub reasons: Vec<Reason>,
    /// For each target that was set: by which rule, from where, to what.
    pub provenance: Vec<Provenance>,
}

/// What is said once in a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedDocument {
    /// A remark for the buyer.
    pub note: Option<String>,
    /// The buyer's own reference.
    pub buyer_reference: Option<String>,
    /// The order or deal it bills.
    pub order_reference: Option<String>,
    /// Payment terms in words.
    pub payment_terms: Option<String>,
    /// When it is to be paid.
    pub due_date: Option<NaiveDate>,
    /// Days from the tax point to the due date; counts where `due_date` is none.
    pub due_days: Option<u16>,
    /// The tax of a tip that is a charge on the invoice (policy `tips`).
    pub tip_tax: Option<Tax>,
    /// What such a tip is called.
    pub tip_reason: Option<String>,
    /// What a discount is called that the platform does not name.
    pub discount_reason: Option<String>,
}

/// What rules decided about a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedLine {
    /// Item name; empty where nothing names it, which also gives a reason.
    pub name: String,
    /// More about the item.
    pub description: Option<String>,
    /// The seller's own number for the item.
    pub sku: Option<String>,
    /// UN/ECE recommendation 20 code; none: pieces.
    pub unit: Option<String>,
    /// The tax, with the amount the platform applied. None always comes with a reason.
    pub tax: Option<Tax>,
    /// The category the shop keeps it in: what the tenant's catalogue may find it by.
    pub category: Option<String>,
    /// HS or ISIC code.
    pub classification: Option<Classification>,
    /// A remark.
    pub note: Option<String>,
}

impl MappedLine {
    /// The item as the tenant's catalogue looks it up. The platform's id of a product is no SKU, though it stands in for
    /// one on the document where there is none.
    pub(crate) fn item<'a>(&'a self, item: &'a Item, platform: &'a str) -> catalogue::Item<'a> {
        let item_id = item.product_id.as_deref();
        catalogue::Item {
            platform,
            item_id,
            sku: self.sku.as_deref().filter(|sku| Some(*sku) != item_id),
            name: &self.name,
            category: self.category.as_deref(),
        }
    }
}

/// What rules decided about a charge on the whole sale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedCharge {
    /// Why it is charged.
    pub reason: Option<String>,
    /// The tax, with the amount the platform applied. None always comes with a reason.
    pub tax: Option<Tax>,
}

/// Why a document must wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `several_taxes`, `tax_unknown`, `field_required`, `mapping_failed`.
    pub code: &'static str,
    /// One sentence that says what to do.
    pub message: String,
    /// What could not be decided: `lines[0].tax`.
    pub target: String,
}

/// Which rule set a target.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Provenance {
    /// `note`, `buyer.address.city`, `lines[0].tax`.
    pub target: String,
    /// `layer:line`, or `layer:name` where the rule has a name: `tenant:tax.by_field`.
    pub rule: String,
    /// The path it was read from, with indexes filled in: `raw.order.line_items[0].catalog_object_id`. None for a
    /// fixed value.
    pub source: Option<String>,
    /// What it was set to.
    pub value: String,
}

/// Decides everything about a document that is not arithmetic.
///
/// What the data lacks does not fail: it is listed in [`Mapped::reasons`], and the document waits.
///
/// # Errors
/// `Config` where the tenant names no time zone that exists.
pub fn apply(
    rules: &Rules,
    document: &SourceDocument,
    record: &Record<'_>,
    tenant: &Tenant,
) -> Result<Mapped> {
    let sale = document.sale();
    let tenant_zone =
        tenant.zone().map_err(|message| Error::new(ErrorKind::Config, "mapping.apply", message))?;
    let location = sale.location.as_ref().and_then(|location| location.timezone.as_deref());
    let decided = RefCell::new(Vec::new());
    let customer = sale.customer.as_ref();
    let cx = Cx {
        facts: Facts {
            document,
            sale,
            customer,
            contact: customer.and_then(|customer| customer.billing_contact()),
            tenant,
            item: None,
            charge: None,
            tender: None,
        },
        record,
        bindings: &[],
        decided: &decided,
        zone: location.and_then(|name| name.parse().ok()).unwrap_or(tenant_zone),
        tables: rules.tables(),
    };
    let mut run = Run { rules, mapped: Mapped::default(), at: String::new() };
    run.mapped.document = run.document(&cx);
    run.mapped.buyer = run.buyer(&cx);
    for (i, item) in sale.items.iter().enumerate() {
        let line = run.line(i, item, &cx);
        run.mapped.lines.push(line);
    }
    for (i, charge) in sale.charges.iter().enumerate() {
        let charge = run.charge(i, charge, &cx);
        run.mapped.charges.push(charge);
    }
    for (i, tender) in sale.tenders.iter().enumerate() {
        let means = run.payment(i, tender, &cx);
        run.mapped.payment_means.extend(means);
    }
    Ok(run.mapped)
}

struct Run<'v> {
    rules: &'v Rules,
    mapped: Mapped,
    /// What stands before a target's name now: `lines[0].`.
    at: String,
}

/// A value and the rule that gave it.
struct Decided<'v> {
    value: Value<'v>,
    rule: &'v Rule,
    pick: usize,
}

impl<'v> Run<'v> {
    fn document(&mut self, cx: &Cx<'v, '_>) -> MappedDocument {
        let section = Section::Invoice;
        MappedDocument {
            note: self.text(section, "note", cx),
            buyer_reference: self.text(section, "buyer_reference", cx),
            order_reference: self.text(section, "order_reference", cx),
            payment_terms: self.text(section, "payment_terms", cx),
            due_date: self.due_date(cx),
            due_days: self.due_days(cx),
            tip_tax: self.first(section, "tip_tax", cx).and_then(|decided| tax::of(&decided.value)),
            tip_reason: self.text(section, "tip_reason", cx),
            discount_reason: self.text(section, "discount_reason", cx),
        }
    }

    fn due_date(&mut self, cx: &Cx<'v, '_>) -> Option<NaiveDate> {
        match self.first(Section::Invoice, "due_date", cx)?.value {
            Value::Date(date) => Some(date),
            _ => None,
        }
    }

    fn due_days(&mut self, cx: &Cx<'v, '_>) -> Option<u16> {
        let decided = self.first(Section::Invoice, "due_days", cx)?;
        let number = decided.value.number()?;
        let days = if number.fract().is_zero() { number.to_u16() } else { None };
        if days.is_none() {
            self.mapped.provenance.pop();
            let message =
                format!("due_days is a whole number of days, found {number} (rule {})", decided.rule);
            self.hold("mapping_failed", message, "due_days");
        }
        days
    }

    fn buyer(&mut self, cx: &Cx<'v, '_>) -> Option<Party> {
        self.at = "buyer.".to_owned();
        let mut party = Party::default();
        let mut contact = Contact::default();
        let mut any = false;
        for (index, target) in TARGETS.iter().enumerate().filter(|(_, t)| t.section == Section::Buyer) {
            let Some(text) = self.text(Section::Buyer, target.name, cx) else { continue };
            if target.name == "kind" {
                self.mapped.buyer_kind = kind_named(&text);
                continue;
            }
            any = true;
            cx.decided.borrow_mut().push((index, text.clone()));
            set_buyer(&mut party, &mut contact, target.name, text);
        }
        party.contact = (contact != Contact::default()).then_some(contact);
        any.then_some(party)
    }

    fn line(&mut self, i: usize, item: &'v Item, cx: &Cx<'v, '_>) -> MappedLine {
        self.at = format!("lines[{i}].");
        let cx = Cx { facts: Facts { item: Some(item), ..cx.facts }, bindings: &item.bindings, ..*cx };
        let section = Section::Line;
        let name = self.text(section, "name", &cx);
        if name.is_none() {
            let message = "the line has no name: name the item at the platform or map each.line.name";
            self.hold("field_required", message.to_owned(), "name");
        }
        let mut line = MappedLine {
            name: name.unwrap_or_default(),
            description: self.text(section, "description", &cx),
            sku: self.text(section, "sku", &cx),
            unit: self.text(section, "unit", &cx),
            tax: self.tax(section, &cx),
            category: self.text(section, "category", &cx),
            classification: None,
            note: self.text(section, "note", &cx),
        };
        line.classification = self.classification(&line, item, &cx);
        line
    }

    /// What the tenant's catalogue says, else what the rules say.
    fn classification(
        &mut self,
        line: &MappedLine,
        item: &'v Item,
        cx: &Cx<'v, '_>,
    ) -> Option<Classification> {
        if let Some(shelf) = &self.rules.catalogue
            && let Some(hit) = shelf.catalogue.find(&line.item(item, &shelf.platform))
        {
            let value = Value::Classification(&hit.entry.classification).to_string();
            self.mapped.provenance.push(Provenance {
                target: format!("{}classification", self.at),
                rule: hit.entry.to_string(),
                source: Some(source_of(hit.by).to_owned()),
                value: value.trim().to_owned(),
            });
            return Some(hit.entry.classification.clone());
        }
        match self.first(Section::Line, "classification", cx)?.value {
            Value::Classification(classification) => Some(classification.clone()),
            _ => None,
        }
    }

    fn charge(&mut self, i: usize, charge: &'v Charge, cx: &Cx<'v, '_>) -> MappedCharge {
        self.at = format!("charges[{i}].");
        let cx = Cx { facts: Facts { charge: Some(charge), ..cx.facts }, bindings: &charge.bindings, ..*cx };
        MappedCharge {
            reason: self.text(Section::Charge, "reason", &cx),
            tax: self.tax(Section::Charge, &cx),
        }
    }

    fn payment(&mut self, i: usize, tender: &'v Tender, cx: &Cx<'v, '_>) -> Option<PaymentMeans> {
        self.at = format!("payment_means[{i}].");
        let cx = Cx { facts: Facts { tender: Some(tender), ..cx.facts }, ..*cx };
        Some(PaymentMeans {
            code: self.text(Section::Payment, "code", &cx)?,
            name: self.text(Section::Payment, "name", &cx),
            payment_id: self.text(Section::Payment, "id", &cx),
            ..PaymentMeans::default()
        })
    }

    fn text(&mut self, section: Section, name: &str, cx: &Cx<'v, '_>) -> Option<String> {
        let decided = self.first(section, name, cx)?;
        match decided.value.into_text() {
            Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Err(why) => {
                // `first` has recorded it as set; it is not.
                self.mapped.provenance.pop();
                self.failed(&Failure::Unusable(why), decided.rule, decided.pick, name, cx);
                None
            }
        }
    }

    /// The value of the first rule that applies.
    fn first(&mut self, section: Section, name: &str, cx: &Cx<'v, '_>) -> Option<Decided<'v>> {
        let target = target_index(section, name)?;
        let rules = self.rules;
        for rule in rules.of(target) {
            for pick in 0..rule.picks(cx) {
                match rule.run(cx, pick) {
                    Ok(Outcome::Passed) => {}
                    Ok(Outcome::Skipped) => return None,
                    Ok(Outcome::Value(value)) => {
                        self.record(name, rule, pick, &value, cx);
                        return Some(Decided { value, rule, pick });
                    }
                    Err(failure) => {
                        self.failed(&failure, rule, pick, name, cx);
                        return None;
                    }
                }
            }
        }
        None
    }

    /// The tax of an item or charge, with the platform's amount.
    fn tax(&mut self, section: Section, cx: &Cx<'v, '_>) -> Option<Tax> {
        let target = target_index(section, "tax")?;
        let decision = match tax::decide(self.rules.of(target), cx) {
            Ok(Some(decision)) => decision,
            Ok(None) => {
                let (code, message) = tax::undecided(cx);
                self.hold(code, message, "tax");
                return None;
            }
            Err((failure, rule, pick)) => {
                self.failed(&failure, rule, pick, "tax", cx);
                return None;
            }
        };
        match tax::with_amount(&decision, cx) {
            Ok(tax) => {
                self.record("tax", decision.rule, decision.pick, &decision.value, cx);
                Some(tax)
            }
            Err((code, message)) => {
                self.hold(code, message, "tax");
                None
            }
        }
    }

    fn record(&mut self, name: &str, rule: &Rule, pick: usize, value: &Value<'_>, cx: &Cx<'_, '_>) {
        let tax = if matches!(name, "tax" | "tip_tax") { tax::of(value) } else { None };
        let value = tax.as_ref().map_or_else(|| value.to_string(), |tax| Value::Tax(tax).to_string());
        self.mapped.provenance.push(Provenance {
            target: format!("{}{name}", self.at),
            rule: rule.label.clone(),
            source: rule.origin(cx, pick),
            value: value.trim().to_owned(),
        });
    }

    fn failed(&mut self, failure: &Failure, rule: &Rule, pick: usize, name: &str, cx: &Cx<'_, '_>) {
        let target = format!("{}{name}", self.at);
        let source = rule.origin(cx, pick).unwrap_or_else(|| "its source".to_owned());
        match failure {
            Failure::Unusable(why) => {
                let message = format!("{target} cannot be set: {source} {why} (rule {rule})");
                self.hold("mapping_failed", message, name);
            }
            Failure::Missing(why) => {
                let message = why
                    .clone()
                    .unwrap_or_else(|| format!("{target} is required, but {source} holds nothing"));
                self.hold("field_required", format!("{message} (rule {rule})"), name);
            }
        }
    }

    fn hold(&mut self, code: &'static str, message: String, name: &str) {
        self.mapped.reasons.push(Reason { code, message, target: format!("{}{name}", self.at) });
    }
}

/// Where an item has what its entry was found by.
fn source_of(by: catalogue::By) -> &'static str {
    match by {
        catalogue::By::ItemId => "item.product_id",
        catalogue::By::Sku => "line.sku",
        catalogue::By::Name | catalogue::By::NamePattern => "line.name",
        catalogue::By::Category => "line.category",
    }
}

fn kind_named(name: &str) -> Option<CustomerKind> {
    match name {
        "government" => Some(CustomerKind::Government),
        "organization" => Some(CustomerKind::Organization),
        "individual" => Some(CustomerKind::Individual),
        _ => None,
    }
}

fn set_buyer(party: &mut Party, contact: &mut Contact, name: &str, text: String) {
    let Address { street, city, postal_code, lga, state, country, .. } = &mut party.address;
    let place = match name {
        "name" => {
            party.name = text;
            return;
        }
        "trading_name" => &mut party.trading_name,
        "tin" => &mut party.tin,
        "registration_number" => &mut party.registration_number,
        "email" => &mut party.email,
        "phone" => &mut party.phone,
        "business_description" => &mut party.business_description,
        "address.street" => street,
        "address.city" => city,
        "address.postal_code" => postal_code,
        "address.lga" => lga,
        "address.state" => state,
        "address.country" => country,
        "contact.name" => &mut contact.name,
        "contact.email" => &mut contact.email,
        "contact.phone" => &mut contact.phone,
        _ => return,
    };
    *place = Some(text);
}
