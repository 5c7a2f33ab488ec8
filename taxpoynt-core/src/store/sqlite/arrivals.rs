//! Webhooks as they arrive: those that come while others are being stored are stored next, all of them by the same few
//! statements under one commit.

use super::{
    Sqlite,
    fault::{Fault, Outcome, Refusal, not_found, refusal},
    queue::{self, Fetch},
    rows::{Columns, hash, json, micros, new_id},
};
use crate::{
    Error, ErrorKind, Result,
    store::{Incoming, Ingested, Part},
};
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;
use uuid::Uuid;

const OPERATION: &str = "store.receive";

/// Webhooks under one commit, and bytes of their bodies: what is more waits for the next.
const LETTERS: usize = 256;
const BYTES: usize = 16 << 20;

/// A verified body on its way into the store.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) incoming: Incoming,
    /// Whether it is refused where the set-up it was verified under has changed.
    pub(super) is_bound: bool,
    pub(super) now: DateTime<Utc>,
}

type Answer = oneshot::Sender<Result<Ingested>>;

/// Webhooks that wait for those before them.
#[derive(Debug, Clone, Default)]
pub(super) struct Tray(Arc<Mutex<Letters>>);

#[derive(Debug, Default)]
struct Letters {
    waiting: Vec<(Letter, Answer)>,
    /// Whether somebody empties it.
    is_served: bool,
}

impl Tray {
    fn lock(&self) -> MutexGuard<'_, Letters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a letter, and says whether the one who did is to empty the tray.
    fn put(&self, letter: Letter, answer: Answer) -> bool {
        let mut letters = self.lock();
        letters.waiting.push((letter, answer));
        !std::mem::replace(&mut letters.is_served, true)
    }

    /// The next letters, in the order in which they came; none ends the service.
    fn take(&self) -> (Vec<Letter>, Vec<Answer>) {
        let mut letters = self.lock();
        let mut bytes = 0_usize;
        let fits = letters.waiting.iter().take(LETTERS).take_while(|(letter, _)| {
            bytes = bytes.saturating_add(letter.incoming.body.len());
            bytes <= BYTES
        });
        // One that is longer than all may be goes alone.
        let some = fits.count().max(1).min(letters.waiting.len());
        letters.is_served = some > 0;
        letters.waiting.drain(..some).unzip()
    }
}

/// Whoever empties a tray. Where that is ended from outside, nobody waits for it afterwards.
struct Service {
    tray: Tray,
    is_over: bool,
}

impl Drop for Service {
    fn drop(&mut self) {
        // From the moment the tray was found empty, the next one to come begins a service of his own.
        if !self.is_over {
            let mut letters = self.tray.lock();
            letters.is_served = false;
            letters.waiting.clear();
        }
    }
}

impl Sqlite {
    /// Stores a webhook with those that wait beside it.
    pub(super) async fn take_in(&self, incoming: Incoming, now: DateTime<Utc>) -> Result<Ingested> {
        let (answer, outcome) = oneshot::channel();
        if self.tray.put(Letter { incoming, is_bound: true, now }, answer) {
            // A task of its own: the others do not depend on whether this caller goes on waiting.
            drop(tokio::spawn(self.clone().empty_tray()));
        }
        outcome
            .await
            .map_err(|_| Error::new(ErrorKind::Store, OPERATION, "the store is closed: open it again"))?
    }

    async fn empty_tray(self) {
        let mut service = Service { tray: self.tray.clone(), is_over: false };
        loop {
            let (letters, answers) = service.tray.take();
            if letters.is_empty() {
                service.is_over = true;
                return;
            }
            match self.write(OPERATION, move |c| Box::pin(store(c, letters))).await {
                Ok(verdicts) => {
                    for (answer, verdict) in answers.into_iter().zip(verdicts) {
                        let verdict = verdict.map_err(|refused| Fault::Refused(refused).of(OPERATION));
                        drop(answer.send(verdict));
                    }
                }
                Err(error) => {
                    for answer in answers {
                        let same =
                            Error::new(error.kind(), OPERATION, error.message()).retry_as(error.retry());
                        drop(answer.send(Err(same)));
                    }
                }
            }
        }
    }
}

/// Stores letters, each of them whole or not at all; what is refused leaves no trace and holds nobody else up.
pub(super) async fn store(
    connection: &mut SqliteConnection,
    letters: Vec<Letter>,
) -> Outcome<Vec<Result<Ingested, Refusal>>> {
    let addressees = addressees(connection, &letters).await?;
    let mut parcels = Vec::new();
    let mut verdicts = Vec::with_capacity(letters.len());
    for (nth, letter) in letters.iter().enumerate() {
        let verdict = may_enter(letter, &addressees);
        if verdict.is_ok() {
            let parts = letter.incoming.parts.iter();
            parcels.extend(parts.map(|part| Parcel { letter: nth, part, delivery: new_id(letter.now) }));
        }
        verdicts.push(verdict.map(|()| Ingested::default()));
    }
    let mut first = note_events(connection, &letters, &parcels).await?;
    let (mut fetches, mut kept) = (Vec::new(), Vec::new());
    for parcel in &parcels {
        let letter = &letters[parcel.letter];
        let mut found = Ingested::default();
        for (event_id, _, key) in &parcel.part.events {
            // Each counts once, however often it stands in the body.
            if !first.remove(&(parcel.delivery.clone(), event_id.clone())) {
                found.duplicates += 1;
                continue;
            }
            found.new += 1;
            if let Some((key, (tenant, _))) = key.as_ref().zip(addressees.get(&parcel.part.connection)) {
                let (tenant, connection) = (*tenant, parcel.part.connection);
                fetches.push(Fetch { key, tenant, connection, lane: letter.incoming.lane, now: letter.now });
            }
        }
        if found.new > 0 || parcel.part.events.is_empty() || !letter.incoming.faults.is_empty() {
            kept.push((parcel, found.new > 0));
        }
        if let Ok(sum) = &mut verdicts[parcel.letter] {
            sum.new += found.new;
            sum.duplicates += found.duplicates;
        }
    }
    queue::enqueue_fetches(connection, &fetches).await?;
    keep_bodies(connection, &letters, &kept).await?;
    Ok(verdicts)
}

/// What a letter brings for one connection.
struct Parcel<'a> {
    /// Which letter.
    letter: usize,
    part: &'a Part,
    /// The id it gets.
    delivery: String,
}

/// Whose the connections are, and the revision of their platform's set-up.
async fn addressees(
    connection: &mut SqliteConnection,
    letters: &[Letter],
) -> Outcome<HashMap<Uuid, (Uuid, i64)>> {
    let wanted: HashSet<Uuid> =
        letters.iter().flat_map(|letter| &letter.incoming.parts).map(|part| part.connection).collect();
    let rows = sqlx::query(
        "SELECT c.id, c.tenant, r.revision FROM json_each(?1) wanted JOIN connections c ON c.id = wanted.value
         JOIN webhook_revisions r ON r.platform = c.platform",
    )
    .bind(json(&wanted)?)
    .fetch_all(connection)
    .await?;
    let row = |row| {
        let row = Columns(row);
        Ok((row.id("id")?, (row.id("tenant")?, row.int("revision")?)))
    };
    rows.iter().map(row).collect()
}

fn may_enter(letter: &Letter, addressees: &HashMap<Uuid, (Uuid, i64)>) -> Result<(), Refusal> {
    for Part { connection, .. } in &letter.incoming.parts {
        let (_, revision) = addressees.get(connection).ok_or_else(|| not_found("connection", connection))?;
        if letter.is_bound && *revision != letter.incoming.revision {
            let message = "the webhook set-up of this platform has just changed: verify again";
            return Err(refusal(ErrorKind::Conflict, message).again());
        }
    }
    Ok(())
}

/// Notes events; returns those that were unknown, each with the delivery that brought it first.
async fn note_events(
    connection: &mut SqliteConnection,
    letters: &[Letter],
    parcels: &[Parcel<'_>],
) -> Outcome<HashSet<(String, String)>> {
    let rows: Vec<_> = parcels
        .iter()
        .flat_map(|parcel| {
            let at = micros(letters[parcel.letter].now);
            parcel.part.events.iter().map(move |(event_id, name, key)| {
                let key = key.as_ref().map(|key| (key.kind.as_str(), key.id.as_str())).unzip();
                (parcel.part.connection, event_id, name, key.0, key.1, &parcel.delivery, at)
            })
        })
        .collect();
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let noted = sqlx::query(
        "INSERT INTO events (connection, event_id, name, record_kind, external_id, delivery, received_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
         FROM json_each(?1) WHERE true ON CONFLICT (connection, event_id) DO NOTHING RETURNING delivery, event_id",
    )
    .bind(json(&rows)?)
    .fetch_all(connection)
    .await?;
    noted.iter().map(|row| Ok((Columns(row).text("delivery")?, Columns(row).text("event_id")?))).collect()
}

/// Keeps bodies. One that brings no new event is kept once, however often it is repeated.
async fn keep_bodies(
    connection: &mut SqliteConnection,
    letters: &[Letter],
    kept: &[(&Parcel<'_>, bool)],
) -> Outcome<()> {
    let (mut bodies, mut places) = (Vec::new(), HashMap::new());
    let (mut rows, mut seen) = (Vec::new(), HashSet::new());
    for (parcel, is_new) in kept {
        let Letter { incoming, now, .. } = &letters[parcel.letter];
        let hash = hash(&incoming.body);
        if !is_new && !seen.insert((parcel.part.connection, hash.clone())) {
            continue;
        }
        // SQLite counts from one.
        let place = *places.entry(parcel.letter).or_insert_with(|| {
            bodies.extend_from_slice(&incoming.body);
            bodies.len() - incoming.body.len() + 1
        });
        let faults = if incoming.faults.is_empty() { None } else { Some(json(&incoming.faults)?) };
        let (to, shared) = (parcel.part.connection, parcel.part.shared);
        rows.push((
            &parcel.delivery,
            to,
            place,
            incoming.body.len(),
            hash,
            micros(*now),
            shared,
            faults,
            *is_new,
        ));
    }
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO deliveries (id, connection, body, body_hash, received_at, shared, faults)
         SELECT value ->> 0, value ->> 1, coalesce(substr(?2, value ->> 2, value ->> 3), x''), value ->> 4, value ->> 5,
             value ->> 6, value ->> 7
         FROM json_each(?1) WHERE value ->> 8 OR NOT EXISTS (
             SELECT 1 FROM deliveries WHERE connection = value ->> 1 AND body_hash = value ->> 4)",
    )
    .bind(json(&rows)?)
    .bind(bodies)
    .execute(connection)
    .await?;
    Ok(())
}
