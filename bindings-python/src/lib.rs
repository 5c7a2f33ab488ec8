#![doc = include_str!("../README.md")]

mod engine;
mod errors;
mod invoice;
mod json;
mod pending;
mod secrets;
mod time;
mod webhook;

/// The private module: what `python/taxpoynt/*.py` is written over. Nothing here is for hosts.
#[pyo3::pymodule]
mod _taxpoynt {
    #[pymodule_export]
    use crate::{
        engine::{Engine, call_names},
        invoice::{
            Explainer, Invoice, Rules, convert, explain, from_json, irn, parse_ubl, platforms,
            register_template, rule_ids, rulesets, validate,
        },
        pending::finish_handing_over,
        secrets::{CryptoKeys, Stamp, Vault},
        webhook::verify_webhook,
    };
}
