//! Pipedrive's lists: what a query may ask, and cursors that only continue the query they came from.

use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::cmp::Ordering;
use url::form_urlencoded;

/// Why a query is refused, in one sentence.
pub(super) type Refusal = String;

/// A query that was read: only names it may hold, and those that are no list once.
pub(super) struct Asked {
    pairs: Vec<(String, String)>,
    /// Everything but cursor and limit: what a cursor belongs to.
    fingerprint: String,
}

impl Asked {
    /// Reads a query. That an unknown name is refused is assumed.
    pub(super) fn read(
        path: &str,
        query: Option<String>,
        allowed: &[&str],
        repeated: &str,
    ) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        for (nth, (name, value)) in pairs.iter().enumerate() {
            if !allowed.contains(&name.as_str()) {
                return Err(format!("Parameter '{name}' is not allowed."));
            }
            if value.is_empty() {
                return Err(format!("Parameter '{name}' must not be empty."));
            }
            if name != repeated && pairs[..nth].iter().any(|(before, _)| before == name) {
                return Err(format!("Parameter '{name}' comes twice."));
            }
        }
        let mut query: Vec<&(String, String)> =
            pairs.iter().filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit")).collect();
        query.sort();
        let digest = digest::digest(&digest::SHA256, format!("{path} {query:?}").as_bytes());
        let fingerprint = BASE64_URL_SAFE_NO_PAD.encode(digest);
        Ok(Self { pairs, fingerprint })
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A list joined by commas.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.text(name).into_iter().flat_map(|text| text.split(',')).collect()
    }

    /// One of the words there are; the first where none is named.
    pub(super) fn word<'a>(&self, name: &str, words: &[&'a str]) -> Result<&'a str, Refusal> {
        let Some(text) = self.text(name) else { return Ok(words.first().copied().unwrap_or_default()) };
        let known = words.iter().find(|word| **word == text);
        known.copied().ok_or_else(|| format!("Parameter '{name}' must be one of [{}].", words.join(", ")))
    }

    /// Words joined by commas, all of which there are.
    pub(super) fn words(&self, name: &str, words: &[&str]) -> Result<Vec<&str>, Refusal> {
        let asked = self.list(name);
        match asked.iter().find(|word| !words.contains(word)) {
            Some(_) => Err(format!("Parameter '{name}' must be one of [{}].", words.join(", "))),
            None => Ok(asked),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let wrong = |_| format!("Parameter '{name}' must be an integer.");
        self.text(name).map(str::parse).transpose().map_err(wrong)
    }

    /// Integers joined by commas, at most 100.
    pub(super) fn integers(&self, name: &str) -> Result<Option<Vec<u64>>, Refusal> {
        if self.text(name).is_none() {
            return Ok(None);
        }
        few(name, self.list(name)).map(Some)
    }

    /// Integers, one for each time the name comes, at most 100.
    pub(super) fn each(&self, name: &str) -> Result<Vec<u64>, Refusal> {
        few(
            name,
            self.pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect(),
        )
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
        let wrong = |_| format!("Parameter '{name}' must be a time in RFC 3339 format.");
        let read = |text| DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc));
        self.text(name).map(read).transpose().map_err(wrong)
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        Ok(self.word(name, &["false", "true"])? == "true")
    }

    fn limit(&self) -> Result<usize, Refusal> {
        match self.integer("limit")? {
            None => Ok(100),
            Some(limit @ 1..=500) => Ok(usize::try_from(limit).unwrap_or(500)),
            Some(_) => Err("Parameter 'limit' must be between 1 and 500.".to_owned()),
        }
    }
}

fn few(name: &str, texts: Vec<&str>) -> Result<Vec<u64>, Refusal> {
    if texts.len() > 100 {
        return Err(format!("Parameter '{name}' must contain at most 100 items."));
    }
    let wrong = |_| format!("Parameter '{name}' must be a list of integers.");
    texts.into_iter().map(str::parse).collect::<Result<_, _>>().map_err(wrong)
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) by: &'a str,
    pub(super) ascending: bool,
}

impl<'a> Order<'a> {
    pub(super) fn read(asked: &Asked, members: &[&'a str]) -> Result<Self, Refusal> {
        let by = asked.word("sort_by", members)?;
        Ok(Self { by, ascending: asked.word("sort_direction", &["asc", "desc"])? == "asc" })
    }

    fn compare(self, (one, one_id): (&Value, u64), (other, other_id): (&Value, u64)) -> Ordering {
        let by_value = match (one.as_u64(), other.as_u64()) {
            (Some(one), Some(other)) => one.cmp(&other),
            // Times are all of one length and in UTC: they sort as they are written.
            _ => one.as_str().cmp(&other.as_str()),
        };
        let order = by_value.then(one_id.cmp(&other_id));
        if self.ascending { order } else { order.reverse() }
    }
}

fn id(record: &Value) -> u64 {
    record["id"].as_u64().unwrap_or_default()
}

/// One page and where the next begins.
pub(super) struct Page<'a> {
    pub(super) records: Vec<&'a Value>,
    pub(super) next: Value,
}

/// Cuts the page that a query's cursor points at. A cursor names the first record of the next page by what it is sorted
/// by, so that nothing is skipped where records move in between.
pub(super) fn page<'a>(
    mut records: Vec<&'a Value>,
    asked: &Asked,
    order: Order<'_>,
) -> Result<Page<'a>, Refusal> {
    let limit = asked.limit()?;
    records.sort_by(|one, other| order.compare((&one[order.by], id(one)), (&other[order.by], id(other))));
    let begin = match asked.text("cursor") {
        None => 0,
        Some(cursor) => {
            let first = read_cursor(cursor, &asked.fingerprint)
                .ok_or("Parameter 'cursor' does not belong to this query.")?;
            let at = (&first["fieldValue"], id(&first));
            records.partition_point(|record| {
                order.compare((&record[order.by], id(record)), at) == Ordering::Less
            })
        }
    };
    let rest = records.split_off(begin.min(records.len()));
    let next = rest.get(limit).map_or(Value::Null, |first| cursor(first, order, &asked.fingerprint));
    Ok(Page { records: rest.into_iter().take(limit).collect(), next })
}

fn cursor(first: &Value, order: Order<'_>, of: &str) -> Value {
    let direction = if order.ascending { "asc" } else { "desc" };
    let text = json!({
        "field": order.by, "fieldValue": first[order.by], "sortDirection": direction, "id": first["id"], "of": of,
    });
    BASE64_URL_SAFE_NO_PAD.encode(text.to_string()).into()
}

fn read_cursor(cursor: &str, of: &str) -> Option<Value> {
    let text = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    serde_json::from_slice::<Value>(&text).ok().filter(|first| first["of"] == of)
}
