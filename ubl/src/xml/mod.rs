//! UBL 2.1 XML: reading into a tree, from the tree into the document, and writing.

mod build;
mod names;
mod out;
mod read;
mod read_line;
mod read_party;
mod soundness;
pub(crate) mod tree;
mod write;
mod write_party;

pub use read::parse;
pub use tree::MAX_BYTES;
pub use write::to_xml;
