//! Where a connection may call: hosts that its connector declares, or that the engine's host allows by name.

use super::facts::{DataCentre, Endpoint};
use crate::{Error, ErrorKind, Result, auth::AuthScheme, connector::ConnectorInfo};
use std::collections::BTreeMap;
use url::{Host, Url};

/// Where one connection calls.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its API, with a trailing slash.
    pub(crate) base_url: Url,
    /// The base URL is not the platform's: a simulator, a proxy.
    foreign: bool,
    centre: Option<&'static DataCentre>,
}

impl Site {
    /// The site of a connection with these settings.
    ///
    /// # Errors
    /// `Config`, naming the setting, for an unknown data centre, or a base URL that nobody allowed.
    pub(crate) fn of(
        info: &ConnectorInfo,
        settings: &BTreeMap<String, String>,
        allow_hosts: &[String],
    ) -> Result<Self> {
        let centre = settings.get("data_centre").map(|name| centre(info, name)).transpose()?;
        let usual = centre.map_or(info.base_url, |centre| centre.base_url);
        let base_url = base_url(settings.get("base_url").map_or(usual, String::as_str))?;
        let foreign = !declared(info, &base_url);
        if foreign {
            check_foreign(info, &base_url, allow_hosts)?;
        }
        Ok(Self { base_url, foreign, centre })
    }

    /// The data centre's own, else `usual`.
    pub(crate) fn authorize(&self, usual: Endpoint) -> Result<Url> {
        self.url(self.centre.map_or(usual, |centre| centre.authorize))
    }

    /// The data centre's own, else `usual`.
    pub(crate) fn token(&self, usual: Endpoint) -> Result<Url> {
        self.url(self.centre.map_or(usual, |centre| centre.token))
    }

    /// Where a call of `endpoint` goes.
    ///
    /// # Errors
    /// `Internal` where a connector declares something else than a URL or a path.
    pub(crate) fn url(&self, endpoint: Endpoint) -> Result<Url> {
        let wrong = |_| {
            let message = format!("the connector declares {endpoint:?}, which is no URL and no path");
            Error::new(ErrorKind::Internal, "auth.endpoint", message)
        };
        match Url::parse(endpoint) {
            Ok(url) if self.foreign => self.base_url.join(url.path().trim_start_matches('/')).map_err(wrong),
            Ok(url) => Ok(url),
            Err(_) => self.base_url.join(endpoint.trim_start_matches('/')).map_err(wrong),
        }
    }
}

/// Checks a base URL that a platform's answer named.
///
/// # Errors
/// `Config` where nobody allowed it.
pub(crate) fn check_base_url(info: &ConnectorInfo, text: &str, allow_hosts: &[String]) -> Result<Url> {
    let url = base_url(text)?;
    if !declared(info, &url) {
        check_foreign(info, &url, allow_hosts)?;
    }
    Ok(url)
}

fn centre(info: &ConnectorInfo, name: &str) -> Result<&'static DataCentre> {
    let declared = info.auth.iter().flat_map(|scheme| match scheme {
        AuthScheme::OauthCode(facts) => facts.centres,
        _ => &[],
    });
    let mut names = Vec::new();
    for centre in declared {
        if centre.name == name {
            return Ok(centre);
        }
        names.push(centre.name);
    }
    let message = match names.is_empty() {
        true => format!("{} has no data centres: leave data_centre out", info.id),
        false => format!("{} has no data centre {name:?}; it has: {}", info.id, names.join(", ")),
    };
    Err(refused("settings.data_centre", message))
}

/// A base URL ends in a slash, so that paths are joined below it.
fn base_url(text: &str) -> Result<Url> {
    let mut text = text.trim().to_owned();
    if !text.ends_with('/') {
        text.push('/');
    }
    let url = Url::parse(&text).map_err(|e| {
        refused("base_url", format!("base_url must be an address such as https://platform.example: {e}"))
    })?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    match url.scheme() {
        "http" | "https" if plain && url.host().is_some() => Ok(url),
        _ => {
            let message =
                "base_url is a plain https address, without user name, password, query and fragment";
            Err(refused("base_url", message.to_owned()))
        }
    }
}

/// Whether the connector itself declares the host.
fn declared(info: &ConnectorInfo, url: &Url) -> bool {
    let own = |text: &str| Url::parse(text).is_ok_and(|own| own.origin() == url.origin());
    let centres = info.auth.iter().flat_map(|scheme| match scheme {
        AuthScheme::OauthCode(facts) => facts.centres,
        _ => &[],
    });
    if own(info.base_url) || centres.into_iter().any(|centre| own(centre.base_url)) {
        return true;
    }
    let Some(Host::Domain(host)) = url.host() else { return false };
    let host = host.strip_suffix('.').unwrap_or(host);
    let standard = url.scheme() == "https" && url.port().is_none();
    standard && info.hosts.iter().any(|pattern| matches(pattern, host))
}

/// `*.platform.com` is any name below `platform.com`, and not that name itself.
fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => host
            .strip_suffix(parent)
            .and_then(|below| below.strip_suffix('.'))
            .is_some_and(|below| !below.is_empty()),
        None => pattern == host,
    }
}

fn check_foreign(info: &ConnectorInfo, url: &Url, allow_hosts: &[String]) -> Result<()> {
    let asked = url.host().map(|host| host.to_string());
    let bare_v6 = |entry: &str| entry.parse().ok().map(|v6| Host::<String>::Ipv6(v6).to_string());
    let written =
        |entry: &String| bare_v6(entry).or_else(|| Host::parse(entry).ok().map(|host| host.to_string()));
    if asked.is_some() && allow_hosts.iter().any(|entry| written(entry) == asked) {
        return Ok(());
    }
    let mut hosts: Vec<&str> = info.base_url.split('/').nth(2).into_iter().collect();
    hosts.extend(info.hosts);
    let message = format!(
        "{} is called at {}, not at {}: add that host to allow_hosts if it is meant to be called",
        info.id,
        hosts.join(", "),
        asked.unwrap_or_default()
    );
    Err(refused("base_url", message))
}

fn refused(field: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Config, "engine.connect", message).with("field", field)
}
