//! Predicates about size and time: `at_least` and `below` of a number, `since` and `before` of a day.

use super::{
    constant::{Constant, number},
    problem::Problem,
    source::{Cx, Source},
    transform::date,
    tree::{Node, Tree},
    value::{Kind, Value},
};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::fmt;

/// Where a range begins or ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    AtLeast(Decimal),
    Below(Decimal),
    Since(NaiveDate),
    Before(NaiveDate),
}

impl Limit {
    /// Reads what stands behind the path: a number, or a day as a text.
    pub(super) fn read(name: &str, source: &Source, node: &Node) -> Result<Self, Problem> {
        let days = matches!(name, "since" | "before");
        let fits = match source.kind() {
            Kind::Any => true,
            Kind::Number => !days,
            Kind::Date | Kind::DateTime => days,
            _ => false,
        };
        if !fits {
            let (kind, what) = (source.kind().name(), if days { "days" } else { "numbers" });
            return Err(Problem::at(
                node.at,
                format!("{:?} is {kind}, and {name} compares {what}", source.text),
            ));
        }
        if days {
            let Constant::Date(day) = Constant::read_as(node, Kind::Date)? else {
                return Err(Problem::at(node.at, format!("{name} wants a day as a text: \"2026-01-31\"")));
            };
            return Ok(if name == "since" { Self::Since(day) } else { Self::Before(day) });
        }
        let Tree::Number(text) = &node.value else {
            let message = format!("{name} wants a number without quotes, found {}", node.value.describe());
            return Err(Problem::at(node.at, message));
        };
        let number = number(node.at, text)?;
        Ok(if name == "below" { Self::Below(number) } else { Self::AtLeast(number) })
    }

    /// Whether nothing lies within both.
    pub(super) fn rules_out(self, other: Self) -> bool {
        match (self, other) {
            (Self::AtLeast(least), Self::Below(limit)) | (Self::Below(limit), Self::AtLeast(least)) => {
                least >= limit
            }
            (Self::Since(first), Self::Before(end)) | (Self::Before(end), Self::Since(first)) => first >= end,
            _ => false,
        }
    }

    /// A value that is no number, or no day, is on neither side. A time counts on its day at the sale's location.
    pub(super) fn holds(self, value: Value<'_>, cx: &Cx<'_, '_, '_>) -> bool {
        match self {
            Self::AtLeast(least) => value.number().is_some_and(|number| number >= least),
            Self::Below(limit) => value.number().is_some_and(|number| number < limit),
            Self::Since(first) => date(value, None, cx).is_ok_and(|day| day >= first),
            Self::Before(day_after) => date(value, None, cx).is_ok_and(|day| day < day_after),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(number) => write!(f, "to be at least {number}"),
            Self::Below(number) => write!(f, "to be below {number}"),
            Self::Since(day) => write!(f, "to be on {day} or later"),
            Self::Before(day) => write!(f, "to be before {day}"),
        }
    }
}
