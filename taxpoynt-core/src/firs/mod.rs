//! The tax authority (NRS, formerly FIRS; system MBS): its codes, its JSON, its API, and how a submission moves on.

mod account;
pub mod client;
pub mod codes;
mod details;
mod errors;
mod json;
mod listing;
pub mod lists;
mod lookup;
mod mbs;
mod notice;
mod payment;
mod precheck;
mod refusal;
mod report;
mod resources;
mod shape;
mod source;
mod transmitter;
mod words;

pub use account::{Business, Entity, Login, Taxpayer};
pub use client::{ApiKeys, Client, Confirmation, Found, Signed};
pub use listing::{Listing, Paging, Search};
pub use lists::{Code, CodeList, CodeLists, ListName, Origin};
pub use lookup::{Involved, Participant, Participation};
pub use mbs::{MbsOptions, mbs_bytes, to_mbs, to_mbs_with};
pub use notice::{Event, Notice};
pub(crate) use precheck::incomplete;
pub use precheck::{missing, missing_with};
pub use report::{VatReport, vat_report};
pub use resources::{Resource, ResourceRow};
pub use shape::MbsInvoice;
pub use source::{Source, expected_source, source_of};
pub use transmitter::{Mbs, Step, Submittable, Transmitter};
