//! A record straight to numbered documents, without storage or network.

use super::{Draft, Drafted, Issued, Series, draft};
use crate::{
    Error, ErrorKind, Result,
    catalogue::Catalogue,
    connector::Connector,
    mapping::{Provenance, Rules},
    model::RawRecord,
    store::Held,
    tenant::Tenant,
};
use chrono::NaiveDate;
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_ubl::{DocumentType, Invoice, Irn};

/// What `convert` may be told.
#[derive(Debug, Clone, Default)]
pub struct ConvertOptions<'a> {
    /// The host's own rules, on top of the platform's and the tenant's; with the tables that they look things up in.
    pub rules: Option<&'a Rules>,
    /// Invoices issued before, so that a refund finds its original.
    pub issued: &'a [Issued],
    /// First number of each series; 1 unless said.
    pub sequence: Option<u64>,
    /// Issue date of every document; the day of the sale unless said.
    pub issue_date: Option<NaiveDate>,
    /// The tenant's catalogue, which classifies lines before any rule does.
    pub catalogue: Option<Arc<Catalogue>>,
    /// Whether a person approved what the rules say a person approves. Else it is held as `approval_required`.
    pub approved: bool,
}

/// What one document of a record became.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A document.
    Document(Box<Conversion>),
    /// Nothing yet, and why.
    Held(Held),
}

/// A numbered document.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// It.
    pub invoice: Invoice,
    /// Which rule and which source set which field.
    pub provenance: Vec<Provenance>,
    /// Differences that were recorded and held nothing back.
    pub remarks: Vec<String>,
}

/// Converts a record: one outcome per document it stands for.
///
/// # Errors
/// `Payload`, naming the field, for a malformed record; `Mapping`; `Config` for a tenant whose number series or
/// service id cannot be used.
pub fn convert(
    connector: &dyn Connector,
    record: &[u8],
    tenant: &Tenant,
    options: &ConvertOptions<'_>,
) -> Result<Vec<Outcome>> {
    let (_, _, outcomes) = convert_numbered(connector, record, tenant, options)?;
    Ok(outcomes.into_iter().map(|(outcome, _)| outcome).collect())
}

/// An outcome with the series and the number in it that the document took.
type Numbered = (Outcome, Option<(String, u64)>);

/// As `convert`, with what it was made by.
pub(crate) fn convert_numbered(
    connector: &dyn Connector,
    record: &[u8],
    tenant: &Tenant,
    options: &ConvertOptions<'_>,
) -> Result<(RawRecord, Rules, Vec<Numbered>)> {
    let raw = connector.identify(record)?;
    let platform = Rules::of_platform(connector.info())?;
    let settings = Rules::of_tenant(tenant)?;
    let mut layers = vec![Rules::base(), &platform, &settings];
    layers.extend(options.rules);
    let mut rules = Rules::merged(&layers);
    if let Some(catalogue) = &options.catalogue {
        rules = rules.with_catalogue(catalogue.clone(), connector.info().id);
    }
    if let Some(own) = options.rules {
        own.check_own_tables()?;
    }
    let mut sequences = BTreeMap::new();
    let numbered = draft(connector, &raw, tenant, &rules, options.issued, options.issue_date)?
        .into_iter()
        .map(|drafted| match drafted {
            Drafted::Held(held) => Ok((Outcome::Held(held), None)),
            Drafted::Draft(draft) if draft.approval.is_some() && !options.approved => {
                let held = approval_required(draft.approval.as_deref().unwrap_or_default());
                Ok((Outcome::Held(held), None))
            }
            Drafted::Draft(draft) => {
                let series = series_of(tenant, draft.invoice.document_type)?;
                let next =
                    sequences.entry(series.template().to_owned()).or_insert(options.sequence.unwrap_or(1));
                let Draft { mut invoice, provenance, remarks, .. } = *draft;
                let taken = *next;
                number(&mut invoice, tenant, &series, taken, options.issue_date)?;
                *next += 1;
                let document = Outcome::Document(Box::new(Conversion { invoice, provenance, remarks }));
                Ok((document, Some((series.template().to_owned(), taken))))
            }
        })
        .collect::<Result<_>>()?;
    Ok((raw, rules, numbered))
}

/// Why a document waits that only a person lets go.
pub(crate) fn approval_required(rule: &str) -> Held {
    let message = format!(
        "By the rule {rule} a person approves this document before it is sent: approve or refuse it."
    );
    Held { code: APPROVAL_REQUIRED.into(), message }
}

/// The code of what waits for approval.
pub(crate) const APPROVAL_REQUIRED: &str = "approval_required";

/// The series that documents of this type are numbered in.
///
/// # Errors
/// `Config` for a template that cannot be used.
pub(crate) fn series_of(tenant: &Tenant, document_type: DocumentType) -> Result<Series> {
    let template = match document_type {
        DocumentType::CreditNote => tenant.credit_note_series.as_deref().unwrap_or("CN{seq:06}"),
        DocumentType::DebitNote => tenant.debit_note_series.as_deref().unwrap_or("DN{seq:06}"),
        _ => tenant.number_series.as_deref().unwrap_or("INV{seq:06}"),
    };
    Series::parse(template)
}

/// Dates and numbers a draft; the IRN follows where the tenant has a service id.
///
/// # Errors
/// `Config` where number and service id make no IRN.
pub(crate) fn number(
    invoice: &mut Invoice,
    tenant: &Tenant,
    series: &Series,
    sequence: u64,
    issue_date: Option<NaiveDate>,
) -> Result<()> {
    if let Some(date) = issue_date {
        invoice.issue_date = date;
    }
    invoice.due_date = Some(invoice.due_date.map_or(invoice.issue_date, |due| due.max(invoice.issue_date)));
    invoice.number = series.number(sequence, invoice.issue_date);
    invoice.irn = match &tenant.service_id {
        None => None,
        Some(service_id) => Some(Irn::new(&invoice.number, service_id, invoice.issue_date).map_err(|e| {
            Error::new(ErrorKind::Config, "pipeline.number", e.to_string()).with("field", "service_id")
        })?),
    };
    Ok(())
}
