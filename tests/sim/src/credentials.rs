//! What a client needs to call the simulators: made up, and the same in every run.

use crate::{handle::hides_its_secrets, hubspot, keys::Keys, pipedrive, square};
use serde::Serialize;

/// What a client needs to call the simulators. All but the key file are the same in every run.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Credentials {
    /// Of the tax authority.
    pub authority: AuthorityCredentials,
    /// Of the access point.
    pub access_point: AccessPointCredentials,
    /// Of Square.
    pub square: SquareCredentials,
    /// Of HubSpot.
    pub hubspot: HubSpotCredentials,
    /// Of Pipedrive.
    pub pipedrive: PipedriveCredentials,
}

/// What a taxpayer gets from the authority's dashboard.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthorityCredentials {
    /// Header `x-api-key`.
    pub api_key: String,
    /// Header `x-api-secret`.
    pub api_secret: String,
    /// The entity that owns the business.
    pub entity_id: String,
    /// The business; a UUID.
    pub business_id: String,
    /// The eight characters in the middle of an IRN.
    pub service_id: String,
    /// The business's name.
    pub name: String,
    /// The business's tax identification number.
    pub tin: String,
    /// `crypto_keys.txt` in its present form, JSON. New in every run.
    pub crypto_keys: String,
    /// The same keys in the older form: a PEM block and a line.
    pub crypto_keys_pem: String,
    /// The certificate inside both.
    pub certificate: String,
}

/// What an access point gives its customers.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessPointCredentials {
    /// Header `X-API-Key`.
    pub api_key: String,
    /// Signs requests.
    pub api_secret: String,
}

/// What a seller or an app has at Square.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SquareCredentials {
    /// The application's own bearer token: it never ends.
    pub access_token: String,
    /// The application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where the consent page sends the browser back to, unless told otherwise.
    pub redirect_uri: String,
    /// Signs webhooks.
    pub signature_key: String,
    /// The seller.
    pub merchant_id: String,
    /// The one location.
    pub location_id: String,
}

/// What an app has at HubSpot.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HubSpotCredentials {
    /// The bearer token of a private app: it never ends.
    pub access_token: String,
    /// The app.
    pub client_id: String,
    /// Its secret; also signs webhooks.
    pub client_secret: String,
    /// Where the consent page sends the browser back to, unless told otherwise.
    pub redirect_uri: String,
    /// The bearer token of the app's developer: settings and subscriptions of webhooks.
    pub developer_key: String,
    /// The portal.
    pub portal_id: u64,
    /// The app.
    pub app_id: u64,
}

/// What a user or an app has at Pipedrive.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PipedriveCredentials {
    /// The user's own token, header `x-api-token`: it may do everything and never ends.
    pub api_token: String,
    /// The app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where the consent page sends the browser back to, unless told otherwise.
    pub redirect_uri: String,
    /// What the webhook that `webhook_url` makes sends as its user.
    pub webhook_user: String,
    /// And as its password.
    pub webhook_password: String,
    /// The company.
    pub company_id: u64,
    /// The user who connects it, an administrator.
    pub user_id: u64,
}

hides_its_secrets!(
    Credentials,
    AuthorityCredentials,
    AccessPointCredentials,
    SquareCredentials,
    HubSpotCredentials,
    PipedriveCredentials
);

/// Fixed, so that a second run on the same database meets the accounts it knows.
pub(crate) fn fixed(keys: &Keys) -> Credentials {
    Credentials {
        authority: AuthorityCredentials {
            api_key: "51b0c1e0-5100-4000-8000-000000000001".to_owned(),
            api_secret: "simulated-".repeat(10),
            entity_id: "9a6e4b7e-4b7e-4d2a-8c11-5f0e2d3c4b5a".to_owned(),
            business_id: "3d5a2c10-8e41-4f0b-9c37-6a1e5b0d4f22".to_owned(),
            service_id: "4B7E8E41".to_owned(),
            name: "Simulated Kitchen Ltd".to_owned(),
            tin: "10203040-0001".to_owned(),
            crypto_keys: keys.json_file(),
            crypto_keys_pem: keys.pem_file(),
            certificate: keys.certificate().to_owned(),
        },
        access_point: AccessPointCredentials {
            api_key: "SIMULATED_CLIENT_001".to_owned(),
            api_secret: "simulated-access-point-secret".to_owned(),
        },
        square: SquareCredentials {
            access_token: "simulated-square-access-token".to_owned(),
            client_id: "sq0idp-simulated-square-app".to_owned(),
            client_secret: "sq0csp-simulated-square-client-secret".to_owned(),
            redirect_uri: "https://host.example/oauth/square/callback".to_owned(),
            signature_key: "simulated-square-signature-key".to_owned(),
            merchant_id: square::MERCHANT_ID.to_owned(),
            location_id: square::LOCATION_ID.to_owned(),
        },
        hubspot: HubSpotCredentials {
            access_token: "simulated-hubspot-access-token".to_owned(),
            client_id: "51a0b5e7-0000-4000-8000-000000000a99".to_owned(),
            client_secret: "simulated-hubspot-client-secret".to_owned(),
            redirect_uri: "https://host.example/oauth/hubspot/callback".to_owned(),
            developer_key: "simulated-hubspot-developer-key".to_owned(),
            portal_id: hubspot::PORTAL_ID,
            app_id: hubspot::APP_ID,
        },
        pipedrive: PipedriveCredentials {
            api_token: "simulated-pipedrive-api-token".to_owned(),
            client_id: "51a0b5e7-pipedrive-app".to_owned(),
            client_secret: "simulated-pipedrive-client-secret".to_owned(),
            redirect_uri: "https://host.example/oauth/pipedrive/callback".to_owned(),
            webhook_user: "taxpoynt".to_owned(),
            webhook_password: "simulated-pipedrive-webhook-password".to_owned(),
            company_id: pipedrive::COMPANY_ID,
            user_id: pipedrive::USER_ID,
        },
    }
}
