//! Square's arithmetic: banker's rounding, and a total that is rounded once and then shared out over the lines.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive as _};

fn round(amount: Decimal) -> i64 {
    amount.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven).to_i64().unwrap_or(i64::MAX)
}

/// A price times a quantity, in minor units.
pub(super) fn times(price: i64, quantity: Decimal) -> i64 {
    Decimal::from(price).checked_mul(quantity).map_or(i64::MAX, round)
}

/// A percentage of an amount, in minor units.
pub(super) fn percent_of(amount: i64, percent: Decimal) -> i64 {
    Decimal::from(amount)
        .checked_mul(percent)
        .map_or(i64::MAX, |product| round(product / Decimal::ONE_HUNDRED))
}

/// Shares out a total in proportion to weights by the largest remainder, so that the shares add up to it.
pub(super) fn share(total: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().copied().map(i128::from).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<i128> = weights.iter().map(|weight| i128::from(total) * i128::from(*weight)).collect();
    let mut shares: Vec<i128> = exact.iter().map(|product| product.div_euclid(whole)).collect();
    let missing = i128::from(total) - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(exact[*at].rem_euclid(whole)));
    for at in order.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        shares[at] += 1;
    }
    shares.into_iter().map(|share| i64::try_from(share).unwrap_or(i64::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_rounds_to_the_even_neighbour() {
        assert_eq!(times(5, "0.5".parse().unwrap()), 2);
        assert_eq!(times(7, "0.5".parse().unwrap()), 4);
        assert_eq!(percent_of(6099, "0.5".parse().unwrap()), 30);
        assert_eq!(percent_of(6069, Decimal::from(5)), 303);
    }

    /// The worked example of Square's documentation: 0.5 % and then 5 % off two lines, one of them 1.00 less, 9 % tax.
    #[test]
    fn shares_follow_squares_own_worked_example() {
        assert_eq!(share(30, &[1599, 4500]), [8, 22]);
        assert_eq!(share(303, &[1591, 4478]), [79, 224]);
        assert_eq!(share(510, &[1512, 4154]), [136, 374]);
    }

    #[test]
    fn shares_add_up_whatever_the_weights() {
        for total in [0, 1, 2, 7, 100, 365_398] {
            assert_eq!(share(total, &[1, 1, 1, 5, 0]).iter().sum::<i64>(), total);
        }
        assert_eq!(share(5, &[0, 0]), [0, 0]);
    }
}
