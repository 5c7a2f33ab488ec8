//! Repeats what may be repeated, with growing pauses.

use super::{
    Deadline, HttpService, breaker::is_refusal, budget::RetryBudget, is_repeatable, retry_after::retry_after,
    trace::Attempt,
};
use crate::{Clock, ErrorKind, Result, Retry as MayRetry};
use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;
use std::{
    collections::hash_map::RandomState,
    fmt,
    hash::BuildHasher,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Spreads pauses, so that callers who failed together do not come back together.
pub trait Jitter: Send + Sync + fmt::Debug {
    /// The pause to make where `pause` was computed; never longer.
    fn spread(&self, pause: Duration) -> Duration;
}

/// Pauses as computed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJitter;

impl Jitter for NoJitter {
    fn spread(&self, pause: Duration) -> Duration {
        pause
    }
}

/// Between half and all of the computed pause. The same seed gives the same sequence.
#[derive(Debug)]
pub struct EqualJitter {
    state: AtomicU64,
}

impl EqualJitter {
    /// A sequence that `seed` decides.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    /// A sequence that differs from process to process.
    #[must_use]
    pub fn random() -> Self {
        Self::seeded(RandomState::new().hash_one(0_u8))
    }

    /// SplitMix64: enough to spread callers; nothing here needs to be unpredictable.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Jitter for EqualJitter {
    fn spread(&self, pause: Duration) -> Duration {
        let half = pause / 2;
        // 1/1024ths of the half are fine enough and stay exact.
        half + half / 1024 * u32::try_from(self.next() % 1025).unwrap_or(0)
    }
}

/// How often and how fast to repeat.
#[derive(Debug, Clone)]
pub struct RetryOptions {
    /// Attempts in all, the first included; at least 1.
    pub attempts: u32,
    /// The pause after the first attempt; each further one doubles.
    pub first_pause: Duration,
    /// No computed pause is longer.
    pub longest_pause: Duration,
    /// Where the platform asks for a longer wait than this, the answer is handed back instead of waited for.
    pub longest_wait: Duration,
    /// Which statuses are worth another attempt.
    pub statuses: fn(StatusCode) -> bool,
    /// Spreads the pauses.
    pub jitter: Arc<dyn Jitter>,
}

impl Default for RetryOptions {
    /// Four attempts: pauses of up to 0.5 s, 1 s and 2 s, and of up to 30 s where the platform asks for it.
    fn default() -> Self {
        Self {
            attempts: 4,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(10),
            longest_wait: Duration::from_secs(30),
            statuses: is_transient,
            jitter: Arc::new(EqualJitter::random()),
        }
    }
}

/// The usual statuses that may pass: 408, 429 and 5xx except 501 and 505, which will be answered again.
#[must_use]
pub fn is_transient(status: StatusCode) -> bool {
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => false,
        other => other.is_server_error(),
    }
}

/// Repeats failed attempts.
///
/// | what came | `GET`, or marked `Idempotent` | any other method |
/// |---|---|---|
/// | 429 | repeated | repeated: it was turned away |
/// | 408, 5xx | repeated | handed back: it may have taken effect |
/// | error that says `Now` or `After` | repeated | repeated: it did not arrive |
/// | error that says `Ambiguous` | repeated | handed back |
/// | error that says `Never`, any other status | handed back | handed back |
///
/// What a breaker refused is handed back at once, whatever it asks to wait: waiting is for whoever can do something else
/// meanwhile. A wait that would outlast the request's [`Deadline`] is not begun, and a repeat that the [`RetryBudget`]
/// has no tokens for is not made: what came last is handed back at once.
pub struct Retry {
    inner: Arc<dyn HttpService>,
    clock: Arc<dyn Clock>,
    options: RetryOptions,
    budget: Option<Arc<RetryBudget>>,
}

impl Retry {
    /// Repeats calls of `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>, options: RetryOptions) -> Self {
        Self { inner, clock, options, budget: None }
    }

    /// Pays for repeats from `budget`.
    #[must_use]
    pub fn with_budget(mut self, budget: Arc<RetryBudget>) -> Self {
        self.budget = Some(budget);
        self
    }

    /// How long to wait before the next attempt; none where `outcome` is final.
    fn pause(
        &self,
        repeatable: bool,
        attempt: u32,
        outcome: &Result<http::Response<Bytes>>,
    ) -> Option<Duration> {
        if attempt >= self.options.attempts {
            return None;
        }
        let asked = self.asked(repeatable, outcome)?;
        (asked <= self.options.longest_wait).then(|| asked.max(self.backoff(attempt)))
    }

    /// The wait the other side asked for, zero where it asked for none; none where `outcome` may not be repeated.
    fn asked(&self, repeatable: bool, outcome: &Result<http::Response<Bytes>>) -> Option<Duration> {
        match outcome {
            Ok(response) => {
                let status = response.status();
                let harmless = repeatable || status == StatusCode::TOO_MANY_REQUESTS;
                let again = harmless && (self.options.statuses)(status);
                again.then(|| retry_after(response.headers(), self.clock.now()).unwrap_or_default())
            }
            Err(error) if is_refusal(error) => None,
            Err(error) => match error.retry() {
                MayRetry::Now => Some(Duration::ZERO),
                MayRetry::After(wait) => Some(wait),
                MayRetry::Ambiguous => repeatable.then_some(Duration::ZERO),
                MayRetry::Never => None,
            },
        }
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let pause = self.options.first_pause.saturating_mul(doubled).min(self.options.longest_pause);
        self.options.jitter.spread(pause)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for Retry {
    async fn call(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>> {
        let repeatable = is_repeatable(&request);
        let (mut attempt, mut paid) = (1, None);
        loop {
            let mut sent = request.clone();
            sent.extensions_mut().insert(Attempt(attempt));
            let outcome = self.inner.call(sent).await;
            let Some(pause) = self.pause(repeatable, attempt, &outcome) else {
                self.earn(&outcome, paid);
                return outcome;
            };
            if !Deadline::allows(&request, self.clock.now(), pause) {
                return outcome;
            }
            paid = match self.pay(&outcome) {
                Ok(paid) => paid,
                Err(Spent) => return outcome,
            };
            tracing::debug!(attempt, ?pause, status = ?outcome.as_ref().ok().map(http::Response::status), "repeating");
            self.clock.sleep(pause).await;
            attempt += 1;
        }
    }
}

/// There are no tokens left for a repeat.
struct Spent;

impl Retry {
    /// Pays for the next attempt.
    fn pay(&self, outcome: &Result<http::Response<Bytes>>) -> Result<Option<u32>, Spent> {
        let Some(budget) = &self.budget else { return Ok(None) };
        let timed_out = outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::TimedOut);
        if let Some(paid) = budget.pay(timed_out) {
            return Ok(Some(paid));
        }
        tracing::debug!("not repeated: this connection has used up its repeats until calls succeed again");
        Err(Spent)
    }

    /// Takes in how a call ended: any answer but trouble shows that the other side is well.
    fn earn(&self, outcome: &Result<http::Response<Bytes>>, paid: Option<u32>) {
        if let (Some(budget), Ok(response)) = (&self.budget, outcome)
            && !(self.options.statuses)(response.status())
        {
            budget.succeeded(paid);
        }
    }
}
