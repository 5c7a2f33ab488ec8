//! Checks a payload against the schema and against itself, and words each fault as the authority does.

use super::{
    lists,
    schema::{Field, INVOICE, PARTY, Rule},
    settings::AuthoritySettings,
    shapes, totals,
};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// A fault: the text that goes into `details`.
pub(crate) type Fault = String;

/// 10^15: no invoice reaches it, and no sum of such numbers overflows.
const LARGEST: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// Every fault of a payload; the server tells only the first.
pub(crate) fn faults(invoice: &Value, settings: &AuthoritySettings) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(members) = invoice.as_object() else {
        return vec!["invoicerequest.invoice must be an object".to_owned()];
    };
    walk(members, INVOICE, &Path::root(), &mut faults);
    if !faults.is_empty() {
        // The relations below presuppose that every field is what it should be.
        return faults;
    }
    relations(invoice, &mut faults);
    listed(invoice, settings, &mut faults);
    if settings.strict_totals {
        faults.extend(totals::faults(invoice));
    }
    faults
}

/// The first fault of a party on its own.
pub(crate) fn party_fault(party: &Value) -> Option<Fault> {
    let mut faults = Vec::new();
    match party.as_object() {
        Some(members) => walk(members, PARTY, &Path("partyrequest".to_owned()), &mut faults),
        None => faults.push("partyrequest must be an object".to_owned()),
    }
    faults.into_iter().next()
}

/// Codes against the lists of the day: tax categories always, the rest where the settings want it.
fn listed(invoice: &Value, settings: &AuthoritySettings, faults: &mut Vec<Fault>) {
    let edition = settings.lists;
    let root = Path::root();
    let refer = |what: &str| format!("must be a valid {what}, refer to the invoice resource apis");
    let each = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for (at, total) in each(&invoice["tax_total"]).iter().enumerate() {
        for (nth, subtotal) in each(&total["tax_subtotal"]).iter().enumerate() {
            let id = subtotal["tax_category"]["id"].as_str().unwrap_or_default();
            if !lists::TAX_CATEGORIES.has(edition, id) {
                let place = root.member("tax_total").element(at).member("tax_subtotal").element(nth);
                faults.push(place.member("tax_category").member("id").fault(refer("tax category")));
            }
        }
    }
    if !settings.strict_codes {
        return;
    }
    for (at, line) in each(&invoice["invoice_line"]).iter().enumerate() {
        for (name, table, what) in
            [("hsn_code", &lists::HS_CODES, "hs code"), ("isic_code", &lists::SERVICES, "service code")]
        {
            if line[name].as_str().is_some_and(|code| !table.has(edition, code)) {
                faults.push(root.member("invoice_line").element(at).member(name).fault(refer(what)));
            }
        }
    }
    for name in ["accounting_supplier_party", "accounting_customer_party"] {
        if invoice[name]["postal_address"]["lga"].as_str().is_some_and(|lga| !lists::LGAS.has(edition, lga)) {
            let place = root.member(name).member("postal_address").member("lga");
            faults.push(place.fault(refer("lga code")));
        }
    }
}

/// A place in the payload, in the server's notation: lower case, no underscores.
#[derive(Debug, Clone)]
pub(crate) struct Path(String);

impl Path {
    /// The invoice itself.
    pub(crate) fn root() -> Self {
        Self("invoicerequest.invoice".to_owned())
    }

    /// A member of it.
    pub(crate) fn member(&self, name: &str) -> Self {
        Self(format!("{}.{}", self.0, name.to_lowercase().replace('_', "")))
    }

    /// An element of it.
    pub(crate) fn element(&self, at: usize) -> Self {
        Self(format!("{}[{at}]", self.0))
    }

    /// The fault that it `is` something wrong.
    pub(crate) fn fault(&self, what: impl std::fmt::Display) -> Fault {
        format!("{} {what}", self.0)
    }
}

fn walk(object: &Map<String, Value>, fields: &[Field], path: &Path, faults: &mut Vec<Fault>) {
    for field in fields {
        match object.get(field.name) {
            None | Some(Value::Null) if field.required => {
                faults.push(path.member(field.name).fault("is required"));
            }
            None => {}
            Some(value) => check(value, &field.rule, &path.member(field.name), faults),
        }
    }
    for name in object.keys() {
        if !fields.iter().any(|field| field.name == name) {
            faults.push(path.member(name).fault("is not a known field"));
        }
    }
}

fn check(value: &Value, rule: &Rule, path: &Path, faults: &mut Vec<Fault>) {
    match rule {
        Rule::Object(fields) => match value.as_object() {
            Some(object) => walk(object, fields, path, faults),
            None => faults.push(path.fault("must be an object")),
        },
        Rule::List(least, rule) => match value.as_array() {
            Some(list) if list.len() < *least => faults.push(path.fault("is required")),
            Some(list) => {
                for (at, element) in list.iter().enumerate() {
                    check(element, rule, &path.element(at), faults);
                }
            }
            None => faults.push(path.fault("must be an array")),
        },
        Rule::Bool if value.is_boolean() => {}
        Rule::Bool => faults.push(path.fault("must be a boolean")),
        Rule::Number | Rule::AtLeast(_) | Rule::Positive | Rule::Percent => {
            faults.extend(number_fault(value, rule).map(|what| path.fault(what)));
        }
        _ => match value.as_str() {
            Some(text) => faults.extend(text_fault(text, rule, path)),
            None => faults.push(path.fault("must be a string")),
        },
    }
}

fn number_fault(value: &Value, rule: &Rule) -> Option<String> {
    if !value.is_number() {
        return Some("must be a number".to_owned());
    }
    let Some(number) = decimal(value).filter(|number| number.abs() < LARGEST) else {
        return Some("must be a number of at most 15 digits".to_owned());
    };
    match rule {
        Rule::AtLeast(least) if number < Decimal::from(*least) => {
            Some(format!("must be at least in length or value {least}"))
        }
        Rule::Positive if number <= Decimal::ZERO => Some("must be greater than 0".to_owned()),
        Rule::Percent if number < Decimal::ZERO || number > Decimal::ONE_HUNDRED => {
            Some("must be a percentage between 0 and 100".to_owned())
        }
        _ => None,
    }
}

fn text_fault(text: &str, rule: &Rule, path: &Path) -> Option<Fault> {
    match rule {
        // The one fault that the server tells without a path.
        Rule::Uuid => shapes::uuid_fault(text),
        Rule::Text(least, _) if text.chars().count() < *least => {
            Some(path.fault(format!("must be at least in length or value {least}")))
        }
        Rule::Text(_, most) if text.chars().count() > *most => {
            Some(path.fault(format!("must be at most in length or value {most}")))
        }
        Rule::Date if shapes::date(text).is_none() => {
            Some(path.fault("must be a valid date value yyyy-mm-dd (e.g: 2024-04-29)"))
        }
        Rule::Time if !shapes::time(text) => Some(path.fault("must be a valid time value hh:mm:ss")),
        Rule::Shape(fits, what) if !fits(text) => Some(path.fault(what)),
        _ => None,
    }
}

/// A JSON number as written, never through a float.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    let text = value.as_number()?.to_string();
    text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
}

fn relations(invoice: &Value, faults: &mut Vec<Fault>) {
    let root = Path::root();
    let irn = invoice["irn"].as_str().and_then(shapes::irn_parts);
    let issued = invoice["issue_date"].as_str().and_then(shapes::date);
    if irn.map(|(_, _, day)| day) != issued {
        faults.push(root.member("issue_date").fault("must be the date of the irn"));
    }
    let correction = matches!(invoice["invoice_type_code"].as_str(), Some("380" | "384" | "393"));
    if correction && invoice["billing_reference"].is_null() {
        faults.push(root.member("billing_reference").fault("is required"));
    }
    let business = matches!(invoice["invoice_kind"].as_str(), Some("B2B" | "B2G"));
    if business && invoice["accounting_customer_party"].is_null() {
        faults.push(root.member("accounting_customer_party").fault("is required"));
    }
    for party in ["accounting_supplier_party", "accounting_customer_party"] {
        faults.extend(lga_fault(
            &invoice[party]["postal_address"],
            &root.member(party).member("postal_address"),
        ));
    }
    let lines = invoice["invoice_line"].as_array().map_or(&[][..], Vec::as_slice);
    for (at, line) in lines.iter().enumerate() {
        faults.extend(classification_fault(line, &root.member("invoice_line").element(at)));
    }
}

/// An LGA lies in its state.
fn lga_fault(address: &Value, path: &Path) -> Option<Fault> {
    let (lga, state) = (address["lga"].as_str()?, address["state"].as_str()?);
    (!lga.starts_with(state)).then(|| path.member("lga").fault("must belong to the state"))
}

/// Goods carry an HS code and a product category, services an ISIC code and a service category: one pair.
fn classification_fault(line: &Value, path: &Path) -> Option<Fault> {
    let has = |name: &str| !line[name].is_null();
    let (goods, services) =
        ([has("hsn_code"), has("product_category")], [has("isic_code"), has("service_category")]);
    match (goods, services) {
        ([true, true], [false, false]) | ([false, false], [true, true]) => None,
        ([false, false], [false, false]) => Some(path.member("hsn_code").fault("is required")),
        ([true, false], [false, false]) => Some(path.member("product_category").fault("is required")),
        ([false, true], [false, false]) => Some(path.member("hsn_code").fault("is required")),
        ([false, false], [true, false]) => Some(path.member("service_category").fault("is required")),
        ([false, false], [false, true]) => Some(path.member("isic_code").fault("is required")),
        _ => Some(path.fault("must be classified either as goods or as a service, not both")),
    }
}
