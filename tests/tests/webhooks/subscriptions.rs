//! Subscriptions at Square: made, taken over, mended, renewed and ended by its API, and their keys sealed.
#![allow(clippy::disallowed_methods, reason = "a test that would wait for ever fails instead")]

use crate::{
    desk::{Desk, SQUARE_URL, payment, square},
    square_api::{SquareApi, TOKEN},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    Clock, ErrorKind,
    engine::{App, SubscriptionOutcome},
    store::{Connection, ConnectionState, SubscriptionState, TenantStore},
};
use uuid::Uuid;

struct Town {
    desk: Desk,
    api: Arc<SquareApi>,
    tenant: Uuid,
    till: Connection,
}

/// With the app's token, else with the connection's own.
async fn town(with_app: bool) -> Town {
    let api = SquareApi::new("M1");
    let app = App { management_token: Some(TOKEN.into()), ..App::default() };
    let apps = if with_app { [("square".to_owned(), app)].into() } else { Default::default() };
    let desk = Desk::with(apps, api.clone()).await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let till = desk.till(tenant, if with_app { "a seller's token" } else { TOKEN }, None).await;
    Town { desk, api, tenant, till }
}

impl Town {
    async fn subscribe(&self) -> SubscriptionOutcome {
        self.desk.engine.subscribe(self.till.id, Some(self.tenant)).await.unwrap().outcome
    }

    async fn give(&self, target: &str, key: &str, event: &str) -> u16 {
        square(&self.desk.engine, target, key, &payment("M1", event, "O1")).await.status
    }
}

#[tokio::test]
async fn a_subscription_is_made_once_and_its_key_is_live_and_sealed() {
    for with_app in [true, false] {
        let town = town(with_app).await;
        let target = if with_app { "square".to_owned() } else { town.till.id.to_string() };
        assert_eq!(town.subscribe().await, SubscriptionOutcome::Created);
        let [made] = town.api.subscriptions().try_into().unwrap();
        assert_eq!((&made["notification_url"], &made["enabled"]), (&json!(SQUARE_URL), &json!(true)));
        assert!(made["event_types"].as_array().unwrap().contains(&json!("payment.updated")));
        let key = town.api.signature_key();
        assert_eq!(town.give(&target, &key, "e1").await, 200);
        assert_eq!(town.give(&target, "another key", "e2").await, 401);
        assert_eq!(town.subscribe().await, SubscriptionOutcome::Unchanged);
        assert_eq!(town.api.changes(), ["POST "]);
        let [stored] = town.desk.engine.subscriptions().await.unwrap().try_into().unwrap();
        assert_eq!(stored.connection, (!with_app).then_some(town.till.id));
        assert!(!format!("{stored:?}").contains(&key));
    }
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_subscription_and_no_lost_key() {
    let town = town(true).await;
    town.api.lose_next_answer();
    town.desk.engine.subscribe(town.till.id, None).await.unwrap_err();
    assert_eq!(town.api.subscriptions().len(), 1);
    // It is there, and its key was never seen: it is taken over with a key of its own.
    assert_eq!(town.subscribe().await, SubscriptionOutcome::Adopted);
    assert_eq!(town.api.subscriptions().len(), 1);
    assert_eq!(town.give("square", &town.api.signature_key(), "e1").await, 200);
}

#[tokio::test]
async fn what_drifted_at_the_platform_is_put_right_and_named() {
    let town = town(true).await;
    town.subscribe().await;
    let key = town.api.signature_key();
    town.api.edit(|all| {
        all[0]["notification_url"] = json!("https://elsewhere.example/");
        all[0]["event_types"] = json!(["payment.updated", "dispute.created"]);
        all[0]["enabled"] = json!(false);
        all[0]["api_version"] = json!("2021-12-15");
    });
    let [check] = town.desk.engine.check_subscriptions().await.unwrap().try_into().unwrap();
    assert_eq!(check.outcome, SubscriptionOutcome::Amended);
    assert_eq!(check.drift, ["url", "events", "disabled", "version"]);
    let [mended] = town.api.subscriptions().try_into().unwrap();
    assert_eq!((&mended["notification_url"], &mended["enabled"]), (&json!(SQUARE_URL), &json!(true)));
    assert_eq!(town.give("square", &key, "e1").await, 200, "the key is the same");
    let [check] = town.desk.engine.check_subscriptions().await.unwrap().try_into().unwrap();
    assert_eq!(check.outcome, SubscriptionOutcome::Unchanged);
}

#[tokio::test]
async fn one_deleted_at_the_platform_is_made_anew_by_the_workers() {
    let town = town(true).await;
    town.subscribe().await;
    let old = town.api.signature_key();
    town.api.edit(Vec::clear);
    town.desk.engine.work_once().await.unwrap();
    assert!(town.api.subscriptions().is_empty(), "not due yet");
    town.desk.clock.advance(Duration::from_secs(6 * 3600));
    town.desk.engine.work_once().await.unwrap();
    // The check runs beside the work.
    let is_renewed = async || town.desk.engine.subscriptions().await.unwrap()[0].external_id == "wbhk_2";
    for _ in 0..100_000 {
        if is_renewed().await {
            break;
        }
        tokio::task::yield_now().await;
    }
    let key = town.api.signature_key();
    assert_ne!(key, old);
    assert_eq!(town.give("square", &key, "e1").await, 200);
    assert_eq!(town.give("square", &old, "e2").await, 200, "what is still on its way under the old key");
}

#[tokio::test]
async fn a_renewed_key_is_taken_beside_the_old_until_that_is_retired() {
    let town = town(true).await;
    town.subscribe().await;
    let old = town.api.signature_key();
    town.desk.engine.renew_webhook_secret(town.till.id, Some(town.tenant)).await.unwrap();
    let new = town.api.signature_key();
    assert_eq!([town.give("square", &old, "e1").await, town.give("square", &new, "e2").await], [200, 200]);
    town.desk.engine.retire_old_webhook_secrets("square", None).await.unwrap();
    assert_eq!([town.give("square", &old, "e3").await, town.give("square", &new, "e4").await], [401, 200]);
}

#[tokio::test]
async fn the_apps_subscription_ends_with_its_last_connection() {
    let town = town(true).await;
    town.subscribe().await;
    let other = town.desk.tenant("Bola Stores").await;
    let second = town.desk.till(other, "another seller", None).await;
    let engine = &town.desk.engine;
    assert!(!engine.unsubscribe(town.till.id, Some(town.tenant)).await.unwrap(), "the other one needs it");
    assert_eq!(town.api.subscriptions().len(), 1);
    town.desk
        .store
        .set_connection_state(second.id, ConnectionState::Removed, town.desk.clock.now())
        .await
        .unwrap();
    let key = town.api.signature_key();
    assert!(engine.unsubscribe(town.till.id, Some(town.tenant)).await.unwrap());
    assert!(town.api.subscriptions().is_empty() && engine.subscriptions().await.unwrap().is_empty());
    assert_eq!(town.give("square", &key, "e1").await, 401, "its key opens nothing any more");
    // Again from the start: a new one, not what the platform remembers under an old idempotency key.
    assert_eq!(town.subscribe().await, SubscriptionOutcome::Created);
    assert_eq!(town.api.subscriptions().len(), 1);
    assert_eq!(town.give("square", &town.api.signature_key(), "e2").await, 200);
}

#[tokio::test]
async fn a_platform_that_refuses_is_explained_and_noted_and_holds_no_removal_up() {
    let town = town(true).await;
    town.subscribe().await;
    // A process that was opened with a token that was revoked since.
    let revoked = App { management_token: Some("revoked".into()), ..App::default() };
    let desk = Desk::with([("square".to_owned(), revoked)].into(), town.api.clone()).await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let till = desk.till(tenant, "a seller's token", None).await;
    let refused = desk.engine.subscribe(till.id, None).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
    assert!(refused.message().contains("personal access token"), "{refused}");

    let own = self::town(false).await;
    own.subscribe().await;
    own.desk.connect_again(own.tenant, "M1", "revoked").await;
    let [check] = own.desk.engine.check_subscriptions().await.unwrap().try_into().unwrap();
    assert_eq!(check.outcome, SubscriptionOutcome::Failed);
    let [stored] = own.desk.engine.subscriptions().await.unwrap().try_into().unwrap();
    assert_eq!(stored.state, SubscriptionState::Failing);
    assert!(
        stored.message.as_ref().is_some_and(|why| why.contains("credentials") || why.contains("connect")),
        "it says why: {:?}",
        stored.message
    );
    let till = own.desk.engine.connections(None).await.unwrap().remove(0);
    let why = own.desk.engine.end_subscription_of_removed(&till).await.unwrap().expect("it stays there");
    assert!(!why.is_empty() && !why.contains("revoked"), "{why}");
    assert!(own.desk.engine.subscriptions().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_platform_without_the_api_and_a_connection_without_an_address_are_told_what_to_do() {
    let desk = Desk::open().await;
    let tenant = desk.tenant("Ada Foods Ltd").await;
    let crm = desk.crm(tenant, "11", None).await;
    let refused = desk.engine.subscribe(crm.id, Some(tenant)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    assert!(refused.message().contains("by hand, as the guide says"), "{refused}");
    let till = desk.till_without_address(tenant).await;
    let refused = desk.engine.subscribe(till.id, Some(tenant)).await.unwrap_err();
    assert_eq!((refused.kind(), refused.get("field")), (ErrorKind::Config, Some("webhook_url")));
}

/// What the connection's history says of its end.
async fn farewell(town: &Town) -> String {
    let log = town.desk.engine.connection_log(town.till.id, None).await.unwrap();
    log.into_iter().rfind(|line| line.event == "connection.forgotten").unwrap().detail
}

#[tokio::test]
async fn a_removed_connection_takes_its_subscription_along() {
    for with_app in [true, false] {
        let town = town(with_app).await;
        town.subscribe().await;
        let key = town.api.signature_key();
        let removal = town.desk.engine.remove(town.till.id, Some(town.tenant)).await.unwrap();
        assert!(!removal.how.contains("webhook"), "nothing is left to do there: {}", removal.how);
        assert_eq!(town.api.changes(), ["POST ", "DELETE wbhk_1"]);
        assert!(town.api.subscriptions().is_empty());
        assert!(town.desk.engine.subscriptions().await.unwrap().is_empty());
        let target = if with_app { "square".to_owned() } else { town.till.id.to_string() };
        assert_eq!(town.give(&target, &key, "e1").await, if with_app { 401 } else { 410 });
    }
}

#[tokio::test]
async fn the_apps_subscription_stays_while_another_connection_needs_it() {
    let town = town(true).await;
    town.subscribe().await;
    let other = town.desk.tenant("Bola Stores").await;
    let second = town.desk.till(other, "another seller", None).await;
    town.desk.engine.remove(town.till.id, None).await.unwrap();
    assert_eq!(town.api.subscriptions().len(), 1);
    town.desk.engine.remove(second.id, None).await.unwrap();
    assert!(town.api.subscriptions().is_empty());
}

#[tokio::test]
async fn a_platform_that_gives_no_answer_holds_no_removal_up_and_what_stays_there_is_told() {
    let town = town(false).await;
    town.subscribe().await;
    town.api.fall_silent();
    let (engine, till) = (town.desk.engine.clone(), town.till.id);
    let removing = tokio::spawn(async move { engine.remove(till, None).await });
    let state = async || town.desk.engine.connections(None).await.unwrap()[0].state;
    let gone = async { while state().await != ConnectionState::Removed {} };
    tokio::time::timeout(Duration::from_secs(60), gone)
        .await
        .expect("it is out of use before anybody is asked");
    let ended = async {
        while !removing.is_finished() {
            town.desk.clock.advance(Duration::from_secs(10));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("half a minute is waited, no more");
    let removal = removing.await.unwrap().unwrap();
    for said in [removal.how, farewell(&town).await] {
        assert!(said.contains("its webhook stays at the platform, end it there: "), "{said}");
    }
    assert_eq!(town.api.subscriptions().len(), 1, "it is there indeed");
    assert!(town.desk.engine.subscriptions().await.unwrap().is_empty(), "nobody tries to mend it");
    let connection = town.desk.engine.connections(None).await.unwrap().remove(0);
    assert!(connection.sealed.len() < town.till.sealed.len(), "its credentials are forgotten");
    let key = town.api.signature_key();
    assert_eq!(town.give(&town.till.id.to_string(), &key, "e1").await, 410);
}

#[tokio::test]
async fn a_platform_that_refuses_is_named_in_the_removal() {
    let town = town(false).await;
    town.subscribe().await;
    town.desk.connect_again(town.tenant, "M1", "revoked").await;
    let removal = town.desk.engine.remove(town.till.id, None).await.unwrap();
    assert!(removal.how.contains("its webhook stays at the platform"), "{}", removal.how);
    assert_eq!(farewell(&town).await, removal.how);
    let again = town.desk.engine.remove(town.till.id, None).await.unwrap();
    assert!(!again.how.contains("webhook"), "there is nothing left to end: {}", again.how);
}
