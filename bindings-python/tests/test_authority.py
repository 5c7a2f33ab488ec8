"""The engine's calls about the tax authority against its simulator: each reaches core and comes back as documented."""

import asyncio
import contextlib
import datetime
import hashlib
import hmac
import json
import time
from decimal import Decimal as D

import pytest
import taxpoynt
from taxpoynt import blocking
from test_engine import KEY, host

MEAL = {"hsn_code": "2106.90", "product_category": "Food preparations"}


@contextlib.contextmanager
def shop(sim, options=None, **settings):
    """An engine, a tenant with these settings, and its connected till."""
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **{**sim.options(), **(options or {})}) as engine:
        tenant = engine.add_tenant({**sim.tenant(), **settings})
        yield engine, tenant.id, engine.connect("square", tenant.id, **sim.square("https://host.example/hook"))


def accepted(engine, connection, record):
    """The accepted invoice of a record."""
    engine.ingest(connection.id, record)
    assert engine.drain().empty
    [document] = engine.invoices(state="accepted")
    return document


def test_an_item_without_a_classification_is_listed_once_and_one_answer_releases_its_sales(sim, record):
    with shop(sim, classification={}) as (engine, tenant, connection):
        engine.ingest(connection.id, record)
        record["order"]["id"] = "ORDER-2"
        engine.ingest(connection.id, record)
        assert engine.drain().empty and len(engine.invoices()) == 0
        [item] = engine.unclassified(tenant)
        assert (item.name, item.platform, item.item_id, item.waiting) == ("Ofada rice", "square", "MEAL", 2)
        assert item.amounts == {"NGN": D(12000)} and item.first_seen.tzinfo
        with pytest.raises(taxpoynt.PayloadError) as half:
            engine.classify(tenant, item.key, {"hsn_code": "2106.90"})
        assert half.value.field == "product_category"
        for pair in ({**MEAL, "isic_code": "5610"}, {"hsn": "2106.90"}):
            with pytest.raises(taxpoynt.PayloadError):
                engine.classify(tenant, item.key, pair)
        done = engine.classify(tenant, item.key, MEAL)
        assert (done.released, done.entry.classification, done.problems) == (2, MEAL, [])
        assert (done.entry.key, done.entry.item_id) == (item.key, "MEAL")
        assert engine.drain().empty
        assert [d.state for d in engine.invoices()] == ["accepted", "accepted"]
        assert engine.unclassified(tenant) == []


def test_a_catalogue_comes_in_and_goes_out_as_csv_and_everything_wrong_with_it_is_told(sim):
    with shop(sim) as (engine, tenant, _):
        csv = "sku,hsn_code,product_category\nA-1,2106.90,Food preparations\nA-2,,\nA-3,210690x,Food\n"
        refused = engine.import_catalogue(tenant, csv)
        assert (refused.imported, refused.rows, refused.added) == (False, 3, 0)
        assert {(p.line, p.severity) for p in refused.problems} == {(3, "fatal"), (4, "fatal")}
        assert all(p.column and p.message for p in refused.problems)
        partial = engine.import_catalogue(tenant, csv.encode(), partial=True)
        assert (partial.imported, partial.added, len(partial.problems)) == (True, 1, len(refused.problems))
        exported = engine.export_catalogue(tenant)
        assert "A-1" in exported and "A-2" not in exported
        again = engine.import_catalogue(tenant, exported)
        assert (again.added, again.changed, again.unchanged) == (0, 0, 1)
        other = engine.import_catalogue(tenant, csv.split("\n")[0] + "\nB-1,2106.90,Food\n", replace=True)
        assert (other.added, other.removed) == (1, 1)


def test_code_lists_say_where_they_are_from(sim):
    with shop(sim) as (engine, tenant, _):
        shipped = {one.name: one for one in engine.code_lists(tenant)}
        assert len(shipped) == 9 and shipped["lgas"].codes == []
        assert isinstance(shipped["states"].shipped_on, datetime.date) and shipped["states"].refreshed_at is None
        assert "NG-LA" in {code.code for code in shipped["states"].codes}
        report = {one.name: one for one in engine.refresh_lists(tenant)}
        read = {one.name: one for one in engine.code_lists(tenant)}
        taken = [name for name, one in report.items() if one.kept is None]
        assert "states" in taken and taken != list(report)
        for name in taken:
            assert read[name].refreshed_at == report[name].refreshed_at and report[name].refreshed_at.tzinfo
            assert report[name].rows == len(read[name].codes)
        assert all(one.shipped_on and not one.added for one in report.values() if one.kept)


def test_what_others_sent_is_listed_checked_and_acknowledged_by_a_person(sim):
    with shop(sim, policy={"inbound": "manual"}) as (engine, tenant, _):
        sim.control("authority/inbox", {"announce": False})
        assert engine.pull_inbound(tenant).new == 1
        assert engine.drain().empty
        [listed] = engine.inbound(state="checked", tenant=tenant)
        assert (listed.origin, listed.mbs, listed.ubl, listed.raw_text) == ("pull", None, None, None)
        assert engine.inbound(faulty=True, tenant=tenant).items == ([listed] if listed.faulty else [])
        received = engine.inbound_document(listed.id, tenant=tenant)
        assert received.mbs["irn"] == listed.irn == json.loads(received.mbs_text)["irn"]
        read = taxpoynt.ubl.parse(received.ubl)
        assert (read.number, read.totals.payable_amount) == (listed.number, listed.payable_amount)
        assert (read.type, read.issue_date, read.currency) == (listed.type, listed.issue_date, listed.currency)
        assert received.pdf is None and received.raw_text
        assert all(isinstance(finding.fatal, bool) and finding.message for finding in received.findings)
        engine.acknowledge_inbound(listed.id, tenant=tenant)
        assert engine.drain().empty
        assert engine.inbound_document(listed.id).state == "acknowledged"
        [there] = sim.state("authority/inbox")["received"]
        assert (there["acknowledged"], there["acknowledged_count"]) == (True, 1)
        assert [entry.event for entry in engine.inbound_audit(listed.id, tenant=tenant)]
        with pytest.raises(taxpoynt.StoreError) as final:
            engine.retry_inbound(listed.id, tenant=tenant)
        assert final.value.kind == "conflict"
        assert engine.pull_inbound(tenant, to_date=datetime.date(2020, 1, 1)).new == 0


def test_a_received_document_that_is_a_pdf_is_kept_as_it_came(sim):
    with shop(sim) as (engine, tenant, _):
        sent = sim.control("authority/inbox", {"announce": False, "form": "pdf"})
        id = engine.announce_inbound(sent["id"], tenant=tenant)
        assert engine.drain().empty
        received = engine.inbound_document(id, tenant=tenant)
        assert (received.origin, received.code) == ("host", "pdf_only")
        assert received.pdf.startswith(b"%PDF") and received.ubl is None
        engine.retry_inbound(id, tenant=tenant)
        assert engine.drain().empty
        assert engine.inbound_document(id).pdf == received.pdf
        with pytest.raises(taxpoynt.PayloadError):
            engine.announce_inbound("no irn", tenant=tenant)


def test_a_notice_makes_the_engine_look_and_is_listed(sim, record):
    with shop(sim) as (engine, tenant, connection):
        document = accepted(engine, connection, {"order": {**record["order"], "id": "ORDER-9"}})
        assert engine.notices(document.id, tenant=tenant) == []
        body = json.dumps({"irn": document.irn, "message": "TRANSMITTED"}).encode()
        receive = lambda: engine.receive_authority(method="POST", url="https://host.example/a", headers={}, body=body)
        first, second = receive(), receive()
        assert [(r.status, r.new, r.duplicates) for r in (first, second)] == [(200, 1, 0), (200, 0, 1)]
        assert engine.drain().empty
        [notice] = engine.notices(document.id, tenant=tenant)
        assert (notice.event, notice.seen, notice.irn) == ("TRANSMITTED", 2, document.irn)
        assert json.loads(notice.body_text)["irn"] == document.irn and notice.handled_at >= notice.received_at
        state = engine.transmission(document.id, tenant=tenant)
        assert (state.document_id, state.resent) == (document.id, 0)
        engine.look_again(document.id, tenant=tenant)
        assert engine.drain().empty
        assert engine.receive_authority(method="GET", url="/", headers={}, body=b"").status == 405


def test_a_notice_that_is_not_signed_is_refused_where_a_secret_is_set(sim):
    authority = {**sim.options()["authority"], "webhook_secret": "s3cret"}
    with shop(sim, {"authority": authority}) as (engine, _, _):
        body, at = b'{"irn":"INV1-94ND90NR-20261102","message":"TRANSMITTED"}', str(int(time.time()))
        send = lambda headers: engine.receive_authority(method="POST", url="/", headers=headers, body=body)
        signature = hmac.new(b"s3cret", body + at.encode(), hashlib.sha256).hexdigest()
        assert send({"X-Timestamp": at, "X-Signature": "00" * 32}).status == 401
        assert send({"X-Timestamp": at, "X-Signature": signature}).status == 200


def test_a_payment_is_reported_once(sim):
    percent = "line_items[].properties.hs_tax_rate"
    taxes = {"default": {"category": "S", "percent": "7.5"}, "percent_field": percent}
    with shop(sim, tax=taxes, buyer={}) as (engine, tenant, _):
        credentials = {"access_token": sim.credentials["hubspot"]["access_token"]}
        settings = {"base_url": sim.urls["hubspot"], "properties": "tin,hs_tax_rate"}
        crm = engine.connect("hubspot", tenant, credentials=credentials, settings=settings)
        sim.control(f"hubspot/deals/{sim.deal}/win")
        engine.invoice(crm.id, sim.deal)
        assert engine.drain().empty
        [document] = engine.invoices(state="accepted")
        assert document.invoice.payment_status == "PENDING"
        assert engine.payment(document.id, tenant=tenant) is None
        wanted = engine.update_payment(document.id, "PAID", reference="TRF-77", tenant=tenant)
        assert (wanted.status, wanted.state, wanted.reference, wanted.origin) == ("PAID", "wanted", "TRF-77", "host")
        assert engine.drain().empty
        done = engine.payment(document.id)
        assert (done.state, done.document_id) == ("done", document.id)
        assert done.requested_at <= done.sent_at <= done.settled_at
        assert engine.update_payment(document.id, "PAID") == done
        with pytest.raises(taxpoynt.StoreError) as final:
            engine.update_payment(document.id, "REJECTED")
        assert final.value.kind == "conflict"
        with pytest.raises(taxpoynt.ConfigError) as unknown:
            engine.update_payment(document.id, "paid")
        assert unknown.value.context["field"] == "status"


def test_an_accepted_invoice_is_corrected_by_notes(sim, record):
    with shop(sim) as (engine, tenant, connection):
        invoice = accepted(engine, connection, record)
        more = {"key": "freight", "reason": "Freight, not on the invoice", "amount": D("1000.10")}
        debit = engine.debit_note(invoice.id, **more, tenant=tenant)
        assert engine.debit_note(invoice.id, **more).id == debit.id
        assert (debit.type, debit.payable_amount) == ("debit_note", D("1075.11"))
        assert debit.invoice.references[0].irn == invoice.irn
        line = invoice.invoice.to_dict()["lines"][0]
        line |= {"net_amount": D("2000.00"), "quantity": D(1), "tax": {"category": "S", "percent": D("7.5")}}
        lines = engine.debit_note(invoice.id, key="meal", reason="One more meal", lines=[line])
        assert lines.payable_amount == D("2150.00")
        with pytest.raises(taxpoynt.PayloadError) as refused:
            engine.debit_note(invoice.id, key="two words", reason="x", amount="1")
        assert refused.value.field == "key"
        assert engine.drain().empty
        assert {d.type for d in engine.invoices(state="accepted")} == {"invoice", "debit_note"}


def test_an_accepted_invoice_is_taken_back(sim, record):
    with shop(sim) as (engine, tenant, connection):
        invoice = accepted(engine, connection, record)
        take_back = lambda: engine.correct(invoice.id, "credit_note_only", reason="never delivered", tenant=tenant)
        [note] = take_back()
        assert (note.type, note.payable_amount) == ("credit_note", invoice.payable_amount)
        assert note.invoice.references[0].number == invoice.number
        assert engine.drain().empty
        assert [again.id for again in take_back()] == [note.id]
        for how in ("held", "undo"):
            with pytest.raises(taxpoynt.ConfigError):
                engine.correct(invoice.id, how, reason="x")


def test_a_tenant_may_have_a_deployment_of_its_own(sim, record):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], allow_hosts=["127.0.0.1"]) as engine:
        known = sim.tenant()
        pair = {"app_key": known["authority"].pop("api_key"), "app_secret": known["authority"].pop("api_secret")}
        half = {**known["authority"], "base_url": sim.urls["authority"], "app_key": pair["app_key"]}
        with pytest.raises(taxpoynt.ConfigError) as refused:
            engine.add_tenant({**known, "authority": half})
        assert refused.value.context["field"] == "authority.app_secret"
        tenant = engine.add_tenant({**known, "authority": {**half, **pair}})
        connection = engine.connect("square", tenant.id, **sim.square("https://host.example/hook"))
        assert accepted(engine, connection, record).stage == "confirmed"


def test_what_a_bookkeeper_decides_about_corrections_rates_and_deadlines_is_kept(sim):
    rate = {"currency": "USD", "from": "2026-11-18", "rate": "1530.25", "source": "CBN"}
    policy = {"corrections": "credit_note_only", "exchange_rate": "required", "b2c_threshold": "50000"}
    with blocking.Engine.open("sqlite::memory:", keys=[KEY]) as engine:
        settings = {"exchange_rates": [rate], "policy": policy, "debit_note_series": "DN{seq:04}"}
        stored = engine.add_tenant({**sim.tenant(), **settings}).settings
        assert (stored["exchange_rates"], stored["debit_note_series"]) == ([rate], "DN{seq:04}")
        assert stored["policy"].items() >= policy.items()
        with pytest.raises(taxpoynt.ConfigError) as refused:
            engine.add_tenant({**sim.tenant(), "policy": {"inbound": "later"}})
        assert refused.value.context["field"] == "policy.inbound"


def test_a_tenant_is_checked_at_the_authority_in_words(sim):
    with shop(sim, service_id="WRONG123") as (engine, tenant, _):
        check = engine.check_authority(tenant)
        assert not check.ok and "service_id_differs" in {finding.code for finding in check.findings}
        assert all(finding.message.endswith(".") for finding in check.findings)
        with pytest.raises(taxpoynt.NotFound):
            engine.check_authority("nobody")


def test_an_outage_is_foreseen_with_who_will_be_late(sim):
    limits = {"breaker": {"failures": 1, "pause_seconds": 3600}, "deadlines": {"every_seconds": 0, "ahead_seconds": 100_000}}
    with shop(sim, limits) as (engine, tenant, connection):
        calm = engine.forecast(tenant=tenant)
        assert (calm.pace, calm.waiting, calm.slots, calm.out_since) == ("keeps_up", 0, [], None)
        assert engine.alarms() == []
        sim.control("authority/faults", {"endpoint": "*", "fault": "500", "times": 1000})
        engine.invoice(connection.id, sim.control("square/sales/walk_in")["id"])
        # The first turn finds the outage, the second looks at what it means.
        engine.drain()
        engine.drain()
        forecast = engine.forecast(tenant=tenant)
        assert (forecast.pace, forecast.documents_per_hour) == ("stopped", 0)
        assert forecast.out_since <= forecast.at
        assert (forecast.waiting, forecast.will_miss, len(forecast.slots)) == (1, 1, 1)
        assert forecast.slots[0].first == forecast.first_missed and forecast.message.endswith(".")
        [alarm] = engine.alarms(limit=5)
        assert (alarm.seq, alarm.change, alarm.will_miss) == (1, "raised", 1)
        assert alarm.first == forecast.first_missed and "B2C" in alarm.message


def test_what_the_authority_refused_is_listed_by_its_code_and_sent_again(sim, record):
    with shop(sim, business_id="00000000-0000-4000-8000-000000000000") as (engine, tenant, connection):
        engine.ingest(connection.id, record)
        assert engine.drain().empty
        [refused] = engine.invoices(code="validation_failed", tenant=tenant)
        assert (refused.state, refused.phase) == ("rejected", "validation_failed")
        assert len(engine.invoices(code="quarantined")) == 0
        calls = lambda: sim.state("authority/state")["calls"]["validate"]
        before = calls()
        engine.resubmit(refused.id, tenant=tenant)
        assert engine.drain().empty
        assert calls() == before + 1
        assert engine.document(refused.id).code == "validation_failed"


def test_an_accepted_document_is_never_sent_again(sim, record):
    with shop(sim) as (engine, _, connection):
        document = accepted(engine, connection, record)
        assert (document.phase, document.code) == ("transmitted", None)
        with pytest.raises(taxpoynt.StoreError) as refused:
            engine.resubmit(document.id)
        assert refused.value.kind == "conflict"


def test_another_tenants_documents_do_not_exist_for_any_call(sim, record):
    with shop(sim) as (engine, ours, connection):
        document = accepted(engine, connection, record)
        sim.control("authority/inbox", {"announce": False})
        engine.pull_inbound(ours)
        [received] = engine.inbound()
        theirs = engine.add_tenant({"name": "Another Ltd", "tin": "99999999-0001"}).id
        for call in (
            lambda: engine.resubmit(document.id, tenant=theirs),
            lambda: engine.update_payment(document.id, "PAID", tenant=theirs),
            lambda: engine.payment(document.id, tenant=theirs),
            lambda: engine.transmission(document.id, tenant=theirs),
            lambda: engine.look_again(document.id, tenant=theirs),
            lambda: engine.notices(document.id, tenant=theirs),
            lambda: engine.correct(document.id, "credit_note_only", reason="x", tenant=theirs),
            lambda: engine.debit_note(document.id, key="a", reason="x", amount="1", tenant=theirs),
            lambda: engine.inbound_document(received.id, tenant=theirs),
            lambda: engine.inbound_audit(received.id, tenant=theirs),
            lambda: engine.acknowledge_inbound(received.id, tenant=theirs),
            lambda: engine.retry_inbound(received.id, tenant=theirs),
            lambda: engine.forecast(tenant=document.id),
            lambda: engine.code_lists(document.id),
            lambda: engine.refresh_lists(document.id),
            lambda: engine.import_catalogue(document.id, "sku\n"),
            lambda: engine.export_catalogue(document.id),
            lambda: engine.unclassified(document.id),
            lambda: engine.classify(document.id, "sku::a", MEAL),
            lambda: engine.pull_inbound(document.id),
            lambda: engine.announce_inbound(received.irn, tenant=document.id),
            lambda: engine.resubmit("not-an-id"),
        ):
            with pytest.raises(taxpoynt.NotFound):
                call()
        assert len(engine.inbound(tenant=theirs)) == 0


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"breaker": {"failure": 1}}, "breaker.failure"),
        ({"breaker": {"failures": -1}}, "breaker.failures"),
        ({"deadlines": {"every_seconds": "60"}}, "deadlines.every_seconds"),
        ({"deadlines": {"margin_percent": 100}}, "deadlines.margin_percent"),
        ({"webhooks": {"keep_days": 6}}, "webhooks.keep_days"),
        ({"webhooks": {"keep": 90}}, "webhooks.keep"),
        ({"sync": {"side_by_side": 0}}, "sync.side_by_side"),
        ({"sync": {"reconcile": "yes"}}, "sync.reconcile"),
        ({"side_by_side": 0}, "side_by_side"),
        ({"authority": {"base_url": "http://127.0.0.1/", "acknowledge_body": "none"}}, "authority.acknowledge_body"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options, field):
    with pytest.raises(taxpoynt.ConfigError) as refused:
        blocking.Engine.open("sqlite::memory:", keys=[KEY], **options)
    assert refused.value.context["field"] == field


def test_an_engine_opens_with_every_option_a_host_may_set():
    with blocking.Engine.open(
        "sqlite::memory:",
        keys=[KEY],
        webhooks={"keep_days": 7, "check_every_seconds": 60, "body_limit": 100_000},
        sync={"every_seconds": 0, "side_by_side": 1, "reconcile": False},
        side_by_side=1,
        metrics={"per_tenant": True},
    ) as engine:
        assert engine.health().state != "failing"


def test_an_argument_that_cannot_be_used_is_named(sim):
    with shop(sim) as (engine, tenant, _):
        for call, field in (
            (lambda: engine.alarms(limit="x"), "limit"),
            (lambda: engine.inbound(state="lost"), "state"),
            (lambda: engine.inbound(faulty="yes"), "faulty"),
            (lambda: engine.invoices(limit=-1), "limit"),
            (lambda: engine.resubmit(5), "id"),
        ):
            with pytest.raises(taxpoynt.ConfigError) as refused:
                call()
            assert refused.value.context["field"] == field


def test_the_awaited_calls_tell_the_same(sim):
    async def story():
        async with await taxpoynt.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
            tenant = await engine.add_tenant(sim.tenant())
            loop = asyncio.get_running_loop()
            receipts = []

            def receive(headers, body):
                call = engine.receive_authority(method="POST", url="/", headers=headers, body=body)
                receipts.append(asyncio.run_coroutine_threadsafe(call, loop).result(30))
                return receipts[-1].status

            with host(receive) as url:
                await asyncio.to_thread(sim.control, "authority/webhook_url", {"url": url})
                sent = await asyncio.to_thread(sim.control, "authority/inbox", {})
            assert [delivery["status"] for delivery in sent["deliveries"]] == [200]
            assert [(receipt.status, receipt.new) for receipt in receipts] == [(200, 1)]
            assert (await engine.drain()).empty
            [received] = await engine.inbound(tenant=tenant.id)
            assert (received.irn, received.origin) == (sent["id"], "webhook")
            assert (await engine.forecast()).waiting == 0 and await engine.unclassified(tenant.id) == []

    asyncio.run(story())
