//! What other rules would make of the same sales: differences by field, grouped so that a person can read them.

use rust_decimal::Decimal;
use serde::Serialize;
use std::fmt::{self, Write as _};

/// Different values of an amount that a person reads one by one.
const FEW: usize = 3;

/// What would become of stored sales under other rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Sales looked at.
    pub seen: u64,
    /// Sales of which nothing changes.
    pub same: u64,
    /// Sales of which something changes.
    pub changed: u64,
    /// Of those that change: sales that have a document already, which stays as it is whatever rules say.
    pub issued: u64,
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
    /// Of an amount: what it comes to on all these sales, by currency.
    pub sums: Vec<SumChange>,
    /// Some of these sales.
    pub examples: Vec<String>,
}

/// What an amount comes to on several sales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SumChange {
    /// ISO 4217.
    pub currency: String,
    /// On both sides.
    pub amount: Moved,
}

/// What documents come to in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupTotal {
    /// ISO 4217.
    pub currency: String,
    /// What buyers pay; credit notes count against it.
    pub payable: Decimal,
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
    /// What the documents come to that they have on the side where they have some.
    pub totals: Vec<GroupTotal>,
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

impl Preview {
    /// All of it as text, for a person.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text =
            format!("{}: {} change, {} stay as they are\n", counted(self.seen), self.changed, self.same);
        if self.issued > 0 {
            let _ = writeln!(
                text,
                "of those that change, {} have a document already: it stays, and this shows what sales like them would become",
                self.issued
            );
        }
        for TotalChange { currency, payable, tax } in &self.totals {
            let _ = writeln!(text, "{currency}: to pay {payable}; tax {tax}");
        }
        // Where all go their way, the first line says it.
        if self.outcomes.iter().any(|outcome| outcome.what != "document") {
            for OutcomeChange { what, before, after } in &self.outcomes {
                let _ = writeln!(text, "{}: {}", ends(what), moved(before, after));
            }
        }
        self.fields.iter().for_each(|field| field.write(&mut text));
        for (title, groups) in [
            ("Would be held", &self.held),
            ("Would be invoiced", &self.released),
            ("Would be held for another reason", &self.held_otherwise),
            ("Refused", &self.refused),
        ] {
            groups.iter().for_each(|group| group.write(title, &mut text));
        }
        text
    }
}

impl FieldChange {
    /// Of an amount the sums say more than values that few sales share.
    fn write(&self, text: &mut String) {
        let sales = counted(self.sales);
        let examples = self.examples.join(", ");
        let _ = writeln!(text, "\n{} {}: on {sales}, such as {examples}", self.purpose, self.field);
        for SumChange { currency, amount } in &self.sums {
            let _ = writeln!(text, "    in all {currency} {amount}");
        }
        let few = self.values.len() <= FEW && self.more == 0;
        if !self.sums.is_empty() && !few {
            return;
        }
        for ValueChange { before, after, count } in &self.values {
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(nothing)".to_owned());
            let _ = writeln!(text, "{count:>9} x  {} -> {}", shown(before), shown(after));
        }
        if self.more > 0 {
            let _ = writeln!(text, "{:>9} more", self.more);
        }
    }
}

impl SaleGroup {
    fn write(&self, title: &str, text: &mut String) {
        let Self { what, message, sales, totals, examples } = self;
        let _ = write!(text, "\n{title}: {}, such as {}: {what}\n", counted(*sales), examples.join(", "));
        for GroupTotal { currency, payable } in totals {
            let _ = writeln!(text, "  to pay {currency} {payable}");
        }
        let _ = writeln!(text, "  {message}");
    }
}

fn counted(sales: u64) -> String {
    if sales == 1 { "1 sale".to_owned() } else { format!("{sales} sales") }
}

fn moved<T: PartialEq + fmt::Display>(before: &T, after: &T) -> String {
    if before == after { format!("{before}, as before") } else { format!("{before} -> {after}") }
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
        f.write_str(&moved(&self.before, &self.after))
    }
}
