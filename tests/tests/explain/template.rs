//! A platform that one template describes: what its records were read as is told as it was, whatever the template says now.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_connectors::register_template;
use taxpoynt_core::{
    Result,
    engine::{Credentials, Engine},
    explain::Origin,
    http::HttpService,
};
use taxpoynt_tests::{House, network};

const KIOSK: &str = include_str!("../../../examples/custom-connector/kiosk.toml");

/// The usual network, with a kiosk that knows its account.
struct Street(Arc<dyn HttpService>);

#[async_trait]
impl HttpService for Street {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        if request.uri().host() == Some("api.kiosk.example") {
            let account = br#"{"company":{"id":"c-77","name":"Corner Shop"}}"#;
            return Ok(http::Response::new(Bytes::from_static(account)));
        }
        self.0.call(request).await
    }
}

/// The house's engine, with a kiosk as this template describes it.
async fn engine(house: &House, template: &str) -> Engine {
    let street = Arc::new(Street(network()));
    let kiosk = |options: &mut taxpoynt_core::engine::EngineOptions| {
        register_template(&mut options.registry, "kiosk.toml", template).unwrap();
    };
    house.site().engine_of(street, kiosk).await.unwrap()
}

#[tokio::test]
async fn a_template_that_changes_changes_no_explanation_of_what_was_made_before() {
    let house = House::open().await;
    let first = engine(&house, KIOSK).await;
    let key = Credentials { access_token: "key".into(), webhook_secret: None };
    let till = first.connect("kiosk", house.tenant, key, BTreeMap::new()).await.unwrap();
    let mut record = json!({
        "receipt": {
            "id": "501", "number": "K-501", "status": "closed", "currency": "NGN", "shop_id": 4, "memo": "K-501",
            "opened_at": "2026-11-20T09:00:00Z", "closed_at": "2026-11-20T09:04:00Z", "changed_at": "2026-11-20T09:04:00Z",
            "lines": [{ "id": 1, "title": "Rice, 50 kg", "sku": "RI-50", "count": 2, "price": 8_600_000, "vat": 7.5 }],
            "total": 17_200_000, "payments": [{ "how": "card", "amount": 17_200_000 }],
        },
        "shop": { "id": 4, "name": "Yaba", "zone": "Africa/Lagos" },
    });
    first.ingest(till.id, Some(house.tenant), record.to_string().as_bytes()).await.unwrap();
    house.settle_with(&first).await;
    let document = house.document("501").await;
    let before = first.explain(document.id, Some(house.tenant)).await.unwrap();
    assert_eq!(before.notes, Vec::<String>::new());
    let text = before.to_string();
    assert!(text.contains("(raw.receipt.number) \"K-501\""), "{text}");
    assert!(!before.elements.iter().any(|entry| matches!(entry.origin, Origin::Unknown { .. })));

    // The same values from elsewhere, and a name that is made otherwise.
    let other = KIOSK
        .replace("reference = \"raw.receipt.number\"", "reference = \"raw.receipt.memo\"")
        .replace("name = \"raw.lines[].title\"", "name = \"raw.lines[].sku\"");
    assert_ne!(other, KIOSK);
    let second = engine(&house, &other).await;
    let after = second.explain(document.id, Some(house.tenant)).await.unwrap();
    assert_eq!(serde_json::to_string(&after).unwrap(), serde_json::to_string(&before).unwrap());
    assert_eq!(after.to_string(), text);

    // Nor has the sale changed because its record is read otherwise now.
    record["receipt"]["changed_at"] = json!("2026-11-21T09:04:00Z");
    second.ingest(till.id, Some(house.tenant), record.to_string().as_bytes()).await.unwrap();
    house.settle_with(&second).await;
    assert_eq!(house.held("501").await, None);

    // Where the platform is gone, that is said.
    let without = house.another_engine().await;
    let told = without.explain(document.id, Some(house.tenant)).await.unwrap();
    assert!(told.notes[0].contains("kiosk"), "{:?}", told.notes);
    assert_eq!(told.elements.len(), before.elements.len());
}
