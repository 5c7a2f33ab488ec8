//! A till of the tests: its records say no more than a document needs, and every sort of document comes out of them.

use crate::Random;
use async_trait::async_trait;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use taxpoynt_core::{
    Error, Result,
    connector::{
        Account, AuthScheme, Batch, Capability, Connector, ConnectorInfo, Context, Family, Pull, PullRules,
        RecordShape,
    },
    json,
    model::{
        AppliedTax, Customer, CustomerKind, Item, ItemTax, Organization, RawRecord, RecordKind, Refund, Sale,
        SaleState, SourceDocument, SourceKey, TaxId, Tender, TenderMethod, Transaction,
    },
};
use taxpoynt_ubl::{Address, Currency, Quantity, Rate};

/// What sort of sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sort {
    /// B2C.
    WalkIn,
    /// B2B.
    Company,
    /// B2G.
    Government,
    /// B2B in a foreign currency.
    Abroad,
    /// A credit note to a sale before it.
    Refund,
}

/// A sale that the till made.
#[derive(Debug, Clone)]
pub struct Sold {
    /// The till's id of it.
    pub id: String,
    /// What it is.
    pub sort: Sort,
    /// What it takes back.
    pub original: Option<usize>,
    /// As the till hands it in.
    pub record: Value,
    /// Whether it was paid after it was handed in.
    pub paid_later: bool,
}

impl Sold {
    /// Whether its buyer owes the money for a while.
    #[must_use]
    pub fn is_on_account(&self) -> bool {
        !matches!(self.sort, Sort::WalkIn | Sort::Refund)
    }

    /// The buyer pays: the record as the till hands it in again.
    pub fn pay(&mut self) -> &Value {
        self.paid_later = true;
        self.record["order"]["paid"] = true.into();
        &self.record
    }
}

/// Makes the sales of a seed, one after the other.
pub struct Till {
    random: Random,
    sold: Vec<Sold>,
}

impl Till {
    /// A till that `seed` decides.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { random: Random::seeded(seed), sold: Vec::new() }
    }

    /// The next sale.
    pub fn sell(&mut self) -> Sold {
        let nth = self.sold.len();
        let sort = match self.random.below(20) {
            0..=7 => Sort::WalkIn,
            8..=12 => Sort::Company,
            13 | 14 => Sort::Government,
            15 | 16 => Sort::Abroad,
            _ => Sort::Refund,
        };
        let originals: Vec<usize> =
            (nth.saturating_sub(400)..nth).filter(|at| self.may_be_refunded(*at)).collect();
        let original = (sort == Sort::Refund && !originals.is_empty()).then(|| *self.random.pick(&originals));
        let sort = if sort == Sort::Refund && original.is_none() { Sort::WalkIn } else { sort };
        let id = format!("SALE{nth:06}");
        let record = match original {
            Some(at) => self.refund(&id, at),
            None => self.sale(&id, sort),
        };
        let sold = Sold { id, sort, original, record, paid_later: false };
        self.sold.push(sold.clone());
        sold
    }

    /// One refund a sale, of all of it.
    fn may_be_refunded(&self, at: usize) -> bool {
        self.sold[at].sort != Sort::Refund && !self.sold.iter().any(|sold| sold.original == Some(at))
    }

    fn refund(&self, id: &str, at: usize) -> Value {
        let original = &self.sold[at];
        let mut order = original.record["order"].clone();
        order["id"] = id.into();
        order["takes_back"] = original.id.clone().into();
        json!({"order": order, "customer": original.record["customer"]})
    }

    fn sale(&mut self, id: &str, sort: Sort) -> Value {
        let currency = if sort == Sort::Abroad { *self.random.pick(&["USD", "EUR"]) } else { "NGN" };
        let lines: Vec<Value> = (0..=self.random.below(3)).map(|_| self.line()).collect();
        let paid = sort == Sort::WalkIn;
        let order = json!({"id": id, "currency": currency, "paid": paid, "lines": lines});
        match sort {
            Sort::WalkIn | Sort::Refund => json!({"order": order}),
            _ => json!({"order": order, "customer": self.customer(sort)}),
        }
    }

    fn line(&mut self) -> Value {
        let quantity = Decimal::from(self.random.between(1, 9));
        let price = Decimal::new(self.random.between(5_000, 9_000_000), 2);
        let net = quantity * price;
        let rate = if self.random.one_in(4) { Decimal::ZERO } else { Decimal::new(75, 1) };
        let tax = (net * rate / Decimal::ONE_HUNDRED)
            .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        let name = *self.random.pick(&["Ankara print", "Rice 50 kg", "Adire shirt", "Palm oil", "Generator"]);
        let text = |amount: Decimal| amount.to_string();
        json!({"name": name, "quantity": text(quantity), "price": text(price), "net": text(net),
            "rate": text(rate), "tax": text(tax)})
    }

    fn customer(&mut self, sort: Sort) -> Value {
        let number = self.random.between(10_000_000, 99_999_999);
        let (name, kind) = match sort {
            Sort::Government => ("Lagos State Ministry of Works", "government"),
            _ => ("Kola & Daughters Events Ltd", "organization"),
        };
        json!({"name": name, "kind": kind, "tin": format!("{number}-0001"), "email": "accounts@buyer.example"})
    }
}

/// Reads the till's records.
#[derive(Debug)]
pub struct Counter;

const INFO: ConnectorInfo = ConnectorInfo {
    id: "counter",
    name: "The tests' till",
    family: Family::Pos,
    auth: &[AuthScheme::Bearer],
    capabilities: &[Capability::Fetch, Capability::Refunds],
    base_url: "http://counter.invalid/",
    hosts: &[],
    settings: &[],
    record: RecordShape {
        root: "order",
        lists: &[],
        currency: "order.currency",
        singles: &["customer"],
        stand_ins: &[],
    },
    rules: "version = 1\n[buyer]\ntin = \"customer.tin\"\n",
    pull: PullRules::DEFAULT,
    calls_per_second: 1000,
};

const OPERATION: &str = "counter.read";

fn text(value: &Value, member: &str) -> Result<String> {
    let text = value[member].as_str().map(str::to_owned);
    text.ok_or_else(|| Error::payload(OPERATION, member, format!("{member} must be a text")))
}

fn number(value: &Value, member: &str) -> Result<Decimal> {
    text(value, member)?
        .parse()
        .map_err(|_| Error::payload(OPERATION, member, format!("{member} must be a number")))
}

fn item(line: &Value) -> Result<Item> {
    let rate = Rate::percent(number(line, "rate")?);
    let rate = rate.map_err(|e| Error::payload(OPERATION, "rate", e.to_string()))?;
    let quantity = Quantity::new(number(line, "quantity")?);
    Ok(Item {
        id: None,
        name: text(line, "name")?,
        description: None,
        sku: None,
        product_id: None,
        voucher: false,
        quantity: quantity.map_err(|e| Error::payload(OPERATION, "quantity", e.to_string()))?,
        unit: None,
        unit_price: number(line, "price")?,
        discounts: Vec::new(),
        charges: Vec::new(),
        net_amount: number(line, "net")?,
        tax: ItemTax::Applied(vec![AppliedTax {
            id: None,
            name: Some("VAT".into()),
            rate,
            amount: Some(number(line, "tax")?),
        }]),
        bindings: Vec::new(),
    })
}

fn customer(value: &Value) -> Result<Option<Customer>> {
    if value.is_null() {
        return Ok(None);
    }
    let kind = match value["kind"].as_str() {
        Some("government") => CustomerKind::Government,
        _ => CustomerKind::Organization,
    };
    let organization = Organization {
        legal_name: text(value, "name")?,
        tax_ids: vec![TaxId { scheme: "NG-TIN".into(), value: text(value, "tin")? }],
        email: Some(text(value, "email")?),
        address: Address {
            street: Some("14 Allen Avenue".into()),
            city: Some("Ikeja".into()),
            state: Some("Lagos".into()),
            country: Some("NG".into()),
            ..Address::default()
        },
        ..Organization::default()
    };
    Ok(Some(Customer { id: None, kind, organization, contacts: Vec::new() }))
}

fn sale(record: &Value) -> Result<Sale> {
    let order = &record["order"];
    let lines = order["lines"].as_array().map_or(&[][..], Vec::as_slice);
    let items: Vec<Item> = lines.iter().map(item).collect::<Result<_>>()?;
    let mut total = Decimal::ZERO;
    for line in lines {
        total += number(line, "net")? + number(line, "tax")?;
    }
    let currency = Currency::parse(&text(order, "currency")?);
    let currency = currency.map_err(|e| Error::payload(OPERATION, "order.currency", e.to_string()))?;
    let paid = order["paid"] == true;
    let tender = Tender { id: None, method: TenderMethod::Cash, amount: total };
    Ok(Sale {
        id: text(order, "id")?,
        reference: None,
        description: None,
        currency: Some(currency),
        created_at: None,
        closed_at: None,
        location: None,
        customer: customer(&record["customer"])?,
        items,
        charges: Vec::new(),
        discounts: Vec::new(),
        tip: Decimal::ZERO,
        rounding: Decimal::ZERO,
        total: Some(total),
        tenders: if paid { vec![tender] } else { Vec::new() },
        paid,
        disagreements: Vec::new(),
    })
}

#[async_trait]
impl Connector for Counter {
    fn info(&self) -> &ConnectorInfo {
        &INFO
    }

    async fn check(&self, _: &Context) -> Result<Account> {
        Ok(Account { id: "counter-1".into(), name: None })
    }

    async fn pull(&self, _: &Context, _: Pull) -> Result<Batch> {
        Ok(Batch::default())
    }

    async fn fetch(&self, _: &Context, key: &SourceKey) -> Result<RawRecord> {
        Err(Error::payload(OPERATION, key.id.clone(), "this till hands its records in"))
    }

    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        let record: Value = json::read(OPERATION, &raw.body)?;
        let sale = sale(&record)?;
        let state = SaleState::Completed;
        Ok(vec![match record["order"]["takes_back"].as_str() {
            Some(original) => {
                let original_id = Some(original.to_owned());
                SourceDocument::Refund(Refund { sale, state, original_id, reason: None })
            }
            None => SourceDocument::Transaction(Transaction { sale, state }),
        }])
    }

    fn identify(&self, body: &[u8]) -> Result<RawRecord> {
        let record: Value = json::read(OPERATION, body)?;
        let key = SourceKey::new(RecordKind::Order, text(&record["order"], "id")?);
        Ok(RawRecord { key, modified_at: None, body: bytes::Bytes::copy_from_slice(body) })
    }
}
