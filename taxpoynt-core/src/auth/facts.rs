//! What a connector declares about its platform's ways in: facts, which the flows of this room read.

use serde::{Serialize, Serializer};
use std::time::Duration;

/// How a connection proves who it is. A connector lists what its platform offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthScheme {
    /// A token the account's owner pasted, sent as `Authorization: Bearer`.
    Bearer,
    /// OAuth 2.0 authorization code (RFC 6749, 4.1): the account's owner consents at the platform.
    OauthCode(&'static OauthCode),
    /// OAuth 2.0 client credentials (RFC 6749, 4.4): an id and a secret of the account itself.
    ClientCredentials(&'static ClientCredentials),
    /// A signed assertion in place of a secret (RFC 7523, RS256).
    JwtBearer(&'static JwtBearer),
    /// A call of the platform's own that gives a token for an id and a secret.
    MachineLogin(&'static MachineLogin),
    /// A key that its owner pasted, sent in a header of the platform's own.
    ApiKey(&'static ApiKey),
}

impl AuthScheme {
    /// Its name: `bearer`, `oauth_code`, `client_credentials`, `jwt_bearer`, `machine_login`, `api_key`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::OauthCode(_) => "oauth_code",
            Self::ClientCredentials(_) => "client_credentials",
            Self::JwtBearer(_) => "jwt_bearer",
            Self::MachineLogin(_) => "machine_login",
            Self::ApiKey(_) => "api_key",
        }
    }
}

/// By its name: hosts list what a platform offers.
impl Serialize for AuthScheme {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Where a call goes: a full URL, or a path below the connection's base URL. Where the host has let a base URL in that
/// is not the platform's (a simulator, a proxy), the path of a full URL is called there too.
pub type Endpoint = &'static str;

/// What RFC 6750 puts before an access token.
pub(crate) const BEARER: &str = "Bearer ";

/// OAuth 2.0 authorization code, as a platform offers it. Begin with [`OauthCode::at`], and say what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OauthCode {
    /// Where the account's owner consents.
    pub authorize: Endpoint,
    /// Where codes and refresh tokens are exchanged.
    pub token: Endpoint,
    /// Where tokens are revoked.
    pub revoke: Option<Revoke>,
    /// The platform's issuer identifier, where it publishes one and names it on the way back (RFC 9207). It must then
    /// be there and be this.
    pub issuer: Option<&'static str>,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// Between two scopes.
    pub scope_separator: &'static str,
    /// More parameters of the authorize URL.
    pub authorize_params: &'static [(&'static str, &'static str)],
    /// More parameters of each call of `token`.
    pub token_params: &'static [(&'static str, &'static str)],
    /// Whether a proof key goes along (RFC 7636).
    pub pkce: Pkce,
    /// How our registration is proved to `token`.
    pub client: ClientAuth,
    /// How the body of a call of `token` is written.
    pub body: BodyForm,
    /// What stands before the access token in `Authorization`; nearly everywhere `Bearer` and a blank.
    pub token_prefix: &'static str,
    /// What the platform's answer looks like.
    pub answer: Answer,
    /// What becomes of a refresh token that was used.
    pub rotation: Rotation,
    /// How long tokens live and when to refresh them.
    pub life: Life,
    /// Data centres, where accounts live in several. A connection names its own in the setting `data_centre`.
    pub centres: &'static [DataCentre],
}

impl OauthCode {
    /// As RFC 6749 has it: scopes separated by spaces, S256, the client's proof in the form, the refresh token's
    /// rotation unknown; tokens that say nothing of their life live half an hour.
    #[must_use]
    pub const fn at(authorize: Endpoint, token: Endpoint) -> Self {
        Self {
            authorize,
            token,
            revoke: None,
            issuer: None,
            scopes: &[],
            scope_separator: " ",
            authorize_params: &[],
            token_params: &[],
            pkce: Pkce::S256,
            client: ClientAuth::Body,
            body: BodyForm::Form,
            token_prefix: BEARER,
            answer: Answer::RFC_6749,
            rotation: Rotation::Undocumented,
            life: Life::minutes(30),
            centres: &[],
        }
    }
}

/// Whether a proof key goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pkce {
    /// The SHA-256 of a secret goes with the person, the secret with the code.
    S256,
    /// The platform knows none, or weakens what it gives to those who use it: the doc of the fact says which.
    Without,
}

/// How our registration is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientAuth {
    /// `client_id` and `client_secret` in the body.
    Body,
    /// HTTP Basic.
    Basic,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyForm {
    /// `application/x-www-form-urlencoded`, as the standard has it.
    Form,
    /// One JSON object of texts.
    Json,
}

/// Where a token's answer keeps its members; `/` leads into an object. What is absent is not looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Answer {
    /// The access token.
    pub access_token: &'static str,
    /// The refresh token.
    pub refresh_token: &'static str,
    /// Its life in seconds.
    pub expires_in: &'static str,
    /// Its end, RFC 3339 or seconds since 1970.
    pub expires_at: &'static str,
    /// The refresh token's end, likewise.
    pub refresh_expires_at: &'static str,
    /// The account's own API, where each has one. It becomes the connection's `base_url`.
    pub base_url: Option<&'static str>,
    /// Codes of an error that say that a refresh token or assertion is refused for good, besides `invalid_grant`.
    pub refusals: &'static [&'static str],
}

impl Answer {
    /// The names of the standard.
    pub const RFC_6749: Self = Self {
        access_token: "access_token",
        refresh_token: "refresh_token",
        expires_in: "expires_in",
        expires_at: "expires_at",
        refresh_expires_at: "refresh_token_expires_at",
        base_url: None,
        refusals: &[],
    };
}

/// What becomes of a refresh token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// It stays good. A lost answer costs nothing: it is asked for again.
    Never,
    /// A new one comes each time; the old one may be used again for this long. A lost answer costs nothing within it.
    Grace(Duration),
    /// A new one comes each time and the old one is dead at once. An answer that is lost on the wire cannot be had
    /// again: the account's owner must authorize once more.
    AtOnce,
    /// The platform does not say: whatever comes is kept.
    Undocumented,
}

/// How long tokens live and when to refresh them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Life {
    /// The life of an access token whose answer does not say.
    pub unsaid: Duration,
    /// A token with less life than this left is refreshed before it is used. Never more than half of its life.
    pub margin: Duration,
    /// A token younger than this that the platform refuses is not refreshed for it: the next one would be refused too.
    pub young: Duration,
    /// A token older than this is refreshed, used or not, so that its refresh token does not lapse.
    pub at_least_every: Option<Duration>,
}

impl Life {
    /// Tokens of so many minutes, refreshed five minutes early.
    #[must_use]
    pub const fn minutes(minutes: u64) -> Self {
        Self {
            unsaid: Duration::from_secs(minutes * 60),
            margin: Duration::from_secs(300),
            young: Duration::from_secs(60),
            at_least_every: None,
        }
    }
}

/// Where and how tokens are revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revoke {
    /// Where.
    pub at: Endpoint,
    /// How.
    pub form: RevokeForm,
}

/// How a token is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevokeForm {
    /// RFC 7009: the refresh token, else the access token, in a form with the client's proof.
    Rfc7009,
    /// `Authorization: Client <client_secret>`, and JSON with `client_id` and `access_token`.
    ClientHeader,
}

/// A data centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DataCentre {
    /// Its name in the setting `data_centre`.
    pub name: &'static str,
    /// Where its API is.
    pub base_url: &'static str,
    /// Its `authorize`.
    pub authorize: Endpoint,
    /// Its `token`.
    pub token: Endpoint,
}

/// OAuth 2.0 client credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientCredentials {
    /// Where tokens come from.
    pub token: Endpoint,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// How the id and secret are proved.
    pub client: ClientAuth,
    /// What the platform's answer looks like.
    pub answer: Answer,
    /// How long tokens live.
    pub life: Life,
}

/// A signed assertion (RFC 7523).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JwtBearer {
    /// Where tokens come from.
    pub token: Endpoint,
    /// The assertion's `aud`.
    pub audience: &'static str,
    /// What is asked for; left out where empty.
    pub scopes: &'static [&'static str],
    /// The life of an assertion.
    pub assertion_life: Duration,
    /// What the platform's answer looks like.
    pub answer: Answer,
    /// How long tokens live.
    pub life: Life,
}

/// A call of the platform's own that gives a token: JSON in, JSON out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MachineLogin {
    /// Where.
    pub login: Endpoint,
    /// The member that takes the id.
    pub id: &'static str,
    /// The member that takes the secret.
    pub secret: &'static str,
    /// More members.
    pub members: &'static [(&'static str, &'static str)],
    /// What the platform's answer looks like.
    pub answer: Answer,
    /// How long tokens live; `young` keeps to how often the platform lets us log in.
    pub life: Life,
}

/// A key in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApiKey {
    /// The header, in lower case: `x-api-token`.
    pub header: &'static str,
    /// What stands before the key in it.
    pub prefix: &'static str,
}
