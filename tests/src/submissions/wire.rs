//! The way from an engine to the authority: in this process, by the tests' clock, with processes that die on it.

use crate::TestClock;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use taxpoynt_core::{Clock, Error, ErrorKind, Result, Retry, http::HttpService};
use taxpoynt_sim::{Direct, Lost, Sim};
use tokio::sync::watch;

/// Longer than the limit on one call.
const TOO_LONG: Duration = Duration::from_secs(31);

/// How often processes die over one call, at most.
const DEATHS: u32 = 2;

/// The network, which all processes share.
pub struct Wire {
    direct: Direct,
    sim: Arc<Sim>,
    clock: Arc<TestClock>,
    chance: Chance,
    /// Deaths so far, by call.
    died: Mutex<HashMap<String, u32>>,
    deaths: AtomicU64,
}

/// One process on the network. From its death on, none of its calls goes out or comes back.
pub struct Process {
    wire: Arc<Wire>,
    /// Watched by whoever drives this process, which may be several at once: each of them has to hear of it.
    dead: watch::Sender<bool>,
}

/// Answers to questions about a document, from a seed: the same for the same, whatever came before.
#[derive(Debug, Clone, Copy)]
pub struct Chance(pub u64);

impl Chance {
    /// Whether it happens, once in `n` times.
    #[must_use]
    pub fn one_in(self, n: u64, question: &str, subject: &str, nth: u32) -> bool {
        let mut hash = self.0 ^ 0x51_7C_C1_B7_27_22_0A_95;
        for byte in question.bytes().chain([0]).chain(subject.bytes()).chain(nth.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        crate::Random::seeded(hash).bits().is_multiple_of(n)
    }
}

impl Wire {
    /// A network to one simulator.
    #[must_use]
    pub fn new(sim: Arc<Sim>, clock: Arc<TestClock>, chance: Chance) -> Arc<Self> {
        let direct = sim.direct();
        let (died, deaths) = (Mutex::default(), AtomicU64::new(0));
        Arc::new(Self { direct, sim, clock, chance, died, deaths })
    }

    /// How many processes died.
    #[must_use]
    pub fn deaths(&self) -> u64 {
        self.deaths.load(Ordering::SeqCst)
    }

    /// Whether a process dies at this point of this call.
    fn kills(&self, moment: &str, call: &str) -> bool {
        let mut died = self.died.lock().unwrap_or_else(PoisonError::into_inner);
        let before = died.entry(call.to_owned()).or_default();
        let kills = *before < DEATHS && self.chance.one_in(100, moment, call, *before);
        *before += u32::from(kills);
        self.deaths.fetch_add(u64::from(kills), Ordering::SeqCst);
        kills
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        self.sim.set_now(self.clock.now());
        // The simulator answers at once or, when it hangs, never.
        let answer = tokio::select! {
            biased;
            answer = self.direct.call(request) => Some(answer),
            () = std::future::ready(()) => None,
        };
        match answer {
            Some(Ok(response)) => Ok(response),
            Some(Err(lost)) => Err(broken(lost)),
            None => {
                // Once the limits on this call have begun, the time passes in which nobody answers.
                let clock = self.clock.clone();
                tokio::spawn(async move { clock.advance(TOO_LONG) });
                std::future::pending().await
            }
        }
    }
}

/// As a real connection breaks: nobody knows what became of the call.
fn broken(lost: Lost) -> Error {
    Error::new(ErrorKind::Ambiguous, "wire.send", lost.to_string()).retry_as(Retry::Ambiguous)
}

impl Process {
    /// A process that has just started.
    #[must_use]
    pub fn start(wire: Arc<Wire>) -> Arc<Self> {
        Arc::new(Self { wire, dead: watch::Sender::new(false) })
    }

    /// Returns when it has died.
    pub async fn death(&self) {
        // Fails only when the process is gone, and it is ours.
        let _ = self.dead.subscribe().wait_for(|dead| *dead).await;
    }

    /// Whether it has died.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        *self.dead.borrow()
    }

    async fn die(&self) -> Result<Response<Bytes>> {
        self.dead.send_replace(true);
        std::future::pending().await
    }
}

#[async_trait]
impl HttpService for Process {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let call = format!("{} {}", request.method(), named(&request));
        if self.is_dead() {
            return std::future::pending().await;
        }
        if self.wire.kills("before", &call) {
            return self.die().await;
        }
        let answer = self.wire.send(request).await;
        if self.wire.kills("after", &call) {
            return self.die().await;
        }
        answer
    }
}

/// A call by its path and the document it is about.
fn named(request: &Request<Bytes>) -> String {
    let irn = serde_json::from_slice::<serde_json::Value>(request.body()).ok();
    let irn = irn.as_ref().and_then(|body| body["irn"].as_str()).unwrap_or_default();
    format!("{} {irn}", request.uri())
}
