//! HTTP as one method, and the layers around it.
//!
//! Outermost first: total deadline → retry → rate limit → auth → timeout → reqwest. Each attempt pays the limiter.

use crate::Result;
use async_trait::async_trait;
use bytes::Bytes;

/// Sends one request. Any status is `Ok`: what it means is the caller's to say.
#[async_trait]
pub trait HttpService: Send + Sync {
    /// Sends `request` and reads the whole answer.
    ///
    /// # Errors
    /// `Unavailable` where no connection was made, `TimedOut`, or `Ambiguous` where the request may have arrived.
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>>;
}
