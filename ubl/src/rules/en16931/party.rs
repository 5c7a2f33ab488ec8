//! Seller, buyer, payee and tax representative.

use super::document::of_party;
use crate::rules::code_lists::VAT_PREFIXES;
use crate::rules::engine::Check::{Filled, Present, Test};
use crate::rules::engine::{Facts, Finding, Group, anywhere, fatal, has_vat_id, is_vat, parent_is, shorten};
use crate::vocabulary::{Path, name, path};
use crate::xml::tree::Element;

const COUNTRY: Path = path!("cac:Country/cbc:IdentificationCode");

/// Rules about parties.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cac:PostalAddress"),
        when: |e| of_party(e, name!("cac:AccountingSupplierParty")),
        rules: &[fatal("BR-09", Filled(COUNTRY), "give the seller's country")],
    },
    Group {
        name: name!("cac:PostalAddress"),
        when: |e| of_party(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal("BR-11", Filled(COUNTRY), "give the buyer's country")],
    },
    Group {
        name: name!("cac:PostalAddress"),
        when: |e| parent_is(e, name!("cac:TaxRepresentativeParty")),
        rules: &[fatal("BR-20", Filled(COUNTRY), "give the tax representative's country")],
    },
    Group {
        name: name!("cac:PayeeParty"),
        when: anywhere,
        rules: &[fatal("BR-17", Test(payee_is_not_seller), "name the payee only where it is not the seller")],
    },
    Group {
        name: name!("cac:AccountingSupplierParty"),
        when: anywhere,
        rules: &[fatal(
            "BR-CO-26",
            Test(seller_is_identified),
            "give a VAT identifier, a registration number or another identifier",
        )],
    },
    Group {
        name: name!("cac:TaxRepresentativeParty"),
        when: anywhere,
        rules: &[
            fatal("BR-18", Filled(path!("cac:PartyName/cbc:Name")), "give the tax representative's name"),
            fatal("BR-19", Present(&[path!("cac:PostalAddress")]), "give the tax representative's address"),
            fatal("BR-56", Test(representative_has_vat_id), "give the tax representative's VAT identifier"),
        ],
    },
    Group {
        name: name!("cac:PartyTaxScheme"),
        when: is_vat,
        rules: &[fatal("BR-CO-09", Test(vat_id_has_prefix), "begin a VAT identifier with its country code")],
    },
];

fn payee_is_not_seller(_: &Facts<'_>, payee: Element<'_>) -> Finding {
    if !payee.has(path!("cac:PartyName/cbc:Name")) {
        return Err("cac:PartyName/cbc:Name is missing".into());
    }
    for path in [path!("cac:PartyName/cbc:Name"), path!("cac:PartyIdentification/cbc:ID")] {
        if let Some(shared) = shared_with_seller(payee, path) {
            return Err(format!("{path} of payee and seller is {shared:?}"));
        }
    }
    Ok(())
}

fn shared_with_seller(payee: Element<'_>, path: Path) -> Option<String> {
    let parent = payee.parent()?;
    let own: Vec<_> = payee.all(path).map(|e| e.text()).collect();
    let sellers = parent.all(path!("cac:AccountingSupplierParty/cac:Party"));
    let mut theirs = sellers.flat_map(|party| party.all(path)).map(|e| e.text());
    theirs.find(|text| own.contains(text)).map(|text| shorten(&text))
}

fn seller_is_identified(_: &Facts<'_>, seller: Element<'_>) -> Finding {
    let by_other = |id: Element<'_>| id.attribute("schemeID") != Some("SEPA");
    let identified = seller.all(path!("cac:Party")).any(has_vat_id)
        || seller.all(path!("cac:Party/cac:PartyIdentification/cbc:ID")).any(by_other)
        || seller.has(path!("cac:Party/cac:PartyLegalEntity/cbc:CompanyID"));
    if identified { Ok(()) } else { Err("the seller has no identifier".into()) }
}

fn representative_has_vat_id(_: &Facts<'_>, party: Element<'_>) -> Finding {
    if has_vat_id(party) { Ok(()) } else { Err("the tax representative has no VAT identifier".into()) }
}

/// The published rule looks for the first two characters anywhere in the list, so an absent identifier passes.
fn vat_id_has_prefix(_: &Facts<'_>, scheme: Element<'_>) -> Finding {
    let id = scheme.first(path!("cbc:CompanyID")).map(|e| e.text()).unwrap_or_default();
    let prefix: String = id.chars().take(2).collect();
    if VAT_PREFIXES.holds_fragment(&prefix) {
        Ok(())
    } else {
        Err(format!("the VAT identifier {:?} begins with no country code", shorten(&id)))
    }
}
