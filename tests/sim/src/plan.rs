//! Faults that a seed decides: the same calls about the same document go wrong in the same way, in whatever order they
//! arrive.

use crate::{faults::FaultKind, webhook::WebhookFault};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Which calls of the authority go wrong, and how. Rates are per thousand.
///
/// Whether a call is struck depends on the seed, the endpoint, the document (its IRN; the body or path where a call
/// names none) and on how many calls of that endpoint there were about that document: never on the order in which calls
/// arrive. A run with the same seed and the same documents meets the same faults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// Of a thousand calls so many are struck by one of `kinds`.
    pub calls: u32,
    /// What can strike; each as often as the others.
    pub kinds: Vec<FaultKind>,
    /// No call about a document is struck after so many calls of its endpoint, so that a run ends.
    pub patience: u32,
    /// Of a thousand documents so many are registered by somebody else, under our IRN and with other content, before
    /// we come.
    pub foreign: u32,
    /// The same with the very content we are about to send: a run before this one that was forgotten.
    pub forgotten: u32,
    /// Of a thousand documents so many show in `search`, and so many in `confirm`, only after up to `lag_calls` calls.
    pub lagging: u32,
    /// See `lagging`.
    pub lag_calls: u32,
    /// When nothing works.
    pub outages: Vec<Outage>,
    /// Of a thousand webhooks so many never arrive.
    pub webhooks_lost: u32,
    /// Of a thousand webhooks so many come twice.
    pub webhooks_repeated: u32,
    /// Of a thousand webhooks so many come after the next one.
    pub webhooks_late: u32,
    /// Of a thousand webhooks so many come up to `webhooks_delay_seconds` later, when the simulator is told to catch up.
    pub webhooks_delayed: u32,
    /// See `webhooks_delayed`.
    pub webhooks_delay_seconds: u32,
    /// Before so many of a thousand webhooks a forged copy comes, which a receiver must refuse.
    pub webhooks_forged: u32,
    /// After so many of a thousand pages that Square and HubSpot serve, a record changes.
    pub shifts: u32,
}

/// A time in which no call gets through, by the simulator's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// The first moment of it.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
}

impl Default for Plan {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Plan {
    /// A rough day: every kind, 250 of a thousand calls.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self {
            seed,
            calls: 250,
            kinds: FaultKind::ALL.to_vec(),
            patience: 12,
            foreign: 20,
            forgotten: 20,
            lagging: 150,
            lag_calls: 3,
            outages: Vec::new(),
            webhooks_lost: 100,
            webhooks_repeated: 100,
            webhooks_late: 100,
            webhooks_delayed: 0,
            webhooks_delay_seconds: 3600,
            webhooks_forged: 0,
            shifts: 0,
        }
    }

    /// A rough day at Square or HubSpot: what strikes there, on 250 of a thousand calls.
    #[must_use]
    pub fn platform(seed: u64) -> Self {
        Self { kinds: FaultKind::PLATFORM.to_vec(), shifts: 100, ..Self::of(seed) }
    }

    /// A number for one question about one call; the same for the same.
    pub(crate) fn draw(&self, question: &str, endpoint: &str, subject: &str, nth: u32) -> u64 {
        // FNV-1a over the parts, then SplitMix64's finish: no more is asked of it than to be spread evenly.
        let mut hash = 0xCBF2_9CE4_8422_2325_u64 ^ self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let nth = nth.to_le_bytes();
        for part in [question.as_bytes(), endpoint.as_bytes(), subject.as_bytes(), &nth] {
            for byte in part.iter().chain(&[0xFF]) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
        }
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        hash ^ (hash >> 31)
    }

    fn hits(&self, per_thousand: u32, question: &str, endpoint: &str, subject: &str, nth: u32) -> bool {
        self.draw(question, endpoint, subject, nth) % 1000 < u64::from(per_thousand)
    }

    /// What strikes the `nth` call (from 0) of an endpoint about a document.
    pub(crate) fn strike(&self, endpoint: &str, subject: &str, nth: u32) -> Option<FaultKind> {
        if nth >= self.patience || !self.hits(self.calls, "strike", endpoint, subject, nth) {
            return None;
        }
        self.kinds.get(self.choice("kind", endpoint, subject, nth, self.kinds.len())).copied()
    }

    /// One of `count`.
    pub(crate) fn choice(
        &self,
        question: &str,
        endpoint: &str,
        subject: &str,
        nth: u32,
        count: usize,
    ) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.draw(question, endpoint, subject, nth) % count).unwrap_or_default()
    }

    /// Whether a call now falls into an outage.
    pub(crate) fn is_out(&self, now: DateTime<Utc>) -> bool {
        self.outages.iter().any(|outage| outage.from <= now && now < outage.to)
    }

    /// What somebody else did with a document's IRN before we came.
    pub(crate) fn planted(&self, subject: &str) -> Option<Planted> {
        let drawn = self.draw("planted", "", subject, 0) % 1000;
        let (foreign, forgotten) = (u64::from(self.foreign), u64::from(self.forgotten));
        match drawn {
            drawn if drawn < foreign => Some(Planted::Differing),
            drawn if drawn < foreign + forgotten => Some(Planted::Equal),
            _ => None,
        }
    }

    /// How many calls of an endpoint do not show a document that was registered.
    pub(crate) fn lag(&self, endpoint: &str, subject: &str) -> u32 {
        if self.hits(self.lagging, "lagging", endpoint, subject, 0) {
            u32::try_from(self.choice("lag", endpoint, subject, 0, self.lag_calls as usize)).unwrap_or(0) + 1
        } else {
            0
        }
    }

    /// What becomes of a webhook.
    pub(crate) fn post(&self, event: &str, nth: u32) -> Fate {
        let drawn = u32::try_from(self.draw("webhook", "", event, nth) % 1000).unwrap_or(0);
        let lost = self.webhooks_lost;
        let twice = lost.saturating_add(self.webhooks_repeated);
        let late = twice.saturating_add(self.webhooks_late);
        let delayed = late.saturating_add(self.webhooks_delayed);
        match drawn {
            drawn if drawn < lost => Fate::Lost,
            drawn if drawn < twice => Fate::Twice,
            drawn if drawn < late => Fate::Late,
            drawn if drawn < delayed => Fate::Delayed(self.delay(event, nth)),
            _ => Fate::Once,
        }
    }

    fn delay(&self, event: &str, nth: u32) -> TimeDelta {
        let most = u64::from(self.webhooks_delay_seconds).max(1);
        let seconds = self.draw("delay", "", event, nth) % most + 1;
        TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0))
    }

    /// How a stranger forges a webhook.
    pub(crate) fn forged(&self, event: &str) -> Option<WebhookFault> {
        if !self.hits(self.webhooks_forged, "forged", "", event, 0) {
            return None;
        }
        let kinds = WebhookFault::FORGED;
        kinds.get(self.choice("forgery", "", event, 0, kinds.len())).copied()
    }

    /// Which record changes after the `nth` page about a subject; any number.
    pub(crate) fn shift(&self, endpoint: &str, subject: &str, nth: u32) -> Option<u64> {
        self.hits(self.shifts, "shift", endpoint, subject, nth)
            .then(|| self.draw("shifted", endpoint, subject, nth))
    }
}

/// A document that was registered under an IRN before its owner came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Planted {
    /// With other content.
    Differing,
    /// With the content that the owner sends.
    Equal,
}

/// What becomes of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Once,
    Lost,
    Twice,
    Late,
    Delayed(TimeDelta),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_alike_and_another_seed_otherwise() {
        let (one, same, other) = (Plan::of(7), Plan::of(7), Plan::of(8));
        let struck = |plan: &Plan| -> Vec<_> {
            (0..200).map(|nth| plan.strike("sign", &format!("INV{nth}-4B7E8E41-20261120"), 0)).collect()
        };
        assert_eq!(struck(&one), struck(&same));
        assert_ne!(struck(&one), struck(&other));
    }

    #[test]
    fn rates_are_kept_and_every_kind_comes_up() {
        let plan = Plan::of(42);
        let mut by_kind = std::collections::HashMap::new();
        for nth in 0..20_000_u32 {
            if let Some(kind) = plan.strike("sign", &format!("INV{nth:06}"), nth % 3) {
                *by_kind.entry(kind).or_insert(0_u32) += 1;
            }
        }
        let struck: u32 = by_kind.values().sum();
        assert!((4_700..5_300).contains(&struck), "{struck} of 20,000");
        assert_eq!(by_kind.len(), FaultKind::ALL.len(), "{by_kind:?}");
        let planted =
            |kind| (0..20_000).filter(|n| plan.planted(&format!("INV{n:06}")) == Some(kind)).count();
        assert!((300..500).contains(&planted(Planted::Differing)));
        assert!((300..500).contains(&planted(Planted::Equal)));
    }

    #[test]
    fn after_its_patience_an_endpoint_answers() {
        let plan = Plan { calls: 1000, patience: 2, ..Plan::of(1) };
        assert!(plan.strike("sign", "A", 0).is_some() && plan.strike("sign", "A", 1).is_some());
        assert_eq!(plan.strike("sign", "A", 2), None);
    }

    #[test]
    fn an_outage_begins_with_its_first_moment_and_ends_before_its_last() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let outage = Outage { from: at("2026-11-20T10:00:00Z"), to: at("2026-11-20T12:00:00Z") };
        let plan = Plan { outages: vec![outage], ..Plan::of(1) };
        assert!(plan.is_out(outage.from) && plan.is_out(at("2026-11-20T11:59:59Z")));
        assert!(!plan.is_out(outage.to) && !plan.is_out(at("2026-11-20T09:59:59Z")));
    }
}
