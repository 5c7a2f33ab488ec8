//! The breaker: when it opens, who finds out whether the other side is back, and what it costs the callers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod http_support;

use http_support::*;
use std::sync::Arc;
use taxpoynt_core::{
    Clock, Error, ErrorKind, Retry as May,
    http::{
        HttpService, StackOptions,
        breaker::{Breaker, BreakerOptions, CircuitBreaker, Passage, Verdict, is_refusal},
        rate_limit::{Limiter, Quota},
        stack,
    },
};

struct Guarded {
    clock: Arc<VirtualClock>,
    breaker: Arc<Breaker>,
    script: Arc<Script>,
    service: Arc<CircuitBreaker>,
}

fn guarded(answers: Vec<Answer>) -> Guarded {
    guarded_by(BreakerOptions::default(), answers)
}

fn guarded_by(options: BreakerOptions, answers: Vec<Answer>) -> Guarded {
    let (clock, breaker) = (VirtualClock::new(), Arc::new(Breaker::new(options)));
    let script = Script::new(clock.clone(), answers);
    let service = Arc::new(CircuitBreaker::new(script.clone(), clock.clone(), breaker.clone()));
    Guarded { clock, breaker, script, service }
}

fn times(number: usize, answer: fn() -> Answer) -> Vec<Answer> {
    (0..number).map(|_| answer()).collect()
}

fn gone() -> Answer {
    Answer::Fail(ErrorKind::Unavailable, May::Now)
}

impl Guarded {
    async fn call(&self) -> Result<u16, Error> {
        self.service.call(get()).await.map(|response| response.status().as_u16())
    }

    async fn calls(&self, number: usize) {
        for _ in 0..number {
            drop(self.call().await);
        }
    }

    fn passage(&self) -> Passage {
        self.breaker.passage(self.clock.now())
    }
}

#[tokio::test(start_paused = true)]
async fn five_failures_in_a_row_open_it_for_thirty_seconds() {
    let guarded = guarded(times(5, || status(503)));
    guarded.calls(4).await;
    assert_eq!(guarded.passage(), Passage::Free);
    guarded.calls(1).await;
    assert_eq!(guarded.passage(), Passage::Closed(start() + secs(30)));
    assert_eq!(guarded.breaker.out_since(), Some(start()));

    guarded.clock.sleep(secs(10)).await;
    let refused = guarded.call().await.unwrap_err();
    assert_eq!((refused.kind(), refused.retry()), (ErrorKind::Unavailable, May::After(secs(20))));
    assert!(is_refusal(&refused), "{refused}");
    assert_eq!(guarded.script.seen().len(), 5, "nothing is sent meanwhile");
}

#[tokio::test(start_paused = true)]
async fn one_good_answer_between_failures_starts_the_count_anew() {
    let mut answers = times(4, gone);
    answers.push(status(400));
    answers.extend(times(4, gone));
    let guarded = guarded(answers);
    guarded.calls(9).await;
    assert_eq!(guarded.passage(), Passage::Free, "a refusal in words shows that somebody is there");
}

#[tokio::test(start_paused = true)]
async fn one_probe_finds_out_and_closes_it_by_itself() {
    let mut answers = times(6, gone);
    answers.push(Answer::Late(secs(2), Box::new(status(200))));
    let guarded = guarded(answers);
    guarded.calls(5).await;
    guarded.clock.sleep(secs(30)).await;
    assert_eq!(guarded.passage(), Passage::Probe);
    guarded.calls(1).await;
    assert_eq!(guarded.passage(), Passage::Closed(start() + secs(60)), "the probe failed: thirty more");
    guarded.clock.sleep(secs(30)).await;
    // Two come at once: one goes, the other is told to wait.
    let (probe, other) = tokio::join!(guarded.call(), guarded.call());
    assert_eq!(probe.unwrap(), 200);
    assert!(is_refusal(&other.unwrap_err()));
    assert_eq!((guarded.passage(), guarded.breaker.recoveries()), (Passage::Free, 1));
    assert_eq!(guarded.breaker.out_since(), None);
    assert_eq!(guarded.script.arrivals(), [0, 0, 0, 0, 0, 30_000, 60_000]);
    // And it counts from zero again.
    guarded.calls(4).await;
    assert_eq!(guarded.passage(), Passage::Free);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_abandoned_leaves_its_place_to_the_next() {
    let mut answers = times(5, gone);
    answers.push(Answer::Silence);
    let guarded = guarded(answers);
    guarded.calls(5).await;
    guarded.clock.sleep(secs(30)).await;
    tokio::select! {
        biased;
        answer = guarded.call() => panic!("{answer:?}"),
        () = guarded.clock.sleep(secs(3)) => {}
    }
    assert_eq!(guarded.passage(), Passage::Probe);
    assert_eq!(guarded.call().await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn what_began_before_it_opened_says_nothing_about_now() {
    let mut answers = vec![Answer::Late(secs(40), Box::new(status(200)))];
    answers.extend(times(5, gone));
    let guarded = guarded(answers);
    let early = guarded.service.clone();
    let early = tokio::spawn(async move { early.call(get()).await });
    tokio::task::yield_now().await;
    guarded.calls(5).await;
    assert_eq!(early.await.unwrap().unwrap().status(), 200);
    assert_eq!(
        guarded.passage(),
        Passage::Probe,
        "the late answer closed nothing: the pause is over, a probe is due"
    );
    assert_eq!(guarded.breaker.recoveries(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_counts_as_a_failure_is_the_callers_to_say() {
    fn unauthorized(outcome: &Result<http::Response<bytes::Bytes>, Error>) -> Verdict {
        match outcome {
            Ok(response) if response.status() == 401 => Verdict::Failing,
            _ => Verdict::Alive,
        }
    }
    let options = BreakerOptions { failures: 2, pause: secs(7), judge: unauthorized };
    let guarded = guarded_by(options, vec![status(503), status(401), status(401)]);
    guarded.calls(3).await;
    assert_eq!(guarded.passage(), Passage::Closed(start() + secs(7)));
}

#[tokio::test(start_paused = true)]
async fn too_many_calls_and_our_own_refusals_are_no_failures() {
    let mut answers = times(6, || status(429));
    answers.extend(times(6, || Answer::Fail(ErrorKind::RateLimited, May::Now)));
    let guarded = guarded(answers);
    guarded.calls(12).await;
    assert_eq!(guarded.passage(), Passage::Free);
}

#[tokio::test(start_paused = true)]
async fn in_the_stack_every_attempt_is_seen_and_a_refused_one_pays_no_limiter() {
    let (clock, breaker) = (VirtualClock::new(), Arc::new(Breaker::new(BreakerOptions::default())));
    let script = Script::new(clock.clone(), times(5, || status(503)));
    let base = "https://platform.example/v1/".parse().unwrap();
    let mut options = StackOptions::new(script.clone(), clock.clone(), base);
    options.breaker = Some(breaker.clone());
    options.retry.attempts = 5;
    options.limiter = Some(Arc::new(Limiter::new(Quota { calls: 1, per: secs(40), burst: 5 })));
    options.deadline = None;
    let service = stack(options);
    assert_eq!(service.call(get()).await.unwrap().status(), 503);
    assert!(
        matches!(breaker.passage(clock.now()), Passage::Closed(_)),
        "five attempts of one call opened it"
    );
    let before = clock.now();
    // The limiter has no place for 40 s; the breaker's refusal comes at once and is not waited out.
    let refused = service.call(get()).await.unwrap_err();
    assert!(is_refusal(&refused) && refused.retry() == May::After(secs(30)), "{refused}");
    assert_eq!((clock.now() - before, script.seen().len()), (chrono::TimeDelta::zero(), 5));
    clock.sleep(secs(40)).await;
    assert_eq!(service.call(get()).await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_put_back_does_not_keep_it_open() {
    let breaker = Breaker::new(BreakerOptions { failures: 1, ..BreakerOptions::default() });
    let guarded = guarded_by(BreakerOptions { failures: 1, ..BreakerOptions::default() }, vec![gone()]);
    guarded.calls(1).await;
    let an_hour_earlier = start() - chrono::TimeDelta::hours(1);
    assert_eq!(guarded.breaker.passage(an_hour_earlier), Passage::Probe);
    assert_eq!(breaker.passage(an_hour_earlier), Passage::Free);
}
