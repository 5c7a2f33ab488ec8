//! Predicates about a part of a text: how it starts, how it ends, what it contains; and what a list contains.

use super::{
    letters::composed,
    problem::{Problem, shown},
    source::Source,
    tree::{Node, Tree},
    value::{Kind, Value},
};
use std::fmt;

/// Where in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    End,
    Inside,
}

/// One of these texts in that place.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    place: Place,
    texts: Vec<String>,
}

impl Piece {
    /// Reads what stands behind the path: a text, or a list of texts of which one is enough.
    pub(super) fn read(name: &str, source: &Source, node: &Node) -> Result<Self, Problem> {
        if !matches!(source.kind(), Kind::Any | Kind::Text) {
            let message =
                format!("{:?} is {}, and {name} looks into texts", source.text, source.kind().name());
            return Err(Problem::at(node.at, message));
        }
        let place = match name {
            "starts_with" => Place::Start,
            "ends_with" => Place::End,
            _ => Place::Inside,
        };
        let one = |node: &Node| match &node.value {
            Tree::Text(text) if !text.trim().is_empty() => Ok(composed(text.trim()).into_owned()),
            Tree::Text(_) => Err(Problem::at(node.at, format!("{name} wants a text that is not empty"))),
            other => {
                let message = format!("{name} wants a text or a list of texts, found {}", other.describe());
                Err(Problem::at(node.at, message))
            }
        };
        let texts = match &node.value {
            Tree::List(list) => list.iter().map(one).collect::<Result<Vec<_>, _>>()?,
            _ => vec![one(node)?],
        };
        Ok(Self { place, texts })
    }

    /// Of a list `contains` looks for an element, of a text for a part of it. Blanks around either do not count.
    pub(super) fn holds(&self, value: &Value<'_>) -> bool {
        match value {
            Value::Several(values) if self.place == Place::Inside => {
                values.iter().any(|value| self.any(value, |text, wanted| text == wanted))
            }
            Value::Several(values) => matches!(values.as_slice(), [only] if self.holds(only)),
            value => self.any(value, |text, wanted| match self.place {
                Place::Start => text.starts_with(wanted),
                Place::End => text.ends_with(wanted),
                Place::Inside => text.contains(wanted),
            }),
        }
    }

    fn any(&self, value: &Value<'_>, fits: impl Fn(&str, &str) -> bool) -> bool {
        let Value::Text(text) = value else { return false };
        let text = composed(text.trim());
        self.texts.iter().any(|wanted| fits(&text, wanted))
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.place {
            Place::Start => "to start with ",
            Place::End => "to end with ",
            Place::Inside => "to contain ",
        })?;
        let all: Vec<String> = self.texts.iter().map(|text| format!("{:?}", shown(text))).collect();
        f.write_str(&all.join(" or "))
    }
}
