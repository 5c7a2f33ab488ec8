//! What the network hands us: signed requests, addresses, forms and waiting times.

use super::{halves, is_readable};
use chrono::DateTime;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use secrecy::SecretString;
use std::{net::IpAddr, sync::LazyLock, time::Duration};
use taxpoynt_core::{
    ErrorKind, Retry, Vault,
    connector::Registry,
    http::{
        api::{join, path_segment, query_string, status_error},
        guard::{AllowHosts, is_public},
    },
    webhook::{Secrets, WebhookRequest, hmac, timestamp},
};
use url::{Host, Url};

/// Every platform there is.
pub(crate) static PLATFORMS: LazyLock<Registry> = LazyLock::new(|| {
    let mut registry = Registry::new();
    taxpoynt_connectors::register_all(&mut registry);
    registry
});

/// A secret of this process: who forges a signature has broken HMAC.
static SECRET: LazyLock<Secrets> =
    LazyLock::new(|| Secrets(vec![Vault::generate_key().into(), SecretString::from(String::new())]));

const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Headers written as lines, up to an empty one; the rest is the body.
fn request(bytes: &[u8]) -> (HeaderMap, &[u8]) {
    let mut headers = HeaderMap::new();
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default().trim_ascii();
        let name = HeaderName::from_bytes(&line[..colon]);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    (headers, rest)
}

/// No request is taken for a platform's that was not signed with the secret, whatever its headers say.
pub(crate) fn signature(bytes: &[u8]) {
    let (url, rest) = halves(bytes);
    let url = String::from_utf8_lossy(url);
    let (headers, body) = request(rest);
    let request = WebhookRequest { method: "POST", url: &url, headers: &headers, body };
    let now = DateTime::from_timestamp(1_763_690_400, 0).expect("a time");
    for connector in PLATFORMS.iter() {
        let Some(webhook) = connector.webhook() else { continue };
        let error = webhook.verify(&request, &SECRET, now).expect_err("nobody has signed this");
        assert!(matches!(error.kind(), ErrorKind::SignatureInvalid | ErrorKind::Replayed), "{error}");
        is_readable(&error);
        // Nor is anything signed with no secret at all.
        webhook.verify(&request, &Secrets::default(), now).expect_err("there is no secret");
    }
    for name in ["x-signature", "x-timestamp"] {
        for verify in [hmac::verify_hex, hmac::verify_base64] {
            let verified = verify(&request, name, &SECRET, &[url.as_bytes(), body]);
            is_readable(&verified.expect_err("nobody has signed this"));
        }
    }
    for unit in [timestamp::Unit::Millis, timestamp::Unit::Seconds] {
        if let Err(error) = timestamp::check(&url, unit, now, Duration::from_secs(300)) {
            is_readable(&error);
        }
    }
}

/// What may be called is http or https, carries no user, and is no address of ours; what is joined to a base stays below.
pub(crate) fn url(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (first, second) = text.split_once('\0').unwrap_or((&text, ""));
    if let Ok(url) = Url::parse(first) {
        let nobody = AllowHosts::default();
        match nobody.check(&url) {
            Ok(()) => may_be_called(&url),
            Err(error) => is_readable(&error),
        }
        is_below(&url, second);
    }
    let base = Url::parse("https://platform.example/api/v1/").expect("an address");
    is_below(&base, first);
    let one = join(&base, &format!("orders/{}", path_segment(first)));
    assert!(one.is_ok() || matches!(first, "" | "." | ".."), "{first:?} is one segment");
    if let Err(error) = AllowHosts::new(&[first]) {
        is_readable(&error);
    }
    if let Ok(address) = first.parse::<IpAddr>() {
        let mapped = match address {
            IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
            IpAddr::V6(v6) => v6.to_canonical(),
        };
        assert!(mapped == address || !is_public(mapped) || !mapped.is_ipv6(), "{mapped} hides {address}");
    }
}

fn may_be_called(url: &Url) {
    assert!(matches!(url.scheme(), "http" | "https"), "{url}");
    assert!(url.username().is_empty() && url.password().is_none(), "{url}");
    let address = match url.host().expect("a host") {
        Host::Ipv4(v4) => IpAddr::V4(v4),
        Host::Ipv6(v6) => IpAddr::V6(v6),
        // A name is checked by the addresses it has. It is none itself, in no way of writing one.
        Host::Domain(name) => {
            assert!(name.parse::<IpAddr>().is_err(), "{url}");
            return;
        }
    };
    assert!(is_public(address), "{url}");
    if let IpAddr::V4(v4) = address {
        assert!(!(v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()), "{url}");
    }
}

fn is_below(base: &Url, path: &str) {
    let Ok(url) = join(base, path) else { return };
    assert_eq!(url.origin(), base.origin(), "{base} and {path:?}");
    let folder =
        if base.path().ends_with('/') { base.path().to_owned() } else { format!("{}/", base.path()) };
    assert!(url.path().starts_with(&folder), "{url} is not below {base}");
}

/// What goes into a form or a query comes out of it.
pub(crate) fn form(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let parts: Vec<&str> = text.split('\0').collect();
    let pairs: Vec<(&str, &str)> =
        parts.chunks(2).map(|pair| (pair[0], pair.get(1).copied().unwrap_or_default())).collect();
    let written = query_string(&pairs);
    assert!(written.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{written}");
    let read: Vec<(String, String)> = url::form_urlencoded::parse(written.trim_start_matches('?').as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let given: Vec<(String, String)> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    // A pair of two empty texts is nothing in a query.
    let said = |pairs: Vec<(String, String)>| -> Vec<_> {
        pairs.into_iter().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect()
    };
    assert_eq!(said(read), said(given), "{written}");
}

/// No answer makes us wait longer than a week, nor show its body at length.
pub(crate) fn retry_after(bytes: &[u8]) {
    let (status, rest) = bytes.split_first_chunk::<2>().unwrap_or((&[1, 173], bytes));
    let Ok(status) = StatusCode::from_u16(u16::from_be_bytes(*status) % 600) else { return };
    let (headers, body) = request(rest);
    let error = status_error("fuzz.call", status, &headers, body);
    is_readable(&error);
    if let Retry::After(wait) = error.retry() {
        assert!(wait <= LONGEST_WAIT, "{wait:?}");
    }
}
