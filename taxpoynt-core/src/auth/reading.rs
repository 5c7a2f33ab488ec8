//! The reader of token endpoints' answers by itself, for whoever tries it with answers of every shape.

use super::{
    answer::Reply,
    facts::{Answer, Life},
};
use crate::{Result, http::redact::Secrets};
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use secrecy::SecretString;

/// What an answer gave.
pub struct TokenAnswer {
    /// For calls.
    pub access_token: SecretString,
    /// For the next one, where there is one.
    pub refresh_token: Option<SecretString>,
    /// When the first ends.
    pub expires_at: DateTime<Utc>,
    /// When the second ends, where the platform says so.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// Where the account's API is, where the platform says so.
    pub base_url: Option<String>,
}

/// Reads an answer as the flows do. `sent` are the secrets of the request, `now` a moment before it.
///
/// # Errors
/// What the platform refuses, without what was sent; `Platform` where there is no token.
pub fn token_answer(
    (status, headers, body): (StatusCode, &HeaderMap, &[u8]),
    facts: &Answer,
    life: &Life,
    sent: &Secrets,
    now: DateTime<Utc>,
) -> Result<TokenAnswer> {
    let reply = Reply { operation: "auth.read", status, headers, body };
    if let Some(error) = reply.error(facts, sent) {
        return Err(error);
    }
    let granted = reply.tokens(facts, life, now)?;
    Ok(TokenAnswer {
        access_token: granted.access_token,
        refresh_token: granted.refresh_token,
        expires_at: granted.expires_at,
        refresh_expires_at: granted.refresh_expires_at,
        base_url: granted.base_url,
    })
}
