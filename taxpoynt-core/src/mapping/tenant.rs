//! The tenant's settings written out as rules: each setting is a short form of what stands here, and nothing else.

use super::constant::default_reason;
use crate::tenant::{TaxRule, Tenant, TipPolicy, VoucherPolicy};
use std::fmt::Write as _;
use taxpoynt_ubl::{Classification, TaxCategory};

/// The rules the settings stand for, as a rule file; each rule is named after its setting.
pub(super) fn text(tenant: &Tenant) -> String {
    let mut file = String::from("# The tenant's settings, written out.\nversion = 1\n");
    table(&mut file, "invoice", &[("tip_tax", tip_tax(tenant))]);
    table(&mut file, "buyer", &[("tin", buyer_tin(tenant))]);
    let classifications = classifications(tenant);
    table(
        &mut file,
        "each.line",
        &[
            ("tax", taxes(tenant, "item")),
            ("category", category(tenant)),
            ("classification", classifications),
        ],
    );
    table(&mut file, "each.charge", &[("tax", taxes(tenant, "charge"))]);
    file
}

fn table(file: &mut String, section: &str, targets: &[(&str, Vec<String>)]) {
    if targets.iter().all(|(_, rules)| rules.is_empty()) {
        return;
    }
    let _ = write!(file, "\n[{section}]\n");
    for (target, rules) in targets.iter().filter(|(_, rules)| !rules.is_empty()) {
        let _ = writeln!(file, "{target} = [");
        for rule in rules {
            let _ = writeln!(file, "  {{ {rule} }},");
        }
        file.push_str("]\n");
    }
}

fn tip_tax(tenant: &Tenant) -> Vec<String> {
    match (tenant.policy.tips, &tenant.tax.untaxed) {
        (TipPolicy::Charge, Some(untaxed)) => vec![format!("{}, {}", name("policy.tips"), value(untaxed))],
        _ => Vec::new(),
    }
}

fn buyer_tin(tenant: &Tenant) -> Vec<String> {
    let Some(path) = &tenant.buyer.tin_path else { return Vec::new() };
    let strip = match tenant.buyer.strip_prefix.as_deref() {
        None | Some("") => String::new(),
        Some(prefix) => format!("{{ strip_prefix = {} }}, ", quoted(prefix)),
    };
    vec![format!("{}, from = {}, apply = [{strip}\"trim\"]", name("buyer.tin_path"), raw(path))]
}

/// In the order of precedence; the taxes a platform applied in full stand in the built-in layer.
fn taxes(tenant: &Tenant, scope: &str) -> Vec<String> {
    let tax = &tenant.tax;
    let zero_rated = TaxRule { category: TaxCategory::Z, percent: rust_decimal::Decimal::ZERO, reason: None };
    let zero_rate = tax.zero_rate.as_ref().unwrap_or(&zero_rated);
    let mut rules = Vec::new();
    if scope == "item" && tenant.policy.vouchers == VoucherPolicy::ZeroRate {
        let when = "when = { equals = { \"item.voucher\" = true } }";
        rules.push(format!("{}, {}, {when}", name("policy.vouchers"), value(zero_rate)));
    }
    if let Some(by_field) = &tax.by_field {
        let values = by_field.values.iter().map(|(key, rule)| format!("{} = {}", key_of(key), tax_of(rule)));
        rules.extend(lookup("tax.by_field", &by_field.field, values.collect()));
    }
    if let Some(path) = &tax.percent_field {
        let (name, path) = (name("tax.percent_field"), raw(path));
        rules.push(format!("{name}, {}, when = {{ equals = {{ {path} = 0 }} }}", value(zero_rate)));
        rules.push(format!("{name}, from = {path}, apply = [\"percent\"]"));
    }
    if let Some(zero_rate) = &tax.zero_rate {
        let when = format!("when = {{ equals = {{ \"{scope}.tax.rate\" = 0 }} }}");
        rules.push(format!("{}, {}, {when}", name("tax.zero_rate"), value(zero_rate)));
    }
    let state = |state: &str| format!("equals = {{ \"{scope}.tax.state\" = \"{state}\" }}");
    if let Some(export) = &tax.export {
        let country = "\"buyer.address.country\"";
        let home = quoted(&tenant.country_code().to_uppercase());
        let abroad = format!("present = {country}, not = {{ equals = {{ {country} = {home} }} }}");
        let when = format!("when = {{ {}, {abroad} }}", state("not_carried"));
        rules.push(format!("{}, {}, {when}", name("tax.export"), value(export)));
    }
    for (setting, rule, state) in
        [("tax.untaxed", &tax.untaxed, state("untaxed")), ("tax.default", &tax.default, state("not_carried"))]
    {
        if let Some(rule) = rule {
            rules.push(format!("{}, {}, when = {{ {state} }}", name(setting), value(rule)));
        }
    }
    rules
}

fn category(tenant: &Tenant) -> Vec<String> {
    let path = tenant.classification.category_field.as_deref();
    path.map(|path| format!("{}, from = {}", name("classification.category_field"), raw(path)))
        .into_iter()
        .collect()
}

fn classifications(tenant: &Tenant) -> Vec<String> {
    let mut rules = Vec::new();
    if let Some(by_field) = &tenant.classification.by_field {
        let values = by_field.values.iter().map(|(key, c)| format!("{} = {}", key_of(key), class_of(c)));
        rules.extend(lookup("classification.by_field", &by_field.field, values.collect()));
    }
    if let Some(default) = &tenant.classification.default {
        rules.push(format!("{}, value = {}", name("classification.default"), class_of(default)));
    }
    rules
}

fn lookup(setting: &str, field: &str, values: Vec<String>) -> Option<String> {
    let table = values.join(", ");
    let rule = || format!("{}, from = {}, apply = [{{ lookup = {{ {table} }} }}]", name(setting), raw(field));
    (!values.is_empty()).then(rule)
}

/// A key of a lookup; one that reads like the name of a kept table gets a blank, which does not count.
fn key_of(key: &str) -> String {
    if key == "table" { quoted(" table") } else { quoted(key) }
}

fn name(setting: &str) -> String {
    format!("name = \"{setting}\"")
}

fn value(rule: &TaxRule) -> String {
    format!("value = {}", tax_of(rule))
}

fn tax_of(rule: &TaxRule) -> String {
    let reason = rule.reason.as_deref().filter(|reason| !reason.trim().is_empty());
    let reason =
        reason.or(default_reason(rule.category)).map(|reason| format!(", reason = {}", quoted(reason)));
    let (category, percent) = (rule.category, rule.percent.normalize());
    format!("{{ category = \"{category:?}\", percent = \"{percent}\"{} }}", reason.unwrap_or_default())
}

fn class_of(classification: &Classification) -> String {
    let pair = |code: (&str, &str), category: (&str, &str)| {
        format!("{{ {} = {}, {} = {} }}", code.0, quoted(code.1), category.0, quoted(category.1))
    };
    match classification {
        Classification::Goods { hsn_code, product_category } => {
            pair(("hsn_code", hsn_code), ("product_category", product_category))
        }
        Classification::Service { isic_code, service_category } => {
            pair(("isic_code", isic_code), ("service_category", service_category))
        }
    }
}

/// A path into the record, as settings write it, as a source.
fn raw(path: &str) -> String {
    let path = path.trim();
    quoted(&format!("raw.{}", path.strip_prefix("raw.").unwrap_or(path)))
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
