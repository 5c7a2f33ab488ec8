//! Greece: what the invoice of a Greek seller must state for the tax authority's platform.

use super::check_digits::is_greek;
use super::double::is_number;
use super::setting::{Setting, head, named};
use super::values::{
    any_is, behind, is_blank, is_vat_scheme, length, prefix, quoted, require, stated, text_at, vat_ids,
};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, Rule, at_top, fatal, normalized, parent_is, warning};
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;

const DESCRIPTION: Path = path!("cbc:DocumentDescription");
const MARK: &str = "##M.AR.K##";
const URL: &str = "##INVOICE|URL##";
const GREECE: &[&str] = &["GR", "EL"];

/// Types of document, the fourth part of an invoice's number.
const TYPES: &[&str] = &["1.1", "1.6", "2.1", "2.4", "5.1", "5.2"];

pub(super) fn applies(setting: &Setting<'_>) -> bool {
    setting.supplier_is(GREECE)
}

pub(super) fn applies_with_greek_address(setting: &Setting<'_>) -> bool {
    applies(setting) && setting.a_greek_address
}

pub(super) fn applies_to_seller(setting: &Setting<'_>) -> bool {
    setting.seller_is(GREECE)
}

pub(super) fn applies_at_home(setting: &Setting<'_>) -> bool {
    applies(setting) && setting.customer_is(GREECE)
}

/// Rules about Greek sellers.
pub(super) const GROUPS: &[Group] = &[
    Group { name: name!("cbc:ID"), when: at_top, rules: INVOICE_NUMBER },
    Group {
        name: name!("cac:Party"),
        when: |e| parent_is(e, name!("cac:AccountingSupplierParty")),
        rules: &[
            fatal(
                "GR-R-002",
                Test(has_name),
                "give the seller's name as it is in the business or tax register",
            ),
            warning(
                "GR-S-011",
                Test(one_tax_number),
                "give the seller's VAT number once, as EL and the nine digits",
            ),
        ],
    },
    Group {
        name: name!("cbc:CompanyID"),
        when: is_sellers_vat_number,
        rules: &[fatal(
            "GR-R-003",
            Test(|_, e| {
                require(is_greek_vat_number(&e.text()), || format!("cbc:CompanyID is {}", quoted(&e.text())))
            }),
            "write it as EL and nine digits, the last of them the check digit",
        )],
    },
    Group {
        name: name!("cac:AdditionalDocumentReference"),
        when: |e| any_is(e, DESCRIPTION, URL),
        rules: &[fatal("GR-R-008-3", Test(has_url), "give the address under which the invoice can be seen")],
    },
    Group {
        name: name!("cac:Party"),
        when: |e| parent_is(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal("GR-R-005", Test(has_name), "give the buyer's full name")],
    },
];

/// Rules about Greek sellers with an address in Greece.
pub(super) const WITH_GREEK_ADDRESS: &[Group] = &[
    Group { name: Name::Invoice, when: is_root, rules: REFERENCES },
    Group { name: Name::CreditNote, when: is_root, rules: REFERENCES },
    Group {
        name: name!("cbc:ID"),
        when: |e| {
            e.parent().is_some_and(|reference| {
                reference.is(name!("cac:AdditionalDocumentReference")) && any_is(reference, DESCRIPTION, MARK)
            })
        },
        rules: &[fatal("GR-R-004-2", Test(mark_is_number), "the MARK is a whole number above zero")],
    },
];

/// Rules about the electronic address of sellers that are Greek themselves.
pub(super) const OF_SELLER: &[Group] = &[Group {
    name: name!("cbc:EndpointID"),
    when: |e| is_address_of(e, name!("cac:AccountingSupplierParty")),
    rules: &[fatal("GR-R-009", Test(address), TAX_NUMBER_AS_ADDRESS)],
}];

/// Rules about Greek sellers to Greek buyers.
pub(super) const AT_HOME: &[Group] = &[
    Group {
        name: name!("cac:Party"),
        when: |e| parent_is(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal(
            "GR-R-006",
            Test(one_tax_number),
            "give the buyer's VAT number once, as EL and the nine digits",
        )],
    },
    Group {
        name: name!("cbc:EndpointID"),
        when: |e| is_address_of(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal("GR-R-010", Test(address), TAX_NUMBER_AS_ADDRESS)],
    },
];

const TAX_NUMBER_AS_ADDRESS: &str =
    "the electronic address of a Greek party is its tax number, with schemeID 9933";

const INVOICE_NUMBER: &[Rule] = &[
    fatal(
        "GR-R-001-1",
        Test(six_parts),
        "put it together of six parts with | between: tax number, date, branch, document type, series and number",
    ),
    fatal(
        "GR-R-001-2",
        Test(tax_number_part),
        "make the first part the nine-digit tax number of the seller or its tax representative",
    ),
    fatal("GR-R-001-3", Test(date_part), "make the second part the issue date as 30/11/2026"),
    fatal("GR-R-001-4", Test(branch_part), "make the third part the number of the branch, 0 or more"),
    fatal(
        "GR-R-001-5",
        Test(type_part),
        "make the fourth part the type of document: 1.1, 1.6, 2.1, 2.4, 5.1 or 5.2",
    ),
    fatal(
        "GR-R-001-6",
        Test(|_, e| part_is_there(e, 5)),
        "make the fifth part the series, 0 if there is none",
    ),
    fatal("GR-R-001-7", Test(|_, e| part_is_there(e, 6)), "make the sixth part the number within the series"),
];

const REFERENCES: &[Rule] = &[
    fatal(
        "GR-R-004-1",
        Test(|facts, e| counted(facts, e, MARK, |count| count == 1)),
        "give the MARK of the tax authority in one cac:AdditionalDocumentReference described as ##M.AR.K##",
    ),
    warning(
        "GR-S-008-1",
        Test(|facts, e| counted(facts, e, URL, |count| count == 1)),
        "give the invoice's address in one cac:AdditionalDocumentReference described as ##INVOICE|URL##",
    ),
    fatal(
        "GR-R-008-2",
        Test(|facts, e| counted(facts, e, URL, |count| count <= 1)),
        "give the invoice's address once",
    ),
];

fn is_root(element: Element<'_>) -> bool {
    element.parent().is_none()
}

/// The parts of the number of an invoice. An empty number has none.
fn parts(number: &str) -> Vec<&str> {
    if number.is_empty() { vec![] } else { number.split('|').collect() }
}

/// A part counted from 1; empty where there are fewer.
fn part(number: &str, position: usize) -> &str {
    parts(number).get(position - 1).copied().unwrap_or_default()
}

/// What is found in a part, for messages.
fn part_is(number: &str, position: usize) -> String {
    match parts(number).get(position - 1) {
        Some(part) => format!("part {position} of cbc:ID is {}", quoted(part)),
        None => format!("cbc:ID has no part {position}"),
    }
}

fn six_parts(_: &Facts<'_>, id: Element<'_>) -> Finding {
    let text = id.text();
    let count = parts(&text).len();
    require(count == 6, || format!("cbc:ID {} has {count} parts", quoted(&text)))
}

fn tax_number_part(facts: &Facts<'_>, id: Element<'_>) -> Finding {
    let text = id.text();
    let number = part(&text, 1);
    let valid =
        length(&normalized(number)) == 9 && is_greek(number) && facts.setting().has_tax_number(number);
    require(valid, || part_is(&text, 1))
}

fn date_part(facts: &Facts<'_>, id: Element<'_>) -> Finding {
    let text = id.text();
    let date = part(&text, 2);
    let issued = &facts.setting().issue_date;
    let split = |text: &str, mark: char| -> Vec<String> {
        if text.is_empty() { vec![] } else { text.split(mark).map(str::to_owned).collect() }
    };
    let (parts, issued_parts) = (split(date, '/'), split(issued, '-'));
    let same = |of_date: usize, of_issue: usize| {
        parts.get(of_date).is_some_and(|part| issued_parts.get(of_issue) == Some(part))
    };
    let valid = !is_blank(date) && begins_with_date(date) && same(0, 2) && same(1, 1) && same(2, 0);
    require(valid, || format!("{} and cbc:IssueDate {}", part_is(&text, 2), quoted(issued)))
}

/// Day, month and year from 1900 to 2099, with or without a hyphen, slash, backslash or blank between.
fn begins_with_date(text: &str) -> bool {
    let number = |text: &str, digits: usize, most: u32| {
        let number = text.get(..digits).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
        number.and_then(|part| part.parse::<u32>().ok()).is_some_and(|number| (1..=most).contains(&number))
    };
    let has_mark = |text: &'_ str| text.starts_with(['-', '\\', '/', ' ']);
    let is_year = |text: &str| {
        (text.starts_with("19") || text.starts_with("20"))
            && text.get(..4).is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()))
    };
    let year_follows = |rest: &str| is_year(rest) || (has_mark(rest) && is_year(behind(rest, 1)));
    let month_follows = |rest: &str| {
        (1..=2).any(|digits| number(rest, digits, 12) && year_follows(rest.get(digits..).unwrap_or_default()))
    };
    (1..=2).any(|digits| {
        let rest = text.get(digits..).unwrap_or_default();
        number(text, digits, 31)
            && (month_follows(rest) || (has_mark(rest) && month_follows(behind(rest, 1))))
    })
}

fn branch_part(_: &Facts<'_>, id: Element<'_>) -> Finding {
    let text = id.text();
    let branch = normalized(part(&text, 3)).into_owned();
    let whole = branch.strip_prefix('+').unwrap_or(&branch).bytes().all(|b| b.is_ascii_digit());
    let is_zero = || branch.strip_prefix('-').is_some_and(|zero| zero.bytes().all(|b| b == b'0'));
    require(is_number(&branch) && (whole || is_zero()), || part_is(&text, 3))
}

fn type_part(_: &Facts<'_>, id: Element<'_>) -> Finding {
    let text = id.text();
    require(TYPES.contains(&part(&text, 4)), || part_is(&text, 4))
}

fn part_is_there(id: Element<'_>, position: usize) -> Finding {
    let text = id.text();
    require(!part(&text, position).is_empty(), || part_is(&text, position))
}

fn has_name(_: &Facts<'_>, party: Element<'_>) -> Finding {
    let path = path!("cac:PartyName/cbc:Name");
    require(!text_at(party, path).is_empty(), || stated(party, path))
}

fn is_greek_vat_number(id: &str) -> bool {
    prefix(id, 2) == "EL" && is_greek(behind(id, 2))
}

fn one_tax_number(_: &Facts<'_>, party: Element<'_>) -> Finding {
    let count = vat_ids(party).count();
    let number = vat_ids(party).next().map(Element::text).unwrap_or_default();
    require(count == 1 && is_greek_vat_number(&number), || match count {
        0 => "a VAT number is missing".into(),
        1 => format!("the VAT number is {}", quoted(&number)),
        _ => format!("there are {count} VAT numbers"),
    })
}

fn is_sellers_vat_number(id: Element<'_>) -> bool {
    let registration = id.parent().filter(|e| e.is(name!("cac:PartyTaxScheme")));
    let party = registration.and_then(Element::parent).filter(|e| e.is(name!("cac:Party")));
    party.is_some_and(|e| parent_is(e, name!("cac:AccountingSupplierParty")))
        && registration.is_some_and(is_vat_scheme)
}

fn counted(facts: &Facts<'_>, document: Element<'_>, description: &str, fits: fn(usize) -> bool) -> Finding {
    let head = head(facts, document);
    let references = named(&head, name!("cac:AdditionalDocumentReference"));
    let count = references.filter(|e| any_is(*e, DESCRIPTION, description)).count();
    require(fits(count), || format!("{count} cac:AdditionalDocumentReference are described as {description}"))
}

fn mark_is_number(_: &Facts<'_>, id: Element<'_>) -> Finding {
    let text = id.text();
    require(text.starts_with(|c: char| matches!(c, '1'..='9')), || format!("cbc:ID is {}", quoted(&text)))
}

fn has_url(_: &Facts<'_>, reference: Element<'_>) -> Finding {
    let path = path!("cac:Attachment/cac:ExternalReference/cbc:URI");
    require(!is_blank(&text_at(reference, path)), || stated(reference, path))
}

fn is_address_of(address: Element<'_>, role: Name) -> bool {
    let party = address.parent().filter(|e| e.is(name!("cac:Party")));
    party.is_some_and(|e| parent_is(e, role))
}

fn address(_: &Facts<'_>, address: Element<'_>) -> Finding {
    let text = address.text();
    let scheme = address.attribute("schemeID").unwrap_or_default();
    require(scheme == "9933" && is_greek(&text), || {
        format!("cbc:EndpointID is {} of scheme {}", quoted(&text), quoted(scheme))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_day_month_and_year_with_any_mark_between() {
        for right in [
            "30/11/2026",
            "3/1/1999",
            "30-11-2026",
            "30 11 2026",
            r"1\12\2026",
            "30112026",
            "112026",
            "01/01/2026x",
        ] {
            assert!(begins_with_date(right), "{right}");
        }
        for wrong in [
            "",
            "32/01/2026",
            "00/01/2026",
            "1/13/2026",
            "1/1/2126",
            "1//1/2026",
            "2026-11-30",
            "é1/1/2026",
            "1/1/20",
        ] {
            assert!(!begins_with_date(wrong), "{wrong}");
        }
    }
}
