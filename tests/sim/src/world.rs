//! What the simulators share: the clock, the credentials, each simulator's state, and the gate every call passes.

use crate::{
    Call, Credentials, Urls,
    access_point::Point,
    authority::Book,
    clock::Clock,
    connection::Line,
    course::{self, Course},
    faults::{self, FaultKind, Faults, Wording},
    hubspot::Crm,
    journal::{Journal, Struck},
    keys::Keys,
    oauth::{door, ledger::Ledger},
    square::Till,
    webhook::Outbox,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::request::Parts;
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
    pub(crate) point: Mutex<Point>,
    pub(crate) square_oauth: Mutex<Ledger>,
    pub(crate) hubspot_oauth: Mutex<Ledger>,
    pub(crate) authority: Desk,
    pub(crate) access_point: Desk,
    pub(crate) square: Desk,
    pub(crate) hubspot: Desk,
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
        }
    }

    /// Keeps a journal of calls, with the numbers of the access tokens in use.
    pub(crate) fn with_journal(self, tokens: fn(&World) -> &Mutex<Ledger>) -> Self {
        Self { journal: Some(Journal::default()), tokens: Some(tokens), ..self }
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
    let response = match (desk.admit)(&gate.world, gate.endpoint, &head) {
        Some(refusal) => refusal,
        None => strike(&gate, line, Request::from_parts(head, body), next).await,
    };
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
