//! Requests only: which call, which parameters, and the answer's raw parts.

use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
pub(crate) use taxpoynt_core::connector::gather::Raw;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{Account, Context, gather::Shelf},
    http::api::{get_as, path_segment, query_as, query_string},
};

/// The API version that every call asks for: the newest one whose published shapes this crate was checked against.
/// Square keeps old versions; a newer one is a deliberate step, because shapes change only with it.
pub const SQUARE_VERSION: &str = "2025-08-20";

pub(crate) const HEADERS: &[(&str, &str)] = &[("square-version", SQUARE_VERSION)];

/// Locations in one order search.
pub(crate) const LOCATIONS_PER_SEARCH: usize = 10;
/// Orders in one page, customers and orders in one bulk read.
pub(crate) const PAGE: usize = 100;

/// One page of a listing.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) items: Vec<Raw>,
    pub(crate) cursor: Option<String>,
}

/// Which orders to search.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    pub(crate) locations: &'a [String],
    /// `updated_at` or `closed_at`.
    pub(crate) time: &'a str,
    pub(crate) start: Option<&'a str>,
    pub(crate) end: Option<&'a str>,
    pub(crate) cursor: Option<&'a str>,
}

async fn get<T: DeserializeOwned>(cx: &Context, operation: &'static str, path: &str) -> Result<T> {
    get_as(cx, operation, path, HEADERS).await
}

async fn query<T: DeserializeOwned>(
    cx: &Context,
    operation: &'static str,
    path: &str,
    body: &Value,
) -> Result<T> {
    query_as(cx, operation, path, body, HEADERS).await
}

/// The seller.
pub(crate) async fn merchant(cx: &Context) -> Result<Account> {
    #[derive(Deserialize)]
    struct Answer {
        merchant: Merchant,
    }
    #[derive(Deserialize)]
    struct Merchant {
        id: String,
        business_name: Option<String>,
    }
    let Answer { merchant } = get(cx, "square.check", "v2/merchants/me").await?;
    Ok(Account { id: merchant.id, name: merchant.business_name })
}

/// All locations, active or not.
pub(crate) async fn locations(cx: &Context) -> Result<Vec<Raw>> {
    #[derive(Deserialize)]
    struct Answer {
        locations: Option<Vec<Raw>>,
    }
    let answer: Answer = get(cx, "square.locations", "v2/locations").await?;
    Ok(answer.locations.unwrap_or_default())
}

/// One order.
pub(crate) async fn order(cx: &Context, id: &str) -> Result<Raw> {
    #[derive(Deserialize)]
    struct Answer {
        order: Option<Raw>,
    }
    let answer: Answer = get(cx, "square.fetch", &format!("v2/orders/{}", path_segment(id))).await?;
    answer.order.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "square.fetch", "Square answered without the order").with("id", id)
    })
}

/// Orders by id; unknown ids are left out.
pub(crate) async fn orders(cx: &Context, ids: &[String]) -> Result<Vec<Raw>> {
    #[derive(Deserialize)]
    struct Answer {
        orders: Option<Vec<Raw>>,
    }
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(PAGE) {
        let body = json!({ "order_ids": chunk });
        let answer: Answer = query(cx, "square.orders", "v2/orders/batch-retrieve", &body).await?;
        found.extend(answer.orders.unwrap_or_default());
    }
    Ok(found)
}

/// One page of closed orders, by the time asked for, oldest first. The filter's field and the sort's must be the same.
/// What was closed counts only where it was completed.
pub(crate) async fn search(cx: &Context, search: &Search<'_>) -> Result<Page> {
    #[derive(Deserialize)]
    struct Answer {
        orders: Option<Vec<Raw>>,
        cursor: Option<String>,
    }
    let mut range = serde_json::Map::new();
    range.extend(search.start.map(|start| ("start_at".to_owned(), json!(start))));
    range.extend(search.end.map(|end| ("end_at".to_owned(), json!(end))));
    if range.is_empty() {
        range.insert("start_at".to_owned(), json!("1970-01-01T00:00:00Z"));
    }
    let mut body = json!({
        "location_ids": search.locations,
        "limit": PAGE,
        "return_entries": false,
        "query": {
            "filter": {
                "state_filter": { "states": states(search.time) },
                "date_time_filter": { search.time: range },
            },
            "sort": { "sort_field": search.time.to_uppercase(), "sort_order": "ASC" },
        },
    });
    if let (Some(cursor), Some(members)) = (search.cursor, body.as_object_mut()) {
        members.insert("cursor".to_owned(), json!(cursor));
    }
    let answer: Answer = query(cx, "square.pull", "v2/orders/search", &body).await.map_err(|error| {
        let expired = error.get("code") == Some("INVALID_CURSOR");
        if expired { error.with("cursor", "expired") } else { error }
    })?;
    let cursor = answer.cursor.filter(|cursor| !cursor.is_empty());
    Ok(Page { items: answer.orders.unwrap_or_default(), cursor })
}

fn states(time: &str) -> &'static [&'static str] {
    if time == "closed_at" { &["COMPLETED"] } else { &["COMPLETED", "CANCELED"] }
}

/// Customer profiles by id; deleted ones are left out.
pub(crate) async fn customers(cx: &Context, ids: &[String]) -> Result<Shelf> {
    #[derive(Deserialize)]
    struct Answer {
        responses: Option<BTreeMap<String, Raw>>,
    }
    #[derive(Deserialize)]
    struct One {
        customer: Option<Raw>,
        errors: Option<IgnoredAny>,
    }
    let mut found = Shelf::default();
    for chunk in ids.chunks(PAGE) {
        let body = json!({ "customer_ids": chunk });
        let answer: Answer = query(cx, "square.customers", "v2/customers/bulk-retrieve", &body).await?;
        for (id, one) in answer.responses.unwrap_or_default() {
            // Each is an answer of its own: a customer, or the errors that say why there is none.
            match serde_json::from_str::<One>(one.get()) {
                Ok(One { customer: Some(customer), .. }) => found.put_as(id, customer),
                Ok(One { errors: Some(_), .. }) => {}
                _ => found.doubt(),
            }
        }
    }
    Ok(found)
}

/// One payment; none where Square has none of that id, as for tenders made before the Payments API.
pub(crate) async fn payment(cx: &Context, id: &str) -> Result<Option<Raw>> {
    #[derive(Deserialize)]
    struct Answer {
        payment: Option<Raw>,
    }
    match get::<Answer>(cx, "square.payment", &format!("v2/payments/{}", path_segment(id))).await {
        Ok(answer) => Ok(answer.payment),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A page of the payments of one location made in a span of time. Without `location_id` Square lists the main
/// location only.
pub(crate) async fn payments(
    cx: &Context,
    location: &str,
    span: (&str, &str),
    cursor: Option<&str>,
) -> Result<Page> {
    #[derive(Deserialize)]
    struct Answer {
        payments: Option<Vec<Raw>>,
        cursor: Option<String>,
    }
    let mut pairs = vec![
        ("location_id", location),
        ("begin_time", span.0),
        ("end_time", span.1),
        ("sort_order", "ASC"),
        ("limit", "100"),
    ];
    pairs.extend(cursor.map(|cursor| ("cursor", cursor)));
    let path = format!("v2/payments?{}", query_string(&pairs));
    let answer: Answer = get(cx, "square.payments", &path).await?;
    let cursor = answer.cursor.filter(|cursor| !cursor.is_empty());
    Ok(Page { items: answer.payments.unwrap_or_default(), cursor })
}

/// A page of the refunds of all locations made in a span of time.
pub(crate) async fn refunds(cx: &Context, span: (&str, &str), cursor: Option<&str>) -> Result<Page> {
    #[derive(Deserialize)]
    struct Answer {
        refunds: Option<Vec<Raw>>,
        cursor: Option<String>,
    }
    let mut pairs =
        vec![("begin_time", span.0), ("end_time", span.1), ("sort_order", "ASC"), ("limit", "100")];
    pairs.extend(cursor.map(|cursor| ("cursor", cursor)));
    let path = format!("v2/refunds?{}", query_string(&pairs));
    let answer: Answer = get(cx, "square.refunds", &path).await?;
    let cursor = answer.cursor.filter(|cursor| !cursor.is_empty());
    Ok(Page { items: answer.refunds.unwrap_or_default(), cursor })
}
