//! Triggers: which stage, status or field of a deal makes it an invoice, and what a person reads where none does.

use crate::support::*;
use taxpoynt_core::{
    connector::RecordShape,
    mapping::{Decision, Record, Rules, Triggered, trigger},
    model::{Deal, Refund, Sale, SaleState, SourceDocument, Transaction},
};

const OWN: &str = r#"
[trigger]
deal = [
  { value = "never", when = { equals = { "deal.pipeline" = "internal" } } },
  { value = "approval", when = { in = { "deal.stage" = ["contractsent", "signed"] }, equals = { "deal.pipeline" = "projects" } } },
  { value = "automatic", when = { equals = { "raw.deal.properties.billing" = "now" } } },
]
"#;

fn a_deal(stage: &str, pipeline: &str, won: bool) -> SourceDocument {
    let SourceDocument::Deal(deal) = deal(Sale { closed_at: None, ..sale() }) else { unreachable!() };
    let (stage, pipeline) = (Some(stage.to_owned()), Some(pipeline.to_owned()));
    SourceDocument::Deal(Deal { stage, pipeline, won, ..deal })
}

fn asked(rules: &str, document: &SourceDocument, shape: &RecordShape, body: &str) -> Triggered {
    let own = Rules::parse_named("acme.toml", rules).unwrap();
    let record = Record::new(body.as_bytes(), shape).unwrap();
    trigger(&Rules::merged(&[Rules::base(), &own]), document, &record, &tenant("{}")).unwrap()
}

fn of_deal(rules: &str, stage: &str, pipeline: &str, won: bool) -> Triggered {
    asked(rules, &a_deal(stage, pipeline, won), &CRM, r#"{"deal":{"id":"1"}}"#)
}

fn by(triggered: &Triggered) -> (&str, &str) {
    let by = triggered.by.as_ref().unwrap();
    (by.rule.as_str(), by.value.as_str())
}

fn waits(triggered: &Triggered) -> (&str, &str) {
    assert_eq!((triggered.decision, &triggered.by), (Decision::Waits, &None));
    let held = triggered.held.as_ref().unwrap();
    (held.code, &held.message)
}

#[test]
fn a_won_deal_and_a_completed_sale_are_invoiced_by_the_built_in_layer() {
    let won = of_deal("", "closedwon", "default", true);
    assert_eq!((won.decision, by(&won)), (Decision::Automatic, ("base:deal.won", "automatic")));
    assert_eq!(won.by.unwrap().source.as_deref(), Some("deal.won"));
    let completed = asked("", &transaction(sale()), &TILL, "{\"order\":{}}");
    assert_eq!(
        (completed.decision, by(&completed)),
        (Decision::Automatic, ("base:sale.completed", "automatic"))
    );
    assert_eq!(
        waits(&of_deal("", "contractsent", "default", false)),
        (
            "deal_not_won",
            "The deal is in stage \"contractsent\" of pipeline \"default\"; the rule base:deal.won waits for deal.won = true."
        )
    );
}

#[test]
fn the_first_rule_that_holds_decides_for_each_pipeline() {
    for (stage, pipeline, won, decision, rule) in [
        ("signed", "projects", false, Decision::Approval, "acme.toml:5"),
        ("signed", "internal", true, Decision::Never, "acme.toml:4"),
        ("signed", "shop", true, Decision::Automatic, "base:deal.won"),
        ("closedwon", "projects", true, Decision::Automatic, "base:deal.won"),
    ] {
        let triggered = of_deal(OWN, stage, pipeline, won);
        assert_eq!((triggered.decision, by(&triggered).0), (decision, rule), "{stage} of {pipeline}");
    }
    let field = asked(
        OWN,
        &a_deal("new", "shop", false),
        &CRM,
        r#"{"deal":{"id":"1","properties":{"billing":"now"}}}"#,
    );
    assert_eq!(
        (field.decision, by(&field).0),
        (Decision::Automatic, "acme.toml:6"),
        "any field of the record"
    );
    let never = of_deal(OWN, "signed", "internal", true).held.unwrap();
    assert_eq!(
        (never.code, &*never.message),
        ("not_invoiced", "By the rule acme.toml:4 this deal is never invoiced.")
    );
}

#[test]
fn a_deal_that_waits_says_where_it_stands_and_what_each_rule_waits_for() {
    let (code, message) = {
        let triggered = of_deal(OWN, "new", "projects", false);
        let (code, message) = waits(&triggered);
        (code.to_owned(), message.to_owned())
    };
    assert_eq!(code, "deal_not_won");
    assert_eq!(
        message,
        "The deal is in stage \"new\" of pipeline \"projects\"; the rule acme.toml:5 waits for deal.stage to be one of \
         \"contractsent\", \"signed\" and deal.pipeline = \"projects\"; the rule acme.toml:6 waits for \
         raw.deal.properties.billing = \"now\"; the rule base:deal.won waits for deal.won = true."
    );
}

#[test]
fn skip_keeps_the_built_in_layer_from_deciding() {
    let rules = "[trigger]\ndeal = [\n  { value = \"automatic\", when = { equals = { \"deal.stage\" = \"delivered\" } } },\n  { skip = true },\n]";
    let triggered = of_deal(rules, "closedwon", "default", true);
    assert_eq!(
        waits(&triggered),
        (
            "trigger_waits",
            "The deal is in stage \"closedwon\" of pipeline \"default\"; the rule acme.toml:3 waits for deal.stage = \
             \"delivered\"; the rule acme.toml:4 lets no other rule decide."
        )
    );
    assert_eq!(of_deal(rules, "delivered", "default", false).decision, Decision::Automatic);
}

#[test]
fn a_table_in_a_rule_decides_by_stage() {
    let rules = "[trigger]\ndeal = { from = \"deal.stage\", apply = [{ lookup = { signed = \"approval\", lost = \"never\" } }] }";
    for (stage, decision) in
        [("signed", Decision::Approval), ("lost", Decision::Never), ("new", Decision::Waits)]
    {
        assert_eq!(of_deal(rules, stage, "default", false).decision, decision, "{stage}");
    }
    let raw = "[trigger]\ndeal = \"raw.deal.properties.bill\"";
    let of = |bill: &str| {
        let body = format!(r#"{{"deal":{{"id":"1","properties":{{"bill":{bill}}}}}}}"#);
        asked(raw, &a_deal("new", "default", false), &CRM, &body)
    };
    assert_eq!(of("\"approval\"").decision, Decision::Approval);
    let odd = of("\"yes please\"");
    let (code, message) = waits(&odd);
    assert_eq!(code, "mapping_failed");
    assert!(
        message.contains("none of automatic, approval and never") && message.contains("acme.toml:2"),
        "{message}"
    );
}

#[test]
fn a_till_waits_until_its_sale_is_completed_unless_a_rule_says_otherwise() {
    let open = SourceDocument::Transaction(Transaction { sale: sale(), state: SaleState::Open });
    let refund = |state| {
        SourceDocument::Refund(Refund { sale: sale(), state, original_id: Some("1".into()), reason: None })
    };
    let of = |rules: &str, document: &SourceDocument| asked(rules, document, &TILL, "{\"order\":{}}");
    assert_eq!(waits(&of("", &open)).0, "sale_not_completed");
    assert_eq!(waits(&of("", &refund(SaleState::Open))).0, "refund_not_completed");
    assert_eq!(of("", &refund(SaleState::Completed)).decision, Decision::Automatic);
    let always = "[trigger]\ntransaction = { value = \"automatic\" }\nrefund = { value = \"approval\" }";
    assert_eq!(of(always, &open).decision, Decision::Automatic, "a tab that is billed before it is paid");
    assert_eq!(of(always, &refund(SaleState::Open)).decision, Decision::Approval);
    let canceled = SourceDocument::Transaction(Transaction { sale: sale(), state: SaleState::Canceled });
    assert_eq!(
        waits(&of(always, &canceled)).0,
        "sale_canceled",
        "no rule makes a sale of what was cancelled"
    );
    assert_eq!(waits(&of(always, &refund(SaleState::Canceled))).0, "refund_canceled");
}

#[test]
fn without_any_rule_nothing_becomes_an_invoice() {
    let record = Record::new(br#"{"deal":{"id":"1"}}"#, &CRM).unwrap();
    let none = trigger(&Rules::default(), &a_deal("closedwon", "p", true), &record, &tenant("{}")).unwrap();
    assert_eq!(waits(&none).0, "trigger_waits");
    assert!(
        waits(&none).1.ends_with("; no rule of [trigger] says when it becomes an invoice."),
        "{:?}",
        none.held
    );
}

#[test]
fn a_trigger_that_says_something_else_does_not_load() {
    for (rule, nearest, says) in [
        ("deal = { value = \"automatc\" }", Some("automatic"), "unknown value of [trigger] deal"),
        (
            "deal = { from = \"deal.stage\", apply = [{ lookup = { signed = \"aproval\" } }] }",
            Some("approval"),
            "\"aproval\"",
        ),
        (
            "deal = { from = \"deal.stage\", apply = [\"trim\", { default = \"nver\" }] }",
            Some("never"),
            "\"nver\"",
        ),
        ("deals = { value = \"automatic\" }", Some("deal"), "unknown target of [trigger]"),
        (
            "deal = { value = \"automatic\", when = { equals = { \"buyer.name\" = \"x\" } } }",
            None,
            "is decided after",
        ),
        (
            "deal = { value = \"automatic\", when = { equals = { \"item.sku\" = \"x\" } } }",
            None,
            "only in [each.line]",
        ),
        ("deal = { value = true }", None, "wants a text"),
    ] {
        let error = Rules::parse(&format!("[trigger]\n{rule}")).unwrap_err();
        assert!(error.message().contains(says), "{error}");
        assert_eq!(error.get("nearest"), nearest, "{error}");
    }
}
