//! Every answer of a token endpoint that is no token, and what it means for the connection.

use crate::world::World;
use std::time::Duration;
use taxpoynt_core::{
    Clock, ErrorKind, Retry,
    model::{RecordKind, SourceKey},
    store::{ConnectionState, Delivery, JobStore, Lane, RecordStore},
};
use taxpoynt_tests::tokens::Turning;

const REFUSED: &str = r#"{"error":"invalid_grant","error_description":"gone"}"#;

#[tokio::test]
async fn a_refused_refresh_asks_for_a_person_once_and_never_loops() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    world.gate.end_everything();
    let before = world.gate.count("/oauth/token");
    let error = world.used(&connection).await.unwrap_err();
    assert_eq!((error.kind(), error.get("code")), (ErrorKind::Unauthenticated, Some("needs_reauth")));
    assert_eq!(world.state(&connection).await, ConnectionState::NeedsReauth);
    assert_eq!(world.told(), [ConnectionState::Active, ConnectionState::NeedsReauth]);
    let context = world.engine.sync(connection.id, None, None).await.unwrap_err();
    assert_eq!(context.kind(), ErrorKind::Unauthenticated);
    for _ in 0..100 {
        world.clock.advance(Duration::from_secs(3600));
        world.engine.work_once().await.unwrap();
        assert!(world.engine.invoice(connection.id, None, "thing-1").await.is_err());
    }
    assert_eq!(world.gate.count("/oauth/token"), before + 1, "one attempt, and then silence");
    let history = world.history(&connection).await;
    assert_eq!(history.iter().filter(|line| line.starts_with("connection.needs_reauth")).count(), 1);
    world.keeps_quiet(&format!("{history:?} {error:?} {context:?}"));
}

/// A script for one refresh: what is answered, and what the caller is told.
type Case = (u16, &'static [(&'static str, &'static str)], &'static str, ErrorKind, Option<u64>);

const HTML: &str = "<html><body>502 Bad Gateway</body></html>";

/// The last member: for how many seconds nobody tries again; none: for ever, a person is asked.
const CASES: &[Case] = &[
    (400, &[], REFUSED, ErrorKind::Unauthenticated, None),
    (401, &[], REFUSED, ErrorKind::Unauthenticated, None),
    (200, &[], REFUSED, ErrorKind::Unauthenticated, None),
    (401, &[], r#"{"error":"invalid_client"}"#, ErrorKind::Config, Some(300)),
    (400, &[], r#"{"error":"invalid_client"}"#, ErrorKind::Config, Some(300)),
    (400, &[], r#"{"error":"unauthorized_client"}"#, ErrorKind::Config, Some(300)),
    (400, &[], r#"{"error":"invalid_request"}"#, ErrorKind::Config, Some(300)),
    (400, &[], r#"{"error":"unsupported_grant_type"}"#, ErrorKind::Config, Some(300)),
    (401, &[], HTML, ErrorKind::Config, Some(300)),
    (429, &[("retry-after", "120")], "{}", ErrorKind::RateLimited, Some(120)),
    (429, &[], "{}", ErrorKind::RateLimited, Some(10)),
    (500, &[], "{}", ErrorKind::Unavailable, Some(1)),
    (502, &[], HTML, ErrorKind::Unavailable, Some(1)),
    (503, &[("retry-after", "18")], "", ErrorKind::Unavailable, Some(18)),
    (504, &[], "", ErrorKind::Unavailable, Some(1)),
    (408, &[], "", ErrorKind::TimedOut, Some(1)),
    (403, &[], "{}", ErrorKind::PermissionDenied, Some(1)),
    (404, &[], "{}", ErrorKind::NotFound, Some(1)),
    (302, &[("location", "https://evil.example/")], "", ErrorKind::Platform, Some(1)),
    (200, &[], HTML, ErrorKind::Platform, Some(60)),
    (200, &[], "", ErrorKind::Platform, Some(60)),
    (200, &[], "[]", ErrorKind::Platform, Some(60)),
    (200, &[], r#"{"access_token":""}"#, ErrorKind::Platform, Some(60)),
    (200, &[], r#"{"access_token":7}"#, ErrorKind::Platform, Some(60)),
    (200, &[], r#"{"access_token":"x"#, ErrorKind::Platform, Some(60)),
    (200, &[], r#"{"error":"slow_down"}"#, ErrorKind::Platform, Some(300)),
];

/// A call waits this long by itself, four attempts in all; beyond that it is handed back.
const PATIENCE: u64 = 30;

#[tokio::test]
async fn every_other_answer_is_told_waits_its_time_and_asks_nobody() {
    for (status, headers, body, kind, wait) in CASES {
        let world = World::new(Turning::AtOnce).await;
        let connection = world.with_ended_token(2).await;
        let what = format!("{status} {body}");
        let attempts = if wait.is_some_and(|wait| wait <= PATIENCE) { 4 } else { 1 };
        (0..attempts).for_each(|_| world.gate.say(*status, headers, *body));
        let before = world.gate.count("/oauth/token");
        let error = world.used(&connection).await.unwrap_err();
        assert_eq!(error.kind(), *kind, "{what}: {error}");
        assert_eq!(world.gate.count("/oauth/token"), before + attempts, "{what}");
        world.keeps_quiet(&format!("{error:?}"));
        let state = world.state(&connection).await;
        let Some(wait) = wait else {
            assert_eq!(state, ConnectionState::NeedsReauth, "{what}");
            continue;
        };
        assert_eq!(state, ConnectionState::Active, "{what}");
        if *wait > PATIENCE {
            assert_eq!(error.retry(), Retry::After(Duration::from_secs(*wait)), "{what}");
            // Others, here and elsewhere, are told the same without a call.
            let elsewhere = world.another_direct().await;
            let same = elsewhere.test_connection(connection.id, None).await.unwrap_err();
            for error in [same, world.used(&connection).await.unwrap_err()] {
                assert_eq!(error.kind(), kept_kind(*kind), "{what}");
                world.keeps_quiet(&format!("{error:?}"));
            }
            assert_eq!(world.gate.count("/oauth/token"), before + attempts, "{what}");
            world.clock.advance(Duration::from_secs(*wait));
        }
        // So many failures have opened the connection's breaker; it tries again after half a minute.
        world.clock.advance(Duration::from_secs(30));
        world.used(&connection).await.unwrap();
        assert_eq!(world.gate.count("/oauth/token"), before + attempts + 1, "{what}");
    }
}

/// What the store keeps of a failure's kind.
fn kept_kind(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::RateLimited | ErrorKind::TimedOut | ErrorKind::Config | ErrorKind::Platform => kind,
        _ => ErrorKind::Unavailable,
    }
}

#[tokio::test]
async fn failures_in_a_row_wait_longer_each_time() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    let (before, began) = (world.gate.count("/oauth/token"), world.clock.now());
    (0..8).for_each(|_| world.gate.say(503, &[], ""));
    while let Err(error) = world.used(&connection).await {
        let Retry::After(wait) = error.retry() else { panic!("{error:?}") };
        world.clock.advance(wait);
    }
    let waited = (world.clock.now() - began).num_seconds();
    assert_eq!(world.gate.count("/oauth/token"), before + 9);
    assert_eq!(waited, 1 + 2 + 5 + 15 + 60 + 60 + 60 + 60);
    assert_eq!(world.gate.refreshed(), 1);
}

#[tokio::test]
async fn an_answer_that_repeats_what_was_sent_is_not_quoted() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    let secret = world.gate.secrets().pop().unwrap();
    let echo =
        format!(r#"{{"error":"invalid_client","error_description":"no refresh_token={secret} here"}}"#);
    world.gate.say(400, &[], echo);
    let error = world.used(&connection).await.unwrap_err();
    world.keeps_quiet(&format!("{error} {error:?}"));
    world.clock.advance(Duration::from_secs(300));
    world.gate.say(400, &[], r#"{"error":"invalid_client","error_description":"no such app"}"#);
    assert!(world.used(&connection).await.unwrap_err().message().contains("no such app"));
}

#[tokio::test]
async fn jobs_of_a_refused_connection_wait_and_go_on_after_it_is_authorized_again() {
    let world = World::new(Turning::AtOnce).await;
    let connection = world.with_ended_token(2).await;
    world.gate.end_everything();
    let store = world.store().await;
    let key = SourceKey::new(RecordKind::Order, "thing-1");
    let delivery = Delivery {
        connection: connection.id,
        body: "{}".into(),
        events: vec![("event-1".into(), "made".into(), Some(key.clone()))],
        lane: Lane::High,
    };
    store.ingest(&delivery, world.clock.now()).await.unwrap();
    for _ in 0..60 {
        world.engine.work_once().await.unwrap();
        world.clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(world.state(&connection).await, ConnectionState::NeedsReauth);
    assert!(
        store.dead_letters(None).await.unwrap().is_empty(),
        "nothing was given up in two and a half days"
    );
    assert_eq!(world.gate.count("/things/thing-1"), 0);
    let again = world.connected(2).await;
    assert_eq!((again.id, again.state), (connection.id, ConnectionState::Active));
    world.engine.drain(Duration::ZERO).await.unwrap();
    assert_eq!(world.gate.count("/things/thing-1"), 1, "the job is due at once");
    assert!(store.record_by_key(connection.id, &key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_pasted_token_that_is_refused_asks_for_a_person() {
    let world = World::new(Turning::Never).await;
    world.gate.lives(serde_json::json!(1800));
    let token = || taxpoynt_core::engine::Credentials {
        access_token: world.gate.secrets()[0].clone().into(),
        webhook_secret: None,
    };
    drop(world.connected(0).await);
    let platform = taxpoynt_tests::tokens::KINDS[8];
    let connection = world.engine.connect(platform, world.tenant, token(), Default::default()).await.unwrap();
    world.used(&connection).await.unwrap();
    world.gate.end_access();
    assert_eq!(world.used(&connection).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    assert_eq!(world.state(&connection).await, ConnectionState::NeedsReauth);
    drop(world.connected(0).await);
    let again = world.engine.connect(platform, world.tenant, token(), Default::default()).await.unwrap();
    assert_eq!((again.id, again.state), (connection.id, ConnectionState::Active));
    world.used(&connection).await.unwrap();
}

#[tokio::test]
async fn a_registration_that_was_wrong_is_mended_without_the_owners() {
    let world = World::new(Turning::Grace).await;
    let connection = world.with_ended_token(1).await;
    world.gate.say(400, &[], REFUSED);
    assert!(world.used(&connection).await.is_err());
    assert_eq!(world.state(&connection).await, ConnectionState::NeedsReauth);
    world.used(&connection).await.unwrap();
    assert_eq!(world.state(&connection).await, ConnectionState::Active);
    assert_eq!(world.told().last(), Some(&ConnectionState::Active));
}
