//! Every value of this room as one table, for people and for `docs/law.md`.

use super::{
    CLASSES, EXEMPT, Model, NOT_PROCESSED, NOT_WITHHELD, REFUSED_ACCESS, RETENTION_YEARS,
    SMALL_COMPANY_TURNOVER, Source, THRESHOLD_QUOTED, VAT_RATES, Validity, WITHIN, ZERO_RATED,
};

/// One value, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub what: String,
    /// The value.
    pub value: String,
    /// When it holds, where that is limited.
    pub validity: Option<Validity>,
    /// Where it comes from.
    pub source: Source,
}

impl Fact {
    fn new(what: impl Into<String>, value: impl Into<String>, source: Source) -> Self {
        Self { what: what.into(), value: value.into(), validity: None, source }
    }

    fn during(self, validity: Validity) -> Self {
        Self { validity: Some(validity), ..self }
    }

    /// The row of `docs/law.md`.
    #[must_use]
    pub fn row(&self) -> String {
        let dates = match self.validity {
            None => String::new(),
            Some(Validity { from, until: None }) => format!("since {from}"),
            Some(Validity { from, until: Some(until) }) => format!("{from} to {until}"),
        };
        let Source { text, standing } = self.source;
        format!("| {} | {} | {dates} | {text} | {} |", self.what, self.value, standing.word())
    }
}

/// Every value of this room.
#[must_use]
pub fn facts() -> Vec<Fact> {
    let mut facts = rates();
    facts.extend(reporting());
    facts.extend(obligations());
    facts.extend(penalties());
    facts.push(Fact::new("Documents are kept", format!("{} years", RETENTION_YEARS.0), RETENTION_YEARS.1));
    for supply in &ZERO_RATED {
        facts.push(Fact::new(supply.what, "zero-rated", supply.source()).during(supply.validity()));
    }
    for supply in &EXEMPT {
        facts.push(Fact::new(supply.what, "exempt", supply.source()).during(supply.validity()));
    }
    facts
}

fn rates() -> Vec<Fact> {
    let rate = |rate: &super::VatRate| {
        Fact::new("VAT, standard rate", format!("{} %", rate.percent), rate.source).during(rate.validity)
    };
    let (turnover, source) = SMALL_COMPANY_TURNOVER;
    let small =
        Fact::new("Turnover up to which a company need not charge VAT", format!("NGN {turnover}"), source);
    VAT_RATES.iter().map(rate).chain([small]).collect()
}

fn reporting() -> [Fact; 3] {
    let (threshold, source) = THRESHOLD_QUOTED;
    [
        Fact::new("B2B and B2G", "cleared before the buyer gets the document", Model::SOURCE),
        Fact::new("B2C", format!("reported within {} hours of the sale", WITHIN.num_hours()), Model::SOURCE),
        Fact::new(
            "Amount below which B2C need not be reported (not applied unless set)",
            format!("NGN {threshold}"),
            source,
        ),
    ]
}

fn obligations() -> impl Iterator<Item = Fact> {
    CLASSES.iter().map(|class| {
        let what = format!("Turnover from NGN {} a year: e-invoicing", class.from_turnover);
        let value = format!("enforced from {} ({})", class.enforced, class.remark);
        Fact::new(what, value, class.source).during(Validity::since(class.live))
    })
}

fn penalties() -> [Fact; 3] {
    let (first, further, refused) = REFUSED_ACCESS;
    [
        Fact::new(
            "Supply not processed through the system",
            format!("NGN {}, the tax due, and interest at the central bank's policy rate", NOT_PROCESSED.0),
            NOT_PROCESSED.1,
        ),
        Fact::new(
            "Access for technology refused 30 days after notice",
            format!("NGN {first} on the first day, NGN {further} on each further day"),
            refused,
        ),
        Fact::new(
            "Tax not deducted or withheld",
            format!("{} % of the amount", NOT_WITHHELD.0),
            NOT_WITHHELD.1,
        ),
    ]
    .map(|fact| fact.during(Validity::since(super::ACTS_OF_2025)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// To refresh the page: `LAW_ROWS=1 cargo test -p taxpoynt-core law -- --nocapture` prints the rows.
    #[test]
    fn the_page_has_exactly_the_rows_of_the_data() {
        let page = include_str!("../../../docs/law.md");
        let facts = facts();
        if std::env::var_os("LAW_ROWS").is_some() {
            facts.iter().for_each(|fact| println!("{}", fact.row()));
        }
        let written: Vec<_> =
            page.lines().filter(|l| l.starts_with("| ") && !l.starts_with("| What ")).collect();
        let rows: Vec<_> = facts.iter().map(Fact::row).collect();
        assert_eq!(written, rows);
        let different: BTreeSet<_> = rows.iter().collect();
        assert_eq!(different.len(), rows.len(), "no row twice");
    }
}
