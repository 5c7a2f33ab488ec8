//! What the reference schema refuses the authority refuses: on thousands of payloads with something changed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;
mod json_schema;

use bytes::Bytes;
use common::reference;
use json_schema::Schema;
use serde_json::{Value, json};
use taxpoynt_sim::{Business, Direct, Options, Sim};

const MUTANTS: usize = 6_000;

const PAYLOADS: [&str; 7] = [
    "invoice-b2b-goods-and-services",
    "invoice-b2b-mixed-tax",
    "invoice-b2b-document-discount",
    "invoice-b2b-usd",
    "invoice-b2c-pos",
    "credit-note-partial",
    "debit-note",
];

/// A small generator (xorshift): the same seed, the same mutants.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// Every place in a payload, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let place = format!("{at}/{name}");
                places(member, &place, all);
                all.push(place);
            }
        }
        Value::Array(elements) => {
            for (nth, element) in elements.iter().enumerate() {
                let place = format!("{at}/{nth}");
                places(element, &place, all);
                all.push(place);
            }
        }
        _ => {}
    }
}

fn other_value(random: &mut Random, value: &Value) -> Value {
    let choices = [
        Value::Null,
        json!(""),
        json!([]),
        json!({}),
        json!(true),
        json!("x"),
        json!("1"),
        json!(0),
        json!(-1),
        json!(101),
        json!("A".repeat(300)),
        json!([value]),
        json!(value.to_string()),
        json!(value.as_str().unwrap_or("abc").to_lowercase()),
        json!(value.as_str().unwrap_or("abc").to_uppercase()),
        json!(format!("{}9", value.as_str().unwrap_or("1"))),
        json!("2026-13-01"),
        json!("NG-ZZ-QQQ"),
        json!("user@host@more"),
    ];
    choices[random.below(choices.len())].clone()
}

/// One change at a random place.
fn mutate(random: &mut Random, payload: &Value) -> (Value, String) {
    let mut mutant = payload.clone();
    let mut all = Vec::new();
    places(payload, "", &mut all);
    let place = all[random.below(all.len())].clone();
    let (parent, name) = place.rsplit_once('/').unwrap();
    let found = payload.pointer(&place).unwrap();
    let what = match (random.below(5), mutant.pointer_mut(parent).unwrap()) {
        (0, Value::Object(members)) => {
            members.remove(name);
            format!("{place} removed")
        }
        (0, Value::Array(elements)) => {
            elements.remove(name.parse().unwrap());
            format!("{place} removed")
        }
        (1, Value::Object(members)) => {
            members.insert(format!("{name}_x"), found.clone());
            format!("{place}_x added")
        }
        (1, Value::Array(elements)) => {
            elements.push(found.clone());
            format!("{place} repeated")
        }
        (_, parent) => {
            let other = other_value(random, found);
            let what = format!("{place} became {other}");
            match parent {
                Value::Object(members) => members[name] = other,
                Value::Array(elements) => elements[name.parse::<usize>().unwrap()] = other,
                _ => {}
            }
            what
        }
    };
    (mutant, what)
}

async fn validate(sim: &Sim, direct: &Direct, payload: &Value) -> (u16, Value) {
    let keys = &sim.credentials().authority;
    let request = http::Request::post(format!("{}api/v1/invoice/validate", sim.urls().authority))
        .header("x-api-key", &keys.api_key)
        .header("x-api-secret", &keys.api_secret)
        .body(Bytes::from(payload.to_string()))
        .unwrap();
    let answer = direct.call(request).await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
}

#[tokio::test]
async fn what_the_reference_schema_refuses_is_refused() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_120);
    println!("SEED={seed}");
    let mut random = Random(seed);
    let (sim, direct) = Sim::in_process(Options::default()).unwrap();
    // What the schema says nothing about is left out, so that both judge the same.
    sim.authority().set(|settings| settings.strict_totals = false);
    sim.authority().add_business(
        serde_json::from_value::<Business>(json!({
            "business_id": "5f0c1c3e-0c2d-4b6e-9a11-0d1f2a3b4c5d", "service_id": "7E1F0C2D", "name": "Reference",
            "tin": "12345678-0001",
        }))
        .unwrap(),
    );
    let schema = Schema::new(reference("firs/schema/nrs-invoice.schema.json"));
    let payloads: Vec<Value> =
        PAYLOADS.iter().map(|name| reference(&format!("firs/payloads/{name}.json"))).collect();
    for payload in &payloads {
        assert_eq!((schema.fault(payload), validate(&sim, &direct, payload).await.0), (None, 200));
    }
    let (mut refused, mut passed, mut stricter) = (0, 0, 0);
    for nth in 0..MUTANTS {
        let (mutant, what) = mutate(&mut random, &payloads[nth % payloads.len()]);
        let (status, body) = validate(&sim, &direct, &mutant).await;
        match (schema.fault(&mutant), status) {
            (Some(_), 400) => {
                assert!(body["error"]["details"].as_str().is_some_and(|text| !text.is_empty()), "{what}");
                refused += 1;
            }
            (Some(fault), _) => panic!("{what}: the schema says {fault}, the authority took it"),
            (None, 200) => passed += 1,
            (None, _) => stricter += 1,
        }
    }
    println!("{refused} refused by both, {passed} taken by both, {stricter} refused by the authority alone");
    assert!(refused > MUTANTS / 2 && passed > MUTANTS / 50, "the mutants say nothing");
    assert!(stricter < MUTANTS / 4, "the authority is far stricter than the schema");
}
