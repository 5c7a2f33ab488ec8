"""Threads, forks, cancellation: what an embedded runtime must not do to its host."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest
import taxpoynt
from taxpoynt import blocking

KEY = taxpoynt.Vault.generate_key()


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


THREADS = "len(__import__('os').listdir('/proc/self/task'))"


def test_importing_starts_no_thread_and_opening_does():
    program = f"""
import taxpoynt
before = {THREADS}
engine = taxpoynt.blocking.Engine.open("sqlite::memory:", keys=["{KEY}"])
opened = {THREADS}
engine.close()
print(before, opened > 1)
"""
    assert run(program) == "1 True"


def test_after_a_fork_an_open_engine_refuses_and_a_new_one_works():
    program = f"""
import os, sys, taxpoynt
engine = taxpoynt.blocking.Engine.open("sqlite::memory:", keys=["{KEY}"])
child = os.fork()
if child == 0:
    try:
        engine.invoices()
    except taxpoynt.ConfigError as error:
        assert "fork" in str(error), error
    else:
        os._exit(3)
    try:
        engine.close()
    except taxpoynt.ConfigError:
        pass
    del engine
    with taxpoynt.blocking.Engine.open("sqlite::memory:", keys=["{KEY}"]) as own:
        assert len(own.invoices()) == 0
    sys.exit(0)  # a whole interpreter shutdown, which must not wait for the parent's threads
_, status = os.waitpid(child, 0)
assert len(engine.invoices()) == 0
engine.close()
print(os.waitstatus_to_exitcode(status))
"""
    assert run(program) == "0"


def test_a_program_that_never_closes_its_engine_still_ends():
    run(f"""
import asyncio, taxpoynt
async def story():
    global engine
    engine = await taxpoynt.Engine.open("sqlite::memory:", keys=["{KEY}"])
    await engine.invoices()
asyncio.run(story())
""")


def test_cancelling_an_await_does_not_abandon_the_move(sim):
    async def story():
        async with await taxpoynt.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
            tenant = await engine.add_tenant(sim.tenant())
            slow = {"endpoint": "*", "fault": "slow", "delay_ms": 500}
            await asyncio.to_thread(sim.control, "square/faults", slow)
            arguments = sim.square("https://host.example/hook")
            waiting = asyncio.create_task(engine.connect("square", tenant.id, **arguments))
            while not sum((await asyncio.to_thread(sim.state, "square/state"))["calls"].values()):
                await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await engine.connections() == []
            until = time.monotonic() + 30
            while not (connections := await engine.connections()) and time.monotonic() < until:
                await asyncio.sleep(0)
            assert [c.platform for c in connections] == ["square"]

    asyncio.run(story())


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "forgotten"])
def test_a_call_nobody_awaits_any_more_comes_to_its_end(sim, tmp_path, closed):
    url = f"sqlite:///{tmp_path}/t.db"

    async def story():
        engine = await taxpoynt.Engine.open(url, keys=[KEY], **sim.options())
        tenant = await engine.add_tenant(sim.tenant())
        slow = {"endpoint": "*", "fault": "slow", "delay_ms": 300}
        await asyncio.to_thread(sim.control, "square/faults", slow)
        waiting = asyncio.create_task(engine.connect("square", tenant.id, **sim.square("https://host.example/hook")))
        while not sum((await asyncio.to_thread(sim.state, "square/state"))["calls"].values()):
            await asyncio.sleep(0)
        waiting.cancel()
        if closed:
            await engine.close()

    asyncio.run(story())
    with blocking.Engine.open(url, keys=[KEY], **sim.options()) as engine:
        until = time.monotonic() + (0 if closed else 30)
        while not (connections := engine.connections()) and time.monotonic() < until:
            pass
        assert len(connections) == 1


def test_while_one_thread_waits_in_the_engine_another_computes(sim, record, tenant):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        seller = engine.add_tenant(sim.tenant())
        sim.control("square/faults", {"endpoint": "*", "fault": "slow", "delay_ms": 1000})
        arguments = sim.square("https://host.example/hook")
        waiter = threading.Thread(target=lambda: engine.connect("square", seller.id, **arguments))
        waiter.start()
        while not sum(sim.state("square/state")["calls"].values()):
            pass
        documents = taxpoynt.convert("square", record, tenant=tenant)
        # Were the interpreter held while the engine waits, we would only get here after the slow answer.
        assert waiter.is_alive() and documents[0].invoice.number == "INV000001"
        waiter.join()
        assert len(engine.connections()) == 1


def test_while_one_thread_validates_another_computes(record, tenant):
    [outcome] = taxpoynt.convert("square", record, tenant=tenant)
    xml = outcome.invoice.to_ubl()
    start = xml.index(b"<cac:InvoiceLine>")
    end = xml.index(b"</cac:InvoiceLine>") + len(b"</cac:InvoiceLine>")
    large = xml[:start] + xml[start:end] * 20_000 + xml[end:]
    waiter = threading.Thread(target=taxpoynt.ubl.validate, args=(large,))
    begun = last = time.perf_counter()
    longest = 0.0
    waiter.start()
    while waiter.is_alive():
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    # Were the interpreter held while the rules run, nearly all that time would be one pause of ours.
    assert longest < (time.perf_counter() - begun) / 2


def test_threads_share_an_engine(sim):
    with blocking.Engine.open("sqlite::memory:", keys=[KEY], **sim.options()) as engine:
        ids = []
        add = lambda: ids.append(engine.add_tenant(sim.tenant()).id)
        threads = [threading.Thread(target=add) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ids) == 16 and len(set(ids)) == 1
