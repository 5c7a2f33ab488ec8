//! Feature switches: settings, who made them, and the jobs that wait for one.

use super::{
    Sqlite,
    fault::{Outcome, not_found, refusal},
    logs::{self, Note},
    queue,
    rows::{Columns, micros, word},
};
use crate::{
    ErrorKind, Result,
    store::{
        Fence, HeldBack, JobKind, Rollout, SWITCHED_OFF, Switch, SwitchChange, SwitchEntry, SwitchSetting,
        SwitchStore, Switches,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

#[async_trait]
impl SwitchStore for Sqlite {
    async fn switches(&self) -> Result<Switches> {
        self.read("store.switches", move |c| Box::pin(switches(c))).await
    }

    async fn set_switch(&self, change: &SwitchChange, now: DateTime<Utc>) -> Result<u64> {
        let change = change.clone();
        self.write("store.set_switch", move |c| Box::pin(set(c, change, now))).await
    }

    async fn hold_back(&self, held: &HeldBack, fence: &Fence, now: DateTime<Utc>) -> Result<()> {
        let (held, fence) = (held.clone(), fence.clone());
        self.write("store.hold_back", move |c| Box::pin(hold_back(c, held, fence, now))).await
    }

    async fn switch_log(&self, tenant: Option<Uuid>, limit: u32) -> Result<Vec<SwitchEntry>> {
        self.read("store.switch_log", move |c| Box::pin(log(c, tenant, limit))).await
    }
}

/// One statement, so that revision and settings are of one moment.
async fn switches(connection: &mut SqliteConnection) -> Outcome<Switches> {
    let rows = sqlx::query(
        "SELECT r.revision, s.* FROM (SELECT coalesce(max(seq), 0) AS revision FROM switch_log) r
         LEFT JOIN switches s ORDER BY s.switch, s.tenant, s.platform",
    )
    .fetch_all(connection)
    .await?;
    let mut found = Switches::default();
    for row in &rows {
        found.revision = Columns(row).count("revision")?;
        if Columns(row).maybe_text("switch")?.is_some() {
            found.settings.push(read_setting(row)?);
        }
    }
    Ok(found)
}

fn read_setting(row: &SqliteRow) -> Outcome<SwitchSetting> {
    let row = Columns(row);
    Ok(SwitchSetting {
        switch: row.word("switch")?,
        tenant: read_tenant(&row)?,
        platform: named(row.text("platform")?),
        rollout: Rollout { percent: percent(row.count("percent")?), spread: row.word("spread")? },
        set_by: row.text("set_by")?,
        reason: row.text("reason")?,
        set_at: row.time("set_at")?,
    })
}

fn read_tenant(row: &Columns<'_>) -> Outcome<Option<Uuid>> {
    named(row.text("tenant")?).map(|_| row.id("tenant")).transpose()
}

/// '' is "any".
fn named(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn percent(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(100)
}

async fn set(connection: &mut SqliteConnection, change: SwitchChange, now: DateTime<Utc>) -> Outcome<u64> {
    let tenant = change.tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
    if !tenant.is_empty() {
        let known = sqlx::query("SELECT 1 FROM tenants WHERE id = ?1")
            .bind(&tenant)
            .fetch_optional(&mut *connection)
            .await?;
        known.ok_or_else(|| not_found("tenant", &tenant))?;
    }
    let platform = change.platform.clone().unwrap_or_default();
    let switch = word(&change.switch)?;
    note(connection, &change, (&switch, &tenant, &platform), now).await?;
    match change.to {
        Some(rollout) => {
            sqlx::query(
                "INSERT INTO switches (switch, tenant, platform, percent, spread, set_by, reason, set_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (switch, tenant, platform) DO UPDATE SET percent = excluded.percent,
                     spread = excluded.spread, set_by = excluded.set_by, reason = excluded.reason,
                     set_at = excluded.set_at",
            )
            .bind(&switch)
            .bind(&tenant)
            .bind(&platform)
            .bind(i64::from(rollout.percent.min(100)))
            .bind(word(&rollout.spread)?)
            .bind(&change.who)
            .bind(&change.reason)
            .bind(micros(now))
            .execute(&mut *connection)
            .await?;
        }
        None => {
            sqlx::query("DELETE FROM switches WHERE switch = ?1 AND tenant = ?2 AND platform = ?3")
                .bind(&switch)
                .bind(&tenant)
                .bind(&platform)
                .execute(&mut *connection)
                .await?;
        }
    }
    release(connection, &change, now).await
}

/// Notes a change with what was in force before it.
async fn note(
    connection: &mut SqliteConnection,
    change: &SwitchChange,
    (switch, tenant, platform): (&str, &str, &str),
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO switch_log (at, switch, tenant, platform, percent_before, spread_before, percent_after,
             spread_after, who, reason)
         SELECT ?1, ?2, ?3, ?4, s.percent, s.spread, ?5, ?6, ?7, ?8 FROM (SELECT 1)
         LEFT JOIN switches s ON s.switch = ?2 AND s.tenant = ?3 AND s.platform = ?4",
    )
    .bind(micros(now))
    .bind(switch)
    .bind(tenant)
    .bind(platform)
    .bind(change.to.map(|rollout| i64::from(rollout.percent.min(100))))
    .bind(change.to.map(|rollout| word(&rollout.spread)).transpose()?)
    .bind(&change.who)
    .bind(&change.reason)
    .execute(&mut *connection)
    .await?;
    let Some(tenant) = change.tenant else { return Ok(()) };
    let to = change.to.map_or_else(|| "as for all".to_owned(), |rollout| format!("{} %", rollout.percent));
    let at = if platform.is_empty() { String::new() } else { format!(" at {platform}") };
    let detail = format!("{switch}{at}: {to}, by {}: {}", change.who, change.reason);
    let note = Note { tenant, subject: tenant, record: None, event: "switch.set", detail: &detail };
    logs::note(connection, note, now).await
}

/// Makes due what waits for the switch. Who still may not go on will wait again. The time that was ordered to be waited
/// is not the engine's.
async fn release(
    connection: &mut SqliteConnection,
    change: &SwitchChange,
    now: DateTime<Utc>,
) -> Outcome<u64> {
    let kinds = match change.switch {
        Switch::ProcessWebhooks => "fetch",
        Switch::Sync => return Ok(0),
        Switch::Prepare => "prepare",
        Switch::Submit => "submit payment",
    };
    let released = sqlx::query(
        "UPDATE jobs SET due_at = ?1, parked = 0, received_at = ?1
         WHERE state = 'waiting' AND parked = 1 AND error_kind = ?2 AND instr(?3, kind) > 0
             AND (?4 IS NULL OR tenant = ?4)",
    )
    .bind(micros(now))
    .bind(SWITCHED_OFF)
    .bind(kinds)
    .bind(change.tenant.map(|tenant| tenant.to_string()))
    .execute(connection)
    .await?;
    Ok(released.rows_affected())
}

async fn hold_back(
    connection: &mut SqliteConnection,
    held: HeldBack,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let job = queue::held(connection, &fence, now).await?;
    let row = sqlx::query("SELECT coalesce(max(seq), 0) AS revision FROM switch_log")
        .fetch_one(&mut *connection)
        .await?;
    if Columns(&row).count("revision")? != held.revision {
        let message = "a switch was set meanwhile: look again";
        Err(refusal(ErrorKind::Conflict, message).with("revision", held.revision).again())?;
    }
    sqlx::query(
        "UPDATE jobs SET state = 'waiting', due_at = ?2, parked = 1, lease = NULL, lease_until = NULL, again = 0,
             error_kind = ?3, error = ?4
         WHERE id = ?1",
    )
    .bind(fence.job.to_string())
    .bind(micros(held.until).max(micros(now) + 1))
    .bind(SWITCHED_OFF)
    .bind(&held.message)
    .execute(&mut *connection)
    .await?;
    match job.kind {
        JobKind::Prepare(record) => hold_record(connection, (job.tenant, record), &held.message, now).await,
        JobKind::Submit(document) => hold_document(connection, document, &held.message, now).await,
        JobKind::Fetch(_) | JobKind::Payment(_) | JobKind::Confirm(_) => Ok(()),
    }
}

/// Says on the record why it waits; what its preparation finds out later takes the reason away.
async fn hold_record(
    connection: &mut SqliteConnection,
    (tenant, record): (Uuid, Uuid),
    message: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let held = sqlx::query(
        "UPDATE records SET held_code = ?2, held_message = ?3
         WHERE id = ?1 AND (held_code IS NOT ?2 OR held_message IS NOT ?3)",
    )
    .bind(record.to_string())
    .bind(SWITCHED_OFF)
    .bind(message)
    .execute(&mut *connection)
    .await?;
    if held.rows_affected() == 0 {
        return Ok(());
    }
    let note = Note { tenant, subject: record, record: Some(record), event: "record.held", detail: message };
    logs::note(connection, note, now).await
}

async fn hold_document(
    connection: &mut SqliteConnection,
    document: Uuid,
    message: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE documents SET message = ?2, code = ?3, updated_at = ?4
         WHERE id = ?1 AND state IN ('prepared', 'submitted')",
    )
    .bind(document.to_string())
    .bind(message)
    .bind(SWITCHED_OFF)
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(())
}

async fn log(
    connection: &mut SqliteConnection,
    tenant: Option<Uuid>,
    limit: u32,
) -> Outcome<Vec<SwitchEntry>> {
    let rows = sqlx::query(
        "SELECT * FROM switch_log WHERE ?1 IS NULL OR tenant IN ('', ?1) ORDER BY seq DESC LIMIT ?2",
    )
    .bind(tenant.map(|tenant| tenant.to_string()))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_entry).collect()
}

fn read_entry(row: &SqliteRow) -> Outcome<SwitchEntry> {
    let row = Columns(row);
    let rollout = |at: &'static str, of: &'static str| -> Outcome<Option<Rollout>> {
        let Some(_) = row.maybe_text(of)? else { return Ok(None) };
        Ok(Some(Rollout { percent: percent(row.count(at)?), spread: row.word(of)? }))
    };
    Ok(SwitchEntry {
        seq: row.count("seq")?,
        at: row.time("at")?,
        switch: row.word("switch")?,
        tenant: read_tenant(&row)?,
        platform: named(row.text("platform")?),
        before: rollout("percent_before", "spread_before")?,
        after: rollout("percent_after", "spread_after")?,
        who: row.text("who")?,
        reason: row.text("reason")?,
    })
}
