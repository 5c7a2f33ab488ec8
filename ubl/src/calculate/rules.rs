//! The rules of rounding, each with a name and its source.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// A rule as data: what to call it, what it does and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundingRule {
    /// The name in settings and logs, never changed: `half_up`.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Who prescribes or uses it.
    pub source: &'static str,
}

/// Which way an amount goes that lies between two that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rounding {
    /// To the nearest; half way, away from zero, so that a credit note mirrors its invoice.
    #[default]
    HalfUp,
    /// To the nearest; half way, to the even neighbour.
    HalfEven,
    /// Towards zero. In a currency without decimals the tax may then be 0.995 and more below its rate, for which
    /// BR-CO-17 fires; [`tax_differences`](crate::tax_differences) tells.
    Down,
}

impl Rounding {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::HalfUp, Self::HalfEven, Self::Down];

    /// Its name and source.
    #[must_use]
    pub const fn rule(self) -> RoundingRule {
        match self {
            Self::HalfUp => RoundingRule {
                name: "half_up",
                summary: "To the nearest; half way, away from zero.",
                source: "EN 16931: its official rules compute with XPath's round(), which is the same above zero (BR-CO-17)",
            },
            Self::HalfEven => RoundingRule {
                name: "half_even",
                summary: "To the nearest; half way, to the even neighbour.",
                source: "IEEE 754 roundTiesToEven; tills such as Square's (Orders API, price adjustments)",
            },
            Self::Down => RoundingRule {
                name: "down",
                summary: "Towards zero.",
                source: "one of the three methods the National Tax Agency of Japan leaves to the seller (invoice system Q&A, rounding of fractions)",
            },
        }
    }

    pub(super) const fn strategy(self) -> RoundingStrategy {
        match self {
            Self::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Self::HalfEven => RoundingStrategy::MidpointNearestEven,
            Self::Down => RoundingStrategy::ToZero,
        }
    }

    /// `numerator ÷ denominator` as a whole number; none for a denominator of zero.
    pub(super) fn quotient(self, numerator: i128, denominator: i128) -> Option<i128> {
        let quotient = numerator.checked_div(denominator)?;
        let rest = (numerator - quotient * denominator).unsigned_abs();
        if rest == 0 {
            return Some(quotient);
        }
        // The distances to the neighbour nearer to zero and to the one away from it.
        let other = denominator.unsigned_abs() - rest;
        let away = match self {
            Self::HalfUp => rest >= other,
            Self::HalfEven => rest > other || (rest == other && quotient % 2 != 0),
            Self::Down => false,
        };
        let step = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
        Some(if away { quotient + step } else { quotient })
    }
}

/// How often tax is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaxRounding {
    /// Once for all members of a category and rate.
    #[default]
    PerGroup,
    /// For each line, allowance and charge; the tax of a group is their sum. Of many lines the roundings may add up to
    /// the 1.00 at which BR-CO-17 fires; [`tax_differences`](crate::tax_differences) tells.
    PerLine,
}

impl TaxRounding {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::PerGroup, Self::PerLine];

    /// Its name and source.
    #[must_use]
    pub const fn rule(self) -> RoundingRule {
        match self {
            Self::PerGroup => RoundingRule {
                name: "per_group",
                summary: "Tax is rounded once for each category and rate.",
                source: "EN 16931 BT-117 (BR-CO-17, BR-S-09); in Japan the law (invoice system Q&A, rounding of fractions)",
            },
            Self::PerLine => RoundingRule {
                name: "per_line",
                summary: "Tax is rounded for each line, allowance and charge, then added up.",
                source: "tills that print the tax of each line; the tolerance of 1.00 in BR-CO-17 is for them",
            },
        }
    }
}

/// Where the smallest unit goes that tax-inclusive prices may leave over. At 7.5 % no amount gives 0.07 with its tax:
/// 0.06 gives 0.06, and 0.07 gives 0.08.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Leftover {
    /// Into the tax: rate ÷ (100 + rate) of the inclusive sum, rounded, is tax, and the rest is what is taxed. Both always
    /// give the inclusive sum again; the tax may be one unit beside rate × taxable amount, which BR-CO-17 allows, unless
    /// the unit is 1.00 and the rate nearly 100 %.
    #[default]
    InTax,
    /// Into the rounding amount (BT-114): the tax is always rate × taxable amount, and only where no taxable amount
    /// gives the inclusive sum with its tax is what is left over taken up there, so that the payable amount is the
    /// inclusive sum again. Of several taxable amounts that leave as little, it is the one nearest the exact one, then
    /// the smaller.
    InRounding,
}

impl Leftover {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::InTax, Self::InRounding];

    /// Its name and source.
    #[must_use]
    pub const fn rule(self) -> RoundingRule {
        match self {
            Self::InTax => RoundingRule {
                name: "in_tax",
                summary: "The tax is taken out of the inclusive sum; net and tax always give it again.",
                source: "tax as rate ÷ (100 + rate) of the inclusive sum of each rate, as the National Tax Agency of Japan gives it (invoice system Q&A); BR-CO-17 allows it",
            },
            Self::InRounding => RoundingRule {
                name: "in_rounding",
                summary: "The tax is rate × taxable amount; what is left over goes into the rounding amount.",
                source: "EN 16931 BT-117 as written, and BT-114",
            },
        }
    }
}

/// How the amount to pay is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PayableRounding {
    /// By `totals.rounding_amount` as it stands (BT-114).
    #[default]
    Stated,
    /// To a multiple of what can be paid in cash. What that takes is added to `totals.rounding_amount`.
    ToStep {
        /// The smallest coin: `0.05`.
        step: Decimal,
        /// Which way.
        rounding: Rounding,
    },
}

impl PayableRounding {
    /// Its name and source.
    #[must_use]
    pub const fn rule(self) -> RoundingRule {
        match self {
            Self::Stated => RoundingRule {
                name: "stated",
                summary: "The rounding amount is what the document states.",
                source: "EN 16931 BT-114 (BR-CO-16)",
            },
            Self::ToStep { .. } => RoundingRule {
                name: "to_step",
                summary: "The payable amount is a multiple of the smallest coin.",
                source: "EN 16931 BT-114, whose use is the rounding of cash; the step is the country's",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_rounds_as_its_name_says() {
        let tenths = [-25, -16, -15, -14, -5, 0, 4, 5, 6, 15, 25, 26];
        let rounded = |rounding: Rounding| tenths.map(|n| rounding.quotient(n, 10).unwrap());
        assert_eq!(rounded(Rounding::HalfUp), [-3, -2, -2, -1, -1, 0, 0, 1, 1, 2, 3, 3]);
        assert_eq!(rounded(Rounding::HalfEven), [-2, -2, -2, -1, 0, 0, 0, 0, 1, 2, 2, 3]);
        assert_eq!(rounded(Rounding::Down), [-2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 2, 2]);
        for rounding in Rounding::ALL {
            assert_eq!(rounding.quotient(1, 0), None);
            assert_eq!(rounding.quotient(i128::MIN, -1), None);
            assert_eq!(rounding.quotient(-25, -10), rounding.quotient(25, 10));
        }
    }

    #[test]
    fn a_rule_is_called_in_settings_what_it_is_called_in_logs() {
        let written = |value: &dyn erased::Named| value.written();
        for rule in Rounding::ALL {
            assert_eq!(written(rule), rule.rule().name);
        }
        for rule in TaxRounding::ALL {
            assert_eq!(written(rule), rule.rule().name);
        }
        for rule in Leftover::ALL {
            assert_eq!(written(rule), rule.rule().name);
        }
        assert_eq!(written(&PayableRounding::Stated), PayableRounding::Stated.rule().name);
    }

    mod erased {
        pub(super) trait Named {
            fn written(&self) -> String;
        }

        impl<T: serde::Serialize> Named for T {
            fn written(&self) -> String {
                serde_json::to_value(self).unwrap().as_str().unwrap().to_owned()
            }
        }
    }
}
