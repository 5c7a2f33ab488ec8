//! Rules together with what they were: what a document is drafted under now, and what one was drafted under then.

use super::name_of;
use crate::{
    Result,
    connector::Connector,
    engine::Engine,
    explain::hash_of,
    mapping::{Rules, Tables, version},
    store::{Grounds, KeptText, NewGrounds, Record},
    tenant::Tenant,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// What reads a record, and the settings and rules that hold or held for it, with the SHA-256 of each rule set by its name.
pub(in crate::engine) struct InForce {
    pub(in crate::engine) connector: Arc<dyn Connector>,
    pub(in crate::engine) tenant: Tenant,
    pub(in crate::engine) rules: Rules,
    pub(in crate::engine) versions: BTreeMap<String, String>,
}

impl Engine {
    /// All layers as one for a record that is prepared now, and what is to be kept with its documents.
    pub(in crate::engine) async fn rules_and_grounds(
        &self,
        record: &Record,
        tenant: &Tenant,
    ) -> Result<(Rules, NewGrounds)> {
        let own = self.own_rules(tenant.id.unwrap_or_default(), record.connection).await?;
        let tables = self.tables(tenant.id.unwrap_or_default()).await?;
        let rules = self.layered(&record.platform, tenant, own.as_layers())?.with_tables(tables.clone());
        let hash_of_table = |name: &str| Some((name.to_owned(), tables.get(name)?.hash().to_owned()));
        let settings = crate::json::write("prepare.settings", tenant)?;
        let connector = self.connector(&record.platform)?;
        let [tenant_rules, connection_rules] = own.hashes;
        let grounds = NewGrounds {
            body_hash: hash_of(&record.raw.body),
            settings: KeptText { hash: hash_of(settings.as_bytes()), text: settings.into() },
            built_in: shipped(Rules::text_of_base()),
            platform: shipped(connector.info().rules),
            template: connector.template().map(shipped),
            engine: env!("CARGO_PKG_VERSION"),
            tenant_rules,
            connection_rules,
            tables: tables.names().filter_map(hash_of_table).collect(),
        };
        Ok((rules, grounds))
    }

    /// What was in force when a document was drafted. An error where this engine cannot read it any more.
    pub(in crate::engine) fn in_force_then(&self, grounds: &Grounds, platform: &str) -> Result<InForce> {
        let tenant: Tenant = crate::json::read("engine.settings_of_then", grounds.settings.text.as_bytes())?;
        let now = self.connector(platform)?;
        let connector = match &grounds.template {
            Some(then) if now.template() != Some(&*then.text) => now.described_by(&then.text)?,
            _ => now.clone(),
        };
        let info = connector.info();
        let name = format!("{}/mapping.toml", info.id);
        let base = match grounds.built_in.text == Rules::text_of_base() {
            true => Rules::base().clone(),
            false => Rules::parse_named("base", &grounds.built_in.text)?,
        };
        let of_platform = match grounds.platform.text == info.rules {
            true => Rules::of_platform(info)?,
            false => Rules::parse_named(&name, &grounds.platform.text)?,
        };
        let settings = Rules::of_tenant(&tenant)?;
        let mut layers = vec![base, of_platform, settings];
        let mut versions = BTreeMap::from([
            ("base".to_owned(), grounds.built_in.hash.clone()),
            (name, grounds.platform.hash.clone()),
            ("tenant".to_owned(), hash_of(Rules::text_of_tenant(&tenant).as_bytes())),
        ]);
        for stored in &grounds.rules {
            layers.push(self.inner.compiled.get(stored)?);
            versions.insert(name_of(&stored.hash), stored.hash.clone());
        }
        let mut tables = Tables::default();
        for (name, kept) in &grounds.tables {
            tables.insert(name, self.inner.imported.read(name, &kept.hash, &kept.text)?);
            versions.insert(version(name, &kept.hash), kept.hash.clone());
        }
        let rules = Rules::merged(&layers.iter().collect::<Vec<_>>()).with_tables(Arc::new(tables));
        Ok(InForce { connector, tenant, rules, versions })
    }

    /// What is in force now.
    pub(in crate::engine) async fn in_force_now(&self, record: &Record) -> Result<InForce> {
        let (tenant, _) = self.store().tenant(record.tenant).await?;
        let own = self.own_rules(record.tenant, record.connection).await?;
        let tables = self.tables(record.tenant).await?;
        let rules = self.layered(&record.platform, &tenant, own.as_layers())?.with_tables(tables.clone());
        let connector = self.connector(&record.platform)?.clone();
        let mut versions = crate::explain::versions(&*connector, &tenant);
        versions.extend(own.hashes.into_iter().flatten().map(|hash| (name_of(&hash), hash)));
        let of_table = |name: &str| {
            let hash = tables.get(name)?.hash();
            Some((version(name, hash), hash.to_owned()))
        };
        versions.extend(tables.names().filter_map(of_table));
        Ok(InForce { connector, tenant, rules, versions })
    }
}

/// A text that is part of the engine; it is hashed once in a process.
fn shipped(text: &'static str) -> KeptText {
    static HASHES: LazyLock<Mutex<HashMap<&'static str, String>>> = LazyLock::new(Mutex::default);
    let mut hashes = HASHES.lock().unwrap_or_else(PoisonError::into_inner);
    let hash = hashes.entry(text).or_insert_with(|| hash_of(text.as_bytes())).clone();
    KeptText { hash, text: text.into() }
}
