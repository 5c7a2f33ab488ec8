//! One comparison that the published rules do in binary floating point, done the same way.

use rust_decimal::Decimal;
use std::cmp::Ordering;

/// Whether `base` is less than 1 away from `stated`, as BR-S-08, BR-AF-08 and BR-AG-08 find it: they add 1 to the stated
/// amount, and take 1 from it, as an IEEE double, and compare the double's exact value. Where the two are exactly 1
/// apart, the rounding of that double decides. No amount of a document comes from here.
#[allow(clippy::disallowed_types, reason = "the published rule computes in doubles; this repeats it")]
pub(super) fn less_than_one_apart(stated: Decimal, base: Decimal) -> bool {
    let Ok(double) = stated.to_string().parse::<f64>() else { return false };
    order(double - 1.0, base) == Some(Ordering::Less) && order(double + 1.0, base) == Some(Ordering::Greater)
}

/// How the exact value of a double stands to a decimal.
#[allow(clippy::disallowed_types, reason = "see above")]
fn order(double: f64, decimal: Decimal) -> Option<Ordering> {
    let nearest = decimal.to_string().parse::<f64>().ok()?;
    if double != nearest {
        return double.partial_cmp(&nearest);
    }
    // Both round to the same double, so only their digits can tell. A double this large has no more than 120.
    let exact = digits(&format!("{:.120}", double.abs())).cmp(&digits(&decimal.abs().to_string()));
    Some(if double < 0.0 { exact.reverse() } else { exact })
}

/// A number without sign as text that sorts like it.
fn digits(number: &str) -> (usize, String, String) {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('0');
    (whole.len(), whole.to_owned(), fraction.trim_end_matches('0').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_apart_is_decided_as_the_published_rules_do() {
        // Verdicts of the official rules, from their own engine.
        for (stated, base, passes) in [
            ("314.86", "315.86", true),
            ("100.00", "101.00", false),
            ("100.00", "99.00", false),
            ("100.00", "100.99", true),
            ("100.00", "101.01", false),
            ("-5.00", "-4.00", false),
        ] {
            let [stated_amount, base_amount] = [stated, base].map(|text| text.parse().unwrap());
            assert_eq!(less_than_one_apart(stated_amount, base_amount), passes, "{stated} {base}");
        }
    }
}
