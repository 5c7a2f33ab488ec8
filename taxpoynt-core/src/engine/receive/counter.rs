//! Whom to talk to about a subscription: the host's app, else the connection itself.

use super::super::Engine;
use super::{desk::Target, guide::without_url};
use crate::{
    Error, ErrorKind, Result,
    connector::{Connector, Context},
    store::{Connection, StoredSubscription},
    webhook::subscription::Subscriptions,
};
use secrecy::SecretString;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// What it takes to talk to a platform about one subscription.
pub(super) struct Counter {
    pub(super) connector: Arc<dyn Connector>,
    pub(super) cx: Context,
    /// The connection; none for the host's app.
    pub(super) of: Option<Uuid>,
    pub(super) base_url: Option<String>,
    pub(super) url: String,
}

impl Counter {
    pub(super) fn api(&self) -> Result<&dyn Subscriptions> {
        self.connector.subscriptions().ok_or_else(|| without_api(self.connector.info().name))
    }
}

impl Engine {
    /// Whom to talk to about the subscription that serves a connection.
    pub(super) fn counter(&self, connection: &Connection) -> Result<Counter> {
        let base_url = connection.settings.get("base_url").cloned();
        if let Some(token) = self.management_token(&connection.platform) {
            let target = Target::Platform(connection.platform.clone());
            let url = self.registered_url(&connection.platform, &target, std::slice::from_ref(connection));
            return self.app_counter(&connection.platform, token, base_url, url);
        }
        let target = Target::Connection(connection.id);
        let url = self.registered_url(&connection.platform, &target, std::slice::from_ref(connection));
        Ok(Counter {
            connector: Arc::clone(self.connector(&connection.platform)?),
            cx: self.context(connection)?,
            of: Some(connection.id),
            base_url,
            url: url.ok_or_else(|| without_url(&connection.platform, "engine.subscribe"))?,
        })
    }

    /// Whom to talk to about a subscription that is there.
    pub(super) async fn counter_of(&self, stored: &StoredSubscription) -> Result<Counter> {
        if let Some(id) = stored.connection {
            let connection = self.store().connection(id, None).await?;
            return self.counter(&connection);
        }
        let token = self.management_token(&stored.platform).ok_or_else(|| {
            let message = "the app's management token is no longer configured: its webhook cannot be checked";
            Error::new(ErrorKind::Config, "engine.subscribe", message).with("field", "management_token")
        })?;
        let of_app = self.inner.options.apps.get(&stored.platform).and_then(|app| app.webhook_url.clone());
        let url = of_app.unwrap_or_else(|| stored.url.clone());
        self.app_counter(&stored.platform, token, stored.base_url.clone(), Some(url))
    }

    fn management_token(&self, platform: &str) -> Option<SecretString> {
        self.inner.options.apps.get(platform).and_then(|app| app.management_token.clone())
    }

    fn app_counter(
        &self,
        platform: &str,
        token: SecretString,
        base_url: Option<String>,
        url: Option<String>,
    ) -> Result<Counter> {
        let connector = Arc::clone(self.connector(platform)?);
        let settings: BTreeMap<_, _> =
            base_url.iter().map(|url| ("base_url".to_owned(), url.clone())).collect();
        let cx = self.app_context(&*connector, token, &settings)?;
        let url = url.ok_or_else(|| without_url(platform, "engine.subscribe"))?;
        Ok(Counter { connector, cx, of: None, base_url, url })
    }
}

/// The refusal where a platform registers no webhooks by its API.
pub(super) fn without_api(name: &str) -> Error {
    let message = format!("{name} has no API for this: set its webhook up by hand, as the guide says");
    Error::new(ErrorKind::Unsupported, "engine.subscribe", message)
}
