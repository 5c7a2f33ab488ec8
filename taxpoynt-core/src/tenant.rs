//! The seller, and what a bookkeeper decides once. Each setting is a short form of a mapping rule.

use crate::{Error, ErrorKind, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use taxpoynt_ubl::{Address, Classification, Currency, Party, TaxCategory};

/// A seller and its settings (contract: section 1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tenant {
    /// The engine's id; none until the tenant is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<uuid::Uuid>,
    /// Legal name.
    pub name: String,
    /// Tax identification number.
    pub tin: Option<String>,
    /// E-mail of the business.
    pub email: Option<String>,
    /// Telephone, E.164.
    pub phone: Option<String>,
    /// What the business does.
    pub business_description: Option<String>,
    /// Its address.
    pub address: Address,
    /// ISO 3166-1 alpha-2; fills `address.country` where that is missing.
    pub country: Option<String>,
    /// IANA time zone; `Africa/Lagos` unless said.
    pub timezone: Option<String>,
    /// Id of the business at the authority, a UUID.
    pub business_id: Option<String>,
    /// Service id of the IRN, 8 letters or digits.
    pub service_id: Option<String>,
    /// Template of invoice numbers: `INV{seq:06}`.
    pub number_series: Option<String>,
    /// Template of credit note numbers: `CN{seq:06}`.
    pub credit_note_series: Option<String>,
    /// Template of debit note numbers: `DN{seq:06}`.
    pub debit_note_series: Option<String>,
    /// Credentials at the authority and the stamp's key file. Sealed before it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<AuthorityCredentials>,
    /// Default currency. None: a record without one is refused, never guessed.
    pub currency: Option<Currency>,
    /// Tax decisions.
    pub tax: TaxSettings,
    /// HS or ISIC codes.
    pub classification: ClassificationSettings,
    /// Where the buyer's TIN is.
    pub buyer: BuyerSettings,
    /// Rates of exchange to naira that the bookkeeper keeps; the host's own come before them (`EngineOptions::rates`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchange_rates: Vec<TenantRate>,
    /// Policies.
    pub policy: Policy,
}

/// A rate of exchange to naira, in force from a day until the next one of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantRate {
    /// Of which currency.
    pub currency: Currency,
    /// The first day it holds.
    pub from: chrono::NaiveDate,
    /// Naira for one unit.
    #[serde(with = "rust_decimal::serde::str")]
    pub rate: Decimal,
    /// Who published it: `CBN`.
    pub source: String,
}

/// Credentials of one taxpayer at the authority.
///
/// A taxpayer with none of its own uses those the engine was opened with. The authority's texts speak of two pairs, one
/// for the system integrator (SI, who prepares documents) and one for the access point (APP, who sends them); which of
/// them a deployment takes for which call is known from one provider only, which logs taxpayers in with the first and
/// does all else with the second. So where both are given, the engine uses the second, and where a deployment has one
/// pair, it is `api_key` and `api_secret`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthorityCredentials {
    /// Address of the deployment, up to and excluding `api/v1`, where it is not the engine's. Needs a pair of its own.
    pub base_url: Option<String>,
    /// `x-api-key`.
    pub api_key: Option<String>,
    /// `x-api-secret`.
    pub api_secret: Option<String>,
    /// `x-api-key` of the access point, where it holds a pair of its own.
    pub app_key: Option<String>,
    /// `x-api-secret` of the access point.
    pub app_secret: Option<String>,
    /// Text of `crypto_keys.txt`, either form.
    pub crypto_keys: Option<String>,
}

impl AuthorityCredentials {
    /// The pair that the engine's calls carry, key first: the access point's, else the other; none: the engine's own.
    /// Half a pair is none.
    #[must_use]
    pub fn pair(&self) -> Option<(&str, &str)> {
        let said = |text: &'_ Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let pairs = [(&self.app_key, &self.app_secret), (&self.api_key, &self.api_secret)];
        let (key, secret) = pairs.into_iter().find(|(key, secret)| said(key) && said(secret))?;
        Some((key.as_deref()?, secret.as_deref()?))
    }
}

impl std::fmt::Debug for AuthorityCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthorityCredentials(redacted)")
    }
}

/// Which tax applies where the platform does not say it in full.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaxSettings {
    /// Where the platform carries no tax (a CRM).
    pub default: Option<TaxRule>,
    /// Where the platform carries taxes and applied none.
    pub untaxed: Option<TaxRule>,
    /// What the platform's 0 % means.
    pub zero_rate: Option<TaxRule>,
    /// Where the buyer is abroad.
    pub export: Option<TaxRule>,
    /// Path where the platform states a percent: `products[].tax`.
    pub percent_field: Option<String>,
    /// The tax by a value of the record.
    pub by_field: Option<ByField<TaxRule>>,
}

/// A tax as a bookkeeper writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRule {
    /// The VAT category.
    pub category: TaxCategory,
    /// Percent.
    #[serde(default)]
    pub percent: Decimal,
    /// Why none is charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A table keyed by what a path of the record holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByField<T> {
    /// The path: `order.line_items[].catalog_object_id`.
    pub field: String,
    /// Value → what applies.
    pub values: BTreeMap<String, T>,
}

/// HS or ISIC codes of what is sold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClassificationSettings {
    /// Where nothing else is said.
    pub default: Option<Classification>,
    /// By a value of the record.
    pub by_field: Option<ByField<Classification>>,
    /// Path where the platform states an item's category, by which the tenant's catalogue may classify it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_field: Option<String>,
}

/// Where the buyer's TIN is in the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BuyerSettings {
    /// The path: `company.properties.tin`.
    pub tin_path: Option<String>,
    /// Text before the number: `TIN:`.
    pub strip_prefix: Option<String>,
}

/// What to do where more than one thing is right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Tips: outside the invoice, or an exempt charge on it.
    pub tips: TipPolicy,
    /// Gift cards sold.
    pub vouchers: VoucherPolicy,
    /// An amount, but no lines.
    pub amount_without_lines: NoLinesPolicy,
    /// A CRM's editable deal amount that differs from the lines.
    pub deal_amount: DealAmountPolicy,
    /// A record that changes after its invoice was accepted.
    pub corrections: CorrectionPolicy,
    /// B2C documents below this amount of naira have no deadline; they are reported all the same. None: all have one
    /// ([`law::ReportingSettings`](crate::law::ReportingSettings)).
    pub b2c_threshold: Option<Decimal>,
    /// Documents that others send to the tenant.
    pub inbound: InboundPolicy,
    /// A sale in a foreign currency without a rate to naira.
    pub exchange_rate: ExchangeRatePolicy,
    /// Whether the rate, its source and date go into the note too, which is all the authority's JSON has room for.
    pub exchange_rate_note: bool,
}

/// When the authority is told that a document which others sent has arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundPolicy {
    /// As soon as it was read, faults or not.
    Acknowledge,
    /// As soon as it was read; one that is faulty waits for a person.
    #[default]
    HoldFaulty,
    /// When a person says so.
    Manual,
}

/// A sale in a foreign currency for which no rate to naira is known. The authority's JSON has no field for one, and no
/// official rule asks for it (2026), so it is optional.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeRatePolicy {
    /// Goes out without.
    #[default]
    Optional,
    /// Held until a rate is known.
    Required,
}

/// Tips.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TipPolicy {
    /// Not on the invoice.
    #[default]
    Outside,
    /// A charge under the tenant's `untaxed` tax.
    Charge,
}

/// Gift cards sold: money in another form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherPolicy {
    /// Not on the invoice.
    #[default]
    Skip,
    /// A line at the tenant's `zero_rate`.
    ZeroRate,
}

/// An amount, but no lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoLinesPolicy {
    /// Waits for a person.
    #[default]
    Held,
    /// One line over the amount.
    OneLine,
}

/// A deal amount that differs from the sum of its lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DealAmountPolicy {
    /// The lines count; the difference is recorded.
    #[default]
    Record,
    /// Held.
    MustMatch,
}

/// A record that changes after its invoice was accepted. The invoice itself is never edited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CorrectionPolicy {
    /// Waits for a person, who has `Engine::correct` and `Engine::debit_note`.
    #[default]
    Held,
    /// A credit note takes the whole invoice back, and a new invoice says what the record says now. A cancelled sale
    /// gets the credit note alone.
    CreditNoteAndNewInvoice,
    /// A credit note takes the whole invoice back; a person makes the new invoice, where there is to be one.
    CreditNoteOnly,
}

impl Tenant {
    /// Reads a tenant from the JSON of contract section 1.
    ///
    /// # Errors
    /// `Config`, naming the field.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let tenant: Self = crate::json::read("tenant.read", json).map_err(|e| {
            let field = e.get("field").unwrap_or_default();
            // serde quotes what it stumbles over, and under `authority` that is a secret.
            let message = match field.starts_with("authority") && !e.message().contains("unknown field") {
                true => format!("{field}: it is of another type than expected, which is a text"),
                false => e.message().to_owned(),
            };
            Error::new(ErrorKind::Config, "tenant.read", message).with("field", field)
        })?;
        tenant.checked()
    }

    fn checked(self) -> Result<Self> {
        let refused = |field: &'static str, message: String| {
            Err(Error::new(ErrorKind::Config, "tenant.read", message).with("field", field))
        };
        if self.name.trim().is_empty() {
            return refused("name", "a tenant needs its legal name".into());
        }
        if let Err(message) = self.zone() {
            return refused("timezone", message);
        }
        Ok(self)
    }

    /// Its time zone.
    ///
    /// # Errors
    /// A sentence naming the unknown zone.
    pub fn zone(&self) -> Result<chrono_tz::Tz, String> {
        let Some(name) = self.timezone.as_deref() else { return Ok(chrono_tz::Africa::Lagos) };
        name.parse().map_err(|_| format!("{name:?} is not an IANA time zone such as \"Africa/Lagos\""))
    }

    /// Its country, upper case.
    #[must_use]
    pub fn country_code(&self) -> &str {
        self.address.country.as_deref().or(self.country.as_deref()).unwrap_or("NG")
    }

    /// It as the seller of a document.
    #[must_use]
    pub fn party(&self) -> Party {
        let mut address = self.address.clone();
        address.country = Some(self.country_code().to_owned());
        Party {
            name: self.name.clone(),
            tin: self.tin.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            business_description: self.business_description.clone(),
            address,
            ..Party::default()
        }
    }
}
