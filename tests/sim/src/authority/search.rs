//! The list of a business's invoices: filters, order, pages. No live answer is on record; the shape is a setting.

use super::{
    book::{Book, Entry},
    settings::SearchShape,
};
use serde_json::{Value, json};
use std::{cmp::Ordering, collections::HashMap};

type Query = HashMap<String, String>;
/// A member by its name, and how it is found.
type Key<T> = (&'static str, fn(&T) -> &str);

/// Reads `page` and `size`, sorts and cuts; `key` finds what a row is sorted by.
pub(super) struct Paging {
    page: usize,
    size: usize,
    sort_by: Option<String>,
    descending: bool,
}

impl Paging {
    /// From a query string.
    pub(super) fn of(query: &Query) -> Result<Self, String> {
        let number = |name: &str, default: usize| match query.get(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(format!("{name} must be a whole number greater than 0")),
            },
        };
        let descending = match query.get("sort_direction_desc").map(String::as_str) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err("sort_direction_desc must be true or false".to_owned()),
        };
        Ok(Self {
            page: number("page", 1)?,
            size: number("size", 20)?.min(100),
            sort_by: query.get("sort_by").filter(|name| !name.is_empty()).cloned(),
            descending,
        })
    }

    /// The rows of the page, and the whole number.
    fn cut<'a, T>(&self, mut rows: Vec<&'a T>, keys: &[Key<T>]) -> Result<(Vec<&'a T>, usize), String> {
        if let Some(name) = &self.sort_by {
            let Some((_, key)) = keys.iter().find(|(known, _)| known == name) else {
                let known: Vec<&str> = keys.iter().map(|(known, _)| *known).collect();
                return Err(format!("sort_by must be one of {}", known.join(" ")));
            };
            rows.sort_by(|one, other| key(one).cmp(key(other)));
        }
        if self.descending {
            rows.reverse();
        }
        let total = rows.len();
        let skip = (self.page - 1).saturating_mul(self.size);
        Ok((rows.into_iter().skip(skip).take(self.size).collect(), total))
    }

    /// A page under the name its rows go by.
    fn page(&self, name: &str, items: Vec<Value>, total: usize) -> Value {
        let more = self.page.saturating_mul(self.size) < total;
        json!({name: items, "page": self.page, "size": self.size, "total": total, "has_next_page": more})
    }

    /// A page of rows that are made already.
    pub(super) fn of_values(&self, rows: &[Value]) -> Result<Value, String> {
        let keys: &[Key<Value>] = &[
            ("created_at", |row| row["created_at"].as_str().unwrap_or_default()),
            ("reference", |row| row["reference"].as_str().unwrap_or_default()),
            ("party_name", |row| row["party_name"].as_str().unwrap_or_default()),
        ];
        let (rows, total) = self.cut(rows.iter().collect(), keys)?;
        Ok(self.page("items", rows.into_iter().cloned().collect(), total))
    }
}

/// What can be filtered by and sorted by; registration is the order of `created_at`.
const KEYS: [Key<Entry>; 8] = [
    ("irn", |entry| &entry.irn),
    ("payment_status", |entry| &entry.payment_status),
    ("entry_status", Entry::entry_status),
    ("invoice_type_code", |entry| &entry.type_code),
    ("issue_date", |entry| &entry.issue_date),
    ("due_date", |entry| entry.due_date.as_deref().unwrap_or_default()),
    ("tax_currency_code", |entry| &entry.tax_currency),
    ("document_currency_code", |entry| &entry.currency),
];

impl Book {
    /// One page of a business's invoices.
    pub(super) fn search(&self, business_id: &str, query: &Query) -> Result<Value, String> {
        let mut paging = Paging::of(query)?;
        if paging.sort_by.as_deref() == Some("created_at") {
            paging.sort_by = None;
        }
        let mut rows = self.candidates(business_id, query);
        rows.retain(|entry| {
            KEYS.iter().all(|(name, key)| {
                let ignored = *name == "irn" && self.settings.search_ignores_irn;
                ignored || query.get(*name).is_none_or(|wanted| key(entry).cmp(wanted) == Ordering::Equal)
            })
        });
        let (rows, total) = paging.cut(rows, &KEYS)?;
        let whole = self.settings.search == SearchShape::Whole;
        let items: Vec<Value> = rows.into_iter().map(|entry| row(entry, whole)).collect();
        Ok(match self.settings.search {
            SearchShape::Items | SearchShape::Whole => paging.page("items", items, total),
            SearchShape::Invoices => paging.page("invoices", items, total),
            SearchShape::List => Value::from(items),
        })
    }

    /// What the filters look at: one invoice where an IRN is asked for, so that a large book costs nothing.
    fn candidates(&self, business_id: &str, query: &Query) -> Vec<&Entry> {
        if self.settings.search_is_blind {
            return Vec::new();
        }
        match query.get("irn").filter(|_| !self.settings.search_ignores_irn) {
            Some(irn) => {
                self.find(irn).filter(|entry| entry.business_id == business_id).into_iter().collect()
            }
            None => self.of(business_id).collect(),
        }
    }
}

fn row(entry: &Entry, whole: bool) -> Value {
    let invoice = entry.invoice();
    let mut row = if whole {
        invoice
    } else {
        json!({
            "irn": entry.irn,
            "business_id": entry.business_id,
            "invoice_type_code": entry.type_code,
            "issue_date": entry.issue_date,
            "due_date": entry.due_date,
            "tax_currency_code": entry.tax_currency,
            "document_currency_code": entry.currency,
            "legal_monetary_total": invoice["legal_monetary_total"],
        })
    };
    row["payment_status"] = Value::from(entry.payment_status.as_str());
    row["entry_status"] = Value::from(entry.entry_status());
    row
}
