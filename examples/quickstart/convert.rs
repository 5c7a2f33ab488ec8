//! A record of the user's own, straight to documents: no simulators, no database, nothing sent.

use super::{files, print};
use std::{error::Error, fs, path::Path};
use taxpoynt_core::{
    connector::Registry,
    pipeline::{ConvertOptions, Outcome, convert},
    stamp::CryptoKeys,
    tenant::Tenant,
};

pub(crate) fn run(
    platform: &str,
    record: &Path,
    tenant: Option<&Path>,
    out: &Path,
) -> Result<(), Box<dyn Error>> {
    let mut registry = Registry::new();
    taxpoynt_connectors::register_all(&mut registry);
    let connector = registry.get(platform)?;
    let body = fs::read(record).map_err(|e| format!("{}: {e}", record.display()))?;
    let tenant = match tenant {
        None => files::example_tenant(),
        Some(path) => {
            let text = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Tenant::from_json(&tenant_of(&text, platform)?)?
        }
    };
    let keys = tenant
        .authority
        .as_ref()
        .and_then(|a| a.crypto_keys.as_deref())
        .map(CryptoKeys::parse)
        .transpose()?;
    fs::create_dir_all(out)?;
    let outcomes = convert(&**connector, &body, &tenant, &ConvertOptions::default())?;
    let mut documents = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Held(held) => println!("held ({}): {}", held.code, held.message),
            Outcome::Document(conversion) => {
                let stamp = match (&keys, &conversion.invoice.irn) {
                    (Some(keys), Some(irn)) => Some(keys.stamp(irn, files::now())?),
                    _ => None,
                };
                print::document(&conversion.invoice, stamp.as_ref());
                for remark in &conversion.remarks {
                    println!("  note: {remark}");
                }
                let written = files::write(out, platform, &conversion.invoice, stamp.as_ref())?;
                println!("  written: {}", written.join(", "));
                documents.push(files::summary_of(platform, &conversion.invoice, &[]));
            }
        }
    }
    let summary =
        serde_json::json!({ "documents": documents, "sent": 0, "duplicates_sent": 0, "database": null });
    fs::write(out.join("summary.json"), serde_json::to_string_pretty(&summary)?)?;
    Ok(())
}

/// A tenant file holds one tenant, or one for each platform.
fn tenant_of(text: &[u8], platform: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let value: serde_json::Value =
        serde_json::from_slice(text).map_err(|e| format!("the tenant file is not JSON: {e}"))?;
    match value.get(platform) {
        Some(tenant) if value.get("name").is_none() => Ok(serde_json::to_vec(tenant)?),
        _ => Ok(text.to_vec()),
    }
}
