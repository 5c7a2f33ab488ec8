//! Platforms in one file: what people write as a template, and what is read by those that there are.

use super::{
    bodies::{signed, tenant},
    is_readable,
};
use std::sync::{
    LazyLock,
    atomic::{AtomicUsize, Ordering},
};
use taxpoynt_connectors::Declarative;
use taxpoynt_core::{
    connector::{Connector, Webhook},
    pipeline::{ConvertOptions, convert},
};

/// The templates that are shipped, and the example's.
const TEMPLATES: [(&str, &str); 4] = [
    ("pipedrive.toml", include_str!("../../../connectors/templates/pipedrive.toml")),
    ("zoho.toml", include_str!("../../../connectors/templates/zoho.toml")),
    ("freshsales.toml", include_str!("../../../connectors/templates/freshsales.toml")),
    ("kiosk.toml", include_str!("../../../examples/custom-connector/kiosk.toml")),
];

static CONNECTORS: LazyLock<Vec<Declarative>> = LazyLock::new(|| {
    TEMPLATES.iter().map(|(file, text)| Declarative::parse(file, text).expect("a template")).collect()
});

/// Records that a template of the fuzzer's is tried on.
const RECORDS: [&str; 3] = [
    r#"{"deal": {"id": 1, "status": "won", "currency": "NGN", "value": 10}, "products": [{"id": 2, "name": "Thing", "quantity": 2, "item_price": 5, "tax": 7.5, "tax_method": "inclusive", "sum": 10}], "person": {"id": 3, "name": "Ada", "emails": [{"value": "a@b.example", "primary": false}, {"value": "c@d.example", "primary": true}]}}"#,
    r#"{"receipt": {"id": "1", "number": "7", "status": "closed", "currency": "NGN", "total": 21500, "changed_at": "2026-10-01T10:00:00Z"}, "lines": [{"id": "l", "title": "Thing", "count": 2, "price": 10750, "vat": 7.5}], "payments": [{"how": "cash", "amount": 21500}]}"#,
    "{}",
];

/// What a template says stays for the life of a process: so many are made in one.
const MOST: usize = 500;

/// Any text is read as a template or refused with a place; one that is read reads any record without a word to itself.
pub(crate) fn template(bytes: &[u8]) {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = Declarative::check("fuzz.toml", &text) {
        for (name, most) in [("line", text.matches('\n').count() + 1), ("column", text.chars().count() + 1)] {
            let place = error.get(name).and_then(|number| number.parse::<usize>().ok());
            assert!(place.is_some_and(|place| (1..=most).contains(&place)), "{error}");
        }
        return is_readable(&error);
    }
    if MADE.fetch_add(1, Ordering::Relaxed) >= MOST {
        return;
    }
    let connector = Declarative::parse("fuzz.toml", &text).expect("it was checked");
    assert!(connector.info().setup_form().is_object(), "there is a form");
    let _ = connector.limits(&std::collections::BTreeMap::new());
    for record in RECORDS {
        read(&connector, record.as_bytes());
    }
}

/// Any record is read by every template, or refused; so is any body of a webhook.
pub(crate) fn template_records(bytes: &[u8]) {
    for connector in CONNECTORS.iter() {
        read(connector, bytes);
    }
}

fn read(connector: &Declarative, body: &[u8]) {
    let convert = || convert(connector, body, tenant(), &ConvertOptions::default());
    match (convert(), convert()) {
        (Ok(first), Ok(second)) => assert_eq!(format!("{first:?}"), format!("{second:?}")),
        (Err(error), Err(_)) => is_readable(&error),
        _ => panic!("the same record is taken once and refused once"),
    }
    match connector.identify(body) {
        Ok(raw) => assert!(!raw.key.id.is_empty(), "a record has an id"),
        Err(error) => is_readable(&error),
    }
    for copied in connector.copied_in(body) {
        assert!(!copied.paths.is_empty() && !copied.field.is_empty(), "{copied:?}");
    }
    let Some(webhook) = connector.webhook() else { return };
    let verified = signed(body);
    let each = |webhook: &dyn Webhook| webhook.each_event(&verified).map(|events| events.len());
    match (each(webhook), each(webhook)) {
        (Ok(first), Ok(again)) => assert!(first == again && first <= 1_000, "{first} events"),
        (Err(error), Err(_)) => is_readable(&error),
        _ => panic!("the same body is read once and refused once"),
    }
    for event in webhook.each_event(&verified).into_iter().flatten() {
        match event {
            Ok(event) => assert!(!event.kind.is_empty() && event.record.is_none_or(|key| !key.id.is_empty())),
            Err(error) => is_readable(&error),
        }
    }
}
