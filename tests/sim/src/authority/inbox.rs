//! The buyer's inbox: invoices that other taxpayers sent to ours, announced, listed, downloaded and acknowledged.

use super::{
    answer::{data, invalid},
    book::{Business, lagos_date},
    envelope, shapes,
};
use crate::{
    webhook::Refused,
    world::{Shared, World, lock},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// How a received invoice comes out of its download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Form {
    /// The envelope holds the invoice's JSON.
    #[default]
    Json,
    /// The envelope holds that JSON in base64.
    Base64,
    /// The envelope holds it as a data URI.
    DataUri,
    /// The envelope holds a PDF.
    Pdf,
    /// The envelope holds XML.
    Xml,
    /// No envelope: plain metadata, the invoice cannot be had yet.
    Metadata,
    /// No envelope: the invoice itself.
    Plain,
    /// The envelope holds an invoice under another IRN.
    OtherIrn,
    /// The envelope was sealed for another API key: what comes out is noise.
    OtherKey,
    /// The envelope's `iv_hex` is two digits short.
    ShortIv,
}

/// An invoice for the inbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Incoming {
    /// The payload, taken as it is, whatever is wrong with it; `None`: one is made.
    pub invoice: Option<Value>,
    /// What a made one is changed by: its members replace those of the made one.
    pub change: Map<String, Value>,
    /// How its download looks.
    pub form: Form,
    /// Whether a webhook announces it.
    pub announce: bool,
}

impl Default for Incoming {
    fn default() -> Self {
        Self { invoice: None, change: Map::new(), form: Form::default(), announce: true }
    }
}

/// An invoice that lies in the inbox.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Received {
    /// Its IRN.
    pub irn: String,
    /// The payload.
    pub invoice: Value,
    /// How its download looks.
    pub form: Form,
    /// Whether we acknowledged it.
    pub acknowledged: bool,
    /// How often we acknowledged it.
    pub acknowledged_count: u64,
    /// What the buyer's side says of its payment.
    pub payment_status: String,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// What others sent, in the order it came.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    received: Vec<Received>,
    by_irn: HashMap<String, usize>,
}

impl Inbox {
    pub(super) fn all(&self) -> &[Received] {
        &self.received
    }

    fn find(&self, irn: &str) -> Option<&Received> {
        self.by_irn.get(irn).and_then(|at| self.received.get(*at))
    }

    fn find_mut(&mut self, irn: &str) -> Option<&mut Received> {
        self.by_irn.get(irn).and_then(|at| self.received.get_mut(*at))
    }

    /// An invoice that was transmitted to one of our businesses.
    pub(super) fn arrive(&mut self, invoice: Value, at: DateTime<Utc>) {
        self.put(invoice, Form::Json, at);
    }

    /// Puts one in; the same IRN again replaces it and keeps what was done to it.
    fn put(&mut self, invoice: Value, form: Form, at: DateTime<Utc>) {
        let irn = invoice["irn"].as_str().unwrap_or_default().to_owned();
        if let Some(there) = self.find_mut(&irn) {
            (there.invoice, there.form) = (invoice, form);
            return;
        }
        self.by_irn.insert(irn.clone(), self.received.len());
        self.received.push(Received {
            irn,
            payment_status: invoice["payment_status"].as_str().unwrap_or("PENDING").to_owned(),
            invoice,
            form,
            acknowledged: false,
            acknowledged_count: 0,
            at,
        });
    }

    pub(super) fn acknowledge(&mut self, irn: &str) -> bool {
        let received = self.find_mut(irn);
        received.is_some_and(|received| {
            received.acknowledged = true;
            received.acknowledged_count += 1;
            true
        })
    }

    pub(super) fn payment_status(&mut self, irn: &str) -> Option<&mut String> {
        self.find_mut(irn).map(|received| &mut received.payment_status)
    }
}

impl Received {
    fn metadata(&self) -> Value {
        json!({
            "irn": self.irn, "issue_date": self.invoice["issue_date"], "due_date": self.invoice["due_date"],
            "invoice_type_code": self.invoice["invoice_type_code"], "payment_status": self.payment_status,
            "confirmed": self.acknowledged, "sync_date": lagos_date(self.at),
        })
    }

    /// The answer to its download; `None`: it could not be sealed.
    fn download(&self, api_key: &str) -> Option<Value> {
        let text = self.invoice.to_string();
        let seal = |text: &str| envelope::seal(api_key, text.as_bytes());
        match self.form {
            Form::Json => seal(&text),
            Form::Base64 => seal(&BASE64_STANDARD.encode(text)),
            Form::DataUri => seal(&format!("data:application/json;base64,{}", BASE64_STANDARD.encode(text))),
            Form::Pdf => envelope::seal(api_key, PDF),
            Form::Xml => seal(&xml(&self.invoice)),
            Form::Metadata => Some(self.metadata()),
            Form::Plain => Some(self.invoice.clone()),
            Form::OtherIrn => {
                let mut other = self.invoice.clone();
                other["irn"] = Value::from("OTHER1-5E11E4A1-20261101");
                seal(&other.to_string())
            }
            Form::OtherKey => envelope::seal("ffffffff", text.as_bytes()),
            Form::ShortIv => seal(&text).map(|mut sealed| {
                let short = sealed["iv_hex"].as_str().unwrap_or_default().get(2..).unwrap_or_default();
                sealed["iv_hex"] = Value::from(short);
                sealed
            }),
        }
    }
}

/// A page that says nothing: what counts is that it is a PDF.
const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

/// The authority's printed XML: the same names in Pascal case, no namespaces. Only the head of it.
fn xml(invoice: &Value) -> String {
    let text = |name: &str| invoice[name].as_str().unwrap_or_default();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Invoice><Irn>{}</Irn><IssueDate>{}</IssueDate>\
         <InvoiceTypeCode>{}</InvoiceTypeCode></Invoice>\n",
        text("irn"),
        text("issue_date"),
        text("invoice_type_code")
    )
}

/// The download of a received invoice; `None`: it is not in the inbox.
pub(super) fn download(world: &World, irn: &str) -> Option<Option<Value>> {
    let book = lock(&world.book);
    book.inbox.find(irn).map(|received| received.download(&world.credentials.authority.api_key))
}

/// Puts an invoice in and returns its IRN.
pub(super) fn put(world: &World, incoming: &Incoming) -> Result<String, Refused> {
    let at = world.clock.stamp();
    let mut book = lock(&world.book);
    let buyer = book.businesses.first().cloned();
    let nth = book.inbox.all().len() + 1;
    let made = || buyer.as_ref().map(|buyer| made(nth, buyer, &lagos_date(at))).unwrap_or_default();
    let mut invoice = incoming.invoice.clone().unwrap_or_else(made);
    if let Some(members) = invoice.as_object_mut() {
        members.extend(incoming.change.clone());
    }
    let Some(irn) = invoice["irn"].as_str().filter(|irn| !irn.is_empty()).map(str::to_owned) else {
        return Err(Refused("an invoice for the inbox needs an irn".to_owned()));
    };
    book.inbox.put(invoice, incoming.form, at);
    Ok(irn)
}

/// An invoice of a supplier to one of our businesses, right in every respect.
fn made(nth: usize, buyer: &Business, day: &str) -> Value {
    let address = |street: &str, lga: &str| {
        json!({
            "street_name": street, "city_name": "Lagos", "postal_zone": "100271", "lga": lga,
            "state": "NG-LA", "country": "NG",
        })
    };
    json!({
        "business_id": "5e11e4a1-0000-4000-8000-000000000001",
        "irn": format!("SUP{nth:05}-5E11E4A1-{}", day.replace('-', "")),
        "issue_date": day, "due_date": day, "issue_time": "09:30:00",
        "invoice_type_code": "381", "invoice_kind": "B2B", "payment_status": "PENDING", "tax_point_date": day,
        "document_currency_code": "NGN", "tax_currency_code": "NGN",
        "accounting_supplier_party": {
            "party_name": "Simulated Supplies Ltd", "tin": "50607080-0001", "email": "sales@supplies.example",
            "telephone": "+2348050000005", "postal_address": address("5 Depot Road", "NG-LA-IKJ"),
        },
        "accounting_customer_party": {
            "party_name": buyer.name, "tin": buyer.tin, "email": "accounts@kitchen.example",
            "postal_address": address("27 Herbert Macaulay Way", "NG-LA-IKJ"),
        },
        "tax_total": [{"tax_amount": 750, "tax_subtotal": [
            {"taxable_amount": 10000, "tax_amount": 750, "tax_category": {"id": "STANDARD_VAT", "percent": 7.5}},
        ]}],
        "legal_monetary_total": {
            "line_extension_amount": 10000, "tax_exclusive_amount": 10000, "tax_inclusive_amount": 10750,
            "payable_amount": 10750,
        },
        "invoice_line": [{
            "hsn_code": "2106.90", "product_category": "Food preparations", "discount_rate": 0,
            "discount_amount": 0, "fee_rate": 0, "fee_amount": 0, "invoiced_quantity": 4,
            "line_extension_amount": 10000,
            "item": {"name": "Cooking stock", "description": "Carton of 24", "sellers_item_identification": "CS-24"},
            "price": {"price_amount": 2500, "base_quantity": 1, "price_unit": "NGN per 1"},
        }],
    })
}

/// `pull`: what came, within days and by whether it was acknowledged.
pub(super) async fn pull(
    State(world): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    match rows(&world, &query) {
        Ok(rows) => data(&world, "pull", 200, json!({"invoices": rows})),
        Err(fault) => invalid(&world, &fault),
    }
}

fn rows(world: &World, query: &HashMap<String, String>) -> Result<Vec<Value>, String> {
    let day = |name: &str| match query.get(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => shapes::date(text)
            .map(|_| Some(text.clone()))
            .ok_or_else(|| format!("{name} must be a valid date value yyyy-mm-dd (e.g: 2024-04-29)")),
    };
    let confirmed = match query.get("confirmed").map(String::as_str) {
        None | Some("") => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err("confirmed must be true or false".to_owned()),
    };
    let (from, to) = (day("from")?, day("to")?);
    let book = lock(&world.book);
    let key = &world.credentials.authority.api_key;
    let wanted = |received: &&Received| {
        let came = lagos_date(received.at);
        confirmed.is_none_or(|confirmed| confirmed == received.acknowledged)
            && from.as_ref().is_none_or(|from| came >= *from)
            && to.as_ref().is_none_or(|to| came <= *to)
    };
    let row = |received: &Received| {
        let mut row = json!({"irn": received.irn});
        let sealed = received.download(key).filter(|_| book.settings.pull_with_content);
        if let (Some(row), Some(Value::Object(members))) = (row.as_object_mut(), sealed) {
            members.into_iter().for_each(|(name, value)| {
                row.entry(name).or_insert(value);
            });
        }
        row
    };
    Ok(book.inbox.all().iter().filter(wanted).map(row).collect())
}
