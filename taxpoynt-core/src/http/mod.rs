//! HTTP as one method, and the layers around it.
//!
//! Outermost first: total deadline → retry → redirects → trace → breaker → rate limit → auth → timeout → reqwest. Each
//! attempt pays the limiter.
//! [`stack::stack`] builds that order; [`api`] is what connectors call on top of it.

mod answer;
pub mod api;
pub mod auth;
#[cfg(feature = "http")]
mod body;
pub mod breaker;
pub mod budget;
pub mod deadline;
mod excerpt;
pub mod guard;
pub mod line;
pub mod measure;
pub mod rate_limit;
pub mod redact;
pub mod redirect;
mod repeat;
#[cfg(feature = "http")]
pub mod reqwest;
pub mod retry;
mod retry_after;
mod shown;
pub mod stack;
mod status;
pub mod timeout;
pub mod trace;

pub use deadline::Deadline;
pub(crate) use excerpt::{excerpt, show};
pub use line::{Line, Lines};
pub use repeat::{Idempotent, is_repeatable};
#[cfg(feature = "http")]
pub use reqwest::{ClientOptions, ReqwestService};
pub use shown::{names_a_user, shown};
pub use stack::{StackOptions, stack};

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
