//! One line item: its price, its discount, its tax, and whether HubSpot's own amounts agree with each other.

use crate::{
    value::{At, LARGEST, decimal, positive, refuse},
    wire::{Object, Record},
};
use rust_decimal::Decimal;
use taxpoynt_core::{
    Result,
    model::{AppliedTax, Disagreement, Discount, Item, ItemTax},
};
use taxpoynt_ubl::{Currency, Quantity, Rate, round_half_up};

/// Peppol R120: quantity × price − discounts may miss the line's net amount by this much. HubSpot's prices have more
/// decimals than its amounts.
const TOLERANCE: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// What all lines of a deal share.
pub(crate) struct Lines<'a> {
    pub(crate) record: &'a Record,
    pub(crate) currency: Option<Currency>,
    /// Whether any line carries a tax: then one that carries none is untaxed, not unknown.
    pub(crate) taxed: bool,
}

impl<'a> Lines<'a> {
    /// The lines of a record.
    pub(crate) fn of(record: &'a Record, currency: Option<Currency>) -> Self {
        let taxed = record.lines().any(|(_, line)| line.property("hs_tax_rate_group_id").is_some());
        Self { record, currency, taxed }
    }

    /// Rounded to the minor unit, which is all that an invoice can state.
    fn minor(&self, amount: Decimal) -> Decimal {
        let places = self.currency.map_or(2, Currency::minor_units);
        if amount.scale() > places { round_half_up(amount, places) } else { amount }
    }

    /// Line `index`.
    pub(crate) fn item(
        &self,
        index: usize,
        at: &str,
        line: &Object,
        disagreements: &mut Vec<Disagreement>,
    ) -> Result<Item> {
        self.same_currency(at, line)?;
        let quantity = decimal(line, at, "quantity")?.unwrap_or(Decimal::ONE);
        let quantity = Quantity::new(quantity).map_err(|e| refuse(At(at, "quantity"), e))?;
        let price = self.price(at, line, quantity)?;
        let too_large = || refuse(At(at, "price"), "price × quantity is too large");
        let gross =
            price.checked_mul(quantity.get()).filter(|gross| *gross < LARGEST).ok_or_else(too_large)?;
        let (net, discount) = self.net(at, line, quantity, gross, disagreements)?;
        let (tax, rate) = self.tax(at, line)?;
        self.compare_tax(at, line, net, &tax, disagreements)?;
        let mut bindings = vec![("line_items", index)];
        bindings.extend(rate.map(|rate| ("tax_rates", rate)));
        Ok(Item {
            id: line.id.get().map(str::to_owned),
            name: line.owned("name").unwrap_or_default(),
            description: line.owned("description"),
            sku: line.owned("hs_sku"),
            product_id: line.owned("hs_product_id"),
            voucher: false,
            quantity,
            unit: None,
            unit_price: price,
            discounts: discount.into_iter().collect(),
            charges: Vec::new(),
            net_amount: net,
            tax,
            bindings,
        })
    }

    fn same_currency(&self, at: &str, line: &Object) -> Result<()> {
        let Some(code) = line.property("hs_line_item_currency_code") else { return Ok(()) };
        let field = At(at, "hs_line_item_currency_code");
        let currency = Currency::parse(code).map_err(|e| refuse(field, e))?;
        match self.currency {
            Some(deal) if deal != currency => {
                Err(refuse(field, format_args!("the deal is in {deal}, this line is in {currency}")))
            }
            _ => Ok(()),
        }
    }

    /// The unit price; without one, what the stated amount makes of it.
    fn price(&self, at: &str, line: &Object, quantity: Quantity) -> Result<Decimal> {
        if let Some(price) = positive(line, at, "price")? {
            return Ok(price);
        }
        let amount = positive(line, at, "amount")?;
        let derived = amount.and_then(|amount| amount.checked_div(quantity.get()));
        let derived = derived.map(|price| round_half_up(price, 10).normalize());
        derived.ok_or_else(|| refuse(At(at, "price"), "missing, and the line has no amount to take it from"))
    }

    /// The net amount as stated, with the discount that explains it.
    fn net(
        &self,
        at: &str,
        line: &Object,
        quantity: Quantity,
        gross: Decimal,
        disagreements: &mut Vec<Disagreement>,
    ) -> Result<(Decimal, Option<Discount>)> {
        let readings = self.discounts(at, line, quantity, gross)?;
        let stated = positive(line, at, "amount")?.map(|amount| self.minor(amount));
        let first = readings.first().copied().unwrap_or_default();
        let Some(net) = stated else {
            let net = self.minor(gross - first);
            if net < Decimal::ZERO {
                return Err(refuse(At(at, "discount"), "the discount is more than the line comes to"));
            }
            return Ok((net, named(line, self.minor(first))));
        };
        let off = self.minor(gross - net);
        let explains = |discount: &Decimal| (gross - discount - net).abs() <= TOLERANCE;
        if readings.is_empty() && explains(&Decimal::ZERO) {
            return Ok((net, None));
        }
        if readings.iter().any(explains) {
            return Ok((net, named(line, off)));
        }
        disagreements.push(Disagreement {
            path: At(at, "amount").to_string(),
            stated: net,
            computed: self.minor(gross - first),
            parts: "price, quantity and discount".to_owned(),
        });
        Ok((net, named(line, off)))
    }

    /// What the line's discount may come to, the most telling first. `discount` is an amount per unit; that is not
    /// documented for every portal, so where the stated amounts say otherwise the other reading is good too.
    fn discounts(&self, at: &str, line: &Object, quantity: Quantity, gross: Decimal) -> Result<Vec<Decimal>> {
        let total = positive(line, at, "hs_total_discount")?;
        let each = positive(line, at, "discount")?;
        let percent = positive(line, at, "hs_discount_percentage")?;
        let too_large = |name| refuse(At(at, name), "the discount is too large");
        let per_unit = each.map(|each| {
            let product = each.checked_mul(quantity.get()).filter(|product| *product < LARGEST);
            product.ok_or_else(|| too_large("discount"))
        });
        let share = percent.map(|percent| -> Result<Decimal> {
            let product = gross.checked_mul(percent).filter(|product| *product < LARGEST);
            let product = product.ok_or_else(|| too_large("hs_discount_percentage"))?;
            Ok(self.minor(product / Decimal::ONE_HUNDRED))
        });
        let readings = [total, per_unit.transpose()?, share.transpose()?, each];
        Ok(readings.into_iter().flatten().filter(|discount| !discount.is_zero()).collect())
    }

    /// The tax of the line's group, and which of the record's rates that is.
    fn tax(&self, at: &str, line: &Object) -> Result<(ItemTax, Option<usize>)> {
        let Some(group) = line.property("hs_tax_rate_group_id") else {
            return Ok((if self.taxed { ItemTax::Untaxed } else { ItemTax::NotCarried }, None));
        };
        let field = At(at, "hs_tax_rate_group_id");
        let found = self.record.tax_rates().enumerate().find(|(_, rate)| rate.id.get() == Some(group));
        let (index, wire) = found
            .ok_or_else(|| refuse(field, format_args!("tax_rates has no rate with the id {group:?}")))?;
        let rate_at = format_args!("tax_rates[{index}].percentageRate");
        let percent =
            wire.percentage.ok_or_else(|| refuse(rate_at, "missing: an invoice states the rate"))?;
        let rate = Rate::percent(percent.0).map_err(|e| refuse(rate_at, e))?;
        let amount = positive(line, at, "hs_tax_amount")?.map(|amount| self.minor(amount));
        let name = wire.label.clone().or_else(|| wire.name.clone());
        let applied = AppliedTax { id: Some(group.to_owned()), name, rate, amount };
        Ok((ItemTax::Applied(vec![applied]), Some(index)))
    }

    /// Amount and tax against `hs_post_tax_amount`.
    fn compare_tax(
        &self,
        at: &str,
        line: &Object,
        net: Decimal,
        tax: &ItemTax,
        disagreements: &mut Vec<Disagreement>,
    ) -> Result<()> {
        let stated = decimal(line, at, "hs_post_tax_amount")?;
        let amount = match tax {
            ItemTax::Applied(taxes) => taxes.iter().find_map(|tax| tax.amount),
            _ => Some(Decimal::ZERO),
        };
        let computed = amount.and_then(|amount| net.checked_add(amount));
        if let (Some(stated), Some(computed)) = (stated, computed)
            && stated.checked_sub(computed).is_none_or(|off| off.abs() > TOLERANCE)
        {
            disagreements.push(Disagreement {
                path: At(at, "hs_post_tax_amount").to_string(),
                stated,
                computed,
                parts: "amount and tax".to_owned(),
            });
        }
        Ok(())
    }
}

fn named(line: &Object, amount: Decimal) -> Option<Discount> {
    let percent =
        line.property("hs_discount_percentage").filter(|percent| percent.parse() != Ok(Decimal::ZERO));
    let name = percent.map(|percent| format!("{percent} %"));
    (amount > Decimal::ZERO).then_some(Discount { name, amount })
}
