//! The breaker of each connected account is in the text, by platform, as long as the account is connected.
#![allow(clippy::disallowed_methods, reason = "a test that would wait for ever fails instead")]

use crate::samples::{read, value};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    engine::{Credentials, Engine},
    http::HttpService,
    store::Connection,
    tenant::Tenant,
};
use taxpoynt_tests::{House, network};

/// A network that fails while it is told to.
struct Wire(Arc<dyn HttpService>, AtomicBool);

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        match self.1.load(Ordering::SeqCst) {
            true => Err(Error::new(ErrorKind::Unavailable, "http.call", "no connection was made")),
            false => self.0.call(request).await,
        }
    }
}

/// Closed, half open, open.
async fn states(engine: &Engine, platform: &str) -> [u64; 3] {
    let text = engine.metrics().await;
    ["closed", "half_open", "open"].map(|state| {
        let count = value(&text, "taxpoynt_breakers", &[("platform", platform), ("state", state)]);
        format!("{count}").parse().unwrap()
    })
}

/// The platforms that have a breaker.
async fn shown(engine: &Engine) -> BTreeSet<String> {
    let samples = read(&engine.metrics().await);
    let of = samples.into_iter().filter(|sample| sample.name == "taxpoynt_breakers");
    of.map(|sample| sample.labels["platform"].clone()).collect()
}

/// The same till, connected by another seller.
async fn same_till(house: &House, engine: &Engine) -> Connection {
    let other = Tenant { name: "Bola Stores".into(), tin: Some("2".into()), ..Tenant::default() };
    let other = engine.add_tenant(other).await.unwrap().id.unwrap();
    let access_token = house.sim.credentials().square.access_token.clone().into();
    let settings = BTreeMap::from([("base_url".to_owned(), house.sim.urls().square.clone())]);
    engine
        .connect("square", other, Credentials { access_token, webhook_secret: None }, settings)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_account_that_does_not_answer_is_seen_and_one_that_is_removed_is_not() {
    let house = House::open().await;
    let wire = Arc::new(Wire(network(), AtomicBool::new(false)));
    let engine = house.site().engine(wire.clone()).await;
    assert_eq!(shown(&engine).await, ["authority".to_owned()].into(), "nothing was called yet");
    engine.sync(house.square.id, None, None).await.unwrap();
    assert_eq!(states(&engine, "square").await, [1, 0, 0]);
    engine.sync(house.hubspot.id, None, None).await.unwrap();
    engine.sync(house.square.id, None, None).await.unwrap();
    assert_eq!((states(&engine, "square").await, states(&engine, "hubspot").await), ([1, 0, 0], [1, 0, 0]));

    wire.1.store(true, Ordering::SeqCst);
    let (caller, till) = (engine.clone(), house.square.id);
    let calls = tokio::spawn(async move { while caller.sync(till, None, None).await.is_err() {} });
    let opened = async { while states(&engine, "square").await != [0, 0, 1] {} };
    tokio::time::timeout(Duration::from_secs(60), opened).await.expect("five failures open it");
    calls.abort();
    assert_eq!(states(&engine, "hubspot").await, [1, 0, 0], "the CRM is not the till");
    house.clock.advance(Duration::from_secs(31));
    assert_eq!(states(&engine, "square").await, [0, 1, 0]);

    engine.remove(house.square.id, None).await.unwrap();
    let left = ["authority".to_owned(), "hubspot".to_owned()];
    let gone = async { while shown(&engine).await != left.clone().into() {} };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("its breaker goes with it");
}

#[tokio::test]
async fn connections_of_one_account_share_a_breaker_until_the_last_is_removed() {
    let house = House::open().await;
    let other = same_till(&house, &house.engine).await;
    for connection in [house.square.id, other.id, house.square.id, other.id] {
        house.engine.sync(connection, None, None).await.unwrap();
    }
    assert_eq!(states(&house.engine, "square").await, [1, 0, 0], "one account is one line");
    house.engine.remove(house.square.id, None).await.unwrap();
    assert_eq!(states(&house.engine, "square").await, [1, 0, 0], "the other one calls on it");
    house.engine.remove(other.id, None).await.unwrap();
    assert!(!shown(&house.engine).await.contains("square"));
}

#[tokio::test]
async fn a_connection_that_comes_and_goes_again_and_again_leaves_nothing() {
    let house = House::open().await;
    let mut lines = BTreeSet::new();
    for _ in 0..30 {
        let connection = same_till(&house, &house.engine).await;
        house.engine.sync(connection.id, None, None).await.unwrap();
        assert_eq!(states(&house.engine, "square").await, [1, 0, 0]);
        lines.insert(read(&house.engine.metrics().await).len());
        house.engine.remove(connection.id, None).await.unwrap();
        assert!(!shown(&house.engine).await.contains("square"));
    }
    assert!(lines.len() <= 3, "the text does not grow with what was connected: {lines:?}");
}

#[tokio::test]
async fn a_connection_that_another_process_removes_is_let_go_of_within_the_hour() {
    let house = House::open().await;
    let there = house.another_engine().await;
    house.engine.sync(house.square.id, None, None).await.unwrap();
    there.remove(house.square.id, None).await.unwrap();
    assert_eq!(states(&house.engine, "square").await, [1, 0, 0], "nobody has told this process");
    house.clock.advance(Duration::from_secs(3600));
    house.engine.work_once().await.unwrap();
    let gone = async {
        while shown(&house.engine).await.contains("square") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("the workers look for it");
}
