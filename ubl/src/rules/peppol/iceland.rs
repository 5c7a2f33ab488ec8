//! Iceland: what Icelandic sellers must state, of themselves, of payment, and of Icelandic buyers.

use super::setting::{Setting, head, named, within};
use super::values::{any_is, is_plain_date, length, quoted, require};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, Rule, anywhere, fatal, normalized, parent_is, warning};
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;

const LEGAL_ID: Path = path!("cac:Party/cac:PartyLegalEntity/cbc:CompanyID");
const STREET: Path = path!("cac:Party/cac:PostalAddress/cbc:StreetName");
const POST_CODE: Path = path!("cac:Party/cac:PostalAddress/cbc:PostalZone");
const KENNITALA: &str = "give the kennitala in cac:PartyLegalEntity/cbc:CompanyID with schemeID 0196";
const ADDRESS: &str = "give the address a street and a post code";
const ACCOUNT: &str = "give the 12 digits of bank, ledger and account in cac:PayeeFinancialAccount/cbc:ID";

/// What a reference is described as whose number is the last date for payment.
const FINAL_DUE_DATE: &str = "EINDAGI";

pub(super) fn applies(setting: &Setting<'_>) -> bool {
    setting.supplier_lives_in("IS")
}

pub(super) fn applies_at_home(setting: &Setting<'_>) -> bool {
    setting.both_live_in("IS")
}

/// Rules about Icelandic sellers.
pub(super) const GROUPS: &[Group] = &[
    Group { name: Name::Invoice, when: anywhere, rules: DOCUMENT },
    Group { name: Name::CreditNote, when: anywhere, rules: DOCUMENT },
];

/// Rules about Icelandic sellers to Icelandic buyers.
pub(super) const AT_HOME: &[Group] = &[Group {
    name: name!("cac:AccountingCustomerParty"),
    when: |e| parent_is(e, Name::Invoice) || parent_is(e, Name::CreditNote),
    rules: &[
        fatal("IS-R-004", Test(|_, e| has_kennitala(&[e])), KENNITALA),
        fatal("IS-R-005", Test(|_, e| has_address(&[e])), ADDRESS),
    ],
}];

const DOCUMENT: &[Rule] = &[
    warning("IS-R-001", Test(document_type), "use 380 for an invoice and 381 for a credit note"),
    fatal("IS-R-002", Test(|facts, e| has_kennitala(&sellers(facts, e))), KENNITALA),
    fatal("IS-R-003", Test(|facts, e| has_address(&sellers(facts, e))), ADDRESS),
    fatal("IS-R-006", Test(|facts, e| account(facts, e, "9")), ACCOUNT),
    fatal("IS-R-007", Test(|facts, e| account(facts, e, "42")), ACCOUNT),
    fatal(
        "IS-R-008",
        Test(final_date),
        "write the last date for payment as 2026-11-30 in the cbc:ID of EINDAGI",
    ),
    fatal("IS-R-009", Test(has_due_date), "a document with EINDAGI needs a cbc:DueDate"),
    fatal("IS-R-010", Test(final_date_is_not_before), "make EINDAGI no earlier than cbc:DueDate"),
];

/// The children of an invoice or credit note of a name.
fn parts<'a>(facts: &Facts<'a>, document: Element<'_>, name: Name) -> Vec<Element<'a>> {
    named(&head(facts, document), name).collect()
}

fn sellers<'a>(facts: &Facts<'a>, document: Element<'_>) -> Vec<Element<'a>> {
    parts(facts, document, name!("cac:AccountingSupplierParty"))
}

fn document_type(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let head = head(facts, document);
    let types =
        || named(&head, name!("cbc:InvoiceTypeCode")).chain(named(&head, name!("cbc:CreditNoteTypeCode")));
    require(types().any(|code| matches!(&*normalized(&code.text()), "380" | "381")), || {
        types().next().map_or_else(
            || "the type of document is missing".into(),
            |code| format!("{} is {}", code.usual_name(), quoted(&code.text())),
        )
    })
}

fn has_kennitala(holders: &[Element<'_>]) -> Finding {
    let mut ids = within(holders, LEGAL_ID);
    require(ids.any(|id| id.attribute("schemeID") == Some("0196")), || {
        match within(holders, LEGAL_ID).next() {
            Some(id) => {
                format!("cbc:CompanyID has schemeID {}", quoted(id.attribute("schemeID").unwrap_or_default()))
            }
            None => format!("{LEGAL_ID} is missing"),
        }
    })
}

fn has_address(holders: &[Element<'_>]) -> Finding {
    for path in [STREET, POST_CODE] {
        require(within(holders, path).next().is_some(), || format!("{path} is missing"))?;
    }
    Ok(())
}

fn account(facts: &Facts<'_>, document: Element<'_>, code: &str) -> Finding {
    let head = head(facts, document);
    let means: Vec<_> = named(&head, name!("cac:PaymentMeans"))
        .filter(|e| any_is(*e, path!("cbc:PaymentMeansCode"), code))
        .collect();
    let account = within(&means, path!("cac:PayeeFinancialAccount/cbc:ID")).next().map(Element::text);
    let valid = account.as_ref().is_some_and(|id| length(&normalized(id)) == 12);
    require(means.is_empty() || valid, || {
        let account = account.map_or_else(|| "missing".into(), |id| quoted(&id));
        format!("the account for payment means {code} is {account}")
    })
}

/// References described as the last date for payment.
fn final_dates<'a>(facts: &Facts<'a>, document: Element<'_>) -> Vec<Element<'a>> {
    let head = head(facts, document);
    let references = named(&head, name!("cac:AdditionalDocumentReference"));
    references.filter(|e| any_is(*e, path!("cbc:DocumentDescription"), FINAL_DUE_DATE)).collect()
}

fn final_date(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let references = final_dates(facts, document);
    let date = within(&references, path!("cbc:ID")).next().map(Element::text).unwrap_or_default();
    require(references.is_empty() || is_plain_date(&date), || {
        format!("the cbc:ID of EINDAGI is {}", quoted(&date))
    })
}

fn has_due_date(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let has_date = named(&head(facts, document), name!("cbc:DueDate")).next().is_some();
    require(has_date || final_dates(facts, document).is_empty(), || "cbc:DueDate is missing".into())
}

fn final_date_is_not_before(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let references = final_dates(facts, document);
    if references.is_empty() {
        return Ok(());
    }
    let head = head(facts, document);
    // Dates of this form sort as texts do, and as texts they are compared: the earliest with the latest.
    let due = named(&head, name!("cbc:DueDate")).map(Element::text).min();
    let last = within(&references, path!("cbc:ID")).map(Element::text).max();
    let fits = due.as_ref().zip(last.as_ref()).is_some_and(|(due, last)| due <= last);
    require(fits, || {
        let shown =
            |date: Option<std::borrow::Cow<'_, str>>| date.map_or_else(|| "missing".into(), |d| quoted(&d));
        format!("EINDAGI is {} and cbc:DueDate {}", shown(last), shown(due))
    })
}
