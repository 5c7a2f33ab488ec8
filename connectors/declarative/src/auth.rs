//! How connections authenticate, from a template's words into the engine's facts.

use crate::{
    lasting,
    template::{Auth, Body, Client, Oauth, Rotation},
};
use std::time::Duration;
use taxpoynt_core::{
    auth::{
        Answer, ApiKey, BodyForm, ClientAuth, DataCentre, Life, OauthCode, Pkce, Revoke, RevokeForm,
        Rotation as Used,
    },
    connector::AuthScheme,
};

const DAY: u64 = 24 * 3600;

/// The schemes of a template, the one a person would choose first.
pub(crate) fn schemes(auth: &Auth) -> Vec<AuthScheme> {
    let oauth = auth.oauth.as_ref().map(|oauth| AuthScheme::OauthCode(lasting::value(facts(oauth))));
    let key = auth.key.as_ref().map(|key| {
        let header = lasting::text(key.header.to_ascii_lowercase());
        AuthScheme::ApiKey(lasting::value(ApiKey { header, prefix: lasting::text(&key.prefix) }))
    });
    oauth.into_iter().chain(key).chain(auth.bearer.then_some(AuthScheme::Bearer)).collect()
}

fn facts(oauth: &Oauth) -> OauthCode {
    let usual = OauthCode::at(lasting::text(&oauth.authorize), lasting::text(&oauth.token));
    let life = Life::minutes(oauth.minutes);
    OauthCode {
        revoke: oauth.revoke.as_ref().map(|at| Revoke { at: lasting::text(at), form: RevokeForm::Rfc7009 }),
        scopes: lasting::list(oauth.scopes.iter().map(lasting::text)),
        scope_separator: oauth.scope_separator.as_ref().map_or(usual.scope_separator, lasting::text),
        authorize_params: lasting::pairs(&oauth.authorize_params),
        token_params: lasting::pairs(&oauth.token_params),
        pkce: if oauth.pkce { Pkce::S256 } else { Pkce::Without },
        client: match oauth.client {
            Client::Body => ClientAuth::Body,
            Client::Basic => ClientAuth::Basic,
        },
        body: match oauth.body {
            Body::Form => BodyForm::Form,
            Body::Json => BodyForm::Json,
        },
        token_prefix: oauth.token_prefix.as_ref().map_or(usual.token_prefix, lasting::text),
        answer: Answer {
            base_url: oauth.base_url.as_ref().map(lasting::text),
            refusals: lasting::list(oauth.refusals.iter().map(lasting::text)),
            ..Answer::RFC_6749
        },
        rotation: match oauth.refresh_token {
            Rotation::Stays => Used::Never,
            Rotation::Replaced => Used::AtOnce,
            Rotation::Undocumented => Used::Undocumented,
        },
        life: Life {
            at_least_every: oauth
                .refresh_every_days
                .map(|days| Duration::from_secs(days.saturating_mul(DAY))),
            ..life
        },
        centres: lasting::list(oauth.centres.iter().map(|centre| DataCentre {
            name: lasting::text(&centre.name),
            base_url: lasting::text(&centre.base_url),
            authorize: lasting::text(&centre.authorize),
            token: lasting::text(&centre.token),
        })),
        ..usual
    }
}
