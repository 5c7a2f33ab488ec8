//! The parts of the authority's JSON read back: parties, lines, allowances, payments, references.

use super::fields::Fields;
use super::finding::Finding;
use super::foreign::IrnParts;
use crate::Result;
use crate::firs::codes;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use taxpoynt_ubl::{
    Address, AllowanceCharge, Classification, DocumentReference, InvoiceLine, Party, PaymentMeans,
    round_half_up, unit_code,
};

pub(super) fn party(fields: &Fields<'_>) -> Result<Party> {
    Ok(Party {
        name: fields.text("party_name")?.unwrap_or_default(),
        tin: fields.text("tin")?,
        email: fields.text("email")?,
        phone: fields.text("telephone")?,
        business_description: fields.text("business_description")?,
        address: address(fields)?.unwrap_or_default(),
        ..Party::default()
    })
}

/// The `postal_address` of a party.
pub(super) fn address(party: &Fields<'_>) -> Result<Option<Address>> {
    let Some(fields) = party.object("postal_address")? else { return Ok(None) };
    Ok(Some(Address {
        street: fields.text("street_name")?,
        city: fields.text("city_name")?,
        postal_code: fields.text("postal_zone")?,
        lga: fields.text("lga")?,
        state: fields.text("state")?,
        // Capitals, as the list has them.
        country: fields.text("country")?.map(|code| code.to_ascii_uppercase()),
        ..Address::default()
    }))
}

pub(super) fn line(fields: &Fields<'_>, index: usize, findings: &mut Vec<Finding>) -> Result<InvoiceLine> {
    let mut assume = |name: &str, what: &str| findings.push(Finding::assumed(&fields.at(name), what));
    let item = fields.object("item")?;
    let item = |name: &str| item.as_ref().map_or(Ok(None), |item| item.text(name));
    let price = fields.object("price")?;
    let price_of = |name: &str| price.as_ref().map_or(Ok(None), |price| price.number(name));
    let quantity = fields.number("invoiced_quantity")?.unwrap_or_else(|| {
        assume("invoiced_quantity", "The line has no quantity; one is assumed.");
        Decimal::ONE
    });
    let base_quantity = match price_of("base_quantity")? {
        Some(base) if !base.is_zero() => base,
        // Left out, it is one everywhere; said to be zero, it is a slip.
        None => Decimal::ONE,
        Some(_) => {
            assume("price/base_quantity", "The price is for zero units; one is assumed.");
            Decimal::ONE
        }
    };
    let unit = price.as_ref().map_or(Ok(None), |price| price.text("price_unit"))?;
    let mut line = InvoiceLine {
        id: (index + 1).to_string(),
        name: item("name")?.unwrap_or_default(),
        description: item("description")?,
        sku: item("sellers_item_identification")?,
        quantity,
        unit: unit_code(unit.as_deref().unwrap_or_default()).to_owned(),
        base_quantity,
        classification: classification(fields)?,
        ..InvoiceLine::default()
    };
    line.description = line.description.filter(|text| *text != line.name);
    let stated_price = price_of("price_amount")?;
    let stated_net = fields.number("line_extension_amount")?;
    line.unit_price = stated_price.unwrap_or_default();
    let (discount, fee) = (share(fields, &line, "discount", "dicount")?, share(fields, &line, "fee", "fee")?);
    amounts(discount, &mut line, true);
    amounts(fee, &mut line, false);
    let reached = reached(&line, discount, fee);
    match (stated_price, stated_net, reached) {
        (Some(_), Some(net), reached) => {
            line.net_amount = net;
            // As Peppol rounds (PEPPOL-EN16931-R120): a slack of two hundredths.
            let near =
                reached.and_then(|r| r.checked_sub(net)).is_some_and(|d| d.abs() <= Decimal::new(2, 2));
            if !near {
                findings.push(Finding::line_sum(fields.path(), net, reached));
            }
        }
        (Some(_), None, Some(reached)) => {
            assume(
                "line_extension_amount",
                "The line has no amount; it was calculated from quantity and price.",
            );
            line.net_amount = reached;
        }
        (None, Some(net), _) => {
            assume(
                "price/price_amount",
                "The line has no price; its amount is taken as the price of its quantity.",
            );
            (line.net_amount, line.unit_price) = (net, net);
            line.base_quantity = if quantity.is_zero() { Decimal::ONE } else { quantity };
        }
        (_, None, _) => return Err(fields.missing("line_extension_amount")),
    }
    Ok(line)
}

fn classification(fields: &Fields<'_>) -> Result<Option<Classification>> {
    let (hsn_code, isic_code) = (fields.text("hsn_code")?, fields.text("isic_code")?);
    let goods = fields.text("product_category")?;
    let service = fields.text("service_category")?;
    Ok(match (hsn_code, isic_code) {
        (Some(hsn_code), _) => {
            Some(Classification::Goods { hsn_code, product_category: goods.unwrap_or_default() })
        }
        (None, Some(isic_code)) => {
            Some(Classification::Service { isic_code, service_category: service.unwrap_or_default() })
        }
        (None, None) => None,
    })
}

/// quantity × price ÷ base quantity.
fn gross(line: &InvoiceLine) -> Option<Decimal> {
    line.quantity.checked_mul(line.unit_price)?.checked_div(line.base_quantity)
}

/// Quantity × price ÷ base quantity − discount + fee, to two decimals.
fn reached(line: &InvoiceLine, discount: Decimal, fee: Decimal) -> Option<Decimal> {
    Some(round_half_up(gross(line)?.checked_sub(discount)?.checked_add(fee)?, 2))
}

/// A discount or fee: its amount, else its rate of quantity × price. The official sample misspells the discount.
fn share(fields: &Fields<'_>, line: &InvoiceLine, name: &str, misspelt: &str) -> Result<Decimal> {
    let of = |part: &str| -> Result<Option<Decimal>> {
        match fields.number(&format!("{name}_{part}"))? {
            Some(number) => Ok(Some(number)),
            None => fields.number(&format!("{misspelt}_{part}")),
        }
    };
    if let Some(amount) = of("amount")? {
        return Ok(amount);
    }
    let rate = of("rate")?.unwrap_or_default();
    let part = gross(line).and_then(|gross| gross.checked_mul(rate)?.checked_div(Decimal::ONE_HUNDRED));
    Ok(round_half_up(part.unwrap_or_default(), 2))
}

/// An allowance is never negative: what is less than none is a charge, and the other way round.
fn amounts(amount: Decimal, line: &mut InvoiceLine, allowance: bool) {
    if amount.is_zero() {
        return;
    }
    let entry = AllowanceCharge { amount: amount.abs(), ..AllowanceCharge::default() };
    if allowance == amount.is_sign_positive() {
        line.allowances.push(entry)
    } else {
        line.charges.push(entry)
    }
}

/// Allowances and charges of the document.
pub(super) fn charges(fields: &Fields<'_>) -> Result<(Vec<AllowanceCharge>, Vec<AllowanceCharge>)> {
    let (mut allowances, mut charges) = (Vec::new(), Vec::new());
    for entry in fields.objects("allowance_charge")? {
        let amount = entry.number("amount")?.ok_or_else(|| entry.missing("amount"))?;
        let is_charge = entry.truth("charge_indicator")?.ok_or_else(|| entry.missing("charge_indicator"))?;
        let list = if is_charge == amount.is_sign_positive() { &mut charges } else { &mut allowances };
        list.push(AllowanceCharge { amount: amount.abs(), ..AllowanceCharge::default() });
    }
    Ok((allowances, charges))
}

/// Means of payment; a date of their own only where it is another than the document's.
pub(super) fn payment_means(fields: &Fields<'_>, due: NaiveDate) -> Result<Vec<PaymentMeans>> {
    let mut means = Vec::new();
    for entry in fields.objects("payment_means")? {
        let code = entry.text("payment_means_code")?.unwrap_or_default();
        means.push(PaymentMeans {
            code: codes::payment_means(&code).to_owned(),
            due_date: entry.date("payment_due_date")?.filter(|date| *date != due),
            ..PaymentMeans::default()
        });
    }
    Ok(means)
}

pub(super) fn reference(fields: &Fields<'_>) -> Result<Option<DocumentReference>> {
    let Some(irn) = fields.text("irn")? else { return Ok(None) };
    let number = IrnParts::read(&irn).map_or(irn.as_str(), |parts| parts.number).to_owned();
    let issue_date = fields.date("issue_date")?;
    Ok(Some(DocumentReference { number, irn: Some(irn), issue_date, ..DocumentReference::default() }))
}
