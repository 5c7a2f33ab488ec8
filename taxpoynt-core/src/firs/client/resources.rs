//! The authority's code lists, as its resource endpoints give them.

use super::errors::{Call, Effect, NO_ROUTE};
use super::listing::{Listing, Paging, listing};
use super::{ApiKeys, Client, found, unread, words};
use crate::Result;
use bytes::Bytes;
use http::Method;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// ISO 3166-1 countries.
    Countries,
    /// Document types.
    InvoiceTypes,
    /// ISO 4217 currencies.
    Currencies,
    /// Exempt goods. The list recorded in 2025 reflects the law before 2026: never classify by it.
    VatExemptions,
    /// ISIC codes of services.
    ServiceCodes,
    /// Tax categories.
    TaxCategories,
    /// Payment means.
    PaymentMeans,
    /// HS codes of goods.
    HsCodes,
    /// Nigeria's states.
    States,
    /// Nigeria's local government areas.
    Lgas,
}

impl Resource {
    /// Every list.
    pub const ALL: [Self; 10] = [
        Self::Countries,
        Self::InvoiceTypes,
        Self::Currencies,
        Self::VatExemptions,
        Self::ServiceCodes,
        Self::TaxCategories,
        Self::PaymentMeans,
        Self::HsCodes,
        Self::States,
        Self::Lgas,
    ];

    /// Its name in the path. `services-codes` has its s.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Countries => "countries",
            Self::InvoiceTypes => "invoice-types",
            Self::Currencies => "currencies",
            Self::VatExemptions => "vat-exemptions",
            Self::ServiceCodes => "services-codes",
            Self::TaxCategories => "tax-categories",
            Self::PaymentMeans => "payment-means",
            Self::HsCodes => "hs-codes",
            Self::States => "states",
            Self::Lgas => "lgas",
        }
    }

    /// What another transcription of the documentation calls it.
    const fn other_name(self) -> Option<&'static str> {
        match self {
            Self::PaymentMeans => Some("payment_means"),
            _ => None,
        }
    }

    /// The keys that hold a row's code, the published one first.
    const fn code_keys(self) -> &'static [&'static str] {
        match self {
            Self::Countries => &["alpha_2", "code"],
            Self::HsCodes => &["hscode", "hs_code", "code"],
            Self::VatExemptions => &["harmonized_system_code", "code"],
            _ => &["code"],
        }
    }

    /// The keys that hold what it says.
    const fn name_keys(self) -> &'static [&'static str] {
        match self {
            Self::VatExemptions => &["tariff", "description"],
            _ => &["value", "name", "description"],
        }
    }
}

/// A row of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRow {
    /// The code, as a text: leading zeros count.
    pub code: String,
    /// What it stands for, where the row says so.
    pub name: Option<String>,
    /// The state of a local government area.
    pub state_code: Option<String>,
    /// Every text, number and truth value of the row, by its key.
    pub members: BTreeMap<String, String>,
}

impl Client {
    /// A whole code list, in its order. `None` where the answer is empty, as the sandbox's sometimes are: no list of the
    /// authority is empty, so whoever has a copy keeps it.
    ///
    /// # Errors
    /// Of a read: `Unavailable` also where rows came and not one could be read, `Config` where the deployment lacks the
    /// list, …
    pub async fn resource(&self, keys: &ApiKeys, resource: Resource) -> Result<Option<Vec<ResourceRow>>> {
        let read = self.resource_at(keys, resource, resource.name()).await;
        match (read, resource.other_name()) {
            (Err(error), Some(other)) if error.get("code") == Some(NO_ROUTE) => {
                self.resource_at(keys, resource, other).await
            }
            (read, _) => read,
        }
    }

    async fn resource_at(
        &self,
        keys: &ApiKeys,
        resource: Resource,
        name: &str,
    ) -> Result<Option<Vec<ResourceRow>>> {
        let call = Call { operation: "firs.resource", effect: Effect::Read };
        let url = self.url(call, &["invoice", "resources", name])?;
        let data = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)?;
        let page = Paging { size: u32::MAX, ..Paging::default() };
        let read = |row: &RawValue| row_of(resource, row);
        let expected = || unread(call, "a list of codes");
        let Listing { rows, unread, .. } =
            listing(data.as_deref(), &page, "code", read).ok_or_else(expected)?;
        match (rows.is_empty(), unread) {
            (false, _) => Ok(Some(rows)),
            (true, 0) => Ok(None),
            (true, _) => Err(expected()),
        }
    }
}

fn row_of(resource: Resource, row: &RawValue) -> Option<ResourceRow> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(row.get()).ok()?;
    let of = |keys: &[&str]| keys.iter().find_map(|key| words(members.get(*key).copied()));
    Some(ResourceRow {
        code: of(resource.code_keys())?,
        name: of(resource.name_keys()),
        state_code: of(&["state_code"]),
        members: members.iter().filter_map(|(key, value)| Some((key.clone(), plain(value)?))).collect(),
    })
}

fn plain(raw: &RawValue) -> Option<String> {
    let truth = matches!(raw.get(), "true" | "false").then(|| raw.get().to_owned());
    truth.or_else(|| words(Some(raw)))
}
