//! What needs neither storage nor network: conversion, documents, rules, IRN.

use crate::{errors::native, json};
use chrono::NaiveDate;
use pyo3::{prelude::*, types::PyBytes};
use std::{collections::BTreeMap, sync::Arc};
use taxpoynt_connectors::shared;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::Connector,
    firs,
    host::explained::Conversion,
    mapping::{self, Provenance},
    pipeline::Outcome,
    tenant::Tenant,
};
use taxpoynt_ubl::{Irn, Ruleset};

/// A document; `taxpoynt.Invoice` reads its fields from `json`.
#[pyclass(frozen, module = "taxpoynt._taxpoynt")]
pub(crate) struct Invoice(Arc<taxpoynt_ubl::Invoice>);

#[pymethods]
impl Invoice {
    /// Its fields; amounts as text.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        native(py, "invoice.json", || taxpoynt_core::json::write("invoice.json", &*self.0))
    }

    /// UBL 2.1 XML.
    fn to_ubl<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let xml = native(py, "invoice.to_ubl", || {
            taxpoynt_ubl::to_xml(&self.0)
                .map_err(|e| Error::new(ErrorKind::Validation, "invoice.to_ubl", e.to_string()))
        })?;
        Ok(PyBytes::new(py, &xml))
    }

    /// The authority's JSON.
    fn to_mbs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let json = native(py, "invoice.to_mbs", || firs::mbs_bytes(&self.0))?;
        Ok(PyBytes::new(py, &json))
    }
}

/// Mapping rules: which source fills which field of an invoice, on top of the platform's own and the tenant's.
#[pyclass(frozen, module = "taxpoynt")]
pub(crate) struct Rules(mapping::Rules);

#[pymethods]
impl Rules {
    /// Reads rules written as TOML or as the same in JSON.
    ///
    /// Raises `MappingError` with `line` and `column`; it names the nearest valid name for one that is unknown.
    ///
    /// `tables` are the CSV files that lookups name, by name. `MappingError` also where a rule looks up what they do not
    /// have, or one cannot be used, which `table` in the context names.
    #[staticmethod]
    #[pyo3(signature = (text, tables=None))]
    fn parse(py: Python<'_>, text: &str, tables: Option<BTreeMap<String, String>>) -> PyResult<Self> {
        native(py, "rules.parse", || {
            let rules = mapping::Rules::parse(text)?;
            let Some(files) = &tables else { return Ok(rules) };
            let files = files.iter().map(|(name, csv)| (name.as_str(), csv.as_bytes()));
            let tables = mapping::Tables::parse(files)?;
            rules.check_tables(&tables)?;
            Ok(rules.with_tables(Arc::new(tables)))
        })
        .map(Self)
    }

    /// Rule files to start from: `name`, `about` and `text` of each.
    #[staticmethod]
    fn templates(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let templates = native(py, "rules.templates", || {
            taxpoynt_core::json::write("rules.templates", &mapping::Rules::templates())
        })?;
        json::loaded(py, &templates)
    }

    /// The JSON Schema of the rules, for an editor form.
    #[staticmethod]
    fn json_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let schema = native(py, "rules.json_schema", || Ok(mapping::Rules::json_schema().to_string()))?;
        json::loaded(py, &schema)
    }
}

/// How an outcome came about, told when somebody asks.
#[pyclass(frozen, module = "taxpoynt._taxpoynt")]
pub(crate) struct Explainer {
    conversion: Arc<Conversion>,
    place: usize,
}

#[pymethods]
impl Explainer {
    /// The explanation as JSON.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        native(py, "convert.explain", || Ok(self.conversion.explained(self.place)?.to_string()))
    }
}

/// A document, or the code and sentence why there is none; remarks; provenance as JSON; how it came about.
type Row = (Option<Invoice>, Option<(String, String)>, Vec<String>, String, Explainer);

/// A record → its documents.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "the signature hosts know, one to one")]
pub(crate) fn convert(
    py: Python<'_>,
    platform: &str,
    record: &Bound<'_, PyAny>,
    tenant: &Bound<'_, PyAny>,
    rules: Option<&Bound<'_, Rules>>,
    issued: &Bound<'_, PyAny>,
    sequence: u64,
    issue_date: Option<NaiveDate>,
    approved: bool,
) -> PyResult<Vec<Row>> {
    let record = json::text(record, "convert.record")?;
    let tenant = json::text(tenant, "convert.tenant")?;
    let issued = json::text(issued, "convert.issued")?;
    let rules = rules.map(|r| r.get().0.clone());
    native(py, "convert", || {
        let conversion = Arc::new(Conversion {
            connector: shared().get(platform)?.clone(),
            record,
            tenant: Tenant::from_json(&tenant)?,
            rules,
            issued: taxpoynt_core::json::read("convert.issued", &issued)?,
            sequence: Some(sequence),
            issue_date,
            approved,
        });
        let outcomes = conversion.outcomes()?.into_iter().enumerate();
        outcomes
            .map(|(place, outcome)| row(outcome, Explainer { conversion: conversion.clone(), place }))
            .collect()
    })
}

fn row(outcome: Outcome, explainer: Explainer) -> Result<Row> {
    Ok(match outcome {
        Outcome::Held(held) => {
            (None, Some((held.code, held.message)), Vec::new(), "[]".to_owned(), explainer)
        }
        Outcome::Document(document) => {
            let provenance = written(&document.provenance)?;
            let invoice = Some(Invoice(Arc::new(document.invoice)));
            (invoice, None, document.remarks, provenance, explainer)
        }
    })
}

fn written(provenance: &[Provenance]) -> Result<String> {
    taxpoynt_core::json::write("convert.provenance", &provenance)
}

/// The document that `Invoice.json` (or `to_dict`) described.
#[pyfunction]
pub(crate) fn from_json(py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Invoice> {
    let text = json::text(data, "invoice.from_dict")?;
    native(py, "invoice.from_dict", || taxpoynt_core::json::read("invoice.from_dict", &text))
        .map(|invoice| Invoice(Arc::new(invoice)))
}

/// UBL XML → a document.
#[pyfunction]
pub(crate) fn parse_ubl(py: Python<'_>, xml: &[u8]) -> PyResult<Invoice> {
    native(py, "ubl.parse", || taxpoynt_ubl::parse(xml).map_err(|e| unreadable("ubl.parse", &e)))
        .map(|invoice| Invoice(Arc::new(invoice)))
}

/// Id, severity, rule set, path, message.
type FaultRow = (String, &'static str, &'static str, String, String);

/// The rules a document breaks.
#[pyfunction]
pub(crate) fn validate(py: Python<'_>, xml: &[u8], rulesets: Vec<String>) -> PyResult<Vec<FaultRow>> {
    native(py, "ubl.validate", || {
        let rulesets =
            rulesets.iter().map(|name| ruleset("ubl.validate", name)).collect::<Result<Vec<_>>>()?;
        let faults = taxpoynt_ubl::validate(xml, &rulesets).map_err(|e| unreadable("ubl.validate", &e))?;
        Ok(faults.into_iter().map(fault).collect())
    })
}

/// The rule sets of this build.
#[pyfunction]
pub(crate) fn rulesets() -> Vec<&'static str> {
    Ruleset::ALL.iter().map(|set| set.name()).collect()
}

/// The ids of the rules of a set.
#[pyfunction]
pub(crate) fn rule_ids(py: Python<'_>, ruleset: &str) -> PyResult<Vec<&'static str>> {
    native(py, "ubl.rule_ids", || Ok(taxpoynt_ubl::rule_ids(self::ruleset("ubl.rule_ids", ruleset)?)))
}

/// Id, rule set, severity, the element it looks at, what it wants.
type ExplanationRow = (String, &'static str, &'static str, String, String);

/// What a rule wants.
#[pyfunction]
pub(crate) fn explain(py: Python<'_>, id: &str) -> PyResult<Option<ExplanationRow>> {
    native(py, "ubl.explain", || {
        Ok(taxpoynt_ubl::explain(id).map(|rule| {
            (rule.id.to_string(), rule.ruleset.name(), rule.severity.name(), rule.concerns, rule.wants)
        }))
    })
}

fn ruleset(operation: &'static str, name: &str) -> Result<Ruleset> {
    let refused = |e: taxpoynt_ubl::Error| Error::new(ErrorKind::Config, operation, e.to_string());
    let field = if operation == "ubl.validate" { "rulesets" } else { "ruleset" };
    Ruleset::parse(name).map_err(|e| refused(e).with("field", field))
}

fn unreadable(operation: &'static str, error: &taxpoynt_ubl::Error) -> Error {
    let field = match error {
        taxpoynt_ubl::Error::Document { path, .. } => path.as_str(),
        _ => "xml",
    };
    Error::payload(operation, field, error.to_string())
}

/// The invoice reference number `<number>-<service id>-<YYYYMMDD>`, which the taxpayer makes.
///
/// Other characters of `number` than letters and digits are dropped. Raises `PayloadError` naming the argument.
#[pyfunction]
pub(crate) fn irn(py: Python<'_>, number: &str, service_id: &str, issue_date: NaiveDate) -> PyResult<String> {
    native(py, "irn", || {
        let irn = Irn::new(number, service_id, issue_date);
        irn.map(String::from).map_err(|e| Error::payload("irn", irn_field(&e), e.to_string()))
    })
}

/// What each connector says of itself, as JSON.
#[pyfunction]
pub(crate) fn platforms(py: Python<'_>) -> PyResult<String> {
    native(py, "platforms", || taxpoynt_core::json::write("platforms", &shared().describe()))
}

/// Adds a platform that a template describes.
#[pyfunction]
pub(crate) fn register_template(py: Python<'_>, text: &str, name: &str) -> PyResult<String> {
    native(py, "template.register", || {
        let id = taxpoynt_connectors::share_template(name, text)?.info().id;
        Ok(id.to_owned())
    })
}

/// Id, severity, rule set, path, message.
fn fault(fault: taxpoynt_ubl::Fault) -> (String, &'static str, &'static str, String, String) {
    (fault.id.to_string(), fault.severity.name(), fault.ruleset.name(), fault.path, fault.message)
}

/// Which argument an IRN was refused for.
fn irn_field(error: &taxpoynt_ubl::IrnError) -> &'static str {
    match error {
        taxpoynt_ubl::IrnError::ServiceId(_) => "service_id",
        taxpoynt_ubl::IrnError::Date(_) => "issue_date",
        _ => "number",
    }
}
