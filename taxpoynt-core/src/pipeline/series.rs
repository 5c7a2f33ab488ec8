//! Number series: a template that turns 1, 2, 3 … into document numbers.

use crate::{Error, ErrorKind, Result};
use chrono::{Datelike, NaiveDate};

/// `INV{seq:06}`: text with `{seq}` or `{seq:0N}` exactly once, and `{year}` or `{month}` where wanted.
///
/// ```
/// use taxpoynt_core::pipeline::Series;
/// let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 2).unwrap();
/// assert_eq!(Series::parse("INV{seq:06}")?.number(17, date), "INV000017");
/// assert_eq!(Series::parse("S{year}{seq:04}")?.number(17, date), "S20260017");
/// # Ok::<(), taxpoynt_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    template: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Sequence { width: usize },
    Year,
    Month,
}

impl Series {
    /// Reads a template.
    ///
    /// # Errors
    /// `Config` where it has no `{seq}`, or a placeholder that does not exist.
    pub fn parse(template: &str) -> Result<Self> {
        let refused = |why: &str| {
            let message = format!("number series {template:?}: {why}; write for example \"INV{{seq:06}}\"");
            Error::new(ErrorKind::Config, "series.parse", message)
        };
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            let close = rest[open..].find('}').ok_or_else(|| refused("a { is not closed"))? + open;
            if open > 0 {
                parts.push(Part::Text(rest[..open].to_owned()));
            }
            parts.push(
                Part::parse(&rest[open + 1..close])
                    .ok_or_else(|| refused("only {seq}, {seq:0N}, {year}, {month}"))?,
            );
            rest = &rest[close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let sequences = parts.iter().filter(|p| matches!(p, Part::Sequence { .. })).count();
        if sequences != 1 {
            return Err(refused("{seq} must stand in it once"));
        }
        Ok(Self { template: template.to_owned(), parts })
    }

    /// The template; it names the series in the store.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The document number for `sequence`, issued on `date`.
    #[must_use]
    pub fn number(&self, sequence: u64, date: NaiveDate) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Sequence { width } => format!("{sequence:0width$}"),
                Part::Year => format!("{:04}", date.year()),
                Part::Month => format!("{:02}", date.month()),
            })
            .collect()
    }
}

impl Part {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "seq" => Some(Self::Sequence { width: 0 }),
            "year" => Some(Self::Year),
            "month" => Some(Self::Month),
            _ => {
                let width = text.strip_prefix("seq:0")?.parse().ok()?;
                (width <= 20).then_some(Self::Sequence { width })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_without_one_sequence_is_refused() {
        for bad in ["INV", "{seq}{seq}", "INV{seq", "INV{day}{seq}", "INV{seq:6}", "INV{seq:0999}", ""] {
            assert_eq!(Series::parse(bad).unwrap_err().kind(), ErrorKind::Config, "{bad}");
        }
    }
}
