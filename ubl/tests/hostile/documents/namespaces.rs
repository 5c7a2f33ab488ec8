//! Documents that play with prefixes.

use super::{List, ROOT, ubl};

pub(super) fn add(list: &mut List) {
    list.refused("an undeclared prefix", "prefix", || ubl("<x:a/>"));
    list.refused("a prefix used after its element", "prefix", || ubl("<a xmlns:x='urn:x'/><x:a/>"));
    list.broken_inside(
        "prefix",
        &[
            "<a:b:c xmlns:a='urn:x'/>",
            "<:a/>",
            "<cbc:/>",
            "<cbc:1/>",
            "<xmlns:a/>",
            "<a xmlns:x='urn:x' xmlns:x='urn:y'/>",
        ],
    );
    list.unsound(
        ubl,
        &[
            "<a x:b='1'/>",
            "<a xmlns:x=''/>",
            "<a xmlns:xml='urn:x'/>",
            "<a xmlns:xmlns='urn:x'/>",
            "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
            "<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>",
            "<a xmlns:x='http://www.w3.org/2000/xmlns/'/>",
            "<a xmlns:x='urn:x' xmlns:y='urn:x' x:b='1' y:b='2'/>",
        ],
    );
    list.judged("the usual prefixes exchanged", || {
        let (cac, cbc) = ("CommonAggregateComponents-2", "CommonBasicComponents-2");
        let base = "urn:oasis:names:specification:ubl:schema:xsd";
        format!("<Invoice xmlns='{base}:Invoice-2' xmlns:cbc='{base}:{cac}' xmlns:cac='{base}:{cbc}'><cac:ID>1</cac:ID><cbc:InvoiceLine/></Invoice>")
    });
    list.judged("a prefix that means another thing inside", || {
        ubl("<cac:Party xmlns:cbc='urn:x'><cbc:ID>1</cbc:ID></cac:Party><cbc:ID>2</cbc:ID>")
    });
    list.judged("names that only look alike", || ubl("<сbc xmlns='urn:x'>1</сbc><cbc:ΙD>1</cbc:ΙD>"));
    list.refused("a declaration on each of a hundred thousand levels", "deeper", || {
        let open: String = (0..100_000).map(|n| format!("<p{n}:a xmlns:p{n}='urn:{n}'>")).collect();
        format!("<{ROOT}>{open}")
    });
    // 60 levels of 64 declarations each, of which the outermost is meant each time.
    list.add(
        "many prefixes in scope, the first used often",
        super::Answer::NotXml("namespaces declared"),
        || {
            let level = |n: usize| {
                let own: String = (0..63).map(|m| format!(" xmlns:p{n}x{m}='u'")).collect();
                format!("<a{own}>")
            };
            let (open, close): (String, String) = ((0..58).map(level).collect(), "</a>".repeat(58));
            let many = format!("<a>{}</a>", "<cbc:a/>".repeat(3_900)).repeat(40);
            ubl(&format!("<cac:Party>{open}{many}{close}</cac:Party>")).into_bytes()
        },
    );
}
