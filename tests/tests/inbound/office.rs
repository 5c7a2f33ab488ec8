//! An engine whose tenants receive documents, over the double of the authority.

use crate::post::Post;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::{path::PathBuf, sync::Arc, time::Duration};
use taxpoynt_core::{
    Vault,
    engine::{AuthorityOptions, Engine, EngineOptions},
    firs::ApiKeys,
    store::{Inbound, InboundFilter, InboundState, Sqlite},
    tenant::{AuthorityCredentials, InboundPolicy, Tenant},
};
use taxpoynt_tests::{TestClock, platforms};
use uuid::Uuid;

pub(crate) const OWN_KEY: &str = "11aa22bb-0000-4000-8000-000000000000";
pub(crate) const SHARED_KEY: &str = "99ff88ee-0000-4000-8000-000000000000";
pub(crate) const TIN: &str = "87654321-0001";

/// An engine with one tenant, who has a key pair of its own.
pub(crate) struct Office {
    pub(crate) post: Arc<Post>,
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) tenant: Uuid,
    pub(crate) store: Sqlite,
    key: SecretString,
    folder: PathBuf,
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn tenant(name: &str, tin: &str, key: Option<&str>, policy: InboundPolicy) -> Tenant {
    let mut tenant = Tenant { name: name.into(), tin: Some(tin.into()), ..Tenant::default() };
    tenant.policy.inbound = policy;
    tenant.authority = key.map(|key| AuthorityCredentials {
        api_key: Some(key.into()),
        api_secret: Some("secret".into()),
        crypto_keys: None,
        ..AuthorityCredentials::default()
    });
    tenant
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::with(tenant("Kainji Stores Ltd", TIN, Some(OWN_KEY), InboundPolicy::HoldFaulty)).await
    }

    pub(crate) async fn with(tenant: Tenant) -> Self {
        let now: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let folder = std::env::temp_dir().join(format!("taxpoynt-inbound-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let (post, clock) = (Arc::new(Post::default()), Arc::new(TestClock::new(now)));
        let key = SecretString::from(Vault::generate_key());
        let store = Sqlite::open(&format!("sqlite://{}/t.db", folder.display())).await.unwrap();
        let engine = assemble(&store, &post, &clock, &key).await;
        let tenant = engine.add_tenant(tenant).await.unwrap().id.unwrap();
        Self { post, engine, clock, tenant, store, key, folder }
    }

    /// Another engine on the same store, as after a restart.
    pub(crate) async fn another_engine(&self) -> Engine {
        assemble(&self.store, &self.post, &self.clock, &self.key).await
    }

    pub(crate) async fn pull(&self) -> taxpoynt_core::engine::InboundReport {
        self.engine.pull_inbound(self.tenant, None, None).await.unwrap()
    }

    /// Works until nothing is left, however long attempts have to wait.
    pub(crate) async fn settle(&self) {
        for _ in 0..10_000 {
            let drained = self.engine.drain(Duration::from_millis(1)).await.unwrap();
            match (drained.empty, drained.later) {
                (true, 0) => return,
                (true, _) => self.clock.advance(Duration::from_secs(300)),
                (false, _) => tokio::task::yield_now().await,
            }
        }
        panic!("the queue never becomes empty");
    }

    /// Works what is due now.
    pub(crate) async fn work(&self) {
        while self.engine.work_once().await.unwrap() > 0 {}
    }

    /// All documents of a tenant, oldest first, with their content.
    pub(crate) async fn documents(&self, tenant: Uuid) -> Vec<Inbound> {
        let mut all = Vec::new();
        let mut filter =
            InboundFilter { tenant: Some(tenant), limit: Some(1000), ..InboundFilter::default() };
        loop {
            let page = self.engine.inbound(&filter).await.unwrap();
            for row in page.items {
                all.push(self.engine.inbound_document(row.id, Some(tenant)).await.unwrap());
            }
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => break,
            }
        }
        all.reverse();
        all
    }

    /// The only document there is.
    pub(crate) async fn only(&self) -> Inbound {
        let mut all = self.documents(self.tenant).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// (state, code) of the only document there is.
    pub(crate) async fn outcome(&self) -> (InboundState, Option<String>) {
        let only = self.only().await;
        (only.state, only.code)
    }
}

async fn assemble(store: &Sqlite, post: &Arc<Post>, clock: &Arc<TestClock>, key: &SecretString) -> Engine {
    let mut options = EngineOptions::new(vec![key.clone()], platforms());
    let base_url = "https://authority.example/".parse().unwrap();
    options.authority = Some(AuthorityOptions {
        base_url,
        keys: Some(ApiKeys::new(SHARED_KEY, "secret")),
        webhook_secret: None,
    });
    options.clock = clock.clone();
    Engine::assemble(Arc::new(store.clone()), post.clone(), options).await.unwrap()
}

pub(crate) const IRN: &str = "SUP-2026-7-4D5E6F70-20261118";

fn party(name: &str, tin: &str) -> Value {
    json!({
        "party_name": name, "tin": tin, "email": "post@party.example", "telephone": "+2348030001122",
        "business_description": "Paper and print",
        "postal_address": {
            "street_name": "5 Marina", "city_name": "Lagos Island", "postal_zone": "101001", "lga": "NG-LA-LIS",
            "state": "NG-LA", "country": "NG",
        },
    })
}

/// An invoice over two reams at two rates, to the buyer with this TIN.
pub(crate) fn invoice(irn: &str, buyer_tin: &str) -> Value {
    json!({
        "business_id": "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9", "irn": irn, "issue_date": "2026-11-18",
        "due_date": "2026-12-18", "invoice_type_code": "381", "invoice_kind": "B2B", "payment_status": "PENDING",
        "document_currency_code": "NGN", "tax_currency_code": "NGN", "order_reference": "PO-12",
        "accounting_supplier_party": party("Ream & Sons Ltd", "22334455-0001"),
        "accounting_customer_party": party("Kainji Stores Ltd", buyer_tin),
        "payment_means": [{"payment_means_code": "30", "payment_due_date": "2026-12-18"}],
        "tax_total": [{"tax_amount": 1500, "tax_subtotal": [
            {"taxable_amount": 20000, "tax_amount": 1500, "tax_category": {"id": "STANDARD_VAT", "percent": 7.5}},
            {"taxable_amount": 5000, "tax_amount": 0, "tax_category": {"id": "ZERO_VAT", "percent": 0}},
        ]}],
        "legal_monetary_total": {
            "line_extension_amount": 25000, "tax_exclusive_amount": 25000, "tax_inclusive_amount": 26500,
            "payable_amount": 26500,
        },
        "invoice_line": [
            {
                "hsn_code": "4802.56", "product_category": "Uncoated paper", "discount_rate": 0, "discount_amount": 0,
                "fee_rate": 0, "fee_amount": 0, "invoiced_quantity": 4, "line_extension_amount": 20000,
                "item": {"name": "Ream of A4", "description": "80 g", "sellers_item_identification": "A4-80"},
                "price": {"price_amount": 5000, "base_quantity": 1, "price_unit": "NGN per 1"},
            },
            {
                "hsn_code": "4901.99", "product_category": "Printed books", "discount_rate": 0, "discount_amount": 0,
                "fee_rate": 0, "fee_amount": 0, "invoiced_quantity": 1, "line_extension_amount": 5000,
                "item": {"name": "School book", "description": "Primary 4", "sellers_item_identification": "BK-4"},
                "price": {"price_amount": 5000, "base_quantity": 1, "price_unit": "NGN per 1"},
            },
        ],
    })
}
