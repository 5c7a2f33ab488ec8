//! A template as it is written: one TOML file that describes a platform. What each part means is in the README.

mod auth;
mod list;
mod reading;
mod webhook;

pub(crate) use auth::{Auth, Body, Client, Oauth, Rotation};
pub(crate) use list::{Listing, Pages, Parameter};
pub(crate) use reading::{Fetch, Gather, Pull, Times};
pub(crate) use webhook::{Encoding, Signed, Verify, Webhook};

use serde::Deserialize;
use std::collections::BTreeMap;

/// Texts by name, as tables hold them.
pub(crate) type Texts = BTreeMap<String, String>;

/// A whole template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    pub(crate) version: u32,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) family: Family,
    pub(crate) base_url: String,
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    #[serde(default)]
    pub(crate) headers: Texts,
    #[serde(default)]
    pub(crate) settings: Vec<Setting>,
    pub(crate) limits: Limits,
    pub(crate) auth: Auth,
    pub(crate) check: Check,
    pub(crate) record: Record,
    pub(crate) pull: Option<Pull>,
    pub(crate) fetch: Fetch,
    #[serde(default)]
    pub(crate) gather: Vec<Gather>,
    /// Records that were deleted.
    pub(crate) deleted: Option<Listing>,
    pub(crate) pipelines: Option<Pipelines>,
    pub(crate) locations: Option<Locations>,
    pub(crate) webhook: Option<Webhook>,
    /// Its rules are read with their positions by `taxpoynt_core::mapping::Fields`; here only `each` is.
    pub(crate) map: BTreeMap<String, toml::Table>,
    #[serde(default)]
    pub(crate) rules: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Family {
    Crm,
    Pos,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) required: bool,
}

/// How often the platform may be called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) calls: u32,
    #[serde(default = "one_second")]
    pub(crate) seconds: u64,
    pub(crate) burst: Option<u32>,
    pub(crate) headers: Option<LimitHeaders>,
    pub(crate) daily: Option<Daily>,
}

const fn one_second() -> u64 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitHeaders {
    pub(crate) remaining: Option<String>,
    pub(crate) reset: Option<String>,
    #[serde(default)]
    pub(crate) reset_in: Unit,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Millis,
    #[default]
    Seconds,
    UnixSeconds,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Daily {
    pub(crate) limit: Option<String>,
    pub(crate) remaining: Option<String>,
    /// The member and value by which the body of a 429 tells that the day is used up.
    pub(crate) used_up: Option<(String, String)>,
}

const fn yes() -> bool {
    true
}

/// The cheapest authenticated call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    pub(crate) get: String,
    /// Where the answer has the account's id; left out: the account is known by the host it is called at.
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
}

/// How a record is laid out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) root: String,
    /// Where the root resource has its id.
    #[serde(default = "id")]
    pub(crate) id: String,
    /// Members that are lists, each with the singular that counts as a list of one.
    #[serde(default)]
    pub(crate) lists: Texts,
    #[serde(default)]
    pub(crate) members: Vec<String>,
    /// Where the currency is: `deal.currency`.
    pub(crate) currency: String,
}

fn id() -> String {
    "id".to_owned()
}

/// Sales pipelines with their stages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pipelines {
    pub(crate) list: Listing,
    #[serde(default = "id")]
    pub(crate) id: String,
    #[serde(default = "name")]
    pub(crate) name: String,
    pub(crate) stages: Stages,
}

fn name() -> String {
    "name".to_owned()
}

/// The stages of pipelines: a list inside each pipeline, or one of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stages {
    /// Where a pipeline holds them.
    pub(crate) inside: Option<String>,
    pub(crate) list: Option<Listing>,
    /// Where a stage of the list says its pipeline.
    pub(crate) pipeline: Option<String>,
    #[serde(default = "id")]
    pub(crate) id: String,
    #[serde(default = "name")]
    pub(crate) name: String,
    /// A stage with these values is closed and won.
    #[serde(default)]
    pub(crate) won: Texts,
}

/// Shops.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Locations {
    pub(crate) list: Listing,
    #[serde(default = "id")]
    pub(crate) id: String,
    #[serde(default = "name")]
    pub(crate) name: String,
    pub(crate) timezone: Option<String>,
    pub(crate) country: Option<String>,
}
