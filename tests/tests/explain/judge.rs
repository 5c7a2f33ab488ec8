//! What an explanation must keep: an entry for every element and attribute, each with the value that stands there and an
//! origin that can be checked.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::HashMap;
use taxpoynt_core::{
    explain::{Entry, Explanation, Origin},
    pipeline::Series,
    tenant::Tenant,
};
use taxpoynt_ubl::Invoice;

/// An element or attribute, read by another reader than the engine's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub path: String,
    pub value: Option<String>,
}

#[derive(Default)]
struct Open {
    path: String,
    text: String,
    has_children: bool,
    at: usize,
    seen: HashMap<String, Vec<usize>>,
}

/// Everything in a document, in its order, with positions where siblings share a name.
pub fn listed(xml: &[u8]) -> Vec<Found> {
    collect(std::str::from_utf8(xml).unwrap())
}

fn collect(text: &str) -> Vec<Found> {
    let mut reader = Reader::from_str(text);
    let mut stack: Vec<Open> = vec![Open::default()];
    let mut found: Vec<Found> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open(&start, &mut stack, &mut found),
            Event::Empty(start) => {
                open(&start, &mut stack, &mut found);
                close(&mut stack, &mut found);
            }
            Event::End(_) => close(&mut stack, &mut found),
            Event::Text(text) => {
                stack.last_mut().unwrap().text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let text = quick_xml::escape::unescape(&format!("&{};", &*reference)).unwrap().into_owned();
                stack.last_mut().unwrap().text.push_str(&text);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    numbered(found)
}

fn open(start: &BytesStart<'_>, stack: &mut Vec<Open>, found: &mut Vec<Found>) {
    let name = start.name().as_ref().to_owned();
    let parent = stack.last_mut().unwrap();
    parent.has_children = true;
    let seen = parent.seen.entry(name.clone()).or_default();
    seen.push(found.len());
    let path = format!("{}/{name}#{}", parent.path, seen.len());
    let at = found.len();
    found.push(Found { path: path.clone(), value: None });
    for attribute in start.attributes() {
        let attribute = attribute.unwrap();
        let key = attribute.key.as_ref().to_owned();
        if key.starts_with("xmlns") {
            continue;
        }
        let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
        found.push(Found { path: format!("{path}/@{key}"), value: Some(value) });
    }
    stack.push(Open { path, at, ..Open::default() });
}

fn close(stack: &mut Vec<Open>, found: &mut [Found]) {
    let open = stack.pop().unwrap();
    if !open.has_children {
        found[open.at].value = Some(open.text);
    }
}

/// Positions are written only where siblings share a name.
fn numbered(found: Vec<Found>) -> Vec<Found> {
    let all: std::collections::HashSet<String> = found.iter().map(|f| f.path.clone()).collect();
    let shown = |path: &str| {
        let mut whole = String::new();
        let mut written = String::new();
        for step in path.split('/').skip(1) {
            if step.starts_with('@') {
                written.push_str(&format!("/{step}"));
                continue;
            }
            let (name, nth) = step.split_once('#').unwrap();
            let is_only = nth == "1" && !all.contains(&format!("{whole}/{name}#2"));
            whole.push_str(&format!("/{step}"));
            written.push_str(&if is_only { format!("/{name}") } else { format!("/{name}[{nth}]") });
        }
        written
    };
    found.iter().map(|f| Found { path: shown(&f.path), value: f.value.clone() }).collect()
}

/// What may be the same for every document of its kind: where, and what the reason must name. Nothing else may be fixed.
const FIXED: &[(&str, &str)] = &[
    ("/cbc:CustomizationID", "PEPPOL-EN16931-R004"),
    ("/cbc:ProfileID", "PEPPOL-EN16931-R001"),
    ("/cbc:InvoiceTypeCode", "UNTDID 1001"),
    ("/cbc:CreditNoteTypeCode", "UNTDID 1001"),
    ("/cbc:TaxCurrencyCode", "BT-6"),
    ("/cbc:TargetCurrencyCode", "BT-6"),
    ("/cac:TaxTotal[2]/cbc:TaxAmount/@currencyID", "BT-6"),
    ("/cbc:MathematicOperatorCode", "rate"),
    ("/cac:AdditionalDocumentReference/cbc:DocumentDescription", "stands here"),
    ("/cac:TaxScheme/cbc:ID", "VAT"),
    ("/cbc:IndustryClassificationCode", "ZZZ"),
    ("/cbc:ChargeIndicator", "a "),
    ("/cbc:AllowanceChargeReasonCode", "UNTDID"),
    ("/cbc:AllowanceChargeReason", "\""),
    ("/cac:TaxCategory/cbc:ID", "policy.tips"),
    ("/cac:TaxCategory/cbc:Percent", "policy.tips"),
    ("/cac:TaxCategory/cbc:TaxExemptionReason", "policy.tips"),
    ("/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReason", "needs a reason"),
    ("/cac:PaymentTerms/cbc:Note", "BR-CO-25"),
    ("/@unitCode", "recommendation 20"),
    ("/@listID", "UNTDID 7143"),
    ("/@listVersionID", "UNTDID 7143"),
    ("/cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName", "BR-07"),
    ("/cac:Country/cbc:IdentificationCode", "Nigeria"),
];

/// Holds the explanation of a document to everything it promises. `numbers` says the series and place it took.
pub fn judge(what: &str, explained: &Explanation, invoice: &Invoice, xml: &[u8], tenant: &Tenant) -> usize {
    let listed = listed(xml);
    let told: Vec<Found> = explained
        .elements
        .iter()
        .map(|entry| Found { path: entry.path.clone(), value: entry.value.clone() })
        .collect();
    for (told, listed) in told.iter().zip(&listed) {
        assert_eq!(told, listed, "{what}");
    }
    assert_eq!(told.len(), listed.len(), "{what}: entries and elements");
    let settings = serde_json::to_value(tenant).unwrap();
    for entry in &explained.elements {
        let at = format!("{what}: {} {:?}: {}", entry.path, entry.value, entry.sentence());
        assert!(!entry.words.is_empty() && !entry.words.starts_with("Element "), "{at}: {:?}", entry.words);
        match &entry.origin {
            Origin::Holds => assert_eq!(entry.value, None, "{at}"),
            _ => {
                assert!(entry.value.is_some(), "{at}");
                origin(&at, entry, invoice, &settings);
                as_applied(&at, entry, explained);
            }
        }
    }
    listed.len()
}

fn origin(at: &str, entry: &Entry, invoice: &Invoice, settings: &Value) {
    let value = entry.value.as_deref().unwrap();
    let is_as_it_came = entry.written.is_none();
    match &entry.origin {
        Origin::Fixed { why } => fixed(at, entry, why),
        Origin::Unknown { why } => panic!("{at}: {why}"),
        Origin::Rule(rule) => {
            assert!(!rule.set.is_empty() && rule.line.is_some(), "{at}");
            assert!(rule.version.is_some() || rule.set.starts_with("rules"), "{at}");
            if is_as_it_came {
                assert_eq!(rule.value, value, "{at}");
            }
            if let Some(step) = rule.steps.last().filter(|_| !rule.target.ends_with("tax")) {
                assert_eq!(step.value.as_deref().map(str::trim), Some(rule.value.as_str()), "{at}");
            }
        }
        Origin::Copied { sources, how, field } => {
            assert!(!field.is_empty(), "{at}");
            if let ([source], None, true) = (sources.as_slice(), how, is_as_it_came) {
                let stands = source.value.as_deref().unwrap();
                let same = stands == value || number(stands).is_some_and(|n| Some(n) == number(value));
                assert!(same, "{at}: {stands}");
            }
        }
        Origin::Calculated { step } => {
            if let Some((sum, result)) = step.rsplit_once(": ").and_then(|(_, sum)| sum.split_once(" = ")) {
                assert_eq!(Some(result.split(' ').next().unwrap()), Some(value), "{at}");
                let worked_out = evaluated(sum).unwrap_or_else(|| panic!("{at}: {sum}"));
                let off = (worked_out - number(value).unwrap()).abs();
                assert!(off <= Decimal::new(5, 3), "{at}: {worked_out}");
            }
        }
        Origin::Setting { name } => {
            let pointer = format!("/{}", name.replace('.', "/"));
            let setting = settings.pointer(&pointer).unwrap_or_else(|| panic!("{at}: no setting {name}"));
            assert!(!setting.is_null(), "{at}");
            if is_as_it_came {
                assert_eq!(setting.as_str(), Some(value), "{at}");
            }
        }
        Origin::Numbering { series, sequence } => {
            let series = Series::parse(series).unwrap();
            assert_eq!(series.number(sequence.unwrap(), invoice.issue_date), value, "{at}");
        }
        Origin::Original { number, .. } => assert!(!number.is_empty(), "{at}"),
        Origin::Catalogue { entry, found_by } => assert!(!entry.is_empty() && !found_by.is_empty(), "{at}"),
        Origin::Clock { of } | Origin::Asked { what: of } | Origin::Rate { given_by: of } => {
            assert!(!of.is_empty(), "{at}");
        }
        other => panic!("{at}: {other:?} is judged by nobody"),
    }
}

/// The rule that is told is the one that was applied, which is kept with the document.
fn as_applied(at: &str, entry: &Entry, explained: &Explanation) {
    let Origin::Rule(rule) = &entry.origin else { return };
    let applied = explained.fields.iter().find(|field| field.target == rule.target);
    let applied = applied.unwrap_or_else(|| panic!("{at}: nothing set {}", rule.target));
    let line = rule.line.map(|line| line.to_string());
    let label = format!("{}:{}", rule.set, rule.name.clone().or(line).unwrap_or_default());
    assert_eq!((&applied.rule, &applied.value), (&label, &rule.value), "{at}");
}

fn fixed(at: &str, entry: &Entry, why: &str) {
    let bare: String = without_positions(&entry.path);
    let allowed = FIXED.iter().any(|(end, reason)| {
        let end = if entry.path.contains("TaxTotal[2]") { (*end).to_owned() } else { without_positions(end) };
        (bare.ends_with(&end) || entry.path.ends_with(&end)) && why.contains(reason)
    });
    assert!(allowed, "{at}: no fixed value is allowed here");
}

fn without_positions(path: &str) -> String {
    let mut bare = String::new();
    let mut inside = false;
    for c in path.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => bare.push(c),
            _ => {}
        }
    }
    bare
}

fn number(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

/// `100.00 + 50.00 - 5.00`, `150.00 x 7.5 %`, `10.00 USD x 1530.25`, and sums of those; none where figures were cut.
fn evaluated(sum: &str) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    let mut sign = Decimal::ONE;
    let mut product: Option<Decimal> = None;
    let mut words = sum.split(' ').peekable();
    while let Some(word) = words.next() {
        match word {
            "+" | "-" => {
                total += sign * product.take()?;
                sign = if word == "+" { Decimal::ONE } else { -Decimal::ONE };
            }
            "x" => {
                let factor = number(words.next()?)?;
                product = Some(product? * factor);
            }
            "%" => product = Some(product? / Decimal::ONE_HUNDRED),
            word if word.len() == 3 && word.chars().all(|c| c.is_ascii_uppercase()) => {}
            word => product = Some(number(word)?),
        }
    }
    Some(total + sign * product?)
}
