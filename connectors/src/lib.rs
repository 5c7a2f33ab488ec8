#![doc = include_str!("../README.md")]

use std::sync::{LazyLock, PoisonError, RwLock};
use taxpoynt_core::{
    Error, ErrorKind, Result,
    connector::{Connector, Registry},
};

pub use taxpoynt_declarative::Declarative;
#[cfg(feature = "hubspot")]
pub use taxpoynt_hubspot::HubSpot;
#[cfg(feature = "square")]
pub use taxpoynt_square::Square;

/// Adds every platform that is switched on.
///
/// ```
/// use taxpoynt_core::connector::Registry;
///
/// let mut registry = Registry::new();
/// taxpoynt_connectors::register_all(&mut registry);
/// # #[cfg(feature = "square")]
/// assert_eq!(registry.get("square")?.info().name, "Square");
/// # Ok::<(), taxpoynt_core::Error>(())
/// ```
pub fn register_all(registry: &mut Registry) {
    // With every feature off there is nothing to add.
    let _: &Registry = registry;
    #[cfg(feature = "hubspot")]
    registry.register(HubSpot);
    #[cfg(feature = "square")]
    registry.register(Square);
    for (file, text) in TEMPLATES {
        // A test reads each of them; one that could not be read would be missing like a platform that is switched off.
        if let Ok(connector) = Declarative::parse(file, text) {
            registry.register(connector);
        }
    }
}

/// The platforms that need no Rust, each one file.
const TEMPLATES: &[(&str, &str)] = &[
    #[cfg(feature = "pipedrive")]
    ("pipedrive.toml", include_str!("../templates/pipedrive.toml")),
    #[cfg(feature = "zoho")]
    ("zoho.toml", include_str!("../templates/zoho.toml")),
    #[cfg(feature = "freshsales")]
    ("freshsales.toml", include_str!("../templates/freshsales.toml")),
];

/// Adds a platform that a template of the host's own describes; `file` names it in errors.
///
/// # Errors
/// `Mapping`, with `file`, `line` and `column`, as [`Declarative::parse`].
pub fn register_template(registry: &mut Registry, file: &str, text: &str) -> Result<Declarative> {
    let connector = Declarative::parse(file, text)?;
    registry.register(connector);
    Ok(connector)
}

/// The platforms of a process that is written in another language: those of this build, and the templates that were added.
static SHARED: LazyLock<RwLock<Registry>> = LazyLock::new(|| {
    let mut registry = Registry::new();
    register_all(&mut registry);
    RwLock::new(registry)
});

/// The platforms that hosts in Python and Node see. A Rust program makes a `Registry` of its own.
#[must_use]
pub fn shared() -> Registry {
    SHARED.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Adds a template to what [`shared`] gives from now on. Engines that are open keep the platforms they were opened with.
///
/// # Errors
/// As [`register_template`]; `Config` where the id is that of a platform of this build.
pub fn share_template(file: &str, text: &str) -> Result<Declarative> {
    let connector = Declarative::parse(file, text)?;
    let id = connector.info().id;
    let mut built = Registry::new();
    register_all(&mut built);
    if built.get(id).is_ok() {
        let message = format!("{file}: {id} is a platform of this build: give the template an id of its own");
        return Err(Error::new(ErrorKind::Config, "template.register", message).with("field", "id"));
    }
    SHARED.write().unwrap_or_else(PoisonError::into_inner).register(connector);
    Ok(connector)
}

#[cfg(test)]
mod tests {
    use super::{Declarative, TEMPLATES};

    #[test]
    fn every_template_that_is_switched_on_can_be_read() {
        for (file, text) in TEMPLATES {
            Declarative::parse(file, text).unwrap();
        }
    }
}
