//! Name patterns: literal pieces with `*` for any text between, before and behind them.

use super::entry::{By, folded};

/// A pattern, ready to be matched against folded names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What a name must begin with.
    start: String,
    /// What must follow, in this order.
    middle: Vec<String>,
    /// What a name must end with; none where the pattern has no `*`.
    end: Option<String>,
    /// Characters that are no `*`: the more, the more specific.
    letters: usize,
}

impl Pattern {
    /// Reads a pattern.
    pub(super) fn new(text: &str) -> Self {
        let text = folded(By::NamePattern, text);
        let letters = text.chars().filter(|c| *c != '*').count();
        let mut pieces = text.split('*').map(str::to_owned);
        let start = pieces.next().unwrap_or_default();
        let mut middle: Vec<String> = pieces.collect();
        let end = middle.pop();
        middle.retain(|piece| !piece.is_empty());
        Self { start, middle, end, letters }
    }

    pub(super) fn letters(&self) -> usize {
        self.letters
    }

    /// The character a name must begin with, where there is one.
    pub(super) fn first(&self) -> Option<char> {
        self.start.chars().next()
    }

    /// Whether a folded name matches. Each piece is taken where it is first found, which leaves the most for the rest.
    pub(super) fn matches(&self, name: &str) -> bool {
        let Some(mut rest) = name.strip_prefix(self.start.as_str()) else { return false };
        let Some(end) = &self.end else { return rest.is_empty() };
        for piece in &self.middle {
            match rest.split_once(piece.as_str()) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(end.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_none() {
        for (pattern, names, not) in [
            ("adire*", &["adire", "adire shirt"][..], &["an adire", "adir"][..]),
            ("*shirt", &["shirt", "adire shirt"], &["shirts"]),
            ("*rice*", &["rice", "fried rice tray", "rice 5 kg"], &["ric", "bread"]),
            ("rice*kg*bag", &["rice 5 kg bag", "ricekgbag"], &["rice bag", "rice bag kg"]),
            ("*", &["", "anything"], &[]),
            ("soap", &["soap"], &["soap bar", "a soap"]),
            ("a*a", &["aa", "aba"], &["a"]),
            ("**x**", &["x", "axb"], &["a"]),
        ] {
            let read = Pattern::new(pattern);
            for name in names {
                assert!(read.matches(name), "{pattern:?} {name:?}");
            }
            for name in not {
                assert!(!read.matches(name), "{pattern:?} {name:?}");
            }
        }
    }

    #[test]
    fn case_and_repeated_spaces_do_not_count() {
        assert!(Pattern::new("ADIRE  Shirt*").matches("adire shirt, blue"));
        assert_eq!(Pattern::new("AB*C").letters(), 3);
        assert_eq!((Pattern::new("AB*C").first(), Pattern::new("*C").first()), (Some('a'), None));
    }
}
