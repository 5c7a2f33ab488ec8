//! What is wrong with a template is said when it loads: the sentence, the line and the column.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use taxpoynt_core::{ErrorKind, connector::Connector};
use taxpoynt_declarative::Declarative;

const KIOSK: &str = include_str!("../../../examples/custom-connector/kiosk.toml");

/// Kiosk's template with one text in the place of another, and what reading it says; the line is that of the new text.
fn refusal(find: &str, put: &str) -> String {
    refusal_in(KIOSK, find, put)
}

fn refusal_in(template: &str, find: &str, put: &str) -> String {
    assert_eq!(template.matches(find).count(), 1, "{find:?} stands once in the template");
    let text = template.replace(find, put);
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
            "0: pull.list.get: nothing fills the place {setting.branch}; the places of this call are {since}, {until}, {setting.base_url}, {setting.webhook_url}, {setting.shop_group}",
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
        if expected.starts_with("0: ") {
            assert!(found.starts_with("0: "), "{found}");
        }
    }
}

/// What a newcomer wrote who had the documentation of Lightspeed, Clover and Shopify beside the page.
#[test]
fn what_a_newcomer_gets_wrong_is_told_with_what_to_write() {
    for (find, put, expected) in [
        // A place that nobody fills left the parameter out, and the pull began at the beginning each time.
        (
            "query = { changed_after = \"{since}\"",
            "query = { changed_after = \"{sinse}\"",
            "0: pull.list.query: nothing fills the place {sinse}; the places of this call are {since}, {until}, \
             {setting.base_url}, {setting.webhook_url}, {setting.shop_group}",
        ),
        (
            "get = \"v1/receipts/{id}\"",
            "get = \"v1/receipts/{id}?since={since}\"",
            "0: fetch.get: nothing fills the place {since}; the places of this call are {id}, {setting.base_url}, \
             {setting.webhook_url}, {setting.shop_group}",
        ),
        (
            "get = \"v1/me\"",
            "get = \"/v1/me\"",
            "0: check.get: a path below the base URL: without https:// and without a slash at its beginning",
        ),
        (
            "per_page = 2 }",
            "per_page = 2, page = 1 }",
            "0: pull.list.query: \"page\" is given by pages: leave it out of query, or the platform is told twice",
        ),
        (
            "per_page = 2 }",
            "per_page = 2.5 }",
            "0: a parameter is a text, a whole number, true, false, or a list of texts: then it is given once with each",
        ),
        (
            "last = \"pages\"",
            "last = \"pages[x]\"",
            "0: pull.list.pages: bad path \"pages[x]\": between [ and ] stands nothing or a number from 0",
        ),
        // A path that leads nowhere is a field that is never there.
        (
            "method = \"raw.payments[].how\"",
            "method = \"raw.paymnts[].how\"",
            "0: map.payment.method: raw.paymnts[].how: a record has no member \"paymnts\"; record says it has receipt, \
             lines, line, payments, payment, shop",
        ),
        (
            "sku = \"raw.lines[].sku\"",
            "sku = \"raw.payments[].sku\"",
            "0: map.item.sku: raw.payments[].sku: this part goes through each = \"lines\", and [] is of \"payments\"",
        ),
        (
            "kind = [{ value = \"organization\", when = { present = \"raw.receipt.buyer.tin\" } }",
            "kind = [{ value = \"organization\", when = { present = \"raw.reciept.buyer.tin\" } }",
            "0: map.customer.kind: raw.reciept.buyer.tin: a record has no member \"reciept\"; record says it has receipt, \
             lines, line, payments, payment, shop",
        ),
        // What means nothing by itself.
        (
            "tax.percent = \"raw.lines[].vat\"",
            "tax.amount = \"raw.lines[].vat\"",
            "0: map.item.tax.amount: it means nothing without tax.percent: an invoice states the rate of each tax",
        ),
        (
            "unit_price = { from = \"raw.lines[].price\", apply = [\"minor_units\"] }\n",
            "",
            "map.item: unit_price or sum is missing: without a price or a sum there is nothing to invoice",
        ),
        (
            "state = { from",
            "reference = { from",
            "map.sale: state is missing: say whether a sale is open, completed or canceled: an open one is never invoiced",
        ),
        ("refund_of = ", "title = ", "0: map.sale.title: title is of a deal, and family is \"pos\""),
        (
            "name = \"raw.receipt.buyer.name\"\n",
            "",
            "map.customer: name is missing: without a name there is no customer",
        ),
        (
            "amount = { from = \"raw.payments[].amount\", apply = [\"minor_units\"] }",
            "",
            "map.payment: amount is missing: a payment has an amount",
        ),
        // Names that are missing are told with how they are written.
        (
            "[webhook.guide]",
            "[webhook.guid]",
            "unknown field `guid`, expected one of `verify`, `event`, `guide`",
        ),
        (
            "calls = 10",
            "burst = 10",
            "calls is missing here: write calls = 10, how many calls in `seconds` the platform takes",
        ),
        (
            "currency = \"receipt.currency\"\n",
            "",
            "currency is missing here: write currency = \"deal.currency\", where the sale's currency is",
        ),
    ] {
        let found = refusal_of(find, put);
        assert!(found.ends_with(expected.trim_start_matches("0: ")), "{found}\n{expected}");
        assert!(!expected.starts_with("0: ") || found.starts_with("0: "), "not on its line: {found}");
    }
}

/// As `refusal`, of a template that may say `reference` twice then.
fn refusal_of(find: &str, put: &str) -> String {
    let own = KIOSK.replace("reference = \"raw.receipt.number\"\n", "");
    refusal_in(if find == "state = { from" { &own } else { KIOSK }, find, put)
}

#[test]
fn addresses_of_a_consent_are_whole_or_below_the_accounts_own() {
    let with = |token: &str| {
        let oauth = format!(
            "[auth.oauth]\nauthorize = \"https://kiosk.example/connect\"\ntoken = \"{token}\"\nminutes = 60\n"
        );
        KIOSK.replace("[auth.key]\nheader = \"x-kiosk-key\"\n", &oauth)
    };
    for good in ["https://kiosk.example/token", "oauth/token"] {
        Declarative::parse("kiosk.toml", &with(good)).unwrap();
    }
    for bad in ["http://kiosk.example/token", "https://{shop}.kiosk.example/token", "{shop}/token", ""] {
        let error = Declarative::parse("kiosk.toml", &with(bad)).unwrap_err();
        assert_eq!(error.get("field"), Some("auth.oauth.token"), "{error}");
    }
}

#[test]
fn a_template_that_is_only_checked_is_refused_in_the_same_words() {
    Declarative::check("kiosk.toml", KIOSK).unwrap();
    let text = KIOSK.replace("calls = 10", "cals = 10");
    let said = |outcome: taxpoynt_core::Result<()>| outcome.unwrap_err().to_string();
    assert_eq!(
        said(Declarative::check("kiosk.toml", &text)),
        said(Declarative::parse("kiosk.toml", &text).map(drop))
    );
}

#[test]
fn a_platform_without_a_list_of_its_shops_claims_none() {
    let start = KIOSK.find("[locations]").unwrap();
    let end = start + KIOSK[start..].find("[webhook]").unwrap();
    let connector = Declarative::parse("kiosk.toml", &KIOSK.replace(&KIOSK[start..end], "")).unwrap();
    assert!(!connector.info().can(taxpoynt_core::connector::Capability::Locations));
    assert!(
        Declarative::parse("kiosk.toml", KIOSK)
            .unwrap()
            .info()
            .can(taxpoynt_core::connector::Capability::Locations)
    );
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
