//! Capability as data: what a connector says it can do, and thereby signs up to be tested for.

use crate::auth::AuthScheme;
use std::time::Duration;

/// Which kind of platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Family {
    /// Customer relationship management: deals.
    Crm,
    /// Point of sale: tills.
    Pos,
}

/// One thing a connector can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Capability {
    /// Pages of changed records.
    Pull,
    /// One record by id.
    Fetch,
    /// Signed webhooks.
    Webhook,
    /// Shops can be listed.
    Locations,
    /// Pipelines can be listed.
    Pipelines,
    /// Refunds become credit notes.
    Refunds,
    /// A day can be counted: what the platform holds can be compared with what is stored.
    Tally,
    /// Deleted records can be listed.
    Deletions,
}

/// How a platform lists changes: what a pull must do so that it misses nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct PullRules {
    /// How late a change may show up in the listing (index lag, late commits): each pull reads this much again.
    pub overlap: Duration,
    /// Once a day a pull reads this much again, for what comes later still, such as tills that were offline.
    pub rescan: Option<Duration>,
    /// The listing can be sorted by time of change, oldest first. Then no page is found by an offset.
    pub by_time: bool,
    /// The listing can be sorted by id and begin after one.
    pub by_id: bool,
    /// A query gives at most so many rows, on all its pages together.
    pub cap: Option<u64>,
    /// The smallest step of the platform's times in a filter.
    pub resolution: Duration,
    /// A record that was there and is `NotFound` was deleted, or merged into another.
    pub deletes: bool,
}

impl PullRules {
    /// What nothing is known of: five minutes of overlap, sorted by time, milliseconds.
    pub const DEFAULT: Self = Self {
        overlap: Duration::from_secs(300),
        rescan: None,
        by_time: true,
        by_id: false,
        cap: None,
        resolution: Duration::from_millis(1),
        deletes: false,
    };
}

impl Default for PullRules {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pull,
        Self::Fetch,
        Self::Webhook,
        Self::Locations,
        Self::Pipelines,
        Self::Refunds,
        Self::Tally,
        Self::Deletions,
    ];

    /// Its name in lists and errors, as it is serialized.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Fetch => "fetch",
            Self::Webhook => "webhook",
            Self::Locations => "locations",
            Self::Pipelines => "pipelines",
            Self::Refunds => "refunds",
            Self::Tally => "tally",
            Self::Deletions => "deletions",
        }
    }
}

/// A setting of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Setting {
    /// Its name in `settings`.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Whether a connection needs it.
    pub required: bool,
}

/// How a record of this platform is laid out (contract: records).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct RecordShape {
    /// The member that a bare object stands for: `order`, `deal`.
    pub root: &'static str,
    /// Members that are lists, each with the singular that counts as a list of one: `("payments", "payment")`.
    pub lists: &'static [(&'static str, &'static str)],
    /// The field that holds the sale's currency: `order.total_money.currency`.
    pub currency: &'static str,
    /// The other members: `customer`, `location`.
    pub singles: &'static [&'static str],
    /// Lists that stand for another one where a sale is taken back: a rule that reads `order.line_items[].x` reads
    /// `x` of the returned line. From, to; the first whose elements the item is bound to.
    pub stand_ins: &'static [(&'static str, &'static str)],
}

impl RecordShape {
    /// Any JSON object, an answer or a webhook: a path begins with one of its members.
    pub const ANY: Self = Self { root: "", lists: &[], currency: "", singles: &[], stand_ins: &[] };
}

/// Who a connector is.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct ConnectorInfo {
    /// `square`, `hubspot`.
    pub id: &'static str,
    /// The platform's name.
    pub name: &'static str,
    /// CRM or till.
    pub family: Family,
    /// How connections authenticate.
    pub auth: &'static [AuthScheme],
    /// What it can do.
    pub capabilities: &'static [Capability],
    /// Where the API is, with a trailing slash; a connection's `base_url` overrides it.
    pub base_url: &'static str,
    /// Hosts that a connection's `base_url` may name besides that of `base_url`: `sandbox.platform.com`, and
    /// `*.platform.com` for any name below it. Other hosts only where the engine's `allow_hosts` has them.
    pub hosts: &'static [&'static str],
    /// The settings of a connection.
    pub settings: &'static [Setting],
    /// The record's layout.
    pub record: RecordShape,
    /// The default mapping rules, TOML.
    pub rules: &'static str,
    /// How it lists changes.
    pub pull: PullRules,
    /// Calls a second that a new connection starts with; the platform's own headers then teach the limiter.
    pub calls_per_second: u32,
}

impl ConnectorInfo {
    /// Whether it claims `capability`.
    #[must_use]
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}
