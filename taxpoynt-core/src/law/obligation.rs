//! Who has to use the e-invoicing system since when, by turnover.

use super::{Source, day, million};
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// The classes of the public notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TurnoverClass {
    /// NGN 5 bn a year and more.
    Large,
    /// NGN 1 bn to under 5 bn.
    Medium,
    /// Under NGN 1 bn ("emerging").
    Small,
}

/// Where a class stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Nothing is due yet.
    Ahead,
    /// The system is to be used.
    Live,
    /// And who does not is fined.
    Enforced,
}

/// A class with its dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obligation {
    /// The class.
    pub class: TurnoverClass,
    /// Yearly turnover from which it applies, in naira.
    pub from_turnover: Decimal,
    /// Go-live.
    pub live: NaiveDate,
    /// The first day of enforcement; the notice names months, this is the earliest day.
    pub enforced: NaiveDate,
    /// What the notice adds.
    pub remark: &'static str,
    /// Where it stands.
    pub source: Source,
}

impl Obligation {
    /// Where the class stands on a day.
    #[must_use]
    pub fn phase(&self, on: NaiveDate) -> Phase {
        if on >= self.enforced {
            Phase::Enforced
        } else if on >= self.live {
            Phase::Live
        } else {
            Phase::Ahead
        }
    }
}

const NOTICE: Source = Source::official(
    "public notice by the NRS chairman, as reported by BusinessDay, Fonoa, regfollower, Echonews",
);

/// The classes, largest first.
pub const CLASSES: [Obligation; 3] = [
    Obligation {
        class: TurnoverClass::Large,
        from_turnover: million(5_000),
        live: day(2025, 8, 1),
        enforced: day(2026, 4, 1),
        remark: "grace until 1 Nov 2025; a later report speaks of sanctions after June 2026",
        source: NOTICE,
    },
    Obligation {
        class: TurnoverClass::Medium,
        from_turnover: million(1_000),
        live: day(2026, 7, 1),
        enforced: day(2027, 1, 1),
        remark: "review October to November 2026, enforcement January to March 2027",
        source: NOTICE,
    },
    Obligation {
        class: TurnoverClass::Small,
        from_turnover: million(0),
        live: day(2027, 7, 1),
        enforced: day(2028, 1, 1),
        remark: "pilot April to June 2027, enforcement January to March 2028",
        source: NOTICE,
    },
];

/// What a business of this yearly turnover (in naira) has to do on a day. A turnover below zero counts as none.
#[must_use]
pub fn obligation(turnover: Decimal, on: NaiveDate) -> (&'static Obligation, Phase) {
    let [.., smallest] = &CLASSES;
    let class = CLASSES.iter().find(|class| turnover >= class.from_turnover).unwrap_or(smallest);
    (class, class.phase(on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(turnover: &str, date: &str) -> (TurnoverClass, Phase) {
        let (class, phase) = obligation(turnover.parse().unwrap(), date.parse().unwrap());
        (class.class, phase)
    }

    #[test]
    fn a_business_belongs_to_one_class_by_turnover() {
        let class = |turnover| on(turnover, "2026-11-21").0;
        assert_eq!(class("5000000000"), TurnoverClass::Large);
        assert_eq!(class("4999999999.99"), TurnoverClass::Medium);
        assert_eq!(class("1000000000"), TurnoverClass::Medium);
        assert_eq!(class("999999999.99"), TurnoverClass::Small);
        assert_eq!(class("0"), TurnoverClass::Small);
        assert_eq!(class("-1"), TurnoverClass::Small);
    }

    #[test]
    fn each_class_goes_live_and_is_enforced_on_its_own_days() {
        for (turnover, live, enforced) in [
            ("6000000000", "2025-08-01", "2026-04-01"),
            ("2000000000", "2026-07-01", "2027-01-01"),
            ("50000000", "2027-07-01", "2028-01-01"),
        ] {
            let before = |date: &str| date.parse::<NaiveDate>().unwrap().pred_opt().unwrap().to_string();
            assert_eq!(on(turnover, &before(live)).1, Phase::Ahead, "{turnover}");
            assert_eq!(on(turnover, live).1, Phase::Live, "{turnover}");
            assert_eq!(on(turnover, &before(enforced)).1, Phase::Live, "{turnover}");
            assert_eq!(on(turnover, enforced).1, Phase::Enforced, "{turnover}");
        }
    }
}
