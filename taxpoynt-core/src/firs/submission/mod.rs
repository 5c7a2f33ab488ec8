//! How a document moves on at the authority or an access point, step by step; knows the calls and the stages stored, and
//! takes the document as the bytes that are sent.

pub mod access_point;
mod compare;
pub mod lifecycle;
mod notice;
mod transmitter;

pub use access_point::{AccessPoint, AccessPointOptions};
pub use notice::{Event, Notice};
pub use transmitter::{Mbs, Step, Submittable, Transmitter};
