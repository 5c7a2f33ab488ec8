//! HubSpot.

use crate::{
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
use taxpoynt_sim::{OAuth, Options, Sim, hubspot_signature_v3};

pub(crate) struct HubSpot;

fn key(id: &str) -> SourceKey {
    SourceKey::new(RecordKind::Deal, id)
}

fn event(world: &World, key: &SourceKey, nth: u32, attempt: u32) -> Value {
    json!({
        // Not unique, as HubSpot documents: the identity lies in the rest.
        "eventId": 1, "subscriptionId": 17, "portalId": world.account.parse::<u64>().unwrap(), "appId": 7_204_511,
        "occurredAt": 1_795_168_798_000_u64 + u64::from(nth), "subscriptionType": "deal.propertyChange",
        "attemptNumber": attempt, "objectId": key.id.parse::<u64>().unwrap(), "changeSource": "CRM_UI",
        "propertyName": "dealstage", "propertyValue": "closedwon",
    })
}

#[async_trait]
impl Stand for HubSpot {
    fn connector(&self) -> Arc<dyn Connector> {
        taxpoynt_tests::platforms().get("hubspot").unwrap().clone()
    }

    fn open(&self, now: DateTime<Utc>, records: usize) -> World {
        let (sim, _) = Sim::in_process(Options { now: Some(now), ..Options::default() }).unwrap();
        // One deal is there from the start, a day old.
        let mut keys = vec![key(sim.hubspot().deal_id())];
        for nth in 1..records {
            let (id, line) = ((700_000 + nth).to_string(), (900_000 + nth).to_string());
            let deal = json!({"dealname": format!("Deal {nth}"), "amount": "10", "deal_currency_code": "NGN",
                "dealstage": "closedwon", "pipeline": "default", "hs_is_closed_won": "true",
                "closedate": "2026-11-20T09:00:00.000Z"});
            let item = json!({"name": "Thing", "price": "10", "quantity": "1"});
            let company = json!({"name": "Buyer Ltd", "country": "Nigeria"});
            let records = json!({
                "deal": {"id": id, "properties": deal}, "line_items": [{"id": line, "properties": item}],
                "companies": [{"id": "555000", "properties": company}],
            });
            sim.hubspot().put(&records).unwrap();
            keys.push(key(&id));
        }
        let credentials = &sim.credentials().hubspot;
        World {
            base_url: sim.urls().hubspot.parse().unwrap(),
            token: credentials.access_token.clone(),
            key: credentials.access_token.clone(),
            account: credentials.portal_id.to_string(),
            keys,
            sim,
        }
    }

    fn three_pages(&self) -> usize {
        430
    }

    async fn change(&self, world: &World, key: &SourceKey) {
        world.sim.hubspot().win(&key.id).await.unwrap();
    }

    fn oauth(&self, world: &World) -> Option<(OAuth, Registration)> {
        let credentials = &world.sim.credentials().hubspot;
        let registration = Registration {
            client_id: credentials.client_id.clone(),
            client_secret: credentials.client_secret.clone(),
            redirect_uri: credentials.redirect_uri.clone(),
        };
        Some((world.sim.hubspot().oauth(), registration))
    }

    async fn disconnect(&self, world: &World) {
        world.sim.hubspot().uninstall().unwrap();
    }

    fn unknown(&self) -> SourceKey {
        key("1")
    }

    fn words(&self, status: u16) -> Value {
        let category = match status {
            401 => "INVALID_AUTHENTICATION",
            403 => "MISSING_SCOPES",
            404 => "OBJECT_NOT_FOUND",
            429 => "RATE_LIMITS",
            _ => "INTERNAL_ERROR",
        };
        let id = "00000000-0000-4000-8000-00000000c0de";
        json!({"status": "error", "message": "Said by the platform.", "correlationId": id, "category": category})
    }

    fn daily_quota(&self) -> Option<Answer> {
        let body = json!({
            "status": "error", "message": "You have reached your daily limit.", "errorType": "RATE_LIMIT",
            "correlationId": "00000000-0000-4000-8000-00000000c0de", "policyName": "DAILY",
        });
        let answer = Answer::json(429, body.to_string());
        Some(
            answer
                .with("x-hubspot-ratelimit-daily", "625000")
                .with("x-hubspot-ratelimit-daily-remaining", "0"),
        )
    }

    fn maps(&self) -> &'static [&'static str] {
        &[]
    }

    fn directs(&self, _: &str) -> bool {
        false
    }

    fn refund(&self) -> Option<RawRecord> {
        None
    }

    fn proof(&self) -> Proof {
        let headers = &["x-hubspot-signature-v3", "x-hubspot-request-timestamp"];
        Proof { headers, covers_body: true, covers_url: true, covers_method: true, tolerance: Some(300) }
    }

    fn letter(&self, world: &World, key: &SourceKey, nth: u32, attempt: u32) -> Letter {
        Letter { body: json!([event(world, key, nth, attempt)]).to_string(), about: vec![Some(key.clone())] }
    }

    fn kin(&self, world: &World, key: &SourceKey) -> Vec<Letter> {
        let letter = |(nth, kind): (u32, &str)| {
            let mut event = event(world, key, nth, 0);
            event["subscriptionType"] = kind.into();
            for name in ["propertyName", "propertyValue"] {
                event.as_object_mut().unwrap().remove(name);
            }
            Letter { body: json!([event]).to_string(), about: vec![Some(key.clone())] }
        };
        (200..).zip(["deal.creation", "deal.deletion", "deal.restore"]).map(letter).collect()
    }

    fn batch(&self, world: &World, keys: &[SourceKey]) -> Option<Letter> {
        let events: Vec<Value> = keys.iter().zip(50..).map(|(key, nth)| event(world, key, nth, 0)).collect();
        Some(Letter {
            body: Value::from(events).to_string(),
            about: keys.iter().cloned().map(Some).collect(),
        })
    }

    fn strange(&self, world: &World) -> Letter {
        let mut event = event(world, &key("77"), 999, 0);
        event["subscriptionType"] = json!("moonbase.landing");
        Letter { body: json!([event]).to_string(), about: vec![None] }
    }

    fn sign(&self, secret: &str, url: &str, body: &str, at: DateTime<Utc>) -> HeaderMap {
        let stamp = at.timestamp_millis().to_string();
        let signature = hubspot_signature_v3(secret, "POST", url, body, &stamp);
        HeaderMap::from_iter([
            ("x-hubspot-signature-v3".parse().unwrap(), signature.parse().unwrap()),
            ("x-hubspot-request-timestamp".parse().unwrap(), stamp.parse().unwrap()),
        ])
    }
}
