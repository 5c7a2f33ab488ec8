//! Contestants measured in turns, so that whatever else the machine does falls on all of them alike.

use cpu_time::ThreadTime;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A contestant's turn lasts at least this long, of which its fastest call counts.
const TURN: Duration = Duration::from_millis(4);
/// The slowest are given fewer turns than asked, but never fewer than five.
const PATIENCE: Duration = Duration::from_secs(20);

/// One call, in nanoseconds.
type Call<'a> = Box<dyn FnMut() -> u64 + 'a>;

/// Who takes part.
pub(crate) struct Race<'a> {
    turns: usize,
    contestants: Vec<(Result, Call<'a>)>,
}

/// What one contestant did.
#[derive(Clone)]
pub(crate) struct Result {
    /// Whose.
    pub(crate) name: &'static str,
    /// Bytes read or written in a call.
    bytes: usize,
    /// Elements read or written in a call: what speeds are compared by, so that neither indentation nor leaving elements
    /// out makes anyone faster.
    elements: usize,
    /// The fastest call of each turn, in nanoseconds.
    turns: Vec<u64>,
}

impl<'a> Race<'a> {
    /// A race of so many turns.
    pub(crate) fn new(turns: usize) -> Self {
        Self { turns, contestants: Vec::new() }
    }

    /// Enters a contestant that reads or writes `xml` in a call. Dropping what it returns is not measured, nor is the time
    /// in which the machine did something else: a long call cannot be had without that.
    #[allow(clippy::disallowed_methods, reason = "a bench asks the machine for the time")]
    pub(crate) fn add<T>(&mut self, name: &'static str, xml: &[u8], mut call: impl FnMut() -> T + 'a) {
        let timed = move || {
            let (own, start) = (ThreadTime::now(), Instant::now());
            let out = black_box(call());
            let time = start.elapsed().min(own.elapsed());
            drop(out);
            u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
        };
        let elements = crate::limits::elements(xml);
        self.contestants
            .push((Result { name, bytes: xml.len(), elements, turns: Vec::new() }, Box::new(timed)));
    }

    /// Gives every contestant its turns, one after the other, beginning with another one in each round.
    #[allow(clippy::disallowed_methods, reason = "a bench asks the machine for the time")]
    pub(crate) fn run(mut self) -> Vec<Result> {
        let start = Instant::now();
        let count = self.contestants.len();
        for round in 0..self.turns {
            if round >= 5 && start.elapsed() > PATIENCE {
                break;
            }
            for place in 0..count {
                let (result, call) = &mut self.contestants[(round + place) % count];
                result.turns.push(turn(call));
            }
        }
        self.contestants.into_iter().map(|(result, _)| result).collect()
    }
}

/// The fastest of the calls that fit into a turn.
fn turn(call: &mut Call<'_>) -> u64 {
    let (mut spent, mut least) = (Duration::ZERO, u64::MAX);
    while spent < TURN {
        let time = call();
        spent += Duration::from_nanos(time);
        least = least.min(time);
    }
    least.max(1)
}

impl Result {
    /// The fastest call of all, in nanoseconds.
    pub(crate) fn least(&self) -> u64 {
        self.turns.iter().copied().min().unwrap_or(1)
    }

    /// The turn in the middle, in nanoseconds.
    pub(crate) fn median(&self) -> u64 {
        let mut turns = self.turns.clone();
        turns.sort_unstable();
        turns[turns.len() / 2]
    }

    /// By the fastest call.
    pub(crate) fn megabytes_a_second(&self) -> u64 {
        self.bytes as u64 * 1000 / self.least()
    }

    /// How many hundredths of the other's speed this one has, in elements a second: the median over the turns, of which
    /// each compares two neighbours in time.
    pub(crate) fn percent_of(&self, other: &Self) -> u64 {
        let speeds = self.turns.iter().zip(&other.turns).map(|(own, theirs)| {
            let (own, theirs) =
                (u128::from(*own) * other.elements as u128, u128::from(*theirs) * self.elements as u128);
            u64::try_from(theirs * 100 / own.max(1)).unwrap_or(u64::MAX)
        });
        let mut speeds: Vec<u64> = speeds.collect();
        speeds.sort_unstable();
        speeds[speeds.len() / 2]
    }
}

/// A time in the unit that suits it.
pub(crate) fn time(nanoseconds: u64) -> String {
    match nanoseconds {
        0..10_000 => format!("{nanoseconds} ns"),
        10_000..10_000_000 => format!("{}.{} µs", nanoseconds / 1000, nanoseconds / 100 % 10),
        _ => format!("{}.{} ms", nanoseconds / 1_000_000, nanoseconds / 100_000 % 10),
    }
}
