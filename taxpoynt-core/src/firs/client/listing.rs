//! Lists of the authority, page by page, and the search for documents among them.
//!
//! The shape of a page is recorded nowhere, so it is read tolerantly: an array, or an object that holds one.

use super::errors::{Call, Effect};
use super::{ApiKeys, Client, csid, date, found, unread, words};
use crate::firs::codes;
use crate::{Result, json::Exact};
use bytes::Bytes;
use chrono::NaiveDate;
use http::Method;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use taxpoynt_ubl::{Currency, DocumentType, Irn, PaymentStatus};
use url::Url;

/// Which page of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: u32,
    /// Rows a page.
    pub size: u32,
    /// The field to sort by, in the authority's spelling; its own order where none.
    pub sort_by: Option<String>,
    /// Whether the greatest comes first; counts only with `sort_by`.
    pub descending: bool,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, size: 20, sort_by: None, descending: false }
    }
}

impl Paging {
    pub(super) fn write(&self, url: &mut Url) {
        let mut query = url.query_pairs_mut();
        query.append_pair("size", &self.size.to_string()).append_pair("page", &self.page.to_string());
        if let Some(field) = &self.sort_by {
            let descending = if self.descending { "true" } else { "false" };
            query.append_pair("sort_by", field).append_pair("sort_direction_desc", descending);
        }
    }

    /// The page after this one.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { page: self.page.saturating_add(1), ..self.clone() }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows that could be read.
    pub rows: Vec<T>,
    /// How many could not: they are of another shape than known.
    pub unread: usize,
    /// How many rows there are on all pages, where the answer says so.
    pub total: Option<u64>,
    /// Whether a page comes after this one. Where the answer does not say so, a full page is taken for "yes".
    pub has_next: bool,
}

/// Which documents are searched for; whatever is `None` is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Which page.
    pub paging: Paging,
    /// The IRN.
    pub irn: Option<Irn>,
    /// Whether it is paid.
    pub payment_status: Option<PaymentStatus>,
    /// How far it is at the authority, in its spelling (`SIGNED`); its list is recorded nowhere.
    pub entry_status: Option<String>,
    /// The document type. One without a code of the authority finds nothing, so it is not asked for.
    pub document_type: Option<DocumentType>,
    /// The issue date.
    pub issue_date: Option<NaiveDate>,
    /// The due date.
    pub due_date: Option<NaiveDate>,
    /// The currency of the tax.
    pub tax_currency: Option<Currency>,
    /// The currency of the amounts.
    pub currency: Option<Currency>,
}

impl Search {
    fn write(&self, url: &mut Url) {
        self.paging.write(url);
        let date = |date: Option<NaiveDate>| date.map(|date| date.to_string());
        let filters = [
            ("irn", self.irn.as_ref().map(|irn| irn.as_str().to_owned())),
            ("payment_status", self.payment_status.map(|s| codes::payment_status_code(s).to_owned())),
            ("entry_status", self.entry_status.clone()),
            ("invoice_type_code", self.document_type.and_then(codes::document_type_code).map(str::to_owned)),
            ("issue_date", date(self.issue_date)),
            ("due_date", date(self.due_date)),
            ("tax_currency_code", self.tax_currency.map(|c| c.code().to_owned())),
            ("document_currency_code", self.currency.map(|c| c.code().to_owned())),
        ];
        let mut query = url.query_pairs_mut();
        for (name, value) in filters {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        }
    }
}

/// A registered document as `search` shows it; whatever the answer left out is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its IRN.
    pub irn: String,
    /// Its issue date.
    pub issue_date: Option<NaiveDate>,
    /// Its due date.
    pub due_date: Option<NaiveDate>,
    /// The authority's document type code.
    pub type_code: Option<String>,
    /// The currency of its amounts.
    pub currency: Option<String>,
    /// The amount to pay.
    pub payable: Option<Decimal>,
    /// The amount with tax.
    pub tax_inclusive: Option<Decimal>,
    /// The buyer's TIN.
    pub buyer_tin: Option<String>,
    /// `PENDING`, `PAID`, `REJECTED`.
    pub payment_status: Option<String>,
    /// How far it is at the authority: `SIGNED`.
    pub entry_status: Option<String>,
    /// The cryptographic stamp identifier, where an access point supplies one.
    pub csid: Option<String>,
    /// The row as it came, JSON: everything it shows is compared before a document is taken for ours.
    pub shown: String,
}

impl Client {
    /// Looks a document up by its IRN among those of a business. Rows of other documents are passed over, since a
    /// deployment may ignore the filter.
    ///
    /// # Errors
    /// As `confirm`.
    pub async fn search(&self, keys: &ApiKeys, business_id: &str, irn: &Irn) -> Result<Option<Found>> {
        let wanted = Search { irn: Some(irn.clone()), ..Search::default() };
        let listing = self.search_page(keys, business_id, &wanted).await?;
        Ok(listing.rows.into_iter().find(|found| found.irn == irn.as_str()))
    }

    /// One page of the documents of a business. A deployment may ignore a filter: compare what comes.
    ///
    /// # Errors
    /// Of a read: `Unavailable`, `Unauthenticated`, `Config` naming `business_id`, …
    pub async fn search_page(
        &self,
        keys: &ApiKeys,
        business_id: &str,
        search: &Search,
    ) -> Result<Listing<Found>> {
        let call = Call { operation: "firs.search", effect: Effect::Read };
        let mut url = self.url(call, &["invoice", business_id])?;
        search.write(&mut url);
        let data = found(self.send(call, keys, Method::GET, url, Bytes::new()).await)?;
        listing(data.as_deref(), &search.paging, "irn", found_in)
            .ok_or_else(|| unread(call, "a list of documents"))
    }
}

/// A page of rows. `own` is the member by which the row itself is known, where it stands there without a list.
pub(super) fn listing<T>(
    data: Option<&RawValue>,
    paging: &Paging,
    own: &str,
    read: impl Fn(&RawValue) -> Option<T>,
) -> Option<Listing<T>> {
    let Some(data) = data else {
        return Some(Listing { rows: Vec::new(), unread: 0, total: None, has_next: false });
    };
    let raw = rows(data, own)?;
    let rows: Vec<T> = raw.iter().filter_map(|row| read(row)).collect();
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(data.get()).unwrap_or_default();
    let said = |names: &[&str]| names.iter().find_map(|name| members.get(*name).copied());
    let total = words(said(&["total", "total_count", "total_items", "count"])).and_then(|t| t.parse().ok());
    let next = said(&["has_next_page", "has_next", "hasNextPage"]);
    let has_next = next.and_then(|next| serde_json::from_str(next.get()).ok()).unwrap_or_else(|| {
        let shown = u64::from(paging.page).saturating_mul(u64::from(paging.size));
        let is_full = !raw.is_empty() && u32::try_from(raw.len()).is_ok_and(|rows| rows >= paging.size);
        total.map_or(is_full, |total: u64| shown < total)
    });
    let unread = raw.len() - rows.len();
    Some(Listing { rows, unread, total, has_next })
}

/// The rows of a page: an array, or an object that holds one under whatever name (`items` is assumed, not recorded), or
/// the row itself.
pub(super) fn rows<'a>(data: &'a RawValue, own: &str) -> Option<Vec<&'a RawValue>> {
    if data.get().starts_with('[') {
        return serde_json::from_str(data.get()).ok();
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(data.get()).ok()?;
    if members.contains_key(own) {
        return Some(vec![data]);
    }
    let usual = ["items", "invoices", "entities", "data", "results", "rows", "content"];
    let usual = usual.iter().find_map(|name| members.get(*name));
    let list = usual.or_else(|| members.values().find(|value| value.get().starts_with('[')))?;
    if list.get() == "null" { Some(Vec::new()) } else { serde_json::from_str(list.get()).ok() }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    #[serde(borrow)]
    irn: Option<&'a RawValue>,
    #[serde(borrow)]
    issue_date: Option<&'a RawValue>,
    #[serde(borrow)]
    due_date: Option<&'a RawValue>,
    #[serde(borrow)]
    invoice_type_code: Option<&'a RawValue>,
    #[serde(borrow)]
    document_currency_code: Option<&'a RawValue>,
    #[serde(borrow)]
    payment_status: Option<&'a RawValue>,
    #[serde(borrow)]
    entry_status: Option<&'a RawValue>,
    #[serde(borrow)]
    legal_monetary_total: Option<&'a RawValue>,
    #[serde(borrow)]
    accounting_customer_party: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireTotal<'a> {
    #[serde(borrow)]
    payable_amount: Option<&'a RawValue>,
    #[serde(borrow)]
    tax_inclusive_amount: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireParty<'a> {
    #[serde(borrow)]
    tin: Option<&'a RawValue>,
}

/// A document among the rows; one without an IRN is none.
pub(super) fn found_in(raw: &RawValue) -> Option<Found> {
    let row: Row<'_> = object(raw)?;
    let total: WireTotal<'_> = row.legal_monetary_total.and_then(object).unwrap_or_default();
    let buyer: WireParty<'_> = row.accounting_customer_party.and_then(object).unwrap_or_default();
    Some(Found {
        irn: words(row.irn)?,
        issue_date: date(row.issue_date),
        due_date: date(row.due_date),
        type_code: words(row.invoice_type_code),
        currency: words(row.document_currency_code),
        payable: number(total.payable_amount),
        tax_inclusive: number(total.tax_inclusive_amount),
        buyer_tin: words(buyer.tin),
        payment_status: words(row.payment_status),
        entry_status: words(row.entry_status),
        csid: csid(raw),
        shown: raw.get().to_owned(),
    })
}

/// A struct from a JSON object only: an array would read as one, member by member.
pub(super) fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    raw.get().starts_with('{').then(|| serde_json::from_str(raw.get()).ok())?
}

fn number(raw: Option<&RawValue>) -> Option<Decimal> {
    serde_json::from_str::<Exact>(raw?.get()).ok().map(|exact| exact.0)
}
