//! Which rule set a target, from where, to what: kept as references while rules are applied, written when it is asked for.

use super::{
    catalog::{Facts, Section, TARGETS, at},
    mapped::{Mapped, MappedTax},
    record::Record,
    rule::Rule,
    source::Cx,
    table::Tables,
};
use crate::catalogue;
use rust_decimal::Decimal;
use taxpoynt_ubl::Classification;

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

/// What rules read, of the whole document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'v, 'r> {
    pub(super) facts: Facts<'v>,
    pub(super) record: &'v Record<'r>,
    pub(super) zone: chrono_tz::Tz,
    pub(super) tables: Option<&'v Tables>,
}

/// A target that was set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Set<'v> {
    /// In `TARGETS`.
    pub(super) target: usize,
    /// Which item, charge or tender of the sale it belongs to; 0 for what is said once.
    pub(super) element: usize,
    pub(super) by: By<'v>,
}

/// What set a target.
#[derive(Debug, Clone, Copy)]
pub(super) enum By<'v> {
    /// A rule, with the element of the record it picked.
    Rule(&'v Rule, usize),
    /// An entry of the tenant's catalogue.
    Entry(catalogue::Hit<'v>),
}

impl Set<'_> {
    /// As people read it.
    pub(super) fn written(&self, mapped: &Mapped<'_, '_>) -> Provenance {
        let (rule, source) = match self.by {
            By::Rule(rule, pick) => (rule.label.clone(), rule.origin(&self.cx(mapped), pick)),
            By::Entry(hit) => (hit.entry.to_string(), Some(source_of(hit.by).to_owned())),
        };
        let value = self.value(mapped).unwrap_or_default();
        Provenance { target: named(self.target, self.element), rule, source, value }
    }

    /// What its rule read from.
    fn cx<'d, 'v, 'r>(&self, mapped: &'d Mapped<'v, 'r>) -> Cx<'d, 'v, 'r> {
        let Scene { mut facts, record, zone, tables } = mapped.scene;
        let mut bindings: &[_] = &[];
        match TARGETS.get(self.target).map(|target| target.section) {
            Some(Section::Line) => {
                facts.item = facts.sale.items.get(self.element);
                bindings = facts.item.map_or(&[], |item| &item.bindings);
            }
            Some(Section::Charge) => {
                facts.charge = facts.sale.charges.get(self.element);
                bindings = facts.charge.map_or(&[], |charge| &charge.bindings);
            }
            Some(Section::Payment) => facts.tender = facts.sale.tenders.get(self.element),
            Some(Section::Trigger | Section::Invoice | Section::Buyer | Section::Map(_)) | None => {}
        }
        Cx { facts, record, bindings, buyer: &mapped.buyer, zone, tables }
    }

    fn value(&self, mapped: &Mapped<'_, '_>) -> Option<String> {
        let document = &mapped.document;
        let line = || mapped.lines.get(self.element);
        let charge = || mapped.charges.get(self.element);
        let payment = || mapped.payment_means.iter().find(|means| means.tender == self.element);
        let text = match self.target {
            at::NOTE => document.note.as_ref(),
            at::BUYER_REFERENCE => document.buyer_reference.as_ref(),
            at::ORDER_REFERENCE => document.order_reference.as_ref(),
            at::PAYMENT_TERMS => document.payment_terms.as_ref(),
            at::DUE_DATE => return document.due_date.map(|day| day.to_string()),
            at::DUE_DAYS => return document.due_days.map(|days| days.to_string()),
            at::TIP_TAX => return document.tip_tax.as_ref().map(tax),
            at::TIP_REASON => document.tip_reason.as_ref(),
            at::DISCOUNT_REASON => document.discount_reason.as_ref(),
            at::LINE_NAME => line().map(|line| &line.name),
            at::LINE_DESCRIPTION => line()?.description.as_ref(),
            at::LINE_SKU => line()?.sku.as_ref(),
            at::LINE_UNIT => line()?.unit.as_ref(),
            at::LINE_TAX => return line()?.tax.as_ref().map(tax),
            at::LINE_CATEGORY => line()?.category.as_ref(),
            at::LINE_CLASSIFICATION => return line()?.classification.map(classification),
            at::LINE_NOTE => line()?.note.as_ref(),
            at::CHARGE_REASON => charge()?.reason.as_ref(),
            at::CHARGE_TAX => return charge()?.tax.as_ref().map(tax),
            at::PAYMENT_CODE => payment().map(|means| &means.code),
            at::PAYMENT_NAME => payment()?.name.as_ref(),
            at::PAYMENT_ID => payment()?.id.as_ref(),
            buyer => mapped.buyer.at(buyer),
        };
        text.map(|text| text.as_ref().to_owned())
    }
}

/// A target as provenance and reasons write it: `note`, `buyer.tin`, `lines[0].tax`.
pub(super) fn named(target: usize, element: usize) -> String {
    let Some(target) = TARGETS.get(target) else { return String::new() };
    let list = match target.section {
        Section::Trigger => return ["trigger.", target.name].concat(),
        Section::Map(part) => return [part.table(), ".", target.name].concat(),
        Section::Invoice => return target.name.to_owned(),
        Section::Buyer => return ["buyer.", target.name].concat(),
        Section::Line => "lines[",
        Section::Charge => "charges[",
        Section::Payment => "payment_means[",
    };
    let mut name = String::with_capacity(list.len() + 8 + target.name.len());
    name.push_str(list);
    number(&mut name, element);
    name.extend(["].", target.name]);
    name
}

/// Writes an index; faster than what formats anything.
pub(super) fn number(text: &mut String, index: usize) {
    if index >= 10 {
        number(text, index / 10);
    }
    text.extend(char::from_digit((index % 10) as u32, 10));
}

/// `S 7.5`.
pub(super) fn tax(tax: &MappedTax<'_>) -> String {
    let percent: Decimal = tax.percent.normalize();
    format!("{:?} {percent}", tax.category)
}

pub(super) fn classification(classification: &Classification) -> String {
    let (code, category) = match classification {
        Classification::Goods { hsn_code, product_category } => (hsn_code, product_category),
        Classification::Service { isic_code, service_category } => (isic_code, service_category),
    };
    format!("{code} {category}").trim().to_owned()
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
