//! HubSpot's search: groups of filters, one sort, and offsets as `after`.

use super::crm::Record;
use chrono::DateTime;
use rust_decimal::Decimal;
use serde_json::Value;
use std::cmp::Ordering;

/// A search refused, in one sentence.
pub(super) type Refusal = String;

/// A page of matches, how many there are in all, and where the next page begins.
pub(super) struct Found<'a> {
    pub(super) total: usize,
    pub(super) page: Vec<&'a Record>,
    pub(super) next: Option<usize>,
}

const MOST_RESULTS: usize = 10_000;

/// Runs a search over the records of one kind.
pub(super) fn search<'a>(records: Vec<&'a Record>, request: &Value) -> Result<Found<'a>, Refusal> {
    let groups = groups(request)?;
    let limit = number(&request["limit"], 10, "limit")?;
    let after = number(&request["after"], 0, "after")?;
    if limit == 0 || limit > 200 {
        return Err("The limit must be between 1 and 200.".to_owned());
    }
    if after.saturating_add(limit) > MOST_RESULTS {
        return Err("A search returns at most 10000 results.".to_owned());
    }
    let mut found: Vec<&Record> = Vec::new();
    for record in records {
        if groups.is_empty() || any(groups, record)? {
            found.push(record);
        }
    }
    sort(&mut found, &request["sorts"])?;
    let total = found.len();
    let page: Vec<&Record> = found.into_iter().skip(after).take(limit).collect();
    let end = after + page.len();
    Ok(Found { total, next: (end < total).then_some(end), page })
}

fn groups(request: &Value) -> Result<&[Value], Refusal> {
    let groups = request["filterGroups"].as_array().map_or(&[][..], Vec::as_slice);
    let filters = |group: &Value| group["filters"].as_array().map_or(0, Vec::len);
    let all: usize = groups.iter().map(filters).sum();
    if groups.len() > 5 || all > 18 || groups.iter().any(|group| filters(group) > 6) {
        return Err("At most 5 filter groups of at most 6 filters, 18 filters in all.".to_owned());
    }
    Ok(groups)
}

/// Both numbers and texts of digits are taken.
fn number(value: &Value, default: usize, name: &str) -> Result<usize, Refusal> {
    let text = match value {
        Value::Null => return Ok(default),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse().map_err(|_| format!("`{name}` must be a number."))
}

fn any(groups: &[Value], record: &Record) -> Result<bool, Refusal> {
    for group in groups {
        if all(group["filters"].as_array().map_or(&[][..], Vec::as_slice), record)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn all(filters: &[Value], record: &Record) -> Result<bool, Refusal> {
    for filter in filters {
        if !matches(filter, record)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn matches(filter: &Value, record: &Record) -> Result<bool, Refusal> {
    let (Some(name), Some(operator)) = (filter["propertyName"].as_str(), filter["operator"].as_str()) else {
        return Err("A filter needs `propertyName` and `operator`.".to_owned());
    };
    let value = record.properties.get(name).and_then(Value::as_str);
    let compare = |wanted: &Value| {
        let wanted = plain(wanted);
        value.map(|value| order(value, &wanted))
    };
    let in_list = || {
        filter["values"]
            .as_array()
            .is_some_and(|list| list.iter().any(|one| compare(one) == Some(Ordering::Equal)))
    };
    let wanted = &filter["value"];
    Ok(match operator {
        "EQ" => compare(wanted) == Some(Ordering::Equal),
        "NEQ" => compare(wanted) != Some(Ordering::Equal),
        "LT" => compare(wanted) == Some(Ordering::Less),
        "LTE" => compare(wanted).is_some_and(Ordering::is_le),
        "GT" => compare(wanted) == Some(Ordering::Greater),
        "GTE" => compare(wanted).is_some_and(Ordering::is_ge),
        "BETWEEN" => {
            compare(wanted).is_some_and(Ordering::is_ge)
                && compare(&filter["highValue"]).is_some_and(Ordering::is_le)
        }
        "IN" => in_list(),
        "NOT_IN" => !in_list(),
        "HAS_PROPERTY" => value.is_some_and(|value| !value.is_empty()),
        "NOT_HAS_PROPERTY" => value.is_none_or(str::is_empty),
        "CONTAINS_TOKEN" => value.is_some_and(|value| contains(value, &plain(wanted))),
        other => return Err(format!("`{other}` is not a search operator.")),
    })
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn contains(value: &str, wanted: &str) -> bool {
    value.to_lowercase().contains(&wanted.trim_matches('*').to_lowercase())
}

/// Milliseconds of a time, however it is written.
fn millis(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis())
}

/// Times compare as times (a filter gives milliseconds, a property RFC 3339), numbers as numbers, the rest as text.
fn order(value: &str, wanted: &str) -> Ordering {
    if let Some(value) = millis(value)
        && let Some(wanted) = millis(wanted).or_else(|| wanted.parse().ok())
    {
        return value.cmp(&wanted);
    }
    match (value.parse::<Decimal>(), wanted.parse::<Decimal>()) {
        (Ok(value), Ok(wanted)) => value.cmp(&wanted),
        _ => value.cmp(wanted),
    }
}

/// What a record is sorted by: a time, a number, or text.
struct Key {
    text: String,
    time: Option<i64>,
    number: Option<Decimal>,
}

impl Key {
    fn of(text: String) -> Self {
        let time = millis(&text);
        let number = if time.is_none() { text.parse().ok() } else { None };
        Self { text, time, number }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match ((self.time, other.time), (self.number, other.number)) {
            ((Some(one), Some(other)), _) => one.cmp(&other),
            (_, (Some(one), Some(other))) => one.cmp(&other),
            _ => self.text.cmp(&other.text),
        }
    }
}

fn sort(records: &mut [&Record], sorts: &Value) -> Result<(), Refusal> {
    let sorts = sorts.as_array().map_or(&[][..], Vec::as_slice);
    let [sort] = sorts else {
        return if sorts.is_empty() { Ok(()) } else { Err("Only one sort is allowed.".to_owned()) };
    };
    let name = sort.as_str().or_else(|| sort["propertyName"].as_str()).unwrap_or_default();
    let descending = sort["direction"] == "DESCENDING";
    let value =
        |record: &Record| record.properties.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    // What is compared is read once, not at each comparison: there may be ten thousand.
    let mut keyed: Vec<(Key, &Record)> =
        records.iter().map(|record| (Key::of(value(record)), *record)).collect();
    keyed.sort_by(|(left, one), (right, other)| {
        let by_value = left.compare(right).then_with(|| one.id.cmp(&other.id));
        if descending { by_value.reverse() } else { by_value }
    });
    records.iter_mut().zip(keyed).for_each(|(place, (_, record))| *place = record);
    Ok(())
}
