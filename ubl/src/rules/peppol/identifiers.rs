//! Rules about identifiers of parties, by the scheme they say they are from.

use super::check_digits::{
    is_australian, is_belgian, is_gln, is_italian_tax_code, is_italian_vat, is_norwegian, is_swedish,
};
use super::values::{behind, is_digits, is_vat_scheme, quoted, require};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, Rule, anywhere, fatal, normalized, parent_is, warning};
use crate::vocabulary::name;
use crate::xml::tree::Element;

/// Rules about identifiers.
pub(super) const GROUPS: &[Group] = &[
    Group { name: name!("cbc:EndpointID"), when: has_scheme, rules: ADDRESSES },
    Group { name: name!("cbc:ID"), when: |e| is_party_id(e) && has_scheme(e), rules: PARTIES },
    Group { name: name!("cbc:CompanyID"), when: anywhere, rules: COMPANIES },
];

/// A list of rules with those of every scheme in it.
macro_rules! of_every_scheme {
    ($($more:expr),*) => {
        &[
            fatal("PEPPOL-COMMON-R040", Test(|_, e| scheme(e, "0088", is_gln)), "give a GLN with the check digit of GS1"),
            fatal(
                "PEPPOL-COMMON-R041",
                Test(|_, e| scheme(e, "0192", is_norwegian)),
                "give the nine digits of a Norwegian organisation number, its check digit last",
            ),
            fatal(
                "PEPPOL-COMMON-R042",
                Test(|_, e| exact_scheme(e, "0184", |id| is_digits(id, 8) || is_dk_and_8_digits(id))),
                "give the eight digits of a Danish CVR number, with or without DK before them and nothing else",
            ),
            fatal(
                "PEPPOL-COMMON-R052",
                Test(|_, e| exact_scheme(e, "0096", |id| is_digits(id, 10))),
                "give the ten digits of a Danish P number and nothing else",
            ),
            fatal(
                "PEPPOL-COMMON-R053",
                Test(|_, e| exact_scheme(e, "0198", is_dk_and_8_digits)),
                "give DK and the eight digits of a Danish SE number and nothing else",
            ),
            fatal(
                "PEPPOL-COMMON-R043",
                Test(|_, e| scheme(e, "0208", is_belgian)),
                "give the ten digits of a Belgian enterprise number, its two check digits last",
            ),
            warning(
                "PEPPOL-COMMON-R044",
                Test(|_, e| scheme(e, "0201", is_ipa_code)),
                "give the six letters and digits of an Italian IPA code",
            ),
            warning(
                "PEPPOL-COMMON-R045",
                Test(|_, e| scheme(e, "0210", is_italian_tax_code)),
                "give an Italian tax code of 11 digits, or of 16 characters for a person",
            ),
            warning(
                "PEPPOL-COMMON-R047",
                Test(|_, e| scheme(e, "0211", is_italian_vat)),
                "give IT and the eleven digits of an Italian VAT number, its check digit last",
            ),
            fatal(
                "PEPPOL-COMMON-R049",
                Test(|_, e| scheme(e, "0007", |id| is_digits(id, 10) && is_swedish(id))),
                "give the ten digits of a Swedish organisation number, its check digit last",
            ),
            fatal(
                "PEPPOL-COMMON-R050",
                Test(|_, e| scheme(e, "0151", is_australian)),
                "give the eleven digits of an Australian Business Number, its check digits first",
            ),
            warning(
                "PEPPOL-COMMON-R054",
                Test(|_, e| scheme(e, "0106", |id| is_digits(id, 8))),
                "give the eight digits of a Dutch KVK number",
            ),
            warning(
                "PEPPOL-COMMON-R055",
                Test(|_, e| scheme(e, "0190", |id| is_digits(id, 20))),
                "give the twenty digits of a Dutch OIN",
            ),
            warning("PEPPOL-COMMON-R056-1", Test(|_, e| scheme(e, "9944", is_dutch_vat)), DUTCH_VAT),
            warning(
                "PEPPOL-COMMON-R057",
                Test(establishment),
                "give the twelve digits of a Dutch establishment number",
            ),
            $($more),*
        ]
    };
}

const DUTCH_VAT: &str = "write a Dutch VAT number as NL123456789B12";

const ADDRESSES: &[Rule] = of_every_scheme!(warning(
    "PEPPOL-COMMON-R046",
    Test(|_, e| scheme(e, "9907", is_italian_tax_code)),
    "give an Italian tax code of 11 digits, or of 16 characters for a person"
));
const PARTIES: &[Rule] = of_every_scheme!();
const COMPANIES: &[Rule] =
    of_every_scheme!(warning("PEPPOL-COMMON-R056-2", Test(dutch_vat_number), DUTCH_VAT));

/// Schemes whose identifiers are judged by their own rule only, even if they look like a Dutch VAT number.
const FIRST: &[&str] = &[
    "0088", "0192", "0184", "0096", "0198", "0208", "0201", "0210", "0211", "0007", "0151", "0106", "0190",
    "9944",
];

fn has_scheme(id: Element<'_>) -> bool {
    id.attribute("schemeID").is_some()
}

fn is_party_id(id: Element<'_>) -> bool {
    parent_is(id, name!("cac:PartyIdentification"))
}

/// An identifier of the scheme must be valid, white space aside.
fn scheme(id: Element<'_>, scheme: &str, is_valid: fn(&str) -> bool) -> Finding {
    exact_or_not(id, scheme, is_valid, false)
}

/// An identifier of the scheme must be valid exactly as written.
fn exact_scheme(id: Element<'_>, scheme: &str, is_valid: fn(&str) -> bool) -> Finding {
    exact_or_not(id, scheme, is_valid, true)
}

fn exact_or_not(id: Element<'_>, scheme: &str, is_valid: fn(&str) -> bool, exact: bool) -> Finding {
    if id.attribute("schemeID") != Some(scheme) {
        return Ok(());
    }
    let text = id.text();
    let valid = if exact { is_valid(&text) } else { is_valid(&normalized(&text)) };
    require(valid, || {
        let blank = if exact && normalized(&text) != text { " with white space around it" } else { "" };
        format!("{} {}{blank} has scheme {scheme}", id.local(), quoted(&text))
    })
}

fn is_dk_and_8_digits(id: &str) -> bool {
    id.strip_prefix("DK").is_some_and(|number| is_digits(number, 8))
}

fn is_ipa_code(id: &str) -> bool {
    id.len() == 6 && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_dutch_vat(id: &str) -> bool {
    id.len() == 14
        && id.starts_with("NL")
        && id.is_ascii()
        && is_digits(id.get(2..11).unwrap_or_default(), 9)
        && id.get(11..12) == Some("B")
        && is_digits(behind(id, 12), 2)
}

/// Whether it is what a party is registered under for VAT, and begins with the country code of the Netherlands.
fn is_dutch_registration(id: Element<'_>) -> bool {
    let registration = id.parent().filter(|e| e.is(name!("cac:PartyTaxScheme")));
    registration.is_some_and(|e| normalized(&id.text()).starts_with("NL") && is_vat_scheme(e))
}

fn dutch_vat_number(_: &Facts<'_>, id: Element<'_>) -> Finding {
    let judged = id.attribute("schemeID").is_some_and(|scheme| FIRST.contains(&scheme));
    if judged || !is_dutch_registration(id) {
        return Ok(());
    }
    let text = id.text();
    require(is_dutch_vat(&normalized(&text)), || format!("cbc:CompanyID is {}", quoted(&text)))
}

fn establishment(_: &Facts<'_>, id: Element<'_>) -> Finding {
    if id.is(name!("cbc:CompanyID")) && is_dutch_registration(id) {
        return Ok(());
    }
    scheme(id, "0217", |id| is_digits(id, 12))
}
