//! The vault's keys: which of them stored values need, and sealing all values anew under the newest while work goes on.

use super::Engine;
use crate::{
    Error, ErrorKind, Result,
    store::{SealedColumn, SealedSwap, SealedValue, Store},
    vault::Vault,
};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Values that are read, sealed anew and replaced at a time: few enough that other moves hardly wait for them.
const PAGE: u32 = 100;

/// How many values that no key opens are named.
const NAMED: usize = 100;

/// How often the store is gone through for values that were stored under an old key meanwhile.
const PASSES: u32 = 5;

/// How far the stored values are under the newest key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeyReport {
    /// Sealed values in the store.
    pub of: u64,
    /// Those under the newest key.
    pub done: u64,
    /// Those under older keys: while there are any, their keys must stay listed.
    pub left: u64,
    /// Those that no listed key opens: list their key, or store them again (connect the account, save the tenant).
    pub failed: u64,
    /// Those under each listed key, newest first.
    pub by_key: Vec<u64>,
    /// How many this rotation has sealed anew.
    pub resealed: u64,
    /// Where the first hundred of `failed` are.
    pub lost: Vec<LostValue>,
}

/// A value that no listed key opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LostValue {
    /// `connections.sealed`, `tenants.sealed`, …
    pub place: String,
    /// The id of its row: of the connection, of the tenant.
    pub id: String,
}

impl KeyReport {
    /// Whether nothing needs an older key any more, so that all but the newest may be dropped from the list. Other
    /// processes must have the newest first in theirs by then, else they go on sealing under an old one.
    #[must_use]
    pub fn old_keys_may_go(&self) -> bool {
        self.left == 0
    }

    fn of_keys(keys: usize) -> Self {
        Self { by_key: vec![0; keys], ..Self::default() }
    }

    fn count(&mut self, column: SealedColumn, value: &SealedValue, key: Option<usize>) {
        self.of += 1;
        match key {
            Some(0) => self.done += 1,
            Some(_) => self.left += 1,
            None => {
                self.failed += 1;
                if self.lost.len() < NAMED {
                    self.lost.push(LostValue { place: column.to_string(), id: value.key.clone() });
                }
            }
        }
        if let Some(under) = key.and_then(|key| self.by_key.get_mut(key)) {
            *under += 1;
        }
    }
}

impl Engine {
    /// Under which of the listed keys the stored values are. Reads all of them, changes none.
    ///
    /// # Errors
    /// `Store`.
    pub async fn key_report(&self) -> Result<KeyReport> {
        report(self.store(), &self.inner.vault).await
    }

    /// Seals every stored value anew under the newest key: connections' and tenants' credentials, page by page, while
    /// they are read, refreshed and stored as ever. A value that changes meanwhile is left as the other has stored it.
    ///
    /// It can be stopped at any moment, also by a crash, and started again, also in several processes: each value says
    /// itself under which key it is, so nothing is done twice and nothing is forgotten. To change keys: list the new key
    /// last in every process, then first, call this, and drop the old one when the report says
    /// [`old_keys_may_go`](KeyReport::old_keys_may_go).
    ///
    /// # Errors
    /// `Store`; what was sealed anew until then stays so.
    pub async fn rotate_keys(&self) -> Result<KeyReport> {
        self.rotate_keys_watched(|_| {}).await
    }

    /// As [`rotate_keys`](Self::rotate_keys), telling `watch` after each page how far it is: in that report `of` is the
    /// number of all values, and `left` counts those not yet looked at too.
    ///
    /// # Errors
    /// As `rotate_keys`.
    pub async fn rotate_keys_watched(&self, mut watch: impl FnMut(&KeyReport) + Send) -> Result<KeyReport> {
        let mut resealed = 0;
        let mut report = self.key_report().await?;
        for _ in 0..PASSES {
            if report.left == 0 {
                break;
            }
            resealed += self.rotate_all(resealed, report.of, &mut watch).await?;
            report = self.key_report().await?;
        }
        report.resealed = resealed;
        tracing::info!(
            of = report.of,
            done = report.done,
            left = report.left,
            failed = report.failed,
            resealed,
            "the keys were rotated"
        );
        Ok(report)
    }

    /// Once through the store.
    async fn rotate_all(
        &self,
        before: u64,
        of: u64,
        watch: &mut (impl FnMut(&KeyReport) + Send),
    ) -> Result<u64> {
        let mut seen = KeyReport::of_keys(self.inner.vault.keys());
        let mut resealed = 0;
        for column in self.store().sealed_columns() {
            let mut after = None;
            loop {
                let page = self.store().sealed_values(*column, after.as_deref(), PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                resealed += self.rotate_page(*column, page, &mut seen).await?;
                let of = of.max(seen.of);
                let left = of - seen.done - seen.failed;
                watch(&KeyReport { of, left, resealed: before + resealed, ..seen.clone() });
            }
        }
        Ok(resealed)
    }

    async fn rotate_page(
        &self,
        column: SealedColumn,
        page: Vec<SealedValue>,
        seen: &mut KeyReport,
    ) -> Result<u64> {
        let vault = &self.inner.vault;
        let mut swaps = Vec::new();
        for old in page {
            let key = vault.key_of(&old.sealed);
            let older = key.is_some_and(|key| key > 0);
            seen.count(column, &old, if older { Some(0) } else { key });
            if older {
                let new = vault.rotate(&old.sealed)?;
                swaps.push(SealedSwap { old, new });
            }
        }
        if swaps.is_empty() { Ok(0) } else { self.store().swap_sealed(column, &swaps).await }
    }
}

async fn report(store: &dyn Store, vault: &Vault) -> Result<KeyReport> {
    let mut report = KeyReport::of_keys(vault.keys());
    for column in store.sealed_columns() {
        let mut after = None;
        loop {
            let page = store.sealed_values(*column, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            page.iter().for_each(|value| report.count(*column, value, vault.key_of(&value.sealed)));
        }
    }
    Ok(report)
}

/// Holds the listed keys against those that stored values need, before the engine starts.
///
/// A probe under each key that ever sealed says which are needed, so that the values themselves are read only where a key
/// was dropped since the last start, or on a database from before there were probes.
pub(super) async fn check(
    store: &dyn Store,
    vault: &Vault,
    keys_lost: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let probes = store.key_probes().await?;
    let mut known: Vec<usize> = Vec::new();
    let mut closed = Vec::new();
    for probe in &probes {
        match vault.key_of(&probe.sealed) {
            Some(key) => known.push(key),
            None => closed.push(probe),
        }
    }
    let mut needed = vec![0];
    if probes.is_empty() || !closed.is_empty() {
        let report = report(store, vault).await?;
        refuse_lost(&report, keys_lost, closed.iter().map(|probe| probe.first_used).min())?;
        if report.failed == 0 {
            for probe in closed {
                store.drop_key_probe(probe.id).await?;
            }
        }
        needed.extend((1..vault.keys()).filter(|key| report.by_key.get(*key).is_some_and(|held| *held > 0)));
    }
    for key in needed.into_iter().filter(|key| !known.contains(key)) {
        store.add_key_probe(&vault.probe(key, now)?, now).await?;
    }
    Ok(())
}

/// Values that no listed key opens: all of them is a wrong list, some of them is told and gone on with.
fn refuse_lost(report: &KeyReport, keys_lost: bool, first_used: Option<DateTime<Utc>>) -> Result<()> {
    let KeyReport { of, failed, .. } = *report;
    if failed == 0 {
        return Ok(());
    }
    let since = first_used.map(|at| at.format("%Y-%m-%d").to_string());
    let since = since.map(|day| format!(" (first used on {day})")).unwrap_or_default();
    if failed == of && !keys_lost {
        let message = format!(
            "no listed key opens any of the {of} stored credentials: list the key they were sealed with{since} too, after \
             the newest; if it is lost for good, open the engine with `keys_lost` and store the credentials again"
        );
        return Err(Error::new(ErrorKind::Config, "engine.open", message));
    }
    let places: Vec<_> = report.lost.iter().map(|lost| format!("{} {}", lost.place, lost.id)).collect();
    tracing::error!(
        failed,
        of,
        places = places.join(", "),
        "stored credentials need a key that is not listed{since}: list it too, after the newest, or store them again"
    );
    Ok(())
}
