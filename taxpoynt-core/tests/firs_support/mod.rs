//! What the tests of the authority share: our own sample document, the reference data, and a scripted HTTP side.
#![allow(dead_code, reason = "each test file uses its part")]

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{NaiveDate, NaiveTime};
use http::{Request, Response};
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use std::{
    collections::{BTreeMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    firs::{ApiKeys, Client},
    http::HttpService,
};
use taxpoynt_ubl::{
    Address, Classification, Currency, DocumentType, Invoice, InvoiceKind, InvoiceLine, Irn, Party,
    PaymentMeans, PaymentStatus, Tax, TaxCategory, TaxSubtotal, Totals,
};

fn firs(path: &str) -> PathBuf {
    let root = std::env::var_os("TAXPOYNT_REFERENCE")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    root.join("firs").join(path)
}

fn absent(path: &Path, why: &std::io::Error) -> ! {
    panic!("the reference data is missing: {} ({why}); set TAXPOYNT_REFERENCE to its folder", path.display())
}

/// A file of the reference data.
pub(crate) fn reference(path: &str) -> String {
    let file = firs(path);
    std::fs::read_to_string(&file).unwrap_or_else(|e| absent(&file, &e))
}

/// The JSON files of a folder of the reference data, without their ending, in order.
pub(crate) fn names(folder: &str) -> Vec<String> {
    let folder = firs(folder);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| absent(&folder, &e));
    let mut names: Vec<String> = files
        .filter_map(|file| Some(file.unwrap().file_name().to_str()?.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort_unstable();
    names
}

/// JSON with numbers as decimals, so that 80750.0 equals 80750 and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    Object(BTreeMap<String, Tree>),
    Array(Vec<Tree>),
    Number(Decimal),
    Other(String),
}

impl Tree {
    pub(crate) fn parse(json: &str) -> Self {
        let json = json.trim();
        match json.as_bytes().first() {
            Some(b'{') => {
                let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap();
                Self::Object(
                    members.into_iter().map(|(name, value)| (name, Self::parse(value.get()))).collect(),
                )
            }
            Some(b'[') => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(json).unwrap();
                Self::Array(items.iter().map(|item| Self::parse(item.get())).collect())
            }
            Some(b'-' | b'0'..=b'9') => Self::Number(Decimal::from_str_exact(json).unwrap().normalize()),
            _ => Self::Other(json.to_owned()),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    pub(crate) fn at(&self, path: &str) -> &Tree {
        path.split('/').fold(self, |tree, part| match (tree, part.parse::<usize>()) {
            (Self::Array(items), Ok(index)) => &items[index],
            (tree, _) => tree.get(part).unwrap_or_else(|| panic!("no {part} of {path}")),
        })
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Other(json) => serde_json::from_str(json).unwrap(),
            other => panic!("not a text: {other:?}"),
        }
    }

    pub(crate) fn number(&self) -> Decimal {
        match self {
            Self::Number(number) => *number,
            other => panic!("not a number: {other:?}"),
        }
    }

    pub(crate) fn items(&self) -> &[Tree] {
        match self {
            Self::Array(items) => items,
            other => panic!("not a list: {other:?}"),
        }
    }
}

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

pub(crate) const BUSINESS: &str = "9a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d";

/// A complete B2B invoice of a bakery supply shop: two lines, one with a discount.
pub(crate) fn sample() -> Invoice {
    Invoice {
        document_type: DocumentType::Invoice,
        kind: InvoiceKind::B2B,
        number: "OGI-000042".into(),
        irn: Some(Irn::parse("OGI000042-3C4D5E6F-20261109").unwrap()),
        business_id: text(BUSINESS),
        issue_date: day("2026-11-09"),
        issue_time: NaiveTime::from_hms_opt(14, 5, 9),
        due_date: Some(day("2026-11-23")),
        tax_point_date: Some(day("2026-11-08")),
        currency: Currency::NGN,
        source_id: text("deal-7"),
        payment_status: PaymentStatus::Pending,
        note: text("Deliver to the back gate"),
        buyer_reference: text("PR-19"),
        order_reference: text("SO-881"),
        payment_terms: text("14 days"),
        supplier: supplier(),
        customer: Some(customer()),
        lines: vec![goods(), service()],
        allowances: Vec::new(),
        charges: Vec::new(),
        payment_means: vec![PaymentMeans {
            code: "58".into(),
            name: None,
            payment_id: None,
            ..PaymentMeans::default()
        }],
        totals: Totals {
            line_extension_amount: dec("118500.00"),
            tax_exclusive_amount: dec("118500.00"),
            tax_amount: dec("8887.50"),
            tax_inclusive_amount: dec("127387.50"),
            payable_amount: dec("127387.50"),
            ..Totals::default()
        },
        tax_subtotals: vec![TaxSubtotal {
            category: TaxCategory::S,
            percent: dec("7.5"),
            taxable_amount: dec("118500.00"),
            tax_amount: dec("8887.50"),
            reason: None,
            ..TaxSubtotal::default()
        }],
        references: Vec::new(),
        ..Invoice::default()
    }
}

pub(crate) fn supplier() -> Party {
    Party {
        name: "Ogi & Sons Supplies Ltd".into(),
        tin: text("20011223-0001"),
        registration_number: text("RC 771204"),
        email: text("accounts@ogi.example"),
        phone: text("0803 555 0199"),
        business_description: text("Bakery supplies"),
        address: Address {
            street: text("7 Creek Road"),
            city: text("Apapa"),
            postal_code: text("102272"),
            lga: text("NG-LA-APP"),
            state: text("Lagos State"),
            country: text("NG"),
            ..Address::default()
        },
        ..Party::default()
    }
}

pub(crate) fn customer() -> Party {
    Party {
        name: "Zuma Bread <Abuja> Ltd".into(),
        tin: text("30044556-0001"),
        email: text("buy@zuma.example"),
        address: Address {
            street: text("12 Gimbiya Street"),
            city: text("Garki"),
            state: text("Abuja"),
            country: text("ng"),
            ..Address::default()
        },
        ..Party::default()
    }
}

pub(crate) fn vat() -> Tax {
    Tax { category: TaxCategory::S, percent: dec("7.5"), reason: None, amount: None, ..Tax::default() }
}

pub(crate) fn goods() -> InvoiceLine {
    InvoiceLine {
        id: "1".into(),
        name: "Bread flour 50 kg".into(),
        description: text("Hard wheat"),
        sku: text("FLR-50"),
        quantity: dec("3"),
        unit: "C62".into(),
        unit_price: dec("35000"),
        base_quantity: Decimal::ONE,
        net_amount: dec("98500"),
        tax: vat(),
        allowances: vec![taxpoynt_ubl::AllowanceCharge {
            amount: dec("6500"),
            reason: text("Loyal customer"),
            tax: None,
            ..taxpoynt_ubl::AllowanceCharge::default()
        }],
        charges: Vec::new(),
        classification: Some(Classification::Goods {
            hsn_code: "1101.00".into(),
            product_category: "Wheat flour".into(),
        }),
        note: None,
        ..InvoiceLine::default()
    }
}

pub(crate) fn service() -> InvoiceLine {
    InvoiceLine {
        id: "2".into(),
        name: "Delivery".into(),
        description: None,
        sku: None,
        quantity: Decimal::ONE,
        unit: "C62".into(),
        unit_price: dec("20000"),
        net_amount: dec("20000"),
        allowances: Vec::new(),
        classification: Some(Classification::Service {
            isic_code: "4923".into(),
            service_category: "Freight transport by road".into(),
        }),
        ..goods()
    }
}

/// One answer: a status with a body, 429 with a `Retry-After`, or what the transport says.
pub(crate) enum Answer {
    Says(u16, String),
    Later(String),
    Fails(Error),
}

pub(crate) fn says(status: u16, body: impl Into<String>) -> Answer {
    Answer::Says(status, body.into())
}

/// Answers by script, in order, and keeps what was asked.
#[derive(Default)]
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Request<Bytes>>>,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() }
    }

    /// `POST /api/v1/invoice/sign`, one a request.
    pub(crate) fn calls(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|r| format!("{} {}", r.method(), r.uri().path_and_query().unwrap())).collect()
    }

    pub(crate) fn bodies(&self) -> Vec<Bytes> {
        self.asked.lock().unwrap().iter().map(|r| r.body().clone()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let asked = self.asked.lock().unwrap();
        asked.last()?.headers().get(name).map(|v| v.to_str().unwrap().to_owned())
    }

    pub(crate) fn is_used_up(&self) -> bool {
        self.answers.lock().unwrap().is_empty()
    }
}

#[async_trait]
impl HttpService for Scripted {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let asked = format!("{} {}", request.method(), request.uri());
        self.asked.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front();
        match answer.unwrap_or_else(|| panic!("nothing is scripted for {asked}")) {
            Answer::Says(status, body) => {
                Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap())
            }
            Answer::Later(wait) => {
                Ok(Response::builder().status(429).header("retry-after", wait).body(Bytes::new()).unwrap())
            }
            Answer::Fails(error) => Err(error),
        }
    }
}

pub(crate) const OK: &str = r#"{"code":201,"data":{"ok":true}}"#;
pub(crate) const UNCLEAR: &str = r#"{"code":400,"data":null,"message":"error has occurred","error":{"id":"e-1","handler":"invoice_actions",
    "details":"unable to complete this operation at this time, kindly try again later","public_message":"validation failed"}}"#;
pub(crate) const NOT_FOUND: &str = r#"{"code":400,"data":null,"message":"error has occurred",
    "error":{"id":"e-2","details":"record not found","public_message":"record not found"}}"#;
pub(crate) const NO_ROWS: &str = r#"{"code":200,"data":{"items":[],"page":1}}"#;
pub(crate) const SECRET: &str = "a-secret-of-about-a-hundred-characters";

pub(crate) fn keys() -> ApiKeys {
    ApiKeys::new("0f1e2d3c-0000-4000-8000-000000000000", SECRET)
}

/// A client whose other side answers by script.
pub(crate) fn client(answers: impl IntoIterator<Item = Answer>) -> (Client, Arc<Scripted>) {
    let http = Arc::new(Scripted::new(answers));
    (Client::new(http.clone(), "https://authority.example/gate/".parse().unwrap()), http)
}

pub(crate) fn irn() -> Irn {
    sample().irn.unwrap()
}

pub(crate) fn fails(kind: ErrorKind) -> Answer {
    Answer::Fails(Error::new(kind, "http.call", "the line is dead"))
}
