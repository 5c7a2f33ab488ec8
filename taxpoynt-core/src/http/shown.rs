//! An address as it may be shown: without whoever is named in it, and without what is asked.

use url::Url;

/// Scheme, host, port and path. A user, a password, a query and a fragment may be secrets and are left out.
#[must_use]
pub fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    // Refused only where there is no host, and then there is no user either.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

/// Whether an address carries a user or a password.
#[must_use]
pub fn names_a_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_user_nor_query_is_shown() {
        for (given, expected) in [
            ("https://user:pass@host.example:8443/path?key=k#f", "https://host.example:8443/path"),
            ("https://host.example/", "https://host.example/"),
            ("mailto:someone@host.example?subject=x", "mailto:someone@host.example"),
        ] {
            assert_eq!(shown(&Url::parse(given).unwrap()), expected);
        }
        assert!(names_a_user(&Url::parse("https://user@host.example/").unwrap()));
        assert!(!names_a_user(&Url::parse("https://host.example/?a@b").unwrap()));
    }
}
