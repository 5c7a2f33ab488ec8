//! The words of a command line: which options a command has, which were given, and what is refused.

use super::nearest::nearest;
use std::ffi::{OsStr, OsString};

/// An option of a command.
pub(crate) struct Flag {
    /// As it is typed, `--json`.
    pub(crate) name: &'static str,
    /// What its value is, `FILE`; none for a switch.
    pub(crate) value: Option<&'static str>,
    /// One line of help.
    pub(crate) help: &'static str,
}

/// What was given, in its order.
#[derive(Debug)]
pub(crate) enum Given {
    /// An option and its value; that of a switch is empty.
    Flag(&'static str, OsString),
    /// Anything else: a file, an id.
    Word(OsString),
}

/// A command line that was understood as far as its options.
#[derive(Debug)]
pub(crate) struct Line(pub(crate) Vec<Given>);

impl Line {
    /// Reads the words behind a command's name. None where help was asked for. `--name=value` is read too, and behind
    /// `--` everything is a word.
    ///
    /// # Errors
    /// One sentence about an option that does not exist or lacks its value, with what was likely meant.
    pub(crate) fn read(words: &[OsString], flags: &'static [Flag]) -> Result<Option<Self>, String> {
        let mut given = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.to_string_lossy();
            if text == "--" {
                given.extend(words.by_ref().cloned().map(Given::Word));
            } else if text == "-" || !text.starts_with('-') {
                given.push(Given::Word(word.clone()));
            } else if text == "--help" || text == "-h" {
                return Ok(None);
            } else {
                let (name, attached) = text.split_once('=').map_or((&*text, None), |(n, v)| (n, Some(v)));
                let flag = flags.iter().find(|flag| flag.name == name).ok_or_else(|| unknown(name, flags))?;
                let value = match (flag.value, attached) {
                    (None, None) => OsString::new(),
                    (None, Some(_)) => return Err(format!("{name} takes no value")),
                    (Some(_), Some(value)) => value.into(),
                    (Some(what), None) => {
                        words.next().cloned().ok_or_else(|| format!("{name} needs a value: {name} {what}"))?
                    }
                };
                given.push(Given::Flag(flag.name, value));
            }
        }
        Ok(Some(Self(given)))
    }

    /// Whether a switch was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The value of an option that makes sense once.
    ///
    /// # Errors
    /// Where it was given twice.
    pub(crate) fn value(&self, name: &str) -> Result<Option<&OsStr>, String> {
        let mut values = self.values(name);
        let value = values.next();
        if values.next().is_some() { Err(format!("{name} is there twice; give it once")) } else { Ok(value) }
    }

    /// Every word that is no option.
    pub(crate) fn words(&self) -> impl Iterator<Item = &OsStr> {
        self.0.iter().filter_map(|given| match given {
            Given::Word(word) => Some(word.as_os_str()),
            Given::Flag(..) => None,
        })
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &OsStr> {
        self.0.iter().filter_map(move |given| match given {
            Given::Flag(flag, value) if *flag == name => Some(value.as_os_str()),
            _ => None,
        })
    }
}

fn unknown(name: &str, flags: &'static [Flag]) -> String {
    let names = || flags.iter().map(|flag| flag.name);
    match nearest(name, names(), 1).first() {
        Some(near) => format!("there is no option {name}; did you mean {near}?"),
        None if flags.is_empty() => format!("there is no option {name}; this command has none"),
        None => format!("there is no option {name}; there is {}", names().collect::<Vec<_>>().join(", ")),
    }
}

/// The options as lines of help.
pub(crate) fn listed(flags: &[Flag]) -> String {
    let shown =
        |flag: &Flag| format!("{} {}", flag.name, flag.value.unwrap_or_default()).trim_end().to_owned();
    let width = flags.iter().map(|flag| shown(flag).len()).max().unwrap_or(0);
    let indent = format!("\n{:width$}", "", width = width + 4);
    let line = |flag: &Flag| format!("  {:width$}  {}\n", shown(flag), flag.help.replace('\n', &indent));
    flags.iter().map(line).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        Flag { name: "--json", value: None, help: "lines" },
        Flag { name: "--list", value: Some("FILE"), help: "names" },
    ];

    fn read(words: &[&str]) -> Result<Option<Line>, String> {
        Line::read(&words.iter().map(OsString::from).collect::<Vec<_>>(), FLAGS)
    }

    #[test]
    fn options_and_words_keep_their_order() {
        let line = read(&["a.xml", "--list=b.txt", "--json", "-", "--", "--c.xml"]).unwrap().unwrap();
        assert!(line.has("--json"));
        assert_eq!(line.value("--list").unwrap(), Some(OsStr::new("b.txt")));
        assert_eq!(line.words().collect::<Vec<_>>(), ["a.xml", "-", "--c.xml"]);
    }

    #[test]
    fn what_is_refused_says_what_was_meant() {
        assert_eq!(read(&["--jsn"]).unwrap_err(), "there is no option --jsn; did you mean --json?");
        assert_eq!(read(&["-x"]).unwrap_err(), "there is no option -x; there is --json, --list");
        assert_eq!(read(&["--list"]).unwrap_err(), "--list needs a value: --list FILE");
        assert_eq!(read(&["--json=yes"]).unwrap_err(), "--json takes no value");
        let twice = read(&["--list", "a", "--list", "b"]).unwrap().unwrap();
        assert_eq!(twice.value("--list").unwrap_err(), "--list is there twice; give it once");
    }

    #[test]
    fn help_is_asked_for_anywhere() {
        assert!(read(&["a.xml", "--help"]).unwrap().is_none());
    }
}
