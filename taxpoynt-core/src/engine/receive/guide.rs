//! The printed guide: how a person sets a platform's webhook up by hand.

use super::super::Engine;
use super::desk::Target;
use crate::{
    Error, ErrorKind, Result,
    webhook::guide::{Guide, Step, Template, Value},
};
use uuid::Uuid;

/// For a platform whose connector brings no guide of its own.
const ANY: Template = Template {
    before: "You need to be able to change the settings of the account.",
    steps: &[
        Step {
            text: "Sign in to the account and open its settings for webhooks or notifications.",
            value: Value::None,
        },
        Step { text: "Add a webhook with this address:", value: Value::Url },
        Step {
            text: "Choose every event that has to do with sales, payments and refunds, and save.",
            value: Value::None,
        },
    ],
    events: &[],
    secret: "where the platform shows a signing secret, paste it as the connection's webhook secret",
    check: "make a small sale; it shows up within a minute",
    files: &[],
};

impl Engine {
    /// How to set up by hand the webhook of a connection (its id) or of the host's app at a platform (`"hubspot"`): steps
    /// as data, and printed as a page. The address in it is the configured one.
    ///
    /// # Errors
    /// `NotFound`; `Config` where the platform has no webhooks, or no public URL is configured.
    pub async fn webhook_guide(&self, target: &str, tenant: Option<Uuid>) -> Result<Guide> {
        let of = Target::of(target);
        let connection = match &of {
            Target::Connection(id) => Some(self.store().connection(*id, tenant).await?),
            Target::Platform(_) => None,
        };
        let platform = connection.as_ref().map_or_else(|| target.to_owned(), |c| c.platform.clone());
        let connector = self.connector(&platform)?;
        let info = connector.info();
        let webhook = connector.webhook().ok_or_else(|| super::without_webhooks(&platform))?;
        let url = self
            .registered_url(&platform, &of, connection.as_slice())
            .ok_or_else(|| without_url(&platform, "engine.webhook_guide"))?;
        let template = webhook.guide().unwrap_or(&ANY);
        Ok(template.guide(&platform, info.name, &url, connector.subscriptions().is_some()))
    }
}

/// The refusal where nobody said where webhooks arrive.
pub(super) fn without_url(platform: &str, operation: &'static str) -> Error {
    let message = format!(
        "no public URL is configured for {platform}: set the connection's webhook_url, or that of the app, to the https \
         address where its webhooks arrive"
    );
    Error::new(ErrorKind::Config, operation, message).with("field", "webhook_url")
}
