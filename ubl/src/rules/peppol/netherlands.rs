//! The Netherlands: what Dutch sellers, and Dutch sellers to Dutch buyers, must state.

use super::setting::Setting;
use super::values::{is_blank, present, quoted, require, says, stated, text_at};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, anywhere, fatal, parent_is};
use crate::rules::number::decimal;
use crate::vocabulary::{Name, name, path};
use crate::xml::tree::Element;
use rust_decimal::Decimal;

const KVK_OR_OIN: &str = "give a KVK number with schemeID 0106 or an OIN with schemeID 0190";
const WHOLE_ADDRESS: &str = "a Dutch address needs street, city and post code";

pub(super) fn applies(setting: &Setting<'_>) -> bool {
    setting.supplier_is_at_home_in("NL")
}

pub(super) fn applies_at_home(setting: &Setting<'_>) -> bool {
    setting.both_are_at_home_in("NL")
}

pub(super) fn applies_to_representative(setting: &Setting<'_>) -> bool {
    applies(setting) && setting.representative_is_at_home_in("NL")
}

/// Rules about Dutch sellers.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cbc:CreditNoteTypeCode"),
        when: anywhere,
        rules: &[fatal(
            "NL-R-001",
            Test(refers_to_invoice),
            "give the number of the invoice that is credited",
        )],
    },
    Group {
        name: name!("cac:PostalAddress"),
        when: |e| is_of_party(e, name!("cac:AccountingSupplierParty")),
        rules: &[fatal("NL-R-002", Test(|_, e| whole_address(e)), WHOLE_ADDRESS)],
    },
    Group {
        name: name!("cbc:CompanyID"),
        when: |e| is_legal_id(e, name!("cac:AccountingSupplierParty")),
        rules: &[fatal("NL-R-003", Test(|_, e| kvk_or_oin(e)), KVK_OR_OIN)],
    },
    Group {
        name: name!("cac:LegalMonetaryTotal"),
        when: anywhere,
        rules: &[fatal("NL-R-007", Test(says_how_to_pay), "say in cac:PaymentMeans how the buyer can pay")],
    },
    Group {
        name: name!("cbc:LineID"),
        when: |e| parent_is(e, name!("cac:OrderLineReference")),
        rules: &[fatal(
            "NL-R-009",
            Test(refers_to_order),
            "a line of an order needs the order's number in the document",
        )],
    },
];

/// Rules about Dutch sellers to Dutch buyers.
pub(super) const AT_HOME: &[Group] = &[
    Group {
        name: name!("cac:PostalAddress"),
        when: |e| is_of_party(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal("NL-R-004", Test(|_, e| whole_address(e)), WHOLE_ADDRESS)],
    },
    Group {
        name: name!("cbc:CompanyID"),
        when: |e| is_legal_id(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal("NL-R-005", Test(|_, e| kvk_or_oin(e)), KVK_OR_OIN)],
    },
    Group {
        name: name!("cac:PaymentMeans"),
        when: anywhere,
        rules: &[fatal("NL-R-008", Test(known_means), "use 30, 48, 49, 57, 58 or 59")],
    },
];

/// Rules about Dutch tax representatives of Dutch sellers.
pub(super) const OF_REPRESENTATIVE: &[Group] = &[Group {
    name: name!("cac:PostalAddress"),
    when: |e| parent_is(e, name!("cac:TaxRepresentativeParty")),
    rules: &[fatal("NL-R-006", Test(|_, e| whole_address(e)), WHOLE_ADDRESS)],
}];

/// Whether it is part of the party in a role.
fn is_of_party(element: Element<'_>, role: Name) -> bool {
    let party = element.parent().filter(|e| e.is(name!("cac:Party")));
    party.is_some_and(|e| parent_is(e, role))
}

fn is_legal_id(id: Element<'_>, role: Name) -> bool {
    let entity = id.parent().filter(|e| e.is(name!("cac:PartyLegalEntity")));
    entity.is_some_and(|e| is_of_party(e, role))
}

fn refers_to_invoice(facts: &Facts<'_>, _: Element<'_>) -> Finding {
    require(facts.setting().has_preceding_invoice, || {
        "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID is missing".into()
    })
}

fn whole_address(address: Element<'_>) -> Finding {
    [path!("cbc:StreetName"), path!("cbc:CityName"), path!("cbc:PostalZone")]
        .into_iter()
        .try_for_each(|path| present(address, path))
}

fn kvk_or_oin(id: Element<'_>) -> Finding {
    // The published rule looks for the scheme among words, so that "0106 0190" passes too.
    let scheme = id.attribute("schemeID").unwrap_or_default();
    let known = scheme.split(' ').any(|word| matches!(word, "0106" | "0190"));
    require(known && !is_blank(&id.text()), || {
        format!("cbc:CompanyID is {} of scheme {}", quoted(&id.text()), quoted(scheme))
    })
}

fn says_how_to_pay(facts: &Facts<'_>, total: Element<'_>) -> Finding {
    let path = path!("cbc:PayableAmount");
    let payable = decimal(&text_at(total, path));
    let nothing_to_pay = payable.is_some_and(|amount| match facts.root.name() {
        Name::Invoice => amount <= Decimal::ZERO,
        _ => amount >= Decimal::ZERO,
    });
    require(nothing_to_pay || facts.setting().has_payment_means(facts), || {
        format!("{} and cac:PaymentMeans is missing", stated(total, path))
    })
}

fn known_means(_: &Facts<'_>, means: Element<'_>) -> Finding {
    let path = path!("cbc:PaymentMeansCode");
    require(says(means, path, &["30", "48", "49", "57", "58", "59"]), || stated(means, path))
}

fn refers_to_order(facts: &Facts<'_>, _: Element<'_>) -> Finding {
    require(facts.setting().has_order_reference, || "cac:OrderReference/cbc:ID is missing".into())
}
