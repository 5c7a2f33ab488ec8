//! How values are kept in columns: times as microseconds, ids and words as text, lanes and stages as ranks.

use super::fault::{Fault, Outcome};
use crate::store::{Lane, Stage};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use sqlx::{Decode, Row, Sqlite, Type, sqlite::SqliteRow};
use std::fmt::Write;
use uuid::{NoContext, Timestamp, Uuid};

/// Reads the columns of a row.
pub(super) struct Columns<'r>(pub(super) &'r SqliteRow);

impl<'r> Columns<'r> {
    fn get<T: Decode<'r, Sqlite> + Type<Sqlite>>(&self, column: &'static str) -> Outcome<T> {
        Ok(self.0.try_get(column)?)
    }

    pub(super) fn text(&self, column: &'static str) -> Outcome<String> {
        self.get(column)
    }

    pub(super) fn maybe_text(&self, column: &'static str) -> Outcome<Option<String>> {
        self.get(column)
    }

    pub(super) fn int(&self, column: &'static str) -> Outcome<i64> {
        self.get(column)
    }

    /// A count.
    pub(super) fn count(&self, column: &'static str) -> Outcome<u64> {
        u64::try_from(self.int(column)?).map_err(|_| Fault::Damaged(column))
    }

    pub(super) fn maybe_count(&self, column: &'static str) -> Outcome<Option<u64>> {
        let count: Option<i64> = self.get(column)?;
        count.map(|count| u64::try_from(count).map_err(|_| Fault::Damaged(column))).transpose()
    }

    pub(super) fn bytes(&self, column: &'static str) -> Outcome<Bytes> {
        Ok(Bytes::from(self.get::<Vec<u8>>(column)?))
    }

    pub(super) fn maybe_bytes(&self, column: &'static str) -> Outcome<Option<Bytes>> {
        Ok(self.get::<Option<Vec<u8>>>(column)?.map(Bytes::from))
    }

    pub(super) fn id(&self, column: &'static str) -> Outcome<Uuid> {
        Uuid::parse_str(self.get(column)?).map_err(|_| Fault::Damaged(column))
    }

    pub(super) fn time(&self, column: &'static str) -> Outcome<DateTime<Utc>> {
        self.maybe_time(column)?.ok_or(Fault::Damaged(column))
    }

    pub(super) fn maybe_time(&self, column: &'static str) -> Outcome<Option<DateTime<Utc>>> {
        let micros: Option<i64> = self.get(column)?;
        micros.map(|at| time_of(at).ok_or(Fault::Damaged(column))).transpose()
    }

    /// A word of a closed set, as its type serializes.
    pub(super) fn word<T: DeserializeOwned>(&self, column: &'static str) -> Outcome<T> {
        serde_json::from_value(serde_json::Value::String(self.get(column)?))
            .map_err(|_| Fault::Damaged(column))
    }

    /// A value kept as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Outcome<T> {
        serde_json::from_str(self.get(column)?).map_err(|_| Fault::Damaged(column))
    }

    pub(super) fn maybe_json<T: DeserializeOwned>(&self, column: &'static str) -> Outcome<Option<T>> {
        let text = self.maybe_text(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(|_| Fault::Damaged(column))).transpose()
    }

    pub(super) fn stage(&self, column: &'static str) -> Outcome<Stage> {
        stage_of(self.int(column)?).ok_or(Fault::Damaged(column))
    }

    pub(super) fn lane(&self, column: &'static str) -> Outcome<Lane> {
        let rank = self.int(column)?;
        LANES.into_iter().find(|lane| lane_rank(*lane) == rank).ok_or(Fault::Damaged(column))
    }
}

/// A word of a closed set; the opposite of [`Columns::word`].
pub(super) fn word(value: &impl Serialize) -> Outcome<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Fault::Damaged("a word of a closed set")),
    }
}

/// A value as JSON; the opposite of [`Columns::json`].
pub(super) fn json(value: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(|_| Fault::Damaged("a value kept as JSON"))
}

/// Microseconds since 1970.
pub(super) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

pub(super) fn time_of(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
}

/// A new id, in the order of `now`.
pub(super) fn new_id(now: DateTime<Utc>) -> String {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let moment = Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos());
    Uuid::new_v7(moment).to_string()
}

/// SHA-256, in hexadecimal.
pub(super) fn hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) const LANES: [Lane; 3] = [Lane::High, Lane::Normal, Lane::Bulk];

pub(super) const fn lane_rank(lane: Lane) -> i64 {
    match lane {
        Lane::High => 0,
        Lane::Normal => 1,
        Lane::Bulk => 2,
    }
}

/// Ranks leave room for stages between.
pub(super) const fn stage_rank(stage: Stage) -> i64 {
    match stage {
        Stage::Draft => 0,
        Stage::Validated => 10,
        Stage::Signing => 20,
        Stage::Signed => 30,
        Stage::Transmitting => 40,
        Stage::Transmitted => 50,
        Stage::Confirmed => 60,
    }
}

pub(super) fn stage_of(rank: i64) -> Option<Stage> {
    const STAGES: [Stage; 7] = [
        Stage::Draft,
        Stage::Validated,
        Stage::Signing,
        Stage::Signed,
        Stage::Transmitting,
        Stage::Transmitted,
        Stage::Confirmed,
    ];
    STAGES.into_iter().find(|stage| stage_rank(*stage) == rank)
}
