//! Tenants whose submissions wait for a person: one refused key must not burn the attempts of a day of sales.
//!
//! The first refusal holds the tenant's queue for a while, so that the authority is asked once in that time and not
//! once a document; the first success, or a change of the tenant, lifts it. Nothing of it is stored: another process,
//! or this one opened again, finds out by itself with one call.

use crate::{
    Error, ErrorKind, Result, Retry,
    firs::lifecycle::{SET_UP_MISSING, hold_code},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// How long nothing is sent for a tenant after its keys were refused.
pub(super) const HOLD: Duration = Duration::from_secs(15 * 60);

struct Hold {
    until: DateTime<Utc>,
    kind: ErrorKind,
    message: String,
    code: &'static str,
}

/// The tenants that are held.
#[derive(Default)]
pub(in crate::engine) struct Holds(Mutex<HashMap<Uuid, Hold>>);

impl Holds {
    /// Holds a tenant where the error is about its keys or its permission; what is not set up may be one document's.
    pub(in crate::engine) fn put(&self, tenant: Uuid, error: &Error, now: DateTime<Utc>) {
        let code = hold_code(error);
        if code == SET_UP_MISSING {
            return;
        }
        let until = now + TimeDelta::from_std(HOLD).unwrap_or_default();
        let hold = Hold { until, kind: error.kind(), message: error.message().to_owned(), code };
        self.lock().insert(tenant, hold);
    }

    /// The tenant goes on.
    pub(in crate::engine) fn lift(&self, tenant: Uuid) {
        self.lock().remove(&tenant);
    }

    /// The error that holds the tenant, as the document that met it saw it.
    pub(in crate::engine) fn check(&self, tenant: Uuid, now: DateTime<Utc>) -> Result<()> {
        match self.lock().get(&tenant) {
            Some(hold) if hold.until > now => {
                let wait = (hold.until - now).to_std().unwrap_or_default();
                Err(Error::new(hold.kind, "engine.submit", hold.message.clone())
                    .retry_as(Retry::After(wait))
                    .with("code", hold.code))
            }
            _ => Ok(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Hold>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
