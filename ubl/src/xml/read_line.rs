//! Lines read from UBL.

use super::out::is_blank;
use super::read::{allowance, fault, number, number_of, required_number, tax, text};
use super::tree::{Element, is_space};
use crate::codes::UNIT_ONE;
use crate::vocabulary::path;
use crate::{Classification, InvoiceLine, Result};
use rust_decimal::Decimal;

/// A `cac:InvoiceLine` or `cac:CreditNoteLine`.
pub(super) fn line(element: Element<'_>) -> Result<InvoiceLine> {
    let item = element.first(path!("cac:Item")).ok_or_else(|| fault(element, "has no cac:Item"))?;
    let category = item
        .first(path!("cac:ClassifiedTaxCategory"))
        .ok_or_else(|| fault(item, "has no cac:ClassifiedTaxCategory"))?;
    let quantity = element
        .first(path!("cbc:InvoicedQuantity"))
        .or_else(|| element.first(path!("cbc:CreditedQuantity")))
        .ok_or_else(|| fault(element, "has no quantity"))?;
    let unit = quantity.attribute("unitCode").map(|u| u.trim_matches(is_space)).filter(|u| !u.is_empty());
    let mut line = InvoiceLine {
        id: text(element, path!("cbc:ID")).ok_or_else(|| fault(element, "has no cbc:ID"))?,
        name: text(item, path!("cbc:Name")).unwrap_or_default(),
        description: text(item, path!("cbc:Description")),
        sku: text(item, path!("cac:SellersItemIdentification/cbc:ID")),
        quantity: number_of(quantity)?,
        unit: unit.unwrap_or(UNIT_ONE).to_owned(),
        unit_price: required_number(element, path!("cac:Price/cbc:PriceAmount"))?,
        base_quantity: number(element, path!("cac:Price/cbc:BaseQuantity"))?.unwrap_or(Decimal::ONE),
        net_amount: required_number(element, path!("cbc:LineExtensionAmount"))?,
        tax: tax(category)?,
        allowances: Vec::new(),
        charges: Vec::new(),
        classification: classification(item),
        note: text(element, path!("cbc:Note")),
    };
    for part in element.all(path!("cac:AllowanceCharge")) {
        let (parsed, charge) = allowance(part)?;
        let list = if charge { &mut line.charges } else { &mut line.allowances };
        list.push(parsed);
    }
    Ok(line)
}

fn classification(item: Element<'_>) -> Option<Classification> {
    item.all(path!("cac:CommodityClassification/cbc:ItemClassificationCode")).find_map(|code| {
        let written = code.text();
        let category = code.attribute("name").filter(|n| !is_blank(n)).unwrap_or_default().to_owned();
        if is_blank(&written) {
            return None;
        }
        let id = written.into_owned();
        match (code.attribute("listID")?.trim_matches(is_space), code.attribute("listVersionID")) {
            ("HS", _) => Some(Classification::Goods { hsn_code: id, product_category: category }),
            ("ZZZ", Some("ISIC")) => {
                Some(Classification::Service { isic_code: id, service_category: category })
            }
            _ => None,
        }
    })
}
