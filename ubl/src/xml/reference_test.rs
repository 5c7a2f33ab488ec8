//! Our own reader beside quick-xml: of any bytes both make the same tree, or both refuse them.

#[path = "../../tests/common/corpus.rs"]
mod corpus;
#[path = "../../tests/hostile/documents/mod.rs"]
#[allow(dead_code, reason = "what becomes of them is asked elsewhere")]
mod documents;

use super::difference::difference;
use super::tree::{MAX_BYTES, Tree};
use crate::Error;
use std::collections::BTreeSet;

/// SplitMix64: the same seed makes the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n.max(1) as u64).unwrap()
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
}

/// Pieces of markup, whole and broken, that documents are put together from and spoilt with.
const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "</",
    "/>",
    "&",
    ";",
    "=",
    "\"",
    "'",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "!",
    "?",
    "-",
    "--",
    "]",
    "]]",
    "]]>",
    ":",
    "<a>",
    "</a>",
    "<a/>",
    "<a >",
    "</a >",
    "<a\n/>",
    "<cbc:ID>",
    "</cbc:ID>",
    "<cbc:ID/>",
    "<p:a xmlns:p='urn:p'>",
    "</p:a>",
    "<cac:Party>",
    "</cac:Party>",
    "<x:y/>",
    "<a:b:c/>",
    "<1/>",
    "<é>",
    "</é>",
    "<!---->",
    "<!-->",
    "<!--->",
    "<!-- a -->",
    "<!-- - -- -->",
    "<!--",
    "-->",
    "<![CDATA[",
    "<![CDATA[]]>",
    "<![CDATA[ ]]>",
    "<![CDATA[<a>&amp;\r\n]]>",
    "<![cdata[",
    "<!DOCTYPE a>",
    "<!doctype",
    "<!x>",
    "<?a?>",
    "<?a b ?>",
    "<??>",
    "<?>",
    "<?",
    "?>",
    "<?xml version='1.0'?>",
    "<?XML a?>",
    "<?xml version='1.0' encoding='utf-8'?>",
    "<?xml version=\"1.1\" encoding=\"latin1\"?>",
    "&amp;",
    "&lt;",
    "&gt;",
    "&quot;",
    "&apos;",
    "&#65;",
    "&#x41;",
    "&#X41;",
    "&#13;",
    "&#10;",
    "&#9;",
    "&#32;",
    "&#0;",
    "&#xD800;",
    "&#+5;",
    "&nbsp;",
    "&;",
    "& ",
    " b='1'",
    " b=\"1\"",
    " b = '1'",
    " b='1'c='2'",
    " b",
    " b=",
    " b=1",
    " b='<'",
    " b='&amp;'",
    " b='&'",
    " b='\r\n\t'",
    " currencyID='NGN'",
    " currencyID=\"&#78;GN\"",
    " xml:lang='en'",
    " p:b='1'",
    " xmlns='urn:d'",
    " xmlns=''",
    " xmlns:q='urn:p'",
    " xmlns:q=''",
    " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
    " xmlns:xmlns='a'",
    " =''",
    " 1b=''",
    "x",
    "é",
    "😀",
    "\u{FEFF}",
    "\u{FFFD}",
    "\u{FFFE}",
    "\0",
    "\u{1f}",
    "\u{85}",
    "\u{2028}",
    "12345678",
    "text and more text",
];

/// A document of random pieces, most of which has the chance to be well-formed.
fn composed(dice: &mut Dice) -> Vec<u8> {
    let mut body = String::from(dice.pick(&[
        "",
        "",
        "",
        "\u{FEFF}",
        " ",
        "<?xml version='1.0'?>",
        "<?xml version='1.0'?>\r\n",
        "<!--a-->",
    ]));
    let root = dice.pick(&[
        "<r xmlns:p='urn:p' xmlns:cbc='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>",
        "<r xmlns='urn:d' xmlns:p='urn:p' xmlns:averylongprefix='urn:l'>",
        "<r>",
    ]);
    body.push_str(root);
    for _ in 0..dice.below(12) {
        let name = dice.pick(&["a", "p:a", "cbc:ID", "cbc:Note", "averylongprefix:a", "a.b-c_d"]);
        let attributes: String = (0..dice.below(3))
            .map(|_| {
                dice.pick(&[
                    " b='1'",
                    " currencyID=\"NGN\"",
                    "\n\tc = 'x y'",
                    " p:b='&lt;'",
                    " xmlns:p='urn:q'",
                    " d='\r\n'",
                ])
            })
            .collect();
        let text: String = (0..dice.below(4))
            .map(|_| {
                dice.pick(&[
                    "text",
                    " ",
                    "\r\n",
                    "&amp;",
                    "&#x20;",
                    "<![CDATA[ ]]>",
                    "<!-- -->",
                    "<?p?>",
                    "]",
                    ">",
                    "]]",
                    "é",
                    "<b/>",
                    "",
                ])
            })
            .collect();
        body.push_str(&format!("<{name}{attributes}>{text}</{name}>"));
    }
    body.push_str("</r>");
    for _ in 0..dice.below(3) {
        let at = (0..=dice.below(body.len())).rev().find(|at| body.is_char_boundary(*at)).unwrap();
        body.insert_str(at, dice.pick(PIECES));
    }
    body.into_bytes()
}

/// One or two changes: a byte, a stretch left out or doubled, an end cut off, a piece of markup put in.
fn spoil(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(2) {
        let at = dice.below(bytes.len());
        let to = (at + dice.below(60)).min(bytes.len());
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 => {
                let copy = bytes[at..to].to_vec();
                let place = dice.below(bytes.len());
                bytes.splice(place..place, copy);
            }
            3 | 4 => {
                let byte = u8::try_from(dice.below(256)).unwrap();
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = byte;
                }
            }
            _ => drop(bytes.splice(at..at, dice.pick(PIECES).bytes())),
        }
    }
}

/// Fails with the document where there is a difference.
fn expect_same(what: &str, xml: &[u8]) -> bool {
    if let Some(difference) = difference(xml) {
        let shown: String = String::from_utf8_lossy(xml).chars().take(2000).collect();
        panic!("{what}: {difference}\n{shown}");
    }
    Tree::read(xml).is_ok()
}

#[test]
fn both_read_the_judged_documents_alike() {
    let cases = corpus::cases();
    assert!(cases.len() > 2500);
    let read = cases.iter().filter(|case| expect_same(&case.id, &case.xml)).count();
    assert!(read > 2500, "{read}");
}

#[test]
fn both_read_hostile_documents_alike() {
    let documents = documents::documents(200_000);
    assert!(documents.len() > 300);
    for hostile in documents {
        let bytes = hostile.bytes();
        // What is too long is refused before anything is read.
        if bytes.len() > MAX_BYTES {
            continue;
        }
        expect_same(&hostile.name, &bytes);
    }
}

#[test]
fn both_read_mutants_of_the_judged_documents_alike() {
    let seed = 0x5EED_0014;
    let mut dice = Dice(seed);
    let (mut read, mut refused) = (0, BTreeSet::new());
    for case in corpus::cases().iter().filter(|case| case.xml.len() < 40_000) {
        for round in 0..rounds(4) {
            let mut xml = case.xml.clone();
            spoil(&mut xml, &mut dice);
            read += usize::from(expect_same(&format!("{}, seed {seed}, round {round}", case.id), &xml));
            refused.extend(Tree::read(&xml).err().map(kind));
        }
    }
    assert!(read > 1000 && refused.len() > 15, "{read} read, refused: {refused:#?}");
}

#[test]
fn both_read_documents_of_random_pieces_alike() {
    let seed = 0x5EED_0015;
    let mut dice = Dice(seed);
    let (mut read, mut refused) = (0, BTreeSet::new());
    for round in 0..rounds(40_000) {
        let xml = composed(&mut dice);
        read += usize::from(expect_same(&format!("seed {seed}, round {round}"), &xml));
        refused.extend(Tree::read(&xml).err().map(kind));
    }
    assert!(read > 3000 && refused.len() > 25, "{read} read, refused: {refused:#?}");
}

/// How often; `TAXPOYNT_ROUNDS=100` makes it a hundred times as often.
fn rounds(usual: usize) -> usize {
    usual * std::env::var("TAXPOYNT_ROUNDS").map_or(1, |times| times.parse().unwrap())
}

/// A refusal without what it quotes.
fn kind(refusal: Error) -> String {
    let Error::Xml { message, .. } = refusal else { return refusal.to_string() };
    message.split('"').step_by(2).collect()
}
