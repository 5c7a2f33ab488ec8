//! Norway: what a Norwegian seller's registrations must say.

use super::check_digits::is_norwegian;
use super::setting::Setting;
use super::values::{behind, is_vat_scheme, prefix, quoted, require, says, sole, text_at};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, fatal, normalized, parent_is, warning};
use crate::vocabulary::{name, path};
use crate::xml::tree::Element;

pub(super) fn applies(setting: &Setting<'_>) -> bool {
    setting.supplier_is(&["NO"])
}

/// Rules about a Norwegian seller.
pub(super) const GROUPS: &[Group] = &[Group {
    name: name!("cac:Party"),
    when: |e| parent_is(e, name!("cac:AccountingSupplierParty")),
    rules: &[
        warning(
            "NO-R-002",
            Test(says_where_registered),
            "most Norwegian companies must state Foretaksregisteret, as cbc:CompanyID under tax scheme TAX",
        ),
        fatal(
            "NO-R-001",
            Test(vat_number),
            "write it as NO, the nine digits of the organisation number with its check digit, and MVA",
        ),
    ],
}];

fn says_where_registered(_: &Facts<'_>, party: Element<'_>) -> Finding {
    let registrations = party.all(path!("cac:PartyTaxScheme"));
    let ids = registrations
        .filter(|e| says(*e, path!("cac:TaxScheme/cbc:ID"), &["TAX"]))
        .flat_map(|e| e.all(path!("cbc:CompanyID")));
    let mut found: Option<String> = None;
    for id in ids {
        let text = normalized(&id.text()).into_owned();
        if text == "Foretaksregisteret" {
            return Ok(());
        }
        found = Some(text);
    }
    Err(match found {
        Some(text) => format!("the registration under TAX is {}", quoted(&text)),
        None => "a registration under tax scheme TAX is missing".into(),
    })
}

fn vat_number(_: &Facts<'_>, party: Element<'_>) -> Finding {
    for registration in party.all(path!("cac:PartyTaxScheme")).filter(|e| is_vat_scheme(*e)) {
        let id = sole(registration, path!("cbc:CompanyID"));
        let id = id.unwrap_or_else(|| text_at(registration, path!("cbc:CompanyID")));
        let number = behind(&id, 2);
        if prefix(&id, 2) == "NO" {
            let valid = number.strip_suffix("MVA").is_some_and(is_norwegian);
            require(valid, || format!("the VAT number is {}", quoted(&id)))?;
        }
    }
    Ok(())
}
