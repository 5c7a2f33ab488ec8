//! Spans: one for each attempt, with what an operator needs and nothing that is secret.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod http_support;

use http_support::*;
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use taxpoynt_core::http::{
    StackOptions,
    auth::StaticToken,
    retry::NoJitter,
    stack,
    stack::Auth,
    trace::{Operation, PathTemplate},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

type Fields = BTreeMap<&'static str, String>;

/// Keeps the fields of every span called `http`, and whatever else is said anywhere.
#[derive(Default)]
struct Kept {
    ids: AtomicU64,
    spans: Mutex<BTreeMap<u64, Fields>>,
    said: Mutex<String>,
}

struct Into<'a>(&'a mut Fields);

impl Visit for Into<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

struct Shared(Arc<Kept>);

impl Subscriber for Shared {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let id = self.0.ids.fetch_add(1, Ordering::SeqCst) + 1;
        let mut fields = Fields::new();
        attributes.record(&mut Into(&mut fields));
        self.0.said.lock().unwrap().push_str(&format!("{fields:?}\n"));
        if attributes.metadata().name() == "http" {
            self.0.spans.lock().unwrap().insert(id, fields);
        }
        Id::from_u64(id)
    }
    fn record(&self, span: &Id, values: &Record<'_>) {
        if let Some(fields) = self.0.spans.lock().unwrap().get_mut(&span.into_u64()) {
            values.record(&mut Into(fields));
        }
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Into(&mut fields));
        self.0.said.lock().unwrap().push_str(&format!("{fields:?}\n"));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn expected(pairs: &[(&'static str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_a_span_and_nothing_in_it_is_secret() {
    let kept = Arc::new(Kept::default());
    let _guard = tracing::subscriber::set_default(Shared(kept.clone()));
    let clock = VirtualClock::new();
    let answers = vec![
        Answer::Late(ms(70), Box::new(body(503, "body-secret"))),
        Answer::Silence,
        with(200, &[("x-token", "header-secret")]),
    ];
    let script = Script::new(clock.clone(), answers);
    let mut options = StackOptions::new(script, clock, "https://platform.example/".parse().unwrap());
    options.auth = Auth::Bearer(Arc::new(StaticToken::new("token-secret".into())));
    options.timeout = Some(secs(10));
    options.retry.jitter = Arc::new(NoJitter);
    let mut request = get();
    *request.uri_mut() =
        "https://platform.example/v2/orders/CAISENgvlJ6jLWAzERDzjyHVybY/notes?cursor=query-secret"
            .parse()
            .unwrap();
    request.headers_mut().insert("x-key", "sent-secret".parse().unwrap());
    request.extensions_mut().insert(Operation("till.fetch"));
    stack(options).call(request).await.unwrap();
    let common = expected(&[
        ("operation", "till.fetch"),
        ("method", "GET"),
        ("host", "platform.example"),
        ("path", "/v2/orders/{}/notes"),
    ]);
    let attempt = |pairs: &[(&'static str, &str)]| {
        let mut fields = common.clone();
        fields.extend(expected(pairs));
        fields
    };
    let spans: Vec<_> = kept.spans.lock().unwrap().values().cloned().collect();
    assert_eq!(
        spans,
        [
            attempt(&[("attempt", "1"), ("status", "503"), ("took_ms", "70")]),
            attempt(&[("attempt", "2"), ("error", "timed_out"), ("took_ms", "10000")]),
            attempt(&[("attempt", "3"), ("status", "200"), ("took_ms", "0")]),
        ]
    );
    let said = kept.said.lock().unwrap();
    assert!(said.contains("repeating"), "events are kept too: {said}");
    assert!(!said.contains("secret") && !said.contains("CAISEN"), "{said}");
}

#[test]
fn words_and_versions_of_a_path_stay_and_everything_else_goes() {
    let cases = [
        ("/", "/"),
        ("", ""),
        ("/v2/orders/search", "/v2/orders/search"),
        ("/v2.1/orders", "/v2.1/orders"),
        ("/crm/objects/2026-09/line_items/batch/read", "/crm/objects/2026-09/line_items/batch/read"),
        ("/services/2026-09-15/x", "/services/2026-09-15/x"),
        ("/orders/17", "/orders/{}"),
        ("/orders/2026-9999", "/orders/{}"),
        ("/orders/20-11-2026", "/orders/{}"),
        ("/v1234567/x", "/{}/x"),
        ("/bot12345:AAE-secret/send", "/{}/send"),
        ("/users/ada@shop.example", "/users/{}"),
        ("/users/ada%40shop.example", "/users/{}"),
        ("/users/ABCDEF", "/users/{}"),
        ("/hooks/abcdefghijklmnopqrstuvwxyz", "/hooks/{}"),
        ("/a//b", "/a//b"),
        ("/ünïcode", "/{}"),
    ];
    for (path, shown) in cases {
        assert_eq!(PathTemplate(path).to_string(), shown);
    }
}

proptest! {
    #[test]
    fn an_id_with_a_digit_or_a_capital_is_never_shown(id in "[a-zA-Z0-9~.%-]{0,12}([0-9][A-Z]|[A-Z][a-z]?[0-9])[a-zA-Z0-9~.%-]{0,12}") {
        prop_assert_eq!(PathTemplate(&format!("/v2/orders/{id}/x")).to_string(), "/v2/orders/{}/x");
    }

    #[test]
    fn any_path_is_shown_without_panic(path in "\\PC{0,60}") {
        prop_assert!(PathTemplate(&path).to_string().matches('/').count() == path.matches('/').count());
    }
}
