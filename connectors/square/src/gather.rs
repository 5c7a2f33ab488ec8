//! From orders to whole records: customers, locations and orders in bulk, payments and refunds by listing their span.

use crate::{
    api::{self, Page, Raw},
    wire::{Order, Return},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_core::{
    Error, Result,
    connector::{
        Batch, Context,
        gather::{self, Shelf},
    },
    model::{RawRecord, RecordKind, SourceKey},
};

/// What every failure of a record names.
const OPERATION: &str = "square.fetch";
/// How far a refund or payment may be from the order's or tender's own time.
const SLACK: TimeDelta = TimeDelta::hours(1);
/// Up to so many payments are read one by one; more are listed.
const FEW: usize = 3;
/// A listing that needs more pages than this is given up; what it did not show is read one by one.
const MAX_PAGES: usize = 10;

/// What an order refers to.
#[derive(Debug, Deserialize)]
struct Refs {
    id: String,
    location_id: Option<String>,
    customer_id: Option<String>,
    created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    line_items: Option<Vec<serde::de::IgnoredAny>>,
    tenders: Option<Vec<TenderRefs>>,
    returns: Option<Vec<Return>>,
}

#[derive(Debug, Deserialize)]
struct TenderRefs {
    id: Option<String>,
    payment_id: Option<String>,
    customer_id: Option<String>,
    created_at: Option<DateTime<Utc>>,
}

/// A payment or a refund: what it is and which it belongs to.
#[derive(Debug, Deserialize)]
struct Link {
    order_id: Option<String>,
    payment_id: Option<String>,
}

impl TenderRefs {
    fn payment(&self) -> Option<&String> {
        self.payment_id.as_ref().or(self.id.as_ref())
    }
}

impl Refs {
    fn tenders(&self) -> impl Iterator<Item = &TenderRefs> {
        self.tenders.iter().flatten()
    }

    fn customer(&self) -> Option<&String> {
        self.customer_id.as_ref().or_else(|| self.tenders().find_map(|tender| tender.customer_id.as_ref()))
    }

    fn takes_back(&self) -> bool {
        self.returns.iter().flatten().next().is_some() || self.line_items.iter().flatten().next().is_none()
    }
}

/// A record as it is written. Members that the order has not are left out.
#[derive(Debug, Serialize)]
struct Record<'a> {
    order: &'a Raw,
    payments: Vec<&'a Raw>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refunds: Vec<&'a Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_order: Option<Raw>,
}

/// Everything that a page of orders refers to.
#[derive(Debug, Default)]
struct Shelves {
    customers: Shelf,
    locations: Shelf,
    payments: Shelf,
    refunds: Vec<(Link, Raw)>,
    /// Holds nothing: whether a refund could not be read.
    unread_refunds: Shelf,
    sources: Shelf,
}

/// The records of `orders`. An order that cannot be read goes to `failed` and blocks none of the others.
pub(crate) async fn records(cx: &Context, orders: Vec<Raw>) -> Result<Batch> {
    let mut batch = Batch::default();
    let known = gather::sift::<Refs>(OPERATION, RecordKind::Order, orders, &mut batch.failed);
    let shelves = Shelves::fill(cx, &known).await?;
    for (order, raw) in &known {
        match shelves.record(order, raw) {
            Ok(record) => batch.records.push(record),
            Err(error) => batch.failed.push((SourceKey::new(RecordKind::Order, &order.id), error)),
        }
    }
    Ok(batch)
}

impl Shelves {
    async fn fill(cx: &Context, orders: &[(Refs, Raw)]) -> Result<Self> {
        let mut shelves = Self::default();
        if orders.is_empty() {
            return Ok(shelves);
        }
        let customers: BTreeSet<_> =
            orders.iter().filter_map(|(order, _)| order.customer()).cloned().collect();
        if !customers.is_empty() {
            shelves.customers = api::customers(cx, &customers.into_iter().collect::<Vec<_>>()).await?;
        }
        shelves.locations = Shelf::of(api::locations(cx).await?);
        shelves.refunds(cx, orders).await?;
        shelves.payments(cx, orders).await?;
        shelves.sources(cx, orders).await?;
        Ok(shelves)
    }

    /// Refunds cannot be asked for by order: the span of the return orders is listed.
    async fn refunds(&mut self, cx: &Context, orders: &[(Refs, Raw)]) -> Result<()> {
        let returning: Vec<_> =
            orders.iter().map(|(order, _)| order).filter(|order| order.takes_back()).collect();
        let first = returning.iter().filter_map(|order| order.created_at).min();
        let last = returning.iter().filter_map(|order| order.updated_at.or(order.created_at)).max();
        let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
        let ids: BTreeSet<_> = returning.iter().map(|order| order.id.as_str()).collect();
        let (begin, end) = span(first, last);
        let mut cursor: Option<String> = None;
        loop {
            let page = api::refunds(cx, (&begin, &end), cursor.as_deref()).await?;
            for raw in page.items {
                let Some(link) = link(&raw) else {
                    self.unread_refunds.doubt();
                    continue;
                };
                if link.order_id.as_deref().is_some_and(|id| ids.contains(id)) {
                    self.refunds.push((link, raw));
                }
            }
            // A cursor that comes back unchanged would never end.
            if page.cursor.is_none() || page.cursor == cursor {
                return Ok(());
            }
            cursor = page.cursor;
        }
    }

    async fn payments(&mut self, cx: &Context, orders: &[(Refs, Raw)]) -> Result<()> {
        let of_tenders = orders.iter().flat_map(|(order, _)| order.tenders().filter_map(TenderRefs::payment));
        let of_refunds = self.refunds.iter().filter_map(|(link, _)| link.payment_id.as_ref());
        let mut wanted: BTreeSet<String> = of_tenders.chain(of_refunds).cloned().collect();
        if wanted.len() > FEW {
            for (location, (first, last)) in spans(orders) {
                self.list_payments(cx, &location, span(first, last), &mut wanted).await?;
            }
        }
        for id in wanted {
            if let Some(payment) = api::payment(cx, &id).await? {
                self.payments.put_as(id, payment);
            }
        }
        Ok(())
    }

    async fn list_payments(
        &mut self,
        cx: &Context,
        location: &str,
        (begin, end): (String, String),
        wanted: &mut BTreeSet<String>,
    ) -> Result<()> {
        let mut cursor = None;
        for _ in 0..MAX_PAGES {
            let Page { items, cursor: next } =
                api::payments(cx, location, (&begin, &end), cursor.as_deref()).await?;
            // What cannot be read here is still wanted, and read one by one.
            for payment in items {
                if let Some(id) = gather::id_of(&payment).filter(|id| wanted.remove(id)) {
                    self.payments.put_as(id, payment);
                }
            }
            if next.is_none() || wanted.is_empty() {
                break;
            }
            cursor = next;
        }
        Ok(())
    }

    /// The refunded orders of refunds without items.
    async fn sources(&mut self, cx: &Context, orders: &[(Refs, Raw)]) -> Result<()> {
        let wanted: BTreeSet<_> = orders.iter().filter_map(|(order, _)| self.source_of(order)).collect();
        if !wanted.is_empty() {
            self.sources = Shelf::of(api::orders(cx, &wanted.into_iter().collect::<Vec<_>>()).await?);
        }
        Ok(())
    }

    fn source_of(&self, order: &Refs) -> Option<String> {
        let mut returns = order.returns.iter().flatten().peekable();
        if returns.peek().is_none() && !order.takes_back() {
            return None;
        }
        if returns.peek().is_some() && !returns.clone().any(|entry| entry.is_amount_only(None::<&Order>)) {
            return None;
        }
        let named = returns.find_map(|entry| entry.source_order_id.clone());
        named.or_else(|| {
            let payments =
                self.own_refunds(order).filter_map(|(link, _)| self.payments.get(link.payment_id.as_ref()?));
            let links = payments.filter_map(link);
            links.filter_map(|payment| payment.order_id).find(|id| *id != order.id)
        })
    }

    fn own_refunds(&self, order: &Refs) -> impl Iterator<Item = &(Link, Raw)> {
        self.refunds.iter().filter(move |(link, _)| link.order_id.as_deref() == Some(&order.id))
    }

    fn record(&self, order: &Refs, raw: &Raw) -> Result<RawRecord> {
        let refunds: Vec<_> = self.own_refunds(order).collect();
        if order.takes_back() {
            self.unread_refunds.whole(OPERATION, "refunds")?;
        }
        let paid = order.tenders().filter_map(TenderRefs::payment);
        let refunded = refunds.iter().filter_map(|(link, _)| link.payment_id.as_ref());
        let ids: Vec<_> = paid.chain(refunded).collect();
        let mut seen = BTreeSet::new();
        let find = |shelf: &'_ Shelf, field, id: Option<&String>| match id {
            Some(id) => Ok(shelf.find(OPERATION, field, id)?.cloned()),
            None => Ok::<_, Error>(None),
        };
        let record = Record {
            order: raw,
            payments: ids
                .into_iter()
                .filter(|id| seen.insert(*id))
                .filter_map(|id| self.payments.get(id))
                .collect(),
            refunds: refunds.iter().map(|(_, raw)| raw).collect(),
            customer: find(&self.customers, "customer", order.customer())?,
            location: find(&self.locations, "location", order.location_id.as_ref())?,
            source_order: find(&self.sources, "source_order", self.source_of(order).as_ref())?,
        };
        let key = SourceKey::new(RecordKind::Order, &order.id);
        gather::record(OPERATION, key, order.updated_at, &record)
    }
}

/// By location, from the first to the last tender's time.
fn spans(orders: &[(Refs, Raw)]) -> BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)> {
    let mut spans = BTreeMap::new();
    for (order, _) in orders {
        for at in order.tenders().filter_map(|tender| tender.created_at.or(order.created_at)) {
            let Some(location) = &order.location_id else { continue };
            let span = spans.entry(location.clone()).or_insert((at, at));
            *span = (span.0.min(at), span.1.max(at));
        }
    }
    spans
}

fn span(first: DateTime<Utc>, last: DateTime<Utc>) -> (String, String) {
    let begin = first.checked_sub_signed(SLACK).unwrap_or(first);
    let end = last.checked_add_signed(SLACK).unwrap_or(last);
    (rfc3339(begin), rfc3339(end))
}

/// A time as Square writes it.
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What a payment or refund is and belongs to; none where that cannot be read.
fn link(raw: &Raw) -> Option<Link> {
    gather::id_of(raw)?;
    serde_json::from_str(raw.get()).ok()
}
