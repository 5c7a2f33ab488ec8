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
