//! Embedded SQLite: one file, one writer whose moves share commits, and a pool of readers.

mod after;
mod approvals;
mod arrivals;
mod catalogue;
mod claim;
mod credentials;
mod deadlines;
mod documents;
mod fault;
mod grounds;
mod inbound;
mod inbound_rows;
mod issued;
mod jobs;
mod location;
mod logs;
mod notices;
mod operations;
mod page;
mod payments;
mod prepare;
mod queue;
mod records;
mod retention;
mod rows;
mod rules;
mod schema;
mod sealed;
mod submission;
mod switches;
mod sync;
mod sync_counts;
mod sync_deleted;
mod tables;
mod tenant_jobs;
mod tenants;
#[cfg(test)]
mod tests;
mod waiting;
mod webhook_setup;
mod webhooks;
mod writer;

pub use schema::Migration;

use crate::{
    Result,
    store::{Store, private::Sealed},
};
use fault::{Outcome, driver_error};
use location::Location;
use sqlx::{
    ConnectOptions, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use writer::{Step, Writer};

/// Readers at once. They never wait for the writer.
const READERS: u32 = 4;

/// How long to wait for another process that writes to the same file.
const BUSY: Duration = Duration::from_secs(5);

/// The journal is cut back to this size after a burst.
const JOURNAL_BYTES: &str = "67108864";

/// The embedded store. Clones share it.
///
/// A move is on disk when it returns (WAL, full sync). Moves that arrive together share one commit. A move that was
/// begun is made even where its caller stops waiting. Dropping the last clone lets the moves in hand finish;
/// [`Sqlite::close`] waits for them.
#[derive(Clone)]
pub struct Sqlite {
    location: Location,
    writer: Writer,
    /// None in memory: such a database has one connection, and reads take their turn at the writer.
    readers: Option<SqlitePool>,
    /// Claims that gave a job, to know each tenth.
    claims: Arc<AtomicU64>,
    watchers: operations::Watchers,
    tray: arrivals::Tray,
    serving: Arc<tokio::sync::Mutex<tokio::task::JoinHandle<()>>>,
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sqlite").field(&self.location).finish()
    }
}

impl Sealed for Sqlite {}
impl Store for Sqlite {}

impl Sqlite {
    /// Opens `sqlite:///path/to/taxpoynt.db` or `sqlite::memory:`; a new file is readable by its owner alone.
    ///
    /// `sqlite:///taxpoynt.db`, a name without a folder, is in the working directory. The tables are made by
    /// [`TenantStore::migrate`](crate::store::TenantStore::migrate).
    ///
    /// # Errors
    /// `Config` for a URL that names no file, or a file that cannot be created; `Store` for one that is no database.
    pub async fn open(url: &str) -> Result<Self> {
        const OPERATION: &str = "store.open";
        let location = Location::parse(url)?;
        location.create()?;
        let refused = |error: sqlx::Error| driver_error(OPERATION, &error);
        let connection = writing(&location).connect().await.map_err(refused)?;
        let readers = match &location {
            Location::Memory => None,
            Location::File(_) => Some(
                SqlitePoolOptions::new()
                    .max_connections(READERS)
                    .connect_with(writing(&location).pragma("query_only", "ON"))
                    .await
                    .map_err(refused)?,
            ),
        };
        let (writer, serving) = Writer::start(connection);
        let serving = Arc::new(tokio::sync::Mutex::new(serving));
        Ok(Self {
            location,
            writer,
            readers,
            claims: Arc::default(),
            watchers: operations::Watchers::default(),
            tray: arrivals::Tray::default(),
            serving,
        })
    }

    /// Finishes the moves in hand and lets go of the file. Other clones stay usable, and are waited for.
    pub async fn close(self) {
        let Self { writer, readers, serving, .. } = self;
        drop(writer);
        if let Some(readers) = readers {
            readers.close().await;
        }
        // A writer that has panicked has ended too.
        drop((&mut *serving.lock().await).await);
    }

    /// Makes a move.
    async fn write<T, F>(&self, operation: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Step<'c, Outcome<T>> + Send + 'static,
    {
        let started = self.watchers.start();
        let outcome = self.writer.run(operation, work).await;
        started.stop(operation);
        outcome
    }

    /// Reads what is committed.
    async fn read<T, F>(&self, operation: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Step<'c, Outcome<T>> + Send + 'static,
    {
        let started = self.watchers.start();
        let outcome = match &self.readers {
            None => self.writer.run(operation, work).await,
            Some(readers) => read_from(readers, operation, work).await,
        };
        started.stop(operation);
        outcome
    }
}

async fn read_from<T, F>(readers: &SqlitePool, operation: &'static str, work: F) -> Result<T>
where
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Step<'c, Outcome<T>>,
{
    let mut reader = readers.acquire().await.map_err(|error| driver_error(operation, &error))?;
    work(&mut reader).await.map_err(|fault| fault.of(operation))
}

fn writing(location: &Location) -> SqliteConnectOptions {
    let options = match location {
        Location::Memory => SqliteConnectOptions::new().filename(":memory:"),
        Location::File(path) => SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("journal_size_limit", JOURNAL_BYTES),
    };
    let options = options.synchronous(SqliteSynchronous::Full).foreign_keys(true).busy_timeout(BUSY);
    // For whoever counts statements: texts without values, and only where a host listens to traces of `sqlx::query`.
    match "trace".parse() {
        Ok(trace) => options.log_statements(trace).log_slow_statements(trace, Duration::MAX),
        Err(_) => options.disable_statement_logging(),
    }
}
