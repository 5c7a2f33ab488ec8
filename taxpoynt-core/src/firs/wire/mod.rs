//! Our document as the authority's JSON: what it must have, how it is written and where each of its fields comes from;
//! knows the codes and lists, and neither a call nor what others wrote.

mod json;
pub(super) mod mbs;
mod precheck;
mod shape;
mod source;

pub use mbs::{MbsOptions, mbs_bytes, to_mbs, to_mbs_with};
pub(crate) use precheck::incomplete;
pub use precheck::{missing, missing_with};
pub use shape::MbsInvoice;
pub use source::{Source, expected_source, source_of};
