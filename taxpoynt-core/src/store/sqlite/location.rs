//! Where a database is: reads its URL, and makes a new file that only its owner can read.

use crate::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

const OPERATION: &str = "store.open";

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    /// In this process, gone when it is dropped.
    Memory,
    /// A file.
    File(PathBuf),
}

impl Location {
    /// Reads `sqlite::memory:`, `sqlite://PATH` and `sqlite:PATH`.
    ///
    /// `sqlite:///taxpoynt.db` is a name alone after three slashes. Hosts write it as SQLAlchemy does, for a file in
    /// the working directory, and nobody keeps a database in the root of the file system, so it is read that way;
    /// `sqlite:///var/lib/taxpoynt.db` has a folder and is absolute.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let refused = |message: &str| Err(Error::new(ErrorKind::Config, OPERATION, message).with("url", url));
        let Some(rest) = url.strip_prefix("sqlite:") else {
            return refused(
                "the store's URL must look like sqlite:///path/to/taxpoynt.db or sqlite::memory:",
            );
        };
        let path = rest.strip_prefix("//").unwrap_or(rest);
        let path = path.strip_suffix("?mode=rwc").unwrap_or(path);
        if path == ":memory:" || path == "/:memory:" {
            return Ok(Self::Memory);
        }
        if path.contains('?') {
            return refused(
                "options after the path of a store's URL are not taken: leave out what follows the ?",
            );
        }
        let name = path.trim_start_matches('/');
        if name.is_empty() || path.ends_with('/') {
            return refused("the store's URL must name a file: sqlite:///path/to/taxpoynt.db");
        }
        let alone = path.strip_prefix('/').is_some_and(|name| !name.contains('/'));
        let path = if alone { name.to_owned() } else { path.replacen("//", "/", 1) };
        Ok(Self::File(PathBuf::from(path)))
    }

    /// Makes the file where there is none.
    pub(super) fn create(&self) -> Result<()> {
        match self {
            Self::File(path) => create(path),
            Self::Memory => Ok(()),
        }
    }
}

/// SQLite gives its journal the mode of the database file.
fn create(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => {
            let message = "the database file cannot be created: check that its folder exists and is writable";
            let refused = Error::new(ErrorKind::Config, OPERATION, message);
            Err(refused.with("path", path.display().to_string()).caused_by(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_memory_or_a_file() {
        let file = |path: &str| Location::File(PathBuf::from(path));
        for (url, expected) in [
            ("sqlite::memory:", Location::Memory),
            ("sqlite://:memory:", Location::Memory),
            ("sqlite:///:memory:", Location::Memory),
            ("sqlite:///var/lib/taxpoynt.db", file("/var/lib/taxpoynt.db")),
            ("sqlite:////var/lib/taxpoynt.db", file("/var/lib/taxpoynt.db")),
            ("sqlite:///taxpoynt.db", file("taxpoynt.db")),
            ("sqlite://taxpoynt.db", file("taxpoynt.db")),
            ("sqlite://data/taxpoynt.db?mode=rwc", file("data/taxpoynt.db")),
        ] {
            assert_eq!(Location::parse(url).unwrap(), expected, "{url}");
        }
    }

    #[test]
    fn a_url_of_another_kind_is_refused_with_an_example() {
        for url in [
            "postgres://host/db",
            "",
            "sqlite://",
            "sqlite:///",
            "sqlite:///var/lib/",
            "sqlite://a.db?cache=shared",
        ] {
            let error = Location::parse(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        }
    }
}
