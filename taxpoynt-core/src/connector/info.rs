//! Capability as data: what a connector says it can do, and thereby signs up to be tested for.

use crate::auth::AuthScheme;

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
