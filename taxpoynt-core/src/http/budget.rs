//! How many repeats a connection may make: an outage must not be multiplied by everybody's repeats.
//!
//! A bucket of tokens, as in the AWS SDKs and gRPC's throttling of retries: a repeat takes some out, a success puts some
//! back. While nothing succeeds the bucket runs empty, and then every call is made once. It is not refilled by time:
//! that the other side is well again is shown by first attempts, which cost nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What repeats cost and successes earn, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetOptions {
    /// The bucket is never fuller than this, and starts so.
    pub capacity: u32,
    /// Of a repeat.
    pub repeat: u32,
    /// Of a repeat of what ended without an answer in time: it has cost more than an answer.
    pub timed_out: u32,
    /// What a call earns that succeeds at its first attempt. One that needed repeats earns back its last one.
    pub success: u32,
}

impl Default for BudgetOptions {
    /// 100 tokens, 5 for a repeat, 10 after a time-out, 1 back for a success: 20 repeats in an outage, and in a bad hour
    /// one for every five calls that succeed.
    fn default() -> Self {
        Self { capacity: 100, repeat: 5, timed_out: 10, success: 1 }
    }
}

/// The repeats one connection has left, shared by everything that calls it.
#[derive(Debug)]
pub struct RetryBudget {
    options: BudgetOptions,
    tokens: Mutex<u32>,
}

impl RetryBudget {
    /// A full bucket.
    #[must_use]
    pub fn new(options: BudgetOptions) -> Self {
        Self { options, tokens: Mutex::new(options.capacity) }
    }

    /// The tokens left.
    #[must_use]
    pub fn tokens(&self) -> u32 {
        *self.lock()
    }

    /// Pays for a repeat: what it cost, or none where there is not enough left.
    pub(super) fn pay(&self, timed_out: bool) -> Option<u32> {
        let cost = if timed_out { self.options.timed_out } else { self.options.repeat };
        let mut tokens = self.lock();
        *tokens = tokens.checked_sub(cost)?;
        Some(cost)
    }

    /// Takes in a success; `paid` is what its last repeat cost.
    pub(super) fn succeeded(&self, paid: Option<u32>) {
        let mut tokens = self.lock();
        *tokens = tokens.saturating_add(paid.unwrap_or(self.options.success)).min(self.options.capacity);
    }

    fn lock(&self) -> MutexGuard<'_, u32> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(BudgetOptions::default())
    }
}
