//! The register: what was signed, and what has become of it. Found by IRN at once, however much there is.

use super::{
    check::Path,
    inbox::Inbox,
    lookup::{Participant, Party},
    settings::{AuthoritySettings, NotFound},
    shapes,
};
use bytes::Bytes;
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
    /// How many of the repeats had other bytes than the first.
    pub differing_count: u64,
    /// Whether it was handed to the buyer's access point.
    pub transmitted: bool,
    /// How often `transmit` was called with this IRN.
    pub transmit_count: u64,
    /// Whether the buyer's access point acknowledged it.
    pub delivered: bool,
    /// `PENDING`, `PAID` or `REJECTED`.
    pub payment_status: String,
    /// When it was registered.
    pub at: DateTime<Utc>,
}

/// An invoice as it is kept: its text, and what questions are asked by.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) irn: String,
    pub(crate) business_id: String,
    pub(crate) kind: &'static str,
    text: Bytes,
    pub(crate) issue_date: String,
    pub(crate) due_date: Option<String>,
    pub(crate) type_code: String,
    pub(crate) tax_currency: String,
    pub(crate) currency: String,
    pub(crate) buyer_tin: Option<String>,
    signed_count: u64,
    differing_count: u64,
    pub(crate) transmitted: bool,
    transmit_count: u64,
    pub(crate) delivered: bool,
    pub(crate) payment_status: String,
    pub(crate) at: DateTime<Utc>,
}

impl Entry {
    fn new(invoice: &Value, text: Bytes, at: DateTime<Utc>) -> Self {
        let word = |name: &str| invoice[name].as_str().unwrap_or_default().to_owned();
        let named = !invoice["accounting_customer_party"].is_null();
        let kind = match invoice["invoice_kind"].as_str() {
            Some("B2B") => "B2B",
            Some("B2G") => "B2G",
            Some("B2C") => "B2C",
            _ if named => "B2B",
            _ => "B2C",
        };
        Self {
            irn: word("irn"),
            business_id: word("business_id"),
            kind,
            text,
            issue_date: word("issue_date"),
            due_date: invoice["due_date"].as_str().map(str::to_owned),
            type_code: word("invoice_type_code"),
            tax_currency: word("tax_currency_code"),
            currency: word("document_currency_code"),
            buyer_tin: invoice["accounting_customer_party"]["tin"].as_str().map(str::to_owned),
            signed_count: 1,
            differing_count: 0,
            transmitted: false,
            transmit_count: 0,
            delivered: false,
            payment_status: invoice["payment_status"].as_str().unwrap_or("PENDING").to_owned(),
            at,
        }
    }

    /// The payload, read again from its text.
    pub(crate) fn invoice(&self) -> Value {
        serde_json::from_slice(&self.text).unwrap_or_default()
    }

    /// The payload's text.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn entry_status(&self) -> &'static str {
        if self.transmitted { "TRANSMITTED" } else { "SIGNED" }
    }

    fn registered(&self) -> Registered {
        Registered {
            irn: self.irn.clone(),
            kind: self.kind.to_owned(),
            invoice: self.invoice(),
            signed_count: self.signed_count,
            differing_count: self.differing_count,
            transmitted: self.transmitted,
            transmit_count: self.transmit_count,
            delivered: self.delivered,
            payment_status: self.payment_status.clone(),
            at: self.at,
        }
    }

    /// The answer to `confirm`: no IRN and no amounts.
    pub(crate) fn confirmation(&self) -> Value {
        json!({
            "transmitted": self.transmitted,
            "delivered": self.delivered,
            "issue_date": self.issue_date,
            "due_date": self.due_date,
            "sync_date": lagos_date(self.at),
            "payment_status": self.payment_status,
        })
    }
}

/// A date in Lagos, an hour ahead of UTC all year.
pub(super) fn lagos_date(at: DateTime<Utc>) -> String {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Registered,
    Duplicate,
}

/// Why a payment status was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotUpdated {
    Unknown,
    Terminal,
}

/// Everything the authority knows.
#[derive(Debug)]
pub(crate) struct Book {
    entries: Vec<Entry>,
    by_irn: HashMap<String, usize>,
    by_business: HashMap<String, Vec<usize>>,
    pub(super) duplicates: u64,
    pub(super) refusals: Vec<Refusal>,
    pub(super) businesses: Vec<Business>,
    pub(super) participants: Vec<Participant>,
    pub(super) parties: Vec<Party>,
    pub(super) inbox: Inbox,
    pub(super) settings: AuthoritySettings,
    errors: u64,
}

impl Book {
    pub(crate) fn new(business: Business) -> Self {
        Self {
            entries: Vec::new(),
            by_irn: HashMap::new(),
            by_business: HashMap::new(),
            duplicates: 0,
            refusals: Vec::new(),
            businesses: vec![business],
            participants: Vec::new(),
            parties: Vec::new(),
            inbox: Inbox::default(),
            settings: AuthoritySettings::default(),
            errors: 0,
        }
    }

    /// The number of the next error id.
    pub(super) fn next_error(&mut self) -> u64 {
        self.errors += 1;
        self.errors
    }

    /// How the authority says that it does not know an IRN.
    pub(super) fn not_found(&self) -> NotFound {
        self.settings.not_found
    }

    pub(super) fn registered(&self) -> Vec<Registered> {
        self.entries.iter().map(Entry::registered).collect()
    }

    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn shown(&self, irn: &str) -> Option<Registered> {
        self.find(irn).map(Entry::registered)
    }

    pub(crate) fn find(&self, irn: &str) -> Option<&Entry> {
        self.by_irn.get(irn).and_then(|at| self.entries.get(*at))
    }

    fn find_mut(&mut self, irn: &str) -> Option<&mut Entry> {
        self.by_irn.get(irn).and_then(|at| self.entries.get_mut(*at))
    }

    /// A business's invoices in the order of registration.
    pub(super) fn of(&self, business_id: &str) -> impl Iterator<Item = &Entry> {
        let places = self.by_business.get(business_id).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|at| self.entries.get(*at))
    }

    /// Whether this business issues IRNs with this service id.
    fn issues(&self, business_id: &str, service_id: &str) -> bool {
        self.businesses
            .iter()
            .any(|business| business.business_id == business_id && business.service_id == service_id)
    }

    /// Whether an IRN is this number of this business.
    pub(crate) fn fits(&self, business_id: &str, number: &str, irn: &str) -> bool {
        let parts = shapes::irn_parts(irn).filter(|_| shapes::irn(irn));
        parts.is_some_and(|(named, service_id, _)| named == number && self.issues(business_id, service_id))
    }

    /// The fault of an invoice by a business that is not enabled, or under another's service id.
    pub(super) fn stranger(&self, invoice: &Value) -> Option<String> {
        let business_id = invoice["business_id"].as_str()?;
        let mut known =
            self.businesses.iter().filter(|business| business.business_id == business_id).peekable();
        if known.peek().is_none() {
            return Some(Path::root().member("business_id").fault("must be a business enabled for this key"));
        }
        let (_, service_id, _) = shapes::irn_parts(invoice["irn"].as_str()?)?;
        let fits = known.any(|business| business.service_id == service_id);
        (!fits).then(|| "irn validation failed".to_owned())
    }

    /// The name of a known taxpayer.
    pub(super) fn taxpayer(&self, tin: &str) -> Option<String> {
        self.businesses.iter().find(|business| business.tin == tin).map(|business| business.name.clone())
    }

    /// Registers an invoice once.
    pub(crate) fn sign(&mut self, invoice: &Value, text: Bytes, at: DateTime<Utc>) -> Sign {
        let irn = invoice["irn"].as_str().unwrap_or_default();
        if let Some(entry) = self.find_mut(irn) {
            entry.signed_count += 1;
            entry.differing_count += u64::from(entry.text != text);
            self.duplicates += 1;
            return Sign::Duplicate;
        }
        let entry = Entry::new(invoice, text, at);
        let place = self.entries.len();
        self.by_irn.insert(entry.irn.clone(), place);
        self.by_business.entry(entry.business_id.clone()).or_default().push(place);
        self.entries.push(entry);
        Sign::Registered
    }

    /// Hands a signed invoice over; it lies in the inbox of a buyer who is enabled here.
    pub(crate) fn transmit(&mut self, irn: &str, at: DateTime<Utc>) {
        let Some(entry) = self.find_mut(irn) else { return };
        entry.transmit_count += 1;
        if std::mem::replace(&mut entry.transmitted, true) {
            return;
        }
        let (buyer, invoice) = (entry.buyer_tin.clone(), entry.invoice());
        if buyer.is_some_and(|tin| self.taxpayer(&tin).is_some()) {
            self.inbox.arrive(invoice, at);
        }
    }

    /// Marks a transmitted or received invoice as acknowledged; `false`: there is none.
    pub(super) fn acknowledge(&mut self, irn: &str) -> bool {
        let received = self.inbox.acknowledge(irn);
        let sent = self.find_mut(irn).filter(|entry| entry.transmitted);
        let sent = sent.is_some_and(|entry| {
            entry.delivered = true;
            true
        });
        sent || received
    }

    /// Changes the payment status; a terminal one stays.
    pub(crate) fn update(&mut self, irn: &str, status: &str) -> Result<(), NotUpdated> {
        let held = match self.by_irn.get(irn).copied() {
            Some(at) => self.entries.get_mut(at).map(|entry| &mut entry.payment_status),
            None => self.inbox.payment_status(irn),
        };
        let held = held.ok_or(NotUpdated::Unknown)?;
        if held != "PENDING" {
            return Err(NotUpdated::Terminal);
        }
        status.clone_into(held);
        Ok(())
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
