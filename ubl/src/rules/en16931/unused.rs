//! What EN 16931 has no place for: the walk over the table of paths, and the rules that look further than a path.

use super::unused_paths::UNUSED;
use crate::rules::Severity::{self, Fatal, Warning};
use crate::rules::engine::{ByName, Facts, Report, Told, at_top, parent_is};
use crate::vocabulary::{Name, Space, name, path};
use crate::xml::tree::Element;
use std::sync::LazyLock;

/// A step of a path, with the rules that end there.
#[derive(Default)]
struct Step {
    next: Vec<(Name, Step)>,
    /// A bit for the number of each name in `next`, modulo 64: most children are none of them.
    likely: u64,
    attributes: Vec<(&'static str, Step)>,
    rules: Vec<(usize, &'static str)>,
}

static PATHS: LazyLock<Step> = LazyLock::new(|| {
    let mut root = Step::default();
    for (number, (id, path)) in UNUSED.iter().enumerate() {
        match path.strip_prefix("LINE/") {
            Some(rest) => {
                for line in [name!("cac:InvoiceLine"), name!("cac:CreditNoteLine")] {
                    root.step(line).insert(rest, (number, id));
                }
            }
            None => root.insert(path, (number, id)),
        }
    }
    root.sort();
    root
});

const fn bit(name: Name) -> u64 {
    1 << (name.number() % 64)
}

impl Step {
    fn insert(&mut self, path: &'static str, rule: (usize, &'static str)) {
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let step = match first.strip_prefix('@') {
            Some(attribute) => {
                self.attributes.push((attribute, Self::default()));
                self.attributes.last_mut().map(|(_, step)| step)
            }
            None => Some(self.step(Name::written(first))),
        };
        match (step, rest) {
            (Some(step), Some(rest)) => step.insert(rest, rule),
            (Some(step), None) => step.rules.push(rule),
            (None, _) => {}
        }
    }

    /// The step of a name, made where there is none.
    fn step(&mut self, name: Name) -> &mut Self {
        self.likely |= bit(name);
        let at = self.next.iter().position(|(n, _)| *n == name).unwrap_or_else(|| {
            self.next.push((name, Self::default()));
            self.next.len() - 1
        });
        &mut self.next[at].1
    }

    fn sort(&mut self) {
        self.next.sort_by_key(|(name, _)| name.number());
        for (_, step) in &mut self.next {
            step.sort();
        }
    }

    fn after(&self, name: Name) -> Option<&Self> {
        if self.likely & bit(name) == 0 {
            return None;
        }
        let at = self.next.binary_search_by_key(&name.number(), |(name, _)| name.number()).ok()?;
        self.next.get(at).map(|(_, step)| step)
    }

    /// Follows the paths as far as the document goes. Each rule is reported once, where it is first broken.
    fn walk(&self, element: Element<'_>, found: &mut Vec<bool>, report: &mut Report<'_>) {
        for (name, step) in &self.attributes {
            if element.attribute(name).is_some() {
                step.report(element, found, report);
            }
        }
        if self.next.is_empty() {
            return;
        }
        for child in element.children() {
            if let Some(step) = self.after(child.name()) {
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
    name: Name,
    parent: Option<Name>,
    test: fn(Element<'_>) -> bool,
    wants: &'static str,
}

const fn rule(
    id: &'static str,
    name: Name,
    parent: Option<Name>,
    test: fn(Element<'_>) -> bool,
    wants: &'static str,
) -> Anywhere {
    Anywhere { id, severity: Warning, name, parent, test, wants }
}

const NOT_IT: &str = "leave it out; EN 16931 has no place for it here";
const NO_SCHEME: &str = "leave its schemeID out; EN 16931 has no place for it here";
const NO_LIST: &str = "leave its listID out; EN 16931 has no place for it here";
const NOT_WITH_OBJECT: &str = "leave it out where the type code 130 says that an invoiced object is meant";

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
    element.parent().is_some_and(|parent| parent_is(parent, name!("cac:Price")))
}

fn of_mandate(element: Element<'_>) -> bool {
    scheme(element) && element.parent().is_some_and(|parent| parent_is(parent, name!("cac:PaymentMandate")))
}

fn of_object(element: Element<'_>) -> bool {
    let types = element.parent().into_iter().flat_map(|p| p.all(path!("cbc:DocumentTypeCode")));
    types.into_iter().any(|code| code.text() == "130")
}

fn scheme_of_no_object(element: Element<'_>) -> bool {
    let Some(parent) = element.parent() else { return false };
    let other = parent.all(path!("cbc:DocumentTypeCode")).any(|code| code.text() != "130");
    scheme(element) && (other || !parent.has(path!("cbc:DocumentTypeCode")))
}

/// An element of a line's price that the rules name with a prefix UBL does not give it.
fn strange(element: Element<'_>, local: &str) -> bool {
    let line = element.parent().and_then(Element::parent).filter(|line| at_top(*line));
    let of_line = line.is_some_and(|l| l.is(name!("cac:InvoiceLine")) || l.is(name!("cac:CreditNoteLine")));
    of_line && element.space() == Space::Cbc && element.local() == local
}

#[rustfmt::skip]
const ANYWHERE: &[Anywhere] = &[
    rule("UBL-CR-629", Name::Other, Some(name!("cac:Price")), |e| strange(e, "ValidityPeriod"), NOT_IT),
    rule("UBL-CR-630", Name::Other, Some(name!("cac:Price")), |e| strange(e, "PriceList"), NOT_IT),
    rule("UBL-CR-652", name!("cbc:CompanyID"), Some(name!("cac:PartyTaxScheme")), scheme, NO_SCHEME),
    rule("UBL-CR-660", name!("cbc:IdentificationCode"), Some(name!("cac:Country")), list, NO_LIST),
    rule("UBL-CR-662", name!("cbc:AllowanceChargeReasonCode"), None, list, NO_LIST),
    rule("UBL-CR-664", name!("cac:FinancialInstitution"), None, always, NOT_IT),
    rule("UBL-CR-665", name!("cbc:ID"), Some(name!("cac:AdditionalDocumentReference")), scheme_of_no_object, NO_SCHEME),
    Anywhere { id: "UBL-CR-666", severity: Fatal, name: name!("cac:Attachment"), parent: Some(name!("cac:AdditionalDocumentReference")), test: of_object, wants: NOT_WITH_OBJECT },
    rule("UBL-CR-667", name!("cbc:ID"), Some(name!("cac:BuyersItemIdentification")), scheme, NO_SCHEME),
    rule("UBL-CR-668", name!("cbc:ID"), Some(name!("cac:SellersItemIdentification")), scheme, NO_SCHEME),
    rule("UBL-CR-669", name!("cbc:AllowanceChargeReasonCode"), Some(name!("cac:AllowanceCharge")), of_price, NOT_IT),
    rule("UBL-CR-670", name!("cbc:AllowanceChargeReason"), Some(name!("cac:AllowanceCharge")), of_price, NOT_IT),
    rule("UBL-CR-671", name!("cbc:MultiplierFactorNumeric"), Some(name!("cac:AllowanceCharge")), of_price, NOT_IT),
    Anywhere { id: "UBL-CR-673", severity: Fatal, name: name!("cbc:DocumentDescription"), parent: Some(name!("cac:AdditionalDocumentReference")), test: of_object, wants: NOT_WITH_OBJECT },
    rule("UBL-CR-674", name!("cbc:PrimaryAccountNumberID"), None, scheme, NO_SCHEME),
    rule("UBL-CR-675", name!("cbc:NetworkID"), Some(name!("cac:CardAccount")), scheme, NO_SCHEME),
    rule("UBL-CR-676", name!("cbc:ID"), Some(name!("cac:PaymentMandate")), scheme, NO_SCHEME),
    rule("UBL-CR-677", name!("cbc:ID"), Some(name!("cac:PayerFinancialAccount")), of_mandate, NO_SCHEME),
    rule("UBL-CR-678", name!("cbc:ID"), Some(name!("cac:TaxCategory")), scheme, NO_SCHEME),
    rule("UBL-CR-679", name!("cbc:ID"), Some(name!("cac:ClassifiedTaxCategory")), scheme, NO_SCHEME),
    rule("UBL-CR-680", name!("cac:PayerFinancialAccount"), Some(name!("cac:PaymentMeans")), always, NOT_IT),
];

/// The rules in words.
pub(super) fn told() -> impl Iterator<Item = Told> {
    let paths = UNUSED.iter().map(|(id, path)| {
        let path = path.replace("LINE/", "cac:InvoiceLine/");
        Told::new(id, Warning, "the document", format!("{path} is left out; EN 16931 has no place for it"))
    });
    let anywhere = ANYWHERE.iter().map(|rule| {
        let (prefix, local) = rule.name.parts();
        let local = if rule.name == Name::Other { "*" } else { local };
        let holder = rule.parent.map(Name::parts).map(|(prefix, local)| format!("{prefix}{local}/"));
        let concerns = format!("{}{prefix}{local}", holder.unwrap_or_default());
        Told::new(rule.id, rule.severity, concerns, rule.wants)
    });
    paths.chain(anywhere)
}

/// Walks the table of paths.
pub(super) fn check(facts: &Facts<'_>, report: &mut Report<'_>) {
    PATHS.walk(facts.root, &mut vec![false; UNUSED.len()], report);
}

static ANYWHERE_BY_NAME: LazyLock<ByName<&Anywhere>> =
    LazyLock::new(|| ByName::of(ANYWHERE, |rule| rule.name));

/// Whether there are rules about elements of the name wherever they stand.
pub(super) fn knows(name: Name) -> bool {
    ANYWHERE_BY_NAME.knows(name)
}

/// Looks at one element wherever it stands.
pub(super) fn check_anywhere(element: Element<'_>, report: &mut Report<'_>) {
    for rule in ANYWHERE_BY_NAME.get(element.name()) {
        let here = rule.parent.is_none_or(|parent| parent_is(element, parent));
        if here && (rule.test)(element) {
            let name = element.local();
            report.add(rule.id, rule.severity, element, format!("this {name} is not needed; {}", rule.wants));
        }
    }
}
