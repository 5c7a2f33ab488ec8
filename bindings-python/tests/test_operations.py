"""Metrics, health and switches reach core and come back as documented."""

import pytest
from taxpoynt import ConfigError, NotFound, Rollout, Vault, blocking


def test_what_is_switched_off_waits_says_why_and_goes_on_when_it_is_switched_on(sim, record):
    told = {"who": "ada", "reason": "The price list is wrong."}
    with blocking.Engine.open("sqlite::memory:", keys=[Vault.generate_key()], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant())
        till = engine.connect("square", tenant.id, **sim.square("https://host.example/hook"))
        assert engine.switch("ingest.prepare", percent=0, platform="square", **told) == 0
        engine.ingest(till.id, record)
        assert engine.drain().empty
        assert list(engine.invoices().items) == []
        [setting] = engine.switches(tenant=tenant.id)
        assert (setting.switch, setting.percent, setting.platform) == ("ingest.prepare", 0, "square")
        assert (setting.tenant, setting.set_by, setting.reason) == (None, "ada", "The price list is wrong.")
        [off] = [check for check in engine.health().checks if check.name == "switches"]
        assert off.state == "warning" and "ingest.prepare at 0 % by ada" in off.sentence
        assert engine.switch("ingest.prepare", percent=None, platform="square", **told) == 1
        assert engine.drain().empty
        assert len(engine.invoices(state="accepted").items) == 1
        last, first = engine.switch_log(limit=10)
        assert (first.before, first.after) == (None, Rollout(0, "record")) == (last.after, last.before)
        assert engine.health().state == "ok"
        text = engine.metrics()
        assert 'pos_transaction_volume_total{platform="square"} 1\n' in text and text.endswith("# EOF\n")
        with pytest.raises(ConfigError):
            engine.switch("submit", percent=101, **told)
        with pytest.raises(ConfigError):
            engine.switch("everything", percent=0, **told)
        with pytest.raises(NotFound):
            engine.switch("submit", percent=0, tenant=till.id, **told)
