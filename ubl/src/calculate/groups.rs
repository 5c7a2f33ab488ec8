//! Categories and rates, and what belongs to each.

use super::rules::TaxRounding;
use super::units::{Exact, Units};
use crate::{Result, Tax, TaxCategory, TaxSubtotal};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Up to so many groups are found by looking at each.
const FEW: usize = 8;

/// A line, or an allowance or charge of the document, as the tax breakdown sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// In units; an allowance is below zero.
    pub(super) amount: i128,
    /// Where in [`Groups::list`].
    pub(super) group: usize,
    /// The tax it states, not to be calculated; that of an allowance is below zero.
    pub(super) stated: Option<Decimal>,
}

/// What is of one category and rate.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) category: TaxCategory,
    pub(super) percent: Decimal,
    reason: Option<&'a str>,
    reason_code: Option<&'a str>,
    taxable: i128,
    /// The part of `taxable` whose members state no tax.
    unstated: i128,
    /// The tax of those, where it is rounded for each.
    by_member: i128,
    stated: Exact,
}

/// The groups of a document in the order they are met.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    pub(super) list: Vec<Group<'a>>,
    /// Where each is, once there are many: a hostile document may have one for each line.
    index: BTreeMap<(TaxCategory, Decimal), usize>,
    last: usize,
}

impl<'a> Groups<'a> {
    /// The group of a tax, which takes the first reason given.
    pub(super) fn of(&mut self, tax: &'a Tax) -> usize {
        let at = self.find(tax).unwrap_or_else(|| self.open(tax));
        self.last = at;
        let group = &mut self.list[at];
        if group.reason.is_none() && group.reason_code.is_none() && needs_reason(tax.category) {
            group.reason = tax.reason.as_deref();
            group.reason_code = tax.reason_code.as_deref();
        }
        at
    }

    fn find(&self, tax: &Tax) -> Option<usize> {
        let is_of = |group: &Group<'_>| group.category == tax.category && group.percent == tax.percent;
        if self.list.get(self.last).is_some_and(is_of) {
            Some(self.last)
        } else if self.list.len() <= FEW {
            self.list.iter().position(is_of)
        } else {
            self.index.get(&(tax.category, tax.percent)).copied()
        }
    }

    fn open(&mut self, tax: &Tax) -> usize {
        let at = self.list.len();
        self.list.push(Group {
            category: tax.category,
            percent: tax.percent,
            reason: None,
            reason_code: None,
            taxable: 0,
            unstated: 0,
            by_member: 0,
            stated: Exact::default(),
        });
        if at == FEW {
            self.index = self.list.iter().enumerate().map(|(i, g)| ((g.category, g.percent), i)).collect();
        } else if at > FEW {
            self.index.insert((tax.category, tax.percent), at);
        }
        at
    }

    /// Adds a member to its group.
    pub(super) fn add(&mut self, member: &Member, units: Units, tax: TaxRounding) -> Result<()> {
        let group = &mut self.list[member.group];
        group.taxable += member.amount;
        match (member.stated, tax) {
            (Some(stated), _) => group.stated.add(stated)?,
            (None, TaxRounding::PerGroup) => group.unstated += member.amount,
            (None, TaxRounding::PerLine) => group.by_member += units.share(member.amount, group.percent)?,
        }
        Ok(())
    }

    /// The tax breakdown, by category and rate, and the sum of its tax.
    pub(super) fn subtotals(mut self, units: Units) -> Result<(Vec<TaxSubtotal>, i128)> {
        self.list.sort_by_key(|group| (group.category, group.percent));
        let mut total = 0;
        let mut subtotals = Vec::with_capacity(self.list.len());
        for group in self.list {
            let tax = group.stated.units(units)? + units.share(group.unstated, group.percent)?;
            let tax_amount = units.amount(tax + group.by_member)?;
            total += tax + group.by_member;
            subtotals.push(TaxSubtotal {
                category: group.category,
                percent: group.percent.normalize(),
                taxable_amount: units.amount(group.taxable)?,
                tax_amount,
                reason: group.reason.map(str::to_owned),
                reason_code: group.reason_code.map(str::to_owned),
                ..TaxSubtotal::default()
            });
        }
        Ok((subtotals, total))
    }
}

/// Whether the standard wants a reason for the category (BR-E-10, BR-G-10, …); elsewhere it forbids one (BR-S-10).
pub(crate) fn needs_reason(category: TaxCategory) -> bool {
    use TaxCategory::{AE, E, G, K, O};
    matches!(category, E | G | O | AE | K)
}
