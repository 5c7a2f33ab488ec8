//! What a person sees: colours where there is a terminal, text that cannot play tricks on it, a running count.

use chrono::{DateTime, Duration, Utc};
use std::{
    borrow::Cow,
    io::{IsTerminal, Write},
};
use taxpoynt_core::clock::{Clock, SystemClock};

/// How a text is painted; not at all outside a terminal or where `NO_COLOR` is set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// For standard output.
    pub(crate) fn of_output() -> Self {
        Self(std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()))
    }

    /// No colours.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self(false)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Text out of a document or a file name in one line, without the characters that command a terminal.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    // What turns the direction of writing could make a name read as another.
    let tricky = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(tricky) {
        return Cow::Borrowed(text);
    }
    let one = |c: char| match c {
        '\n' | '\t' | '\r' => ' ',
        c if tricky(c) => '\u{fffd}',
        c => c,
    };
    Cow::Owned(text.chars().map(one).collect())
}

/// A number as people write it: `2,601`.
pub(crate) fn number(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 fault`, `2 faults`.
pub(crate) fn count(value: usize, what: &str) -> String {
    format!("{} {what}{}", number(value), if value == 1 { "" } else { "s" })
}

/// A running count on standard error, for whoever waits there while the output goes elsewhere.
pub(crate) struct Progress {
    next: Option<DateTime<Utc>>,
    done: usize,
    shown: bool,
}

impl Progress {
    /// Starts counting; what is over within a second never shows.
    pub(crate) fn start() -> Self {
        let watched = std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        Self { next: watched.then(|| SystemClock.now() + Duration::seconds(1)), done: 0, shown: false }
    }

    /// One more is done.
    pub(crate) fn step(&mut self) {
        self.done += 1;
        let Some(next) = self.next else { return };
        let now = SystemClock.now();
        if now >= next {
            let _ = write!(std::io::stderr(), "\r{} judged ", count(self.done, "document"));
            self.next = Some(now + Duration::milliseconds(200));
            self.shown = true;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_cannot_command_the_terminal() {
        assert_eq!(plain("a\x1b[31mb\nc\u{202e}d"), "a\u{fffd}[31mb c\u{fffd}d");
        assert_eq!(plain("Ọ̀fadà £5"), "Ọ̀fadà £5");
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!((number(0), number(999), number(2601)), ("0".into(), "999".into(), "2,601".into()));
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!((count(1, "fault"), count(2, "fault")), ("1 fault".into(), "2 faults".into()));
    }
}
