//! Pulling without gaps, as pure state: which page to ask for next, where the next pull begins, how far a long one got,
//! and how two counts of a day compare. No I/O and no clock: what was read and what time it is are passed in.
//!
//! A pull is a [`Walk`]. It is asked for the next [`Pull`](crate::connector::Pull) and told what the page held; between
//! the two it can be stored, and it goes on from there in another process. What a page held and the walk after it are
//! stored in one move, so a crash repeats a page or does not, and never skips one.
//!
//! - **Late commits**: the next pull begins [`PullRules::overlap`](crate::connector::PullRules) before this one *began*,
//!   by the platform's time and not by ours ([`Evidence`]).
//! - **Pages that shift**: a page is found by the time of the last row before it, never by an offset. A record that changes
//!   meanwhile moves behind and shifts nothing.
//! - **Equal times**: where one moment fills a page, it is read by id; where the platform cannot, from end to end until two
//!   readings agree. (A row can be skipped only if a row that was read leaves; that row is missing from the next reading,
//!   and the two differ.)
//! - **Caps**: a query that matches too much is split in two by time; one moment that holds too much is read by id; where
//!   that is not possible either, the pull fails and says so.

mod horizon;
mod progress;
mod reconcile;
mod walk;
mod window;

pub use horizon::Evidence;
pub use progress::Progress;
pub use reconcile::{Counted, Difference, Reconciliation, Tally};
pub use walk::{Seen, Walk};
pub use window::Window;
