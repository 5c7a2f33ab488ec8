//! Documents that are not well-formed: cut off, overlapping, with markup where none may be.

use super::{Answer, List, ROOT, ubl};

pub(super) fn add(list: &mut List) {
    elements(list);
    attributes(list);
    sections(list);
    wholes(list);
    truncations(list);
    unended(list);
    unsound(list);
}

fn elements(list: &mut List) {
    list.broken_inside(
        "element",
        &[
            "<a>",
            "</a>",
            "<a></b>",
            "<a><b></a></b>",
            "<cbc:ID></cbc:id>",
            "<cbc:ID></ID>",
            "<1a/>",
            "<-a/>",
            "<.a/>",
            "< a/>",
            "<a/ >",
            "<a</a>",
            "<a><",
            "<>",
            "</>",
            "</a b='c'>",
            "<a\u{0}/>",
            "<a!/>",
            "<a,b/>",
            "<a\u{2028}/>",
        ],
    );
    list.refused("a name of 10 MB", "", || ubl(&format!("<{}>", "x".repeat(10_000_000))));
    list.refused("a million ends", "", || ubl(&"</a>".repeat(1_000_000)));
}

fn attributes(list: &mut List) {
    list.broken_inside(
        "attribute",
        &[
            "<a b='1' b='2'/>",
            "<a b=1/>",
            "<a b/>",
            "<a b='<'/>",
            "<a b=\"1'/>",
            "<a ='1'/>",
            "<a 1b='1'/>",
            "<a b='\u{1}'/>",
            "<a b='1' =/>",
            "<a 'b'/>",
            "<a b=''''/>",
        ],
    );
    let attributes = "attributes";
    list.refused("65 attributes", attributes, || ubl(&format!("<a{}/>", numbered(65))));
    list.refused("a million attributes", attributes, || ubl(&format!("<a{}/>", numbered(1_000_000))));
    list.refused("a million attributes of one name", "", || {
        ubl(&format!("<a{}/>", " b=''".repeat(1_000_000)))
    });
    list.refused("a million attributes on the root", attributes, || {
        format!("<{ROOT}{}/>", numbered(1_000_000))
    });
}

fn numbered(count: usize) -> String {
    (0..count).map(|n| format!(" a{n}=''")).collect()
}

fn sections(list: &mut List) {
    list.broken_inside(
        "section",
        &[
            "<!-- a -- b -->",
            "<!-- a --->",
            "<!-- a",
            "<!->",
            "<!>",
            "<!x>",
            "<![CDATA[ a",
            "<![CDATA[ a ]]",
            "<![cdata[ a ]]>",
            "<![INCLUDE[ a ]]>",
            "<?x",
        ],
    );
}

fn wholes(list: &mut List) {
    list.broken(
        "whole",
        &[
            "",
            " \n\t ",
            "text",
            "<?xml version=\"1.0\"?>",
            "<!-- only a comment -->",
            "<a/><b/>",
            "<a/>text",
            "text<a/>",
            "<![CDATA[a]]><a/>",
            "<a/><![CDATA[a]]>",
            "<a/>&#65;",
            "&amp;<a/>",
            "{\"invoice\": true}",
            "%PDF-1.7\n1 0 obj",
            "PK\u{3}\u{4}",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"><a/>",
            "<html><br></html>",
        ],
    );
    let names = ["Invoice", "CreditNote", "Order", "x:Invoice xmlns:x=\"urn:x\"", "Invoice xmlns=\"urn:x\""];
    let right = "urn:oasis:names:specification:ubl:schema:xsd";
    let other =
        [format!("CreditNote xmlns=\"{right}:Invoice-2\""), format!("Order xmlns=\"{right}:Order-2\"")];
    for name in names.iter().map(|name| (*name).to_owned()).chain(other) {
        list.add(format!("another document: {name}"), Answer::NotAnInvoice, move || {
            format!("<{name}/>").into_bytes()
        });
    }
}

fn truncations(list: &mut List) {
    let body = "<!-- é --><cbc:ID schemeID=\"0088\">A&amp;B&#65;</cbc:ID><cbc:Note><![CDATA[<]]></cbc:Note><?p i?><cac:Party/>";
    let whole = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", ubl(body)).into_bytes();
    let step = whole.len() / 40;
    for length in (1..whole.len()).step_by(step) {
        let part = whole.get(..length).unwrap_or_default().to_vec();
        list.add(format!("cut off after {length} bytes"), Answer::NotXml(""), move || part.clone());
    }
}

/// What has no end is looked for to the end of the document, once.
fn unended(list: &mut List) {
    let long = list.long;
    for (name, opening) in [
        ("much of a comment", "<!--"),
        ("much of a CDATA section", "<![CDATA["),
        ("much of a processing instruction", "<?x "),
        ("much of an attribute", "<a b='"),
        ("much of a name", "<"),
        ("much of a reference", "&"),
    ] {
        list.refused(name, "", move || format!("<{ROOT}>{opening}{}", "x".repeat(long)));
    }
    for (name, piece) in [
        ("a million openings of comments", "<!--"),
        ("a million openings of CDATA sections", "<![CDATA["),
        ("a million openings of processing instructions", "<?x "),
        ("a million openings of tags", "<"),
        ("a million openings of attributes", "<a b='"),
        ("a million ampersands", "&"),
        ("a million openings of declarations", "<!DOCTYPE "),
    ] {
        list.refused(name, "", move || format!("<{ROOT}>{}", piece.repeat(1_000_000)));
    }
}

fn unsound(list: &mut List) {
    list.unsound(
        ubl,
        &[
            "<a b='1'c='2'/>",
            "<![CDATA[ <![CDATA[ a ]]> ]]>",
            "a ]]> b",
            "<? x?>",
            "<?xml version='1.0'?>",
            "<?XML version='1.0'?>",
            "<?1?>",
        ],
    );
    list.unsound(
        |before| format!("{before}<{ROOT}/>"),
        &[
            "<!-- x --><?xml version=\"1.0\"?>",
            " <?xml version=\"1.0\"?>",
            "<?xml version=\"1.0\"?><?xml version=\"1.0\"?>",
            "<?xml version=\"2.0\"?>",
            "<?xml encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\" standalone=\"maybe\"?>",
            "<?xml?>",
        ],
    );
}
