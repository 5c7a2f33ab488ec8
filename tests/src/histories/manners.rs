//! What sort of platform a history has, and how the pull is broken on purpose.

use crate::Random;
use std::time::Duration;
use taxpoynt_core::connector::PullRules;

/// How a pull is broken on purpose, so that the oracle is seen to notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sabotage {
    /// As it is.
    #[default]
    None,
    /// Nothing is read again.
    NoOverlap,
    /// The platform's time is taken from our clock.
    OurClock,
    /// The second page is where the first one's length says.
    TrustOffset,
    /// Moments that fill a page are read by offsets, once.
    OneReading,
    /// Deleted records are not looked for.
    NoSweep,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NoOverlap, Self::OurClock, Self::TrustOffset, Self::OneReading, Self::NoSweep];

    /// By its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let names = ["no-overlap", "our-clock", "trust-offset", "one-reading", "no-sweep"];
        if name == "none" {
            return Some(Self::None);
        }
        names.iter().position(|known| *known == name).map(|at| Self::ALL[at])
    }
}

/// In which order the platform lists what it cannot sort by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By time of change.
    Time,
    /// By id.
    Id,
    /// The last changed first.
    Newest,
}

/// What the `Date` header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// The platform's time.
    Right,
    /// Nothing.
    Missing,
    /// A proxy's clock, so many milliseconds off.
    Off(i64),
    /// Our clock: sabotage.
    Ours,
}

/// What sort of platform.
#[derive(Debug, Clone)]
pub struct Manners {
    /// What the connector says of it.
    pub rules: PullRules,
    /// How it lists.
    pub order: Order,
    /// Rows a page.
    pub page: usize,
    /// Whether it says how many rows match.
    pub tells_total: bool,
    /// A cursor in so many has expired when it is used; 0: none has.
    pub fragile: usize,
    /// What its header says.
    pub header: Header,
    /// How far our clock is ahead of its, in milliseconds.
    pub ahead: i64,
    /// The longest time from a change's stamp until the listing shows it, in milliseconds.
    pub latest: i64,
    /// Tills that were offline: changes arrive up to so much later still.
    pub offline: i64,
    /// A call in so many has a change happen around it.
    pub lively: usize,
    /// A call in so many fails.
    pub fails: usize,
    /// A call in so many kills the process; 0: none does.
    pub deadly: usize,
    /// A webhook in so many is lost.
    pub lost: usize,
    /// Whether webhooks are sent at all.
    pub webhooks: bool,
    /// Whether the history begins with an import, in place of a pull of everything.
    pub imports: bool,
    /// The most rows that share a moment.
    pub crowd: usize,
    /// Broken on purpose.
    pub sabotage: Sabotage,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

impl Manners {
    /// Those that a seed decides.
    #[must_use]
    pub fn of(random: &mut Random, sabotage: Sabotage) -> Self {
        let page = 2 + random.below(5);
        let cap = page * (2 + random.below(5));
        let overlap = 5 * MINUTE;
        let offline = if random.one_in(5) { 40 * HOUR } else { 0 };
        let (by_time, by_id, order, capped) = match random.below(5) {
            0 | 1 => (true, true, Order::Time, true),
            2 => (true, false, Order::Time, false),
            3 => (false, true, Order::Newest, random.one_in(2)),
            _ => (false, false, *random.pick(&[Order::Id, Order::Newest]), random.one_in(2)),
        };
        let rescan = (offline > 0).then(|| Duration::from_secs(42 * 3600));
        let mut manners = Self {
            rules: PullRules {
                overlap: Duration::from_millis(overlap.unsigned_abs()),
                rescan,
                by_time,
                by_id,
                cap: capped.then_some(cap as u64),
                resolution: Duration::from_millis(1),
                deletes: random.one_in(2),
            },
            order,
            page,
            tells_total: random.one_in(2),
            fragile: if random.one_in(3) { 6 } else { 0 },
            header: Header::Right,
            ahead: 0,
            // The overlap is what a platform states. A second of it is the header's, which has no finer time.
            latest: overlap - 2_000,
            offline,
            lively: 2 + random.below(6),
            fails: 20 + random.below(60),
            deadly: if random.one_in(2) { 3 + random.below(12) } else { 0 },
            lost: 2 + random.below(6),
            webhooks: !random.one_in(4),
            imports: random.one_in(3),
            // One that can sort neither by time nor by id cannot give more than its cap of one moment.
            crowd: if capped && !by_id { page } else { 3 * cap.max(page) / 2 },
            sabotage,
        };
        manners.clocks(random);
        manners.break_it();
        manners
    }

    /// Clocks: ours is wrong, or the header is, never both at once.
    fn clocks(&mut self, random: &mut Random) {
        match random.below(6) {
            0 | 1 => {}
            2 => self.ahead = random.between(-3 * 24 * HOUR, 3 * 24 * HOUR),
            3 => self.ahead = random.between(-20 * MINUTE, 20 * MINUTE),
            4 => self.header = Header::Off(random.between(-5 * HOUR, 5 * HOUR)),
            _ => {
                self.header = Header::Missing;
                self.ahead = random.between(-2 * HOUR, 2 * HOUR);
            }
        }
    }

    fn break_it(&mut self) {
        match self.sabotage {
            Sabotage::NoOverlap => self.rules.overlap = Duration::ZERO,
            Sabotage::OurClock => self.header = Header::Ours,
            Sabotage::None | Sabotage::TrustOffset | Sabotage::OneReading | Sabotage::NoSweep => {}
        }
    }
}
