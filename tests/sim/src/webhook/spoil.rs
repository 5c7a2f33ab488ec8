//! Webhooks that a receiver must refuse: forged, altered, too old, or without what proves them.

use serde::{Deserialize, Serialize};

/// What is wrong with a webhook, on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookFault {
    /// One bit of the body was flipped after it was signed.
    AlteredBody,
    /// One character of each signature was changed.
    AlteredSignature,
    /// Signed with another secret.
    WrongSecret,
    /// Signed with the secret before the last rotation; with the present one where there was none.
    PreviousSecret,
    /// Signed for another URL.
    OtherUrl,
    /// Rightly signed, five minutes and a second ago; where nothing signed tells the time, the event is four days old.
    Stale,
    /// Rightly signed, an hour from now.
    Future,
    /// Without any signature.
    MissingSignature,
    /// Without the time that was signed.
    MissingTimestamp,
    /// The signature is not in the alphabet of signatures.
    Garbled,
    /// The body breaks off in the middle; signed as it is.
    TornBody,
    /// No body; signed as it is.
    EmptyBody,
}

impl WebhookFault {
    /// What a plan chooses from: those that every receiver must refuse.
    pub const FORGED: [Self; 6] = [
        Self::AlteredBody,
        Self::AlteredSignature,
        Self::WrongSecret,
        Self::OtherUrl,
        Self::MissingSignature,
        Self::Garbled,
    ];

    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::AlteredBody,
        Self::AlteredSignature,
        Self::WrongSecret,
        Self::PreviousSecret,
        Self::OtherUrl,
        Self::Stale,
        Self::Future,
        Self::MissingSignature,
        Self::MissingTimestamp,
        Self::Garbled,
        Self::TornBody,
        Self::EmptyBody,
    ];

    /// The secret it is signed with.
    pub(super) fn secret<'a>(self, now: &'a str, before: Option<&'a str>) -> &'a str {
        match self {
            Self::WrongSecret => "nobody-gave-this-secret-to-anybody",
            Self::PreviousSecret => before.unwrap_or(now),
            _ => now,
        }
    }

    /// The body that is signed.
    pub(super) fn before_signing(self, body: String) -> String {
        match self {
            Self::TornBody => body.chars().take(body.chars().count() / 2).collect(),
            Self::EmptyBody => String::new(),
            _ => body,
        }
    }

    /// What happens to the headers and the body after they were signed.
    pub(super) fn after_signing(self, headers: &mut Vec<(&'static str, String)>, body: &mut [u8]) {
        let signature = |name: &str| {
            name == "authorization" || (name.contains("signature") && !name.ends_with("version"))
        };
        match self {
            Self::AlteredBody => {
                let middle = body.len() / 2;
                if let Some(byte) = body.get_mut(middle) {
                    *byte ^= 1;
                }
            }
            Self::AlteredSignature => {
                headers
                    .iter_mut()
                    .filter(|(name, _)| signature(name))
                    .for_each(|(_, value)| *value = alter(value));
            }
            Self::Garbled => {
                headers
                    .iter_mut()
                    .filter(|(name, _)| signature(name))
                    .for_each(|(_, value)| "%%% not a signature %%%".clone_into(value));
            }
            Self::MissingSignature => headers.retain(|(name, _)| !signature(name)),
            Self::MissingTimestamp => headers.retain(|(name, _)| !name.ends_with("timestamp")),
            _ => {}
        }
    }
}

/// Another signature of the same length and alphabet; of credentials, the scheme stays.
fn alter(signature: &str) -> String {
    let scheme = signature.find(' ').map_or(0, |blank| blank + 1);
    let (scheme, signature) = signature.split_at(scheme);
    let (first, rest) = signature.split_at(signature.len().min(1));
    format!("{scheme}{}{rest}", if first == "a" { "b" } else { "a" })
}
