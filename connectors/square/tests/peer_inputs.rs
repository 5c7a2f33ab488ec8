//! The reference data: sales with their true totals, Square's own examples, and its signature vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use common::{dec, normalize, reference, sale, square};
use serde_json::Value;
use taxpoynt_core::{
    ErrorKind,
    connector::Connector,
    model::{CustomerKind, ItemTax, RecordKind, SourceDocument, SourceKey, TenderMethod},
    webhook::{Secrets, WebhookRequest},
};

#[test]
fn the_truth_of_the_peer_input_comes_out_to_the_kobo() {
    for currency in ["ngn", "usd"] {
        let body = reference(&format!("peer-inputs/square_payment_order_{currency}.json"));
        let sale = sale(&normalize(&body).unwrap());
        let nets: Vec<_> = sale.items.iter().map(|item| item.net_amount.to_string()).collect();
        assert_eq!(nets, ["13500.00", "8523.63", "6666.66"]);
        assert_eq!(sale.total, Some(dec("30342.06")));
        assert_eq!(sale.tip, dec("500.00"));
        assert_eq!(sale.disagreements, []);
        assert!(sale.paid);
        let prices: Vec<_> = sale.items.iter().map(|item| item.unit_price.normalize().to_string()).collect();
        assert_eq!(prices, ["5000", "6199", "3333.33"]);
        let taxes = sale.items.iter().map(|item| match &item.tax {
            ItemTax::Applied(taxes) => taxes[0].amount.unwrap().to_string(),
            other => format!("{other:?}"),
        });
        assert_eq!(taxes.collect::<Vec<_>>(), ["1012.50", "639.27", "Untaxed"]);
        assert_eq!(sale.items[0].discounts[0].name.as_deref(), Some("10% loyalty"));
        assert_eq!(sale.items[0].bindings, [("order.line_items", 0), ("order.taxes", 0)]);
        assert_eq!(sale.items[1].unit.as_deref(), Some("KGM"));
        assert_eq!(sale.reference.as_deref(), Some("POS-2026-000417"));
        let customer = sale.customer.unwrap();
        assert_eq!(customer.kind, CustomerKind::Organization);
        assert_eq!(customer.organization.legal_name, "Okafor Catering Ltd");
        assert_eq!(customer.contacts[0].name.as_deref(), Some("Amina Okafor"));
        assert_eq!((sale.tenders[0].method, sale.tenders[0].amount), (TenderMethod::Card, dec("30342.06")));
    }
}

#[test]
fn a_handed_in_record_is_named_by_its_order() {
    let body = reference("peer-inputs/square_payment_order_ngn.json");
    let record = square().identify(&body).unwrap();
    assert_eq!(record.key, SourceKey::new(RecordKind::Order, "CAISENgvlJ6jLWAzERDzjyHVybY"));
    assert_eq!(record.modified_at.unwrap().to_rfc3339(), "2026-10-14T11:03:02.551+00:00");
}

#[test]
fn squares_own_paid_order_is_read() {
    let sale = sale(&normalize(&reference("platforms/square/order_pay_response.json")).unwrap());
    assert_eq!(sale.total, Some(dec("20.00")));
    assert_eq!(sale.disagreements, []);
    assert_eq!(sale.tenders.len(), 2);
    assert!(sale.customer.is_none());
}

#[test]
fn squares_own_rounding_example_is_copied_and_agrees() {
    let sale = sale(&normalize(&reference("platforms/square/order_create_response.json")).unwrap());
    assert_eq!(sale.disagreements, []);
    assert_eq!(sale.items[0].net_amount, dec("15.12"));
    assert_eq!(sale.items[1].net_amount, dec("41.54"));
    let discounts: Vec<_> = sale.items[1].discounts.iter().map(|d| d.amount.to_string()).collect();
    assert_eq!(discounts, ["0.22", "2.24", "1.00"]);
}

#[test]
fn every_sample_file_is_read_or_refused_by_name() {
    let mut read = 0;
    for (name, body) in common::samples("platforms/square") {
        match normalize(&body) {
            Ok(_) => read += 1,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Payload, "{name}: {error}");
                assert!(
                    error.get("field").is_some_and(|field| field.starts_with("order")),
                    "{name}: {error}"
                );
            }
        }
    }
    assert!(read >= 3, "only {read} samples were read");
}

#[test]
fn every_webhook_sample_names_its_order_or_none() {
    let expected = [
        ("webhook_payment_created", Some("ysCmYRxqmDtYXgPqVkZbyYVvXVUZY")),
        ("webhook_payment_updated", Some("03O3USaPaAaFnI6kkwB1JxGgBsUZY")),
        ("webhook_refund_created", Some("haOyDuHiqtAXMk0d8pDKXpL7Jg4F")),
        ("webhook_refund_updated", Some("haOyDuHiqtAXMk0d8pDKXpL7Jg4F")),
        ("webhook_order_created", Some("eA3vssLHKJrv9H0IdJCM3gNqfdcZY")),
        ("webhook_order_updated", Some("eA3vssLHKJrv9H0IdJCM3gNqfdcZY")),
        ("webhook_order_fulfillment_updated", Some("eA3vssLHKJrv9H0IdJCM3gNqfdcZY")),
        ("webhook_customer_updated", None),
        ("webhook_invoice_payment_made", None),
        ("webhook_oauth_authorization_revoked", None),
        ("webhook_inventory_count_updated", None),
        ("webhook_location_updated", None),
        ("webhook_loyalty_event_created", None),
    ];
    for (name, order) in expected {
        let body = reference(&format!("platforms/square/{name}.json"));
        let json: Value = serde_json::from_slice(&body).unwrap();
        let event = common::events(&body).unwrap().remove(0);
        if name != "webhook_payment_created" {
            assert_eq!(event.record, order.map(|id| SourceKey::new(RecordKind::Order, id)), "{name}");
        } else {
            assert_eq!(
                event.record.unwrap().id,
                json["data"]["object"]["payment"]["order_id"].as_str().unwrap()
            );
        }
        assert_eq!(event.event_id, json["event_id"].as_str().unwrap(), "{name}");
        assert_eq!(event.kind, json["type"].as_str().unwrap(), "{name}");
        assert_eq!(event.account.as_deref(), json["merchant_id"].as_str(), "{name}");
        assert!(event.occurred_at.is_some(), "{name}");
    }
}

#[test]
fn every_signature_vector_is_judged_as_it_says() {
    let vectors: Value =
        serde_json::from_slice(&reference("platforms/square/signature_vectors.json")).unwrap();
    for vector in vectors["vectors"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let (url, body) = (text("notification_url"), text("body"));
        let mut headers = http::HeaderMap::new();
        headers.insert("x-square-hmacsha256-signature", text("signature").parse().unwrap());
        let request = WebhookRequest { method: "POST", url: &url, headers: &headers, body: body.as_bytes() };
        let secrets = Secrets(vec!["not-this-one".into(), text("signature_key").into()]);
        let verdict = square().webhook().unwrap().verify(&request, &secrets, common::now());
        assert_eq!(verdict.is_ok(), vector["valid"].as_bool().unwrap(), "{}", text("source"));
        let altered = WebhookRequest { body: &[body.as_bytes(), b" "].concat(), ..request };
        let error = square().webhook().unwrap().verify(&altered, &secrets, common::now()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignatureInvalid);
    }
}

#[test]
fn the_documents_of_the_peer_input_are_one_sale() {
    let documents = normalize(&reference("peer-inputs/square_payment_order_ngn.json")).unwrap();
    assert_eq!(documents.len(), 1);
    assert!(matches!(documents[0], SourceDocument::Transaction(_)));
}
