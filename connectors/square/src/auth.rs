//! Square's OAuth, as data.

use std::time::Duration;
use taxpoynt_core::auth::{Answer, BodyForm, Life, OauthCode, Pkce, Revoke, RevokeForm, Rotation};

const DAY: u64 = 24 * 3600;

/// All endpoints are on the host of the API, which the sandbox has its own of.
///
/// Without a proof key, on purpose: Square gives those who send one a refresh token that is used once and ends after
/// 90 days, and takes no client secret from them. With the secret, the same refresh token stays good for ever, so that an
/// answer lost on the way costs nothing. The code is of use to nobody without the secret.
pub(crate) const OAUTH: OauthCode = OauthCode {
    revoke: Some(Revoke { at: "oauth2/revoke", form: RevokeForm::ClientHeader }),
    scopes: &["MERCHANT_PROFILE_READ", "ORDERS_READ", "PAYMENTS_READ", "CUSTOMERS_READ", "ITEMS_READ"],
    // Asks for the login each time: whoever is logged in by chance may be another seller.
    authorize_params: &[("session", "false")],
    pkce: Pkce::Without,
    body: BodyForm::Json,
    answer: Answer {
        // Unconfirmed: how Square words a refresh token that is refused. A 401 with its usual code is taken for one,
        // because the secret was right when the connection was made; where the secret has been replaced by a wrong one
        // since, `Engine::test_connection` brings connections back once it is mended.
        refusals: &["UNAUTHORIZED", "ACCESS_TOKEN_REVOKED"],
        ..Answer::RFC_6749
    },
    rotation: Rotation::Never,
    // 30 days. Square asks for a refresh every seven days or less.
    life: Life {
        unsaid: Duration::from_secs(30 * DAY),
        margin: Duration::from_secs(23 * DAY),
        young: Duration::from_secs(60),
        idle: Some(Duration::from_secs(7 * DAY)),
    },
    ..OauthCode::at("oauth2/authorize", "oauth2/token")
};
