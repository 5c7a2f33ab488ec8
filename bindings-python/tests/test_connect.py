"""Connections by authorization: begun, ended with what the redirect brought, and taken back."""

import contextlib
import urllib.error
import urllib.parse
import urllib.request

import pytest
import taxpoynt
from taxpoynt import blocking
from test_engine import KEY


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def consent(url):
    """What the account's owner brings back from the consent page: the query of the redirect."""
    with pytest.raises(urllib.error.HTTPError) as sent:
        urllib.request.build_opener(Stay).open(url, timeout=30)
    assert sent.value.code == 302, sent.value.read()
    return urllib.parse.urlsplit(sent.value.headers["location"]).query


@contextlib.contextmanager
def asking(sim, platform):
    """An engine registered at the platform, a tenant, and what `authorize_url` is told."""
    own = sim.credentials[platform]
    app = {
        "client_id": own["client_id"],
        "client_secret": own["client_secret"],
        "redirect_uris": [own["redirect_uri"]],
        "webhook_url": "https://host.example/hook",
    }
    told = {"redirect_uri": own["redirect_uri"], "settings": {"base_url": sim.urls[platform]}}
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], apps={platform: app}, **sim.options()) as engine:
        yield engine, engine.add_tenant(sim.tenant()).id, told


@pytest.mark.parametrize("platform", ["square", "hubspot"])
def test_an_account_is_connected_by_its_owners_consent_and_removed_with_its_tokens(sim, platform):
    with asking(sim, platform) as (engine, tenant, told):
        query = consent(engine.authorize_url(platform, tenant, **told))
        connection = engine.exchange(platform, tenant, query=query)
        assert (connection.platform, connection.tenant_id, connection.state) == (platform, tenant, "active")
        assert engine.test_connection(connection.id, tenant=tenant).id == connection.account
        assert engine.connection_log(connection.id, tenant=tenant) == [], "nothing had to be told so far"
        with pytest.raises(taxpoynt.PermissionDenied):
            engine.exchange(platform, tenant, query=query)

        removal = engine.remove(connection.id, tenant=tenant)
        assert removal.revoked and removal.how
        removed, forgotten = engine.connection_log(connection.id)
        assert (removed.event, forgotten.event) == ("connection.removed", "connection.forgotten")
        assert forgotten.detail == removal.how
        assert [one.state for one in engine.connections(tenant=tenant)] == ["removed"]


def test_a_token_that_the_platform_takes_back_is_noticed_and_its_owner_asked_again(sim):
    with asking(sim, "square") as (engine, tenant, told):
        pasted = sim.control("square/oauth/grant", {"scopes": ["MERCHANT_PROFILE_READ", "ORDERS_READ"]})
        credentials = {"access_token": pasted["access_token"]}
        connection = engine.connect("square", tenant, credentials=credentials, settings=told["settings"])
        sim.control("square/oauth/revoke")
        with pytest.raises(taxpoynt.Unauthenticated):
            engine.test_connection(connection.id)
        assert [entry.event for entry in engine.connection_log(connection.id)] == ["connection.needs_reauth"]
        assert [one.state for one in engine.connections()] == ["needs_reauth"]
        query = consent(engine.authorize_url("square", tenant, **told))
        again = engine.exchange("square", tenant, query=query)
        assert (again.id, again.state) == (connection.id, "active")


def test_a_code_counts_for_its_tenant_and_state_alone(sim):
    with asking(sim, "square") as (engine, tenant, told):
        answer = dict(urllib.parse.parse_qsl(consent(engine.authorize_url("square", tenant, **told))))
        other = engine.add_tenant({"name": "Another Ltd", "tin": "99999999-0001"}).id
        with pytest.raises(taxpoynt.PermissionDenied):
            engine.exchange("square", tenant, code=answer["code"], state="made up")
        with pytest.raises(taxpoynt.PermissionDenied):
            engine.exchange("square", other, code=answer["code"], state=answer["state"])
        with pytest.raises(taxpoynt.ConfigError):
            engine.exchange("square", tenant)
        with pytest.raises(taxpoynt.ConfigError):
            engine.authorize_url("square", tenant, **{**told, "redirect_uri": told["redirect_uri"] + "/"})


def test_an_owner_who_declines_is_told_apart(sim):
    with asking(sim, "square") as (engine, tenant, told):
        sim.control("square/oauth/settings", {"consent": "denied"})
        query = consent(engine.authorize_url("square", tenant, **told))
        with pytest.raises(taxpoynt.PermissionDenied, match="declined"):
            engine.exchange("square", tenant, query=query)
        assert engine.connections() == []
