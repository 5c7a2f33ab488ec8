//! What the simulated shop sells, and how a basket becomes an order to the kobo.

use super::arithmetic::{percent_of, share, times};
use rust_decimal::Decimal;
use serde_json::{Value, json};

pub(super) const CURRENCY: &str = "NGN";

/// One line of a basket.
pub(super) struct Line {
    pub(super) uid: &'static str,
    pub(super) name: &'static str,
    pub(super) variation: &'static str,
    pub(super) catalog_object_id: &'static str,
    /// Square writes quantities as text.
    pub(super) quantity: &'static str,
    pub(super) by_weight: bool,
    /// Kobo a unit.
    pub(super) price: i64,
    /// Name and kobo a unit of an extra.
    pub(super) modifier: Option<(&'static str, i64)>,
    /// Percent off this line.
    pub(super) discount: Option<i64>,
    pub(super) taxed: bool,
}

/// The company's order: an extra and a discount, a weighed good, and one line without tax.
pub(super) const B2B: &[Line] = &[
    Line {
        uid: "line-tray",
        name: "Jollof party tray",
        variation: "Large",
        catalog_object_id: "SIMVARTRAYLARGE0000001",
        quantity: "2",
        by_weight: false,
        price: 1_845_000,
        modifier: Some(("Extra plantain", 127_550)),
        discount: Some(10),
        taxed: true,
    },
    Line {
        uid: "line-fish",
        name: "Dried catfish",
        variation: "By weight",
        catalog_object_id: "SIMVARFISHKG0000000002",
        quantity: "1.365",
        by_weight: true,
        price: 968_050,
        modifier: None,
        discount: None,
        taxed: true,
    },
    Line {
        uid: "line-maize",
        name: "Maize, 5 kg bag",
        variation: "Regular",
        catalog_object_id: "SIMVARMAIZE00000000003",
        quantity: "3",
        by_weight: false,
        price: 215_000,
        modifier: None,
        discount: None,
        taxed: false,
    },
];

/// A walk-in's order, paid in cash.
pub(super) const WALK_IN: &[Line] = &[
    Line {
        uid: "line-chapman",
        name: "Chapman",
        variation: "50 cl",
        catalog_object_id: "SIMVARCHAPMAN000000004",
        quantity: "3",
        by_weight: false,
        price: 185_050,
        modifier: None,
        discount: None,
        taxed: true,
    },
    Line {
        uid: "line-pie",
        name: "Meat pie",
        variation: "Regular",
        catalog_object_id: "SIMVARMEATPIE000000005",
        quantity: "1",
        by_weight: false,
        price: 149_930,
        modifier: None,
        discount: None,
        taxed: true,
    },
];

pub(super) fn money(amount: i64) -> Value {
    json!({"amount": amount, "currency": CURRENCY})
}

/// 7.5 %.
fn vat() -> Decimal {
    Decimal::new(75, 1)
}

/// One line's amounts in kobo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) variation: i64,
    pub(super) modifier: i64,
    pub(super) gross: i64,
    pub(super) discount: i64,
    pub(super) net: i64,
    pub(super) tax: i64,
}

impl Amounts {
    pub(super) fn total(self) -> i64 {
        self.net + self.tax
    }
}

/// Prices some lines in the quantities given: discounts first, then one tax total shared out over the taxed lines.
pub(super) fn price(lines: &[(&Line, Decimal)]) -> Vec<Amounts> {
    let mut amounts: Vec<Amounts> = lines.iter().map(|(line, quantity)| untaxed(line, *quantity)).collect();
    let weights: Vec<i64> = lines
        .iter()
        .zip(&amounts)
        .map(|((line, _), amounts)| if line.taxed { amounts.net } else { 0 })
        .collect();
    let tax = percent_of(weights.iter().sum(), vat());
    for (amounts, tax) in amounts.iter_mut().zip(share(tax, &weights)) {
        amounts.tax = tax;
    }
    amounts
}

fn untaxed(line: &Line, quantity: Decimal) -> Amounts {
    let variation = times(line.price, quantity);
    let modifier = line.modifier.map_or(0, |(_, price)| times(price, quantity));
    let gross = variation + modifier;
    let discount = line.discount.map_or(0, |percent| percent_of(gross, Decimal::from(percent)));
    Amounts { variation, modifier, gross, discount, net: gross - discount, tax: 0 }
}

/// The sums of a basket in kobo.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) total: i64,
    pub(super) tax: i64,
    pub(super) discount: i64,
}

pub(super) fn sums(amounts: &[Amounts]) -> Sums {
    Sums {
        total: amounts.iter().map(|line| line.total()).sum(),
        tax: amounts.iter().map(|line| line.tax).sum(),
        discount: amounts.iter().map(|line| line.discount).sum(),
    }
}

/// Square's five-part summary.
pub(super) fn money_amounts(sums: Sums, tip: i64) -> Value {
    json!({
        "total_money": money(sums.total + tip), "tax_money": money(sums.tax),
        "discount_money": money(sums.discount), "tip_money": money(tip), "service_charge_money": money(0),
    })
}

/// What is common to a sold and a returned line.
fn common(line: &Line, quantity: Decimal, amounts: Amounts) -> Value {
    let mut value = json!({
        "uid": line.uid, "name": line.name, "variation_name": line.variation, "item_type": "ITEM",
        "catalog_object_id": line.catalog_object_id, "catalog_version": 1_760_000_000_000_i64,
        "quantity": quantity.to_string(),
        "base_price_money": money(line.price), "variation_total_price_money": money(amounts.variation),
        "total_discount_money": money(amounts.discount), "total_tax_money": money(amounts.tax),
        "total_service_charge_money": money(0), "total_money": money(amounts.total()),
    });
    if line.by_weight {
        value["quantity_unit"] = json!({
            "measurement_unit": {"weight_unit": "METRIC_KILOGRAM", "type": "TYPE_WEIGHT"}, "precision": 3,
        });
    }
    if line.taxed {
        value["applied_taxes"] = json!([{"uid": format!("{}-vat", line.uid), "tax_uid": "vat", "applied_money": money(amounts.tax)}]);
    }
    if line.discount.is_some() {
        value["applied_discounts"] = json!([{
            "uid": format!("{}-off", line.uid), "discount_uid": discount_uid(line),
            "applied_money": money(amounts.discount),
        }]);
    }
    value
}

fn discount_uid(line: &Line) -> String {
    format!("off-{}", line.uid)
}

fn modifiers(line: &Line, amounts: Amounts) -> Option<Value> {
    let (name, price) = line.modifier?;
    Some(json!([{
        "uid": format!("{}-extra", line.uid), "name": name, "quantity": "1",
        "base_price_money": money(price), "total_price_money": money(amounts.modifier),
    }]))
}

/// `line_items[]`.
pub(super) fn sold(line: &Line, quantity: Decimal, amounts: Amounts) -> Value {
    let mut value = common(line, quantity, amounts);
    value["gross_sales_money"] = money(amounts.gross);
    if let Some(modifiers) = modifiers(line, amounts) {
        value["modifiers"] = modifiers;
    }
    value
}

/// `returns[].return_line_items[]`.
pub(super) fn returned(line: &Line, quantity: Decimal, amounts: Amounts) -> Value {
    let mut value = common(line, quantity, amounts);
    value["uid"] = Value::from(format!("return-{}", line.uid));
    value["source_line_item_uid"] = Value::from(line.uid);
    value["gross_return_money"] = money(amounts.gross);
    if let Some(mut modifiers) = modifiers(line, amounts) {
        modifiers[0]["source_modifier_uid"] = modifiers[0]["uid"].clone();
        value["return_modifiers"] = modifiers;
    }
    value
}

/// The order's one tax.
pub(super) fn tax(applied: i64) -> Value {
    json!({
        "uid": "vat", "catalog_object_id": "SIMTAXVAT0000000000001", "catalog_version": 1_760_000_000_000_i64,
        "name": "VAT", "percentage": "7.5", "type": "ADDITIVE", "scope": "LINE_ITEM", "applied_money": money(applied),
    })
}

/// The discounts of the lines.
pub(super) fn discounts(lines: &[(&Line, Decimal)], amounts: &[Amounts]) -> Vec<Value> {
    let discounted = lines.iter().zip(amounts).filter_map(|((line, _), amounts)| {
        line.discount.map(|percent| {
            json!({
                "uid": discount_uid(line), "name": "Trade discount", "type": "FIXED_PERCENTAGE",
                "percentage": percent.to_string(), "scope": "LINE_ITEM", "applied_money": money(amounts.discount),
            })
        })
    });
    discounted.collect()
}

/// A basket in the quantities it was sold.
pub(super) fn basket(lines: &'static [Line]) -> Vec<(&'static Line, Decimal)> {
    lines.iter().map(|line| (line, line.quantity.parse().unwrap_or_default())).collect()
}
