//! Everything that was sent and is still to be sent: targets, faults, the seed's losses and delays, and retries.

use super::{
    Delivery, Letter, Receiver, WebhookFault, WebhookHandler,
    envelope::{Circumstances, envelope},
};
use crate::{
    plan::{Fate, Plan},
    world::{Desk, World, lock},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Request;
use std::{collections::BTreeMap, io, sync::Mutex, time::Duration};

#[derive(Debug, Clone)]
struct Sent {
    letter: Letter,
    first_at: DateTime<Utc>,
    attempts: u32,
}

/// Who gets a letter: where, and signed with what.
#[derive(Clone)]
pub(crate) struct Target {
    /// The platform's number of it, where each has its own fate.
    pub(crate) hook: Option<u64>,
    pub(crate) receiver: Receiver,
    pub(crate) secret: String,
    pub(crate) secret_before: Option<String>,
}

/// An attempt that is still to come.
struct Due {
    at: DateTime<Utc>,
    sent: Sent,
    target: Option<Target>,
    attempt: u32,
}

#[derive(Default)]
struct Post {
    square: Option<Receiver>,
    hubspot: Option<Receiver>,
    authority: Option<Receiver>,
    sent: Vec<Sent>,
    /// Those that a plan lets arrive after the next one.
    late: Vec<Sent>,
    due: Vec<Due>,
    /// Letters that wait to be let go, where webhooks are held.
    held: Option<Vec<Letter>>,
    faults: BTreeMap<&'static str, Vec<WebhookFault>>,
    log: Vec<Delivery>,
    handler: Option<WebhookHandler>,
    /// HubSpot's secret after a rotation, and the one before.
    rotated: Option<(String, String)>,
    rotations: u32,
}

/// Everything that was sent.
pub(crate) struct Outbox {
    client: reqwest::Client,
    post: Mutex<Post>,
}

impl Outbox {
    pub(crate) fn new() -> io::Result<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            // Square counts a 3xx as a failure; neither platform follows one.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { client, post: Mutex::default() })
    }

    pub(crate) fn to_square(&self, receiver: Option<Receiver>) {
        lock(&self.post).square = receiver;
    }

    pub(crate) fn to_hubspot(&self, receiver: Option<Receiver>) {
        lock(&self.post).hubspot = receiver;
    }

    pub(crate) fn to_authority(&self, receiver: Option<Receiver>) {
        lock(&self.post).authority = receiver;
    }

    pub(crate) fn hubspot_receiver(&self) -> Option<Receiver> {
        lock(&self.post).hubspot.clone()
    }

    pub(crate) fn set_handler(&self, handler: Option<WebhookHandler>) {
        lock(&self.post).handler = handler;
    }

    /// Whether the authority knows where to send its notices.
    pub(crate) fn has_authority(&self) -> bool {
        lock(&self.post).authority.is_some()
    }

    /// Orders a fault for the next `times` webhooks of a platform.
    pub(crate) fn order(&self, platform: &'static str, fault: WebhookFault, times: u32) {
        let mut post = lock(&self.post);
        post.faults.entry(platform).or_default().extend((0..times).map(|_| fault));
    }

    /// Gives HubSpot's app a new secret, which signs from now on.
    pub(crate) fn rotate_secret(&self, world: &World) -> String {
        let mut post = lock(&self.post);
        post.rotations += 1;
        let original = world.credentials.hubspot.client_secret.clone();
        let before = post.rotated.take().map_or(original.clone(), |(now, _)| now);
        let now = format!("{original}-{}", post.rotations);
        post.rotated = Some((now.clone(), before));
        now
    }

    /// Every attempt so far.
    pub(crate) fn log(&self) -> Vec<Delivery> {
        lock(&self.post).log.clone()
    }

    fn targets(&self, world: &World, letter: &Letter) -> Vec<Target> {
        let post = lock(&self.post);
        let to = |receiver: &Option<Receiver>, secret: &str, before: Option<&String>| {
            receiver
                .iter()
                .cloned()
                .map(|receiver| Target {
                    hook: None,
                    receiver,
                    secret: secret.to_owned(),
                    secret_before: before.cloned(),
                })
                .collect::<Vec<_>>()
        };
        match letter {
            Letter::Square { event } => {
                let key = &world.credentials.square.signature_key;
                let mut targets = to(&post.square, key, None);
                targets.extend(lock(&world.square_hooks).targets(event));
                targets
            }
            Letter::HubSpot { .. } => match &post.rotated {
                Some((now, before)) => to(&post.hubspot, now, Some(before)),
                None => to(&post.hubspot, &world.credentials.hubspot.client_secret, None),
            },
            Letter::Pipedrive { event } => lock(&world.pipedrive_hooks).targets(event, world.clock.now()),
            Letter::Authority { .. } => to(&post.authority, "", None),
        }
    }

    /// Sends letters now and remembers them, also those that nobody receives yet.
    pub(crate) async fn send(&self, world: &World, letters: Vec<Letter>) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for letter in letters {
            let letter = {
                let mut post = lock(&self.post);
                match post.held.as_mut() {
                    Some(held) => {
                        held.push(letter);
                        continue;
                    }
                    None => letter,
                }
            };
            let Some(letter) = claimed(world, letter) else { continue };
            let sent = Sent { letter, first_at: world.clock.now(), attempts: 1 };
            lock(&self.post).sent.push(sent.clone());
            deliveries.extend(self.meet_its_fate(world, sent).await);
        }
        deliveries
    }

    async fn meet_its_fate(&self, world: &World, sent: Sent) -> Vec<Delivery> {
        let (id, event, _) = sent.letter.identity();
        let (course, subject) = (&desk(world, &sent.letter).course, format!("{event} {id}"));
        let fate = course.post(&subject);
        let mut deliveries = Vec::new();
        // What a stranger sends comes besides what the platform sends.
        if let Some(forged) = course.plan().and_then(|plan| plan.forged(&subject)) {
            let forged = sent.letter.provable(forged);
            deliveries.extend(self.deliver(world, &sent, 0, Some(forged)).await);
        }
        let late = std::mem::take(&mut lock(&self.post).late);
        match fate {
            Fate::Once => deliveries.extend(self.deliver(world, &sent, 0, None).await),
            Fate::Twice => {
                deliveries.extend(self.deliver(world, &sent, 0, None).await);
                deliveries.extend(self.deliver(world, &sent, 1, None).await);
            }
            Fate::Lost => {}
            Fate::Late => lock(&self.post).late.push(sent),
            Fate::Delayed(by) => {
                let at = world.clock.now() + by;
                lock(&self.post).due.push(Due { at, sent, target: None, attempt: 0 });
            }
        }
        for sent in late {
            deliveries.extend(self.deliver(world, &sent, 0, None).await);
        }
        deliveries
    }

    /// Sends every letter so far again, as a platform does that saw no 2xx.
    pub(crate) async fn again(&self, world: &World) -> Vec<Delivery> {
        let letters = {
            let mut post = lock(&self.post);
            let letters = post.sent.clone();
            post.sent.iter_mut().for_each(|sent| sent.attempts += 1);
            letters
        };
        let mut deliveries = Vec::new();
        for sent in &letters {
            deliveries.extend(self.deliver(world, sent, sent.attempts, None).await);
        }
        deliveries
    }

    /// Makes the attempts whose time has come, in its order: what was delayed, and what was not taken.
    pub(crate) async fn catch_up(&self, world: &World) -> Vec<Delivery> {
        let now = world.clock.now();
        let mut deliveries = Vec::new();
        loop {
            let due = {
                let mut post = lock(&self.post);
                let next = post.due.iter().enumerate().filter(|(_, due)| due.at <= now);
                let Some(nth) = next.min_by_key(|(_, due)| due.at).map(|(nth, _)| nth) else { break };
                post.due.remove(nth)
            };
            match due.target {
                Some(target) => {
                    let delivery = self.attempt(world, &due.sent, &target, due.attempt, None).await;
                    self.noted(world, &due.sent, &target, &delivery);
                    deliveries.push(delivery);
                }
                None => deliveries.extend(self.deliver(world, &due.sent, due.attempt, None).await),
            }
        }
        deliveries
    }

    /// How many attempts are still to come, and when the next one is.
    pub(crate) fn waiting(&self) -> (usize, Option<DateTime<Utc>>) {
        let post = lock(&self.post);
        (post.due.len(), post.due.iter().map(|due| due.at).min())
    }

    /// Holds what would be sent from now on.
    pub(crate) fn hold(&self) {
        lock(&self.post).held.get_or_insert_with(Vec::new);
    }

    /// Lets go what was held: shuffled by a seed, HubSpot's events in batches of 1 to 100.
    pub(crate) async fn release(&self, world: &World, seed: u64) -> Vec<Delivery> {
        let held = lock(&self.post).held.take().unwrap_or_default();
        self.send(world, shuffled(held, seed)).await
    }

    async fn deliver(
        &self,
        world: &World,
        sent: &Sent,
        attempt: u32,
        forged: Option<WebhookFault>,
    ) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for target in self.targets(world, &sent.letter) {
            let delivery = self.attempt(world, sent, &target, attempt, forged).await;
            if forged.is_none() {
                self.noted(world, sent, &target, &delivery);
            }
            deliveries.push(delivery);
        }
        deliveries
    }

    async fn attempt(
        &self,
        world: &World,
        sent: &Sent,
        target: &Target,
        attempt: u32,
        forged: Option<WebhookFault>,
    ) -> Delivery {
        let fault = forged.or_else(|| self.ordered(&sent.letter));
        let how = Circumstances {
            hook: target.hook,
            now: world.clock.now(),
            first_at: sent.first_at,
            attempt,
            receiver: &target.receiver,
            secret: &target.secret,
            secret_before: target.secret_before.as_deref(),
            fault,
        };
        let (headers, body) = envelope(&sent.letter, &how);
        let (status, error) = self.carry(&target.receiver.url, headers, body).await;
        let (event_id, event_type, events) = sent.letter.identity();
        let delivery = Delivery {
            platform: sent.letter.platform(),
            event_id,
            event_type,
            events,
            attempt,
            at: how.now,
            fault,
            status,
            error,
        };
        lock(&self.post).log.push(delivery.clone());
        delivery
    }

    /// Sends one letter to one target and forgets it: a test of a subscription.
    pub(crate) async fn probe(&self, world: &World, letter: Letter, target: &Target) -> Delivery {
        let sent = Sent { letter, first_at: world.clock.now(), attempts: 1 };
        self.attempt(world, &sent, target, 0, None).await
    }

    fn ordered(&self, letter: &Letter) -> Option<WebhookFault> {
        let mut post = lock(&self.post);
        let faults = post.faults.get_mut(letter.platform())?;
        (!faults.is_empty()).then(|| faults.remove(0))
    }

    /// What a delivery brings about: another attempt, and at Pipedrive a webhook's fate.
    fn noted(&self, world: &World, sent: &Sent, target: &Target, delivery: &Delivery) {
        if let Some(hook) = target.hook {
            lock(&world.pipedrive_hooks).noted(hook, delivery);
        }
        self.unless_taken(sent, target, delivery);
    }

    /// Whether anybody answers at a URL, whatever it is.
    pub(crate) async fn reaches(&self, url: &str) -> bool {
        let handler = lock(&self.post).handler.clone();
        if let Some(handler) = handler {
            let Ok(request) = Request::head(url).body(Bytes::new()) else { return false };
            return handler(request).await.is_some_and(|status| !(300..400).contains(&status));
        }
        let answer = self.client.head(url).send().await;
        answer.is_ok_and(|answer| !answer.status().is_redirection())
    }

    /// Puts the next attempt of the platform's schedule on the list, where this one was not taken; after the last there
    /// is none.
    fn unless_taken(&self, sent: &Sent, target: &Target, delivery: &Delivery) {
        if delivery.status.is_some_and(|status| (200..300).contains(&status)) {
            return;
        }
        let (attempt, now) = (delivery.attempt, delivery.at);
        let (unit, schedule) = sent.letter.schedule();
        let mut left = schedule.iter().enumerate().skip(usize::try_from(attempt).unwrap_or(usize::MAX));
        let Some((nth, after)) = left.next() else { return };
        let attempt = u32::try_from(nth).unwrap_or(u32::MAX).saturating_add(1);
        let at = (sent.first_at + unit(*after)).max(now);
        lock(&self.post).due.push(Due { at, sent: sent.clone(), target: Some(target.clone()), attempt });
    }

    async fn carry(
        &self,
        url: &str,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> (Option<u16>, Option<String>) {
        let handler = lock(&self.post).handler.clone();
        if let Some(handler) = handler {
            let mut request = Request::post(url);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            return match request.body(Bytes::from(body)) {
                Ok(request) => (handler(request).await, None),
                Err(error) => (None, Some(error.to_string())),
            };
        }
        let mut request = self.client.post(url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => (Some(response.status().as_u16()), None),
            Err(error) => (None, Some(error.to_string())),
        }
    }
}

/// What of a letter somebody subscribed to.
fn claimed(world: &World, letter: Letter) -> Option<Letter> {
    match letter {
        Letter::HubSpot { events } => {
            let events = lock(&world.hubspot_hooks).claimed(events);
            (!events.is_empty()).then_some(Letter::HubSpot { events })
        }
        other => Some(other),
    }
}

fn desk<'a>(world: &'a World, letter: &Letter) -> &'a Desk {
    match letter {
        Letter::Square { .. } => &world.square,
        Letter::HubSpot { .. } => &world.hubspot,
        Letter::Pipedrive { .. } => &world.pipedrive,
        Letter::Authority { .. } => &world.authority,
    }
}

/// Fisher and Yates, by a seed.
fn shuffled(held: Vec<Letter>, seed: u64) -> Vec<Letter> {
    let plan = Plan::of(seed);
    let (mut letters, mut events) = (Vec::new(), Vec::new());
    for letter in held {
        match letter {
            Letter::HubSpot { events: more } => events.extend(more),
            other => letters.push(other),
        }
    }
    shuffle(&mut letters, &plan, "letter");
    shuffle(&mut events, &plan, "event");
    let mut nth = 0;
    while !events.is_empty() {
        let most = events.len().min(100);
        let size = plan.choice("batch", "", "", nth, most) + 1;
        letters.push(Letter::HubSpot { events: events.drain(..size).collect() });
        nth += 1;
    }
    letters
}

fn shuffle<T>(list: &mut [T], plan: &Plan, what: &str) {
    for nth in (1..list.len()).rev() {
        let other = plan.choice("shuffle", "", what, u32::try_from(nth).unwrap_or(u32::MAX), nth + 1);
        list.swap(nth, other);
    }
}
