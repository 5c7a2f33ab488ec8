//! UBL 2.1 XML: reading into a tree, from the tree into the document, and writing.

mod build;
#[cfg(any(test, fuzzing))]
mod difference;
mod foreign;
mod keep;
mod kept;
mod markup;
mod names;
mod out;
mod own;
mod parts;
mod read;
mod read_line;
mod read_parts;
mod read_party;
mod read_tax;
#[cfg(any(test, fuzzing))]
mod reference;
#[cfg(test)]
mod reference_test;
mod scan;
mod soundness;
mod spelling;
pub(crate) mod tree;
mod write;
mod write_line;
mod write_parts;
mod write_party;
mod write_tax;

#[cfg(fuzzing)]
pub use difference::difference;
pub use parts::{Part, parts};
pub use read::parse;
pub use tree::MAX_BYTES;
pub use write::to_xml;
