//! What a connection proves itself with: as a host hands it in, and as it is sealed.

use super::flow::Granted;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A token or key that the account's owner pasted.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Sent as `Authorization: Bearer`, or in the header of a platform that has API keys.
    pub access_token: SecretString,
    /// Secret that signs this connection's webhooks, where the platform has one per connection.
    pub webhook_secret: Option<SecretString>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(redacted)")
    }
}

/// What a connection can be made with, by hand.
#[derive(Clone)]
#[non_exhaustive]
pub enum Proof {
    /// A token or key.
    Token(Credentials),
    /// An id and a secret of the account, for client credentials or a machine login.
    Client {
        /// The id.
        id: String,
        /// The secret.
        secret: SecretString,
        /// As in [`Credentials`].
        webhook_secret: Option<SecretString>,
    },
    /// A private key, for signed assertions.
    Key {
        /// Who signs: the assertion's `iss`.
        client_id: String,
        /// For whom: the assertion's `sub`.
        subject: String,
        /// An RSA key, PEM: PKCS #8 or PKCS #1.
        private_key: SecretString,
        /// As in [`Credentials`].
        webhook_secret: Option<SecretString>,
    },
}

impl From<Credentials> for Proof {
    fn from(credentials: Credentials) -> Self {
        Self::Token(credentials)
    }
}

impl Proof {
    /// Splits the secret that signs webhooks off.
    pub(crate) fn into_parts(self) -> (Renewal, Option<SecretString>, Option<SecretString>) {
        match self {
            Self::Token(Credentials { access_token, webhook_secret }) => {
                (Renewal::None, Some(access_token), webhook_secret)
            }
            Self::Client { id, secret, webhook_secret } => {
                (Renewal::Client { id, secret: Hidden(secret) }, None, webhook_secret)
            }
            Self::Key { client_id, subject, private_key, webhook_secret } => {
                (Renewal::Key { client_id, subject, private_key: Hidden(private_key) }, None, webhook_secret)
            }
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Proof::Token(redacted)",
            Self::Client { .. } => "Proof::Client(redacted)",
            Self::Key { .. } => "Proof::Key(redacted)",
        })
    }
}

/// A text that `Debug` does not show.
#[derive(Clone)]
pub(crate) struct Hidden(pub(crate) SecretString);

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// Credentials as they are sealed. A host that has the keys finds `access_token` and `webhook_secret` at the top.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) access_token: Hidden,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) webhook_secret: Option<Hidden>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) issued_at: Option<DateTime<Utc>>,
    /// None: it does not end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Renewal::is_none")]
    pub(crate) renewal: Renewal,
}

/// How the next token comes.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Renewal {
    /// A person pastes it.
    #[default]
    None,
    /// By this refresh token.
    RefreshToken {
        refresh_token: Hidden,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refresh_expires_at: Option<DateTime<Utc>>,
    },
    /// By this id and secret.
    Client { id: String, secret: Hidden },
    /// By an assertion signed with this key.
    Key { client_id: String, subject: String, private_key: Hidden },
}

impl Renewal {
    pub(crate) const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl Stored {
    /// A token that nothing renews.
    pub(crate) fn pasted(access_token: SecretString, webhook_secret: Option<SecretString>) -> Self {
        let webhook_secret = webhook_secret.map(Hidden);
        let access_token = Hidden(access_token);
        Self { access_token, webhook_secret, issued_at: None, expires_at: None, renewal: Renewal::None }
    }

    /// No credentials: what is left of a removed connection.
    pub(crate) fn forgotten() -> Self {
        Self::pasted(SecretString::default(), None)
    }

    /// These, with what the platform gave. A refresh token that came replaces the old one; where none came, the old one
    /// stays (RFC 6749, 6).
    pub(crate) fn renewed(&self, granted: &Granted) -> Self {
        let renewal = match (&granted.refresh_token, &self.renewal) {
            (Some(token), _) => Renewal::RefreshToken {
                refresh_token: Hidden(token.clone()),
                refresh_expires_at: granted.refresh_expires_at,
            },
            (None, kept) => kept.clone(),
        };
        Self {
            access_token: Hidden(granted.access_token.clone()),
            webhook_secret: self.webhook_secret.clone(),
            issued_at: Some(granted.issued_at),
            expires_at: Some(granted.expires_at),
            renewal,
        }
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
