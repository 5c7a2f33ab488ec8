//! Lines: what was sold, how much of it, under which code of goods or services.

use super::codes::{is_listed_form_of_hs, lists_service};
use super::totals::{has_counterpart, is_allowance, is_percentage};
use super::{all_of, currency, optional, required, text};
use crate::amount_decimals;
use crate::nigeria::{is_hsn_code, is_isic_code};
use crate::rules::engine::Check::{Filled, Test};
use crate::rules::engine::{Facts, Finding, Rule, fatal, is_charge, shorten, warning};
use crate::vocabulary::path;
use crate::xml::tree::Element;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Rules about a line.
pub(super) const LINE: &[Rule] = &[
    fatal("NG-LIN-01", Filled(path!("cbc:ID")), "number the line"),
    fatal("NG-LIN-02", Test(item_is_named), "name what was sold in cac:Item/cbc:Name"),
    fatal("NG-LIN-03", Test(quantity_is_positive), "write how many were sold, above 0"),
    fatal(
        "NG-LIN-04",
        Test(base_quantity_is_positive),
        "write how many the price is for, above 0, or leave it out for 1",
    ),
    fatal("NG-LIN-05", Test(price_is_stated), "write the price without tax, not below 0"),
    fatal("NG-LIN-06", Test(net_amount_is_stated), "write what the line comes to without tax"),
    warning(
        "NG-LIN-07",
        Test(net_amount_adds_up),
        "make it quantity × price ÷ base quantity less allowances plus charges",
    ),
    fatal(
        "NG-LIN-08",
        Test(is_classified),
        "give goods their HS code in cbc:ItemClassificationCode with listID HS, a service its ISIC code with listID ZZZ \
         and listVersionID ISIC",
    ),
    fatal("NG-LIN-09", Test(category_is_named), "write the name of the category in its attribute name"),
    fatal(
        "NG-LIN-10",
        Test(hs_is_well_formed),
        "write it as four digits, a point and two digits, such as 5208.52",
    ),
    fatal("NG-LIN-11", Test(isic_is_well_formed), "write all four digits, leading zeros too, such as 0111"),
    fatal("NG-LIN-12", Test(is_goods_or_service), "keep one of them, or make two lines of it"),
    warning("NG-LIN-13", Test(service_is_listed), "check the class against the authority's list of services"),
    warning(
        "NG-LIN-14",
        Test(hs_is_as_listed),
        "write the six digits of the authority's list, such as 5208.52",
    ),
    fatal(
        "NG-LIN-15",
        Test(tax_category_has_a_counterpart),
        "use S for standard VAT, Z zero rated, E exempt, G export or O outside the scope",
    ),
    fatal(
        "NG-LIN-16",
        Test(allowances_are_allowances),
        "write cbc:ChargeIndicator true for a charge or false for a discount, and an amount not below 0",
    ),
    fatal("NG-LIN-17", Test(rate_is_a_percentage), "write a rate from 0 to 100"),
];

fn item_is_named(_: &Facts<'_>, line: Element<'_>) -> Finding {
    text(line, path!("cac:Item/cbc:Name")).map(|_| ()).ok_or_else(|| "the line has no item name".into())
}

fn quantity(line: Element<'_>) -> Result<Decimal, String> {
    match optional(line, path!("cbc:InvoicedQuantity"))? {
        Some(quantity) => Ok(quantity),
        None => match optional(line, path!("cbc:CreditedQuantity"))? {
            Some(quantity) => Ok(quantity),
            None => Err("the quantity is missing".into()),
        },
    }
}

fn quantity_is_positive(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match quantity(line)? {
        quantity if quantity > Decimal::ZERO => Ok(()),
        quantity => Err(format!("the quantity is {quantity}")),
    }
}

fn base_quantity(line: Element<'_>) -> Result<Decimal, String> {
    optional(line, path!("cac:Price/cbc:BaseQuantity")).map(|base| base.unwrap_or(Decimal::ONE))
}

fn base_quantity_is_positive(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match base_quantity(line)? {
        base if base > Decimal::ZERO => Ok(()),
        base => Err(format!("the price is for {base}")),
    }
}

fn price(line: Element<'_>) -> Result<Decimal, String> {
    super::not_negative(line, path!("cac:Price/cbc:PriceAmount"))
}

fn price_is_stated(_: &Facts<'_>, line: Element<'_>) -> Finding {
    price(line).map(|_| ())
}

fn net_amount(line: Element<'_>) -> Result<Decimal, String> {
    required(line, path!("cbc:LineExtensionAmount"))
}

fn net_amount_is_stated(_: &Facts<'_>, line: Element<'_>) -> Finding {
    net_amount(line).map(|_| ())
}

fn net_amount_adds_up(facts: &Facts<'_>, line: Element<'_>) -> Finding {
    let (Ok(net), Some(computed)) = (net_amount(line), computed(line)) else { return Ok(()) };
    // Two of the smallest coins, as the network profiles allow.
    let tolerance = Decimal::new(2, currency(facts.root).map_or(2, amount_decimals));
    if net.checked_sub(computed).is_some_and(|difference| difference.abs() <= tolerance) {
        Ok(())
    } else {
        Err(format!("cbc:LineExtensionAmount is {net} and comes to {}", computed.normalize()))
    }
}

/// What the line comes to; none where a part is missing or wrong, which other rules say.
fn computed(line: Element<'_>) -> Option<Decimal> {
    let positive = |number: &Decimal| *number > Decimal::ZERO;
    let (quantity, base) =
        (quantity(line).ok().filter(positive)?, base_quantity(line).ok().filter(positive)?);
    let mut amount = quantity.checked_mul(price(line).ok()?)?.checked_div(base)?;
    for part in line.all(path!("cac:AllowanceCharge")) {
        let change = required(part, path!("cbc:Amount")).ok()?;
        amount =
            if is_charge(part, true) { amount.checked_add(change)? } else { amount.checked_sub(change)? };
    }
    Some(amount)
}

/// A code of goods or services.
struct Class<'t> {
    goods: bool,
    code: Cow<'t, str>,
    category: &'t str,
}

fn classes<'t>(line: Element<'t>) -> impl Iterator<Item = Class<'t>> {
    line.all(path!("cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode")).filter_map(|element| {
        let code = element.text();
        let goods = match (element.attribute("listID")?.trim(), element.attribute("listVersionID")) {
            ("HS", _) => true,
            ("ZZZ", Some("ISIC")) => false,
            _ => return None,
        };
        let category = element.attribute("name").unwrap_or_default();
        (!code.trim().is_empty()).then_some(Class { goods, code, category })
    })
}

fn is_classified(_: &Facts<'_>, line: Element<'_>) -> Finding {
    classes(line).next().map(|_| ()).ok_or_else(|| "the line has neither an HS code nor an ISIC code".into())
}

fn category_is_named(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match classes(line).next() {
        Some(class) if class.category.trim().is_empty() => {
            let of = if class.goods { "product" } else { "service" };
            Err(format!("the {of} category of code {:?} is missing", shorten(&class.code)))
        }
        _ => Ok(()),
    }
}

fn hs_is_well_formed(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match classes(line).next() {
        Some(class) if class.goods && !is_hsn_code(class.code.trim()) => {
            Err(format!("the HS code is {:?}", shorten(&class.code)))
        }
        _ => Ok(()),
    }
}

fn isic_is_well_formed(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match classes(line).next() {
        Some(class) if !class.goods && !is_isic_code(class.code.trim()) => {
            Err(format!("the ISIC code is {:?}", shorten(&class.code)))
        }
        _ => Ok(()),
    }
}

fn is_goods_or_service(_: &Facts<'_>, line: Element<'_>) -> Finding {
    let (mut goods, mut services) = (false, false);
    for class in classes(line) {
        *(if class.goods { &mut goods } else { &mut services }) = true;
    }
    if goods && services { Err("the line has both an HS code and an ISIC code".into()) } else { Ok(()) }
}

fn service_is_listed(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match classes(line).next() {
        Some(class)
            if !class.goods && is_isic_code(class.code.trim()) && !lists_service(class.code.trim()) =>
        {
            Err(format!("the ISIC code {} was not in the authority's list in May 2025", class.code.trim()))
        }
        _ => Ok(()),
    }
}

fn hs_is_as_listed(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match classes(line).next() {
        Some(class)
            if class.goods && is_hsn_code(class.code.trim()) && !is_listed_form_of_hs(class.code.trim()) =>
        {
            Err(format!("the HS code {} is not one of six digits with a point", class.code.trim()))
        }
        _ => Ok(()),
    }
}

fn tax_category_has_a_counterpart(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match line.first(path!("cac:Item/cac:ClassifiedTaxCategory")) {
        Some(category) => has_counterpart(category),
        None => Err("the tax category is missing".into()),
    }
}

fn rate_is_a_percentage(_: &Facts<'_>, line: Element<'_>) -> Finding {
    line.first(path!("cac:Item/cac:ClassifiedTaxCategory")).map_or(Ok(()), is_percentage)
}

fn allowances_are_allowances(facts: &Facts<'_>, line: Element<'_>) -> Finding {
    all_of(line.all(path!("cac:AllowanceCharge")).map(|part| is_allowance(facts, part)))
}
