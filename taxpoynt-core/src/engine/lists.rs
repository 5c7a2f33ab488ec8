//! The authority's code lists in force: shipped ones until the host, or a refusal, has them refreshed.

use super::{Engine, authority::Deployment};
use crate::{
    ErrorKind, Result,
    error::Error,
    firs::{ApiKeys, Client, CodeList, CodeLists, ListName, Origin, lists},
    store::{Document, Lane},
    tenant::AuthorityCredentials,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// After a refusal had the lists refreshed, further refusals do not for this long.
const COOL_DOWN: TimeDelta = TimeDelta::hours(1);

/// What the engine keeps of the lists, by the address of the deployment.
#[derive(Debug, Default)]
pub(super) struct Lists {
    of: Mutex<HashMap<String, State>>,
}

impl Lists {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct State {
    loaded: Option<(CodeLists, DateTime<Utc>)>,
    /// When a refusal last had them refreshed.
    asked_at: Option<DateTime<Utc>>,
}

/// How long lists are taken from memory before the store is asked again: another process may have refreshed them.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// What became of one list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefreshedList {
    /// Which.
    pub list: ListName,
    /// Where the list that is now in force is from.
    pub origin: Origin,
    /// Its rows.
    pub rows: usize,
    /// Codes that the refresh brought.
    pub added: Vec<String>,
    /// Codes that are gone with it.
    pub removed: Vec<String>,
    /// Why the list before it was kept; none where the new one was taken.
    pub kept: Option<String>,
}

impl Engine {
    /// The code lists in force for a tenant: those of the deployment of the authority that it uses.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn code_lists(&self, tenant: Uuid) -> Result<CodeLists> {
        self.lists_of(&self.own_authority(tenant).await?).await
    }

    /// Reads every code list from the authority, with the tenant's keys, and stores it with the date. A list that comes
    /// empty, malformed or implausibly short, or not at all, leaves the one in force in force, and says why.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant; `Config` without an authority or keys; `Unauthenticated` where the authority
    /// refuses them; `Store`.
    pub async fn refresh_lists(&self, tenant: Uuid) -> Result<Vec<RefreshedList>> {
        let Deployment { address, client, .. } = self.deployment_of(tenant).await?;
        let keys = self.authority_keys(tenant).await?;
        let mut lists = self.stored_lists(&address).await?;
        let mut report = Vec::with_capacity(ListName::ALL.len());
        for name in ListName::ALL {
            let (next, refreshed) = self.refresh_one((&address, &client), &keys, lists, name).await?;
            lists = next;
            report.push(refreshed);
        }
        self.keep_lists(&address, lists);
        Ok(report)
    }

    async fn refresh_one(
        &self,
        (deployment, client): (&str, &Client),
        keys: &ApiKeys,
        lists: CodeLists,
        name: ListName,
    ) -> Result<(CodeLists, RefreshedList)> {
        let old = lists.get(name).clone();
        let read = match client.resource(keys, name.resource()).await {
            Ok(rows) => lists::read(&old, rows, self.now()),
            // No other list will fare better.
            Err(error) if error.kind() == ErrorKind::Unauthenticated => return Err(error),
            Err(error) => Err(error.message().to_owned()),
        };
        let report = |list: &CodeList, kept| RefreshedList {
            list: name,
            origin: list.origin(),
            rows: list.codes().len(),
            added: Vec::new(),
            removed: Vec::new(),
            kept,
        };
        match read {
            Err(why) => {
                tracing::warn!(list = %name, "the code list in use is kept: {why}");
                Ok((lists, report(&old, Some(why))))
            }
            Ok(new) => {
                self.store().put_code_list(deployment, &new).await?;
                let absent = |of: &CodeList, from: &CodeList| {
                    let gone = of.codes().iter().filter(|code| from.find(&code.code).is_none());
                    gone.map(|code| code.code.clone()).collect::<Vec<_>>()
                };
                let (added, removed) = (absent(&new, &old), absent(&old, &new));
                let refreshed = RefreshedList { added, removed, ..report(&new, None) };
                Ok((lists.with(new), refreshed))
            }
        }
    }

    /// The authority refused a document for a code that is not on its list. The lists are refreshed, once in a while;
    /// where they changed, the document is made anew with them.
    pub(super) async fn refused_for_a_code(&self, document: &Document, error: &Error) -> Result<()> {
        if !names_a_list(error) || !self.may_ask(document.tenant).await? {
            return Ok(());
        }
        match self.refresh_lists(document.tenant).await {
            Ok(report) => {
                if report.iter().any(|list| !list.added.is_empty() || !list.removed.is_empty()) {
                    self.store().requeue_record(document.record, Lane::Normal, self.now()).await?;
                    self.inner.bell.notify_waiters();
                }
            }
            // The refusal stands as it is.
            Err(error) => tracing::warn!("the code lists cannot be refreshed: {error}"),
        }
        Ok(())
    }

    /// Whether a refusal may have the lists refreshed now; if so, the next may not for a while.
    async fn may_ask(&self, tenant: Uuid) -> Result<bool> {
        let deployment = self.deployment_of(tenant).await?.address;
        let now = self.now();
        let mut known = self.inner.lists.lock();
        let state = known.entry(deployment).or_default();
        let may = state.asked_at.is_none_or(|at| now - at >= COOL_DOWN);
        if may {
            state.asked_at = Some(now);
        }
        Ok(may)
    }

    /// The lists in force for a tenant with these credentials, from memory where they are fresh.
    pub(super) async fn lists_of(&self, own: &AuthorityCredentials) -> Result<CodeLists> {
        let Some(deployment) = self.deployment(own)? else { return Ok(CodeLists::shipped().clone()) };
        let (deployment, now) = (deployment.address, self.now());
        let loaded = self.inner.lists.lock().get(&deployment).and_then(|state| state.loaded.clone());
        match loaded {
            Some((lists, at)) if now - at < FRESH => Ok(lists),
            _ => {
                let lists = self.stored_lists(&deployment).await?;
                self.keep_lists(&deployment, lists.clone());
                Ok(lists)
            }
        }
    }

    async fn stored_lists(&self, deployment: &str) -> Result<CodeLists> {
        let stored = self.store().code_lists(deployment).await?;
        Ok(stored.into_iter().fold(CodeLists::shipped().clone(), CodeLists::with))
    }

    fn keep_lists(&self, deployment: &str, lists: CodeLists) {
        let loaded = Some((lists, self.now()));
        self.inner.lists.lock().entry(deployment.to_owned()).or_default().loaded = loaded;
    }
}

/// `…taxcategory.id must be a valid tax category, refer to the invoice resource apis`.
fn names_a_list(error: &Error) -> bool {
    let details = error.get("details").unwrap_or_default().to_lowercase();
    details.contains("must be a valid")
        && (details.contains("resource api")
            || ["tax category", "country code", "hsn", "hs code", "isic", "payment means", "currency code"]
                .iter()
                .any(|what| details.contains(what)))
}
