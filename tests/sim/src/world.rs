//! What the simulators share: the clock, the credentials, each simulator's state, and the gate every call passes.

use crate::{
    Call, Credentials, Urls,
    access_point::Point,
    authority::Book,
    clock::Clock,
    connection::Line,
    course::{self, Course},
    faults::{self, FaultKind, Faults, Wording},
    hubspot::{self, Crm},
    journal::{Journal, Struck},
    keys::Keys,
    limits::{LimitSettings, Limits, Reached, Weight},
    oauth::{door, ledger::Ledger},
    pipedrive::{self, Company},
    script::{Act, Script},
    square::{self, Till},
    webhook::Outbox,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Everything there is.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) urls: Urls,
    pub(crate) credentials: Credentials,
    pub(crate) keys: Arc<Keys>,
    pub(crate) outbox: Outbox,
    pub(crate) book: Mutex<Book>,
    pub(crate) till: Mutex<Till>,
    pub(crate) crm: Mutex<Crm>,
    pub(crate) company: Mutex<Company>,
    pub(crate) point: Mutex<Point>,
    pub(crate) square_oauth: Mutex<Ledger>,
    pub(crate) hubspot_oauth: Mutex<Ledger>,
    pub(crate) pipedrive_oauth: Mutex<Ledger>,
    pub(crate) square_hooks: Mutex<square::Hooks>,
    pub(crate) hubspot_hooks: Mutex<hubspot::Hooks>,
    pub(crate) pipedrive_hooks: Mutex<pipedrive::Hooks>,
    pub(crate) authority: Desk,
    pub(crate) access_point: Desk,
    pub(crate) square: Desk,
    pub(crate) hubspot: Desk,
    pub(crate) pipedrive: Desk,
}

/// The one world of a run.
pub(crate) type Shared = Arc<World>;

/// What a simulator knows of its callers.
pub(crate) struct Desk {
    pub(crate) faults: Faults,
    /// Faults that a seed decides.
    pub(crate) course: Course,
    pub(crate) calls: Mutex<BTreeMap<String, u64>>,
    /// How this platform words the answers that are not about the call itself.
    pub(crate) wording: fn() -> Wording,
    /// Checks the credentials for an endpoint; `Some` is the refusal.
    admit: Admit,
    /// What came; only where there is an authorization server, whose tokens it numbers.
    pub(crate) journal: Option<Journal>,
    tokens: Option<fn(&World) -> &Mutex<Ledger>>,
    /// What is allowed in a time.
    pub(crate) limits: Option<Limits>,
    /// What a call of an endpoint takes of the day.
    cost: fn(&str) -> u32,
    /// What happens between calls, and how it is done here.
    pub(crate) script: Script,
    act: fn(&World, &Act),
}

/// Looks at the head of a call to an endpoint; `Some` is the refusal.
pub(crate) type Admit = fn(&World, &'static str, &Parts) -> Option<Response>;

impl Desk {
    pub(crate) fn new(wording: fn() -> Wording, admit: Admit) -> Self {
        Self {
            faults: Faults::default(),
            course: Course::default(),
            calls: Mutex::default(),
            wording,
            admit,
            journal: None,
            tokens: None,
            limits: None,
            cost: |_| 1,
            script: Script::default(),
            act: |_, _| {},
        }
    }

    /// Keeps a journal of calls, with the numbers of the access tokens in use.
    pub(crate) fn with_journal(self, tokens: fn(&World) -> &Mutex<Ledger>) -> Self {
        Self { journal: Some(Journal::default()), tokens: Some(tokens), ..self }
    }

    /// Limits calls, and lets records change between them.
    pub(crate) fn with_records(self, limits: LimitSettings, act: fn(&World, &Act)) -> Self {
        Self { limits: Some(Limits::new(limits)), act, ..self }
    }

    /// Weighs calls by their endpoint.
    pub(crate) fn with_costs(self, cost: fn(&str) -> u32) -> Self {
        Self { cost, ..self }
    }

    /// Lets a record change, after a call that reads more than one.
    pub(crate) fn change(&self, world: &World, endpoint: &str, act: &Act) {
        let reads_pages =
            matches!(endpoint, "orders_search" | "payments" | "refunds" | "search" | "list" | "deals");
        if reads_pages || !matches!(act, Act::Some(_)) {
            (self.act)(world, act);
        }
    }

    /// Whether a call is one too many, in the platform's words.
    fn too_many(&self, world: &World, endpoint: &str, head: &Parts) -> Option<Response> {
        let limits = self.limits.as_ref()?;
        let oauth = self.by_oauth(world, &head.headers);
        let call = Weight { oauth, search: endpoint == "search", cost: (self.cost)(endpoint) };
        let reached = limits.call(world.clock.now(), call)?;
        let wording = (self.wording)();
        let kind = match reached {
            Reached::Burst => FaultKind::TooManyRequests,
            Reached::Daily => FaultKind::DailyQuota,
            Reached::Searches => FaultKind::Secondly,
            Reached::Shield => return Some(faults::shield()),
        };
        let body = (wording.more)(kind).map_or(wording.too_many, |(_, body)| body);
        let mut response = faults::json(StatusCode::TOO_MANY_REQUESTS, &body);
        if let Some(seconds) = limits.settings().retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        Some(response)
    }

    /// Whether a call carries an access token that the authorization server gave.
    pub(crate) fn by_oauth(&self, world: &World, headers: &HeaderMap) -> bool {
        let token = door::credential(headers, "bearer").unwrap_or_default();
        self.tokens.is_some_and(|ledger| lock(ledger(world)).number(token).is_some())
    }

    fn write_down(&self, world: &World, endpoint: &'static str, head: &Parts) -> Option<usize> {
        let journal = self.journal.as_ref()?;
        let shown = if endpoint == "authorize" { None } else { head.uri.path_and_query() };
        let path = shown.map_or_else(|| head.uri.path().to_owned(), |path| path.as_str().to_owned());
        let token = self.tokens.and_then(|ledger| {
            lock(ledger(world)).number(door::credential(&head.headers, "bearer").unwrap_or_default())
        });
        let method = head.method.to_string();
        let (at, nth, status, fault) = (world.clock.now(), 0, None, None);
        Some(journal.open(Call { nth, at, endpoint, method, path, token, status, fault }))
    }

    pub(crate) fn counted(&self) -> BTreeMap<String, u64> {
        lock(&self.calls).clone()
    }

    fn count(&self, endpoint: &str) {
        *lock(&self.calls).entry(endpoint.to_owned()).or_default() += 1;
    }
}

/// Where a call enters: which simulator, under which name it is counted.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) world: Shared,
    pub(crate) desk: fn(&World) -> &Desk,
    pub(crate) endpoint: &'static str,
}

/// Counts the call, writes it down, checks the credentials, lets an ordered fault strike.
pub(crate) async fn pass(
    State(gate): State<Gate>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let desk = (gate.desk)(&gate.world);
    desk.count(gate.endpoint);
    let (head, body) = request.into_parts();
    let nth = desk.write_down(&gate.world, gate.endpoint, &head);
    let refusal = (desk.admit)(&gate.world, gate.endpoint, &head)
        .or_else(|| desk.too_many(&gate.world, gate.endpoint, &head));
    let response = match refusal {
        Some(refusal) => refusal,
        None => strike(&gate, line, Request::from_parts(head, body), next).await,
    };
    for act in desk.script.called(gate.endpoint) {
        (desk.act)(&gate.world, &act);
    }
    if let (Some(journal), Some(nth)) = (&desk.journal, nth) {
        let fault = response.extensions().get::<Struck>().map(|struck| struck.0.clone());
        journal.close(nth, response.status().as_u16(), fault);
    }
    response
}

/// The answer, with the fault that was ordered or planned.
async fn strike(gate: &Gate, line: Line, request: Request, next: Next) -> Response {
    let desk = (gate.desk)(&gate.world);
    let fault = desk.faults.take(gate.endpoint);
    if desk.course.is_on() {
        return course::pass(&gate.world, desk, gate.endpoint, line, request, next, fault).await;
    }
    let Some(fault) = fault else { return next.run(request).await };
    let wording = (desk.wording)();
    if let Some(refusal) = faults::before(&fault, &line, &wording) {
        return faults::signed(refusal, &fault);
    }
    if matches!(fault.kind, FaultKind::Hang | FaultKind::Late) {
        return std::future::pending().await;
    }
    let response = next.run(request).await;
    if fault.kind == FaultKind::CommitThenHang {
        return std::future::pending().await;
    }
    if fault.kind == FaultKind::Slow {
        gate.world.clock.wait(Duration::from_millis(fault.delay_ms)).await;
    }
    faults::signed(faults::after(&fault, &line, &wording, response).await, &fault)
}

/// Locks; a panic elsewhere does not spread.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
