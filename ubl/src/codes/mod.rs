//! The codes of UBL for what the model names: document types, categories, units, payment means.

pub mod country;
pub mod nigeria;

use crate::rules::code_lists::{CREDIT_NOTE_TYPES, INVOICE_TYPES, UNITS};
use crate::{DocumentType, TaxCategory};

/// One, piece: UN/ECE recommendation 20. What a till sells unless it says otherwise.
pub const UNIT_ONE: &str = "C62";

/// The document type code in UBL (UNTDID 1001): invoice 380, credit note 381, debit note 383. The authority's JSON uses
/// other codes for the same three, so this one is for UBL only.
#[must_use]
pub fn document_type_code(document_type: DocumentType) -> &'static str {
    match document_type {
        DocumentType::Invoice => "380",
        DocumentType::CreditNote => "381",
        DocumentType::DebitNote => "383",
    }
}

/// What a type code of UNTDID 1001 is here; none for a code that EN 16931 does not allow.
///
/// 80, 84 and 383 add to an invoice, the codes of a `CreditNote` take back, all others are invoices.
#[must_use]
pub fn document_type(code: &str) -> Option<DocumentType> {
    match code {
        "80" | "84" | "383" => Some(DocumentType::DebitNote),
        _ if CREDIT_NOTE_TYPES.contains(code) => Some(DocumentType::CreditNote),
        _ if INVOICE_TYPES.contains(code) => Some(DocumentType::Invoice),
        _ => None,
    }
}

/// The code of a VAT category (UNCL 5305).
#[must_use]
pub fn tax_category_code(category: TaxCategory) -> &'static str {
    CATEGORIES.iter().find(|(c, _)| *c == category).map_or("", |(_, code)| code)
}

/// The VAT category of a code.
#[must_use]
pub fn tax_category(code: &str) -> Option<TaxCategory> {
    CATEGORIES.iter().find(|(_, c)| *c == code).map(|(category, _)| *category)
}

const CATEGORIES: [(TaxCategory, &str); 10] = [
    (TaxCategory::S, "S"),
    (TaxCategory::Z, "Z"),
    (TaxCategory::E, "E"),
    (TaxCategory::AE, "AE"),
    (TaxCategory::K, "K"),
    (TaxCategory::G, "G"),
    (TaxCategory::O, "O"),
    (TaxCategory::L, "L"),
    (TaxCategory::M, "M"),
    (TaxCategory::B, "B"),
];

/// The reason written where a category needs one and nobody gave any (BR-E-10, BR-G-10, BR-O-10, BR-AE-10, BR-IC-10).
/// Read back as none.
pub(crate) fn default_reason(category: TaxCategory) -> Option<&'static str> {
    match category {
        TaxCategory::E => Some("Exempt from VAT"),
        TaxCategory::G => Some("Export"),
        TaxCategory::O => Some("Outside the scope of VAT"),
        TaxCategory::AE => Some("Reverse charge"),
        TaxCategory::K => Some("Intra-community supply"),
        _ => None,
    }
}

/// The recommendation 20 code of a unit as platforms write it, in any case; [`UNIT_ONE`] where it is not known.
///
/// ```
/// use taxpoynt_ubl::unit_code;
/// assert_eq!((unit_code("kg"), unit_code("Hours"), unit_code("KGM"), unit_code("serving")), ("KGM", "HUR", "KGM", "C62"));
/// ```
#[must_use]
pub fn unit_code(unit: &str) -> &str {
    let unit = unit.trim();
    let lower = unit.to_lowercase();
    match UNIT_NAMES.iter().find(|(names, _)| names.contains(&lower.as_str())) {
        Some((_, code)) => code,
        None if UNITS.contains(unit) => unit,
        None => UNIT_ONE,
    }
}

#[rustfmt::skip]
const UNIT_NAMES: &[(&[&str], &str)] = &[
    (&["each", "piece", "pieces", "pc", "pcs", "unit", "units", "item", "items", "one"], "C62"),
    (&["kg", "kilogram", "kilograms", "kilo", "kilos", "metric_kilogram"], "KGM"),
    (&["g", "gram", "grams", "metric_gram"], "GRM"),
    (&["mg", "milligram", "milligrams", "metric_milligram"], "MGM"),
    (&["lb", "lbs", "pound", "pounds", "imperial_pound"], "LBR"),
    (&["oz", "ounce", "ounces", "imperial_weight_ounce"], "ONZ"),
    (&["t", "tonne", "tonnes", "metric ton"], "TNE"),
    (&["l", "liter", "liters", "litre", "litres", "metric_liter"], "LTR"),
    (&["ml", "milliliter", "milliliters", "millilitre", "millilitres", "metric_milliliter"], "MLT"),
    (&["m", "meter", "meters", "metre", "metres", "metric_meter"], "MTR"),
    (&["cm", "centimeter", "centimeters", "centimetre", "centimetres", "metric_centimeter"], "CMT"),
    (&["mm", "millimeter", "millimetre", "metric_millimeter"], "MMT"),
    (&["km", "kilometer", "kilometre", "metric_kilometer"], "KMT"),
    (&["ft", "foot", "feet", "imperial_foot"], "FOT"),
    (&["in", "inch", "inches", "imperial_inch"], "INH"),
    (&["yd", "yard", "yards", "imperial_yard"], "YRD"),
    (&["m2", "sqm", "square metre", "square meter", "metric_square_meter"], "MTK"),
    (&["m3", "cubic metre", "cubic meter"], "MTQ"),
    (&["s", "sec", "second", "seconds", "generic_second"], "SEC"),
    (&["min", "minute", "minutes", "generic_minute"], "MIN"),
    (&["h", "hr", "hrs", "hour", "hours", "generic_hour"], "HUR"),
    (&["d", "day", "days", "generic_day"], "DAY"),
    (&["week", "weeks"], "WEE"),
    (&["month", "months"], "MON"),
    (&["year", "years", "annum"], "ANN"),
    (&["dozen", "dz"], "DZN"),
    (&["pair", "pairs", "pr"], "PR"),
    (&["set", "sets"], "SET"),
    (&["kwh", "kilowatt hour"], "KWH"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_documents_have_their_untdid_codes_and_come_back() {
        for (kind, code) in [
            (DocumentType::Invoice, "380"),
            (DocumentType::CreditNote, "381"),
            (DocumentType::DebitNote, "383"),
        ] {
            assert_eq!(document_type_code(kind), code);
            assert_eq!(document_type(code), Some(kind));
        }
        assert_eq!(document_type("999"), None);
    }

    #[test]
    fn every_unit_name_leads_to_a_listed_code() {
        for (names, code) in UNIT_NAMES {
            assert!(UNITS.contains(code), "{code}");
            for name in *names {
                assert_eq!(unit_code(name), *code);
            }
        }
        assert_eq!(unit_code(""), UNIT_ONE);
    }
}
