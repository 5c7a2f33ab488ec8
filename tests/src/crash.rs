//! A process that dies in the middle of its work: the network goes silent at one chosen call and stays so.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use taxpoynt_core::{Result, http::HttpService};
use tokio::sync::Notify;

/// On which side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The call is not made.
    Before,
    /// The call took effect, its answer is lost.
    After,
}

/// Makes calls until the chosen one, then says so and never answers again.
pub struct Crash {
    inner: Arc<dyn HttpService>,
    at: usize,
    moment: Moment,
    calls: AtomicUsize,
    crashed: Notify,
}

impl Crash {
    /// Crashes at call `at`, counted from 0.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, at: usize, moment: Moment) -> Self {
        Self { inner, at, moment, calls: AtomicUsize::new(0), crashed: Notify::new() }
    }

    /// Returns when the crash came.
    pub async fn crashed(&self) {
        self.crashed.notified().await;
    }
}

#[async_trait]
impl HttpService for Crash {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let here = self.calls.fetch_add(1, Ordering::SeqCst) == self.at;
        let dies = |moment| here && self.moment == moment;
        if !dies(Moment::Before) {
            let answer = self.inner.call(request).await;
            if !dies(Moment::After) {
                return answer;
            }
        }
        self.crashed.notify_one();
        std::future::pending().await
    }
}
