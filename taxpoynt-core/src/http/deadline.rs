//! A limit on a whole call with all its attempts and waits.

use super::{
    HttpService,
    repeat::{Lost, is_repeatable, lost},
    retry_after::{later, until},
    timeout::within,
};
use crate::{Clock, Result};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};

/// When a call must be over: travels with the request, so that an inner layer does not start a wait that ends later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub DateTime<Utc>);

impl Deadline {
    /// Whether waiting `wait` from `now` would still leave time for `request`. True where it has no deadline.
    #[must_use]
    pub fn allows(request: &http::Request<Bytes>, now: DateTime<Utc>, wait: Duration) -> bool {
        request.extensions().get::<Self>().is_none_or(|deadline| later(now, wait) < deadline.0)
    }
}

/// Gives up on a call after a time, however many attempts it made. The outermost layer.
pub struct TotalDeadline {
    inner: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
    limit: Duration,
}

impl TotalDeadline {
    /// Allows each call of `inner` at most `limit`, or until the [`Deadline`] it carries if that is earlier.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>, limit: Duration) -> Self {
        Self { inner, clock, limit }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for TotalDeadline {
    async fn call(&self, mut request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let repeatable = is_repeatable(&request);
        let now = self.clock.now();
        let own = Deadline(later(now, self.limit));
        let deadline = request.extensions().get::<Deadline>().map_or(own, |carried| *carried.min(&own));
        request.extensions_mut().insert(deadline);
        let limit = until(deadline.0, now);
        match within(&*self.clock, limit, self.inner.call(request)).await {
            Some(answer) => answer,
            None => Err(lost(repeatable, Lost::TimedOut, format!("not finished within {limit:?}"))),
        }
    }
}
