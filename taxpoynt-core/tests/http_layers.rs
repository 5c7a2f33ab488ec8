//! Rate limit, credentials and the whole stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod http_support;

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http_support::*;
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use taxpoynt_core::{
    Clock, Error, ErrorKind, Result, Retry as May,
    clock::ManualClock,
    http::{
        HttpService, StackOptions,
        auth::{Bearer, SecretHeaders, StaticHeaders, StaticToken, TokenSource},
        rate_limit::{Limiter, Quota, RateHeaders, RateLimit, Unit},
        retry::{NoJitter, RetryOptions},
        stack,
        stack::Auth,
    },
};
use url::Url;

const HEADERS: RateHeaders = RateHeaders {
    limit: Some("x-limit-max"),
    window: Some(("x-limit-interval-ms", Unit::Millis)),
    remaining: Some("x-limit-remaining"),
    reset: None,
};

fn base() -> Url {
    Url::parse("https://platform.example/v1/").unwrap()
}

fn evenly(calls: u32, per: Duration) -> Quota {
    Quota { calls, per, burst: 1 }
}

struct Limited {
    clock: Arc<VirtualClock>,
    limiter: Arc<Limiter>,
    script: Arc<Script>,
    service: RateLimit,
}

fn limited(limiter: Limiter, answers: Vec<Answer>) -> Limited {
    let (clock, limiter) = (VirtualClock::new(), Arc::new(limiter));
    let script = Script::new(clock.clone(), answers);
    let service = RateLimit::new(script.clone(), clock.clone(), limiter.clone());
    Limited { clock, limiter, script, service }
}

impl Limited {
    async fn calls(&self, number: usize) {
        for _ in 0..number {
            self.service.call(get()).await.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_passes_at_once_and_the_rest_comes_evenly() {
    let limited = limited(Limiter::new(Quota { calls: 10, per: secs(1), burst: 3 }), vec![]);
    limited.calls(6).await;
    assert_eq!(limited.script.arrivals(), [0, 0, 0, 100, 200, 300]);
    limited.clock.sleep(secs(5)).await;
    limited.calls(4).await;
    assert_eq!(limited.script.arrivals()[6..], [5300, 5300, 5300, 5400]);
}

#[tokio::test(start_paused = true)]
async fn callers_who_share_a_limiter_share_its_places() {
    let limited = limited(Limiter::new(evenly(10, secs(1))), vec![]);
    let second = RateLimit::new(limited.script.clone(), limited.clock.clone(), limited.limiter.clone());
    let (a, b, c, d) = tokio::join!(
        limited.service.call(get()),
        second.call(get()),
        limited.service.call(get()),
        second.call(get())
    );
    assert!([a, b, c, d].iter().all(Result::is_ok));
    assert_eq!(limited.script.arrivals(), [0, 100, 200, 300]);
}

#[tokio::test(start_paused = true)]
async fn a_429_stops_everybody_until_its_time_and_halves_the_rate() {
    let late = Answer::Late(ms(50), Box::new(with(429, &[("retry-after", "5")])));
    let limited = limited(Limiter::new(evenly(10, secs(1))), vec![late]);
    let calls = (0..3).map(|_| limited.service.call(get()));
    assert_eq!(futures_join(calls).await, [429, 200, 200]);
    // The two who already had places at 100 and 200 ms queue again behind the block, now 200 ms apart.
    assert_eq!(limited.script.arrivals(), [0, 5050, 5250]);
    // Each of the two good answers took a sixteenth back.
    assert_eq!(limited.limiter.interval(), Duration::from_nanos(200_000_000 * 15 * 15 / 256));
    limited.calls(40).await;
    assert_eq!(limited.limiter.interval(), ms(100));
}

/// Awaits all in order of starting, on one task.
async fn futures_join<F>(calls: impl Iterator<Item = F>) -> Vec<u16>
where
    F: Future<Output = Result<http::Response<bytes::Bytes>>>,
{
    let mut calls: Vec<_> = calls.map(Box::pin).collect();
    let mut done = vec![None; calls.len()];
    std::future::poll_fn(|cx| {
        for (slot, call) in done.iter_mut().zip(&mut calls).filter(|(slot, _)| slot.is_none()) {
            if let std::task::Poll::Ready(answer) = call.as_mut().poll(cx) {
                *slot = Some(answer.unwrap().status().as_u16());
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test(start_paused = true)]
async fn one_volley_of_429_slows_down_once_and_repeated_ones_stop_at_a_limit() {
    let late = || Answer::Late(ms(80), Box::new(with(429, &[("retry-after", "1")])));
    let volley = (0..5).map(|_| late()).collect();
    let limited = limited(Limiter::new(Quota { calls: 10, per: secs(1), burst: 5 }), volley);
    futures_join((0..5).map(|_| limited.service.call(get()))).await;
    assert_eq!(limited.script.arrivals(), [0; 5]);
    assert_eq!(limited.limiter.interval(), ms(200));

    let many = (0..20).map(|_| with(429, &[("retry-after", "1")])).collect();
    let limited = self::limited(Limiter::new(evenly(10, secs(1))), many);
    limited.calls(20).await;
    assert_eq!(limited.limiter.interval(), ms(3200));
}

#[tokio::test(start_paused = true)]
async fn a_429_that_says_nothing_pauses_for_a_second() {
    let limited = limited(Limiter::new(evenly(10, secs(1))), vec![status(429)]);
    limited.calls(2).await;
    assert_eq!(limited.script.arrivals(), [0, 1000]);
}

#[tokio::test(start_paused = true)]
async fn a_503_with_retry_after_pauses_without_slowing_down() {
    let limited = limited(Limiter::new(evenly(10, secs(1))), vec![with(503, &[("retry-after", "2")])]);
    limited.calls(3).await;
    assert_eq!(limited.script.arrivals(), [0, 2000, 2100]);
}

#[tokio::test(start_paused = true)]
async fn the_platforms_headers_teach_the_rate_and_an_empty_window_is_waited_out() {
    let full = [("x-limit-max", "4"), ("x-limit-interval-ms", "10000"), ("x-limit-remaining", "3")];
    let empty = [("x-limit-max", "4"), ("x-limit-interval-ms", "10000"), ("x-limit-remaining", "0")];
    let limiter = Limiter::new(evenly(100, secs(1))).with_headers(HEADERS);
    let limited = limited(limiter, vec![with(200, &full), with(200, &full), with(200, &empty)]);
    limited.calls(4).await;
    assert_eq!(limited.limiter.interval(), ms(2500));
    // The second call had its place before anything was learned.
    assert_eq!(limited.script.arrivals(), [0, 10, 2510, 12510]);
}

#[tokio::test(start_paused = true)]
async fn a_reset_header_is_read_as_seconds_and_as_a_moment() {
    let answer = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "7")];
    let limited = limited(
        Limiter::new(evenly(100, secs(1))).with_headers(RateHeaders::COMMON),
        vec![with(200, &answer)],
    );
    limited.calls(2).await;
    assert_eq!(limited.script.arrivals(), [0, 7000]);

    let unix = RateHeaders { reset: Some(("x-ratelimit-reset", Unit::UnixSeconds)), ..RateHeaders::COMMON };
    let answer = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795248009")];
    assert_eq!(start().timestamp(), 1_795_248_000);
    let limited =
        self::limited(Limiter::new(evenly(100, secs(1))).with_headers(unix), vec![with(200, &answer)]);
    limited.calls(2).await;
    assert_eq!(limited.script.arrivals(), [0, 9000]);
}

#[tokio::test(start_paused = true)]
async fn nonsense_in_rate_headers_teaches_nothing() {
    for value in ["", "-1", "many", "1e3", "99999999999999999999999999"] {
        let answer = with(
            200,
            &[("x-limit-max", value), ("x-limit-interval-ms", value), ("x-limit-remaining", value)],
        );
        let limited = limited(Limiter::new(evenly(10, secs(1))).with_headers(HEADERS), vec![answer]);
        limited.calls(2).await;
        assert_eq!(limited.script.arrivals(), [0, 100], "{value}");
    }
    // A limit of nothing, or of more than fits, is clamped and divides by no zero.
    for (max, interval) in [("0", "1000"), ("18446744073709551615", "0"), ("1", "18446744073709551615")] {
        let answer = with(200, &[("x-limit-max", max), ("x-limit-interval-ms", interval)]);
        limited(Limiter::new(evenly(10, secs(1))).with_headers(HEADERS), vec![answer]).calls(1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_place_in_time_is_refused_and_takes_none() {
    let limiter = Limiter::new(evenly(1, secs(10))).with_longest_wait(secs(15));
    let limited = limited(limiter, vec![]);
    let first_three = futures_join((0..2).map(|_| limited.service.call(get())));
    let (_, refused) = tokio::join!(first_three, async {
        tokio::task::yield_now().await;
        limited.service.call(get()).await
    });
    let error = refused.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, May::After(secs(20))));
    limited.calls(1).await;
    assert_eq!(limited.script.arrivals(), [0, 10_000, 20_000]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_stop_the_queue() {
    let clock = Arc::new(ManualClock::new(start()));
    let limiter = Arc::new(Limiter::new(evenly(10, secs(1))));
    let ahead = Arc::new(ManualClock::new(start() + secs(3600)));
    RateLimit::new(Script::new(ahead.clone(), vec![]), ahead, limiter.clone()).call(get()).await.unwrap();
    RateLimit::new(Script::new(clock.clone(), vec![]), clock.clone(), limiter).call(get()).await.unwrap();
    assert_eq!(clock.slept(), [ms(100)]);
}

/// Gives `old` until refreshed, then `new`; counts refreshes.
struct Refreshing {
    current: Mutex<&'static str>,
    refreshes: Mutex<Vec<String>>,
    works: bool,
}

impl Refreshing {
    fn new(works: bool) -> Arc<Self> {
        Arc::new(Self { current: Mutex::new("old-token"), refreshes: Mutex::default(), works })
    }
}

#[async_trait]
impl TokenSource for Refreshing {
    async fn token(&self) -> Result<SecretString> {
        Ok(SecretString::from(*self.current.lock().unwrap()))
    }

    async fn refresh(&self, rejected: &SecretString) -> Result<bool> {
        self.refreshes.lock().unwrap().push(rejected.expose_secret().to_owned());
        if !self.works {
            return Err(Error::new(ErrorKind::Unauthenticated, "script", "the refresh was refused"));
        }
        *self.current.lock().unwrap() = "new-token";
        Ok(true)
    }
}

fn sent_tokens(script: &Script) -> Vec<String> {
    script.seen().iter().map(|seen| seen.headers[AUTHORIZATION].to_str().unwrap().to_owned()).collect()
}

fn manual(answers: Vec<Answer>) -> Arc<Script> {
    Script::new(Arc::new(ManualClock::new(start())), answers)
}

#[tokio::test]
async fn a_401_refreshes_once_and_sends_the_request_once_more() {
    let (script, source) = (manual(vec![status(401)]), Refreshing::new(true));
    let answer = Bearer::new(script.clone(), source.clone(), &base()).call(post()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(sent_tokens(&script), ["Bearer old-token", "Bearer new-token"]);
    assert_eq!(*source.refreshes.lock().unwrap(), ["old-token"]);
    assert_eq!(script.seen()[1].body, "{}");
}

#[tokio::test]
async fn a_second_401_is_handed_back() {
    let (script, source) = (manual(vec![status(401), status(401), status(401)]), Refreshing::new(true));
    let answer = Bearer::new(script.clone(), source.clone(), &base()).call(get()).await.unwrap();
    assert_eq!((answer.status().as_u16(), script.seen().len()), (401, 2));
    assert_eq!(source.refreshes.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_refresh_ends_the_call_and_a_pasted_token_is_not_refreshed() {
    let script = manual(vec![status(401)]);
    let error = Bearer::new(script.clone(), Refreshing::new(false), &base()).call(get()).await.unwrap_err();
    assert_eq!((error.kind(), script.seen().len()), (ErrorKind::Unauthenticated, 1));

    let script = manual(vec![status(401)]);
    let pasted = Arc::new(StaticToken::new(SecretString::from("pasted")));
    let answer = Bearer::new(script.clone(), pasted, &base()).call(get()).await.unwrap();
    assert_eq!((answer.status().as_u16(), script.seen().len()), (401, 1));
}

#[tokio::test]
async fn other_statuses_do_not_refresh() {
    for code in [200, 400, 403, 404, 407, 419, 500] {
        let (script, source) = (manual(vec![status(code)]), Refreshing::new(true));
        Bearer::new(script.clone(), source.clone(), &base()).call(get()).await.unwrap();
        assert!(source.refreshes.lock().unwrap().is_empty(), "{code}");
    }
}

#[tokio::test]
async fn credentials_go_to_no_other_origin() {
    let elsewhere = [
        "https://evil.example/v1/orders",
        "http://platform.example/v1/orders",
        "https://platform.example:8443/v1/orders",
        "https://platform.example.evil.example/",
        "https://api.platform.example/",
        "/v1/orders",
    ];
    for uri in elsewhere {
        let script = manual(vec![]);
        let request = || http::Request::get(uri).body(bytes::Bytes::new()).unwrap();
        let token = Arc::new(StaticToken::new(SecretString::from("secret-token")));
        let error = Bearer::new(script.clone(), token, &base()).call(request()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{uri}");
        let headers = SecretHeaders::new(&[]).unwrap();
        assert!(StaticHeaders::new(script.clone(), headers, &base()).call(request()).await.is_err());
        assert!(script.seen().is_empty(), "{uri}");
    }
    let default_port =
        http::Request::get("https://platform.example:443/x").body(bytes::Bytes::new()).unwrap();
    let token = Arc::new(StaticToken::new(SecretString::from("secret-token")));
    assert!(Bearer::new(manual(vec![]), token, &base()).call(default_port).await.is_ok());
}

#[tokio::test]
async fn secret_headers_are_sent_and_shown_nowhere() {
    let pair = [
        (http::HeaderName::from_static("x-api-key"), SecretString::from("key-5f1c")),
        (http::HeaderName::from_static("x-api-secret"), SecretString::from("secret-77aa")),
    ];
    let headers = SecretHeaders::new(&pair).unwrap();
    let shown = format!("{headers:?} {:?}", Auth::Headers(headers.clone()));
    assert!(shown.contains("x-api-key") && !shown.contains("5f1c") && !shown.contains("77aa"), "{shown}");
    let script = manual(vec![]);
    StaticHeaders::new(script.clone(), headers, &base()).call(get()).await.unwrap();
    let sent = &script.seen()[0].headers;
    assert_eq!(sent["x-api-key"], "key-5f1c");
    assert!(sent["x-api-key"].is_sensitive() && sent["x-api-secret"].is_sensitive());
    assert!(!format!("{sent:?}").contains("5f1c"));
}

#[tokio::test]
async fn a_token_with_a_line_break_is_refused_without_showing_it() {
    let script = manual(vec![]);
    let token = Arc::new(StaticToken::new(SecretString::from("abc123\r\nx-evil: 1")));
    assert!(!format!("{token:?}").contains("abc123"));
    let error = Bearer::new(script.clone(), token, &base()).call(get()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!format!("{error} {error:?}").contains("abc123") && script.seen().is_empty());
    let pair = [(http::HeaderName::from_static("x-api-key"), SecretString::from("abc\n123"))];
    let error = SecretHeaders::new(&pair).unwrap_err();
    assert!(error.message().contains("x-api-key") && !error.message().contains("123"));
}

#[tokio::test]
async fn a_bearer_token_is_marked_sensitive() {
    let script = manual(vec![]);
    Bearer::new(script.clone(), Refreshing::new(true), &base()).call(get()).await.unwrap();
    let headers = &script.seen()[0].headers;
    assert!(headers[AUTHORIZATION].is_sensitive() && !format!("{headers:?}").contains("old-token"));
}

fn whole(clock: &Arc<VirtualClock>, script: &Arc<Script>) -> StackOptions {
    StackOptions {
        limiter: Some(Arc::new(Limiter::new(evenly(1, secs(1))))),
        auth: Auth::Bearer(Refreshing::new(true)),
        retry: RetryOptions { jitter: Arc::new(NoJitter), ..RetryOptions::default() },
        timeout: Some(secs(10)),
        deadline: Some(secs(60)),
        ..StackOptions::new(script.clone(), clock.clone(), base())
    }
}

#[tokio::test(start_paused = true)]
async fn in_a_stack_each_attempt_pays_the_limiter_has_its_own_time_and_a_refresh_is_no_attempt() {
    let clock = VirtualClock::new();
    let answers = vec![Answer::Silence, status(401), status(503)];
    let script = Script::new(clock.clone(), answers);
    let answer = stack(whole(&clock, &script)).call(get()).await.unwrap();
    assert_eq!(answer.status(), 200);
    // 0: silence until the timeout at 10 s. 10.5 s after the pause: 401, refreshed and sent again at once: 503.
    // 11.5 s after a pause of 1 s; the limiter's place at 11.5 s is free by then.
    assert_eq!(script.arrivals(), [0, 10_500, 10_500, 11_500]);
    assert_eq!(sent_tokens(&script)[1..], ["Bearer old-token", "Bearer new-token", "Bearer new-token"]);
}

#[tokio::test(start_paused = true)]
async fn in_a_stack_the_limiter_outlasts_a_shorter_pause() {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone(), vec![status(503), status(503)]);
    stack(whole(&clock, &script)).call(get()).await.unwrap();
    assert_eq!(script.arrivals(), [0, 1000, 2000]);
}

#[tokio::test(start_paused = true)]
async fn in_a_stack_the_deadline_ends_everything() {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone(), (0..9).map(|_| Answer::Silence).collect());
    let options = StackOptions { deadline: Some(secs(15)), ..whole(&clock, &script) };
    let error = stack(options).call(get()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!((clock.now() - start()).num_seconds(), 15);
    assert_eq!(script.arrivals(), [0, 10_500]);
}

#[tokio::test(start_paused = true)]
async fn in_a_stack_a_lost_post_is_sent_once() {
    let clock = VirtualClock::new();
    let script = Script::new(clock.clone(), vec![Answer::Silence]);
    let error = stack(whole(&clock, &script)).call(post()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Ambiguous, May::Ambiguous));
    assert_eq!(script.arrivals(), [0]);
}

#[test]
fn a_stacks_options_show_no_secret() {
    let pair = [(http::HeaderName::from_static("x-api-key"), SecretString::from("key-5f1c"))];
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(start()));
    let mut options = StackOptions::new(Script::new(clock.clone(), vec![]), clock, base());
    options.auth = Auth::Headers(SecretHeaders::new(&pair).unwrap());
    assert!(!format!("{options:?}").contains("5f1c"));
}
