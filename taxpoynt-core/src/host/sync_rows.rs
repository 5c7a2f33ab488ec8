//! What pulls answer, as JSON: imports, the health of a connection's pulls, and counted days.

use crate::{
    engine::{Backfill, SyncHealth},
    sync::Reconciliation,
};
use serde_json::{Value, json};

/// An import.
pub(super) fn backfill(backfill: &Backfill) -> Value {
    json!({
        "id": backfill.id,
        "connection_id": backfill.connection,
        "state": backfill.state,
        "since": backfill.since,
        "until": backfill.until,
        "counts": backfill.counts,
        "progress": backfill.progress,
        "error": backfill.error,
        "started_at": backfill.started_at,
        "finished_at": backfill.finished_at,
    })
}

/// How the pulls of a connection get on.
pub(super) fn health(health: &SyncHealth) -> Value {
    let plan = &health.plan;
    json!({
        "every_seconds": plan.every.map(|every| every.as_secs()),
        "next_at": plan.next_at,
        "failures": plan.failures,
        "failing": health.failing,
        "error": plan.error,
        "watermark": health.watermark,
        "seen_until": plan.seen_until,
        "deep_at": plan.deep_at,
        "swept_at": plan.swept_at,
        "count_at": plan.count_at,
    })
}

/// A day that was counted on both sides, with the printed table of it.
pub(super) fn reconciliation(report: &Reconciliation) -> Value {
    json!({
        "connection_id": report.connection,
        "platform": report.platform,
        "day": report.day,
        "at": report.at,
        "proved": report.is_proved(),
        "theirs": report.theirs,
        "claimed": report.claimed,
        "ours": report.ours,
        "missing": report.missing,
        "extra": report.extra,
        "different": report.different,
        "fetched": report.fetched,
        "table": report.table(),
    })
}
