//! What a template says of reading: changed records, one record, and what belongs to them.

use super::{Listing, Parameter, Texts};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Changed records.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pull {
    pub(crate) list: Listing,
    /// Each listed record is fetched by itself: the list does not hold it whole.
    #[serde(default)]
    pub(crate) fetch_each: bool,
    /// How `{since}` and `{until}` are written.
    #[serde(default)]
    pub(crate) times: Times,
    /// Where the answer says how many records match.
    pub(crate) total: Option<String>,
    pub(crate) overlap_seconds: Option<u64>,
    pub(crate) rescan_hours: Option<u64>,
    /// Where a listed record has its time of change, in a list that is sorted by it with the newest first: it is read
    /// until it is older than `{since}`.
    pub(crate) newest_first: Option<String>,
    /// Sorted by time of change, oldest first.
    #[serde(default = "super::yes")]
    pub(crate) by_time: bool,
    pub(crate) cap: Option<u64>,
    #[serde(default)]
    pub(crate) whole_seconds: bool,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Times {
    #[default]
    Rfc3339,
    Unix,
    UnixMs,
}

/// One record by its id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fetch {
    pub(crate) get: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, Parameter>,
    /// Where the answer has the root resource; left out: the answer's members are the record's.
    pub(crate) root: Option<String>,
    /// Whether a record that was there and is not found was deleted.
    #[serde(default)]
    pub(crate) missing_is_deleted: bool,
}

/// More resources for the records of a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gather {
    /// The record's member they become.
    pub(crate) member: String,
    /// Where the record says which: `deal.org_id`. Left out: they belong to the record's own id.
    pub(crate) of: Option<String>,
    /// Where each of them says whose it is: `deal_id`; of those that a record points at, their own `id`.
    pub(crate) belongs: Option<String>,
    /// How many ids one call takes in `{ids}`; without it each id is a call with `{id}`, and a call without either place
    /// reads the whole list once.
    pub(crate) batch: Option<usize>,
    /// Only for records that have these values: `{ "deal.status" = "won" }`.
    #[serde(default)]
    pub(crate) when: Texts,
    /// Only for records that have something there: `products.id`.
    pub(crate) needs: Option<String>,
    pub(crate) list: Listing,
}
