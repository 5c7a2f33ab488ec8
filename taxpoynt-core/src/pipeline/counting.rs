//! Counting sales on two sides, in memory that does not grow with their number.

use super::{
    Draft, Drafted, approval_required,
    differences::{Found, differences},
    preview::{
        FieldChange, GroupTotal, Moved, OutcomeChange, Preview, SaleGroup, SumChange, TotalChange,
        ValueChange,
    },
};
use crate::{Error, ErrorKind, Result, store::Held};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_ubl::DocumentType;

/// Sales named as examples of a group.
const EXAMPLES: usize = 3;

/// Different values listed of a field, and different fields, reasons or refusals listed; the rest is counted.
const LISTED: usize = 20;

/// Different values counted of a field, so that the most frequent are among them whichever came first.
const COUNTED: usize = 500;

/// Counts sales one after the other; parts counted side by side can be put together.
#[derive(Debug, Default)]
pub struct Counting {
    seen: u64,
    same: u64,
    issued: u64,
    fields: BTreeMap<(String, String), Field>,
    groups: [BTreeMap<String, Group>; 4],
    totals: BTreeMap<String, [Decimal; 4]>,
    outcomes: BTreeMap<String, [u64; 2]>,
}

#[derive(Debug, Default)]
struct Field {
    sales: u64,
    values: BTreeMap<(Option<String>, Option<String>), u64>,
    more: u64,
    /// By currency, of an amount.
    sums: BTreeMap<String, [Decimal; 2]>,
    examples: Vec<String>,
}

/// Sales with one thing in common, while they are counted.
#[derive(Debug)]
struct Group {
    counted: SaleGroup,
    payable: BTreeMap<String, Decimal>,
}

impl Field {
    fn add(&mut self, pair: (Option<String>, Option<String>), count: u64) {
        *self.values.entry(pair).or_default() += count;
        if self.values.len() >= 2 * COUNTED {
            self.forget_the_rarest();
        }
    }

    /// What is rare where there is so much of it is only counted.
    fn forget_the_rarest(&mut self) {
        let mut counts: Vec<u64> = self.values.values().copied().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let least = counts.get(COUNTED - 1).copied().unwrap_or_default();
        let mut free = COUNTED - counts.iter().filter(|count| **count > least).count().min(COUNTED);
        let mut more = 0;
        self.values.retain(|_, count| {
            let is_kept = *count > least || (*count == least && free > 0);
            free -= usize::from(is_kept && *count == least);
            more += if is_kept { 0 } else { *count };
            is_kept
        });
        self.more += more;
    }

    fn sum(&mut self, currency: &str, found: &Found) {
        let amount =
            |text: &Option<String>| text.as_deref().map_or(Some(Decimal::ZERO), |text| text.parse().ok());
        if let (true, Some(before), Some(after)) =
            (found.is_amount(), amount(&found.before), amount(&found.after))
        {
            let sums = self.sums.entry(currency.to_owned()).or_default();
            sums[0] += before;
            sums[1] += after;
        }
    }
}

/// The lists of groups, in the order of [`Counting::groups`].
#[derive(Clone, Copy)]
enum List {
    Held,
    Released,
    Otherwise,
    Refused,
}

impl Counting {
    /// Counts a sale, with what the rules in force make of it and what the others would; `issued` says whether it has
    /// a document already.
    ///
    /// # Errors
    /// Where a document cannot be written as JSON, which no document here is.
    pub fn count(
        &mut self,
        sale: &str,
        issued: bool,
        before: &Result<Vec<Drafted>>,
        after: &Result<Vec<Drafted>>,
    ) -> Result<()> {
        self.seen += 1;
        self.outcomes(before, after);
        let changed = match (before, after) {
            (Ok(before), Ok(after)) => self.drafts(sale, before, after)?,
            (Err(before), Err(after)) => {
                before.message() != after.message() && self.refused(sale, "refused otherwise", after)
            }
            (Ok(_), Err(after)) => self.refused(sale, "refused", after),
            (Err(before), Ok(_)) => self.refused(sale, "refused no more", before),
        };
        self.same += u64::from(!changed);
        self.issued += u64::from(changed && issued);
        Ok(())
    }

    fn outcomes(&mut self, before: &Result<Vec<Drafted>>, after: &Result<Vec<Drafted>>) {
        for (place, drafts) in [(0, before), (1, after)] {
            let Ok(drafts) = drafts else {
                self.outcome("refused".to_owned())[place] += 1;
                continue;
            };
            for drafted in drafts {
                let what = held_of(drafted).map_or_else(|| "document".to_owned(), |held| held.code);
                self.outcome(what)[place] += 1;
            }
        }
    }

    /// Codes are a closed set, but for those that a platform's own words may lead to.
    fn outcome(&mut self, what: String) -> &mut [u64; 2] {
        let known = self.outcomes.contains_key(&what) || self.outcomes.len() < LISTED;
        self.outcomes.entry(if known { what } else { "other".to_owned() }).or_default()
    }

    fn refused(&mut self, sale: &str, what: &str, error: &Error) -> bool {
        self.group(List::Refused, what, error.message(), sale, None);
        true
    }

    fn drafts(&mut self, sale: &str, before: &[Drafted], after: &[Drafted]) -> Result<bool> {
        let mut changed = false;
        let count = before.len().max(after.len());
        for nth in 0..count {
            let (before, after) = (before.get(nth), after.get(nth));
            changed |= match (before.and_then(held_of), after.and_then(held_of)) {
                (Some(was), Some(is)) => {
                    // Two drafts that wait for a person are compared as if they did not.
                    let documents =
                        self.documents(sale, before.and_then(draft_of), after.and_then(draft_of))?;
                    self.still_held(sale, &was, &is) || documents
                }
                (Some(held), None) => {
                    let draft = after.and_then(draft_of);
                    self.group(List::Released, &held.code, &held.message, sale, draft);
                    self.money(None, draft);
                    true
                }
                (None, Some(held)) => {
                    let draft = before.and_then(draft_of);
                    self.group(List::Held, &held.code, &held.message, sale, draft);
                    self.money(draft, None);
                    true
                }
                (None, None) => {
                    let (before, after) = (before.and_then(draft_of), after.and_then(draft_of));
                    self.money(before, after);
                    let came_or_went = before.is_some() != after.is_some();
                    self.documents(sale, before, after)? || came_or_went
                }
            };
        }
        Ok(changed)
    }

    fn still_held(&mut self, sale: &str, before: &Held, after: &Held) -> bool {
        let differs = before.code != after.code;
        if differs {
            self.group(
                List::Otherwise,
                &format!("{} -> {}", before.code, after.code),
                &after.message,
                sale,
                None,
            );
        }
        differs
    }

    fn documents(&mut self, sale: &str, before: Option<&Draft>, after: Option<&Draft>) -> Result<bool> {
        let (Some(before), Some(after)) = (before, after) else { return Ok(false) };
        if before.invoice == after.invoice {
            return Ok(false);
        }
        let mut found = Vec::new();
        let (was, is) = (value_of(before)?, value_of(after)?);
        differences(&was, &is, &mut found);
        let fields: BTreeSet<&str> = found.iter().map(|change| change.field.as_str()).collect();
        for field in fields {
            let field = self.field(&after.purpose, field);
            field.sales += 1;
            example(&mut field.examples, sale);
        }
        for one in &found {
            let field = self.field(&after.purpose, &one.field);
            field.sum(after.invoice.currency.code(), one);
            field.add((one.before.clone(), one.after.clone()), 1);
        }
        Ok(!found.is_empty())
    }

    fn field(&mut self, purpose: &str, field: &str) -> &mut Field {
        // The second credit note of a sale is a credit note.
        let purpose = purpose.split(':').next().unwrap_or(purpose);
        self.fields.entry((purpose.to_owned(), field.to_owned())).or_default()
    }

    fn money(&mut self, before: Option<&Draft>, after: Option<&Draft>) {
        for (place, draft) in [(0, before), (1, after)] {
            let Some(draft) = draft else { continue };
            let sign = sign_of(draft);
            let tax: Decimal = draft.invoice.tax_subtotals.iter().map(|subtotal| subtotal.tax_amount).sum();
            let totals = self.totals.entry(draft.invoice.currency.code().to_owned()).or_default();
            totals[place] += sign * draft.invoice.totals.payable_amount;
            totals[place + 2] += sign * tax;
        }
    }

    fn group(&mut self, list: List, what: &str, message: &str, sale: &str, draft: Option<&Draft>) {
        let groups = &mut self.groups[list as usize];
        let what = if groups.contains_key(what) || groups.len() < LISTED { what } else { "other" };
        let group = groups.entry(what.to_owned()).or_insert_with(|| Group::new(what, message));
        group.counted.sales += 1;
        example(&mut group.counted.examples, sale);
        if let Some(draft) = draft {
            let payable = group.payable.entry(draft.invoice.currency.code().to_owned()).or_default();
            *payable += sign_of(draft) * draft.invoice.totals.payable_amount;
        }
    }

    /// Puts another part to this one.
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.same += other.same;
        self.issued += other.issued;
        for (key, theirs) in other.fields {
            let ours = self.fields.entry(key).or_default();
            ours.sales += theirs.sales;
            ours.more += theirs.more;
            theirs.values.into_iter().for_each(|(pair, count)| ours.add(pair, count));
            for (currency, [before, after]) in theirs.sums {
                let sums = ours.sums.entry(currency).or_default();
                sums[0] += before;
                sums[1] += after;
            }
            theirs.examples.iter().for_each(|sale| example(&mut ours.examples, sale));
        }
        for (ours, theirs) in self.groups.iter_mut().zip(other.groups) {
            for (what, group) in theirs {
                match ours.get_mut(&what) {
                    Some(known) => known.add(group),
                    None => drop(ours.insert(what, group)),
                }
            }
        }
        for (what, theirs) in other.outcomes {
            let ours = self.outcome(what);
            ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| *ours += theirs);
        }
        for (currency, theirs) in other.totals {
            let ours = self.totals.entry(currency).or_default();
            ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| *ours += theirs);
        }
    }

    /// What was counted.
    #[must_use]
    pub fn preview(self) -> Preview {
        let mut fields: Vec<FieldChange> = self.fields.into_iter().map(field_change).collect();
        fields.sort_by(|a, b| b.sales.cmp(&a.sales).then_with(|| a.field.cmp(&b.field)));
        let [held, released, held_otherwise, refused] = self.groups.map(|groups| {
            let mut groups: Vec<SaleGroup> = groups.into_values().map(Group::done).collect();
            groups.sort_by(|a, b| b.sales.cmp(&a.sales).then_with(|| a.what.cmp(&b.what)));
            groups
        });
        let of = |(what, [before, after]): (String, [u64; 2])| OutcomeChange { what, before, after };
        let mut outcomes: Vec<OutcomeChange> = self.outcomes.into_iter().map(of).collect();
        outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.before.max(outcome.after)));
        let totals =
            self.totals.into_iter().map(|(currency, [payable, payable_now, tax, tax_now])| TotalChange {
                currency,
                payable: Moved { before: payable, after: payable_now },
                tax: Moved { before: tax, after: tax_now },
            });
        Preview {
            seen: self.seen,
            same: self.same,
            changed: self.seen - self.same,
            issued: self.issued,
            outcomes,
            fields,
            held,
            released,
            held_otherwise,
            refused,
            totals: totals.collect(),
        }
    }
}

impl Group {
    fn new(what: &str, message: &str) -> Self {
        let (what, message) = (what.to_owned(), message.to_owned());
        let counted = SaleGroup { what, message, sales: 0, totals: Vec::new(), examples: Vec::new() };
        Self { counted, payable: BTreeMap::new() }
    }

    fn add(&mut self, other: Self) {
        self.counted.sales += other.counted.sales;
        other.counted.examples.iter().for_each(|sale| example(&mut self.counted.examples, sale));
        for (currency, payable) in other.payable {
            *self.payable.entry(currency).or_default() += payable;
        }
    }

    fn done(self) -> SaleGroup {
        let total = |(currency, payable)| GroupTotal { currency, payable };
        SaleGroup { totals: self.payable.into_iter().map(total).collect(), ..self.counted }
    }
}

fn field_change(((purpose, field), counted): ((String, String), Field)) -> FieldChange {
    let Field { sales, values, mut more, sums, examples } = counted;
    let mut values: Vec<ValueChange> =
        values.into_iter().map(|((before, after), count)| ValueChange { before, after, count }).collect();
    values.sort_by_key(|change| std::cmp::Reverse(change.count));
    more += values.drain(LISTED.min(values.len())..).map(|change| change.count).sum::<u64>();
    let sum = |(currency, [before, after]): (String, [Decimal; 2])| SumChange {
        currency,
        amount: Moved { before, after },
    };
    FieldChange { purpose, field, sales, values, more, sums: sums.into_iter().map(sum).collect(), examples }
}

/// A credit note takes back what its sale came to.
fn sign_of(draft: &Draft) -> Decimal {
    if draft.invoice.document_type == DocumentType::CreditNote { -Decimal::ONE } else { Decimal::ONE }
}

fn example(examples: &mut Vec<String>, sale: &str) {
    if examples.len() < EXAMPLES && !examples.iter().any(|known| known == sale) {
        examples.push(sale.to_owned());
    }
}

/// Why it waits, also where it waits for a person.
fn held_of(drafted: &Drafted) -> Option<Held> {
    match drafted {
        Drafted::Held(held) => Some(held.clone()),
        Drafted::Draft(draft) => draft.approval.as_deref().map(approval_required),
    }
}

fn draft_of(drafted: &Drafted) -> Option<&Draft> {
    match drafted {
        Drafted::Draft(draft) => Some(draft),
        Drafted::Held(_) => None,
    }
}

fn value_of(draft: &Draft) -> Result<Value> {
    serde_json::to_value(&draft.invoice).map_err(|error| {
        Error::new(ErrorKind::Mapping, "pipeline.preview", "a draft cannot be compared").caused_by(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_values_are_listed_whichever_came_first() {
        let mut field = Field::default();
        for n in 0..5_000 {
            field.add((None, Some(format!("Sale {n}"))), 1);
            if n >= 2_000 {
                field.add((Some("7.5".into()), Some("0".into())), 1);
            }
        }
        let kept = field.values.len();
        let change = field_change((("invoice".into(), "note".into()), field));
        assert!(kept < 2 * COUNTED, "memory is bounded: {kept}");
        assert_eq!((change.values.len(), change.values[0].after.as_deref()), (LISTED, Some("0")));
        assert_eq!(change.values[0].count, 3_000);
        let listed: u64 = change.values.iter().map(|value| value.count).sum();
        assert_eq!(listed + change.more, 8_000, "nothing is lost");
    }
}
