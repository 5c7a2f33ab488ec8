"""The README's examples run as they stand."""

import ast
import asyncio
import inspect
import json
import pathlib
import re
import sys
import types
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import taxpoynt
from taxpoynt import blocking
from test_engine import host

README = (pathlib.Path(__file__).resolve().parents[1] / "README.md").read_text()
FIRST, JUDGING, SECOND, WEBHOOK, NIGHTLY = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_first_example_prints_the_document(record, tenant, capsys):
    exec(FIRST, names := {"record": record, "tenant": tenant})
    assert capsys.readouterr().out == "INV000001 INV000001-9C2E71AB-20261006 6450.00 NGN\n"
    assert "fatal" not in {fault.severity for fault in names["faults"]}


def test_the_judging_example_says_what_is_wrong_and_what_is_wanted(record, tenant, capsys):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    broken = outcome.invoice.to_ubl().replace(b">6450.00</cbc:PayableAmount>", b">6451.00</cbc:PayableAmount>")
    exec(JUDGING, {"taxpoynt": taxpoynt, "xml": broken})
    printed = capsys.readouterr().out
    assert "BR-CO-16 /Invoice/cac:LegalMonetaryTotal " in printed
    assert "wants: " in printed


def test_the_second_example_sends_what_was_received(sim, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    taken = []
    with host(lambda headers, body: taken.append((dict(headers), body)) or 200) as url:
        sim.control("square/webhook_url", {"url": url})
        sim.control("square/sales/walk_in")
    [(headers, body)] = taken
    tenant = sim.tenant()
    names = {
        "taxpoynt": _on_loopback(),
        "key": taxpoynt.Vault.generate_key(),
        "tenant": tenant,
        "authority": sim.options()["authority"],
        **sim.square(url),
        "url": url,
        "headers": headers,
        "body": body,
    }
    code = compile(SECOND, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(code, names)
    assert inspect.iscoroutine(running)
    asyncio.run(running)
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("INV000001 INV000001-") and line.endswith(" accepted")


class FastAPI:
    """As much of the framework as the example uses: the tests need no web framework."""

    def __init__(self, lifespan):
        self.lifespan, self.state, self.routes = lifespan, types.SimpleNamespace(), {}

    def post(self, path):
        return lambda handler: self.routes.setdefault(path, handler)


class Request:
    """A request to an app, as the framework hands it over."""

    def __init__(self, app, url, headers, body):
        self.app, self.method, self.url, self.headers, self._body = app, "POST", url, headers, body

    async def body(self):
        return self._body


class Response:
    """What the framework sends back."""

    def __init__(self, content=None, status_code=200):
        self.content, self.status_code = content, status_code


def _with_the_packages(monkeypatch):
    """What the examples import: ours, and a web framework."""
    framework = types.SimpleNamespace(FastAPI=FastAPI, Request=Request, Response=Response)
    monkeypatch.setitem(sys.modules, "fastapi", framework)
    monkeypatch.setitem(sys.modules, "taxpoynt", _on_loopback())


def test_the_webhook_example_takes_raw_bytes_once_and_refuses_the_rest(sim, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    taken = []
    with host(lambda headers, body: taken.append((dict(headers), body)) or 200) as url:
        sim.control("square/webhook_url", {"url": url})
        sim.control("square/sales/walk_in")
    [(headers, body)] = taken
    names = {"key": taxpoynt.Vault.generate_key(), "authority": sim.options()["authority"]}
    with blocking.Engine.open("sqlite:///taxpoynt.db", keys=[names["key"]], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant())
        shop = engine.connect("square", tenant.id, **sim.square(url))
    _with_the_packages(monkeypatch)
    exec(WEBHOOK, names)
    app = names["app"]
    handler = app.routes["/webhooks/{connection_id}"]

    async def served():
        async with app.lifespan(app):
            asked = lambda to, raw: handler(to, Request(app, "http://behind-a-proxy/", headers, raw))
            altered = await asked(shop.id, body + b" ")
            return altered, await asked(shop.id, body), await asked(shop.id, body), await asked(tenant.id, body)

    assert [answer.status_code for answer in asyncio.run(served())] == [401, 200, 200, 404]
    with blocking.Engine.open("sqlite:///taxpoynt.db", keys=[names["key"]], **sim.options()) as engine:
        [delivery] = engine.deliveries()
        assert [event.event_id for event in delivery.events] == [json.loads(body)["event_id"]]


def test_the_nightly_example_prints_the_day_as_a_table(sim, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    key = taxpoynt.Vault.generate_key()
    yesterday = (datetime.now(ZoneInfo("Africa/Lagos")) - timedelta(days=1)).date()
    noon = datetime(yesterday.year, yesterday.month, yesterday.day, 12, tzinfo=ZoneInfo("Africa/Lagos"))
    hours = {"from": (noon - timedelta(hours=1)).isoformat(), "to": (noon + timedelta(hours=1)).isoformat()}
    with blocking.Engine.open("sqlite:///taxpoynt.db", keys=[key], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant())
        engine.connect("square", tenant.id, **sim.square("https://host.example/hook"))
    [sold] = sim.control("square/stock", {"count": 1, **hours})["ids"]
    _with_the_packages(monkeypatch)
    for verdict in ("NOT EQUAL", "equal"):
        exec(NIGHTLY, {"key": key, "authority": sim.options()["authority"]})
        first, *lines = capsys.readouterr().out.splitlines()
        assert first == f"square {yesterday} {verdict}"
        assert any(line.startswith("missing here") and sold in line for line in lines) is (verdict == "NOT EQUAL")


def _on_loopback():
    """The package as the README has it, but allowed to call 127.0.0.1."""

    class Engine:
        @staticmethod
        async def open(url, **options):
            return await taxpoynt.Engine.open(url, allow_hosts=["127.0.0.1"], **options)

    class Blocking:
        @staticmethod
        def open(url, **options):
            return blocking.Engine.open(url, allow_hosts=["127.0.0.1"], **options)

    waiting = types.SimpleNamespace(Engine=Blocking)
    return types.SimpleNamespace(Engine=Engine, blocking=waiting, NotFound=taxpoynt.NotFound)
