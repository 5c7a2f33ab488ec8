//! The budget: an outage is not multiplied by repeats, and a well connection has them again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod http_support;

use http_support::*;
use std::sync::Arc;
use taxpoynt_core::{
    ErrorKind, Retry as May,
    clock::ManualClock,
    http::{
        HttpService, StackOptions,
        breaker::{Breaker, BreakerOptions},
        budget::{BudgetOptions, RetryBudget},
        retry::{NoJitter, Retry, RetryOptions},
        stack,
    },
};

struct Paying {
    clock: Arc<ManualClock>,
    script: Arc<Script>,
    budget: Arc<RetryBudget>,
    service: Retry,
}

fn paying(options: BudgetOptions, answers: Vec<Answer>) -> Paying {
    let clock = Arc::new(ManualClock::new(start()));
    let script = Script::new(clock.clone(), answers);
    let budget = Arc::new(RetryBudget::new(options));
    let retry = RetryOptions { jitter: Arc::new(NoJitter), ..RetryOptions::default() };
    let service = Retry::new(script.clone(), clock.clone(), retry).with_budget(budget.clone());
    Paying { clock, script, budget, service }
}

fn times(number: usize, answer: fn() -> Answer) -> Vec<Answer> {
    (0..number).map(|_| answer()).collect()
}

#[tokio::test]
async fn a_thousand_calls_in_an_outage_make_twenty_repeats_and_no_more() {
    let paying = paying(BudgetOptions::default(), times(5000, || status(503)));
    for _ in 0..1000 {
        assert_eq!(paying.service.call(get()).await.unwrap().status(), 503);
    }
    assert_eq!(paying.script.seen().len(), 1020);
    assert_eq!(paying.budget.tokens(), 0);
    // Six calls of four attempts, one of three, and then every call is made once, without a pause.
    let whole = [ms(500), ms(1000), ms(2000)];
    let mut expected = whole.repeat(6);
    expected.extend([ms(500), ms(1000)]);
    assert_eq!(paying.clock.slept(), expected);
}

#[tokio::test]
async fn five_good_calls_earn_one_repeat() {
    let options = BudgetOptions { capacity: 5, ..BudgetOptions::default() };
    let mut answers = times(4, || status(503));
    answers.extend(times(4, || status(200)));
    answers.push(status(503));
    answers.push(status(200));
    answers.extend(times(2, || status(503)));
    let paying = paying(options, answers);
    // One repeat for the first call, none for the next two: four attempts.
    for _ in 0..3 {
        assert_eq!(paying.service.call(get()).await.unwrap().status(), 503);
    }
    for _ in 0..4 {
        assert_eq!(paying.service.call(get()).await.unwrap().status(), 200);
    }
    assert_eq!(paying.budget.tokens(), 4);
    assert_eq!(paying.service.call(get()).await.unwrap().status(), 503, "four are not enough");
    assert_eq!(paying.service.call(get()).await.unwrap().status(), 200, "the fifth");
    assert_eq!(paying.service.call(get()).await.unwrap().status(), 503);
    assert_eq!(paying.script.seen().len(), 12, "the last call was repeated once");
    assert_eq!(paying.clock.slept(), [ms(500), ms(500)]);
}

#[tokio::test]
async fn a_repeat_that_succeeds_costs_nothing_in_the_end() {
    let paying = paying(BudgetOptions::default(), vec![status(503), status(200), status(429), status(404)]);
    assert_eq!(paying.service.call(get()).await.unwrap().status(), 200);
    assert_eq!(paying.budget.tokens(), 100);
    // An answer that is no success still shows that the other side is well.
    assert_eq!(paying.service.call(get()).await.unwrap().status(), 404);
    assert_eq!(paying.budget.tokens(), 100);
}

#[tokio::test]
async fn a_time_out_costs_twice_as_much() {
    let timed_out = || Answer::Fail(ErrorKind::TimedOut, May::Now);
    let gone = || Answer::Fail(ErrorKind::Unavailable, May::Now);
    for (answer, left) in [(timed_out as fn() -> Answer, 70), (gone, 85)] {
        let paying = paying(BudgetOptions::default(), times(4, answer));
        paying.service.call(get()).await.unwrap_err();
        assert_eq!(paying.budget.tokens(), left);
    }
}

#[tokio::test]
async fn what_may_not_be_repeated_costs_nothing() {
    let paying = paying(BudgetOptions::default(), times(3, || status(503)));
    for _ in 0..3 {
        assert_eq!(paying.service.call(post()).await.unwrap().status(), 503);
    }
    assert_eq!(paying.budget.tokens(), 100);
    assert!(paying.clock.slept().is_empty());
}

#[tokio::test]
async fn tokens_never_exceed_the_bucket_and_nonsense_prices_do_not_overflow() {
    let dear = BudgetOptions { capacity: 3, repeat: u32::MAX, timed_out: u32::MAX, success: u32::MAX };
    let paying = paying(dear, vec![status(503), status(200)]);
    assert_eq!(paying.service.call(get()).await.unwrap().status(), 503, "nobody can pay for a repeat");
    assert_eq!(paying.service.call(get()).await.unwrap().status(), 200);
    assert_eq!(paying.budget.tokens(), 3);
}

/// Budget and breaker together, over an hour in which nothing answers and somebody calls once a second.
#[tokio::test]
async fn an_hour_of_outage_is_called_about_once_in_thirty_seconds() {
    let clock = Arc::new(ManualClock::new(start()));
    let script = Script::new(clock.clone(), times(10_000, || status(503)));
    let base = "https://platform.example/v1/".parse().unwrap();
    let mut options = StackOptions::new(script.clone(), clock.clone(), base);
    options.breaker = Some(Arc::new(Breaker::new(BreakerOptions::default())));
    options.budget = Some(Arc::default());
    (options.timeout, options.deadline) = (None, None);
    options.retry.jitter = Arc::new(NoJitter);
    let service = stack(options);
    while clock.slept().len() < 10_000 && taxpoynt_core::Clock::now(&*clock) < start() + secs(3600) {
        let _ = service.call(get()).await;
        clock.advance(secs(1));
    }
    let attempts = script.seen().len();
    assert!((115..=125).contains(&attempts), "{attempts} attempts for thousands of calls");
}
