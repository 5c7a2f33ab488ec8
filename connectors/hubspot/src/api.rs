//! Requests only: which call, which properties, and the answer's raw parts.

use crate::wire::Text;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeMap;
pub(crate) use taxpoynt_core::connector::gather::Raw;
use taxpoynt_core::{
    Result,
    connector::{Account, Context},
    http::api::{get_as, path_segment, query_as, query_string},
};

/// The version in the paths of the CRM. HubSpot dates its versions and supports each for 18 months.
pub const CRM_VERSION: &str = "2026-09";
/// The version in the paths of OAuth: the newest that is documented for it.
pub const OAUTH_VERSION: &str = "2026-03";

/// Records in one page of a search.
pub(crate) const PAGE: usize = 200;
/// Records in one batch read.
const BATCH: usize = 100;
/// Records whose associations are read in one call.
const ASSOCIATION_BATCH: usize = 1_000;
/// Rounds of reading the rest of long association lists.
const MAX_ROUNDS: usize = 50;

/// What is asked of a deal: HubSpot leaves out every property that is not named.
const DEAL: &[&str] = &[
    "dealname",
    "description",
    "amount",
    "deal_currency_code",
    "amount_in_home_currency",
    "hs_exchange_rate",
    "dealstage",
    "pipeline",
    "dealtype",
    "closedate",
    "createdate",
    "hs_lastmodifieddate",
    "hs_object_id",
    "hubspot_owner_id",
    "hs_is_closed",
    "hs_is_closed_won",
    "hs_deal_stage_probability",
];
const LINE_ITEM: &[&str] = &[
    "name",
    "description",
    "hs_sku",
    "hs_product_id",
    "price",
    "quantity",
    "discount",
    "hs_discount_percentage",
    "hs_pre_discount_amount",
    "hs_total_discount",
    "amount",
    "hs_tax_rate_group_id",
    "hs_tax_rate",
    "tax",
    "hs_tax_amount",
    "hs_post_tax_amount",
    "hs_line_item_currency_code",
    "recurringbillingfrequency",
    "hs_recurring_billing_period",
    "hs_position_on_quote",
];
const COMPANY: &[&str] =
    &["name", "domain", "phone", "address", "address2", "city", "state", "zip", "country", "industry", "tin"];
const CONTACT: &[&str] = &[
    "firstname",
    "lastname",
    "email",
    "phone",
    "mobilephone",
    "jobtitle",
    "address",
    "city",
    "state",
    "zip",
    "country",
];

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// 0-3
    Deal,
    /// 0-8
    LineItem,
    /// 0-2
    Company,
    /// 0-1
    Contact,
}

impl Kind {
    /// As paths and records name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Deal => "deals",
            Self::LineItem => "line_items",
            Self::Company => "companies",
            Self::Contact => "contacts",
        }
    }

    /// The properties to ask for: ours, and those that the setting `properties` adds.
    fn properties(self, cx: &Context) -> Vec<String> {
        let own = match self {
            Self::Deal => DEAL,
            Self::LineItem => LINE_ITEM,
            Self::Company => COMPANY,
            Self::Contact => CONTACT,
        };
        let extra = cx.settings.get("properties").map(String::as_str).unwrap_or_default();
        let extra = extra.split(',').map(str::trim).filter(|name| !name.is_empty() && !own.contains(name));
        own.iter().copied().chain(extra).map(str::to_owned).collect()
    }
}

#[derive(Deserialize)]
struct Results {
    total: Option<Text>,
    results: Option<Vec<Raw>>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    after: Option<Text>,
}

async fn get<T: DeserializeOwned>(cx: &Context, operation: &'static str, path: &str) -> Result<T> {
    get_as(cx, operation, path, &[]).await
}

async fn query<T: DeserializeOwned>(
    cx: &Context,
    operation: &'static str,
    path: &str,
    body: &Value,
) -> Result<T> {
    query_as(cx, operation, path, body, &[]).await
}

/// The portal.
pub(crate) async fn account(cx: &Context) -> Result<Account> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "portalId")]
        portal_id: Text,
        #[serde(rename = "uiDomain")]
        ui_domain: Option<String>,
    }
    let answer: Answer = get(cx, "hubspot.check", &format!("account-info/{CRM_VERSION}/details")).await?;
    Ok(Account { id: answer.portal_id.0, name: answer.ui_domain })
}

/// One deal.
pub(crate) async fn deal(cx: &Context, id: &str) -> Result<Raw> {
    let properties = Kind::Deal.properties(cx).join(",");
    let query = query_string(&[("properties", &properties), ("archived", "false")]);
    let path = format!("crm/objects/{CRM_VERSION}/deals/{}?{query}", path_segment(id));
    get(cx, "hubspot.fetch", &path).await
}

/// A page of deals.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) deals: Vec<Raw>,
    /// How many match in all.
    pub(crate) total: Option<u64>,
    /// The offset of the next page.
    pub(crate) after: Option<String>,
}

impl From<Results> for Found {
    fn from(results: Results) -> Self {
        let after = results.paging.and_then(|paging| paging.next).and_then(|next| next.after);
        Self {
            deals: results.results.unwrap_or_default(),
            total: results.total.as_ref().and_then(Text::get).and_then(|total| total.parse().ok()),
            after: after.as_ref().and_then(Text::get).map(str::to_owned),
        }
    }
}

/// A page of a search.
pub(crate) async fn search(
    cx: &Context,
    filters: &Value,
    sort_by: &str,
    after: Option<&str>,
) -> Result<Found> {
    let mut body = json!({
        "filterGroups": [{ "filters": filters }],
        "sorts": [{ "propertyName": sort_by, "direction": "ASCENDING" }],
        "properties": Kind::Deal.properties(cx),
        "limit": PAGE,
    });
    if let (Some(after), Some(members)) = (after, body.as_object_mut()) {
        members.insert("after".to_owned(), json!(after));
    }
    let path = format!("crm/objects/{CRM_VERSION}/deals/search");
    query::<Results>(cx, "hubspot.pull", &path, &body).await.map(Found::from)
}

/// A page of the recycle bin.
pub(crate) async fn archived(cx: &Context, after: Option<&str>) -> Result<Found> {
    let mut pairs = vec![("limit", "100"), ("archived", "true"), ("properties", "hs_object_id")];
    pairs.extend(after.map(|after| ("after", after)));
    let path = format!("crm/objects/{CRM_VERSION}/deals?{}", query_string(&pairs));
    get::<Results>(cx, "hubspot.deleted", &path).await.map(Found::from)
}

/// Objects by id, in the order HubSpot gives them; what is gone is left out.
pub(crate) async fn objects(cx: &Context, kind: Kind, ids: &[String]) -> Result<Vec<Raw>> {
    let properties = kind.properties(cx);
    let path = format!("crm/objects/{CRM_VERSION}/{}/batch/read", kind.name());
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(BATCH) {
        let inputs: Vec<_> = chunk.iter().map(|id| json!({ "id": id })).collect();
        let body = json!({ "inputs": inputs, "properties": properties });
        let answer: Results = query(cx, "hubspot.objects", &path, &body).await?;
        found.extend(answer.results.unwrap_or_default());
    }
    Ok(found)
}

/// What deals are associated with, each unaltered: `{toObjectId, associationTypes}`.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// By deal; one without any is left out.
    pub(crate) of: BTreeMap<String, Vec<Raw>>,
    /// Whether a deal's part of an answer could not be read.
    pub(crate) unreadable: bool,
}

/// What `deals` are associated with.
pub(crate) async fn associations(cx: &Context, to: Kind, deals: &[String]) -> Result<Links> {
    #[derive(Deserialize)]
    struct One {
        from: From,
        to: Option<Vec<Raw>>,
        paging: Option<Paging>,
    }
    #[derive(Deserialize)]
    struct From {
        id: Text,
    }
    let path = format!("crm/associations/{CRM_VERSION}/deals/{}/batch/read", to.name());
    let mut found = Links::default();
    for chunk in deals.chunks(ASSOCIATION_BATCH) {
        let mut inputs: Vec<_> = chunk.iter().map(|id| json!({ "id": id })).collect();
        // Each deal's list has pages of its own.
        for _ in 0..MAX_ROUNDS {
            if inputs.is_empty() {
                break;
            }
            let body = json!({ "inputs": inputs });
            let answer: Results = query(cx, "hubspot.associations", &path, &body).await?;
            inputs.clear();
            for one in answer.results.unwrap_or_default() {
                let Ok(One { from, to, paging }) = serde_json::from_str(one.get()) else {
                    found.unreadable = true;
                    continue;
                };
                let after = paging.and_then(|paging| paging.next).and_then(|next| next.after);
                if let Some(after) = after.as_ref().and_then(Text::get) {
                    inputs.push(json!({ "id": from.id.0, "after": after }));
                }
                found.of.entry(from.id.0).or_default().extend(to.unwrap_or_default());
            }
        }
    }
    Ok(found)
}

/// All pipelines of deals.
pub(crate) async fn pipelines(cx: &Context) -> Result<Vec<Raw>> {
    let path = format!("crm/pipelines/{CRM_VERSION}/deals");
    Ok(get::<Results>(cx, "hubspot.pipelines", &path).await?.results.unwrap_or_default())
}

/// All tax rates.
pub(crate) async fn tax_rates(cx: &Context) -> Result<Vec<Raw>> {
    let path = format!("tax-rates/{CRM_VERSION}/tax-rates");
    Ok(get::<Results>(cx, "hubspot.tax_rates", &path).await?.results.unwrap_or_default())
}
