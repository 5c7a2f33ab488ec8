//! Square.

use super::fixture;
use crate::{
    bench::run,
    stand::{Letter, Proof, Registration, Stand, World},
    wire::Answer,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde_json::{Value, json};
use std::sync::Arc;
use taxpoynt_core::{
    connector::Connector,
    model::{RawRecord, RecordKind, SourceKey},
};
use taxpoynt_sim::{OAuth, Options, Sale, Sim, square_signature};

pub(crate) struct Square;

fn key(id: &str) -> SourceKey {
    SourceKey::new(RecordKind::Order, id)
}

fn event(world: &World, kind: &str, object: Value, nth: u32) -> String {
    json!({
        "merchant_id": world.account, "type": kind, "event_id": format!("be4a0000-0000-4000-8000-{nth:012}"),
        "created_at": "2026-11-20T09:59:58.123Z", "data": {"type": "payment", "id": "PAY", "object": object},
    })
    .to_string()
}

#[async_trait]
impl Stand for Square {
    fn connector(&self) -> Arc<dyn Connector> {
        taxpoynt_tests::platforms().get("square").unwrap().clone()
    }

    fn open(&self, now: DateTime<Utc>, records: usize) -> World {
        let (sim, _) = Sim::in_process(Options { now: Some(now), ..Options::default() }).unwrap();
        let keys = run(async {
            let mut keys = Vec::new();
            for nth in 0..records {
                let sale = if nth % 3 == 0 { Sale::B2b } else { Sale::WalkIn };
                keys.push(key(&sim.square().sell(sale).await.id));
            }
            keys
        });
        let credentials = &sim.credentials().square;
        World {
            base_url: sim.urls().square.parse().unwrap(),
            token: credentials.access_token.clone(),
            key: credentials.access_token.clone(),
            account: credentials.merchant_id.clone(),
            keys,
            sim,
        }
    }

    fn three_pages(&self) -> usize {
        230
    }

    async fn change(&self, world: &World, key: &SourceKey) {
        let record = fixture("square/fixtures/sale_inclusive.json");
        let mut order: Value = serde_json::from_slice(&record).unwrap();
        order = order["order"].take();
        order["id"] = json!(key.id);
        order["location_id"] = json!(world.sim.credentials().square.location_id);
        order["updated_at"] = json!("2026-11-20T09:59:59.999Z");
        order["reference_id"] = json!("changed");
        world.sim.square().put(&order).await.unwrap();
    }

    fn oauth(&self, world: &World) -> Option<(OAuth, Registration)> {
        let credentials = &world.sim.credentials().square;
        let registration = Registration {
            client_id: credentials.client_id.clone(),
            client_secret: credentials.client_secret.clone(),
            redirect_uri: credentials.redirect_uri.clone(),
        };
        Some((world.sim.square().oauth(), registration))
    }

    async fn disconnect(&self, world: &World) {
        world.sim.square().disconnect().await.unwrap();
    }

    fn unknown(&self) -> SourceKey {
        key("NO-SUCH-ORDER")
    }

    fn words(&self, status: u16) -> Value {
        let (category, code) = match status {
            401 => ("AUTHENTICATION_ERROR", "UNAUTHORIZED"),
            403 => ("AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES"),
            404 => ("INVALID_REQUEST_ERROR", "NOT_FOUND"),
            429 => ("RATE_LIMIT_ERROR", "RATE_LIMITED"),
            _ => ("API_ERROR", "INTERNAL_SERVER_ERROR"),
        };
        json!({"errors": [{"category": category, "code": code, "detail": "Said by the platform."}]})
    }

    /// Square publishes no numbers and counts no days.
    fn daily_quota(&self) -> Option<Answer> {
        None
    }

    fn maps(&self) -> &'static [&'static str] {
        &["/responses"]
    }

    fn directs(&self, path: &str) -> bool {
        path.ends_with("/v2/locations")
    }

    fn refund(&self) -> Option<RawRecord> {
        let body = fixture("square/fixtures/refund_itemised.json");
        Some(RawRecord { key: key("RET1"), modified_at: None, body })
    }

    fn proof(&self) -> Proof {
        Proof {
            headers: &["x-square-hmacsha256-signature"],
            covers_body: true,
            covers_url: true,
            covers_method: false,
            tolerance: None,
        }
    }

    /// A repetition is the same body: only headers outside the signature count the attempts.
    fn letter(&self, world: &World, key: &SourceKey, nth: u32, _attempt: u32) -> Letter {
        let object =
            json!({"payment": {"id": format!("PAY{nth}"), "order_id": key.id, "status": "COMPLETED"}});
        Letter { body: event(world, "payment.updated", object, nth), about: vec![Some(key.clone())] }
    }

    fn kin(&self, world: &World, key: &SourceKey) -> Vec<Letter> {
        let state = json!({"order_id": key.id, "version": 3, "state": "COMPLETED"});
        let letters = [
            ("order.updated", json!({"order_updated": state})),
            ("order.fulfillment.updated", json!({"order_fulfillment_updated": {"order_id": key.id}})),
            ("payment.created", json!({"payment": {"id": "PAY", "order_id": key.id}})),
            ("refund.updated", json!({"refund": {"id": "REF", "order_id": key.id, "status": "COMPLETED"}})),
        ];
        let letter = |(nth, (kind, object)): (u32, (&str, Value))| {
            let mut event: Value = serde_json::from_str(&event(world, kind, object, nth)).unwrap();
            event["data"]["type"] = kind.split('.').next().unwrap().into();
            Letter { body: event.to_string(), about: vec![Some(key.clone())] }
        };
        (200..).zip(letters).map(letter).collect()
    }

    fn batch(&self, _: &World, _: &[SourceKey]) -> Option<Letter> {
        None
    }

    fn strange(&self, world: &World) -> Letter {
        let object = json!({"drone": {"id": "D1", "order_id": "NOT-OURS"}});
        Letter { body: event(world, "drone.delivery.landed", object, 999), about: vec![None] }
    }

    fn sign(&self, secret: &str, url: &str, body: &str, _: DateTime<Utc>) -> HeaderMap {
        let signature = square_signature(secret, url, body);
        HeaderMap::from_iter([("x-square-hmacsha256-signature".parse().unwrap(), signature.parse().unwrap())])
    }
}
