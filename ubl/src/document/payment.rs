//! How a document is or was paid.

use super::Rest;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Whether the document is paid, in the authority's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum PaymentStatus {
    /// Not paid, or not fully.
    #[default]
    Pending,
    /// Paid in full.
    Paid,
    /// The buyer refused it.
    Rejected,
}

/// How the document is or was paid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaymentMeans {
    /// UNTDID 4461: `10` cash, `30` credit transfer, `48` bank card, `ZZZ` agreed between the parties.
    pub code: String,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The payment's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// A second reference, `cbc:InstructionID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction_id: Option<String>,
    /// When this payment is due; a credit note has its due date here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<NaiveDate>,
    /// A note about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The card it was paid with (BG-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<PaymentCard>,
    /// The account to transfer to (BG-17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<PaymentAccount>,
    /// The mandate to debit by (BG-19).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate: Option<PaymentMandate>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// A payment card (BG-18).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaymentCard {
    /// The last digits of its number (BT-87).
    pub number: String,
    /// The card network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Who holds it (BT-88).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// An account to transfer to (BG-17).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaymentAccount {
    /// IBAN or national number (BT-84).
    pub id: String,
    /// Whose it is (BT-85).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The bank's BIC or national code (BT-86).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}

/// A direct debit (BG-19).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaymentMandate {
    /// The mandate (BT-89).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The account debited (BT-91).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debited_account: Option<String>,
    /// What the document said here beyond these fields.
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    pub rest: Rest,
}
