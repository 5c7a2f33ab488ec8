//! The engine's calls by name, with their arguments as JSON: a binding passes both on, and all languages say the same.

use super::{
    authority_rows as authority, connections, inbound_calls,
    names::{id as id_of, named, whose},
    operations,
    options::configured,
    rows, rule_calls, sync_calls, table_calls, webhooks,
};
use crate::{
    Engine, Error, ErrorKind, Result,
    engine::{DebitNote, ImportOptions},
    json::Exact,
    store::DocumentFilter,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use taxpoynt_ubl::{Classification, InvoiceLine};
use uuid::Uuid;

/// The names of all calls, as their errors tell them: ours and those of each part, said once, where they are answered.
pub const CALLS: [&str; COUNT] = all();

const COUNT: usize = OURS.len()
    + operations::CALLS.len()
    + connections::CALLS.len()
    + webhooks::CALLS.len()
    + sync_calls::CALLS.len()
    + rule_calls::CALLS.len()
    + table_calls::CALLS.len()
    + inbound_calls::CALLS.len();

/// About documents, the authority, the catalogue, keys, and a received document by its id.
const OURS: [&str; 23] = [
    "engine.invoices",
    "engine.resubmit",
    "engine.forecast",
    "engine.alarms",
    "engine.code_lists",
    "engine.refresh_lists",
    "engine.export_catalogue",
    "engine.unclassified",
    "engine.classify",
    "engine.inbound_document",
    "engine.inbound_audit",
    "engine.acknowledge_inbound",
    "engine.retry_inbound",
    "engine.update_payment",
    "engine.payment",
    "engine.transmission",
    "engine.look_again",
    "engine.notices",
    "engine.correct",
    "engine.debit_note",
    "engine.check_authority",
    "engine.key_report",
    "engine.rotate_keys",
];

const fn all() -> [&'static str; COUNT] {
    let parts: [&[&'static str]; 8] = [
        &OURS,
        &operations::CALLS,
        &connections::CALLS,
        &webhooks::CALLS,
        &sync_calls::CALLS,
        &rule_calls::CALLS,
        &table_calls::CALLS,
        &inbound_calls::CALLS,
    ];
    let (mut names, mut at, mut part) = ([""; COUNT], 0, 0);
    while part < parts.len() {
        let mut within = 0;
        while within < parts[part].len() {
            names[at] = parts[part][within];
            at += 1;
            within += 1;
        }
        part += 1;
    }
    names
}

/// A call by its name.
///
/// # Errors
/// `Internal`: a binding asks for what core does not have.
pub fn call(name: &str) -> Result<&'static str> {
    CALLS.into_iter().find(|known| *known == name).ok_or_else(|| unknown("engine.call", name))
}

/// Makes a call and gives its answer as JSON.
///
/// # Errors
/// `Config`, naming the argument, for one that cannot be read; as the call itself.
pub async fn answer(engine: &Engine, call: &'static str, arguments: &[u8]) -> Result<Value> {
    match call {
        _ if operations::CALLS.contains(&call) => operations::answer(engine, call, arguments).await,
        _ if connections::CALLS.contains(&call) => connections::answer(engine, call, arguments).await,
        _ if webhooks::CALLS.contains(&call) => webhooks::answer(engine, call, arguments).await,
        _ if sync_calls::CALLS.contains(&call) => sync_calls::answer(engine, call, arguments).await,
        _ if rule_calls::CALLS.contains(&call) => rule_calls::answer(engine, call, arguments).await,
        _ if table_calls::CALLS.contains(&call) => table_calls::answer(engine, call, arguments).await,
        _ if inbound_calls::CALLS.contains(&call) => inbound_calls::answer(engine, call, arguments).await,
        "engine.invoices" => invoices(engine, configured(call, arguments)?).await,
        "engine.update_payment" => update_payment(engine, configured(call, arguments)?).await,
        "engine.correct" => correct(engine, configured(call, arguments)?).await,
        "engine.debit_note" => debit_note(engine, crate::json::read(call, arguments)?).await,
        "engine.classify" => classify(engine, crate::json::read(call, arguments)?).await,
        "engine.alarms" => {
            let Alarms { limit } = configured(call, arguments)?;
            Ok(json!(engine.alarms(limit.unwrap_or(100)).await?))
        }
        "engine.key_report" => {
            let Nothing {} = configured(call, arguments)?;
            Ok(json!(engine.key_report().await?))
        }
        "engine.rotate_keys" => {
            let Nothing {} = configured(call, arguments)?;
            Ok(json!(engine.rotate_keys().await?))
        }
        "engine.forecast" => {
            let OfTenant { tenant } = configured(call, arguments)?;
            Ok(authority::forecast(&engine.forecast(whose(tenant)?).await?))
        }
        "engine.code_lists"
        | "engine.refresh_lists"
        | "engine.export_catalogue"
        | "engine.unclassified"
        | "engine.check_authority" => {
            let ForTenant { tenant } = configured(call, arguments)?;
            for_tenant(engine, call, id_of("tenant", &tenant)?).await
        }
        _ => on_id(engine, call, configured(call, arguments)?).await,
    }
}

/// Imports a catalogue. Its file is bytes, and JSON has none.
///
/// # Errors
/// As the engine.
pub async fn import_catalogue(
    engine: &Engine,
    tenant: &str,
    csv: &[u8],
    options: ImportOptions,
) -> Result<Value> {
    Ok(json!(engine.import_catalogue(id_of("tenant", tenant)?, csv, options).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfTenant {
    tenant: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForTenant {
    tenant: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnId {
    id: String,
    tenant: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alarms {
    limit: Option<u32>,
}

async fn for_tenant(engine: &Engine, call: &'static str, tenant: Uuid) -> Result<Value> {
    match call {
        "engine.code_lists" => Ok(authority::code_lists(&engine.code_lists(tenant).await?)),
        "engine.refresh_lists" => {
            Ok(engine.refresh_lists(tenant).await?.iter().map(authority::refreshed).collect())
        }
        "engine.export_catalogue" => Ok(json!(engine.export_catalogue(tenant).await?)),
        "engine.unclassified" => Ok(json!(engine.unclassified(tenant).await?)),
        "engine.check_authority" => Ok(json!(engine.check_authority(tenant).await?)),
        other => Err(unknown(call, other)),
    }
}

async fn on_id(engine: &Engine, call: &'static str, asked: OnId) -> Result<Value> {
    let (text, tenant) = (asked.id, whose(asked.tenant)?);
    let id = || id_of("document", &text);
    match call {
        "engine.resubmit" => engine.resubmit(id()?, tenant).await.map(|()| Value::Null),
        "engine.inbound_document" => Ok(authority::inbound(&engine.inbound_document(id()?, tenant).await?)),
        "engine.inbound_audit" => {
            Ok(engine.inbound_audit(id()?, tenant).await?.iter().map(rows::audit).collect())
        }
        "engine.acknowledge_inbound" => engine.acknowledge_inbound(id()?, tenant).await.map(|()| Value::Null),
        "engine.retry_inbound" => engine.retry_inbound(id()?, tenant).await.map(|()| Value::Null),
        "engine.payment" => Ok(json!(engine.payment(id()?, tenant).await?.as_ref().map(authority::payment))),
        "engine.transmission" => {
            Ok(json!(engine.transmission(id()?, tenant).await?.as_ref().map(authority::transmission)))
        }
        "engine.look_again" => engine.look_again(id()?, tenant).await.map(|()| Value::Null),
        "engine.notices" => Ok(engine.notices(id()?, tenant).await?.iter().map(authority::notice).collect()),
        other => Err(unknown(call, other)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdatePayment {
    id: String,
    status: String,
    reference: Option<String>,
    tenant: Option<String>,
}

async fn update_payment(engine: &Engine, asked: UpdatePayment) -> Result<Value> {
    let (id, tenant) = (id_of("document", &asked.id)?, whose(asked.tenant)?);
    let status = required("engine.update_payment", "status", asked.status)?;
    let payment = engine.update_payment(id, status, asked.reference.as_deref(), tenant).await?;
    Ok(authority::payment(&payment))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correct {
    id: String,
    how: String,
    reason: String,
    tenant: Option<String>,
}

async fn correct(engine: &Engine, asked: Correct) -> Result<Value> {
    let (id, tenant) = (id_of("document", &asked.id)?, whose(asked.tenant)?);
    let how = required("engine.correct", "how", asked.how)?;
    let mut documents = Vec::new();
    for made in engine.correct(id, how, &asked.reason, tenant).await? {
        documents.push(rows::document(&engine.document(made, tenant).await?));
    }
    Ok(documents.into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Debit {
    id: String,
    key: String,
    reason: String,
    #[serde(default)]
    lines: Vec<InvoiceLine>,
    amount: Option<Exact>,
    tenant: Option<String>,
}

async fn debit_note(engine: &Engine, asked: Debit) -> Result<Value> {
    let Debit { id, key, reason, lines, amount, tenant } = asked;
    let (id, tenant) = (id_of("document", &id)?, whose(tenant)?);
    let note = DebitNote { key, reason, lines, amount: amount.map(|amount| amount.0) };
    let made = engine.debit_note(id, &note, tenant).await?;
    Ok(rows::document(&engine.document(made, tenant).await?))
}

/// A name of a closed set that must be said.
fn required<T: DeserializeOwned>(call: &'static str, field: &'static str, name: String) -> Result<T> {
    let missing = || Error::new(ErrorKind::Config, call, format!("{field} is missing")).with("field", field);
    named(call, field, Some(name))?.ok_or_else(missing)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invoices {
    tenant: Option<String>,
    state: Option<String>,
    code: Option<String>,
    record: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

async fn invoices(engine: &Engine, asked: Invoices) -> Result<Value> {
    let filter = DocumentFilter {
        tenant: whose(asked.tenant)?,
        state: named("engine.invoices", "state", asked.state)?,
        code: asked.code,
        record: asked.record.map(|id| id_of("record", &id)).transpose()?,
        cursor: asked.cursor,
        limit: asked.limit,
    };
    Ok(rows::page(&engine.invoices(&filter).await?, rows::document))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Classify {
    tenant: String,
    item: String,
    classification: Pair,
}

/// A classification as a form sends it: what is absent is empty, and the engine says what is missing.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Pair {
    hsn_code: Option<String>,
    product_category: Option<String>,
    isic_code: Option<String>,
    service_category: Option<String>,
}

async fn classify(engine: &Engine, asked: Classify) -> Result<Value> {
    let tenant = id_of("tenant", &asked.tenant)?;
    let done = engine.classify(tenant, &asked.item, classification(asked.classification)?).await?;
    Ok(authority::classified(&done))
}

fn classification(pair: Pair) -> Result<Classification> {
    let Pair { hsn_code, product_category, isic_code, service_category } = pair;
    let goods = hsn_code.is_some() || product_category.is_some();
    let service = isic_code.is_some() || service_category.is_some();
    if goods && service {
        let message = "classification is goods and a service at once: give hsn_code and product_category, or isic_code and \
                       service_category";
        return Err(Error::payload("engine.classify", "classification", message));
    }
    Ok(if service {
        let (isic_code, service_category) =
            (isic_code.unwrap_or_default(), service_category.unwrap_or_default());
        Classification::Service { isic_code, service_category }
    } else {
        let (hsn_code, product_category) =
            (hsn_code.unwrap_or_default(), product_category.unwrap_or_default());
        Classification::Goods { hsn_code, product_category }
    })
}

pub(super) fn unknown(operation: &'static str, name: &str) -> Error {
    Error::new(ErrorKind::Internal, operation, format!("there is no call {name}"))
}

#[cfg(test)]
#[cfg(all(feature = "sqlite", feature = "http"))]
mod tests {
    use super::*;
    use crate::{Vault, connector::Registry, engine::EngineOptions};

    async fn engine() -> Result<Engine> {
        let options = EngineOptions::new(vec![Vault::generate_key().into()], Registry::new());
        Engine::open("sqlite::memory:", options).await
    }

    #[test]
    fn every_call_is_named_once() {
        let names: std::collections::BTreeSet<_> = CALLS.into_iter().collect();
        assert_eq!(names.len(), CALLS.len());
        assert!(names.iter().all(|name| name.starts_with("engine.")), "{names:?}");
    }

    #[tokio::test]
    async fn every_call_that_is_named_is_answered_and_no_other() {
        let engine = engine().await.unwrap();
        let nobody = Uuid::nil();
        let shapes = [
            json!({}),
            json!({ "tenant": nobody }),
            json!({ "id": nobody, "tenant": nobody }),
            json!({ "tenant": nobody, "hash": "1f3a5c7e9b2d" }),
            json!({ "tenant": nobody, "name": "tins", "csv": "name,tin\nA,1\n" }),
            json!({ "id": nobody, "by": "ada" }),
            json!({ "connection": nobody, "record": "1" }),
            json!({ "tenant": nobody, "irn": "INV1-94ND90NR-20261102" }),
            json!({ "tenant": nobody, "item": "sku::a", "classification": { "isic_code": "5610", "service_category": "x" } }),
            json!({ "id": nobody, "status": "PAID" }),
            json!({ "id": nobody, "since": "2026-01-01T00:00:00Z" }),
            json!({ "id": nobody, "day": "2026-11-20" }),
            json!({ "id": nobody, "how": "credit_note_only", "reason": "x" }),
            json!({ "id": nobody, "key": "a", "reason": "x", "amount": "1.50" }),
            json!({ "switch": "submit", "percent": 0, "who": "ada", "reason": "x" }),
            json!({ "target": nobody }),
            json!({ "target": nobody, "secret": "a secret" }),
            json!({ "platform": "till", "tenant": nobody, "redirect_uri": "https://host.example/" }),
            json!({ "platform": "till", "tenant": nobody, "code": "a", "state": "b" }),
        ];
        for name in CALLS {
            let call = call(name).unwrap();
            let mut reached = false;
            for shape in &shapes {
                match answer(&engine, call, shape.to_string().as_bytes()).await {
                    Ok(_) => reached = true,
                    Err(error) if error.kind() == ErrorKind::NotFound => reached = true,
                    Err(error) => assert!(
                        matches!(error.kind(), ErrorKind::Config | ErrorKind::Payload),
                        "{name} with {shape}: {error}"
                    ),
                }
            }
            assert!(reached, "no arguments reach {name}");
        }
        assert_eq!(call("engine.open").unwrap_err().kind(), ErrorKind::Internal);
    }

    #[tokio::test]
    async fn an_argument_that_cannot_be_read_is_named_and_never_shown() {
        let engine = engine().await.unwrap();
        let refused = answer(&engine, "engine.alarms", br#"{"limit":"s3cret"}"#).await.unwrap_err();
        assert_eq!((refused.kind(), refused.get("field")), (ErrorKind::Config, Some("limit")));
        assert!(!refused.to_string().contains("s3cret"), "{refused}");
        let refused = answer(&engine, "engine.resubmit", br#"{"tenant":null}"#).await.unwrap_err();
        assert_eq!((refused.kind(), refused.get("field")), (ErrorKind::Config, Some("id")));
    }
}
