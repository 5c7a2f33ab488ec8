//! The simulators agree with the reference data: its payloads pass, its signature vectors come out the same.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{Run, reference};
use serde_json::{Value, json};
use taxpoynt_sim::{
    Business, hubspot_signature_v1, hubspot_signature_v2, hubspot_signature_v3, square_signature,
};

async fn run_with_the_reference_taxpayer() -> Run {
    let run = Run::start().await;
    let business = json!({
        "business_id": "5f0c1c3e-0c2d-4b6e-9a11-0d1f2a3b4c5d", "service_id": "7E1F0C2D", "name": "Reference",
        "tin": "12345678-0001",
    });
    run.sim.authority().add_business(serde_json::from_value::<Business>(business).unwrap());
    run
}

#[tokio::test]
async fn the_reference_payloads_are_accepted() {
    let run = run_with_the_reference_taxpayer().await;
    for name in [
        "invoice-b2b-goods-and-services",
        "invoice-b2b-mixed-tax",
        "invoice-b2b-document-discount",
        "invoice-b2b-usd",
        "invoice-b2c-pos",
        "credit-note-partial",
        "debit-note",
    ] {
        let invoice = reference(&format!("firs/payloads/{name}.json"));
        let (status, body) = run.authority("POST", "invoice/sign", Some(&invoice)).await;
        assert_eq!(status, 201, "{name}: {body}");
    }
    assert_eq!(run.sim.authority().registered().len(), 7);
}

#[tokio::test]
async fn the_damaged_official_sample_is_refused() {
    let run = run_with_the_reference_taxpayer().await;
    let invoice = reference("firs/payloads/official-postman-validate-sample.json");
    assert_eq!(run.authority("POST", "invoice/validate", Some(&invoice)).await.0, 400);
}

/// Every member of a recorded answer, leaving out what stands there for a reader.
fn members(value: &Value) -> Vec<String> {
    let names = value.as_object().into_iter().flatten().map(|(name, _)| name.clone());
    names.filter(|name| !name.starts_with('_')).collect()
}

#[tokio::test]
async fn answers_have_the_members_of_the_recorded_ones() {
    let run = run_with_the_reference_taxpayer().await;
    let mut invoice = reference("firs/payloads/invoice-b2c-pos.json");
    let entity = format!("entity/{}", run.sim.credentials().authority.entity_id);
    run.authority("POST", "invoice/sign", Some(&invoice)).await;
    let confirm = format!("invoice/confirm/{}", invoice["irn"].as_str().unwrap());
    let search = format!("invoice/{}", invoice["business_id"].as_str().unwrap());
    let tin = json!({"tin": "12345678-0001"});
    let credentials = json!({"email": "a@b.example", "password": "x"});
    for (method, path, body, recorded) in [
        ("GET", confirm.as_str(), None, "confirm"),
        ("GET", "invoice/confirm/X-7E1F0C2D-20261102", None, "confirm-not-found"),
        ("GET", search.as_str(), None, "search"),
        ("GET", entity.as_str(), None, "entity"),
        ("POST", "utilities/verify-tin/", Some(&tin), "verify-tin"),
        ("POST", "utilities/authenticate", Some(&credentials), "authenticate"),
        ("POST", "invoice/sign", Some(&invoice.clone()), "error-duplicate-irn"),
    ] {
        let recorded = reference(&format!("firs/responses/{recorded}.json"));
        let (status, found) = run.authority(method, path, body).await;
        assert_eq!(json!(status), recorded["code"], "{path}");
        for place in ["", "/data", "/error", "/data/items/0", "/data/businesses/0"] {
            let at = |value: &Value| value.pointer(place).map(members).unwrap_or_default();
            assert_eq!(at(&found), at(&recorded), "{path} {place}");
        }
        if recorded["error"].is_object() {
            assert_eq!(found["error"]["details"], recorded["error"]["details"], "{path}");
            assert_eq!(found["error"]["public_message"], recorded["error"]["public_message"], "{path}");
        }
    }
    invoice.as_object_mut().unwrap().remove("tax_currency_code");
    for (name, change) in [
        ("error-tax-currency-missing", json!({})),
        ("error-tax-point-date", json!({"tax_currency_code": "NGN", "tax_point_date": ""})),
        (
            "error-business-id",
            json!({"tax_currency_code": "NGN", "business_id": "5f0c1c3e-0c2d-4b6e-9a11-0d1f2a3b4c5"}),
        ),
    ] {
        let mut broken = invoice.clone();
        broken.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (_, found) = run.authority("POST", "invoice/validate", Some(&broken)).await;
        let recorded = reference(&format!("firs/responses/{name}.json"));
        for member in ["details", "public_message", "handler"] {
            assert_eq!(found["error"][member], recorded["error"][member], "{name} {member}");
        }
    }
}

#[tokio::test]
async fn irn_vectors_are_accepted_and_refused_as_listed() {
    let run = run_with_the_reference_taxpayer().await;
    let vectors = reference("firs/vectors/irn-vectors.json");
    for vector in vectors["valid"].as_array().unwrap() {
        run.sim.authority().add_business(
            serde_json::from_value::<Business>(json!({
                "business_id": "5f0c1c3e-0c2d-4b6e-9a11-0d1f2a3b4c5d", "service_id": vector["service_id"],
                "name": "Reference", "tin": "12345678-0001",
            }))
            .unwrap(),
        );
        let number = vector["normalized"].as_str().or(vector["invoice_number"].as_str()).unwrap();
        assert_eq!(validated(&run, number, &vector["irn"]).await, 200, "{vector}");
    }
    for vector in vectors["reject"].as_array().unwrap() {
        let number = vector["irn"].as_str().unwrap().split('-').next().unwrap();
        assert_eq!(validated(&run, number, &vector["irn"]).await, 400, "{vector}");
    }
}

async fn validated(run: &Run, number: &str, irn: &Value) -> u16 {
    let asked = json!({"business_id": "5f0c1c3e-0c2d-4b6e-9a11-0d1f2a3b4c5d", "invoice_reference": number, "irn": irn});
    run.authority("POST", "invoice/irn/validate", Some(&asked)).await.0
}

#[test]
fn square_signs_as_its_vectors_say() {
    let vectors = reference("platforms/square/signature_vectors.json");
    for vector in vectors["vectors"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let made = square_signature(text("signature_key"), text("notification_url"), text("body"));
        assert_eq!(made == text("signature"), vector["valid"].as_bool().unwrap(), "{vector}");
    }
}

#[test]
fn hubspot_signs_as_its_vectors_say() {
    let vectors = reference("platforms/hubspot/signature-vectors.json");
    for vector in vectors["vectors"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap_or_default();
        let (secret, method, uri) = (text("client_secret"), text("method"), text("received_uri"));
        let made = match text("version") {
            "v1" => hubspot_signature_v1(secret, text("body")),
            "v2" => hubspot_signature_v2(secret, method, uri, text("body")),
            _ => hubspot_signature_v3(secret, method, uri, text("body"), text("timestamp")),
        };
        assert_eq!(made, text("expected"), "{}", text("name"));
    }
}
