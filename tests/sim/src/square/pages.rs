//! Square's lists: filters, sorting, and cursors that only continue the query they came from.

use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

/// An error of a request: code, sentence, field.
pub(super) type Refusal = (&'static str, String, Option<&'static str>);

/// One page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) records: Vec<Value>,
    pub(super) cursor: Option<String>,
}

/// Cuts the page that a cursor points at. `query` identifies the query: everything but cursor and limit.
pub(super) fn page(
    records: Vec<Value>,
    query: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page, Refusal> {
    let skip = cursor.map_or(Some(0), |cursor| position(cursor, query));
    let Some(skip) = skip else {
        return Err((
            "INVALID_CURSOR",
            "The cursor does not belong to this query.".to_owned(),
            Some("cursor"),
        ));
    };
    let total = records.len();
    let records: Vec<Value> = records.into_iter().skip(skip).take(limit).collect();
    let next = skip + records.len();
    Ok(Page { cursor: (next < total).then(|| cursor_at(next, query)), records })
}

fn fingerprint(query: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, query.as_bytes()))
}

fn cursor_at(position: usize, query: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{position}:{}", fingerprint(query)))
}

fn position(cursor: &str, query: &str) -> Option<usize> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (position, of) = text.split_once(':')?;
    if of == fingerprint(query) { position.parse().ok() } else { None }
}

fn time(value: &Value) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok()
}

/// Whether a record's time lies in `start..=end`; both ends belong to it, both are optional.
pub(super) fn within(record: &Value, member: &str, start: &Value, end: &Value) -> bool {
    let Some(at) = time(&record[member]) else { return start.is_null() && end.is_null() };
    time(start).is_none_or(|start| at >= start) && time(end).is_none_or(|end| at <= end)
}

/// Sorts by a time, then by id so that equal times keep an order.
pub(super) fn sort(records: &mut [Value], member: &str, ascending: bool) {
    records.sort_by_cached_key(|record| (time(&record[member]), record["id"].as_str().map(str::to_owned)));
    if !ascending {
        records.reverse();
    }
}

/// What `orders/search` asks for.
pub(super) struct OrderSearch {
    locations: Vec<String>,
    states: Vec<String>,
    customers: Vec<String>,
    /// The member whose range is asked for, with start and end.
    range: Option<(&'static str, Value, Value)>,
    sort_by: &'static str,
    ascending: bool,
    cursor: Option<String>,
    limit: usize,
    /// The query without cursor and limit.
    identity: String,
}

const RANGES: [(&str, &str); 3] =
    [("created_at", "CREATED_AT"), ("updated_at", "UPDATED_AT"), ("closed_at", "CLOSED_AT")];

impl OrderSearch {
    /// Reads the request as strictly as Square does.
    pub(super) fn read(request: &Value) -> Result<Self, Refusal> {
        let filter = &request["query"]["filter"];
        let locations = texts(&request["location_ids"]);
        let range = range(&filter["date_time_filter"])?;
        let sort = sort_field(&request["query"]["sort"])?;
        let states = texts(&filter["state_filter"]["states"]);
        if locations.is_empty() {
            let detail = "Field must not be empty.".to_owned();
            return Err(("MISSING_REQUIRED_PARAMETER", detail, Some("location_ids")));
        }
        if locations.len() > 10 {
            return Err(("ARRAY_LENGTH_TOO_LONG", "At most 10 locations.".to_owned(), Some("location_ids")));
        }
        if let Some((member, _, _)) = range
            && member != sort
        {
            let detail = format!("The sort field must be the field of the time filter, {member}.");
            return Err(("BAD_REQUEST", detail, Some("query.sort.sort_field")));
        }
        if range.as_ref().is_some_and(|range| range.0 == "closed_at") && !closed_only(&states) {
            let detail = "A closed_at filter needs a state filter of closed states.".to_owned();
            return Err(("BAD_REQUEST", detail, Some("query.filter.state_filter")));
        }
        Ok(Self {
            locations,
            states,
            customers: texts(&filter["customer_filter"]["customer_ids"]),
            range,
            sort_by: sort,
            ascending: request["query"]["sort"]["sort_order"] == "ASC",
            cursor: request["cursor"].as_str().map(str::to_owned),
            limit: limit(&request["limit"], 500, 1000)?,
            identity: json!([request["location_ids"], request["query"]]).to_string(),
        })
    }

    fn covers(&self, order: &Value) -> bool {
        let one_of = |list: &[String], member: &str| list.iter().any(|wanted| order[member] == **wanted);
        one_of(&self.locations, "location_id")
            && (self.states.is_empty() || one_of(&self.states, "state"))
            && (self.customers.is_empty() || one_of(&self.customers, "customer_id"))
            && self.range.as_ref().is_none_or(|(member, start, end)| within(order, member, start, end))
    }

    /// One page of the orders asked for.
    pub(super) fn run(&self, mut found: Vec<Value>) -> Result<Page, Refusal> {
        found.retain(|order| self.covers(order));
        sort(&mut found, self.sort_by, self.ascending);
        page(found, &self.identity, self.cursor.as_deref(), self.limit)
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
}

fn closed_only(states: &[String]) -> bool {
    !states.is_empty() && states.iter().all(|state| matches!(state.as_str(), "COMPLETED" | "CANCELED"))
}

fn range(filter: &Value) -> Result<Option<(&'static str, Value, Value)>, Refusal> {
    let given: Vec<&'static str> =
        RANGES.iter().map(|(member, _)| *member).filter(|member| !filter[*member].is_null()).collect();
    let field = Some("query.filter.date_time_filter");
    let member = match given[..] {
        [] => return Ok(None),
        [member] => member,
        _ => return Err(("BAD_REQUEST", "Only one time range at a time.".to_owned(), field)),
    };
    let (start, end) = (&filter[member]["start_at"], &filter[member]["end_at"]);
    for bound in [start, end] {
        if !bound.is_null() && time(bound).is_none() {
            return Err(("INVALID_TIME", format!("{bound} is not an RFC 3339 time."), field));
        }
    }
    Ok(Some((member, start.clone(), end.clone())))
}

fn sort_field(sort: &Value) -> Result<&'static str, Refusal> {
    let Some(name) = sort["sort_field"].as_str() else { return Ok("created_at") };
    RANGES.iter().find(|(_, code)| *code == name).map(|(member, _)| *member).ok_or_else(|| {
        ("INVALID_ENUM_VALUE", format!("`{name}` is not a valid sort field."), Some("query.sort.sort_field"))
    })
}

/// A page size between 1 and `most`.
pub(super) fn limit(asked: &Value, default: usize, most: usize) -> Result<usize, Refusal> {
    if asked.is_null() {
        return Ok(default);
    }
    match asked.as_u64().and_then(|limit| usize::try_from(limit).ok()) {
        Some(limit) if limit > most => {
            Err(("VALUE_TOO_HIGH", format!("The limit must be at most {most}."), Some("limit")))
        }
        Some(limit) if limit > 0 => Ok(limit),
        _ => Err(("VALUE_TOO_LOW", "The limit must be at least 1.".to_owned(), Some("limit"))),
    }
}
