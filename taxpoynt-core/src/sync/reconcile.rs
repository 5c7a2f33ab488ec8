//! A day as the platform counts it beside the day as we have it.

use crate::{
    connector::{Day, TallyEntry},
    model::SourceKey,
};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};
use uuid::Uuid;

/// How many there are and what they come to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Records.
    pub count: u64,
    /// Their amounts, by currency; `-` for records that name none.
    pub sums: BTreeMap<String, Decimal>,
}

impl Tally {
    fn of(entries: &[TallyEntry]) -> Self {
        let mut tally = Self::default();
        for entry in entries {
            tally.count += 1;
            let sum = tally.sums.entry(entry.currency.clone().unwrap_or_else(|| "-".to_owned())).or_default();
            *sum = sum.saturating_add(entry.amount.unwrap_or_default());
        }
        tally
    }
}

/// A record on which both disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Which.
    pub key: SourceKey,
    /// What the platform counts; none where it does not count on this day there.
    pub theirs: Option<TallyEntry>,
    /// What we count; none where it does not count on any day here.
    pub ours: Option<TallyEntry>,
}

/// A day of a connection, counted on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// The connection.
    pub connection: Uuid,
    /// `square`.
    pub platform: String,
    /// The seller's day.
    pub day: NaiveDate,
    /// When it was counted.
    pub at: DateTime<Utc>,
    /// What the platform has.
    pub theirs: Tally,
    /// How many the platform said it has, where it says so beside the list.
    pub claimed: Option<u64>,
    /// What we have.
    pub ours: Tally,
    /// The platform has it, we have not.
    pub missing: Vec<TallyEntry>,
    /// We have it, the platform has not.
    pub extra: Vec<TallyEntry>,
    /// Both have it, and it does not count for the same.
    pub different: Vec<Difference>,
    /// How many of these are being fetched.
    pub fetched: u64,
}

/// Whose day, and when it was counted.
#[derive(Debug, Clone)]
pub struct Counted<'a> {
    /// The connection.
    pub connection: Uuid,
    /// `square`.
    pub platform: &'a str,
    /// The day.
    pub day: Day,
    /// Now.
    pub at: DateTime<Utc>,
}

impl Reconciliation {
    /// Compares a day. `theirs` is what the platform lists for it and `ours` what we have for it; `elsewhere` is what we
    /// have of the platform's records on other days, or on none.
    #[must_use]
    pub fn of(
        counted: &Counted<'_>,
        theirs: &[TallyEntry],
        claimed: Option<u64>,
        ours: &[TallyEntry],
        elsewhere: &[(SourceKey, Option<TallyEntry>)],
    ) -> Self {
        // A page that shifts may show a row twice.
        let mut seen = BTreeSet::new();
        let theirs: Vec<TallyEntry> =
            theirs.iter().filter(|entry| seen.insert(&entry.key)).cloned().collect();
        let here: BTreeMap<_, _> = ours.iter().map(|entry| (&entry.key, entry)).collect();
        let other: BTreeMap<_, _> = elsewhere.iter().map(|(key, entry)| (key, entry)).collect();
        let (mut missing, mut different) = (Vec::new(), Vec::new());
        for entry in &theirs {
            let differs = |ours: Option<TallyEntry>| Difference {
                key: entry.key.clone(),
                theirs: Some(entry.clone()),
                ours,
            };
            match (here.get(&entry.key), other.get(&entry.key)) {
                (Some(ours), _) if same(entry, ours) => {}
                (Some(ours), _) => different.push(differs(Some((*ours).clone()))),
                (None, Some(elsewhere)) => different.push(differs((*elsewhere).clone())),
                (None, None) => missing.push(entry.clone()),
            }
        }
        let extra = ours.iter().filter(|entry| !seen.contains(&entry.key)).cloned().collect();
        Self {
            connection: counted.connection,
            platform: counted.platform.to_owned(),
            day: counted.day.date,
            at: counted.at,
            claimed,
            missing,
            extra,
            different,
            fetched: 0,
            ours: Tally::of(ours),
            theirs: Tally::of(&theirs),
        }
    }

    /// Whether count and sums are the same and every record is.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        let whole = self.claimed.is_none_or(|claimed| claimed == self.theirs.count);
        whole && self.theirs == self.ours && self.keys().is_empty()
    }

    /// The records on which both disagree.
    #[must_use]
    pub fn keys(&self) -> Vec<SourceKey> {
        let missing = self.missing.iter().chain(&self.extra).map(|entry| entry.key.clone());
        missing.chain(self.different.iter().map(|one| one.key.clone())).collect()
    }

    /// It as a table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let verdict = if self.is_proved() { "equal" } else { "NOT EQUAL" };
        let mut text = format!("{} {} {verdict}\n", self.platform, self.day);
        let _ = writeln!(text, "{:<10} {:>10} {:>24} {:>24}", "", "count", "platform", "here");
        let _ =
            writeln!(text, "{:<10} {:>10} {:>24} {:>24}", "records", "", self.theirs.count, self.ours.count);
        let currencies: BTreeSet<_> = self.theirs.sums.keys().chain(self.ours.sums.keys()).collect();
        for currency in currencies {
            let sum = |tally: &Tally| tally.sums.get(currency).copied().unwrap_or_default().to_string();
            let _ =
                writeln!(text, "{currency:<10} {:>10} {:>24} {:>24}", "", sum(&self.theirs), sum(&self.ours));
        }
        if let Some(claimed) = self.claimed.filter(|claimed| *claimed != self.theirs.count) {
            let _ =
                writeln!(text, "the platform speaks of {claimed} records and lists {}", self.theirs.count);
        }
        for (what, entries) in [("missing here", &self.missing), ("not there", &self.extra)] {
            for entry in entries {
                let _ = writeln!(text, "{what:<16} {:<40} {}", entry.key.to_string(), money(Some(entry)));
            }
        }
        for one in &self.different {
            let (theirs, ours) = (money(one.theirs.as_ref()), money(one.ours.as_ref()));
            let _ =
                writeln!(text, "{:<16} {:<40} {theirs} there, {ours} here", "different", one.key.to_string());
        }
        text
    }
}

fn same(theirs: &TallyEntry, ours: &TallyEntry) -> bool {
    theirs.amount == ours.amount && theirs.currency == ours.currency
}

fn money(entry: Option<&TallyEntry>) -> String {
    let Some(entry) = entry else { return "nothing".to_owned() };
    match (entry.amount, &entry.currency) {
        (Some(amount), Some(currency)) => format!("{amount} {currency}"),
        (Some(amount), None) => amount.to_string(),
        (None, _) => "no amount".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RecordKind;

    fn entry(id: &str, amount: i64) -> TallyEntry {
        let key = SourceKey::new(RecordKind::Order, id);
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        TallyEntry { key, at, amount: Some(Decimal::new(amount, 2)), currency: Some("NGN".into()) }
    }

    fn counted() -> Counted<'static> {
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let day = Day::new(at.date_naive(), chrono_tz::Africa::Lagos);
        Counted { connection: Uuid::nil(), platform: "square", day, at }
    }

    #[test]
    fn what_is_missing_extra_or_different_is_named() {
        let theirs = [entry("A", 100), entry("B", 200), entry("C", 300), entry("C", 300), entry("E", 5)];
        let ours = [entry("A", 100), entry("B", 201), entry("D", 400)];
        let elsewhere = [(entry("E", 5).key, None)];
        let report = Reconciliation::of(&counted(), &theirs, None, &ours, &elsewhere);
        assert!(!report.is_proved());
        assert_eq!(report.missing, [entry("C", 300)]);
        assert_eq!(report.extra, [entry("D", 400)]);
        let different: Vec<_> = report.different.iter().map(|one| one.key.id.as_str()).collect();
        assert_eq!(different, ["B", "E"]);
        assert_eq!((report.theirs.count, report.ours.count), (4, 3));
        let table = report.table();
        assert!(
            table.contains("missing here     order/C") && table.contains("2.00 NGN there, 2.01 NGN here")
        );
    }

    #[test]
    fn a_day_is_proved_only_where_the_list_is_as_long_as_the_platform_says() {
        let day = [entry("A", 100)];
        assert!(Reconciliation::of(&counted(), &day, Some(1), &day, &[]).is_proved());
        assert!(!Reconciliation::of(&counted(), &day, Some(2), &day, &[]).is_proved());
        assert!(Reconciliation::of(&counted(), &[], None, &[], &[]).is_proved());
    }

    #[test]
    fn equal_sums_of_other_records_prove_nothing() {
        let report = Reconciliation::of(&counted(), &[entry("A", 100)], None, &[entry("B", 100)], &[]);
        assert_eq!(report.theirs, report.ours);
        assert!(!report.is_proved());
    }
}
