//! After an import thousands of deals share one moment, more than a search page holds and more than it may return.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_core::{
    Result,
    clock::ManualClock,
    connector::{Connector, Context},
    http::HttpService,
    sync::{Seen, Walk, Window},
};
use taxpoynt_hubspot::HubSpot;

/// Answers searches over deals `(id, stamp)` as HubSpot does: equal stamps in no useful order. Everything else is
/// empty.
struct Portal(Vec<(u64, i64)>);

impl Portal {
    fn search(&self, request: &Value) -> Value {
        let filters = request["filterGroups"][0]["filters"].as_array().unwrap();
        let fits = |(id, stamp): &&(u64, i64)| {
            filters.iter().all(|filter| {
                let wanted: i64 = filter["value"].as_str().unwrap().parse().unwrap();
                let own = if filter["propertyName"] == "hs_object_id" {
                    i64::try_from(*id).unwrap()
                } else {
                    *stamp
                };
                match filter["operator"].as_str().unwrap() {
                    "GTE" => own >= wanted,
                    "LTE" => own <= wanted,
                    "GT" => own > wanted,
                    other => panic!("{other}"),
                }
            })
        };
        let mut found: Vec<_> = self.0.iter().filter(fits).collect();
        let by_id = request["sorts"][0]["propertyName"] == "hs_object_id";
        // A multiplicative hash stands for HubSpot's unstated order of equal stamps.
        found.sort_by_key(
            |(id, stamp)| if by_id { (*id, 0) } else { (u64::try_from(*stamp).unwrap(), id * 7919 % 4001) },
        );
        let limit = usize::try_from(request["limit"].as_u64().unwrap()).unwrap();
        let results: Vec<_> = found.iter().take(limit).map(|(id, stamp)| deal(*id, *stamp)).collect();
        let mut answer = json!({"total": found.len(), "results": results});
        if found.len() > limit {
            answer["paging"] = json!({"next": {"after": limit.to_string()}});
        }
        answer
    }
}

fn deal(id: u64, stamp: i64) -> Value {
    let stamp = chrono::DateTime::from_timestamp_millis(stamp).unwrap().to_rfc3339();
    json!({"id": id.to_string(), "properties": {"amount": "1", "hs_lastmodifieddate": stamp}})
}

#[async_trait]
impl HttpService for Portal {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let answer = if request.uri().path().ends_with("/search") {
            self.search(&serde_json::from_slice(request.body()).unwrap())
        } else {
            json!({"results": []})
        };
        Ok(http::Response::new(Bytes::from(answer.to_string())))
    }
}

#[tokio::test]
async fn deals_of_one_moment_are_all_pulled_and_so_are_those_around_it() {
    let crowd = (1..=1_000_u64).map(|id| (id, 5_000));
    let before = (2_001..=2_150_u64).map(|id| (id, 4_000));
    let after = (3_001..=3_150_u64).map(|id| (id, 5_001));
    let all: Vec<_> = crowd.chain(before).chain(after).collect();
    let cx = Context {
        http: Arc::new(Portal(all.clone())),
        base_url: "https://api.example.com/".parse().unwrap(),
        settings: BTreeMap::new(),
        account: None,
        clock: Arc::new(ManualClock::new(common::now())),
    };
    let rules = HubSpot.info().pull;
    let parts = HubSpot.parts(&cx).await.unwrap();
    let mut walk = Walk::new(Window::default(), parts, common::now(), &rules);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..30 {
        let Some(pull) = walk.ask() else {
            assert_eq!(seen.len(), all.len());
            return;
        };
        let batch = HubSpot.pull(&cx, pull).await.unwrap();
        walk.advance(&rules, &Seen::of(&batch)).unwrap();
        seen.extend(batch.records.into_iter().map(|record| record.key.id.parse::<u64>().unwrap()));
    }
    panic!("the pull does not end");
}
