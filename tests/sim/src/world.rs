//! What the simulators share: the clock, the credentials, each simulator's state, and the gate every call passes.

use crate::{
    Credentials, Urls,
    access_point::Point,
    authority::Book,
    clock::Clock,
    connection::Line,
    course::{self, Course},
    faults::{self, FaultKind, Faults, Wording},
    hubspot::Crm,
    keys::Keys,
    square::Till,
    webhook::Outbox,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::HeaderMap;
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
    pub(crate) keys: Keys,
    pub(crate) outbox: Outbox,
    pub(crate) book: Mutex<Book>,
    pub(crate) till: Mutex<Till>,
    pub(crate) crm: Mutex<Crm>,
    pub(crate) point: Mutex<Point>,
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
    /// Checks the credentials; `Some` is the refusal.
    admit: fn(&World, &HeaderMap) -> Option<Response>,
}

impl Desk {
    pub(crate) fn new(wording: fn() -> Wording, admit: fn(&World, &HeaderMap) -> Option<Response>) -> Self {
        Self { faults: Faults::default(), course: Course::default(), calls: Mutex::default(), wording, admit }
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

/// Counts the call, checks the credentials, lets an ordered fault strike.
pub(crate) async fn pass(
    State(gate): State<Gate>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let desk = (gate.desk)(&gate.world);
    desk.count(gate.endpoint);
    if let Some(refusal) = (desk.admit)(&gate.world, request.headers()) {
        return refusal;
    }
    let fault = desk.faults.take(gate.endpoint);
    if desk.course.is_on() {
        return course::pass(&gate.world, desk, gate.endpoint, line, request, next, fault).await;
    }
    let wording = (desk.wording)();
    if let Some(refusal) = fault.as_ref().and_then(|fault| faults::before(fault, &line, &wording)) {
        return refusal;
    }
    if let Some(FaultKind::Hang | FaultKind::Late) = fault.as_ref().map(|fault| fault.kind) {
        return std::future::pending().await;
    }
    let response = next.run(request).await;
    let Some(fault) = fault else { return response };
    if fault.kind == FaultKind::CommitThenHang {
        return std::future::pending().await;
    }
    if fault.kind == FaultKind::Slow {
        gate.world.clock.wait(Duration::from_millis(fault.delay_ms)).await;
    }
    faults::after(&fault, &line, &wording, response).await
}

/// Locks; a panic elsewhere does not spread.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
