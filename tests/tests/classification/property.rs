//! From a seed: one entry decides, whatever order they came in, and a catalogue comes out of a file as it went in.

use std::collections::BTreeMap;
use taxpoynt_core::{
    catalogue::{By, Catalogue, Entry, Item, parse, write},
    firs::CodeLists,
};
use taxpoynt_tests::Random;
use taxpoynt_ubl::Classification;

const ROUNDS: u64 = 400;

/// So few pieces that entries and items meet often; among them what a file must quote and a spreadsheet would compute.
const PIECES: [&str; 14] = ["a", "B", "ab", " ", "  ", "*", "é", "ß", "İ", ",;\"", "=1+1", "'", "-", "日本"];

fn text(random: &mut Random, stars: bool) -> String {
    loop {
        let text: String = (0..random.between(1, 4)).map(|_| *random.pick(&PIECES)).collect();
        let text = if stars { text } else { text.replace('*', "x") };
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            return text;
        }
    }
}

fn maybe(random: &mut Random, stars: bool) -> Option<String> {
    random.one_in(2).then(|| text(random, stars))
}

fn platform(random: &mut Random) -> Option<String> {
    let all: [Option<&str>; 3] = [None, Some("till"), Some("crm-2")];
    random.pick(&all).map(str::to_owned)
}

fn entry(random: &mut Random) -> Entry {
    let classification = if random.one_in(2) {
        let hsn_code = format!("{:04}.{:02}", random.below(10_000), random.below(100));
        Classification::Goods { hsn_code, product_category: text(random, true) }
    } else {
        let isic_code = format!("{:04}", random.below(10_000));
        Classification::Service { isic_code, service_category: text(random, true) }
    };
    let by = *random.pick(&By::ALL);
    let value = text(random, true);
    let mut entry = Entry::new(by, value, classification);
    entry.platform = platform(random);
    // What is weaker than the key stands beside it and decides nothing.
    if by < By::Name {
        entry.name = maybe(random, true);
    }
    if by < By::Category {
        entry.category = maybe(random, true);
    }
    entry
}

fn shuffled<T: Clone>(random: &mut Random, items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    for i in (1..items.len()).rev() {
        items.swap(i, random.below(i + 1));
    }
    items
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().flat_map(char::to_lowercase).collect()
}

/// Whether a pattern matches, the slow and obvious way.
fn like(pattern: &[char], name: &[char]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some(('*', rest)) => (0..=name.len()).any(|skip| like(rest, &name[skip..])),
        Some((c, rest)) => name.first() == Some(c) && like(rest, &name[1..]),
    }
}

/// The entry that ought to decide: of all that match, the least by the rule that the module page states.
fn expected<'e>(entries: &'e [Entry], item: &Item<'_>) -> Option<&'e Entry> {
    let matches = |entry: &&Entry| {
        if entry.platform.as_deref().is_some_and(|platform| platform != item.platform) {
            return false;
        }
        let (by, value) = entry.found_by().unwrap();
        let same = |of: Option<&str>| of.is_some_and(|of| !of.trim().is_empty() && fold(of) == fold(value));
        match by {
            By::ItemId => item.item_id.is_some_and(|id| id.trim() == value.trim()),
            By::Sku => same(item.sku),
            By::Name => same(Some(item.name)),
            By::NamePattern => {
                like(&fold(value).chars().collect::<Vec<_>>(), &fold(item.name).chars().collect::<Vec<_>>())
            }
            _ => same(item.category),
        }
    };
    entries.iter().filter(matches).min_by_key(|entry| {
        let (by, value) = entry.found_by().unwrap();
        let letters =
            if by == By::NamePattern { fold(value).chars().filter(|c| *c != '*').count() } else { 0 };
        (by, entry.platform.is_none(), std::cmp::Reverse(letters), fold(value))
    })
}

#[test]
fn exactly_one_entry_decides_whatever_order_they_came_in() {
    for seed in 0..ROUNDS {
        let mut random = Random::seeded(seed);
        let mut by_key: BTreeMap<String, Entry> = BTreeMap::new();
        for _ in 0..random.between(0, 60) {
            let entry = entry(&mut random);
            by_key.insert(entry.key(), entry);
        }
        let entries: Vec<Entry> = by_key.into_values().collect();
        let one = Catalogue::new(entries.clone());
        let other = Catalogue::new(shuffled(&mut random, &entries));
        let grown =
            shuffled(&mut random, &entries).into_iter().fold(Catalogue::default(), |c, entry| c.with(entry));
        for _ in 0..60 {
            let (id, sku, name, category) = (
                maybe(&mut random, true),
                maybe(&mut random, true),
                text(&mut random, true),
                maybe(&mut random, true),
            );
            let item = Item {
                platform: random.pick::<&str>(&["till", "crm-2", "else"]),
                item_id: id.as_deref(),
                sku: sku.as_deref(),
                name: &name,
                category: category.as_deref(),
            };
            let wanted = expected(&entries, &item);
            for catalogue in [&one, &other, &grown] {
                assert_eq!(catalogue.find(&item).map(|hit| hit.entry), wanted, "seed {seed}, {item:?}");
            }
        }
    }
}

#[test]
fn a_catalogue_comes_out_of_a_file_as_it_went_in() {
    for seed in 0..ROUNDS {
        let mut random = Random::seeded(seed ^ 0xC5F);
        let mut by_key: BTreeMap<String, Entry> = BTreeMap::new();
        for _ in 0..random.between(1, 40) {
            let entry = entry(&mut random);
            by_key.insert(entry.key(), entry);
        }
        let entries: Vec<Entry> = by_key.into_values().collect();
        let file = write(&entries).unwrap();
        let read = parse(file.as_bytes(), CodeLists::shipped());
        assert!(!read.is_refused(), "seed {seed}: {:?}\n{file}", read.problems);
        assert_eq!(read.entries, entries, "seed {seed}\n{file}");
        assert_eq!(write(&read.entries).unwrap(), file, "seed {seed}");
        // As the spreadsheets of half the world keep it.
        let tabs = format!("\u{feff}{}", retyped(&entries, '\t'));
        assert_eq!(parse(tabs.as_bytes(), CodeLists::shipped()).entries, entries, "seed {seed}\n{tabs}");
    }
}

#[test]
fn a_damaged_file_is_told_and_what_is_read_of_it_can_be_used() {
    for seed in 0..ROUNDS {
        let mut random = Random::seeded(seed ^ 0xDA3A6E);
        let entries: Vec<Entry> = (0..random.between(1, 12)).map(|_| entry(&mut random)).collect();
        let mut file = write(&entries).unwrap().into_bytes();
        for _ in 0..random.between(1, 12) {
            let at = random.below(file.len());
            match random.below(4) {
                0 => file[at] = u8::try_from(random.below(256)).unwrap(),
                1 => drop(file.remove(at)),
                2 => file.insert(at, *random.pick(b"\",;\n\r\t'\0\xff")),
                _ => file.truncate(at.max(1)),
            }
            if file.is_empty() {
                break;
            }
        }
        let read = parse(&file, CodeLists::shipped());
        assert!(read.entries.len() as u64 <= read.rows, "seed {seed}");
        assert!(read.problems.iter().all(|p| p.line.is_some() && !p.message.is_empty()), "seed {seed}");
        let again = parse(write(&read.entries).unwrap().as_bytes(), CodeLists::shipped());
        assert_eq!(again.entries, read.entries, "seed {seed}: what was taken can be kept");
    }
}

/// The file with another separator, every cell quoted, and line feeds alone.
fn retyped(entries: &[Entry], separator: char) -> String {
    let file = write(entries).unwrap();
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_bytes());
    let row = |row: csv::StringRecord| {
        let cells: Vec<String> =
            row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        cells.join(&separator.to_string())
    };
    rows.records().map(|r| row(r.unwrap())).collect::<Vec<_>>().join("\n")
}
