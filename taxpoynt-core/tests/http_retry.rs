//! Retry, timeout and deadline: what is repeated, what never is, and after exactly how long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod http_support;

use http_support::*;
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    Clock, ErrorKind, Retry as May,
    clock::ManualClock,
    http::{
        HttpService, Idempotent,
        deadline::TotalDeadline,
        retry::{EqualJitter, Jitter, NoJitter, Retry, RetryOptions, is_transient},
        timeout::Timeout,
    },
};

fn options() -> RetryOptions {
    RetryOptions { jitter: Arc::new(NoJitter), ..RetryOptions::default() }
}

struct Outcome {
    attempts: usize,
    slept: Vec<Duration>,
    result: taxpoynt_core::Result<http::Response<bytes::Bytes>>,
}

async fn run(request: http::Request<bytes::Bytes>, options: RetryOptions, answers: Vec<Answer>) -> Outcome {
    let clock = Arc::new(ManualClock::new(start()));
    let script = Script::new(clock.clone(), answers);
    let result = Retry::new(script.clone(), clock.clone(), options).call(request).await;
    Outcome { attempts: script.seen().len(), slept: clock.slept(), result }
}

#[tokio::test]
async fn pauses_double_up_to_the_longest_and_the_last_answer_is_handed_back() {
    let options = RetryOptions { attempts: 7, longest_pause: secs(5), ..options() };
    let outcome = run(get(), options, (0..9).map(|_| status(503)).collect()).await;
    assert_eq!(outcome.slept, [ms(500), secs(1), secs(2), secs(4), secs(5), secs(5)]);
    assert_eq!(outcome.attempts, 7);
    assert_eq!(outcome.result.unwrap().status(), 503);
}

#[tokio::test]
async fn an_absurd_number_of_attempts_does_not_overflow_the_pause() {
    let options = RetryOptions { attempts: 70, ..options() };
    let outcome = run(get(), options, (0..69).map(|_| status(500)).collect()).await;
    assert_eq!(outcome.result.unwrap().status(), 200);
    assert_eq!(outcome.slept[68], secs(10));
}

#[tokio::test]
async fn a_get_is_repeated_for_each_status_that_may_pass_and_for_no_other() {
    for code in 200..=599 {
        let repeated = code == 408 || code == 429 || (code >= 500 && code != 501 && code != 505);
        let outcome = run(get(), options(), vec![status(code)]).await;
        assert_eq!(outcome.attempts, if repeated { 2 } else { 1 }, "{code}");
    }
}

#[tokio::test]
async fn a_post_that_may_have_arrived_is_never_repeated() {
    for code in [408, 500, 502, 503, 504, 520, 599] {
        let outcome = run(post(), options(), vec![with(code, &[("retry-after", "1")])]).await;
        assert_eq!((outcome.attempts, outcome.result.unwrap().status().as_u16()), (1, code));
    }
    let outcome = run(post(), options(), vec![Answer::Fail(ErrorKind::Ambiguous, May::Ambiguous)]).await;
    assert_eq!(outcome.attempts, 1);
    assert_eq!(outcome.result.unwrap_err().retry(), May::Ambiguous);
}

#[tokio::test]
async fn put_patch_and_delete_are_not_repeated_either() {
    for method in ["PUT", "PATCH", "DELETE", "MERGE"] {
        let mut request = post();
        *request.method_mut() = method.parse().unwrap();
        assert_eq!(run(request, options(), vec![status(502)]).await.attempts, 1, "{method}");
    }
}

#[tokio::test]
async fn a_post_marked_idempotent_is_repeated_like_a_get() {
    let mut request = post();
    request.extensions_mut().insert(Idempotent);
    let answers = vec![status(502), Answer::Fail(ErrorKind::Ambiguous, May::Ambiguous)];
    let outcome = run(request, options(), answers).await;
    assert_eq!(outcome.attempts, 3);
    assert_eq!(outcome.result.unwrap().status(), 200);
}

#[tokio::test]
async fn a_post_that_certainly_did_not_take_effect_is_repeated() {
    let answers = vec![
        status(429),
        Answer::Fail(ErrorKind::Unavailable, May::Now),
        Answer::Fail(ErrorKind::Unavailable, May::After(secs(7))),
    ];
    let outcome = run(post(), options(), answers).await;
    assert_eq!(outcome.slept, [ms(500), secs(1), secs(7)]);
    assert_eq!(outcome.result.unwrap().status(), 200);
}

#[tokio::test]
async fn an_error_that_will_come_again_is_handed_back_at_once() {
    let outcome = run(get(), options(), vec![Answer::Fail(ErrorKind::Config, May::Never)]).await;
    assert_eq!((outcome.attempts, outcome.slept.len()), (1, 0));
    assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn retry_after_is_kept_in_seconds_and_as_a_date() {
    let answers = vec![
        with(429, &[("retry-after", "20")]),
        with(503, &[("retry-after", "Sat, 21 Nov 2026 08:00:25 GMT")]),
        with(429, &[("retry-after", "0")]),
    ];
    let outcome = run(get(), options(), answers).await;
    // The date is 5 s away once 20 s have passed; "0" leaves the computed pause.
    assert_eq!(outcome.slept, [secs(20), secs(5), secs(2)]);
}

#[tokio::test]
async fn a_wait_longer_than_we_are_willing_to_make_is_left_to_the_caller() {
    for value in ["31", "86400", "99999999999999999999", "Sun, 22 Nov 2026 08:00:00 GMT"] {
        let outcome = run(get(), options(), vec![with(429, &[("retry-after", value)])]).await;
        assert_eq!((outcome.attempts, outcome.slept.len()), (1, 0), "{value}");
        assert_eq!(outcome.result.unwrap().status(), 429);
    }
}

#[tokio::test]
async fn each_attempt_sends_the_same_request() {
    let clock = Arc::new(ManualClock::new(start()));
    let script = Script::new(clock.clone(), vec![status(429)]);
    let mut request = post();
    request.headers_mut().insert("x-version", "2026".parse().unwrap());
    Retry::new(script.clone(), clock, options()).call(request).await.unwrap();
    let [first, second] = &script.seen()[..] else { panic!("two attempts were expected") };
    assert_eq!(
        (&first.method, &first.uri, &first.headers, &first.body),
        (&second.method, &second.uri, &second.headers, &second.body)
    );
}

#[test]
fn jitter_repeats_with_its_seed_and_stays_between_half_and_whole() {
    let spread = |seed| {
        let jitter = EqualJitter::seeded(seed);
        (0..1000).map(|_| jitter.spread(secs(2))).collect::<Vec<_>>()
    };
    assert_eq!(spread(1), spread(1));
    assert_ne!(spread(1), spread(2));
    assert!(spread(3).iter().all(|pause| (secs(1)..=secs(2)).contains(pause)));
    assert!(
        spread(3).iter().any(|pause| *pause < ms(1100)) && spread(3).iter().any(|pause| *pause > ms(1900))
    );
    assert_eq!(EqualJitter::seeded(1).spread(Duration::ZERO), Duration::ZERO);
    assert!(EqualJitter::seeded(1).spread(Duration::MAX) <= Duration::MAX);
}

#[test]
fn what_is_transient_is_a_closed_list() {
    let transient: Vec<u16> =
        (100..1000).filter(|code| is_transient(http::StatusCode::from_u16(*code).unwrap())).take(8).collect();
    assert_eq!(transient, [408, 429, 500, 502, 503, 504, 506, 507]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_attempt_ends_after_its_time_and_a_post_is_then_ambiguous() {
    for (request, kind, retry) in
        [(get(), ErrorKind::TimedOut, May::Now), (post(), ErrorKind::Ambiguous, May::Ambiguous)]
    {
        let clock = VirtualClock::new();
        let script = Script::new(clock.clone(), vec![Answer::Silence]);
        let error = Timeout::new(script, clock.clone(), secs(30)).call(request).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry));
        assert_eq!(clock.now(), start() + secs(30));
    }
}

#[tokio::test]
async fn an_answer_that_is_there_wins_over_a_timeout_and_costs_no_time() {
    let clock = Arc::new(ManualClock::new(start()));
    let script = Script::new(clock.clone(), vec![]);
    let answer = Timeout::new(script, clock.clone(), Duration::ZERO).call(get()).await;
    assert_eq!(answer.unwrap().status(), 200);
    assert!(clock.slept().is_empty());
}

fn under_deadline(
    clock: &Arc<VirtualClock>,
    limit: Duration,
    answers: Vec<Answer>,
) -> (Arc<Script>, TotalDeadline) {
    let script = Script::new(clock.clone(), answers);
    let retry = Arc::new(Retry::new(script.clone(), clock.clone(), options()));
    (script, TotalDeadline::new(retry, clock.clone(), limit))
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_would_outlast_the_deadline_is_not_begun() {
    let clock = VirtualClock::new();
    let answers = (0..4).map(|_| with(503, &[("retry-after", "3")])).collect();
    let (script, service) = under_deadline(&clock, secs(5), answers);
    // The platform's answer is handed back, not a timeout that would say less.
    assert_eq!(service.call(get()).await.unwrap().status(), 503);
    assert_eq!(script.arrivals(), [0, 3000]);
    assert_eq!(clock.now(), start() + secs(3));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_a_call_that_hangs_and_a_get_may_be_repeated() {
    let clock = VirtualClock::new();
    let (script, service) = under_deadline(&clock, secs(5), vec![status(503), Answer::Silence]);
    let error = service.call(get()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::TimedOut, May::Now));
    assert_eq!(script.arrivals(), [0, 500]);
    assert_eq!(clock.now(), start() + secs(5));
    let (_, service) = under_deadline(&clock, secs(5), vec![Answer::Silence]);
    assert_eq!(service.call(post()).await.unwrap_err().retry(), May::Ambiguous);
}

#[tokio::test(start_paused = true)]
async fn an_earlier_deadline_that_the_request_carries_is_kept() {
    let clock = VirtualClock::new();
    let (_, service) = under_deadline(&clock, secs(60), vec![Answer::Silence]);
    let mut request = get();
    request.extensions_mut().insert(taxpoynt_core::http::Deadline(start() + secs(2)));
    assert_eq!(service.call(request).await.unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(clock.now(), start() + secs(2));
}
