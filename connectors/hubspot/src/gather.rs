//! From deals to whole records, with a few calls for a whole page: three association reads, three batch reads,
//! the pipelines, and the tax rates where a line refers to one.

use crate::{
    api::{self, Kind, Links, Raw},
    value::parse_time,
    wire::{AssociatedTo, Object, Text},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_core::{
    Error, Result,
    connector::{Batch, Context},
    json,
    model::{RawRecord, RecordKind, SourceKey},
};

/// The kinds that belong to a deal.
const KINDS: [Kind; 3] = [Kind::LineItem, Kind::Company, Kind::Contact];

/// What is associated, as a record holds it.
#[derive(Debug, Serialize)]
struct To<'a> {
    to: &'a [Raw],
}

/// A record as it is written.
#[derive(Debug, Serialize)]
struct Record<'a> {
    deal: &'a Raw,
    line_items: Vec<&'a Raw>,
    companies: Vec<&'a Raw>,
    contacts: Vec<&'a Raw>,
    associations: BTreeMap<&'static str, To<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline: Option<&'a Raw>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tax_rates: Vec<&'a Raw>,
}

/// Everything that a page of deals refers to: by kind its links by deal, and its objects by id.
#[derive(Debug, Default)]
struct Shelf {
    links: BTreeMap<&'static str, BTreeMap<String, Links>>,
    objects: BTreeMap<&'static str, BTreeMap<String, Raw>>,
    pipelines: Vec<(String, Raw)>,
    tax_rates: Vec<(String, Raw)>,
}

/// The records of `deals`. A deal that cannot be read goes to `failed` and blocks none of the others.
pub(crate) async fn records(cx: &Context, deals: Vec<Raw>) -> Result<Batch> {
    let mut batch = Batch::default();
    let mut known = Vec::with_capacity(deals.len());
    for raw in deals {
        match json::read::<Object>("hubspot.fetch", raw.get().as_bytes()) {
            Ok(deal) => known.push((deal, raw)),
            Err(error) => batch.failed.push((key_of(&raw), error)),
        }
    }
    let shelf = Shelf::fill(cx, &known).await?;
    for (deal, raw) in &known {
        match shelf.record(deal, raw) {
            Ok(record) => batch.records.push(record),
            Err(error) => batch.failed.push((SourceKey::new(RecordKind::Deal, &deal.id.0), error)),
        }
    }
    Ok(batch)
}

/// An object's id.
#[derive(Deserialize)]
struct Id {
    #[serde(default)]
    id: Text,
}

/// An object's id, empty where it has none.
pub(crate) fn id_of(raw: &Raw) -> String {
    serde_json::from_str::<Id>(raw.get()).map(|object| object.id.0).unwrap_or_default()
}

/// Whether an object lies in the recycle bin.
pub(crate) fn is_archived(raw: &&Raw) -> bool {
    #[derive(Deserialize)]
    struct Archived {
        #[serde(default)]
        archived: bool,
    }
    serde_json::from_str::<Archived>(raw.get()).is_ok_and(|object| object.archived)
}

fn key_of(raw: &Raw) -> SourceKey {
    SourceKey::new(RecordKind::Deal, id_of(raw))
}

fn with_ids(raw: Vec<Raw>) -> Vec<(String, Raw)> {
    raw.into_iter().map(|raw| (id_of(&raw), raw)).collect()
}

/// Whether a link is to the deal's primary company.
fn is_primary(raw: &Raw) -> bool {
    serde_json::from_str::<AssociatedTo>(raw.get()).is_ok_and(|to| to.is_primary_company())
}

/// The object at the other end of a link.
fn other_end(raw: &Raw) -> Option<String> {
    serde_json::from_str::<AssociatedTo>(raw.get()).ok().map(|to| to.id.0)
}

impl Shelf {
    async fn fill(cx: &Context, deals: &[(Object, Raw)]) -> Result<Self> {
        let mut shelf = Self::default();
        if deals.is_empty() {
            return Ok(shelf);
        }
        let ids: Vec<String> = deals.iter().map(|(deal, _)| deal.id.0.clone()).collect();
        for kind in KINDS {
            let links = api::associations(cx, kind, &ids).await?;
            let ends = links.values().flat_map(|links| &links.to).filter_map(other_end);
            let ends: Vec<String> = ends.collect::<BTreeSet<_>>().into_iter().collect();
            let objects = with_ids(api::objects(cx, kind, &ends).await?);
            shelf.links.insert(kind.name(), links);
            shelf.objects.insert(kind.name(), objects.into_iter().collect());
        }
        shelf.pipelines = with_ids(api::pipelines(cx).await?);
        let lines = shelf.objects.get(Kind::LineItem.name());
        if lines.into_iter().flat_map(BTreeMap::values).any(|line| tax_group(line).is_some()) {
            shelf.tax_rates = with_ids(api::tax_rates(cx).await?);
        }
        Ok(shelf)
    }

    fn links(&self, kind: Kind, deal: &Object) -> &[Raw] {
        self.links.get(kind.name()).and_then(|links| links.get(&deal.id.0)).map_or(&[], |links| &links.to)
    }

    /// The companies, the primary one first: rules read `company` as the first.
    fn companies(&self, deal: &Object) -> Vec<&Raw> {
        let primary =
            self.links(Kind::Company, deal).iter().find(|link| is_primary(link)).and_then(other_end);
        let mut companies = self.linked(Kind::Company, deal);
        companies.sort_by_key(|raw| primary.as_ref() != Some(&id_of(raw)));
        companies
    }

    /// The objects a deal is associated with, in the order of the links, each once.
    fn linked(&self, kind: Kind, deal: &Object) -> Vec<&Raw> {
        let mut seen = BTreeSet::new();
        let ids = self.links(kind, deal).iter().filter_map(other_end).filter(|id| seen.insert(id.clone()));
        let objects = self.objects.get(kind.name());
        ids.filter_map(|id| objects.and_then(|objects| objects.get(&id))).collect()
    }

    fn record(&self, deal: &Object, raw: &Raw) -> Result<RawRecord> {
        let line_items = self.linked(Kind::LineItem, deal);
        let groups: BTreeSet<_> = line_items.iter().filter_map(|line| tax_group(line)).collect();
        let pipeline = deal.property("pipeline");
        let record = Record {
            deal: raw,
            companies: self.companies(deal),
            contacts: self.linked(Kind::Contact, deal),
            associations: KINDS
                .iter()
                .map(|kind| (kind.name(), To { to: self.links(*kind, deal) }))
                .collect(),
            pipeline: self.pipelines.iter().find(|(id, _)| Some(id.as_str()) == pipeline).map(|(_, raw)| raw),
            tax_rates: self
                .tax_rates
                .iter()
                .filter(|(id, _)| groups.contains(id))
                .map(|(_, raw)| raw)
                .collect(),
            line_items,
        };
        let body = serde_json::to_vec(&record).map_err(|e| {
            Error::payload("hubspot.fetch", "deal", "the record cannot be written").caused_by(e)
        })?;
        Ok(RawRecord {
            key: SourceKey::new(RecordKind::Deal, &deal.id.0),
            modified_at: modified_at(deal),
            body: Bytes::from(body),
        })
    }
}

/// When the deal was changed.
pub(crate) fn modified_at(deal: &Object) -> Option<chrono::DateTime<chrono::Utc>> {
    let stamp = deal.property("hs_lastmodifieddate").or_else(|| deal.updated_at.as_ref().and_then(Text::get));
    stamp.and_then(parse_time)
}

fn tax_group(line: &Raw) -> Option<String> {
    let line = serde_json::from_str::<Object>(line.get()).ok()?;
    line.owned("hs_tax_rate_group_id")
}
