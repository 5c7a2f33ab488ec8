//! A platform with OAuth and nothing else, and what processes do with its tokens: who refreshes, how often, and what is
//! left after one was killed.

mod connector;
mod gate;
mod meeting;
mod process;

pub use connector::{Gated, KINDS};
pub use gate::{Direct, Gate, Listening, Step, Turning};
pub use meeting::{Meeting, Shared};
pub use process::{Child, Order, child, options, serve_as_child};
