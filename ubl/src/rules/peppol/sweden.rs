//! Sweden: what a Swedish seller must state, and how a payment to one is described.

use super::check_digits::is_swedish;
use super::double::{is_number, is_one_of};
use super::values::{
    any_is, behind, is_exact_vat_scheme, length, prefix, quoted, require, says, sole, stated, text_at,
};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, Rule, fatal, normalized, parent_is, warning};
use crate::vocabulary::{Path, name, path};
use crate::xml::tree::Element;

const COUNTRY: Path = path!("cac:PostalAddress/cac:Country/cbc:IdentificationCode");
const LEGAL_ID: Path = path!("cbc:CompanyID");
const CODE: Path = path!("cbc:PaymentMeansCode");
const BRANCH: Path = path!("cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID");

/// A seller's address is in Sweden.
pub(super) fn applies(facts: &Facts<'_>) -> bool {
    facts.suppliers.iter().flat_map(|e| e.all(path!("cac:Party"))).any(lives_in_sweden)
}

/// A seller's address and VAT number are Swedish.
pub(super) fn applies_to_rates(facts: &Facts<'_>) -> bool {
    facts.suppliers.iter().flat_map(|e| e.all(path!("cac:Party"))).any(is_registered_in_sweden)
}

/// Addresses of seller and buyer are in Sweden.
pub(super) fn applies_at_home(facts: &Facts<'_>) -> bool {
    let buyers = || facts.customers.iter().flat_map(|e| e.all(path!("cac:Party")));
    applies(facts) && buyers().any(lives_in_sweden)
}

/// Rules about Swedish sellers and payments to them.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cac:Party"),
        when: |e| parent_is(e, name!("cac:AccountingSupplierParty")) && is_registered_in_sweden(e),
        rules: &[
            fatal(
                "SE-R-001",
                Test(|_, e| {
                    let id = vat_number(e);
                    require(length(&normalized(&id)) == 14, || format!("the VAT number is {}", quoted(&id)))
                }),
                VAT_NUMBER,
            ),
            fatal(
                "SE-R-002",
                Test(|_, e| {
                    let id = vat_number(e);
                    let number = prefix(behind(&id, 2), 12);
                    require(is_number(number), || format!("the VAT number is {}", quoted(&id)))
                }),
                VAT_NUMBER,
            ),
        ],
    },
    Group {
        name: name!("cac:PartyLegalEntity"),
        when: |e| {
            e.has(LEGAL_ID) && e.parent().is_some_and(|party| is_seller(party) && lives_in_sweden(party))
        },
        rules: &[
            fatal(
                "SE-R-003",
                Test(|_, e| require(is_number(&text_at(e, LEGAL_ID)), || stated(e, LEGAL_ID))),
                "write the organisation number in digits only",
            ),
            fatal(
                "SE-R-004",
                Test(|_, e| {
                    require(length(&normalized(&text_at(e, LEGAL_ID))) == 10, || stated(e, LEGAL_ID))
                }),
                "an organisation number has ten digits",
            ),
            fatal(
                "SE-R-013",
                Test(|_, e| require(is_swedish(&normalized(&text_at(e, LEGAL_ID))), || stated(e, LEGAL_ID))),
                "the tenth digit of an organisation number checks the other nine",
            ),
        ],
    },
    Group {
        name: name!("cbc:CompanyID"),
        when: is_other_registration,
        rules: &[fatal("SE-R-005", Test(f_tax), "a registration other than VAT says Godkänd för F-skatt")],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| is_account_at(e, "SE:PLUSGIRO"),
        rules: &[
            warning("SE-R-007", Test(is_numeric), "a Plusgiro account has digits only"),
            warning("SE-R-010", Test(|_, e| is_long(e, 2, 8)), "a Plusgiro account has 2 to 8 digits"),
        ],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| is_account_at(e, "SE:BANKGIRO"),
        rules: &[
            warning("SE-R-008", Test(is_numeric), "a Bankgiro account has digits only"),
            warning("SE-R-009", Test(|_, e| is_long(e, 7, 8)), "a Bankgiro account has 7 or 8 digits"),
        ],
    },
    Group {
        name: name!("cac:PaymentMeans"),
        when: is_giro,
        rules: &[warning(
            "SE-R-011",
            Test(|_, e| Err(stated(e, CODE))),
            "for Bankgiro or Plusgiro use code 30 and the branch SE:BANKGIRO or SE:PLUSGIRO",
        )],
    },
];

/// Rules about payments between Swedish sellers and buyers.
pub(super) const AT_HOME: &[Group] = &[Group {
    name: name!("cac:PaymentMeans"),
    when: |e| any_is(e, CODE, "31") && !is_giro(e),
    rules: &[warning(
        "SE-R-012",
        Test(|_, e| Err(stated(e, CODE))),
        "use code 30 for a transfer within Sweden",
    )],
}];

/// Rules about the rates of Swedish sellers.
pub(super) const RATES: &[Group] = &[
    Group { name: name!("cac:TaxCategory"), when: |e| any_is(e, path!("cbc:ID"), "S"), rules: RATE },
    Group {
        name: name!("cac:ClassifiedTaxCategory"),
        when: |e| any_is(e, path!("cbc:ID"), "S"),
        rules: RATE,
    },
];

const RATE: &[Rule] = &[fatal("SE-R-006", Test(rate), "Sweden's VAT rates are 6, 12 and 25 percent")];
const VAT_NUMBER: &str = "write it as SE and twelve digits";

fn is_seller(party: Element<'_>) -> bool {
    party.is(name!("cac:Party")) && parent_is(party, name!("cac:AccountingSupplierParty"))
}

fn lives_in_sweden(party: Element<'_>) -> bool {
    any_is(party, COUNTRY, "SE")
}

fn is_registered_in_sweden(party: Element<'_>) -> bool {
    let mut registrations = party.all(path!("cac:PartyTaxScheme")).filter(|e| is_exact_vat_scheme(*e));
    lives_in_sweden(party)
        && registrations.any(|e| sole(e, LEGAL_ID).is_some_and(|id| prefix(&id, 2) == "SE"))
}

fn vat_number(party: Element<'_>) -> String {
    let registrations = party.all(path!("cac:PartyTaxScheme")).filter(|e| is_exact_vat_scheme(*e));
    let mut ids = registrations.flat_map(|e| e.all(LEGAL_ID));
    ids.next().map(|id| id.text().into_owned()).unwrap_or_default()
}

/// Whether it is what a Swedish seller with a legal identifier is registered under for anything but VAT.
fn is_other_registration(id: Element<'_>) -> bool {
    let Some(registration) = id.parent().filter(|e| e.is(name!("cac:PartyTaxScheme"))) else { return false };
    let scheme = sole(registration, path!("cac:TaxScheme/cbc:ID"));
    let is_other = scheme.is_some_and(|scheme| normalized(&scheme.to_uppercase()) != "VAT");
    is_other
        && registration.parent().is_some_and(|party| {
            is_seller(party)
                && lives_in_sweden(party)
                && party.has(path!("cac:PartyLegalEntity/cbc:CompanyID"))
        })
}

fn f_tax(_: &Facts<'_>, id: Element<'_>) -> Finding {
    let text = id.text();
    require(normalized(&text.to_uppercase()) == "GODKÄND FÖR F-SKATT", || {
        format!("cbc:CompanyID is {}", quoted(&text))
    })
}

fn rate(_: &Facts<'_>, category: Element<'_>) -> Finding {
    let path = path!("cbc:Percent");
    require(is_one_of(&text_at(category, path), &[6, 12, 25]), || stated(category, path))
}

/// Whether it is the number of the payee's account, paid to by transfer through this branch.
fn is_account_at(id: Element<'_>, branch: &str) -> bool {
    let account = id.parent().filter(|e| e.is(name!("cac:PayeeFinancialAccount")));
    let means = account.and_then(Element::parent).filter(|e| e.is(name!("cac:PaymentMeans")));
    means.is_some_and(|e| says(e, CODE, &["30"]) && says(e, BRANCH, &[branch]))
}

fn is_numeric(_: &Facts<'_>, id: Element<'_>) -> Finding {
    let text = id.text();
    require(is_number(&text), || format!("the account is {}", quoted(&text)))
}

fn is_long(id: Element<'_>, least: usize, most: usize) -> Finding {
    let text = id.text();
    let count = length(&normalized(&text));
    require((least..=most).contains(&count), || {
        format!("the account {} has {count} characters", quoted(&text))
    })
}

fn is_giro(means: Element<'_>) -> bool {
    any_is(means, CODE, "50") || any_is(means, CODE, "56")
}
