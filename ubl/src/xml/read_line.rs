//! Lines read from UBL.

use super::keep::{Context, Keep, append, fault};
use super::out::is_blank;
use super::read_tax::{allowance, period, tax};
use super::tree::Element;
use crate::codes::UNIT_ONE;
use crate::rules::code_lists::UNITS;
use crate::vocabulary::{Cac, Cbc, Name};
use crate::{Classification, Identifier, InvoiceLine, ItemAttribute, ItemClassification, Result, Tax};
use rust_decimal::Decimal;

/// Values of a line that must be there, as far as they are.
#[derive(Default)]
struct Found {
    id: Option<String>,
    name: Option<String>,
    quantity: Option<Decimal>,
    unit: Option<String>,
    net_amount: Option<Decimal>,
    unit_price: Option<Decimal>,
    tax: Option<Tax>,
    in_item: [bool; 4],
    allowance: bool,
    order: bool,
}

/// A `cac:InvoiceLine` or `cac:CreditNoteLine`.
pub(super) fn line(cx: &Context, element: Element<'_>, credit: bool) -> Result<InvoiceLine> {
    let mut keep = Keep::of(cx, element);
    let mut line = InvoiceLine { unit: String::new(), ..InvoiceLine::default() };
    let mut found = Found::default();
    let (mut seen_item, mut seen_price) = (false, false);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ID) => keep.text(child, &mut found.id),
            Name::Cbc(Cbc::Note) => keep.texts(child, &mut line.note, &mut line.further_notes),
            Name::Cbc(Cbc::InvoicedQuantity) if !credit => {
                keep.quantity(child, &mut found.quantity, &mut found.unit)?;
            }
            Name::Cbc(Cbc::CreditedQuantity) if credit => {
                keep.quantity(child, &mut found.quantity, &mut found.unit)?;
            }
            Name::Cbc(Cbc::LineExtensionAmount) => keep.amount(child, &mut found.net_amount)?,
            Name::Cbc(Cbc::AccountingCost) => keep.text(child, &mut line.accounting_reference),
            Name::Cac(Cac::InvoicePeriod) if line.period.is_none() && child.has_children() => {
                line.period = Some(period(cx, child));
            }
            Name::Cac(Cac::OrderLineReference) => {
                if keep.group(child, &mut found.order) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::LineID) => keep.text(child, &mut line.order_line),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            Name::Cac(Cac::DocumentReference) if line.object.is_none() => match object(cx, child) {
                Some(object) => line.object = Some(object),
                None => keep.element(child),
            },
            Name::Cac(Cac::AllowanceCharge) => {
                let (parsed, charge) = allowance(cx, child)?;
                let list = if charge { &mut line.charges } else { &mut line.allowances };
                append(list, parsed);
            }
            Name::Cac(Cac::Item) => {
                if keep.group(child, &mut seen_item) {
                    item(&mut keep, child, &mut line, &mut found)?;
                    keep.leave();
                }
            }
            Name::Cac(Cac::Price) => {
                if keep.group(child, &mut seen_price) {
                    price(&mut keep, child, &mut line, &mut found)?;
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    let quantity = if credit { "cbc:CreditedQuantity" } else { "cbc:InvoicedQuantity" };
    line.id = found.id.ok_or_else(|| fault(element, "has no cbc:ID"))?;
    line.tax = found.tax.ok_or_else(|| fault(element, "has no cac:Item/cac:ClassifiedTaxCategory"))?;
    line.name = found.name.unwrap_or_default();
    line.quantity = found.quantity.unwrap_or_else(|| missing(&mut keep, quantity));
    line.net_amount = found.net_amount.unwrap_or_else(|| missing(&mut keep, "cbc:LineExtensionAmount"));
    line.unit_price = found.unit_price.unwrap_or_else(|| missing(&mut keep, "cac:Price/cbc:PriceAmount"));
    match found.unit {
        Some(unit) if UNITS.contains(&unit) => line.unit = unit,
        unit => {
            cx.foreign();
            line.unit = unit.unwrap_or_else(|| UNIT_ONE.to_owned());
        }
    }
    if line.base_unit.as_ref() == Some(&line.unit) {
        line.base_unit = None;
    }
    line.rest = keep.done();
    Ok(line)
}

fn missing(keep: &mut Keep<'_>, path: &str) -> Decimal {
    keep.absent(path);
    keep.cx.foreign();
    Decimal::ZERO
}

/// What a line is about: a document reference of type 130.
fn object(cx: &Context, element: Element<'_>) -> Option<Identifier> {
    let mut keep = Keep::of(cx, element);
    let (mut id, mut scheme, mut code) = (None, None, None);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ID) => keep.identifier(child, &mut id, &mut scheme),
            Name::Cbc(Cbc::DocumentTypeCode) => keep.code(child, &mut code),
            _ => keep.element(child),
        }
    }
    let object = Identifier { id: id?, scheme, rest: keep.done() };
    (code.as_deref() == Some("130")).then_some(object)
}

fn item(keep: &mut Keep<'_>, element: Element<'_>, line: &mut InvoiceLine, found: &mut Found) -> Result<()> {
    for child in element.children() {
        let [sellers, buyers, standard, origin] = &mut found.in_item;
        match child.name() {
            Name::Cbc(Cbc::Description) => keep.text(child, &mut line.description),
            Name::Cbc(Cbc::Name) => keep.text(child, &mut found.name),
            Name::Cac(Cac::BuyersItemIdentification) => {
                only_id(keep, child, buyers, &mut line.buyers_item_id);
            }
            Name::Cac(Cac::SellersItemIdentification) => only_id(keep, child, sellers, &mut line.sku),
            Name::Cac(Cac::StandardItemIdentification) => {
                if keep.group(child, standard) {
                    let (mut id, mut scheme) = (None, None);
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::ID) => keep.identifier(child, &mut id, &mut scheme),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                    line.standard_item_id = id.map(|id| Identifier { id, scheme, ..Identifier::default() });
                }
            }
            Name::Cac(Cac::OriginCountry) => {
                if keep.group(child, origin) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::IdentificationCode) => keep.code(child, &mut line.origin_country),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            Name::Cac(Cac::CommodityClassification) => classification(keep, child, line),
            Name::Cac(Cac::ClassifiedTaxCategory) if found.tax.is_none() => {
                found.tax = Some(tax(keep.cx, child)?);
            }
            Name::Cac(Cac::AdditionalItemProperty) => match attribute(keep.cx, child) {
                Some(attribute) => append(&mut line.attributes, attribute),
                None => keep.element(child),
            },
            _ => keep.element(child),
        }
    }
    Ok(())
}

fn only_id(keep: &mut Keep<'_>, element: Element<'_>, seen: &mut bool, field: &mut Option<String>) {
    if keep.group(element, seen) {
        for child in element.children() {
            match child.name() {
                Name::Cbc(Cbc::ID) => keep.text(child, field),
                _ => keep.element(child),
            }
        }
        keep.leave();
    }
}

/// The authority's pair of code and category, or any other.
fn classification(keep: &mut Keep<'_>, element: Element<'_>, line: &mut InvoiceLine) {
    let Some(read) = item_classification(keep.cx, element) else { return keep.element(element) };
    let list = (read.list.as_deref(), read.list_version.as_deref());
    // Written before all others, so it is one only where it is the first.
    let free = line.classification.is_none() && line.classifications.is_empty() && read.rest.is_empty();
    match list {
        (Some("HS"), None) if free => {
            let product_category = read.name.unwrap_or_default();
            line.classification = Some(Classification::Goods { hsn_code: read.code, product_category });
        }
        (Some("ZZZ"), Some("ISIC")) if free => {
            let service_category = read.name.unwrap_or_default();
            line.classification = Some(Classification::Service { isic_code: read.code, service_category });
        }
        _ => append(&mut line.classifications, read),
    }
}

fn item_classification(cx: &Context, element: Element<'_>) -> Option<ItemClassification> {
    let mut keep = Keep::of(cx, element);
    let mut read = None;
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ItemClassificationCode) => {
                let taken = ["listID", "listVersionID", "name"];
                if let Some(code) = keep.text_with(child, read.is_some(), &taken) {
                    read = Some(ItemClassification {
                        code: code.to_owned(),
                        list: keep.attribute(child, "listID"),
                        list_version: keep.attribute(child, "listVersionID"),
                        name: keep.attribute(child, "name"),
                        ..ItemClassification::default()
                    });
                }
            }
            _ => keep.element(child),
        }
    }
    let read = read?;
    Some(ItemClassification { rest: keep.done(), ..read })
}

fn attribute(cx: &Context, element: Element<'_>) -> Option<ItemAttribute> {
    let mut keep = Keep::of(cx, element);
    let (mut name, mut value) = (None, None);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::Name) => keep.text(child, &mut name),
            Name::Cbc(Cbc::Value) => keep.text(child, &mut value),
            _ => keep.element(child),
        }
    }
    Some(ItemAttribute { name: name?, value: value.unwrap_or_default(), rest: keep.done() })
}

fn price(keep: &mut Keep<'_>, element: Element<'_>, line: &mut InvoiceLine, found: &mut Found) -> Result<()> {
    let (mut base, mut unit) = (None, None);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::PriceAmount) => keep.price(child, &mut found.unit_price)?,
            Name::Cbc(Cbc::BaseQuantity) => {
                keep.quantity(child, &mut base, &mut unit)?;
                if base == Some(Decimal::ONE) {
                    keep.stands("cbc:BaseQuantity", child.own_text());
                }
            }
            Name::Cac(Cac::AllowanceCharge) if is_discount(child) && !found.allowance => {
                if keep.group(child, &mut found.allowance) {
                    discount(keep, child, line)?;
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    if let Some(base) = base {
        line.base_quantity = base;
        line.base_unit = unit;
    }
    Ok(())
}

/// A discount on the price: no charge, and an amount or the gross price.
fn is_discount(element: Element<'_>) -> bool {
    let is = |name: Cbc| element.children().find(|c| c.is(Name::Cbc(name)));
    is(Cbc::ChargeIndicator).is_some_and(|c| c.own_text() == "false" && c.attributes().next().is_none())
        && is(Cbc::Amount).or_else(|| is(Cbc::BaseAmount)).is_some_and(|c| !is_blank(c.own_text()))
}

fn discount(keep: &mut Keep<'_>, element: Element<'_>, line: &mut InvoiceLine) -> Result<()> {
    let mut indicator = false;
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ChargeIndicator) => keep.constant(child, "false", &mut indicator),
            Name::Cbc(Cbc::Amount) => keep.price(child, &mut line.price_discount)?,
            Name::Cbc(Cbc::BaseAmount) => keep.price(child, &mut line.gross_price)?,
            _ => keep.element(child),
        }
    }
    Ok(())
}
