//! Authorization over the platform's own flow: from the consent page to tokens, through refreshes, to the end.

use super::{List, receive::engine};
use crate::{
    bench::{Bench, Verdict, ensure, gave, now, refused, run},
    stand::{Registration, World},
    wire::{Answer, Trouble, Wire},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use taxpoynt_core::{
    Clock, ErrorKind, Retry,
    auth::{Callback, Pkce},
    connector::AuthScheme,
    engine::Engine,
    store::{Connection, ConnectionState},
};
use taxpoynt_sim::{Consent, OAuth};
use taxpoynt_tests::{TestClock, shop};
use url::Url;
use uuid::Uuid;

pub(super) fn list(bench: &Bench, list: &mut List) {
    if bench.stand.oauth(bench.few()).is_none() {
        return;
    }
    list.add("authorize", "url", url);
    list.add("authorize", "another_redirect_is_refused", another_redirect);
    list.add("exchange", "code", code);
    list.add("exchange", "state_counts_once", state_once);
    list.add("exchange", "state_of_another_tenant", foreign_state);
    list.add("exchange", "declined", declined);
    list.add("exchange", "refused", code_refused);
    list.add("refresh", "before_it_expires", before);
    list.add("refresh", "rotated", rotated);
    list.add("refresh", "by_many_at_once_is_one", many);
    list.add("refresh", "refused", refresh_refused);
    list.add("refresh", "platform_out", platform_out);
    list.add("remove", "revokes", removes);
}

/// An engine that can send people to a platform.
struct Office<'a> {
    bench: &'a Bench,
    world: World,
    engine: Engine,
    wire: Arc<Wire>,
    clock: Arc<TestClock>,
    oauth: OAuth,
    app: Registration,
    tenant: Uuid,
}

impl<'a> Office<'a> {
    async fn open(bench: &'a Bench, world: World) -> Result<Self, String> {
        let clock = Arc::new(TestClock::new(now()));
        let wire = Wire::new(bench.id(), world.sim.direct(), clock.clone());
        let engine = engine(bench, &world, "sqlite::memory:", &wire, &clock).await?;
        let tenant = gave("the tenant", engine.add_tenant(shop(&world.sim)).await)?.id.ok_or("no id")?;
        let (oauth, app) = bench.stand.oauth(&world).ok_or("no OAuth")?;
        Ok(Self { bench, world, engine, wire, clock, oauth, app, tenant })
    }

    async fn url(&self) -> Result<Url, String> {
        let settings = BTreeMap::from([("base_url".to_owned(), self.world.base_url.to_string())]);
        let id = self.bench.id();
        let url = self.engine.authorize_url(id, self.tenant, &self.app.redirect_uri, settings).await;
        gave("authorize_url", url)
    }

    /// A person opens the URL; what the platform sends them back with.
    async fn consent(&self, url: &Url) -> Result<String, String> {
        // Consent pages live on a host of their own at some platforms; the simulator has one host.
        let path = if url.host_str() == self.world.base_url.host_str() {
            String::new()
        } else {
            format!("/{}", self.bench.id())
        };
        let query = url.query().unwrap_or_default();
        let page = http::Request::get(format!("{path}{}?{query}", url.path())).body(bytes::Bytes::new());
        let answer = self.world.sim.direct().call(page.map_err(|e| e.to_string())?).await;
        let answer = answer.map_err(|e| e.to_string())?;
        let to = answer.headers().get("location").and_then(|to| to.to_str().ok());
        let to = to.ok_or_else(|| format!("the consent page answers {answer:?}"))?;
        ensure!(to.starts_with(&self.app.redirect_uri), "the platform sends the person to {to}");
        let to: Url = to.parse().map_err(|e| format!("{to}: {e}"))?;
        Ok(to.query().unwrap_or_default().to_owned())
    }

    async fn callback(&self) -> Result<Callback, String> {
        gave("the redirect", Callback::from_query(&self.consent(&self.url().await?).await?))
    }

    async fn connect(&self) -> Result<Connection, String> {
        let callback = self.callback().await?;
        gave("exchange", self.engine.exchange(self.bench.id(), self.tenant, callback).await)
    }

    async fn check(
        &self,
        connection: &Connection,
    ) -> taxpoynt_core::Result<taxpoynt_core::connector::Account> {
        self.engine.test_connection(connection.id, None).await
    }

    /// Time passes here and at the platform.
    fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.world.sim.set_now(self.clock.now());
    }

    /// Until every access token is over.
    fn pass_expiry(&self) {
        self.pass(Duration::from_secs(u64::from(self.oauth.settings().access_seconds) + 1));
    }

    async fn state(&self, connection: &Connection) -> Result<ConnectionState, String> {
        let all = gave("connections", self.engine.connections(None).await)?;
        all.into_iter()
            .find(|one| one.id == connection.id)
            .map(|one| one.state)
            .ok_or("it is gone".to_owned())
    }
}

fn office(bench: &Bench, trial: impl AsyncFnOnce(&Office<'_>) -> Verdict) -> Verdict {
    let world = bench.open(1);
    run(async { trial(&Office::open(bench, world).await?).await })
}

fn url(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let (first, second) = (office.url().await?, office.url().await?);
        let of =
            |url: &Url, name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        ensure!(of(&first, "client_id") == Some(office.app.client_id.clone()), "client_id in {first}");
        ensure!(
            of(&first, "redirect_uri") == Some(office.app.redirect_uri.clone()),
            "redirect_uri in {first}"
        );
        let states = (of(&first, "state"), of(&second, "state"));
        ensure!(states.0.as_ref().is_some_and(|s| s.len() >= 32), "the state can be guessed: {first}");
        ensure!(states.0 != states.1, "two authorizations share a state");
        ensure!(!first.as_str().contains(&office.app.client_secret), "the client secret is in the URL");
        let facts = office.bench.connector.info().auth.iter().find_map(|scheme| match scheme {
            AuthScheme::OauthCode(facts) => Some(facts),
            _ => None,
        });
        let facts = facts.ok_or("it has an authorization server and declares no flow")?;
        let scope = of(&first, "scope").unwrap_or_default();
        let missing: Vec<_> = facts.scopes.iter().filter(|wanted| !scope.contains(**wanted)).collect();
        ensure!(missing.is_empty(), "not asked for: {missing:?}");
        if !matches!(facts.pkce, Pkce::Without) {
            ensure!(
                of(&first, "code_challenge_method").as_deref() == Some("S256"),
                "no proof key in {first}"
            );
            ensure!(of(&first, "code_challenge").is_some_and(|c| c.len() == 43), "no challenge in {first}");
        }
        ensure!(office.wire.count() == 0, "the platform was called to make a URL");
        Ok(())
    })
}

fn another_redirect(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let good = &office.app.redirect_uri;
        for uri in [
            format!("{good}/"),
            good.to_uppercase(),
            good.replace("https", "http"),
            "https://evil.example".into(),
        ] {
            let outcome =
                office.engine.authorize_url(office.bench.id(), office.tenant, &uri, BTreeMap::new()).await;
            refused(&uri, &[ErrorKind::Config], outcome)?;
        }
        Ok(())
    })
}

fn code(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let connection = office.connect().await?;
        ensure!(connection.account == office.world.account, "connected to {}", connection.account);
        ensure!(connection.state == ConnectionState::Active, "{:?}", connection.state);
        ensure!(office.oauth.counts().exchanged == 1, "{:?}", office.oauth.counts());
        gave("a call with the new token", office.check(&connection).await)?;
        let again = office.connect().await?;
        ensure!(again.id == connection.id, "authorized again, the account is another connection");
        Ok(())
    })
}

fn state_once(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let callback = office.callback().await?;
        gave("exchange", office.engine.exchange(office.bench.id(), office.tenant, callback.clone()).await)?;
        let calls = office.wire.count();
        let again = office.engine.exchange(office.bench.id(), office.tenant, callback).await;
        refused("a state that was used", &[ErrorKind::PermissionDenied], again)?;
        let mut old = office.callback().await?;
        old.state = "never-given-out".to_owned().into();
        let unknown = office.engine.exchange(office.bench.id(), office.tenant, old).await;
        refused("a state that is unknown", &[ErrorKind::PermissionDenied], unknown)?;
        let late = office.callback().await?;
        office.pass(Duration::from_secs(3600));
        let late = office.engine.exchange(office.bench.id(), office.tenant, late).await;
        refused("a state of an hour ago", &[ErrorKind::PermissionDenied], late)?;
        ensure!(office.wire.count() == calls, "a code went out for a state that does not count");
        Ok(())
    })
}

fn foreign_state(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let mut other = shop(&office.world.sim);
        other.business_id = None;
        other.tin = Some("99999999-0001".to_owned());
        let other = gave("another tenant", office.engine.add_tenant(other).await)?.id.ok_or("no id")?;
        ensure!(other != office.tenant, "the tenants are one");
        let callback = office.callback().await?;
        let outcome = office.engine.exchange(office.bench.id(), other, callback).await;
        refused("another tenant's state", &[ErrorKind::PermissionDenied], outcome)?;
        ensure!(office.wire.count() == 0, "the code went out");
        Ok(())
    })
}

fn declined(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        office.oauth.set(|settings| settings.consent = Consent::Denied);
        let query = office.consent(&office.url().await?).await?;
        refused("the owner declined", &[ErrorKind::PermissionDenied], Callback::from_query(&query))?;
        Ok(())
    })
}

/// A code the platform does not take: nothing is connected, and the person is told to start again.
fn code_refused(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let mut callback = office.callback().await?;
        callback.code = "canary-code-that-is-none".to_owned().into();
        let outcome = office.engine.exchange(office.bench.id(), office.tenant, callback).await;
        let error = refused("a wrong code", &[ErrorKind::Unauthenticated], outcome)?;
        ensure!(!error.to_string().contains("canary"), "the code is in the error");
        ensure!(gave("connections", office.engine.connections(None).await)?.is_empty(), "it was connected");
        Ok(())
    })
}

fn before(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let connection = office.connect().await?;
        for nth in 1..4 {
            office.pass_expiry();
            gave("after the token's life", office.check(&connection).await)?;
            let counts = office.oauth.counts();
            ensure!(counts.refreshed == nth && counts.refused == 0, "after {nth} lives: {counts:?}");
        }
        let calls = office.wire.count();
        gave("at once", office.check(&connection).await)?;
        ensure!(office.wire.count() == calls + 1, "a fresh token was refreshed");
        Ok(())
    })
}

/// The strictest platforms replace the refresh token each time and end the grant when an old one comes again.
fn rotated(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        office.oauth.set(taxpoynt_sim::OAuthSettings::rotate_strictly);
        let connection = office.connect().await?;
        for nth in 1..6 {
            office.pass_expiry();
            gave("after a rotation", office.check(&connection).await)?;
            let counts = office.oauth.counts();
            ensure!(counts.refreshed == nth, "{counts:?}");
            ensure!((counts.reused, counts.refused, counts.revoked) == (0, 0, 0), "{counts:?}");
        }
        ensure!(office.state(&connection).await? == ConnectionState::Active, "it is not in use any more");
        Ok(())
    })
}

fn many(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        office.oauth.set(taxpoynt_sim::OAuthSettings::rotate_strictly);
        let connection = office.connect().await?;
        office.pass_expiry();
        let callers: Vec<_> = (0..20)
            .map(|_| {
                let (engine, id) = (office.engine.clone(), connection.id);
                tokio::spawn(async move { engine.test_connection(id, None).await.map(|_| ()) })
            })
            .collect();
        for caller in callers {
            gave("one of many callers", caller.await.map_err(|e| e.to_string())?)?;
        }
        let counts = office.oauth.counts();
        ensure!((counts.refreshed, counts.reused) == (1, 0), "{counts:?}");
        Ok(())
    })
}

/// The owner took it back: the connection says so, and nobody asks the platform again until it is authorized anew.
fn refresh_refused(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let connection = office.connect().await?;
        office.bench.stand.disconnect(&office.world).await;
        office.pass_expiry();
        let outcome = office.check(&connection).await;
        refused("after the owner took it back", &[ErrorKind::Unauthenticated], outcome)?;
        let state = office.state(&connection).await?;
        ensure!(state == ConnectionState::NeedsReauth, "the connection is {state:?}");
        let calls = office.wire.count();
        let synced = office.engine.sync(connection.id, None, None).await;
        refused("a pull then", &[ErrorKind::Unauthenticated], synced)?;
        ensure!(office.wire.count() == calls, "the platform is called although it needs its owner");
        let again = office.connect().await?;
        ensure!(again.id == connection.id, "authorized again, it is another connection");
        ensure!(office.state(&connection).await? == ConnectionState::Active, "it is not in use again");
        gave("after the new authorization", office.check(&connection).await)?;
        Ok(())
    })
}

/// The token endpoint is out: no reason to trouble the owner.
fn platform_out(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let connection = office.connect().await?;
        office.pass_expiry();
        let out = Answer::json(503, "{}");
        office.wire.strike(office.wire.count(), 40, Trouble::Answer(out));
        let outcome = office.check(&connection).await;
        let error =
            refused("while the platform is out", &[ErrorKind::Unavailable, ErrorKind::Ambiguous], outcome)?;
        ensure!(error.retry() != Retry::Never, "given up for good: {error:?}");
        ensure!(office.state(&connection).await? == ConnectionState::Active, "its owner is troubled");
        office.wire.calm();
        office.pass(Duration::from_secs(600));
        gave("afterwards", office.check(&connection).await)?;
        Ok(())
    })
}

fn removes(bench: &Bench) -> Verdict {
    office(bench, async |office| {
        let connection = office.connect().await?;
        let removal = gave("remove", office.engine.remove(connection.id, None).await)?;
        ensure!(removal.revoked, "the platform was not told: {}", removal.how);
        ensure!(office.oauth.counts().revoked == 1, "{:?}", office.oauth.counts());
        let calls = office.wire.count();
        let outcome = office.check(&connection).await;
        refused("a removed connection", &[ErrorKind::NotFound], outcome)?;
        ensure!(office.wire.count() == calls, "a removed connection is called");
        Ok(())
    })
}
