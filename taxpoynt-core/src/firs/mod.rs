//! The tax authority (NRS, formerly FIRS; system MBS): its codes, its JSON, its API, and how a submission moves on.

pub mod access_point;
mod account;
pub mod client;
pub mod codes;
mod details;
mod envelope;
mod errors;
mod exchange;
mod fields;
mod finding;
mod foreign;
mod from_mbs;
mod from_mbs_parts;
mod json;
mod line_tax;
mod mbs;
mod notice;
mod precheck;
mod received;
mod shape;
mod transmitter;

pub use access_point::{AccessPoint, AccessPointOptions};
pub use account::{Business, Entity, Taxpayer};
pub use client::{ApiKeys, Client, Confirmation, Found, Signed};
pub use envelope::{Content, Envelope};
pub use exchange::{AcknowledgeBody, Download, PullQuery, Pulled};
pub use finding::Finding;
pub use foreign::{IrnParts, usable_irn};
pub use from_mbs::{Reading, from_mbs, read_mbs};
pub use mbs::{MbsOptions, mbs_bytes, to_mbs, to_mbs_with};
pub use notice::{Event, Notice};
pub use precheck::missing;
pub use received::Received;
pub use shape::MbsInvoice;
pub use transmitter::{Mbs, Step, Submittable, Transmitter};
