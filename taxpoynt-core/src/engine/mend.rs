//! A refusal of the authority, with where to mend each complaint.

use super::Engine;
use crate::{
    Error, Result,
    error::Fault,
    firs::{self, Source},
    mapping::{Provenance, Rules},
    store::Document,
};
use taxpoynt_ubl::DocumentType;

/// How many complaints are told in one message; the rest stays in the error.
const MOST: usize = 5;

impl Engine {
    /// The refusal with a message that says where to mend it, and `source` in its context. A refusal that names no field,
    /// or one that the engine sets itself, stays as it is.
    pub(super) async fn with_sources(&self, document: &Document, error: Error) -> Error {
        if error.faults().is_empty() {
            return error;
        }
        let provenance: Vec<Provenance> =
            crate::json::read("engine.submit", document.document.provenance.as_bytes()).unwrap_or_default();
        // What cannot be explained is refused all the same.
        let rules = self.rules_of(document).await.unwrap_or_default();
        let record = match self.store().record(document.record, None).await {
            Ok(record) => record.raw.key.kind.as_str(),
            Err(_) => "record",
        };
        let record = format!("{record} {} at {}", document.source_id, document.platform);
        let sources: Vec<Option<Source>> = error
            .faults()
            .iter()
            .map(|fault| source(document.document.document_type, &fault.path, &provenance, &rules))
            .collect();
        explained(error, &sources, &record)
    }

    async fn rules_of(&self, document: &Document) -> Result<Rules> {
        let (tenant, _) = self.store().tenant(document.tenant).await?;
        self.rules(&document.platform, &tenant)
    }
}

fn source(
    document_type: DocumentType,
    field: &str,
    provenance: &[Provenance],
    rules: &Rules,
) -> Option<Source> {
    // A note takes its buyer over from the invoice it corrects, which no longer changes.
    if document_type != DocumentType::Invoice && field.starts_with("accounting_customer_party") {
        return None;
    }
    firs::source_of(field, provenance).or_else(|| firs::expected_source(field, rules))
}

fn explained(error: Error, sources: &[Option<Source>], record: &str) -> Error {
    let faults: Vec<Fault> = (error.faults().iter().zip(sources))
        .map(|(fault, source)| {
            let message = match source {
                Some(source) => with_remedy(&fault.message, &source.remedy(record)),
                None => fault.message.clone(),
            };
            Fault { message, ..fault.clone() }
        })
        .collect();
    let mut messages: Vec<&str> = Vec::new();
    for fault in &faults {
        if !messages.contains(&fault.message.as_str()) {
            messages.push(&fault.message);
        }
    }
    let more = messages.len().saturating_sub(MOST);
    messages.truncate(MOST);
    let mut message = messages.join(" ");
    if more > 0 {
        message.push_str(&format!(" And {more} more."));
    }
    let mut explained = Error::new(error.kind(), error.operation(), message).retry_as(error.retry());
    for (name, value) in error.context() {
        explained = explained.with(name, value.clone());
    }
    if let Some(source) = sources.iter().flatten().next() {
        explained = explained.with("source", source.to_string());
    }
    explained.with_faults(faults).caused_by(error)
}

/// `The authority needs the seller's LGA, which is missing: set address.lga of the tenant.`
fn with_remedy(sentence: &str, remedy: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let link = if sentence.contains(':') { ';' } else { ':' };
    format!("{sentence}{link} {remedy}.")
}
