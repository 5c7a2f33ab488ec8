//! Rules about codes, currencies and dates.

use super::values::{is_plain_date, length, quoted, require, sole, text_at};
use crate::rules::code_lists::{ALLOWANCE_REASONS, CHARGE_REASONS, CURRENCIES, CodeList, TAX_POINTS};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, Rule, anywhere, fatal, normalized, parent_is};
use crate::vocabulary::{Name, name, path};
use crate::xml::tree::Element;

/// Document types of an invoice.
const INVOICE_TYPES: &[&str] = &[
    "71", "80", "82", "84", "102", "218", "219", "326", "331", "380", "382", "383", "384", "386", "388",
    "393", "395", "553", "575", "623", "780", "817", "870", "875", "876", "877",
];

/// Document types of a credit note.
const CREDIT_NOTE_TYPES: &[&str] = &["81", "83", "381", "396", "532"];

/// Types of attachment that every receiver can open.
const ATTACHMENTS: &[&str] = &[
    "application/pdf",
    "image/png",
    "image/jpeg",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
];

/// Schemes of electronic addresses in use, sorted.
const ADDRESS_SCHEMES: &[&str] = &[
    "0002", "0007", "0009", "0060", "0088", "0096", "0097", "0106", "0130", "0135", "0142", "0151", "0183",
    "0184", "0188", "0190", "0191", "0192", "0195", "0196", "0198", "0199", "0200", "0201", "0204", "0208",
    "0209", "0210", "0211", "0216", "0218", "0221", "0225", "0230", "0235", "0240", "0242", "0244", "0245",
    "0246", "0248", "9910", "9913", "9914", "9915", "9918", "9919", "9920", "9922", "9923", "9924", "9925",
    "9926", "9927", "9928", "9929", "9930", "9931", "9932", "9933", "9934", "9935", "9936", "9937", "9938",
    "9939", "9940", "9941", "9942", "9943", "9944", "9945", "9946", "9947", "9948", "9949", "9950", "9951",
    "9952", "9953", "9957", "9959",
];

const fn date(name: Name) -> Group {
    const RULES: &[Rule] = &[fatal(
        "PEPPOL-EN16931-F001",
        Test(plain_date),
        "write a date that exists as 2026-11-30, without time zone",
    )];
    Group { name, when: anywhere, rules: RULES }
}

const fn amount(name: Name) -> Group {
    const RULES: &[Rule] =
        &[fatal("PEPPOL-EN16931-CL007", Test(known_currency), "give currencyID a currency of ISO 4217")];
    Group { name, when: anywhere, rules: RULES }
}

const fn amount_in_document_currency(name: Name) -> Group {
    Group { name, when: is_in_document_currency, rules: IN_DOCUMENT_CURRENCY }
}

const IN_DOCUMENT_CURRENCY: &[Rule] = &[fatal(
    "PEPPOL-EN16931-R051",
    Test(document_currency),
    "state it in the currency of cbc:DocumentCurrencyCode; only the VAT total for the accounts has another",
)];

/// An exemption reason code and the tax category it needs.
macro_rules! exemption {
    ($id:literal, $reason:literal, $category:literal) => {
        Group {
            name: name!("cac:TaxCategory"),
            when: |e| {
                sole(e, path!("cbc:TaxExemptionReasonCode"))
                    .is_some_and(|code| code.to_uppercase() == $reason)
            },
            rules: &[fatal(
                $id,
                Test(|_, e| category(e, $reason, $category)),
                concat!("use category ", $category, " or another reason"),
            )],
        }
    };
}

/// Rules about amounts in the currency of the document.
pub(super) const AMOUNTS: &[Group] = &[
    amount_in_document_currency(name!("cbc:Amount")),
    amount_in_document_currency(name!("cbc:BaseAmount")),
    amount_in_document_currency(name!("cbc:PriceAmount")),
    amount_in_document_currency(name!("cbc:TaxAmount")),
    amount_in_document_currency(name!("cbc:TaxableAmount")),
    amount_in_document_currency(name!("cbc:LineExtensionAmount")),
    amount_in_document_currency(name!("cbc:TaxExclusiveAmount")),
    amount_in_document_currency(name!("cbc:TaxInclusiveAmount")),
    amount_in_document_currency(name!("cbc:AllowanceTotalAmount")),
    amount_in_document_currency(name!("cbc:ChargeTotalAmount")),
    amount_in_document_currency(name!("cbc:PrepaidAmount")),
    amount_in_document_currency(name!("cbc:PayableRoundingAmount")),
    amount_in_document_currency(name!("cbc:PayableAmount")),
];

/// Rules about codes and dates.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cbc:EmbeddedDocumentBinaryObject"),
        when: |e| e.attribute("mimeCode").is_some(),
        rules: &[fatal(
            "PEPPOL-EN16931-CL001",
            Test(|_, e| attribute_in(e, "mimeCode", |code| ATTACHMENTS.contains(&code))),
            "attach PDF, PNG, JPEG, CSV, XLSX or ODS",
        )],
    },
    Group {
        name: name!("cbc:AllowanceChargeReasonCode"),
        when: |e| of_part(e, "false"),
        rules: &[fatal(
            "PEPPOL-EN16931-CL002",
            Test(|_, e| listed(e, &ALLOWANCE_REASONS)),
            "use a reason for allowances of UNCL 5189",
        )],
    },
    Group {
        name: name!("cbc:AllowanceChargeReasonCode"),
        when: |e| of_part(e, "true"),
        rules: &[fatal(
            "PEPPOL-EN16931-CL003",
            Test(|_, e| listed(e, &CHARGE_REASONS)),
            "use a reason for charges of UNCL 7161",
        )],
    },
    Group {
        name: name!("cbc:DescriptionCode"),
        when: |e| parent_is(e, name!("cac:InvoicePeriod")),
        rules: &[fatal(
            "PEPPOL-EN16931-CL006",
            Test(|_, e| listed(e, &TAX_POINTS)),
            "use 3 for the invoice date, 35 for the delivery date or 432 for the payment date",
        )],
    },
    amount(name!("cbc:Amount")),
    amount(name!("cbc:BaseAmount")),
    amount(name!("cbc:PriceAmount")),
    amount(name!("cbc:TaxAmount")),
    amount(name!("cbc:TaxableAmount")),
    amount(name!("cbc:LineExtensionAmount")),
    amount(name!("cbc:TaxExclusiveAmount")),
    amount(name!("cbc:TaxInclusiveAmount")),
    amount(name!("cbc:AllowanceTotalAmount")),
    amount(name!("cbc:ChargeTotalAmount")),
    amount(name!("cbc:PrepaidAmount")),
    amount(name!("cbc:PayableRoundingAmount")),
    amount(name!("cbc:PayableAmount")),
    Group {
        name: name!("cbc:InvoiceTypeCode"),
        when: anywhere,
        rules: &[
            fatal(
                "PEPPOL-EN16931-P0100",
                Test(|facts, e| type_in(facts, e, INVOICE_TYPES)),
                "use a type Peppol takes for an invoice, usually 380",
            ),
            fatal(
                "PEPPOL-EN16931-P0112",
                Test(german_type),
                "use another type: partial and corrected invoices are for German sellers and buyers only",
            ),
        ],
    },
    Group {
        name: name!("cbc:CreditNoteTypeCode"),
        when: anywhere,
        rules: &[fatal(
            "PEPPOL-EN16931-P0101",
            Test(|facts, e| type_in(facts, e, CREDIT_NOTE_TYPES)),
            "use a type Peppol takes for a credit note, usually 381",
        )],
    },
    date(name!("cbc:IssueDate")),
    date(name!("cbc:DueDate")),
    date(name!("cbc:TaxPointDate")),
    date(name!("cbc:StartDate")),
    date(name!("cbc:EndDate")),
    date(name!("cbc:ActualDeliveryDate")),
    Group {
        name: name!("cbc:EndpointID"),
        when: |e| e.attribute("schemeID").is_some(),
        rules: &[fatal(
            "PEPPOL-EN16931-CL008",
            Test(|_, e| attribute_in(e, "schemeID", |code| ADDRESS_SCHEMES.binary_search(&code).is_ok())),
            "use a scheme of Peppol's electronic addresses",
        )],
    },
    exemption!("PEPPOL-EN16931-P0104", "VATEX-EU-G", "G"),
    exemption!("PEPPOL-EN16931-P0105", "VATEX-EU-O", "O"),
    exemption!("PEPPOL-EN16931-P0106", "VATEX-EU-IC", "K"),
    exemption!("PEPPOL-EN16931-P0107", "VATEX-EU-AE", "AE"),
    exemption!("PEPPOL-EN16931-P0108", "VATEX-EU-D", "E"),
    exemption!("PEPPOL-EN16931-P0109", "VATEX-EU-F", "E"),
    exemption!("PEPPOL-EN16931-P0110", "VATEX-EU-I", "E"),
    exemption!("PEPPOL-EN16931-P0111", "VATEX-EU-J", "E"),
];

/// The VAT total for the accounts, which has no breakdown, is in their currency; every other amount is not.
fn is_in_document_currency(amount: Element<'_>) -> bool {
    !amount.is(name!("cbc:TaxAmount"))
        || amount.parent().is_some_and(|total| {
            total.is(name!("cac:TaxSubtotal"))
                || (total.is(name!("cac:TaxTotal")) && total.has(path!("cac:TaxSubtotal")))
        })
}

fn currency(amount: Element<'_>) -> &str {
    amount.attribute("currencyID").unwrap_or_default()
}

fn in_currency(amount: Element<'_>) -> String {
    match amount.attribute("currencyID") {
        Some(code) => format!("{} is in {}", amount.local(), quoted(code)),
        None => format!("{} has no currencyID", amount.local()),
    }
}

fn document_currency(facts: &Facts<'_>, amount: Element<'_>) -> Finding {
    let same = amount.attribute("currencyID").is_some_and(|code| facts.setting().currencies.contains(code));
    require(same, || in_currency(amount))
}

/// The list is that of EN 16931 with the dobra in its present code, `STN`.
fn known_currency(_: &Facts<'_>, amount: Element<'_>) -> Finding {
    let code = currency(amount);
    require((CURRENCIES.contains(code) && code != "STD") || code == "STN", || in_currency(amount))
}

fn attribute_in(element: Element<'_>, name: &str, is_listed: fn(&str) -> bool) -> Finding {
    let code = element.attribute(name).unwrap_or_default();
    require(is_listed(code), || format!("{name} is {}", quoted(code)))
}

fn listed(code: Element<'_>, list: &CodeList) -> Finding {
    let text = code.own_text();
    require(list.contains(&normalized(text)), || format!("{} is {}", code.local(), quoted(text)))
}

fn of_part(code: Element<'_>, indicator: &str) -> bool {
    let part = code.parent().filter(|part| part.is(name!("cac:AllowanceCharge")));
    part.is_some_and(|part| part.all(path!("cbc:ChargeIndicator")).any(|e| e.text() == indicator))
}

/// Only where the business process is known is it known which types it takes.
fn type_in(facts: &Facts<'_>, code: Element<'_>, types: &[&str]) -> Finding {
    let text = code.own_text();
    require(!facts.setting().known_process || types.contains(&&*normalized(text)), || {
        format!("{} is {}", code.local(), quoted(text))
    })
}

fn german_type(facts: &Facts<'_>, code: Element<'_>) -> Finding {
    let text = code.text();
    let german = matches!(&*normalized(&text), "326" | "384");
    require(!german || facts.setting().both_are_at_home_in("DE"), || {
        format!("cbc:InvoiceTypeCode is {}", quoted(&text))
    })
}

fn plain_date(_: &Facts<'_>, date: Element<'_>) -> Finding {
    let text = date.text();
    require(is_plain_date(&text) && length(date.own_text()) == 10, || {
        format!("{} is {}", date.local(), quoted(&text))
    })
}

fn category(category: Element<'_>, reason: &str, wanted: &str) -> Finding {
    let found = text_at(category, path!("cbc:ID"));
    require(normalized(&found) == wanted, || format!("category {} has reason {reason}", quoted(&found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_schemes_can_be_searched() {
        assert!(ADDRESS_SCHEMES.is_sorted_by(|a, b| a < b));
    }
}
