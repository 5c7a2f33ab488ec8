//! What a missed duty costs, so that an alarm can say what is at stake.

use super::{Source, naira};
use rust_decimal::Decimal;

/// A supply not processed through the fiscalisation system: a fixed sum and the whole tax due. Interest at the central
/// bank's policy rate comes on top and is not computed here ("2 % above" is not in the text found).
pub const NOT_PROCESSED: (Decimal, Source) = (naira(200_000), Source::official("NTAA 2025, s.104"));

/// Refusing access for technology after 30 days of notice: the first day, and each further one.
pub const REFUSED_ACCESS: (Decimal, Decimal, Source) =
    (naira(1_000_000), naira(10_000), Source::official("NTAA 2025, s.103"));

/// Not deducting or withholding: this percentage of the amount.
pub const NOT_WITHHELD: (Decimal, Source) = (naira(40), Source::official("NTAA 2025, s.105"));

/// The penalty for one supply that was not processed, before interest; none where the sum exceeds 28 digits.
#[must_use]
pub fn not_processed(tax_due: Decimal) -> Option<Decimal> {
    NOT_PROCESSED.0.checked_add(tax_due.max(Decimal::ZERO))
}

/// The penalty after so many days of refused access, the first included.
#[must_use]
pub fn refused_access(days: u32) -> Decimal {
    match days.checked_sub(1) {
        None => Decimal::ZERO,
        Some(further) => REFUSED_ACCESS.0 + REFUSED_ACCESS.1 * Decimal::from(further),
    }
}

/// The penalty for an amount not withheld.
#[must_use]
pub fn not_withheld(amount: Decimal) -> Option<Decimal> {
    amount.max(Decimal::ZERO).checked_mul(NOT_WITHHELD.0)?.checked_div(Decimal::ONE_HUNDRED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn penalties_come_to_what_the_sections_say() {
        assert_eq!(not_processed(naira(7_500)), Some(naira(207_500)));
        assert_eq!(not_processed(Decimal::MAX), None);
        assert_eq!([0, 1, 2, 31].map(refused_access), [0, 1_000_000, 1_010_000, 1_300_000].map(naira));
        assert_eq!(not_withheld(naira(1_000)), Some(naira(400)));
    }
}
