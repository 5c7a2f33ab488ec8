//! Mapping rules in force: the built-in ones, the platform's, the tenant's settings and rule file, the connection's.

mod dry_run;
mod foresee;
mod grounds;
mod tables;

pub use dry_run::DryRun;
pub use foresee::{Foreseen, Foretold};
pub(super) use grounds::InForce;
pub(super) use tables::Imported;
pub use tables::{TableInForce, TableReport};

use super::Engine;
use crate::{
    Error, ErrorKind, Result,
    mapping::Rules,
    store::{RuleVersion, StoredRules, WantedRules},
    tenant::Tenant,
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// Compiled rule files kept at hand; beyond that they are compiled anew.
const KEPT: usize = 256;

/// How much of a hash names a rule file in errors and in what set a field.
const SHORT: usize = 12;

/// Rule files compiled by this process, by their hash.
#[derive(Debug, Default)]
pub(super) struct Compiled(Mutex<HashMap<String, Rules>>);

impl Compiled {
    fn get(&self, stored: &StoredRules) -> Result<Rules> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = kept().get(&stored.hash) {
            return Ok(rules.clone());
        }
        let rules = Rules::parse_named(&name_of(&stored.hash), &stored.text)?;
        let mut kept = kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(stored.hash.clone(), rules.clone());
        Ok(rules)
    }
}

/// `rules@1f3a…`: the text can be looked up by it for as long as a document is.
fn name_of(hash: &str) -> String {
    format!("rules@{}", hash.get(..SHORT).unwrap_or(hash))
}

impl Engine {
    /// Puts a rule file in force for a tenant, or for one of its connections; `None` takes the layer's rules away. It is
    /// checked first. Every version is kept. Sales that are held or were refused are looked at again; what was sent stays
    /// as it is. [`Engine::dry_run`] shows beforehand what changes. False where this very text is in force already.
    ///
    /// # Errors
    /// `Mapping`, with line and column; `NotFound`; `Store`.
    pub async fn set_rules(
        &self,
        tenant: Uuid,
        connection: Option<Uuid>,
        text: Option<&str>,
        reason: Option<&str>,
    ) -> Result<bool> {
        drop(self.store().tenant(tenant).await?);
        if let Some(text) = text {
            Rules::parse(text)?.check_tables(&*self.tables(tenant).await?)?;
        }
        let wanted = WantedRules {
            tenant,
            connection,
            text: text.map(str::to_owned),
            reason: reason.map(str::to_owned),
        };
        let changed = self.store().set_rules(&wanted, self.now()).await?;
        if changed {
            self.look_at_waiting(tenant).await?;
        }
        Ok(changed)
    }

    /// The rule files in force, lowest first: the tenant's, then the connection's, where there are any.
    ///
    /// # Errors
    /// `NotFound` for a connection that is not the tenant's; `Store`.
    pub async fn rules_in_force(&self, tenant: Uuid, connection: Option<Uuid>) -> Result<Vec<StoredRules>> {
        drop(self.store().tenant(tenant).await?);
        if let Some(connection) = connection {
            self.store().connection(connection, Some(tenant)).await?;
        }
        self.store().rules_in_force(tenant, connection).await
    }

    /// What a tenant's rules were, newest first.
    ///
    /// # Errors
    /// `NotFound`; `Store`.
    pub async fn rule_history(&self, tenant: Uuid) -> Result<Vec<RuleVersion>> {
        drop(self.store().tenant(tenant).await?);
        self.store().rule_history(tenant).await
    }

    /// A rule file that is or was in force, by its hash or the beginning of it that errors and explanations show.
    ///
    /// # Errors
    /// `NotFound`; `Store`.
    pub async fn rule_text(&self, tenant: Uuid, hash: &str) -> Result<String> {
        let hash = hash.trim_start_matches("rules@");
        let known = self.rule_history(tenant).await?.into_iter().filter_map(|version| version.hash);
        let found = known.into_iter().find(|known| hash.len() >= SHORT && known.starts_with(hash));
        let unknown =
            || Error::new(ErrorKind::NotFound, "engine.rule_text", "there are no rules with this hash");
        let hash = found.ok_or_else(unknown)?;
        self.store().rule_text(tenant, &hash).await
    }

    /// All layers as one, for a connection's records.
    pub(super) async fn rules(&self, platform: &str, connection: Uuid, tenant: &Tenant) -> Result<Rules> {
        let own = self.own_rules(tenant.id.unwrap_or_default(), connection).await?;
        let rules = self.layered(platform, tenant, own.as_layers())?;
        Ok(rules.with_tables(self.tables(tenant.id.unwrap_or_default()).await?))
    }

    async fn own_rules(&self, tenant: Uuid, connection: Uuid) -> Result<Own> {
        let mut own = Own::default();
        for layer in self.store().rules_in_force(tenant, Some(connection)).await? {
            own.replace(layer.is_of_connection, self.inner.compiled.get(&layer)?);
            own.hashes[usize::from(layer.is_of_connection)] = Some(layer.hash);
        }
        Ok(own)
    }

    fn layered(&self, platform: &str, tenant: &Tenant, own: &[Rules]) -> Result<Rules> {
        let settings = Rules::of_tenant(tenant)?;
        let platform = Rules::of_platform(self.connector(platform)?.info())?;
        let mut layers = vec![Rules::base(), &platform, &settings];
        layers.extend(own);
        Ok(Rules::merged(&layers))
    }
}

/// The rule files of a tenant and of a connection; without any, a layer has no rules.
#[derive(Default)]
struct Own {
    layers: [Rules; 2],
    hashes: [Option<String>; 2],
}

impl Own {
    fn replace(&mut self, of_connection: bool, rules: Rules) {
        self.layers[usize::from(of_connection)] = rules;
    }

    fn as_layers(&self) -> &[Rules] {
        &self.layers
    }
}
