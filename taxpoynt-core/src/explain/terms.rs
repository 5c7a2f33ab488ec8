//! What the elements of a document are called: the business term of EN 16931 and the words of a bookkeeper.

use super::place::{Place, ordinal};

/// Pattern, business term, words. `{nth}` stands for the position, `first`; `{it}` for discount or charge.
type Row = (&'static str, Option<&'static str>, &'static str);

const fn row(pattern: &'static str, term: &'static str, words: &'static str) -> Row {
    (pattern, Some(term), words)
}

const fn bare(pattern: &'static str, words: &'static str) -> Row {
    (pattern, None, words)
}

#[rustfmt::skip]
const HEADER: &[Row] = &[
    bare("", "The whole document"),
    row("CustomizationID", "BT-24", "Specification the document follows"),
    row("ProfileID", "BT-23", "Business process"),
    row("ID", "BT-1", "Number of the document"),
    row("IssueDate", "BT-2", "Issue date"),
    bare("IssueTime", "Time of issue"),
    row("DueDate", "BT-9", "Due date"),
    row("type", "BT-3", "Kind of document, as a code"),
    row("Note", "BT-22", "Note"),
    row("TaxPointDate", "BT-7", "Day the tax counts from (tax point)"),
    row("DocumentCurrencyCode", "BT-5", "Currency of the document"),
    row("TaxCurrencyCode", "BT-6", "Currency the tax is accounted in"),
    row("AccountingCost", "BT-19", "The buyer's accounting reference"),
    row("BuyerReference", "BT-10", "The buyer's reference"),
    bare("OrderReference", "Order the document bills"),
    row("OrderReference/ID", "BT-13", "Number of the order"),
    row("BillingReference", "BG-3", "Reference to an earlier document"),
    bare("BillingReference/InvoiceDocumentReference", "The earlier document"),
    row("BillingReference/InvoiceDocumentReference/ID", "BT-25", "Number or IRN of the document referred to"),
    row("BillingReference/InvoiceDocumentReference/IssueDate", "BT-26", "Issue date of the document referred to"),
    bare("BillingReference/InvoiceDocumentReference/DocumentDescription", "Number of the document referred to, beside its IRN"),
    row("AdditionalDocumentReference", "BG-24", "{nth} fact that UBL has no element for"),
    row("AdditionalDocumentReference/ID", "BT-122", "{nth} fact that UBL has no element for: its value"),
    row("AdditionalDocumentReference/DocumentDescription", "BT-123", "{nth} fact that UBL has no element for: what it is"),
    row("PaymentMeans", "BG-16", "{nth} payment"),
    row("PaymentMeans/PaymentMeansCode", "BT-81", "{nth} payment: how, as a code"),
    row("PaymentMeans/PaymentMeansCode/@name", "BT-82", "{nth} payment: how, in words"),
    row("PaymentMeans/PaymentDueDate", "BT-9", "Due date"),
    bare("PaymentMeans/InstructionID", "{nth} payment: its reference"),
    bare("PaymentMeans/InstructionNote", "{nth} payment: how, in words"),
    row("PaymentMeans/PaymentID", "BT-83", "{nth} payment: its reference"),
    bare("PaymentTerms", "Payment terms"),
    row("PaymentTerms/Note", "BT-20", "Payment terms"),
    row("PaymentTerms/PaymentDueDate", "BT-9", "Due date"),
    bare("TaxExchangeRate", "Rate of exchange of the tax"),
    bare("TaxExchangeRate/SourceCurrencyCode", "Rate of exchange: from which currency"),
    bare("TaxExchangeRate/TargetCurrencyCode", "Rate of exchange: to which currency"),
    bare("TaxExchangeRate/ExchangeMarketID", "Rate of exchange: who published it"),
    bare("TaxExchangeRate/CalculationRate", "Rate of exchange"),
    bare("TaxExchangeRate/MathematicOperatorCode", "Rate of exchange: how it is applied"),
    bare("TaxExchangeRate/Date", "Rate of exchange: of which day"),
];

/// Below `seller` or `buyer`: pattern, the seller's term, the buyer's term, words after `Seller's` or `Buyer's`.
#[rustfmt::skip]
const PARTY: &[(&str, &str, &str, &str)] = &[
    ("", "BG-4", "BG-7", "part of the document"),
    ("Party", "", "", "particulars"),
    ("Party/EndpointID", "BT-34", "BT-49", "electronic address"),
    ("Party/EndpointID/@schemeID", "", "", "kind of electronic address"),
    ("Party/IndustryClassificationCode", "", "", "line of business, as a code"),
    ("Party/IndustryClassificationCode/@name", "", "", "line of business"),
    ("Party/PartyIdentification", "", "", "identification"),
    ("Party/PartyIdentification/ID", "BT-29", "BT-46", "id at the tax authority"),
    ("Party/PartyName", "", "", "trading name"),
    ("Party/PartyName/Name", "BT-28", "BT-45", "trading name"),
    ("Party/PostalAddress", "BG-5", "BG-8", "address"),
    ("Party/PostalAddress/StreetName", "BT-35", "BT-50", "street"),
    ("Party/PostalAddress/AdditionalStreetName", "BT-36", "BT-51", "second line of the address"),
    ("Party/PostalAddress/CityName", "BT-37", "BT-52", "city"),
    ("Party/PostalAddress/PostalZone", "BT-38", "BT-53", "postal code"),
    ("Party/PostalAddress/CountrySubentity", "BT-39", "BT-54", "state"),
    ("Party/PostalAddress/District", "", "", "local government area"),
    ("Party/PostalAddress/AddressLine", "", "", "third line of the address"),
    ("Party/PostalAddress/AddressLine/Line", "BT-162", "BT-163", "third line of the address"),
    ("Party/PostalAddress/Country", "", "", "country"),
    ("Party/PostalAddress/Country/IdentificationCode", "BT-40", "BT-55", "country"),
    ("Party/PartyTaxScheme", "", "", "tax registration"),
    ("Party/PartyTaxScheme/CompanyID", "BT-31", "BT-48", "tax identification number (TIN)"),
    ("Party/PartyTaxScheme/TaxScheme", "", "", "kind of tax registration"),
    ("Party/PartyTaxScheme/TaxScheme/ID", "", "", "kind of tax registration"),
    ("Party/PartyLegalEntity", "", "", "legal registration"),
    ("Party/PartyLegalEntity/RegistrationName", "BT-27", "BT-44", "name"),
    ("Party/PartyLegalEntity/CompanyID", "BT-30", "BT-47", "company registration number"),
    ("Party/PartyLegalEntity/CompanyLegalForm", "BT-33", "", "legal form"),
    ("Party/Contact", "BG-6", "BG-9", "contact"),
    ("Party/Contact/Name", "BT-41", "BT-56", "contact: name"),
    ("Party/Contact/Telephone", "BT-42", "BT-57", "contact: telephone"),
    ("Party/Contact/ElectronicMail", "BT-43", "BT-58", "contact: e-mail"),
    ("AccountingContact", "", "", "own telephone and e-mail"),
    ("AccountingContact/Telephone", "", "", "own telephone"),
    ("AccountingContact/ElectronicMail", "", "", "own e-mail"),
];

/// Below an allowance or charge: pattern, and the terms on the document (discount, charge) and on a line.
#[rustfmt::skip]
const ADJUSTMENT: &[(&str, [&str; 4], &str)] = &[
    ("", ["BG-20", "BG-21", "BG-27", "BG-28"], "{it}"),
    ("ChargeIndicator", ["", "", "", ""], "{it}: put on or taken off"),
    ("AllowanceChargeReasonCode", ["BT-98", "BT-105", "BT-140", "BT-145"], "{it}: reason, as a code"),
    ("AllowanceChargeReason", ["BT-97", "BT-104", "BT-139", "BT-144"], "{it}: reason"),
    ("MultiplierFactorNumeric", ["BT-94", "BT-101", "BT-138", "BT-143"], "{it}: percent"),
    ("Amount", ["BT-92", "BT-99", "BT-136", "BT-141"], "{it}: amount"),
    ("BaseAmount", ["BT-93", "BT-100", "BT-137", "BT-142"], "{it}: what the percent is of"),
    ("TaxCategory", ["", "", "", ""], "{it}: tax"),
    ("TaxCategory/ID", ["BT-95", "BT-102", "", ""], "{it}: tax category"),
    ("TaxCategory/Percent", ["BT-96", "BT-103", "", ""], "{it}: tax rate in percent"),
    ("TaxCategory/TaxExemptionReasonCode", ["", "", "", ""], "{it}: why no tax is charged, as a code"),
    ("TaxCategory/TaxExemptionReason", ["", "", "", ""], "{it}: why no tax is charged"),
    ("TaxCategory/TaxScheme", ["", "", "", ""], "{it}: which tax"),
    ("TaxCategory/TaxScheme/ID", ["", "", "", ""], "{it}: which tax"),
];

#[rustfmt::skip]
const TOTALS: &[Row] = &[
    bare("TaxTotal", "Tax of the document"),
    row("TaxTotal/TaxAmount", "BT-110", "Total tax"),
    row("TaxTotal/TaxSubtotal", "BG-23", "{nth} tax rate"),
    row("TaxTotal/TaxSubtotal/TaxableAmount", "BT-116", "{nth} tax rate: taxable amount"),
    row("TaxTotal/TaxSubtotal/TaxAmount", "BT-117", "{nth} tax rate: tax"),
    bare("TaxTotal/TaxSubtotal/TaxCategory", "{nth} tax rate: category"),
    row("TaxTotal/TaxSubtotal/TaxCategory/ID", "BT-118", "{nth} tax rate: category"),
    row("TaxTotal/TaxSubtotal/TaxCategory/Percent", "BT-119", "{nth} tax rate: percent"),
    row("TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReasonCode", "BT-121", "{nth} tax rate: why no tax is charged, as a code"),
    row("TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReason", "BT-120", "{nth} tax rate: why no tax is charged"),
    bare("TaxTotal/TaxSubtotal/TaxCategory/TaxScheme", "{nth} tax rate: which tax"),
    bare("TaxTotal/TaxSubtotal/TaxCategory/TaxScheme/ID", "{nth} tax rate: which tax"),
    row("LegalMonetaryTotal", "BG-22", "Totals"),
    row("LegalMonetaryTotal/LineExtensionAmount", "BT-106", "Sum of the lines"),
    row("LegalMonetaryTotal/TaxExclusiveAmount", "BT-109", "Total without tax"),
    row("LegalMonetaryTotal/TaxInclusiveAmount", "BT-112", "Total with tax"),
    row("LegalMonetaryTotal/AllowanceTotalAmount", "BT-107", "Sum of the discounts on the document"),
    row("LegalMonetaryTotal/ChargeTotalAmount", "BT-108", "Sum of the charges on the document"),
    row("LegalMonetaryTotal/PrepaidAmount", "BT-113", "Paid before"),
    row("LegalMonetaryTotal/PayableRoundingAmount", "BT-114", "Rounding of the amount to pay"),
    row("LegalMonetaryTotal/PayableAmount", "BT-115", "Amount to pay"),
];

/// Below a line; `{nth}` is the line's.
#[rustfmt::skip]
const LINE: &[Row] = &[
    row("", "BG-25", "The {nth} line"),
    row("ID", "BT-126", "Number of the {nth} line"),
    row("Note", "BT-127", "Note on the {nth} line"),
    row("quantity", "BT-129", "Quantity of the {nth} item"),
    row("quantity/@unitCode", "BT-130", "Unit of the {nth} item"),
    row("LineExtensionAmount", "BT-131", "Net amount of the {nth} line"),
    row("AccountingCost", "BT-133", "The buyer's accounting reference of the {nth} line"),
    row("InvoicePeriod", "BG-26", "Period of the {nth} line"),
    row("InvoicePeriod/StartDate", "BT-134", "First day of the period of the {nth} line"),
    row("InvoicePeriod/EndDate", "BT-135", "Last day of the period of the {nth} line"),
    row("OrderLineReference/LineID", "BT-132", "Line of the order that the {nth} line bills"),
    row("DocumentReference/ID", "BT-128", "What the {nth} line is about"),
    row("Item", "BG-31", "The {nth} item"),
    row("Item/Description", "BT-154", "Description of the {nth} item"),
    row("Item/Name", "BT-153", "Name of the {nth} item"),
    row("Item/BuyersItemIdentification/ID", "BT-156", "The buyer's number of the {nth} item"),
    bare("Item/SellersItemIdentification", "The seller's number of the {nth} item"),
    row("Item/SellersItemIdentification/ID", "BT-155", "The seller's number (SKU) of the {nth} item"),
    row("Item/StandardItemIdentification/ID", "BT-157", "Standard number of the {nth} item"),
    row("Item/StandardItemIdentification/ID/@schemeID", "BT-157-1", "Kind of standard number of the {nth} item"),
    row("Item/OriginCountry/IdentificationCode", "BT-159", "Country the {nth} item comes from"),
    bare("Item/CommodityClassification", "Classification of the {nth} item"),
    row("Item/CommodityClassification/ItemClassificationCode", "BT-158", "HS or ISIC code of the {nth} item"),
    bare("Item/CommodityClassification/ItemClassificationCode/@name", "Category of the {nth} item in words"),
    row("Item/CommodityClassification/ItemClassificationCode/@listID", "BT-158-1", "List that the code of the {nth} item is from"),
    row("Item/CommodityClassification/ItemClassificationCode/@listVersionID", "BT-158-2", "Name of the list for the {nth} item"),
    row("Item/ClassifiedTaxCategory", "BG-30", "Tax of the {nth} line"),
    row("Item/ClassifiedTaxCategory/ID", "BT-151", "Tax category of the {nth} line"),
    row("Item/ClassifiedTaxCategory/Percent", "BT-152", "Tax rate of the {nth} line in percent"),
    bare("Item/ClassifiedTaxCategory/TaxExemptionReasonCode", "Why no tax is charged on the {nth} line, as a code"),
    bare("Item/ClassifiedTaxCategory/TaxExemptionReason", "Why no tax is charged on the {nth} line"),
    bare("Item/ClassifiedTaxCategory/TaxScheme", "Which tax the {nth} line has"),
    bare("Item/ClassifiedTaxCategory/TaxScheme/ID", "Which tax the {nth} line has"),
    row("Item/AdditionalItemProperty", "BG-32", "Property of the {nth} item"),
    row("Item/AdditionalItemProperty/Name", "BT-160", "Property of the {nth} item: its name"),
    row("Item/AdditionalItemProperty/Value", "BT-161", "Property of the {nth} item: its value"),
    row("Price", "BG-29", "Price of the {nth} item"),
    row("Price/PriceAmount", "BT-146", "Price of the {nth} item, without tax"),
    row("Price/BaseQuantity", "BT-149", "How many the price of the {nth} item is for"),
    row("Price/BaseQuantity/@unitCode", "BT-150", "Unit that the price of the {nth} item is for"),
    row("Price/AllowanceCharge/Amount", "BT-147", "Discount inside the price of the {nth} item"),
    row("Price/AllowanceCharge/BaseAmount", "BT-148", "Price of the {nth} item before its discount"),
];

/// The term and the words for an element. `discounts` is how many of the allowances and charges around it are discounts.
pub(super) fn term(place: &Place<'_>, discounts: usize) -> (Option<&'static str>, String) {
    let pattern = place.pattern();
    if let Some(found) = known(place, &pattern, discounts) {
        return found;
    }
    if place.attribute == Some("currencyID") {
        let (_, words) = known(place, pattern.trim_end_matches("/@currencyID"), discounts)
            .unwrap_or_else(|| (None, plain(&pattern)));
        return (None, format!("{words}: currency"));
    }
    (None, plain(&pattern))
}

fn known(place: &Place<'_>, pattern: &str, discounts: usize) -> Option<(Option<&'static str>, String)> {
    if let Some(below) = below(pattern, "seller") {
        return party(below, 0);
    }
    if let Some(below) = below(pattern, "buyer") {
        return party(below, 1);
    }
    let line = below(pattern, "line");
    let (outer, inner) = if line.is_some() { (2, 1) } else { (0, 0) };
    if let Some(below) = below(line.unwrap_or(pattern), "AllowanceCharge") {
        let nth = place.nth(inner);
        let is_charge = nth >= discounts;
        let (what, at) = if is_charge { ("charge", nth - discounts) } else { ("discount", nth) };
        let of =
            line.map_or(" on the document".to_owned(), |_| format!(" on the {} line", ordinal(place.nth(0))));
        let it = capitalised(&format!("{} {what}{of}", ordinal(at)));
        let (_, terms, words) = ADJUSTMENT.iter().find(|(known, ..)| *known == below)?;
        let term = terms.get(outer + usize::from(is_charge)).copied().filter(|term| !term.is_empty());
        return Some((term, words.replace("{it}", &it)));
    }
    if let Some(below) = line {
        let (_, term, words) = LINE.iter().find(|(known, ..)| *known == below)?;
        return Some((*term, words.replace("{nth}", &ordinal(place.nth(0)))));
    }
    let is_second_total = pattern == "TaxTotal/TaxAmount" && place.nth(0) > 0;
    if is_second_total {
        return Some((Some("BT-111"), "Total tax in the currency it is accounted in".to_owned()));
    }
    let (_, term, words) = HEADER.iter().chain(TOTALS).find(|(known, ..)| *known == pattern)?;
    let nth = place.nth(usize::from(pattern.starts_with("TaxTotal/")));
    Some((*term, capitalised(&words.replace("{nth}", &ordinal(nth)))))
}

fn party(below: &str, role: usize) -> Option<(Option<&'static str>, String)> {
    let (_, sellers, buyers, words) = PARTY.iter().find(|(known, ..)| *known == below)?;
    let (whose, term) = if role == 0 { ("Seller's", sellers) } else { ("Buyer's", buyers) };
    Some((Some(*term).filter(|term| !term.is_empty()), format!("{whose} {words}")))
}

/// What stands below an outer element, where the path begins with it.
fn below<'a>(pattern: &'a str, outer: &str) -> Option<&'a str> {
    let rest = pattern.strip_prefix(outer)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// The words of a name nobody gave others: `line/Item/ManufacturerParty` becomes `Element manufacturer party in line, item`.
fn plain(pattern: &str) -> String {
    let mut names: Vec<String> = pattern.split('/').map(apart).collect();
    let last = names.pop().unwrap_or_default();
    let last = last.trim_start_matches('@');
    if names.is_empty() {
        format!("Element {last}")
    } else {
        format!("Element {last} in {}", names.join(", "))
    }
}

/// `BuyersItemIdentification` as `buyers item identification`.
fn apart(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut before_is_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && before_is_lower {
            words.push(' ');
        }
        before_is_lower = c.is_ascii_lowercase();
        words.push(c.to_ascii_lowercase());
    }
    words
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_called_what_a_bookkeeper_calls_it() {
        for (path, term_wanted, words_wanted) in [
            ("/Invoice/cac:InvoiceLine[1]/cac:Item/cbc:Name", Some("BT-153"), "Name of the first item"),
            (
                "/CreditNote/cac:CreditNoteLine/cbc:CreditedQuantity/@unitCode",
                Some("BT-130"),
                "Unit of the first item",
            ),
            (
                "/Invoice/cac:AllowanceCharge[2]/cbc:Amount",
                Some("BT-99"),
                "First charge on the document: amount",
            ),
            (
                "/Invoice/cac:InvoiceLine[12]/cac:AllowanceCharge/cbc:Amount/@currencyID",
                None,
                "First discount on the 12th line: amount: currency",
            ),
            (
                "/Invoice/cac:TaxTotal[2]/cbc:TaxAmount",
                Some("BT-111"),
                "Total tax in the currency it is accounted in",
            ),
            (
                "/Invoice/cac:TaxTotal/cac:TaxSubtotal[2]/cbc:TaxAmount",
                Some("BT-117"),
                "Second tax rate: tax",
            ),
            (
                "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
                Some("BT-27"),
                "Seller's name",
            ),
            (
                "/Invoice/cac:InvoiceLine/cac:Item/cac:ManufacturerParty",
                None,
                "Element manufacturer party in line, item",
            ),
        ] {
            assert_eq!(term(&Place::of(path), 1), (term_wanted, words_wanted.to_owned()), "{path}");
        }
    }
}
