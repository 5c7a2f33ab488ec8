//! A lookup table: what a CSV says of each text in its first column, read once and then only looked up.

use super::{
    constant::Constant,
    tree::{Name, Node, Tree},
};
use crate::{
    Error, ErrorKind, Result,
    catalogue::{Problem, cell, delimiter, plain},
};
use csv::{ByteRecord, ReaderBuilder};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
};
use taxpoynt_ubl::{Classification, Tax};

/// Larger than a table of 100,000 rows by far; a hostile file is refused unread.
const MOST_BYTES: usize = 32 * 1_024 * 1_024;
const MOST_COLUMNS: usize = 64;
/// Problems listed of one file; a file with more has one cause, not many.
const MOST_PROBLEMS: usize = 1_000;
/// How much of a hash names a version for people.
const SHORT: usize = 12;

const TAX: [&str; 3] = ["category", "percent", "reason"];
const CLASS: [&str; 4] = ["hsn_code", "product_category", "isic_code", "service_category"];

/// A table that rules look things up in, by the text in its first column.
///
/// Its cells are texts. Where it has the columns `category` and `percent`, each row also is a tax (with `reason`, where
/// it has that); where it has `hsn_code` and `product_category`, or `isic_code` and `service_category`, each row also
/// is a classification. It takes about the size of its file and 80 bytes a row: 100,000 rows of five columns are 13 MB.
pub struct Table {
    hash: String,
    columns: Vec<String>,
    /// The row of each key.
    rows: HashMap<Box<str>, u32>,
    lines: Vec<u32>,
    /// All cells but the keys, one after the other, and where each ends.
    text: String,
    ends: Vec<u32>,
    taxes: Option<Shared<Tax>>,
    classifications: Option<Shared<Classification>>,
}

/// A row that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'t> {
    pub(super) table: &'t Table,
    index: usize,
}

/// A value a row; the same one is kept once.
struct Shared<T> {
    values: Vec<T>,
    of: Vec<Option<u32>>,
}

impl Table {
    /// Reads a table: UTF-8 or what a spreadsheet calls "Unicode text"; commas, semicolons or tabs; quoted cells. The
    /// first line names the columns; the first column is the key, without which a row cannot be found. Blanks around a
    /// cell do not count.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of lines; then there is no table.
    pub fn read(csv: &[u8]) -> std::result::Result<Self, Vec<Problem>> {
        if csv.len() > MOST_BYTES {
            let message = format!("a table has at most {MOST_BYTES} bytes, found {}", csv.len());
            return Err(vec![Problem::fatal("", message).at(1)]);
        }
        let bytes = plain(csv);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(&bytes))
            .from_reader(&*bytes);
        let mut record = ByteRecord::new();
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            let message = "the file is empty: its first line names the columns, the first of them is the key";
            return Err(vec![Problem::fatal("", message).at(1)]);
        }
        let columns = header(&record)?;
        let mut reading = Reading::new(columns);
        while reading.problems.len() < MOST_PROBLEMS {
            match reader.read_byte_record(&mut record) {
                Ok(true) => reading.row(&record),
                Ok(false) => break,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    let message = format!("the file cannot be read on: {error}");
                    reading.problems.push(Problem::fatal("", message).at(line));
                    break;
                }
            }
        }
        reading.finish(hash(csv))
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
        let index = *self.rows.get(key.trim())? as usize;
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

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header(record: &ByteRecord) -> std::result::Result<Vec<String>, Vec<Problem>> {
    let (mut columns, mut problems) = (Vec::<String>::new(), Vec::new());
    let mut refuse = |message: String| problems.push(Problem::fatal("", message).at(1));
    // Columns without a name at the end are what spreadsheets leave behind.
    let width = record.iter().rposition(|name| !name.trim_ascii().is_empty()).map_or(0, |last| last + 1);
    if width < 2 {
        refuse("a table has a key and at least one more column: name both in the first line".to_owned());
    }
    if width > MOST_COLUMNS {
        refuse(format!("a table has at most {MOST_COLUMNS} columns, found {width}"));
    }
    for (at, name) in record.iter().take(width.min(MOST_COLUMNS)).enumerate() {
        match cell(name) {
            Ok(Some(name)) if columns.contains(&name) => {
                refuse(format!("the column {name:?} is there twice: name each once"));
            }
            Ok(Some(name)) => columns.push(name),
            Ok(None) => refuse(format!("column {} has no name: name it, or take it out", at + 1)),
            Err(message) => refuse(message),
        }
    }
    if problems.is_empty() { Ok(columns) } else { Err(problems) }
}

/// A file while it is read.
struct Reading {
    table: Table,
    taxes: Option<Typed<Tax>>,
    classifications: Option<Typed<Classification>>,
    problems: Vec<Problem>,
}

impl Reading {
    fn new(columns: Vec<String>) -> Self {
        let has = |name: &str| columns.iter().skip(1).any(|column| column == name);
        let [category, percent, _] = TAX;
        let [hsn, product, isic, service] = CLASS;
        let taxes = (has(category) && has(percent)).then(|| Typed::new(&columns, &TAX));
        let classified = (has(hsn) && has(product)) || (has(isic) && has(service));
        let classifications = classified.then(|| Typed::new(&columns, &CLASS));
        let table = Table {
            hash: String::new(),
            columns,
            rows: HashMap::new(),
            lines: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
            taxes: None,
            classifications: None,
        };
        Self { table, taxes, classifications, problems: Vec::new() }
    }

    fn row(&mut self, record: &ByteRecord) {
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let before = self.problems.len();
        let width = self.table.columns.len();
        if record.iter().skip(width).any(|cell| !cell.trim_ascii().is_empty()) {
            let message = format!(
                "the row has {} cells, the first line names {width}: put quotation marks around a text that holds the separator",
                record.len()
            );
            self.problems.push(Problem::fatal("", message).at(line));
        }
        let mut cells: Vec<Option<String>> = Vec::with_capacity(width);
        for at in 0..width {
            cells.push(cell(record.get(at).unwrap_or_default()).unwrap_or_else(|message| {
                self.problems.push(Problem::fatal(&self.table.columns[at], message).at(line));
                None
            }));
        }
        let row = u32::try_from(self.table.lines.len()).unwrap_or(u32::MAX);
        if self.problems.len() == before {
            self.key(cells[0].take(), row, line);
        }
        let cells = &cells[1..];
        let typed = [
            self.taxes.as_mut().map(|typed| typed.row(cells, as_tax)),
            self.classifications.as_mut().map(|typed| typed.row(cells, as_classification)),
        ];
        for (column, message) in typed.into_iter().flatten().filter_map(std::result::Result::err) {
            self.problems.push(Problem::fatal(column, message).at(line));
        }
        for cell in cells {
            self.table.text.push_str(cell.as_deref().unwrap_or_default());
            self.table.ends.push(u32::try_from(self.table.text.len()).unwrap_or(u32::MAX));
        }
        self.table.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
    }

    fn key(&mut self, key: Option<String>, row: u32, line: u64) {
        let column = &self.table.columns[0];
        let message = match key {
            None => "the key is missing: without it nothing finds this row".to_owned(),
            Some(key) => match self.table.rows.get(key.as_str()) {
                None => {
                    self.table.rows.insert(key.into_boxed_str(), row);
                    return;
                }
                Some(first) => {
                    let first = self.table.lines.get(*first as usize).copied().unwrap_or_default();
                    format!("line {first} has the same key, {key:?}: keep one of the two")
                }
            },
        };
        self.problems.push(Problem::fatal(column, message).at(line));
    }

    fn finish(self, hash: String) -> std::result::Result<Table, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let mut table = Table {
            hash,
            taxes: self.taxes.map(|typed| typed.shared),
            classifications: self.classifications.map(|typed| typed.shared),
            ..self.table
        };
        table.rows.shrink_to_fit();
        table.text.shrink_to_fit();
        table.ends.shrink_to_fit();
        table.lines.shrink_to_fit();
        Ok(table)
    }
}

/// Columns that are one value together.
struct Typed<T> {
    /// Name and place among the cells behind the key.
    columns: Vec<(&'static str, usize)>,
    known: HashMap<Vec<Option<String>>, u32>,
    shared: Shared<T>,
}

impl<T> Typed<T> {
    fn new(columns: &[String], names: &[&'static str]) -> Self {
        let place = |name: &&'static str| Some((*name, columns.iter().skip(1).position(|c| c == name)?));
        Self {
            columns: names.iter().filter_map(place).collect(),
            known: HashMap::new(),
            shared: Shared { values: Vec::new(), of: Vec::new() },
        }
    }

    /// Adds a row; its columns all empty: nothing. What is wrong comes with the column to look at.
    fn row(
        &mut self,
        cells: &[Option<String>],
        read: fn(&Node) -> std::result::Result<Option<T>, String>,
    ) -> std::result::Result<(), (&'static str, String)> {
        let texts: Vec<Option<String>> =
            self.columns.iter().map(|(_, at)| cells.get(*at).cloned().flatten()).collect();
        if texts.iter().all(Option::is_none) {
            self.shared.of.push(None);
            return Ok(());
        }
        if let Some(at) = self.known.get(&texts) {
            self.shared.of.push(Some(*at));
            return Ok(());
        }
        self.shared.of.push(None);
        let first = self.columns.first().map_or("", |(name, _)| *name);
        let entry = |((name, _), text): (&(&'static str, usize), &Option<String>)| {
            let value = Tree::Text(text.clone()?);
            Some((Name { at: 0, text: (*name).to_owned() }, Node { at: 0, value }))
        };
        let entries = self.columns.iter().zip(&texts).filter_map(entry).collect();
        match read(&Node { at: 0, value: Tree::Table(entries) }) {
            Ok(Some(value)) => {
                let at = u32::try_from(self.shared.values.len()).unwrap_or(u32::MAX);
                self.shared.values.push(value);
                self.known.insert(texts, at);
                if let Some(last) = self.shared.of.last_mut() {
                    *last = Some(at);
                }
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(message) => Err((first, message)),
        }
    }
}

fn as_tax(node: &Node) -> std::result::Result<Option<Tax>, String> {
    match Constant::read(node) {
        Ok(Constant::Tax(tax)) => Ok(Some(tax)),
        Ok(_) => Ok(None),
        Err(problem) => Err(problem.message().to_owned()),
    }
}

fn as_classification(node: &Node) -> std::result::Result<Option<Classification>, String> {
    match Constant::read(node) {
        Ok(Constant::Classification(classification)) => Ok(Some(classification)),
        Ok(_) => Ok(None),
        Err(problem) => Err(problem.message().to_owned()),
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
