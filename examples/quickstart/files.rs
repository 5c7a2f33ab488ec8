//! What the quickstart writes: the documents in every form, the throw-away key, and the shop it plays.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::{
    error::Error,
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use taxpoynt_core::{
    clock::{Clock, SystemClock},
    firs, render,
    stamp::Stamp,
    tenant::Tenant,
    vault::Vault,
};
use taxpoynt_ubl::{Invoice, to_xml};

/// The time now.
pub(crate) fn now() -> DateTime<Utc> {
    SystemClock.now()
}

/// The shop of the example.
pub(crate) fn example_tenant() -> Tenant {
    let text = include_bytes!("tenant.json");
    Tenant::from_json(text).unwrap_or_default()
}

/// Writes one document as UBL, the authority's JSON, a page and a QR picture; returns the file names.
pub(crate) fn write(
    out: &Path,
    source: &str,
    invoice: &Invoice,
    stamp: Option<&Stamp>,
) -> Result<Vec<String>, Box<dyn Error>> {
    let name = format!("{source}-{}", invoice.number);
    let mut written = Vec::new();
    let mut put = |extension: &str, bytes: &[u8]| -> std::io::Result<()> {
        let file = format!("{name}.{extension}");
        fs::write(out.join(&file), bytes)?;
        written.push(file);
        Ok(())
    };
    put("xml", &to_xml(invoice)?)?;
    if invoice.irn.is_some() && invoice.business_id.is_some() {
        put("mbs.json", &firs::mbs_bytes(invoice)?)?;
    }
    put("html", render::html(invoice, stamp).as_bytes())?;
    if let Some(stamp) = stamp {
        put("qr.png", &stamp.qr_png()?)?;
    }
    Ok(written)
}

/// One row of `summary.json`.
pub(crate) fn summary_of(source: &str, invoice: &Invoice, stages: &[(String, u64)]) -> Value {
    let stages: serde_json::Map<String, Value> =
        stages.iter().map(|(name, us)| (name.clone(), milliseconds(*us))).collect();
    json!({
        "source": source,
        "source_id": invoice.source_id,
        "kind": invoice.document_type,
        "buyer": invoice.kind,
        "number": invoice.number,
        "irn": invoice.irn,
        "totals": invoice.totals,
        "stages_ms": stages,
    })
}

/// Microseconds as a JSON number of milliseconds.
fn milliseconds(us: u64) -> Value {
    serde_json::from_str(&format!("{}.{:03}", us / 1000, us % 1000)).unwrap_or(Value::Null)
}

/// The engine's key, made on the first run. Only its owner may read it.
pub(crate) fn key(out: &Path) -> Result<String, Box<dyn Error>> {
    let path: PathBuf = out.join("taxpoynt.key");
    if path.exists() {
        return Ok(fs::read_to_string(path)?.trim().to_owned());
    }
    let key = Vault::generate_key();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(key.as_bytes())?;
    Ok(key)
}
