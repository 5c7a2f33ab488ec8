//! Model → UBL XML, XML → model, XML → verdict. The limit beside them: quick-xml's own events over the same bytes.

#![allow(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use divan::{Bencher, counter::BytesCount};
use quick_xml::{Reader, Writer, events::Event};
use taxpoynt_benches::invoice;
use taxpoynt_ubl::{Ruleset, parse, to_xml, validate};

const LINES: [usize; 3] = [5, 100, 1000];

fn main() {
    divan::main();
}

fn xml(lines: usize) -> Vec<u8> {
    to_xml(&invoice(lines)).unwrap()
}

fn events(xml: &[u8]) -> Vec<Event<'_>> {
    let mut reader = Reader::from_reader(xml);
    let mut events = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return events,
            event => events.push(event),
        }
    }
}

#[divan::bench(args = LINES)]
fn write_ubl(bencher: Bencher, lines: usize) {
    let invoice = invoice(lines);
    let bytes = to_xml(&invoice).unwrap().len();
    bencher.counter(BytesCount::new(bytes)).bench(|| to_xml(divan::black_box(&invoice)).unwrap());
}

#[divan::bench(args = LINES)]
fn limit_raw_writer(bencher: Bencher, lines: usize) {
    let xml = xml(lines);
    let events = events(&xml);
    bencher.counter(BytesCount::new(xml.len())).bench(|| {
        let mut writer = Writer::new(Vec::with_capacity(xml.len()));
        for event in divan::black_box(&events) {
            writer.write_event(event.borrow()).unwrap();
        }
        writer.into_inner()
    });
}

#[divan::bench(args = LINES)]
fn parse_ubl(bencher: Bencher, lines: usize) {
    let xml = xml(lines);
    bencher.counter(BytesCount::new(xml.len())).bench(|| parse(divan::black_box(&xml)).unwrap());
}

#[divan::bench(args = LINES)]
fn validate_en16931(bencher: Bencher, lines: usize) {
    let xml = xml(lines);
    bencher
        .counter(BytesCount::new(xml.len()))
        .bench(|| validate(divan::black_box(&xml), &[Ruleset::En16931]).unwrap());
}

#[divan::bench(args = LINES)]
fn limit_raw_events(bencher: Bencher, lines: usize) {
    let xml = xml(lines);
    bencher.counter(BytesCount::new(xml.len())).bench(|| {
        let mut reader = Reader::from_reader(divan::black_box(&xml[..]));
        let mut count = 0;
        while reader.read_event().unwrap() != Event::Eof {
            count += 1;
        }
        count
    });
}
