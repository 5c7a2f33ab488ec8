//! From the field that the authority complains of back to where it is mended: a field of the sale at the platform, a
//! setting of the tenant, or a mapping rule.

use crate::firs::codes::{self, ExemptCode};
use crate::mapping::{Provenance, Rules};
use serde::Serialize;
use std::fmt;
use taxpoynt_ubl::TaxCategory;

/// Where a value of a document is mended. Displayed, it is a path: `company.properties.tin`, `tenant.address.lga`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum Source {
    /// A field of the record at the platform: a path into the record, or where a connector reads it, its name in mapping
    /// rules, such as `customer.tin`.
    Record {
        /// The path; several that make one value are joined by ` + `.
        path: String,
        /// Whether it holds a value, which is wrong then.
        is_set: bool,
    },
    /// A setting of the tenant: `address.lga`, `tax.default`.
    Setting {
        /// Its name.
        name: String,
    },
    /// An entry of the tenant's catalogue.
    Catalogue {
        /// What it is called, as provenance has it: `catalogue entry 'Adire shirt' (SKU A-1)`.
        entry: String,
    },
    /// A value that a mapping rule fixes.
    Rule {
        /// The rule, `layer:line` or `layer:name`.
        rule: String,
    },
}

impl Source {
    /// What to do, as the end of a sentence; `record` names the record: `deal 123 at hubspot`.
    ///
    /// ```
    /// # use taxpoynt_core::firs::Source;
    /// let source = Source::Record { path: "company.properties.tin".into(), is_set: false };
    /// assert_eq!(source.remedy("deal 123 at hubspot"), "enter it in company.properties.tin of deal 123 at hubspot");
    /// let source = Source::Setting { name: "address.lga".into() };
    /// assert_eq!(source.remedy("deal 123 at hubspot"), "set address.lga of the tenant");
    /// ```
    #[must_use]
    pub fn remedy(&self, record: &str) -> String {
        match self {
            Self::Record { path, is_set: true } => format!("correct it in {path} of {record}"),
            Self::Record { path, is_set: false } => format!("enter it in {path} of {record}"),
            Self::Setting { name } => format!("set {name} of the tenant"),
            Self::Catalogue { entry } => format!("correct the {entry}"),
            Self::Rule { rule } => format!("change the mapping rule {rule}"),
        }
    }

    fn of_rule(rule: &str, source: Option<&str>, is_set: bool) -> Self {
        if let Some(name) = setting_of(rule) {
            return Self::Setting { name: name.to_owned() };
        }
        if rule.starts_with("catalogue entry ") {
            return Self::Catalogue { entry: rule.to_owned() };
        }
        let Some(source) = source else { return Self::Rule { rule: rule.to_owned() } };
        if let Some(name) = source.strip_prefix("setting.") {
            return Self::Setting { name: name.to_owned() };
        }
        let parts: Vec<&str> = source.split(" + ").map(|s| s.strip_prefix("raw.").unwrap_or(s)).collect();
        Self::Record { path: parts.join(" + "), is_set }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { path, .. } => f.write_str(path),
            Self::Setting { name } => write!(f, "tenant.{name}"),
            Self::Catalogue { entry } => f.write_str(entry),
            Self::Rule { rule } => write!(f, "rule {rule}"),
        }
    }
}

/// The setting a rule stands for. Two settings only name a field of the record, which is then where the value is.
fn setting_of(rule: &str) -> Option<&str> {
    let name = rule.strip_prefix("tenant:")?;
    let names_a_field = matches!(name, "buyer.tin_path" | "tax.percent_field");
    (name.contains('.') && !names_a_field).then_some(name)
}

/// Where a field of the authority comes from in general.
enum Origin {
    /// A target of mapping rules, and the typed source it is usually read from.
    Target(String, Option<&'static str>),
    /// A setting of the tenant.
    Setting(&'static str),
    /// The sale itself: amounts, dates and quantities are copied, never mapped.
    Sale(&'static str),
    /// The tax category of the nth subtotal.
    Tax(usize),
}

/// What set `field`, the path of an error of the authority (`accounting_customer_party/tin`), according to the stored
/// provenance of the document. `None` where the engine itself sets it, or where nothing set it: `expected_source` says
/// then where it is looked for.
#[must_use]
pub fn source_of(field: &str, provenance: &[Provenance]) -> Option<Source> {
    let set = |by: &Provenance| Source::of_rule(&by.rule, by.source.as_deref(), true);
    match origin(field)? {
        Origin::Setting(name) => Some(Source::Setting { name: name.to_owned() }),
        Origin::Sale(path) => Some(Source::Record { path: path.to_owned(), is_set: true }),
        Origin::Tax(index) => tax(index, provenance).map(set),
        Origin::Target(target, _) => {
            let target = of_payment(&target, provenance).unwrap_or(target);
            let instead = substitute(&target);
            let of = |wanted: &str| provenance.iter().find(|p| p.target == wanted);
            of(&target).or_else(|| of(&instead?)).map(set)
        }
    }
}

/// Where `field` is looked for by the rules in force, when nothing set it.
#[must_use]
pub fn expected_source(field: &str, rules: &Rules) -> Option<Source> {
    let Origin::Target(target, usual) = origin(field)? else { return None };
    if target.ends_with(".classification") && rules.reads(&target).next().is_none() {
        return Some(Source::Setting { name: "classification.default".to_owned() });
    }
    let first = rules.reads(&target).find(|(rule, source)| setting_of(rule).is_some() || source.is_some());
    let read = first.map(|(rule, source)| Source::of_rule(rule, source, false));
    read.or_else(|| Some(Source::Record { path: usual?.to_owned(), is_set: false }))
}

/// What stands in where the first choice is missing (see `mbs`).
fn substitute(target: &str) -> Option<String> {
    match target {
        "buyer.email" => Some("buyer.contact.email".to_owned()),
        "buyer.phone" => Some("buyer.contact.phone".to_owned()),
        "due_date" => Some("due_days".to_owned()),
        line => Some(format!("{}.name", line.strip_suffix(".description")?)),
    }
}

/// `payment_means[n]` of the document is the nth tender that has a code.
fn of_payment(target: &str, provenance: &[Provenance]) -> Option<String> {
    let (index, name) = target.strip_prefix("payment_means[")?.split_once("].")?;
    let codes =
        provenance.iter().filter(|p| p.target.starts_with("payment_means[") && p.target.ends_with("].code"));
    let tender = codes.map(|p| &p.target).nth(index.parse().ok()?)?;
    Some(format!("{}{name}", tender.strip_suffix("code")?))
}

/// What set the nth of the taxes that the authority tells apart, in the order in which they appear in the document.
fn tax(index: usize, provenance: &[Provenance]) -> Option<&Provenance> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let taxes = provenance.iter().filter(|p| p.target.ends_with("].tax") || p.target == "tip_tax");
    // A tip is a charge after all others.
    let (tips, others): (Vec<_>, Vec<_>) = taxes.partition(|p| p.target == "tip_tax");
    others.into_iter().chain(tips).find(|p| {
        let Some(key) = told_apart(&p.value) else { return false };
        if seen.contains(&key) {
            return false;
        }
        seen.push(key);
        seen.len() == index.saturating_add(1)
    })
}

/// `S 7.5` as the authority's category and the rate.
fn told_apart(value: &str) -> Option<(&'static str, &str)> {
    let (category, percent) = value.split_once(' ')?;
    let category = match category {
        "S" => TaxCategory::S,
        "Z" => TaxCategory::Z,
        "E" => TaxCategory::E,
        "G" => TaxCategory::G,
        "O" => TaxCategory::O,
        _ => return None,
    };
    Some((codes::tax_category_code(category, ExemptCode::Listed)?, percent))
}

fn origin(field: &str) -> Option<Origin> {
    let parts: Vec<&str> = field.split('/').filter(|part| !part.is_empty()).collect();
    let target = |name: &str, usual| Some(Origin::Target(name.to_owned(), usual));
    match parts.as_slice() {
        ["business_id"] => Some(Origin::Setting("business_id")),
        ["irn"] => Some(Origin::Setting("service_id")),
        ["note"] => target("note", Some("sale.description")),
        ["payment_terms_note"] => target("payment_terms", None),
        ["buyer_reference"] => target("buyer_reference", None),
        ["order_reference"] => target("order_reference", Some("sale.reference")),
        ["due_date"] | ["payment_means", _, "payment_due_date"] => target("due_date", None),
        ["payment_means", index, "payment_means_code"] => {
            target(&format!("payment_means[{index}].code"), Some("tender.method"))
        }
        ["tax_point_date"] => Some(Origin::Sale("sale.closed_at")),
        ["document_currency_code"] => Some(Origin::Sale("sale.currency")),
        ["accounting_supplier_party", rest @ ..] => seller(rest).map(Origin::Setting),
        ["accounting_customer_party", rest @ ..] => {
            let (name, usual) = buyer(rest)?;
            target(name, usual)
        }
        ["tax_total", _, "tax_subtotal", index, "tax_category", ..] => index.parse().ok().map(Origin::Tax),
        ["invoice_line", index, rest @ ..] => line(index.parse().ok()?, rest),
        _ => None,
    }
}

fn seller(rest: &[&str]) -> Option<&'static str> {
    Some(match rest {
        ["party_name"] => "name",
        ["tin"] => "tin",
        ["email"] => "email",
        ["telephone"] => "phone",
        ["business_description"] => "business_description",
        ["postal_address"] => "address",
        ["postal_address", "street_name"] => "address.street",
        ["postal_address", "city_name"] => "address.city",
        ["postal_address", "postal_zone"] => "address.postal_code",
        ["postal_address", "lga"] => "address.lga",
        ["postal_address", "state"] => "address.state",
        ["postal_address", "country"] => "address.country",
        _ => return None,
    })
}

fn buyer(rest: &[&str]) -> Option<(&'static str, Option<&'static str>)> {
    Some(match rest {
        [] | ["party_name"] => ("buyer.name", Some("customer.name")),
        ["tin"] => ("buyer.tin", Some("customer.tin")),
        ["email"] => ("buyer.email", Some("customer.email")),
        ["telephone"] => ("buyer.phone", Some("customer.phone")),
        ["business_description"] => ("buyer.business_description", None),
        ["postal_address"] | ["postal_address", "street_name"] => {
            ("buyer.address.street", Some("customer.address.street"))
        }
        ["postal_address", "city_name"] => ("buyer.address.city", Some("customer.address.city")),
        ["postal_address", "postal_zone"] => {
            ("buyer.address.postal_code", Some("customer.address.postal_code"))
        }
        ["postal_address", "lga"] => ("buyer.address.lga", Some("customer.address.lga")),
        ["postal_address", "state"] => ("buyer.address.state", Some("customer.address.state")),
        ["postal_address", "country"] => ("buyer.address.country", Some("customer.address.country")),
        _ => return None,
    })
}

/// A field of the line at `index`, counted from 0.
fn line(index: usize, rest: &[&str]) -> Option<Origin> {
    let target = |name: &str, usual| Some(Origin::Target(format!("lines[{index}].{name}"), usual));
    match rest {
        ["hsn_code" | "isic_code" | "product_category" | "service_category"] => {
            target("classification", None)
        }
        ["item", "name"] => target("name", Some("item.name")),
        ["item", "description"] => target("description", Some("item.description")),
        ["item", "sellers_item_identification"] => target("sku", Some("item.sku")),
        ["invoiced_quantity"] => Some(Origin::Sale("item.quantity")),
        ["price", "price_amount"] => Some(Origin::Sale("item.unit_price")),
        ["line_extension_amount"] => Some(Origin::Sale("item.net_amount")),
        _ => None,
    }
}
