//! Whether every sentence that the mapping code can say is said by a file of the corpus.

/// The code that reads and applies rules. What it writes in quotes with a space in it is part of a message.
const SOURCES: &[(&str, &str)] = &[
    ("apply.rs", include_str!("../../src/mapping/apply.rs")),
    ("compile.rs", include_str!("../../src/mapping/compile.rs")),
    ("constant.rs", include_str!("../../src/mapping/constant.rs")),
    ("limit.rs", include_str!("../../src/mapping/limit.rs")),
    ("mod.rs", include_str!("../../src/mapping/mod.rs")),
    ("path.rs", include_str!("../../src/mapping/path.rs")),
    ("piece.rs", include_str!("../../src/mapping/piece.rs")),
    ("problem.rs", include_str!("../../src/mapping/problem.rs")),
    ("source.rs", include_str!("../../src/mapping/source.rs")),
    ("tax.rs", include_str!("../../src/mapping/tax.rs")),
    ("template.rs", include_str!("../../src/mapping/template.rs")),
    ("transform.rs", include_str!("../../src/mapping/transform.rs")),
    ("tree.rs", include_str!("../../src/mapping/tree.rs")),
    ("value.rs", include_str!("../../src/mapping/value.rs")),
    ("when.rs", include_str!("../../src/mapping/when.rs")),
];

/// Texts with a space that no rule file can bring out, and why.
const SILENT: &[(&str, &str)] = &[
    ("a rule file", "the root of a file is always a table"),
    (" + ", "stands between two sources in provenance"),
    ("name = \"", "looks for the setting in the rules of a tenant"),
    ("not readable as a JSON string", "the whole file was read as JSON before"),
    ("not readable as JSON: {error}", "an object inside a file that was read as JSON before"),
    ("is an empty list", "an empty list is nothing"),
    (" at line ", "is cut off what a library says"),
    ("%Y-%m-%d %H:%M:%S%.f", "a pattern"),
    ("a rule without from or value starts with a template", "every other transform says so itself"),
    ("{path:?} is {}, not a text", "no source is a tax, a classification or a list"),
    ("is {}, not a text", "no text is made of a tax or classification: rules that would are refused"),
    ("\"phone\" or { phone = \"234\" }", "written both ways, so never written wrongly"),
    ("\"decimal\" or { decimal = 2 }", "written both ways, so never written wrongly"),
    ("\"minor_units\" or { minor_units = 2 }", "written both ways, so never written wrongly"),
    ("\"date\" or { date = \"%d/%m/%Y\" }", "written both ways, so never written wrongly"),
    ("\"datetime\" or { datetime = \"unix_ms\" }", "written both ways, so never written wrongly"),
    ("part of map", "of a template's field map: `connectors/declarative/tests`"),
    ("; a field map reads the record: raw.<path>, or custom.<name>", "of a template's field map"),
    ("{} to be one of {}", "tells what a trigger waits for: `docs/mapping.md`, Triggers"),
    ("{} to be there", "tells what a trigger waits for"),
    ("{} to be empty", "tells what a trigger waits for"),
    ("not ({})", "tells what a trigger waits for"),
    ("to start with ", "tells what a trigger waits for"),
    ("to end with ", "tells what a trigger waits for"),
    ("to contain ", "tells what a trigger waits for"),
    (" or ", "stands between the texts that a trigger waits for"),
    ("to be at least {number}", "tells what a trigger waits for"),
    ("to be below {number}", "tells what a trigger waits for"),
    ("to be on {day} or later", "tells what a trigger waits for"),
    ("to be before {day}", "tells what a trigger waits for"),
    ("\"require\" or { require = \"why it is needed\" }", "written both ways, so never written wrongly"),
];

/// The texts in quotes of some code, outside comments and tests.
fn literals(code: &str) -> Vec<String> {
    let code = code.split("#[cfg(test)]").next().unwrap();
    let mut found = Vec::new();
    for line in code.replace("\\\n", "").lines() {
        let mut rest = line;
        // A quote as a character is none that opens a text.
        while let Some(at) = rest.find(['"', '/', '\'']) {
            let (before, after) = (&rest[..at], &rest[at + 1..]);
            match rest.as_bytes()[at] {
                b'/' if after.starts_with('/') => break,
                b'\'' if after.starts_with("\"'") => rest = &after[2..],
                b'"' => {
                    let (text, after) = unquoted(after);
                    if !before.ends_with("include_str!(") {
                        found.push(text);
                    }
                    rest = after;
                }
                _ => rest = after,
            }
        }
    }
    found
}

/// What stands before the closing quote, and what follows it.
fn unquoted(text: &str) -> (String, &str) {
    let (mut plain, mut escaped) = (String::new(), false);
    for (at, c) in text.char_indices() {
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '"' if !escaped => return (plain, &text[at + 1..]),
            'n' if escaped => plain.push('\n'),
            c => plain.push(c),
        }
        escaped = false;
    }
    (plain, "")
}

/// The fixed parts of a message: what stands around its `{places}`.
fn fixed(message: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let mut rest = message;
    while let Some(at) = rest.find(['{', '}']) {
        part.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        if rest[at + 1..].starts_with(brace) {
            part.push_str(brace);
            rest = &rest[at + 2..];
        } else {
            parts.push(std::mem::take(&mut part));
            rest = rest[at..].split_once('}').map_or("", |(_, after)| after);
        }
    }
    part.push_str(rest);
    parts.push(part);
    parts
}

/// Whether the parts stand in the text, in order.
fn says(text: &str, parts: &[String]) -> bool {
    let mut rest = text;
    parts.iter().all(|part| match rest.find(part.as_str()) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// Whether every message of the code is in one of the texts that files expect.
pub(crate) fn all_said(said: &[String]) -> Result<(), String> {
    let mut silent = Vec::new();
    let mut seen = 0;
    for (file, code) in SOURCES {
        for literal in literals(code).iter().filter(|text| text.trim().contains(' ')) {
            seen += 1;
            let excused = SILENT.iter().any(|(text, _)| text == literal);
            // As a message, or as a plain text that is put into one.
            let plain = [literal.clone()];
            if !excused && !said.iter().any(|text| says(text, &fixed(literal)) || says(text, &plain)) {
                silent.push(format!("{file}: {literal:?}"));
            }
        }
    }
    if seen < 100 {
        return Err(format!("only {seen} messages were found in the code: is it read as it is written?"));
    }
    if silent.is_empty() { Ok(()) } else { Err(format!("no file says\n{}", silent.join("\n"))) }
}
