//! Mapping rules: a small declarative language that decides everything about an invoice that is not arithmetic.
//!
//! A rule file is TOML, or the same as JSON. It is checked when it loads, where an unknown name is answered with its
//! line, its column and the nearest valid name; after that it is applied without parsing and without copying rules.
//!
//! ```
//! use taxpoynt_core::mapping::Rules;
//!
//! let rules = Rules::parse(r#"
//!     [invoice]
//!     note = "deal.title"
//!
//!     [each.line]
//!     sku = { from = "item.sku", apply = ["upper", { max_len = 20 }] }
//! "#)?;
//! let all = Rules::merged(&[Rules::base(), &rules]);
//!
//! let error = Rules::parse("[buyer]\nemial = \"customer.email\"").unwrap_err();
//! assert_eq!((error.get("line"), error.get("column"), error.get("nearest")), (Some("2"), Some("1"), Some("email")));
//! # let _ = all;
//! # Ok::<(), taxpoynt_core::Error>(())
//! ```

mod apply;
mod buyer;
mod catalog;
mod compile;
mod constant;
mod fields;
mod letters;
mod limit;
mod lookup;
mod mapped;
mod path;
mod piece;
mod places;
mod problem;
mod provenance;
mod record;
mod rule;
mod schema;
mod schema_parts;
mod source;
mod table;
mod table_read;
mod tax;
mod template;
mod templates;
mod tenant;
mod trace;
mod transform;
mod tree;
mod trigger;
mod value;
mod when;

pub use apply::apply;
pub use buyer::MappedBuyer;
pub use catalog::Part;
pub use fields::{Fields, Reader};
pub(crate) use mapped::owned;
pub use mapped::{Mapped, MappedCharge, MappedDocument, MappedLine, MappedPayment, MappedTax, Reason};
pub use problem::shown;
pub use provenance::Provenance;
pub use record::Record;
pub use table::{Table, Tables};
pub use templates::RuleTemplate;
pub use trigger::{Decision, Triggered, trigger};

pub(crate) use table::{check_name, version};
pub use trace::{End, Looked, Read, Step, Traced, trace};

use crate::{Error, ErrorKind, Result, catalogue::Catalogue, connector::ConnectorInfo, tenant::Tenant};
use compile::{Table as RuleTable, compile};
use rule::Rule;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// Larger than any rule file a person writes; a hostile one is refused unread.
const MAX_FILE: usize = 256 * 1_024;

/// Rules, checked and ready to be applied. Cloning and merging share them.
#[derive(Clone, Default)]
pub struct Rules {
    table: RuleTable,
    catalogue: Option<Shelf>,
    tables: Option<Arc<Tables>>,
    /// Of a file that looks up kept tables: itself, to say where one is missing.
    written: Option<Arc<Written>>,
}

/// A rule file as it was written.
struct Written {
    file: String,
    text: String,
}

/// A tenant's catalogue, and the platform whose items are looked up in it.
#[derive(Clone)]
struct Shelf {
    catalogue: Arc<Catalogue>,
    platform: Arc<str>,
}

impl Rules {
    /// Reads rules from TOML, or from JSON where the text starts with `{`.
    ///
    /// # Errors
    /// `Mapping`: `line` and `column` in the context say where (from 1, in characters), `nearest` which valid name
    /// is nearest to an unknown one.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_named("rules", text)
    }

    /// As [`Rules::parse`]; `file` names the rules in errors and in what [`Provenance::rule`] says.
    ///
    /// # Errors
    /// As `parse`.
    pub fn parse_named(file: &str, text: &str) -> Result<Self> {
        if text.len() > MAX_FILE {
            let message = format!("{file}: a rule file has at most {MAX_FILE} bytes, found {}", text.len());
            return Err(Error::new(ErrorKind::Mapping, "mapping.parse", message)
                .with("file", file)
                .with("line", "1")
                .with("column", "1"));
        }
        let table = compile(file, text).map_err(|problem| problem.into_error(file, text))?;
        let looks_up = table.iter().flatten().any(|rule| rule.kept().next().is_some());
        let written = looks_up.then(|| Arc::new(Written { file: file.to_owned(), text: text.to_owned() }));
        Ok(Self { table, written, ..Self::default() })
    }

    /// The built-in rules that hold for every platform: the lowest layer of every merge.
    #[must_use]
    pub fn base() -> &'static Self {
        static BASE: LazyLock<Rules> =
            LazyLock::new(|| Rules::parse_named("base", Rules::text_of_base()).unwrap_or_default());
        &BASE
    }

    /// The text of [`Rules::base`].
    #[must_use]
    pub fn text_of_base() -> &'static str {
        include_str!("base.toml")
    }

    /// The rules a connector ships. Each text is compiled once in a process.
    ///
    /// # Errors
    /// As `parse`.
    pub fn of_platform(info: &ConnectorInfo) -> Result<Self> {
        static COMPILED: LazyLock<Mutex<HashMap<&'static str, Rules>>> = LazyLock::new(Mutex::default);
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = compiled.get(info.rules) {
            return Ok(rules.clone());
        }
        let rules = Self::parse_named(&format!("{}/mapping.toml", info.id), info.rules)?;
        compiled.insert(info.rules, rules.clone());
        Ok(rules)
    }

    /// Several layers as one, lowest first: base, platform, tenant's settings, tenant's rules, connection's rules.
    ///
    /// Rules merge by target. The rules of a later layer are tried first, each layer in its own order; the first whose
    /// `when` holds and whose source is present decides. `skip` in a later layer silences the earlier ones.
    #[must_use]
    pub fn merged(layers: &[&Rules]) -> Self {
        let of =
            |target: usize| layers.iter().rev().flat_map(move |layer| layer.of(target)).cloned().collect();
        let catalogue = layers.iter().rev().find_map(|layer| layer.catalogue.clone());
        let tables = layers.iter().rev().find_map(|layer| layer.tables.clone());
        Self { table: (0..catalog::TARGETS.len()).map(of).collect(), catalogue, tables, written: None }
    }

    /// These rules with a tenant's catalogue, which decides `each.line.classification` before any rule does; `platform`
    /// is the id of the platform whose items are looked up. In a merge the catalogue of the last layer that has one
    /// counts.
    #[must_use]
    pub fn with_catalogue(self, catalogue: Arc<Catalogue>, platform: &str) -> Self {
        Self { catalogue: Some(Shelf { catalogue, platform: platform.into() }), ..self }
    }

    /// These rules with the tables that their lookups name. In a merge the tables of the last layer that has some count.
    /// A lookup in a table that is not among them holds the document; [`Rules::check_tables`] says so before.
    #[must_use]
    pub fn with_tables(self, tables: Arc<Tables>) -> Self {
        Self { tables: Some(tables), ..self }
    }

    /// Whether these tables have every table and column that the rules of this file look up. Merged rules are checked
    /// file by file, before they are merged.
    ///
    /// # Errors
    /// `Mapping`, as `parse`: `line`, `column`, and `nearest` for a name that is none.
    pub fn check_tables(&self, tables: &Tables) -> Result<()> {
        let Some(written) = &self.written else { return Ok(()) };
        let lookups = self.table.iter().flatten().flat_map(|rule| rule.kept());
        let refused = |problem: problem::Problem| problem.into_error(&written.file, &written.text);
        lookups.map(|lookup| lookup.check(tables)).try_for_each(|checked| checked.map_err(refused))
    }

    /// As `check_tables`, with the tables that were given with these rules.
    pub(crate) fn check_own_tables(&self) -> Result<()> {
        match self.tables() {
            Some(tables) => self.check_tables(tables),
            None => self.check_tables(&Tables::default()),
        }
    }

    fn tables(&self) -> Option<&Tables> {
        self.tables.as_deref()
    }

    /// The rules a tenant's settings stand for: [`Rules::text_of_tenant`], compiled.
    ///
    /// # Errors
    /// `Mapping`; `field` in the context names the setting, such as `tax.percent_field`.
    pub fn of_tenant(tenant: &Tenant) -> Result<Self> {
        let text = Self::text_of_tenant(tenant);
        compile("tenant", &text).map(|table| Self { table, ..Self::default() }).map_err(|problem| {
            let line = problem.line_of(&text);
            let setting = line.split("name = \"").nth(1).and_then(|rest| rest.split('"').next());
            let setting = setting.unwrap_or("tenant").to_owned();
            Error::new(ErrorKind::Mapping, "mapping.tenant", format!("{setting}: {}", problem.message()))
                .with("field", setting)
        })
    }

    /// A tenant's settings written out as a rule file; each rule is named after its setting.
    #[must_use]
    pub fn text_of_tenant(tenant: &Tenant) -> String {
        tenant::text(tenant)
    }

    /// Rule files to start from: for deals, sales, deposits, what recurs, services and credit notes.
    #[must_use]
    pub fn templates() -> &'static [RuleTemplate] {
        &templates::TEMPLATES
    }

    /// The JSON Schema (2020-12) of a rule file, from which a host can draw an editor.
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        schema::schema()
    }

    /// What the rules for a target read, in the order they are tried: each rule's name with the source it starts from,
    /// as written; none for a fixed value. The target is written as [`Provenance::target`] writes it, `lines[0].sku`.
    pub fn reads(&self, target: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
        let target = catalog::target_named(target);
        let rules = target.map_or(&[][..], |target| self.of(target));
        rules.iter().map(|rule| (rule.label.as_str(), rule.starts_from()))
    }

    fn of(&self, target: usize) -> &[Arc<Rule>] {
        self.table.get(target).map_or(&[], Vec::as_slice)
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let targets = catalog::TARGETS.iter().zip(&self.table).filter(|(_, rules)| !rules.is_empty());
        f.debug_map()
            .entries(targets.map(|(target, rules)| {
                let labels: Vec<&str> = rules.iter().map(|rule| rule.label.as_str()).collect();
                (format!("{}.{}", target.section.table(), target.name), labels)
            }))
            .finish()
    }
}
