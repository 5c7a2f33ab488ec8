//! Webhooks signed by the simulators' own code, with one bit changed somewhere: no verifier may take them.
//!
//! A change is made to what is on the wire: the body, the signature's header, the timestamp's, the URL or the method. A
//! header that no HTTP message can hold counts as refused, since no server would hand it on.

use crate::{Random, platforms};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::{collections::BTreeMap, fmt, sync::Arc};
use taxpoynt_core::{
    ErrorKind,
    connector::Connector,
    webhook::{Secrets, WebhookRequest},
};
use taxpoynt_sim::{hubspot_signature_v3, square_signature};

const METHOD: &str = "POST";
const SIGNATURES: [&str; 2] = ["x-square-hmacsha256-signature", "x-hubspot-signature-v3"];
const TIMESTAMP: &str = "x-hubspot-request-timestamp";

/// What came of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Changes made.
    pub altered: u64,
    /// Changes that were taken all the same, and must not be.
    pub accepted: u64,
    /// Unaltered webhooks beside them, all taken.
    pub genuine: u64,
    /// Repetitions outside the window that were refused.
    pub stale: u64,
    /// Changes refused, by platform and place.
    pub refused: BTreeMap<(&'static str, &'static str), u64>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((platform, place), count) in &self.refused {
            writeln!(f, "{platform:8} {place:10} {count:>9} refused")?;
        }
        write!(
            f,
            "{} altered, {} accepted; {} genuine accepted; {} outside the window refused",
            self.altered, self.accepted, self.genuine, self.stale
        )
    }
}

/// A signed webhook on the wire.
struct Signed {
    platform: &'static str,
    connector: Arc<dyn Connector>,
    url: String,
    body: String,
    signature: (&'static str, String),
    timestamp: Option<String>,
    secrets: Secrets,
    now: DateTime<Utc>,
}

/// Where a bit is changed.
const PLACES: [&str; 5] = ["body", "signature", "timestamp", "url", "method"];

impl Signed {
    fn make(random: &mut Random) -> Self {
        let now = DateTime::from_timestamp(1_780_000_000 + random.between(0, 100_000_000), 0).unwrap();
        let secret = text(random, 8, 64);
        let url = format!("https://{}.example/hooks/{}", text(random, 3, 20), text(random, 0, 60));
        let platform = *random.pick(&["square", "hubspot"]);
        let connector = platforms().get(platform).unwrap().clone();
        let id = random.bits();
        let (body, signature, timestamp) = if platform == "square" {
            let note = text(random, 0, 600);
            let body = format!(
                r#"{{"merchant_id":"M{id}","type":"payment.updated","event_id":"{id:x}","data":{{"object":{{"payment":{{"order_id":"O{id}","note":"{note}"}}}}}}}}"#
            );
            let signature = square_signature(&secret, &url, &body);
            (body, (SIGNATURES[0], signature), None)
        } else {
            let events = (0..random.between(1, 6)).map(|nth| {
                format!(
                    r#"{{"eventId":{nth},"portalId":{id},"occurredAt":{},"subscriptionType":"deal.propertyChange","objectId":{nth},"propertyName":"dealstage","propertyValue":"closedwon"}}"#,
                    now.timestamp_millis()
                )
            });
            let body = format!("[{}]", events.collect::<Vec<_>>().join(","));
            let timestamp = (now.timestamp_millis() + random.between(-300_000, 300_000)).to_string();
            let signature = hubspot_signature_v3(&secret, METHOD, &url, &body, &timestamp);
            (body, (SIGNATURES[1], signature), Some(timestamp))
        };
        let secrets = Secrets(vec![text(random, 8, 64).into(), secret.into()]);
        Self { platform, connector, url, body, signature, timestamp, secrets, now }
    }

    fn has(&self, place: &str) -> bool {
        place != "timestamp" || self.timestamp.is_some()
    }

    /// The bytes at a place.
    fn at(&self, place: &str) -> &[u8] {
        match place {
            "body" => self.body.as_bytes(),
            "signature" => self.signature.1.as_bytes(),
            "timestamp" => self.timestamp.as_deref().unwrap_or_default().as_bytes(),
            "url" => self.url.as_bytes(),
            _ => METHOD.as_bytes(),
        }
    }

    /// Whether it is taken with other bytes at a place; `None`: no HTTP message can hold them.
    fn is_taken(&self, place: &str, bytes: &[u8], now: DateTime<Utc>) -> Option<Result<(), ErrorKind>> {
        let part = |name: &str| if name == place { bytes } else { self.at(name) };
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(self.signature.0),
            HeaderValue::from_bytes(part("signature")).ok()?,
        );
        if self.timestamp.is_some() {
            headers.insert(TIMESTAMP, HeaderValue::from_bytes(part("timestamp")).ok()?);
        }
        let request = WebhookRequest {
            method: std::str::from_utf8(part("method")).ok()?,
            url: std::str::from_utf8(part("url")).ok()?,
            headers: &headers,
            body: part("body"),
        };
        let verdict = self.connector.webhook().unwrap().verify(&request, &self.secrets, now);
        Some(verdict.map(drop).map_err(|error| error.kind()))
    }
}

/// Printable, and of one spelling: no percent signs, which HubSpot decodes, and no quotes, which JSON escapes.
fn text(random: &mut Random, shortest: i64, longest: i64) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/";
    let length = random.between(shortest, longest);
    (0..length).map(|_| char::from(*random.pick(LETTERS))).collect()
}

/// Bits changed in one webhook before another one is made.
const CHANGES: u64 = 64;

/// Makes `count` changes.
///
/// # Panics
/// Where a webhook that nobody altered is refused, or a stale one is taken.
#[must_use]
pub fn run(count: u64, seed: u64) -> Tally {
    let mut random = Random::seeded(seed);
    let mut tally = Tally::default();
    while tally.altered < count {
        let signed = Signed::make(&mut random);
        assert_eq!(signed.is_taken("", b"", signed.now), Some(Ok(())), "a genuine webhook (seed {seed})");
        tally.genuine += 1;
        tally.stale += outside_the_window(&signed, seed);
        for _ in 0..CHANGES.min(count - tally.altered) {
            let place = loop {
                let place = *random.pick(&PLACES);
                if signed.has(place) {
                    break place;
                }
            };
            let mut bytes = signed.at(place).to_vec();
            let bit = random.below(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            tally.altered += 1;
            if signed.is_taken(place, &bytes, signed.now) == Some(Ok(())) {
                eprintln!("accepted: {} bit {bit} of the {place} (seed {seed})", signed.platform);
                tally.accepted += 1;
            } else {
                *tally.refused.entry((signed.platform, place)).or_default() += 1;
            }
        }
    }
    tally
}

/// The same bytes again, just outside the window and far outside, on both sides.
fn outside_the_window(signed: &Signed, seed: u64) -> u64 {
    let Some(timestamp) = &signed.timestamp else { return 0 };
    let signed_at = DateTime::from_timestamp_millis(timestamp.parse().unwrap()).unwrap();
    let offsets = [300_001, 3_600_000, 86_400_000, -300_001, -86_400_000];
    for offset in offsets {
        let verdict = signed.is_taken("", b"", signed_at + TimeDelta::milliseconds(offset));
        assert_eq!(verdict, Some(Err(ErrorKind::Replayed)), "{offset} ms after (seed {seed})");
    }
    for offset in [300_000, -300_000] {
        let verdict = signed.is_taken("", b"", signed_at + TimeDelta::milliseconds(offset));
        assert_eq!(verdict, Some(Ok(())), "{offset} ms after, inside the window (seed {seed})");
    }
    offsets.len() as u64
}
