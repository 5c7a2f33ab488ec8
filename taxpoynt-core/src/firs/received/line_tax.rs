//! Which line bears which tax: the authority's JSON says the tax of the whole document only, a UBL line needs its own.
//!
//! With one rate there is nothing to find out. With several, the amounts of each rate must add up to its taxable amount:
//! amounts are divided among the rates until they do, goods of one code together before one by one.

use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Trials before a division counts as not found.
const TRIALS: u32 = 200_000;

/// An amount to be divided: a line, an allowance (negative) or a charge.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) amount: Decimal,
    /// What it is; the same is most likely taxed the same.
    pub(super) code: String,
}

/// How the amounts fall to the rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Division {
    /// For each part the place of its rate; the taxable amounts add up.
    Found(Vec<usize>),
    /// No division adds up.
    Impossible,
    /// None was found within the trials.
    GivenUp,
}

/// Divides `parts` among rates with these taxable amounts.
pub(super) fn divide(parts: &[Part], taxable: &[Decimal]) -> Division {
    if taxable.len() == 1 {
        return Division::Found(vec![0; parts.len()]);
    }
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, part) in parts.iter().enumerate() {
        groups.entry(&part.code).or_default().push(place);
    }
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    if let Division::Found(found) = search(parts, &groups, taxable) {
        return Division::Found(found);
    }
    let single: Vec<Vec<usize>> = (0..parts.len()).map(|place| vec![place]).collect();
    search(parts, &single, taxable)
}

fn search(parts: &[Part], groups: &[Vec<usize>], taxable: &[Decimal]) -> Division {
    let sum = |group: &Vec<usize>| {
        group.iter().try_fold(Decimal::ZERO, |sum, place| sum.checked_add(parts.get(*place)?.amount))
    };
    let Some(mut sums) =
        groups.iter().enumerate().map(|(g, group)| Some((sum(group)?, g))).collect::<Option<Vec<_>>>()
    else {
        return Division::Impossible;
    };
    // Large ones first: they leave the fewest ways.
    sums.sort_by(|a, b| b.0.abs().cmp(&a.0.abs()).then(a.1.cmp(&b.1)));
    let mut trial = Trial { sums: &sums, left: taxable.to_vec(), chosen: Vec::new(), trials: 0 };
    if !trial.run() {
        return if trial.trials > TRIALS { Division::GivenUp } else { Division::Impossible };
    }
    let mut found = vec![0; parts.len()];
    for ((_, group), rate) in sums.iter().zip(&trial.chosen) {
        for place in groups.get(*group).into_iter().flatten() {
            if let Some(of_part) = found.get_mut(*place) {
                *of_part = *rate;
            }
        }
    }
    Division::Found(found)
}

struct Trial<'a> {
    sums: &'a [(Decimal, usize)],
    left: Vec<Decimal>,
    chosen: Vec<usize>,
    trials: u32,
}

impl Trial<'_> {
    /// Depth first without recursion: a document may have thousands of lines.
    fn run(&mut self) -> bool {
        let mut next = 0;
        loop {
            self.trials += 1;
            if self.trials > TRIALS {
                return false;
            }
            if self.chosen.len() == self.sums.len() && self.left.iter().all(Decimal::is_zero) {
                return true;
            }
            if self.take(next) {
                next = 0;
                continue;
            }
            match self.give_back() {
                Some(rate) => next = rate + 1,
                None => return false,
            }
        }
    }

    /// Puts the next amount to the first rate from `from` on that has room for it.
    fn take(&mut self, from: usize) -> bool {
        let Some((amount, _)) = self.sums.get(self.chosen.len()) else { return false };
        for (rate, left) in self.left.iter_mut().enumerate().skip(from) {
            let Some(rest) = left.checked_sub(*amount) else { continue };
            // Negative amounts come too, so only sums of positive ones may be cut short.
            let fits = !rest.is_sign_negative()
                || rest.is_zero()
                || self.sums.iter().any(|(a, _)| a.is_sign_negative());
            if fits {
                *left = rest;
                self.chosen.push(rate);
                return true;
            }
        }
        false
    }

    fn give_back(&mut self) -> Option<usize> {
        let rate = self.chosen.pop()?;
        let (amount, _) = self.sums.get(self.chosen.len())?;
        let left = self.left.get_mut(rate)?;
        *left = left.checked_add(*amount)?;
        Some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(amounts: &[(&str, &str)]) -> Vec<Part> {
        amounts
            .iter()
            .map(|(a, code)| Part { amount: a.parse().unwrap(), code: (*code).to_owned() })
            .collect()
    }

    fn rates(amounts: &[&str]) -> Vec<Decimal> {
        amounts.iter().map(|a| a.parse().unwrap()).collect()
    }

    #[test]
    fn amounts_fall_to_the_rates_they_add_up_to() {
        let lines = parts(&[("100", "a"), ("50.50", "b"), ("49.50", "c"), ("-10", "d")]);
        let Division::Found(found) = divide(&lines, &rates(&["139.50", "50.50"])) else {
            panic!("no division")
        };
        for (rate, taxable) in [(0, "139.50"), (1, "50.50")] {
            let sum: Decimal =
                lines.iter().zip(&found).filter(|(_, r)| **r == rate).map(|(p, _)| p.amount).sum();
            assert_eq!(sum, taxable.parse().unwrap());
        }
    }

    #[test]
    fn goods_of_one_code_stay_together_where_they_can() {
        let lines = parts(&[("10", "rice"), ("20", "rice"), ("10", "soap"), ("20", "soap")]);
        let Division::Found(found) = divide(&lines, &rates(&["30", "30"])) else { panic!("no division") };
        assert_eq!((found[0], found[2]), (found[1], found[3]));
        let lines = parts(&[("10", "rice"), ("20", "rice")]);
        assert!(
            matches!(divide(&lines, &rates(&["10", "20"])), Division::Found(_)),
            "and are parted where they must"
        );
    }

    #[test]
    fn what_does_not_add_up_is_told_and_no_search_is_endless() {
        assert_eq!(divide(&parts(&[("10", "a")]), &rates(&["4", "7"])), Division::Impossible);
        assert_eq!(divide(&parts(&[("10", "a")]), &[]), Division::Impossible);
        assert_eq!(divide(&[], &rates(&["0", "0"])), Division::Found(vec![]));
        // Even amounts, an odd sum of one rate: every division would have to be tried.
        let lines: Vec<Part> =
            (0..60_i64).map(|n| Part { amount: Decimal::from(1000 + 2 * n), code: n.to_string() }).collect();
        let total: Decimal = lines.iter().map(|p| p.amount).sum();
        let odd = Decimal::from(20_001);
        assert_eq!(divide(&lines, &[odd, total - odd]), Division::GivenUp);
        let most = vec![Part { amount: Decimal::MAX, code: String::new() }; 3];
        assert_ne!(divide(&most, &rates(&["1", "2"])), Division::Found(vec![0, 0, 0]));
    }
}
