//! One line, and one charge beside the lines: amounts copied, checked against each other, and made tax-exclusive.

use crate::{
    book::{Applied, At, Book, Tally, add, refuse},
    units,
    wire::{LineItem, ServiceCharge},
};
use rust_decimal::Decimal;
use taxpoynt_core::{
    Result,
    model::{Charge, Discount, Item, ItemTax},
};
use taxpoynt_ubl::{Quantity, round_half_up};

/// Peppol R120: quantity × price may miss the line's net amount by this much.
const PRICE_TOLERANCE: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// A named amount, as the platform states it: tax-inclusive where the line's tax is.
type Named = (Option<String>, Decimal);

impl Book<'_> {
    /// Line `index`.
    pub(crate) fn item(&self, index: usize, line: &LineItem, tally: &mut Tally) -> Result<Item> {
        let at = At(&self.lines_at, index);
        let total = self.currency.amount(line.total_money, format_args!("{at}.total_money"))?;
        let stated = self.currency.optional(line.total_tax_money, format_args!("{at}.total_tax_money"))?;
        let tax = self.applied(&line.applied_taxes, stated, at, tally)?;
        let net = add(total, -tax.total, at)?;
        let discounts = self.discounts(line, at, tally)?;
        let charges = self.apportioned(line, at, tally)?;
        self.compare_gross(
            line,
            &Parts { total, tax: &tax, discounts: &discounts, charges: &charges },
            at,
            tally,
        )?;

        tally.total = add(tally.total, total, at)?;
        tally.discount = add(tally.discount, sum(&discounts, at)?, at)?;
        let quantity =
            Quantity::new(line.quantity.0).map_err(|e| refuse(format_args!("{at}.quantity"), e))?;
        let factor = self.exclusive_factor(net, &tax, at)?;
        let discounts = self.exclusive(discounts, factor, at)?;
        let charges = self.exclusive(charges, factor, at)?;
        let gross = add(add(net, sum(&discounts, at)?, at)?, -sum(&charges, at)?, at)?;
        let stated_price = if tax.is_inclusive { None } else { self.stated_price(line, at)? };
        let unit_price = unit_price(gross, quantity.get(), stated_price);
        let unit_price =
            unit_price.filter(|price| !price.is_sign_negative() || price.is_zero()).ok_or_else(|| {
                refuse(format_args!("{at}.total_money.amount"), "gives the line a negative price")
            })?;
        Ok(Item {
            id: line.uid.clone(),
            name: name(line),
            description: description(line),
            sku: None,
            product_id: line.catalog_object_id.clone(),
            voucher: line.item_type.as_deref() == Some("GIFT_CARD"),
            quantity,
            unit: units::code(line.quantity_unit.as_ref()).map(str::to_owned),
            unit_price,
            discounts: discounts.into_iter().map(|(name, amount)| Discount { name, amount }).collect(),
            charges: charges.into_iter().map(inside).collect(),
            net_amount: net,
            bindings: self.lists.bind(self.lists.lines, index, tax.first()),
            tax: tax.into_item_tax(),
        })
    }

    /// The charges beside the lines. Apportioned ones are inside the lines already.
    pub(crate) fn charges(&self, tally: &mut Tally) -> Result<Vec<Charge>> {
        let beside = self.charges.iter().enumerate().filter(|(_, charge)| !charge.is_apportioned());
        beside.map(|(i, charge)| self.charge(i, charge, tally)).collect()
    }

    fn charge(&self, index: usize, charge: &ServiceCharge, tally: &mut Tally) -> Result<Charge> {
        let at = At(&self.charges_at, index);
        let stated = self.currency.optional(charge.total_tax_money, format_args!("{at}.total_tax_money"))?;
        let tax = self.applied(&charge.applied_taxes, stated, at, tally)?;
        let total = self.currency.optional(charge.total_money, format_args!("{at}.total_money"))?;
        let applied = self.currency.optional(charge.applied_money, format_args!("{at}.applied_money"))?;
        // applied_money holds the inclusive taxes, not the additive ones.
        let from_applied = applied.map(|applied| add(applied, tax.total - tax.inclusive, at)).transpose()?;
        let total = total.or(from_applied).ok_or_else(|| {
            refuse(format_args!("{at}.total_money"), "missing: what does the charge come to?")
        })?;
        if let Some(computed) = from_applied {
            tally.compare(
                format_args!("{at}.total_money"),
                Some(total),
                computed,
                "applied amount and additive taxes",
            );
        }
        tally.total = add(tally.total, total, at)?;
        Ok(Charge {
            name: charge.name.clone(),
            amount: add(total, -tax.total, at)?,
            bindings: self.lists.bind(self.lists.charges, index, tax.first()),
            tax: tax.into_item_tax(),
        })
    }

    fn discounts(&self, line: &LineItem, at: At<'_>, tally: &mut Tally) -> Result<Vec<Named>> {
        let mut named = Vec::with_capacity(line.applied_discounts.len());
        for (i, applied) in line.applied_discounts.iter().enumerate() {
            let path = format_args!("{at}.applied_discounts[{i}].applied_money");
            let amount = self.currency.amount(applied.applied_money, path)?;
            if amount.is_sign_negative() && !amount.is_zero() {
                return Err(refuse(format_args!("{path}.amount"), "a discount cannot be negative"));
            }
            let of = self.discounts.iter().find(|d| d.uid.is_some() && d.uid == applied.discount_uid);
            named.push((of.and_then(|d| d.name.clone()), amount));
        }
        let path = format_args!("{at}.total_discount_money");
        let stated = self.currency.optional(line.total_discount_money, path)?;
        settle(named, stated, path, "applied discounts", tally)
    }

    fn apportioned(&self, line: &LineItem, at: At<'_>, tally: &mut Tally) -> Result<Vec<Named>> {
        let mut named = Vec::with_capacity(line.applied_service_charges.len());
        for (i, applied) in line.applied_service_charges.iter().enumerate() {
            let path = format_args!("{at}.applied_service_charges[{i}].applied_money");
            let amount = self.currency.amount(applied.applied_money, path)?;
            let of = self.charges.iter().find(|c| c.uid.is_some() && c.uid == applied.service_charge_uid);
            named.push((of.and_then(|c| c.name.clone()), amount));
        }
        let path = format_args!("{at}.total_service_charge_money");
        let stated = self.currency.optional(line.total_service_charge_money, path)?;
        settle(named, stated, path, "applied service charges", tally)
    }

    /// Gross − discounts + charges + taxes = total. Square takes an inclusive tax out of `gross_sales_money` in some
    /// countries and leaves it there in others, so with inclusive taxes either reading is good.
    fn compare_gross(&self, line: &LineItem, parts: &Parts<'_>, at: At<'_>, tally: &mut Tally) -> Result<()> {
        let stated =
            self.currency.optional(line.gross_sales_money, format_args!("{at}.gross_sales_money"))?;
        let priced = self.variation_and_modifiers(line, at)?;
        let around = add(
            add(sum(parts.charges, at)?, -sum(parts.discounts, at)?, at)?,
            parts.tax.total - parts.tax.inclusive,
            at,
        )?;
        let path = format_args!("{at}.total_money");
        let words = "gross, discounts, taxes and service charges";
        if !parts.tax.is_inclusive {
            if let Some(gross) = stated.or(priced) {
                tally.compare(path, Some(parts.total), add(gross, around, at)?, words);
            }
            if let (Some(_), Some(priced)) = (stated, priced) {
                let path = format_args!("{at}.gross_sales_money");
                tally.compare(path, stated, priced, "variation and modifiers");
            }
            return Ok(());
        }
        let readings = [priced, stated, stated.map(|gross| gross + parts.tax.inclusive)];
        let mut computed = readings.into_iter().flatten().map(|gross| add(gross, around, at));
        let Some(first) = computed.next().transpose()? else { return Ok(()) };
        let rest = computed.collect::<Result<Vec<_>>>()?;
        if first != parts.total && !rest.contains(&parts.total) {
            tally.compare(path, Some(parts.total), first, words);
        }
        Ok(())
    }

    /// `variation_total_price_money` and the modifiers' totals.
    fn variation_and_modifiers(&self, line: &LineItem, at: At<'_>) -> Result<Option<Decimal>> {
        let path = format_args!("{at}.variation_total_price_money");
        let Some(mut gross) = self.currency.optional(line.variation_total_price_money, path)? else {
            return Ok(None);
        };
        for (i, modifier) in line.modifiers.iter().enumerate() {
            let path = format_args!("{at}.modifiers[{i}].total_price_money");
            let Some(price) = self.currency.optional(modifier.total_price_money, path)? else {
                return Ok(None);
            };
            gross = add(gross, price, at)?;
        }
        Ok(Some(gross))
    }

    /// What the shop says one costs: base price and modifiers.
    fn stated_price(&self, line: &LineItem, at: At<'_>) -> Result<Option<Decimal>> {
        let path = format_args!("{at}.base_price_money");
        let Some(mut price) = self.currency.optional(line.base_price_money, path)? else { return Ok(None) };
        for (i, modifier) in line.modifiers.iter().enumerate() {
            let path = format_args!("{at}.modifiers[{i}].base_price_money");
            let Some(base) = self.currency.optional(modifier.base_price_money, path)? else {
                return Ok(None);
            };
            let count = modifier.quantity.map_or(Decimal::ONE, |quantity| quantity.0);
            let Some(more) = base.checked_mul(count) else { return Ok(None) };
            price = add(price, more, at)?;
        }
        Ok(Some(price))
    }

    /// What share of a tax-inclusive amount of this line is without tax; none where its amounts already are.
    fn exclusive_factor(&self, net: Decimal, tax: &Applied, at: At<'_>) -> Result<Option<Decimal>> {
        if !tax.is_inclusive {
            return Ok(None);
        }
        let inclusive = add(net, tax.inclusive, at)?;
        let factor = if inclusive.is_zero() {
            // Wholly discounted: only the rates are left to go by.
            Decimal::ONE_HUNDRED.checked_div(add(Decimal::ONE_HUNDRED, tax.inclusive_percent, at)?)
        } else {
            net.checked_div(inclusive)
        };
        Ok(Some(factor.unwrap_or(Decimal::ONE)))
    }

    /// Discounts and charges without tax. An invoice states them in minor units (BR-DEC-24), the price takes the rest.
    fn exclusive(&self, named: Vec<Named>, factor: Option<Decimal>, at: At<'_>) -> Result<Vec<Named>> {
        let Some(factor) = factor else { return Ok(named) };
        let places = self.currency.0.minor_units();
        let convert = |(name, amount): Named| {
            let exclusive = amount.checked_mul(factor).map(|amount| round_half_up(amount, places));
            exclusive.map(|amount| (name, amount)).ok_or_else(|| refuse(at, "the amounts are too large"))
        };
        named.into_iter().map(convert).collect()
    }
}

/// The stated amounts of a line.
struct Parts<'a> {
    total: Decimal,
    tax: &'a Applied,
    discounts: &'a [Named],
    charges: &'a [Named],
}

/// Compares the parts with the stated sum; a sum without parts is the one part.
fn settle(
    mut named: Vec<Named>,
    stated: Option<Decimal>,
    path: std::fmt::Arguments<'_>,
    parts: &str,
    tally: &mut Tally,
) -> Result<Vec<Named>> {
    if named.is_empty() {
        named.extend(stated.map(|amount| (None, amount)));
    } else {
        tally.compare(path, stated, sum(&named, path)?, parts);
    }
    named.retain(|(_, amount)| !amount.is_zero());
    Ok(named)
}

fn sum(named: &[Named], at: impl std::fmt::Display + Copy) -> Result<Decimal> {
    named.iter().try_fold(Decimal::ZERO, |sum, (_, amount)| add(sum, *amount, at))
}

fn inside((name, amount): Named) -> Charge {
    Charge { name, amount, tax: ItemTax::Untaxed, bindings: Vec::new() }
}

/// The shop's own price where quantity × price gives the gross amount, else the gross amount divided.
fn unit_price(gross: Decimal, quantity: Decimal, stated: Option<Decimal>) -> Option<Decimal> {
    let close = |price: &Decimal| {
        let product = quantity.checked_mul(*price);
        product.and_then(|p| p.checked_sub(gross)).is_some_and(|off| off.abs() <= PRICE_TOLERANCE)
    };
    match stated.filter(close) {
        Some(price) => Some(price),
        None if quantity.is_zero() => Some(stated.unwrap_or_default()),
        None => gross.checked_div(quantity).map(|price| round_half_up(price, 10).normalize()),
    }
}

/// What the shop calls it; what has no name gets one from the rules.
fn name(line: &LineItem) -> String {
    let given = [&line.name, &line.variation_name].into_iter().flatten().find(|name| !name.trim().is_empty());
    given.map_or("", |name| name.trim()).to_owned()
}

/// Variation, modifiers and note. "Regular" is what Square calls an item's only variation.
fn description(line: &LineItem) -> Option<String> {
    let variation = line.variation_name.as_deref().filter(|v| *v != "Regular" && line.name.is_some());
    let modifiers = line.modifiers.iter().filter_map(|m| m.name.as_deref());
    let parts = variation.into_iter().chain(modifiers).chain(line.note.as_deref());
    let parts: Vec<_> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
