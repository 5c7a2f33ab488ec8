//! One error that answers three questions: what happened, may I try again, and where.

use std::{error::Error as StdError, fmt, time::Duration};

/// The result of a fallible operation of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What happened. Each kind says what it means for a retry; `Error::retry` says it for the case at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The host configured something wrong. Never retried.
    Config,
    /// A mapping rule does not load or cannot be applied. Never retried; mend the rule and replay.
    Mapping,
    /// A record or value from outside is malformed; `field` in the context names where. Never retried.
    Payload,
    /// A webhook could not be read after its signature was accepted.
    Webhook,
    /// A webhook's signature or credentials do not verify. Never retried; the sender may repeat.
    SignatureInvalid,
    /// A webhook's timestamp is outside the tolerance.
    Replayed,
    /// The platform refuses the credentials. Not retried; the connection needs a new authorization.
    Unauthenticated,
    /// The credentials lack a permission.
    PermissionDenied,
    /// The thing does not exist, or belongs to another tenant.
    NotFound,
    /// Too many calls; wait as `Retry::After` says.
    RateLimited,
    /// The other side cannot be reached or answered 5xx.
    Unavailable,
    /// No answer within the deadline.
    TimedOut,
    /// The other side answered something else that the connector does not understand.
    Platform,
    /// The document breaks rules; `Error::faults` lists them.
    Validation,
    /// The authority refused the document. Not retried as it is.
    Rejected,
    /// The authority may have registered the document: ask before sending again.
    Ambiguous,
    /// Any other trouble with the authority.
    Authority,
    /// The store failed.
    Store,
    /// A worker's lease ran out and another has the job: what it did is discarded.
    Fenced,
    /// Two writers met; the move was not made and may be repeated at once.
    Conflict,
    /// The connector does not claim this capability.
    Unsupported,
    /// The engine itself is at fault. Not retried; please report it.
    Internal,
}

impl ErrorKind {
    /// The name used in storage, in logs and by hosts in other languages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Mapping => "mapping",
            Self::Payload => "payload",
            Self::Webhook => "webhook",
            Self::SignatureInvalid => "signature_invalid",
            Self::Replayed => "replayed",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::TimedOut => "timed_out",
            Self::Platform => "platform",
            Self::Validation => "validation",
            Self::Rejected => "rejected",
            Self::Ambiguous => "ambiguous",
            Self::Authority => "authority",
            Self::Store => "store",
            Self::Fenced => "fenced",
            Self::Conflict => "conflict",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

/// Whether the operation may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It will fail again.
    Never,
    /// It can be repeated at once.
    Now,
    /// It can be repeated after this time.
    After(Duration),
    /// It may have taken effect: ask before sending again.
    Ambiguous,
}

/// What went wrong, in one sentence a stranger can read. No secret ever enters it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    retry: Retry,
    operation: &'static str,
    message: String,
    context: Vec<(&'static str, String)>,
    faults: Vec<Fault>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// One broken rule of a document, or one refusal of the authority.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// Permanent id of the rule, `BR-CO-17`.
    pub id: String,
    /// `fatal` or `warning`.
    pub severity: &'static str,
    /// Where: an element path or a field path.
    pub path: String,
    /// What is wrong and what would satisfy the rule.
    pub message: String,
}

impl From<taxpoynt_ubl::Fault> for Fault {
    fn from(fault: taxpoynt_ubl::Fault) -> Self {
        let severity = if fault.severity == taxpoynt_ubl::Severity::Fatal { "fatal" } else { "warning" };
        Self { id: fault.id.to_owned(), severity, path: fault.path, message: fault.message }
    }
}

impl Error {
    /// An error of `kind`; `operation` is a dotted name such as `square.fetch`. Not retried unless said otherwise.
    pub fn new(kind: ErrorKind, operation: &'static str, message: impl Into<String>) -> Self {
        let retry = if kind == ErrorKind::Ambiguous { Retry::Ambiguous } else { Retry::Never };
        Self(Box::new(Inner {
            kind,
            retry,
            operation,
            message: message.into(),
            context: Vec::new(),
            faults: Vec::new(),
            source: None,
        }))
    }

    /// A malformed value: `field` is its path in the record, such as `order.line_items[0].total_money.currency`.
    pub fn payload(operation: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Payload, operation, message).with("field", field)
    }

    /// Says whether it may be repeated.
    #[must_use]
    pub fn retry_as(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Adds a fact: an id, a field, a status. Never a secret.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    /// Adds the rules the document breaks.
    #[must_use]
    pub fn with_faults(mut self, faults: Vec<Fault>) -> Self {
        self.0.faults = faults;
        self
    }

    /// Keeps what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether it may be repeated.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Which operation failed.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The facts, in the order they were added.
    #[must_use]
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// One fact.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.context.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }

    /// The broken rules, where the document was refused for them.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.operation, self.0.message)?;
        for (i, (name, value)) in self.0.context.iter().enumerate() {
            write!(f, "{}{name}={value}", if i == 0 { " [" } else { ", " })?;
        }
        if self.0.context.is_empty() { Ok(()) } else { f.write_str("]") }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        writeln!(f, "{:?} in {}: {}", inner.kind, inner.operation, inner.message)?;
        for (name, value) in &inner.context {
            writeln!(f, "  {name}: {value}")?;
        }
        for fault in &inner.faults {
            writeln!(f, "  {} {}: {}", fault.id, fault.path, fault.message)?;
        }
        write!(f, "  retry: {:?}", inner.retry)?;
        match &inner.source {
            Some(source) => write!(f, "\n  caused by: {source}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as &(dyn StdError + 'static))
    }
}
