//! Webhooks as the connector reads them: what is genuine passes, everything else does not, and an event is the same
//! event however often it comes.

use super::List;
use crate::{
    bench::{Bench, Verdict, ensure, gave, now, refused},
    record,
    stand::Letter,
};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::BTreeSet;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{Capability, ConnectorInfo},
    webhook::{Secrets, Verified, WebhookEvent, WebhookRequest},
};

/// With escapes that some platforms decode before they sign and others do not.
pub(super) const URL: &str = "https://hooks.example.com/taxpoynt/a%3Ab?shop=1%2F2&x=%20y";
/// A canary: it may appear nowhere.
pub(crate) const SECRET: &str = "canary-webhook-secret-3f1b9d";
const FORGED: [ErrorKind; 2] = [ErrorKind::SignatureInvalid, ErrorKind::Replayed];

pub(super) fn list(info: &ConnectorInfo, bench: &Bench, list: &mut List) {
    if !info.can(Capability::Webhook) {
        return;
    }
    list.add("webhook", "good", good);
    list.add("webhook", "wrong_secret", wrong_secret);
    list.add("webhook", "two_secrets_while_one_is_replaced", two_secrets);
    list.add("webhook", "altered_signature", altered_signature);
    let proof = bench.stand.proof();
    if proof.covers_body {
        list.add("webhook", "altered_byte", altered_byte);
    }
    if proof.covers_url {
        list.add("webhook", "another_url", another_url);
    }
    list.add("webhook", "missing_header", missing_header);
    if bench.stand.proof().covers_method {
        list.add("webhook", "another_method", another_method);
    }
    if bench.stand.proof().tolerance.is_some() {
        list.add("webhook", "stale", stale);
    } else {
        list.add("webhook", "stale_is_the_same_event", stale_is_the_same);
    }
    list.add("webhook", "identity_of_an_event", identity);
    list.add("webhook", "every_kind_names_its_record", every_kind);
    list.add("webhook", "unknown_kind", unknown_kind);
    list.add("webhook", "signed_rubbish", rubbish);
    if batch_of(bench).is_some() {
        list.add("webhook", "batch_names_each_record", batch);
    }
}

/// A webhook on its way to us.
#[derive(Clone)]
struct Post {
    method: String,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Post {
    fn of(bench: &Bench, letter: &Letter, at: DateTime<Utc>) -> Self {
        let headers = bench.stand.sign(SECRET, URL, &letter.body, at);
        record::delivery(bench.id(), SECRET, URL, &headers, &letter.body);
        let body = letter.body.clone().into_bytes();
        Self { method: "POST".to_owned(), url: URL.to_owned(), headers, body }
    }

    fn verified(&self, bench: &Bench, secrets: &[&str]) -> Result<Verified> {
        let secrets = Secrets(secrets.iter().map(|secret| (*secret).to_owned().into()).collect());
        let request =
            WebhookRequest { method: &self.method, url: &self.url, headers: &self.headers, body: &self.body };
        bench.connector.as_webhook()?.verify(&request, &secrets, now())
    }

    fn events(&self, bench: &Bench) -> Result<Vec<WebhookEvent>> {
        bench.connector.as_webhook()?.events(&self.verified(bench, &[SECRET])?)
    }

    fn forged(&self, bench: &Bench, what: &str) -> std::result::Result<Error, String> {
        let error = refused(what, &FORGED, self.verified(bench, &[SECRET]))?;
        ensure!(!error.to_string().contains(SECRET), "{what}: the secret is in the error");
        Ok(error)
    }
}

fn usual(bench: &Bench) -> Letter {
    let world = bench.few();
    bench.stand.letter(world, &world.keys[0], 1, 0)
}

fn batch_of(bench: &Bench) -> Option<Letter> {
    let world = bench.few();
    bench.stand.batch(world, &world.keys)
}

fn good(bench: &Bench) -> Verdict {
    let letter = usual(bench);
    let events = gave("a good webhook", Post::of(bench, &letter, now()).events(bench))?;
    let about: Vec<_> = events.iter().map(|event| event.record.clone()).collect();
    ensure!(about == letter.about, "it is about {:?}, and was read as {about:?}", letter.about);
    let account = &bench.few().account;
    for event in &events {
        ensure!(event.account.as_ref() == Some(account), "of the account {:?}", event.account);
        ensure!(!event.event_id.is_empty() && !event.kind.is_empty(), "without identity or kind: {event:?}");
        ensure!(event.occurred_at.is_some(), "without the time it happened: {event:?}");
    }
    Ok(())
}

fn wrong_secret(bench: &Bench) -> Verdict {
    let post = Post::of(bench, &usual(bench), now());
    for secrets in [&["another"][..], &[""], &[], &["", "another"], &["canary-webhook-secret-3f1b9"]] {
        let outcome = post.verified(bench, secrets);
        refused(&format!("secrets {secrets:?}"), &[ErrorKind::SignatureInvalid], outcome)?;
    }
    Ok(())
}

fn two_secrets(bench: &Bench) -> Verdict {
    let post = Post::of(bench, &usual(bench), now());
    for secrets in [["next", SECRET], [SECRET, "next"]] {
        gave("one of two secrets signed", post.verified(bench, &secrets))?;
    }
    Ok(())
}

/// Every bit of the body, one at a time; a byte more; a byte less.
fn altered_byte(bench: &Bench) -> Verdict {
    let post = Post::of(bench, &usual(bench), now());
    for bit in 0..post.body.len() * 8 {
        let mut altered = post.clone();
        altered.body[bit / 8] ^= 1 << (bit % 8);
        altered.forged(bench, "a bit of the body is another")?;
    }
    let mut longer = post.clone();
    longer.body.push(b' ');
    longer.forged(bench, "a byte more")?;
    let mut shorter = post.clone();
    shorter.body.pop();
    shorter.forged(bench, "a byte less")?;
    let mut empty = post;
    empty.body.clear();
    empty.forged(bench, "no body")?;
    Ok(())
}

fn altered_signature(bench: &Bench) -> Verdict {
    let post = Post::of(bench, &usual(bench), now());
    for name in bench.stand.proof().headers {
        let value = post.headers[*name].as_bytes().to_vec();
        for bit in 0..value.len() * 8 {
            let mut bytes = value.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Ok(header) = HeaderValue::from_bytes(&bytes) else { continue };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            if bench.stand.same_proof(&text(&value), &text(&bytes)) {
                continue;
            }
            let mut altered = post.clone();
            altered.headers.insert(*name, header);
            altered.forged(bench, &format!("a bit of {name} is another"))?;
        }
    }
    Ok(())
}

fn another_url(bench: &Bench) -> Verdict {
    let post = Post::of(bench, &usual(bench), now());
    for url in [
        "https://hooks.example.com/taxpoynt/a%3Ab",
        "http://hooks.example.com/taxpoynt/a%3Ab?shop=1%2F2&x=%20y",
        "",
    ] {
        let elsewhere = Post { url: url.to_owned(), ..post.clone() };
        elsewhere.forged(bench, "for another URL")?;
    }
    Ok(())
}

fn another_method(bench: &Bench) -> Verdict {
    let post = Post::of(bench, &usual(bench), now());
    for method in ["PUT", "GET", ""] {
        Post { method: method.to_owned(), ..post.clone() }.forged(bench, "by another method")?;
    }
    Ok(())
}

fn missing_header(bench: &Bench) -> Verdict {
    let post = Post::of(bench, &usual(bench), now());
    for name in bench.stand.proof().headers {
        let mut without = post.clone();
        without.headers.remove(*name);
        let error = without.forged(bench, "a header is missing")?;
        ensure!(error.message().contains(name), "it does not say which header is missing: {error}");
        let mut empty = post.clone();
        empty.headers.insert(*name, HeaderValue::from_static(""));
        empty.forged(bench, "a header is empty")?;
        let mut twice = post.clone();
        let value = post.headers[*name].clone();
        twice.headers.append(HeaderName::from_static(name), value);
        twice.forged(bench, "a header is there twice")?;
    }
    Ok(())
}

fn stale(bench: &Bench) -> Verdict {
    let tolerance = bench.stand.proof().tolerance.ok_or("no time is signed")?;
    for seconds in [-tolerance, -1, 0, 1, tolerance] {
        let post = Post::of(bench, &usual(bench), now() + TimeDelta::seconds(seconds));
        gave(&format!("signed {seconds} s from now"), post.verified(bench, &[SECRET]))?;
    }
    for seconds in [-tolerance - 1, tolerance + 1, -86_400, 86_400, 86_400 * 3650] {
        let post = Post::of(bench, &usual(bench), now() + TimeDelta::seconds(seconds));
        let outcome = post.verified(bench, &[SECRET]);
        refused(&format!("signed {seconds} s from now"), &[ErrorKind::Replayed], outcome)?;
    }
    Ok(())
}

/// Where no time is signed, a replay is known by its identity alone.
fn stale_is_the_same(bench: &Bench) -> Verdict {
    let of = |at| gave("a webhook", Post::of(bench, &usual(bench), at).events(bench));
    let (fresh, old) = (of(now())?, of(now() - TimeDelta::days(400))?);
    ensure!(fresh == old, "replayed, it is another event: {old:?} instead of {fresh:?}");
    Ok(())
}

fn identities(bench: &Bench, letter: &Letter) -> std::result::Result<Vec<String>, String> {
    let events = gave("a webhook", Post::of(bench, letter, now()).events(bench))?;
    Ok(events.into_iter().map(|event| event.event_id).collect())
}

fn identity(bench: &Bench) -> Verdict {
    let world = bench.few();
    let letter = |key, nth, attempt| bench.stand.letter(world, key, nth, attempt);
    let first = identities(bench, &letter(&world.keys[0], 1, 0))?;
    for attempt in 1..4 {
        let again = identities(bench, &letter(&world.keys[0], 1, attempt))?;
        ensure!(again == first, "delivered once more, the event has another identity");
    }
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for nth in 1..20 {
        for id in identities(bench, &letter(&world.keys[0], nth, 0))? {
            ensure!(seen.insert(id), "two events have one identity: event {nth}");
        }
    }
    Ok(())
}

fn every_kind(bench: &Bench) -> Verdict {
    let world = bench.few();
    let letters = bench.stand.kin(world, &world.keys[0]);
    ensure!(letters.len() >= 3, "only {} other kinds", letters.len());
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for letter in &letters {
        let events = gave("a webhook", Post::of(bench, letter, now()).events(bench))?;
        let about: Vec<_> = events.iter().map(|event| event.record.clone()).collect();
        ensure!(about == letter.about, "{about:?} instead of {:?}: {}", letter.about, letter.body);
        ensure!(
            events.iter().all(|event| seen.insert(event.event_id.clone())),
            "two kinds share an identity"
        );
    }
    Ok(())
}

fn unknown_kind(bench: &Bench) -> Verdict {
    let letter = bench.stand.strange(bench.few());
    let events = gave("an unknown kind", Post::of(bench, &letter, now()).events(bench))?;
    let about: Vec<_> = events.iter().map(|event| event.record.clone()).collect();
    ensure!(about == letter.about, "something is to be fetched for an unknown kind: {about:?}");
    Ok(())
}

/// Signed, and not what the platform documents: an error that says so, never a panic.
fn rubbish(bench: &Bench) -> Verdict {
    let good = usual(bench).body;
    let half: String = good.chars().take(good.len() / 2).collect();
    for body in ["", "null", "{}", "[]", "[null]", "[[]]", "7", "\u{feff}{}", "{\"type\":5}", half.as_str()] {
        let letter = Letter { body: body.to_owned(), about: Vec::new() };
        match Post::of(bench, &letter, now()).events(bench) {
            Ok(events) => ensure!(events.iter().all(|e| e.record.is_none()), "{body:?} names a record"),
            Err(error) => {
                refused::<()>(&format!("{body:?}"), &[ErrorKind::Payload, ErrorKind::Webhook], Err(error))?;
            }
        }
    }
    Ok(())
}

fn batch(bench: &Bench) -> Verdict {
    let letter = batch_of(bench).ok_or("no batches")?;
    let events = gave("a batch", Post::of(bench, &letter, now()).events(bench))?;
    let about: Vec<_> = events.iter().map(|event| event.record.clone()).collect();
    ensure!(about == letter.about, "{about:?} instead of {:?}", letter.about);
    let ids: BTreeSet<_> = events.iter().map(|event| &event.event_id).collect();
    ensure!(ids.len() == events.len(), "events of one batch share an identity");
    Ok(())
}
