//! Where a connector reads what an invoice copies: what it answers to people who ask where a value came from.

use std::borrow::Cow;

/// Where a connector reads a field of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedFrom<'c> {
    /// The field, as mapping rules call it: `item.net_amount`.
    pub field: &'c str,
    /// Paths into the record, with `[]` for the element an item or charge came from, and `[*]` for one that is chosen
    /// otherwise: the one is told that holds the value, for a payment first that in its place. Of several entries for one
    /// field the first counts whose first path leads somewhere; the other paths are told where they do.
    pub paths: Vec<Cow<'c, str>>,
    /// What is made of them, in a few words; empty where the value is taken as it is.
    pub how: &'c str,
}

/// A row of a connector's table of such places.
#[derive(Debug, Clone, Copy)]
pub struct Copied {
    field: &'static str,
    paths: &'static [&'static str],
    how: &'static str,
}

impl Copied {
    /// A value that is taken as it is.
    #[must_use]
    pub const fn as_is(field: &'static str, paths: &'static [&'static str]) -> Self {
        Self { field, paths, how: "" }
    }

    /// A value that is made of what stands there, and how.
    #[must_use]
    pub const fn made(field: &'static str, paths: &'static [&'static str], how: &'static str) -> Self {
        Self { field, paths, how }
    }

    /// Rows as a connector answers them.
    #[must_use]
    pub fn told(rows: &[Self]) -> Vec<CopiedFrom<'static>> {
        let told = |row: &Self| CopiedFrom {
            field: row.field,
            paths: row.paths.iter().map(|path| Cow::Borrowed(*path)).collect(),
            how: row.how,
        };
        rows.iter().map(told).collect()
    }
}
