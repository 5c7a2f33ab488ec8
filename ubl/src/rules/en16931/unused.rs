//! What EN 16931 has no place for: the walk over the table of paths, and the rules that look further than a path.

use super::unused_paths::UNUSED;
use crate::rules::Severity::{self, Fatal, Warning};
use crate::rules::engine::{Facts, Report, parent_is};
use crate::xml::tree::Element;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A step of a path, with the rules that end there.
#[derive(Default)]
struct Step {
    next: BTreeMap<&'static str, Step>,
    rules: Vec<(usize, &'static str)>,
}

static PATHS: LazyLock<Step> = LazyLock::new(|| {
    let mut root = Step::default();
    for (number, (id, path)) in UNUSED.iter().enumerate() {
        match path.strip_prefix("LINE/") {
            Some(rest) => {
                for line in ["cac:InvoiceLine", "cac:CreditNoteLine"] {
                    root.next.entry(line).or_default().insert(rest, (number, id));
                }
            }
            None => root.insert(path, (number, id)),
        }
    }
    root
});

impl Step {
    fn insert(&mut self, path: &'static str, rule: (usize, &'static str)) {
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let step = self.next.entry(first).or_default();
        match rest {
            Some(rest) => step.insert(rest, rule),
            None => step.rules.push(rule),
        }
    }

    /// Follows the paths as far as the document goes. Each rule is reported once, where it is first broken.
    fn walk(&self, element: Element<'_>, found: &mut Vec<bool>, report: &mut Report<'_>) {
        for (name, step) in &self.next {
            if name.strip_prefix('@').is_some_and(|attribute| element.attribute(attribute).is_some()) {
                step.report(element, found, report);
            }
        }
        for child in element.children() {
            if let Some(step) = child.name_with_prefix().and_then(|name| self.next.get(name.as_str())) {
                step.report(child, found, report);
                step.walk(child, found, report);
            }
        }
    }

    fn report(&self, element: Element<'_>, found: &mut [bool], report: &mut Report<'_>) {
        for (number, id) in &self.rules {
            let Some(seen) = found.get_mut(*number) else { continue };
            if !std::mem::replace(seen, true) {
                let name = element.local();
                report.add(
                    id,
                    Warning,
                    element,
                    format!("EN 16931 has no place for this {name}; leave it out"),
                );
            }
        }
    }
}

/// Rules about an element wherever it stands.
struct Anywhere {
    id: &'static str,
    severity: Severity,
    name: &'static str,
    parent: Option<&'static str>,
    test: fn(Element<'_>) -> bool,
}

const fn rule(
    id: &'static str,
    name: &'static str,
    parent: Option<&'static str>,
    test: fn(Element<'_>) -> bool,
) -> Anywhere {
    Anywhere { id, severity: Warning, name, parent, test }
}

fn scheme(element: Element<'_>) -> bool {
    element.attribute("schemeID").is_some()
}

fn list(element: Element<'_>) -> bool {
    element.attribute("listID").is_some()
}

fn always(_: Element<'_>) -> bool {
    true
}

fn of_price(element: Element<'_>) -> bool {
    element.parent().is_some_and(|parent| parent_is(parent, "cac:Price"))
}

fn of_mandate(element: Element<'_>) -> bool {
    scheme(element) && element.parent().is_some_and(|parent| parent_is(parent, "cac:PaymentMandate"))
}

fn of_object(element: Element<'_>) -> bool {
    let types = element.parent().into_iter().flat_map(|p| p.all("cbc:DocumentTypeCode"));
    types.into_iter().any(|code| code.text() == "130")
}

fn scheme_of_no_object(element: Element<'_>) -> bool {
    let Some(parent) = element.parent() else { return false };
    let other = parent.all("cbc:DocumentTypeCode").any(|code| code.text() != "130");
    scheme(element) && (other || !parent.has("cbc:DocumentTypeCode"))
}

#[rustfmt::skip]
const ANYWHERE: &[Anywhere] = &[
    rule("UBL-CR-652", "cbc:CompanyID", Some("cac:PartyTaxScheme"), scheme),
    rule("UBL-CR-660", "cbc:IdentificationCode", Some("cac:Country"), list),
    rule("UBL-CR-662", "cbc:AllowanceChargeReasonCode", None, list),
    rule("UBL-CR-664", "cac:FinancialInstitution", None, always),
    rule("UBL-CR-665", "cbc:ID", Some("cac:AdditionalDocumentReference"), scheme_of_no_object),
    Anywhere { id: "UBL-CR-666", severity: Fatal, name: "cac:Attachment", parent: Some("cac:AdditionalDocumentReference"), test: of_object },
    rule("UBL-CR-667", "cbc:ID", Some("cac:BuyersItemIdentification"), scheme),
    rule("UBL-CR-668", "cbc:ID", Some("cac:SellersItemIdentification"), scheme),
    rule("UBL-CR-669", "cbc:AllowanceChargeReasonCode", Some("cac:AllowanceCharge"), of_price),
    rule("UBL-CR-670", "cbc:AllowanceChargeReason", Some("cac:AllowanceCharge"), of_price),
    rule("UBL-CR-671", "cbc:MultiplierFactorNumeric", Some("cac:AllowanceCharge"), of_price),
    Anywhere { id: "UBL-CR-673", severity: Fatal, name: "cbc:DocumentDescription", parent: Some("cac:AdditionalDocumentReference"), test: of_object },
    rule("UBL-CR-674", "cbc:PrimaryAccountNumberID", None, scheme),
    rule("UBL-CR-675", "cbc:NetworkID", Some("cac:CardAccount"), scheme),
    rule("UBL-CR-676", "cbc:ID", Some("cac:PaymentMandate"), scheme),
    rule("UBL-CR-677", "cbc:ID", Some("cac:PayerFinancialAccount"), of_mandate),
    rule("UBL-CR-678", "cbc:ID", Some("cac:TaxCategory"), scheme),
    rule("UBL-CR-679", "cbc:ID", Some("cac:ClassifiedTaxCategory"), scheme),
    rule("UBL-CR-680", "cac:PayerFinancialAccount", Some("cac:PaymentMeans"), always),
];

pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    UNUSED.iter().map(|(id, _)| *id).chain(ANYWHERE.iter().map(|rule| rule.id))
}

/// Walks the table of paths.
pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    PATHS.walk(facts.root, &mut vec![false; UNUSED.len()], report);
}

/// Looks at one element wherever it stands.
pub(super) fn check_anywhere(element: Element<'_>, report: &mut Report<'_>) {
    for rule in ANYWHERE {
        let here = element.is(rule.name) && rule.parent.is_none_or(|parent| parent_is(element, parent));
        if here && (rule.test)(element) {
            let message = "EN 16931 has no place for this, or for its scheme; leave it out";
            report.add(rule.id, rule.severity, element, message.to_owned());
        }
    }
}
