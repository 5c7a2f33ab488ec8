//! The authority's code lists in force: shipped ones until the host, or a refusal, has them refreshed.

use super::Engine;
use crate::{
    ErrorKind, Result,
    error::Error,
    firs::{ApiKeys, Client, CodeLists, ListName, Origin, lists},
    store::{Document, Lane},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// After a refusal had the lists refreshed, further refusals do not for this long.
const COOL_DOWN: TimeDelta = TimeDelta::hours(1);

/// The deployment a store's lists belong to where the engine has no authority.
const NOWHERE: &str = "";

/// What the engine keeps of the lists.
#[derive(Debug, Default)]
pub(super) struct Lists {
    state: Mutex<State>,
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
    /// The code lists in force.
    ///
    /// # Errors
    /// `Store`.
    pub async fn code_lists(&self) -> Result<CodeLists> {
        self.lists().await
    }

    /// Reads every code list from the authority, with the tenant's keys, and stores it with the date. A list that comes
    /// empty, malformed or implausibly short, or not at all, leaves the one in force in force, and says why.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant; `Config` without an authority or keys; `Unauthenticated` where the authority
    /// refuses them; `Store`.
    pub async fn refresh_lists(&self, tenant: Uuid) -> Result<Vec<RefreshedList>> {
        let keys = self.authority_keys(tenant).await?;
        self.refresh(&keys).await
    }

    async fn refresh(&self, keys: &ApiKeys) -> Result<Vec<RefreshedList>> {
        let client = self.authority_client()?;
        let mut lists = self.stored_lists().await?;
        let mut report = Vec::with_capacity(ListName::ALL.len());
        for name in ListName::ALL {
            let (next, refreshed) = self.refresh_one(&client, keys, lists, name).await?;
            lists = next;
            report.push(refreshed);
        }
        self.keep_lists(lists);
        Ok(report)
    }

    async fn refresh_one(
        &self,
        client: &Client,
        keys: &ApiKeys,
        lists: CodeLists,
        name: ListName,
    ) -> Result<(CodeLists, RefreshedList)> {
        let old = lists.get(name).clone();
        let read = match client.resource_rows(keys, name.resource()).await {
            Ok(Some(rows)) => lists::read(&old, &rows, self.now()),
            Ok(None) => Err("the answer is empty".to_owned()),
            // No other list will fare better.
            Err(error) if matches!(error.kind(), ErrorKind::Unauthenticated | ErrorKind::Config) => {
                return Err(error);
            }
            Err(error) => Err(error.message().to_owned()),
        };
        let report = |list: &crate::firs::CodeList, kept| RefreshedList {
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
                self.store().put_code_list(&self.deployment(), &new).await?;
                let absent = |of: &crate::firs::CodeList, from: &crate::firs::CodeList| {
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
    pub(super) async fn refused_for_a_code(
        &self,
        document: &Document,
        error: &Error,
        keys: &ApiKeys,
    ) -> Result<()> {
        if !names_a_list(error) || !self.may_ask() {
            return Ok(());
        }
        match self.refresh(keys).await {
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
    fn may_ask(&self) -> bool {
        let now = self.now();
        let mut state = self.inner.lists.state.lock().unwrap_or_else(PoisonError::into_inner);
        let may = state.asked_at.is_none_or(|at| now - at >= COOL_DOWN);
        if may {
            state.asked_at = Some(now);
        }
        may
    }

    /// The lists in force, from memory where they are fresh.
    pub(super) async fn lists(&self) -> Result<CodeLists> {
        let now = self.now();
        {
            let state = self.inner.lists.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((lists, at)) = &state.loaded
                && now - *at < FRESH
            {
                return Ok(lists.clone());
            }
        }
        let lists = self.stored_lists().await?;
        self.keep_lists(lists.clone());
        Ok(lists)
    }

    async fn stored_lists(&self) -> Result<CodeLists> {
        let stored = self.store().code_lists(&self.deployment()).await?;
        Ok(stored.into_iter().fold(CodeLists::shipped().clone(), CodeLists::with))
    }

    fn keep_lists(&self, lists: CodeLists) {
        let loaded = Some((lists, self.now()));
        self.inner.lists.state.lock().unwrap_or_else(PoisonError::into_inner).loaded = loaded;
    }

    /// Which deployment of the authority the lists are of: its address.
    fn deployment(&self) -> String {
        let authority = self.inner.options.authority.as_ref();
        authority.map_or(NOWHERE.to_owned(), |authority| authority.base_url.to_string())
    }

    fn authority_client(&self) -> Result<Client> {
        let options = &self.inner.options;
        let authority = options.authority.as_ref().ok_or_else(|| {
            let message = "no authority is configured: open the engine with the authority's base URL";
            Error::new(ErrorKind::Config, "engine.refresh_lists", message)
        })?;
        let http = super::authority_http(self.inner.base.clone(), options, &authority.base_url);
        Ok(Client::new(http, authority.base_url.clone()))
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
