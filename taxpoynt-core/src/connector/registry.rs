//! The platforms a host has switched on. Explicit, so that nothing registers itself behind anyone's back.

use super::Connector;
use crate::{Error, ErrorKind, Result};
use std::{collections::BTreeMap, sync::Arc};

/// Connectors by id.
#[derive(Debug, Clone, Default)]
pub struct Registry(BTreeMap<&'static str, Arc<dyn Connector>>);

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a connector; one of the same id is replaced.
    pub fn register(&mut self, connector: impl Connector + 'static) -> &mut Self {
        self.put(Arc::new(connector))
    }

    /// As `register`, for a connector that others hold too.
    pub fn put(&mut self, connector: Arc<dyn Connector>) -> &mut Self {
        self.0.insert(connector.info().id, connector);
        self
    }

    /// The connector of that id.
    ///
    /// # Errors
    /// `Config`, listing what is registered.
    pub fn get(&self, platform: &str) -> Result<&Arc<dyn Connector>> {
        self.0.get(platform).ok_or_else(|| {
            let known = self.0.keys().copied().collect::<Vec<_>>().join(", ");
            Error::new(
                ErrorKind::Config,
                "registry.get",
                format!("no platform {platform:?}; registered: {known}"),
            )
        })
    }

    /// What each connector says of itself, with its set-up form: what hosts list.
    #[must_use]
    pub fn describe(&self) -> Vec<serde_json::Value> {
        self.iter().map(|connector| super::form::described(connector.info())).collect()
    }

    /// All connectors, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Connector>> {
        self.0.values()
    }
}
