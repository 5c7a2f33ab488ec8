//! Square's Webhook Subscriptions API.

/// The endpoints for the application's own token only.
pub(super) const ENDPOINTS: [&str; 0] = [];
