//! A tenant's catalogue: imported, exported, answered item by item; what waited for an entry moves on.

use super::Engine;
use crate::{
    Error, Result,
    catalogue::{self, Catalogue, Entry, Problem, Suggestion, suggestions},
    store::{PutEntries, Unclassified},
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use taxpoynt_ubl::Classification;
use uuid::Uuid;

/// Tenants whose compiled catalogues stay in memory.
const KEPT: usize = 64;

/// Items with suggestions: more than anyone answers before asking again.
const SUGGESTED: usize = 500;

/// Compiled catalogues by tenant, the least recently used going first.
#[derive(Debug, Default)]
pub(super) struct Shelves {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Rises with each use.
    turn: u64,
    /// With the turn of its last use.
    of: HashMap<Uuid, (u64, Shelf)>,
}

/// A tenant's catalogue as it was at a revision.
#[derive(Debug, Clone, Default)]
pub(super) struct Shelf {
    pub(super) revision: u64,
    pub(super) catalogue: Arc<Catalogue>,
}

impl Shelves {
    fn get(&self, tenant: Uuid, revision: u64) -> Option<Shelf> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.turn += 1;
        let turn = kept.turn;
        let (used, shelf) = kept.of.get_mut(&tenant).filter(|(_, shelf)| shelf.revision == revision)?;
        *used = turn;
        Some(shelf.clone())
    }

    fn put(&self, tenant: Uuid, shelf: Shelf) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = kept.turn;
        kept.of.insert(tenant, (turn, shelf));
        if kept.of.len() > KEPT
            && let Some(oldest) = kept.of.iter().min_by_key(|(_, (used, _))| *used).map(|(id, _)| *id)
        {
            kept.of.remove(&oldest);
        }
    }
}

/// How a file is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// Whether the good rows are imported although others are wrong. Else nothing is.
    pub partial: bool,
    /// Whether entries that the file does not name are removed.
    pub replace: bool,
}

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImportReport {
    /// Whether anything was imported.
    pub imported: bool,
    /// Rows of the file, header and empty ones apart.
    pub rows: u64,
    /// Entries that are new.
    pub added: u64,
    /// Entries that say something else now.
    pub changed: u64,
    /// Entries that were there as they are.
    pub unchanged: u64,
    /// Entries that are gone.
    pub removed: u64,
    /// Sales that waited for one of the entries and move on.
    pub released: u64,
    /// Everything that is wrong with the file, in the order of lines.
    pub problems: Vec<Problem>,
}

/// An item that nothing classifies, and the sales that wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnclassifiedItem {
    /// What `classify` takes.
    pub key: String,
    /// The platform it was first seen on.
    pub platform: String,
    /// The platform's id of it.
    pub item_id: Option<String>,
    /// The shop's own number of it.
    pub sku: Option<String>,
    /// Its name.
    pub name: String,
    /// Its category.
    pub category: Option<String>,
    /// When a sale first waited for it.
    pub first_seen: DateTime<Utc>,
    /// Sales that wait for it.
    pub waiting: u64,
    /// What it comes to in all of them by currency, without tax.
    pub amounts: BTreeMap<String, Decimal>,
    /// What it may be.
    pub suggestions: Vec<Suggestion>,
}

/// What an answer came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Classified {
    /// The entry that is in the catalogue now.
    pub entry: Entry,
    /// Sales that waited for it and move on.
    pub released: u64,
    /// What a person should look at: a code that is not on the authority's list.
    pub problems: Vec<Problem>,
}

impl Engine {
    /// Imports a catalogue from CSV (`catalogue::COLUMNS` are its columns; `docs/classification.md` says how to fill
    /// them). Everything wrong is listed at once; a file with a wrong row changes nothing, unless `partial` is asked.
    /// Sales that waited for what is now classified move on.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant; `Store`. What is wrong with the file is no error but in the report.
    pub async fn import_catalogue(
        &self,
        tenant: Uuid,
        csv: &[u8],
        options: ImportOptions,
    ) -> Result<ImportReport> {
        self.store().tenant(tenant).await?;
        let parsed = catalogue::parse(csv, &self.code_lists(tenant).await?);
        let refused = parsed.is_refused();
        let mut report =
            ImportReport { rows: parsed.rows, problems: parsed.problems, ..ImportReport::default() };
        if parsed.entries.is_empty() || (refused && !options.partial) {
            return Ok(report);
        }
        let put = if options.replace { PutEntries::Replace } else { PutEntries::Merge };
        let change = self.store().put_entries(tenant, &parsed.entries, put, self.now()).await?;
        report.imported = true;
        report.added = change.added;
        report.changed = change.changed;
        report.unchanged = change.unchanged;
        report.removed = change.removed;
        report.released = self.release_classified(tenant).await?;
        Ok(report)
    }

    /// The catalogue as CSV, by key. Importing it again changes nothing.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn export_catalogue(&self, tenant: Uuid) -> Result<String> {
        self.store().tenant(tenant).await?;
        catalogue::write(self.shelf(tenant).await?.catalogue.entries())
    }

    /// The compiled catalogue of a tenant, for look-ups and for `ConvertOptions::catalogue`.
    ///
    /// # Errors
    /// `Store`.
    pub async fn catalogue(&self, tenant: Uuid) -> Result<Arc<Catalogue>> {
        Ok(self.shelf(tenant).await?.catalogue)
    }

    /// The items that nothing classifies, those that most sales wait for first, the first 500 with suggestions. Each is
    /// listed once, however many sales, platforms and spellings it has.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn unclassified(&self, tenant: Uuid) -> Result<Vec<UnclassifiedItem>> {
        self.store().tenant(tenant).await?;
        let shelf = self.shelf(tenant).await?;
        let lists = self.code_lists(tenant).await?;
        let mut items = gathered(self.store().unclassified(tenant).await?);
        items.sort_by(|(a, _), (b, _)| b.waiting.cmp(&a.waiting).then_with(|| a.key.cmp(&b.key)));
        let with = |(place, (mut item, sold)): (usize, (UnclassifiedItem, catalogue::SoldItem))| {
            if place < SUGGESTED {
                item.suggestions = suggestions(&sold, &shelf.catalogue, &lists);
            }
            item
        };
        Ok(items.into_iter().enumerate().map(with).collect())
    }

    /// Answers for an item (`UnclassifiedItem::key`): the answer goes into the catalogue, and every sale that waited for
    /// the item moves on, or waits on for another item alone. Answering again corrects the answer for sales to come.
    ///
    /// # Errors
    /// `Payload`, naming the field, for a key or a pair that cannot be used; `NotFound` for an unknown tenant; `Store`.
    pub async fn classify(
        &self,
        tenant: Uuid,
        item: &str,
        classification: Classification,
    ) -> Result<Classified> {
        self.store().tenant(tenant).await?;
        let checked = catalogue::check(&classification, &self.code_lists(tenant).await?);
        let Some(classification) = checked.classification else {
            let problem = checked.problems.into_iter().find(Problem::is_fatal);
            let (field, message) =
                problem.map(|p| (p.column.unwrap_or_default(), p.message)).unwrap_or_default();
            return Err(Error::payload("engine.classify", field, message));
        };
        let waiting = self.store().unclassified(tenant).await?;
        let seen = waiting.into_iter().filter(|row| row.key == item).min_by_key(|row| row.first_seen);
        let entry = match seen {
            Some(row) => row.item.entry(classification),
            None => Entry::from_key(item, classification).ok_or_else(|| {
                let message = "item is no key that the list of unclassified items gave";
                Error::payload("engine.classify", "item", message)
            })?,
        };
        let entries = std::slice::from_ref(&entry);
        let before = self.shelf(tenant).await?;
        let change = self.store().put_entries(tenant, entries, PutEntries::Merge, self.now()).await?;
        if change.revision == before.revision + 1 {
            // Nobody else changed it meanwhile: 100,000 entries need not be read again for one answer.
            let catalogue = Arc::new(before.catalogue.with(entry.clone()));
            self.inner.shelves.put(tenant, Shelf { revision: change.revision, catalogue });
        }
        let released = self.release_classified(tenant).await?;
        Ok(Classified { entry, released, problems: checked.problems })
    }

    /// Queues the sales that wait for items which the catalogue classifies by now, and says how many. An import and an
    /// answer do this by themselves.
    ///
    /// # Errors
    /// `Store`.
    pub async fn release_classified(&self, tenant: Uuid) -> Result<u64> {
        let shelf = self.load_shelf(tenant).await?.0;
        // Read after the catalogue is stored: a sale that settles later is refused with the revision before.
        let rows = self.store().unclassified(tenant).await?;
        let resolved = rows.iter().filter(|row| shelf.catalogue.find(&row.item.item()).is_some());
        let ids: Vec<i64> = resolved.map(|row| row.id).collect();
        let released = self.store().release(tenant, &ids, shelf.revision, self.now()).await?;
        if released > 0 {
            self.inner.bell.notify_waiters();
        }
        Ok(released)
    }

    /// A tenant's catalogue as it is now. Where an import was interrupted before it released what had waited, that is
    /// done first.
    pub(super) async fn shelf(&self, tenant: Uuid) -> Result<Shelf> {
        let (shelf, unreleased) = self.load_shelf(tenant).await?;
        if unreleased {
            self.release_classified(tenant).await?;
        }
        Ok(shelf)
    }

    /// The catalogue, and whether it was read just now and has not been gone through for what waits.
    async fn load_shelf(&self, tenant: Uuid) -> Result<(Shelf, bool)> {
        let stored = self.store().catalogue_revision(tenant).await?;
        if stored.revision == 0 {
            return Ok((Shelf::default(), false));
        }
        if let Some(shelf) = self.inner.shelves.get(tenant, stored.revision) {
            return Ok((shelf, false));
        }
        let (stored, entries) = self.store().catalogue(tenant).await?;
        let shelf = Shelf { revision: stored.revision, catalogue: Arc::new(Catalogue::new(entries)) };
        self.inner.shelves.put(tenant, shelf.clone());
        Ok((shelf, stored.released < stored.revision))
    }
}

/// Rows of the store as items: spellings and currencies of one item together, as it was first seen.
fn gathered(mut rows: Vec<Unclassified>) -> Vec<(UnclassifiedItem, catalogue::SoldItem)> {
    rows.sort_by_key(|row| (row.first_seen, row.id));
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut items: Vec<(UnclassifiedItem, catalogue::SoldItem)> = Vec::new();
    for row in rows {
        let place = *places.entry(row.key.clone()).or_insert(items.len());
        if place == items.len() {
            let sold = row.item.clone();
            let item = UnclassifiedItem {
                key: row.key,
                platform: row.item.platform,
                item_id: row.item.item_id,
                sku: row.item.sku,
                name: row.item.name,
                category: row.item.category,
                first_seen: row.first_seen,
                waiting: 0,
                amounts: BTreeMap::new(),
                suggestions: Vec::new(),
            };
            items.push((item, sold));
        }
        let item = &mut items[place].0;
        item.waiting += row.waiting;
        let amount = item.amounts.entry(row.currency).or_default();
        *amount = amount.saturating_add(row.amount);
    }
    items
}
