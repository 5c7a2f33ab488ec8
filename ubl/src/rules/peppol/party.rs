//! Rules about the electronic addresses of seller and buyer, and about direct debit.

use super::values::{present, says};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, fatal, parent_is};
use crate::vocabulary::{name, path};
use crate::xml::tree::Element;

/// Rules about parties and payment.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cac:Party"),
        when: |e| parent_is(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal(
            "PEPPOL-EN16931-R010",
            Test(has_address),
            "give the buyer's electronic address, by which Peppol delivers",
        )],
    },
    Group {
        name: name!("cac:Party"),
        when: |e| parent_is(e, name!("cac:AccountingSupplierParty")),
        rules: &[fatal("PEPPOL-EN16931-R020", Test(has_address), "give the seller's electronic address")],
    },
    Group {
        name: name!("cac:PaymentMeans"),
        when: |e| says(e, path!("cbc:PaymentMeansCode"), &["49", "59"]),
        rules: &[fatal(
            "PEPPOL-EN16931-R061",
            Test(|_, e| present(e, path!("cac:PaymentMandate/cbc:ID"))),
            "a direct debit needs the reference of the mandate",
        )],
    },
];

fn has_address(_: &Facts<'_>, party: Element<'_>) -> Finding {
    present(party, path!("cbc:EndpointID"))
}
