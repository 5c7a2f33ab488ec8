//! Received documents.

use crate::fixture::{LEASE, World, at, kind, seller, trouble};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use taxpoynt_core::{
    ErrorKind,
    firs::Finding,
    store::{
        Announced, Inbound, InboundContent, InboundFilter, InboundListing, InboundOrigin, InboundState,
        InboundStep, Pending, Store, TenantJob, TenantJobKind,
    },
};
use taxpoynt_ubl::DocumentType;
use uuid::Uuid;

const IRN: &str = "IVN-2026-005-2C9GHT18-20261103";

impl World {
    fn announced(&self, irn: &str) -> Announced {
        Announced { tenant: self.tenant, irn: irn.to_owned(), origin: InboundOrigin::Webhook, raw: None }
    }

    async fn announce(&self, irn: &str, now: i64) -> (Uuid, bool) {
        self.store.announce_inbound(&self.announced(irn), at(now)).await.unwrap()
    }

    async fn claim_received(&self, now: i64) -> Vec<TenantJob> {
        self.store.claim_tenant_jobs(100, LEASE, at(now)).await.unwrap()
    }

    async fn received(&self, irn: &str, now: i64) -> (Uuid, TenantJob) {
        let (id, new) = self.announce(irn, now).await;
        assert!(new);
        let mut jobs = self.claim_received(now).await;
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        (id, jobs.remove(0))
    }

    async fn settle(&self, step: InboundStep, job: &TenantJob, now: i64) -> Result<(), taxpoynt_core::Error> {
        self.store.settle_inbound(&step, &job.fence, at(now)).await
    }

    async fn inbound(&self, id: Uuid) -> Inbound {
        self.store.inbound_document(id, Some(self.tenant)).await.unwrap()
    }

    async fn has_job(&self, now: i64) -> bool {
        self.store.pending_tenant_jobs(at(now)).await.unwrap().due > 0
    }
}

fn step(id: Uuid, state: InboundState) -> InboundStep {
    InboundStep { id, state, reason: None, raw: None, content: None, finished: false }
}

fn ended(id: Uuid, state: InboundState) -> InboundStep {
    let reason = Some(("faulty".to_owned(), "The sums disagree.".to_owned()));
    InboundStep { reason, finished: true, ..step(id, state) }
}

fn content() -> InboundContent {
    InboundContent {
        supplier_name: Some("Adire Works Ltd".into()),
        supplier_tin: Some("12345678-0001".into()),
        number: Some("IVN-2026-005".into()),
        issue_date: Some("2026-11-03".parse().unwrap()),
        document_type: Some(DocumentType::CreditNote),
        currency: Some("NGN".into()),
        payable_amount: Some("86806.25".into()),
        json: Some("{}".into()),
        ubl: Some(Bytes::from_static(b"<CreditNote/>")),
        pdf: Some(Bytes::from_static(b"%PDF-1.7")),
        findings: vec![Finding {
            id: "BR-CO-10".into(),
            fatal: true,
            path: "/Invoice".into(),
            message: "The sum of the lines is another.".into(),
        }],
    }
}

pub(crate) async fn a_document_heard_of_twice_is_one_document(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, new) = world.announce(IRN, 1).await;
    assert!(new);
    let pulled = Announced { origin: InboundOrigin::Pull, ..world.announced(IRN) };
    assert_eq!(world.store.announce_inbound(&pulled, at(2)).await.unwrap(), (id, false));
    let jobs = world.claim_received(3).await;
    assert_eq!(jobs.iter().map(|job| job.kind).collect::<Vec<_>>(), [TenantJobKind::ReceiveInbound(id)]);
    assert_eq!(world.announce(IRN, 4).await, (id, false), "also while a worker has it");
    assert!(world.claim_received(4).await.is_empty());
    let document = world.inbound(id).await;
    assert_eq!(
        (document.irn.as_str(), document.origin, document.state),
        (IRN, InboundOrigin::Webhook, InboundState::Announced)
    );
    let other = World::of(world.store.clone(), "Other Ltd").await;
    assert!(other.announce(IRN, 5).await.1, "another tenant's is another document");
    let many: Vec<_> = (0..50)
        .map(|_| {
            let (store, announced) = (world.store.clone(), world.announced("SAME-2C9GHT18-20261103"));
            tokio::spawn(async move { store.announce_inbound(&announced, at(6)).await.unwrap().1 })
        })
        .collect();
    let mut new = 0;
    for one in many {
        new += u32::from(one.await.unwrap());
    }
    assert_eq!(new, 1);
}

pub(crate) async fn content_that_comes_along_is_stored_at_once(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let with = |irn: &str, raw: &'static [u8]| Announced {
        raw: Some(Bytes::from_static(raw)),
        ..world.announced(irn)
    };
    let (id, _) = world.store.announce_inbound(&with(IRN, b"{\"a\":1}"), at(1)).await.unwrap();
    let document = world.inbound(id).await;
    assert_eq!(
        (document.state, document.raw.as_deref()),
        (InboundState::Downloaded, Some(&b"{\"a\":1}"[..]))
    );
    assert_eq!(document.downloaded_at, Some(at(1)));
    // Announced without content first, then listed with it.
    let (bare, _) = world.announce("B-2C9GHT18-20261103", 2).await;
    world.store.announce_inbound(&with("B-2C9GHT18-20261103", b"{\"b\":1}"), at(3)).await.unwrap();
    assert_eq!(world.inbound(bare).await.state, InboundState::Downloaded);
    // What is there is not replaced by what a listing says.
    world.store.announce_inbound(&with(IRN, b"{\"other\":1}"), at(4)).await.unwrap();
    assert_eq!(world.inbound(id).await.raw.as_deref(), Some(&b"{\"a\":1}"[..]));
}

pub(crate) async fn each_step_is_kept_until_the_acknowledgement(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.received(IRN, 1).await;
    let downloaded = InboundStep { raw: Some("{\"sealed\":1}".into()), ..step(id, InboundState::Downloaded) };
    world.settle(downloaded, &job, 2).await.unwrap();
    let checked = InboundStep { content: Some(Box::new(content())), ..step(id, InboundState::Checked) };
    world.settle(checked, &job, 3).await.unwrap();
    let document = world.inbound(id).await;
    assert_eq!(document.raw.as_deref(), Some(&b"{\"sealed\":1}"[..]));
    let (read, wrote) = (&document.content, content());
    assert_eq!(format!("{read:?}"), format!("{wrote:?}"));
    let acknowledged = InboundStep { finished: true, ..step(id, InboundState::Acknowledged) };
    world.settle(acknowledged, &job, 4).await.unwrap();
    let document = world.inbound(id).await;
    let times =
        [Some(document.announced_at), document.downloaded_at, document.checked_at, document.acknowledged_at];
    assert_eq!(times, [1, 2, 3, 4].map(|second| Some(at(second))));
    assert!(!world.has_job(10_000).await);
    let events: Vec<_> = world.store.audit(id).await.unwrap().into_iter().map(|entry| entry.event).collect();
    assert_eq!(
        events,
        ["inbound.announced", "inbound.downloaded", "inbound.checked", "inbound.acknowledged"]
    );
    // Nothing changes any more.
    assert_eq!(world.announce(IRN, 5).await, (id, false));
    assert!(!world.has_job(6).await);
    let resumed = world.store.resume_inbound(id, None, InboundState::Announced, at(6)).await;
    assert_eq!(kind(resumed), ErrorKind::Conflict);
}

pub(crate) async fn what_waits_for_a_person_is_resumed_by_one(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.received(IRN, 1).await;
    let resume = |state, now| world.store.resume_inbound(id, Some(world.tenant), state, at(now));
    assert_eq!(kind(resume(InboundState::Announced, 2).await), ErrorKind::Conflict, "a worker has it");
    let raw = InboundStep { raw: Some("{}".into()), ..ended(id, InboundState::Held) };
    world.settle(raw, &job, 2).await.unwrap();
    let held = world.inbound(id).await;
    assert_eq!(
        (held.state, held.code.as_deref(), held.message.as_deref()),
        (InboundState::Held, Some("faulty"), Some("The sums disagree."))
    );
    assert!(!world.has_job(10_000).await);
    assert_eq!(world.announce(IRN, 3).await, (id, false));
    assert!(!world.has_job(10_000).await, "a hint does not undo what waits for a person");
    resume(InboundState::Checked, 4).await.unwrap();
    let document = world.inbound(id).await;
    assert_eq!((document.state, document.code), (InboundState::Checked, None));
    assert_eq!(world.claim_received(4).await.len(), 1);
}

pub(crate) async fn a_lost_lease_settles_nothing(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.received(IRN, 1).await;
    let (other, other_job) = world.received("B-2C9GHT18-20261103", 1).await;
    assert_eq!(
        kind(world.settle(step(id, InboundState::Checked), &other_job, 2).await),
        ErrorKind::Fenced,
        "another document's job"
    );
    let late = 2 + i64::try_from(LEASE.as_secs()).unwrap();
    assert_eq!(kind(world.settle(step(id, InboundState::Checked), &job, late).await), ErrorKind::Fenced);
    let again = world.claim_received(late).await;
    assert_eq!(again.len(), 2);
    let mine = again.iter().find(|j| j.kind == TenantJobKind::ReceiveInbound(id)).unwrap();
    assert_eq!((mine.attempts, mine.fence.token), (1, 2), "the claim was an attempt");
    for refused in [
        world.settle(step(id, InboundState::Checked), &job, late + 1).await,
        world.store.retry_tenant_job(&job.fence, &trouble(), at(late + 9), at(late + 1)).await,
        world.store.finish_tenant_job(&job.fence, at(late + 1)).await,
        world.store.hand_over_inbound(world.tenant, InboundState::Announced, &job.fence, at(late + 1)).await,
    ] {
        assert_eq!(kind(refused), ErrorKind::Fenced);
    }
    assert_eq!(world.inbound(id).await.state, InboundState::Announced);
    world.settle(step(id, InboundState::Checked), mine, late + 1).await.unwrap();
    assert_eq!(world.inbound(other).await.state, InboundState::Announced);
}

pub(crate) async fn a_job_of_a_tenant_waits_and_counts_attempts(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.received(IRN, 1).await;
    world.store.retry_tenant_job(&job.fence, &trouble(), at(60), at(2)).await.unwrap();
    let pending = world.store.pending_tenant_jobs(at(3)).await.unwrap();
    assert_eq!(pending, Pending { due: 0, claimed: 0, later: 1, next_at: Some(at(60)) });
    assert!(world.claim_received(59).await.is_empty());
    // Somebody speaks of it again: it may be there now.
    world.announce(IRN, 10).await;
    let jobs = world.claim_received(10).await;
    assert_eq!((jobs.len(), jobs[0].attempts), (1, 1));
    let pending = world.store.pending_tenant_jobs(at(10)).await.unwrap();
    assert_eq!((pending.due, pending.claimed), (0, 1));
    world.store.finish_tenant_job(&jobs[0].fence, at(11)).await.unwrap();
    assert!(!world.has_job(10_000).await);
    assert_eq!(world.inbound(id).await.state, InboundState::Announced);
    for n in 0..9 {
        world.announce(&format!("N{n}-2C9GHT18-20261103"), 20 + n).await;
    }
    let first = world.store.claim_tenant_jobs(4, Duration::from_secs(9), at(40)).await.unwrap();
    let second = world.store.claim_tenant_jobs(4, Duration::from_secs(9), at(40)).await.unwrap();
    let third = world.store.claim_tenant_jobs(4, Duration::from_secs(9), at(40)).await.unwrap();
    assert_eq!([first.len(), second.len(), third.len()], [4, 4, 1], "none twice");
}

pub(crate) async fn a_document_is_handed_to_the_tenant_it_names(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let other = World::of(world.store.clone(), "Kainji Stores Ltd").await;
    let (id, job) = world.received(IRN, 1).await;
    world.store.hand_over_inbound(other.tenant, InboundState::Announced, &job.fence, at(2)).await.unwrap();
    assert_eq!(kind(world.store.inbound_document(id, Some(world.tenant)).await), ErrorKind::NotFound);
    assert_eq!(other.inbound(id).await.tenant, other.tenant);
    let done = InboundStep { finished: true, ..step(id, InboundState::Acknowledged) };
    other.settle(done, &job, 3).await.unwrap();
    // Heard of a second time by the first tenant: the other one has it already.
    let (again, job) = world.received(IRN, 4).await;
    let raw = InboundStep { raw: Some("{}".into()), ..step(again, InboundState::Downloaded) };
    world.settle(raw, &job, 5).await.unwrap();
    world.store.hand_over_inbound(other.tenant, InboundState::Downloaded, &job.fence, at(6)).await.unwrap();
    let left = world.inbound(again).await;
    assert_eq!(
        (left.state, left.code.as_deref(), left.raw),
        (InboundState::Refused, Some("of_another_tenant"), None)
    );
    let resumed = world.store.resume_inbound(again, None, InboundState::Announced, at(7)).await;
    assert_eq!(kind(resumed), ErrorKind::Conflict);
    assert!(!world.has_job(10_000).await);
}

pub(crate) async fn what_is_nobodys_starts_anew_where_the_host_names_it(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let (id, job) = world.received(IRN, 1).await;
    let reason = Some(("not_ours".to_owned(), "It names no tenant.".to_owned()));
    world.settle(InboundStep { reason, ..ended(id, InboundState::Refused) }, &job, 2).await.unwrap();
    assert_eq!(world.announce(IRN, 3).await, (id, false));
    assert_eq!(world.inbound(id).await.state, InboundState::Refused);
    let host = Announced { origin: InboundOrigin::Host, ..world.announced(IRN) };
    assert_eq!(world.store.announce_inbound(&host, at(4)).await.unwrap(), (id, false));
    let document = world.inbound(id).await;
    assert_eq!(
        (document.state, document.origin, document.code),
        (InboundState::Announced, InboundOrigin::Host, None)
    );
    assert!(world.has_job(4).await);
}

pub(crate) async fn another_tenants_received_document_is_not_found(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    let other = World::of(world.store.clone(), "Other Ltd").await;
    let (id, _) = world.announce(IRN, 1).await;
    assert_eq!(kind(world.store.inbound_document(id, Some(other.tenant)).await), ErrorKind::NotFound);
    let resumed = world.store.resume_inbound(id, Some(other.tenant), InboundState::Checked, at(2)).await;
    assert_eq!(kind(resumed), ErrorKind::NotFound);
    let filter = InboundFilter { tenant: Some(other.tenant), ..InboundFilter::default() };
    assert!(world.store.inbound(&filter).await.unwrap().items.is_empty());
}

pub(crate) async fn received_documents_are_listed_newest_first_in_pages(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    for n in 0..5 {
        let (id, job) = world.received(&format!("N{n}-2C9GHT18-20261103"), n).await;
        let faulty =
            InboundContent { findings: if n == 3 { content().findings } else { vec![] }, ..content() };
        let state = if n % 2 == 0 { InboundState::Checked } else { InboundState::Held };
        let held = InboundStep { content: Some(Box::new(faulty)), ..ended(id, state) };
        world.settle(held, &job, n).await.unwrap();
    }
    let filter = InboundFilter { limit: Some(2), ..InboundFilter::default() };
    let first = world.store.inbound(&filter).await.unwrap();
    let irns = |page: &taxpoynt_core::store::Page<Inbound>| {
        page.items.iter().map(|d| d.irn[..2].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(irns(&first), ["N4", "N3"]);
    assert!(first.items[0].content.json.is_none() && first.items[0].content.supplier_name.is_some());
    let rest = InboundFilter { cursor: first.next, limit: None, ..InboundFilter::default() };
    assert_eq!(irns(&world.store.inbound(&rest).await.unwrap()), ["N2", "N1", "N0"]);
    let held = InboundFilter { state: Some(InboundState::Held), ..InboundFilter::default() };
    assert_eq!(irns(&world.store.inbound(&held).await.unwrap()), ["N3", "N1"]);
    let faulty = InboundFilter { faulty: true, ..InboundFilter::default() };
    assert_eq!(irns(&world.store.inbound(&faulty).await.unwrap()), ["N3"]);
}

pub(crate) async fn a_tenant_is_found_by_its_tin_where_only_one_has_it(store: Arc<dyn Store>) {
    let mut ids = Vec::new();
    for (name, tin) in [("A", "12345678-0001"), ("B", "87654321 0001"), ("C", "555")] {
        let tenant = taxpoynt_core::tenant::Tenant { tin: Some(tin.into()), ..seller(name) };
        ids.push(store.put_tenant(&tenant, None, at(0)).await.unwrap());
    }
    let found = |tin: &'static str| store.tenant_of_tin(tin);
    assert_eq!(found("12345678-0001").await.unwrap(), Some(ids[0]));
    assert_eq!(found("876543210001").await.unwrap(), Some(ids[1]));
    assert_eq!(found("").await.unwrap(), None);
    assert_eq!(found("999").await.unwrap(), None);
    let twin = taxpoynt_core::tenant::Tenant { tin: Some("5-5-5".into()), ..seller("D") };
    store.put_tenant(&twin, None, at(1)).await.unwrap();
    assert_eq!(found("555").await.unwrap(), None, "of two nobody knows which");
    assert_eq!(store.tenant_ids().await.unwrap().len(), 4);
}

pub(crate) async fn the_last_day_listed_is_remembered(store: Arc<dyn Store>) {
    let world = World::new(store).await;
    assert_eq!(world.store.inbound_listed_until(world.tenant).await.unwrap(), None);
    for day in ["2026-11-09", "2026-11-08"] {
        let until = day.parse().unwrap();
        let listing = InboundListing { tenant: world.tenant, until, seen: 3, new: 1, known: 1, failed: 1 };
        world.store.note_inbound_listing(&listing, at(1)).await.unwrap();
        assert_eq!(world.store.inbound_listed_until(world.tenant).await.unwrap(), Some(until));
    }
}
