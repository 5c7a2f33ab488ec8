//! A folder for as long as somebody needs it.

use std::path::PathBuf;
use uuid::Uuid;

/// A folder that is gone with whoever holds it.
#[derive(Debug)]
pub struct Place(pub PathBuf);

impl Place {
    /// A new one.
    ///
    /// # Panics
    /// Where none can be made.
    #[must_use]
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("taxpoynt-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The URL of a store in it.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        format!("sqlite://{}", self.0.join(name).display())
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
