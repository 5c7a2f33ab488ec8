//! A tenant's catalogue: which HS or ISIC code each thing it sells has.
//!
//! The authority wants exactly one pair a line, and no till knows it: HS code and product category for goods, ISIC code
//! and service category for services. An entry of the catalogue is found by one thing. Where several entries would
//! classify a line, the first of these does:
//!
//! 1. the platform's id of the item,
//! 2. the SKU,
//! 3. the exact name,
//! 4. a name pattern with `*`: the one with the most letters of its own,
//! 5. the category,
//! 6. the tenant's setting `classification.by_field`, then `classification.default`.
//!
//! Within one step an entry for the line's own platform goes before one for any. SKUs, names, patterns and categories
//! are compared without regard to case and to repeated spaces; the platform's ids exactly.

mod check;
mod entry;
mod index;
mod pattern;
mod suggest;
mod table;
mod waiting;

pub use check::{Checked, Problem, Severity, check};
pub use entry::{By, Entry, Item};
pub use index::{Catalogue, Hit};
pub use suggest::{Suggestion, suggestions};
pub use table::{COLUMNS, Parsed, parse, write};
pub(crate) use table::{delimiter, plain, text as cell};
pub use waiting::{SoldItem, WaitingItem};
