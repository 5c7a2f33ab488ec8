//! The layers in their one right order.

use super::{
    HttpService,
    auth::{Bearer, SecretHeaders, StaticHeaders, TokenSource},
    breaker::{Breaker, CircuitBreaker},
    deadline::TotalDeadline,
    rate_limit::{Limiter, RateLimit},
    redact::Redact,
    retry::{Retry, RetryOptions},
    timeout::Timeout,
};
use crate::Clock;
use std::{fmt, sync::Arc, time::Duration};
use url::Url;

/// How a stack proves who is calling.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// `Authorization: Bearer`.
    Bearer(Arc<dyn TokenSource>),
    /// The same headers every time.
    Headers(SecretHeaders),
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bearer(_) => f.write_str("Bearer"),
            Self::Headers(headers) => write!(f, "Headers({headers:?})"),
        }
    }
}

/// What a connection's stack is made of.
///
/// Outermost first: total deadline → retry → breaker → rate limit → auth → redact → timeout → `inner`.
///
/// **Right:** the limiter inside the retry, so that every attempt pays for its place; the breaker between them, so that
/// it sees every attempt and a refused one pays for nothing; the timeout innermost, so that
/// each attempt has its own time; the deadline outermost, so that attempts and pauses together end.
///
/// ```text
/// deadline(retry(breaker(rate_limit(auth(redact(timeout(reqwest)))))))
/// ```
///
/// **Wrong:** the limiter outside the retry: four attempts pay once, and the platform blocks the account. The timeout
/// outside the retry: the pauses eat the time of the attempt that would have succeeded.
///
/// ```text
/// rate_limit(timeout(retry(auth(reqwest))))
/// ```
#[derive(Clone)]
pub struct StackOptions {
    /// What sends: the process's one `ReqwestService`, or a replay in tests.
    pub inner: Arc<dyn HttpService>,
    /// Time. A `ManualClock` ends every wait at once, also a timeout's: with one, and real connections, set `deadline`
    /// and `timeout` to none.
    pub clock: Arc<dyn Clock>,
    /// Where the credentials may go: the connection's base URL.
    pub base_url: Url,
    /// The credentials.
    pub auth: Auth,
    /// The limiter, shared by all stacks of one account.
    pub limiter: Option<Arc<Limiter>>,
    /// The breaker, shared by all stacks that call one side. None: every call is sent.
    pub breaker: Option<Arc<Breaker>>,
    /// How to repeat.
    pub retry: RetryOptions,
    /// For one attempt.
    pub timeout: Option<Duration>,
    /// For all attempts and pauses together.
    pub deadline: Option<Duration>,
}

impl StackOptions {
    /// No credentials, no limiter, no breaker, four attempts of 30 s each, two minutes together.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>, base_url: Url) -> Self {
        Self {
            inner,
            clock,
            base_url,
            auth: Auth::None,
            limiter: None,
            breaker: None,
            retry: RetryOptions::default(),
            timeout: Some(Duration::from_secs(30)),
            deadline: Some(Duration::from_secs(120)),
        }
    }
}

impl fmt::Debug for StackOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StackOptions")
            .field("base_url", &super::shown(&self.base_url))
            .field("auth", &self.auth)
            .field("retry", &self.retry)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// Builds the stack.
#[must_use]
pub fn stack(options: StackOptions) -> Arc<dyn HttpService> {
    let clock = options.clock;
    let mut service = options.inner;
    if let Some(limit) = options.timeout {
        service = Arc::new(Timeout::new(service, clock.clone(), limit));
    }
    service = Arc::new(Redact::new(service));
    service = match options.auth {
        Auth::None => service,
        Auth::Bearer(source) => Arc::new(Bearer::new(service, source, &options.base_url)),
        Auth::Headers(headers) => Arc::new(StaticHeaders::new(service, headers, &options.base_url)),
    };
    if let Some(limiter) = options.limiter {
        service = Arc::new(RateLimit::new(service, clock.clone(), limiter));
    }
    if let Some(breaker) = options.breaker {
        service = Arc::new(CircuitBreaker::new(service, clock.clone(), breaker));
    }
    service = Arc::new(Retry::new(service, clock.clone(), options.retry));
    if let Some(limit) = options.deadline {
        service = Arc::new(TotalDeadline::new(service, clock, limit));
    }
    service
}
