//! What an authorization server remembers: codes, grants, access tokens and refresh tokens, in simulated time.

use super::settings::{OAuthSettings, Reuse, Rotation};
use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::collections::HashMap;

/// The app that asks for grants.
pub(crate) struct App {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// Why no token is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// The client is not known, or its secret is wrong or missing.
    ClientId,
    ClientSecret,
    /// A field is missing or comes twice.
    Field(&'static str),
    GrantType,
    /// The code is unknown, too old, used, or of another client.
    Code(&'static str),
    Redirect,
    Verifier,
    Refresh(&'static str),
    Scope,
}

/// What a token request brings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) grant_type: String,
    pub(crate) code: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) verifier: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) scopes: Option<Vec<String>>,
    /// Seconds, where the caller may choose a shorter life.
    pub(crate) lives: Option<u32>,
}

/// What differs between platforms and is no switch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Custom {
    /// In every token, so that it can be told whose it is.
    pub(crate) name: &'static str,
    /// A grant made with PKCE needs no secret, and its refresh tokens are used once.
    pub(crate) pkce_is_public: bool,
    /// The redirect URI must be named again when a code is exchanged.
    pub(crate) redirect_again: bool,
    /// A grant may come without a person.
    pub(crate) client_credentials: bool,
    /// The scopes of the app's registration, where an authorization asks for none; empty where it has to.
    pub(crate) registered: &'static [&'static str],
    /// Proof keys are known; else they are ignored, as RFC 6749 has it of what a server does not know.
    pub(crate) knows_pkce: bool,
}

/// Tokens that were just made.
#[derive(Debug, Clone)]
pub(crate) struct Minted {
    pub(crate) access: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) lives: u32,
    pub(crate) refresh: Option<String>,
    pub(crate) refresh_expires_at: Option<DateTime<Utc>>,
    pub(crate) scopes: Vec<String>,
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    /// The S256 challenge.
    pub(crate) challenge: Option<String>,
    expires_at: DateTime<Utc>,
    grant: Option<usize>,
}

#[derive(Debug, Clone)]
struct Grant {
    scopes: Vec<String>,
    pkce: bool,
    revoked: bool,
    refreshes: u32,
}

#[derive(Debug, Clone)]
struct Access {
    nth: u64,
    grant: usize,
    scopes: Vec<String>,
    expires_at: DateTime<Utc>,
    revoked: bool,
}

#[derive(Debug, Clone)]
struct Refresh {
    grant: usize,
    expires_at: Option<DateTime<Utc>>,
    replaced_at: Option<DateTime<Utc>>,
}

/// What a bearer token is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bearer {
    Unknown,
    Expired { seconds: i64 },
    Revoked,
    Good { scopes: Vec<String>, expires_at: DateTime<Utc> },
}

/// What tests count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OAuthCounts {
    /// Authorizations that a person agreed to.
    pub authorized: u64,
    /// Codes exchanged for tokens.
    pub exchanged: u64,
    /// Refreshes that gave a token.
    pub refreshed: u64,
    /// Token requests refused.
    pub refused: u64,
    /// Refresh tokens and codes that came again after they were used up.
    pub reused: u64,
    /// Grants that ended: revoked by the app, by the person, or because of reuse.
    pub revoked: u64,
}

/// One platform's authorization server.
pub(crate) struct Ledger {
    pub(crate) settings: OAuthSettings,
    pub(crate) app: App,
    pub(crate) counts: OAuthCounts,
    custom: Custom,
    codes: HashMap<String, Code>,
    grants: Vec<Grant>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    made: u64,
}

fn after(now: DateTime<Utc>, seconds: u32) -> DateTime<Utc> {
    now + TimeDelta::seconds(i64::from(seconds))
}

impl Ledger {
    pub(crate) fn new(custom: Custom, app: App, settings: OAuthSettings) -> Self {
        Self {
            settings,
            app,
            counts: OAuthCounts::default(),
            custom,
            codes: HashMap::new(),
            grants: Vec::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            made: 0,
        }
    }

    /// What is no switch.
    pub(crate) fn custom(&self) -> Custom {
        self.custom
    }

    /// The same in every run, and long enough to be one.
    fn make(&mut self, kind: &str) -> String {
        self.made += 1;
        let mut token = format!("sim-{}-{kind}-{:06}-", self.custom.name, self.made);
        let mut block = token.clone();
        let wanted = usize::from(self.settings.token_length).max(token.len() + 16);
        while token.len() < wanted {
            block = BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, block.as_bytes()));
            token.push_str(&block);
        }
        token.truncate(wanted);
        token
    }

    /// A person agreed: the code for it.
    pub(crate) fn authorize(
        &mut self,
        redirect_uri: &str,
        scopes: Vec<String>,
        challenge: Option<String>,
        now: DateTime<Utc>,
    ) -> String {
        let granted = self.settings.granted_scopes.as_ref();
        let scopes = scopes.into_iter().filter(|s| granted.is_none_or(|all| all.contains(s))).collect();
        let code = self.make("code");
        let expires_at = after(now, self.settings.code_seconds);
        let redirect_uri = redirect_uri.to_owned();
        self.codes.insert(code.clone(), Code { redirect_uri, scopes, challenge, expires_at, grant: None });
        self.counts.authorized += 1;
        code
    }

    /// Answers a token request.
    pub(crate) fn token(&mut self, ask: &Ask, now: DateTime<Utc>) -> Result<Minted, Denied> {
        let answer = self.decide(ask, now);
        self.counts.refused += u64::from(answer.is_err());
        answer
    }

    fn decide(&mut self, ask: &Ask, now: DateTime<Utc>) -> Result<Minted, Denied> {
        if ask.client_id != self.app.client_id {
            return Err(Denied::ClientId);
        }
        if ask.client_secret.as_ref().is_some_and(|secret| *secret != self.app.client_secret) {
            return Err(Denied::ClientSecret);
        }
        match ask.grant_type.as_str() {
            "authorization_code" => self.exchange(ask, now),
            "refresh_token" => self.refresh(ask, now),
            "client_credentials" if self.custom.client_credentials => self.machine(ask, now),
            _ => Err(Denied::GrantType),
        }
    }

    fn secret_needed(&self, ask: &Ask, pkce: bool) -> Result<(), Denied> {
        let public = pkce && self.custom.pkce_is_public;
        if ask.client_secret.is_none() && !public { Err(Denied::ClientSecret) } else { Ok(()) }
    }

    fn exchange(&mut self, ask: &Ask, now: DateTime<Utc>) -> Result<Minted, Denied> {
        let text = ask.code.as_ref().ok_or(Denied::Field("code"))?;
        let code = self.codes.get(text).cloned().ok_or(Denied::Code("unknown"))?;
        self.secret_needed(ask, code.challenge.is_some())?;
        if let Some(grant) = code.grant {
            self.counts.reused += 1;
            self.punish(grant);
            return Err(Denied::Code("used already"));
        }
        if now >= code.expires_at {
            return Err(Denied::Code("expired"));
        }
        match &ask.redirect_uri {
            Some(uri) if *uri != code.redirect_uri => return Err(Denied::Redirect),
            None if self.custom.redirect_again => return Err(Denied::Redirect),
            _ => {}
        }
        prove(code.challenge.as_deref(), ask.verifier.as_deref())?;
        let grant = self.grants.len();
        let pkce = code.challenge.is_some();
        self.grants.push(Grant { scopes: code.scopes, pkce, revoked: false, refreshes: 0 });
        if let Some(code) = self.codes.get_mut(text) {
            code.grant = Some(grant);
        }
        self.counts.exchanged += 1;
        let refresh = self.new_refresh(grant, now);
        self.mint(grant, Some(refresh), ask, now)
    }

    /// Whether the refresh tokens of a grant are used once.
    fn rotates(&self, grant: usize) -> bool {
        match self.settings.rotation {
            Rotation::Always => true,
            Rotation::Never => false,
            Rotation::AsPlatform => {
                self.custom.pkce_is_public && self.grants.get(grant).is_some_and(|grant| grant.pkce)
            }
        }
    }

    fn new_refresh(&mut self, grant: usize, now: DateTime<Utc>) -> String {
        let token = self.make("refresh");
        let rotates = self.rotates(grant);
        let life = self.settings.refresh_seconds.filter(|_| rotates).or(self.settings.idle_seconds);
        let expires_at = life.map(|life| after(now, life));
        self.refresh.insert(token.clone(), Refresh { grant, expires_at, replaced_at: None });
        token
    }

    fn refresh(&mut self, ask: &Ask, now: DateTime<Utc>) -> Result<Minted, Denied> {
        let text = ask.refresh_token.as_ref().ok_or(Denied::Field("refresh_token"))?;
        let known = self.refresh.get(text).cloned().ok_or(Denied::Refresh("unknown"))?;
        let grant = self.grants.get(known.grant).cloned().ok_or(Denied::Refresh("unknown"))?;
        self.secret_needed(ask, grant.pkce)?;
        if grant.revoked {
            self.counts.reused += u64::from(known.replaced_at.is_some());
            return Err(Denied::Refresh("revoked"));
        }
        if known.expires_at.is_some_and(|at| now >= at) {
            return Err(Denied::Refresh("expired"));
        }
        if known.replaced_at.is_some_and(|at| now >= after(at, self.settings.grace_seconds)) {
            self.counts.reused += 1;
            self.punish(known.grant);
            return Err(Denied::Refresh("used already"));
        }
        if self.settings.refresh_ends_access {
            self.end_access(known.grant);
        }
        let refresh = if self.rotates(known.grant) {
            if let Some(old) = self.refresh.get_mut(text) {
                old.replaced_at.get_or_insert(now);
            }
            self.new_refresh(known.grant, now)
        } else {
            if let (Some(known), Some(idle)) = (self.refresh.get_mut(text), self.settings.idle_seconds) {
                known.expires_at = Some(after(now, idle));
            }
            text.clone()
        };
        if let Some(grant) = self.grants.get_mut(known.grant) {
            grant.refreshes += 1;
        }
        self.counts.refreshed += 1;
        self.mint(known.grant, Some(refresh), ask, now)
    }

    fn machine(&mut self, ask: &Ask, now: DateTime<Utc>) -> Result<Minted, Denied> {
        self.secret_needed(ask, false)?;
        let scopes = ask.scopes.clone().filter(|scopes| !scopes.is_empty()).ok_or(Denied::Scope)?;
        let grant = self.grants.len();
        self.grants.push(Grant { scopes, pkce: false, revoked: false, refreshes: 0 });
        self.mint(grant, None, ask, now)
    }

    fn mint(
        &mut self,
        grant: usize,
        refresh: Option<String>,
        ask: &Ask,
        now: DateTime<Utc>,
    ) -> Result<Minted, Denied> {
        let access = self.make("access");
        let of_grant = self.grants.get(grant).map(|grant| grant.scopes.clone()).unwrap_or_default();
        // Never more than was granted: a request can only narrow it.
        let scopes: Vec<String> = of_grant
            .into_iter()
            .filter(|s| ask.scopes.as_ref().is_none_or(|only| only.contains(s)))
            .collect();
        let lives = ask.lives.unwrap_or(self.settings.access_seconds);
        let expires_at = after(now, lives);
        let refresh_expires_at = refresh.as_ref().and_then(|token| self.refresh.get(token)?.expires_at);
        let made = Access { nth: self.made, grant, scopes: scopes.clone(), expires_at, revoked: false };
        self.access.insert(access.clone(), made);
        Ok(Minted { access, expires_at, lives, refresh, refresh_expires_at, scopes })
    }

    fn punish(&mut self, grant: usize) {
        if self.settings.reuse == Reuse::RevokesFamily {
            self.revoke_grant(grant, true);
        }
    }

    fn revoke_grant(&mut self, grant: usize, with_access: bool) {
        if let Some(grant) = self.grants.get_mut(grant).filter(|grant| !grant.revoked) {
            grant.revoked = true;
            self.counts.revoked += 1;
        }
        if with_access {
            self.end_access(grant);
        }
    }

    fn end_access(&mut self, grant: usize) {
        self.access.values_mut().filter(|token| token.grant == grant).for_each(|token| token.revoked = true);
    }

    /// Ends every grant there is, with its access tokens or without; says whether there was one.
    pub(crate) fn revoke_all(&mut self, with_access: bool) -> bool {
        let live = (0..self.grants.len()).filter(|nth| !self.grants[*nth].revoked).collect::<Vec<_>>();
        live.iter().for_each(|grant| self.revoke_grant(*grant, with_access));
        !live.is_empty()
    }

    /// Ends the grant of a refresh token, with its access tokens or without; says whether it was known.
    pub(crate) fn revoke_refresh(&mut self, token: &str, with_access: bool) -> bool {
        let Some(grant) = self.refresh.get(token).map(|known| known.grant) else { return false };
        self.revoke_grant(grant, with_access);
        true
    }

    /// Ends one access token, or every grant, because Square's revocation is of the seller; says whether it was known.
    pub(crate) fn revoke_access(&mut self, token: &str, only_it: bool) -> bool {
        let Some(known) = self.access.get_mut(token) else { return false };
        known.revoked = true;
        if !only_it {
            self.revoke_all(true);
        }
        true
    }

    /// Every access token is over now, as if its time had passed.
    pub(crate) fn expire_access(&mut self, now: DateTime<Utc>) {
        self.access.values_mut().for_each(|token| token.expires_at = token.expires_at.min(now));
    }

    /// What a bearer token is worth now.
    pub(crate) fn bearer(&self, token: &str, now: DateTime<Utc>) -> Bearer {
        match self.access.get(token) {
            None => Bearer::Unknown,
            Some(known) if known.revoked => Bearer::Revoked,
            Some(known) if now >= known.expires_at => {
                Bearer::Expired { seconds: (now - known.expires_at).num_seconds() }
            }
            Some(known) => Bearer::Good { scopes: known.scopes.clone(), expires_at: known.expires_at },
        }
    }

    /// The number of an access token, which may be shown where the token may not.
    pub(crate) fn number(&self, token: &str) -> Option<u64> {
        self.access.get(token).map(|known| known.nth)
    }

    /// The scopes of a refresh token that still works.
    pub(crate) fn live_refresh(&self, token: &str) -> Option<Vec<String>> {
        let known = self.refresh.get(token).filter(|known| known.replaced_at.is_none())?;
        self.grants.get(known.grant).filter(|grant| !grant.revoked).map(|grant| grant.scopes.clone())
    }

    /// A grant as if a person had agreed and the code had been exchanged.
    pub(crate) fn grant(&mut self, scopes: Vec<String>, pkce: bool, now: DateTime<Utc>) -> Option<Minted> {
        let grant = self.grants.len();
        self.grants.push(Grant { scopes, pkce, revoked: false, refreshes: 0 });
        let refresh = self.new_refresh(grant, now);
        self.mint(grant, Some(refresh), &Ask::default(), now).ok()
    }
}

/// RFC 7636, section 4.6: the challenge is the S256 of the verifier; a verifier without a challenge proves nothing.
fn prove(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Denied> {
    let Some(challenge) = challenge else {
        return if verifier.is_some() { Err(Denied::Verifier) } else { Ok(()) };
    };
    let verifier = verifier.ok_or(Denied::Verifier)?;
    let spelled = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let made = BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    let right = (43..=128).contains(&verifier.len()) && verifier.bytes().all(spelled) && made == challenge;
    if right { Ok(()) } else { Err(Denied::Verifier) }
}
