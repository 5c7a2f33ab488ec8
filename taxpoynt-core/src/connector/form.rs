//! The form a host draws to connect an account, as a JSON Schema: nothing about a platform is written into the host.

use super::{Capability, ConnectorInfo};
use crate::auth::AuthScheme;
use serde_json::{Map, Value, json};

impl ConnectorInfo {
    /// The set-up form of a connection, JSON Schema 2020-12. Its two members are what `connect` takes: `credentials`, one
    /// of the ways the platform offers, and `settings`. A secret is marked `format: password` and `writeOnly`.
    ///
    /// ```
    /// # use taxpoynt_core::connector::ConnectorInfo;
    /// # fn example(info: &ConnectorInfo) {
    /// let form = info.setup_form();
    /// assert_eq!(form["properties"]["settings"]["type"], "object");
    /// # }
    /// ```
    #[must_use]
    pub fn setup_form(&self) -> Value {
        let ways: Vec<Value> = self.auth.iter().map(|scheme| self.way(scheme)).collect();
        let credentials = match <[Value; 1]>::try_from(ways) {
            Ok([only]) => only,
            Err(ways) => json!({ "title": "How to sign in", "type": "object", "oneOf": ways }),
        };
        let mut settings = Map::new();
        for setting in self.settings {
            let mut field =
                json!({ "type": "string", "title": title(setting.name), "description": setting.description });
            if let (true, Some(field)) = (setting.name.ends_with("_url"), field.as_object_mut()) {
                field.insert("format".into(), "uri".into());
            }
            settings.insert(setting.name.to_owned(), field);
        }
        let needed: Vec<&str> =
            self.settings.iter().filter(|setting| setting.required).map(|setting| setting.name).collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": format!("Connect {}", self.name),
            "type": "object",
            "required": ["credentials"],
            "properties": {
                "credentials": credentials,
                "settings": {
                    "type": "object",
                    "title": "Settings",
                    "additionalProperties": false,
                    "required": needed,
                    "properties": settings,
                },
            },
        })
    }

    /// What a person types to sign in by one scheme.
    fn way(&self, scheme: &AuthScheme) -> Value {
        let secret = |title: &str| json!({ "type": "string", "title": title, "minLength": 1, "format": "password", "writeOnly": true });
        let plain = |title: &str| json!({ "type": "string", "title": title, "minLength": 1 });
        let (title, needed): (String, Vec<(&str, Value)>) = match scheme {
            AuthScheme::OauthCode(_) => (format!("Sign in at {}", self.name), Vec::new()),
            AuthScheme::Bearer => ("Access token".into(), vec![("access_token", secret("Access token"))]),
            AuthScheme::ApiKey(_) => ("API key".into(), vec![("access_token", secret("API key"))]),
            AuthScheme::ClientCredentials(_) | AuthScheme::MachineLogin(_) => (
                "Client".into(),
                vec![("client_id", plain("Client ID")), ("client_secret", secret("Client secret"))],
            ),
            AuthScheme::JwtBearer(_) => (
                "Signing key".into(),
                vec![
                    ("client_id", plain("Client ID")),
                    ("subject", plain("User name")),
                    ("private_key", secret("Private key, PEM")),
                ],
            ),
        };
        let names: Vec<&str> = needed.iter().map(|(name, _)| *name).collect();
        let mut fields: Map<String, Value> =
            needed.into_iter().map(|(name, field)| (name.to_owned(), field)).collect();
        if self.can(Capability::Webhook) {
            fields.insert("webhook_secret".into(), secret("Webhook secret"));
        }
        let mut way = json!({
            "type": "object",
            "title": title,
            "additionalProperties": false,
            "required": names,
            "properties": fields,
        });
        if let (AuthScheme::OauthCode(_), Some(way)) = (scheme, way.as_object_mut()) {
            let text = format!("Nothing is typed: the person is sent to {} and comes back.", self.name);
            way.insert("description".into(), text.into());
            way.insert("x-authorize".into(), true.into());
        }
        way
    }
}

/// A connector's facts as hosts read them.
pub(super) fn described(info: &ConnectorInfo) -> Value {
    let mut facts = json!(info);
    if let Some(facts) = facts.as_object_mut() {
        facts.insert("setup_form".to_owned(), info.setup_form());
    }
    facts
}

/// `view_id` as a person reads it.
fn title(name: &str) -> String {
    let words = name.replace('_', " ").replace(" url", " URL").replace(" id", " ID");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
