//! A catalogue compiled for look-ups: hashed by id, SKU, name and category, patterns in the order of their precedence.

use super::{
    entry::{By, Entry, Item, folded},
    pattern::Pattern,
};
use crate::firs::lists::WordIndex;
use std::{
    cmp::Reverse,
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock},
};

/// A compiled catalogue. Cloning shares the entries.
#[derive(Clone, Default)]
pub struct Catalogue {
    entries: Vec<Arc<Entry>>,
    keys: HashMap<String, usize>,
    items: Table,
    skus: Table,
    names: Table,
    categories: Table,
    patterns: Patterns,
    words: OnceLock<Arc<WordIndex>>,
}

/// Entries by a folded value.
type Table = HashMap<String, Slot>;

/// The entries of one value: for any platform, and for each that has one of its own.
#[derive(Debug, Clone, Default)]
struct Slot {
    any: Option<usize>,
    of: Vec<(String, usize)>,
}

impl Slot {
    fn find(&self, platform: &str) -> Option<usize> {
        self.of.iter().find(|(of, _)| of == platform).map(|(_, place)| *place).or(self.any)
    }
}

/// An entry that classifies an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'c> {
    /// It.
    pub entry: &'c Entry,
    /// What it was found by.
    pub by: By,
}

impl Catalogue {
    /// Compiles entries. Of two with the same key the later counts; one that says what it is found by nowhere is
    /// left out.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut catalogue = Self::default();
        for entry in entries {
            catalogue.put(entry);
        }
        catalogue.patterns.sort();
        catalogue
    }

    /// This catalogue with one entry more, or another in place of the one with its key.
    #[must_use]
    pub fn with(&self, entry: Entry) -> Self {
        let mut catalogue = self.clone();
        catalogue.words = OnceLock::new();
        catalogue.put(entry);
        catalogue.patterns.sort();
        catalogue
    }

    fn put(&mut self, entry: Entry) {
        let Some((by, value)) = entry.found_by() else { return };
        if let Some(place) = self.keys.get(&entry.key()) {
            self.entries[*place] = Arc::new(entry);
            return;
        }
        let place = self.entries.len();
        let platform = entry.platform.clone();
        let table = match by {
            By::ItemId => &mut self.items,
            By::Sku => &mut self.skus,
            By::Name => &mut self.names,
            By::Category => &mut self.categories,
            By::NamePattern => {
                let text = folded(by, value).into_owned();
                self.patterns.all.push(PatternRow { pattern: Pattern::new(&text), text, platform, place });
                self.keys.insert(entry.key(), place);
                self.entries.push(Arc::new(entry));
                return;
            }
        };
        let slot = table.entry(folded(by, value).into_owned()).or_default();
        match platform {
            None => slot.any = Some(place),
            Some(platform) => slot.of.push((platform, place)),
        }
        self.keys.insert(entry.key(), place);
        self.entries.push(Arc::new(entry));
    }

    /// The entry that classifies an item, by the precedence that the module names.
    #[must_use]
    pub fn find(&self, item: &Item<'_>) -> Option<Hit<'_>> {
        if self.entries.is_empty() {
            return None;
        }
        let in_table = |table: &Table, by: By, value: Option<&str>| {
            let value = value.filter(|value| !table.is_empty() && !value.trim().is_empty())?;
            table.get(folded(by, value).as_ref())?.find(item.platform)
        };
        let found = in_table(&self.items, By::ItemId, item.item_id)
            .map(|place| (By::ItemId, place))
            .or_else(|| Some((By::Sku, in_table(&self.skus, By::Sku, item.sku)?)))
            .or_else(|| Some((By::Name, in_table(&self.names, By::Name, Some(item.name))?)))
            .or_else(|| Some((By::NamePattern, self.patterns.find(item.name, item.platform)?)))
            .or_else(|| Some((By::Category, in_table(&self.categories, By::Category, item.category)?)));
        let (by, place) = found?;
        Some(Hit { entry: self.entries.get(place)?, by })
    }

    /// The entry with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.keys.get(key).and_then(|place| self.entries.get(*place)).map(|entry| &**entry)
    }

    /// Its entries, in the order they came.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(|entry| &**entry)
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Up to `most` entries whose names or categories share words with `text`, the likeliest first.
    pub(super) fn search(&self, text: &str, most: usize) -> impl Iterator<Item = &Entry> {
        let index = self.words.get_or_init(|| {
            let labels = self.entries.iter().map(|entry| entry.label());
            Arc::new(WordIndex::new(labels))
        });
        index.search(text, most).into_iter().filter_map(|place| self.entries.get(place)).map(|entry| &**entry)
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

/// Patterns, strongest first, and for each first character which of them can match at all.
#[derive(Debug, Clone, Default)]
struct Patterns {
    all: Vec<PatternRow>,
    by_first: HashMap<char, Vec<usize>>,
    floating: Vec<usize>,
}

#[derive(Debug, Clone)]
struct PatternRow {
    pattern: Pattern,
    text: String,
    platform: Option<String>,
    place: usize,
}

impl Patterns {
    /// Puts them in the order of precedence: those of a platform of their own, then those with the most letters, then
    /// by their text, so that the order in which entries came decides nothing.
    fn sort(&mut self) {
        let rank = |row: &PatternRow| (row.platform.is_none(), Reverse(row.pattern.letters()));
        self.all.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.text.cmp(&b.text)));
        self.by_first.clear();
        self.floating.clear();
        for (rank, row) in self.all.iter().enumerate() {
            match row.pattern.first() {
                Some(first) => self.by_first.entry(first).or_default().push(rank),
                None => self.floating.push(rank),
            }
        }
    }

    fn find(&self, name: &str, platform: &str) -> Option<usize> {
        if self.all.is_empty() {
            return None;
        }
        let name = folded(By::Name, name);
        let first = name.chars().next().and_then(|first| self.by_first.get(&first));
        let matches = |rank: &&usize| {
            let row = &self.all[**rank];
            row.platform.as_deref().is_none_or(|of| of == platform) && row.pattern.matches(&name)
        };
        let fixed = first.and_then(|ranks| ranks.iter().find(matches));
        let floating = self.floating.iter().find(matches);
        let strongest = fixed.into_iter().chain(floating).min()?;
        self.all.get(*strongest).map(|row| row.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use taxpoynt_ubl::Classification;

    fn entry(by: By, value: &str, platform: Option<&str>) -> Entry {
        let pair = Classification::Goods { hsn_code: "2106.90".into(), product_category: value.into() };
        Entry { platform: platform.map(str::to_owned), ..Entry::new(by, value, pair) }
    }

    fn pie() -> Item<'static> {
        Item {
            platform: "till",
            item_id: Some("PIE-1"),
            sku: Some("P-1"),
            name: "Meat Pie",
            category: Some("Snacks"),
        }
    }

    #[test]
    fn stronger_ways_to_be_found_go_before_weaker_ones() {
        let all = [
            entry(By::Category, "snacks", None),
            entry(By::NamePattern, "*", None),
            entry(By::NamePattern, "meat*", None),
            entry(By::NamePattern, "*pie", Some("till")),
            entry(By::Name, "meat pie", None),
            entry(By::Name, "MEAT  PIE", Some("till")),
            entry(By::Sku, "p-1", None),
            entry(By::ItemId, "PIE-1", None),
            entry(By::ItemId, "PIE-1", Some("till")),
        ];
        for weaker in 0..all.len() {
            let catalogue = Catalogue::new(all[..=weaker].to_vec());
            let hit = catalogue.find(&pie()).unwrap();
            assert_eq!(hit.entry, &all[weaker]);
            assert_eq!(Some(hit.by), all[weaker].found_by().map(|(by, _)| by));
        }
    }

    #[test]
    fn an_entry_of_another_platform_is_not_found_and_ids_are_exact() {
        let catalogue = Catalogue::new([
            entry(By::ItemId, "pie-1", None),
            entry(By::Sku, "P-1", Some("crm")),
            entry(By::NamePattern, "meat*", Some("crm")),
        ]);
        assert_eq!(catalogue.find(&pie()), None);
        assert!(catalogue.find(&Item { platform: "crm", ..pie() }).is_some());
    }

    #[test]
    fn an_entry_put_again_takes_the_place_of_the_first() {
        let first = Catalogue::new([entry(By::Sku, "P-1", None)]);
        let pair = Classification::Service { isic_code: "5610".into(), service_category: "Food".into() };
        let second = first.with(Entry::new(By::Sku, " p-1", pair.clone()));
        assert_eq!((first.len(), second.len()), (1, 1));
        assert_eq!(second.find(&pie()).unwrap().entry.classification, pair);
        assert_ne!(first.find(&pie()).unwrap().entry.classification, pair, "the one before is as it was");
        assert!(second.get("sku::p-1").is_some());
    }
}
