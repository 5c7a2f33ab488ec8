//! The layers in their one right order.

use super::{
    HttpService,
    auth::{Bearer, SecretHeaders, StaticHeaders, TokenSource},
    breaker::{Breaker, CircuitBreaker},
    budget::RetryBudget,
    deadline::TotalDeadline,
    line::Line,
    measure::{Attempts, Measure},
    rate_limit::{Limiter, RateLimit},
    redact::Redact,
    redirect::Redirects,
    retry::{Retry, RetryOptions},
    timeout::Timeout,
    trace::Trace,
};
use crate::Clock;
use http::HeaderName;
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
    /// A token in a header of the platform's own, after `prefix`.
    Keyed {
        /// Gives the token.
        source: Arc<dyn TokenSource>,
        /// The header's name.
        name: HeaderName,
        /// What stands before the token.
        prefix: &'static str,
    },
    /// The same headers every time.
    Headers(SecretHeaders),
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bearer(_) => f.write_str("Bearer"),
            Self::Keyed { name, .. } => write!(f, "Keyed({name})"),
            Self::Headers(headers) => write!(f, "Headers({headers:?})"),
        }
    }
}

/// What a connection's stack is made of.
///
/// Outermost first: total deadline → retry → redirects → trace → breaker → rate limit → auth → redact → measure → timeout
/// → `inner`.
///
/// **Right:** redirects inside the retry and outside the rest, so that each hop is traced, pays and is authenticated
/// like any other call; the limiter inside the retry, so that every attempt pays for its place; the breaker between them, so that
/// it sees every attempt and a refused one pays for nothing; the timeout innermost, so that
/// each attempt has its own time; the deadline outermost, so that attempts and pauses together end.
///
/// ```text
/// deadline(retry(redirects(trace(breaker(rate_limit(auth(redact(measure(timeout(reqwest))))))))))
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
    /// Told of each attempt.
    pub attempts: Option<Arc<dyn Attempts>>,
    /// How to repeat.
    pub retry: RetryOptions,
    /// The repeats left, shared by all stacks of one connection. None: `retry` alone decides.
    pub budget: Option<Arc<RetryBudget>>,
    /// So many redirects to the same origin are followed for one call.
    pub redirects: u32,
    /// For one attempt.
    pub timeout: Option<Duration>,
    /// For all attempts and pauses together.
    pub deadline: Option<Duration>,
}

impl StackOptions {
    /// No credentials, no limiter, no breaker, no budget, four attempts of 30 s each, two minutes together, three
    /// redirects.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>, clock: Arc<dyn Clock>, base_url: Url) -> Self {
        Self {
            inner,
            clock,
            base_url,
            auth: Auth::None,
            limiter: None,
            breaker: None,
            attempts: None,
            retry: RetryOptions::default(),
            budget: None,
            redirects: 3,
            timeout: Some(Duration::from_secs(30)),
            deadline: Some(Duration::from_secs(120)),
        }
    }

    /// Shares the limiter, breaker and budget of `line`.
    #[must_use]
    pub fn on(mut self, line: Line) -> Self {
        self.limiter = Some(line.limiter);
        self.breaker = Some(line.breaker);
        self.budget = Some(line.budget);
        self
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
    if let Some(attempts) = options.attempts {
        service = Arc::new(Measure::new(service, clock.clone(), attempts));
    }
    service = Arc::new(Redact::new(service));
    service = match options.auth {
        Auth::None => service,
        Auth::Bearer(source) => Arc::new(Bearer::new(service, source, &options.base_url)),
        Auth::Keyed { source, name, prefix } => {
            Arc::new(Bearer::keyed(service, source, &options.base_url, (name, prefix)))
        }
        Auth::Headers(headers) => Arc::new(StaticHeaders::new(service, headers, &options.base_url)),
    };
    if let Some(limiter) = options.limiter {
        service = Arc::new(RateLimit::new(service, clock.clone(), limiter));
    }
    if let Some(breaker) = options.breaker {
        service = Arc::new(CircuitBreaker::new(service, clock.clone(), breaker));
    }
    service = Arc::new(Trace::new(service, clock.clone()));
    if options.redirects > 0 {
        service = Arc::new(Redirects::new(service, options.redirects));
    }
    let mut retry = Retry::new(service, clock.clone(), options.retry);
    if let Some(budget) = options.budget {
        retry = retry.with_budget(budget);
    }
    service = Arc::new(retry);
    if let Some(limit) = options.deadline {
        service = Arc::new(TotalDeadline::new(service, clock, limit));
    }
    service
}
