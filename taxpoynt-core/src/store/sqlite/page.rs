//! Listings in pages, newest first: the cursor is the place of the last row shown.

use super::{
    fault::{Outcome, refusal},
    rows::Columns,
};
use crate::{ErrorKind, store::Page};
use sqlx::sqlite::SqliteRow;

const ROWS: u32 = 100;
const MOST_ROWS: u32 = 1000;

/// How many rows to give, and the place before which they are.
pub(super) fn ask(limit: Option<u32>, cursor: Option<&str>) -> Outcome<(u32, i64)> {
    let limit = limit.unwrap_or(ROWS).clamp(1, MOST_ROWS);
    let before = match cursor {
        None => i64::MAX,
        Some(cursor) => cursor.parse().map_err(|_| {
            refusal(ErrorKind::Payload, "the cursor is not one that a listing gave").with("field", "cursor")
        })?,
    };
    Ok((limit, before))
}

/// The page, of rows read with one more than `limit`.
pub(super) fn cut<T>(
    rows: &[SqliteRow],
    limit: u32,
    read: impl Fn(&SqliteRow) -> Outcome<T>,
) -> Outcome<Page<T>> {
    let limit = limit as usize;
    let shown = &rows[..rows.len().min(limit)];
    let next = match shown.last() {
        Some(last) if rows.len() > limit => Some(Columns(last).int("seq")?.to_string()),
        _ => None,
    };
    Ok(Page { items: shown.iter().map(read).collect::<Outcome<_>>()?, next })
}
