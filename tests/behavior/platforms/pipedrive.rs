//! Pipedrive, whose connector is a template.

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
use taxpoynt_sim::{OAuth, Options, Sim, basic_authorization};

pub(crate) struct Pipedrive;

/// What the template has people type as the user; the password is the connection's secret.
const USER: &str = "taxpoynt";

/// So many deals of a world are won: the discounts of each are one call.
const WON: usize = crate::bench::FEW;

fn key(id: &str) -> SourceKey {
    SourceKey::new(RecordKind::Deal, id)
}

fn event(world: &World, (entity, id): (&str, &str), nth: u32, attempt: u32) -> Value {
    json!({
        "data": {"id": id.parse::<u64>().unwrap(), "status": "won", "value": 10, "update_time": "2026-11-20T09:59:58Z"},
        "previous": {"status": "open"},
        "meta": {
            "action": "change", "company_id": world.account, "correlation_id": "c0de0000-0000-4000-8000-000000000000",
            "entity_id": id, "entity": entity, "id": format!("ea5e0000-0000-4000-8000-{nth:012}"), "is_bulk_edit": false,
            "timestamp": "2026-11-20T09:59:58.123Z", "type": "general", "user_id": "23105501", "version": "2.0",
            "webhook_id": "4710827", "webhook_owner_id": "23105501", "change_source": "app", "attempt": attempt + 1,
            "host": "acme.pipedrive.com",
        },
    })
}

#[async_trait]
impl Stand for Pipedrive {
    fn connector(&self) -> Arc<dyn Connector> {
        taxpoynt_tests::platforms().get("pipedrive").unwrap().clone()
    }

    fn open(&self, now: DateTime<Utc>, records: usize) -> World {
        let (sim, _) = Sim::in_process(Options { now: Some(now), ..Options::default() }).unwrap();
        let pipedrive = sim.pipedrive();
        // One deal is there from the start, a day old.
        let mut keys = vec![key(&pipedrive.deal_id())];
        for nth in 1..records {
            let status = if nth < WON { "won" } else { "open" };
            let id = 700_000 + nth;
            let records = json!({
                "deal": {"id": id, "title": format!("Deal {nth}"), "org_id": 501, "person_id": 701, "status": status},
                "products": [{"name": "Thing", "item_price": 10, "quantity": 1, "tax": 7.5, "tax_method": "exclusive"}],
                "discounts": [{"type": "amount", "amount": 1, "description": "For the friendship"}],
            });
            pipedrive.put(&records).unwrap();
            keys.push(key(&id.to_string()));
        }
        let scopes = ["base", "deals:read", "products:read", "contacts:read", "users:read"];
        let credentials = sim.credentials().pipedrive.clone();
        World {
            base_url: sim.urls().pipedrive.parse().unwrap(),
            token: pipedrive.oauth().grant(&scopes, false).access_token,
            key: credentials.api_token,
            account: credentials.company_id.to_string(),
            keys,
            sim,
        }
    }

    fn three_pages(&self) -> usize {
        1030
    }

    async fn change(&self, world: &World, key: &SourceKey) {
        world.sim.pipedrive().change(&key.id, "title", &json!("Changed")).await.unwrap();
    }

    fn oauth(&self, world: &World) -> Option<(OAuth, Registration)> {
        let credentials = &world.sim.credentials().pipedrive;
        let registration = Registration {
            client_id: credentials.client_id.clone(),
            client_secret: credentials.client_secret.clone(),
            redirect_uri: credentials.redirect_uri.clone(),
        };
        Some((world.sim.pipedrive().oauth(), registration))
    }

    async fn disconnect(&self, world: &World) {
        world.sim.pipedrive().uninstall().unwrap();
    }

    fn unknown(&self) -> SourceKey {
        key("1")
    }

    fn words(&self, status: u16) -> Value {
        json!({
            "success": false, "error": "Said by the platform.", "errorCode": status,
            "error_info": "Please check developers.pipedrive.com", "data": null, "additional_data": null,
        })
    }

    fn daily_quota(&self) -> Option<Answer> {
        let answer = Answer::json(429, self.words(429).to_string());
        Some(
            answer
                .with("x-daily-ratelimit-token-limit", "30000")
                .with("x-daily-ratelimit-token-remaining", "0"),
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

    /// Nothing is signed: a user and a password come with the request, and only they are proved.
    fn proof(&self) -> Proof {
        Proof {
            headers: &["authorization"],
            covers_method: true,
            covers_body: false,
            covers_url: false,
            tolerance: None,
        }
    }

    fn letter(&self, world: &World, key: &SourceKey, nth: u32, attempt: u32) -> Letter {
        let body = event(world, ("deal", &key.id), nth, attempt).to_string();
        Letter { body, about: vec![Some(key.clone())] }
    }

    fn kin(&self, world: &World, key: &SourceKey) -> Vec<Letter> {
        let id: u64 = key.id.parse().unwrap();
        let deal = json!({"id": id, "status": "open"});
        let line = json!({"id": 9001, "deal_id": id, "quantity": 2});
        let letters = [
            (("deal", key.id.as_str()), "create", deal.clone(), Value::Null),
            (("deal", &key.id), "delete", Value::Null, deal),
            (("deal_product", "9001"), "create", line.clone(), Value::Null),
            (("deal_product", "9001"), "change", line.clone(), json!({"quantity": 1})),
            // All that is known of a line that is gone is what it was.
            (("deal_product", "9001"), "delete", Value::Null, line),
        ];
        let mut kin = Vec::new();
        for (nth, (of, action, data, previous)) in (200..).zip(letters) {
            let mut event = event(world, of, nth, 0);
            event["meta"]["action"] = action.into();
            event["data"] = data;
            event["previous"] = previous;
            kin.push(Letter { body: event.to_string(), about: vec![Some(key.clone())] });
        }
        kin
    }

    fn batch(&self, _: &World, _: &[SourceKey]) -> Option<Letter> {
        None
    }

    fn strange(&self, world: &World) -> Letter {
        Letter { body: event(world, ("moonbase", "77"), 999, 0).to_string(), about: vec![None] }
    }

    /// Schemes are told apart without regard to case: RFC 9110, section 11.1.
    fn same_proof(&self, one: &str, other: &str) -> bool {
        let parts = |text: &str| {
            text.split_once(' ').map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest.to_owned()))
        };
        parts(one).is_some() && parts(one) == parts(other)
    }

    fn sign(&self, secret: &str, _: &str, _: &str, _: DateTime<Utc>) -> HeaderMap {
        let authorization = basic_authorization(USER, secret);
        HeaderMap::from_iter([("authorization".parse().unwrap(), authorization.parse().unwrap())])
    }
}
