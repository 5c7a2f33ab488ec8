//! A platform on trial: its connector, the worlds it meets, and what every trial holds of every outcome.

use crate::{
    journal::Journal,
    stand::{Stand, World},
    wire::Wire,
};
use chrono::{DateTime, Utc};
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, OnceLock},
};
use taxpoynt_core::{
    Clock, Error, ErrorKind, Result,
    connector::{Capability, Connector, Context, Day, Pull, Registry},
    http::{
        StackOptions,
        auth::StaticToken,
        rate_limit::{Limiter, Quota},
        retry::{NoJitter, RetryOptions},
        stack::{Auth, stack},
    },
    model::{RawRecord, SourceKey},
};
use taxpoynt_tests::TestClock;

/// What a trial comes to: the reason it failed for.
pub(crate) type Verdict = std::result::Result<(), String>;

/// Fails the trial with a sentence unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($sentence:tt)+) => {
        if !$condition {
            return Err(format!($($sentence)+));
        }
    };
}
pub(crate) use ensure;

/// Every wait is over at once and no call leaves this process: one thread is enough for a trial.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// When all trials happen.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

/// That day, as the simulated sellers' calendars have it.
pub(crate) fn today() -> Day {
    Day::new(now().date_naive(), "Africa/Lagos".parse().unwrap())
}

/// Records in the small world: enough for a neighbour on either side.
pub(crate) const FEW: usize = 3;

/// A platform and its connector, which may be a sabotaged one.
pub(crate) struct Bench {
    pub(crate) stand: Arc<dyn Stand>,
    pub(crate) connector: Arc<dyn Connector>,
    few: OnceLock<World>,
    many: OnceLock<World>,
}

/// One call to the connector that a capability stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Check,
    Pull,
    Fetch,
    Locations,
    Pipelines,
    Tally,
    Deletions,
}

impl Verb {
    /// The verbs that go out to the platform, each with the capability that is claimed with it.
    pub(crate) const ALL: [(Self, Option<Capability>, &'static str); 7] = [
        (Self::Check, None, "check"),
        (Self::Pull, Some(Capability::Pull), "pull"),
        (Self::Fetch, Some(Capability::Fetch), "fetch"),
        (Self::Locations, Some(Capability::Locations), "locations"),
        (Self::Pipelines, Some(Capability::Pipelines), "pipelines"),
        (Self::Tally, Some(Capability::Tally), "tally"),
        (Self::Deletions, Some(Capability::Deletions), "deletions"),
    ];
}

/// A trial's own network and clock.
pub(crate) struct Line {
    pub(crate) wire: Arc<Wire>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) cx: Context,
}

impl Line {
    /// How long everything waited.
    pub(crate) fn waited(&self) -> chrono::TimeDelta {
        self.clock.now() - now()
    }
}

impl Bench {
    pub(crate) fn new(stand: Arc<dyn Stand>, connector: Arc<dyn Connector>) -> Arc<Self> {
        Arc::new(Self { stand, connector, few: OnceLock::new(), many: OnceLock::new() })
    }

    /// The connector's id.
    pub(crate) fn id(&self) -> &'static str {
        self.connector.info().id
    }

    /// The platforms as an engine gets them, this connector in its place.
    pub(crate) fn registry(&self) -> Registry {
        let mut registry = taxpoynt_tests::platforms();
        registry.put(self.connector.clone());
        registry
    }

    /// A world of [`FEW`] records that no trial changes.
    pub(crate) fn few(&self) -> &World {
        self.few.get_or_init(|| self.open(FEW))
    }

    /// A world of three pages that no trial changes.
    pub(crate) fn many(&self) -> &World {
        self.many.get_or_init(|| self.open(self.stand.three_pages()))
    }

    /// A world of one's own.
    pub(crate) fn open(&self, records: usize) -> World {
        self.stand.open(now(), records)
    }

    /// The way to a world, with the layers the engine puts around every connection.
    pub(crate) fn line(&self, world: &World) -> Line {
        self.line_as(world, &world.token)
    }

    /// As `line`, with another token.
    pub(crate) fn line_as(&self, world: &World, token: &str) -> Line {
        let clock = Arc::new(TestClock::new(now()));
        let wire = Wire::new(self.id(), world.sim.direct(), clock.clone());
        let mut options = StackOptions::new(wire.clone(), clock.clone(), world.base_url.clone());
        options.auth = Auth::Bearer(Arc::new(StaticToken::new(token.to_owned().into())));
        let quota = Quota::per_second(self.connector.info().calls_per_second);
        options.limiter = Some(Arc::new(Limiter::new(quota)));
        options.retry = RetryOptions { jitter: Arc::new(NoJitter), ..RetryOptions::default() };
        let cx = Context {
            http: stack(options),
            base_url: world.base_url.clone(),
            settings: BTreeMap::new(),
            account: Some(world.account.clone()),
            clock: clock.clone(),
        };
        Line { wire, clock, cx }
    }

    /// Does what `verb` says and shows what came of it.
    pub(crate) async fn perform(&self, verb: Verb, cx: &Context, key: &SourceKey) -> Result<String> {
        let connector = &*self.connector;
        Ok(match verb {
            Verb::Check => format!("{:?}", connector.check(cx).await?),
            Verb::Pull => {
                let batch = connector.pull(cx, Pull::default()).await?;
                let bodies: Vec<_> = batch.records.iter().map(text).collect();
                format!("{bodies:?} {:?}", batch.failed)
            }
            Verb::Fetch => text(&connector.fetch(cx, key).await?),
            Verb::Locations => format!("{:?}", connector.as_pos()?.locations(cx).await?),
            Verb::Pipelines => format!("{:?}", connector.as_crm()?.pipelines(cx).await?),
            Verb::Tally => format!("{:?}", connector.tally(cx, &today(), None).await?),
            Verb::Deletions => format!("{:?}", connector.deleted(cx, None).await?),
        })
    }
}

fn text(record: &RawRecord) -> String {
    format!("{} {:?} {}", record.key, record.modified_at, String::from_utf8_lossy(&record.body))
}

/// Everything a record, an error or a log can be read by: none of it may hold a secret.
pub(crate) fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{:?}", error.context());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!("\n{cause} {cause:?}"));
        source = cause.source();
    }
    text
}

/// The error of an outcome that must be one of `kinds`.
pub(crate) fn refused<T: std::fmt::Debug>(
    what: &str,
    kinds: &[ErrorKind],
    outcome: Result<T>,
) -> std::result::Result<Error, String> {
    match outcome {
        Ok(value) => Err(format!("{what}: expected {kinds:?}, but it succeeded with {value:?}")),
        Err(error) if !kinds.contains(&error.kind()) => {
            Err(format!("{what}: expected {kinds:?}, got {error:?}"))
        }
        Err(error) => {
            let text = shown(&error);
            ensure!(!text.contains("<html") && !text.contains("<h1"), "{what}: markup in the error: {text}");
            ensure!(error.message().len() < 600, "{what}: the error is no sentence any more: {text}");
            tracing::warn!("{text}");
            Ok(error)
        }
    }
}

/// What `outcome` gave, or the reason it should not have failed.
pub(crate) fn gave<T>(what: &str, outcome: Result<T>) -> std::result::Result<T, String> {
    outcome.map_err(|error| format!("{what}: {}", shown(&error)))
}

/// Runs a trial with everything it logs watched: whatever else it proves, no secret may come out.
pub(crate) fn watched(secrets: &[String], trial: impl FnOnce() -> Verdict) -> Verdict {
    let journal = Journal::default();
    let verdict = tracing::subscriber::with_default(journal.clone(), trial);
    let text = journal.text();
    for secret in secrets {
        ensure!(!text.contains(secret.as_str()), "a secret is in what was logged: {}", cut(&text, secret));
    }
    verdict
}

/// The line that holds `needle`, without it.
pub(crate) fn cut(text: &str, needle: &str) -> String {
    let line = text.lines().find(|line| line.contains(needle)).unwrap_or_default();
    line.replace(needle, "***")
}
