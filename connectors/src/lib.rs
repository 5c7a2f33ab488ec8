#![doc = include_str!("../README.md")]

use taxpoynt_core::connector::Registry;

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
}
