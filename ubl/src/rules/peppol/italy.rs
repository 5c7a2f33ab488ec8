//! Italy: what an Italian seller must state.

use super::setting::Setting;
use super::values::{plain_at, present, require, sole, stated};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, fatal, normalized, parent_is};
use crate::vocabulary::{name, path};
use crate::xml::tree::Element;

pub(super) fn applies(setting: &Setting<'_>) -> bool {
    setting.supplier_is(&["IT"])
}

/// Rules about an Italian seller.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cac:PartyTaxScheme"),
        when: |e| {
            let scheme = sole(e, path!("cac:TaxScheme/cbc:ID"));
            e.parent().is_some_and(is_seller) && scheme.is_some_and(|scheme| normalized(&scheme) != "VAT")
        },
        rules: &[fatal(
            "IT-R-001",
            Test(tax_code),
            "a tax code that is no VAT number has 11 to 16 capital letters and digits",
        )],
    },
    Group {
        name: name!("cac:Party"),
        when: is_seller,
        rules: &[
            fatal(
                "IT-R-002",
                Test(|_, e| present(e, path!("cac:PostalAddress/cbc:StreetName"))),
                "an Italian seller's address needs a street",
            ),
            fatal(
                "IT-R-003",
                Test(|_, e| present(e, path!("cac:PostalAddress/cbc:CityName"))),
                "an Italian seller's address needs a city",
            ),
            fatal(
                "IT-R-004",
                Test(|_, e| present(e, path!("cac:PostalAddress/cbc:PostalZone"))),
                "an Italian seller's address needs a post code",
            ),
        ],
    },
];

fn is_seller(party: Element<'_>) -> bool {
    party.is(name!("cac:Party")) && parent_is(party, name!("cac:AccountingSupplierParty"))
}

fn tax_code(_: &Facts<'_>, registration: Element<'_>) -> Finding {
    let code = plain_at(registration, path!("cbc:CompanyID"));
    let valid =
        (11..=16).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    require(valid, || stated(registration, path!("cbc:CompanyID")))
}
