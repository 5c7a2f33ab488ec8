//! What connectors call: paths stay below the base, statuses become errors, and nothing secret gets into them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod http_support;

use http::{HeaderMap, StatusCode};
use http_support::*;
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_core::{
    ErrorKind, Retry,
    clock::ManualClock,
    connector::Context,
    http::{
        api::{get, get_with, join, path_segment, post_json, query_json, status_error},
        retry::{NoJitter, RetryOptions},
        {StackOptions, stack},
    },
};
use url::Url;

fn context(answers: Vec<Answer>) -> (Context, Arc<Script>) {
    let clock = Arc::new(ManualClock::new(start()));
    let script = Script::new(clock.clone(), answers);
    let base_url = Url::parse("https://platform.example/api/").unwrap();
    let retry = RetryOptions { jitter: Arc::new(NoJitter), ..RetryOptions::default() };
    let http =
        stack(StackOptions { retry, ..StackOptions::new(script.clone(), clock.clone(), base_url.clone()) });
    (Context { http, base_url, settings: BTreeMap::new(), account: None, clock }, script)
}

#[tokio::test]
async fn a_get_asks_for_json_below_the_base_and_gives_the_body() {
    let (cx, script) = context(vec![body(200, "{\"a\":1}")]);
    let answer =
        get_with(&cx, "test.get", "/v2/orders?limit=5", &[("square-version", "2026-05-20")]).await.unwrap();
    assert_eq!(answer, "{\"a\":1}");
    let seen = &script.seen()[0];
    assert_eq!(seen.uri, "https://platform.example/api/v2/orders?limit=5");
    assert_eq!(
        (&seen.headers["accept"], &seen.headers["square-version"]),
        (&"application/json".parse().unwrap(), &"2026-05-20".parse().unwrap())
    );
    assert!(!seen.headers.contains_key("content-type"));
}

#[tokio::test]
async fn a_search_by_post_is_repeated_and_a_change_by_post_is_not() {
    let (cx, script) = context(vec![status(503)]);
    query_json(&cx, "test.search", "search", &serde_json::json!({"limit": 5})).await.unwrap();
    assert_eq!(script.seen().len(), 2);
    assert_eq!(script.seen()[1].body, "{\"limit\":5}");
    assert_eq!(script.seen()[1].headers["content-type"], "application/json");

    for code in [408, 500, 503] {
        let (cx, script) = context(vec![status(code)]);
        let error = post_json(&cx, "test.create", "orders", &()).await.unwrap_err();
        assert_eq!((error.retry(), script.seen().len()), (Retry::Ambiguous, 1), "{code}");
    }
    let (cx, _) = context(vec![status(400)]);
    assert_eq!(post_json(&cx, "test.create", "orders", &()).await.unwrap_err().retry(), Retry::Never);
}

#[tokio::test]
async fn every_success_status_gives_its_body() {
    for code in [200, 201, 202, 204, 206, 207] {
        let (cx, _) = context(vec![body(code, "x")]);
        assert_eq!(get(&cx, "test.get", "x").await.unwrap(), "x");
    }
}

#[test]
fn each_status_means_one_thing() {
    use ErrorKind::*;
    let after = |s| Retry::After(secs(s));
    let cases = [
        (301, Platform, Retry::Never),
        (400, Platform, Retry::Never),
        (401, Unauthenticated, Retry::Never),
        (403, PermissionDenied, Retry::Never),
        (404, NotFound, Retry::Never),
        (408, TimedOut, Retry::Now),
        (409, Conflict, Retry::Never),
        (410, NotFound, Retry::Never),
        (418, Platform, Retry::Never),
        (422, Platform, Retry::Never),
        (423, Unavailable, after(2)),
        (429, RateLimited, after(10)),
        (477, Unavailable, after(3600)),
        (500, Unavailable, Retry::Now),
        (501, Platform, Retry::Never),
        (503, Unavailable, Retry::Now),
        (599, Unavailable, Retry::Now),
        (600, Platform, Retry::Never),
    ];
    for (code, kind, retry) in cases {
        let error = status_error("test.get", StatusCode::from_u16(code).unwrap(), &HeaderMap::new(), b"");
        assert_eq!((error.kind(), error.retry()), (kind, retry), "{code}");
        assert_eq!(error.get("status"), Some(&*code.to_string()));
        assert_eq!(error.operation(), "test.get");
    }
}

#[test]
fn retry_after_goes_into_the_error() {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", "30".parse().unwrap());
    let retry = |code, headers: &HeaderMap| {
        status_error("test.get", StatusCode::from_u16(code).unwrap(), headers, b"").retry()
    };
    assert_eq!(retry(429, &headers), Retry::After(secs(30)));
    assert_eq!(retry(503, &headers), Retry::After(secs(30)));
    headers.insert("date", "Sat, 21 Nov 2026 08:00:00 GMT".parse().unwrap());
    headers.insert("retry-after", "Sat, 21 Nov 2026 08:01:00 GMT".parse().unwrap());
    assert_eq!(retry(429, &headers), Retry::After(secs(60)));
}

#[test]
fn an_error_quotes_the_platform_but_neither_headers_nor_credentials() {
    let mut headers = HeaderMap::new();
    headers.insert("location", "https://platform.example/?code=abc987".parse().unwrap());
    headers.insert("set-cookie", "session=abc987".parse().unwrap());
    let token = "EAAAEOuLQObrVwJvCvoio3H13b8Ssqz1ighmTBKZvIENW9qxirHGHkqsGcPBC1uN";
    let body =
        format!("{{\"errors\":[{{\"code\":\"UNAUTHORIZED\",\"detail\":\"Token {token} is revoked.\"}}]}}");
    let error = status_error("test.get", StatusCode::UNAUTHORIZED, &headers, body.as_bytes());
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("Token [removed] is revoked.") && shown.contains("UNAUTHORIZED"), "{shown}");
    assert!(!shown.contains("EAAAEO") && !shown.contains("abc987"), "{shown}");
}

#[test]
fn a_path_cannot_leave_the_base() {
    let base = Url::parse("https://platform.example/api/v2/").unwrap();
    let escapes = [
        "..",
        ".",
        "../admin",
        "orders/../../admin",
        "orders/..",
        "orders/./x",
        "%2e%2e/admin",
        "%2E%2e/admin",
        ".%2e/admin",
        "orders/%2e%2E?x=1",
        "\\\\evil.example/x",
        "..\\admin",
        "orders\\..\\..\\admin",
        "or\tders",
        "or\nders",
        "orders /x",
        "orders#fragment",
        "\u{a0}x",
    ];
    for path in escapes {
        let error = join(&base, path).expect_err(path);
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some("path")), "{path}");
    }
    let stay = [
        "//evil.example/x",
        "///evil.example",
        "https://evil.example/",
        "@evil.example/",
        ":99/x",
        "http:x",
        "",
    ];
    for path in stay {
        let url = join(&base, path).unwrap();
        assert_eq!(url.host_str(), Some("platform.example"), "{path}");
        assert!(
            url.path().starts_with("/api/v2/") && url.port().is_none() && url.username().is_empty(),
            "{path}"
        );
    }
}

#[test]
fn a_base_without_a_trailing_slash_or_with_a_query_still_holds() {
    let base = Url::parse("https://platform.example/api?key=1#f").unwrap();
    assert_eq!(join(&base, "/orders").unwrap().as_str(), "https://platform.example/api/orders");
    assert_eq!(
        join(&Url::parse("https://p.example").unwrap(), "a?b=c/../d").unwrap().as_str(),
        "https://p.example/a?b=c/../d"
    );
}

#[test]
fn dots_as_an_id_are_refused_however_encoded() {
    let base = Url::parse("https://platform.example/").unwrap();
    for id in [".", ".."] {
        assert!(join(&base, &format!("orders/{}/lines", path_segment(id))).is_err());
    }
    assert!(join(&base, &format!("orders/{}", path_segment("..."))).is_ok());
}

proptest! {
    #[test]
    fn any_id_stays_one_segment(id in "\\PC{1,20}") {
        prop_assume!(id != "." && id != "..");
        let base = Url::parse("https://platform.example/api/").unwrap();
        let url = join(&base, &format!("orders/{}/lines", path_segment(&id))).unwrap();
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 4);
        let decoded = segments[2].as_bytes().split(|b| *b == b'%').enumerate().flat_map(|(i, part)| {
            if i == 0 { return part.to_vec() }
            let text = std::str::from_utf8(part).unwrap();
            let mut bytes = vec![u8::from_str_radix(&text[..2], 16).unwrap()];
            bytes.extend_from_slice(&part[2..]);
            bytes
        }).collect::<Vec<u8>>();
        prop_assert_eq!(String::from_utf8(decoded).unwrap(), id);
    }

    #[test]
    fn any_path_either_stays_inside_or_is_refused(path in "[a-z./%2eE?#@:\\\\ -]{0,30}") {
        let base = Url::parse("https://platform.example/api/").unwrap();
        if let Ok(url) = join(&base, &path) {
            prop_assert_eq!(url.origin(), base.origin());
            prop_assert!(url.path().starts_with("/api/"));
        }
    }

    #[test]
    fn any_error_body_makes_a_bounded_error(body in proptest::collection::vec(any::<u8>(), 0..600), code in 300_u16..600) {
        let error = status_error("test.get", StatusCode::from_u16(code).unwrap(), &HeaderMap::new(), &body);
        prop_assert!(error.message().chars().count() < 400);
        prop_assert!(!error.message().contains(|c: char| c.is_control()));
    }
}
