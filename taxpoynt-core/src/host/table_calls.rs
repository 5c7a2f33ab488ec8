//! The host's calls about lookup tables, and about what a person approves.

use super::{
    names::{id as id_of, named, whose},
    options::configured,
    rows,
};
use crate::{
    Engine, Error, ErrorKind, Result,
    engine::Foreseen,
    store::{Approval, ApprovalFilter},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The names of the calls.
pub(super) const CALLS: [&str; 8] = [
    "engine.set_table",
    "engine.tables_in_force",
    "engine.table_history",
    "engine.table_text",
    "engine.approvals",
    "engine.approve",
    "engine.refuse",
    "engine.preview",
];

/// Makes a call.
///
/// # Errors
/// As the host's other calls; `Mapping` with line and column.
pub(super) async fn answer(engine: &Engine, call: &'static str, arguments: &[u8]) -> Result<Value> {
    match call {
        "engine.approvals" => approvals(engine, configured(call, arguments)?).await,
        "engine.approve" | "engine.refuse" => decide(engine, call, configured(call, arguments)?).await,
        "engine.preview" => preview(engine, configured(call, arguments)?).await,
        _ => of_tables(engine, call, configured(call, arguments)?).await,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfTables {
    tenant: String,
    name: Option<String>,
    csv: Option<String>,
    reason: Option<String>,
    hash: Option<String>,
}

async fn of_tables(engine: &Engine, call: &'static str, asked: OfTables) -> Result<Value> {
    let tenant = id_of("tenant", &asked.tenant)?;
    let said = |field: &'static str, value: Option<String>| {
        let missing =
            || Error::new(ErrorKind::Config, call, format!("{field} is missing")).with("field", field);
        value.ok_or_else(missing)
    };
    match call {
        "engine.set_table" => {
            let name = said("name", asked.name)?;
            let (csv, reason) = (asked.csv.as_deref(), asked.reason.as_deref());
            Ok(json!(engine.set_table(tenant, &name, csv, reason).await?))
        }
        "engine.tables_in_force" => Ok(json!(engine.tables_in_force(tenant).await?)),
        "engine.table_history" => Ok(json!(engine.table_history(tenant).await?)),
        _ => Ok(json!(engine.table_text(tenant, &said("hash", asked.hash)?).await?)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    tenant: Option<String>,
    state: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

async fn approvals(engine: &Engine, asked: Listed) -> Result<Value> {
    let filter = ApprovalFilter {
        tenant: whose(asked.tenant)?,
        state: named("engine.approvals", "state", asked.state)?,
        cursor: asked.cursor,
        limit: asked.limit,
    };
    Ok(rows::page(&engine.approvals(&filter).await?, approval))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    id: String,
    by: String,
    note: Option<String>,
    tenant: Option<String>,
}

async fn decide(engine: &Engine, call: &'static str, asked: Decision) -> Result<Value> {
    let (id, tenant) = (id_of("approval", &asked.id)?, whose(asked.tenant)?);
    let note = asked.note.as_deref();
    let decided = match call {
        "engine.approve" => engine.approve(id, &asked.by, note, tenant).await?,
        _ => engine.refuse(id, &asked.by, note, tenant).await?,
    };
    Ok(approval(&decided))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Previewed {
    connection: String,
    record: String,
    tenant: Option<String>,
}

async fn preview(engine: &Engine, asked: Previewed) -> Result<Value> {
    let (connection, tenant) = (id_of("connection", &asked.connection)?, whose(asked.tenant)?);
    let foreseen = engine.preview(connection, &asked.record, tenant).await?;
    foreseen.iter().map(row).collect()
}

fn row(foreseen: &Foreseen) -> Result<Value> {
    let Foreseen { outcome, rule, held, invoice, fields } = foreseen;
    let invoice =
        invoice.as_ref().map(|invoice| crate::json::write("engine.preview", invoice)).transpose()?;
    Ok(json!({"outcome": outcome, "rule": rule, "held": held, "invoice_json": invoice, "fields": fields}))
}

fn approval(approval: &Approval) -> Value {
    json!({
        "id": approval.id,
        "tenant_id": approval.tenant,
        "record_id": approval.record,
        "source_id": approval.source_id,
        "purpose": approval.wanted.purpose,
        "rule": approval.wanted.rule,
        "currency": approval.wanted.currency,
        "payable_amount": approval.wanted.payable_amount,
        "state": approval.state,
        "asked_at": approval.asked_at,
        "decided_at": approval.decided_at,
        "decided_by": approval.decided_by,
        "note": approval.note,
        "invoice_json": approval.wanted.invoice,
    })
}
