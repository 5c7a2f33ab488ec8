//! The spans that follow one sale, from what announced it to the authority's confirmation; see docs/operations/tracing.md.
//!
//! Each carries the same `sale`. Nothing a buyer is known by is in a span, and no secret: ids of ours and of the
//! platform, names of states, counts.

use super::Engine;
use crate::{
    model::{RecordKind, SourceKey},
    store::{Change, Connection, Document, Incoming, Ingested, Job, JobKind, Prepared, Record},
};
use std::fmt::{self, Write};
use tracing::{Span, field, field::Empty, info_span};

/// Longer ids are cut: a log line is no place for what a stranger could make arbitrarily long.
const LONGEST_ID: usize = 128;

/// The key of a sale, the same in every span: `square/ML7/order/CAISENgvlJ6`. It is written only where somebody listens.
pub(super) struct Sale<'a> {
    platform: &'a str,
    account: &'a str,
    kind: RecordKind,
    id: &'a str,
}

impl<'a> Sale<'a> {
    pub(super) fn of_key(connection: &'a Connection, key: &'a SourceKey) -> Self {
        Self { platform: &connection.platform, account: &connection.account, kind: key.kind, id: &key.id }
    }

    pub(super) fn of_record(record: &'a Record) -> Self {
        let key = &record.raw.key;
        Self { platform: &record.platform, account: &record.account, kind: key.kind, id: &key.id }
    }

    pub(super) fn of_document(document: &'a Document) -> Self {
        Self {
            platform: &document.platform,
            account: &document.account,
            kind: document.source_kind,
            id: &document.source_id,
        }
    }

    /// Says in the span of the job at hand which sale it is about.
    pub(super) fn tell(&self) {
        Span::current().record("sale", field::display(self));
    }
}

impl fmt::Display for Sale<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.platform, Clean(self.account), self.kind.as_str(), Clean(self.id))
    }
}

/// What a platform wrote, cut, and without what would break a log line.
struct Clean<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut clean = self.0.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
        clean.by_ref().take(LONGEST_ID).try_for_each(|c| f.write_char(c))
    }
}

/// The span of a claimed job. The job itself tells which sale it is about, once it has read it.
pub(super) fn of_job(job: &Job) -> Span {
    macro_rules! span {
        ($name:literal) => {
            info_span!(
                $name,
                sale = Empty,
                tenant = %job.tenant,
                job = %job.fence.job,
                attempt = job.attempts + 1,
                document = Empty,
                outcome = Empty,
                code = Empty,
            )
        };
    }
    match &job.kind {
        JobKind::Fetch(_) => span!("sale.fetch"),
        JobKind::Prepare(_) => span!("sale.prepare"),
        JobKind::Submit(_) => span!("sale.submit"),
        JobKind::Payment(_) => span!("sale.payment"),
        JobKind::Confirm(_) => span!("sale.confirm"),
    }
}

/// The span of a webhook's receipt.
pub(super) fn webhook() -> Span {
    info_span!("webhook", platform = Empty, status = Empty, new = Empty, duplicates = Empty)
}

/// The span of a pull.
pub(super) fn sync(connection: &Connection) -> Span {
    info_span!(
        "sync",
        platform = %connection.platform,
        tenant = %connection.tenant,
        connection = %connection.id,
        seen = Empty,
        new = Empty,
        changed = Empty,
        failed = Empty,
    )
}

/// A record that was stored without a webhook. A page is stored in one move, which does not say what became of each.
pub(super) fn stored(name: Arrival, connection: &Connection, key: &SourceKey, change: Option<Change>) {
    let sale = Sale::of_key(connection, key);
    let change = match change {
        Some(Change::New) => "new",
        Some(Change::Changed) => "changed",
        Some(Change::Unchanged) => "unchanged",
        None => "",
    };
    let tenant = connection.tenant;
    let span = match name {
        Arrival::Pulled => info_span!("sale.pulled", %sale, %tenant, change),
        Arrival::HandedIn => info_span!("sale.handed_in", %sale, %tenant, change),
    };
    span.in_scope(|| tracing::debug!("stored"));
}

/// The span of a record that the host asks for by its id: it is fetched and prepared within.
pub(super) fn asked_for(connection: &Connection, key: &SourceKey) -> Span {
    let sale = Sale::of_key(connection, key);
    info_span!("sale.asked_for", %sale, tenant = %connection.tenant, outcome = Empty, code = Empty)
}

/// How a record came without a webhook.
#[derive(Clone, Copy)]
pub(super) enum Arrival {
    Pulled,
    HandedIn,
}

impl Engine {
    /// Each event that names a record, once it is stored. Only where somebody listens is the account looked up.
    pub(super) async fn tell_announced(&self, incoming: &Incoming, ingested: Ingested) {
        if ingested.new == 0 || Span::current().is_disabled() {
            return;
        }
        for part in &incoming.parts {
            let Ok(connection) = self.store().connection(part.connection, None).await else { return };
            for (_, kind, key) in &part.events {
                let Some(key) = key else { continue };
                let (sale, tenant) = (Sale::of_key(&connection, key), connection.tenant);
                let span = info_span!("sale.announced", %sale, %tenant, kind = %Clean(kind));
                span.in_scope(|| tracing::debug!("stored"));
            }
        }
    }

    /// Says in the span at hand what a preparation came to.
    pub(super) fn tell_prepared(prepared: &Prepared) {
        let span = Span::current();
        if span.is_disabled() {
            return;
        }
        span.record("outcome", super::observe::outcome_of(prepared).map_or("unchanged", |o| o.as_str()));
        if let Some(held) = &prepared.held {
            span.record("code", held.code.as_str());
        }
    }
}
