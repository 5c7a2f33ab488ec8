//! From deals to whole records, with a few calls for a whole page: three association reads, three batch reads,
//! the pipelines, and the tax rates where a line refers to one.

use crate::{
    api::{self, Kind, Links, Raw},
    value::parse_time,
    wire::{AssociatedTo, Object, Text},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use taxpoynt_core::{
    Result,
    connector::{
        Batch, Context,
        gather::{self, Shelf},
    },
    model::{RawRecord, RecordKind, SourceKey},
};

/// What every failure of a record names.
const OPERATION: &str = "hubspot.fetch";
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
struct Shelves {
    links: BTreeMap<&'static str, Links>,
    objects: BTreeMap<&'static str, Shelf>,
    pipelines: Shelf,
    tax_rates: Shelf,
}

/// The records of `deals`. A deal that cannot be read goes to `failed` and blocks none of the others.
pub(crate) async fn records(cx: &Context, deals: Vec<Raw>) -> Result<Batch> {
    let mut batch = Batch::default();
    let known = gather::sift::<Object>(OPERATION, RecordKind::Deal, deals, &mut batch.failed);
    let shelves = Shelves::fill(cx, &known).await?;
    for (deal, raw) in &known {
        match shelves.record(deal, raw) {
            Ok(record) => batch.records.push(record),
            Err(error) => batch.failed.push((SourceKey::new(RecordKind::Deal, &deal.id.0), error)),
        }
    }
    Ok(batch)
}

fn link(raw: &Raw) -> Option<AssociatedTo> {
    serde_json::from_str(raw.get()).ok()
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

impl Shelves {
    async fn fill(cx: &Context, deals: &[(Object, Raw)]) -> Result<Self> {
        let mut shelves = Self::default();
        if deals.is_empty() {
            return Ok(shelves);
        }
        let ids: Vec<String> = deals.iter().map(|(deal, _)| deal.id.0.clone()).collect();
        for kind in KINDS {
            let links = api::associations(cx, kind, &ids).await?;
            let ends = links.of.values().flatten().filter_map(link).map(|to| to.id.0);
            let ends: Vec<String> = ends.collect::<BTreeSet<_>>().into_iter().collect();
            let objects = Shelf::of(api::objects(cx, kind, &ends).await?);
            shelves.links.insert(kind.name(), links);
            shelves.objects.insert(kind.name(), objects);
        }
        shelves.pipelines = Shelf::of(api::pipelines(cx).await?);
        let lines = shelves.objects.get(Kind::LineItem.name());
        if lines.into_iter().flat_map(Shelf::iter).any(|(_, line)| tax_group(line).is_some()) {
            shelves.tax_rates = Shelf::of(api::tax_rates(cx).await?);
        }
        Ok(shelves)
    }

    /// A deal's links of one kind, as they came and as they read.
    fn links(&self, kind: Kind, deal: &Object) -> Result<(&[Raw], Vec<AssociatedTo>)> {
        let links = self.links.get(kind.name());
        let unsure = || gather::unreadable(OPERATION, kind.name());
        let Some(raw) = links.and_then(|links| links.of.get(&deal.id.0)) else {
            return if links.is_some_and(|links| links.unreadable) {
                Err(unsure())
            } else {
                Ok((&[], Vec::new()))
            };
        };
        let read = raw.iter().map(|raw| link(raw).ok_or_else(unsure)).collect::<Result<_>>()?;
        Ok((raw, read))
    }

    /// The objects a deal is associated with, in the order of the links, each once.
    fn linked(&self, kind: Kind, links: &[AssociatedTo]) -> Result<Vec<&Raw>> {
        let mut seen = BTreeSet::new();
        let ids = links.iter().map(|link| &link.id.0).filter(|id| seen.insert(*id));
        let Some(objects) = self.objects.get(kind.name()) else { return Ok(Vec::new()) };
        ids.filter_map(|id| objects.find(OPERATION, kind.name(), id).transpose()).collect()
    }

    /// The companies, the primary one first: rules read `company` as the first.
    fn companies(&self, links: &[AssociatedTo]) -> Result<Vec<&Raw>> {
        let primary = links.iter().find(|link| link.is_primary_company()).map(|link| link.id.0.clone());
        let mut companies = self.linked(Kind::Company, links)?;
        companies.sort_by_key(|raw| primary != gather::id_of(raw));
        Ok(companies)
    }

    fn record(&self, deal: &Object, raw: &Raw) -> Result<RawRecord> {
        let (to_lines, lines) = self.links(Kind::LineItem, deal)?;
        let (to_companies, companies) = self.links(Kind::Company, deal)?;
        let (to_contacts, contacts) = self.links(Kind::Contact, deal)?;
        let line_items = self.linked(Kind::LineItem, &lines)?;
        let groups: BTreeSet<_> = line_items.iter().filter_map(|line| tax_group(line)).collect();
        let rate = |group: &String| self.tax_rates.find(OPERATION, "tax_rates", group).transpose();
        let pipeline = match deal.property("pipeline") {
            Some(id) => self.pipelines.find(OPERATION, "pipeline", id)?,
            None => None,
        };
        let record = Record {
            deal: raw,
            companies: self.companies(&companies)?,
            contacts: self.linked(Kind::Contact, &contacts)?,
            associations: BTreeMap::from([
                (Kind::LineItem.name(), To { to: to_lines }),
                (Kind::Company.name(), To { to: to_companies }),
                (Kind::Contact.name(), To { to: to_contacts }),
            ]),
            pipeline,
            tax_rates: groups.iter().filter_map(rate).collect::<Result<_>>()?,
            line_items,
        };
        gather::record(OPERATION, SourceKey::new(RecordKind::Deal, &deal.id.0), modified_at(deal), &record)
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
