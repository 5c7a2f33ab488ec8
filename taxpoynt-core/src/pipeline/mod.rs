//! From a raw record to documents: normalize → map → calculate → check → number → IRN.
//!
//! Everything here is pure. What a sale cannot become yet is `Held`, with the reason in one sentence; what is
//! malformed is an error that names the field.

mod amounts;
mod convert;
mod counting;
mod differences;
mod draft;
mod preview;
mod provenance;
mod series;
mod traced;

pub use convert::{Conversion, ConvertOptions, Outcome, convert};
pub use counting::Counting;
pub use draft::{Draft, Drafted, Issued, draft};
pub use preview::{
    FieldChange, GroupTotal, Moved, OutcomeChange, Preview, SaleGroup, SumChange, TotalChange, ValueChange,
};
pub use series::Series;
pub use traced::{TracedDraft, traced};

pub(crate) use convert::{APPROVAL_REQUIRED, approval_required, convert_numbered, number, series_of};
pub(crate) use draft::{Share, shares};
