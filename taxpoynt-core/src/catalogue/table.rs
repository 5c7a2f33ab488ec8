//! A catalogue as CSV, as bookkeepers keep it: every problem is listed at once, with its line and column.

use super::{
    check::{Problem, pair},
    entry::{By, Entry},
};
use crate::{Error, ErrorKind, Result, firs::CodeLists};
use csv::{ByteRecord, ReaderBuilder, WriterBuilder};
use std::{borrow::Cow, collections::HashMap};
use taxpoynt_ubl::Classification;

/// The columns, in the order they are written. A file may have them in any order, and leave out what it does not use.
pub const COLUMNS: [&str; 10] = [
    "platform",
    "item_id",
    "sku",
    "name",
    "name_pattern",
    "category",
    "hsn_code",
    "product_category",
    "isic_code",
    "service_category",
];

const KEYS: std::ops::Range<usize> = 1..6;
const PAIR: usize = 6;

/// Larger than a catalogue of 100,000 entries by far; a hostile file is refused unread.
const MOST_BYTES: usize = 64 * 1_024 * 1_024;

/// The longest cell. A forgotten quotation mark makes one cell of the rest of the file.
const LONGEST: usize = 500;

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The entries of the rows that can be used, in their order.
    pub entries: Vec<Entry>,
    /// Everything that is wrong, in the order of lines.
    pub problems: Vec<Problem>,
    /// Rows read, header and empty rows apart.
    pub rows: u64,
}

impl Parsed {
    /// Whether any row cannot be used.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(Problem::is_fatal)
    }

    fn refused(message: impl Into<String>) -> Self {
        Self { problems: vec![Problem::fatal("", message).at(1)], ..Self::default() }
    }
}

/// Reads a file: UTF-8 (a byte order mark may stand before it) or what a spreadsheet calls "Unicode text"; commas,
/// semicolons or tabs, whichever the first line has; any line ends; quoted cells. The first line names the columns.
#[must_use]
pub fn parse(bytes: &[u8], lists: &CodeLists) -> Parsed {
    if bytes.len() > MOST_BYTES {
        return Parsed::refused(format!("a catalogue has at most {MOST_BYTES} bytes, found {}", bytes.len()));
    }
    let bytes = plain(bytes);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&bytes))
        .from_reader(&*bytes);
    let mut record = ByteRecord::new();
    let header = match reader.read_byte_record(&mut record) {
        Ok(true) => Header::read(&record),
        _ => return Parsed::refused("the file is empty: its first line names the columns"),
    };
    let mut reading = Reading { header, lists, parsed: Parsed::default(), lines: HashMap::new() };
    reading.parsed.problems.append(&mut reading.header.problems);
    if reading.parsed.is_refused() {
        return reading.parsed;
    }
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => reading.row(&record),
            Ok(false) => return reading.parsed,
            // Reading from memory into bytes of any length cannot fail; said all the same, should it ever.
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                let message = format!("the file cannot be read on: {error}");
                reading.parsed.problems.push(Problem::fatal("", message).at(line));
                return reading.parsed;
            }
        }
    }
}

/// The text without its byte order mark, and with line ends that are counted.
fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bytes: Cow<'_, [u8]> = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        _ => Cow::Borrowed(bytes),
    };
    if bytes.contains(&b'\r') && !bytes.contains(&b'\n') {
        return Cow::Owned(bytes.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect());
    }
    bytes
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units).into_bytes()
}

/// What parts the cells: whichever of the three the first line has most.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes.split(|b| *b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let count = |wanted: u8| first.iter().filter(|b| **b == wanted).count();
    // Of equal counts the last wins: a comma.
    [b'\t', b';', b','].into_iter().max_by_key(|d| count(*d)).unwrap_or(b',')
}

/// Which of our columns stands in which cell.
struct Header {
    places: [Option<usize>; 10],
    width: usize,
    problems: Vec<Problem>,
}

impl Header {
    fn read(record: &ByteRecord) -> Self {
        let mut header = Self { places: [None; 10], width: record.len(), problems: Vec::new() };
        let line = record.position().map_or(1, csv::Position::line);
        for (at, cell) in record.iter().enumerate() {
            let written = String::from_utf8_lossy(cell).trim().to_owned();
            let name = written.to_lowercase().replace([' ', '-'], "_");
            let name =
                ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name.as_str(), |(_, name)| name);
            match COLUMNS.iter().position(|column| *column == name) {
                Some(column) if header.places[column].is_some() => {
                    let message = format!("the column {name} stands twice in the first line");
                    header.problems.push(Problem::fatal(name, message).at(line));
                }
                Some(column) => header.places[column] = Some(at),
                None if written.is_empty() => {}
                None => {
                    let message =
                        format!("the column {written:?} is not read; the columns are {}", COLUMNS.join(", "));
                    header.problems.push(Problem::warning(&written, message).at(line));
                }
            }
        }
        header.complete(line);
        header
    }

    fn complete(&mut self, line: u64) {
        let has = |column: usize| self.places[column].is_some();
        if !KEYS.into_iter().any(has) {
            let message = "the first line must name the columns, at least one of item_id, sku, name, name_pattern and category";
            self.problems.push(Problem::fatal("", message).at(line));
        }
        if !(has(PAIR) && has(PAIR + 1)) && !(has(PAIR + 2) && has(PAIR + 3)) {
            let message = "the first line must name hsn_code and product_category, or isic_code and service_category, or all \
                           four";
            self.problems.push(Problem::fatal("", message).at(line));
        }
    }
}

/// Other spellings of columns.
const ALIASES: [(&str, &str); 6] = [
    ("hs_code", "hsn_code"),
    ("hscode", "hsn_code"),
    ("hsn", "hsn_code"),
    ("isic", "isic_code"),
    ("item", "item_id"),
    ("pattern", "name_pattern"),
];

struct Reading<'l> {
    header: Header,
    lists: &'l CodeLists,
    parsed: Parsed,
    /// The line of each entry so far, by its key.
    lines: HashMap<String, u64>,
}

impl Reading<'_> {
    fn row(&mut self, record: &ByteRecord) {
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return;
        }
        self.parsed.rows += 1;
        let line = record.position().map_or(0, csv::Position::line);
        let mut problems = Vec::new();
        let cells = self.cells(record, &mut problems);
        let checked = pair([6, 7, 8, 9].map(|at| cells[at].as_deref().unwrap_or_default()), self.lists);
        problems.extend(checked.problems);
        let fatal = problems.iter().any(Problem::is_fatal);
        let entry = checked.classification.map(|classification| entry(cells, classification));
        if let Some(entry) = entry.filter(|_| !fatal) {
            self.keep(entry, line, &mut problems);
        }
        self.parsed.problems.extend(problems.into_iter().map(|problem| problem.at(line)));
    }

    /// The cells of our columns, tidied; what is wrong with one is said, and an empty one is none.
    fn cells(&self, record: &ByteRecord, problems: &mut Vec<Problem>) -> [Option<String>; 10] {
        let mut cells: [Option<String>; 10] = Default::default();
        if record.iter().skip(self.header.width).any(|cell| !cell.trim_ascii().is_empty()) {
            let (found, named) = (record.len(), self.header.width);
            let message = format!(
                "the row has {found} cells, the first line names {named}: put quotation marks around a text that holds \
                 the separator"
            );
            problems.push(Problem::fatal("", message));
        }
        for (column, place) in self.header.places.iter().enumerate() {
            let Some(cell) = place.and_then(|place| record.get(place)) else { continue };
            match text(cell) {
                Ok(text) => cells[column] = text,
                Err(message) => problems.push(Problem::fatal(COLUMNS[column], message)),
            }
        }
        if let Some(platform) = &mut cells[0] {
            *platform = platform.to_lowercase();
            if !platform.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
                let message = format!(
                    "{platform:?} is no platform: write its id as the engine lists it, or leave the cell empty"
                );
                problems.push(Problem::fatal(COLUMNS[0], message));
            }
        }
        if cells[KEYS].iter().all(Option::is_none) {
            let message = "the row does not say which item it is for: fill item_id, sku, name, name_pattern or category";
            problems.push(Problem::fatal("item_id", message));
        }
        cells
    }

    /// Keeps an entry, unless the file had one for the same item before.
    fn keep(&mut self, entry: Entry, line: u64, problems: &mut Vec<Problem>) {
        let column = entry.found_by().map_or(By::Name, |(by, _)| by).column();
        let first = *self.lines.entry(entry.key()).or_insert(line);
        if first == line {
            self.parsed.entries.push(entry);
            return;
        }
        let what = entry.to_string();
        let what = what.trim_start_matches("catalogue entry ");
        let message = format!("line {first} is for the same item, {what}: keep one of the two");
        problems.push(Problem::fatal(column, message));
    }
}

fn entry(cells: [Option<String>; 10], classification: Classification) -> Entry {
    let [platform, item_id, sku, name, name_pattern, category, ..] = cells;
    Entry { platform, item_id, sku, name, name_pattern, category, classification }
}

/// A cell's text, tidied; none where it is empty.
fn text(cell: &[u8]) -> Result<Option<String>, String> {
    let text = std::str::from_utf8(cell).map_err(|_| {
        "the cell is not UTF-8 text: save the file as \"CSV UTF-8\" from the spreadsheet".to_owned()
    })?;
    let text = unguarded(text.trim());
    if text.chars().count() > LONGEST {
        let hint = if text.contains('\n') { ": is a quotation mark missing at its end?" } else { "" };
        return Err(format!("the cell has more than {LONGEST} characters{hint}"));
    }
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("the cell holds a character that no text has: was the file damaged?".to_owned());
    }
    // A line break inside a quoted cell is a space to whoever reads it.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Entries as a file: UTF-8, commas, CRLF, the header always. Reading it gives the same entries again.
///
/// # Errors
/// `Internal`: nothing that an entry can hold leads to it.
pub fn write<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::new(
            ErrorKind::Internal,
            "catalogue.write",
            format!("the catalogue cannot be written: {error}"),
        )
    };
    let mut writer = WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|e| failed(&e))?;
    for entry in entries {
        let [hs, product, isic, service] = match &entry.classification {
            Classification::Goods { hsn_code, product_category } => {
                [hsn_code, product_category.as_str(), "", ""]
            }
            Classification::Service { isic_code, service_category } => {
                ["", "", isic_code, service_category.as_str()]
            }
        };
        let values = By::ALL.map(|by| entry.value(by).unwrap_or_default());
        let platform = entry.platform.as_deref().unwrap_or_default();
        let cells = [platform].into_iter().chain(values).chain([hs, product, isic, service]);
        writer.write_record(cells.map(|cell| guarded(cell).into_owned())).map_err(|e| failed(&e))?;
    }
    let bytes = writer.into_inner().map_err(|e| failed(&e))?;
    String::from_utf8(bytes).map_err(|e| failed(&e))
}

/// Whether a spreadsheet would take the text for a formula (CSV injection), apart from apostrophes before it.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])
}

fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|_| is_formula(text)).unwrap_or(text)
}
