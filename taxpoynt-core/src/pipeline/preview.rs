//! What other rules would make of the same sales: differences by field, counted and grouped so that a person can read
//! them, in memory that does not grow with the number of sales.

use super::{
    Draft, Drafted, approval_required,
    differences::{Found, differences},
};
use crate::{Error, ErrorKind, Result, store::Held};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
};
use taxpoynt_ubl::DocumentType;

/// Sales named as examples of a group.
const EXAMPLES: usize = 3;

/// Different values listed of a field, and different fields, reasons or refusals listed; the rest is counted.
const LISTED: usize = 20;

/// What would become of stored sales under other rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Sales looked at.
    pub seen: u64,
    /// Sales of which nothing changes.
    pub same: u64,
    /// Sales of which something changes.
    pub changed: u64,
    /// What becomes of sales, by what: `document`, `approval_required`, `refused`, or the code they wait with.
    pub outcomes: Vec<OutcomeChange>,
    /// What changes on documents, by field; most sales first.
    pub fields: Vec<FieldChange>,
    /// Sales that are invoiced now and would be held, by reason.
    pub held: Vec<SaleGroup>,
    /// Sales that are held now and would be invoiced, by the reason that falls away.
    pub released: Vec<SaleGroup>,
    /// Sales that are held either way, but for another reason.
    pub held_otherwise: Vec<SaleGroup>,
    /// Sales that would be refused as they stand, or are refused now and would not be, by what is wrong.
    pub refused: Vec<SaleGroup>,
    /// What all documents together come to, by currency.
    pub totals: Vec<TotalChange>,
}

/// A field that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// Of which document of a sale: `invoice`, `credit_note`.
    pub purpose: String,
    /// `lines[].tax.category`.
    pub field: String,
    /// Sales on which it changes.
    pub sales: u64,
    /// From what to what, most frequent first; at most 20.
    pub values: Vec<ValueChange>,
    /// Changes of values that are not listed.
    pub more: u64,
    /// Some of these sales.
    pub examples: Vec<String>,
}

/// A value and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueChange {
    /// None: it was not there.
    pub before: Option<String>,
    /// None: it is gone.
    pub after: Option<String>,
    /// How often; a field of lines counts once a line.
    pub count: u64,
}

/// Sales with one thing in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SaleGroup {
    /// What: a reason's code, or `before -> after`.
    pub what: String,
    /// One of the sentences that say why.
    pub message: String,
    /// How many.
    pub sales: u64,
    /// Some of them.
    pub examples: Vec<String>,
}

/// How many documents of sales end one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeChange {
    /// `document`: it goes its way; `approval_required`; `refused`: it cannot be read or mapped; else the code it waits
    /// with, such as `deal_not_won`.
    pub what: String,
    /// Under the rules in force.
    pub before: u64,
    /// Under the others.
    pub after: u64,
}

/// What documents come to, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TotalChange {
    /// ISO 4217.
    pub currency: String,
    /// What buyers pay; credit notes count against it.
    pub payable: Moved,
    /// The tax in it.
    pub tax: Moved,
}

/// An amount on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Under the rules in force.
    pub before: Decimal,
    /// Under the others.
    pub after: Decimal,
}

/// Counts sales one after the other; parts counted side by side can be put together.
#[derive(Debug, Default)]
pub struct Counting {
    seen: u64,
    same: u64,
    fields: BTreeMap<(String, String), Field>,
    groups: [BTreeMap<String, SaleGroup>; 4],
    totals: BTreeMap<String, [Decimal; 4]>,
    outcomes: BTreeMap<String, [u64; 2]>,
}

#[derive(Debug, Default)]
struct Field {
    sales: u64,
    values: BTreeMap<(Option<String>, Option<String>), u64>,
    more: u64,
    examples: Vec<String>,
}

impl Field {
    fn add(&mut self, pair: (Option<String>, Option<String>), count: u64) {
        if let Some(known) = self.values.get_mut(&pair) {
            *known += count;
        } else if self.values.len() < LISTED {
            self.values.insert(pair, count);
        } else {
            self.more += count;
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
    /// Counts a sale, with what the rules in force make of it and what the others would.
    ///
    /// # Errors
    /// Where a document cannot be written as JSON, which no document here is.
    pub fn count(
        &mut self,
        sale: &str,
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
        self.group(List::Refused, what, error.message(), sale);
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
                    self.group(List::Released, &held.code, &held.message, sale);
                    self.money(None, after.and_then(draft_of));
                    true
                }
                (None, Some(held)) => {
                    self.group(List::Held, &held.code, &held.message, sale);
                    self.money(before.and_then(draft_of), None);
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
            self.group(List::Otherwise, &format!("{} -> {}", before.code, after.code), &after.message, sale);
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
        for Found { field, before, after: now } in &found {
            let field = self.field(&after.purpose, field);
            field.add((before.clone(), now.clone()), 1);
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
            let Some(Draft { invoice, .. }) = draft else { continue };
            let sign =
                if invoice.document_type == DocumentType::CreditNote { -Decimal::ONE } else { Decimal::ONE };
            let tax: Decimal = invoice.tax_subtotals.iter().map(|subtotal| subtotal.tax_amount).sum();
            let totals = self.totals.entry(invoice.currency.code().to_owned()).or_default();
            totals[place] += sign * invoice.totals.payable_amount;
            totals[place + 2] += sign * tax;
        }
    }

    fn group(&mut self, list: List, what: &str, message: &str, sale: &str) {
        let groups = &mut self.groups[list as usize];
        let what = if groups.contains_key(what) || groups.len() < LISTED { what } else { "other" };
        let group = groups.entry(what.to_owned()).or_insert_with(|| SaleGroup {
            what: what.to_owned(),
            message: message.to_owned(),
            sales: 0,
            examples: Vec::new(),
        });
        group.sales += 1;
        example(&mut group.examples, sale);
    }

    /// Puts another part to this one.
    pub fn add(&mut self, other: Self) {
        self.seen += other.seen;
        self.same += other.same;
        for (key, theirs) in other.fields {
            let ours = self.fields.entry(key).or_default();
            ours.sales += theirs.sales;
            ours.more += theirs.more;
            theirs.values.into_iter().for_each(|(pair, count)| ours.add(pair, count));
            theirs.examples.iter().for_each(|sale| example(&mut ours.examples, sale));
        }
        for (ours, theirs) in self.groups.iter_mut().zip(other.groups) {
            for (what, group) in theirs {
                match ours.get_mut(&what) {
                    Some(known) => {
                        known.sales += group.sales;
                        group.examples.iter().for_each(|sale| example(&mut known.examples, sale));
                    }
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
            let mut groups: Vec<SaleGroup> = groups.into_values().collect();
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

fn field_change(((purpose, field), counted): ((String, String), Field)) -> FieldChange {
    let Field { sales, values, more, examples } = counted;
    let mut values: Vec<ValueChange> =
        values.into_iter().map(|((before, after), count)| ValueChange { before, after, count }).collect();
    values.sort_by_key(|change| std::cmp::Reverse(change.count));
    FieldChange { purpose, field, sales, values, more, examples }
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

impl Preview {
    /// All of it as text, for a person.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text =
            format!("{} sales: {} change, {} stay as they are\n", self.seen, self.changed, self.same);
        for TotalChange { currency, payable, tax } in &self.totals {
            let _ = writeln!(text, "{currency}: to pay {}; tax {}", payable, tax);
        }
        // Where all go their way, the first line says it.
        if self.outcomes.iter().any(|outcome| outcome.what != "document") {
            for OutcomeChange { what, before, after } in &self.outcomes {
                let change = if before == after {
                    format!("{before}, as before")
                } else {
                    format!("{before} -> {after}")
                };
                let _ = writeln!(text, "{}: {change}", ends(what));
            }
        }
        for field in &self.fields {
            let examples = field.examples.join(", ");
            let _ = writeln!(
                text,
                "\n{} {}: on {} sales, such as {examples}",
                field.purpose, field.field, field.sales
            );
            for ValueChange { before, after, count } in &field.values {
                let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(nothing)".to_owned());
                let _ = writeln!(text, "{count:>9} x  {} -> {}", shown(before), shown(after));
            }
            if field.more > 0 {
                let _ = writeln!(text, "{:>9} more", field.more);
            }
        }
        for (title, groups) in [
            ("Would be held", &self.held),
            ("Would be invoiced", &self.released),
            ("Would be held for another reason", &self.held_otherwise),
            ("Refused", &self.refused),
        ] {
            for SaleGroup { what, message, sales, examples } in groups {
                let _ = write!(
                    text,
                    "\n{title}: {sales} sales, such as {}: {what}\n  {message}\n",
                    examples.join(", ")
                );
            }
        }
        text
    }
}

/// How a document of a sale ends, for a person.
fn ends(what: &str) -> String {
    match what {
        "document" => "become invoices or credit notes".to_owned(),
        "approval_required" => "wait for approval".to_owned(),
        "refused" => "are refused as they stand".to_owned(),
        code => format!("wait ({code})"),
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.before == self.after {
            true => write!(f, "{}, as before", self.before),
            false => write!(f, "{} -> {}", self.before, self.after),
        }
    }
}
