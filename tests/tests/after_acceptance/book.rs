//! A shop's book as a platform: its records say exactly what a test wants a platform to say.

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{
        Account, AuthScheme, BasePos, Batch, Capability, Connector, ConnectorInfo, Context, Family, Pull,
        PullRules, RecordShape,
    },
    json,
    model::{
        Customer, CustomerKind, Item, ItemTax, Location, Organization, RawRecord, RecordKind, Refund, Sale,
        SaleState, SourceDocument, SourceKey, Tender, TenderMethod, Transaction,
    },
};
use taxpoynt_ubl::{Address, Currency, Quantity};

/// A page of the book.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    /// The sale, or what is given back.
    pub sale: Entry,
}

/// What was sold, or given back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    pub changed_at: DateTime<Utc>,
    pub state: String,
    pub paid: bool,
    pub walk_in: bool,
    pub currency: String,
    pub gives_back: Option<String>,
    pub lines: Vec<Line>,
}

/// One thing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    pub name: String,
    pub quantity: u32,
    pub price: String,
}

impl Page {
    /// A sale to a company, two things, not paid yet.
    #[must_use]
    pub fn sale(id: &str, at: DateTime<Utc>) -> Self {
        let line =
            |name: &str, quantity, price: &str| Line { name: name.into(), quantity, price: price.into() };
        Self {
            sale: Entry {
                id: id.into(),
                changed_at: at,
                state: "COMPLETED".into(),
                paid: false,
                walk_in: false,
                currency: "NGN".into(),
                gives_back: None,
                lines: vec![line("Rice, 50 kg", 2, "80000.00"), line("Palm oil, 25 l", 1, "45000.00")],
            },
        }
    }

    /// Gives one bag of rice back.
    #[must_use]
    pub fn refund(id: &str, of: &str, at: DateTime<Utc>) -> Self {
        let mut page = Self::sale(id, at);
        page.sale.gives_back = Some(of.into());
        page.sale.lines.truncate(1);
        page.sale.lines[0].quantity = 1;
        page
    }
}

/// The platform.
#[derive(Debug)]
pub struct Book;

const INFO: ConnectorInfo = ConnectorInfo {
    id: "book",
    name: "The book",
    family: Family::Pos,
    auth: &[AuthScheme::Bearer],
    capabilities: &[Capability::Refunds],
    base_url: "http://127.0.0.1:9/",
    hosts: &[],
    settings: &[],
    record: RecordShape { root: "sale", currency: "sale.currency", lists: &[], singles: &[], stand_ins: &[] },
    rules: "version = 1\n",
    pull: PullRules::DEFAULT,
    calls_per_second: 10,
};

#[async_trait]
impl Connector for Book {
    fn info(&self) -> &ConnectorInfo {
        &INFO
    }

    async fn check(&self, _cx: &Context) -> Result<Account> {
        Ok(Account { id: "the shop".into(), name: None })
    }

    async fn pull(&self, _cx: &Context, _pull: Pull) -> Result<Batch> {
        Ok(Batch::default())
    }

    async fn fetch(&self, _cx: &Context, key: &SourceKey) -> Result<RawRecord> {
        Err(Error::new(ErrorKind::NotFound, "book.fetch", "the book is handed in page by page")
            .with("key", key.to_string()))
    }

    fn normalize(&self, raw: &RawRecord) -> Result<Vec<SourceDocument>> {
        let page: Page = json::read("book.normalize", &raw.body)?;
        Ok(vec![page.sale.document()])
    }

    fn identify(&self, body: &[u8]) -> Result<RawRecord> {
        let page: Page = json::read("book.identify", body)?;
        Ok(RawRecord {
            key: SourceKey::new(RecordKind::Order, page.sale.id),
            modified_at: Some(page.sale.changed_at),
            body: Bytes::copy_from_slice(body),
        })
    }

    fn pos(&self) -> Option<&dyn BasePos> {
        Some(self)
    }
}

#[async_trait]
impl BasePos for Book {
    async fn locations(&self, _cx: &Context) -> Result<Vec<Location>> {
        Ok(Vec::new())
    }
}

impl Entry {
    fn document(&self) -> SourceDocument {
        let state = match self.state.as_str() {
            "COMPLETED" => SaleState::Completed,
            "CANCELED" => SaleState::Canceled,
            _ => SaleState::Open,
        };
        let sale = self.in_words();
        match &self.gives_back {
            Some(original) => SourceDocument::Refund(Refund {
                sale,
                state,
                original_id: Some(original.clone()),
                reason: None,
            }),
            None => SourceDocument::Transaction(Transaction { sale, state }),
        }
    }

    fn in_words(&self) -> Sale {
        let tender = Tender { id: Some("T-1".into()), method: TenderMethod::Transfer, amount: Decimal::ONE };
        Sale {
            id: self.id.clone(),
            reference: None,
            description: None,
            currency: Some(Currency::parse(&self.currency).unwrap()),
            created_at: Some("2026-11-20T09:00:00Z".parse().unwrap()),
            closed_at: Some("2026-11-20T09:00:00Z".parse().unwrap()),
            location: None,
            customer: (!self.walk_in).then(company),
            items: self.lines.iter().map(item).collect(),
            charges: Vec::new(),
            discounts: Vec::new(),
            tip: Decimal::ZERO,
            rounding: Decimal::ZERO,
            total: None,
            tenders: if self.paid { vec![tender] } else { Vec::new() },
            paid: self.paid,
            disagreements: Vec::new(),
        }
    }
}

fn item(line: &Line) -> Item {
    let price: Decimal = line.price.parse().unwrap();
    Item {
        id: None,
        name: line.name.clone(),
        description: None,
        sku: None,
        product_id: None,
        voucher: false,
        quantity: Quantity::new(line.quantity.into()).unwrap(),
        unit: None,
        unit_price: price,
        discounts: Vec::new(),
        charges: Vec::new(),
        net_amount: price * Decimal::from(line.quantity),
        tax: ItemTax::NotCarried,
        bindings: Vec::new(),
    }
}

fn company() -> Customer {
    Customer {
        id: None,
        kind: CustomerKind::Organization,
        organization: Organization {
            legal_name: "Kola & Daughters Events Ltd".into(),
            tax_ids: vec![taxpoynt_core::model::TaxId {
                scheme: "NG-TIN".into(),
                value: "20394857-0001".into(),
            }],
            email: Some("accounts@kola.example".into()),
            phone: Some("+2348031112222".into()),
            address: Address {
                street: Some("4 Allen Avenue".into()),
                city: Some("Ikeja".into()),
                state: Some("NG-LA".into()),
                country: Some("NG".into()),
                ..Address::default()
            },
            ..Organization::default()
        },
        contacts: Vec::new(),
    }
}
