// Rule files of a tenant: in force, kept, and tried out before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MappingError, NotFound } from "@taxpoynt/engine";
import { till } from "./support.js";

const NOTE = '[invoice]\nnote = { value = "Thank you" }\n';
const ZERO = '[each.line]\ntax = { value = { category = "Z", reason = "Zero-rated supplies" } }\n';

test("a dry run says what a rule would change on stored sales", async (t) => {
  const { sim, engine, tenant, connection } = await till(t);
  const until = new Date();
  const from = new Date(until.getTime() - 3_600_000);
  await sim.control("square/stock", { seed: 7, count: 5, from, to: until });
  await engine.sync(connection, { since: new Date(from.getTime() - 3_600_000) });
  const preview = await engine.dryRun(tenant, NOTE);
  assert.deepEqual([preview.seen, preview.changed, preview.same], [5, 5, 0]);
  const [note] = preview.fields;
  assert.deepEqual([note.purpose, note.field, note.sales], ["invoice", "note", 5]);
  assert.deepEqual(note.values, [{ before: null, after: "Thank you", count: 5 }]);
  assert.match(preview.table, /invoice note: on 5 sales/);
  const zero = await engine.dryRun(tenant, ZERO, { connection });
  assert.equal(Number(zero.totals[0].tax.after), 0);
  assert.equal((await engine.dryRun(tenant, null, { settings: sim.tenant() })).changed, 0);
  assert.equal((await engine.dryRun(tenant, NOTE, { since: new Date(Date.now() + 86_400_000) })).seen, 0);
  assert.deepEqual(await engine.ruleHistory(tenant), []);
});

test("rules in force are kept by their hash", async (t) => {
  const { engine, tenant, connection } = await till(t);
  assert.equal(await engine.setRules(tenant, NOTE, { reason: "marketing" }), true);
  assert.equal(await engine.setRules(tenant, NOTE), false);
  assert.equal(await engine.setRules(tenant, ZERO, { connection }), true);
  const [ours, tills] = await engine.rulesInForce(tenant, { connection });
  assert.deepEqual([ours.text, ours.connectionId], [NOTE, null]);
  assert.deepEqual([tills.text, tills.connectionId], [ZERO, connection]);
  assert.equal(await engine.setRules(tenant, null), true);
  const history = await engine.ruleHistory(tenant);
  assert.deepEqual([history.length, history[0].hash, history.at(-1).reason], [3, null, "marketing"]);
  assert.equal(await engine.ruleText(tenant, `rules@${ours.hash.slice(0, 12)}`), NOTE);
});

test("rules that do not load say where", async (t) => {
  const { engine, tenant } = await till(t);
  for (const refuse of ["setRules", "dryRun"]) {
    await assert.rejects(engine[refuse](tenant, '[buyer]\nemial = "customer.email"'), (error) => {
      assert.ok(error instanceof MappingError);
      assert.deepEqual([error.context.line, error.context.nearest], ["2", "email"]);
      return true;
    });
  }
  await assert.rejects(engine.ruleText(tenant, "0123456789ab"), NotFound);
});
