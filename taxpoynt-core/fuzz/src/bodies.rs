//! JSON from outside: webhooks, records, the authority's answers, a host's options.

use super::{is_readable, web::PLATFORMS};
use ::hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use sha2::Sha256;
use std::sync::LazyLock;
use taxpoynt_core::{
    connector::{Registry, Webhook},
    firs::{ApiKeys, Content, Envelope, Notice, from_mbs, to_mbs},
    host::options,
    json,
    pipeline::{ConvertOptions, convert},
    stamp::CryptoKeys,
    tenant::Tenant,
    webhook::{Secrets, Verified, WebhookEvent, WebhookRequest, hmac, identity},
};

/// The shop that records are converted for.
pub(crate) fn tenant() -> &'static Tenant {
    static TENANT: LazyLock<Tenant> = LazyLock::new(|| {
        Tenant::from_json(include_bytes!("../../../examples/quickstart/tenant.json")).expect("a tenant")
    });
    &TENANT
}

/// The body as one that its platform has signed.
pub(crate) fn signed(body: &[u8]) -> Verified {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"a key of this fuzzer").expect("a key of any length");
    mac.update(body);
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut headers = HeaderMap::new();
    headers.insert("x-signature", HeaderValue::from_str(&signature).expect("hexadecimal"));
    let request = WebhookRequest { method: "POST", url: "https://host.example/", headers: &headers, body };
    let secrets = Secrets::one("a key of this fuzzer".to_owned().into());
    hmac::verify_hex(&request, "x-signature", &secrets, &[body]).expect("what was signed verifies")
}

/// A signed body of any content is read or refused, and read the same again.
pub(crate) fn events(body: &[u8]) {
    let verified = signed(body);
    for webhook in PLATFORMS.iter().filter_map(|connector| connector.webhook()) {
        match webhook.events(&verified) {
            Ok(events) => {
                assert_eq!(webhook.events(&verified).expect("the same again"), events);
                assert!(events.iter().all(|event| !event.event_id.is_empty() || body.len() < 100_000));
            }
            Err(error) => is_readable(&error),
        }
    }
}

/// Of a signed body of any content each event is read or refused by itself; each that is read has an identity, which is
/// the same when the body comes again.
pub(crate) fn webhook_body(body: &[u8]) {
    let verified = signed(body);
    for webhook in PLATFORMS.iter().filter_map(|connector| connector.webhook()) {
        let (first, again) = (identified(webhook, &verified), identified(webhook, &verified));
        assert_eq!(first, again, "the same body is the same events");
        let Some(events) = first else { continue };
        for event in &events {
            assert!(!event.event_id.trim().is_empty() && event.event_id.len() <= 200, "{:?}", event.event_id);
            assert!(event.record.as_ref().is_none_or(|key| !key.id.is_empty()), "{event:?} names no record");
        }
        let nameless = |event: &&WebhookEvent| event.event_id.starts_with("sha256:");
        let mut own: Vec<_> = events.iter().filter(nameless).map(|event| &event.event_id).collect();
        own.sort_unstable();
        own.dedup();
        let long = |event: &&WebhookEvent| nameless(event) && event.event_id.len() == "sha256:".len() + 64;
        let named = events.iter().filter(nameless).count() - events.iter().filter(long).count();
        assert!(own.len() >= named, "events of one body without an identity of their own are told apart");
        // What is read whole is what is read one by one.
        if let Ok(whole) = webhook.events(&verified) {
            assert_eq!(whole.len(), events.len());
        }
    }
}

/// The events that can be read, as the engine stores them; none where the body cannot be taken apart.
fn identified(webhook: &dyn Webhook, verified: &Verified) -> Option<Vec<WebhookEvent>> {
    let each = webhook.each_event(verified).inspect_err(is_readable).ok()?;
    let mut events: Vec<_> =
        each.into_iter().filter_map(|event| event.inspect_err(is_readable).ok()).collect();
    identity::complete(&mut events, verified.body());
    Some(events)
}

/// A record of any content is converted, held or refused; the same record gives the same again.
pub(crate) fn records(body: &[u8]) {
    for connector in PLATFORMS.iter() {
        let convert = || convert(&**connector, body, tenant(), &ConvertOptions::default());
        match (convert(), convert()) {
            (Ok(first), Ok(second)) => assert_eq!(format!("{first:?}"), format!("{second:?}")),
            (Err(error), Err(_)) => is_readable(&error),
            _ => panic!("the same record is taken once and refused once"),
        }
    }
}

/// What the authority sends is read or refused; a document that was read can be written again.
pub(crate) fn authority(body: &[u8]) {
    if let Err(error) = Notice::parse(body) {
        is_readable(&error);
    }
    match from_mbs(body) {
        Ok(invoice) => {
            if let Err(error) = to_mbs(&invoice) {
                is_readable(&error);
            }
        }
        Err(error) => is_readable(&error),
    }
    if let Err(error) = Content::read(body) {
        is_readable(&error);
    }
    let Ok(raw) = serde_json::from_slice::<&serde_json::value::RawValue>(body) else { return };
    if let Some(envelope) = Envelope::find(raw) {
        let keys = ApiKeys::new("0123456789ab-cdef-0123-4567-89abcdef0123", "secret");
        if let Err(error) = envelope.open(&keys) {
            is_readable(&error);
        }
    }
}

/// What a host hands in is taken or refused, and a refusal never shows a value: it may be a secret in the wrong place.
pub(crate) fn config(body: &[u8]) {
    let refusals = [
        Tenant::from_json(body).err(),
        options::engine_options(body, Registry::new()).err(),
        options::credentials(body).err(),
        options::settings(body).err(),
        CryptoKeys::parse(&String::from_utf8_lossy(body)).err(),
        json::read::<Vec<json::Exact>>("fuzz.read", body).err(),
    ];
    refusals.iter().flatten().for_each(is_readable);
    if let Ok(text) = std::str::from_utf8(body)
        && let Ok(number) = json::decimal_of(text)
    {
        assert_eq!(json::decimal_of(&number.to_string()), Ok(number));
    }
}
