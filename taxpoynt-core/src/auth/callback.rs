//! What a platform's redirect brings back.

use crate::{Error, ErrorKind, Result};
use secrecy::SecretString;
use std::fmt;

const OPERATION: &str = "engine.exchange";

/// What a platform's redirect brings back.
#[derive(Clone)]
pub struct Callback {
    /// Exchanged for tokens, once.
    pub code: SecretString,
    /// As it was sent along.
    pub state: SecretString,
    /// Who answers (RFC 9207), where the platform says.
    pub iss: Option<String>,
}

impl Callback {
    /// A code and a state.
    #[must_use]
    pub fn new(code: impl Into<SecretString>, state: impl Into<SecretString>) -> Self {
        Self { code: code.into(), state: state.into(), iss: None }
    }

    /// Reads the query of the URL the platform sent the person back to, with or without its question mark.
    ///
    /// ```
    /// use taxpoynt_core::auth::Callback;
    ///
    /// let callback = Callback::from_query("?code=abc&state=xyz&iss=https%3A%2F%2Fid.example")?;
    /// assert_eq!(callback.iss.as_deref(), Some("https://id.example"));
    /// assert!(Callback::from_query("error=access_denied&state=xyz").is_err());
    /// # Ok::<(), taxpoynt_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// `PermissionDenied` where the platform says that the account's owner declined, or whatever else it gives in place
    /// of a code; `Payload`, naming the parameter, where one is missing or stands there twice.
    pub fn from_query(query: &str) -> Result<Self> {
        let query = query.strip_prefix('?').unwrap_or(query);
        let one = |name: &'static str| -> Result<Option<String>> {
            let mut found = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
            match (found.next(), found.next()) {
                (_, Some(_)) => {
                    Err(Error::payload(OPERATION, name, format!("{name} stands in the redirect twice")))
                }
                (value, None) => Ok(value.map(|(_, value)| value.into_owned())),
            }
        };
        if let Some(code) = one("error")? {
            return Err(declined(&code));
        }
        let needed = |name: &'static str| {
            let missing = || Error::payload(OPERATION, name, format!("{name} is missing in the redirect"));
            one(name)?.filter(|value| !value.is_empty()).ok_or_else(missing)
        };
        Ok(Self { code: needed("code")?.into(), state: needed("state")?.into(), iss: one("iss")? })
    }
}

fn declined(code: &str) -> Error {
    let known = code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let code = if known { code } else { "unknown" };
    let message = match code {
        "access_denied" => "the account's owner declined: nothing was connected".to_owned(),
        _ => format!(
            "the platform did not authorize ({code}): start again, or check the app's registration there"
        ),
    };
    Error::new(ErrorKind::PermissionDenied, OPERATION, message).with("code", code)
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("iss", &self.iss).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_redirect_is_read_and_shows_no_secret() {
        let callback = Callback::from_query("?code=a%2Bb&state=s3cret").unwrap();
        assert_eq!(callback.code.expose_secret(), "a+b");
        assert_eq!(callback.iss, None);
        let shown = format!("{callback:?}");
        assert!(!shown.contains("a+b") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn what_is_missing_or_twice_is_named() {
        for (query, field) in [
            ("state=x", "code"),
            ("code=x", "state"),
            ("code=&state=x", "code"),
            ("code=x&code=y&state=z", "code"),
            ("code=x&state=y&state=y", "state"),
            ("code=x&state=y&iss=a&iss=b", "iss"),
        ] {
            let error = Callback::from_query(query).unwrap_err();
            assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some(field)), "{query}");
        }
    }

    #[test]
    fn a_refusal_in_place_of_a_code_says_what_to_do_and_quotes_no_nonsense() {
        let declined = Callback::from_query("error=access_denied&error_description=user_denied").unwrap_err();
        assert_eq!(declined.kind(), ErrorKind::PermissionDenied);
        assert!(declined.message().contains("declined"), "{declined}");
        let odd = Callback::from_query("error=%3Cscript%3E").unwrap_err();
        assert_eq!(odd.get("code"), Some("unknown"));
        assert!(!odd.to_string().contains("script"), "{odd}");
    }
}
