// Pulls: imports with their progress, schedules, and days that are counted on both sides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, NotFound, PayloadError, StoreError } from "@taxpoynt/engine";
import { till } from "./support.js";

const HOUR = 3_600_000;

/** Three days ago in Lagos, where it is never summer time. */
const DAY = new Date(Date.now() + HOUR - 72 * HOUR).toISOString().slice(0, 10);
const NOON = new Date(`${DAY}T12:00:00+01:00`);
const BEFORE = new Date(NOON.getTime() - 24 * HOUR);

/** Sales of the day, between ten and two. */
function stocked(sim, count, seed = 7) {
  const between = { from: new Date(NOON.getTime() - 2 * HOUR), to: new Date(NOON.getTime() + 2 * HOUR) };
  return sim.control("square/stock", { seed, count, ...between });
}

/** The import once its workers have read it all. */
async function ended(engine, id) {
  const until = Date.now() + 60_000;
  for (;;) {
    const run = await engine.backfillProgress(id);
    if (run.state !== "running" || Date.now() > until) return run;
    await engine.drain();
  }
}

/** Kobo as naira. */
const naira = (kobo) => `${Math.floor(kobo / 100)}.${String(kobo % 100).padStart(2, "0")}`;
const conflict = (error) => error instanceof StoreError && error.kind === "conflict";
const ids = (entries) => new Set(entries.map(({ key }) => key.id));

test("what was sold before is imported, and says how far it is", async (t) => {
  const { sim, engine, tenant, connection } = await till(t);
  const made = await stocked(sim, 5);
  const id = await engine.backfill(connection, { since: BEFORE, tenant });
  const begun = await engine.backfillProgress(id, { tenant });
  assert.deepEqual([begun.id, begun.connectionId, begun.state], [id, connection, "running"]);
  assert.deepEqual([Date.parse(begun.since), begun.until, begun.finishedAt], [BEFORE.getTime(), null, null]);
  const workers = engine.workers(1);
  const run = await ended(engine, id);
  await workers.stop();
  assert.deepEqual([run.state, run.error], ["done", null]);
  assert.deepEqual([run.counts.seen, run.counts.new, run.counts.failed, run.progress.seen], [5, 5, 0, 5]);
  assert.deepEqual(await engine.backfills(connection), [run]);
  assert.deepEqual(new Set((await engine.transactions()).items.map((sale) => sale.sourceId)), new Set(made.ids));
  await assert.rejects(engine.cancelBackfill(id), conflict);
});

test("an import rests, goes on, and can be given up", async (t) => {
  const { sim, engine, tenant, connection } = await till(t);
  await stocked(sim, 2);
  const until = new Date(NOON.getTime() + 24 * HOUR).toISOString();
  const id = await engine.backfill(connection, { since: BEFORE, until });
  await engine.pauseBackfill(id, { tenant });
  const paused = await engine.backfillProgress(id);
  assert.deepEqual([paused.state, Date.parse(paused.until)], ["paused", Date.parse(until)]);
  await assert.rejects(engine.backfill(connection, { since: NOON }), conflict);
  await engine.resumeBackfill(id, { tenant });
  assert.equal((await engine.backfillProgress(id)).state, "running");
  await engine.cancelBackfill(id, { tenant });
  assert.equal((await engine.backfillProgress(id)).state, "cancelled");
  assert.equal((await engine.records()).length, 0);
  const naming = (Kind) => (error) => error instanceof Kind && error.context.field === "since";
  await assert.rejects(engine.backfill(connection, {}), naming(ConfigError));
  await assert.rejects(engine.backfill(connection, { since: new Date(NaN) }), naming(PayloadError));
});

test("a pull's schedule and health are told", async (t) => {
  const { sim, engine, tenant, connection } = await till(t);
  const fresh = await engine.syncHealth(connection, { tenant });
  assert.deepEqual(
    [fresh.everySeconds, fresh.failures, fresh.failing, fresh.error, fresh.watermark],
    [null, 0, false, null, null],
  );
  await stocked(sim, 1);
  await engine.sync(connection, { since: BEFORE });
  await engine.setSyncSchedule(connection, 600, { tenant });
  const told = await engine.syncHealth(connection);
  assert.equal(told.everySeconds, 600);
  assert.ok(Date.parse(told.watermark) > NOON.getTime());
  await engine.setSyncSchedule(connection, 0);
  assert.equal((await engine.syncHealth(connection)).everySeconds, 0);
  await engine.setSyncSchedule(connection, null);
  assert.equal((await engine.syncHealth(connection)).everySeconds, null);
  await assert.rejects(engine.setSyncSchedule(connection), ConfigError);
});

test("a day is proved, and what is missing is listed and fetched", async (t) => {
  const { sim, engine, tenant, connection } = await till(t);
  const first = await stocked(sim, 3);
  await engine.sync(connection, { since: BEFORE });
  const proved = await engine.reconcile(connection, DAY, { tenant });
  assert.deepEqual([proved.proved, proved.platform, proved.day], [true, "square", DAY]);
  assert.equal(proved.connectionId, connection);
  assert.deepEqual(proved.theirs, proved.ours);
  assert.deepEqual([proved.ours.count, { ...proved.ours.sums }], [3, { NGN: naira(first.sum) }]);
  assert.deepEqual([proved.missing, proved.extra, proved.different, proved.fetched], [[], [], [], 0]);
  assert.ok(proved.table.includes(`square ${DAY} equal`), proved.table);

  const later = await stocked(sim, 2, 8);
  const short = await engine.reconcile(connection, DAY, { fetch: true });
  assert.deepEqual([short.proved, short.fetched], [false, 2]);
  assert.ok(short.table.includes("NOT EQUAL"), short.table);
  assert.deepEqual(ids(short.missing), new Set(later.ids));
  assert.ok(short.missing.every(({ key, currency, amount }) => key.kind === "order" && currency === "NGN" && amount));
  assert.deepEqual(await engine.reconciliations(connection, { unequal: true }), [short]);
  assert.ok((await engine.drain()).empty);
  const after = await engine.reconcile(connection, DAY);
  assert.deepEqual([after.proved, after.ours.count], [true, 5]);
  assert.deepEqual((await engine.reconciliations(connection, { tenant, limit: 10 }))[0], after);
  assert.deepEqual(await engine.reconciliations(connection, { unequal: true }), []);
});

test("another tenant's connection is neither pulled nor counted", async (t) => {
  const { engine, connection } = await till(t);
  const id = await engine.backfill(connection, { since: NOON });
  const { id: tenant } = await engine.addTenant({ name: "Another Ltd", tin: "99999999-0001" });
  for (const made of [
    () => engine.backfill(connection, { since: NOON, tenant }),
    () => engine.backfills(connection, { tenant }),
    () => engine.backfillProgress(id, { tenant }),
    () => engine.pauseBackfill(id, { tenant }),
    () => engine.resumeBackfill(id, { tenant }),
    () => engine.cancelBackfill(id, { tenant }),
    () => engine.syncHealth(connection, { tenant }),
    () => engine.setSyncSchedule(connection, 1, { tenant }),
    () => engine.reconcile(connection, DAY, { tenant }),
    () => engine.reconciliations(connection, { tenant }),
  ]) {
    await assert.rejects(made, NotFound);
  }
  await assert.rejects(engine.reconcile(connection, DAY, { tenant: undefined }), ConfigError);
  assert.equal((await engine.backfillProgress(id)).state, "running");
});
