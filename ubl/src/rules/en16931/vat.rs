//! The rules of the VAT categories.

use super::bases::Bases;
use super::document::sign;
use super::families::{FAMILIES, Family, Identifiers, Rate};
use super::tally::{B, Tallies};
use crate::calculate::tax_near;
use crate::rules::Severity::Fatal;
use crate::rules::double::less_than_one_apart;
use crate::rules::engine::{
    Facts, Finding, Report, Told, amount, at_top, is_charge, is_vat, normal_text, parent_is, shown,
};
use crate::rules::number::decimal;
use crate::vocabulary::{Cac, Name, name, path};
use crate::xml::tree::Element;
use rust_decimal::Decimal;
use std::borrow::Cow;

/// Rules of single categories beyond the ten.
const FURTHER: [(&str, &str); 8] = [
    ("BR-IC-11", "an intra-community supply states its delivery date or the period billed"),
    ("BR-IC-12", "an intra-community supply states the country of delivery"),
    ("BR-O-11", "where a subtotal is outside the scope of VAT (O), every subtotal is"),
    ("BR-O-12", "where a subtotal is outside the scope of VAT (O), every line is"),
    ("BR-O-13", "where a subtotal is outside the scope of VAT (O), every allowance is"),
    ("BR-O-14", "where a subtotal is outside the scope of VAT (O), every charge is"),
    ("BR-B-01", "split payment (B) is used in Italian documents only"),
    ("BR-B-02", "split payment (B) does not stand beside standard rated (S)"),
];

/// The rules in words.
pub(super) fn told() -> impl Iterator<Item = Told> {
    let further = FURTHER.iter().map(|(id, wants)| Told::new(id, Fatal, "the document", *wants));
    FAMILIES.iter().flat_map(Family::told).chain(further)
}

pub(super) fn code_of(category: Element<'_>) -> Cow<'_, str> {
    category.first(path!("cbc:ID")).map(normal_text).unwrap_or_default()
}

/// Rules about the document as a whole: 01 to 04 of each family, and the further ones.
pub(super) fn check_document(facts: &Facts<'_>, report: &mut Report<'_>) {
    let tallies = Tallies::gather(facts);
    for (at, family) in FAMILIES.iter().enumerate() {
        let [one, two, three, four, ..] = family.ids;
        let mut add = |id, finding: Finding| {
            if let Err(message) = finding {
                report.add(id, Fatal, facts.root, message);
            }
        };
        let in_lines = of(&tallies.lines.first, at) > 0;
        // BR-S-02 also sees lines under another scheme; then no seller identifier helps.
        let loosely = family.code == "S" && of(&tallies.lines.any, at) > 0;
        add(one, family.is_broken_down(&tallies, at));
        add(two, family.is_identified(facts, in_lines, loosely, "a line"));
        add(three, family.is_identified(facts, family.in_parts(&tallies, at, false), false, "an allowance"));
        add(four, family.is_identified(facts, family.in_parts(&tallies, at, true), false, "a charge"));
    }
    further(facts, &tallies, report);
}

fn of(counts: &[usize], at: usize) -> usize {
    counts.get(at).copied().unwrap_or_default()
}

impl Family {
    fn told(&self) -> [Told; 10] {
        let identified = match self.identifiers {
            Identifiers::Seller => {
                "the seller has a tax identifier, or its tax representative a VAT identifier"
            }
            Identifiers::SellerVat => "the seller or its tax representative has a VAT identifier",
            Identifiers::SellerAndBuyer => {
                "the seller has a tax identifier (or its tax representative one for VAT), and the buyer a VAT identifier or registration"
            }
            Identifiers::SellerVatAndBuyerVat => {
                "the seller or its tax representative has a VAT identifier, and so has the buyer"
            }
            Identifiers::Nobody => "neither seller, tax representative nor buyer states a VAT identifier",
        };
        let rate = match self.rate {
            Rate::Zero => "is 0",
            Rate::AboveZero => "is more than 0",
            Rate::ZeroOrMore => "is 0 or more",
            Rate::None => "is left out",
        };
        let rows = if self.by_rate { "a tax subtotal for each rate" } else { "exactly one tax subtotal" };
        let base = "the taxable amount is lines − allowances + charges of the category";
        let by_rate = if self.by_rate { " and rate, less than 1.00 apart" } else { "" };
        let tax = if self.by_rate { "less than 1.00 away from taxable amount × rate" } else { "0" };
        let reason =
            if self.reason_needed { "a reason for it is given" } else { "no reason for exemption is given" };
        let of = |what: &str| format!("the rate of {what} {rate}");
        let used = |where_: &str| format!("where {where_} uses it, {identified}");
        let wants = [
            ("the document", format!("where the category is used, it has {rows}")),
            ("the document", used("a line")),
            ("the document", used("an allowance")),
            ("the document", used("a charge")),
            ("cac:ClassifiedTaxCategory", of("a line")),
            ("cac:TaxCategory", of("a document allowance")),
            ("cac:TaxCategory", of("a document charge")),
            ("cac:TaxSubtotal", format!("{base}{by_rate}")),
            ("cac:TaxSubtotal", format!("the tax is {tax}")),
            ("cac:TaxSubtotal", reason.to_owned()),
        ];
        let mut wants = wants.into_iter();
        self.ids.map(|id| {
            let (concerns, wants) = wants.next().unwrap_or_default();
            Told::new(id, Fatal, concerns, format!("{} ({}): {wants}", self.code, self.name))
        })
    }

    fn in_parts(&self, tallies: &Tallies, at: usize, charge: bool) -> bool {
        let parts = match (charge, self.identifiers) {
            (false, Identifiers::Nobody) => &tallies.top_allowances,
            (true, Identifiers::Nobody) => &tallies.top_charges,
            (false, _) => &tallies.allowances,
            (true, _) => &tallies.charges,
        };
        // BR-AF-04 compares the code with its white space.
        let counts = if self.code == "L" && charge { &parts.raw_vat } else { &parts.vat };
        of(counts, at) > 0
    }

    /// Rule 01.
    fn is_broken_down(&self, tallies: &Tallies, at: usize) -> Finding {
        let (lines, rows, parts) = (&tallies.lines, &tallies.rows, &tallies.parts);
        let (members, count, ok) = if self.by_rate {
            let standard = self.code == "S";
            let members = if standard {
                of(&lines.any, at) + of(&parts.any, at)
            } else {
                of(&lines.vat, at) + of(&parts.vat, at)
            };
            let count = of(if standard { &rows.any } else { &rows.vat }, at);
            let as_written = match self.code {
                "L" => of(&rows.raw, at),
                "M" => of(&rows.raw_vat, at),
                _ => count,
            };
            (members, count, if members > 0 { as_written > 0 } else { count == 0 })
        } else {
            let members = of(&tallies.all.vat, at) + of(&lines.vat, at);
            let count = of(&rows.vat, at);
            (members, count, members == 0 || count == 1)
        };
        if ok {
            return Ok(());
        }
        let (code, name) = (self.code, self.name);
        let wanted = if self.by_rate { "one for each rate used" } else { "exactly one where it is used" };
        Err(format!("{code} ({name}) is used {members} times and has {count} tax subtotals; have {wanted}"))
    }

    /// Rules 02 to 04.
    fn is_identified(&self, facts: &Facts<'_>, used: bool, loosely: bool, what: &str) -> Finding {
        if !(used || loosely) {
            return Ok(());
        }
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
        if used && satisfied {
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

/// Whether there are rules about elements of the name.
pub(super) fn knows(name: Name) -> bool {
    matches!(name, Name::Cac(Cac::TaxCategory | Cac::ClassifiedTaxCategory))
}

/// Rules 05 to 10 about one tax category.
pub(super) fn check_category(bases: &Bases, category: Element<'_>, report: &mut Report<'_>) {
    if !knows(category.name()) {
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

fn further(facts: &Facts<'_>, tallies: &Tallies, report: &mut Report<'_>) {
    let root = facts.root;
    let in_rows = |code: &str| {
        let at = FAMILIES.iter().position(|family| family.code == code);
        at.is_some_and(|at| of(&tallies.rows.vat, at) > 0)
    };
    let mut add = |id, broken: bool, message: &str| {
        if broken {
            report.add(id, Fatal, root, message.to_owned());
        }
    };
    if in_rows("K") {
        let filled = |path| root.first(path).is_some_and(|e| e.text().chars().count() > 1);
        let period = root.all(path!("cac:InvoicePeriod")).any(Element::has_children);
        add(
            "BR-IC-11",
            !filled(path!("cac:Delivery/cbc:ActualDeliveryDate")) && !period,
            "an intra-community supply states no delivery date; give it or the period billed",
        );
        let country =
            path!("cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode");
        add("BR-IC-12", !filled(country), "an intra-community supply states no country of delivery; give it");
    }
    if in_rows("O") {
        let message = "O (outside the scope of VAT) stands beside another category; bill them separately";
        add("BR-O-11", tallies.rows.beside_o > 0, message);
        add("BR-O-12", tallies.lines.beside_o > 0, message);
        add("BR-O-13", tallies.allowances.beside_o > 0, message);
        add("BR-O-14", tallies.charges.beside_o > 0, message);
    }
    split_payment(facts, tallies, &mut add);
}

/// B, the Italian split payment.
fn split_payment(facts: &Facts<'_>, tallies: &Tallies, add: &mut impl FnMut(&'static str, bool, &str)) {
    let in_document = |at: usize| {
        [&tallies.lines, &tallies.rows, &tallies.top_parts].iter().any(|tally| of(&tally.raw, at) > 0)
    };
    if of(&tallies.lines.raw, B) + of(&tallies.all.raw, B) == 0 {
        return;
    }
    let mut countries = facts.tree.elements().filter(|e| e.is(name!("cbc:IdentificationCode")));
    let abroad = countries.any(|c| c.text() != "IT");
    add("BR-B-01", abroad, "B (split payment) is used in a document that is not all Italian");
    let standard = FAMILIES.iter().position(|family| family.code == "S").is_some_and(in_document);
    let both = standard && in_document(B);
    add("BR-B-02", both, "B (split payment) stands beside S (standard rated); bill them separately");
}
