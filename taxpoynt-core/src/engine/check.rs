//! Whether a tenant is set up at the authority as its settings say, in words, before the first sale finds out.

use super::{Engine, authority::Deployment};
use crate::{
    Error, ErrorKind, Result,
    firs::{ApiKeys, Business, Client, Paging},
    tenant::Tenant,
};
use serde::Serialize;
use uuid::Uuid;

/// Pages of taxpayers that are looked through for the tenant's own.
const PAGES: u32 = 50;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthorityCheck {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// What is wrong, the first thing to mend first.
    pub findings: Vec<Finding>,
}

/// Something that is wrong, or could not be found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable: `authority_missing authority_unreachable authority_unhealthy keys_missing keys_refused
    /// entity_unavailable business_id_missing business_unknown service_id_missing service_id_differs tin_differs
    /// webhook_missing webhook_unchecked`.
    pub code: &'static str,
    /// One sentence that says what to do.
    pub message: String,
}

impl Engine {
    /// Asks the authority whether it is up, whether it takes the tenant's keys, whether it knows the business under them
    /// with the tenant's service id and TIN, and whether a webhook is set; and says in plain words what is wrong. The last
    /// question makes it send a test notice to the webhook, which is stored like any other.
    ///
    /// # Errors
    /// `NotFound` for the tenant; `Store`. What is wrong at the authority, or between, is in the findings.
    pub async fn check_authority(&self, tenant: Uuid) -> Result<AuthorityCheck> {
        let (profile, _) = self.store().tenant(tenant).await?;
        let mut check = Check { tenant: profile, findings: Vec::new() };
        let own = self.own_authority(tenant).await?;
        match self.deployment(&own) {
            Ok(Some(Deployment { client, .. })) => match self.authority_keys(tenant).await {
                Ok(keys) => check.run(&client, &keys).await,
                Err(error) if error.kind() == ErrorKind::Store => return Err(error),
                Err(error) => check.find("keys_missing", sentence(&error)),
            },
            Ok(None) => check.find(
                "authority_missing",
                "No authority is configured: open the engine with the authority's base URL.",
            ),
            Err(error) => check.find("authority_missing", sentence(&error)),
        }
        Ok(AuthorityCheck { ok: check.findings.is_empty(), findings: check.findings })
    }
}

struct Check {
    tenant: Tenant,
    findings: Vec<Finding>,
}

impl Check {
    fn find(&mut self, code: &'static str, message: impl Into<String>) {
        self.findings.push(Finding { code, message: message.into() });
    }

    async fn run(&mut self, client: &Client, keys: &ApiKeys) {
        match client.health(keys).await {
            Ok(true) => {}
            Ok(false) => self
                .find("authority_unhealthy", "The authority says that it is not healthy: try again later."),
            // Without an answer every other question would only repeat this.
            Err(error) => return self.unanswered("authority_unreachable", &error),
        }
        if self.entity(client, keys).await {
            self.webhook(client, keys).await;
        }
    }

    /// What a failed question tells: refused keys are the cause of whatever it was.
    fn unanswered(&mut self, code: &'static str, error: &Error) {
        let refused = matches!(error.kind(), ErrorKind::Unauthenticated | ErrorKind::PermissionDenied);
        self.find(if refused { "keys_refused" } else { code }, sentence(error));
    }

    /// The tenant's business as the authority has it. False: the keys are refused.
    async fn entity(&mut self, client: &Client, keys: &ApiKeys) -> bool {
        let Some(id) = self.tenant.business_id.clone().filter(|id| !id.trim().is_empty()) else {
            self.find(
                "business_id_missing",
                "The tenant has no business_id: copy it from the authority's dashboard.",
            );
            return true;
        };
        match business(client, keys, id.trim()).await {
            Ok(Some(business)) => self.compare(&business),
            Ok(None) => self.find(
                "business_unknown",
                format!(
                    "The authority shows no business {id} under these keys: check business_id, and that the taxpayer chose \
                     this provider on the dashboard."
                ),
            ),
            Err(error) => {
                self.unanswered("entity_unavailable", &error);
                return error.kind() != ErrorKind::Unauthenticated;
            }
        }
        true
    }

    fn compare(&mut self, business: &Business) {
        let own = self.tenant.service_id.clone().filter(|id| !id.trim().is_empty());
        match (own, business.service_id()) {
            (None, Some(theirs)) => self.find(
                "service_id_missing",
                format!("The tenant has no service_id: the authority's IRN template has {theirs}."),
            ),
            (None, None) => self.find(
                "service_id_missing",
                "The tenant has no service_id: copy the 8 letters and digits from the authority's dashboard.",
            ),
            (Some(own), Some(theirs)) if own != theirs => self.find(
                "service_id_differs",
                format!(
                    "The tenant's service_id is {own}, the authority's IRN template has {theirs}: every document would be \
                     refused; set service_id to {theirs}."
                ),
            ),
            _ => {}
        }
        let own = self.tenant.tin.clone().map(|tin| tin.trim().to_owned());
        if let (Some(own), Some(theirs)) = (own, &business.tin)
            && own != theirs.trim()
        {
            self.find(
                "tin_differs",
                format!("The tenant's TIN is {own}, the authority has {theirs} for this business: correct one of them."),
            );
        }
    }

    async fn webhook(&mut self, client: &Client, keys: &ApiKeys) {
        match client.check_webhook(keys).await {
            Ok(()) => {}
            Err(error) if error.get("code") == Some("webhook_missing") => self.find(
                "webhook_missing",
                "No webhook is set at the authority, so it sends nothing on to buyers: set the address of this engine's \
                 authority webhook on its dashboard.",
            ),
            Err(error) => self.unanswered("webhook_unchecked", &error),
        }
    }
}

/// The business among those of the taxpayers that chose this provider.
async fn business(client: &Client, keys: &ApiKeys, id: &str) -> Result<Option<Business>> {
    let mut paging = Paging { size: 100, ..Paging::default() };
    for _ in 0..PAGES {
        let page = client.entities(keys, &paging, None).await?;
        let found = page.rows.into_iter().flat_map(|entity| entity.businesses).find(|b| b.id == id);
        if found.is_some() || !page.has_next {
            return Ok(found);
        }
        paging = paging.next();
    }
    Ok(None)
}

/// A message as a sentence.
fn sentence(error: &Error) -> String {
    let mut message = error.message().to_owned();
    if let Some(first) = message.get(..1).map(str::to_uppercase) {
        message.replace_range(..1, &first);
    }
    if !message.ends_with('.') {
        message.push('.');
    }
    message
}
