//! The simulated portal: a company, two contacts, and a deal of three lines that is not won yet.

use super::portal::{amounts, billing_contact, company, deal, lines, other_contact};
use crate::{clock::rfc3339, spoil::Spoil};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

pub(crate) const PORTAL_ID: u64 = 46_128_835;
pub(crate) const APP_ID: u64 = 7_204_511;
pub(crate) const DEAL_ID: &str = "31400500601";
pub(crate) const COMPANY_ID: &str = "21400500701";
const BILLING_CONTACT_ID: &str = "11400500801";
const OTHER_CONTACT_ID: &str = "11400500802";

/// The kinds of record, with the ids HubSpot also takes in a path, and their name for one record.
const TYPES: [(&str, &str, &str); 5] = [
    ("contacts", "0-1", "contact"),
    ("companies", "0-2", "company"),
    ("deals", "0-3", "deal"),
    ("products", "0-7", "product"),
    ("line_items", "0-8", "line_item"),
];

/// The plural name of a record type however it is written in a path.
pub(super) fn type_name(written: &str) -> Option<&'static str> {
    TYPES
        .iter()
        .find(|(plural, id, single)| [*plural, *id, *single].contains(&written))
        .map(|(plural, _, _)| *plural)
}

/// The name for one record.
pub(super) fn single(plural: &str) -> &'static str {
    TYPES.iter().find(|(known, _, _)| *known == plural).map_or("object", |(_, _, single)| single)
}

/// One record; every property is text or null.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) properties: Map<String, Value>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) archived_at: Option<String>,
    /// When it was changed last, and what it was before: what a search still shows until its index has caught up.
    changed_at: DateTime<Utc>,
    before: Option<Box<Record>>,
}

/// A link from one record to another.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) to: (&'static str, String),
    /// Category, type id, label.
    pub(super) types: Vec<(&'static str, u64, Option<&'static str>)>,
}

/// Everything in the portal.
#[derive(Debug)]
pub(crate) struct Crm {
    pub(super) records: BTreeMap<&'static str, Vec<Record>>,
    links: HashMap<(&'static str, String), Vec<Link>>,
    /// How long a search does not see a change.
    pub(super) search_lag: TimeDelta,
    events: u64,
    stocked: u32,
}

const DEFINED: &str = "HUBSPOT_DEFINED";

impl Crm {
    /// The portal as it is at the start.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let (created, touched) = (rfc3339(now - TimeDelta::days(12)), rfc3339(now - TimeDelta::days(1)));
        let mut crm = Self {
            records: BTreeMap::new(),
            links: HashMap::new(),
            search_lag: TimeDelta::zero(),
            events: 0,
            stocked: 0,
        };
        let mut add = |kind: &'static str, id: &str, properties: Value| {
            let record = Record::new(id, &properties, &created, &touched);
            crm.records.entry(kind).or_default().push(record);
        };
        add("companies", COMPANY_ID, company());
        add("contacts", BILLING_CONTACT_ID, billing_contact());
        add("contacts", OTHER_CONTACT_ID, other_contact());
        add("deals", DEAL_ID, deal());
        for (id, line) in lines() {
            add("line_items", id, line);
        }
        crm.link_deal();
        crm
    }

    fn link_deal(&mut self) {
        let deal = ("deals", DEAL_ID);
        self.link(deal, ("companies", COMPANY_ID), vec![(DEFINED, 5, Some("Primary")), (DEFINED, 341, None)]);
        self.link(
            deal,
            ("contacts", BILLING_CONTACT_ID),
            vec![(DEFINED, 3, None), ("USER_DEFINED", 12, Some("Billing contact"))],
        );
        self.link(deal, ("contacts", OTHER_CONTACT_ID), vec![(DEFINED, 3, None)]);
        for (id, _) in lines() {
            self.link(deal, ("line_items", id), vec![(DEFINED, 19, None)]);
        }
        for contact in [BILLING_CONTACT_ID, OTHER_CONTACT_ID] {
            self.link(
                ("contacts", contact),
                ("companies", COMPANY_ID),
                vec![(DEFINED, 1, Some("Primary")), (DEFINED, 279, None)],
            );
        }
    }

    /// Links two records both ways; the way back carries no types of its own here.
    pub(super) fn link(
        &mut self,
        from: (&'static str, &str),
        to: (&'static str, &str),
        types: Vec<(&'static str, u64, Option<&'static str>)>,
    ) {
        let owned = |end: (&'static str, &str)| (end.0, end.1.to_owned());
        let of = self.links.entry(owned(from)).or_default();
        if of.iter().any(|link| link.to == owned(to)) {
            return;
        }
        let back = types.iter().map(|(category, id, label)| (*category, reverse(*id), *label)).collect();
        of.push(Link { to: owned(to), types });
        self.links.entry(owned(to)).or_default().push(Link { to: owned(from), types: back });
    }

    /// The records of a kind.
    pub(super) fn all(&self, kind: &str) -> &[Record] {
        self.records.get(kind).map_or(&[], Vec::as_slice)
    }

    pub(super) fn find(&self, kind: &str, id: &str) -> Option<&Record> {
        self.any(kind, id).filter(|record| record.archived_at.is_none())
    }

    /// A record, archived or not.
    pub(super) fn any(&self, kind: &str, id: &str) -> Option<&Record> {
        self.all(kind).iter().find(|record| record.id == id)
    }

    /// What a search sees now: never what is archived, and what was changed only after a while.
    pub(super) fn indexed(&self, kind: &str, now: DateTime<Utc>) -> Vec<&Record> {
        // Under a running clock stamps can be ahead of it by a few milliseconds: without a lag that hides nothing.
        let lags = self.search_lag > TimeDelta::zero();
        let seen = |record: &&Record| !lags || now - record.changed_at >= self.search_lag;
        let shown = self.all(kind).iter().filter_map(|record| {
            std::iter::successors(Some(record), |record| record.before.as_deref()).find(seen)
        });
        shown.filter(|record| record.archived_at.is_none()).collect()
    }

    /// What a record of a kind is linked to, of another kind.
    pub(super) fn linked(&self, kind: &str, id: &str, to: &str) -> Vec<&Link> {
        let Some(kind) = type_name(kind) else { return Vec::new() };
        let of = self.links.get(&(kind, id.to_owned()));
        let live = |link: &&Link| link.to.0 == to && self.find(to, &link.to.1).is_some();
        of.into_iter().flatten().filter(live).collect()
    }

    /// Whether any record of a kind has a property.
    pub(super) fn knows(&self, kind: &str, property: &str) -> bool {
        self.all(kind).iter().any(|record| record.properties.contains_key(property))
    }

    /// Moves a deal to won; gives the event, or `None` where there is no such deal.
    pub(super) fn win(&mut self, id: &str, at: DateTime<Utc>) -> Option<Value> {
        let now = rfc3339(at);
        let deal = self.mutable("deals", id, at).filter(|deal| deal.archived_at.is_none())?;
        for (name, value) in [
            ("dealstage", "closedwon"),
            ("hs_is_closed", "true"),
            ("hs_is_closed_won", "true"),
            ("hs_deal_stage_probability", "1.0"),
            ("closedate", &now),
        ] {
            deal.properties.insert(name.to_owned(), Value::from(value));
        }
        deal.touch(&now);
        Some(self.changed(id, ("dealstage", "closedwon"), at))
    }

    /// A record that is about to be changed; what it was before is kept for searches.
    fn mutable(&mut self, kind: &str, id: &str, at: DateTime<Utc>) -> Option<&mut Record> {
        let lags = self.search_lag > TimeDelta::zero();
        let record = self.records.get_mut(kind)?.iter_mut().find(|record| record.id == id)?;
        record.before = lags.then(|| Box::new(record.clone()));
        record.changed_at = at;
        Some(record)
    }

    /// Sets a property of a deal; gives the event.
    pub(super) fn set(&mut self, id: &str, (name, value): (&str, &str), at: DateTime<Utc>) -> Option<Value> {
        let deal = self.mutable("deals", id, at).filter(|deal| deal.archived_at.is_none())?;
        deal.properties.insert(name.to_owned(), Value::from(value));
        deal.touch(&rfc3339(at));
        Some(self.changed(id, (name, value), at))
    }

    /// Moves a record's modified time on.
    pub(super) fn touch(&mut self, id: &str, at: DateTime<Utc>) -> bool {
        let kind = TYPES.iter().map(|(kind, _, _)| *kind).find(|kind| self.find(kind, id).is_some());
        kind.and_then(|kind| self.mutable(kind, id, at)).map(|record| record.touch(&rfc3339(at))).is_some()
    }

    /// Touches one of the deals, told by any number.
    pub(super) fn touch_one(&mut self, which: u64, at: DateTime<Utc>) -> bool {
        let count = u64::try_from(self.all("deals").len()).unwrap_or(u64::MAX).max(1);
        let nth = usize::try_from(which % count).unwrap_or_default();
        let id = self.all("deals").get(nth).map(|deal| deal.id.clone());
        id.is_some_and(|id| self.touch(&id, at))
    }

    /// Archives or restores a record; gives the event, or `None` where there is nothing to do.
    pub(super) fn archive(&mut self, kind: &str, id: &str, gone: bool, at: DateTime<Utc>) -> Option<Value> {
        self.any(kind, id).filter(|record| record.archived_at.is_some() != gone)?;
        let record = self.mutable(kind, id, at)?;
        record.archived_at = gone.then(|| rfc3339(at));
        record.touch(&rfc3339(at));
        let change = if gone { "deletion" } else { "restore" };
        Some(self.event(&format!("{}.{change}", single(kind)), id, at))
    }

    fn changed(&mut self, id: &str, (name, value): (&str, &str), at: DateTime<Utc>) -> Value {
        let mut event = self.event("deal.propertyChange", id, at);
        event["propertyName"] = name.into();
        event["propertyValue"] = value.into();
        event["isSensitive"] = false.into();
        event
    }

    fn event(&mut self, kind: &str, id: &str, at: DateTime<Utc>) -> Value {
        self.events += 1;
        let object_id: Value = id.parse::<u64>().map_or_else(|_| Value::from(id), Value::from);
        json!({
            "eventId": 900_100 + self.events, "portalId": PORTAL_ID, "appId": APP_ID,
            "occurredAt": at.timestamp_millis(), "subscriptionType": kind, "attemptNumber": 0,
            "objectId": object_id, "changeSource": "CRM_UI", "sourceId": "userId:5501",
        })
    }

    /// A won deal of one line, dated as told, with an id of its own.
    pub(super) fn stock(&mut self, at: DateTime<Utc>) -> (String, i64) {
        self.stocked += 1;
        let (nth, when) = (i64::from(self.stocked), rfc3339(at));
        let (id, line_id) = (format!("5100{nth:07}"), format!("6100{nth:07}"));
        let naira = 1_000 + nth * 37 % 90_000;
        let amount = format!("{naira}.00");
        let mut deal = deal();
        for (name, value) in [
            ("dealname", format!("Deal {nth}")),
            ("amount", amount.clone()),
            ("amount_in_home_currency", amount.clone()),
            ("dealstage", "closedwon".to_owned()),
            ("closedate", when.clone()),
            ("hs_is_closed", "true".to_owned()),
            ("hs_is_closed_won", "true".to_owned()),
            ("hs_deal_stage_probability", "1.0".to_owned()),
        ] {
            deal[name] = Value::from(value);
        }
        let [(_, _), (_, mut line), _] = lines();
        line["price"] = Value::from(amount.clone());
        let tax = rust_decimal::Decimal::new(naira * 75, 3).round_dp(2);
        let after = (rust_decimal::Decimal::from(naira) + tax).to_string();
        amounts(&mut line, &amount, "0.00", &amount, &tax.to_string(), &after);
        for (kind, id, properties) in [("deals", &id, deal), ("line_items", &line_id, line)] {
            let mut record = Record::new(id, &properties, &when, &when);
            record.touch(&when);
            record.changed_at = at;
            self.records.entry(kind).or_default().push(record);
        }
        self.link(("deals", &id), ("line_items", &line_id), vec![(DEFINED, 19, None)]);
        self.link(
            ("deals", &id),
            ("companies", COMPANY_ID),
            vec![(DEFINED, 5, Some("Primary")), (DEFINED, 341, None)],
        );
        (id, naira * 100)
    }

    /// Spoils a record for good.
    pub(super) fn spoil(&mut self, id: &str, how: Spoil, at: DateTime<Utc>) -> bool {
        let kind = TYPES.iter().map(|(kind, _, _)| *kind).find(|kind| self.find(kind, id).is_some());
        let Some(record) = kind.and_then(|kind| self.mutable(kind, id, at)) else { return false };
        let mut all = json!({"id": id, "properties": record.properties});
        how.apply(&mut all["properties"]);
        if let Value::Object(properties) = all["properties"].take() {
            record.properties = properties;
        }
        true
    }

    /// Puts a record of one's own into the portal, replacing what has the same id.
    pub(super) fn put(&mut self, kind: &'static str, id: &str, properties: &Value, at: DateTime<Utc>) {
        let now = rfc3339(at);
        let mut record = Record::new(id, properties, &now, &now);
        record.touch(&now);
        record.changed_at = at;
        let lags = self.search_lag > TimeDelta::zero();
        let list = self.records.entry(kind).or_default();
        match list.iter_mut().find(|known| known.id == id) {
            Some(known) => {
                record.before = lags.then(|| Box::new(known.clone()));
                *known = record;
            }
            None => list.push(record),
        }
    }
}

/// The association type of the way back (HubSpot's own table); one's own labels keep their number.
fn reverse(id: u64) -> u64 {
    match id {
        3 => 4,
        5 => 6,
        19 => 20,
        341 => 342,
        1 => 2,
        279 => 280,
        other => other,
    }
}

impl Record {
    fn new(id: &str, properties: &Value, created: &str, updated: &str) -> Self {
        let mut all: Map<String, Value> =
            [("hs_object_id", id), ("createdate", created), ("hs_lastmodifieddate", updated)]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Value::from(value)))
                .collect();
        for (name, value) in properties.as_object().into_iter().flatten() {
            all.insert(name.clone(), text(value));
        }
        let at = |name: &str, default: &str| all[name].as_str().unwrap_or(default).to_owned();
        let (created_at, updated_at) = (at("createdate", created), at("hs_lastmodifieddate", updated));
        let (archived_at, changed_at, before) = (None, DateTime::UNIX_EPOCH, None);
        Self { id: id.to_owned(), properties: all, created_at, updated_at, archived_at, changed_at, before }
    }

    fn touch(&mut self, now: &str) {
        now.clone_into(&mut self.updated_at);
        // Contacts name the same time without the prefix.
        for name in ["hs_lastmodifieddate", "lastmodifieddate"] {
            self.properties.insert(name.to_owned(), Value::from(now));
        }
    }
}

/// HubSpot returns every property as text.
fn text(value: &Value) -> Value {
    match value {
        Value::String(_) | Value::Null => value.clone(),
        other => Value::from(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    fn number(record: &Record, name: &str) -> Decimal {
        record.properties[name].as_str().unwrap().parse().unwrap()
    }

    #[test]
    fn the_lines_add_up_to_the_deal() {
        let crm = Crm::new(DateTime::from_timestamp(1_790_000_000, 0).unwrap());
        let mut total = Decimal::ZERO;
        for line in crm.all("line_items") {
            let before = number(line, "price") * number(line, "quantity");
            assert_eq!(before, number(line, "hs_pre_discount_amount"));
            let percent =
                line.properties["hs_discount_percentage"].as_str().unwrap_or("0").parse::<Decimal>().unwrap();
            assert_eq!(before * percent / Decimal::ONE_HUNDRED, number(line, "hs_total_discount"));
            let amount = number(line, "amount");
            assert_eq!(amount, before - number(line, "hs_total_discount"));
            assert_eq!(
                amount * number(line, "hs_tax_rate") / Decimal::ONE_HUNDRED,
                number(line, "hs_tax_amount")
            );
            assert_eq!(amount + number(line, "hs_tax_amount"), number(line, "hs_post_tax_amount"));
            total += amount;
        }
        assert_eq!(total, number(crm.find("deals", DEAL_ID).unwrap(), "amount"));
    }
}
