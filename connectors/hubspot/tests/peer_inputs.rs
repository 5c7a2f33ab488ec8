//! The reference data: a deal with its true totals, HubSpot's shapes, and the signature vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;

use common::{deal, dec, normalize, only_deal, reference, reference_json};
use serde_json::{Value, json};
use taxpoynt_core::{
    ErrorKind,
    connector::Connector,
    model::{CustomerKind, ItemTax, RecordKind, SourceKey},
    webhook::{Secrets, WebhookRequest},
};
use taxpoynt_hubspot::HubSpot;

#[test]
fn the_truth_of_the_peer_input_comes_out_to_the_kobo() {
    let deal = only_deal(normalize(&reference("peer-inputs/hubspot_deal_with_line_items.json")).unwrap());
    assert!(deal.won);
    assert_eq!(deal.amount, Some(dec("1250000.35")));
    assert_eq!(deal.title.as_deref(), Some("ERP rollout phase 2"));
    let nets: Vec<_> = deal.sale.items.iter().map(|item| item.net_amount.to_string()).collect();
    assert_eq!(nets, ["833333.75", "356999.94", "59666.66"]);
    assert_eq!(deal.sale.items[1].discounts[0].amount, dec("39666.66"));
    assert_eq!(deal.sale.items[2].unit_price, dec("19888.8867"));
    assert!(deal.sale.items.iter().all(|item| item.tax == ItemTax::NotCarried));
    assert_eq!(deal.sale.items[2].bindings, [("line_items", 2)]);
    assert_eq!(deal.sale.disagreements, []);
    let customer = deal.sale.customer.unwrap();
    assert_eq!(customer.kind, CustomerKind::Organization);
    assert_eq!(customer.organization.legal_name, "Zenith Foods Ltd");
    assert_eq!(customer.contacts[0].name.as_deref(), Some("Chidi Eze"));
    assert_eq!(deal.sale.closed_at.unwrap().to_rfc3339(), "2026-10-01T09:30:00+00:00");
}

#[test]
fn a_handed_in_record_is_named_by_its_deal() {
    let body = reference("peer-inputs/hubspot_deal_with_line_items.json");
    let record = HubSpot.identify(&body).unwrap();
    assert_eq!(record.key, SourceKey::new(RecordKind::Deal, "9823451207"));
    assert_eq!(record.modified_at.unwrap().to_rfc3339(), "2026-10-01T09:31:12.442+00:00");
}

#[test]
fn hubspots_lines_count_and_a_differing_deal_amount_is_only_recorded() {
    let dir = "platforms/hubspot";
    let deals = reference_json(&format!("{dir}/deals-list-with-associations-200.synthetic.json"));
    let lines = reference_json(&format!("{dir}/line-items-batch-read-200.synthetic.json"));
    let rates = reference_json(&format!("{dir}/tax-rates-200.synthetic.json"));
    let pipelines = reference_json(&format!("{dir}/pipelines-deals-200.synthetic.json"));
    let deal = deal(&json!({
        "deal": deals["results"][0], "line_items": lines["results"], "tax_rates": rates["results"],
        "pipeline": pipelines["results"][0],
    }));
    assert!(deal.won);
    assert_eq!(deal.amount, Some(dec("1075000")));
    let items = &deal.sale.items;
    assert_eq!(items.iter().map(|item| item.net_amount).sum::<rust_decimal::Decimal>(), dec("1127500.00"));
    assert_eq!(items[0].discounts[0].amount, dec("120000.00"));
    assert_eq!(items[1].discounts[0].amount, dec("2500.00"));
    let ItemTax::Applied(taxes) = &items[0].tax else { panic!("{:?}", items[0].tax) };
    assert_eq!((taxes[0].rate.get(), taxes[0].amount), (dec("7.5"), Some(dec("81000.00"))));
    assert_eq!(items[0].bindings, [("line_items", 0), ("tax_rates", 0)]);
    assert_eq!(items[1].tax, ItemTax::Untaxed);
    assert_eq!(deal.sale.disagreements, []);
}

#[test]
fn every_sample_file_is_read_or_refused_by_name() {
    for (name, body) in common::samples("platforms/hubspot") {
        if let Err(error) = normalize(&body) {
            assert_eq!(error.kind(), ErrorKind::Payload, "{name}: {error}");
            assert!(error.get("field").is_some_and(|field| field.starts_with("deal")), "{name}: {error}");
        }
        let is_delivery = name.contains("webhook-batch");
        assert_eq!(common::events(&body).is_ok(), is_delivery, "{name}");
    }
}

#[test]
fn deliveries_name_their_deals_and_repetitions_share_an_identity() {
    let body = reference("platforms/hubspot/webhook-batch-deal-won.synthetic.json");
    let events = common::events(&body).unwrap();
    let records: Vec<_> = events.iter().map(|e| e.record.as_ref().map(|key| key.id.as_str())).collect();
    let deal = Some("23456789012");
    assert_eq!(records, [deal, deal, None, deal, deal, Some("23456789014")]);
    assert_eq!(events[0].event_id, events[1].event_id, "attemptNumber is no part of the identity");
    let different: std::collections::BTreeSet<_> = events.iter().map(|e| &e.event_id).collect();
    assert_eq!(different.len(), 5, "eventId 100 is shared by two events");
    assert!(events.iter().all(|event| event.account.as_deref() == Some("62515")));

    let generic = reference("platforms/hubspot/webhook-batch-generic-object.synthetic.json");
    let event = common::events(&generic).unwrap().remove(0);
    assert_eq!(event.record.unwrap().id, "23456789012");
    assert_eq!(event.kind, "object.propertyChange");

    let classic = common::events(&reference("platforms/hubspot/webhook-batch-classic.json")).unwrap();
    assert_eq!(classic[0].kind, "contact.propertyChange");
    assert!(classic.iter().all(|event| event.record.is_none()));

    let peer = common::events(&reference("peer-inputs/hubspot_webhook_batch.json")).unwrap();
    let ids: Vec<_> = peer.iter().map(|event| event.record.clone().unwrap().id).collect();
    assert_eq!(ids, ["9823451207", "9823451208"]);
}

#[test]
fn every_signature_vector_of_version_3_verifies_and_the_older_ones_alone_do_not() {
    let vectors = reference_json("platforms/hubspot/signature-vectors.json");
    let mut checked = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap_or_default().to_owned();
        let (body, url, name) = (text("body"), text("received_uri"), text("name"));
        let secrets = Secrets(vec![text("client_secret").into()]);
        let mut headers = http::HeaderMap::new();
        let v3 = text("version") == "v3";
        let header = if v3 { "x-hubspot-signature-v3" } else { "x-hubspot-signature" };
        headers.insert(header, text("expected").parse().unwrap());
        if v3 {
            headers.insert("x-hubspot-request-timestamp", text("timestamp").parse().unwrap());
        }
        let method = text("method");
        let request = WebhookRequest { method: &method, url: &url, headers: &headers, body: body.as_bytes() };
        let webhook = HubSpot.webhook().unwrap();
        let signed_at = chrono::DateTime::from_timestamp_millis(1_693_657_560_000).unwrap();
        let verdict = webhook.verify(&request, &secrets, signed_at);
        assert_eq!(verdict.is_ok(), v3, "{name}: {verdict:?}");
        if !v3 {
            assert_eq!(verdict.unwrap_err().kind(), ErrorKind::SignatureInvalid, "{name}");
            continue;
        }
        checked += 1;
        let seconds = |n| chrono::TimeDelta::seconds(n);
        for (off, ok) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let verdict = webhook.verify(&request, &secrets, signed_at + seconds(off));
            assert_eq!(verdict.is_ok(), ok, "{name} after {off} s");
            assert!(ok || verdict.unwrap_err().kind() == ErrorKind::Replayed);
        }
        let altered = WebhookRequest { body: &[body.as_bytes(), b" "].concat(), ..request };
        assert!(webhook.verify(&altered, &secrets, signed_at).is_err(), "{name}");
        headers.remove("x-hubspot-request-timestamp");
        let request = WebhookRequest { method: &method, url: &url, headers: &headers, body: body.as_bytes() };
        let error = webhook.verify(&request, &secrets, signed_at).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignatureInvalid, "{name}: without its timestamp");
    }
    assert_eq!(checked, 6);
}

#[test]
fn the_listed_sequences_are_decoded_in_either_case_and_only_once() {
    let listed = "https://hooks.example.com/in?a=%3a%2f%3F%40%21%24%27%28%29%2A%2c%3B";
    let kept = "https://hooks.example.com/in?a=%20%3D%26%253A%3";
    for (received, hashed) in [(listed, "https://hooks.example.com/in?a=:/?@!$'()*,;"), (kept, kept)] {
        let timestamp = common::now().timestamp_millis().to_string();
        let mut headers = http::HeaderMap::new();
        let signature = common::sign("POST", hashed, b"[]", &timestamp);
        headers.insert("x-hubspot-signature-v3", signature.parse().unwrap());
        headers.insert("x-hubspot-request-timestamp", timestamp.parse().unwrap());
        let request = WebhookRequest { method: "POST", url: received, headers: &headers, body: b"[]" };
        let secrets = Secrets(vec![common::SECRET.into()]);
        HubSpot.webhook().unwrap().verify(&request, &secrets, common::now()).expect(received);
    }
}

#[test]
fn a_delivery_has_one_to_a_hundred_events() {
    let event = json!({"subscriptionType": "deal.creation", "objectId": 1, "portalId": 2});
    let events = |count: usize| Value::from(vec![event.clone(); count]).to_string();
    assert_eq!(common::events(events(100).as_bytes()).unwrap().len(), 100);
    for body in [events(0), events(101), event.to_string(), "[{}]".to_owned(), "[1]".to_owned()] {
        assert_eq!(common::events(body.as_bytes()).unwrap_err().kind(), ErrorKind::Payload, "{body}");
    }
}
