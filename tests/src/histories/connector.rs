//! The connector of the histories' platform, and how it is broken on purpose.

use super::manners::{Manners, Sabotage};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::DateTime;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use taxpoynt_core::{
    Error, Result,
    connector::{
        Account, AuthScheme, Batch, Capability, Connector, ConnectorInfo, Context, Family, Gone, Pull,
        PullOrder, PullRules, RecordShape, Webhook,
    },
    http::api::{get, query_json},
    json,
    model::{
        AppliedTax, Item, ItemTax, RawRecord, RecordKind, Sale, SaleState, SourceDocument, SourceKey, Tender,
        TenderMethod, Transaction,
    },
    webhook::{Secrets, Verified, WebhookEvent, WebhookRequest, hmac},
};
use taxpoynt_ubl::{Currency, Quantity, Rate};

const OPERATION: &str = "ledger.read";

/// The connector.
#[derive(Debug)]
pub struct Ledger {
    info: ConnectorInfo,
    sabotage: Sabotage,
}

impl Ledger {
    pub fn new(manners: &Manners) -> Self {
        let mut rules = manners.rules;
        if manners.sabotage == Sabotage::OneReading {
            (rules.by_id, rules.by_time) = (false, rules.by_time);
        }
        Self { info: info(rules), sabotage: manners.sabotage }
    }

    async fn page(&self, cx: &Context, pull: &Pull) -> Result<Batch> {
        let millis = |at: Option<DateTime<chrono::Utc>>| at.map(|at| at.timestamp_millis());
        let (order, after) = match &pull.order {
            PullOrder::Time => ("time", 0),
            PullOrder::Id { after } => ("id", after.parse::<u64>().unwrap_or_default()),
        };
        let query = json!({"since": millis(pull.since), "until": millis(pull.until), "order": order,
            "after_id": after, "cursor": pull.checkpoint});
        let answer = query_json(cx, "ledger.pull", "search", &query).await.map_err(|error| {
            let expired = error.get("code") == Some("CURSOR_EXPIRED");
            if expired { error.with("cursor", "expired") } else { error }
        })?;
        let answer: Value = json::read("ledger.pull", &answer)?;
        let mut batch = Batch { total: answer["total"].as_u64(), ..Batch::default() };
        batch.next = answer["next"].as_str().map(str::to_owned);
        for sale in answer["sales"].as_array().into_iter().flatten() {
            batch.records.push(record(sale)?);
        }
        batch.last_id = batch.records.last().map(|raw| raw.key.id.clone());
        Ok(batch)
    }

    /// All pages at once, each where the one before ends by its length.
    async fn by_offsets(&self, cx: &Context, pull: &Pull) -> Result<Batch> {
        let mut all = self.page(cx, pull).await?;
        while let Some(next) = all.next.take() {
            let pull = Pull { checkpoint: Some(next), ..pull.clone() };
            let page = self.page(cx, &pull).await?;
            all.records.extend(page.records);
            all.next = page.next;
        }
        Ok(all)
    }
}

const fn info(pull: PullRules) -> ConnectorInfo {
    ConnectorInfo {
        id: "ledger",
        name: "The histories' shop",
        family: Family::Pos,
        auth: &[AuthScheme::Bearer],
        capabilities: &[Capability::Pull, Capability::Fetch, Capability::Webhook, Capability::Deletions],
        base_url: "http://ledger.invalid/",
        settings: &[],
        hosts: &[],
        record: RecordShape {
            root: "order",
            currency: "order.currency",
            lists: &[],
            singles: &[],
            stand_ins: &[],
        },
        rules: "version = 1\n",
        pull,
        calls_per_second: 1_000_000,
    }
}

fn record(sale: &Value) -> Result<RawRecord> {
    let missing = || Error::payload(OPERATION, "id", "a sale needs an id");
    let id = sale["id"].as_str().ok_or_else(missing)?;
    let modified_at = sale["stamp"].as_i64().and_then(DateTime::from_timestamp_millis);
    let body = Bytes::from(json!({"order": sale}).to_string());
    Ok(RawRecord { key: SourceKey::new(RecordKind::Order, id), modified_at, body })
}

#[async_trait]
impl Connector for Ledger {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn check(&self, cx: &Context) -> Result<Account> {
        get(cx, "ledger.check", "me").await?;
        Ok(Account { id: "the shop".into(), name: None })
    }

    async fn pull(&self, cx: &Context, pull: Pull) -> Result<Batch> {
        let broken = match self.sabotage {
            Sabotage::TrustOffset => true,
            Sabotage::OneReading => pull.since.is_some() && pull.since == pull.until,
            _ => false,
        };
        if broken { self.by_offsets(cx, &pull).await } else { self.page(cx, &pull).await }
    }

    async fn fetch(&self, cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        let sale = get(cx, "ledger.fetch", &format!("sales/{}", key.id)).await?;
        record(&json::read("ledger.fetch", &sale)?)
    }

    async fn deleted(&self, cx: &Context, _checkpoint: Option<String>) -> Result<Gone> {
        let answer: Value = json::read("ledger.deleted", &get(cx, "ledger.deleted", "deleted").await?)?;
        let ids = answer["ids"].as_array().into_iter().flatten().filter_map(Value::as_u64);
        let keys = ids.map(|id| SourceKey::new(RecordKind::Order, id.to_string())).collect();
        Ok(Gone { keys, next: None })
    }

    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        let record: Value = json::read(OPERATION, &raw.body)?;
        let order = &record["order"];
        let amount = Decimal::from(order["amount"].as_i64().unwrap_or_default());
        let closed = order["closed"] == true;
        let state = if closed { SaleState::Completed } else { SaleState::Open };
        Ok(vec![SourceDocument::Transaction(Transaction { sale: sale(&raw.key.id, amount, closed)?, state })])
    }

    fn identify(&self, body: &[u8]) -> Result<RawRecord> {
        let body: Value = json::read(OPERATION, body)?;
        record(&body["order"])
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        Some(self)
    }
}

fn sale(id: &str, amount: Decimal, paid: bool) -> Result<Sale> {
    let currency =
        Currency::parse("NGN").map_err(|e| Error::payload(OPERATION, "currency", e.to_string()))?;
    let quantity =
        Quantity::new(Decimal::ONE).map_err(|e| Error::payload(OPERATION, "quantity", e.to_string()))?;
    let item = Item {
        id: None,
        name: "Rice, 50 kg".into(),
        description: None,
        sku: None,
        product_id: None,
        voucher: false,
        quantity,
        unit: None,
        unit_price: amount,
        discounts: Vec::new(),
        charges: Vec::new(),
        net_amount: amount,
        tax: ItemTax::Applied(vec![AppliedTax {
            id: None,
            name: Some("VAT".into()),
            rate: Rate::percent(Decimal::ZERO)
                .map_err(|e| Error::payload(OPERATION, "rate", e.to_string()))?,
            amount: Some(Decimal::ZERO),
        }]),
        bindings: Vec::new(),
    };
    Ok(Sale {
        id: id.to_owned(),
        reference: None,
        description: None,
        currency: Some(currency),
        created_at: None,
        closed_at: None,
        location: None,
        customer: None,
        items: vec![item],
        charges: Vec::new(),
        discounts: Vec::new(),
        tip: Decimal::ZERO,
        rounding: Decimal::ZERO,
        total: Some(amount),
        tenders: vec![Tender { id: None, method: TenderMethod::Cash, amount }],
        paid,
        disagreements: Vec::new(),
    })
}

/// The header of the signature.
pub const SIGNATURE: &str = "x-signature";

impl Webhook for Ledger {
    fn verify(
        &self,
        request: &WebhookRequest<'_>,
        secrets: &Secrets,
        _now: DateTime<chrono::Utc>,
    ) -> Result<Verified> {
        hmac::verify_hex(request, SIGNATURE, secrets, &[request.body])
    }

    fn events(&self, verified: &Verified) -> Result<Vec<WebhookEvent>> {
        let body: Value = json::read("ledger.events", verified.body())?;
        let id = body["id"].as_u64().unwrap_or_default().to_string();
        Ok(vec![WebhookEvent {
            event_id: body["event"].as_str().unwrap_or_default().to_owned(),
            kind: "sale.changed".into(),
            account: None,
            record: Some(SourceKey::new(RecordKind::Order, id)),
            occurred_at: None,
        }])
    }
}
