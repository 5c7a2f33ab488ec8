//! What the tests share: a client of the simulators, a receiver of webhooks, and a payload that is right.
#![allow(dead_code, clippy::panic, reason = "each test file uses its part; a test that cannot go on fails")]

pub(crate) mod desk;

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use serde_json::{Value, json};
use std::{
    env, fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use taxpoynt_sim::{Options, Sim};

/// A run with a client for it.
pub(crate) struct Run {
    pub(crate) sim: Sim,
    http: reqwest::Client,
}

/// A status and a JSON body.
pub(crate) type Answer = (u16, Value);

impl Run {
    pub(crate) async fn start() -> Self {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        let sim = Sim::start(Options { now: Some(now), ..Options::default() }).await.unwrap();
        Self { sim, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// A call with everything in the caller's hands.
    pub(crate) async fn raw(
        &self,
        method: &str,
        url: String,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let mut request = self.http.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        request.send().await
    }

    async fn call(
        &self,
        method: &str,
        url: String,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let response = self.raw(method, url, headers, body).await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
    }

    pub(crate) fn authority_url(&self, path: &str) -> String {
        format!("{}api/v1/{path}", self.sim.urls().authority)
    }

    /// A call to the authority with the right keys.
    pub(crate) async fn authority(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let keys = &self.sim.credentials().authority;
        let headers = [("x-api-key", &*keys.api_key), ("x-api-secret", &*keys.api_secret)];
        self.call(method, self.authority_url(path), &headers, body).await
    }

    /// The same, where no answer may come.
    pub(crate) async fn try_authority(
        &self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<Vec<u8>, reqwest::Error> {
        let keys = &self.sim.credentials().authority;
        let headers = [("x-api-key", &*keys.api_key), ("x-api-secret", &*keys.api_secret)];
        let response = self.raw(method, self.authority_url(path), &headers, Some(body)).await?;
        Ok(response.bytes().await?.to_vec())
    }

    /// A call to Square with the right token.
    pub(crate) async fn square(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let token = format!("Bearer {}", self.sim.credentials().square.access_token);
        self.call(method, format!("{}{path}", self.sim.urls().square), &[("authorization", &token)], body)
            .await
    }

    /// A call to HubSpot with the right token.
    pub(crate) async fn hubspot(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let token = format!("Bearer {}", self.sim.credentials().hubspot.access_token);
        self.call(method, format!("{}{path}", self.sim.urls().hubspot), &[("authorization", &token)], body)
            .await
    }

    /// A control call.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.call(method, format!("{}{path}", self.sim.urls().control), &[], body).await
    }

    /// A right invoice under a number.
    pub(crate) fn invoice(&self, number: &str) -> Value {
        let keys = &self.sim.credentials().authority;
        json!({
            "business_id": keys.business_id,
            "irn": format!("{number}-{}-20261120", keys.service_id),
            "issue_date": "2026-11-20", "due_date": "2026-12-20", "issue_time": "11:00:00",
            "invoice_type_code": "381", "invoice_kind": "B2B", "payment_status": "PENDING",
            "tax_point_date": "2026-11-20", "document_currency_code": "NGN", "tax_currency_code": "NGN",
            "accounting_supplier_party": party(&keys.name, &keys.tin),
            "accounting_customer_party": party("Delta Marine Stores Ltd", "40506070-0001"),
            "payment_means": [{"payment_means_code": "30", "payment_due_date": "2026-12-20"}],
            "allowance_charge": [{"charge_indicator": false, "amount": 100}, {"charge_indicator": true, "amount": 40.5}],
            "tax_total": [{"tax_amount": 145.54, "tax_subtotal": [
                {"taxable_amount": 1940.5, "tax_amount": 145.54, "tax_category": {"id": "STANDARD_VAT", "percent": 7.5}},
                {"taxable_amount": 500, "tax_amount": 0, "tax_category": {"id": "ZERO_VAT", "percent": 0}},
            ]}],
            "legal_monetary_total": {
                "line_extension_amount": 2500, "tax_exclusive_amount": 2440.5,
                "tax_inclusive_amount": 2586.04, "payable_amount": 2586.04,
            },
            "invoice_line": [goods(), service()],
        })
    }
}

fn party(name: &str, tin: &str) -> Value {
    json!({
        "party_name": name, "tin": tin, "email": "office@party.example", "telephone": "+2348031110000",
        "business_description": "General trade",
        "postal_address": {
            "street_name": "5 Wharf Road", "city_name": "Apapa", "postal_zone": "102273",
            "lga": "NG-LA-APA", "state": "NG-LA", "country": "NG",
        },
    })
}

fn goods() -> Value {
    json!({
        "hsn_code": "2106.90", "product_category": "Food preparations",
        "discount_rate": 0, "discount_amount": 0, "fee_rate": 0, "fee_amount": 0,
        "invoiced_quantity": 2.5, "line_extension_amount": 2000,
        "item": {"name": "Pepper sauce", "description": "By the litre", "sellers_item_identification": "PS-1"},
        "price": {"price_amount": 800, "base_quantity": 1, "price_unit": "NGN per 1"},
    })
}

fn service() -> Value {
    json!({
        "isic_code": "8549", "service_category": "Other education n.e.c.",
        "invoiced_quantity": 1, "line_extension_amount": 500,
        "item": {"name": "Course", "description": ""},
        "price": {"price_amount": 500, "base_quantity": 1, "price_unit": "NGN per 1"},
    })
}

/// A webhook as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A receiver of webhooks that answers 204 and keeps everything.
pub(crate) struct Inbox {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Inbox {
    pub(crate) async fn open() -> Self {
        let received = Arc::new(Mutex::new(Vec::new()));
        let keep = async |State(kept): State<Arc<Mutex<Vec<Received>>>>, headers: HeaderMap, body: Bytes| {
            let body = String::from_utf8(body.to_vec()).unwrap();
            kept.lock().unwrap().push(Received { headers, body });
            axum::http::StatusCode::NO_CONTENT
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/hooks/in?from=sim&next=https%3A%2F%2Fa.example%2Fb",
            listener.local_addr().unwrap()
        );
        let router = Router::new().route("/hooks/in", post(keep)).with_state(received.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// A file of the reference data, which must be there.
pub(crate) fn reference(path: &str) -> Value {
    let root = env::var_os("TAXPOYNT_REFERENCE").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let file = root.join(path);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{} cannot be read ({error}): set TAXPOYNT_REFERENCE to the reference data", file.display())
    });
    serde_json::from_str(&text).unwrap()
}
