//! An ideal schedule that knows nothing of the engine: one document at a time, companies first, then whoever is due
//! soonest and can still make it.

use super::traffic::Sale;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

/// The authority as the schedule sees it. Times are milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// A call takes this long, and one is answered after the other.
    pub call: i64,
    /// Nothing is answered from here to there.
    pub outage: (i64, i64),
}

/// Calls of a consumer's sale up to its signature, and in all: validate, sign; confirm.
pub const B2C_CALLS: (i64, i64) = (2, 3);

/// Calls of a company's sale: validate, sign, transmit, confirm.
pub const B2B_CALLS: i64 = 4;

/// How many consumers' sales the ideal schedule reports in time.
#[must_use]
pub fn in_time(sales: &[Sale], capacity: Capacity) -> usize {
    let (mut now, mut next, mut made) = (0, 0, 0);
    let mut companies: VecDeque<usize> = VecDeque::new();
    let mut consumers: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    loop {
        while let Some(sale) = sales.get(next).filter(|sale| sale.arrives_at * 1000 <= now) {
            match sale.report_by() {
                None => companies.push_back(sale.id),
                Some(report_by) => consumers.push(Reverse((report_by * 1000, sale.id))),
            }
            next += 1;
        }
        if (capacity.outage.0..capacity.outage.1).contains(&now) {
            now = capacity.outage.1;
        } else if companies.pop_front().is_some() {
            now += B2B_CALLS * capacity.call;
        } else if let Some(Reverse((report_by, _))) = consumers.pop() {
            if now + B2C_CALLS.0 * capacity.call <= report_by {
                made += 1;
                now += B2C_CALLS.1 * capacity.call;
            }
        } else if let Some(sale) = sales.get(next) {
            now = sale.arrives_at * 1000;
        } else {
            return made;
        }
    }
}

/// How many consumers' sales any authority can be told of in time, however fast: not those that came in during the outage
/// and were due before its end.
#[must_use]
pub fn possible(sales: &[Sale], outage: (i64, i64)) -> usize {
    in_time(sales, Capacity { call: 0, outage })
}

/// The longest time of a call with which the ideal schedule reports all in time that are possible.
#[must_use]
pub fn slowest_feasible(sales: &[Sale], outage: (i64, i64)) -> i64 {
    let possible = possible(sales, outage);
    let (mut feasible, mut too_slow) = (0, 3_600_000);
    while too_slow - feasible > 1 {
        let call = (feasible + too_slow) / 2;
        if in_time(sales, Capacity { call, outage }) == possible { feasible = call } else { too_slow = call }
    }
    feasible
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outage::traffic::{HOUR, WITHIN};

    fn sale(id: usize, sold_at: i64, arrives_at: i64, b2b: bool) -> Sale {
        Sale { id, sold_at, arrives_at, b2b }
    }

    #[test]
    fn the_ideal_schedule_takes_who_is_due_soonest_and_leaves_out_who_cannot_make_it() {
        // Both arrive an hour before the first is due; a call takes 20 minutes, a signature 40.
        let arrival = WITHIN - HOUR;
        let two = [sale(0, 0, arrival, false), sale(1, HOUR, arrival, false)];
        let capacity = Capacity { call: 20 * 60_000, outage: (0, 0) };
        assert_eq!(in_time(&two, capacity), 2);
        // With another of the first's age, one of the two cannot make it; the one with more time still does.
        let three = [two[0], sale(1, 0, arrival, false), sale(2, HOUR, arrival, false)];
        assert_eq!(in_time(&three, capacity), 2);
        assert_eq!(in_time(&two, Capacity { call: 31 * 60_000, outage: (0, 0) }), 1);
    }

    #[test]
    fn what_is_due_before_the_authority_is_back_is_not_possible_at_any_speed() {
        let outage = (HOUR, WITHIN + HOUR);
        let ms = (outage.0 * 1000, outage.1 * 1000);
        // Sold before the outage and told during it; due before and after its end.
        let sales = [sale(0, 0, 2 * HOUR, false), sale(1, 2 * HOUR, 3 * HOUR, false)];
        assert_eq!(possible(&sales, ms), 1);
        assert_eq!(slowest_feasible(&sales, ms), HOUR * 1000 / 2);
    }

    #[test]
    fn a_company_goes_first_and_an_outage_is_waited_out() {
        let arrival = WITHIN - HOUR;
        let sales = [sale(0, 0, arrival, false), sale(1, 0, arrival, true)];
        assert_eq!(in_time(&sales, Capacity { call: 10 * 60_000, outage: (0, 0) }), 1);
        assert_eq!(in_time(&sales, Capacity { call: 11 * 60_000, outage: (0, 0) }), 0);
        let until = (WITHIN - HOUR / 2) * 1000;
        assert_eq!(in_time(&sales[..1], Capacity { call: 15 * 60_000, outage: (0, until) }), 1);
        assert_eq!(in_time(&sales[..1], Capacity { call: 16 * 60_000, outage: (0, until) }), 0);
    }
}
