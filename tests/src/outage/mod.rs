//! The proof of the deadlines: an outage of the authority on a busy day, in simulated time, with the real engine.
//!
//! Time moves only when the authority works on a call or nobody has anything to do, so the authority's capacity is
//! exact and a day takes a minute. What is in time is judged from the authority's own book, not from the engine's; what
//! could have been, by an ideal schedule.

mod authority;
mod oracle;
mod picture;
mod run;
mod traffic;

pub use oracle::{Capacity, in_time, possible, slowest_feasible};
pub use picture::picture;
pub use run::{Order, Outcome, Plan, Raised, run};
pub use traffic::{HOUR, Sale, Traffic, sales};
