"""The engine from end to end against the simulators, awaited and blocking."""

import asyncio
import contextlib
import http.server
import inspect
import json
import threading
from decimal import Decimal as D

import pytest
import taxpoynt
from taxpoynt import blocking

KEY = taxpoynt.Vault.generate_key()


@contextlib.contextmanager
def host(receive):
    """A host's web server in a thread; `receive(url, headers, body)` gives the status of its answer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receive(self.headers.items(), body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks/square"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def checked(document):
    """What every accepted document of the story must be."""
    assert document.state == "accepted"
    assert [stage.at for stage in document.stages] == sorted(stage.at for stage in document.stages)
    assert document.invoice.number == document.number and document.invoice.irn == document.irn
    assert document.payable_amount == document.invoice.totals.payable_amount
    assert document.ubl.startswith(b"<?xml")
    faults = taxpoynt.ubl.validate(document.ubl, ("ubl21", "en16931"))
    assert "fatal" not in {fault.severity for fault in faults}
    assert json.loads(document.mbs)["irn"] == document.irn
    assert document.stamp.qr_png().startswith(b"\x89PNG")


def test_a_sale_at_the_till_becomes_one_accepted_invoice(sim, tmp_path):
    async def story():
        loop = asyncio.get_running_loop()
        engine = await taxpoynt.Engine.open(f"sqlite:///{tmp_path}/t.db", keys=[KEY], **sim.options())
        async with engine:
            tenant = await engine.add_tenant(sim.tenant())
            assert (await engine.tenant(tenant.id)) == tenant
            assert "authority" not in tenant.settings and "crypto_keys" not in repr(tenant)
            receipts = []

            def receive(headers, body):
                call = engine.receive(connection.id, method="POST", url="/", headers=headers, body=body)
                receipts.append(asyncio.run_coroutine_threadsafe(call, loop).result(30))
                return receipts[-1].status

            with host(receive) as url:
                connection = await engine.connect("square", tenant.id, **sim.square(url))
                assert (connection.state, connection.account) == ("active", sim.credentials["square"]["merchant_id"])
                assert [c.id for c in await engine.connections(tenant=tenant.id)] == [connection.id]
                await asyncio.to_thread(sim.control, "square/webhook_url", {"url": url})
                async with engine.workers():
                    sold = await asyncio.to_thread(sim.control, "square/sales/b2b")
                    again = await asyncio.to_thread(sim.control, "redeliver")
                    drained = await engine.drain(timeout=30)
            assert drained.empty
            assert [d["status"] for d in sold["deliveries"] + again["deliveries"]] == [200, 200]
            assert [(r.new, r.duplicates) for r in receipts] == [(1, 0), (0, 1)]

            [document] = await engine.invoices(tenant=tenant.id)
            checked(document)
            assert (document.kind, document.platform, document.source_id) == ("B2B", "square", sold["id"])
            plain = sim.control("authority/decrypt", {"stamp": document.stamp.payload})["plain"]
            assert json.loads(plain)["irn"].startswith(document.irn + ".")

            assert (await engine.document(document.id, tenant=tenant.id)) == document
            assert (await engine.invoices(state="accepted")).items == [document]
            assert (await engine.invoices(state="rejected")).items == []
            [record] = await engine.transactions()
            assert (record.source_id, record.held, record.kind) == (sold["id"], None, "order")
            assert record.body["order"]["id"] == sold["id"]
            assert len(await engine.deals()) == 0
            explained = await engine.explain(document.id, tenant=tenant.id)
            assert explained.number == document.number and explained.fields
            assert {element.path for element in explained.elements} > {"/Invoice/cbc:ID", "/Invoice/cbc:IssueDate"}
            assert all(element.sentence and element.words for element in explained.elements)
            assert "Number of the document (BT-1)" in explained.table
            [note] = (await engine.explain(document.record_id, tenant=tenant.id)).notes
            assert "does not wait" in note
            assert [entry.event for entry in await engine.audit(document.id)]

            report = await engine.sync(connection.id, tenant=tenant.id)
            assert (report.failed, report.new, report.changed) == (0, 0, 0)
            [pull] = await engine.sync_log(connection.id)
            assert (pull.seen, pull.error) == (report.seen, None)
            await engine.drain(timeout=30)
            assert len(await engine.invoices()) == 1
            assert await engine.dead_letters() == []

        state = sim.state("authority/state")
        assert len(state["registered"]) == 1 and not state["refusals"]

    asyncio.run(story())


def test_the_blocking_twin_tells_the_same_story(sim, tmp_path):
    with blocking.Engine.open(f"sqlite:///{tmp_path}/t.db", keys=[KEY], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant())

        def receive(headers, body):
            return engine.receive(connection.id, method="POST", url="/", headers=headers, body=body).status

        with host(receive) as url:
            connection = engine.connect("square", tenant.id, **sim.square(url))
            sim.control("square/webhook_url", {"url": url})
            with engine.workers(1):
                sold = sim.control("square/sales/walk_in")
                assert engine.drain(timeout=30).empty
        assert [d["status"] for d in sold["deliveries"]] == [200]
        [document] = engine.invoices(state="accepted", tenant=tenant.id)
        checked(document)
        assert document.kind == "B2C"
    # What was stored is there for whoever opens it next, without another submission.
    with blocking.Engine.open(f"sqlite:///{tmp_path}/t.db", keys=[KEY], **sim.options()) as engine:
        assert engine.add_tenant(sim.tenant()).id == tenant.id
        assert engine.drain().empty
        assert engine.invoices().items == [document]


def test_a_won_deal_arrives_through_the_hosts_app_at_the_platform(sim):
    own = sim.credentials["hubspot"]
    public = "https://host.example/hooks/hubspot"
    app = {"client_id": str(own["app_id"]), "client_secret": own["client_secret"], "webhook_url": public}
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], apps={"hubspot": app}, **sim.options()) as engine:
        settings = {"default": {"category": "S", "percent": "7.5"}, "percent_field": "line_items[].properties.hs_tax_rate"}
        tenant = engine.add_tenant({**sim.tenant(), "tax": settings, "buyer": {}})
        engine.connect(
            "hubspot",
            tenant.id,
            credentials={"access_token": own["access_token"]},
            settings={"base_url": sim.urls["hubspot"], "properties": "tin,hs_tax_rate"},
        )
        receive = lambda headers, body: engine.receive(
            "hubspot", method="POST", url="http://behind-a-proxy/", headers=headers, body=body
        ).status
        with host(receive) as url:
            sim.control("hubspot/webhook_url", {"url": url, "signed_url": public})
            won = sim.control(f"hubspot/deals/{sim.deal}/win")
        assert {d["status"] for d in won["deliveries"]} == {200}
        assert engine.drain(timeout=30).empty
        [deal] = engine.deals(tenant=tenant.id)
        assert (deal.source_id, deal.held) == (sim.deal, None)
        [document] = engine.invoices(state="accepted")
        checked(document)
        assert (document.kind, document.invoice.customer.tin is not None) == ("B2B", True)


def test_every_awaitable_has_a_blocking_twin_of_the_same_signature():
    public = lambda kind: {n: m for n, m in inspect.getmembers(kind, callable) if not n.startswith("_")}
    awaited, waiting = public(taxpoynt.Engine), public(blocking.Engine)
    assert awaited.keys() == waiting.keys()
    for name, method in awaited.items():
        assert inspect.signature(waiting[name]).parameters == inspect.signature(method).parameters, name
        assert waiting[name].__doc__ == method.__doc__, name


def test_a_forged_webhook_stores_nothing(sim):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant())
        connection = engine.connect("square", tenant.id, **sim.square("https://host.example/hook"))
        headers = {"x-square-hmacsha256-signature": "AAAA"}
        receipt = engine.receive(connection.id, method="POST", url="https://host.example/hook", headers=headers, body=b"{}")
        assert (receipt.status, receipt.new) == (401, 0)
        assert engine.drain().empty and len(engine.records()) == 0


def test_a_record_in_hand_is_taken_and_a_fetched_one_is_invoiced_now(sim, record):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant())
        connection = engine.connect("square", tenant.id, **sim.square("https://host.example/hook"))
        key = engine.ingest(connection.id, record, tenant=tenant.id)
        assert (key.kind, key.id) == ("order", "ORDER-1")
        assert engine.drain().empty
        sold = sim.control("square/sales/b2b")
        prepared = engine.invoice(connection.id, sold["id"])
        assert (prepared.kind, prepared.reason) == ("invoice", None)
        assert prepared.invoice.source_id == sold["id"] == prepared.record.source_id
        assert engine.drain().empty
        states = {d.source_id: (d.state, d.payable_amount) for d in engine.invoices()}
        assert states["ORDER-1"] == ("accepted", D("6450.00"))
        assert states[sold["id"]][0] == "accepted"


def test_what_waits_says_why_and_moves_on_when_the_tenant_is_mended(sim, record):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        known = sim.tenant()
        incomplete = {**known, "classification": {}}
        tenant = engine.add_tenant(incomplete)
        connection = engine.connect("square", tenant.id, **sim.square("https://host.example/hook"))
        engine.ingest(connection.id, record)
        assert engine.drain().empty
        [waiting] = engine.records(held=True, tenant=tenant.id)
        assert waiting.held.code == "classification_missing" and waiting.held.message
        assert len(engine.invoices()) == 0
        engine.add_tenant(known)
        engine.replay_record(waiting.id, tenant=tenant.id)
        assert engine.drain().empty
        assert len(engine.records(held=True)) == 0
        assert [d.state for d in engine.invoices()] == ["accepted"]


def test_a_dead_letter_can_be_replayed_or_discarded(sim):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant())
        receive = lambda headers, body: engine.receive(
            connection.id, method="POST", url="/", headers=headers, body=body
        ).status
        with host(receive) as url:
            connection = engine.connect("square", tenant.id, **sim.square(url))
            sim.control("square/webhook_url", {"url": url})
            sim.control("square/sales/walk_in")
            sim.control("square/faults", {"endpoint": "order", "fault": "malformed", "times": 1000})
            engine.drain(timeout=10)
        [letter] = engine.dead_letters(tenant=tenant.id)
        assert (letter.kind, letter.error_kind) == ("fetch", "payload")
        sim.request("DELETE", "square/faults", None)
        engine.replay(letter.id, tenant=tenant.id)
        assert engine.drain().empty
        assert engine.dead_letters() == [] and len(engine.invoices()) == 1
        with pytest.raises(taxpoynt.NotFound):
            engine.discard(letter.id, reason="done by hand", tenant=tenant.id)


def test_another_tenants_ids_do_not_exist(sim, record):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        ours = engine.add_tenant(sim.tenant())
        connection = engine.connect("square", ours.id, **sim.square("https://host.example/hook"))
        engine.ingest(connection.id, record)
        engine.drain()
        [document] = engine.invoices()
        theirs = engine.add_tenant({"name": "Another Ltd", "tin": "99999999-0001"}).id
        for call in (
            lambda: engine.document(document.id, tenant=theirs),
            lambda: engine.explain(document.id, tenant=theirs),
            lambda: engine.ingest(connection.id, record, tenant=theirs),
            lambda: engine.sync(connection.id, tenant=theirs),
            lambda: engine.sync_log(connection.id, tenant=theirs),
            lambda: engine.replay_record(document.record_id, tenant=theirs),
            lambda: engine.document("not-an-id"),
        ):
            with pytest.raises(taxpoynt.NotFound):
                call()
        assert len(engine.invoices(tenant=theirs)) == 0 and len(engine.records(tenant=theirs)) == 0


def test_refused_credentials_are_unauthenticated(sim):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant())
        arguments = sim.square("https://host.example/hook")
        arguments["credentials"]["access_token"] = "wrong-token"
        with pytest.raises(taxpoynt.Unauthenticated) as refused:
            engine.connect("square", tenant.id, **arguments)
        assert "wrong-token" not in str(refused.value) + repr(refused.value.context)
        arguments["credentials"]["acess_token"] = "typo"
        with pytest.raises(taxpoynt.ConfigError, match="acess_token"):
            engine.connect("square", tenant.id, **arguments)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"keys": []}, None),
        ({"keys": ["not-a-key"]}, None),
        ({"redis": "redis://localhost"}, "redis"),
        ({"authority": {"base_url": "no url"}}, "authority.base_url"),
        ({"authority": {"base_url": "http://127.0.0.1/", "api_key": "k"}}, "authority"),
        ({"authority": {"url": "http://127.0.0.1/"}}, None),
        ({"apps": {"sqare": {}}}, None),
        ({"apps": {"square": {"webhook_secret": ["secret-in-a-list"]}}}, None),
    ],
)
def test_an_engine_that_cannot_work_does_not_open(options, field):
    with pytest.raises(taxpoynt.ConfigError) as refused:
        blocking.Engine.open("sqlite::memory:", **{"keys": [KEY], **options})
    assert field is None or refused.value.context["field"] == field
    assert "secret-in-a-list" not in str(refused.value)


def test_a_closed_engine_says_so_and_closes_again():
    engine = blocking.Engine.open("sqlite::memory:", keys=[KEY])
    engine.close()
    engine.close()
    with pytest.raises(taxpoynt.ConfigError, match="closed"):
        engine.invoices()


def test_closing_inside_workers_ends_them_first(sim, record):
    engine = blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options())
    with pytest.raises(taxpoynt.ConfigError, match="closed"):
        with engine.workers():
            engine.close()
