//! What needs neither storage nor network: conversion, documents, rules, IRN.

use crate::{errors::native, time};
use napi::bindgen_prelude::{Buffer, Either, Reference};
use napi_derive::napi;
use serde_json::json;
use std::{collections::HashMap, sync::Arc};
use taxpoynt_connectors::shared;
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::Connector,
    firs,
    host::explained::Conversion,
    json::{read, write},
    mapping,
    pipeline::Outcome,
    tenant::Tenant,
};
use taxpoynt_ubl::{Irn, Ruleset};

/// JSON as a host has it.
pub(crate) type Json = Either<Buffer, String>;

/// Its bytes.
pub(crate) fn bytes(json: &Json) -> &[u8] {
    match json {
        Either::A(buffer) => buffer,
        Either::B(text) => text.as_bytes(),
    }
}

/// Its bytes, out of reach of a host that changes its buffer while the engine works.
pub(crate) fn owned(json: &Json) -> Vec<u8> {
    bytes(json).to_vec()
}

/// A document; `Invoice` in `lib/invoice.js` reads its fields from `json`.
#[napi]
pub(crate) struct Invoice(Arc<taxpoynt_ubl::Invoice>);

#[napi]
impl Invoice {
    /// The document that `json` described.
    #[napi(factory)]
    pub fn from_json(text: String) -> napi::Result<Self> {
        native("invoice.from_dict", || read("invoice.from_dict", text.as_bytes()))
            .map(|invoice| Self(Arc::new(invoice)))
    }

    /// UBL XML → a document.
    #[napi(factory)]
    pub fn from_ubl(xml: Buffer) -> napi::Result<Self> {
        native("ubl.parse", || taxpoynt_ubl::parse(&xml).map_err(|e| unreadable("ubl.parse", &e)))
            .map(|invoice| Self(Arc::new(invoice)))
    }

    /// Its fields; amounts as text.
    #[napi]
    pub fn json(&self) -> napi::Result<String> {
        native("invoice.json", || write("invoice.json", &*self.0))
    }

    /// UBL 2.1 XML.
    #[napi]
    pub fn to_ubl(&self) -> napi::Result<Buffer> {
        native("invoice.to_ubl", || {
            taxpoynt_ubl::to_xml(&self.0)
                .map_err(|e| Error::new(ErrorKind::Validation, "invoice.to_ubl", e.to_string()))
        })
        .map(Buffer::from)
    }

    /// The authority's JSON.
    #[napi]
    pub fn to_mbs(&self) -> napi::Result<String> {
        native("invoice.to_mbs", || Ok(String::from_utf8_lossy(&firs::mbs_bytes(&self.0)?).into_owned()))
    }
}

/// Mapping rules, compiled.
#[napi]
pub(crate) struct Rules(mapping::Rules);

#[napi]
impl Rules {
    /// TOML, or the same as JSON.
    #[napi(factory)]
    #[allow(clippy::needless_pass_by_value, reason = "taken from JavaScript")]
    pub fn parse(text: String, tables: Option<HashMap<String, String>>) -> napi::Result<Self> {
        native("rules.parse", || {
            let rules = mapping::Rules::parse(&text)?;
            let Some(files) = &tables else { return Ok(rules) };
            let files = files.iter().map(|(name, csv)| (name.as_str(), csv.as_bytes()));
            let tables = mapping::Tables::parse(files)?;
            rules.check_tables(&tables)?;
            Ok(rules.with_tables(Arc::new(tables)))
        })
        .map(Self)
    }

    /// Rule files to start from, as JSON.
    #[napi]
    pub fn templates() -> napi::Result<String> {
        native("rules.templates", || write("rules.templates", &mapping::Rules::templates()))
    }

    /// The JSON Schema of the rules.
    #[napi]
    pub fn json_schema() -> napi::Result<String> {
        native("rules.json_schema", || Ok(mapping::Rules::json_schema().to_string()))
    }
}

/// What `convert` may be told.
#[napi(object)]
pub(crate) struct Options {
    pub tenant: Json,
    pub issued: Json,
    pub sequence: i64,
    pub issue_date: Option<String>,
    pub approved: bool,
}

/// How an outcome came about, told when somebody asks.
#[napi]
pub(crate) struct Explainer {
    conversion: Arc<Conversion>,
    place: usize,
}

#[napi]
impl Explainer {
    /// The explanation as JSON.
    #[napi]
    pub fn json(&self) -> napi::Result<String> {
        native("convert.explain", || Ok(self.conversion.explained(self.place)?.to_string()))
    }
}

/// A document with its provenance as JSON, or the code and sentence why there is none.
#[napi(object, object_from_js = false)]
pub(crate) struct Converted {
    pub invoice: Option<Invoice>,
    pub held: Option<Vec<String>>,
    pub remarks: Vec<String>,
    pub provenance: String,
    pub explainer: Explainer,
}

/// A record → its documents.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "taken from JavaScript")]
pub(crate) fn convert(
    platform: String,
    record: Json,
    options: Options,
    rules: Option<Reference<Rules>>,
) -> napi::Result<Vec<Converted>> {
    native("convert", || {
        let issue_date =
            options.issue_date.as_deref().map(|d| time::date("convert", "issueDate", d)).transpose()?;
        let conversion = Arc::new(Conversion {
            connector: shared().get(&platform)?.clone(),
            record: owned(&record),
            tenant: Tenant::from_json(bytes(&options.tenant))?,
            rules: rules.as_deref().map(|rules| rules.0.clone()),
            issued: read("convert.issued", bytes(&options.issued))?,
            sequence: u64::try_from(options.sequence).ok(),
            issue_date,
            approved: options.approved,
        });
        let outcomes = conversion.outcomes()?.into_iter().enumerate();
        let explainer = |place| Explainer { conversion: conversion.clone(), place };
        outcomes.map(|(place, outcome)| converted(outcome, explainer(place))).collect()
    })
}

fn converted(outcome: Outcome, explainer: Explainer) -> Result<Converted> {
    Ok(match outcome {
        Outcome::Held(held) => Converted {
            invoice: None,
            held: Some(vec![held.code, held.message]),
            remarks: Vec::new(),
            provenance: "[]".to_owned(),
            explainer,
        },
        Outcome::Document(document) => Converted {
            provenance: write("convert.provenance", &document.provenance)?,
            invoice: Some(Invoice(Arc::new(document.invoice))),
            held: None,
            remarks: document.remarks,
            explainer,
        },
    })
}

/// The rules a document breaks, as JSON.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "taken from JavaScript")]
pub(crate) fn validate(xml: Buffer, rulesets: Vec<String>) -> napi::Result<String> {
    native("ubl.validate", || {
        let rulesets =
            rulesets.iter().map(|name| ruleset("ubl.validate", name)).collect::<Result<Vec<_>>>()?;
        let faults = taxpoynt_ubl::validate(&xml, &rulesets).map_err(|e| unreadable("ubl.validate", &e))?;
        write("ubl.validate", &faults.iter().map(fault).collect::<Vec<_>>())
    })
}

/// The rule sets of this build.
#[napi]
pub(crate) fn rulesets() -> Vec<&'static str> {
    Ruleset::ALL.iter().map(|set| set.name()).collect()
}

/// The ids of the rules of a set.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "taken from JavaScript")]
pub(crate) fn rule_ids(ruleset: String) -> napi::Result<Vec<&'static str>> {
    native("ubl.ruleIds", || Ok(taxpoynt_ubl::rule_ids(self::ruleset("ubl.ruleIds", &ruleset)?)))
}

/// What a rule wants, as JSON.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "taken from JavaScript")]
pub(crate) fn explain(id: String) -> napi::Result<String> {
    native("ubl.explain", || {
        let rule = taxpoynt_ubl::explain(&id).map(|rule| {
            json!({
                "id": rule.id,
                "ruleset": rule.ruleset.name(),
                "severity": rule.severity.name(),
                "concerns": rule.concerns,
                "wants": rule.wants,
            })
        });
        write("ubl.explain", &rule)
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

/// The invoice reference number.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "taken from JavaScript")]
pub(crate) fn irn(number: String, service_id: String, issue_date: String) -> napi::Result<String> {
    native("irn", || {
        let date = time::date("irn", "issueDate", &issue_date)?;
        let irn = Irn::new(&number, &service_id, date);
        irn.map(String::from).map_err(|e| Error::payload("irn", irn_argument(&e), e.to_string()))
    })
}

/// What each connector says of itself, as JSON.
#[napi]
pub(crate) fn platforms() -> napi::Result<String> {
    native("platforms", || write("platforms", &shared().describe()))
}

/// Adds a platform that a template describes; its id.
#[napi]
#[allow(clippy::needless_pass_by_value, reason = "taken from JavaScript")]
pub(crate) fn register_template(text: String, name: String) -> napi::Result<String> {
    native("template.register", || {
        let id = taxpoynt_connectors::share_template(&name, &text)?.info().id;
        Ok(id.to_owned())
    })
}

/// A broken rule.
fn fault(fault: &taxpoynt_ubl::Fault) -> serde_json::Value {
    serde_json::json!({
        "id": fault.id,
        "severity": fault.severity.name(),
        "ruleset": fault.ruleset.name(),
        "path": fault.path,
        "message": fault.message,
    })
}

/// Which argument an IRN was refused for.
fn irn_argument(error: &taxpoynt_ubl::IrnError) -> &'static str {
    match error {
        taxpoynt_ubl::IrnError::ServiceId(_) => "serviceId",
        taxpoynt_ubl::IrnError::Date(_) => "issueDate",
        _ => "number",
    }
}
