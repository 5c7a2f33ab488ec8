//! The tax of an item or a charge: which rule decides, and which amount the platform applied.

use super::{
    mapped::MappedTax,
    rule::{Outcome, Rule},
    source::Cx,
    transform::Failure,
    value::Value,
};
use crate::model::{AppliedTax, ItemTax};
use std::sync::Arc;
use taxpoynt_ubl::{Tax, TaxCategory};

/// A tax and what decided it.
pub(super) struct Decision<'v> {
    pub(super) value: Value<'v>,
    pub(super) rule: &'v Rule,
    pub(super) pick: usize,
    /// How many elements of the record gave a tax by the same rule.
    matches: usize,
}

/// The first rule that gives a tax. Every element `[]` could stand for is asked, so that two answers are noticed.
pub(super) fn decide<'v>(
    rules: &'v [Arc<Rule>],
    cx: &Cx<'_, 'v, '_>,
) -> Result<Option<Decision<'v>>, (Failure, &'v Rule, usize)> {
    for rule in rules {
        let mut found: Option<Decision<'v>> = None;
        for pick in 0..rule.picks(cx) {
            match rule.run(cx, pick).map_err(|failure| (failure, &**rule, pick))? {
                Outcome::Passed => {}
                Outcome::Skipped => return Ok(None),
                Outcome::Value(value) => match &mut found {
                    Some(found) => found.matches += 1,
                    None => found = Some(Decision { value, rule, pick, matches: 1 }),
                },
            }
        }
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// A value as a tax. A number is a percent: above zero the standard rate, else zero rated.
pub(super) fn of<'v>(value: &Value<'v>) -> Option<MappedTax<'v>> {
    match value {
        Value::Tax(tax) => {
            let Tax { category, percent, reason, .. } = tax;
            Some(MappedTax {
                category: *category,
                percent: *percent,
                reason: reason.as_deref(),
                amount: None,
            })
        }
        value => {
            let percent = value.number()?.normalize();
            let category = if percent.is_zero() { TaxCategory::Z } else { TaxCategory::S };
            Some(MappedTax { category, percent, reason: None, amount: None })
        }
    }
}

/// The tax with the amount the platform applied. Of several taxes only the one that a rule names is taken: UBL has
/// one VAT category a line (BR-CO-04).
pub(super) fn with_amount<'v>(
    decision: &Decision<'v>,
    cx: &Cx<'_, 'v, '_>,
) -> Result<MappedTax<'v>, (&'static str, String)> {
    let mut tax = of(&decision.value).ok_or_else(|| undecided(cx))?;
    let Some(ItemTax::Applied(applied)) = cx.facts.tax() else { return Ok(tax) };
    tax.amount = match applied.as_slice() {
        [_, _, ..] => named(decision, applied, cx).ok_or_else(|| several(applied))?.amount,
        one_or_none => one_or_none.first().and_then(|applied| applied.amount),
    };
    Ok(tax)
}

/// The one of several applied taxes that the rule's source belongs to: the one with that id, or the one in the same
/// place where the record lists as many as were applied.
fn named<'t, 'v>(
    decision: &Decision<'v>,
    applied: &'t [AppliedTax],
    cx: &Cx<'_, 'v, '_>,
) -> Option<&'t AppliedTax> {
    if decision.matches > 1 {
        return None;
    }
    let picks = decision.rule.bound_picks(cx)?;
    let input = decision.rule.input(cx, decision.pick)?;
    let mut by_id = applied.iter().filter(|tax| tax.id.as_deref() == Some(input.trim()));
    match (by_id.next(), by_id.next()) {
        (Some(only), None) => Some(only),
        (None, _) if picks == applied.len() => applied.get(decision.pick),
        _ => None,
    }
}

fn several(applied: &[AppliedTax]) -> (&'static str, String) {
    let names: Vec<String> = applied
        .iter()
        .take(5)
        .map(|tax| format!("{} {} %", tax.name.as_deref().unwrap_or("a tax of"), tax.rate.get().normalize()))
        .collect();
    let message = format!(
        "{} taxes were applied ({}), but an invoice line has one: say in tax.by_field which of them is VAT",
        applied.len(),
        names.join(", ")
    );
    ("several_taxes", message)
}

/// Why no rule gave a tax, and which setting would.
pub(super) fn undecided(cx: &Cx<'_, '_, '_>) -> (&'static str, String) {
    let message = match cx.facts.tax() {
        Some(ItemTax::Applied(applied)) if applied.len() > 1 => return several(applied),
        Some(ItemTax::NotCarried) => {
            "the platform carries no tax and nothing says which applies: fill tax.default in the tenant's settings"
        }
        Some(ItemTax::Untaxed) => {
            "the platform applied no tax and nothing says why: fill tax.untaxed in the tenant's settings"
        }
        _ => {
            "no rule gives a tax: write one for each.line.tax and each.charge.tax, or name it in tax.by_field"
        }
    };
    ("tax_unknown", message.to_owned())
}
