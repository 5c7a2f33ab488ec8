//! Transmitters that are not what they should be: one whose process sleeps at the wrong moment, and two that are broken
//! on purpose, so that the proof is seen to notice.

use super::wire::{Chance, Process};
use crate::TestClock;
use async_trait::async_trait;
use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use taxpoynt_core::{
    Result,
    engine::Engine,
    firs::{ApiKeys, Confirmation, Mbs, Step, Submittable, Transmitter},
    store::Stage,
};
use taxpoynt_ubl::{Irn, PaymentStatus};

/// Longer than a claimed job stays its worker's.
const PAST_THE_LEASE: Duration = Duration::from_secs(301);

/// How documents are recovered after an unclear answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recovery {
    /// As the engine does it.
    #[default]
    Asking,
    /// Broken on purpose: sends again without asking.
    Resending,
    /// Broken on purpose: takes every document for registered.
    Believing,
}

/// The processes of a run, and which of them sleeps.
#[derive(Default)]
pub struct Peers {
    engines: Mutex<Vec<(Engine, Arc<Process>)>>,
    asleep: AtomicBool,
    naps: AtomicU64,
    /// Documents that were about to be signed when their process fell asleep: another one may sign meanwhile.
    overtaken: Mutex<BTreeSet<String>>,
}

impl Peers {
    /// Puts a process in its place.
    pub fn put(&self, at: usize, engine: Engine, process: Arc<Process>) {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        if at < engines.len() {
            engines[at] = (engine, process);
        } else {
            engines.push((engine, process));
        }
    }

    /// The process at a place.
    #[must_use]
    pub fn get(&self, at: usize) -> (Engine, Arc<Process>) {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner)[at].clone()
    }

    /// How often a process slept past its lease.
    #[must_use]
    pub fn naps(&self) -> u64 {
        self.naps.load(Ordering::SeqCst)
    }

    /// Documents whose call to `sign` was under way when another process took them over.
    #[must_use]
    pub fn overtaken(&self) -> BTreeSet<String> {
        self.overtaken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the other process work until it finds nothing.
    async fn work(&self, at: usize) {
        let (engine, process) = self.get(at);
        if process.is_dead() {
            return;
        }
        let mut work = tokio::spawn(async move { while engine.work_once().await.unwrap_or(0) > 0 {} });
        tokio::select! {
            biased;
            // Nothing of it goes on; whoever drives the run opens it again.
            () = process.death() => work.abort(),
            done = &mut work => done.unwrap(),
        }
    }
}

/// The authority's transmitter in a process that sleeps past its lease now and then, while another one takes over.
pub struct Rough {
    inner: Mbs,
    recovery: Recovery,
    peers: Arc<Peers>,
    /// The place of the other process.
    other: usize,
    clock: Arc<TestClock>,
    chance: Chance,
}

impl fmt::Debug for Rough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rough").field("recovery", &self.recovery).finish_non_exhaustive()
    }
}

impl Rough {
    /// Over the authority's own transmitter.
    #[must_use]
    pub fn new(
        inner: Mbs,
        recovery: Recovery,
        peers: Arc<Peers>,
        other: usize,
        clock: Arc<TestClock>,
        chance: Chance,
    ) -> Self {
        Self { inner, recovery, peers, other, clock, chance }
    }

    async fn sleeps(&self, moment: &str, document: &Submittable) {
        let irn = document.irn.as_str();
        let call = format!("{moment} {:?} {}", document.stage, document.asked);
        if !self.chance.one_in(150, &call, irn, 0) || self.peers.asleep.swap(true, Ordering::SeqCst) {
            return;
        }
        if moment == "before" && signs(document) {
            self.peers.overtaken.lock().unwrap_or_else(PoisonError::into_inner).insert(irn.to_owned());
        }
        self.peers.naps.fetch_add(1, Ordering::SeqCst);
        self.clock.advance(PAST_THE_LEASE);
        self.peers.work(self.other).await;
        self.peers.asleep.store(false, Ordering::SeqCst);
    }
}

/// Whether the next step is the call to `sign`.
fn signs(document: &Submittable) -> bool {
    document.stage == Stage::Validated || (document.stage == Stage::Signing && document.asked)
}

#[async_trait]
impl Transmitter for Rough {
    async fn advance(&self, document: &Submittable, keys: &ApiKeys) -> Result<Step> {
        self.sleeps("before", document).await;
        let step = match (self.recovery, document.stage) {
            (Recovery::Resending, Stage::Signing) => {
                let mut unasked = document.clone();
                unasked.asked = true;
                self.inner.advance(&unasked, keys).await
            }
            (Recovery::Believing, Stage::Signing) => Ok(Step::to(Stage::Signed)),
            _ => self.inner.advance(document, keys).await,
        };
        self.sleeps("after", document).await;
        step
    }

    async fn confirmation(&self, irn: &Irn, keys: &ApiKeys) -> Result<Option<Confirmation>> {
        self.inner.confirmation(irn, keys).await
    }

    async fn update_payment(
        &self,
        irn: &Irn,
        status: PaymentStatus,
        reference: Option<&str>,
        keys: &ApiKeys,
    ) -> Result<()> {
        self.inner.update_payment(irn, status, reference, keys).await
    }
}
