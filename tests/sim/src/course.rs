//! The course of a plan: what it has done to each document so far, and what each document's calls came to.

use crate::{
    Authority, Plan, Planted,
    connection::Line,
    faults::{self, Fault, FaultKind, Wording},
    plan::Fate,
    script::Act,
    world::{Desk, World, lock},
};
use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use bytes::Bytes;
use http::{StatusCode, Uri};
use rust_decimal::Decimal;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

/// What happened under a plan; nothing happens without one.
#[derive(Default)]
pub(crate) struct Course(Mutex<Option<Running>>);

struct Running {
    plan: Plan,
    documents: HashMap<String, Document>,
    struck: Struck,
    posted: HashMap<String, u32>,
}

/// By endpoint and fault: how often it struck.
pub type Struck = BTreeMap<String, BTreeMap<String, u64>>;

/// What is known of one document.
#[derive(Default)]
struct Document {
    calls: HashMap<&'static str, u32>,
    /// Whether it was decided if somebody else was here before.
    settled: bool,
    planted: Option<Planted>,
    /// Calls that have not shown it since it was registered.
    hidden: HashMap<&'static str, u32>,
    /// Calls that are still on their way, and after how many others they arrive.
    late: Vec<(u32, Request, Next)>,
    /// Calls to `sign`, and whether `confirm` has said since the last one that the document is not there.
    signs: u32,
    told_absent: bool,
    unasked: u32,
    history: Vec<String>,
}

/// One call under a plan.
struct Call {
    endpoint: &'static str,
    subject: String,
    nth: u32,
    fault: Option<Fault>,
}

impl Course {
    pub(crate) fn set(&self, plan: Option<Plan>) {
        *lock(&self.0) = plan.map(|plan| Running {
            plan,
            documents: HashMap::new(),
            struck: Struck::new(),
            posted: HashMap::new(),
        });
    }

    pub(crate) fn plan(&self) -> Option<Plan> {
        lock(&self.0).as_ref().map(|running| running.plan.clone())
    }

    pub(crate) fn is_on(&self) -> bool {
        lock(&self.0).is_some()
    }

    pub(crate) fn struck(&self) -> Struck {
        self.with(|running| running.struck.clone())
    }

    /// What becomes of a webhook; once without a plan.
    pub(crate) fn post(&self, event: &str) -> Fate {
        let mut guard = lock(&self.0);
        let Some(running) = guard.as_mut() else { return Fate::Once };
        let nth = running.posted.entry(event.to_owned()).or_default();
        *nth += 1;
        running.plan.post(event, *nth - 1)
    }

    fn with<T: Default>(&self, read: impl FnOnce(&mut Running) -> T) -> T {
        lock(&self.0).as_mut().map(read).unwrap_or_default()
    }

    fn of<T: Default>(&self, subject: &str, read: impl FnOnce(&mut Document) -> T) -> T {
        self.with(|running| read(running.documents.entry(subject.to_owned()).or_default()))
    }

    /// Counts a call and decides what strikes it.
    fn begin(&self, world: &World, endpoint: &'static str, subject: &str, ordered: Option<Fault>) -> Call {
        let now = world.clock.now();
        self.with(|running| {
            let document = running.documents.entry(subject.to_owned()).or_default();
            let count = document.calls.entry(endpoint).or_default();
            let nth = *count;
            *count += 1;
            if endpoint == "sign" {
                document.unasked += u32::from(document.signs > 0 && !document.told_absent);
                document.signs += 1;
                document.told_absent = false;
            }
            let plan = &running.plan;
            let kind = if plan.is_out(now) {
                let outage = [FaultKind::Html, FaultKind::ServerError, FaultKind::Drop];
                outage.get(plan.choice("outage", endpoint, subject, nth, outage.len())).copied()
            } else {
                plan.strike(endpoint, subject, nth)
            };
            let fault = ordered.or(kind.map(|kind| Fault::next(endpoint, kind)));
            if let Some(fault) = &fault {
                let struck = running.struck.entry(endpoint.to_owned()).or_default();
                *struck.entry(fault.kind.name()).or_default() += 1;
            }
            Some(Call { endpoint, subject: subject.to_owned(), nth, fault })
        })
        .unwrap_or(Call { endpoint, subject: subject.to_owned(), nth: 0, fault: None })
    }

    /// Decides once whether somebody else registers this document before its owner does.
    fn to_plant(&self, call: &Call) -> Option<(Planted, usize)> {
        self.with(|running| {
            let document = running.documents.entry(call.subject.clone()).or_default();
            if document.settled {
                return None;
            }
            document.settled = true;
            document.planted = running.plan.planted(&call.subject);
            let how = running.plan.choice("differs", "", &call.subject, 0, DIFFERENCES);
            document.planted.map(|planted| (planted, how))
        })
    }

    /// Whether a document that is there does not show in this call.
    fn hides(&self, call: &Call) -> bool {
        self.with(|running| {
            let lag = running.plan.lag(call.endpoint, &call.subject);
            let document = running.documents.entry(call.subject.clone()).or_default();
            if document.planted.is_some() {
                return false;
            }
            let hidden = document.hidden.entry(call.endpoint).or_default();
            *hidden += 1;
            *hidden <= lag
        })
    }

    /// After how many other calls about its document a late one arrives.
    fn arrives_after(&self, call: &Call) -> u32 {
        let after = self.with(|r| r.plan.choice("late", call.endpoint, &call.subject, call.nth, 3));
        u32::try_from(after).unwrap_or_default() + 1
    }

    fn spelling(&self, call: &Call) -> FaultKind {
        let spellings = FaultKind::SPELLINGS;
        self.with(|running| {
            let at = running.plan.choice("spelling", call.endpoint, &call.subject, call.nth, spellings.len());
            spellings.get(at).copied()
        })
        .unwrap_or(FaultKind::TryLater)
    }

    fn note(&self, call: &Call, what: &str) {
        self.of(&call.subject, |document| {
            document.history.push(format!("{} {}: {what}", call.endpoint, call.nth + 1));
        });
    }
}

/// Lets a call through under a plan.
pub(crate) async fn pass(
    world: &World,
    desk: &Desk,
    endpoint: &'static str,
    line: Line,
    request: Request,
    next: Next,
    ordered: Option<Fault>,
) -> Response {
    let (request, body) = read(request).await;
    // About the authority's calls a document is told by its IRN; elsewhere a call is told by all that it asks.
    let subject = match desk.journal {
        Some(_) => whole(request.uri(), &body),
        None => subject(request.uri(), &body),
    };
    let wording = (desk.wording)();
    let call = desk.course.begin(world, endpoint, &subject, ordered);
    if matches!(endpoint, "validate" | "sign")
        && let Some((planted, how)) = desk.course.to_plant(&call)
    {
        plant(world, &body, planted, how);
        desk.course.note(&call, &format!("somebody else had registered it: {planted:?}"));
    }
    let struck = call.fault.as_ref().map_or_else(|| "answered".to_owned(), |fault| fault.kind.name());
    if let Some(refusal) = call.fault.as_ref().and_then(|fault| faults::before(fault, &line, &wording)) {
        desk.course.note(&call, &format!("{struck}, {}", refusal.status()));
        return call.fault.as_ref().map_or(Response::default(), |fault| faults::signed(refusal, fault));
    }
    let kind = call.fault.as_ref().map(|fault| fault.kind);
    match kind {
        Some(FaultKind::Hang) => {
            desk.course.note(&call, "hang");
            return std::future::pending().await;
        }
        Some(FaultKind::Late) => {
            desk.course.note(&call, "late");
            let after = desk.course.arrives_after(&call);
            desk.course.of(&subject, |document| document.late.push((after, request, next)));
            return std::future::pending().await;
        }
        _ => {}
    }
    let (response, absent) = answer(world, desk, &call, &wording, request, next).await;
    arrive(desk, &call).await;
    if let Some(which) = desk.course.with(|running| running.plan.shift(endpoint, &subject, call.nth)) {
        desk.change(world, endpoint, &Act::Some(which));
    }
    desk.course.note(&call, &format!("{struck}, {}", response.status()));
    let harmless =
        matches!(kind, None | Some(FaultKind::WrongType | FaultKind::WrappedTwice | FaultKind::Slow));
    if endpoint == "confirm" && harmless && absent {
        desk.course.of(&subject, |document| document.told_absent = true);
    }
    match (call.fault, kind) {
        (_, Some(FaultKind::CommitThenHang)) => std::future::pending().await,
        (Some(fault), _) => {
            if fault.kind == FaultKind::Slow {
                world.clock.wait(std::time::Duration::from_millis(fault.delay_ms)).await;
            }
            faults::signed(faults::after(&fault, &line, &wording, response).await, &fault)
        }
        (None, _) => response,
    }
}

/// What the call itself comes to (shown late, a repetition in one of its spellings, or as it is), and whether it says
/// that the document is not there.
async fn answer(
    world: &World,
    desk: &Desk,
    call: &Call,
    wording: &Wording,
    request: Request,
    next: Next,
) -> (Response, bool) {
    let known = lock(&world.book).find(&call.subject).is_some();
    let hidden =
        known && matches!(call.endpoint, "search" | "confirm" | "download") && desk.course.hides(call);
    let response = match call.endpoint {
        "search" if hidden => faults::json(
            StatusCode::OK,
            &serde_json::json!({"code": 200, "data": {"items": [], "page": 1, "size": 20, "total": 0}}),
        ),
        _ if hidden => crate::authority::record_not_found(world),
        "sign" if known => {
            let refused = next.run(request).await.status() == StatusCode::BAD_REQUEST;
            let kind = if refused { desk.course.spelling(call) } else { FaultKind::TryLater };
            faults::spelled(kind, wording)
        }
        _ => next.run(request).await,
    };
    (response, hidden || !known)
}

/// Calls of this document that were still on their way arrive now.
async fn arrive(desk: &Desk, call: &Call) {
    let due = desk.course.of(&call.subject, |document| {
        document.late.iter_mut().for_each(|(after, ..)| *after = after.saturating_sub(1));
        let (due, later) = std::mem::take(&mut document.late).into_iter().partition(|late| late.0 == 0);
        document.late = later;
        due
    });
    let due: Vec<(u32, Request, Next)> = due;
    for (_, request, next) in due {
        let status = next.run(request).await.status();
        desk.course.note(call, &format!("and a late call arrived before the next one: {status}"));
    }
}

async fn read(request: Request) -> (Request, Bytes) {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    (Request::from_parts(head, Body::from(body.clone())), body)
}

/// What a call is about: the IRN in its path, query or body, else its path.
fn subject(uri: &Uri, body: &[u8]) -> String {
    let is_irn = |text: &str| text.len() > 17 && text.rsplit('-').next().is_some_and(|day| day.len() == 8);
    let in_query = uri.query().and_then(|query| query.split('&').find_map(|part| part.strip_prefix("irn=")));
    let in_path = uri.path().rsplit('/').next().filter(|last| is_irn(last));
    let found = in_query.or(in_path).map(str::to_owned);
    found.or_else(|| irn_in(body)).unwrap_or_else(|| uri.path().to_owned())
}

/// Path, query and body: the same call again is the same subject.
fn whole(uri: &Uri, body: &[u8]) -> String {
    let path = uri.path_and_query().map_or(uri.path(), |path| path.as_str());
    format!("{path} {}", String::from_utf8_lossy(body))
}

fn irn_in(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Value>(body).ok()?["irn"].as_str().map(str::to_owned)
}

/// In how many ways a planted document differs from ours.
const DIFFERENCES: usize = 7;

/// Registers a document as somebody else would have.
fn plant(world: &World, body: &[u8], planted: Planted, how: usize) {
    let Ok(mut invoice) = serde_json::from_slice::<Value>(body) else { return };
    let text = match planted {
        Planted::Equal => Bytes::copy_from_slice(body),
        Planted::Differing => {
            differ(&mut invoice, how);
            Bytes::from(invoice.to_string())
        }
    };
    let at = world.clock.stamp();
    lock(&world.book).sign(&invoice, text, at);
}

fn differ(invoice: &mut Value, how: usize) {
    let totals = "legal_monetary_total";
    match how {
        0 => raise(&mut invoice[totals]["payable_amount"]),
        1 => raise(&mut invoice[totals]["tax_inclusive_amount"]),
        2 => raise(&mut invoice[totals]["tax_exclusive_amount"]),
        3 => raise(&mut invoice[totals]["line_extension_amount"]),
        4 => invoice["issue_date"] = "2026-01-01".into(),
        5 => {
            let is_invoice = invoice["invoice_type_code"] == "381";
            invoice["invoice_type_code"] = if is_invoice { "380" } else { "381" }.into();
        }
        _ => {
            let is_naira = invoice["document_currency_code"] == "NGN";
            invoice["document_currency_code"] = if is_naira { "GHS" } else { "NGN" }.into();
        }
    }
}

/// One kobo more.
fn raise(amount: &mut Value) {
    let written = amount.to_string().parse::<Decimal>().unwrap_or_default();
    let more = (written + Decimal::new(1, 2)).to_string();
    *amount = serde_json::from_str(&more).unwrap_or_default();
}

impl Authority {
    /// Lets a seed decide which calls go wrong, from now on; `None`: none do. What the plan before has done is forgotten.
    pub fn set_plan(&self, plan: Option<Plan>) {
        self.world.authority.course.set(plan);
    }

    /// How often the plan struck, by endpoint and fault.
    #[must_use]
    pub fn struck(&self) -> Struck {
        self.world.authority.course.struck()
    }

    /// The documents that the plan had registered before their owner came.
    #[must_use]
    pub fn planted(&self) -> BTreeMap<String, Planted> {
        self.world.authority.course.with(|running| {
            let planted = |(irn, document): (&String, &Document)| Some((irn.clone(), document.planted?));
            running.documents.iter().filter_map(planted).collect()
        })
    }

    /// The documents for which `sign` was called again without having been told by `confirm` that they are not there,
    /// with how often.
    #[must_use]
    pub fn signed_unasked(&self) -> BTreeMap<String, u32> {
        self.world.authority.course.with(|running| {
            let documents = running.documents.iter().filter(|(_, document)| document.unasked > 0);
            documents.map(|(irn, document)| (irn.clone(), document.unasked)).collect()
        })
    }

    /// What every call about a document came to under the plan, in order.
    #[must_use]
    pub fn history(&self, irn: &str) -> Vec<String> {
        self.world.authority.course.of(irn, |document| document.history.clone())
    }
}
