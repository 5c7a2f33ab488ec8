//! Notes what time it is at the platform, as the first answer of a pull says.

use crate::{Result, http::HttpService};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Request, Response, header};
use std::sync::{Arc, Mutex, PoisonError};

/// Passes calls on and keeps the first `Date` header.
pub(super) struct Dates {
    inner: Arc<dyn HttpService>,
    first: Mutex<Option<DateTime<Utc>>>,
}

impl Dates {
    pub(super) fn new(inner: Arc<dyn HttpService>) -> Self {
        Self { inner, first: Mutex::new(None) }
    }

    /// The first one.
    pub(super) fn first(&self) -> Option<DateTime<Utc>> {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl HttpService for Dates {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let response = self.inner.call(request).await?;
        let date = response.headers().get(header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        if let Some(date) = date {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(date.to_utc());
        }
        Ok(response)
    }
}
