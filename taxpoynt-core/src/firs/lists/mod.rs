//! The authority's code lists as data: shipped with a date, refreshed from its resources, each saying where it is from.

mod read;
mod shipped;
mod words;

pub use read::read;
pub(crate) use words::WordIndex;

use super::{client::resources::Resource, codes::ExemptCode};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock, OnceLock},
};

/// One of the authority's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ListName {
    /// `STANDARD_VAT`, `ZERO_VAT`, …
    TaxCategories,
    /// `10` cash, `48` bank card, …
    PaymentMeans,
    /// `381` invoice, `380` credit note, …
    DocumentTypes,
    /// `NG-LA`, …
    States,
    /// `NG-LA-IKJ`, …, each in its state.
    Lgas,
    /// Goods, `2106.90`.
    HsCodes,
    /// Services by ISIC class, `5610`.
    ServiceCodes,
    /// `NGN`, …
    Currencies,
    /// `NG`, …
    Countries,
}

impl ListName {
    /// Every list.
    pub const ALL: [Self; 9] = [
        Self::TaxCategories,
        Self::PaymentMeans,
        Self::DocumentTypes,
        Self::States,
        Self::Lgas,
        Self::HsCodes,
        Self::ServiceCodes,
        Self::Currencies,
        Self::Countries,
    ];

    /// The list's name in storage, in reports and in other languages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TaxCategories => "tax_categories",
            Self::PaymentMeans => "payment_means",
            Self::DocumentTypes => "document_types",
            Self::States => "states",
            Self::Lgas => "lgas",
            Self::HsCodes => "hs_codes",
            Self::ServiceCodes => "service_codes",
            Self::Currencies => "currencies",
            Self::Countries => "countries",
        }
    }

    /// The list of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }

    /// The resource of the authority that gives it.
    #[must_use]
    pub const fn resource(self) -> Resource {
        match self {
            Self::TaxCategories => Resource::TaxCategories,
            Self::PaymentMeans => Resource::PaymentMeans,
            Self::DocumentTypes => Resource::InvoiceTypes,
            Self::States => Resource::States,
            Self::Lgas => Resource::Lgas,
            Self::HsCodes => Resource::HsCodes,
            Self::ServiceCodes => Resource::ServiceCodes,
            Self::Currencies => Resource::Currencies,
            Self::Countries => Resource::Countries,
        }
    }

    const fn place(self) -> usize {
        self as usize
    }
}

impl fmt::Display for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The code.
    pub code: String,
    /// What it means; empty where the list says no more than the code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Of an LGA: the code of its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// Where a list is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// Built into this version of the engine, as the list stood on that day.
    Shipped(NaiveDate),
    /// Read from the authority at that moment.
    Refreshed(DateTime<Utc>),
}

/// One list. A list without rows is not known: codes are then checked by their form alone.
#[derive(Clone, Serialize)]
pub struct CodeList {
    name: ListName,
    origin: Origin,
    codes: Vec<Code>,
    #[serde(skip)]
    places: HashMap<String, usize>,
    #[serde(skip)]
    words: OnceLock<WordIndex>,
}

impl CodeList {
    /// A list; of a code that stands there twice the first row counts.
    #[must_use]
    pub fn new(name: ListName, origin: Origin, codes: Vec<Code>) -> Self {
        let mut places = HashMap::with_capacity(codes.len());
        let mut kept: Vec<Code> = Vec::with_capacity(codes.len());
        for code in codes {
            places.entry(key(name, &code.code)).or_insert_with(|| {
                kept.push(code);
                kept.len() - 1
            });
        }
        Self { name, origin, codes: kept, places, words: OnceLock::new() }
    }

    /// Which list.
    #[must_use]
    pub fn name(&self) -> ListName {
        self.name
    }

    /// Where it is from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Its rows.
    #[must_use]
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// Whether nothing is known of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The row of a code. HS codes are found with and without their point.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&Code> {
        self.places.get(&key(self.name, code)).and_then(|place| self.codes.get(*place))
    }

    /// Whether the list has the code; `None` where the list is not known.
    #[must_use]
    pub fn lists(&self, code: &str) -> Option<bool> {
        (!self.is_empty()).then(|| self.find(code).is_some())
    }

    /// Up to `most` rows whose codes begin like `code`, those that share most of it first.
    #[must_use]
    pub fn nearest(&self, code: &str, most: usize) -> Vec<&Code> {
        let wanted = key(self.name, code);
        let shared = |row: &Code| {
            key(self.name, &row.code).bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count()
        };
        let mut near: Vec<(usize, &Code)> =
            self.codes.iter().map(|row| (shared(row), row)).filter(|(shared, _)| *shared >= 2).collect();
        near.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.code.cmp(&b.1.code)));
        near.into_iter().take(most).map(|(_, row)| row).collect()
    }

    /// Up to `most` rows whose names share words with `text`, the likeliest first.
    #[must_use]
    pub fn search(&self, text: &str, most: usize) -> Vec<&Code> {
        let index = self.words.get_or_init(|| WordIndex::new(self.codes.iter().map(|row| row.name.as_str())));
        index.search(text, most).into_iter().filter_map(|place| self.codes.get(place)).collect()
    }
}

impl fmt::Debug for CodeList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeList")
            .field("name", &self.name)
            .field("origin", &self.origin)
            .field("rows", &self.codes.len())
            .finish_non_exhaustive()
    }
}

/// How two spellings of a code are one.
fn key(list: ListName, code: &str) -> String {
    let code = code.trim();
    match list {
        ListName::HsCodes => code.chars().filter(|c| *c != '.').collect(),
        _ => code.to_ascii_uppercase(),
    }
}

/// All lists, each from where it is newest. Cloning shares them.
#[derive(Debug, Clone)]
pub struct CodeLists {
    lists: [Arc<CodeList>; 9],
}

impl CodeLists {
    /// The lists built into this version. It ships no LGAs and no HS codes: 774 and several thousand rows that were
    /// never published in one piece.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<CodeLists> =
            LazyLock::new(|| CodeLists { lists: ListName::ALL.map(|name| Arc::new(shipped::list(name))) });
        &SHIPPED
    }

    /// These lists with one of them replaced.
    #[must_use]
    pub fn with(mut self, list: CodeList) -> Self {
        let place = list.name.place();
        self.lists[place] = Arc::new(list);
        self
    }

    /// One list.
    #[must_use]
    pub fn get(&self, name: ListName) -> &CodeList {
        &self.lists[name.place()]
    }

    /// How supplies without tax that are not zero rated are written: `EXEMPTED` where the list of tax categories has
    /// it, else `ZERO_VAT` as clients did in 2025.
    #[must_use]
    pub fn exempt_code(&self) -> ExemptCode {
        match self.get(ListName::TaxCategories).lists("EXEMPTED") {
            Some(false) => ExemptCode::FallBackToZero,
            _ => ExemptCode::Listed,
        }
    }

    /// Whether an LGA lies in a state; `None` where the list does not know the LGA.
    #[must_use]
    pub fn lga_lies_in(&self, lga: &str, state: &str) -> Option<bool> {
        let row = self.get(ListName::Lgas).find(lga)?;
        row.state.as_deref().map(|of| of.eq_ignore_ascii_case(state.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_stands_at_its_place_and_knows_its_name() {
        for name in ListName::ALL {
            let list = CodeLists::shipped().get(name);
            assert_eq!(list.name(), name);
            assert_eq!(ListName::from_name(name.name()), Some(name));
            assert!(matches!(list.origin(), Origin::Shipped(_)));
        }
    }

    #[test]
    fn what_is_shipped_is_what_the_authority_published() {
        let rows = |name| CodeLists::shipped().get(name).codes().len();
        assert_eq!(rows(ListName::TaxCategories), 27);
        assert_eq!(rows(ListName::PaymentMeans), 12);
        assert_eq!(rows(ListName::DocumentTypes), 20);
        assert_eq!(rows(ListName::States), 37);
        assert_eq!(rows(ListName::ServiceCodes), 419);
        assert_eq!(rows(ListName::Currencies), 118);
        assert_eq!(rows(ListName::Countries), 249);
        assert_eq!((rows(ListName::Lgas), rows(ListName::HsCodes)), (0, 0));
    }

    #[test]
    fn a_list_without_rows_neither_has_nor_lacks_a_code() {
        let lists = CodeLists::shipped();
        assert_eq!(lists.get(ListName::HsCodes).lists("2106.90"), None);
        assert_eq!(lists.get(ListName::ServiceCodes).lists("5610"), Some(true));
        assert_eq!(lists.get(ListName::ServiceCodes).lists("5611"), Some(false));
    }

    #[test]
    fn exempt_goes_as_zero_rated_where_the_list_lacks_it() {
        assert_eq!(CodeLists::shipped().exempt_code(), ExemptCode::Listed);
        let shorter = CodeLists::shipped().get(ListName::TaxCategories).codes().iter();
        let shorter = shorter.filter(|row| row.code != "EXEMPTED").cloned().collect();
        let origin = Origin::Refreshed(DateTime::from_timestamp(1_780_000_000, 0).unwrap());
        let lists =
            CodeLists::shipped().clone().with(CodeList::new(ListName::TaxCategories, origin, shorter));
        assert_eq!(lists.exempt_code(), ExemptCode::FallBackToZero);
    }

    #[test]
    fn the_nearest_codes_share_the_longest_beginning() {
        let row = |code: &str| Code { code: code.into(), name: String::new(), state: None };
        let origin = Origin::Shipped(NaiveDate::default());
        let codes = ["2106.10", "2106.90", "2103.20", "8471.30"].map(row).to_vec();
        let list = CodeList::new(ListName::HsCodes, origin, codes);
        let near: Vec<&str> = list.nearest("2106.99", 3).iter().map(|row| row.code.as_str()).collect();
        assert_eq!(near, ["2106.90", "2106.10", "2103.20"]);
        assert!(list.find("210690").is_some());
    }
}
