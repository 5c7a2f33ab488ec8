//! Codes that must be in their lists.

use crate::rules::code_lists::{
    ALLOWANCE_REASONS, CHARGE_REASONS, COUNTRIES, CREDIT_NOTE_TYPES, CURRENCIES, CodeList, EAS,
    EXEMPTION_REASONS, ICD, INVOICE_TYPES, ITEM_SCHEMES, NOTE_SUBJECTS, OBJECT_SCHEMES, PAYMENT_MEANS,
    TAX_CATEGORIES, TAX_POINTS, UNITS,
};
use crate::rules::engine::Check::{AttributeListed, Listed, Test};
use crate::rules::engine::{
    Facts, Finding, Group, Rule, anywhere, at_top, fatal, is_charge, normalized, parent_is, shorten,
};
use crate::vocabulary::{Name, name, path};
use crate::xml::tree::Element;

const CURRENCY: &[Rule] =
    &[fatal("BR-CL-03", AttributeListed("currencyID", &CURRENCIES), "use a currency of ISO 4217")];
const UNIT: &[Rule] =
    &[fatal("BR-CL-23", AttributeListed("unitCode", &UNITS), "use a unit of UN/ECE recommendation 20 or 21")];
const TYPE: &[Rule] = &[fatal("BR-CL-01", Test(document_type), "use a document type of UNTDID 1001")];

const fn amount(name: Name) -> Group {
    Group { name, when: anywhere, rules: CURRENCY }
}

const fn quantity(name: Name) -> Group {
    Group { name, when: |e| e.attribute("unitCode").is_some(), rules: UNIT }
}

/// Rules about codes.
pub(super) const GROUPS: &[Group] = &[
    Group { name: name!("cbc:InvoiceTypeCode"), when: anywhere, rules: TYPE },
    Group { name: name!("cbc:CreditNoteTypeCode"), when: anywhere, rules: TYPE },
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
    quantity(name!("cbc:InvoicedQuantity")),
    quantity(name!("cbc:CreditedQuantity")),
    quantity(name!("cbc:BaseQuantity")),
    Group {
        name: name!("cbc:DocumentCurrencyCode"),
        when: anywhere,
        rules: &[fatal("BR-CL-04", Listed(&CURRENCIES), "use a currency of ISO 4217")],
    },
    Group {
        name: name!("cbc:TaxCurrencyCode"),
        when: anywhere,
        rules: &[fatal("BR-CL-05", Listed(&CURRENCIES), "use a currency of ISO 4217")],
    },
    Group {
        name: name!("cbc:DescriptionCode"),
        when: |e| parent_is(e, name!("cac:InvoicePeriod")),
        rules: &[fatal("BR-CL-06", Listed(&TAX_POINTS), "use 3, 35 or 432 of UNTDID 2005")],
    },
    Group {
        name: name!("cbc:Note"),
        when: at_top,
        rules: &[fatal("BR-CL-08", Test(note_subject), "use a subject of UNTDID 4451 between the # signs")],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| has_scheme(e) && is_object_reference(e),
        rules: &[fatal("BR-CL-07", scheme_in(&OBJECT_SCHEMES), "use a scheme of UNTDID 1153")],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| has_scheme(e) && parent_is(e, name!("cac:PartyIdentification")),
        rules: &[fatal(
            "BR-CL-10",
            Test(party_scheme),
            "use a scheme of ISO 6523, or SEPA for seller or payee",
        )],
    },
    Group {
        name: name!("cbc:CompanyID"),
        when: |e| has_scheme(e) && parent_is(e, name!("cac:PartyLegalEntity")),
        rules: &[fatal("BR-CL-11", scheme_in(&ICD), "use a scheme of ISO 6523")],
    },
    Group {
        name: name!("cbc:ItemClassificationCode"),
        when: |e| e.attribute("listID").is_some() && parent_is(e, name!("cac:CommodityClassification")),
        rules: &[fatal("BR-CL-13", AttributeListed("listID", &ITEM_SCHEMES), "use a list of UNTDID 7143")],
    },
    Group {
        name: name!("cbc:IdentificationCode"),
        when: |e| parent_is(e, name!("cac:Country")),
        rules: &[fatal("BR-CL-14", Listed(&COUNTRIES), "use a country of ISO 3166-1")],
    },
    Group {
        name: name!("cbc:IdentificationCode"),
        when: |e| parent_is(e, name!("cac:OriginCountry")),
        rules: &[fatal("BR-CL-15", Listed(&COUNTRIES), "use a country of ISO 3166-1")],
    },
    Group {
        name: name!("cbc:PaymentMeansCode"),
        when: |e| parent_is(e, name!("cac:PaymentMeans")),
        rules: &[fatal("BR-CL-16", Listed(&PAYMENT_MEANS), "use a payment means of UNTDID 4461")],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| parent_is(e, name!("cac:TaxCategory")),
        rules: &[fatal("BR-CL-17", Listed(&TAX_CATEGORIES), "use S, Z, E, AE, K, G, O, L, M or B")],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| parent_is(e, name!("cac:ClassifiedTaxCategory")),
        rules: &[fatal("BR-CL-18", Listed(&TAX_CATEGORIES), "use S, Z, E, AE, K, G, O, L, M or B")],
    },
    Group {
        name: name!("cbc:AllowanceChargeReasonCode"),
        when: |e| of_part(e, false),
        rules: &[fatal("BR-CL-19", Listed(&ALLOWANCE_REASONS), "use a reason of UNTDID 5189")],
    },
    Group {
        name: name!("cbc:AllowanceChargeReasonCode"),
        when: |e| of_part(e, true),
        rules: &[fatal("BR-CL-20", Listed(&CHARGE_REASONS), "use a reason of UNTDID 7161")],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| has_scheme(e) && parent_is(e, name!("cac:StandardItemIdentification")),
        rules: &[fatal("BR-CL-21", scheme_in(&ICD), "use a scheme of ISO 6523")],
    },
    Group {
        name: name!("cbc:TaxExemptionReasonCode"),
        when: anywhere,
        rules: &[fatal("BR-CL-22", Test(exemption_reason), "use a code of the VATEX list")],
    },
    Group {
        name: name!("cbc:EmbeddedDocumentBinaryObject"),
        when: |e| e.attribute("mimeCode").is_some(),
        rules: &[fatal("BR-CL-24", Test(mime_type), "attach PDF, PNG, JPEG, CSV, XLSX or ODS")],
    },
    Group {
        name: name!("cbc:EndpointID"),
        when: has_scheme,
        rules: &[fatal("BR-CL-25", scheme_in(&EAS), "use a scheme of the electronic address list (EAS)")],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| has_scheme(e) && parent_is(e, name!("cac:DeliveryLocation")),
        rules: &[fatal("BR-CL-26", scheme_in(&ICD), "use a scheme of ISO 6523")],
    },
];

const fn scheme_in(list: &'static CodeList) -> crate::rules::engine::Check {
    AttributeListed("schemeID", list)
}

fn has_scheme(element: Element<'_>) -> bool {
    element.attribute("schemeID").is_some()
}

fn is_object_reference(id: Element<'_>) -> bool {
    id.parent().is_some_and(|reference| {
        (reference.is(name!("cac:AdditionalDocumentReference"))
            || reference.is(name!("cac:DocumentReference")))
            && reference.all(path!("cbc:DocumentTypeCode")).any(|code| code.text() == "130")
    })
}

fn of_part(code: Element<'_>, charge: bool) -> bool {
    code.parent().is_some_and(|part| part.is(name!("cac:AllowanceCharge")) && is_charge(part, charge))
}

fn not_listed(code: &str) -> Finding {
    Err(format!("{:?} is not in the list", shorten(code)))
}

fn document_type(_: &Facts<'_>, code: Element<'_>) -> Finding {
    let list = if code.is(name!("cbc:InvoiceTypeCode")) { &INVOICE_TYPES } else { &CREDIT_NOTE_TYPES };
    let text = code.text();
    let text = normalized(&text);
    if list.contains(&text) { Ok(()) } else { not_listed(&text) }
}

/// A note may begin with its subject between two `#`; only what could be one, three characters, is looked at.
fn note_subject(_: &Facts<'_>, note: Element<'_>) -> Finding {
    let text = note.text();
    let mut parts = text.splitn(3, '#');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(subject), Some(_))
            if subject.chars().count() == 3 && !NOTE_SUBJECTS.contains(subject) =>
        {
            not_listed(subject)
        }
        _ => Ok(()),
    }
}

fn party_scheme(_: &Facts<'_>, id: Element<'_>) -> Finding {
    let scheme = normalized(id.attribute("schemeID").unwrap_or_default());
    let roles = [name!("cac:AccountingSupplierParty"), name!("cac:PayeeParty")];
    let mut above = std::iter::successors(id.parent(), |e| e.parent());
    let sepa = scheme == "SEPA" && above.any(|e| roles.iter().any(|role| e.is(*role)));
    if sepa || ICD.contains(&scheme) { Ok(()) } else { not_listed(&scheme) }
}

fn exemption_reason(_: &Facts<'_>, code: Element<'_>) -> Finding {
    let text = normalized(&code.text()).to_uppercase();
    if EXEMPTION_REASONS.contains(&text) { Ok(()) } else { not_listed(&text) }
}

fn mime_type(_: &Facts<'_>, attachment: Element<'_>) -> Finding {
    let mime = attachment.attribute("mimeCode").unwrap_or_default();
    let known = matches!(
        mime,
        "application/pdf"
            | "image/png"
            | "image/jpeg"
            | "text/csv"
            | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            | "application/vnd.oasis.opendocument.spreadsheet"
    );
    if known { Ok(()) } else { not_listed(mime) }
}
