//! A limit on one attempt, kept by the `Clock`.

use super::{
    HttpService,
    repeat::{Lost, is_repeatable, lost},
};
use crate::{Clock, Result};
use async_trait::async_trait;
use bytes::Bytes;
use std::{future::Future, sync::Arc, time::Duration};

/// Gives up on one attempt after a time. The attempt is cancelled: its connection is closed.
pub struct Timeout {
    inner: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
    limit: Duration,
}

impl Timeout {
    /// Allows each call of `inner` at most `limit`.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>, limit: Duration) -> Self {
        Self { inner, clock, limit }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for Timeout {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let repeatable = is_repeatable(&request);
        match within(&*self.clock, self.limit, self.inner.call(request)).await {
            Some(answer) => answer,
            None => Err(lost(repeatable, Lost::TimedOut, format!("no answer within {:?}", self.limit))),
        }
    }
}

/// The output of `work`, or none where `limit` passes first. The work is asked first: an answer that is there wins.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    limit: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    tokio::select! {
        biased;
        output = work => Some(output),
        () = clock.sleep(limit) => None,
    }
}
