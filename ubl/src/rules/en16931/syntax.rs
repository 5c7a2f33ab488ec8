//! What may occur how often in UBL, and what amounts and attachments look like.

use crate::rules::Severity::{Fatal, Warning};
use crate::rules::engine::Check::{AtMost, Present, Test};
use crate::rules::engine::{
    Facts, Finding, Group, Report, Rule, Told, anywhere, fatal, is_charge, shorten, two_decimals, warning,
};
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const ONCE: &str = "EN 16931 takes one";

/// Rules about the root.
#[rustfmt::skip]
pub(super) const ROOT: &[Rule] = &[
    fatal("UBL-SR-01", AtMost(1, path!("cac:ContractDocumentReference/cbc:ID")), ONCE),
    fatal("UBL-SR-02", AtMost(1, path!("cac:ReceiptDocumentReference/cbc:ID")), ONCE),
    fatal("UBL-SR-03", AtMost(1, path!("cac:DespatchDocumentReference/cbc:ID")), ONCE),
    fatal("UBL-SR-04", Test(one_invoiced_object), ONCE),
    fatal("UBL-SR-05", AtMost(1, path!("cac:PaymentTerms/cbc:Note")), ONCE),
    fatal("UBL-SR-08", AtMost(1, path!("cac:InvoicePeriod")), ONCE),
    fatal("UBL-SR-09", AtMost(1, path!("cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName")), ONCE),
    fatal("UBL-SR-10", AtMost(1, path!("cac:AccountingSupplierParty/cac:Party/cac:PartyName/cbc:Name")), ONCE),
    fatal("UBL-SR-11", AtMost(1, path!("cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID")), ONCE),
    fatal("UBL-SR-12", Test(one_seller_vat_id), ONCE),
    fatal("UBL-SR-13", Test(one_seller_other_id), ONCE),
    fatal("UBL-SR-14", AtMost(1, path!("cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyLegalForm")), ONCE),
    fatal("UBL-SR-15", AtMost(1, path!("cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName")), ONCE),
    fatal("UBL-SR-16", AtMost(1, path!("cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID")), ONCE),
    fatal("UBL-SR-17", AtMost(1, path!("cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID")), ONCE),
    fatal("UBL-SR-18", Test(one_buyer_vat_id), ONCE),
    fatal("UBL-SR-24", AtMost(1, path!("cac:Delivery")), ONCE),
    fatal("UBL-SR-29", Test(one_creditor_reference), ONCE),
    fatal("UBL-SR-39", AtMost(1, path!("cac:ProjectReference/cbc:ID")), ONCE),
    fatal("UBL-SR-40", AtMost(1, path!("cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name")), ONCE),
    fatal("UBL-SR-44", Test(one_payment_id), "give every payment means the same"),
    fatal("UBL-SR-45", AtMost(1, path!("cac:PaymentMeans/cbc:PaymentDueDate")), ONCE),
    fatal("UBL-SR-46", Test(one_means_name), ONCE),
    fatal("UBL-SR-47", Test(one_means_code), "give every payment means the same"),
    fatal("UBL-SR-49", AtMost(1, path!("cac:InvoicePeriod/cbc:DescriptionCode")), ONCE),
    fatal("UBL-SR-54", AtMost(1, path!("cac:PaymentMeans/cac:CardAccount")), ONCE),
    fatal("UBL-SR-55", AtMost(1, path!("cac:PaymentMeans/cac:PaymentMandate")), ONCE),
    fatal("UBL-SR-56", AtMost(1, path!("cac:OriginatorDocumentReference/cbc:ID")), ONCE),
    warning("UBL-CR-002", Test(version_is_2_1), "leave it out or make it 2.1"),
    warning("UBL-CR-412", Test(due_date_of_credit_note), "state the due date of an invoice in cbc:DueDate"),
];

/// Rules about parts of the document.
pub(super) const GROUPS: &[Group] = &[
    Group { name: name!("cac:PostalAddress"), when: anywhere, rules: ADDRESS },
    Group { name: name!("cac:Address"), when: anywhere, rules: ADDRESS },
    Group {
        name: name!("cac:Party"),
        when: |e| e.parent().is_some_and(|p| p.is(name!("cac:AccountingSupplierParty"))),
        rules: &[fatal(
            "UBL-SR-42",
            AtMost(2, path!("cac:PartyTaxScheme")),
            "EN 16931 takes two of the seller",
        )],
    },
    Group {
        name: name!("cac:AdditionalDocumentReference"),
        when: anywhere,
        rules: &[
            fatal("UBL-SR-33", AtMost(1, path!("cbc:DocumentDescription")), ONCE),
            fatal("UBL-SR-43", Test(scheme_only_of_object), "use them for an invoiced object (130, 50) only"),
        ],
    },
    Group {
        name: name!("cac:Delivery"),
        when: anywhere,
        rules: &[fatal("UBL-SR-25", AtMost(1, path!("cac:DeliveryParty/cac:PartyName/cbc:Name")), ONCE)],
    },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| is_charge(e, false),
        rules: &[fatal("UBL-SR-30", AtMost(1, path!("cbc:AllowanceChargeReason")), ONCE)],
    },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| is_charge(e, true),
        rules: &[fatal("UBL-SR-31", AtMost(1, path!("cbc:AllowanceChargeReason")), ONCE)],
    },
    Group {
        name: name!("cac:PartyTaxScheme"),
        when: anywhere,
        rules: &[fatal(
            "UBL-SR-53",
            Test(tax_scheme_is_whole),
            "give both the scheme and the identifier in it",
        )],
    },
    Group { name: name!("cac:InvoiceLine"), when: anywhere, rules: LINE },
    Group { name: name!("cac:CreditNoteLine"), when: anywhere, rules: LINE },
    Group {
        name: name!("cac:PayeeParty"),
        when: anywhere,
        rules: &[
            fatal("UBL-SR-19", Test(one_payee_name), PAYEE),
            fatal("UBL-SR-20", Test(one_payee_id), PAYEE),
            fatal("UBL-SR-21", Test(one_payee_legal_id), PAYEE),
        ],
    },
    Group {
        name: name!("cac:PaymentMeans"),
        when: anywhere,
        rules: &[
            fatal("UBL-SR-26", AtMost(1, path!("cbc:PaymentID")), ONCE),
            fatal("UBL-SR-27", AtMost(1, path!("cbc:PaymentMeansCode")), ONCE),
            fatal("UBL-SR-28", AtMost(1, path!("cac:PaymentMandate/cbc:ID")), ONCE),
        ],
    },
    Group {
        name: name!("cac:BillingReference"),
        when: anywhere,
        rules: &[
            fatal("UBL-SR-06", AtMost(1, path!("cac:InvoiceDocumentReference")), ONCE),
            fatal(
                "UBL-SR-07",
                Present(&[path!("cac:InvoiceDocumentReference/cbc:ID")]),
                "give the number of the invoice",
            ),
        ],
    },
    Group {
        name: name!("cac:TaxRepresentativeParty"),
        when: anywhere,
        rules: &[
            fatal("UBL-SR-22", AtMost(1, path!("cac:PartyName/cbc:Name")), ONCE),
            fatal("UBL-SR-23", AtMost(1, path!("cac:PartyTaxScheme/cbc:CompanyID")), ONCE),
        ],
    },
    Group {
        name: name!("cac:TaxSubtotal"),
        when: anywhere,
        rules: &[fatal("UBL-SR-32", AtMost(1, path!("cac:TaxCategory/cbc:TaxExemptionReason")), ONCE)],
    },
];

const PAYEE: &str = "give it once, and only where the payee is not the seller";

const ADDRESS: &[Rule] =
    &[fatal("UBL-SR-51", AtMost(1, path!("cac:AddressLine")), "an address has one third line")];

const LINE: &[Rule] = &[
    fatal("UBL-SR-34", AtMost(1, path!("cbc:Note")), ONCE),
    fatal("UBL-SR-35", AtMost(1, path!("cac:OrderLineReference/cbc:LineID")), ONCE),
    fatal("UBL-SR-36", AtMost(1, path!("cac:InvoicePeriod")), ONCE),
    fatal("UBL-SR-37", AtMost(1, path!("cac:Price/cac:AllowanceCharge/cbc:Amount")), ONCE),
    fatal("UBL-SR-48", Test(one_line_category), "a line has exactly one VAT category"),
    fatal("UBL-SR-50", AtMost(1, path!("cac:Item/cbc:Description")), ONCE),
    fatal("UBL-SR-52", AtMost(1, path!("cac:DocumentReference")), ONCE),
];

fn at_most_one(count: usize, what: &str) -> Finding {
    if count > 1 { Err(format!("there are {count} {what}")) } else { Ok(()) }
}

fn is_object(reference: Element<'_>) -> bool {
    reference.all(path!("cbc:DocumentTypeCode")).any(|c| c.text() == "130")
}

fn one_invoiced_object(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let objects = root.all(path!("cac:AdditionalDocumentReference")).filter(|e| is_object(*e));
    at_most_one(objects.flat_map(|e| e.all(path!("cbc:ID"))).count(), "invoiced object identifiers")
}

fn tax_ids(root: Element<'_>, role: Path, wanted: fn(&str) -> bool) -> usize {
    root.all(role)
        .flat_map(|r| r.all(path!("cac:Party/cac:PartyTaxScheme")))
        .filter(|s| s.all(path!("cac:TaxScheme")).any(|t| wanted(&scheme_of(t))))
        .flat_map(|s| s.all(path!("cbc:CompanyID")))
        .count()
}

fn scheme_of(scheme: Element<'_>) -> String {
    scheme.first(path!("cbc:ID")).map(|id| id.text().to_uppercase()).unwrap_or_default()
}

fn one_seller_vat_id(_: &Facts<'_>, root: Element<'_>) -> Finding {
    at_most_one(
        tax_ids(root, path!("cac:AccountingSupplierParty"), |s| s == "VAT"),
        "VAT identifiers of the seller",
    )
}

fn one_seller_other_id(_: &Facts<'_>, root: Element<'_>) -> Finding {
    at_most_one(
        tax_ids(root, path!("cac:AccountingSupplierParty"), |s| s != "VAT"),
        "tax registrations of the seller",
    )
}

fn one_buyer_vat_id(_: &Facts<'_>, root: Element<'_>) -> Finding {
    at_most_one(
        tax_ids(root, path!("cac:AccountingCustomerParty"), |s| s == "VAT"),
        "VAT identifiers of the buyer",
    )
}

fn is_sepa(id: Element<'_>) -> bool {
    id.attribute("schemeID").is_some_and(|s| s.to_uppercase() == "SEPA")
}

fn one_creditor_reference(facts: &Facts<'_>, _: Element<'_>) -> Finding {
    let ids = facts.party_identifications.iter().flat_map(|e| e.all(path!("cbc:ID")));
    at_most_one(ids.filter(|id| is_sepa(*id)).count(), "creditor references")
}

fn different(elements: &[Element<'_>], what: &str) -> Finding {
    let values: BTreeSet<_> = elements.iter().map(|e| e.text()).collect();
    at_most_one(values.len(), what)
}

fn one_payment_id(facts: &Facts<'_>, _: Element<'_>) -> Finding {
    different(&facts.payment_ids, "different payment ids")
}

fn one_means_code(facts: &Facts<'_>, _: Element<'_>) -> Finding {
    different(&facts.payment_means_codes, "different payment means codes")
}

fn one_means_name(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let codes = root.all(path!("cac:PaymentMeans/cbc:PaymentMeansCode"));
    at_most_one(codes.filter(|c| c.attribute("name").is_some()).count(), "names of payment means")
}

fn version_is_2_1(_: &Facts<'_>, root: Element<'_>) -> Finding {
    match root.first(path!("cbc:UBLVersionID")).map(|v| v.text()) {
        Some(version) if version != "2.1" => Err(format!("cbc:UBLVersionID is {:?}", shorten(&version))),
        _ => Ok(()),
    }
}

fn due_date_of_credit_note(_: &Facts<'_>, root: Element<'_>) -> Finding {
    if root.has(path!("cac:PaymentMeans/cbc:PaymentDueDate")) && !root.is(Name::CreditNote) {
        return Err("cac:PaymentMeans has a cbc:PaymentDueDate".into());
    }
    Ok(())
}

fn scheme_only_of_object(_: &Facts<'_>, reference: Element<'_>) -> Finding {
    let credit = reference.tree().root().is(Name::CreditNote);
    let project = credit && reference.all(path!("cbc:DocumentTypeCode")).any(|c| c.text() == "50");
    let scheme = reference.all(path!("cbc:ID")).any(|id| id.attribute("schemeID").is_some());
    if is_object(reference) || project || !(scheme || reference.has(path!("cbc:DocumentTypeCode"))) {
        Ok(())
    } else {
        Err("the reference has a scheme or a document type code".into())
    }
}

fn tax_scheme_is_whole(_: &Facts<'_>, scheme: Element<'_>) -> Finding {
    match [path!("cac:TaxScheme/cbc:ID"), path!("cbc:CompanyID")].into_iter().find(|path| !scheme.has(*path))
    {
        Some(missing) => Err(format!("{missing} is missing")),
        None => Ok(()),
    }
}

fn one_line_category(_: &Facts<'_>, line: Element<'_>) -> Finding {
    match line.all(path!("cac:Item/cac:ClassifiedTaxCategory")).count() {
        1 => Ok(()),
        count => Err(format!("the line has {count} VAT categories")),
    }
}

fn payee(party: Element<'_>, count: usize, what: &str) -> Finding {
    let sellers = || {
        let seller = party.parent().into_iter().flat_map(|p| p.all(path!("cac:AccountingSupplierParty")));
        seller.flat_map(|s| s.all(path!("cac:Party/cac:PartyLegalEntity/cbc:RegistrationName")))
    };
    let other = |name: Element<'_>| sellers().any(|seller| seller.text() != name.text());
    if count > 1 {
        Err(format!("the payee has {count} {what}"))
    } else if !party.all(path!("cac:PartyName/cbc:Name")).any(other) {
        Err("the payee's name is not another than the seller's".into())
    } else {
        Ok(())
    }
}

fn one_payee_name(_: &Facts<'_>, party: Element<'_>) -> Finding {
    payee(party, party.all(path!("cac:PartyName/cbc:Name")).count(), "names")
}

fn one_payee_id(_: &Facts<'_>, party: Element<'_>) -> Finding {
    let ids = party.all(path!("cac:PartyIdentification/cbc:ID")).filter(|id| !is_sepa(*id));
    payee(party, ids.count(), "identifiers")
}

fn one_payee_legal_id(_: &Facts<'_>, party: Element<'_>) -> Finding {
    payee(party, party.all(path!("cac:PartyLegalEntity/cbc:CompanyID")).count(), "registrations")
}

/// The rules below in words.
pub(super) fn told() -> impl Iterator<Item = Told> {
    let by_ending = [
        Told::new("UBL-DT-01", Fatal, "every amount but a price", "it has at most two decimals"),
        Told::new("UBL-DT-06", Fatal, "cbc:EmbeddedDocumentBinaryObject", "an attachment has a mimeCode"),
        Told::new("UBL-DT-07", Fatal, "cbc:EmbeddedDocumentBinaryObject", "an attachment has a filename"),
        Told::new("UBL-DT-18", Warning, "the document", "only cbc:PaymentMeansCode has an attribute name"),
    ];
    let unused = ATTRIBUTES.iter().map(|(id, name)| {
        Told::new(
            id,
            Warning,
            "the document",
            format!("there is no attribute {name}; EN 16931 has no use for it"),
        )
    });
    by_ending.into_iter().chain(unused)
}

/// What the end of a name says about an element, however it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Amount,
    BinaryObject,
    Other,
}

impl Ending {
    fn of(name: &str) -> Self {
        if name.ends_with("Amount") && !name.ends_with("PriceAmount") {
            Self::Amount
        } else if name.ends_with("BinaryObject") {
            Self::BinaryObject
        } else {
            Self::Other
        }
    }

    fn of_element(element: Element<'_>) -> Self {
        match element.name() {
            Name::Other => Self::of(element.qname()),
            name => ENDINGS.get(name.number()).copied().unwrap_or(Self::Other),
        }
    }
}

/// By the number of a name.
static ENDINGS: LazyLock<Vec<Ending>> = LazyLock::new(|| {
    let mut endings = vec![Ending::Other; Name::COUNT];
    for name in Name::all() {
        if let Some(ending) = endings.get_mut(name.number()) {
            *ending = Ending::of(name.parts().1);
        }
    }
    endings
});

/// Whether there are rules about elements of the name by its end.
pub(super) fn knows(name: Name) -> bool {
    ENDINGS.get(name.number()).is_some_and(|ending| *ending != Ending::Other)
}

/// Rules about elements by the end of their names.
pub(super) fn check_element(facts: &Facts<'_>, element: Element<'_>, report: &mut Report<'_>) {
    let ending = Ending::of_element(element);
    if ending == Ending::Amount
        && !below_price_with_allowance(facts, element)
        && let Err(found) = two_decimals(element)
    {
        report.add("UBL-DT-01", Fatal, element, format!("{found}; round it to at most two decimals"));
    }
    if ending == Ending::BinaryObject {
        for (id, attribute) in [("UBL-DT-06", "mimeCode"), ("UBL-DT-07", "filename")] {
            if element.attribute(attribute).is_none() {
                report.add(id, Fatal, element, format!("an attachment has no {attribute}; give it"));
            }
        }
    }
}

/// The published rule leaves out every amount below a price that has an allowance.
fn below_price_with_allowance(facts: &Facts<'_>, element: Element<'_>) -> bool {
    std::iter::successors(element.parent(), |e| e.parent()).any(|e| facts.discounted_prices.contains(&e.id()))
}

/// Attributes EN 16931 has no use for.
#[rustfmt::skip]
const ATTRIBUTES: [(&str, &str); 21] = [
    ("UBL-DT-08", "schemeName"), ("UBL-DT-09", "schemeAgencyName"), ("UBL-DT-10", "schemeDataURI"),
    ("UBL-DT-11", "schemeURI"), ("UBL-DT-12", "format"), ("UBL-DT-13", "unitCodeListIdentifier"),
    ("UBL-DT-14", "unitCodeListAgencyIdentifier"), ("UBL-DT-15", "unitCodeListAgencyName"),
    ("UBL-DT-16", "listAgencyName"), ("UBL-DT-17", "listName"), ("UBL-DT-19", "languageID"),
    ("UBL-DT-20", "listURI"), ("UBL-DT-21", "listSchemeURI"), ("UBL-DT-22", "languageLocaleID"),
    ("UBL-DT-23", "uri"), ("UBL-DT-24", "currencyCodeListVersionID"), ("UBL-DT-25", "characterSetCode"),
    ("UBL-DT-26", "encodingCode"), ("UBL-DT-27", "schemeAgencyID"), ("UBL-DT-28", "listAgencyID"),
    ("UBL-CR-663", "unitCodeListID"),
];

/// Rules about attributes anywhere in the document.
pub(super) fn check_attributes(facts: &Facts<'_>, report: &mut Report<'_>) {
    let mut names = 0_usize;
    let mut found = BTreeSet::new();
    for (attribute, _) in facts.tree.attributes() {
        names += usize::from(attribute == "name");
        found.extend(ATTRIBUTES.iter().filter(|(_, name)| *name == attribute));
    }
    let of_means = facts.payment_means_codes.iter().filter(|e| e.attribute("name").is_some()).count();
    if names > of_means {
        let message =
            format!("there are {} attributes called name; only payment means have one", names - of_means);
        report.add("UBL-DT-18", Warning, facts.root, message);
    }
    for (id, name) in found {
        report.add(
            id,
            Warning,
            facts.root,
            format!("there is an attribute {name}; EN 16931 has no use for it"),
        );
    }
}
