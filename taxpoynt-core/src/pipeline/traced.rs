//! The draft of a record together with how each of its fields came about, for those who ask where one came from.

use super::{Drafted, Issued, draft, draft::sources};
use crate::{
    Result,
    connector::Connector,
    mapping::{self, Record, Rules, Traced},
    model::{RawRecord, SourceDocument},
    tenant::Tenant,
};
use chrono::NaiveDate;

/// What one source document became, and how.
#[derive(Debug, Clone)]
pub struct TracedDraft {
    /// As [`draft`] gives it.
    pub drafted: Drafted,
    /// What the connector read.
    pub document: SourceDocument,
    /// For each target the rules that were looked at.
    pub targets: Vec<Traced>,
}

/// As [`draft`], with how each field came about. Slower: every rule is applied twice.
///
/// # Errors
/// As `draft`.
pub fn traced(
    connector: &dyn Connector,
    raw: &RawRecord,
    tenant: &Tenant,
    rules: &Rules,
    issued: &[Issued],
    today: Option<NaiveDate>,
) -> Result<Vec<TracedDraft>> {
    let drafts = draft(connector, raw, tenant, rules, issued, today)?;
    let record = Record::new(&raw.body, &connector.info().record)?;
    let documents = sources(connector, raw, tenant)?;
    let traced = |(drafted, document): (Drafted, SourceDocument)| {
        let targets = mapping::trace(rules, &document, &record, tenant)?;
        Ok(TracedDraft { drafted, document, targets })
    };
    drafts.into_iter().zip(documents).map(traced).collect()
}
