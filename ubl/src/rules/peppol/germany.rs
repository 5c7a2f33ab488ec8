//! Germany: what an invoice must state where seller and buyer are both German.

use super::check_digits::is_iban;
use super::setting::{Setting, head, named, within};
use super::skonto;
use super::values::{any_is, filled, is_blank, plain_at, present, quoted, require, says, stated, text_at};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, Rule, fatal, normalized, warning};
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;
use std::collections::HashSet;

const CODE: Path = path!("cbc:PaymentMeansCode");
const PAYEE_ACCOUNT: Path = path!("cac:PayeeFinancialAccount");
const CARD: Path = path!("cac:CardAccount");
const MANDATE: Path = path!("cac:PaymentMandate");

/// Categories under which a seller must be registered.
const REGISTERED_CATEGORIES: &[&str] = &["S", "Z", "E", "AE", "K", "G", "L", "M"];

pub(super) fn applies(setting: &Setting<'_>) -> bool {
    setting.both_are_at_home_in("DE")
}

/// Rules about German sellers and buyers.
pub(super) const GROUPS: &[Group] = &[
    Group { name: Name::Invoice, when: is_root, rules: DOCUMENT },
    Group { name: Name::CreditNote, when: is_root, rules: DOCUMENT },
    Group {
        name: name!("cac:ExternalReference"),
        when: |e| is_below(e, &[name!("cac:Attachment"), name!("cac:AdditionalDocumentReference")]),
        rules: &[warning(
            "DE-R-T02",
            Test(|_, e| {
                require(is_absolute_url(&text_at(e, path!("cbc:URI"))), || stated(e, path!("cbc:URI")))
            }),
            "give the whole address with its scheme, https://…",
        )],
    },
    Group {
        name: name!("cac:AccountingSupplierParty"),
        when: |e| is_below(e, &[]),
        rules: &[fatal(
            "DE-R-002",
            Test(|_, e| present(e, path!("cac:Party/cac:Contact"))),
            "give a contact of the seller",
        )],
    },
    Group {
        name: name!("cac:PostalAddress"),
        when: |e| is_below(e, &[name!("cac:Party"), name!("cac:AccountingSupplierParty")]),
        rules: &[
            fatal("DE-R-003", Test(city), "give the seller's city"),
            fatal("DE-R-004", Test(post_code), "give the seller's post code"),
        ],
    },
    Group {
        name: name!("cac:Contact"),
        when: |e| is_below(e, &[name!("cac:Party"), name!("cac:AccountingSupplierParty")]),
        rules: CONTACT,
    },
    Group {
        name: name!("cac:PostalAddress"),
        when: |e| is_below(e, &[name!("cac:Party"), name!("cac:AccountingCustomerParty")]),
        rules: &[
            fatal("DE-R-008", Test(city), "give the buyer's city"),
            fatal("DE-R-009", Test(post_code), "give the buyer's post code"),
        ],
    },
    Group {
        name: name!("cac:Address"),
        when: |e| is_below(e, &[name!("cac:DeliveryLocation"), name!("cac:Delivery")]),
        rules: &[
            fatal("DE-R-010", Test(city), "give the city that was delivered to"),
            fatal("DE-R-011", Test(post_code), "give the post code that was delivered to"),
        ],
    },
    Group { name: name!("cac:PaymentMeans"), when: |e| is_payment(e, &["30", "58"]), rules: TRANSFER },
    Group { name: name!("cac:PaymentMeans"), when: |e| is_payment(e, &["48", "54", "55"]), rules: BY_CARD },
    Group { name: name!("cac:PaymentMeans"), when: |e| is_payment(e, &["59"]), rules: DIRECT_DEBIT },
    Group {
        name: name!("cac:TaxSubtotal"),
        when: |e| is_below(e, &[name!("cac:TaxTotal")]),
        rules: &[fatal(
            "DE-R-014",
            Test(|_, e| filled(e, path!("cac:TaxCategory/cbc:Percent"))),
            "give the rate of the VAT category, 0 where there is none",
        )],
    },
];

const DOCUMENT: &[Rule] = &[
    fatal("DE-R-001", Test(says_how_to_pay), "say in cac:PaymentMeans how the buyer can pay"),
    fatal(
        "DE-R-015",
        Test(has_buyer_reference),
        "give the reference of the buyer, for authorities the Leitweg-ID",
    ),
    fatal(
        "DE-R-016",
        Test(seller_is_registered),
        "give the seller's VAT or tax number in cac:PartyTaxScheme, or a tax representative",
    ),
    warning("DE-R-017", Test(document_type), "use 326, 380, 381, 384, 389, 875, 876 or 877"),
    fatal(
        "DE-R-018",
        Test(cash_discount),
        "write each discount in a line of its own as #SKONTO#TAGE=14#PROZENT=2.00#, perhaps with BASISBETRAG=100.00# behind it, and end the last with a line break",
    ),
    fatal("DE-R-022", Test(attachments_differ_in_name), "give every attachment a filename of its own"),
    warning(
        "DE-R-026",
        Test(correction_refers_to_invoice),
        "a corrected invoice (384) refers to the one it corrects",
    ),
    fatal(
        "DE-R-030",
        Test(has_creditor_id),
        "a direct debit needs the creditor identifier, with schemeID SEPA",
    ),
    fatal("DE-R-031", Test(has_payer_account), "a direct debit needs the account it is taken from"),
];

const CONTACT: &[Rule] = &[
    fatal("DE-R-005", Test(|_, e| filled(e, path!("cbc:Name"))), "name the seller's contact"),
    fatal("DE-R-006", Test(|_, e| filled(e, path!("cbc:Telephone"))), "give the contact's telephone number"),
    fatal(
        "DE-R-007",
        Test(|_, e| filled(e, path!("cbc:ElectronicMail"))),
        "give the contact's e-mail address",
    ),
    warning("DE-R-027", Test(telephone), "a telephone number has three digits or more"),
    warning(
        "DE-R-028",
        Test(email),
        "an e-mail address has one @, a name before it and a domain with a dot behind it",
    ),
];

const TRANSFER: &[Rule] = &[
    warning(
        "DE-R-019",
        Test(payee_iban),
        "a SEPA transfer (58) needs the payee's IBAN without a typing mistake",
    ),
    fatal("DE-R-023-1", Test(|_, e| present(e, PAYEE_ACCOUNT)), "a transfer needs the account to pay to"),
    fatal(
        "DE-R-023-2",
        Test(|_, e| absent(e, &[CARD, MANDATE])),
        "a transfer is neither a card payment nor a direct debit",
    ),
];

const BY_CARD: &[Rule] = &[
    fatal("DE-R-024-1", Test(|_, e| present(e, CARD)), "a card payment needs the card"),
    fatal(
        "DE-R-024-2",
        Test(|_, e| absent(e, &[PAYEE_ACCOUNT, MANDATE])),
        "a card payment is neither a transfer nor a direct debit",
    ),
];

const DIRECT_DEBIT: &[Rule] = &[
    warning(
        "DE-R-020",
        Test(payer_iban),
        "a SEPA direct debit (59) needs the payer's IBAN without a typing mistake",
    ),
    fatal("DE-R-025-1", Test(|_, e| present(e, MANDATE)), "a direct debit needs the mandate"),
    fatal(
        "DE-R-025-2",
        Test(|_, e| absent(e, &[PAYEE_ACCOUNT, CARD])),
        "a direct debit is neither a transfer nor a card payment",
    ),
];

fn is_root(element: Element<'_>) -> bool {
    element.parent().is_none()
}

/// Whether the elements above it are these, and above them the root.
fn is_below(element: Element<'_>, above: &[Name]) -> bool {
    let mut at = element.parent();
    for name in above {
        match at.filter(|e| e.is(*name)) {
            Some(found) => at = found.parent(),
            None => return false,
        }
    }
    at.is_some_and(is_root)
}

fn is_payment(means: Element<'_>, codes: &[&str]) -> bool {
    is_below(means, &[]) && says(means, CODE, codes)
}

fn city(_: &Facts<'_>, address: Element<'_>) -> Finding {
    filled(address, path!("cbc:CityName"))
}

fn post_code(_: &Facts<'_>, address: Element<'_>) -> Finding {
    filled(address, path!("cbc:PostalZone"))
}

fn absent(element: Element<'_>, paths: &[Path]) -> Finding {
    paths.iter().try_for_each(|path| require(!element.has(*path), || format!("{path} is there")))
}

fn says_how_to_pay(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let head = head(facts, document);
    require(named(&head, name!("cac:PaymentMeans")).next().is_some(), || "cac:PaymentMeans is missing".into())
}

fn has_buyer_reference(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let head = head(facts, document);
    let mut references = named(&head, name!("cbc:BuyerReference")).peekable();
    let missing = references.peek().is_none();
    require(references.any(|e| !is_blank(&e.text())), || {
        format!("cbc:BuyerReference is {}", if missing { "missing" } else { "blank" })
    })
}

fn seller_is_registered(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let head = head(facts, document);
    let sellers: Vec<_> = named(&head, name!("cac:AccountingSupplierParty")).collect();
    let mut ids = within(&sellers, path!("cac:Party/cac:PartyTaxScheme/cbc:CompanyID"));
    let registered = named(&head, name!("cac:TaxRepresentativeParty")).next().is_some()
        || ids.any(|id| !is_blank(&id.text()));
    if registered {
        return Ok(());
    }
    let is_concerned = |category: Element<'_>| REGISTERED_CATEGORIES.contains(&&*category.text());
    let of_line =
        |line: &Element<'_>| line.all(path!("cac:Item/cac:ClassifiedTaxCategory/cbc:ID")).any(is_concerned);
    let of_part = |part: Element<'_>| {
        let says = |indicator| any_is(part, path!("cbc:ChargeIndicator"), indicator);
        (says("false") || says("true")) && part.all(path!("cac:TaxCategory/cbc:ID")).any(is_concerned)
    };
    let mut lines = facts.invoice_lines.iter().chain(&facts.credit_note_lines);
    let concerned = named(&head, name!("cac:AllowanceCharge")).any(of_part)
        || lines.any(|line| line.parent().is_some_and(is_root) && of_line(line));
    require(!concerned, || "the seller has no VAT or tax number, and there is no tax representative".into())
}

/// The codes an invoice or credit note says it is, white space aside.
fn document_types(facts: &Facts<'_>, document: Element<'_>) -> Vec<String> {
    let head = head(facts, document);
    let codes =
        named(&head, name!("cbc:InvoiceTypeCode")).chain(named(&head, name!("cbc:CreditNoteTypeCode")));
    codes.map(|code| normalized(&code.text()).into_owned()).collect()
}

fn document_type(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let types = document_types(facts, document);
    let known = |code: &String| {
        matches!(code.as_str(), "326" | "380" | "384" | "389" | "381" | "875" | "876" | "877")
    };
    require(types.iter().any(known), || match types.first() {
        Some(code) => format!("the type of document is {}", quoted(code)),
        None => "the type of document is missing".into(),
    })
}

fn cash_discount(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    for terms in named(&head(facts, document), name!("cac:PaymentTerms")) {
        let note = text_at(terms, path!("cbc:Note"));
        if let Some(line) = skonto::wrong_line(&note) {
            return Err(format!("the payment terms say {}", quoted(line)));
        }
    }
    Ok(())
}

fn attachments_differ_in_name(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let mut seen = HashSet::new();
    for reference in named(&head(facts, document), name!("cac:AdditionalDocumentReference")) {
        let attachments = || reference.all(path!("cac:Attachment/cbc:EmbeddedDocumentBinaryObject"));
        let names = || attachments().filter_map(|e| e.attribute("filename"));
        if let Some(twice) = names().find(|name| seen.contains(name)) {
            return Err(format!("two attachments are called {}", quoted(twice)));
        }
        seen.extend(names());
    }
    Ok(())
}

fn correction_refers_to_invoice(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let head = head(facts, document);
    let refers =
        || named(&head, name!("cac:BillingReference")).any(|e| e.has(path!("cac:InvoiceDocumentReference")));
    let corrects = document_types(facts, document).iter().any(|code| code == "384");
    require(!corrects || refers(), || "cac:BillingReference/cac:InvoiceDocumentReference is missing".into())
}

/// The mandates for direct debit in an invoice or credit note.
fn mandates<'a>(facts: &Facts<'a>, document: Element<'_>) -> Vec<Element<'a>> {
    let means: Vec<_> = named(&head(facts, document), name!("cac:PaymentMeans")).collect();
    within(&means, MANDATE).collect()
}

fn has_creditor_id(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    if mandates(facts, document).is_empty() {
        return Ok(());
    }
    let head = head(facts, document);
    let is_creditor_id = |id: Element<'_>| id.attribute("schemeID") == Some("SEPA");
    let of_seller =
        |e: Element<'_>| e.all(path!("cac:Party/cac:PartyIdentification/cbc:ID")).any(is_creditor_id);
    let of_payee = |e: Element<'_>| e.all(path!("cac:PartyIdentification/cbc:ID")).any(is_creditor_id);
    let known = named(&head, name!("cac:AccountingSupplierParty")).any(of_seller)
        || named(&head, name!("cac:PayeeParty")).any(of_payee);
    require(known, || "neither seller nor payee has an identifier with schemeID SEPA".into())
}

fn has_payer_account(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let mandates = mandates(facts, document);
    let known = mandates.iter().any(|e| e.has(path!("cac:PayerFinancialAccount/cbc:ID")));
    require(mandates.is_empty() || known, || {
        "cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID is missing".into()
    })
}

fn telephone(_: &Facts<'_>, contact: Element<'_>) -> Finding {
    let path = path!("cbc:Telephone");
    let digits = text_at(contact, path).bytes().filter(u8::is_ascii_digit).count();
    require(digits >= 3, || stated(contact, path))
}

fn email(_: &Facts<'_>, contact: Element<'_>) -> Finding {
    let path = path!("cbc:ElectronicMail");
    require(is_email(&plain_at(contact, path)), || stated(contact, path))
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    let labels: Vec<_> = domain.split('.').collect();
    !name.is_empty()
        && !text.contains(' ')
        && !domain.contains('@')
        && labels.len() > 1
        && labels.iter().all(|label| !label.is_empty())
}

/// Whether a text begins with a scheme of two characters or more and a colon.
fn is_absolute_url(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
}

fn iban(means: Element<'_>, path: Path) -> Finding {
    require(is_iban(&text_at(means, path)), || stated(means, path))
}

fn payee_iban(_: &Facts<'_>, means: Element<'_>) -> Finding {
    if plain_at(means, CODE) != "58" {
        return Ok(());
    }
    iban(means, path!("cac:PayeeFinancialAccount/cbc:ID"))
}

fn payer_iban(_: &Facts<'_>, means: Element<'_>) -> Finding {
    iban(means, path!("cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_net_are_told_from_other_texts() {
        for right in ["a@b.de", "a.b@c.d.de", "ä@ö.de"] {
            assert!(is_email(right), "{right}");
        }
        for wrong in ["", "a", "@b.de", "a@b", "a@b.", "a@.de", "a@b..de", "a@b@c.de", "a b@c.de"] {
            assert!(!is_email(wrong), "{wrong}");
        }
        for right in ["https://a.de", "urn:x", "a+b.c-d:"] {
            assert!(is_absolute_url(right), "{right}");
        }
        for wrong in ["", "a.de", "c:/x", "1a:b", "http//x", " https://a.de", "a_b:c"] {
            assert!(!is_absolute_url(wrong), "{wrong}");
        }
    }
}
