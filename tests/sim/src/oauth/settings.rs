//! How an authorization server behaves: lifetimes, rotation, what happens on reuse, how it words a refusal.

use serde::{Deserialize, Serialize};

/// Whether a refresh token is replaced when it is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rotation {
    /// As the platform does: Square with PKCE, and nobody else here.
    #[default]
    AsPlatform,
    /// At every refresh, as many other platforms do.
    Always,
    /// Never.
    Never,
}

/// What a refresh token or a code that was used up before brings about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reuse {
    /// It is refused.
    #[default]
    Refused,
    /// It is refused, and every token of its family is revoked: RFC 9700, section 4.14.2.
    RevokesFamily,
}

/// What the person at the consent page does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Consent {
    /// Agrees.
    #[default]
    Granted,
    /// Declines: the redirect carries `error=access_denied`.
    Denied,
}

/// How the token endpoint words a refusal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenErrors {
    /// As the platform does.
    #[default]
    AsPlatform,
    /// `{"error", "error_description"}`, with the codes of RFC 6749, section 5.2.
    Rfc6749,
}

/// Every switch of an authorization server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OAuthSettings {
    /// The redirect URIs of the app; compared character by character.
    pub redirect_uris: Vec<String>,
    /// How long an access token lives.
    pub access_seconds: u32,
    /// How long a refresh token lives that is replaced when used; `null`: for ever. One that stays lives for ever.
    pub refresh_seconds: Option<u32>,
    /// How long a refresh token lives that nobody uses: each use begins anew; `null`: for ever.
    pub idle_seconds: Option<u32>,
    /// How long a code lives.
    pub code_seconds: u32,
    /// Whether refresh tokens are replaced.
    pub rotation: Rotation,
    /// For so long a replaced refresh token is still taken.
    pub grace_seconds: u32,
    /// What reuse brings about.
    pub reuse: Reuse,
    /// Whether a refresh ends the access tokens before it.
    pub refresh_ends_access: bool,
    /// What the person at the consent page does.
    pub consent: Consent,
    /// The scopes that are granted of those asked for; `null`: all of them.
    pub granted_scopes: Option<Vec<String>>,
    /// Whether an authorization without `code_challenge` is refused.
    pub pkce_required: bool,
    /// What the redirect names as `iss` (RFC 9207); `null`: nothing.
    pub issuer: Option<String>,
    /// Tokens are filled up to this length.
    pub token_length: u16,
    /// How refusals are worded.
    pub errors: TokenErrors,
}

/// Lifetimes of Square: 30 days; single-use refresh tokens (PKCE) 90 days; codes 5 minutes.
pub(crate) fn square(redirect_uri: &str) -> OAuthSettings {
    OAuthSettings {
        redirect_uris: vec![redirect_uri.to_owned()],
        access_seconds: 30 * 86_400,
        refresh_seconds: Some(90 * 86_400),
        idle_seconds: None,
        code_seconds: 300,
        rotation: Rotation::AsPlatform,
        grace_seconds: 0,
        reuse: Reuse::Refused,
        refresh_ends_access: false,
        consent: Consent::Granted,
        granted_scopes: None,
        pkce_required: false,
        issuer: None,
        token_length: 64,
        errors: TokenErrors::AsPlatform,
    }
}

/// Lifetimes of HubSpot: half an hour; refresh tokens until the app is removed; tokens of 300 characters and more.
pub(crate) fn hubspot(redirect_uri: &str) -> OAuthSettings {
    OAuthSettings { access_seconds: 1800, refresh_seconds: None, token_length: 320, ..square(redirect_uri) }
}

/// Lifetimes of Pipedrive: an hour; refresh tokens stay and end after 60 days without use; tokens of 768 characters.
pub(crate) fn pipedrive(redirect_uri: &str) -> OAuthSettings {
    OAuthSettings {
        access_seconds: 3599,
        refresh_seconds: None,
        idle_seconds: Some(60 * 86_400),
        token_length: 768,
        ..square(redirect_uri)
    }
}

impl OAuthSettings {
    /// Turns on what the strictest platforms do: every refresh replaces the refresh token, and reuse ends the grant.
    pub fn rotate_strictly(&mut self) {
        self.rotation = Rotation::Always;
        self.reuse = Reuse::RevokesFamily;
        self.grace_seconds = 0;
    }
}
