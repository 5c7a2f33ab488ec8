//! What a connector does not claim it answers with `Unsupported`, in one sentence.

use super::{BaseCrm, BasePos, Capability, Connector, ConnectorInfo, Webhook};
use crate::{Error, ErrorKind, Result};

/// The error of asking a connector for what it does not claim. Nothing was called.
///
/// ```
/// # use taxpoynt_core::{ErrorKind, connector::{Capability, ConnectorInfo, unsupported}};
/// # fn example(info: &ConnectorInfo) {
/// let error = unsupported(info, Capability::Pipelines);
/// assert_eq!(error.kind(), ErrorKind::Unsupported);
/// # }
/// ```
#[must_use]
pub fn unsupported(info: &ConnectorInfo, capability: Capability) -> Error {
    let message = format!("{} does not support {}", info.name, capability.name());
    Error::new(ErrorKind::Unsupported, "connector", message)
        .with("platform", info.id)
        .with("capability", capability.name())
}

impl dyn Connector {
    /// Its webhooks.
    ///
    /// # Errors
    /// `Unsupported` where it has none.
    pub fn as_webhook(&self) -> Result<&dyn Webhook> {
        self.webhook().ok_or_else(|| unsupported(self.info(), Capability::Webhook))
    }

    /// It as a CRM.
    ///
    /// # Errors
    /// `Unsupported` where it is none.
    pub fn as_crm(&self) -> Result<&dyn BaseCrm> {
        self.crm().ok_or_else(|| unsupported(self.info(), Capability::Pipelines))
    }

    /// It as a till.
    ///
    /// # Errors
    /// `Unsupported` where it is none.
    pub fn as_pos(&self) -> Result<&dyn BasePos> {
        self.pos().ok_or_else(|| unsupported(self.info(), Capability::Locations))
    }
}
