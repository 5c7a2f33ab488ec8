//! Redirects: which are followed, where to, and with what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod http_support;

use http::{Method, Request};
use http_support::*;
use std::sync::Arc;
use taxpoynt_core::{
    clock::ManualClock,
    http::{
        HttpService, Idempotent, StackOptions,
        auth::StaticToken,
        rate_limit::{Limiter, Quota},
        redirect::Redirects,
        stack,
        stack::Auth,
    },
};

fn to(code: u16, location: &'static str) -> Answer {
    with(code, &[("location", location)])
}

async fn follow(request: Request<bytes::Bytes>, answers: Vec<Answer>) -> (u16, Arc<Script>) {
    let script = Script::new(Arc::new(ManualClock::new(start())), answers);
    let answer = Redirects::new(script.clone(), 3).call(request).await.unwrap();
    (answer.status().as_u16(), script)
}

fn asked(script: &Script) -> Vec<String> {
    script.seen().iter().map(|seen| seen.uri.to_string()).collect()
}

#[tokio::test]
async fn a_get_is_followed_on_its_own_origin_in_every_spelling() {
    let spellings = [
        ("https://platform.example/v2/orders?a=1", "https://platform.example/v2/orders?a=1"),
        ("/v2/orders", "https://platform.example/v2/orders"),
        ("orders/", "https://platform.example/v1/orders/"),
        ("//platform.example/x", "https://platform.example/x"),
        ("https://platform.example:443/x", "https://platform.example/x"),
        ("HTTPS://PLATFORM.example/x#part", "https://platform.example/x"),
        ("?page=2", "https://platform.example/v1/orders?page=2"),
    ];
    for code in [301, 302, 303, 307, 308] {
        for (location, expected) in spellings {
            let (status, script) = follow(get(), vec![to(code, location)]).await;
            assert_eq!((status, asked(&script)[1..].to_vec()), (200, vec![expected.to_owned()]), "{code}");
        }
    }
}

#[tokio::test]
async fn what_leads_to_another_origin_is_handed_back() {
    let elsewhere = [
        "http://platform.example/v1/orders",
        "https://platform.example:444/v1/orders",
        "https://evil.example/v1/orders",
        "//evil.example/",
        "https://platform.example.evil.example/",
        "https://platform.example@evil.example/",
        "https://user@platform.example/",
        "https://:secret@platform.example/",
        "https://sub.platform.example/",
        "https://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "http://[::1",
    ];
    for location in elsewhere {
        let (status, script) = follow(get(), vec![to(302, location)]).await;
        assert_eq!((status, script.seen().len()), (302, 1), "{location}");
    }
    let (status, script) = follow(get(), vec![status(302)]).await;
    assert_eq!((status, script.seen().len()), (302, 1), "no location at all");
}

#[tokio::test]
async fn only_what_may_be_repeated_is_followed_and_a_body_only_where_the_method_stays() {
    for code in [301, 302, 303, 307, 308] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let mut request = post();
            *request.method_mut() = method;
            assert_eq!(follow(request, vec![to(code, "/x")]).await.0, code);
        }
        let mut search = post();
        search.extensions_mut().insert(Idempotent);
        let (status, script) = follow(search, vec![to(code, "/x")]).await;
        if code < 307 {
            assert_eq!((status, script.seen().len()), (code, 1));
        } else {
            let last = script.seen().pop().unwrap();
            assert_eq!((status, last.method, &last.body[..]), (200, Method::POST, &b"{}"[..]));
        }
    }
    for code in [300, 304, 305, 306, 200, 404] {
        assert_eq!(follow(get(), vec![to(code, "/x")]).await.1.seen().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_circle_ends_after_three_hops() {
    let answers = (0..9).map(|_| to(302, "/v1/orders")).collect();
    let (status, script) = follow(get(), answers).await;
    assert_eq!((status, script.seen().len()), (302, 4));
}

#[tokio::test(start_paused = true)]
async fn in_a_stack_each_hop_pays_the_limiter_and_is_authenticated() {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone(), vec![to(307, "/v2/orders"), to(307, "https://evil.example/")]);
    let base = "https://platform.example/v1/".parse().unwrap();
    let mut options = StackOptions::new(script.clone(), clock, base);
    options.auth = Auth::Bearer(Arc::new(StaticToken::new("token-5f1c".into())));
    let quota = Quota { calls: 1, per: secs(2), burst: 1 };
    options.limiter = Some(Arc::new(Limiter::new(quota)));
    assert_eq!(stack(options).call(get()).await.unwrap().status(), 307);
    assert_eq!(script.arrivals(), [0, 2000]);
    assert!(script.seen().iter().all(|seen| seen.headers["authorization"] == "Bearer token-5f1c"));
    assert!(script.seen().iter().all(|seen| seen.uri.host() == Some("platform.example")));
}
