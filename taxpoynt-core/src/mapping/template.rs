//! Texts with places for values: `Deal {deal.title}`, where `{}` is the value at hand.

use super::{
    problem::Problem,
    source::{Cx, Source},
    transform::{Failure, MAX_OUTPUT},
    value::{Kind, Value},
};

const MAX_PLACES: usize = 32;

/// A template, read once.
#[derive(Debug, Clone)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Input,
    Source(Source),
}

impl Template {
    /// Reads a template. A problem's place is left to the caller.
    pub(super) fn parse(text: &str, target: usize) -> Result<Self, Problem> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            rest = if let Some(after) = after.strip_prefix(brace) {
                plain.push_str(brace);
                after
            } else if brace == "}" {
                return Err(Problem::at(0, "a } that closes nothing is written }}"));
            } else {
                let (path, after) = after
                    .split_once('}')
                    .ok_or_else(|| Problem::at(0, "{ is not closed; a plain { is written {{"))?;
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(place(path.trim(), target)?);
                after
            };
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        if pieces.iter().filter(|piece| !matches!(piece, Piece::Text(_))).count() > MAX_PLACES {
            return Err(Problem::at(0, format!("a template has at most {MAX_PLACES} places")));
        }
        Ok(Self(pieces))
    }

    /// Whether it has a place `{}` for the value at hand.
    pub(super) fn wants_input(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Input))
    }

    /// The sources it reads.
    pub(super) fn sources(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().filter_map(|piece| if let Piece::Source(source) = piece { Some(source) } else { None })
    }

    /// The text; nothing where a value for one of its places is missing.
    pub(super) fn fill<'v>(
        &'v self,
        input: Option<Value<'v>>,
        cx: &Cx<'_, 'v, '_>,
        pick: usize,
    ) -> Result<Option<String>, Failure> {
        let mut filled = String::new();
        for piece in &self.0 {
            let value = match piece {
                Piece::Text(text) => {
                    filled.push_str(text);
                    continue;
                }
                Piece::Input => input.clone(),
                Piece::Source(source) => source.read(cx, pick),
            };
            let Some(value) = value else { return Ok(None) };
            filled.push_str(value.into_text()?.trim());
            if filled.len() > MAX_OUTPUT {
                return Err(Failure::Unusable("fills a text longer than any invoice field".into()));
            }
        }
        Ok(Some(filled))
    }
}

fn place(path: &str, target: usize) -> Result<Piece, Problem> {
    if path.is_empty() {
        return Ok(Piece::Input);
    }
    let source = Source::parse(path, target)?;
    match source.kind() {
        Kind::Several | Kind::Tax | Kind::Classification => {
            Err(Problem::at(0, format!("{path:?} is {}, not a text", source.kind().name())))
        }
        _ => Ok(Piece::Source(source)),
    }
}
