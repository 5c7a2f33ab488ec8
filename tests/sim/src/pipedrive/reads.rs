//! What can be read: the lists and records of version 2, and the users and currencies of version 1.

use super::{
    Problem,
    company::Company,
    goods,
    lists::{Asked, Order, Page, page},
};
use crate::world::{Shared, World, lock};
use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use chrono::DateTime;
use http::StatusCode;
use serde_json::{Value, json};

type Answer = Result<Value, Problem>;

/// The extra members of a deal, and what each is where nothing is known of it.
const EXTRAS: [(&str, u64); 16] = [
    ("next_activity_id", 0),
    ("last_activity_id", 0),
    ("first_won_time", 0),
    ("products_count", 0),
    ("files_count", 0),
    ("notes_count", 0),
    ("followers_count", 1),
    ("email_messages_count", 0),
    ("activities_count", 0),
    ("done_activities_count", 0),
    ("undone_activities_count", 0),
    ("participants_count", 1),
    ("last_incoming_mail_time", 0),
    ("last_outgoing_mail_time", 0),
    ("smart_bcc_email", 0),
    ("source_lead_id", 0),
];

const PAGED: [&str; 4] = ["limit", "cursor", "sort_by", "sort_direction"];
const SHAPE: [&str; 4] = ["include_fields", "custom_fields", "include_option_labels", "include_labels"];
const OF_DEALS: [&str; 9] = [
    "filter_id",
    "ids",
    "owner_id",
    "person_id",
    "org_id",
    "pipeline_id",
    "stage_id",
    "updated_since",
    "updated_until",
];
const OF_PEOPLE: [&str; 7] =
    ["filter_id", "ids", "owner_id", "org_id", "deal_id", "updated_since", "updated_until"];
const STATUSES: [&str; 4] = ["open", "won", "lost", "deleted"];
const BY_TIME: [&str; 3] = ["id", "update_time", "add_time"];

fn listed(records: Vec<Value>, next: Value) -> Value {
    json!({"success": true, "data": records, "additional_data": {"next_cursor": next}})
}

fn shown(page: Page<'_>) -> Value {
    listed(page.records.into_iter().cloned().collect(), page.next)
}

fn one(record: &Value) -> Value {
    json!({"success": true, "data": record})
}

fn gone(what: &str) -> Problem {
    Problem(StatusCode::NOT_FOUND, format!("{what} not found."))
}

fn id_in(path: &str) -> Result<u64, Problem> {
    path.parse()
        .map_err(|_| Problem(StatusCode::BAD_REQUEST, "Parameter 'id' must be an integer.".to_owned()))
}

/// How a deal is shown, as its query has it.
struct Shape<'a> {
    extras: Vec<&'a str>,
    keys: Option<Vec<&'a str>>,
    option_labels: bool,
    labels: bool,
}

impl<'a> Shape<'a> {
    fn read(asked: &'a Asked, extras: &[&str]) -> Result<Self, String> {
        let keys = asked.text("custom_fields").map(|_| asked.list("custom_fields"));
        if keys.as_ref().is_some_and(|keys| keys.len() > 15) {
            return Err("Parameter 'custom_fields' must contain at most 15 items.".to_owned());
        }
        Ok(Self {
            extras: asked.words("include_fields", extras)?,
            keys,
            option_labels: asked.flag("include_option_labels")?,
            labels: asked.flag("include_labels")?,
        })
    }

    fn apply(&self, company: &Company, record: &Value) -> Value {
        let mut shown = record.clone();
        let Some(members) = shown.as_object_mut() else { return shown };
        let first_won = members.remove("first_won_time");
        for extra in &self.extras {
            let usual = EXTRAS.iter().find(|(name, _)| name == extra).map_or(0, |(_, usual)| *usual);
            let value = match *extra {
                "first_won_time" => first_won.clone().unwrap_or_default(),
                "products_count" => {
                    company.lines_of(&[record["id"].as_u64().unwrap_or_default()]).len().into()
                }
                name if name.ends_with("_count") => usual.into(),
                _ => Value::Null,
            };
            members.insert((*extra).to_owned(), value);
        }
        if let Some(fields) = members.get_mut("custom_fields").and_then(Value::as_object_mut) {
            fields.retain(|key, _| self.keys.as_ref().is_none_or(|keys| keys.contains(&key.as_str())));
            for value in fields.values_mut().filter(|value| self.option_labels && value.is_u64()) {
                *value = json!({"id": value, "label": goods::label(value)});
            }
        }
        if self.labels {
            members.insert("labels".to_owned(), json!([]));
        }
        shown
    }
}

/// Whether a record's member is what a query asks for, where it asks.
fn is(asked: &Asked, record: &Value, name: &str) -> Result<bool, String> {
    Ok(asked.integer(name)?.is_none_or(|wanted| record[name] == wanted))
}

/// Since, that second included; until, that second excluded.
fn in_time(asked: &Asked, record: &Value) -> Result<bool, String> {
    let at = record["update_time"].as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let (since, until) = (asked.time("updated_since")?, asked.time("updated_until")?);
    let Some(at) = at else { return Ok(since.is_none() && until.is_none()) };
    Ok(since.is_none_or(|since| at >= since) && until.is_none_or(|until| at < until))
}

fn no_filters(asked: &Asked) -> Result<(), Problem> {
    // A filter would take the place of every other condition; the simulated company has made none.
    asked.integer("filter_id")?.map_or(Ok(()), |_| Err(gone("Filter")))
}

/// The records of a kind that a query asks for: by id, by whom they belong to, by time.
fn found<'a>(
    company: &'a Company,
    kind: &str,
    asked: &Asked,
    members: &[&str],
) -> Result<Vec<&'a Value>, Problem> {
    no_filters(asked)?;
    let ids = asked.integers("ids")?;
    let mut found = Vec::new();
    for record in company.all(kind) {
        let mut wanted = in_time(asked, record)?
            && ids.as_ref().is_none_or(|ids| record["id"].as_u64().is_some_and(|id| ids.contains(&id)));
        for member in members {
            wanted = wanted && is(asked, record, member)?;
        }
        if wanted {
            found.push(record);
        }
    }
    Ok(found)
}

fn deals_asked(world: &World, query: Option<String>, archived: bool) -> Answer {
    let path = if archived { "deals/archived" } else { "deals" };
    let asked = Asked::read(path, query, &[&OF_DEALS[..], &PAGED, &SHAPE, &["status"]].concat(), "")?;
    let extras = EXTRAS.map(|(name, _)| name);
    let (shape, order) = (Shape::read(&asked, &extras)?, Order::read(&asked, &BY_TIME)?);
    let statuses = asked.words("status", &STATUSES)?;
    let now = world.clock.now();
    let company = lock(&world.company);
    let members = ["owner_id", "person_id", "org_id", "pipeline_id", "stage_id"];
    let mut deals = found(&company, "deals", &asked, &members)?;
    deals.retain(|deal| {
        let status = deal["status"].as_str().unwrap_or_default();
        let forgotten = deal["id"].as_u64().is_some_and(|id| company.is_forgotten(id, now));
        let of_status = if statuses.is_empty() { status != "deleted" } else { statuses.contains(&status) };
        (deal["is_archived"] == true) == archived && of_status && !forgotten
    });
    let page = page(deals, &asked, order)?;
    Ok(listed(page.records.iter().map(|deal| shape.apply(&company, deal)).collect(), page.next))
}

pub(super) async fn deals(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    super::answer(deals_asked(&world, query, false))
}

pub(super) async fn archived(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    super::answer(deals_asked(&world, query, true))
}

/// One record of a kind that can be shaped.
fn shaped(world: &World, kind: &str, id: &str, query: Option<String>, what: &str) -> Answer {
    let asked = Asked::read(kind, query, &SHAPE, "")?;
    let extras = EXTRAS.map(|(name, _)| name);
    let shape = Shape::read(&asked, &extras)?;
    let company = lock(&world.company);
    let record = company.find(kind, id_in(id)?).ok_or_else(|| gone(what))?;
    Ok(one(&shape.apply(&company, record)))
}

pub(super) async fn deal(
    State(world): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    super::answer(shaped(&world, "deals", &id, query, "Deal"))
}

pub(super) async fn person(
    State(world): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    super::answer(shaped(&world, "persons", &id, query, "Person"))
}

pub(super) async fn organization(
    State(world): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    super::answer(shaped(&world, "organizations", &id, query, "Organization"))
}

fn deals_products_asked(world: &World, query: Option<String>) -> Answer {
    let asked = Asked::read("deals/products", query, &[&PAGED[..], &["deal_ids"]].concat(), "")?;
    let order = Order::read(&asked, &["id", "deal_id", "add_time", "update_time", "order_nr"])?;
    let ids = asked.integers("deal_ids")?.ok_or("Parameter 'deal_ids' is required.".to_owned())?;
    let company = lock(&world.company);
    Ok(shown(page(company.lines_of(&ids), &asked, order)?))
}

pub(super) async fn deals_products(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    super::answer(deals_products_asked(&world, query))
}

fn deal_products_asked(world: &World, id: &str, query: Option<String>) -> Answer {
    let asked = Asked::read(&format!("deals/{id}/products"), query, &PAGED, "")?;
    let order = Order::read(&asked, &["id", "add_time", "update_time", "order_nr"])?;
    let company = lock(&world.company);
    let id = id_in(id)?;
    company.find("deals", id).ok_or_else(|| gone("Deal"))?;
    Ok(shown(page(company.lines_of(&[id]), &asked, order)?))
}

pub(super) async fn deal_products(
    State(world): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    super::answer(deal_products_asked(&world, &id, query))
}

fn discounts_asked(world: &World, id: &str, query: Option<String>) -> Answer {
    Asked::read("discounts", query, &[], "")?;
    let company = lock(&world.company);
    let id = id_in(id)?;
    company.find("deals", id).ok_or_else(|| gone("Deal"))?;
    Ok(json!({"success": true, "data": company.discounts_of(id)}))
}

pub(super) async fn discounts(
    State(world): State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    super::answer(discounts_asked(&world, &id, query))
}

/// Unlike products, installments want `deal_ids` once for each deal.
fn installments_asked(world: &World, query: Option<String>) -> Answer {
    let asked = Asked::read("deals/installments", query, &[&PAGED[..], &["deal_ids"]].concat(), "deal_ids")?;
    let order = Order::read(&asked, &["id", "billing_date", "deal_id"])?;
    let ids = asked.each("deal_ids")?;
    if ids.is_empty() {
        return Err("Parameter 'deal_ids' is required.".to_owned().into());
    }
    let company = lock(&world.company);
    let of = |record: &&Value| record["deal_id"].as_u64().is_some_and(|deal| ids.contains(&deal));
    let found = company.all("installments").filter(of).collect();
    Ok(shown(page(found, &asked, order)?))
}

pub(super) async fn installments(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    super::answer(installments_asked(&world, query))
}

fn people_asked(world: &World, kind: &'static str, query: Option<String>) -> Answer {
    let asked = Asked::read(kind, query, &[&OF_PEOPLE[..], &PAGED, &SHAPE].concat(), "")?;
    let extras = EXTRAS.map(|(name, _)| name);
    let (shape, order) = (Shape::read(&asked, &extras)?, Order::read(&asked, &BY_TIME)?);
    let company = lock(&world.company);
    let mut found = found(&company, kind, &asked, &["owner_id", "org_id"])?;
    let of_deal = asked.integer("deal_id")?;
    found.retain(|record| {
        record["is_deleted"] != true
            && of_deal.is_none_or(|deal| {
                company.find("deals", deal).is_some_and(|deal| deal["person_id"] == record["id"])
            })
    });
    let page = page(found, &asked, order)?;
    Ok(listed(page.records.iter().map(|record| shape.apply(&company, record)).collect(), page.next))
}

pub(super) async fn persons(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    super::answer(people_asked(&world, "persons", query))
}

pub(super) async fn organizations(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    super::answer(people_asked(&world, "organizations", query))
}

/// Products can be asked for since a time, and not until one.
fn products_asked(world: &World, query: Option<String>) -> Answer {
    let names = ["owner_id", "ids", "filter_id", "updated_since", "custom_fields"];
    let asked = Asked::read("products", query, &[&PAGED[..], &names].concat(), "")?;
    let order = Order::read(&asked, &["id", "name", "add_time", "update_time"])?;
    let company = lock(&world.company);
    Ok(shown(page(found(&company, "products", &asked, &["owner_id"])?, &asked, order)?))
}

pub(super) async fn products(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    super::answer(products_asked(&world, query))
}

pub(super) async fn product(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let company = lock(&world.company);
    let found = id_in(&id).and_then(|id| company.find("products", id).ok_or_else(|| gone("Product")));
    super::answer(found.map(one))
}

fn settings_asked(world: &World, kind: &str, query: Option<String>, sorts: &[&str], by: &[&str]) -> Answer {
    let asked = Asked::read(kind, query, &[&PAGED[..], by].concat(), "")?;
    let order = Order::read(&asked, sorts)?;
    let company = lock(&world.company);
    Ok(shown(page(found(&company, kind, &asked, by)?, &asked, order)?))
}

pub(super) async fn pipelines(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    super::answer(settings_asked(&world, "pipelines", query, &BY_TIME, &[]))
}

pub(super) async fn stages(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let sorts = ["id", "update_time", "add_time", "order_nr"];
    super::answer(settings_asked(&world, "stages", query, &sorts, &["pipeline_id"]))
}

/// The fields of a kind: they have no id of their own, so their place in the list is one.
fn fields_asked(kind: &str, query: Option<String>) -> Answer {
    let asked = Asked::read(kind, query, &["limit", "cursor", "include_fields"], "")?;
    asked.words("include_fields", &["ui_visibility", "important_fields", "required_fields"])?;
    let fields = goods::fields(kind).into_iter().enumerate();
    let numbered: Vec<Value> = fields.map(|(nth, field)| json!({"id": nth, "field": field})).collect();
    let page = page(numbered.iter().collect(), &asked, Order { by: "id", ascending: true })?;
    Ok(listed(page.records.iter().map(|field| field["field"].clone()).collect(), page.next))
}

pub(super) async fn deal_fields(RawQuery(query): RawQuery) -> Response {
    super::answer(fields_asked("deals", query))
}

pub(super) async fn person_fields(RawQuery(query): RawQuery) -> Response {
    super::answer(fields_asked("persons", query))
}

pub(super) async fn organization_fields(RawQuery(query): RawQuery) -> Response {
    super::answer(fields_asked("organizations", query))
}

pub(super) async fn product_fields(RawQuery(query): RawQuery) -> Response {
    super::answer(fields_asked("products", query))
}

pub(super) async fn me() -> Response {
    let me = goods::users().into_iter().next().unwrap_or_default();
    super::answer(Ok(one(&goods::over(me, &goods::company()))))
}

pub(super) async fn users() -> Response {
    super::answer(Ok(json!({"success": true, "data": goods::users()})))
}

pub(super) async fn user(Path(id): Path<String>) -> Response {
    let found = id_in(&id).and_then(|id| {
        let user = goods::users().into_iter().find(|user| user["id"] == id);
        user.ok_or_else(|| Problem(StatusCode::NOT_FOUND, "User not found or not accessible.".to_owned()))
    });
    super::answer(found.map(|user| one(&user)))
}

fn currencies_asked(query: Option<String>) -> Answer {
    let asked = Asked::read("currencies", query, &["term"], "")?;
    let term = asked.text("term").unwrap_or_default().to_lowercase();
    let named = |currency: &Value, name: &str| {
        currency[name].as_str().is_some_and(|text| text.to_lowercase().contains(&term))
    };
    let found: Vec<Value> = goods::currencies()
        .into_iter()
        .filter(|currency| named(currency, "code") || named(currency, "name"))
        .collect();
    Ok(json!({"success": true, "data": found}))
}

pub(super) async fn currencies(RawQuery(query): RawQuery) -> Response {
    super::answer(currencies_asked(query))
}
