//! A platform's webhooks, as a template writes them.

use serde::Deserialize;

/// Webhooks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    pub(crate) verify: Verify,
    /// Its rules are read with their positions by `taxpoynt_core::mapping::Fields`; here only `each` is: the list that
    /// holds the events of a delivery. Left out: it is one event. Empty: the delivery is itself the list.
    pub(crate) event: toml::Table,
    pub(crate) guide: Guide,
}

/// How a delivery proves itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Verify {
    /// HTTP Basic: this user, and the connection's webhook secret as password.
    Basic { user: String },
    /// The webhook secret in a header.
    Header { header: String },
    /// The webhook secret as the last part of the URL.
    Path,
    /// HMAC-SHA256 of parts of the request.
    Hmac { header: String, encoding: Encoding, signed: Vec<Signed> },
}

impl Verify {
    /// The header it looks at.
    pub(crate) fn header(&self) -> &str {
        match self {
            Self::Header { header } | Self::Hmac { header, .. } => header,
            Self::Basic { .. } | Self::Path => "authorization",
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    Base64,
    Hex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Signed {
    Method,
    Url,
    Body,
}

/// How a person sets the webhook up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guide {
    pub(crate) before: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) events: Vec<(String, String)>,
    pub(crate) secret: String,
    pub(crate) check: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) text: String,
    pub(crate) paste: Option<String>,
}
