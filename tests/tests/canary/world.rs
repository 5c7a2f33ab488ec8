//! Good days and bad days of a house.

use crate::echo::{Answer, BAD, Echo};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use taxpoynt_core::{
    Engine, Result, Vault,
    engine::{App, Callback, Credentials, Observer},
    firs::ApiKeys,
    host::{calls, rows},
    store::{DocumentFilter, InboundFilter, InboundOrigin, RecordFilter},
};
use taxpoynt_sim::{Fault, FaultKind, Sale};
use taxpoynt_tests::{
    House,
    canary::{Canaries, EXPECTED, all_of, listen, note, said},
    network, shop,
};

/// Secrets of the host that the simulators do not know.
const APP_SECRET: &str = "canary-app-webhook-secret-of-the-host";
const NOTICE_SECRET: &str = "canary-notice-secret-of-the-authority";
const SHARED_KEY: &str = "canary-shared-api-key-of-the-host";
const SHARED_SECRET: &str = "canary-shared-api-secret-of-the-host";
const URL_PASSWORD: &str = "canary-password-in-an-address";
const OTHER_TOKEN: &str = "canary-token-that-the-platform-refuses";
const PANIC: &str = "canary-text-of-a-panicking-observer";

fn canaries(house: &House, newer: &SecretString) -> Canaries {
    let known = house.sim.credentials();
    let mut canaries = Canaries::default();
    canaries
        .add("a till's access token", &known.square.access_token)
        .add("a till's webhook secret", &known.square.signature_key)
        .add("a CRM's access token", &known.hubspot.access_token)
        .add("a CRM's client secret", &known.hubspot.client_secret)
        .add("the authority's API key", &known.authority.api_key)
        .add("the authority's API secret", &known.authority.api_secret)
        .add("the Fernet key", house.key().expose_secret())
        .add("the newer Fernet key", newer.expose_secret())
        .add("the app's webhook secret", APP_SECRET)
        .add("the secret of the authority's notices", NOTICE_SECRET)
        .add("the shared API key", SHARED_KEY)
        .add("the shared API secret", SHARED_SECRET)
        .add("a password in an address", URL_PASSWORD)
        .add("a refused token", OTHER_TOKEN);
    // The key file, from behind what any key file begins with.
    let keys: serde_json::Value = serde_json::from_str(&known.authority.crypto_keys).unwrap();
    canaries.add("the key file's certificate", keys["certificate"].as_str().unwrap());
    canaries
}

/// Panics at every tenth stage.
struct Clumsy(AtomicUsize);

impl Observer for Clumsy {
    fn stage(&self, _: &str, _: &'static str, _: Duration) {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) % 10 != 7, "{EXPECTED}: {PANIC}");
    }
}

/// The CRM's owner consents: from then on its tokens are refreshed. Gives the state that was sent along.
async fn authorize(house: &House, engine: &Engine) -> String {
    let redirect = &house.sim.credentials().hubspot.redirect_uri;
    let settings = house.hubspot.settings.clone();
    let url = engine.authorize_url("hubspot", house.tenant, redirect, settings).await.unwrap();
    let page = format!("{}?{}", url.path(), url.query().unwrap());
    let page = http::Request::get(page).body(bytes::Bytes::new()).unwrap();
    let to = house.sim.direct().call(page).await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let back: url::Url = to.parse().unwrap();
    let callback = Callback::from_query(back.query().unwrap()).unwrap();
    note(&format!("{callback:?}"));
    let state = callback.state.expose_secret().to_owned();
    tell(engine.exchange("hubspot", house.tenant, callback).await);
    state
}

/// Notes whatever came of a call.
fn tell<T: Debug>(result: Result<T>) {
    match result {
        Ok(value) => note(&format!("{value:?}")),
        Err(error) => note(&all_of(&error)),
    }
}

/// Every text of metrics so far.
static METRICS: Mutex<String> = Mutex::new(String::new());

/// Every call that a host may make.
async fn ask_everything(house: &House, engine: &Engine, sale: &str) {
    let tenant = Some(house.tenant);
    for connection in [&house.square, &house.hubspot] {
        tell(engine.sync(connection.id, tenant, None).await);
        tell(engine.invoice(connection.id, tenant, sale).await);
        tell(engine.sync_log(connection.id, tenant).await);
        tell(engine.ingest(connection.id, tenant, b"{\"order\":{}}").await);
    }
    tell(engine.check_authority(house.tenant).await);
    tell(engine.refresh_lists(house.tenant).await);
    tell(engine.code_lists(house.tenant).await.map(drop));
    tell(engine.pull_inbound(house.tenant, None, None).await);
    tell(engine.announce_inbound("INV9-94ND90NR-20261102", tenant, InboundOrigin::Host).await);
    tell(engine.inbound(&InboundFilter { tenant, ..InboundFilter::default() }).await);
    for letter in engine.dead_letters(tenant).await.unwrap() {
        note(&format!("{letter:?} {}", rows::dead_letter(&letter)));
        tell(engine.replay(letter.id, tenant).await);
    }
    for record in engine.records(&RecordFilter { tenant, ..RecordFilter::default() }).await.unwrap().items {
        note(&format!("{record:?} {}", rows::record(&record)));
        tell(engine.audit(record.id, tenant).await);
    }
    for document in
        engine.invoices(&DocumentFilter { tenant, ..DocumentFilter::default() }).await.unwrap().items
    {
        note(&format!("{document:?} {}", rows::document(&document)));
        tell(engine.look_again(document.id, tenant).await);
        tell(engine.resubmit(document.id, tenant).await);
        tell(engine.notices(document.id, tenant).await);
    }
    for connection in engine.connections(None).await.unwrap() {
        note(&format!("{connection:?} {connection:#?} {}", rows::connection(&connection)));
    }
    tell(engine.forecast(tenant).await);
    tell(engine.alarms(100).await);
    tell(engine.key_report().await);
    tell(engine.subscriptions().await);
    for connection in [&house.square, &house.hubspot] {
        tell(engine.connection_log(connection.id, tenant).await);
    }
    let metrics = engine.metrics().await;
    METRICS.lock().unwrap().push_str(&metrics);
    note(&metrics);
    for call in calls::CALLS {
        let arguments =
            [json!({}), json!({"tenant": house.tenant}), json!({"id": house.tenant, "tenant": house.tenant})];
        for arguments in arguments {
            tell(calls::answer(engine, call, arguments.to_string().as_bytes()).await);
        }
    }
    note(&format!("{engine:?} {engine:#?}"));
}

async fn work(house: &House, engine: &Engine) {
    for _ in 0..60 {
        let drained = engine.drain(Duration::from_millis(50)).await.unwrap();
        if drained.empty && drained.later == 0 {
            return;
        }
        house.clock.advance(Duration::from_secs(600));
    }
}

/// Webhooks: as sent, with a byte changed, without headers, repeated late, and of nobody.
async fn bad_webhooks(house: &House, engine: &Engine) {
    for received in house.hooks.received() {
        tell(received.give(engine).await);
        let mut altered = received.clone();
        altered.body = [received.body.as_ref(), b" "].concat().into();
        tell(altered.give(engine).await);
        let mut bare = received.clone();
        bare.headers = HeaderMap::new();
        tell(bare.give(engine).await);
        let mut nobody = received.clone();
        nobody.target = house.tenant.to_string();
        tell(nobody.give(engine).await);
    }
    tell(engine.receive_authority("POST", "http://x/", &HeaderMap::new(), b"{\"irn\":\"x\"}").await);
}

async fn connect(house: &House, engine: &Engine, token: &str, base_url: &str, webhook_url: &str) {
    let credentials = Credentials {
        access_token: token.into(),
        webhook_secret: Some(house.sim.credentials().square.signature_key.clone().into()),
    };
    note(&format!("{credentials:?} {credentials:#?}"));
    let settings = [("base_url", base_url), ("webhook_url", webhook_url)];
    let settings: BTreeMap<_, _> = settings
        .into_iter()
        .filter(|(_, url)| !url.is_empty())
        .map(|(n, u)| (n.to_owned(), u.to_owned()))
        .collect();
    tell(engine.connect("square", house.tenant, credentials, settings).await);
}

/// The futures of so many calls in one function take more than a test's usual stack, unoptimised.
const STACK: usize = 64 << 20;

#[test]
fn whatever_happens_in_a_house_no_secret_leaves_it() {
    listen();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).thread_stack_size(STACK).enable_all().build().unwrap();
    let life = std::thread::Builder::new().stack_size(STACK).spawn(move || runtime.block_on(life())).unwrap();
    life.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

async fn life() {
    let house = House::open().await;
    let newer: SecretString = Vault::generate_key().into();
    let mut canaries = canaries(&house, &newer);
    let echo = Echo::new(network());
    let options = |options: &mut taxpoynt_core::engine::EngineOptions| {
        options.keys.insert(0, newer.clone());
        options.observer = Some(Arc::new(Clumsy(AtomicUsize::new(0))));
        let crm = &house.sim.credentials().hubspot;
        let app = App {
            client_id: Some(crm.client_id.clone()),
            client_secret: Some(crm.client_secret.clone().into()),
            redirect_uris: vec![crm.redirect_uri.clone()],
            webhook_secret: Some(APP_SECRET.into()),
            ..App::default()
        };
        options.apps = BTreeMap::from([("hubspot".to_owned(), app)]);
        let authority = options.authority.as_mut().unwrap();
        authority.keys = Some(ApiKeys::new(SHARED_KEY, SHARED_SECRET));
        authority.webhook_secret = Some(NOTICE_SECRET.into());
        note(&format!("{options:?} {options:#?}"));
    };
    let engine = house.site().engine_of(echo.clone(), options).await.unwrap();
    house.hooks.serve(Some(engine.clone()));

    let sale = house.sim.square().sell(Sale::B2b).await;
    house.sim.hubspot().win(house.sim.hubspot().deal_id()).await.unwrap();
    work(&house, &engine).await;
    ask_everything(&house, &engine, &sale.id).await;
    bad_webhooks(&house, &engine).await;

    canaries.add("the state of an authorization", &authorize(&house, &engine).await);
    for answer in BAD {
        note(&format!("from here on {answer:?}"));
        let sale = house.sim.square().sell(Sale::B2b).await;
        echo.answer(answer);
        // Its token has ended: it is refreshed under this answer.
        house.clock.advance(Duration::from_secs(3600));
        ask_everything(&house, &engine, &sale.id).await;
        work(&house, &engine).await;
        connect(&house, &engine, OTHER_TOKEN, &house.sim.urls().square, "").await;
        canaries.add("the state of an authorization", &authorize(&house, &engine).await);
        echo.answer(Answer::Truth);
        house.clock.advance(Duration::from_secs(3600));
        tell(engine.sync(house.hubspot.id, None, None).await);
        canaries.add("the state of an authorization", &authorize(&house, &engine).await);
        house.clock.advance(Duration::from_secs(3600));
        work(&house, &engine).await;
    }
    assert!(echo.echoed.load(Ordering::SeqCst) > 100, "the bad days came");
    house.sim.hubspot().uninstall().unwrap();
    house.clock.advance(Duration::from_secs(3600));
    ask_everything(&house, &engine, &sale.id).await;
    canaries.add("the state of an authorization", &authorize(&house, &engine).await);

    for kind in FaultKind::ALL.into_iter().chain([FaultKind::Unauthorized]) {
        if matches!(kind, FaultKind::Hang | FaultKind::CommitThenHang | FaultKind::Late | FaultKind::Slow) {
            continue; // Nothing is answered, so nothing can be repeated; each would take its whole limit.
        }
        house.sim.authority().fail_next(Fault::next("*", kind).times(2));
        house.sim.square().sell(Sale::B2b).await;
        work(&house, &engine).await;
        house.sim.authority().clear_faults();
    }
    let with_password = format!("http://user:{URL_PASSWORD}@127.0.0.1:9/");
    let broken = format!("http://user:{URL_PASSWORD}@no such host/");
    connect(&house, &engine, OTHER_TOKEN, &house.sim.urls().square, "").await;
    connect(&house, &engine, OTHER_TOKEN, &with_password, "").await;
    connect(&house, &engine, OTHER_TOKEN, &broken, "").await;
    let good = house.sim.credentials().square.access_token.clone();
    connect(&house, &engine, &good, &house.sim.urls().square, &with_password).await;
    let mut elsewhere = shop(&house.sim);
    note(&format!("{elsewhere:?} {elsewhere:#?} {}", rows::tenant(&elsewhere)));
    for address in [&with_password, &broken] {
        elsewhere.authority.as_mut().unwrap().base_url = Some(address.clone());
        tell(engine.add_tenant(elsewhere.clone()).await);
        let site = house.site();
        let refused = site.engine_of(echo.clone(), |options| {
            let Ok(base_url) = address.parse() else { return };
            options.authority.as_mut().unwrap().base_url = base_url;
            note(&format!("{options:?}"));
        });
        tell(refused.await);
    }

    tell(engine.rotate_keys().await);
    tell(house.engine_with_another_key().await);
    ask_everything(&house, &engine, &sale.id).await;
    for (what, secrets) in &*echo.seen.lock().unwrap() {
        for secret in secrets {
            canaries.add(what, secret);
        }
    }
    echo.answer(Answer::Json(500));
    tell(engine.remove(house.hubspot.id, None).await);
    echo.answer(Answer::Truth);
    ask_everything(&house, &engine, &sale.id).await;
    drop(engine);

    let said = said();
    assert!(
        said.contains(&sale.id) && said.contains("the platform refuses the credentials"),
        "we listen to the house"
    );
    assert!(said.contains(PANIC), "the process's own panic message is the host's, and heard");
    canaries.assert_none_in("what was said", said.as_bytes());
    let metrics = METRICS.lock().unwrap().clone();
    for outcome in ["refreshed", "refused", "failed"] {
        let series = format!("taxpoynt_token_refreshes_total{{platform=\"hubspot\",outcome=\"{outcome}\"}} ");
        let counted = metrics.lines().filter_map(|line| line.strip_prefix(series.as_str()));
        assert!(counted.into_iter().any(|count| count != "0"), "no token was {outcome}");
    }
    canaries.assert_none_in("the metrics", metrics.as_bytes());
    let stored = house.database_bytes();
    assert!(String::from_utf8_lossy(&stored).contains(&sale.id), "the database is where we look");
    canaries.assert_none_in("the database", &stored);
    assert!(!String::from_utf8_lossy(&stored).contains(PANIC), "a panic's words are in the database");
    let kinds: Vec<_> = canaries.kinds().collect();
    assert_eq!(kinds.len(), 15 + 1 + 5, "{kinds:?}");
    assert!(echo.seen.lock().unwrap()["a refresh token"].iter().all(|token| token.len() >= 12));
}
