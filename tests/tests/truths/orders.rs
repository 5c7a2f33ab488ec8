//! Orders as a till makes them, from a seed, by arithmetic of their own: every sum in them is known before they are read.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use taxpoynt_tests::Random;

/// An order and what is true of it, in major units.
pub(crate) struct Order {
    /// As Square would send it.
    pub(crate) record: Value,
    /// What the buyer pays, without the tip.
    pub(crate) payable: Decimal,
    /// All taxes applied.
    pub(crate) tax: Decimal,
    /// By line: the amount without tax.
    pub(crate) nets: Vec<Decimal>,
}

const CURRENCIES: [(&str, u32); 3] = [("NGN", 2), ("USD", 2), ("JPY", 0)];

/// Each percent once, so that no two taxes share a row of the invoice.
const TAXES: [(&str, &str, &str); 5] = [
    ("vat", "7.5", "ADDITIVE"),
    ("levy", "5", "ADDITIVE"),
    ("luxury", "12.25", "ADDITIVE"),
    ("inside", "10", "INCLUSIVE"),
    ("none", "0", "ADDITIVE"),
];

struct Line {
    quantity: Decimal,
    price: i64,
    modifiers: Vec<(i64, i64)>,
    variation: i64,
    discounts: Vec<i64>,
    apportioned: i64,
    tax_of: Option<usize>,
    tax: i64,
}

impl Line {
    fn gross(&self) -> i64 {
        self.variation + self.modifiers.iter().map(|(_, total)| total).sum::<i64>()
    }

    /// Before additive tax.
    fn priced(&self) -> i64 {
        self.gross() - self.discounts.iter().sum::<i64>() + self.apportioned
    }

    fn is_inclusive(&self) -> bool {
        self.tax_of.is_some_and(is_inclusive)
    }

    fn total(&self) -> i64 {
        if self.is_inclusive() { self.priced() } else { self.priced() + self.tax }
    }
}

fn is_inclusive(tax: usize) -> bool {
    TAXES[tax].2 == "INCLUSIVE"
}

/// Half to even, as Square rounds.
fn rounded(amount: Decimal) -> i64 {
    let whole = amount.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
    i64::try_from(whole).unwrap()
}

fn percent(tax: usize) -> Decimal {
    TAXES[tax].1.parse().unwrap()
}

/// What a tax comes to on an amount that is stated with or without it.
fn tax_on(tax: usize, amount: i64) -> i64 {
    let hundred = Decimal::ONE_HUNDRED;
    let per = if is_inclusive(tax) { hundred + percent(tax) } else { hundred };
    rounded(Decimal::from(amount) * percent(tax) / per)
}

/// Shares a total out by largest remainder.
fn share(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i64 = weights.iter().sum();
    if sum == 0 {
        return weights.iter().map(|_| 0).collect();
    }
    let part = |w: &i64| i128::from(total) * i128::from(*w) / i128::from(sum);
    let rest = |w: &i64| i128::from(total) * i128::from(*w) % i128::from(sum);
    let mut parts: Vec<i64> = weights.iter().map(|w| i64::try_from(part(w)).unwrap()).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(rest(&weights[*i])));
    let left = usize::try_from(total - parts.iter().sum::<i64>()).unwrap();
    order.into_iter().take(left).for_each(|i| parts[i] += 1);
    parts
}

fn line(random: &mut Random) -> Line {
    let quantity = if random.one_in(3) {
        Decimal::new(random.between(1, 9_999), 3)
    } else {
        Decimal::from(random.between(1, 12))
    };
    let price = random.between(1, 2_500_000);
    let variation = rounded(Decimal::from(price) * quantity);
    let modifiers = (0..random.below(3))
        .map(|_| {
            let price = random.between(0, 200_000);
            (price, rounded(Decimal::from(price) * quantity))
        })
        .collect();
    let tax_of = (!random.one_in(4)).then(|| random.below(TAXES.len()));
    let mut line =
        Line { quantity, price, modifiers, variation, discounts: Vec::new(), apportioned: 0, tax_of, tax: 0 };
    for _ in 0..random.below(3) {
        let left = line.priced();
        let off = if random.one_in(10) {
            left
        } else if random.one_in(2) {
            rounded(Decimal::from(left) * Decimal::new(random.between(1, 9_000), 4))
        } else {
            random.between(0, left)
        };
        line.discounts.push(off);
    }
    line
}

/// A charge beside the lines: its amount and its additive tax.
struct Charge {
    amount: i64,
    tax_of: Option<usize>,
    tax: i64,
}

fn charge(random: &mut Random) -> Charge {
    let tax_of = random.one_in(2).then(|| random.below(3));
    Charge { amount: random.between(1, 300_000), tax_of, tax: 0 }
}

/// Each tax once over everything it applies to, then shared out, as Square does.
fn apply_taxes(lines: &mut [Line], charges: &mut [Charge]) -> Vec<i64> {
    let mut totals = Vec::new();
    for tax in 0..TAXES.len() {
        let of_line = |l: &Line| if l.tax_of == Some(tax) { l.priced() } else { 0 };
        let of_charge = |c: &Charge| if c.tax_of == Some(tax) { c.amount } else { 0 };
        let weights: Vec<i64> = lines.iter().map(of_line).chain(charges.iter().map(of_charge)).collect();
        let total = tax_on(tax, weights.iter().sum());
        let mut shares = share(total, &weights).into_iter();
        lines.iter_mut().for_each(|line| line.tax += shares.next().unwrap());
        charges.iter_mut().for_each(|charge| charge.tax += shares.next().unwrap());
        totals.push(total);
    }
    totals
}

/// An order that a seed decides.
pub(crate) fn order(random: &mut Random, nth: usize) -> Order {
    let &(currency, places) = random.pick(&CURRENCIES);
    let money = |amount: i64| json!({"amount": amount, "currency": currency});
    let mut lines: Vec<Line> = (0..random.between(1, 6)).map(|_| line(random)).collect();
    let mut charges: Vec<Charge> = (0..random.below(3)).map(|_| charge(random)).collect();
    let spread = if random.one_in(4) { random.between(1, 100_000) } else { 0 };
    let weights: Vec<i64> = lines.iter().map(Line::priced).collect();
    let spread = if weights.iter().sum::<i64>() == 0 { 0 } else { spread };
    for (line, part) in lines.iter_mut().zip(share(spread, &weights)) {
        line.apportioned = part;
    }
    let tax_totals = apply_taxes(&mut lines, &mut charges);
    let tip = if random.one_in(2) { random.between(1, 500_000) } else { 0 };
    let rounding = if random.one_in(4) { random.between(-2, 2) } else { 0 };

    let inclusive_gross_is_net = random.one_in(2);
    let items: Vec<Value> =
        lines.iter().enumerate().map(|(i, l)| item(i, l, inclusive_gross_is_net, &money)).collect();
    let goods: i64 =
        lines.iter().map(Line::total).sum::<i64>() + charges.iter().map(|c| c.amount + c.tax).sum::<i64>();
    let payable = goods + rounding;
    let tax: i64 = tax_totals.iter().sum();
    let taxes: Vec<Value> = (TAXES.iter().zip(&tax_totals))
        .map(|((uid, percent, kind), total)| {
            json!({"uid": uid, "name": uid, "percentage": percent, "type": kind, "applied_money": money(*total)})
        })
        .collect();
    let mut service: Vec<Value> = charges.iter().enumerate().map(|(i, c)| beside(i, c, &money)).collect();
    if spread != 0 {
        service.push(json!({
            "uid": "spread", "name": "Packaging", "treatment_type": "APPORTIONED_TREATMENT",
            "calculation_phase": "APPORTIONED_AMOUNT_PHASE", "applied_money": money(spread), "total_money": money(spread),
        }));
    }
    let charged = spread + charges.iter().map(|c| c.amount).sum::<i64>();
    let discounted: i64 = lines.iter().flat_map(|l| &l.discounts).sum();
    let id = format!("RANDOM-{nth}");
    let mut order = json!({
        "id": id, "location_id": "L1", "state": "COMPLETED", "created_at": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:01:00Z", "closed_at": "2026-11-20T09:01:00Z",
        "line_items": items, "taxes": taxes, "service_charges": service,
        "discounts": [{"uid": "off", "name": "Discount", "scope": "LINE_ITEM", "applied_money": money(discounted)}],
        "tenders": [{"id": "p", "type": "CARD", "amount_money": money(payable + tip), "tip_money": money(tip)}],
        "total_money": money(payable + tip), "total_tax_money": money(tax), "total_discount_money": money(discounted),
        "total_tip_money": money(tip), "total_service_charge_money": money(charged),
    });
    if rounding != 0 {
        order["rounding_adjustment"] = json!({"uid": "cash", "amount_money": money(rounding)});
    }
    let major = |minor: i64| Decimal::new(minor, places);
    Order {
        record: json!({"order": order}),
        payable: major(payable),
        tax: major(tax),
        nets: lines.iter().map(|l| major(l.total() - l.tax)).collect(),
    }
}

fn item(index: usize, line: &Line, gross_without_tax: bool, money: &impl Fn(i64) -> Value) -> Value {
    let gross = if line.is_inclusive() && gross_without_tax { line.gross() - line.tax } else { line.gross() };
    let modifiers: Vec<Value> = (line.modifiers.iter())
        .map(|(price, total)| json!({"name": "Extra", "quantity": "1", "base_price_money": money(*price), "total_price_money": money(*total)}))
        .collect();
    let discounts: Vec<Value> = (line.discounts.iter())
        .map(|off| json!({"discount_uid": "off", "applied_money": money(*off)}))
        .collect();
    let mut item = json!({
        "uid": format!("line-{index}"), "name": format!("Thing {index}"), "item_type": "ITEM",
        "quantity": line.quantity.to_string(), "base_price_money": money(line.price),
        "variation_total_price_money": money(line.variation), "gross_sales_money": money(gross),
        "modifiers": modifiers, "applied_discounts": discounts,
        "total_discount_money": money(line.discounts.iter().sum()), "total_tax_money": money(line.tax),
        "total_service_charge_money": money(line.apportioned), "total_money": money(line.total()),
    });
    if let Some(tax) = line.tax_of {
        item["applied_taxes"] = json!([{"tax_uid": TAXES[tax].0, "applied_money": money(line.tax)}]);
    }
    if line.apportioned != 0 {
        item["applied_service_charges"] =
            json!([{"service_charge_uid": "spread", "applied_money": money(line.apportioned)}]);
    }
    item
}

fn beside(index: usize, charge: &Charge, money: &impl Fn(i64) -> Value) -> Value {
    let mut value = json!({
        "uid": format!("service-{index}"), "name": "Service", "treatment_type": "LINE_ITEM_TREATMENT",
        "calculation_phase": "SUBTOTAL_PHASE", "taxable": charge.tax_of.is_some(),
        "applied_money": money(charge.amount), "total_tax_money": money(charge.tax),
        "total_money": money(charge.amount + charge.tax),
    });
    if let Some(tax) = charge.tax_of {
        value["applied_taxes"] = json!([{"tax_uid": TAXES[tax].0, "applied_money": money(charge.tax)}]);
    }
    value
}
