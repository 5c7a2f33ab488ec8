//! The one writer: moves that arrive while another is being written share its commit, so that one fsync serves many.
//!
//! Each move runs in a savepoint of its own and is answered after the commit: a refusal undoes that move alone, and a
//! caller that stops waiting undoes nothing.

use super::fault::{Outcome, driver_error};
use crate::{Error, ErrorKind, Result};
use sqlx::{Connection, SqliteConnection};
use std::{future::Future, pin::Pin};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// Moves that may wait before callers have to.
const QUEUE: usize = 1024;

/// Moves under one commit. More would keep the first of them waiting without saving much.
const BATCH: usize = 256;

/// A future of one step.
pub(super) type Step<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

type Work = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> Step<'c, bool> + Send>;

/// A move on its way to the writer.
struct Move {
    operation: &'static str,
    /// Runs it, hands its result to the caller and says whether it is to be kept.
    work: Work,
    /// Tells the caller that the result stands.
    settled: oneshot::Sender<Result<()>>,
}

/// Hands moves to the writer, which ends after the last handle is dropped and the last move is written.
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Move>);

impl Writer {
    /// Starts the writer of a connection that nobody else writes through.
    pub(super) fn start(connection: SqliteConnection) -> (Self, JoinHandle<()>) {
        let (sender, queue) = mpsc::channel(QUEUE);
        (Self(sender), tokio::spawn(serve(connection, queue)))
    }

    /// Runs a move, and returns after the commit.
    pub(super) async fn run<T, F>(&self, operation: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Step<'c, Outcome<T>> + Send + 'static,
    {
        let (result, outcome) = oneshot::channel::<Outcome<T>>();
        let (settled, stands) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let step = work(connection);
            Box::pin(async move {
                let outcome = step.await;
                let keep = outcome.is_ok();
                // The caller may have stopped waiting; the move is made all the same.
                drop(result.send(outcome));
                keep
            })
        });
        self.0.send(Move { operation, work, settled }).await.map_err(|_| closed(operation))?;
        stands.await.map_err(|_| closed(operation))??;
        outcome.await.map_err(|_| closed(operation))?.map_err(|fault| fault.of(operation))
    }
}

fn closed(operation: &'static str) -> Error {
    Error::new(ErrorKind::Store, operation, "the store is closed: open it again")
}

type Waiting = Vec<(&'static str, oneshot::Sender<Result<()>>)>;

async fn serve(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Move>) {
    while let Some(first) = queue.recv().await {
        let mut waiting = Waiting::new();
        let written = write_batch(&mut connection, first, &mut queue, &mut waiting).await;
        if written.is_err() {
            // Refused where SQLite has rolled back by itself: then there is nothing left to undo.
            drop(execute(&mut connection, "ROLLBACK").await);
        }
        for (operation, settled) in waiting {
            let verdict = written.as_ref().copied().map_err(|error| driver_error(operation, error));
            drop(settled.send(verdict));
        }
    }
    drop(connection.close().await);
}

/// Writes moves until none is waiting, and commits them together.
async fn write_batch(
    connection: &mut SqliteConnection,
    first: Move,
    queue: &mut mpsc::Receiver<Move>,
    waiting: &mut Waiting,
) -> sqlx::Result<()> {
    let mut next = Some(first);
    while let Some(Move { operation, work, settled }) = next {
        waiting.push((operation, settled));
        // Two statements at a time: each call of the driver wakes its thread.
        let to_begin = match waiting.len() {
            1 => "BEGIN IMMEDIATE; SAVEPOINT one_move",
            _ => "RELEASE one_move; SAVEPOINT one_move",
        };
        execute(connection, to_begin).await?;
        if !work(connection).await {
            execute(connection, "ROLLBACK TO one_move").await?;
        }
        next = if waiting.len() < BATCH { queue.try_recv().ok() } else { None };
    }
    execute(connection, "RELEASE one_move; COMMIT").await
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> sqlx::Result<()> {
    sqlx::query(statement).execute(connection).await.map(drop)
}
