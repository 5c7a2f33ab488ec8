//! Bad rule files: the exact place, and the name that was probably meant.

use taxpoynt_core::{ErrorKind, mapping::Rules};

/// Text, line, column, nearest valid name, and words of the message.
type Row = (&'static str, u32, u32, Option<&'static str>, &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Names
    ("[invoice]\nnotee = \"sale.description\"", 2, 1, Some("note"), "unknown target of [invoice] \"notee\""),
    ("[buyer]\nemial = \"customer.email\"", 2, 1, Some("email"), "unknown target of [buyer]"),
    ("[buyer]\naddress.cty = \"customer.address.city\"", 2, 9, Some("address.city"), "\"address.cty\""),
    ("[each.line]\n  skuu = \"item.sku\"", 2, 3, Some("sku"), "[each.line]"),
    ("[each.line]\nnet_amount = \"item.net_amount\"", 2, 1, Some("name"), "amounts are copied from the sale, never mapped"),
    ("[invoice]\nsku = \"sale.id\"", 2, 1, None, "it belongs in [each.line]"),
    ("note = \"sale.description\"", 1, 1, Some("invoice"), "\"note\" belongs in [invoice]"),
    ("[invoices]\nnote = \"sale.description\"", 1, 2, Some("invoice"), "unknown table \"invoices\""),
    ("[each.lines]\nsku = \"item.sku\"", 1, 7, Some("line"), "unknown each \"lines\""),
    ("[invoice]\nnote = { form = \"sale.description\" }", 2, 10, Some("from"), "unknown part of a rule \"form\""),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [\"trm\"] }", 2, 37, Some("trim"), "unknown transform \"trm\""),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [{ maxlen = 3 }] }", 2, 39, Some("max_len"), "unknown transform"),
    ("[invoice]\nnote = { from = \"sale.id\", when = { equal = { \"sale.id\" = \"a\" } } }", 2, 37, Some("equals"), "unknown predicate"),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [{ lookup = \"states\" }] }", 2, 48, Some("ng_states"), "unknown table"),
    ("[each.line]\ntax = { value = { category = \"SS\", percent = 7.5 } }", 2, 30, Some("S"), "unknown VAT category"),
    ("[each.line]\ntax = { value = { category = \"S\", precent = 7.5 } }", 2, 35, Some("percent"), "unknown member"),
    // Sources
    ("[invoice]\nnote = \"sale.descripton\"", 2, 8, Some("sale.description"), "unknown source"),
    ("[invoice]\nnote = \"deal.titel\"", 2, 8, Some("deal.title"), "unknown source"),
    ("[invoice]\nnote = \"rwa.order.note\"", 2, 8, Some("raw.order.note"), "unknown source"),
    ("[invoice]\nnote = \"buyer.nam\"", 2, 8, Some("buyer.name"), "unknown source"),
    ("[invoice]\nnote = \"setting.authority\"", 2, 8, Some("setting.tin"), "unknown source"),
    ("[invoice]\nnote = \"Thank you\"", 2, 8, None, "a fixed text is written { value = \"...\" }"),
    ("[invoice]\nnote = \"item.sku\"", 2, 8, None, "can be read only in [each.line]"),
    ("[each.charge]\nreason = \"tender.id\"", 2, 10, None, "can be read only in [each.payment]"),
    ("[buyer]\nname = \"buyer.tin\"", 2, 8, None, "is decided after"),
    ("[invoice]\nnote = { from = \"sale.id\", when = { equals = { \"sale.kind\" = \"deel\" } } }", 2, 62, Some("deal"), "unknown value of \"sale.kind\""),
    // Paths
    ("[invoice]\nnote = \"raw.order..note\"", 2, 8, None, "a name is missing"),
    ("[invoice]\nnote = \"raw.order.items[x]\"", 2, 8, None, "a number from 0"),
    ("[invoice]\nnote = \"raw.order.items[0\"", 2, 8, None, "no closing ]"),
    ("[invoice]\nnote = \"raw.order.items[].note\"", 2, 8, None, "only [each.line] and [each.charge] can bind"),
    ("[invoice]\nnote = \"custom.a.b\"", 2, 8, None, "custom.* names one field"),
    ("[invoice]\nnote = { from = [\"sale.id\", \"raw.\"], apply = [\"first\"] }", 2, 29, None, "a name is missing"),
    // Kinds
    ("[invoice]\ndue_date = \"sale.closed_at\"", 2, 12, None, "add \"date\" to apply"),
    ("[invoice]\ndue_date = \"raw.deal.due\"", 2, 12, None, "wants a date"),
    ("[invoice]\ndue_date = { value = \"31/01/2026\" }", 2, 22, None, "is not a date such as 2026-01-31"),
    ("[invoice]\ndue_days = { value = \"soon\" }", 2, 22, None, "wants a number"),
    ("[invoice]\nnote = \"sale.closed_at\"", 2, 8, None, "add { template = \"{}\" }"),
    ("[invoice]\nnote = \"sale.paid\"", 2, 8, None, "wants a text, but the rule gives true or false"),
    ("[invoice]\nnote = { from = [\"sale.id\", \"sale.reference\"] }", 2, 17, None, "put \"first\""),
    ("[invoice]\nnote = { from = [\"sale.id\"], apply = [\"trim\"] }", 2, 39, None, "trim takes one value"),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [\"first\"] }", 2, 37, None, "takes several values"),
    ("[invoice]\nnote = { from = \"sale.closed_at\", apply = [\"trim\"] }", 2, 44, None, "trim does not take a date and time"),
    ("[invoice]\nnote = { from = \"sale.paid\", apply = [\"decimal\"] }", 2, 39, None, "decimal does not take true or false"),
    ("[each.line]\ntax = \"raw.products[].tax\"", 2, 7, None, "add \"percent\" or a lookup"),
    ("[each.line]\nclassification = { value = \"5208.52\" }", 2, 28, None, "wants a classification"),
    ("[each.line]\nsku = { value = { category = \"Z\" } }", 2, 17, None, "wants a text, but the rule gives a tax"),
    ("[invoice]\nnote = { from = \"sale.id\", when = { equals = { \"sale.total\" = \"7\" } } }", 2, 63, None, "never equals a text"),
    ("[invoice]\ndue_days = { from = \"sale.total\", apply = [{ default = \"x\" }] }", 2, 46, None, "stands in for a number"),
    // Parameters
    ("[invoice]\nnote = { from = \"sale.id\", apply = [\"max_len\"] }", 2, 37, None, "max_len needs a parameter: write { max_len = 35 }"),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [{ trim = 1 }] }", 2, 39, None, "trim takes no parameter"),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [{ max_len = 0 }] }", 2, 49, None, "a whole number from 1 to 4000"),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [{ replace = \"a\" }] }", 2, 49, None, "replace takes two texts"),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [{ lookup = { a = \"1\", b = 2 } }] }", 2, 63, None, "all of one kind"),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [{ phone = \"+234\" }] }", 2, 47, None, "without +"),
    ("[invoice]\ndue_date = { from = \"raw.a\", apply = [{ date = \"%Q\" }] }", 2, 48, None, "is not a date pattern"),
    ("[invoice]\nnote = { apply = [{ template = \"{sale.idd}\" }] }", 2, 32, Some("sale.id"), "unknown source"),
    ("[invoice]\nnote = { apply = [{ template = \"a { b\" }] }", 2, 32, None, "is not closed"),
    ("[invoice]\nnote = { apply = [{ template = \"a {}\" }] }", 2, 21, None, "nothing to work on"),
    ("[invoice]\nnote = { apply = [\"trim\"] }", 2, 19, None, "nothing to work on"),
    ("[invoice]\nnote = { from = \"sale.id\", apply = [] }", 2, 36, None, "1 to 16 transforms"),
    // Rules
    ("[invoice]\nnote = {}", 2, 8, None, "needs from"),
    ("[invoice]\nnote = { from = \"sale.id\", value = \"a\" }", 2, 36, None, "not both"),
    ("[invoice]\nnote = { skip = true, value = \"a\" }", 2, 8, None, "skips has neither"),
    ("[invoice]\nnote = 5", 2, 8, None, "a rule is a path or a table"),
    ("[invoice]\nnote = { from = \"sale.id\", when = {} }", 2, 35, None, "when is empty"),
    ("[invoice]\nnote = { from = \"sale.id\", when = { in = { \"sale.id\" = \"a\" } } }", 2, 56, None, "in wants a list"),
    ("[each.line]\ntax = { value = { category = \"S\", percent = 0 } }", 2, 45, None, "a percent above 0"),
    ("[each.line]\ntax = { value = { category = \"Z\", percent = 7.5 } }", 2, 45, None, "category Z has percent 0"),
    ("[each.line]\nclassification = { value = { hsn_code = \"1\", isic_code = \"2\" } }", 2, 28, None, "hsn_code with product_category"),
    ("version = 2", 1, 11, None, "version = 1"),
    // Syntax
    ("[invoice]\nnote = ", 2, 8, None, "not readable as TOML"),
    ("[invoice]\nnote = \"sale.id\"\nnote = \"sale.id\"", 3, 1, None, "not readable as TOML"),
    ("[invoice]\ndue_date = { value = 2026-01-31 }", 2, 22, None, "write a date as a text"),
    ("{\"invoice\":\n {\"notee\": \"sale.id\"}}", 2, 3, Some("note"), "unknown target"),
    ("{\"invoice\":\n {\"note\": \"sale.idd\"}}", 2, 11, Some("sale.id"), "unknown source"),
    ("{\"invoice\": {\"note\": \"sale.id\", \"note\": \"sale.id\"}}", 1, 33, None, "is written twice"),
    ("{\"invoice\": {\"note\": null}}", 1, 22, None, "null says nothing"),
    ("{\"invoice\":\n {\"note\": }}", 2, 11, None, "not readable as JSON"),
    ("{\"₦₦\": 1}", 1, 2, None, "unknown table"),
];

#[test]
fn a_bad_rule_file_is_refused_at_its_place_with_the_nearest_name() {
    let mut wrong = Vec::new();
    for (text, line, column, nearest, words) in ROWS {
        let Err(error) = Rules::parse_named("shop.toml", text) else {
            wrong.push(format!("accepted: {text}"));
            continue;
        };
        let found = (error.get("line"), error.get("column"), error.get("nearest"));
        let (line, column) = (line.to_string(), column.to_string());
        let named = nearest.is_none_or(|nearest| {
            found.2 == Some(nearest) && error.message().contains(&format!("the nearest is {nearest:?}"))
        });
        let place = format!("shop.toml, line {line}, column {column}: ");
        if error.kind() != ErrorKind::Mapping
            || (found.0, found.1) != (Some(line.as_str()), Some(column.as_str()))
            || !named
            || !error.message().contains(words)
            || !error.message().starts_with(&place)
            || error.get("file") != Some("shop.toml")
        {
            wrong.push(format!("{text}\n  expected {line}:{column} {nearest:?} {words}\n  {error}"));
        }
    }
    assert!(ROWS.len() >= 60);
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), ROWS.len(), wrong.join("\n\n"));
}

#[test]
fn rules_may_be_written_as_json() {
    let toml =
        Rules::parse("[invoice]\nnote = { name = \"n\", from = \"sale.id\", apply = [{ max_len = 3 }] }")
            .unwrap();
    let json = Rules::parse(
        r#" {"invoice": {"note": {"name": "n", "from": "sale.id", "apply": [{"max_len": 3}]}}} "#,
    )
    .unwrap();
    assert_eq!(format!("{toml:?}"), format!("{json:?}"));
    assert!(format!("{json:?}").contains("rules:n"));
}
