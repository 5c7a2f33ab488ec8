//! A template as it is written: one TOML file that describes a platform. What each part means is in the README.

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

/// How a connection proves who it is. At least one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Auth {
    pub(crate) oauth: Option<Oauth>,
    pub(crate) key: Option<Key>,
    #[serde(default)]
    pub(crate) bearer: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) header: String,
    #[serde(default)]
    pub(crate) prefix: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Oauth {
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) revoke: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    pub(crate) scope_separator: Option<String>,
    #[serde(default)]
    pub(crate) authorize_params: Texts,
    #[serde(default)]
    pub(crate) token_params: Texts,
    #[serde(default = "yes")]
    pub(crate) pkce: bool,
    #[serde(default)]
    pub(crate) client: Client,
    #[serde(default)]
    pub(crate) body: Body,
    pub(crate) token_prefix: Option<String>,
    #[serde(default)]
    pub(crate) refusals: Vec<String>,
    /// The member of the token's answer that says where the account's API is.
    pub(crate) base_url: Option<String>,
    #[serde(default)]
    pub(crate) refresh_token: Rotation,
    pub(crate) minutes: u64,
    pub(crate) refresh_every_days: Option<u64>,
    #[serde(default)]
    pub(crate) centres: Vec<Centre>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Client {
    #[default]
    Body,
    Basic,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Body {
    #[default]
    Form,
    Json,
}

/// What becomes of a refresh token that was used.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rotation {
    Stays,
    Replaced,
    #[default]
    Undocumented,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Centre {
    pub(crate) name: String,
    pub(crate) base_url: String,
    pub(crate) authorize: String,
    pub(crate) token: String,
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

/// A list of the platform's, in pages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listing {
    pub(crate) get: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub(crate) headers: Texts,
    /// Where the answer has the list; empty: the answer is the list.
    pub(crate) records: String,
    pub(crate) pages: Option<Pages>,
}

impl Listing {
    /// Whether its call has this place: `{id}`.
    pub(crate) fn names(&self, place: &str) -> bool {
        self.get.contains(place) || self.query.values().any(|value| value.text().contains(place))
    }
}

/// A parameter of a query.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Parameter {
    Number(u32),
    Bool(bool),
    Text(String),
}

/// How a list goes on. A numbered or counted one is over where `more` is false, at the page `last`, or after a page with
/// fewer records than `size`; one of them is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Pages {
    /// A text in the answer is the parameter of the next call.
    Cursor { next: String, parameter: String },
    /// Pages are numbered.
    Page {
        parameter: String,
        #[serde(default = "first")]
        first: u64,
        more: Option<String>,
        last: Option<String>,
        size: Option<u64>,
    },
    /// Records are counted.
    Offset { parameter: String, more: Option<String>, size: Option<u64> },
    /// The header `Link` with `rel="next"` (RFC 8288).
    Link,
    /// The answer holds the URL of the next page.
    Url { next: String },
}

const fn first() -> u64 {
    1
}

/// Changed records.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pull {
    pub(crate) list: Listing,
    /// Each listed record is fetched by itself: the list does not hold it whole.
    #[serde(default)]
    pub(crate) fetch_each: bool,
    /// How `{since}` and `{until}` are written.
    #[serde(default)]
    pub(crate) times: Times,
    /// Where the answer says how many records match.
    pub(crate) total: Option<String>,
    pub(crate) overlap_seconds: Option<u64>,
    pub(crate) rescan_hours: Option<u64>,
    /// Where a listed record has its time of change, in a list that is sorted by it with the newest first: it is read
    /// until it is older than `{since}`.
    pub(crate) newest_first: Option<String>,
    /// Sorted by time of change, oldest first.
    #[serde(default = "yes")]
    pub(crate) by_time: bool,
    pub(crate) cap: Option<u64>,
    #[serde(default)]
    pub(crate) whole_seconds: bool,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Times {
    #[default]
    Rfc3339,
    Unix,
    UnixMs,
}

/// One record by its id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fetch {
    pub(crate) get: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, Parameter>,
    /// Where the answer has the root resource; left out: the answer's members are the record's.
    pub(crate) root: Option<String>,
    /// Whether a record that was there and is not found was deleted.
    #[serde(default)]
    pub(crate) missing_is_deleted: bool,
}

/// More resources for the records of a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gather {
    /// The record's member they become.
    pub(crate) member: String,
    /// Where the record says which: `deal.org_id`. Left out: they belong to the record's own id.
    pub(crate) of: Option<String>,
    /// Where each of them says whose it is: `deal_id`; of those that a record points at, their own `id`.
    pub(crate) belongs: Option<String>,
    /// How many ids one call takes in `{ids}`; without it each id is a call with `{id}`, and a call without either place
    /// reads the whole list once.
    pub(crate) batch: Option<usize>,
    /// Only for records that have these values: `{ "deal.status" = "won" }`.
    #[serde(default)]
    pub(crate) when: Texts,
    pub(crate) list: Listing,
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

/// Webhooks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    pub(crate) verify: Verify,
    /// Its rules are read with their positions by `taxpoynt_core::mapping::Fields`; here only `each` is: the list that
    /// holds the events of a delivery. Left out: it is one event. Empty: the delivery is itself the list.
    pub(crate) event: toml::Table,
    pub(crate) guide: Guide,
}

/// How a delivery proves itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Verify {
    /// HTTP Basic: this user, and the connection's webhook secret as password.
    Basic { user: String },
    /// The webhook secret in a header.
    Header { header: String },
    /// The webhook secret as the last part of the URL.
    Path,
    /// HMAC-SHA256 of parts of the request.
    Hmac { header: String, encoding: Encoding, signed: Vec<Signed> },
}

impl Verify {
    /// The header it looks at.
    pub(crate) fn header(&self) -> &str {
        match self {
            Self::Header { header } | Self::Hmac { header, .. } => header,
            Self::Basic { .. } | Self::Path => "authorization",
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    Base64,
    Hex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Signed {
    Method,
    Url,
    Body,
}

/// How a person sets the webhook up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guide {
    pub(crate) before: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) events: Vec<(String, String)>,
    pub(crate) secret: String,
    pub(crate) check: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) text: String,
    pub(crate) paste: Option<String>,
}
