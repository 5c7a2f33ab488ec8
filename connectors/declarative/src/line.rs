//! One line: what the platform's own figures come to, with tax inside the price or beside it, and whether they agree.

use rust_decimal::Decimal;
use taxpoynt_core::{Error, Result, model::Disagreement};
use taxpoynt_ubl::{Quantity, round_half_up};

/// Peppol R120: quantity × price − discounts may miss the line's net amount by this much.
const TOLERANCE: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// No amount is this large. Below it, sums and differences of a few amounts cannot leave the decimal type.
const LARGEST: Decimal = Decimal::from_parts(0, 0, 0x0100_0000, false, 0);

/// A price without tax has this many decimals at most.
const PRICE_PLACES: u32 = 10;

/// A line's figures as the platform states them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stated {
    pub(crate) quantity: Option<Decimal>,
    pub(crate) unit_price: Option<Decimal>,
    pub(crate) percent_off: Option<Decimal>,
    pub(crate) off: Option<Decimal>,
    pub(crate) off_each: Option<Decimal>,
    pub(crate) sum: Option<Decimal>,
    /// The tax that is inside price, discounts and sum; none: it stands beside them.
    pub(crate) included: Option<Decimal>,
}

/// What a line comes to, without tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) quantity: Quantity,
    pub(crate) unit_price: Decimal,
    pub(crate) discount: Decimal,
    pub(crate) net: Decimal,
    /// The tax that was inside.
    pub(crate) tax: Option<Decimal>,
}

/// Where a line's figures stand, for errors.
pub(crate) struct At<'a> {
    pub(crate) operation: &'static str,
    pub(crate) place: &'a dyn Fn(&str) -> String,
    pub(crate) minor_units: u32,
}

impl At<'_> {
    pub(crate) fn refuse(&self, field: &str, message: &str) -> Error {
        let place = (self.place)(field);
        let message = format!("{place}: {message}");
        Error::payload(self.operation, place, message)
    }

    /// Rounded to the minor unit, which is all that an invoice can state.
    fn minor(&self, amount: Decimal) -> Decimal {
        if amount.scale() > self.minor_units { round_half_up(amount, self.minor_units) } else { amount }
    }

    /// That a figure is one an invoice can hold.
    pub(crate) fn check(&self, field: &str, value: Option<Decimal>) -> Result<Option<Decimal>> {
        match value {
            Some(value) if value.abs() >= LARGEST => Err(self.refuse(field, "is too large for an amount")),
            Some(value) if value < Decimal::ZERO => Err(self.refuse(field, "cannot be negative")),
            value => Ok(value),
        }
    }
}

impl Stated {
    /// What they come to. Amounts are copied: where the stated sum is not what price, quantity and discount make, that is
    /// a disagreement, and the sale is held.
    pub(crate) fn line(&self, at: &At<'_>, disagreements: &mut Vec<Disagreement>) -> Result<Line> {
        let quantity = Quantity::new(at.check("quantity", self.quantity)?.unwrap_or(Decimal::ONE))
            .map_err(|error| at.refuse("quantity", &error.to_string()))?;
        let sum = at.check("sum", self.sum)?.map(|sum| at.minor(sum));
        let price = match (at.check("unit_price", self.unit_price)?, sum) {
            (Some(price), _) => price,
            (None, Some(sum)) => sum
                .checked_div(quantity.get())
                .map(|price| round_half_up(price, PRICE_PLACES).normalize())
                .ok_or_else(|| at.refuse("quantity", "cannot be 0 where the line has no price"))?,
            (None, None) => {
                return Err(at.refuse("unit_price", "missing, and the line has no sum to take it from"));
            }
        };
        let too_large = || at.refuse("unit_price", "price × quantity is too large");
        let gross =
            price.checked_mul(quantity.get()).filter(|gross| *gross < LARGEST).ok_or_else(too_large)?;
        let after = self.after(at, quantity, gross, sum, disagreements)?;
        Ok(match self.included {
            Some(percent) if percent > Decimal::ZERO => self.without_tax(at, quantity, price, after, percent),
            _ => {
                let discount = at.minor(gross - after).max(Decimal::ZERO).normalize();
                Line { quantity, unit_price: price, discount, net: after, tax: None }
            }
        })
    }

    /// What the line comes to after its discount.
    fn after(
        &self,
        at: &At<'_>,
        quantity: Quantity,
        gross: Decimal,
        sum: Option<Decimal>,
        disagreements: &mut Vec<Disagreement>,
    ) -> Result<Decimal> {
        let readings = self.discounts(at, quantity, gross)?;
        let first = readings.first().copied().unwrap_or_default();
        let Some(sum) = sum else {
            let after = at.minor(gross - first);
            if after < Decimal::ZERO {
                return Err(at.refuse("discount.amount", "the discount is more than the line comes to"));
            }
            return Ok(after);
        };
        let explains = |discount: &Decimal| (gross - discount - sum).abs() <= TOLERANCE;
        let agrees =
            if readings.is_empty() { explains(&Decimal::ZERO) } else { readings.iter().any(explains) };
        if !agrees {
            disagreements.push(Disagreement {
                path: (at.place)("sum"),
                stated: sum,
                computed: at.minor(gross - first),
                parts: "price, quantity and discount".to_owned(),
            });
        }
        Ok(sum)
    }

    /// What the discount may come to: of an amount it is not always documented whether it is off the line or off each unit.
    fn discounts(&self, at: &At<'_>, quantity: Quantity, gross: Decimal) -> Result<Vec<Decimal>> {
        let times = |field: &str, a: Decimal, b: Decimal| {
            let product = a.checked_mul(b).filter(|product| *product < LARGEST);
            product.ok_or_else(|| at.refuse(field, "the discount is too large"))
        };
        let share = match at.check("discount.percent", self.percent_off)? {
            Some(percent) => Some(times("discount.percent", gross, percent)? / Decimal::ONE_HUNDRED),
            None => None,
        };
        let off = at.check("discount.amount", self.off)?;
        let each = match at.check("discount.each", self.off_each)? {
            Some(each) => Some(times("discount.each", each, quantity.get())?),
            None => None,
        };
        Ok([share, off, each].into_iter().flatten().filter(|discount| !discount.is_zero()).collect())
    }

    /// The tax taken out of what holds it.
    fn without_tax(
        &self,
        at: &At<'_>,
        quantity: Quantity,
        price: Decimal,
        after: Decimal,
        percent: Decimal,
    ) -> Line {
        let factor = Decimal::ONE + percent / Decimal::ONE_HUNDRED;
        let net = at.minor(after / factor);
        let unit_price = round_half_up(price / factor, PRICE_PLACES).normalize();
        let gross = unit_price.checked_mul(quantity.get()).unwrap_or(net);
        let discount = at.minor(gross - net);
        // A cent of rounding is no discount.
        let discount = if discount <= TOLERANCE { Decimal::ZERO } else { discount };
        Line { quantity, unit_price, discount, net, tax: Some(after - net) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Decimal> {
        Some(text.parse().unwrap())
    }

    fn line(stated: Stated) -> Result<(Line, Vec<Disagreement>)> {
        let at = At { operation: "test", place: &|field| format!("products[0].{field}"), minor_units: 2 };
        let mut disagreements = Vec::new();
        stated.line(&at, &mut disagreements).map(|line| (line, disagreements))
    }

    fn figures(stated: Stated) -> [String; 4] {
        let (line, disagreements) = line(stated).unwrap();
        let found = disagreements.len();
        [
            line.unit_price.to_string(),
            line.discount.to_string(),
            line.net.to_string(),
            format!("{:?} {found}", line.tax),
        ]
    }

    #[test]
    fn a_percent_off_leaves_the_stated_sum() {
        let stated = Stated {
            quantity: number("3"),
            unit_price: number("205000.15"),
            percent_off: number("10"),
            sum: number("553500.41"),
            ..Stated::default()
        };
        assert_eq!(figures(stated), ["205000.15", "61500.04", "553500.41", "None 0"]);
    }

    #[test]
    fn the_sum_tells_whether_an_amount_is_off_the_line_or_off_each_unit() {
        let stated = |sum| Stated {
            quantity: number("4"),
            unit_price: number("100"),
            off: number("10"),
            off_each: number("10"),
            sum,
            ..Stated::default()
        };
        assert_eq!(figures(stated(number("390")))[1..], ["10", "390", "None 0"]);
        assert_eq!(figures(stated(number("360")))[1..], ["40", "360", "None 0"]);
        assert_eq!(figures(stated(None))[1..], ["10", "390", "None 0"]);
        let (_, disagreements) = line(stated(number("350"))).unwrap();
        assert_eq!(
            (disagreements[0].path.as_str(), disagreements[0].computed),
            ("products[0].sum", Decimal::from(390))
        );
    }

    #[test]
    fn tax_inside_is_taken_out_and_not_a_cent_is_lost() {
        let stated = Stated {
            quantity: number("2"),
            unit_price: number("107.50"),
            percent_off: number("10"),
            included: number("7.5"),
            ..Stated::default()
        };
        assert_eq!(figures(stated), ["100", "20", "180", "Some(13.50) 0"]);
    }

    #[test]
    fn a_line_without_a_price_takes_it_from_its_sum() {
        let stated = Stated { quantity: number("3"), sum: number("100"), ..Stated::default() };
        assert_eq!(figures(stated), ["33.3333333333", "0", "100", "None 0"]);
    }

    #[test]
    fn figures_that_no_invoice_holds_are_refused_by_name() {
        let refused = |stated| line(stated).unwrap_err().get("field").unwrap().to_owned();
        let price = Stated { unit_price: number("1"), ..Stated::default() };
        assert_eq!(refused(Stated::default()), "products[0].unit_price");
        assert_eq!(
            refused(Stated { unit_price: number("-1"), ..Stated::default() }),
            "products[0].unit_price"
        );
        assert_eq!(refused(Stated { quantity: number("-1"), ..price }), "products[0].quantity");
        assert_eq!(refused(Stated { off: number("2"), ..price }), "products[0].discount.amount");
        assert_eq!(
            refused(Stated { sum: number("79228162514264337593543950335"), ..price }),
            "products[0].sum"
        );
    }
}
