//! The register: what was signed, and what has become of it.

use super::{NOT_FOUND, check::Path, shapes};
use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;

/// An invoice that the authority accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Registered {
    /// Its IRN.
    pub irn: String,
    /// `B2B`, `B2C` or `B2G`; an invoice that does not say counts as `B2B` where it names a customer.
    pub kind: String,
    /// The payload exactly as signed.
    pub invoice: Value,
    /// How often `sign` was called with this IRN: 1 unless it was repeated.
    pub signed_count: u64,
    /// Whether it was handed to the buyer's access point.
    pub transmitted: bool,
    /// Whether the buyer's access point acknowledged it.
    pub delivered: bool,
    /// `PENDING`, `PAID` or `REJECTED`.
    pub payment_status: String,
    /// When it was registered.
    pub at: DateTime<Utc>,
}

impl Registered {
    /// The answer to `confirm`: no IRN and no amounts.
    pub(super) fn confirmation(&self) -> Value {
        json!({
            "transmitted": self.transmitted,
            "delivered": self.delivered,
            "issue_date": self.invoice["issue_date"],
            "due_date": self.invoice["due_date"],
            "sync_date": lagos_date(self.at),
            "payment_status": self.payment_status,
        })
    }

    fn row(&self) -> Value {
        let invoice = &self.invoice;
        json!({
            "irn": self.irn,
            "business_id": invoice["business_id"],
            "payment_status": self.payment_status,
            "entry_status": if self.transmitted { "TRANSMITTED" } else { "SIGNED" },
            "invoice_type_code": invoice["invoice_type_code"],
            "issue_date": invoice["issue_date"],
            "due_date": invoice["due_date"],
            "tax_currency_code": invoice["tax_currency_code"],
            "document_currency_code": invoice["document_currency_code"],
            "legal_monetary_total": invoice["legal_monetary_total"],
        })
    }
}

/// A date in Lagos, an hour ahead of UTC all year.
fn lagos_date(at: DateTime<Utc>) -> String {
    let lagos = FixedOffset::east_opt(3600).map(|offset| at.with_timezone(&offset).date_naive());
    lagos.unwrap_or_else(|| at.date_naive()).to_string()
}

/// A payload that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// `validate` or `sign`.
    pub endpoint: String,
    /// Its IRN, where it had one.
    pub irn: Option<String>,
    /// Every fault; the answer named the first.
    pub details: Vec<String>,
}

/// A taxpayer who is enabled at the authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Business {
    /// UUID.
    pub business_id: String,
    /// The eight characters in the middle of its IRNs.
    pub service_id: String,
    /// Its name.
    pub name: String,
    /// Its tax identification number.
    pub tin: String,
}

/// What came of a call to `sign`.
pub(crate) enum Sign {
    Registered,
    Duplicate,
}

/// Everything the authority knows.
#[derive(Debug)]
pub(crate) struct Book {
    pub(super) registered: Vec<Registered>,
    pub(super) duplicates: u64,
    pub(super) refusals: Vec<Refusal>,
    pub(super) businesses: Vec<Business>,
    pub(super) strict_totals: bool,
    errors: u64,
}

impl Book {
    pub(crate) fn new(business: Business) -> Self {
        Self {
            registered: Vec::new(),
            duplicates: 0,
            refusals: Vec::new(),
            businesses: vec![business],
            strict_totals: true,
            errors: 0,
        }
    }

    /// The number of the next error id.
    pub(super) fn next_error(&mut self) -> u64 {
        self.errors += 1;
        self.errors
    }

    pub(crate) fn find(&self, irn: &str) -> Option<&Registered> {
        self.registered.iter().find(|entry| entry.irn == irn)
    }

    fn find_mut(&mut self, irn: &str) -> Option<&mut Registered> {
        self.registered.iter_mut().find(|entry| entry.irn == irn)
    }

    /// Whether this business issues IRNs with this service id.
    pub(super) fn issues(&self, business_id: &str, service_id: &str) -> bool {
        self.businesses
            .iter()
            .any(|business| business.business_id == business_id && business.service_id == service_id)
    }

    /// The fault of an invoice by a business that is not enabled, or under another's service id.
    pub(super) fn stranger(&self, invoice: &Value) -> Option<String> {
        let business_id = invoice["business_id"].as_str()?;
        let Some(business) = self.businesses.iter().find(|business| business.business_id == business_id)
        else {
            return Some(Path::root().member("business_id").fault("must be a business enabled for this key"));
        };
        let (_, service_id, _) = shapes::irn_parts(invoice["irn"].as_str()?)?;
        (business.service_id != service_id).then(|| "irn validation failed".to_owned())
    }

    /// The name of a known taxpayer.
    pub(super) fn taxpayer(&self, tin: &str) -> Option<String> {
        self.businesses.iter().find(|business| business.tin == tin).map(|business| business.name.clone())
    }

    /// Registers an invoice once.
    pub(crate) fn sign(&mut self, invoice: Value, at: DateTime<Utc>) -> Sign {
        let irn = invoice["irn"].as_str().unwrap_or_default().to_owned();
        if let Some(entry) = self.find_mut(&irn) {
            entry.signed_count += 1;
            self.duplicates += 1;
            return Sign::Duplicate;
        }
        let named = !invoice["accounting_customer_party"].is_null();
        let kind = invoice["invoice_kind"].as_str().unwrap_or(if named { "B2B" } else { "B2C" }).to_owned();
        let payment_status = invoice["payment_status"].as_str().unwrap_or("PENDING").to_owned();
        self.registered.push(Registered {
            irn,
            kind,
            invoice,
            signed_count: 1,
            transmitted: false,
            delivered: false,
            payment_status,
            at,
        });
        Sign::Registered
    }

    pub(super) fn transmit(&mut self, irn: &str) {
        if let Some(entry) = self.find_mut(irn) {
            entry.transmitted = true;
        }
    }

    /// Marks a transmitted invoice as delivered; `false`: there is none.
    pub(super) fn acknowledge(&mut self, irn: &str) -> bool {
        let entry = self.find_mut(irn).filter(|entry| entry.transmitted);
        entry.is_some_and(|entry| {
            entry.delivered = true;
            true
        })
    }

    /// Changes the payment status; a terminal one stays.
    pub(super) fn update(&mut self, irn: &str, status: &str) -> Result<(), &'static str> {
        let entry = self.find_mut(irn).ok_or(NOT_FOUND)?;
        if entry.payment_status != "PENDING" {
            return Err("invoice is in a terminal state and cannot be updated");
        }
        status.clone_into(&mut entry.payment_status);
        Ok(())
    }

    /// One page of a business's invoices.
    pub(super) fn search(&self, business_id: &str, query: &HashMap<String, String>) -> Value {
        let number = |name: &str, default: usize| {
            query.get(name).and_then(|text| text.parse().ok()).filter(|number| *number > 0).unwrap_or(default)
        };
        let (page, size) = (number("page", 1), number("size", 20).min(100));
        let rows: Vec<Value> = self
            .registered
            .iter()
            .filter(|entry| query.get("irn").is_none_or(|irn| entry.irn == *irn))
            .filter(|entry| entry.invoice["business_id"] == business_id)
            .map(Registered::row)
            .filter(|row| {
                FILTERS.iter().all(|name| query.get(*name).is_none_or(|wanted| row[*name] == **wanted))
            })
            .collect();
        let skip = (page - 1).saturating_mul(size);
        let items: Vec<&Value> = rows.iter().skip(skip).take(size).collect();
        let more = skip.saturating_add(items.len()) < rows.len();
        json!({"items": items, "page": page, "size": size, "total": rows.len(), "has_next_page": more})
    }

    /// The entity and its businesses.
    pub(super) fn entity(&self, id: &str) -> Value {
        let businesses: Vec<Value> = self.businesses.iter().map(business).collect();
        json!({
            "id": id, "reference": "simulated", "custom_settings": null,
            "created_at": BEGINNING, "updated_at": BEGINNING,
            "businesses": businesses, "is_active": true, "app_reference": "simulated-app",
        })
    }
}

const FILTERS: [&str; 8] = [
    "irn",
    "payment_status",
    "entry_status",
    "invoice_type_code",
    "issue_date",
    "due_date",
    "tax_currency_code",
    "document_currency_code",
];

const BEGINNING: &str = "2026-01-01T00:00:00Z";

fn business(business: &Business) -> Value {
    let template =
        format!("{{{{invoice_id(e.g:INV00XXX)}}}}-{}-{{{{YYYYMMDD(e.g:20250629)}}}}", business.service_id);
    json!({
        "id": business.business_id, "reference": "simulated", "name": business.name, "custom_settings": null,
        "created_at": BEGINNING, "updated_at": BEGINNING, "tin": business.tin, "sector": "Retail",
        "annual_turnover": "2000000000", "support_peppol": false, "is_realtime_reporting": false,
        "notification_channels": "webhook", "erp_system": "other", "irn_template": template, "is_active": true,
    })
}
