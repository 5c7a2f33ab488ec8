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
pub(crate) fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
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
pub(crate) fn delimiter(bytes: &[u8]) -> u8 {
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
        let pairs = [PAIR, PAIR + 2];
        if !pairs.into_iter().any(|code| has(code) && has(code + 1)) {
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
pub(crate) fn text(cell: &[u8]) -> Result<Option<String>, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parsed {
        parse(text.as_bytes(), CodeLists::shipped())
    }

    fn told(parsed: &Parsed) -> Vec<(u64, &str, &str)> {
        let of = |p: &'_ Problem| (p.line.unwrap_or_default(), p.column.is_some());
        assert!(parsed.problems.iter().all(|p| of(p).0 > 0));
        (parsed.problems.iter())
            .map(|p| {
                (p.line.unwrap_or_default(), p.column.as_deref().unwrap_or_default(), p.message.as_str())
            })
            .collect()
    }

    const HEAD: &str = "platform,item_id,sku,name,name_pattern,category,hsn_code,product_category,isic_code,service_category";

    #[test]
    fn what_spreadsheets_write_reads_the_same() {
        let plain = "sku,name,hsn_code,product_category\nA-1,Adire shirt,6206.30,\"Clothing, women's\"\nB-2,Soap,3401.11,Soap\n";
        let expected = read(plain).entries;
        assert_eq!(expected.len(), 2);
        let semicolons = "SKU;Name;HS Code;Product-Category\r\nA-1;Adire shirt;6206.30;\"Clothing, women's\"\r\nB-2;Soap;3401.11;Soap";
        let old_mac = plain.replace('\n', "\r");
        let wide: Vec<u8> =
            std::iter::once(0xFEFF).chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            std::iter::once(0xFEFF).chain(plain.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let marked = format!("\u{feff}{plain}");
        let empty_rows = plain.replace("A-1", "\n,,,\n\nA-1");
        for bytes in
            [semicolons.as_bytes(), old_mac.as_bytes(), &wide, &big, marked.as_bytes(), empty_rows.as_bytes()]
        {
            let parsed = parse(bytes, CodeLists::shipped());
            assert_eq!(parsed.entries, expected, "{}", String::from_utf8_lossy(bytes));
            assert_eq!((parsed.rows, parsed.problems.len()), (2, 0));
        }
    }

    #[test]
    fn every_problem_is_listed_at_once_with_its_line_and_column() {
        let file = format!(
            "{HEAD}\n\
             ,,A-1,\"a name\nin two lines\",,,6206.30,Clothing,,\n\
             ,,A-2,,,,620,,,\n\
             ,,,,,,6206.30,Clothing,,\n\
             ,,a-1,again,,,6206.30,Clothing,,\n\
             TILL 1,,A-5,,,,6206.30,Clothing,5610,\n\
             ,,A-6,one,two,three,6206.30,Clothing,,,and more\n"
        );
        let parsed = read(&file);
        assert_eq!((parsed.rows, parsed.entries.len()), (6, 1), "only the first row is good");
        let found: Vec<(u64, &str)> =
            told(&parsed).iter().map(|(line, column, _)| (*line, *column)).collect();
        assert_eq!(
            found,
            [
                (4, "hsn_code"),
                (4, "product_category"),
                (5, "item_id"),
                (6, "sku"),
                (7, "platform"),
                (7, "isic_code"),
                (8, ""),
            ],
            "{:?}",
            parsed.problems
        );
        assert!(parsed.problems[3].message.contains("line 2"), "{}", parsed.problems[3].message);
    }

    #[test]
    fn a_header_that_cannot_be_used_is_told_before_anything_else() {
        for (file, says) in [
            ("", "empty"),
            ("\n\n", "empty"),
            ("Adire shirt,6206.30,Clothing\n", "must name the columns"),
            ("sku,hsn_code\nA,1\n", "hsn_code and product_category"),
            ("sku,hsn_code,service_category\n", "hsn_code and product_category"),
            ("sku,SKU,hsn_code,product_category\n", "twice"),
        ] {
            let parsed = read(file);
            assert!(parsed.is_refused() && parsed.entries.is_empty(), "{file:?}");
            assert!(
                parsed.problems.iter().any(|p| p.message.contains(says)),
                "{file:?} {:?}",
                parsed.problems
            );
        }
        let more = read("sku,price,hsn_code,product_category\nA,12,6206.30,Clothing\n");
        assert_eq!((more.entries.len(), more.is_refused()), (1, false));
        assert!(more.problems[0].message.contains("\"price\" is not read"));
    }

    #[test]
    fn hostile_cells_are_refused_by_name_and_never_panic() {
        let latin = b"name,hsn_code,product_category\nCaf\xe9,6206.30,Clothing\n";
        let parsed = parse(latin, CodeLists::shipped());
        assert!(parsed.problems[0].message.contains("UTF-8"), "{:?}", parsed.problems);
        assert_eq!((parsed.problems[0].line, parsed.problems[0].column.as_deref()), (Some(2), Some("name")));
        let open =
            format!("name,hsn_code,product_category\n\"Soap,3401.11,Soap\n{}", "x,6206.30,y\n".repeat(100));
        assert!(read(&open).problems[0].message.contains("quotation mark"));
        let control = read("name,hsn_code,product_category\nSo\u{0}ap,3401.11,Soap\n");
        assert!(control.problems[0].message.contains("damaged"));
        for bytes in
            [&[0xFF, 0xFE, 0x41][..], &[0xFE, 0xFF, 0xD8, 0x00], &[0xEF, 0xBB, 0xBF], &[b'"'; 50], &[0; 9]]
        {
            assert!(parse(bytes, CodeLists::shipped()).is_refused(), "{bytes:?}");
        }
        assert!(parse(&vec![b','; MOST_BYTES + 1], CodeLists::shipped()).is_refused());
    }

    #[test]
    fn a_spreadsheet_computes_nothing_of_what_is_exported() {
        let pair = Classification::Goods { hsn_code: "3401.11".into(), product_category: "@cmd".into() };
        let names = ["=1+1", "+234", "-5", "'=x", "''", "plain"];
        let entries: Vec<Entry> =
            names.iter().map(|name| Entry::new(By::Name, *name, pair.clone())).collect();
        let file = write(&entries).unwrap();
        for cell in file.split([',', '\n']) {
            assert!(!cell.trim_matches('"').starts_with(['=', '+', '-', '@']), "{cell}");
        }
        assert_eq!(read(&file).entries, entries);
    }
}
