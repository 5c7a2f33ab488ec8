"""Rule files of a tenant: in force, kept, and tried out before."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal as D

import pytest
import taxpoynt
from test_sync import NOON, ended, stocked, till

NOTE = '[invoice]\nnote = { value = "Thank you" }\n'
ZERO = '[each.line]\ntax = { value = { category = "Z", reason = "Zero-rated supplies" } }\n'


def imported(sim, engine, connection):
    stocked(sim, 5)
    id = engine.backfill(connection, since=NOON - timedelta(days=1))
    with engine.workers(1):
        ended(engine, id)
        engine.drain()


def test_a_dry_run_says_what_a_rule_would_change_on_stored_sales(sim):
    with till(sim) as (engine, tenant, connection):
        imported(sim, engine, connection)
        preview = engine.dry_run(tenant, NOTE)
        assert (preview.seen, preview.changed, preview.same) == (5, 5, 0)
        [note] = preview.fields
        assert (note.purpose, note.field, note.sales, len(note.examples)) == ("invoice", "note", 5, 3)
        assert note.values == [taxpoynt.ValueChange(before=None, after="Thank you", count=5)]
        [total] = preview.totals
        assert total.currency == "NGN" and total.payable.before == total.payable.after > D(0)
        assert "invoice note: on 5 sales" in preview.table
        taxed = engine.dry_run(tenant, ZERO, connection=connection).totals[0].tax
        assert taxed.after == 0
        later = datetime.now(timezone.utc) + timedelta(days=1)
        assert engine.dry_run(tenant, NOTE, since=later).seen == 0
        assert engine.dry_run(tenant, settings=sim.tenant()).changed == 0
        assert engine.rule_history(tenant) == []


def test_rules_in_force_are_kept_by_their_hash(sim):
    with till(sim) as (engine, tenant, connection):
        assert engine.set_rules(tenant, NOTE, reason="marketing") is True
        assert engine.set_rules(tenant, NOTE) is False
        assert engine.set_rules(tenant, ZERO, connection=connection) is True
        ours, till_rules = engine.rules_in_force(tenant, connection=connection)
        assert (ours.text, ours.connection_id) == (NOTE, None)
        assert (till_rules.text, till_rules.connection_id) == (ZERO, connection)
        assert engine.set_rules(tenant, None) is True
        newest, *_, first = engine.rule_history(tenant)
        assert (newest.hash, first.hash, first.reason) == (None, ours.hash, "marketing")
        assert engine.rule_text(tenant, f"rules@{ours.hash[:12]}") == NOTE


def test_rules_that_do_not_load_say_where(sim):
    with till(sim) as (engine, tenant, _):
        for refuse in (engine.set_rules, engine.dry_run):
            with pytest.raises(taxpoynt.MappingError) as refused:
                refuse(tenant, '[buyer]\nemial = "customer.email"')
            assert (refused.value.context["line"], refused.value.context["nearest"]) == ("2", "email")
        with pytest.raises(taxpoynt.NotFound):
            engine.rule_text(tenant, "0123456789ab")
