//! What other rules or settings would make of the sales that are stored, before they are put in force.

use super::Engine;
use crate::{
    Error, ErrorKind, Result,
    connector::Connector,
    engine::{check_tenant, prepare::originals},
    mapping::{Rules, Tables},
    pipeline::{Counting, Drafted, Issued, Preview, draft},
    store::{Record, RecordFilter},
    tenant::Tenant,
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::Arc,
};
use uuid::Uuid;

/// Records read at once.
const PAGE: u32 = 500;

/// Pages under way: the memory it takes.
const AT_ONCE: usize = 3;

const OPERATION: &str = "engine.dry_run";

/// What is tried out, and on which sales.
#[derive(Debug, Clone, Default)]
pub struct DryRun {
    /// Whose sales.
    pub tenant: Uuid,
    /// Sales of this connection, and these rules in place of its own; none: all sales, and in place of the tenant's.
    pub connection: Option<Uuid>,
    /// A rule file; none: the one in force. An empty text: no rules in this layer.
    pub rules: Option<String>,
    /// Settings; none: those in force.
    pub settings: Option<Tenant>,
    /// Lookup tables in place of those in force, by name: a CSV, or none for no such table.
    pub tables: BTreeMap<String, Option<String>>,
    /// Sales received since; none: all.
    pub since: Option<DateTime<Utc>>,
}

/// Both sides of the comparison, for one connection.
struct Sides {
    connector: Arc<dyn Connector>,
    now: (Tenant, Rules),
    then: (Tenant, Rules),
    today: NaiveDate,
}

impl Sides {
    fn compare(
        &self,
        record: &Record,
        has_document: bool,
        issued: &[Issued],
        counting: &mut Counting,
    ) -> Result<()> {
        let side = |(tenant, rules): &(Tenant, Rules)| -> Result<Vec<Drafted>> {
            draft(&*self.connector, &record.raw, tenant, rules, issued, Some(self.today))
        };
        counting.count(&record.raw.key.id, has_document, &side(&self.now), &side(&self.then))
    }
}

type All = Arc<HashMap<Uuid, Sides>>;

impl Engine {
    /// Drafts every stored sale under the rules in force and under others, and says what would differ. Nothing is stored
    /// and nothing is sent. What was invoiced stays as it is when rules change: the preview says how many sales those
    /// are, and what would become of sales like them. The same question gets the same answer: pages are worked on side by
    /// side, and counted in their order.
    ///
    /// # Errors
    /// `Mapping`, with line and column, for rules that do not load; `Config`, naming the field, for such settings;
    /// `NotFound`; `Store`.
    pub async fn dry_run(&self, wanted: &DryRun) -> Result<Preview> {
        let sides: All = Arc::new(self.sides(wanted).await?);
        let mut filter =
            RecordFilter { tenant: Some(wanted.tenant), limit: Some(PAGE), ..RecordFilter::default() };
        let (mut all, mut running) = (Counting::default(), VecDeque::new());
        let mut more = true;
        while more || !running.is_empty() {
            if more && running.len() < AT_ONCE {
                let page = self.store().records(&filter).await?;
                let found = page.items.len();
                let is_wanted = |record: &Record| wanted.since.is_none_or(|since| record.first_seen >= since);
                let wanted: Vec<Record> = page.items.into_iter().filter(is_wanted).collect();
                // Newest first: behind one that is too old come only older ones.
                filter.cursor = page.next.filter(|_| wanted.len() == found);
                more = filter.cursor.is_some();
                let ids: Vec<Uuid> = wanted.iter().map(|record| record.id).collect();
                let with_documents = Arc::new(self.store().with_documents(&ids).await?);
                let (sides, known) = (sides.clone(), with_documents.clone());
                let part = tokio::task::spawn_blocking(move || compare(&sides, &known, wanted));
                running.push_back((part, with_documents));
            } else if let Some((part, with_documents)) = running.pop_front() {
                let (counted, refunds) = part.await.map_err(defect)??;
                all.add(counted);
                for (record, originals) in refunds {
                    let Some(sides) = sides.get(&record.connection) else { continue };
                    let (issued, _) = self.issued_for(&record, &originals).await?;
                    sides.compare(&record, with_documents.contains(&record.id), &issued, &mut all)?;
                }
            }
        }
        Ok(all.preview())
    }

    /// Of each connection whose sales are looked at.
    async fn sides(&self, wanted: &DryRun) -> Result<HashMap<Uuid, Sides>> {
        let tenant = self.store().tenant(wanted.tenant).await?.0;
        let settings = wanted.settings.clone().map(|settings| Tenant { id: tenant.id, ..settings });
        if let Some(settings) = &settings {
            check_tenant(settings)?;
        }
        let candidate =
            wanted.rules.as_deref().map(|text| Rules::parse_named("candidate", text)).transpose()?;
        let connections = match wanted.connection {
            Some(id) => vec![self.store().connection(id, Some(wanted.tenant)).await?],
            None => self.store().connections(Some(wanted.tenant)).await?,
        };
        let tables_now = self.tables(wanted.tenant).await?;
        let tables_then = self.tables_with(wanted.tenant, &wanted.tables).await?;
        if let Some(candidate) = &candidate {
            candidate.check_tables(&tables_then)?;
        }
        let catalogue = self.shelf(wanted.tenant).await?.catalogue;
        let today = self.now().with_timezone(&tenant.zone().unwrap_or(chrono_tz::Africa::Lagos)).date_naive();
        let mut sides = HashMap::new();
        for connection in connections {
            let platform = &connection.platform;
            let connector = self.connector(platform)?.clone();
            let mut own = self.own_rules(wanted.tenant, connection.id).await?;
            let now = self.layered(platform, &tenant, own.as_layers())?;
            if let Some(candidate) = &candidate {
                own.replace(wanted.connection.is_some(), candidate.clone());
            }
            let settings = settings.as_ref().unwrap_or(&tenant);
            let then = self.layered(platform, settings, own.as_layers())?;
            let whole = |rules: Rules, tables: &Arc<Tables>| {
                rules.with_catalogue(catalogue.clone(), platform).with_tables(tables.clone())
            };
            let now = (tenant.clone(), whole(now, &tables_now));
            let then = (settings.clone(), whole(then, &tables_then));
            sides.insert(connection.id, Sides { connector, now, then, today });
        }
        Ok(sides)
    }
}

/// A record with refunds, and the ids of the sales that they give back.
type Refunds = (Record, Vec<String>);

/// Counts what needs nothing but the record; what refers to earlier documents comes back with their sales' ids.
fn compare(
    sides: &HashMap<Uuid, Sides>,
    with_documents: &HashSet<Uuid>,
    records: Vec<Record>,
) -> Result<(Counting, Vec<Refunds>)> {
    let (mut counting, mut refunds) = (Counting::default(), Vec::new());
    for record in records {
        let Some(sides) = sides.get(&record.connection) else { continue };
        // What does not read is counted as refused.
        let originals = originals(&*sides.connector, &record).unwrap_or_default();
        if originals.is_empty() {
            sides.compare(&record, with_documents.contains(&record.id), &[], &mut counting)?;
        } else {
            refunds.push((record, originals));
        }
    }
    Ok((counting, refunds))
}

fn defect(error: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::Store, OPERATION, "a part of the dry run ended abnormally").caused_by(error)
}
