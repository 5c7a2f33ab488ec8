//! Lines: what the calls of one connection share, and the calls of a day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod http_support;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use http_support::*;
use std::sync::Arc;
use taxpoynt_core::{
    Clock, Error, ErrorKind, Retry as May,
    clock::ManualClock,
    http::{
        HttpService, Lines, StackOptions,
        breaker::is_refusal,
        rate_limit::{Daily, DayEnds, Lane, Limiter, Limits, Quota, RateHeaders, RateLimit, Unit},
        retry::NoJitter,
        stack,
    },
};
use url::Url;

fn base() -> Url {
    "https://platform.example/v1/".parse().unwrap()
}

fn evenly(calls: u32) -> Limits {
    Limits::new(Quota { calls, per: secs(1), burst: 1 })
}

fn search(path: &str) -> http::Request<bytes::Bytes> {
    http::Request::get(format!("https://platform.example/{path}")).body(bytes::Bytes::new()).unwrap()
}

#[test]
fn an_account_has_one_line_however_often_it_is_asked_for() {
    let lines = Lines::default();
    let line = |platform, base: &Url, account| lines.line(platform, base, account, evenly(10));
    let (one, elsewhere) = (line("till", &base(), Some("a")), "https://other.example/".parse().unwrap());
    let again = line("till", &base(), Some("a"));
    assert!(Arc::ptr_eq(&one.limiter, &again.limiter));
    assert!(Arc::ptr_eq(&one.breaker, &again.breaker) && Arc::ptr_eq(&one.budget, &again.budget));
    let others = [
        line("till", &base(), Some("b")),
        line("crm", &base(), Some("a")),
        line("till", &elsewhere, Some("a")),
        line("till", &base(), None),
    ];
    for other in &others {
        assert!(!Arc::ptr_eq(&one.breaker, &other.breaker));
    }
    assert!(!Arc::ptr_eq(&line("till", &base(), None).breaker, &others[3].breaker), "nobody's is nobody's");
    lines.forget("till", &base(), "a");
    assert!(!Arc::ptr_eq(&one.breaker, &line("till", &base(), Some("a")).breaker));
}

#[test]
fn changed_limits_begin_anew_and_leave_the_breaker_alone() {
    let lines = Lines::default();
    let before = lines.line("till", &base(), Some("a"), evenly(10));
    let after = lines.line("till", &base(), Some("a"), evenly(20));
    assert!(!Arc::ptr_eq(&before.limiter, &after.limiter) && Arc::ptr_eq(&before.breaker, &after.breaker));
    assert_eq!(after.limiter.interval(), ms(50));
}

#[tokio::test(start_paused = true)]
async fn two_stacks_of_one_connection_wait_for_each_other_and_learn_from_each_other() {
    let (clock, lines) = (VirtualClock::new(), Lines::default());
    let mut answers: Vec<_> = (0..3).map(|_| status(200)).collect();
    answers.extend((0..5).map(|_| status(503)));
    let script = Script::new(clock.clone(), answers);
    let build = || {
        let line = lines.line("till", &base(), Some("a"), evenly(1));
        let mut options = StackOptions::new(script.clone(), clock.clone(), base()).on(line);
        options.retry.jitter = Arc::new(NoJitter);
        stack(options)
    };
    let (first, second) = (build(), build());
    for service in [&first, &second, &first] {
        service.call(get()).await.unwrap();
    }
    assert_eq!(script.arrivals(), [0, 1000, 2000]);
    // Four attempts of one and one of the other open the breaker for both.
    assert_eq!(first.call(get()).await.unwrap().status(), 503);
    let error = second.call(get()).await.unwrap_err();
    assert!(is_refusal(&error), "{error}");
    assert!(is_refusal(&first.call(get()).await.unwrap_err()));
    assert_eq!(script.seen().len(), 8);
}

const HEADERS: RateHeaders = RateHeaders {
    limit: Some("x-max"),
    window: Some(("x-interval-ms", Unit::Millis)),
    remaining: Some("x-left"),
    reset: None,
};

fn daily(calls: Option<u64>, ends: DayEnds) -> Limits {
    Limits {
        headers: HEADERS,
        daily: Some(Daily {
            calls,
            ends,
            limit: Some("x-daily"),
            remaining: Some("x-daily-left"),
            used_up: Some(("policyName", "DAILY")),
        }),
        ..Limits::new(Quota::per_second(1000))
    }
}

struct Counted {
    clock: Arc<ManualClock>,
    script: Arc<Script>,
    service: RateLimit,
}

fn counted(limits: Limits, now: &str, answers: Vec<Answer>) -> Counted {
    let clock = Arc::new(ManualClock::new(now.parse().unwrap()));
    let script = Script::new(clock.clone(), answers);
    let service = RateLimit::new(script.clone(), clock.clone(), Arc::new(Limiter::of(limits)));
    Counted { clock, script, service }
}

impl Counted {
    async fn call(&self) -> Result<u16, Error> {
        self.service.call(get()).await.map(|answer| answer.status().as_u16())
    }

    async fn refused_for(&self) -> chrono::TimeDelta {
        let error = self.call().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        let May::After(wait) = error.retry() else { panic!("{error}") };
        chrono::TimeDelta::from_std(wait).unwrap()
    }
}

fn until(now: &dyn Clock, moment: &str) -> chrono::TimeDelta {
    moment.parse::<DateTime<Utc>>().unwrap() - now.now()
}

#[tokio::test]
async fn the_calls_of_a_day_are_counted_until_midnight_where_the_account_is() {
    // 21:00 in Lagos, which is an hour ahead.
    let limits = daily(Some(3), DayEnds::Midnight(Tz::Africa__Lagos));
    let counted = counted(limits, "2026-11-21T20:00:00Z", vec![]);
    for _ in 0..3 {
        assert_eq!(counted.call().await.unwrap(), 200);
    }
    assert_eq!(counted.refused_for().await, chrono::TimeDelta::hours(3));
    counted.clock.advance(secs(3 * 3600 - 30));
    // Half a minute before midnight a call waits for it.
    assert_eq!(counted.call().await.unwrap(), 200);
    assert_eq!(counted.clock.slept(), [secs(30)]);
    assert_eq!(counted.clock.now(), "2026-11-21T23:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[tokio::test]
async fn the_platforms_count_of_the_day_wins_and_the_next_day_has_what_it_says() {
    let limits = daily(None, DayEnds::Midnight(Tz::America__New_York));
    let told = with(200, &[("x-daily", "5"), ("x-daily-left", "1")]);
    // An answer that was overtaken tells an older count.
    let older = with(200, &[("x-daily", "5"), ("x-daily-left", "2")]);
    let counted = counted(limits, "2026-11-21T12:00:00Z", vec![told, older]);
    assert_eq!((counted.call().await.unwrap(), counted.call().await.unwrap()), (200, 200));
    let wait = until(&*counted.clock, "2026-11-22T05:00:00Z");
    assert_eq!(counted.refused_for().await, wait);
    assert_eq!(counted.script.seen().len(), 2);
    counted.clock.advance(wait.to_std().unwrap());
    for _ in 0..5 {
        assert_eq!(counted.call().await.unwrap(), 200);
    }
    assert_eq!(counted.refused_for().await, until(&*counted.clock, "2026-11-23T05:00:00Z"));
}

#[tokio::test]
async fn a_429_about_the_day_waits_for_the_day_and_slows_nothing_down() {
    let limits = daily(None, DayEnds::Midnight(Tz::UTC));
    let over = body(429, r#"{"status":"error","errorType":"RATE_LIMIT","policyName":"DAILY"}"#);
    let counted = counted(limits, "2026-11-21T23:30:00Z", vec![over]);
    assert_eq!(counted.call().await.unwrap(), 429);
    assert_eq!(counted.refused_for().await, chrono::TimeDelta::minutes(30));
    counted.clock.advance(secs(1800));
    for _ in 0..50 {
        assert_eq!(counted.call().await.unwrap(), 200);
    }
    assert!(counted.clock.slept().is_empty());
}

#[tokio::test]
async fn a_429_about_a_shorter_window_leaves_the_day_alone() {
    for text in [r#"{"policyName":"TEN_SECONDLY_ROLLING"}"#, r#"{"policyName":7}"#, "DAILY", "", "[]"] {
        let counted =
            counted(daily(None, DayEnds::Midnight(Tz::UTC)), "2026-11-21T12:00:00Z", vec![body(429, text)]);
        assert_eq!(counted.call().await.unwrap(), 429);
        assert_eq!(counted.call().await.unwrap(), 200);
        assert_eq!(counted.clock.slept(), [secs(1)], "{text}");
    }
}

#[tokio::test]
async fn a_day_whose_end_nobody_knows_is_tried_again_once_an_hour() {
    let over = || body(429, r#"{"policyName":"DAILY"}"#);
    let none_left = with(200, &[("x-daily-left", "0")]);
    let counted =
        counted(daily(Some(1), DayEnds::Unknown), "2026-11-21T12:00:00Z", vec![over(), over(), none_left]);
    for expected in [429, 429, 200] {
        assert_eq!(counted.call().await.unwrap(), expected);
        assert_eq!(counted.refused_for().await, chrono::TimeDelta::hours(1));
        counted.clock.advance(secs(3600));
    }
    assert_eq!((counted.call().await.unwrap(), counted.call().await.unwrap()), (200, 200));
}

#[tokio::test]
async fn a_clock_that_is_set_back_over_midnight_locks_nobody_out() {
    let limits = daily(Some(1), DayEnds::Midnight(Tz::UTC));
    let limiter = Arc::new(Limiter::of(limits));
    for now in ["2026-11-21T12:00:00Z", "2026-11-19T12:00:00Z", "2026-11-21T11:00:00Z"] {
        let clock = Arc::new(ManualClock::new(now.parse().unwrap()));
        let script = Script::new(clock.clone(), vec![]);
        let service = RateLimit::new(script, clock, limiter.clone());
        assert!(service.call(get()).await.is_ok(), "{now}");
        assert!(service.call(get()).await.is_err(), "{now}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_with_a_quota_of_their_own_neither_wait_for_others_nor_stop_them() {
    const LANES: &[Lane] =
        &[Lane { ends_with: "/search", quota: Quota { calls: 5, per: secs_(1), burst: 1 } }];
    let clock = VirtualClock::new();
    let slow = with(429, &[("retry-after", "10")]);
    let script = Script::new(clock.clone(), vec![status(200), status(200), slow]);
    let limits = Limits { lanes: LANES, ..evenly(1) };
    let service = RateLimit::new(script.clone(), clock, Arc::new(Limiter::of(limits)));
    for path in ["deals", "deals/search", "deals/search", "deals", "deals/search?q=1", "research"] {
        service.call(search(path)).await.unwrap();
    }
    // 0, then a search at once; the next after 200 ms is told to wait, which stops searches alone.
    assert_eq!(script.arrivals(), [0, 0, 200, 1000, 10_200, 10_200]);
}

const fn secs_(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_burst_and_what_follows_it_stay_within_a_window_that_was_learned() {
    let clock = VirtualClock::new();
    let told = || with(200, &[("x-max", "20"), ("x-interval-ms", "10000"), ("x-left", "9")]);
    let script = Script::new(clock.clone(), (0..100).map(|_| told()).collect());
    let limits = Limits { headers: HEADERS, ..Limits::new(Quota { calls: 10, per: secs(10), burst: 5 }) };
    let service = RateLimit::new(script.clone(), clock.clone(), Arc::new(Limiter::of(limits)));
    for round in 0..5 {
        for _ in 0..20 {
            service.call(get()).await.unwrap();
        }
        // A pause gives the burst back.
        clock.sleep(secs(7 * round)).await;
    }
    let arrivals = script.arrivals();
    for first in &arrivals[1..] {
        let within = arrivals.iter().filter(|at| (*first..*first + 10_000).contains(*at)).count();
        assert!(within <= 20, "{within} calls in ten seconds from {first}");
    }
}

/// Whatever a platform sends in its headers, a limiter neither panics nor stops for longer than a week.
#[tokio::test]
async fn nonsense_about_days_teaches_nothing() {
    for nonsense in ["", "-1", "many", "18446744073709551616", "1.5", "0x10"] {
        let answer = with(200, &[("x-daily", nonsense), ("x-daily-left", nonsense)]);
        let counted = counted(daily(None, DayEnds::Midnight(Tz::UTC)), "2026-11-21T12:00:00Z", vec![answer]);
        assert_eq!((counted.call().await.unwrap(), counted.call().await.unwrap()), (200, 200), "{nonsense}");
    }
}
