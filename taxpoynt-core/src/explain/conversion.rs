//! The explanation of a record that is converted without storage.

use super::{Explanation, IssueDay, Made, Subject, WhyHeld, elements, remedy, target, versions};
use crate::{
    Error, ErrorKind, Result,
    connector::Connector,
    mapping::{self, Looked, Record, Rules},
    model::SourceDocument,
    pipeline::{ConvertOptions, Issued, Outcome, TracedDraft, convert_numbered, traced},
    store::Held,
    tenant::Tenant,
};
use taxpoynt_ubl::{Invoice, to_xml};

/// Explains what [`convert`](crate::pipeline::convert) makes of a record: one explanation an outcome, in the same order.
///
/// # Errors
/// As `convert`.
pub fn conversion(
    connector: &dyn Connector,
    record: &[u8],
    tenant: &Tenant,
    options: &ConvertOptions<'_>,
) -> Result<Vec<Explanation>> {
    let (raw, rules, outcomes) = convert_numbered(connector, record, tenant, options)?;
    let drafts = traced(connector, &raw, tenant, &rules, options.issued, options.issue_date)?;
    let record = Record::new(&raw.body, &connector.info().record)?;
    let (versions, copied) = (versions(connector, tenant), connector.copied_in(&raw.body));
    let issued = if options.issue_date.is_some() { IssueDay::Given } else { IssueDay::OfSale };
    let explain = |((outcome, taken), draft): ((Outcome, Option<(String, u64)>), TracedDraft)| {
        let source_id = draft.document.sale().id.clone();
        let conversion = match outcome {
            Outcome::Held(held) => {
                let held = why_held(&held, &draft, &rules, &record, tenant)?;
                return Ok(Explanation { source_id, held, ..Explanation::default() });
            }
            Outcome::Document(conversion) => conversion,
        };
        let xml = to_xml(&conversion.invoice)
            .map_err(|e| Error::new(ErrorKind::Validation, "explain.write", e.to_string()))?;
        let series = taken.as_ref().map_or(("", None), |(series, number)| (series.as_str(), Some(*number)));
        let elements = elements(Subject {
            invoice: &conversion.invoice,
            xml: &xml,
            provenance: &conversion.provenance,
            tenant: Some(tenant),
            draft: Some(&draft),
            record: Some(&record),
            copied: &copied,
            made: Made::FromRecord(original_of(&draft.document, options.issued)),
            series,
            issued,
            versions: &versions,
        })?;
        Ok(Explanation {
            number: conversion.invoice.number,
            source_id,
            fields: conversion.provenance,
            elements,
            notes: conversion.remarks,
            ..Explanation::default()
        })
    };
    outcomes.into_iter().zip(drafts).map(explain).collect()
}

/// The invoice that a refund takes back from, where it is at hand.
pub(crate) fn original_of<'i>(document: &SourceDocument, issued: &'i [Issued]) -> Option<&'i Invoice> {
    let SourceDocument::Refund(refund) = document else { return None };
    let id = refund.original_id.as_deref()?;
    issued.iter().find(|issued| issued.source_id == id)?.invoice.as_deref()
}

/// Every reason why a draft waits; of what rules could not decide, with the rules that were looked at.
pub(crate) fn why_held(
    held: &Held,
    draft: &TracedDraft,
    rules: &Rules,
    record: &Record<'_>,
    tenant: &Tenant,
) -> Result<Vec<WhyHeld>> {
    let looked = |target: &str| -> Vec<Looked> {
        let traced = draft.targets.iter().find(|traced| traced.target == target);
        traced.map(|traced| traced.rules.clone()).unwrap_or_default()
    };
    let of = |code: &str, message: &str, target: Option<String>| WhyHeld {
        code: code.to_owned(),
        message: message.to_owned(),
        rules: target.as_deref().map(&looked).unwrap_or_default(),
        target,
        remedy: remedy(code).to_owned(),
    };
    let reasons = mapping::apply(rules, &draft.document, record, tenant)?.reasons;
    let is_of_mapping = reasons.iter().any(|r| r.code == held.code && r.message == held.message);
    if is_of_mapping {
        return Ok(reasons.iter().map(|r| of(r.code, &r.message, Some(r.target.clone()))).collect());
    }
    Ok(match target(&held.code) {
        Some("classification") => {
            let open = |traced: &&mapping::Traced| {
                traced.target.ends_with("].classification") && traced.decided().is_none()
            };
            let first = draft.targets.iter().find(open).map(|traced| traced.target.clone());
            vec![of(&held.code, &held.message, first)]
        }
        target => vec![of(&held.code, &held.message, target.map(str::to_owned))],
    })
}
