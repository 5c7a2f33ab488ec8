//! The simulated company: deals with their lines, discounts and installments, and whom they are with.

use super::{
    PipedriveSettings,
    goods::{self, COMPANY_ID, DEAL_ID, Offer, USER_ID, over},
};
use crate::{clock::rfc3339, spoil::Spoil, webhook::Refused};
use aws_lc_rs::digest;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Deleted deals can be asked for so long.
const DELETED_SHOW: TimeDelta = TimeDelta::days(30);

/// Everything the company has.
#[derive(Debug)]
pub(crate) struct Company {
    records: BTreeMap<&'static str, BTreeMap<u64, Value>>,
    pub(super) discounts: Vec<Value>,
    deleted_at: BTreeMap<u64, DateTime<Utc>>,
    pub(super) settings: PipedriveSettings,
    made: u64,
    events: u64,
}

/// Version 2 tells times to the second.
pub(super) fn second(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The company's own calendar day, in Lagos.
fn day(at: DateTime<Utc>) -> String {
    (at + TimeDelta::hours(1)).date_naive().to_string()
}

/// A UUID that is the same in every run.
fn uuid(of: &str) -> String {
    let text: String = digest::digest(&digest::SHA256, of.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{}-4{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..32])
}

fn id_of(record: &Value) -> Option<u64> {
    record["id"].as_u64()
}

impl Company {
    /// The company as it is at the start: one open deal, changed a day ago.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let mut company = Self {
            records: BTreeMap::new(),
            discounts: Vec::new(),
            deleted_at: BTreeMap::new(),
            settings: PipedriveSettings::default(),
            made: 0,
            events: 0,
        };
        let (long_ago, then) = (second(now - TimeDelta::days(40)), now - TimeDelta::days(1));
        for (kind, list) in [
            ("products", goods::products(&long_ago)),
            ("pipelines", goods::pipelines(&long_ago)),
            ("stages", goods::stages(&long_ago)),
        ] {
            list.into_iter().for_each(|record| company.keep(kind, record));
        }
        for given in goods::organizations() {
            company.keep("organizations", over(goods::organization(0, &long_ago), &given));
        }
        for given in goods::persons() {
            company.keep("persons", over(goods::person(0, &long_ago), &given));
        }
        company.add_deal(DEAL_ID, &Offer::Exclusive.records(), then);
        company
    }

    fn keep(&mut self, kind: &'static str, record: Value) {
        if let Some(id) = id_of(&record) {
            self.records.entry(kind).or_default().insert(id, record);
        }
    }

    /// The records of a kind, by id.
    pub(super) fn all(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.records.get(kind).into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn any(&self, kind: &str, id: u64) -> Option<&Value> {
        self.records.get(kind)?.get(&id)
    }

    /// A record that was not deleted.
    pub(super) fn find(&self, kind: &str, id: u64) -> Option<&Value> {
        self.any(kind, id).filter(|record| record["is_deleted"] != true)
    }

    fn mutable(&mut self, kind: &str, id: u64) -> Option<&mut Value> {
        self.records.get_mut(kind)?.get_mut(&id).filter(|record| record["is_deleted"] != true)
    }

    /// Whether a deal was deleted too long ago to be asked for.
    pub(super) fn is_forgotten(&self, id: u64, now: DateTime<Utc>) -> bool {
        self.deleted_at.get(&id).is_some_and(|at| now - *at > DELETED_SHOW)
    }

    /// The lines of deals, whichever are asked for.
    pub(super) fn lines_of(&self, deals: &[u64]) -> Vec<&Value> {
        let live = |line: &&Value| {
            let deal = line["deal_id"].as_u64();
            deal.is_some_and(|deal| deals.contains(&deal) && self.find("deals", deal).is_some())
        };
        self.all("deal_products").filter(live).collect()
    }

    /// What a deal itself is discounted by.
    pub(super) fn discounts_of(&self, deal: u64) -> Vec<&Value> {
        self.discounts.iter().filter(|discount| discount["deal_id"] == deal).collect()
    }

    /// A number that no record has.
    fn number(&mut self) -> u64 {
        self.made += 1;
        20_000 + self.made
    }

    /// A new deal of an offer; gives its id and the event.
    pub(super) fn offer(&mut self, offer: Offer, at: DateTime<Utc>) -> (u64, Value) {
        let id = self.number();
        self.add_deal(id, &offer.records(), at);
        let data = self.any("deals", id).map(event_data).unwrap_or_default();
        (id, self.event(("create", "deal", id), data, Value::Null, at))
    }

    /// Records of one's own: `{deal, products, discounts, installments, organizations, persons}`.
    pub(super) fn put(&mut self, records: &Value, at: DateTime<Utc>) -> Result<u64, Refused> {
        let now = second(at);
        for (kind, usual) in
            [("organizations", goods::organization(0, &now)), ("persons", goods::person(0, &now))]
        {
            for given in records[kind].as_array().into_iter().flatten() {
                id_of(given)
                    .ok_or_else(|| Refused(format!("every one of `{kind}` needs a number as its `id`")))?;
                self.keep(kind, over(usual.clone(), given));
            }
        }
        let deal = &records["deal"];
        let id = match (deal, id_of(deal)) {
            (Value::Null, _) => DEAL_ID,
            (_, Some(id)) => id,
            (_, None) => return Err(Refused("the deal needs a number as its `id`".to_owned())),
        };
        if deal.is_null() {
            self.touch(id, at);
        } else {
            self.add_deal(id, records, at);
        }
        Ok(id)
    }

    /// Puts in a deal with what belongs to it, in place of what has the same id.
    fn add_deal(&mut self, id: u64, records: &Value, at: DateTime<Utc>) {
        let now = second(at);
        let mut deal = over(goods::deal(id, &now), &records["deal"]);
        deal["id"] = id.into();
        if deal["status"] == "won" && deal["won_time"].is_null() {
            close(&mut deal, "won", at);
        }
        self.deleted_at.remove(&id);
        for kind in ["deal_products", "installments"] {
            self.records.entry(kind).or_default().retain(|_, record| record["deal_id"] != id);
        }
        self.discounts.retain(|discount| discount["deal_id"] != id);
        let given = |name: &str| records[name].as_array().cloned().unwrap_or_default();
        for (nth, line) in given("products").iter().enumerate() {
            let usual = goods::line(self.number(), &deal, nth, &now);
            let mut line = over(usual, line);
            if records["products"][nth]["sum"].is_null() {
                line["sum"] = goods::sum(&line, self.settings.amount_discount);
            }
            self.keep("deal_products", line);
        }
        for (nth, discount) in given("discounts").iter().enumerate() {
            let usual = json!({
                "id": uuid(&format!("discount {id} {nth}")), "description": "", "amount": 0, "type": "percentage",
                "deal_id": id, "created_at": now, "created_by": USER_ID, "updated_at": now, "updated_by": USER_ID,
            });
            self.discounts.push(over(usual, discount));
        }
        for installment in given("installments") {
            let usual = json!({"id": self.number(), "amount": 0, "billing_date": null, "deal_id": id, "description": ""});
            self.keep("installments", over(usual, &installment));
        }
        let by_hand = !records["deal"]["value"].is_null();
        self.keep("deals", deal);
        if !by_hand {
            self.value(id);
        }
    }

    /// Reckons a deal's value from its lines; one without lines keeps what was typed.
    fn value(&mut self, id: u64) {
        let lines = self.lines_of(&[id]);
        if lines.is_empty() {
            return;
        }
        let value = goods::value(&lines, &self.discounts_of(id));
        if let Some(deal) = self.mutable("deals", id) {
            deal["value"] = value;
        }
    }

    /// Wins or loses a deal, or opens it again; gives the event.
    pub(super) fn close(&mut self, id: u64, status: &str, at: DateTime<Utc>) -> Option<Value> {
        self.alter(id, at, |deal| close(deal, status, at))
    }

    /// Sets a member of a deal; gives the event.
    pub(super) fn set(&mut self, id: u64, (name, value): (&str, &Value), at: DateTime<Utc>) -> Option<Value> {
        self.alter(id, at, |deal| match deal["custom_fields"].as_object_mut() {
            // A field of one's own is told by its forty digits.
            Some(fields) if name.len() == 40 => {
                fields.insert(name.to_owned(), value.clone());
            }
            _ => deal[name] = value.clone(),
        })
    }

    /// Archives a deal: lists do not show it any more.
    pub(super) fn archive(&mut self, id: u64, at: DateTime<Utc>) -> Option<Value> {
        self.alter(id, at, |deal| {
            deal["is_archived"] = true.into();
            deal["archive_time"] = second(at).into();
        })
    }

    fn alter(&mut self, id: u64, at: DateTime<Utc>, change: impl FnOnce(&mut Value)) -> Option<Value> {
        let deal = self.mutable("deals", id)?;
        let before = event_data(deal);
        change(deal);
        deal["update_time"] = second(at).into();
        let after = event_data(deal);
        let previous = changed(&before, &after);
        Some(self.event(("change", "deal", id), after, previous, at))
    }

    /// Deletes a deal; gives the event.
    pub(super) fn delete(&mut self, id: u64, at: DateTime<Utc>) -> Option<Value> {
        let deal = self.mutable("deals", id)?;
        let before = event_data(deal);
        deal["status"] = "deleted".into();
        deal["is_deleted"] = true.into();
        deal["update_time"] = second(at).into();
        self.deleted_at.insert(id, at);
        Some(self.event(("delete", "deal", id), Value::Null, before, at))
    }

    /// Sets a member of a line of a deal; gives the event. Whether the deal's own time moves with it is a switch.
    pub(super) fn set_line(
        &mut self,
        id: u64,
        (name, value): (&str, &Value),
        at: DateTime<Utc>,
    ) -> Option<Value> {
        let (amounts, touches) = (self.settings.amount_discount, self.settings.lines_touch_deals);
        let line = self.mutable("deal_products", id)?;
        let before = line.clone();
        line[name] = value.clone();
        line["update_time"] = second(at).into();
        line["sum"] = goods::sum(line, amounts);
        let (after, deal) = (line.clone(), line["deal_id"].as_u64()?);
        self.value(deal);
        if touches {
            self.touch(deal, at);
        }
        let previous = changed(&before, &after);
        Some(self.event(("change", "deal_product", id), after, previous, at))
    }

    /// Moves a record's modified time on.
    pub(super) fn touch(&mut self, id: u64, at: DateTime<Utc>) -> bool {
        let kinds = ["deals", "organizations", "persons", "products"];
        let kind = kinds.into_iter().find(|kind| self.find(kind, id).is_some());
        let Some(record) = kind.and_then(|kind| self.mutable(kind, id)) else { return false };
        record["update_time"] = second(at).into();
        true
    }

    /// Touches one of the deals, told by any number.
    pub(super) fn touch_one(&mut self, which: u64, at: DateTime<Utc>) -> bool {
        let ids: Vec<u64> = self.all("deals").filter_map(id_of).collect();
        let count = u64::try_from(ids.len()).unwrap_or(u64::MAX).max(1);
        let nth = usize::try_from(which % count).unwrap_or_default();
        ids.get(nth).is_some_and(|id| self.touch(*id, at))
    }

    /// Spoils a record for good.
    pub(super) fn spoil(&mut self, id: u64, how: Spoil) -> bool {
        let kinds = ["deals", "deal_products", "organizations", "persons"];
        let kind = kinds.into_iter().find(|kind| self.find(kind, id).is_some());
        let Some(record) = kind.and_then(|kind| self.mutable(kind, id)) else { return false };
        let mut all = json!({"record": record});
        how.apply(&mut all["record"]);
        *record = all["record"].take();
        true
    }

    /// A won deal of one line, dated as told; gives its id and its amount in kobo.
    pub(super) fn stock(&mut self, at: DateTime<Utc>) -> (String, i64) {
        let id = self.number();
        let naira = 1_000 + i64::try_from(id * 37 % 90_000).unwrap_or(0);
        let records = json!({
            "deal": {"title": format!("Deal {id}"), "org_id": goods::ORGANIZATION_ID, "person_id": goods::PERSON_ID, "status": "won"},
            "products": [{"product_id": 31, "name": "Cold room panel", "quantity": 1, "item_price": naira, "tax": 7.5, "tax_method": "exclusive"}],
        });
        self.add_deal(id, &records, at);
        (id.to_string(), naira * 100)
    }

    /// An event as each webhook gets it, but for the webhook's own id and the attempt.
    fn event(
        &mut self,
        (action, entity, id): (&str, &str, u64),
        data: Value,
        previous: Value,
        at: DateTime<Utc>,
    ) -> Value {
        self.events += 1;
        let nth = self.events;
        json!({
            "data": data, "previous": previous,
            "meta": {
                "action": action, "company_id": COMPANY_ID.to_string(), "correlation_id": uuid(&format!("correlation {nth}")),
                "entity_id": id.to_string(), "entity": entity, "id": uuid(&format!("event {nth}")), "is_bulk_edit": false,
                "timestamp": rfc3339(at), "type": "general", "user_id": USER_ID.to_string(), "version": "2.0",
                "webhook_id": "", "webhook_owner_id": USER_ID.to_string(), "change_source": "app", "attempt": 1,
                "host": "simulated-kitchen.pipedrive.com", "permitted_user_ids": [USER_ID.to_string()],
            },
        })
    }
}

/// Sets a deal's status and the times that go with it.
fn close(deal: &mut Value, status: &str, at: DateTime<Utc>) {
    let (now, today) = (second(at), day(at));
    let when = |set: bool, text: &str| if set { Value::from(text) } else { Value::Null };
    let (won, lost) = (status == "won", status == "lost");
    deal["status"] = status.into();
    deal["won_time"] = when(won, &now);
    deal["local_won_date"] = when(won, &today);
    deal["lost_time"] = when(lost, &now);
    deal["local_lost_date"] = when(lost, &today);
    deal["close_time"] = when(won || lost, &now);
    deal["local_close_date"] = when(won || lost, &today);
    if won && deal["first_won_time"].is_null() {
        deal["first_won_time"] = now.into();
    }
}

/// A deal as webhooks have it: `visible_to` is text, custom fields carry their types, some members are not there.
fn event_data(deal: &Value) -> Value {
    let absent = ["archive_time", "is_deleted", "local_won_date", "local_lost_date", "local_close_date"];
    let mut data: Map<String, Value> = deal.as_object().cloned().unwrap_or_default();
    data.retain(|name, _| !absent.contains(&name.as_str()));
    data.insert("visible_to".to_owned(), deal["visible_to"].to_string().into());
    data.insert("custom_fields".to_owned(), goods::typed(&deal["custom_fields"]));
    Value::Object(data)
}

/// What members were before, of those that changed.
fn changed(before: &Value, after: &Value) -> Value {
    let members = before.as_object().into_iter().flatten();
    members
        .filter(|(name, value)| after[name.as_str()] != **value)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
