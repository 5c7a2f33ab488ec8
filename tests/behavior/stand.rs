//! What the suite must know of a platform. Everything else it finds out by itself; a further platform is one more
//! file below `platforms/` that answers these questions.

use crate::wire::Answer;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde_json::Value;
use std::sync::Arc;
use taxpoynt_core::{
    connector::Connector,
    model::{RawRecord, SourceKey},
};
use taxpoynt_sim::{OAuth, Sim};

/// A platform with records in it.
pub(crate) struct World {
    /// The simulators; others than the platform's idle.
    pub(crate) sim: Sim,
    /// Where the platform is.
    pub(crate) base_url: url::Url,
    /// What it is called with: a bearer token.
    pub(crate) token: String,
    /// What a person connects an account with who has no OAuth: the same, or a key of the platform's own kind.
    pub(crate) key: String,
    /// The account's id.
    pub(crate) account: String,
    /// Its records, oldest change first.
    pub(crate) keys: Vec<SourceKey>,
}

/// Who we are at a platform.
pub(crate) struct Registration {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) redirect_uri: String,
}

/// A webhook before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// The body.
    pub(crate) body: String,
    /// The record each of its events is about, in order; none where it is none of ours.
    pub(crate) about: Vec<Option<SourceKey>>,
}

/// How a platform proves that a webhook is its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Proof {
    /// The headers that must be there.
    pub(crate) headers: &'static [&'static str],
    /// Whether the method is covered.
    pub(crate) covers_method: bool,
    /// Whether every byte of the body is covered. Where not, what a webhook says is only a hint.
    pub(crate) covers_body: bool,
    /// Whether the URL is covered.
    pub(crate) covers_url: bool,
    /// Seconds around now that a signed time may lie in; none where no time is signed.
    pub(crate) tolerance: Option<i64>,
}

/// One platform.
#[async_trait]
pub(crate) trait Stand: Send + Sync {
    /// Its connector.
    fn connector(&self) -> Arc<dyn Connector>;

    /// The platform with `records` records, all changed at most a second before `now`.
    fn open(&self, now: DateTime<Utc>, records: usize) -> World;

    /// So many records need at least three pages.
    fn three_pages(&self) -> usize;

    /// Changes a record: its newest version is the one that must count.
    async fn change(&self, world: &World, key: &SourceKey);

    /// The platform's authorization server and our registration at it; none where it has no such thing.
    fn oauth(&self, world: &World) -> Option<(OAuth, Registration)>;

    /// The account's owner takes back, at the platform, what was granted.
    async fn disconnect(&self, world: &World);

    /// A key of the right kind that no record has.
    fn unknown(&self) -> SourceKey;

    /// The body of a refusal with this status, in the platform's words.
    fn words(&self, status: u16) -> Value;

    /// The answer when the day's calls are used up; none where the platform counts no days.
    fn daily_quota(&self) -> Option<Answer>;

    /// Members of answers that are maps from an id to a record, as JSON pointers: `/responses`.
    fn maps(&self) -> &'static [&'static str];

    /// Whether the answer of this path says *where* records are: then an unreadable part of it must be an error, because
    /// going on would lose records without a word.
    fn directs(&self, path: &str) -> bool;

    /// A fixture of a record that takes a sale back.
    fn refund(&self) -> Option<RawRecord>;

    /// How its webhooks are proved.
    fn proof(&self) -> Proof;

    /// A webhook that tells that `key` changed. `nth` makes it another event; `attempt` only another delivery of the same.
    fn letter(&self, world: &World, key: &SourceKey, nth: u32, attempt: u32) -> Letter;

    /// Webhooks of the other kinds that the platform sends about a record, or about something that belongs to it.
    fn kin(&self, world: &World, key: &SourceKey) -> Vec<Letter>;

    /// One webhook with several events; none where the platform sends one at a time.
    fn batch(&self, world: &World, keys: &[SourceKey]) -> Option<Letter>;

    /// A webhook of a kind that we have no use for, and that the platform may send any day.
    fn strange(&self, world: &World) -> Letter;

    /// Whether two values of a header of the proof say the same, though they differ.
    fn same_proof(&self, _one: &str, _other: &str) -> bool {
        false
    }

    /// Headers of a webhook, signed by code that is not ours.
    fn sign(&self, secret: &str, url: &str, body: &str, at: DateTime<Utc>) -> HeaderMap;
}
