"""Webhooks from their bytes to the store, and what brings them: subscriptions, the guide, secrets."""

import contextlib
import json
import urllib.request

import pytest
import taxpoynt
from taxpoynt import blocking
from test_engine import KEY, host
from test_webhooks import square_headers


def call(sim, method, path, body=None):
    """A call of Square's own API at the simulator, as somebody at the platform's dashboard would cause it."""
    token = sim.credentials["square"]["access_token"]
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(sim.urls["square"] + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@contextlib.contextmanager
def till(sim, **options):
    """An engine behind a web server that keeps what came, and its connected till."""
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options(), **options) as engine:
        tenant = engine.add_tenant(sim.tenant())
        taken = []

        def receive(headers, body):
            told = dict(method="POST", url="http://behind-a-proxy/", headers=list(headers), body=body)
            receipt = engine.receive(connection.id, **told)
            taken.append((receipt, told))
            return receipt.status

        with host(receive) as url:
            connection = engine.connect("square", tenant.id, **sim.square(url))
            yield engine, tenant.id, connection, url, taken


def test_raw_bytes_are_stored_once_and_read_again_when_asked(sim):
    with till(sim) as (engine, tenant, connection, url, taken):
        sim.control("square/webhook_url", {"url": url})
        sold = sim.control("square/sales/b2b")
        [(first, told)] = taken
        assert (first.status, first.new, first.duplicates) == (200, 1, 0)
        again = engine.receive(connection.id, **told)
        assert (again.status, again.new, again.duplicates) == (200, 0, 1)
        altered = engine.receive(connection.id, **{**told, "body": told["body"] + b" "})
        assert (altered.status, altered.new) == (401, 0)
        assert engine.drain().empty
        assert [document.source_id for document in engine.invoices()] == [sold["id"]]

        [delivery] = engine.deliveries(tenant=tenant, connection=connection.id)
        assert (delivery.connection_id, delivery.tenant_id) == (connection.id, tenant)
        assert (delivery.bytes, delivery.faults, delivery.shared, delivery.replays) == (len(told["body"]), [], False, 0)
        [event] = delivery.events
        assert (event.event_id, event.kind) == (json.loads(told["body"])["event_id"], "payment.updated")
        assert event.record_id and delivery.received_at.tzinfo and delivery.replayed_at is None
        assert len(engine.deliveries(faulty=True)) == 0 and len(engine.deliveries(ignored=True)) == 0
        assert engine.replay_delivery(delivery.id, tenant=tenant) == 1
        report = engine.replay_deliveries(connection=connection.id)
        assert (report.deliveries, report.queued, report.faulty) == (1, 1, 0)
        [replayed] = engine.deliveries(limit=1)
        assert replayed.replays == 2 and replayed.replayed_at >= delivery.received_at
        assert engine.drain().empty
        assert len(engine.invoices()) == 1, "reading it again makes no second invoice"

        other = engine.add_tenant({"name": "Another Ltd", "tin": "99999999-0001"}).id
        assert len(engine.deliveries(tenant=other)) == 0
        with pytest.raises(taxpoynt.NotFound):
            engine.replay_delivery(delivery.id, tenant=other)


def test_what_is_none_of_ours_is_kept_and_said_to_be_ignored(sim):
    with till(sim) as (engine, tenant, connection, url, taken):
        sim.control("square/webhook_url", {"url": url})
        sim.control("square/sales/walk_in")
        # A kind of event that nobody asked for, signed as the platform signs.
        key, body = sim.credentials["square"]["signature_key"], json.loads(taken[0][1]["body"])
        body |= {"event_id": "11111111-0000-4000-8000-000000000001", "type": "loyalty.account.created"}
        raw = json.dumps(body).encode()
        headers = square_headers(key, url, raw)
        receipt = engine.receive(connection.id, method="POST", url="/", headers=headers, body=raw)
        assert (receipt.status, receipt.new) == (200, 1)
        [delivery] = engine.deliveries(ignored=True)
        [event] = delivery.events
        assert (event.event_id, event.kind, event.record_id) == (body["event_id"], body["type"], None)
        assert len(engine.deliveries()) == 2 and engine.replay_deliveries(ignored=True).queued == 0


def test_a_subscription_is_made_mended_renewed_and_ended_by_the_platforms_api(sim):
    with till(sim) as (engine, tenant, connection, url, taken):
        made = engine.subscribe(connection.id, tenant=tenant)
        assert (made.outcome, made.platform, made.connection_id) == ("created", "square", connection.id)
        assert (made.drift, made.message) == ([], None)
        assert engine.subscribe(connection.id).outcome == "unchanged"
        [kept] = engine.subscriptions()
        assert (kept.state, kept.url, kept.connection_id, kept.message) == ("active", url, connection.id, None)
        assert "payment.updated" in kept.events and kept.check_at > kept.checked_at >= kept.created_at
        sim.control("square/sales/walk_in")
        assert [receipt.status for receipt, _ in taken] == [200], "signed with the key that the platform gave"

        path = f"v2/webhooks/subscriptions/{kept.external_id}"
        call(sim, "PUT", path, {"subscription": {"enabled": False}})
        [mended] = engine.check_subscriptions()
        assert (mended.outcome, mended.drift) == ("amended", ["disabled"])
        call(sim, "DELETE", path)
        assert [check.outcome for check in engine.check_subscriptions()] == ["recreated"]
        assert [check.outcome for check in engine.check_subscriptions()] == ["unchanged"]

        engine.renew_webhook_secret(connection.id, tenant=tenant)
        sim.control("square/sales/walk_in")
        assert taken[-1][0].status == 200
        secrets = engine.webhook_secrets(connection.id, tenant=tenant)
        assert [secret.origin for secret in secrets] == ["configured", *["platform"] * 3]
        live = [secret for secret in secrets if secret.retired_at is None]
        assert engine.retire_old_webhook_secrets(connection.id) == len(live) - 1
        sim.control("square/sales/walk_in")
        assert taken[-1][0].status == 200, "the newest still opens"

        assert engine.unsubscribe(connection.id, tenant=tenant) is True
        assert engine.subscriptions() == [] and engine.unsubscribe(connection.id) is False
        with pytest.raises(taxpoynt.NotFound):
            engine.renew_webhook_secret(connection.id)


def test_two_secrets_are_live_while_one_is_changed_by_hand(sim):
    with till(sim) as (engine, tenant, connection, url, taken):
        sim.control("square/webhook_url", {"url": url})
        [configured] = engine.webhook_secrets(connection.id)
        assert (configured.id, configured.origin, configured.added_at) == (None, "configured", None)
        with pytest.raises(taxpoynt.StoreError) as only:
            engine.retire_old_webhook_secrets(connection.id)
        assert only.value.kind == "conflict"
        added = engine.add_webhook_secret(connection.id, "the next canary", tenant=tenant)
        assert added.id and added.origin == "host" and added.retired_at is None and added.added_at.tzinfo
        sim.control("square/sales/walk_in")
        assert taken[-1][0].status == 200, "what the platform signs with the old one"
        assert engine.retire_old_webhook_secrets(connection.id, tenant=tenant) == 1
        assert engine.receive(connection.id, **taken[-1][1]).status == 401
        shown = engine.webhook_secrets(connection.id)
        assert {secret.origin: secret.retired_at is None for secret in shown} == {"configured": False, "host": True}
        assert "canary" not in repr(shown) and sim.credentials["square"]["signature_key"] not in repr(shown)


def test_a_guide_says_step_by_step_what_to_paste_where(sim):
    app = {"hubspot": {"client_secret": "s", "webhook_url": "https://host.example/hooks/hubspot"}}
    with till(sim, apps=app) as (engine, tenant, connection, url, _):
        guide = engine.webhook_guide(connection.id, tenant=tenant)
        assert (guide.platform, guide.url, guide.automatic) == ("square", url, True)
        assert [url] in [step.paste for step in guide.steps] and all(step.text for step in guide.steps)
        assert "payment.updated" in {event.name for event in guide.events} and all(event.why for event in guide.events)
        assert guide.title and guide.before and guide.secret and guide.check
        assert url in guide.text and guide.title in guide.text
        of_app = engine.webhook_guide("hubspot")
        assert (of_app.automatic, of_app.url) == (False, "https://host.example/hooks/hubspot")
        assert all(of_app.url in file.content for file in of_app.files) and of_app.files[0].name
        with pytest.raises(taxpoynt.NotFound):
            engine.webhook_guide(tenant)
        with pytest.raises(taxpoynt.ConfigError):
            engine.webhook_guide("square")


def test_a_platform_that_subscribes_nobody_by_api_says_to_follow_the_guide(sim):
    own = sim.credentials["hubspot"]
    app = {"hubspot": {"client_secret": own["client_secret"], "webhook_url": "https://host.example/hooks/hubspot"}}
    with till(sim, apps=app) as (engine, tenant, *_):
        crm = engine.connect(
            "hubspot",
            tenant,
            credentials={"access_token": own["access_token"]},
            settings={"base_url": sim.urls["hubspot"]},
        )
        with pytest.raises(taxpoynt.PlatformError) as refused:
            engine.subscribe(crm.id)
        assert refused.value.kind == "unsupported"
