//! Who sells, buys, is paid or represents, and where.

use super::Rest;
use serde::{Deserialize, Serialize};

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// A second line (BT-36, BT-51, BT-76).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_street: Option<String>,
    /// A third line (BT-162, BT-163, BT-165).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Local government area, `NG-LA-IKJ`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lga: Option<String>,
    /// State: an ISO 3166-2 code for Nigeria (`NG-LA`), else as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// An identifier in a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Identifier {
    /// The identifier.
    pub id: String,
    /// Who gives it out: ISO 6523 code, or another where the element has its own list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// A party's registration for a tax.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TaxRegistration {
    /// The identifier, a VAT identifier with its country prefix.
    pub id: String,
    /// `VAT`, or the scheme's own name.
    #[serde(default)]
    pub scheme: String,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// A person who can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone, E.164 where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Where a party receives electronic documents (BT-34, BT-49).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElectronicAddress {
    /// Electronic Address Scheme code (CEF EAS).
    pub scheme: String,
    /// The address in that scheme.
    pub id: String,
}

/// The seller or the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Party {
    /// Legal name (BT-27, BT-44).
    pub name: String,
    /// Name it trades under, where different.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trading_name: Option<String>,
    /// Tax identification number, without country prefix: `12345678-0001`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tin: Option<String>,
    /// Company registration number (CAC RC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_number: Option<String>,
    /// E-mail of the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone of the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What the business does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_description: Option<String>,
    /// Electronic address, only where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<ElectronicAddress>,
    /// The person to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// Where it is.
    pub address: Address,
    /// Identifiers with their schemes (BT-29, BT-46, BT-60), in order. The seller's id at the authority is not among them
    /// but in `Invoice::business_id`; in a document [`as_received`](crate::Invoice::as_received) it is in both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// ISO 6523 scheme of `registration_number` (BT-30, BT-47, BT-61).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_scheme: Option<String>,
    /// Every tax registration (BT-31, BT-32, BT-48, BT-63), where the document says more than `tin`. Empty: `tin` alone is
    /// written. Not empty: these are, and a changed `tin` takes the place of the one it was read from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tax_registrations: Vec<TaxRegistration>,
    /// Further legal information (BT-33).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_form: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}
