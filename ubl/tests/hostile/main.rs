//! Hostile input: refused in a sentence, never a panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod documents;

use common::Maker;
use documents::{Answer, Hostile, documents};
use taxpoynt_ubl::{Error, Ruleset, parse, to_xml, validate};

const CAC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
const ALL: &[Ruleset] = Ruleset::ALL;

fn refused(xml: &[u8]) -> String {
    let by_parse = parse(xml).unwrap_err();
    let by_validate = validate(xml, ALL).unwrap_err();
    assert!(matches!(by_validate, Error::Xml { .. }), "{by_validate}");
    assert_eq!(by_parse, by_validate);
    by_validate.to_string()
}

fn invoice(body: &str) -> Vec<u8> {
    format!("<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\">{body}</Invoice>")
        .into_bytes()
}

/// A sentence that a stranger can read, whatever was in the document.
fn is_clear(sentence: &str) -> bool {
    !sentence.is_empty() && sentence.len() <= 300 && !sentence.contains(char::is_control)
}

/// What becomes of a hostile document other than what should.
fn complaint(hostile: &Hostile) -> Option<String> {
    let bytes = hostile.bytes();
    let (read, judged) = (parse(&bytes).err(), validate(&bytes, ALL).err());
    let name = &hostile.name;
    let answers = [("parse", &read), ("validate", &judged)];
    for (function, answer) in answers {
        let fits = match (hostile.answer, answer) {
            (Answer::NotXml(word), Some(Error::Xml { position, message })) => {
                *position <= bytes.len() as u64 && message.contains(word)
            }
            (Answer::NotAnInvoice, Some(Error::Document { path, .. })) => path.starts_with('/'),
            // A document can be too nasty for the model and yet be judged.
            (Answer::Judged, Some(Error::Document { path, .. })) => {
                function == "parse" && path.starts_with('/')
            }
            (Answer::Judged, None) => true,
            _ => false,
        };
        let sentence = answer.as_ref().map(ToString::to_string);
        if !fits || !sentence.as_deref().is_none_or(is_clear) {
            return Some(format!("{name}: {function} answers {sentence:?}, expected {:?}", hostile.answer));
        }
    }
    None
}

#[test]
fn every_hostile_document_is_refused_in_a_sentence_or_judged_like_any_other() {
    // The bench `hostile` takes the whole 90 MB.
    let documents = documents(4_000_000);
    let refused = documents.iter().filter(|h| !matches!(h.answer, Answer::Judged)).count();
    assert!(refused >= 100, "{refused}");
    let complaints: Vec<String> = documents.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), documents.len(), complaints.join("\n"));
}

#[test]
fn entities_and_declarations_are_never_expanded() {
    let bomb = b"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Invoice>&b;</Invoice>";
    assert!(refused(bomb).contains("document type declaration"));
    assert!(refused(&invoice("&b;")).contains("never expanded"));
    assert!(refused(b"<?xml version=\"1.0\" encoding=\"UTF-16\"?><Invoice/>").contains("UTF-8"));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for body in [
        "<a>",
        "</a>",
        "<a></b>",
        "<a b='1' b='2'/>",
        "<a b='<'/>",
        "&#0;",
        "\u{1}",
        "<x:a/>",
        "<1a/>",
        "&#xD800;",
    ] {
        refused(&invoice(body));
    }
    for whole in
        [&b""[..], b"  ", b"text", b"<a/><b/>", b"<a/>text", b"<a>\xFF</a>", b"<a", b"<!--", b"<a><![CDATA["]
    {
        refused(whole);
    }
}

#[test]
fn depth_and_attributes_are_limited() {
    assert!(refused(&invoice(&"<a>".repeat(100_000))).contains("deeper"));
    let many: String = (0..65).map(|n| format!(" a{n}='1'")).collect();
    assert!(refused(&invoice(&format!("<a{many}/>"))).contains("attributes"));
}

#[test]
fn elements_are_limited_but_lines_are_not() {
    let refusal = refused(&invoice(&"<a/>".repeat(4001)));
    assert!(refusal.contains("4000 elements"), "{refusal}");
    let faults =
        validate(&invoice(&format!("<c:InvoiceLine xmlns:c='{CAC}'/>").repeat(20_000)), ALL).unwrap();
    let of_rule = |id: &str| faults.iter().filter(|fault| fault.id == id).count();
    assert_eq!(of_rule("BR-21"), 1000);
    let last = faults.iter().rfind(|fault| fault.id == "BR-21").unwrap();
    assert_eq!(last.path, "/Invoice/cac:InvoiceLine[1000]");
}

#[test]
fn many_rates_and_lines_are_added_up_once() {
    // Every line with a rate of its own, every rate with a subtotal of its own.
    let count = 3000;
    let category = |name: &str, rate: usize| {
        format!(
            "<c:{name}><b:ID>S</b:ID><b:Percent>{rate}</b:Percent><c:TaxScheme><b:ID>VAT</b:ID></c:TaxScheme></c:{name}>"
        )
    };
    let subtotals: String = (1..=count)
        .map(|n| {
            format!(
                "<c:TaxSubtotal><b:TaxableAmount>{n}</b:TaxableAmount>{}</c:TaxSubtotal>",
                category("TaxCategory", n)
            )
        })
        .collect();
    let lines: String = (1..=count)
        .map(|n| {
            let item = category("ClassifiedTaxCategory", n);
            format!("<c:InvoiceLine><b:LineExtensionAmount>{n}</b:LineExtensionAmount><c:Item>{item}</c:Item></c:InvoiceLine>")
        })
        .collect();
    let xml = format!(
        "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2' xmlns:c='{CAC}' xmlns:b='{CBC}'><c:TaxTotal>{subtotals}</c:TaxTotal>{lines}</Invoice>"
    );
    let faults = validate(xml.as_bytes(), ALL).unwrap();
    assert!(faults.iter().any(|fault| fault.id == "BR-S-09"), "no subtotal states its tax");
    assert!(!faults.iter().any(|fault| fault.id == "BR-S-08"), "every taxable amount is its line's");
}

#[test]
fn another_document_is_refused_by_name() {
    let refusal = parse(b"<Order xmlns='urn:x'/>").unwrap_err().to_string();
    assert_eq!(refusal, "/Order: is not the Invoice or CreditNote of UBL 2.1");
    assert!(validate(b"<Invoice/>", ALL).is_err());
}

#[test]
fn no_mutation_makes_it_panic() {
    let mut maker = Maker::new(7);
    let mut survivors = 0_usize;
    for seed in 0..40 {
        let original = to_xml(&Maker::new(seed).invoice()).unwrap();
        for _ in 0..50 {
            let mut bytes = original.clone();
            for _ in 0..=maker.below(4) {
                mutate(&mut bytes, &mut maker);
            }
            let _ = parse(&bytes);
            survivors += usize::from(validate(&bytes, ALL).is_ok());
        }
    }
    assert!(survivors > 100, "the mutations should leave some documents readable: {survivors}");
}

fn mutate(bytes: &mut Vec<u8>, maker: &mut Maker) {
    let at = maker.below(bytes.len() as u64) as usize;
    let to = (at + maker.below(40) as usize).min(bytes.len());
    match maker.below(5) {
        0 => bytes[at] = maker.below(256) as u8,
        1 => drop(bytes.drain(at..to)),
        2 => {
            let copy = bytes[at..to].to_vec();
            let place = maker.below(bytes.len() as u64) as usize;
            bytes.splice(place..place, copy);
        }
        3 => {
            let words: &[&[u8]] =
                &[b"<", b"&", b"\"", b"]]>", b"<cbc:ID/>", b"-", b"999999999999999999999999999999", b"\0"];
            let word = words[maker.below(words.len() as u64) as usize];
            bytes.splice(at..at, word.iter().copied());
        }
        _ => {
            // A digit somewhere becomes something that is no digit.
            if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit) {
                bytes[at + digit] = b"-.eZ "[maker.below(5) as usize];
            }
        }
    }
}
