//! What a field map makes of records: lists that are searched and added up, and records that nobody would send.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use bytes::Bytes;
use serde_json::{Value, json};
use taxpoynt_core::{
    ErrorKind,
    connector::Connector,
    model::{ItemTax, RawRecord, RecordKind, Sale, SourceDocument, SourceKey},
};
use taxpoynt_declarative::Declarative;

const KIOSK: &str = include_str!("../../../examples/custom-connector/kiosk.toml");
const PIPEDRIVE: &str = include_str!("../../templates/pipedrive.toml");

fn raw(kind: RecordKind, record: &Value) -> RawRecord {
    RawRecord { key: SourceKey::new(kind, "1"), modified_at: None, body: Bytes::from(record.to_string()) }
}

/// Kiosk with more in its field map, and the sale that it reads.
fn sale(changes: &[(&str, &str)], record: &Value) -> taxpoynt_core::Result<Sale> {
    let mut text = KIOSK.to_owned();
    for (find, put) in changes {
        assert_eq!(text.matches(find).count(), 1, "{find:?} stands once in the template");
        text = text.replace(find, put);
    }
    let connector = Declarative::parse("kiosk.toml", &text).unwrap();
    let mut documents = connector.normalize(&raw(RecordKind::Order, record))?;
    match documents.remove(0) {
        SourceDocument::Transaction(transaction) => Ok(transaction.sale),
        other => panic!("{other:?}"),
    }
}

fn receipt(lines: Value) -> Value {
    json!({"receipt": {"id": "1", "status": "closed", "currency": "NGN"}, "lines": lines})
}

#[test]
fn the_element_that_is_marked_is_found_wherever_it_stands() {
    let marked = [(
        "email = \"raw.receipt.buyer.email\"",
        "email = [{ from = \"raw.receipt.buyer.mails[].at\", when = { equals = { \"raw.receipt.buyer.mails[].first\" = true } } }, \"raw.receipt.buyer.mails[0].at\"]",
    )];
    let email = |mails: Value| {
        let mut record = receipt(json!([{"id": "l", "count": 1, "price": 100}]));
        record["receipt"]["buyer"] = json!({"name": "Ada", "mails": mails});
        sale(&marked, &record).unwrap().customer.unwrap().organization.email
    };
    let mail = |at: &str, first: bool| json!({"at": at, "first": first});
    assert_eq!(email(json!([mail("a@x.example", false), mail("b@x.example", true)])).unwrap(), "b@x.example");
    assert_eq!(email(json!([mail("a@x.example", false)])).unwrap(), "a@x.example", "none is marked");
    assert_eq!(
        email(mail("c@x.example", true)).unwrap(),
        "c@x.example",
        "one that is no list is a list of one"
    );
    assert_eq!(email(json!([])), None);
    assert_eq!(email(json!(null)), None);
}

#[test]
fn amounts_of_a_list_are_added_up_and_percents_are_not() {
    let added = [
        (
            "discount.amount = { from = \"raw.lines[].off\"",
            "discount.amount = { from = \"raw.lines[].offs[].amount\"",
        ),
        (
            "tax.percent = \"raw.lines[].vat\"",
            "tax.percent = \"raw.lines[].taxes[].rate\"\ntax.amount = \"raw.lines[].taxes[].came_to\"",
        ),
        ("tax.included = { value = true }", ""),
        ("paid = ", "tip = { from = \"raw.payments[].tip\", apply = [\"minor_units\"] }\npaid = "),
    ];
    let mut record = receipt(json!([
        {"id": "l", "count": 2, "price": 10000, "offs": [{"amount": 500}, {"amount": 250}, {}],
         "taxes": [{"rate": 7.5, "came_to": "14.44"}, {"rate": 5, "came_to": "9.62"}]},
        {"id": "m", "count": 1, "price": 10000},
    ]));
    record["payments"] = json!([{"amount": 1, "tip": 300}, {"amount": 1}, {"amount": 1, "tip": 45}]);
    let sale = sale(&added, &record).unwrap();
    assert_eq!(sale.tip.to_string(), "3.45");
    let line = &sale.items[0];
    assert_eq!(
        (line.discounts[0].amount.to_string(), line.net_amount.to_string()),
        ("7.5".into(), "192.5".into())
    );
    // Two rates are no rate of one tax: what they came to together disagrees with the first, and the sale waits.
    let ItemTax::Applied(taxes) = &line.tax else { panic!("{:?}", line.tax) };
    assert_eq!(
        (taxes[0].rate.get().to_string(), taxes[0].amount.unwrap().to_string()),
        ("7.5".into(), "24.06".into())
    );
    assert!(sale.items[1].discounts.is_empty());
}

#[test]
fn a_line_that_says_no_tax_is_untaxed_and_one_that_says_nothing_is_not() {
    let deal = |tax: Value| {
        let mut line = json!({"id": 1, "name": "Thing", "quantity": 1, "item_price": 10});
        line.as_object_mut().unwrap().extend(tax.as_object().unwrap().clone());
        let record = json!({"deal": {"id": 1, "status": "won", "currency": "NGN"}, "products": [line]});
        let connector = Declarative::parse("pipedrive.toml", PIPEDRIVE).unwrap();
        match connector.normalize(&raw(RecordKind::Deal, &record)).unwrap().remove(0) {
            SourceDocument::Deal(deal) => deal.sale.items[0].tax.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(deal(json!({"tax": 0, "tax_method": "none"})), ItemTax::Untaxed));
    assert!(matches!(deal(json!({"tax": 7.5, "tax_method": "none"})), ItemTax::Untaxed));
    assert!(matches!(deal(json!({"tax": 0, "tax_method": "exclusive"})), ItemTax::NotCarried));
    assert!(matches!(deal(json!({})), ItemTax::NotCarried));
    assert!(matches!(deal(json!({"tax": 7.5, "tax_method": "exclusive"})), ItemTax::Applied(_)));
}

#[test]
fn where_a_value_came_from_is_told_of_the_element_that_counts() {
    let connector = Declarative::parse("pipedrive.toml", PIPEDRIVE).unwrap();
    let told = |emails: Value| {
        let record = json!({"deal": {"id": 1}, "person": {"id": 7, "name": "Ada", "emails": emails}});
        let body = record.to_string();
        let rows = connector.copied_in(body.as_bytes());
        let row = rows.iter().find(|row| row.field == "customer.email").unwrap();
        row.paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let second =
        json!([{"value": "a@x.example", "primary": false}, {"value": "b@x.example", "primary": true}]);
    assert_eq!(told(second), "person.emails[1].value");
    let none = json!([{"value": "a@x.example", "primary": false}]);
    assert!(told(none).starts_with("person.emails[0].value"));
}

/// Bounded: each of these ends, with a sale or a sentence, and none of them takes the process along.
#[test]
fn records_that_nobody_would_send_are_read_or_refused() {
    let line = |price: Value| receipt(json!([{"id": "l", "count": 1, "price": price, "vat": 7.5}]));
    for number in [
        "1e400",
        "-1e400",
        "79228162514264337593543950336",
        &"9".repeat(10_000),
        &format!("0.{}1", "0".repeat(5_000)),
    ] {
        let text = line(json!(0)).to_string().replace("\"price\":0", &format!("\"price\":{number}"));
        let record = RawRecord { body: Bytes::from(text), ..raw(RecordKind::Order, &json!({})) };
        let connector = Declarative::parse("kiosk.toml", KIOSK).unwrap();
        let error = connector.normalize(&record).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Payload, "{error}");
        assert!(error.message().len() < 1_000, "{} bytes", error.message().len());
    }
    let connector = Declarative::parse("kiosk.toml", KIOSK).unwrap();
    let deep = format!("{{\"receipt\": {}1{}, \"id\": 1}}", "[".repeat(200_000), "]".repeat(200_000));
    let deeper = format!("{}1{}", "{\"receipt\":".repeat(100_000), "}".repeat(100_000));
    for text in [deep, deeper] {
        let record = RawRecord { body: Bytes::from(text), ..raw(RecordKind::Order, &json!({})) };
        assert!(connector.normalize(&record).is_err());
        assert!(connector.identify(&record.body).is_err());
    }
    let long = "n".repeat(10_000_000);
    let mut record = receipt(json!([{"id": "l", "title": long, "count": 1, "price": 100}]));
    assert_eq!(connector.normalize(&raw(RecordKind::Order, &record)).unwrap().len(), 1);
    record["receipt"]["currency"] = json!(long);
    let error = connector.normalize(&raw(RecordKind::Order, &record)).unwrap_err();
    assert!(error.message().len() < 1_000, "{} bytes", error.message().len());
}
