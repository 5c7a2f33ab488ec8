//! What rules look up all over a document, found in one pass.

use super::engine::{has_vat_id, is_charge};
use super::number::decimal;
use super::peppol::Setting;
use crate::vocabulary::{Cac, Cbc, Name, name, path};
use crate::xml::tree::{Element, Tree};
use rust_decimal::Decimal;
use std::cell::OnceCell;
use std::collections::HashSet;

/// Where the order of things is: lists of elements wherever they stand, found once per document.
pub(super) struct Facts<'t> {
    pub(super) root: Element<'t>,
    pub(super) tree: &'t Tree<'t>,
    pub(super) invoice_lines: Vec<Element<'t>>,
    pub(super) credit_note_lines: Vec<Element<'t>>,
    pub(super) allowances: Vec<Element<'t>>,
    pub(super) charges: Vec<Element<'t>>,
    pub(super) allowances_and_charges: Vec<Element<'t>>,
    pub(super) tax_categories: Vec<Element<'t>>,
    pub(super) line_tax_categories: Vec<Element<'t>>,
    pub(super) tax_totals: Vec<Element<'t>>,
    /// The net amounts of lines in the order of lines, with the id of the line; none where one is no decimal.
    pub(super) net_amounts: Vec<(u32, Option<Decimal>)>,
    pub(super) payment_ids: Vec<Element<'t>>,
    pub(super) payment_means_codes: Vec<Element<'t>>,
    pub(super) party_identifications: Vec<Element<'t>>,
    /// Ids of prices that have an allowance.
    pub(super) discounted_prices: HashSet<u32>,
    line_total: OnceCell<Option<Decimal>>,
    pub(super) suppliers: Vec<Element<'t>>,
    pub(super) customers: Vec<Element<'t>>,
    representatives: Vec<Element<'t>>,
    setting: OnceCell<Setting<'t>>,
}

impl<'t> Facts<'t> {
    pub(super) fn gather(tree: &'t Tree<'t>) -> Self {
        let mut facts = Self {
            root: tree.root(),
            tree,
            invoice_lines: vec![],
            credit_note_lines: vec![],
            allowances: vec![],
            charges: vec![],
            allowances_and_charges: vec![],
            tax_categories: vec![],
            line_tax_categories: vec![],
            tax_totals: vec![],
            net_amounts: vec![],
            payment_ids: vec![],
            payment_means_codes: vec![],
            party_identifications: vec![],
            discounted_prices: HashSet::new(),
            line_total: OnceCell::new(),
            suppliers: vec![],
            customers: vec![],
            representatives: vec![],
            setting: OnceCell::new(),
        };
        for element in tree.elements() {
            facts.note(element);
        }
        // Those of a line within a line come before what follows it in the outer one.
        facts.net_amounts.sort_by_key(|(line, _)| *line);
        facts
    }

    fn note(&mut self, element: Element<'t>) {
        let name = match element.name() {
            Name::Cac(name) => name,
            // Noted here because nothing else reads what lines hold from first to last: later each costs a wait.
            Name::Cbc(Cbc::LineExtensionAmount) => return self.note_net_amount(element),
            Name::Cbc(Cbc::PaymentID) => return self.payment_ids.push(element),
            Name::Cbc(Cbc::PaymentMeansCode) => return self.payment_means_codes.push(element),
            _ => return,
        };
        let list = match name {
            Cac::InvoiceLine => &mut self.invoice_lines,
            Cac::CreditNoteLine => &mut self.credit_note_lines,
            Cac::AllowanceCharge => &mut self.allowances_and_charges,
            Cac::TaxCategory => &mut self.tax_categories,
            Cac::ClassifiedTaxCategory => &mut self.line_tax_categories,
            Cac::TaxTotal => &mut self.tax_totals,
            Cac::PartyIdentification => &mut self.party_identifications,
            Cac::AccountingSupplierParty => &mut self.suppliers,
            Cac::AccountingCustomerParty => &mut self.customers,
            Cac::TaxRepresentativeParty => &mut self.representatives,
            _ => return,
        };
        list.push(element);
        if name == Cac::AllowanceCharge {
            self.discounted_prices
                .extend(element.parent().filter(|p| p.is(name!("cac:Price"))).map(Element::id));
            if is_charge(element, false) {
                self.allowances.push(element);
            }
            if is_charge(element, true) {
                self.charges.push(element);
            }
        }
    }

    fn note_net_amount(&mut self, amount: Element<'t>) {
        if let Some(parent) = amount.parent()
            && matches!(parent.name(), Name::Cac(Cac::InvoiceLine | Cac::CreditNoteLine))
        {
            self.net_amounts.push((parent.id(), decimal(&amount.text())));
        }
    }

    /// The sum of all line net amounts; none where one is no decimal.
    pub(super) fn line_total(&self) -> Option<Decimal> {
        let mut amounts = self.net_amounts.iter().map(|(_, amount)| *amount);
        *self
            .line_total
            .get_or_init(|| amounts.try_fold(Decimal::ZERO, |total, amount| total.checked_add(amount?)))
    }

    /// Who trades with whom, as the rules of Peppol want to know it.
    pub(super) fn setting(&self) -> &Setting<'t> {
        self.setting.get_or_init(|| Setting::gather(self.root))
    }

    /// Whether the seller states a tax identifier under any scheme.
    pub(super) fn seller_tax_id(&self) -> bool {
        self.suppliers.iter().any(|e| e.has(path!("cac:Party/cac:PartyTaxScheme/cbc:CompanyID")))
    }

    /// Whether the seller states a VAT identifier.
    pub(super) fn seller_vat_id(&self) -> bool {
        self.suppliers.iter().flat_map(|e| e.all(path!("cac:Party"))).any(has_vat_id)
    }

    /// Whether the seller's tax representative states a VAT identifier.
    pub(super) fn representative_vat_id(&self) -> bool {
        self.representatives.iter().copied().any(has_vat_id)
    }

    /// Whether the buyer states a VAT identifier.
    pub(super) fn buyer_vat_id(&self) -> bool {
        self.customers.iter().flat_map(|e| e.all(path!("cac:Party"))).any(has_vat_id)
    }

    /// Whether the buyer states a legal registration.
    pub(super) fn buyer_legal_id(&self) -> bool {
        self.customers.iter().any(|e| e.has(path!("cac:Party/cac:PartyLegalEntity/cbc:CompanyID")))
    }
}
