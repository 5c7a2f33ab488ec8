//! The trials, one file per part of what a platform must do.

mod auth;
mod claims;
mod pages;
mod receive;
mod secrets;
mod spoilt;
mod trouble;
mod webhook;

pub(crate) use webhook::SECRET;

use crate::bench::{Bench, Verdict};
use taxpoynt_core::connector::ConnectorInfo;

/// One trial: what it is about, what it promises, and how it is held.
pub(crate) struct Case {
    /// The row of the table: a capability, or a part of every connector.
    pub(crate) about: &'static str,
    /// The promise.
    pub(crate) promise: &'static str,
    /// Tries it.
    pub(crate) hold: Box<dyn Fn(&Bench) -> Verdict + Send + Sync>,
}

/// Adds trials to the list.
pub(crate) struct List(pub(crate) Vec<Case>);

impl List {
    pub(crate) fn add(
        &mut self,
        about: &'static str,
        promise: &'static str,
        hold: impl Fn(&Bench) -> Verdict + Send + Sync + 'static,
    ) {
        self.0.push(Case { about, promise, hold: Box::new(hold) });
    }
}

/// The trials that a connector with this info signs up for.
pub(crate) fn of(info: &ConnectorInfo, bench: &Bench) -> Vec<Case> {
    let mut list = List(Vec::new());
    claims::list(info, &mut list);
    auth::list(bench, &mut list);
    trouble::list(info, bench, &mut list);
    pages::list(info, &mut list);
    spoilt::list(info, &mut list);
    webhook::list(info, bench, &mut list);
    receive::list(info, bench, &mut list);
    secrets::list(&mut list);
    list.0
}
