//! Calls: the places of a path filled, pages turned, and the parts of an answer found by their paths.

use crate::{
    plan::Plan,
    template::{Listing, Pages, Parameter, Texts, Times},
};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use http::{HeaderMap, header::LINK};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{Context, RecordShape, gather::Raw},
    http::api::{get_whole, path_segment, query_string, read_answer},
    json,
    mapping::Record,
};
use url::Url;

/// Pages of one list that are read in one go. More of them is a platform that sends us round in circles.
const MOST_PAGES: usize = 200;

/// What stands in the places of a call.
#[derive(Debug, Default, Clone)]
pub(crate) struct Places {
    pub(crate) id: Option<String>,
    pub(crate) ids: Option<String>,
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
}

/// A time as a platform wants it.
pub(crate) fn written(at: DateTime<Utc>, times: Times, whole_seconds: bool) -> String {
    match times {
        Times::Rfc3339 if whole_seconds => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        Times::Rfc3339 => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        Times::Unix => at.timestamp().to_string(),
        Times::UnixMs => at.timestamp_millis().to_string(),
    }
}

impl Places {
    /// The value of a place; none where there is nothing to put.
    fn value(&self, name: &str, cx: &Context) -> Option<String> {
        match name {
            "id" => self.id.clone(),
            "ids" => self.ids.clone(),
            "since" => self.since.clone(),
            "until" => self.until.clone(),
            other => cx
                .settings
                .get(other.strip_prefix("setting.")?)
                .filter(|text| !text.trim().is_empty())
                .cloned(),
        }
    }

    /// `text` with its places filled; none where there is nothing to put into one of them.
    fn fill(&self, text: &str, cx: &Context, encode: fn(&str) -> String) -> Result<String, String> {
        let mut pieces = text.split('{');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, after) = piece.split_once('}').unwrap_or((piece, ""));
            filled.push_str(&encode(&self.value(name, cx).ok_or_else(|| name.to_owned())?));
            filled.push_str(after);
        }
        Ok(filled)
    }

    /// The path of a call. Every place of it must have something in it.
    fn path(&self, text: &str, cx: &Context, operation: &'static str) -> Result<String> {
        self.fill(text, cx, path_segment).map_err(|place| {
            let name = place.trim_start_matches("setting.").to_owned();
            let message = format!("the connection's setting {name} is needed to call {text}");
            Error::new(ErrorKind::Config, operation, message).with("field", name)
        })
    }

    /// The parameters of a call. One whose place is empty is left out.
    fn query(&self, parameters: &BTreeMap<String, Parameter>, cx: &Context) -> Vec<(String, String)> {
        let whole = |text: &str| text.to_owned();
        let each = parameters
            .iter()
            .flat_map(|(name, value)| value.texts().into_iter().map(move |text| (name, text)));
        let filled =
            |(name, text): (&String, Cow<'_, str>)| Some((name.clone(), self.fill(&text, cx, whole).ok()?));
        each.filter_map(filled).collect()
    }
}

/// Sends a `GET`.
async fn get(
    plan: &Plan,
    cx: &Context,
    operation: &'static str,
    path: &str,
    own: &[(&str, String)],
) -> Result<(HeaderMap, Bytes)> {
    let everywhere = plan.template.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let headers: Vec<(&str, &str)> =
        everywhere.chain(own.iter().map(|(name, value)| (*name, value.as_str()))).collect();
    let (head, body) = get_whole(cx, operation, path, &headers).await?.into_parts();
    Ok((head.headers, body))
}

/// One answer, JSON.
pub(crate) async fn one(
    plan: &Plan,
    cx: &Context,
    operation: &'static str,
    (path, parameters): (&str, &BTreeMap<String, Parameter>),
    places: &Places,
) -> Result<Bytes> {
    let path = with_query(places.path(path, cx, operation)?, &places.query(parameters, cx));
    let (_, body) = get(plan, cx, operation, &path, &[]).await?;
    read_answer::<IgnoredAny>(operation, &body)?;
    Ok(body)
}

fn with_query(path: String, pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return path;
    }
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}{}", query_string(&pairs))
}

/// A page of a list.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) records: Vec<Raw>,
    /// Where to go on; none after the last page.
    pub(crate) next: Option<String>,
    pub(crate) total: Option<u64>,
}

/// One page of a list; `at` is where the last one said to go on.
pub(crate) async fn page(
    plan: &Plan,
    cx: &Context,
    operation: &'static str,
    list: &Listing,
    places: &Places,
    (at, total): (Option<&str>, Option<&str>),
) -> Result<Page> {
    let path = match (&list.pages, at) {
        (Some(Pages::Link | Pages::Url { .. }), Some(at)) => at.to_owned(),
        _ => {
            let mut pairs = places.query(&list.query, cx);
            pairs.extend(turned(list.pages.as_ref(), at));
            with_query(places.path(&list.get, cx, operation)?, &pairs)
        }
    };
    let own = headers(&list.headers, places, cx);
    let (head, body) = get(plan, cx, operation, &path, &own).await?;
    if body.trim_ascii().is_empty() {
        // 204: nothing there.
        return Ok(Page::default());
    }
    read_answer::<IgnoredAny>(operation, &body)?;
    let answer = Answer::of(operation, &body)?;
    let records = answer.list(&list.records)?;
    let next = match &list.pages {
        Some(pages) => answer.next(pages, at, records.len(), &head, cx)?,
        None => None,
    };
    let total = match total {
        Some(path) => answer.text(path)?.and_then(|total| total.parse().ok()),
        None => None,
    };
    Ok(Page { records, next, total })
}

/// The headers of a call. One whose place is empty is left out.
fn headers<'t>(written: &'t Texts, places: &Places, cx: &Context) -> Vec<(&'t str, String)> {
    let whole = |text: &str| text.to_owned();
    let filled =
        |(name, value): (&'t String, &'t String)| Some((name.as_str(), places.fill(value, cx, whole).ok()?));
    written.iter().filter_map(filled).collect()
}

/// The parameter by which a page is asked for.
fn turned(pages: Option<&Pages>, at: Option<&str>) -> Option<(String, String)> {
    match (pages?, at) {
        (Pages::Cursor { parameter, .. }, Some(at)) => Some((parameter.clone(), at.to_owned())),
        (Pages::Page { parameter, first, .. }, at) => {
            Some((parameter.clone(), at.map_or_else(|| first.to_string(), str::to_owned)))
        }
        (Pages::Offset { parameter, .. }, at) => Some((parameter.clone(), at.unwrap_or("0").to_owned())),
        _ => None,
    }
}

/// A whole list, page after page.
pub(crate) async fn all(
    plan: &Plan,
    cx: &Context,
    operation: &'static str,
    list: &Listing,
    places: &Places,
) -> Result<Vec<Raw>> {
    let mut found = Vec::new();
    let mut at = None;
    for _ in 0..MOST_PAGES {
        let page = page(plan, cx, operation, list, places, (at.as_deref(), None)).await?;
        found.extend(page.records);
        match page.next {
            Some(next) if Some(&next) != at.as_ref() => at = Some(next),
            _ => return Ok(found),
        }
    }
    let message = format!("the platform's list {} has no end: {MOST_PAGES} pages were read", list.get);
    Err(Error::new(ErrorKind::Unavailable, operation, message))
}

/// A platform's answer, looked into by paths.
pub(crate) struct Answer<'a> {
    operation: &'static str,
    body: &'a [u8],
    /// None where the answer is a list.
    object: Option<Record<'a>>,
}

impl<'a> Answer<'a> {
    /// Of a body that is JSON.
    pub(crate) fn of(operation: &'static str, body: &'a [u8]) -> Result<Self> {
        let is_list = body.trim_ascii_start().first() == Some(&b'[');
        let object = if is_list { None } else { Some(Record::new(body, &RecordShape::ANY)?) };
        Ok(Self { operation, body, object })
    }

    /// The JSON at a path.
    pub(crate) fn get(&self, path: &str) -> Result<Option<&'a str>> {
        self.object.as_ref().map_or(Ok(None), |object| object.get(path))
    }

    /// The text or number at a path.
    pub(crate) fn text(&self, path: &str) -> Result<Option<String>> {
        Ok(self.get(path)?.and_then(scalar))
    }

    /// The resources at a path. Nothing there is an empty list; something else than a list is refused.
    pub(crate) fn list(&self, path: &str) -> Result<Vec<Raw>> {
        let text = if path.is_empty() { std::str::from_utf8(self.body).ok() } else { self.get(path)? };
        let Some(text) = text else {
            return if path.is_empty() || self.object.is_none() {
                Err(self.no_list(path))
            } else {
                Ok(Vec::new())
            };
        };
        serde_json::from_str::<Vec<Raw>>(text).map_err(|error| self.no_list(path).caused_by(error))
    }

    fn no_list(&self, path: &str) -> Error {
        Error::payload(self.operation, path, format!("{path}: the platform's answer has no list there"))
    }

    /// Where a list goes on.
    fn next(
        &self,
        pages: &Pages,
        at: Option<&str>,
        found: usize,
        headers: &HeaderMap,
        cx: &Context,
    ) -> Result<Option<String>> {
        let found = u64::try_from(found).unwrap_or(u64::MAX);
        let flag = |path: &String| Ok::<_, Error>(self.get(path)? == Some("true"));
        let counted = |more: &Option<String>, size: &Option<u64>| match (more, size) {
            (Some(path), _) => Ok(flag(path)? && found > 0),
            (None, Some(size)) => Ok::<_, Error>(found >= *size && found > 0),
            (None, None) => Ok(false),
        };
        match pages {
            Pages::Cursor { next, .. } => Ok(self.text(next)?.filter(|next| !next.is_empty())),
            Pages::Page { first, more, last, size, .. } => {
                let page: u64 = at.and_then(|at| at.parse().ok()).unwrap_or(*first);
                let goes_on = match last {
                    Some(path) => self
                        .text(path)?
                        .and_then(|last| last.parse().ok())
                        .is_some_and(|last: u64| page < last),
                    None => counted(more, size)?,
                };
                Ok(goes_on.then(|| page.saturating_add(1).to_string()))
            }
            Pages::Offset { more, size, .. } => {
                let start: u64 = at.and_then(|at| at.parse().ok()).unwrap_or(0);
                Ok(counted(more, size)?.then(|| start.saturating_add(found).to_string()))
            }
            Pages::Link => linked(headers).map(|url| self.below(&url, cx)).transpose(),
            Pages::Url { next } => {
                self.text(next)?.filter(|url| !url.is_empty()).map(|url| self.below(&url, cx)).transpose()
            }
        }
    }

    /// The part of a URL below the connection's base URL. A page anywhere else is not called: our token would go there.
    fn below(&self, url: &str, cx: &Context) -> Result<String> {
        let base = &cx.base_url;
        let inside = base.join(url).ok().filter(|url: &Url| url.origin() == base.origin());
        let below = inside.as_ref().and_then(|url| {
            let path = url.path().strip_prefix(base.path())?;
            Some(url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
        });
        below.ok_or_else(|| {
            let message = "the platform's next page is not below the connection's base URL and is not called";
            Error::payload(self.operation, "next", message)
        })
    }
}

/// The target of `Link: <…>; rel="next"` (RFC 8288).
fn linked(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let links = values.flat_map(|value| value.split('<').skip(1));
    let next = links.filter_map(|link| link.split_once('>')).find(|(_, parameters)| {
        parameters.split([';', ',']).any(|parameter| {
            parameter
                .trim()
                .strip_prefix("rel=")
                .is_some_and(|rel| rel.trim_matches('"').split(' ').any(|rel| rel == "next"))
        })
    });
    next.map(|(url, _)| url.to_owned())
}

/// A text or number as text.
pub(crate) fn scalar(text: &str) -> Option<String> {
    match text.as_bytes().first()? {
        b'"' => json::text_of(text).map(Cow::into_owned),
        b'{' | b'[' | b'n' => None,
        _ => Some(text.to_owned()),
    }
}

/// The text or number at a path of a resource.
pub(crate) fn member(raw: &RawValue, path: &str) -> Option<String> {
    let record = Record::new(raw.get().as_bytes(), &RecordShape::ANY).ok()?;
    record.get(path).ok()?.and_then(scalar)
}
