//! Rules about the document as a whole: process, references, notes, tax totals and currencies.

use super::double::{is_negative, is_number, is_positive};
use super::setting::{head, named, within};
use super::values::{is_blank, own_at, quoted, require, sole_of};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, Rule, anywhere, fatal, normalized};
use crate::vocabulary::{Name, name, path};
use crate::xml::tree::{Element, is_space};

/// What a specification identifier of Peppol BIS Billing begins with.
const SPECIFICATION: &str = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";

/// The one rule about every element, whatever its name.
pub(super) const NOT_EMPTY: Rule = fatal(
    "PEPPOL-EN16931-R008",
    Test(|_, e| require(!is_empty(e), || format!("{} is empty", e.usual_name()))),
    "fill the element in or leave it out",
);

/// Whether an element has neither text nor elements in it.
pub(super) fn is_empty(element: Element<'_>) -> bool {
    !element.has_children() && element.own_text().chars().all(is_space)
}

/// Rules about invoice or credit note and the currency of its accounts.
pub(super) const GROUPS: &[Group] = &[
    Group { name: Name::Invoice, when: anywhere, rules: DOCUMENT },
    Group { name: Name::CreditNote, when: anywhere, rules: DOCUMENT },
    Group {
        name: name!("cbc:TaxCurrencyCode"),
        when: anywhere,
        rules: &[fatal(
            "PEPPOL-EN16931-R005",
            Test(accounts_in_another_currency),
            "leave cbc:TaxCurrencyCode out unless the VAT accounts are kept in another currency",
        )],
    },
];

/// Rules about a credit note only.
pub(super) const OF_CREDIT_NOTES: &[Group] = &[Group {
    name: Name::CreditNote,
    when: anywhere,
    rules: &[fatal(
        "PEPPOL-EN16931-R080",
        Test(at_most_one_project),
        "refer to one project at most with document type 50",
    )],
}];

const DOCUMENT: &[Rule] = &[
    fatal(
        "PEPPOL-EN16931-R001",
        Test(|facts, e| has(facts, e, name!("cbc:ProfileID"))),
        "name the business process, usually urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
    ),
    fatal(
        "PEPPOL-EN16931-R007",
        Test(known_process),
        "use a process Peppol knows, usually urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
    ),
    fatal(
        "PEPPOL-EN16931-R002",
        Test(at_most_one_note),
        "put everything into one cbc:Note; only between German seller and buyer there may be more",
    ),
    fatal(
        "PEPPOL-EN16931-R003",
        Test(has_reference_of_buyer),
        "give the reference the buyer asked for, or the number of the order",
    ),
    fatal(
        "PEPPOL-EN16931-R004",
        Test(specification),
        "begin it with urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0 and use no ::",
    ),
    fatal(
        "PEPPOL-EN16931-R053",
        Test(one_breakdown),
        "give exactly one cac:TaxTotal with the breakdown in cac:TaxSubtotal",
    ),
    fatal(
        "PEPPOL-EN16931-R054",
        Test(one_total_in_tax_currency),
        "give one cac:TaxTotal without cac:TaxSubtotal if there is a cbc:TaxCurrencyCode, and none if there is not",
    ),
    fatal(
        "PEPPOL-EN16931-R055",
        Test(same_sign_in_both_currencies),
        "give the VAT total in both currencies, both with the same sign",
    ),
];

fn has(facts: &Facts<'_>, document: Element<'_>, name: Name) -> Finding {
    let (prefix, local) = name.parts();
    require(named(&head(facts, document), name).next().is_some(), || format!("{prefix}{local} is missing"))
}

fn known_process(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    require(facts.setting().known_process, || {
        let process = named(&head(facts, document), name!("cbc:ProfileID")).next();
        process.map_or_else(
            || "cbc:ProfileID is missing".into(),
            |process| format!("cbc:ProfileID is {}", quoted(&process.text())),
        )
    })
}

fn at_most_one_note(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let notes = named(&head(facts, document), name!("cbc:Note")).count();
    require(notes <= 1 || facts.setting().both_are_at_home_in("DE"), || {
        format!("cbc:Note is there {notes} times")
    })
}

fn has_reference_of_buyer(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let head = head(facts, document);
    let order = || named(&head, name!("cac:OrderReference")).any(|e| e.has(path!("cbc:ID")));
    require(named(&head, name!("cbc:BuyerReference")).next().is_some() || order(), || {
        "cbc:BuyerReference and cac:OrderReference/cbc:ID are missing".into()
    })
}

fn specification(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let head = head(facts, document);
    let mut stated = named(&head, name!("cbc:CustomizationID")).map(Element::own_text);
    let stated = normalized(stated.find(|text| !text.is_empty()).unwrap_or_default());
    require(stated.starts_with(SPECIFICATION) && !stated.contains("::"), || {
        format!("cbc:CustomizationID is {:?}", stated.chars().take(120).collect::<String>())
    })
}

fn totals(facts: &Facts<'_>, document: Element<'_>, with_breakdown: bool) -> usize {
    let has_breakdown = |e: &Element<'_>| e.has(path!("cac:TaxSubtotal"));
    let head = head(facts, document);
    named(&head, name!("cac:TaxTotal")).filter(|e| has_breakdown(e) == with_breakdown).count()
}

fn one_breakdown(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let count = totals(facts, document, true);
    require(count == 1, || format!("{count} cac:TaxTotal have a cac:TaxSubtotal"))
}

fn one_total_in_tax_currency(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let count = totals(facts, document, false);
    let wanted = named(&head(facts, document), name!("cbc:TaxCurrencyCode")).next().is_some();
    require(count == usize::from(wanted), || {
        let there = if wanted { "is there" } else { "is missing" };
        format!("{count} cac:TaxTotal have no cac:TaxSubtotal and cbc:TaxCurrencyCode {there}")
    })
}

fn same_sign_in_both_currencies(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let head = head(facts, document);
    let currency = |name| sole_of(named(&head, name)).map(|code| normalized(&code).into_owned());
    if named(&head, name!("cbc:TaxCurrencyCode")).next().is_none() {
        return Ok(());
    }
    let totals: Vec<_> = named(&head, name!("cac:TaxTotal")).collect();
    let signs = |name| {
        let (mut up, mut down) = (false, false);
        let code = currency(name).unwrap_or_default();
        for amount in within(&totals, path!("cbc:TaxAmount")) {
            if amount.attribute("currencyID") == Some(&code) {
                let text = amount.text();
                up |= is_number(&text) && !is_negative(&text);
                down |= is_number(&text) && !is_positive(&text);
            }
        }
        (up, down)
    };
    let (in_accounts, in_document) =
        (signs(name!("cbc:TaxCurrencyCode")), signs(name!("cbc:DocumentCurrencyCode")));
    require((in_accounts.0 && in_document.0) || (in_accounts.1 && in_document.1), || {
        let amounts = within(&totals, path!("cbc:TaxAmount")).take(4);
        let amounts: Vec<_> = amounts
            .map(|e| format!("{} {}", e.attribute("currencyID").unwrap_or("no currency"), quoted(&e.text())))
            .collect();
        format!(
            "the VAT totals are {}",
            if amounts.is_empty() { "missing".into() } else { amounts.join(", ") }
        )
    })
}

fn accounts_in_another_currency(facts: &Facts<'_>, code: Element<'_>) -> Finding {
    let text = code.own_text();
    let beside = match code.parent() {
        Some(parent) if parent.id() == facts.root.id() => facts.setting().document_currency,
        Some(parent) => own_at(parent, path!("cbc:DocumentCurrencyCode")),
        None => "",
    };
    require(normalized(text) != normalized(beside), || {
        let shown = if is_blank(text) { "blank".into() } else { quoted(text) };
        format!("cbc:TaxCurrencyCode is {shown}, as is cbc:DocumentCurrencyCode")
    })
}

fn at_most_one_project(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let is_project = |e: &Element<'_>| e.all(path!("cbc:DocumentTypeCode")).any(|code| code.text() == "50");
    let head = head(facts, document);
    let count = named(&head, name!("cac:AdditionalDocumentReference")).filter(is_project).count();
    require(count <= 1, || format!("{count} cac:AdditionalDocumentReference have document type 50"))
}
