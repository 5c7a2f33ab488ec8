//! What all calls of one connection share, however many stacks are built for it.

use super::{
    breaker::{Breaker, BreakerOptions},
    budget::RetryBudget,
    rate_limit::{Limiter, Limits},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use url::Url;

/// The limiter, the breaker and the repeats left of one connection.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its place among the platform's limits.
    pub limiter: Arc<Limiter>,
    /// Whether the other side answers.
    pub breaker: Arc<Breaker>,
    /// The repeats left.
    pub budget: Arc<RetryBudget>,
}

impl Line {
    /// A line that knows only `limits` yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limiter: Arc::new(Limiter::of(limits)),
            breaker: Arc::new(Breaker::new(BreakerOptions::default())),
            budget: Arc::new(RetryBudget::default()),
        }
    }
}

/// Which account at which address. Platforms count an account's calls, so connections of one account share a line;
/// an address that somebody chose for himself is another line, so that nobody can spoil a stranger's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    platform: String,
    base_url: String,
    account: String,
}

/// The lines of an engine. One for each connected account; they are kept until the connection is removed.
#[derive(Debug, Default)]
pub struct Lines(Mutex<HashMap<Key, Line>>);

impl Lines {
    /// The line of `account` at `base_url`. It is made when it is first asked for, and keeps what it has learned; only
    /// where `limits` are not those it started with, because a setting was changed, it gets a new limiter. Without an
    /// account, before the platform has said whose credentials these are, it is a new line each time.
    #[must_use]
    pub fn line(&self, platform: &str, base_url: &Url, account: Option<&str>, limits: Limits) -> Line {
        let Some(account) = account else { return Line::new(limits) };
        let key = key(platform, base_url, account);
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(key).or_insert_with(|| Line::new(limits.clone()));
        if *line.limiter.limits() != limits {
            line.limiter = Arc::new(Limiter::of(limits));
        }
        line.clone()
    }

    /// Forgets a removed connection's line. Calls under way keep it until they end.
    pub fn forget(&self, platform: &str, base_url: &Url, account: &str) {
        let key = key(platform, base_url, account);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

fn key(platform: &str, base_url: &Url, account: &str) -> Key {
    Key { platform: platform.to_owned(), base_url: base_url.to_string(), account: account.to_owned() }
}
