//! Whether a document that the authority shows is ours: as much as the answer shows is compared, nothing it leaves out.
//!
//! The shape of `search` is assumed, and a download shows the whole document; so no row has a fixed form here. What both
//! sides have under one name is compared where the name matters for the tax: texts that a server may tidy up (names,
//! streets, notes, telephones) and the payment status, which may change after the signature, are not.

use crate::firs::client::{date, words};
use crate::json::Exact;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Members that decide whether two documents are one.
const COMPARED: &[&str] = &[
    "irn",
    "business_id",
    "issue_date",
    "invoice_type_code",
    "invoice_kind",
    "document_currency_code",
    "tax_currency_code",
    "tin",
    "line_extension_amount",
    "tax_exclusive_amount",
    "tax_inclusive_amount",
    "payable_amount",
    "tax_amount",
    "taxable_amount",
    "percent",
    "amount",
    "invoiced_quantity",
    "price_amount",
    "hsn_code",
    "isic_code",
];

/// Lists whose length is part of what a document says.
const COUNTED: &[&str] = &["invoice_line", "tax_subtotal", "allowance_charge", "billing_reference"];

/// Our documents are not deeper; an answer that is, is not looked into further.
const DEEPEST: usize = 12;

/// Where two documents differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// `legal_monetary_total/payable_amount`.
    pub(super) path: String,
    pub(super) theirs: String,
    pub(super) ours: String,
}

/// The first difference between our bytes and what the authority shows; none where nothing that it shows differs, or
/// where it shows no JSON.
pub(super) fn difference(ours: &[u8], shown: &str) -> Option<Difference> {
    let ours: &RawValue = serde_json::from_slice(ours).ok()?;
    let shown: &RawValue = serde_json::from_str(shown).ok()?;
    walk(&mut Vec::new(), ours, shown)
}

/// Whether an answer shows anything at this path.
pub(super) fn shows(shown: &RawValue, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return shown.get() != "null" };
    serde_json::from_str::<Members<'_>>(shown.get())
        .is_ok_and(|members| members.get(*first).is_some_and(|member| shows(member, rest)))
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

fn walk<'a>(path: &mut Vec<String>, ours: &'a RawValue, theirs: &'a RawValue) -> Option<Difference> {
    if path.len() >= DEEPEST {
        return None;
    }
    match theirs.get().as_bytes().first() {
        Some(b'{') => members(path, ours, theirs),
        Some(b'[') => elements(path, ours, theirs),
        Some(b'n') => None,
        _ => {
            let name = path.last().map_or("", String::as_str);
            let differs = COMPARED.contains(&name) && !equal(name, ours, theirs);
            differs.then(|| told(path, ours.get(), theirs.get()))
        }
    }
}

fn members(path: &mut Vec<String>, ours: &RawValue, theirs: &RawValue) -> Option<Difference> {
    let ours = serde_json::from_str::<Members<'_>>(ours.get()).ok()?;
    let theirs = serde_json::from_str::<Members<'_>>(theirs.get()).ok()?;
    theirs.into_iter().find_map(|(name, shown)| {
        path.push(name.clone());
        let found = match ours.get(&name) {
            Some(own) => walk(path, own, shown),
            // A buyer that we do not name is another sale.
            None if name == "accounting_customer_party" && has_tin(shown) => {
                Some(told(path, "nobody", shown.get()))
            }
            None => None,
        };
        path.pop();
        found
    })
}

fn elements(path: &mut Vec<String>, ours: &RawValue, theirs: &RawValue) -> Option<Difference> {
    let ours = serde_json::from_str::<Vec<&RawValue>>(ours.get()).ok()?;
    let theirs = serde_json::from_str::<Vec<&RawValue>>(theirs.get()).ok()?;
    let counted = path.last().is_some_and(|name| COUNTED.contains(&name.as_str()));
    if counted && ours.len() != theirs.len() {
        return Some(told(path, &ours.len().to_string(), &theirs.len().to_string()));
    }
    ours.iter().zip(&theirs).enumerate().find_map(|(at, (own, shown))| {
        path.push(at.to_string());
        let found = walk(path, own, shown);
        path.pop();
        found
    })
}

fn has_tin(party: &RawValue) -> bool {
    serde_json::from_str::<Members<'_>>(party.get())
        .is_ok_and(|party| party.get("tin").is_some_and(|tin| words(Some(tin)).is_some()))
}

/// Amounts as amounts, dates as days, the rest as text; what is empty there is not shown.
fn equal(name: &str, ours: &RawValue, theirs: &RawValue) -> bool {
    let Some(shown) = words(Some(theirs)) else {
        return number(theirs).is_none_or(|theirs| number(ours) == Some(theirs));
    };
    if name.ends_with("_date") {
        return date(Some(theirs)).is_none_or(|day| date(Some(ours)) == Some(day));
    }
    match (number(ours), number(theirs)) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => words(Some(ours)).as_deref() == Some(&shown),
    }
}

fn number(raw: &RawValue) -> Option<rust_decimal::Decimal> {
    serde_json::from_str::<Exact>(raw.get()).ok().map(|exact| exact.0)
}

fn told(path: &[String], ours: &str, theirs: &str) -> Difference {
    const MOST: usize = 60;
    let short = |text: &str| text.trim_matches('"').chars().take(MOST).collect();
    Difference { path: path.join("/"), theirs: short(theirs), ours: short(ours) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = r#"{"irn":"A-4B7E8E41-20261120","issue_date":"2026-11-20","invoice_type_code":"381",
        "note":"thanks","payment_status":"PENDING","accounting_supplier_party":{"tin":"10203040-0001","telephone":"+2348012345670"},
        "tax_total":[{"tax_amount":7.50,"tax_subtotal":[{"taxable_amount":100,"tax_amount":7.5,"tax_category":{"id":"STANDARD_VAT","percent":7.5}}]}],
        "legal_monetary_total":{"line_extension_amount":100,"tax_exclusive_amount":100,"tax_inclusive_amount":107.50,"payable_amount":107.5},
        "invoice_line":[{"hsn_code":"2106.90","invoiced_quantity":1,"line_extension_amount":100,"price":{"price_amount":100}}]}"#;

    fn differs(shown: &str) -> Option<String> {
        difference(OURS.as_bytes(), shown).map(|difference| difference.path)
    }

    #[test]
    fn the_whole_document_is_ours_however_it_is_written() {
        assert_eq!(differs(OURS), None);
        for (from, to) in [
            ("\"381\"", "381"),
            ("107.5}", "107.500}"),
            ("\"2026-11-20\"", "\"2026-11-19T23:00:00Z\""),
            ("\"PENDING\"", "\"PAID\""),
            ("thanks", "ciphertext"),
            ("+2348012345670", "08012345670"),
            ("\"2106.90\"", "null"),
        ] {
            assert!(OURS.contains(from));
            assert_eq!(differs(&OURS.replacen(from, to, 1)), None, "{from} as {to}");
        }
        assert_eq!(differs(r#"{"entry_status":"SIGNED","id":7,"legal_monetary_total":null}"#), None);
    }

    #[test]
    fn whatever_matters_and_is_shown_is_compared() {
        for (from, to, path) in [
            ("-20261120", "-20261121", "irn"),
            ("2026-11-20\"", "2026-11-21\"", "issue_date"),
            ("\"381\"", "\"380\"", "invoice_type_code"),
            ("10203040-0001", "10203040-0002", "accounting_supplier_party/tin"),
            ("\"tax_amount\":7.50", "\"tax_amount\":7.51", "tax_total/0/tax_amount"),
            ("\"taxable_amount\":100", "\"taxable_amount\":101", "tax_total/0/tax_subtotal/0/taxable_amount"),
            (
                "\"tax_exclusive_amount\":100",
                "\"tax_exclusive_amount\":100.01",
                "legal_monetary_total/tax_exclusive_amount",
            ),
            ("107.5}", "107.51}", "legal_monetary_total/payable_amount"),
            ("\"invoiced_quantity\":1", "\"invoiced_quantity\":2", "invoice_line/0/invoiced_quantity"),
            ("\"price_amount\":100", "\"price_amount\":99", "invoice_line/0/price/price_amount"),
            ("\"invoice_line\":[", "\"invoice_line\":[{},", "invoice_line"),
            ("2106.90", "2106.91", "invoice_line/0/hsn_code"),
        ] {
            assert!(OURS.contains(from), "{from}");
            assert_eq!(differs(&OURS.replacen(from, to, 1)).as_deref(), Some(path), "{from} as {to}");
        }
        let buyer = r#"{"accounting_customer_party":{"tin":"99999999-0001"}}"#;
        assert_eq!(differs(buyer).as_deref(), Some("accounting_customer_party"));
    }

    #[test]
    fn hostile_answers_never_panic() {
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        let shown =
            format!(r#"{{"invoice_line":{deep},"tax_total":7,"irn":{{}},"legal_monetary_total":[]}}"#);
        let _ = difference(OURS.as_bytes(), &shown);
        assert_eq!(difference(b"oops", OURS), None);
        assert_eq!(difference(OURS.as_bytes(), "oops"), None);
    }
}
