//! A lookup table: what a CSV says of each text in its first column, read once and then only looked up.

use super::{letters::composed, table_read::read};
use crate::{Error, ErrorKind, Result, catalogue::Problem};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};
use taxpoynt_ubl::{Classification, Tax};

/// How much of a hash names a version for people.
const SHORT: usize = 12;

/// A table that rules look things up in, by the text in its first column.
///
/// Its cells are texts. Where it has the columns `category` and `percent`, each row also is a tax (with `reason`, where
/// it has that); where it has `hsn_code` and `product_category`, or `isic_code` and `service_category`, each row also
/// is a classification. It takes about the size of its file and 80 bytes a row: 100,000 rows of five columns are 13 MB.
pub struct Table {
    pub(super) hash: String,
    pub(super) columns: Vec<String>,
    /// The row of each key.
    pub(super) rows: HashMap<Box<str>, u32>,
    pub(super) lines: Vec<u32>,
    /// All cells but the keys, one after the other, and where each ends.
    pub(super) text: String,
    pub(super) ends: Vec<u32>,
    pub(super) taxes: Option<Shared<Tax>>,
    pub(super) classifications: Option<Shared<Classification>>,
}

/// A row that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'t> {
    pub(super) table: &'t Table,
    index: usize,
}

/// A value a row; the same one is kept once.
pub(super) struct Shared<T> {
    pub(super) values: Vec<T>,
    pub(super) of: Vec<Option<u32>>,
}

impl Table {
    /// Reads a table: UTF-8 or what a spreadsheet calls "Unicode text"; commas, semicolons or tabs; quoted cells. The
    /// first line names the columns; the first column is the key, without which a row cannot be found. Blanks around a
    /// cell do not count.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of lines; then there is no table.
    pub fn read(csv: &[u8]) -> std::result::Result<Self, Vec<Problem>> {
        read(csv)
    }

    /// SHA-256 of the file, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The names of its columns; the first is the key.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether it has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The text in a column of the row with this key; none where there is no such row or nothing in it.
    #[must_use]
    pub fn get(&self, key: &str, column: &str) -> Option<&str> {
        self.find(key)?.text(self.column(column)?)
    }

    pub(super) fn find(&self, key: &str) -> Option<Row<'_>> {
        let index = *self.rows.get(&*composed(key.trim()))? as usize;
        Some(Row { table: self, index })
    }

    /// The place of a column other than the key.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().skip(1).position(|column| column == name)
    }

    pub(super) fn has_taxes(&self) -> bool {
        self.taxes.is_some()
    }

    pub(super) fn has_classifications(&self) -> bool {
        self.classifications.is_some()
    }

    /// All rows, in the order of lines.
    pub(super) fn all(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.lines.len()).map(|index| Row { table: self, index })
    }
}

impl<'t> Row<'t> {
    pub(super) fn text(&self, column: usize) -> Option<&'t str> {
        let table = self.table;
        let at = self.index * (table.columns.len() - 1) + column;
        let end = *table.ends.get(at)? as usize;
        let start =
            at.checked_sub(1).and_then(|before| table.ends.get(before)).map_or(0, |start| *start as usize);
        table.text.get(start..end).filter(|text| !text.is_empty())
    }

    pub(super) fn tax(&self) -> Option<&'t Tax> {
        self.table.taxes.as_ref()?.get(self.index)
    }

    pub(super) fn classification(&self) -> Option<&'t Classification> {
        self.table.classifications.as_ref()?.get(self.index)
    }

    /// The line of the file it stands on.
    pub(super) fn line(&self) -> u32 {
        self.table.lines.get(self.index).copied().unwrap_or_default()
    }
}

impl<T> Shared<T> {
    fn get(&self, row: usize) -> Option<&T> {
        let at = (*self.of.get(row)?)?;
        self.values.get(at as usize)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("columns", &self.columns)
            .field("rows", &self.lines.len())
            .finish_non_exhaustive()
    }
}

/// Lookup tables by name, as rules use them. Cloning shares the tables.
#[derive(Debug, Clone, Default)]
pub struct Tables(BTreeMap<String, Arc<Table>>);

impl Tables {
    /// Reads tables from CSV, each under its name.
    ///
    /// # Errors
    /// `Config` for a name that is none; `Mapping` for a file that cannot be used: `table`, `line` and `column` in the
    /// context say where the first fault is.
    pub fn parse<'t>(files: impl IntoIterator<Item = (&'t str, &'t [u8])>) -> Result<Self> {
        let mut tables = Self::default();
        for (name, csv) in files {
            check_name(name)?;
            let table = Table::read(csv).map_err(|problems| refused(name, &problems))?;
            tables.insert(name, Arc::new(table));
        }
        Ok(tables)
    }

    /// Puts a table in the place of what went by its name.
    pub fn insert(&mut self, name: &str, table: Arc<Table>) {
        self.0.insert(name.to_owned(), table);
    }

    /// Takes a table out.
    pub fn remove(&mut self, name: &str) -> Option<Arc<Table>> {
        self.0.remove(name)
    }

    /// The table of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Table> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts all of these in.
    pub fn extend(&mut self, others: &Self) {
        self.0.extend(others.0.iter().map(|(name, table)| (name.clone(), table.clone())));
    }
}

/// How a table is called: as rules write it.
///
/// # Errors
/// `Config`, naming the field.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if (1..=60).contains(&name.len()) && name.bytes().all(letter) && name.as_bytes()[0].is_ascii_lowercase() {
        return Ok(());
    }
    let message = "the name of a table is 1 to 60 lower-case letters, digits and _, such as customer_tins";
    Err(Error::new(ErrorKind::Config, "mapping.table", message).with("field", "name"))
}

fn refused(name: &str, problems: &[Problem]) -> Error {
    let first = problems.first();
    let line = first.and_then(|problem| problem.line).unwrap_or(1);
    let column = first.and_then(|problem| problem.column.clone()).unwrap_or_default();
    let place = if column.is_empty() { String::new() } else { format!(", column {column:?}") };
    let message = first.map_or("it cannot be read", |problem| problem.message.as_str());
    Error::new(ErrorKind::Mapping, "mapping.table", format!("table {name}, line {line}{place}: {message}"))
        .with("table", name)
        .with("line", line.to_string())
        .with("column", column)
}

/// A version of a table as provenance writes it: `customer_tins@1f3a5c7e9b2d`.
pub(crate) fn version(name: &str, hash: &str) -> String {
    format!("{name}@{}", hash.get(..SHORT).unwrap_or(hash))
}
