//! Which events are the same: the platform's own identity, else a hash of what came.

use super::WebhookEvent;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// A longer identity is kept as its hash.
const LONGEST: usize = 200;

/// Gives every event of a body an identity that repetitions share. The platform's own is kept; an event without one is
/// known by the hash of the whole body and its place in it.
///
/// ```
/// use taxpoynt_core::webhook::{WebhookEvent, identity};
///
/// let event = |event_id: &str| WebhookEvent {
///     event_id: event_id.to_owned(), kind: "deal".to_owned(), account: None, record: None, occurred_at: None,
/// };
/// let mut events = vec![event("e1"), event(""), event("")];
/// identity::complete(&mut events, b"a body");
/// assert_eq!(events[0].event_id, "e1");
/// assert!(events[1].event_id.starts_with("sha256:") && events[1].event_id != events[2].event_id);
/// ```
pub fn complete(events: &mut [WebhookEvent], body: &[u8]) {
    let mut of_body = None;
    for (place, event) in events.iter_mut().enumerate() {
        if event.event_id.trim().is_empty() {
            let hash = of_body.get_or_insert_with(|| hash(body));
            event.event_id = format!("sha256:{hash}:{place}");
        } else if event.event_id.len() > LONGEST {
            event.event_id = format!("sha256:{}", hash(event.event_id.as_bytes()));
        }
    }
}

/// SHA-256 in hexadecimal.
fn hash(text: &[u8]) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
