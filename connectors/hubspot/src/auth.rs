//! HubSpot's OAuth, as data.

use taxpoynt_core::auth::{Answer, Life, OauthCode, Revoke, RevokeForm, Rotation};

/// The dated endpoints of [`OAUTH_VERSION`](crate::OAUTH_VERSION): those of version 1 end on 2027-02-16.
///
/// A revocation ends the refresh token; access tokens that were given live on for up to half an hour. Whether a refresh
/// replaces the refresh token is not documented: what comes is kept.
pub(crate) const OAUTH: OauthCode = OauthCode {
    revoke: Some(Revoke { at: "oauth/2026-03/token/revoke", form: RevokeForm::Rfc7009 }),
    scopes: &[
        "oauth",
        "crm.objects.deals.read",
        "crm.objects.line_items.read",
        "crm.objects.products.read",
        "crm.objects.contacts.read",
        "crm.objects.companies.read",
        "crm.objects.owners.read",
        "crm.schemas.deals.read",
        "tax_rates.read",
        "settings.currencies.read",
    ],
    answer: Answer { refusals: &["BAD_REFRESH_TOKEN"], ..Answer::RFC_6749 },
    rotation: Rotation::Undocumented,
    life: Life::minutes(30),
    ..OauthCode::at("https://app.hubspot.com/oauth/authorize", "oauth/2026-03/token")
};

#[cfg(test)]
mod tests {
    use super::OAUTH;
    use crate::OAUTH_VERSION;

    #[test]
    fn every_endpoint_is_of_the_pinned_version() {
        for endpoint in [OAUTH.token, OAUTH.revoke.unwrap().at] {
            assert!(endpoint.starts_with(&format!("oauth/{OAUTH_VERSION}/token")), "{endpoint}");
        }
    }
}
