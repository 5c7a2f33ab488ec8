//! What is wrong with a template is said when it loads: the sentence, the line and the column.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use taxpoynt_core::{ErrorKind, connector::Connector};
use taxpoynt_declarative::Declarative;

const KIOSK: &str = include_str!("../../../examples/custom-connector/kiosk.toml");

/// Kiosk's template with one text in the place of another, and what reading it says; the line is that of the new text.
fn refusal(find: &str, put: &str) -> String {
    assert_eq!(KIOSK.matches(find).count(), 1, "{find:?} stands once in the template");
    let text = KIOSK.replace(find, put);
    let error = Declarative::parse("kiosk.toml", &text).expect_err(put);
    assert_eq!((error.kind(), error.get("file")), (ErrorKind::Mapping, Some("kiosk.toml")), "{error}");
    let line: usize = error.get("line").unwrap().parse().unwrap();
    let (from, to) =
        (text.find(put).map_or(1, |at| text[..at].matches('\n').count() + 1), text.lines().count());
    assert!((1..=to).contains(&line), "line {line} of {to}");
    let places = format!("line {line}, column {}: ", error.get("column").unwrap());
    let message = error.message().strip_prefix("kiosk.toml, ").unwrap().replacen(&places, "", 1);
    // 0: the very line that was changed.
    format!("{}: {message}", i64::try_from(line).unwrap() - i64::try_from(from).unwrap())
}

#[test]
fn the_template_of_the_example_can_be_read() {
    let info = *Declarative::parse("kiosk.toml", KIOSK).unwrap().info();
    assert_eq!((info.id, info.calls_per_second), ("kiosk", 10));
}

#[test]
fn a_name_that_does_not_exist_is_refused_where_it_stands() {
    let unknown = refusal("calls = 10", "cals = 10");
    assert!(unknown.starts_with("0: unknown field `cals`, expected one of `calls`"), "{unknown}");
    let field = refusal("total = { from", "totl = { from");
    assert_eq!(field, "0: unknown target of [map.sale] \"totl\"; the nearest is \"total\"");
    let part = refusal("[map.item]", "[map.itm]");
    assert!(part.ends_with("unknown part of map \"itm\"; the nearest is \"item\""), "{part}");
    let verify = refusal("by = \"hmac\"", "by = \"hmak\"");
    assert!(
        verify.contains("unknown variant `hmak`, expected one of `basic`, `header`, `path`, `hmac`"),
        "{verify}"
    );
    let transform = refusal("{ datetime = \"unix\" }", "{ datetme = \"unix\" }");
    assert!(transform.ends_with("unknown transform \"datetme\"; the nearest is \"datetime\""), "{transform}");
    let source = refusal("\"raw.receipt.number\"", "\"deal.number\"");
    assert!(source.contains("a field map reads the record: raw.<path>, or custom.<name>"), "{source}");
}

#[test]
fn values_that_cannot_be_are_refused_by_name() {
    for (find, put, expected) in [
        ("version = 1", "version = 2", "0: version: this engine reads version = 1 of templates"),
        (
            "id = \"kiosk\"",
            "id = \"Kiosk Ltd\"",
            "0: id: an id is 1 to 40 small letters, digits and underscores, such as pipedrive",
        ),
        (
            "https://api.kiosk.example/",
            "http://api.kiosk.example/",
            "0: base_url: a base URL begins with https:// and ends with a slash",
        ),
        ("calls = 10", "calls = 0", "0: limits.calls: with no call in no time nothing could ever be read"),
        (
            "currency = \"receipt.currency\"",
            "currency = \"order.currency\"",
            "0: record.currency: a path that begins with receipt. or with a member of the record",
        ),
        ("{id}", "501", "0: fetch.get: the call for one record names it: {id}"),
        (
            "get = \"v1/receipts\"",
            "get = \"v1/{setting.branch}/receipts\"",
            "0: pull.list: unknown place {setting.branch}: there are {id}, {ids}, {since}, {until} and {setting.NAME}",
        ),
        (
            "pages = { by = \"page\", parameter = \"page\", last = \"pages\" }",
            "pages = { by = \"page\", parameter = \"page\" }",
            "0: pull.list.pages: say how the list ends: more, last or size",
        ),
        (
            "member = \"shop\"",
            "member = \"store\"",
            "0: gather.member: \"store\" is none of record.lists and record.members",
        ),
        ("each = \"lines\"\n", "", "map.item: say which list it goes through: each = \"products\""),
        ("kind = \"raw.event\"\n", "", "webhook.event: say what kind of event it is: kind = \"raw.…\""),
        (
            "description = \"Read only the shops of this group.\"",
            "description = \"group\"",
            "settings: describe shop_group in a sentence, with a full stop",
        ),
    ] {
        let found = refusal(find, put);
        assert!(found.ends_with(expected.trim_start_matches("0: ")), "{found}\n{expected}");
        if expected.starts_with("0: ") && !expected.starts_with("0: pull.list: ") {
            assert!(found.starts_with("0: "), "{found}");
        }
    }
}

#[test]
fn what_is_no_toml_is_refused_where_it_ends_to_be() {
    assert!(refusal("[limits]", "[limits").starts_with("0: "), "{}", refusal("[limits]", "[limits"));
    let long = Declarative::parse("long.toml", &" ".repeat(300_000)).unwrap_err();
    assert!(long.message().contains("a template has at most 262144 bytes"), "{long}");
}

#[test]
fn rules_inside_a_template_are_refused_by_the_lines_of_the_template() {
    let text = format!("{}\n{KIOSK}", "rules = '''\n[buyer]\nemial = \"customer.email\"\n'''");
    let error = Declarative::parse("kiosk.toml", &text).unwrap_err();
    assert_eq!(
        (error.get("line"), error.get("column"), error.get("nearest")),
        (Some("3"), Some("1"), Some("email"))
    );
}

#[test]
fn the_same_text_is_read_once() {
    let (one, two) =
        (Declarative::parse("a.toml", KIOSK).unwrap(), Declarative::parse("b.toml", KIOSK).unwrap());
    assert!(std::ptr::eq(one.info().id, two.info().id));
}
