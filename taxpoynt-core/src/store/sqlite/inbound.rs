//! Received documents: one a (tenant, IRN), and what became of each.

use super::{
    Sqlite,
    fault::{Outcome, not_found, refusal},
    inbound_rows::{self, content_columns},
    logs::{self, Note},
    queue,
    rows::{Columns, micros, new_id, word},
    tenant_jobs,
};
use crate::{
    ErrorKind, Result,
    store::{
        Announced, Fence, Inbound, InboundFilter, InboundListing, InboundOrigin, InboundState, InboundStep,
        InboundStore, Page, TenantJobKind,
    },
};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::SqliteConnection;
use uuid::Uuid;

/// What a reported step adds to a lease: as long as the workers' own.
const LEASE: TimeDelta = TimeDelta::minutes(5);

#[async_trait]
impl InboundStore for Sqlite {
    async fn announce_inbound(&self, announced: &Announced, now: DateTime<Utc>) -> Result<(Uuid, bool)> {
        let announced = announced.clone();
        self.write("store.announce_inbound", move |c| Box::pin(announce(c, announced, now))).await
    }

    async fn settle_inbound(&self, settled: &InboundStep, fence: &Fence, now: DateTime<Utc>) -> Result<()> {
        let (settled, fence) = (settled.clone(), fence.clone());
        self.write("store.settle_inbound", move |c| Box::pin(settle(c, settled, fence, now))).await
    }

    async fn hand_over_inbound(
        &self,
        to: Uuid,
        state: InboundState,
        fence: &Fence,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let fence = fence.clone();
        self.write("store.hand_over_inbound", move |c| Box::pin(hand_over(c, to, state, fence, now))).await
    }

    async fn resume_inbound(
        &self,
        id: Uuid,
        tenant: Option<Uuid>,
        state: InboundState,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.write("store.resume_inbound", move |c| Box::pin(resume(c, id, tenant, state, now))).await
    }

    async fn inbound_document(&self, id: Uuid, tenant: Option<Uuid>) -> Result<Inbound> {
        self.read("store.inbound_document", move |c| Box::pin(one(c, id, tenant))).await
    }

    async fn inbound(&self, filter: &InboundFilter) -> Result<Page<Inbound>> {
        let filter = filter.clone();
        self.read("store.inbound", move |c| Box::pin(inbound_rows::list(c, filter))).await
    }

    async fn tenant_of_tin(&self, tin: &str) -> Result<Option<Uuid>> {
        let tin = plain(tin);
        self.read("store.tenant_of_tin", move |c| Box::pin(tenant_of_tin(c, tin))).await
    }

    async fn is_own_irn(&self, tenant: Uuid, irn: &str) -> Result<bool> {
        let irn = irn.to_owned();
        self.read("store.is_own_irn", move |c| Box::pin(is_own_irn(c, tenant, irn))).await
    }

    async fn tenant_ids(&self) -> Result<Vec<Uuid>> {
        self.read("store.tenant_ids", move |c| Box::pin(tenant_ids(c))).await
    }

    async fn inbound_listed_until(&self, tenant: Uuid) -> Result<Option<NaiveDate>> {
        self.read("store.inbound_listed_until", move |c| Box::pin(listed_until(c, tenant))).await
    }

    async fn note_inbound_listing(&self, listing: &InboundListing, now: DateTime<Utc>) -> Result<()> {
        let listing = listing.clone();
        self.write("store.note_inbound_listing", move |c| Box::pin(note_listing(c, listing, now))).await
    }
}

/// A TIN without hyphens and blanks.
fn plain(tin: &str) -> String {
    tin.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

async fn announce(
    connection: &mut SqliteConnection,
    announced: Announced,
    now: DateTime<Utc>,
) -> Outcome<(Uuid, bool)> {
    let Announced { tenant, irn, origin, raw } = announced;
    let known = sqlx::query(
        "SELECT id, state, code, raw IS NULL AS bare FROM inbound WHERE tenant = ?1 AND irn = ?2",
    )
    .bind(tenant.to_string())
    .bind(&irn)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(known) = known else {
        let id = new_id(now);
        sqlx::query(
            "INSERT INTO inbound (id, tenant, irn, origin, state, raw, announced_at, downloaded_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, CASE WHEN ?5 IS NULL THEN 'announced' ELSE 'downloaded' END, ?5, ?6,
                 CASE WHEN ?5 IS NULL THEN NULL ELSE ?6 END, ?6)",
        )
        .bind(&id)
        .bind(tenant.to_string())
        .bind(&irn)
        .bind(word(&origin)?)
        .bind(raw.map(|raw| raw.to_vec()))
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
        let id = Uuid::parse_str(&id).map_err(|_| super::fault::Fault::Damaged("id"))?;
        note(connection, tenant, id, "announced", &irn, now).await?;
        tenant_jobs::enqueue(connection, TenantJobKind::ReceiveInbound(id), tenant, now).await?;
        return Ok((id, true));
    };
    let known = Columns(&known);
    let (id, mut state) = (known.id("id")?, known.word::<InboundState>("state")?);
    let disowned = known.maybe_text("code")?.as_deref() == Some("not_ours");
    let bare = known.int("bare")? == 1;
    if disowned && origin == InboundOrigin::Host {
        sqlx::query(
            "UPDATE inbound SET origin = 'host', state = 'announced', code = NULL, message = NULL, updated_at = ?2
             WHERE id = ?1",
        )
        .bind(id.to_string())
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
        note(connection, tenant, id, "announced", "The host says that it is this tenant's.", now).await?;
        state = InboundState::Announced;
    }
    if state == InboundState::Announced {
        if let Some(raw) = raw.filter(|_| bare) {
            sqlx::query(
                "UPDATE inbound SET state = 'downloaded', raw = ?2, downloaded_at = ?3, updated_at = ?3 WHERE id = ?1",
            )
            .bind(id.to_string())
            .bind(raw.to_vec())
            .bind(micros(now))
            .execute(&mut *connection)
            .await?;
        }
        tenant_jobs::enqueue(connection, TenantJobKind::ReceiveInbound(id), tenant, now).await?;
    }
    Ok((id, false))
}

async fn settle(
    connection: &mut SqliteConnection,
    step: InboundStep,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (kind, tenant) = tenant_jobs::held(connection, &fence, now).await?;
    if kind != TenantJobKind::ReceiveInbound(step.id) {
        Err(queue::fenced(&fence).with("document", step.id))?;
    }
    let before = one(connection, step.id, None).await?;
    is_open(&before)?;
    let (code, message) = step.reason.clone().unzip();
    sqlx::query(
        "UPDATE inbound SET state = ?2, code = ?3, message = ?4, raw = coalesce(?5, raw),
             downloaded_at = CASE WHEN ?5 IS NULL THEN downloaded_at ELSE ?6 END,
             acknowledged_at = CASE WHEN ?2 = 'acknowledged' THEN ?6 END, updated_at = ?6
         WHERE id = ?1",
    )
    .bind(step.id.to_string())
    .bind(word(&step.state)?)
    .bind(code)
    .bind(&message)
    .bind(step.raw.as_ref().map(|raw| raw.to_vec()))
    .bind(micros(now))
    .execute(&mut *connection)
    .await?;
    if let Some(content) = &step.content {
        // An acknowledged row takes no more changes, so content never comes with the last step.
        content_columns(connection, step.id, content, now).await?;
    }
    if step.state != before.state {
        note(connection, tenant, step.id, &word(&step.state)?, message.as_deref().unwrap_or_default(), now)
            .await?;
    }
    if step.finished {
        tenant_jobs::finish(connection, &fence).await
    } else {
        tenant_jobs::renew(connection, &fence, now + LEASE).await
    }
}

/// What was acknowledged changes no more.
fn is_open(document: &Inbound) -> Outcome<()> {
    if document.state == InboundState::Acknowledged {
        let message = "the document was acknowledged already: nothing changes any more";
        Err(refusal(ErrorKind::Conflict, message).with("document", document.id))?;
    }
    Ok(())
}

async fn hand_over(
    connection: &mut SqliteConnection,
    to: Uuid,
    state: InboundState,
    fence: Fence,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let (TenantJobKind::ReceiveInbound(id), tenant) = tenant_jobs::held(connection, &fence, now).await?;
    let document = one(connection, id, None).await?;
    is_open(&document)?;
    let taken = sqlx::query("SELECT 1 FROM inbound WHERE tenant = ?1 AND irn = ?2")
        .bind(to.to_string())
        .bind(&document.irn)
        .fetch_optional(&mut *connection)
        .await?;
    if taken.is_some() {
        const MESSAGE: &str = "The document is another tenant's, who has it already.";
        sqlx::query(
            "UPDATE inbound SET state = 'refused', code = 'of_another_tenant', message = ?2, raw = NULL, updated_at = ?3
             WHERE id = ?1",
        )
        .bind(id.to_string())
        .bind(MESSAGE)
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
        note(connection, tenant, id, "refused", MESSAGE, now).await?;
        return tenant_jobs::finish(connection, &fence).await;
    }
    sqlx::query("UPDATE inbound SET tenant = ?2, state = ?3, updated_at = ?4 WHERE id = ?1")
        .bind(id.to_string())
        .bind(to.to_string())
        .bind(word(&state)?)
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE tenant_jobs SET tenant = ?2 WHERE id = ?1")
        .bind(fence.job.to_string())
        .bind(to.to_string())
        .execute(&mut *connection)
        .await?;
    note(connection, to, id, "handed_over", "The document names this tenant as its buyer.", now).await
}

async fn resume(
    connection: &mut SqliteConnection,
    id: Uuid,
    tenant: Option<Uuid>,
    state: InboundState,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let document = one(connection, id, tenant).await?;
    is_open(&document)?;
    if matches!(document.code.as_deref(), Some("of_another_tenant" | "not_ours")) {
        let message = "the document is not this tenant's: it cannot be taken or acknowledged";
        Err(refusal(ErrorKind::Conflict, message).with("document", id))?;
    }
    let working: i64 =
        sqlx::query_scalar("SELECT count(*) FROM tenant_jobs WHERE subject = ?1 AND lease_until > ?2")
            .bind(id.to_string())
            .bind(micros(now))
            .fetch_one(&mut *connection)
            .await?;
    if working > 0 {
        let message = "the document is being worked on at this moment: try again";
        Err(refusal(ErrorKind::Conflict, message).with("document", id).again())?;
    }
    sqlx::query("UPDATE inbound SET state = ?2, code = NULL, message = NULL, updated_at = ?3 WHERE id = ?1")
        .bind(id.to_string())
        .bind(word(&state)?)
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    note(connection, document.tenant, id, "resumed", "", now).await?;
    sqlx::query("DELETE FROM tenant_jobs WHERE subject = ?1")
        .bind(id.to_string())
        .execute(&mut *connection)
        .await?;
    tenant_jobs::enqueue(connection, TenantJobKind::ReceiveInbound(id), document.tenant, now).await
}

async fn one(connection: &mut SqliteConnection, id: Uuid, tenant: Option<Uuid>) -> Outcome<Inbound> {
    let row = sqlx::query("SELECT * FROM inbound WHERE id = ?1 AND (?2 IS NULL OR tenant = ?2)")
        .bind(id.to_string())
        .bind(tenant.map(|tenant| tenant.to_string()))
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| not_found("received document", id))?;
    inbound_rows::read(&row, true)
}

async fn note(
    connection: &mut SqliteConnection,
    tenant: Uuid,
    subject: Uuid,
    word: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let event = format!("inbound.{word}");
    logs::note(connection, Note { tenant, subject, record: None, event: &event, detail }, now).await
}

async fn tenant_of_tin(connection: &mut SqliteConnection, tin: String) -> Outcome<Option<Uuid>> {
    if tin.is_empty() {
        return Ok(None);
    }
    let rows = sqlx::query(
        "SELECT id FROM tenants WHERE upper(replace(replace(tin, '-', ''), ' ', '')) = ?1 LIMIT 2",
    )
    .bind(tin)
    .fetch_all(connection)
    .await?;
    match &rows[..] {
        [only] => Columns(only).id("id").map(Some),
        _ => Ok(None),
    }
}

async fn is_own_irn(connection: &mut SqliteConnection, tenant: Uuid, irn: String) -> Outcome<bool> {
    let own = sqlx::query("SELECT 1 FROM documents WHERE irn = ?1 AND tenant = ?2")
        .bind(irn)
        .bind(tenant.to_string())
        .fetch_optional(connection)
        .await?;
    Ok(own.is_some())
}

async fn tenant_ids(connection: &mut SqliteConnection) -> Outcome<Vec<Uuid>> {
    let rows = sqlx::query("SELECT id FROM tenants ORDER BY created_at, id").fetch_all(connection).await?;
    rows.iter().map(|row| Columns(row).id("id")).collect()
}

async fn listed_until(connection: &mut SqliteConnection, tenant: Uuid) -> Outcome<Option<NaiveDate>> {
    let until: Option<String> = sqlx::query_scalar("SELECT until FROM inbound_pulls WHERE tenant = ?1")
        .bind(tenant.to_string())
        .fetch_optional(connection)
        .await?;
    until.map(|day| inbound_rows::day(&day, "until")).transpose()
}

/// The last day is where it is told to be, also further back: one set by a wrong clock must not stay for ever.
async fn note_listing(
    connection: &mut SqliteConnection,
    listing: InboundListing,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO inbound_pulls (tenant, until, at, seen, new, known, failed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (tenant) DO UPDATE SET until = excluded.until, at = excluded.at, seen = excluded.seen,
             new = excluded.new, known = excluded.known, failed = excluded.failed",
    )
    .bind(listing.tenant.to_string())
    .bind(listing.until.to_string())
    .bind(micros(now))
    .bind(count(listing.seen))
    .bind(count(listing.new))
    .bind(count(listing.known))
    .bind(count(listing.failed))
    .execute(connection)
    .await?;
    Ok(())
}
