//! Documents that want something from outside themselves, or to grow by declarations: entities, inclusions, addresses.

use super::{List, ROOT, ubl};

const DTD: &str = "document type declaration";
const ENTITY: &str = "never expanded";

pub(super) fn add(list: &mut List) {
    bombs(list);
    declarations(list);
    entities(list);
    addresses(list);
}

/// A document type declaration before an invoice that uses it.
fn declared(subset: &str, body: &str) -> String {
    format!("<!DOCTYPE Invoice [{subset}]><{ROOT}><cbc:ID>{body}</cbc:ID></Invoice>")
}

fn bombs(list: &mut List) {
    list.refused("a billion laughs", DTD, || {
        let levels: String =
            (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
        declared(&format!("<!ENTITY l0 \"lol\">{levels}"), "&l9;")
    });
    list.refused("one long entity used often", DTD, || {
        declared(&format!("<!ENTITY a \"{}\">", "a".repeat(100_000)), &"&a;".repeat(50_000))
    });
    list.refused("an entity that contains itself", DTD, || declared("<!ENTITY a \"&a;\">", "&a;"));
    list.refused("two entities that contain each other", DTD, || {
        declared("<!ENTITY a \"&b;\"><!ENTITY b \"&a;\">", "&a;")
    });
    list.refused("an entity that opens an element", DTD, || {
        declared("<!ENTITY a \"<cbc:ID>\">", "&a;</cbc:ID>")
    });
    list.refused("10 MB of declarations", DTD, || declared(&"<!ENTITY a \"b\">".repeat(700_000), "1"));
    list.refused("a million opening brackets in a declaration", "", || declared(&"[".repeat(1_000_000), "1"));
    list.refused("attribute defaults from a declaration", DTD, || {
        declared("<!ATTLIST cbc:ID schemeID CDATA \"0088\">", "1")
    });
}

fn declarations(list: &mut List) {
    list.refused("an entity that is a local file", DTD, || {
        declared("<!ENTITY x SYSTEM \"file:///etc/passwd\">", "&x;")
    });
    list.refused("an entity that is a device", DTD, || {
        declared("<!ENTITY x SYSTEM \"file:///dev/zero\">", "&x;")
    });
    list.refused("an entity that is a page", DTD, || {
        declared("<!ENTITY x SYSTEM \"http://127.0.0.1:1/x\">", "&x;")
    });
    list.refused("an entity by public name", DTD, || {
        declared("<!ENTITY x PUBLIC \"-//X//Y\" \"http://127.0.0.1:1/x\">", "&x;")
    });
    list.refused("a parameter entity", DTD, || declared("<!ENTITY % p \"<!ENTITY x 'y'>\">%p;", "&x;"));
    list.refused("a parameter entity that is a file", DTD, || {
        declared("<!ENTITY % p SYSTEM \"file:///etc/passwd\">%p;", "1")
    });
    list.refused("a parameter entity that sends a file away", DTD, || {
        let steps = "<!ENTITY % f SYSTEM \"file:///etc/passwd\"><!ENTITY % d SYSTEM \"http://127.0.0.1:1/evil.dtd\">%d;%send;";
        declared(steps, "1")
    });
    list.refused("an external subset", DTD, || {
        format!("<!DOCTYPE Invoice SYSTEM \"http://127.0.0.1:1/x.dtd\"><{ROOT}/>")
    });
    list.refused("a public external subset", DTD, || {
        format!("<!DOCTYPE Invoice PUBLIC \"-//X//Y\" \"http://127.0.0.1:1/x.dtd\"><{ROOT}/>")
    });
    list.refused("a notation", DTD, || {
        declared("<!NOTATION n SYSTEM \"n\"><!ENTITY x SYSTEM \"x\" NDATA n>", "1")
    });
    list.refused("a conditional section", "", || declared("<![INCLUDE[<!ENTITY x \"y\">]]>", "&x;"));
    list.refused("an empty declaration", DTD, || format!("<!DOCTYPE Invoice><{ROOT}/>"));
    list.refused("a declaration after a comment", DTD, || {
        format!("<!-- x --><!DOCTYPE Invoice []><{ROOT}/>")
    });
    list.refused("a declaration after a byte order mark", DTD, || {
        format!("\u{FEFF}<!DOCTYPE Invoice []><{ROOT}/>")
    });
    list.refused("a declaration inside an element", "", || ubl("<!DOCTYPE Invoice []>"));
    list.refused("a declaration after the root", "", || format!("<{ROOT}/><!DOCTYPE Invoice []>"));
    list.refused("a declaration in small letters", "", || format!("<!doctype Invoice><{ROOT}/>"));
    list.refused("a declaration that does not end", "", || format!("<!DOCTYPE Invoice [<{ROOT}/>"));
    list.refused("an entity declared in the content", "", || ubl("<!ENTITY x \"y\">"));
}

fn entities(list: &mut List) {
    list.refused("an entity of HTML", ENTITY, || ubl("<cbc:ID>&nbsp;</cbc:ID>"));
    list.refused("an entity nobody declared", ENTITY, || ubl("<cbc:ID>&x;</cbc:ID>"));
    list.refused("an entity that looks like one of XML", ENTITY, || ubl("<cbc:ID>&AMP;</cbc:ID>"));
    list.refused("an entity with a name of 10 MB", "", || ubl(&format!("&{};", "x".repeat(10_000_000))));
    list.broken_inside(
        "reference",
        &[
            "<cbc:ID>a & b</cbc:ID>",
            "<cbc:ID>&amp</cbc:ID>",
            "<cbc:ID>&;</cbc:ID>",
            "<cbc:ID>&#;</cbc:ID>",
            "<cbc:ID>&#x;</cbc:ID>",
            "<cbc:ID>&#xZZ;</cbc:ID>",
            "<cbc:ID>&#X41;</cbc:ID>",
            "<cbc:ID>&#0;</cbc:ID>",
            "<cbc:ID>&#1;</cbc:ID>",
            "<cbc:ID>&#-1;</cbc:ID>",
            "<cbc:ID>&#+65;</cbc:ID>",
            "<cbc:ID>&#xD800;</cbc:ID>",
            "<cbc:ID>&#xFFFE;</cbc:ID>",
            "<cbc:ID>&#x110000;</cbc:ID>",
            "<cbc:ID>&#99999999999999999999;</cbc:ID>",
            "<cbc:ID schemeID='&x;'/>",
            "<cbc:ID schemeID='&#0;'/>",
            "<cbc:ID schemeID='a & b'/>",
            "<cbc:ID schemeID='&#xD800;'/>",
        ],
    );
}

/// Never followed: there is nothing in here that could.
fn addresses(list: &mut List) {
    list.judged("an inclusion of a local file", || {
        ubl("<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='file:///etc/passwd' parse='text'/>")
    });
    list.judged("the address of a schema", || {
        let at = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='urn:x http://127.0.0.1:1/x.xsd'";
        format!("<{ROOT} {at}><cbc:ID>1</cbc:ID></Invoice>")
    });
    list.judged("the address of a schema without namespace", || {
        let at = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:noNamespaceSchemaLocation='file:///dev/zero'";
        format!("<{ROOT} {at}><cbc:ID>1</cbc:ID></Invoice>")
    });
    list.judged("a style sheet", || {
        format!("<?xml-stylesheet type='text/xsl' href='http://127.0.0.1:1/x.xsl'?><{ROOT}/>")
    });
    list.judged("a model by processing instruction", || {
        format!("<?xml-model href='file:///etc/passwd'?><{ROOT}><?php system('id'); ?></Invoice>")
    });
    list.judged("a base and a link", || {
        ubl("<cbc:Note xml:base='file:///etc/' xmlns:l='http://www.w3.org/1999/xlink' l:href='passwd'>1</cbc:Note>")
    });
    list.judged("an attachment that is a local file", || {
        let reference = "<cac:ExternalReference><cbc:URI>file:///etc/passwd</cbc:URI></cac:ExternalReference>";
        ubl(&format!("<cac:AdditionalDocumentReference><cac:Attachment>{reference}</cac:Attachment></cac:AdditionalDocumentReference>"))
    });
}
