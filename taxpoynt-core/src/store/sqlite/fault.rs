//! What can go wrong inside a move, and the error it becomes: the operation's name, never a row's content.

use crate::{Error, ErrorKind, Retry};

const DAMAGED: &str = "a stored value cannot be read: the database is damaged or was edited by hand";

/// The result of a step of a move.
pub(super) type Outcome<T> = Result<T, Fault>;

/// Why a step failed. It becomes an [`Error`] where the operation is known.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite or the driver.
    Sql(sqlx::Error),
    /// A stored value that this version cannot read.
    Damaged(&'static str),
    /// The move is not allowed.
    Refused(Refusal),
}

/// A move that is not allowed.
#[derive(Debug)]
pub(super) struct Refusal {
    kind: ErrorKind,
    retry: Retry,
    message: String,
    context: Vec<(&'static str, String)>,
}

impl Refusal {
    /// Adds a fact.
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.context.push((name, value.to_string()));
        self
    }

    /// Says when it may be repeated.
    pub(super) fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Says that it may be repeated at once.
    pub(super) fn again(mut self) -> Self {
        self.retry = Retry::Now;
        self
    }
}

/// A refusal of `kind`.
pub(super) fn refusal(kind: ErrorKind, message: impl Into<String>) -> Refusal {
    Refusal { kind, retry: Retry::Never, message: message.into(), context: Vec::new() }
}

/// The refusal for what does not exist, or belongs to another tenant: nobody learns which.
pub(super) fn not_found(what: &str, id: impl ToString) -> Refusal {
    refusal(ErrorKind::NotFound, format!("there is no {what} with this id")).with("id", id)
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Fault {
    /// It as the error of `operation`.
    pub(super) fn of(self, operation: &'static str) -> Error {
        match self {
            Self::Sql(error) => driver_error(operation, &error),
            Self::Damaged(column) => Error::new(ErrorKind::Store, operation, DAMAGED).with("column", column),
            Self::Refused(refusal) => {
                let error = Error::new(refusal.kind, operation, refusal.message).retry_as(refusal.retry);
                refusal.context.into_iter().fold(error, |error, (name, value)| error.with(name, value))
            }
        }
    }
}

/// The driver's error as the error of `operation`. SQLite's messages name tables and columns, never values, so they
/// may be kept as the cause.
pub(super) fn driver_error(operation: &'static str, error: &sqlx::Error) -> Error {
    let code = match error {
        sqlx::Error::Database(database) => database.code().and_then(|code| code.parse::<i32>().ok()),
        _ => None,
    };
    let (retry, message) = match (error, code) {
        (_, Some(code)) => meaning(code),
        (sqlx::Error::PoolTimedOut, _) => (Retry::Now, "all read connections stayed in use; try again"),
        (sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_), _) => (Retry::Never, DAMAGED),
        _ => (Retry::Never, "the database cannot be used"),
    };
    let store = Error::new(ErrorKind::Store, operation, message).retry_as(retry).caused_by(cause(error));
    match code {
        Some(code) => store.with("sqlite_code", code.to_string()),
        None => store,
    }
}

/// The primary result code is the low byte: <https://www.sqlite.org/rescode.html>.
fn meaning(code: i32) -> (Retry, &'static str) {
    match code & 0xff {
        5 | 6 => (Retry::Now, "another process is writing to the database; try again"),
        8 => (Retry::Never, "the database is read-only: give this process the right to write to it"),
        10 => (Retry::Never, "the disk under the database failed to read or write"),
        11 | 26 => (Retry::Never, "the file is no sound SQLite database: restore it from a backup"),
        13 => (Retry::Never, "the disk under the database is full: make room and start again"),
        14 => {
            (Retry::Never, "the database file cannot be opened: check that its folder exists and is writable")
        }
        19 => (Retry::Never, "a rule of the database forbids this change"),
        _ => (Retry::Never, "the database refused the operation"),
    }
}

/// The driver's own errors could quote what they failed to decode.
fn cause(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => database.message().to_owned(),
        sqlx::Error::ColumnDecode { index, .. } => format!("column {index} cannot be decoded"),
        sqlx::Error::ColumnNotFound(name) => format!("column {name} is missing"),
        sqlx::Error::Decode(_) => "a value cannot be decoded".to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::WorkerCrashed => "the database thread ended".to_owned(),
        sqlx::Error::PoolTimedOut => "no read connection became free".to_owned(),
        sqlx::Error::PoolClosed => "the store is closed".to_owned(),
        _ => "the database driver refused the call".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_database_may_be_tried_again_and_a_full_disk_may_not() {
        for (code, retry) in [(5, Retry::Now), (517, Retry::Now), (6, Retry::Now), (13, Retry::Never)] {
            assert_eq!(meaning(code).0, retry, "{code}");
        }
        for code in [8, 11, 26, 10, 266, 14, 19, 2067] {
            assert_eq!(meaning(code).0, Retry::Never, "{code}");
        }
    }

    #[test]
    fn what_could_not_be_decoded_is_not_quoted() {
        let error = sqlx::Error::ColumnDecode { index: "sealed".into(), source: "gAAAA-secret".into() };
        let error = Fault::from(error).of("store.connection");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Store, "store.connection"));
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
