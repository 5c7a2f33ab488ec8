//! The till that `kiosk.toml` describes, as far as the example needs it: three receipts and a buyer's return.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    routing::get,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use tokio::net::TcpListener;

/// What the till wants in `x-kiosk-key`.
pub(crate) const KEY: &str = "kiosk-key-of-the-example";
/// Receipts it holds.
pub(crate) const RECEIPTS: usize = 3;
/// Receipts on a page.
const PAGE: usize = 2;

type Answer = Result<Json<Value>, StatusCode>;

/// Starts it; where it is.
pub(crate) async fn start() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    let routes = Router::new()
        .route("/v1/me", get(me))
        .route("/v1/shops", get(shops))
        .route("/v1/receipts", get(list))
        .route("/v1/receipts/{id}", get(one))
        .with_state(Arc::new(receipts()));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

fn receipts() -> Vec<Value> {
    let receipt = |id: &str, lines: Value, total: u64| {
        json!({
            "id": id, "number": format!("K-{id}"), "status": "closed", "currency": "NGN", "shop_id": 4,
            "opened_at": "2026-11-20T10:00:00Z", "closed_at": "2026-11-20T10:04:00Z", "changed_at": "2026-11-20T10:04:00Z",
            "lines": lines, "total": total, "payments": [{ "how": "card", "amount": total }],
        })
    };
    let rice = json!({ "id": 1, "title": "Rice, 50 kg", "sku": "RI-50", "count": 2, "price": 8_600_000, "vat": 7.5 });
    let oil = json!({ "id": 2, "title": "Palm oil, 5 l", "sku": "PO-5", "count": 1, "price": 1_290_000, "off": 107_500, "vat": 7.5 });
    let mut sold = receipt("501", json!([rice, oil]), 18_382_500);
    sold["buyer"] = json!({
        "name": "Mama Put Foods Ltd", "tin": "23456789-0001", "phone": "0803 000 0001",
        "email": "accounts@mamaput.example", "street": "12 Herbert Macaulay Way", "city": "Yaba", "country": "NG",
    });
    let mut walk_in = receipt("502", json!([oil]), 1_182_500);
    walk_in["closed_at"] = json!("2026-11-20T10:06:00Z");
    walk_in["changed_at"] = walk_in["closed_at"].clone();
    let mut returned = receipt(
        "503",
        json!([{ "id": 1, "title": "Rice, 50 kg", "sku": "RI-50", "count": 1, "price": 8_600_000, "vat": 7.5 }]),
        8_600_000,
    );
    returned["returns"] = json!("501");
    returned["buyer"] = sold["buyer"].clone();
    returned["closed_at"] = json!("2026-11-20T16:00:00Z");
    returned["changed_at"] = returned["closed_at"].clone();
    vec![sold, walk_in, returned]
}

fn signed_in(headers: &HeaderMap) -> Result<(), StatusCode> {
    let key = headers.get("x-kiosk-key").and_then(|key| key.to_str().ok());
    if key == Some(KEY) { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
}

async fn me(headers: HeaderMap) -> Answer {
    signed_in(&headers)?;
    Ok(Json(json!({ "company": { "id": "c-77", "name": "Corner Shop" } })))
}

async fn shops(headers: HeaderMap) -> Answer {
    signed_in(&headers)?;
    Ok(Json(json!({ "shops": [{ "id": 4, "name": "Yaba", "zone": "Africa/Lagos" }] })))
}

async fn list(
    State(receipts): State<Arc<Vec<Value>>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    signed_in(&headers)?;
    let page: usize = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let time = |name: &str| query.get(name).and_then(|time| time.parse::<DateTime<Utc>>().ok());
    let (after, before) = (time("changed_after"), time("changed_before"));
    let within = |receipt: &&Value| {
        let changed = receipt["changed_at"].as_str().and_then(|time| time.parse::<DateTime<Utc>>().ok());
        changed >= after && before.is_none_or(|before| changed <= Some(before))
    };
    let changed: Vec<&Value> = receipts.iter().filter(within).collect();
    let pages = changed.len().div_ceil(PAGE).max(1);
    let shown: Vec<&Value> = changed.into_iter().skip((page.max(1) - 1) * PAGE).take(PAGE).collect();
    Ok(Json(json!({ "receipts": shown, "pages": pages })))
}

async fn one(State(receipts): State<Arc<Vec<Value>>>, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    signed_in(&headers)?;
    let found = receipts.iter().find(|receipt| receipt["id"] == id.as_str());
    found.cloned().map(Json).ok_or(StatusCode::NOT_FOUND)
}
