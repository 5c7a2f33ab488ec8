//! A lookup table from its CSV: every problem is listed at once, with its line and column.

use super::{
    constant::Constant,
    letters::composed,
    table::{Shared, Table},
    tree::{Name, Node, Tree},
};
use crate::catalogue::{Problem, cell, delimiter, plain};
use csv::{ByteRecord, ReaderBuilder};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use taxpoynt_ubl::{Classification, Tax};

/// Larger than a table of 100,000 rows by far; a hostile file is refused unread.
const MOST_BYTES: usize = 32 * 1_024 * 1_024;
const MOST_COLUMNS: usize = 64;
/// Problems listed of one file; a file with more has one cause, not many.
const MOST_PROBLEMS: usize = 1_000;

const TAX: [&str; 3] = ["category", "percent", "reason"];
const CLASS: [&str; 4] = ["hsn_code", "product_category", "isic_code", "service_category"];

/// Reads a file; `Table::read` says how.
pub(super) fn read(csv: &[u8]) -> Result<Table, Vec<Problem>> {
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
    if let Some(line) = not_closed(&bytes, delimiter(&bytes)) {
        let message =
            "the quotation mark that opens here is never closed, so every row after it would be one cell";
        return Err(vec![Problem::fatal("", message).at(line)]);
    }
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

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The line of a quotation mark that opens a cell and is not closed before the file ends: the reader would take all that
/// follows for that cell.
fn not_closed(bytes: &[u8], delimiter: u8) -> Option<u64> {
    let (mut line, mut opened, mut starts) = (1_u64, None, true);
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match (byte, opened) {
            (b'"', None) if starts => opened = Some(line),
            (b'"', Some(_)) if rest.peek() == Some(&b'"') => drop(rest.next()),
            (b'"', Some(_)) => opened = None,
            _ => {}
        }
        line += u64::from(byte == b'\n');
        starts = opened.is_none() && (byte == delimiter || byte == b'\n' || (starts && byte == b'\r'));
    }
    opened
}

fn header(record: &ByteRecord) -> Result<Vec<String>, Vec<Problem>> {
    let (mut columns, mut problems) = (Vec::<String>::new(), Vec::new());
    let mut refuse = |message: String| problems.push(Problem::fatal("", message).at(1));
    // Columns without a name at the end are what spreadsheets leave behind.
    let width = record.iter().rposition(|name| !name.trim_ascii().is_empty()).map_or(0, |last| last + 1);
    if record.get(0).is_some_and(|cell| cell.trim_ascii().to_ascii_lowercase().starts_with(b"sep=")) {
        refuse("the first line only tells a spreadsheet what parts the cells: take it out".to_owned());
    } else if width < 2 {
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
        if record.len() == 1 {
            let message = format!(
                "the row has one cell, the first line names {width}: part its cells as the first line does"
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
        for (column, message) in typed.into_iter().flatten().filter_map(Result::err) {
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
            Some(key) => match self.table.rows.get(&*composed(&key)) {
                None => {
                    self.table.rows.insert(composed(&key).into(), row);
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

    fn finish(self, hash: String) -> Result<Table, Vec<Problem>> {
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
        read: fn(&Node) -> Result<Option<T>, String>,
    ) -> Result<(), (&'static str, String)> {
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

fn as_tax(node: &Node) -> Result<Option<Tax>, String> {
    match Constant::read(node) {
        Ok(Constant::Tax(tax)) => Ok(Some(tax)),
        Ok(_) => Ok(None),
        Err(problem) => Err(problem.message().to_owned()),
    }
}

fn as_classification(node: &Node) -> Result<Option<Classification>, String> {
    match Constant::read(node) {
        Ok(Constant::Classification(classification)) => Ok(Some(classification)),
        Ok(_) => Ok(None),
        Err(problem) => Err(problem.message().to_owned()),
    }
}
