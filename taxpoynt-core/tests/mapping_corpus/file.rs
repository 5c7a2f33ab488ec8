//! One rule file with what it expects.

use crate::{
    sale,
    support::{CRM, TILL, apply_kept, tenant},
};
use std::{collections::BTreeSet, fmt::Write as _, path::Path};
use taxpoynt_core::{ErrorKind, mapping::Rules};

/// A rule file of the corpus.
pub(crate) struct File {
    /// `017-upper-keeps-digits.toml`.
    pub(crate) name: String,
    text: Vec<u8>,
    /// The lines that say what is expected, without their `# `.
    comments: Vec<String>,
}

impl File {
    /// Reads a file; of JSON, which has no comments, what is expected stands beside it in a `.txt`.
    pub(crate) fn read(path: &Path) -> Self {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read(path).unwrap();
        let beside = path.with_extension("txt");
        let comments = if beside.exists() { std::fs::read(&beside).unwrap() } else { text.clone() };
        let comments = String::from_utf8(comments).unwrap();
        let comments = comments.trim_start_matches('\u{feff}').lines();
        let comments = comments.filter_map(|line| line.strip_prefix("# ")).map(str::to_owned).collect();
        Self { name, text, comments }
    }

    pub(crate) fn names(files: &[Self]) -> Vec<String> {
        files.iter().map(|file| file.name.clone()).collect()
    }

    /// What is said after `# key: `, in order.
    fn all<'f>(&'f self, key: &'f str) -> impl Iterator<Item = &'f str> {
        self.comments.iter().filter_map(move |line| line.strip_prefix(key)?.strip_prefix(": "))
    }

    /// Every message it expects.
    pub(crate) fn said(&self) -> Vec<String> {
        let refused = self.all("error").filter_map(|error| {
            let (place, message) = error.split_once(' ')?;
            let (line, column) = place.split_once(':')?;
            Some(refusal(line, column, message))
        });
        refused.chain(self.all("holds").chain(self.all("reason")).map(str::to_owned)).collect()
    }

    /// The rules as they are compiled: `# where: STEPS is 17 times "trim",` writes something long out.
    fn rules(&self) -> String {
        let mut text = String::from_utf8(self.text.clone()).unwrap();
        for line in self.all("where") {
            let (name, what) = line.split_once(" is ").expect("# where: NAME is N times TEXT");
            let (times, what) = what.split_once(" times ").expect("# where: NAME is N times TEXT");
            // The line that says so keeps the name, whatever it stands for.
            let (head, body) = text.split_at(text.find("\n[").unwrap_or(0));
            text = format!("{head}{}", body.replace(name, &what.repeat(times.parse().unwrap())));
        }
        text
    }

    /// Whether the file is refused with this text, at this place, naming this name.
    pub(crate) fn is_refused_as_it_says(&self) -> Result<(), String> {
        let expected: Vec<&str> = self.all("error").collect();
        let [expected] = expected.as_slice() else {
            return Err("an invalid file says what is wrong: # error: LINE:COLUMN message".to_owned());
        };
        let (place, message) = expected.split_once(' ').ok_or("# error: LINE:COLUMN message")?;
        let (line, column) = place.split_once(':').ok_or("# error: LINE:COLUMN message")?;
        let error = match Rules::parse_named("shop.toml", &self.rules()) {
            Ok(_) => return Err(format!("it is accepted, though {message}")),
            Err(error) => error,
        };
        let nearest =
            message.split_once("; the nearest is \"").map(|(_, rest)| rest.split('"').next().unwrap());
        let found = (error.get("file"), error.get("line"), error.get("column"), error.get("nearest"));
        let whole = refusal(line, column, message);
        if error.message() != whole
            || found != (Some("shop.toml"), Some(line), Some(column), nearest)
            || error.kind() != ErrorKind::Mapping
        {
            return Err(format!("expected {whole}\n   found {}\n         {found:?}", error.message()));
        }
        Ok(())
    }

    /// Whether the file gives exactly what it says: every target that its rules set, and every reason that holds.
    pub(crate) fn gives_what_it_says(&self) -> Result<(), String> {
        let record = self.all("record").next().ok_or("a valid file says what it reads: # record: {…}")?;
        let gives: Vec<(&str, &str)> = self.all("gives").filter_map(|line| line.split_once(" = ")).collect();
        if gives.is_empty() && self.all("holds").next().is_none() {
            return Err("a valid file says what it gives: # gives: target = value".to_owned());
        }
        let settings =
            self.all("tenant").next().unwrap_or(r#"{"tax":{"default":{"category":"S","percent":"5"}}}"#);
        let shop = tenant(settings);
        let below: String = self.all("below").map(|line| format!("{line}\n")).collect();
        let layers = [
            Rules::base().clone(),
            Rules::of_tenant(&shop).unwrap(),
            Rules::parse_named("below", &below).map_err(|error| error.to_string())?,
            Rules::parse_named("rules", &self.rules()).map_err(|error| error.to_string())?,
        ];
        let shape = if record.starts_with("{\"deal\"") { &CRM } else { &TILL };
        let document = sale::read(self.all("sale").next().unwrap_or("{}"), shape.root)?;
        let rules = Rules::merged(&layers.each_ref());
        let mapped = apply_kept(rules, &document, shape, record.as_bytes(), &shop);

        let set = mapped.provenance();
        let mut wrong = String::new();
        for (target, expected) in &gives {
            let found = set.iter().find(|p| p.target == *target).map_or("nothing", |p| p.value.as_str());
            if found != *expected {
                let _ = writeln!(wrong, "{target} = {found}, expected {expected}");
            }
        }
        let named = |target: &str| gives.iter().any(|(given, _)| *given == target);
        for own in set.iter().filter(|p| p.rule.starts_with("rules:") && !named(&p.target)) {
            let _ = writeln!(wrong, "{} = {}, of which the file says nothing", own.target, own.value);
        }
        for line in self.all("from") {
            let (target, expected) = line.split_once(" = ").ok_or("# from: target = source by rule")?;
            let found = set.iter().find(|p| p.target == target);
            let found = found.map(|p| format!("{} by {}", p.source.as_deref().unwrap_or("nothing"), p.rule));
            if found.as_deref() != Some(expected) {
                let _ = writeln!(wrong, "{target} is from {found:?}, expected {expected}");
            }
        }
        for expected in self.all("reason") {
            let found = mapped.lines[0].tax.and_then(|tax| tax.reason).unwrap_or("nothing");
            if found != expected {
                let _ = writeln!(wrong, "the reason of the first line's tax is {found}, expected {expected}");
            }
        }
        let held: Vec<String> = mapped.reasons.iter().map(|r| format!("{} {}", r.code, r.message)).collect();
        let holds: Vec<&str> = self.all("holds").collect();
        if held != holds {
            let _ = writeln!(wrong, "holds {held:#?}, expected {holds:#?}");
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

/// The whole message of an error. A file that is too long is refused unread.
fn refusal(line: &str, column: &str, message: &str) -> String {
    match message.contains(" bytes, found ") {
        true => format!("shop.toml: {message}"),
        false => format!("shop.toml, line {line}, column {column}: {message}"),
    }
}

/// Each name starts with its number, from 001 on, and ends with what the file shows.
pub(crate) fn numbered(folders: &[Vec<String>]) -> Result<(), String> {
    for names in folders {
        let mut shows = BTreeSet::new();
        for (i, name) in names.iter().enumerate() {
            let what =
                name.strip_prefix(&format!("{:03}-", i + 1)).ok_or(format!("{name} is file {}", i + 1))?;
            if !shows.insert(what.split('.').next()) {
                return Err(format!("{name} shows what another file shows"));
            }
        }
    }
    Ok(())
}
