//! No form of an address that is not public is called: not as it stands, not as a name, not through a redirect.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![cfg(feature = "http")]

mod forms;
mod listener;

use async_trait::async_trait;
use bytes::Bytes;
use forms::{FORMS, Leads};
use http::Request;
use listener::Listener;
use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use taxpoynt_core::{
    Error, ErrorKind, Retry,
    clock::ManualClock,
    http::{
        ClientOptions, HttpService, ReqwestService, StackOptions,
        guard::{AllowHosts, Names},
        stack,
    },
};
use url::{Host, Url};

/// Answers for names as an attacker's own name server would.
#[derive(Debug, Default)]
struct Rebinding {
    asked: AtomicUsize,
}

fn answers(host: &str) -> Vec<IpAddr> {
    let addresses: &[&str] = match host.trim_end_matches('.') {
        "two.example" => &["127.0.0.1", "10.0.0.1"],
        "six.example" => &["::1"],
        "mapped.example" => &["::ffff:127.0.0.1"],
        "zero.example" => &["0.0.0.0"],
        "metadata.example" | "instance-data.example" => &["169.254.169.254"],
        _ => &["127.0.0.1"],
    };
    addresses.iter().map(|address| address.parse().unwrap()).collect()
}

#[async_trait]
impl Names for Rebinding {
    async fn addresses(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(answers(host).into_iter().map(|address| SocketAddr::new(address, 0)).collect())
    }
}

impl reqwest::dns::Resolve for Rebinding {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let found: Vec<_> =
            answers(name.as_str()).into_iter().map(|address| SocketAddr::new(address, 0)).collect();
        Box::pin(async move { Ok(Box::new(found.into_iter()) as reqwest::dns::Addrs) })
    }
}

fn service(allow: &[&str], names: Arc<Rebinding>) -> ReqwestService {
    let options = ClientOptions {
        allow_hosts: allow.iter().map(|host| (*host).to_owned()).collect(),
        connect_timeout: Duration::from_secs(2),
        names,
        ..ClientOptions::default()
    };
    ReqwestService::new(options).unwrap()
}

/// The requests that can be made of a form: as a platform's answer is read (`url`), and as written by hand (`http`).
fn requests(form: &str) -> Vec<Request<Bytes>> {
    let normalised = Url::parse(form).ok().and_then(|url| url.as_str().parse::<http::Uri>().ok());
    let by_hand = form.parse::<http::Uri>().ok();
    let request = |uri: http::Uri| {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = uri;
        request
    };
    [normalised, by_hand].into_iter().flatten().map(request).collect()
}

fn forms(port: u16) -> impl Iterator<Item = (Leads, String, &'static str)> {
    FORMS.iter().map(move |(leads, form, why)| (*leads, form.replace("{port}", &port.to_string()), *why))
}

#[track_caller]
fn assert_refused(error: &Error, form: &str, why: &str) {
    let found = (error.kind(), error.retry());
    assert_eq!(found, (ErrorKind::Config, Retry::Never), "{form} ({why}): {error}");
}

#[tokio::test]
async fn three_hundred_forms_make_no_connection() {
    let different: BTreeSet<_> = FORMS.iter().map(|(_, form, _)| form).collect();
    assert_eq!(different.len(), FORMS.len(), "no form is listed twice");
    let listener = Listener::start();
    let names = Arc::new(Rebinding::default());
    let service = service(&[], names.clone());
    let mut refused = 0;
    for (leads, form, why) in forms(listener.port()) {
        let requests = requests(&form);
        assert!(leads == Leads::NoUrl || !requests.is_empty(), "{form} ({why}) can be asked for");
        refused += usize::from(!requests.is_empty());
        for request in requests {
            let error = service.call(request).await.expect_err(why);
            assert_refused(&error, &form, why);
        }
    }
    assert!(refused >= 300, "{refused} forms were asked for");
    assert_eq!(listener.connections(), 0);
    assert!(
        names.asked.load(Ordering::SeqCst) >= 20,
        "names were asked for their addresses, and those refused"
    );
}

/// The same forms do reach the listener where nothing guards: the test above could fail.
#[tokio::test]
async fn without_the_guard_the_same_forms_reach_the_listener() {
    let listener = Listener::start();
    let bare = reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(Duration::from_secs(2))
        .dns_resolver(Rebinding::default())
        .build()
        .unwrap();
    let (mut reached, mut here) = (0, 0);
    for (_, form, _) in forms(listener.port()).filter(|(leads, ..)| *leads == Leads::Here) {
        here += 1;
        let Ok(url) = Url::parse(&form) else { continue };
        // The listener hangs up at once: whoever reached it gets an error about that, not about connecting.
        let error = bare.get(url).send().await.unwrap_err();
        reached += usize::from(!error.is_connect() && !error.is_builder());
    }
    assert!(here >= 100 && reached >= here * 3 / 4, "{reached} of {here}");
    assert!(listener.connections() >= reached);
}

#[tokio::test]
async fn no_form_is_reached_through_a_redirect() {
    let (listener, server) = (Listener::start(), listener::redirecting().await);
    let clock = Arc::new(ManualClock::new(chrono::DateTime::UNIX_EPOCH));
    let inner = Arc::new(service(&["127.0.0.1"], Arc::default()));
    let mut options = StackOptions::new(inner, clock, server.url());
    (options.timeout, options.deadline) = (None, None);
    let service = stack(options);
    let mut led = 0;
    for (_, form, why) in forms(listener.port()) {
        // What cannot stand in a header cannot be sent as one.
        let Ok(location) = http::HeaderValue::from_str(&form) else { continue };
        server.lead_to(location);
        let request = Request::get(server.url().as_str()).body(Bytes::new()).unwrap();
        let outcome = service.call(request).await;
        assert_eq!(outcome.unwrap().status(), 302, "{form} ({why}) is handed back");
        // Some are read as a path of the same server; there it ends after three hops.
        assert!((1..=4).contains(&server.requests()), "{form} ({why})");
        led += 1;
    }
    assert!(led >= 300, "{led}");
    assert_eq!(listener.connections(), 0);
}

#[test]
fn every_literal_is_refused_before_anybody_is_asked() {
    let literals = forms(80).filter_map(|(leads, form, why)| {
        let url = Url::parse(&form).ok()?;
        (leads != Leads::NoUrl && !matches!(url.host(), Some(Host::Domain(_)))).then_some((url, why))
    });
    let mut count = 0;
    for (url, why) in literals {
        let error = AllowHosts::default().check(&url).expect_err(why);
        assert_refused(&error, url.as_str(), why);
        count += 1;
    }
    assert!(count >= 300, "{count}");
}

/// What was checked is what is connected to: the only answer that anybody gets is the one that was filtered.
#[tokio::test]
async fn a_name_is_asked_once_for_each_connection_and_its_answer_is_used() {
    let (listener, names) = (Listener::start(), Arc::new(Rebinding::default()));
    let url = format!("http://rebind.example:{}/", listener.port());
    let request = || Request::get(&url).body(Bytes::new()).unwrap();
    // Allowed by name, it is connected to the address our resolver gave; no other resolver knows this name.
    service(&["rebind.example"], names.clone()).call(request()).await.unwrap_err();
    assert_eq!((listener.connections(), names.asked.load(Ordering::SeqCst)), (1, 1));
    for asked in 2..5 {
        let error = service(&["127.0.0.1"], names.clone()).call(request()).await.unwrap_err();
        assert_refused(&error, &url, "allowing the address allows no name");
        assert_eq!((listener.connections(), names.asked.load(Ordering::SeqCst)), (1, asked));
    }
}

/// A proxy would connect to addresses that nobody checked, so one in the environment counts for nothing.
#[test]
fn a_proxy_of_the_environment_is_not_used() {
    const CHILD: &str = "TAXPOYNT_TEST_PROXY_CHILD";
    let run = |url: &str| {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        let call = async { service(&["127.0.0.1"], Arc::default()).call(request).await };
        tokio::runtime::Runtime::new().unwrap().block_on(call)
    };
    if let Ok(url) = std::env::var(CHILD) {
        // The listener hangs up; nothing else may have been called.
        run(&url).unwrap_err();
        return;
    }
    let (proxy, target) = (Listener::start(), Listener::start());
    let proxy_url = format!("http://127.0.0.1:{}", proxy.port());
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "a_proxy_of_the_environment_is_not_used"]);
    child.env(CHILD, format!("http://127.0.0.1:{}/", target.port()));
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, &proxy_url);
    }
    for name in ["no_proxy", "NO_PROXY"] {
        child.env_remove(name);
    }
    assert!(child.output().unwrap().status.success());
    assert_eq!((proxy.connections(), target.connections()), (0, 1));
}
