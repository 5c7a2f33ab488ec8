//! Which addresses may be called: public ones, and those the host allows by name.
//!
//! A base URL or a link in a platform's answer must not make the engine call the machine it runs on, its network or
//! the cloud's metadata service. The check is made on the address that is then connected to, so that a name cannot
//! answer differently the second time.

use crate::{Error, ErrorKind, Result};
use async_trait::async_trait;
use std::{
    collections::BTreeSet,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use url::{Host, Url};

/// IPv4 ranges that are not the public internet, with their sources, as network and prefix length.
const PRIVATE_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network, RFC 791
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private, RFC 1918
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carrier NAT, RFC 6598; metadata of one cloud
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback, RFC 1122
    (Ipv4Addr::new(168, 63, 129, 16), 32), // metadata of one cloud, in public space
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, RFC 3927; metadata of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private, RFC 1918
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments, RFC 6890
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation, RFC 5737
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // 6to4 relays, RFC 7526
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private, RFC 1918
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks, RFC 2544
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation, RFC 5737
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation, RFC 5737
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast, RFC 5771
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved and broadcast, RFC 1112
];

/// Exceptions inside 2000::/3, which is all of the public IPv6 internet. Whatever embeds an IPv4 address (mapped,
/// compatible, NAT64) lies outside of it or stands here (6to4, Teredo).
const PRIVATE_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments with Teredo and ORCHID, RFC 2928
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation, RFC 3849
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, RFC 3056
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation, RFC 9637
];

/// Whether `address` is on the public internet. An IPv6 address that embeds an IPv4 one never is: on a network that
/// reaches IPv4 only through NAT64, the platform's host must be allowed by name.
///
/// ```
/// use taxpoynt_core::http::guard::is_public;
///
/// assert!(is_public("93.184.215.14".parse()?));
/// assert!(!is_public("169.254.169.254".parse()?));
/// assert!(!is_public("::ffff:93.184.215.14".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            !PRIVATE_V4.iter().any(|&(net, len)| (v4.to_bits() ^ net.to_bits()) >> (32 - len) == 0)
        }
        IpAddr::V6(v6) => {
            let global_unicast = v6.segments()[0] >> 13 == 1;
            global_unicast
                && !PRIVATE_V6.iter().any(|&(net, len)| (v6.to_bits() ^ net.to_bits()) >> (128 - len) == 0)
                && !is_isatap(v6)
        }
    }
}

/// Whether an IPv4 address is hidden in the lower half (ISATAP, RFC 5214, 6.1): with any prefix it may lead inside.
fn is_isatap(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    segments[4] & !0x0200 == 0 && segments[5] == 0x5efe
}

/// Finds the addresses of a name.
#[async_trait]
pub trait Names: Send + Sync + fmt::Debug {
    /// The addresses of `host`; their ports count for nothing.
    ///
    /// # Errors
    /// Where it has none, or nobody can be asked.
    async fn addresses(&self, host: &str) -> io::Result<Vec<SocketAddr>>;
}

/// The machine's own resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Names for SystemNames {
    async fn addresses(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.collect())
    }
}

/// The hosts that may be called although they are not public.
#[derive(Debug, Clone, Default)]
pub struct AllowHosts(BTreeSet<String>);

impl AllowHosts {
    /// Host names and addresses, each allowed exactly as written: `127.0.0.1` allows neither `localhost` nor a name
    /// that resolves to it.
    ///
    /// # Errors
    /// `Config` where an entry is no host: it has a scheme, port or path.
    pub fn new<S: AsRef<str>>(hosts: &[S]) -> Result<Self> {
        hosts.iter().map(|host| canonical(host.as_ref())).collect::<Result<_>>().map(Self)
    }

    /// Checks what can be known of `url` without asking for its addresses.
    ///
    /// # Errors
    /// `Config` where it is not http or https, carries a user name, or its host is an address that is not public.
    pub fn check(&self, url: &Url) -> Result<()> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(config("only http and https addresses are called"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(config("an address with a user name or password in it is not called"));
        }
        let address = match url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(config("the address has no host")),
        };
        let host = url.host_str().unwrap_or_default();
        if is_public(address) || self.allows(host) { Ok(()) } else { Err(Refused(host.to_owned()).into()) }
    }

    /// Of the addresses a name has, those that may be connected to.
    ///
    /// # Errors
    /// [`Refused`] where none is.
    pub fn filter(&self, host: &str, mut addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
        if self.allows(host) || addresses.is_empty() {
            return Ok(addresses);
        }
        addresses.retain(|address| is_public(address.ip()));
        if addresses.is_empty() { Err(Refused(host.to_owned())) } else { Ok(addresses) }
    }

    fn allows(&self, host: &str) -> bool {
        self.0.contains(&host.to_ascii_lowercase())
    }
}

/// A host whose every address is private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is not on the public internet: add it to allow_hosts if it is meant to be called",
            self.0
        )
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        config(refused.to_string())
    }
}

/// `host` as `url` writes it.
fn canonical(host: &str) -> Result<String> {
    let bare_v6 = host.parse::<Ipv6Addr>().ok().map(Host::Ipv6);
    let parsed = bare_v6.map_or_else(|| Host::parse(host), Ok);
    parsed.map(|host| host.to_string()).map_err(|_| {
        config("an entry of allow_hosts is no host name or address: write it without scheme, port and path")
            .with("entry", host)
    })
}

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, "http.guard", message)
}
