//! HubSpot's settings and subscriptions of an app's webhooks.

/// The endpoints for the developer's key only.
pub(super) const ENDPOINTS: [&str; 0] = [];
