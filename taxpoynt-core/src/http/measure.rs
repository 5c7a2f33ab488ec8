//! Tells somebody how each attempt ended and how long it took.

use super::HttpService;
use crate::{Clock, Result};
use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use std::{fmt, sync::Arc, time::Duration};

/// Told of each attempt.
pub trait Attempts: Send + Sync + fmt::Debug {
    /// An attempt ended like this after `took`, without what our own limits made it wait.
    fn attempt(&self, outcome: &Result<Response<Bytes>>, took: Duration);
}

/// Measures the attempts of `inner`. Belongs around the timeout, so that a call that was given up is an attempt too,
/// and inside the rate limit, so that our own waiting is not the platform's.
pub struct Measure {
    inner: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
    attempts: Arc<dyn Attempts>,
}

impl Measure {
    /// Tells `attempts` of the calls of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>, attempts: Arc<dyn Attempts>) -> Self {
        Self { inner, clock, attempts }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for Measure {
    async fn call(&self, request: http::Request<Bytes>) -> Result<Response<Bytes>> {
        let began = self.clock.now();
        let outcome = self.inner.call(request).await;
        self.attempts.attempt(&outcome, (self.clock.now() - began).to_std().unwrap_or_default());
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error, ErrorKind,
        clock::ManualClock,
        http::{
            rate_limit::{Limiter, Quota},
            stack::{StackOptions, stack},
        },
    };
    use chrono::DateTime;
    use std::sync::Mutex;

    /// Answers 503 after 120 ms, then not at all.
    struct Slow(Arc<ManualClock>, Mutex<u32>);

    #[async_trait]
    impl HttpService for Slow {
        async fn call(&self, _: http::Request<Bytes>) -> Result<Response<Bytes>> {
            self.0.advance(Duration::from_millis(120));
            let mut calls = self.1.lock().unwrap();
            *calls += 1;
            match *calls {
                1 => Ok(Response::builder().status(503).body(Bytes::new()).unwrap()),
                2 => Err(Error::new(ErrorKind::Unavailable, "http", "no connection was made")
                    .retry_as(crate::Retry::Now)),
                _ => Ok(Response::new(Bytes::new())),
            }
        }
    }

    #[derive(Debug, Default)]
    struct Told(Mutex<Vec<(String, Duration)>>);

    impl Attempts for Told {
        fn attempt(&self, outcome: &Result<Response<Bytes>>, took: Duration) {
            let outcome = match outcome {
                Ok(response) => response.status().as_u16().to_string(),
                Err(error) => error.kind().name().to_owned(),
            };
            self.0.lock().unwrap().push((outcome, took));
        }
    }

    #[tokio::test]
    async fn each_attempt_is_told_with_its_own_time_and_none_of_our_waiting() {
        let clock = Arc::new(ManualClock::new(DateTime::UNIX_EPOCH));
        let slow = Arc::new(Slow(clock.clone(), Mutex::default()));
        let told = Arc::new(Told::default());
        let url = "https://till.example/".parse().unwrap();
        let mut options = StackOptions::new(slow, clock.clone(), url);
        (options.timeout, options.deadline) = (None, None);
        options.limiter = Some(Arc::new(Limiter::new(Quota::per_second(1))));
        options.attempts = Some(told.clone());
        let request = http::Request::get("https://till.example/orders").body(Bytes::new()).unwrap();
        assert!(stack(options).call(request).await.unwrap().status().is_success());
        let one = Duration::from_millis(120);
        let expected = [("503", one), ("unavailable", one), ("200", one)];
        let told = told.0.lock().unwrap();
        assert_eq!(told.iter().map(|(o, t)| (o.as_str(), *t)).collect::<Vec<_>>(), expected);
        assert!(clock.now() > DateTime::UNIX_EPOCH + one * 3, "the pauses and the limiter took time too");
    }
}
