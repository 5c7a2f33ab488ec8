//! A buyer is an organisation; persons act for it in roles.

use serde::{Deserialize, Serialize};
use taxpoynt_ubl::Address;

/// What a buyer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CustomerKind {
    /// A company or other legal person.
    Organization,
    /// A private person or sole consumer.
    #[default]
    Individual,
    /// A government body.
    Government,
}

/// A registration number of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxId {
    /// `NG-TIN`, `NG-CAC-RC`, `VAT:DE`, …
    pub scheme: String,
    /// As written by its owner.
    pub value: String,
}

/// The unit that is invoiced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Organization {
    /// Legal name; for an individual, the person's name.
    pub legal_name: String,
    /// Name it trades under.
    pub trading_name: Option<String>,
    /// Registration numbers the platform itself keeps. The tenant's rules may add the TIN.
    pub tax_ids: Vec<TaxId>,
    /// E-mail.
    pub email: Option<String>,
    /// Telephone as the platform keeps it.
    pub phone: Option<String>,
    /// Billing address. `state` and `country` are as the platform keeps them.
    pub address: Address,
}

/// What a person does for the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ContactRole {
    /// Accounts payable.
    Finance,
    /// Purchasing.
    Purchasing,
    /// Commercial.
    Commercial,
    /// Technical.
    Technical,
    /// Executive.
    Executive,
    /// Not said.
    #[default]
    General,
}

/// A natural person who acts for the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Person {
    /// The platform's id.
    pub id: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Role.
    pub role: ContactRole,
    /// Whether the platform marks this person as the main contact.
    pub primary: bool,
}

/// Who bought. A walk-in is no customer at all: `None` where this is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Customer {
    /// The platform's id of the organisation, or of the person where there is none.
    pub id: Option<String>,
    /// What the buyer is.
    pub kind: CustomerKind,
    /// The organisation.
    pub organization: Organization,
    /// Persons, as the platform orders them.
    pub contacts: Vec<Person>,
}

impl Customer {
    /// The person to name on the invoice: finance before purchasing before commercial, then the primary one, then
    /// the first.
    #[must_use]
    pub fn billing_contact(&self) -> Option<&Person> {
        self.contacts.iter().min_by_key(|p| {
            let role = match p.role {
                ContactRole::Finance => 0,
                ContactRole::Purchasing => 1,
                ContactRole::Commercial => 2,
                _ => 3,
            };
            (role, !p.primary)
        })
    }
}
