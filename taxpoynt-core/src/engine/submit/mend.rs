//! A refusal of the authority, with where to mend each complaint.

use crate::engine::Engine;
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
        let record = self.store().record(document.record, None).await?;
        self.rules(&document.platform, record.connection, &tenant).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Retry};

    fn refusal(paths: &[&str]) -> Error {
        let fault = |path: &&str| Fault {
            id: "authority".into(),
            severity: "fatal",
            path: (*path).into(),
            message: format!("The authority refused {path}."),
        };
        Error::new(ErrorKind::Rejected, "firs.sign", "The authority refused a.")
            .with("field", "a")
            .with("error_id", "e-1")
            .with_faults(paths.iter().map(fault).collect())
    }

    fn setting(name: &str) -> Option<Source> {
        Some(Source::Setting { name: name.to_owned() })
    }

    #[test]
    fn the_first_source_known_stands_in_the_context_and_nothing_of_the_error_is_lost() {
        let error =
            explained(refusal(&["a", "b", "c"]), &[None, setting("tin"), setting("name")], "deal 1 at x");
        assert_eq!(error.get("source"), Some("tenant.tin"));
        assert_eq!((error.get("field"), error.get("error_id")), (Some("a"), Some("e-1")));
        assert_eq!(
            (error.kind(), error.retry(), error.operation()),
            (ErrorKind::Rejected, Retry::Never, "firs.sign")
        );
        let faults: Vec<&str> = error.faults().iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(
            faults,
            [
                "The authority refused a.",
                "The authority refused b: set tin of the tenant.",
                "The authority refused c: set name of the tenant."
            ]
        );
        assert_eq!(error.message(), faults.join(" "));
    }

    #[test]
    fn a_long_list_of_complaints_is_cut_and_says_so_and_a_repeated_one_is_told_once() {
        let paths: Vec<String> = (0..7).map(|n| format!("f{n}")).collect();
        let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        paths.push("f0");
        let error = explained(refusal(&paths), &vec![None; paths.len()], "deal 1 at x");
        assert!(error.message().ends_with("The authority refused f4. And 2 more."), "{}", error.message());
        assert_eq!(error.faults().len(), 8);
        assert_eq!(error.get("source"), None);
    }
}
