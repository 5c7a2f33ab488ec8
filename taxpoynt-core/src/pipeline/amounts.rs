//! Amounts in sentences, and the splitting of one amount over several taxes without losing a kobo.

use crate::model::Disagreement;
use crate::store::Held;
use rust_decimal::Decimal;
use taxpoynt_ubl::{Currency, Money, round_half_up};

/// Why a sale whose numbers contradict each other waits.
pub(super) fn totals_disagree(disagreements: &[Disagreement], currency: Currency) -> Option<Held> {
    let first = disagreements.first()?;
    let difference = first.stated - first.computed;
    let direction = if difference.is_sign_negative() { "too little" } else { "too much" };
    let more = match disagreements.len() {
        1 => String::new(),
        2 => " (1 more contradiction)".to_owned(),
        n => format!(" ({} more contradictions)", n - 1),
    };
    let message = format!(
        "{} says {}, but its {} come to {}: {} {direction}{more}.",
        first.path,
        Money::new(first.stated, currency),
        first.parts,
        Money::new(first.computed, currency),
        Money::new(difference.abs(), currency),
    );
    Some(Held { code: "totals_disagree".into(), message })
}

/// Splits `amount` in proportion to `weights`; the parts sum to it exactly (largest remainder, ties to the first).
pub(super) fn split(amount: Decimal, weights: &[Decimal], places: u32) -> Vec<Decimal> {
    let total: Decimal = weights.iter().copied().sum();
    if total.is_zero() || weights.is_empty() {
        return weights
            .iter()
            .enumerate()
            .map(|(i, _)| if i == 0 { amount } else { Decimal::ZERO })
            .collect();
    }
    let step = Decimal::new(1, places);
    let exact: Vec<Decimal> = weights.iter().map(|w| amount * *w / total).collect();
    let mut parts: Vec<Decimal> = exact.iter().map(|e| e.trunc_with_scale(places)).collect();
    let mut rest = round_half_up(amount, places) - parts.iter().copied().sum::<Decimal>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| (exact[b] - parts[b]).abs().cmp(&(exact[a] - parts[a]).abs()).then(a.cmp(&b)));
    let unit = if rest.is_sign_negative() { -step } else { step };
    for index in order {
        if rest.is_zero() {
            break;
        }
        parts[index] += unit;
        rest -= unit;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_sentence_says_by_how_much_and_where() {
        let disagreement = Disagreement {
            path: "order.total_money".into(),
            stated: Decimal::new(3_084_207, 2),
            computed: Decimal::new(3_084_206, 2),
            parts: "lines, service charges, tip and rounding".into(),
        };
        let held = totals_disagree(&[disagreement], Currency::NGN).unwrap();
        assert_eq!(
            held.message,
            "order.total_money says 30842.07 NGN, but its lines, service charges, tip and rounding come to \
             30842.06 NGN: 0.01 NGN too much."
        );
    }

    proptest! {
        #[test]
        fn a_split_amount_keeps_every_kobo(amount in 0i64..10_000_000, weights in prop::collection::vec(0i64..1_000_000, 1..8)) {
            let amount = Decimal::new(amount, 2);
            let weights: Vec<Decimal> = weights.into_iter().map(|w| Decimal::new(w, 2)).collect();
            prop_assert_eq!(split(amount, &weights, 2).into_iter().sum::<Decimal>(), amount);
        }
    }
}
