//! Lines in UBL.

use super::out::{Out, Tag, is_blank, tag};
use super::write_party::scheme_of;
use super::write_tax::{allowance, amount, member_tax, period, price, shortest};
use crate::codes::UNIT_ONE;
use crate::rules::code_lists::UNITS;
use crate::{Classification, Identifier, Invoice, InvoiceLine, ItemClassification};
use rust_decimal::Decimal;

/// A `cac:InvoiceLine` or `cac:CreditNoteLine`.
pub(super) fn line<'i>(out: &mut Out<'i>, line: &'i InvoiceLine, credit: bool, invoice: &'i Invoice) {
    let unit = if out.own { unit(&line.unit) } else { &line.unit };
    let (group, quantity) = if credit {
        (tag!("cac:CreditNoteLine"), tag!("cbc:CreditedQuantity"))
    } else {
        (tag!("cac:InvoiceLine"), tag!("cbc:InvoicedQuantity"))
    };
    out.aggregate(group, &line.rest, |out| {
        out.text(tag!("cbc:ID"), &line.id);
        out.optional(tag!("cbc:Note"), line.note.as_deref());
        for (index, note) in line.further_notes.iter().enumerate() {
            out.numbered(tag!("cbc:Note"), index + 2, note, &[]);
        }
        out.number(quantity, shortest(out, line.quantity), true, &[("unitCode", unit)]);
        amount(out, tag!("cbc:LineExtensionAmount"), line.net_amount);
        out.optional(tag!("cbc:AccountingCost"), line.accounting_reference.as_deref());
        if let Some(found) = &line.period {
            period(out, found);
        }
        out.group(tag!("cac:OrderLineReference"), |out| {
            out.optional(tag!("cbc:LineID"), line.order_line.as_deref());
        });
        if let Some(object) = &line.object {
            out.aggregate(tag!("cac:DocumentReference"), &object.rest, |out| {
                identifier(out, object);
                out.text(tag!("cbc:DocumentTypeCode"), "130");
            });
        }
        for part in &line.allowances {
            allowance(out, part, false, invoice);
        }
        for part in &line.charges {
            allowance(out, part, true, invoice);
        }
        out.group(tag!("cac:Item"), |out| item(out, line, invoice));
        out.group(tag!("cac:Price"), |out| price_of(out, line, unit));
    });
}

fn identifier(out: &mut Out<'_>, identifier: &Identifier) {
    let scheme = identifier.scheme.as_deref().unwrap_or_default();
    out.text_with(tag!("cbc:ID"), &identifier.id, scheme_of(&[("schemeID", scheme)]));
}

fn price_of(out: &mut Out<'_>, line: &InvoiceLine, unit: &str) {
    price(out, tag!("cbc:PriceAmount"), line.unit_price);
    let unit = line.base_unit.as_deref().unwrap_or(unit);
    let base = shortest(out, line.base_quantity);
    out.number(tag!("cbc:BaseQuantity"), base, base != Decimal::ONE, &[("unitCode", unit)]);
    if line.gross_price.is_none() && line.price_discount.is_none() {
        return out.group(tag!("cac:AllowanceCharge"), |_| {});
    }
    out.group(tag!("cac:AllowanceCharge"), |out| {
        out.constant(tag!("cbc:ChargeIndicator"), "false");
        if let Some(discount) = line.price_discount {
            price(out, tag!("cbc:Amount"), discount);
        }
        if let Some(gross) = line.gross_price {
            price(out, tag!("cbc:BaseAmount"), gross);
        }
    });
}

/// The unit where it is one of recommendation 20 (BR-CL-23), else `ZZ`, agreed between the parties.
fn unit(unit: &str) -> &str {
    if is_blank(unit) {
        UNIT_ONE
    } else if UNITS.contains(unit) {
        unit
    } else {
        "ZZ"
    }
}

fn item<'i>(out: &mut Out<'i>, line: &'i InvoiceLine, invoice: &'i Invoice) {
    out.optional(tag!("cbc:Description"), line.description.as_deref());
    out.text(tag!("cbc:Name"), &line.name);
    only_id(out, tag!("cac:BuyersItemIdentification"), line.buyers_item_id.as_deref());
    only_id(out, tag!("cac:SellersItemIdentification"), line.sku.as_deref());
    out.group(tag!("cac:StandardItemIdentification"), |out| {
        if let Some(standard) = &line.standard_item_id {
            identifier(out, standard);
        }
    });
    out.group(tag!("cac:OriginCountry"), |out| {
        out.optional(tag!("cbc:IdentificationCode"), line.origin_country.as_deref());
    });
    authority_classification(out, line);
    for other in &line.classifications {
        classification(out, other);
    }
    member_tax(out, tag!("cac:ClassifiedTaxCategory"), &line.tax, invoice);
    for attribute in &line.attributes {
        out.aggregate(tag!("cac:AdditionalItemProperty"), &attribute.rest, |out| {
            out.text(tag!("cbc:Name"), &attribute.name);
            out.text(tag!("cbc:Value"), &attribute.value);
        });
    }
}

fn only_id(out: &mut Out<'_>, tag: &'static Tag, id: Option<&str>) {
    if id.is_some() || out.scope.is_some() {
        out.group(tag, |out| out.optional(tag!("cbc:ID"), id));
    }
}

fn authority_classification(out: &mut Out<'_>, line: &InvoiceLine) {
    let (code, attributes) = match &line.classification {
        Some(Classification::Goods { hsn_code, product_category }) => {
            (hsn_code, [("name", product_category.as_str()), ("listID", "HS"), ("", "")])
        }
        Some(Classification::Service { isic_code, service_category }) => {
            (isic_code, [("name", service_category.as_str()), ("listID", "ZZZ"), ("listVersionID", "ISIC")])
        }
        None => return,
    };
    out.plain_group(tag!("cac:CommodityClassification"), |out| {
        out.text_with(tag!("cbc:ItemClassificationCode"), code, &attributes);
    });
}

fn classification<'i>(out: &mut Out<'i>, found: &'i ItemClassification) {
    let attributes = [
        ("name", found.name.as_deref().unwrap_or_default()),
        ("listID", found.list.as_deref().unwrap_or_default()),
        ("listVersionID", found.list_version.as_deref().unwrap_or_default()),
    ];
    out.aggregate(tag!("cac:CommodityClassification"), &found.rest, |out| {
        out.text_with(tag!("cbc:ItemClassificationCode"), &found.code, &attributes);
    });
}
