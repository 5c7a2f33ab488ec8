//! Documents in other encodings than the one they say, or in none.

use super::{Answer, List, ROOT, ubl};

pub(super) fn add(list: &mut List) {
    whole_documents(list);
    sequences(list);
    declared(list);
    list.judged("a byte order mark in the text", || ubl("<cbc:ID>\u{FEFF}</cbc:ID>"));
    list.judged("delete and the C1 controls, which XML allows", || {
        ubl("<cbc:ID>\u{7F}\u{80}\u{85}\u{9F}</cbc:ID>")
    });
    list.judged("bidirectional overrides", || ubl("<cbc:ID>\u{202E}1\u{2066}\u{202C}</cbc:ID>"));
    list.judged("noncharacters beyond the first plane", || ubl("<cbc:ID>\u{1FFFE}\u{10FFFF}</cbc:ID>"));
}

fn whole_documents(list: &mut List) {
    const UTF8: Answer = Answer::NotXml("");
    let wide = |big: bool, mark: bool| {
        let text = format!("{}{}", if mark { "\u{FEFF}" } else { "" }, ubl("<cbc:ID>1</cbc:ID>"));
        text.encode_utf16()
            .flat_map(move |unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect::<Vec<u8>>()
    };
    list.add("UTF-16, little end first, marked", UTF8, move || wide(false, true));
    list.add("UTF-16, big end first, marked", UTF8, move || wide(true, true));
    list.add("UTF-16, little end first", UTF8, move || wide(false, false));
    list.add("UTF-16, big end first", UTF8, move || wide(true, false));
    list.add("UTF-32", UTF8, || {
        format!("\u{FEFF}{}", ubl("")).chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()
    });
    list.add("a byte order mark alone", UTF8, || b"\xEF\xBB\xBF".to_vec());
    list.add("two byte order marks", Answer::NotXml("second byte order mark"), || {
        format!("\u{FEFF}\u{FEFF}{}", ubl("")).into_bytes()
    });
    list.add("half a byte order mark", UTF8, || [b"\xEF\xBB", ubl("").as_bytes()].concat());
    list.add("a picture", UTF8, || b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR".to_vec());
    list.add("zeros", UTF8, || vec![0; 1_000_000]);
    list.add("a compressed document", UTF8, || b"\x1F\x8B\x08\0\0\0\0\0\0\x03".to_vec());
    list.add("EBCDIC", UTF8, || b"\x4C\x6F\xA7\x94\x93\x40\xA5\x85\x99\xA2\x89\x96\x95".to_vec());
}

fn sequences(list: &mut List) {
    let bad: [(&str, &[u8]); 12] = [
        ("a slash in two bytes", b"\xC0\xAF"),
        ("a slash in three bytes", b"\xE0\x80\xAF"),
        ("a slash in four bytes", b"\xF0\x80\x80\xAF"),
        ("zero in two bytes", b"\xC0\x80"),
        ("half a surrogate pair", b"\xED\xA0\x80"),
        ("a surrogate pair", b"\xED\xA0\xBD\xED\xB8\x80"),
        ("beyond Unicode", b"\xF4\x90\x80\x80"),
        ("five bytes", b"\xF8\x88\x80\x80\x80"),
        ("a continuation alone", b"\x80"),
        ("a lead alone", b"\xE2\x82"),
        ("Latin-1", b"caf\xE9"),
        ("FF", b"\xFF"),
    ];
    for (name, bytes) in bad {
        let document = [format!("<{ROOT}><cbc:ID>").as_bytes(), bytes, b"</cbc:ID></Invoice>"].concat();
        list.add(format!("not UTF-8: {name}"), Answer::NotXml("UTF-8"), move || document.clone());
    }
    let long = list.long;
    list.add("not UTF-8 at the end of a long text", Answer::NotXml(""), move || {
        let mut document = format!("<{ROOT}><cbc:ID>{}", "x".repeat(long)).into_bytes();
        document.extend(b"\xE2\x82");
        document
    });
    for character in ['\0', '\u{1}', '\u{8}', '\u{B}', '\u{C}', '\u{1B}', '\u{FFFE}', '\u{FFFF}'] {
        let document = ubl(&format!("<cbc:ID>{character}</cbc:ID>"));
        list.add(format!("character {character:?}"), Answer::NotXml(""), move || {
            document.clone().into_bytes()
        });
    }
    list.broken_inside(
        "character",
        &["<!-- \u{0} -->", "<![CDATA[\u{B}]]>", "<?x \u{1B}?>", "<cbc:ID a='\u{FFFF}'/>"],
    );
}

fn declared(list: &mut List) {
    for encoding in [
        "UTF-16",
        "UTF-32",
        "UTF-7",
        "ISO-8859-1",
        "windows-1252",
        "EBCDIC-CP-US",
        "IBM037",
        "GB18030",
        "x",
        "",
    ] {
        let document = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{}", ubl(""));
        list.add(format!("declared as {encoding:?}"), Answer::NotXml("UTF-8"), move || {
            document.clone().into_bytes()
        });
    }
}
