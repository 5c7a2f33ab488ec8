//! Texts that the writer and the reader must agree on.

/// Specification identifier of Peppol BIS Billing 3.0 (BT-24).
pub(super) const CUSTOMIZATION: &str =
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";
/// Business process of Peppol BIS Billing 3.0 (BT-23).
pub(super) const PROFILE: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";

/// The buyer of a sale to nobody in particular: EN 16931 wants a buyer (BR-07), read back as none.
pub(super) const WALK_IN: &str = "Consumer";
/// Country assumed for a party that states none.
pub(super) const DEFAULT_COUNTRY: &str = "NG";

/// `DocumentDescription` of the additional document reference that holds the IRN.
pub(super) const IRN: &str = "IRN";
/// … that holds the platform's id of the record.
pub(super) const SOURCE: &str = "Source record";
/// … that holds B2B, B2C or B2G where the buyer does not tell.
pub(super) const KIND: &str = "Invoice kind";
/// … that holds the payment status where it is not pending.
pub(super) const STATUS: &str = "Payment status";
/// … that repeats the buyer's reference where it happens to be what would stand in for it.
pub(super) const BUYER: &str = "Buyer reference";

/// Payment terms where there is an amount to pay but neither due date nor terms (BR-CO-25); read back as none.
pub(super) const DUE_NOW: &str = "Due on receipt";
/// The same for a paid document.
pub(super) const PAID: &str = "Paid";

/// Tax scheme of a TIN in a document outside the scope of VAT, which may not name a VAT identifier (BR-O-02).
pub(super) const TIN_SCHEME: &str = "TIN";

/// Reason code of an allowance without a reason, UNTDID 5189: discount.
pub(super) const PLAIN_ALLOWANCE: &str = "95";
/// Reason code of a charge without a reason, UNTDID 7161: agreed between the parties.
pub(super) const PLAIN_CHARGE: &str = "ZZZ";

/// The payment means written in place of one that cannot be: agreed between the parties, and what it is in words.
pub(super) const MEANS_IN_WORDS: &str = "ZZZ";

/// What an instruction note begins with that says another payment means than the code can: `Payment means 30: Transfer`.
pub(super) const IN_WORDS: &str = "Payment means ";

/// Note subject (UNTDID 4451) put before a note whose own `#` signs would be read as one (BR-CL-08).
pub(super) const GENERAL_NOTE: &str = "#AAI#";

/// The country prefix of a VAT identifier: the country, but `EL` for Greece (BR-CO-09).
pub(super) fn vat_prefix(country: &str) -> &str {
    if country == "GR" { "EL" } else { country }
}

/// The prefix a namespace of UBL components is always written with.
pub(super) fn standard_prefix(namespace: &str) -> Option<&'static str> {
    STANDARD.iter().find(|(_, uri)| *uri == namespace).map(|(prefix, _)| *prefix)
}

/// The namespaces of UBL components and their usual prefixes.
const STANDARD: [(&str, &str); 3] = [
    ("cac", CAC),
    ("cbc", CBC),
    ("ext", "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"),
];
/// Aggregate components.
pub(super) const CAC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
/// Basic components.
pub(super) const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
