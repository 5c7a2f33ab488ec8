//! OAuth 2.0 as the platforms run it: a consent page that agrees by itself, codes, tokens, rotation, reuse, revocation.

pub(crate) mod door;
pub(crate) mod ledger;
pub(crate) mod settings;

pub use ledger::OAuthCounts;
pub use settings::{Consent, OAuthSettings, Reuse, Rotation, TokenErrors};

use crate::world::{Shared, World, lock};
use chrono::{DateTime, Utc};
use ledger::Ledger;
use serde::Serialize;
use std::{fmt, sync::Mutex};

/// The handle of a platform's authorization server.
#[derive(Clone)]
pub struct OAuth {
    world: Shared,
    of: fn(&World) -> &Mutex<Ledger>,
}

impl fmt::Debug for OAuth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OAuth").finish_non_exhaustive()
    }
}

/// Tokens that were given without the consent page.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tokens {
    /// The bearer token.
    pub access_token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// What gets the next one.
    pub refresh_token: String,
    /// What they allow.
    pub scopes: Vec<String>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl OAuth {
    pub(crate) fn new(world: Shared, of: fn(&World) -> &Mutex<Ledger>) -> Self {
        Self { world, of }
    }

    /// Every switch, as it stands.
    #[must_use]
    pub fn settings(&self) -> OAuthSettings {
        lock((self.of)(&self.world)).settings.clone()
    }

    /// Changes switches, from now on.
    pub fn set(&self, change: impl FnOnce(&mut OAuthSettings)) {
        change(&mut lock((self.of)(&self.world)).settings);
    }

    /// How often what happened.
    #[must_use]
    pub fn counts(&self) -> OAuthCounts {
        lock((self.of)(&self.world)).counts.clone()
    }

    /// Tokens of a new grant, as if a person had agreed and the code had been exchanged. `pkce` is whether the
    /// authorization would have carried a challenge.
    #[must_use]
    pub fn grant(&self, scopes: &[&str], pkce: bool) -> Tokens {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let minted = lock((self.of)(&self.world)).grant(scopes, pkce, self.world.clock.now());
        let now = self.world.clock.now();
        minted.map_or_else(
            || Tokens {
                access_token: String::new(),
                expires_at: now,
                refresh_token: String::new(),
                scopes: Vec::new(),
            },
            |minted| Tokens {
                access_token: minted.access,
                expires_at: minted.expires_at,
                refresh_token: minted.refresh.unwrap_or_default(),
                scopes: minted.scopes,
            },
        )
    }

    /// Every access token is over at once, without moving the clock.
    pub fn expire_access_tokens(&self) {
        lock((self.of)(&self.world)).expire_access(self.world.clock.now());
    }
}
