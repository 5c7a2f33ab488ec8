"""Pulls: imports with their progress, schedules, and days that are counted on both sides."""

import contextlib
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal as D
from zoneinfo import ZoneInfo

import pytest
import taxpoynt
from taxpoynt import blocking
from test_engine import KEY

LAGOS = ZoneInfo("Africa/Lagos")
DAY = (datetime.now(LAGOS) - timedelta(days=3)).date()
NOON = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=LAGOS)


@contextlib.contextmanager
def till(sim):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        tenant = engine.add_tenant(sim.tenant()).id
        yield engine, tenant, engine.connect("square", tenant, **sim.square("https://host.example/hook")).id


def stocked(sim, count, seed=7):
    """Sales of the day, between ten and two."""
    between = {"from": (NOON - timedelta(hours=2)).isoformat(), "to": (NOON + timedelta(hours=2)).isoformat()}
    return sim.control("square/stock", {"seed": seed, "count": count, **between})


def ended(engine, id):
    """The import once its workers have read it all."""
    until = time.monotonic() + 60
    while (run := engine.backfill_progress(id)).state == "running" and time.monotonic() < until:
        engine.drain()
    return run


def test_what_was_sold_before_is_imported_and_says_how_far_it_is(sim):
    with till(sim) as (engine, tenant, connection):
        made = stocked(sim, 5)
        id = engine.backfill(connection, since=NOON - timedelta(days=1), tenant=tenant)
        begun = engine.backfill_progress(id, tenant=tenant)
        assert (begun.id, begun.connection_id, begun.state, begun.finished_at) == (id, connection, "running", None)
        assert begun.since == NOON - timedelta(days=1) and begun.until is None and begun.progress.seen == 0
        with engine.workers(1):
            run = ended(engine, id)
        assert (run.state, run.error) == ("done", None)
        assert (run.counts.seen, run.counts.new, run.counts.failed) == (5, 5, 0) and run.counts.pages >= 1
        assert run.progress.seen == 5 and run.finished_at >= run.started_at
        assert engine.backfills(connection) == [run]
        assert {sale.source_id for sale in engine.transactions()} == set(made["ids"])
        with pytest.raises(taxpoynt.StoreError) as over:
            engine.cancel_backfill(id)
        assert over.value.kind == "conflict"


def test_an_import_rests_goes_on_and_can_be_given_up(sim):
    with till(sim) as (engine, tenant, connection):
        stocked(sim, 2)
        id = engine.backfill(connection, since=NOON - timedelta(days=1), until=NOON + timedelta(days=1))
        engine.pause_backfill(id, tenant=tenant)
        paused = engine.backfill_progress(id)
        assert (paused.state, paused.until) == ("paused", NOON + timedelta(days=1))
        with pytest.raises(taxpoynt.StoreError) as waiting:
            engine.backfill(connection, since=NOON)
        assert waiting.value.kind == "conflict"
        engine.resume_backfill(id, tenant=tenant)
        assert engine.backfill_progress(id).state == "running"
        engine.cancel_backfill(id, tenant=tenant)
        assert engine.backfill_progress(id).state == "cancelled"
        assert len(engine.records()) == 0
        with pytest.raises(taxpoynt.PayloadError, match="time zone") as naive:
            engine.backfill(connection, since=datetime(2026, 1, 1))
        assert naive.value.field == "since"


def test_a_pulls_schedule_and_health_are_told(sim):
    with till(sim) as (engine, tenant, connection):
        fresh = engine.sync_health(connection, tenant=tenant)
        assert (fresh.every_seconds, fresh.failures, fresh.failing, fresh.error) == (None, 0, False, None)
        assert fresh.watermark is None
        stocked(sim, 1)
        engine.sync(connection, since=NOON - timedelta(days=1))
        engine.set_sync_schedule(connection, seconds=600, tenant=tenant)
        told = engine.sync_health(connection)
        assert told.every_seconds == 600 and told.watermark > NOON.astimezone(timezone.utc)
        engine.set_sync_schedule(connection, seconds=0)
        assert engine.sync_health(connection).every_seconds == 0
        engine.set_sync_schedule(connection, seconds=None)
        assert engine.sync_health(connection).every_seconds is None


def test_a_day_is_proved_and_what_is_missing_is_listed_and_fetched(sim):
    with till(sim) as (engine, tenant, connection):
        first = stocked(sim, 3)
        engine.sync(connection, since=NOON - timedelta(days=1))
        proved = engine.reconcile(connection, day=DAY, tenant=tenant)
        assert proved.proved and (proved.platform, proved.day, proved.connection_id) == ("square", DAY, connection)
        assert proved.theirs == proved.ours
        assert (proved.ours.count, proved.ours.sums) == (3, {"NGN": D(first["sum"]) / 100})
        assert (proved.missing, proved.extra, proved.different, proved.fetched) == ([], [], [], 0)
        assert f"square {DAY} equal" in proved.table and proved.at.tzinfo

        later = stocked(sim, 2, seed=8)
        short = engine.reconcile(connection, day=DAY, fetch=True)
        assert not short.proved and "NOT EQUAL" in short.table
        assert {entry.key.id for entry in short.missing} == set(later["ids"]) and short.fetched == 2
        assert {entry.key.kind for entry in short.missing} == {"order"}
        assert sum(entry.amount for entry in short.missing) == D(later["sum"]) / 100
        assert {entry.currency for entry in short.missing} == {"NGN"} and short.missing[0].at.date() == DAY
        assert engine.reconciliations(connection, unequal=True) == [short]
        assert engine.drain().empty
        after = engine.reconcile(connection, day=DAY)
        assert after.proved and after.ours.count == 5
        assert engine.reconciliations(connection, tenant=tenant, limit=10)[0] == after
        assert engine.reconciliations(connection, unequal=True) == []


def test_another_tenants_connection_is_neither_pulled_nor_counted(sim):
    with till(sim) as (engine, _, connection):
        id = engine.backfill(connection, since=NOON)
        theirs = engine.add_tenant({"name": "Another Ltd", "tin": "99999999-0001"}).id
        for made in (
            lambda: engine.backfill(connection, since=NOON, tenant=theirs),
            lambda: engine.backfills(connection, tenant=theirs),
            lambda: engine.backfill_progress(id, tenant=theirs),
            lambda: engine.pause_backfill(id, tenant=theirs),
            lambda: engine.resume_backfill(id, tenant=theirs),
            lambda: engine.cancel_backfill(id, tenant=theirs),
            lambda: engine.sync_health(connection, tenant=theirs),
            lambda: engine.set_sync_schedule(connection, seconds=1, tenant=theirs),
            lambda: engine.reconcile(connection, day=DAY, tenant=theirs),
            lambda: engine.reconciliations(connection, tenant=theirs),
        ):
            with pytest.raises(taxpoynt.NotFound):
                made()
        assert engine.backfill_progress(id).state == "running"
