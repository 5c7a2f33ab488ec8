//! Whom a verified body is for: each event under the connections of its account, as far as the secret reaches.

use super::desk::{Setup, Target};
use crate::{store::Part, webhook::WebhookEvent};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A body, taken apart.
pub(super) struct Announced {
    /// What it holds for each connection.
    pub(super) parts: Vec<Part>,
    /// Events of accounts that are not connected here.
    pub(super) ignored: u32,
    /// Why parts of it could not be read, or are nobody's.
    pub(super) faults: Vec<String>,
}

impl Setup {
    /// The parts of a body that the secrets at these places proved.
    pub(super) fn addressees(
        &self,
        target: &Target,
        by: &[usize],
        events: Vec<WebhookEvent>,
        mut faults: Vec<String>,
    ) -> Announced {
        let total = events.len() + faults.len();
        let mut ignored = 0;
        let mut of: BTreeMap<Uuid, Vec<WebhookEvent>> = BTreeMap::new();
        for event in events {
            let mut found = false;
            for id in self.of_event(target, by, &event) {
                of.entry(id).or_default().push(event.clone());
                found = true;
            }
            match (&event.account, found) {
                (_, true) => {}
                (Some(_), false) => ignored += 1,
                (None, false) => faults.push(format!("the event {:?} does not say whose it is", event.kind)),
            }
        }
        if of.is_empty() && !faults.is_empty() {
            // Nobody knows whose it is; it is kept where somebody can look at it.
            let oldest = self.reached(by).next();
            return Announced {
                parts: oldest.into_iter().map(|id| self.unread(target, id)).collect(),
                ignored,
                faults,
            };
        }
        let part = |(connection, events): (Uuid, Vec<WebhookEvent>)| Part {
            connection,
            shared: events.len() != total,
            events: events.into_iter().map(|e| (e.event_id, e.kind, e.record)).collect(),
        };
        Announced { parts: of.into_iter().map(part).collect(), ignored, faults }
    }

    /// At a platform's address it may be anybody's.
    fn unread(&self, target: &Target, connection: Uuid) -> Part {
        let shared = matches!(target, Target::Platform(_)) && self.connections.len() > 1;
        Part { connection, events: Vec::new(), shared }
    }

    /// The connections an event is for.
    fn of_event<'a>(
        &'a self,
        target: &'a Target,
        by: &'a [usize],
        event: &'a WebhookEvent,
    ) -> impl Iterator<Item = Uuid> + 'a {
        // One that names no account belongs to the only connection it can be for.
        let only = matches!(target, Target::Connection(_)) || self.reached(by).nth(1).is_none();
        let candidates: &[Uuid] = match &event.account {
            Some(account) => self.by_account.get(account).map_or(&[], Vec::as_slice),
            None if only => &self.connections,
            None => &[],
        };
        candidates.iter().copied().filter(move |id| self.reaches(by, *id))
    }

    /// The connections that the secrets at these places reach, oldest first.
    fn reached<'a>(&'a self, by: &'a [usize]) -> impl Iterator<Item = Uuid> + 'a {
        self.connections.iter().copied().filter(move |id| self.reaches(by, *id))
    }

    /// Whether one of the secrets at these places is the app's or the connection's. A public key reaches everyone.
    fn reaches(&self, by: &[usize], connection: Uuid) -> bool {
        by.is_empty()
            || by
                .iter()
                .filter_map(|place| self.owners.get(*place))
                .any(|owners| owners.app || owners.connections.contains(&connection))
    }
}
