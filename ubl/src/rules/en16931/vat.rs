//! The rules of the VAT categories.

use super::bases::Bases;
use super::document::sign;
use super::families::{FAMILIES, Family, Identifiers, Rate};
use crate::calculate::tax_near;
use crate::rules::Severity::Fatal;
use crate::rules::double::less_than_one_apart;
use crate::rules::engine::{
    Facts, Finding, Report, amount, at_top, is_charge, is_vat, normal_text, normalized, parent_is, shown,
};
use crate::rules::number::decimal;
use crate::vocabulary::{name, path};
use crate::xml::tree::Element;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Rules of single categories beyond the ten.
const FURTHER: [&str; 8] =
    ["BR-IC-11", "BR-IC-12", "BR-O-11", "BR-O-12", "BR-O-13", "BR-O-14", "BR-B-01", "BR-B-02"];

pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|family| family.ids).chain(FURTHER)
}

pub(super) fn code_of(category: Element<'_>) -> Cow<'_, str> {
    category.first(path!("cbc:ID")).map(normal_text).unwrap_or_default()
}

fn has_code(category: Element<'_>, code: &str) -> bool {
    category.all(path!("cbc:ID")).any(|id| normalized(&id.text()) == code)
}

/// Rules about the document as a whole: 01 to 04 of each family, and the further ones.
pub(super) fn check_document(facts: &Facts<'_>, report: &mut Report<'_>) {
    let used = Used::gather(facts);
    for family in FAMILIES {
        let [one, two, three, four, ..] = family.ids;
        let mut add = |id, finding: Finding| {
            if let Err(message) = finding {
                report.add(id, Fatal, facts.root, message);
            }
        };
        add(one, family.is_broken_down(facts));
        add(two, family.is_identified(facts, used.lines(family.code), "a line"));
        add(three, family.is_identified(facts, used.parts(facts, family, false), "an allowance"));
        add(four, family.is_identified(facts, used.parts(facts, family, true), "a charge"));
    }
    further(facts, report);
}

/// Which categories the lines use under the scheme VAT.
struct Used<'t> {
    under_vat: Vec<Cow<'t, str>>,
}

impl<'t> Used<'t> {
    fn gather(facts: &Facts<'t>) -> Self {
        let under_vat =
            facts.line_tax_categories.iter().filter(|c| is_vat(**c)).map(|c| code_of(*c)).collect();
        Self { under_vat }
    }

    fn lines(&self, code: &str) -> bool {
        self.under_vat.iter().any(|c| c == code)
    }

    fn parts(&self, facts: &Facts<'_>, family: &Family, charge: bool) -> bool {
        let parts = if charge { &facts.charges } else { &facts.allowances };
        let own = |part: &&Element<'_>| family.identifiers != Identifiers::Nobody || at_top(**part);
        let raw = family.code == "L" && charge;
        parts.iter().filter(own).flat_map(|p| p.all(path!("cac:TaxCategory"))).any(|c| {
            // BR-AF-04 compares the code with its white space.
            let same = if raw { raw_code(c, family.code) } else { has_code(c, family.code) };
            same && is_vat(c)
        })
    }
}

fn raw_code(category: Element<'_>, code: &str) -> bool {
    category.all(path!("cbc:ID")).any(|id| id.text() == code)
}

impl Family {
    /// Rule 01.
    fn is_broken_down(&self, facts: &Facts<'_>) -> Finding {
        let rows: Vec<_> = facts.root.all(path!("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory")).collect();
        let (members, count, ok) = if self.by_rate {
            self.broken_down_by_rate(facts, &rows)
        } else {
            let all = facts.tax_categories.iter().chain(&facts.line_tax_categories);
            let members = all.filter(|c| is_vat(**c) && has_code(**c, self.code)).count();
            let count = rows.iter().filter(|c| is_vat(**c) && has_code(**c, self.code)).count();
            (members, count, members == 0 || count == 1)
        };
        if ok {
            return Ok(());
        }
        let (code, name) = (self.code, self.name);
        let wanted = if self.by_rate { "one for each rate used" } else { "exactly one where it is used" };
        Err(format!("{code} ({name}) is used {members} times and has {count} tax subtotals; have {wanted}"))
    }

    fn broken_down_by_rate(&self, facts: &Facts<'_>, rows: &[Element<'_>]) -> (usize, usize, bool) {
        let standard = self.code == "S";
        let counts = |c: &Element<'_>| has_code(*c, self.code) && (standard || is_vat(*c));
        let parts = facts.allowances_and_charges.iter().flat_map(|p| p.all(path!("cac:TaxCategory")));
        let members = parts.chain(facts.line_tax_categories.iter().copied()).filter(counts).count();
        let count = rows.iter().filter(|c| counts(c)).count();
        let as_written = rows.iter().filter(|c| match self.code {
            "L" => raw_code(**c, "L"),
            "M" => raw_code(**c, "M") && is_vat(**c),
            _ => counts(c),
        });
        let ok = if members > 0 { as_written.count() > 0 } else { count == 0 };
        (members, count, ok)
    }

    /// Rules 02 to 04.
    fn is_identified(&self, facts: &Facts<'_>, used: bool, what: &str) -> Finding {
        // BR-S-02 also sees lines under another scheme; then no seller identifier helps.
        let loose = self.code == "S" && what == "a line";
        let named = loose && facts.line_tax_categories.iter().any(|c| has_code(*c, self.code));
        let (seller, seller_vat) = (facts.seller_tax_id(), facts.seller_vat_id());
        let (agent, buyer_vat) = (facts.representative_vat_id(), facts.buyer_vat_id());
        let (satisfied, wanted) = match self.identifiers {
            Identifiers::Seller => (seller || agent, "give the seller's tax identifier"),
            Identifiers::SellerVat => (seller_vat || agent, "give the seller's VAT identifier"),
            Identifiers::SellerAndBuyer => (
                (seller || agent) && (buyer_vat || facts.buyer_legal_id()),
                "identify the seller, and the buyer by VAT or registration",
            ),
            Identifiers::SellerVatAndBuyerVat => {
                ((seller_vat || agent) && buyer_vat, "give the VAT identifiers of seller and buyer")
            }
            Identifiers::Nobody => {
                (!seller_vat && !agent && !buyer_vat, "leave the VAT identifiers of all parties out")
            }
        };
        if (used && satisfied) || !(used || named) {
            return Ok(());
        }
        let scheme = if used { "" } else { ", though not under the scheme VAT" };
        Err(format!("{what} is {} ({}){scheme}; {wanted}", self.code, self.name))
    }

    /// Rules 05 to 07: the rate of a line, an allowance or a charge.
    fn has_rate(&self, category: Element<'_>) -> Finding {
        let percent = category.first(path!("cbc:Percent")).map(|p| p.text());
        let value = percent.as_deref().and_then(decimal);
        let sign = percent.as_deref().and_then(sign);
        let (ok, wanted) = match self.rate {
            Rate::Zero => (value.is_some_and(|v| v.is_zero()), "make it 0"),
            Rate::AboveZero => (sign.is_some_and(|s| s > 0), "make it more than 0"),
            Rate::ZeroOrMore => (sign.is_some_and(|s| s >= 0), "make it 0 or more"),
            Rate::None => (percent.is_none(), "leave it out"),
        };
        if ok {
            return Ok(());
        }
        let found =
            category.first(path!("cbc:Percent")).map_or("missing".to_owned(), |p| format!("{:?}", shown(p)));
        Err(format!("the rate of {} ({}) is {found}; {wanted}", self.code, self.name))
    }

    /// Rule 08: the taxable amount is what the members of the category add up to.
    fn has_base(&self, bases: &Bases, category: Element<'_>) -> Finding {
        let Some(subtotal) = category.parent() else { return Ok(()) };
        let stated = amount(subtotal, path!("cbc:TaxableAmount"));
        let rate = match category.first(path!("cbc:Percent")) {
            Some(percent) if self.by_rate => match decimal(&percent.text()) {
                Some(rate) => Some(rate),
                None => return Err(format!("the rate is {:?}, not a number", shown(percent))),
            },
            // Without a rate there is nothing to compare by rate.
            None if self.by_rate => return Ok(()),
            _ => None,
        };
        let fits = |(used, base): (bool, Option<Decimal>)| {
            let Some((stated, base)) = stated.zip(base).filter(|_| used) else { return false };
            if self.by_rate { less_than_one_apart(stated, base) } else { stated == base }
        };
        let [invoice, credit_note] = bases.of(self.code, rate);
        if fits(invoice) || fits(credit_note) {
            return Ok(());
        }
        let text = |value: Option<Decimal>| value.map_or("not a number".to_owned(), |v| v.to_string());
        let parts = if credit_note.0 { credit_note.1 } else { invoice.1 };
        let (code, name, stated, parts) = (self.code, self.name, text(stated), text(parts));
        Err(format!(
            "the taxable amount of {code} ({name}) is {stated} where its lines − allowances + charges give {parts}"
        ))
    }

    /// Rule 09: the tax of the subtotal.
    fn has_tax(&self, category: Element<'_>) -> Finding {
        let Some(subtotal) = category.parent() else { return Ok(()) };
        let tax = amount(subtotal, path!("cbc:TaxAmount"));
        let ok = if self.by_rate {
            let base = amount(subtotal, path!("cbc:TaxableAmount"));
            let all = tax.zip(base).zip(amount(category, path!("cbc:Percent")));
            all.is_some_and(|((tax, base), rate)| tax_near(tax, base, rate))
        } else {
            tax.is_some_and(|t| t.is_zero())
        };
        if ok {
            return Ok(());
        }
        let found = tax.map_or("missing or no number".to_owned(), |t| t.to_string());
        let wanted = if self.by_rate { "less than 1.00 away from taxable amount × rate" } else { "0" };
        Err(format!("the tax of {} ({}) is {found}; make it {wanted}", self.code, self.name))
    }

    /// Rule 10: the reason for not charging tax.
    fn has_reason(&self, category: Element<'_>) -> Finding {
        let given = category.has(path!("cbc:TaxExemptionReason"))
            || category.has(path!("cbc:TaxExemptionReasonCode"));
        let (code, name) = (self.code, self.name);
        match (given, self.reason_needed) {
            (false, true) => Err(format!("{code} ({name}) gives no reason; say why no tax is charged")),
            (true, false) => Err(format!("{code} ({name}) gives a reason for exemption; leave it out")),
            _ => Ok(()),
        }
    }
}

/// Rules 05 to 10 about one tax category.
pub(super) fn check_category(bases: &Bases, category: Element<'_>, report: &mut Report<'_>) {
    let local = category.local();
    if local != "TaxCategory" && local != "ClassifiedTaxCategory" {
        return;
    }
    let place = place(category);
    if place == Place::Elsewhere || !is_vat(category) {
        return;
    }
    let code = code_of(category);
    let Some(family) = FAMILIES.iter().find(|f| f.code == code) else { return };
    let [_, _, _, _, five, six, seven, eight, nine, ten] = family.ids;
    let findings = match place {
        Place::Line => vec![(five, family.has_rate(category))],
        Place::Allowance => vec![(six, family.has_rate(category))],
        Place::Charge => vec![(seven, family.has_rate(category))],
        Place::Breakdown => vec![
            (eight, family.has_base(bases, category)),
            (nine, family.has_tax(category)),
            (ten, family.has_reason(category)),
        ],
        Place::Elsewhere => vec![],
    };
    for (id, finding) in findings {
        if let Err(message) = finding {
            report.add(id, Fatal, category, message);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Line,
    Allowance,
    Charge,
    Breakdown,
    Elsewhere,
}

fn place(category: Element<'_>) -> Place {
    let Some(parent) = category.parent() else { return Place::Elsewhere };
    if category.is(name!("cac:ClassifiedTaxCategory")) {
        let line =
            parent_is(parent, name!("cac:InvoiceLine")) || parent_is(parent, name!("cac:CreditNoteLine"));
        return if parent.is(name!("cac:Item")) && line { Place::Line } else { Place::Elsewhere };
    }
    let breakdown = parent.is(name!("cac:TaxSubtotal"))
        && parent.parent().is_some_and(|total| total.is(name!("cac:TaxTotal")) && at_top(total));
    if !category.is(name!("cac:TaxCategory")) {
        Place::Elsewhere
    } else if breakdown {
        Place::Breakdown
    } else if parent.is(name!("cac:AllowanceCharge")) && is_charge(parent, false) {
        Place::Allowance
    } else if parent.is(name!("cac:AllowanceCharge")) && is_charge(parent, true) {
        Place::Charge
    } else {
        Place::Elsewhere
    }
}

fn further(facts: &Facts<'_>, report: &mut Report<'_>) {
    let root = facts.root;
    let rows = || root.all(path!("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory")).filter(|c| is_vat(*c));
    let mut add = |id, broken: bool, message: &str| {
        if broken {
            report.add(id, Fatal, root, message.to_owned());
        }
    };
    if rows().any(|c| has_code(c, "K")) {
        let filled = |path| root.first(path).is_some_and(|e| e.text().chars().count() > 1);
        let period = root.all(path!("cac:InvoicePeriod")).any(Element::has_children);
        add(
            "BR-IC-11",
            !filled(path!("cac:Delivery/cbc:ActualDeliveryDate")) && !period,
            "an intra-community supply states no delivery date; give it or the period billed",
        );
        add(
            "BR-IC-12",
            !filled(path!(
                "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode"
            )),
            "an intra-community supply states no country of delivery; give it",
        );
    }
    if rows().any(|c| has_code(c, "O")) {
        // A category without a code counts as another.
        let other = |c: Element<'_>| is_vat(c) && code_of(c) != "O";
        let in_parts =
            |parts: &[Element<'_>]| parts.iter().flat_map(|p| p.all(path!("cac:TaxCategory"))).any(other);
        let message = "O (outside the scope of VAT) stands beside another category; bill them separately";
        add("BR-O-11", rows().any(other), message);
        add("BR-O-12", facts.line_tax_categories.iter().copied().any(other), message);
        add("BR-O-13", in_parts(&facts.allowances), message);
        add("BR-O-14", in_parts(&facts.charges), message);
    }
    split_payment(facts, &mut add);
}

/// B, the Italian split payment.
fn split_payment(facts: &Facts<'_>, add: &mut impl FnMut(&'static str, bool, &str)) {
    let root = facts.root;
    let in_lines = |code| facts.line_tax_categories.iter().any(|c| raw_code(*c, code));
    let in_document = |code| {
        in_lines(code)
            || root.all(path!("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory")).any(|c| raw_code(c, code))
            || root.all(path!("cac:AllowanceCharge/cac:TaxCategory")).any(|c| raw_code(c, code))
    };
    let anywhere = in_lines("B") || facts.tax_categories.iter().any(|c| raw_code(*c, "B"));
    let abroad = || {
        let mut countries = facts.tree.elements().filter(|e| e.is(name!("cbc:IdentificationCode")));
        countries.any(|c| c.text() != "IT")
    };
    add("BR-B-01", anywhere && abroad(), "B (split payment) is used in a document that is not all Italian");
    let both = in_document("B") && in_document("S");
    add("BR-B-02", both, "B (split payment) stands beside S (standard rated); bill them separately");
}
