//! How connections authenticate, as a template writes it.

use super::Texts;
use serde::Deserialize;

/// How a connection proves who it is. At least one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Auth {
    pub(crate) oauth: Option<Oauth>,
    pub(crate) key: Option<Key>,
    #[serde(default)]
    pub(crate) bearer: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) header: String,
    #[serde(default)]
    pub(crate) prefix: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Oauth {
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) revoke: Option<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    pub(crate) scope_separator: Option<String>,
    #[serde(default)]
    pub(crate) authorize_params: Texts,
    #[serde(default)]
    pub(crate) token_params: Texts,
    #[serde(default = "super::yes")]
    pub(crate) pkce: bool,
    #[serde(default)]
    pub(crate) client: Client,
    #[serde(default)]
    pub(crate) body: Body,
    pub(crate) token_prefix: Option<String>,
    #[serde(default)]
    pub(crate) refusals: Vec<String>,
    /// The member of the token's answer that says where the account's API is.
    pub(crate) base_url: Option<String>,
    #[serde(default)]
    pub(crate) refresh_token: Rotation,
    pub(crate) minutes: u64,
    pub(crate) refresh_every_days: Option<u64>,
    #[serde(default)]
    pub(crate) centres: Vec<Centre>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Client {
    #[default]
    Body,
    Basic,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Body {
    #[default]
    Form,
    Json,
}

/// What becomes of a refresh token that was used.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rotation {
    Stays,
    Replaced,
    #[default]
    Undocumented,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Centre {
    pub(crate) name: String,
    pub(crate) base_url: String,
    pub(crate) authorize: String,
    pub(crate) token: String,
}
