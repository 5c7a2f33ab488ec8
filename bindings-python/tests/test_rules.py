"""Rule files of a tenant: in force, kept, and tried out before."""

import tomllib
from datetime import datetime, timedelta, timezone
from decimal import Decimal as D

import jsonschema
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
        assert preview.issued == 0 or "have a document already" in preview.table
        assert note.sums == []
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


TINS = "name,tin\nKola & Daughters Events Ltd,20394857-0001\n"
BY_NAME = """[buyer]
tin = [
  { from = "customer.name", apply = [{ lookup = { table = "customer_tins", column = "tin" } }] },
  { skip = true },
]
"""


def test_a_table_is_kept_by_its_hash_and_read_by_rules(sim):
    with till(sim) as (engine, tenant, connection):
        with pytest.raises(taxpoynt.MappingError) as early:
            engine.set_rules(tenant, BY_NAME)
        assert early.value.context["line"] == "3"
        wrong = engine.set_table(tenant, "customer_tins", "name,tin\nA,1\nA,2\n")
        assert (wrong.changed, wrong.hash) == (False, None)
        [problem] = wrong.problems
        assert (problem.line, problem.column) == (3, "name") and "line 2" in problem.message
        report = engine.set_table(tenant, "customer_tins", TINS.encode(), reason="audit")
        assert (report.changed, report.rows, report.columns) == (True, 1, ["name", "tin"])
        assert engine.set_table(tenant, "customer_tins", TINS).changed is False
        assert engine.set_rules(tenant, BY_NAME) is True
        with pytest.raises(taxpoynt.MappingError):
            engine.set_table(tenant, "customer_tins", None)
        [table] = engine.tables_in_force(tenant)
        assert (table.name, table.hash, table.rows) == ("customer_tins", report.hash, 1)
        [version] = engine.table_history(tenant)
        assert (version.name, version.hash, version.reason) == ("customer_tins", report.hash, "audit")
        assert engine.table_text(tenant, f"customer_tins@{report.hash[:12]}:2") == TINS
        with pytest.raises(taxpoynt.PayloadError) as windows:
            engine.set_table(tenant, "customer_tins", b"name,tin\nKola,1\nCaf\xe9,1\n")
        assert (windows.value.context["line"], windows.value.context["column"]) == ("3", "4")
        wide = engine.set_table(tenant, "unicode_text", "name\ttin\nỌlá\t1\n".encode("utf-16"))
        assert (wide.changed, wide.columns) == (True, ["name", "tin"])
        imported(sim, engine, connection)
        tried = engine.dry_run(tenant, tables={"customer_tins": "name,tin\nNobody,1\n"})
        assert tried.seen == 5


def test_a_draft_waits_for_a_person_and_is_sent_once_approved(sim):
    with till(sim) as (engine, tenant, connection):
        engine.set_rules(tenant, '[trigger]\ntransaction = { value = "approval" }\n')
        imported(sim, engine, connection)
        waiting = engine.approvals(tenant=tenant, state="waiting")
        assert len(waiting) > 0 and len(engine.invoices(tenant=tenant)) == 0
        draft = waiting.items[0]
        assert draft.state == "waiting" and draft.rule.startswith("rules@") and draft.payable_amount > D(0)
        assert draft.invoice.number == "" and draft.invoice.totals.payable_amount == draft.payable_amount
        [foreseen] = engine.preview(connection, draft.source_id, tenant=tenant)
        assert (foreseen.outcome, foreseen.held.code) == ("approval", "approval_required")
        assert foreseen.invoice.totals == draft.invoice.totals
        assert foreseen.fields[0].target == "trigger.transaction"
        with pytest.raises(taxpoynt.ConfigError):
            engine.approve(draft.id, by=" ")
        approved = engine.approve(draft.id, by="Ada", note="as agreed", tenant=tenant)
        assert (approved.state, approved.decided_by, approved.note) == ("approved", "Ada", "as agreed")
        engine.drain()
        [document] = engine.invoices(tenant=tenant)
        assert document.source_id == draft.source_id
        refused = engine.refuse(waiting.items[1].id, by="Ada")
        assert refused.state == "refused"
        with pytest.raises(taxpoynt.TaxpoyntError) as otherwise:
            engine.approve(refused.id, by="Bola")
        assert otherwise.value.kind == "conflict"
        outcomes = {one.what: one.before for one in engine.dry_run(tenant, "").outcomes}
        assert outcomes["approval_required"] == len(waiting)
        with pytest.raises(taxpoynt.NotFound):
            engine.preview(connection, "nobody")


def test_rules_can_be_started_from_templates():
    schema = jsonschema.Draft202012Validator(taxpoynt.Rules.json_schema())
    templates = taxpoynt.Rules.templates()
    assert [one["name"] for one in templates][:2] == ["deal-to-invoice", "sale-to-invoice"]
    for one in templates:
        taxpoynt.Rules.parse(one["text"])
        assert one["about"]
        schema.validate(tomllib.loads(one["text"]))


def test_the_schema_knows_triggers_and_tables():
    schema = jsonschema.Draft202012Validator(taxpoynt.Rules.json_schema())
    lookups = {
        '{ table = "tins", column = "tin" }': True,
        '{ table = "terms", column = "days", as = "number" }': True,
        '{ table = "items", as = "tax" }': True,
        '{ table = "items", column = "tax", as = "tax" }': False,
        '{ table = "tins" }': False,
        '{ table = "Eat in", bar = "At the bar" }': False,
        '{ " table" = "Eat in", bar = "At the bar" }': True,
        '"ng_states"': True,
        '"tins"': False,
    }
    for lookup, good in lookups.items():
        rules = f'[buyer]\ntin = {{ from = "customer.name", apply = [{{ lookup = {lookup} }}] }}\n'
        assert schema.is_valid(tomllib.loads(rules)) is good, lookup
    for decision, good in {"automatic": True, "approval": True, "never": True, "later": False}.items():
        rules = f'[trigger]\ndeal = {{ value = "{decision}" }}\n'
        assert schema.is_valid(tomllib.loads(rules)) is good, decision


def test_rules_read_their_tables_without_storage_too():
    rules = taxpoynt.Rules.parse(BY_NAME, tables={"customer_tins": TINS})
    assert isinstance(rules, taxpoynt.Rules)
    with pytest.raises(taxpoynt.MappingError) as refused:
        taxpoynt.Rules.parse(BY_NAME, tables={"customer_tin": TINS})
    assert refused.value.context["nearest"] == "customer_tin"
    with pytest.raises(taxpoynt.MappingError) as faulty:
        taxpoynt.Rules.parse(BY_NAME, tables={"customer_tins": "name,tin\n,1\n"})
    assert (faulty.value.context["table"], faulty.value.context["line"]) == ("customer_tins", "2")
