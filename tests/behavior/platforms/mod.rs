//! The platforms on trial, one file each.

mod hubspot;
mod pipedrive;
mod square;

use crate::stand::Stand;
use std::sync::Arc;

/// All of them. A connector that is registered and not listed here fails `suite::every_platform_is_on_trial`.
pub(crate) fn all() -> Vec<Arc<dyn Stand>> {
    vec![Arc::new(square::Square), Arc::new(hubspot::HubSpot), Arc::new(pipedrive::Pipedrive)]
}

/// A file of a connector's own fixtures.
fn fixture(path: &str) -> bytes::Bytes {
    let path = format!("{}/../connectors/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}")).into()
}
