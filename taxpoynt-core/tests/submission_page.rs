//! The page an operator reads and the table the engine follows are one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use taxpoynt_core::{
    firs::lifecycle::{Event, Next, Of, TABLE, Transition, phase},
    store::Stage,
};

fn event(event: Event) -> &'static str {
    match event {
        Event::Begun => "the intent is stored",
        Event::Done => "the authority says done",
        Event::FoundEqual => "asked: it is there already, and it is ours",
        Event::FoundOther => "asked: another document is there under our IRN",
        Event::Refused => "a final no",
        Event::Unclear => "an answer that does not say whether it took effect",
        Event::Unreached => "not reached, turned away, or not shown yet",
        Event::Forbidden => "keys, permission or set-up missing",
        Event::GivenUp => "attempts used up",
        Event::Resubmitted => "resubmitted or replayed by a person",
        Event::Corrected => "the sale changed and was prepared again",
    }
}

fn may(next: Next) -> &'static str {
    match next {
        Next::GoOn => "goes on at once",
        Next::Again => "the same call again, later",
        Next::AskFirst => "later, and the authority is asked by IRN first",
        Next::Hold => "waits, tried every 15 minutes, no attempt used up",
        Next::Person => "a person: mend, resubmit or leave",
        Next::End => "nothing left to do",
    }
}

fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn line(row: &Transition) -> String {
    let of = match row.of {
        Of::Any => "",
        Of::Transmitted => " (B2B, B2G)",
        Of::Reported => " (B2C)",
        Of::SignRefused => " (after `sign_failed`)",
    };
    let codes: Vec<String> = row.codes.iter().map(|code| format!("`{code}`")).collect();
    format!(
        "| {} | {}{of} | {} | {} | {} | {} | {} |",
        word(row.from),
        event(row.event),
        word(row.to),
        word(row.state),
        codes.join(" "),
        phase(row.to, row.state, row.codes.first().copied()).replace('_', " "),
        may(row.next)
    )
}

#[test]
fn the_page_shows_the_table_that_the_engine_follows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/submission.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let expected: Vec<String> = TABLE.iter().map(line).collect();
    let stages = ["draft", "validated", "signing", "signed", "transmitting", "transmitted", "confirmed"];
    let shown: Vec<&str> = page
        .lines()
        .filter(|line| stages.iter().any(|stage| line.starts_with(&format!("| {stage} |"))))
        .collect();
    let whole = expected.join("\n");
    assert_eq!(shown, expected, "docs/submission.md should have this table:\n{whole}");
}

#[test]
fn the_page_explains_every_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/submission.md");
    let page = std::fs::read_to_string(&path).unwrap();
    for code in TABLE.iter().flat_map(|row| row.codes) {
        assert!(page.contains(&format!("- `{code}`")), "{code} is not explained");
    }
    // Nothing leads on from the last stage.
    assert!(TABLE.iter().all(|row| row.from != Stage::Confirmed));
}
