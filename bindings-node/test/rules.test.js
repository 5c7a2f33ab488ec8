// Rule files of a tenant: in force, kept, and tried out before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, MappingError, NotFound, PayloadError, Rules } from "@taxpoynt/engine";
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

const TINS = "name,tin\nKola & Daughters Events Ltd,20394857-0001\n";
const BY_NAME =
  '[buyer]\ntin = { from = "customer.name", apply = [{ lookup = { table = "customer_tins", column = "tin" } }] }\n';

test("a table is kept by its hash and read by rules", async (t) => {
  const { engine, tenant } = await till(t);
  await assert.rejects(engine.setRules(tenant, BY_NAME), MappingError);
  const wrong = await engine.setTable(tenant, "customer_tins", "name,tin\nA,1\nA,2\n");
  assert.deepEqual([wrong.changed, wrong.hash, wrong.problems[0].line], [false, null, 3]);
  const report = await engine.setTable(tenant, "customer_tins", Buffer.from(TINS), { reason: "audit" });
  assert.deepEqual([report.changed, report.rows, report.columns], [true, 1, ["name", "tin"]]);
  assert.equal(await engine.setRules(tenant, BY_NAME), true);
  await assert.rejects(engine.setTable(tenant, "customer_tins", null), MappingError);
  const [table] = await engine.tablesInForce(tenant);
  assert.deepEqual([table.name, table.hash, table.rows], ["customer_tins", report.hash, 1]);
  const [version] = await engine.tableHistory(tenant);
  assert.deepEqual([version.hash, version.reason], [report.hash, "audit"]);
  assert.equal(await engine.tableText(tenant, `customer_tins@${report.hash.slice(0, 12)}:2`), TINS);
  await assert.rejects(engine.setTable(tenant, "customer_tins", Buffer.from([0x6e, 0xff])), PayloadError);
  assert.equal((await engine.dryRun(tenant, null, { tables: { customer_tins: "name,tin\nA,1\n" } })).seen, 0);
});

test("a draft waits for a person and is sent once approved", async (t) => {
  const { sim, engine, tenant, connection } = await till(t);
  await engine.setRules(tenant, '[trigger]\ntransaction = { value = "approval" }\n');
  const until = new Date();
  const from = new Date(until.getTime() - 3_600_000);
  await sim.control("square/stock", { seed: 7, count: 5, from, to: until });
  await engine.sync(connection, { since: new Date(from.getTime() - 3_600_000) });
  await engine.drain();
  const waiting = await engine.approvals({ tenant, state: "waiting" });
  assert.ok(waiting.items.length > 1);
  const [draft, other] = waiting.items;
  assert.equal(draft.invoice.number, "");
  const [foreseen] = await engine.preview(connection, draft.sourceId, { tenant });
  assert.deepEqual([foreseen.outcome, foreseen.held.code], ["approval", "approval_required"]);
  assert.deepEqual(foreseen.invoice.totals, draft.invoice.totals);
  await assert.rejects(engine.approve(draft.id, { by: " " }), ConfigError);
  const approved = await engine.approve(draft.id, { by: "Ada", note: "as agreed", tenant });
  assert.deepEqual([approved.state, approved.decidedBy, approved.note], ["approved", "Ada", "as agreed"]);
  await engine.drain();
  const invoices = await engine.invoices({ tenant });
  assert.deepEqual(invoices.items.map((one) => one.sourceId), [draft.sourceId]);
  assert.equal((await engine.refuse(other.id, { by: "Ada" })).state, "refused");
  await assert.rejects(engine.approve(other.id, { by: "Bola" }), { kind: "conflict" });
});

test("rules can be started from templates, and read tables without storage", () => {
  for (const { name, about, text } of Rules.templates()) assert.ok(name && about && Rules.parse(text));
  assert.ok(Rules.parse(BY_NAME, { customer_tins: TINS }));
  assert.throws(() => Rules.parse(BY_NAME, { customer_tin: TINS }), (error) => {
    assert.ok(error instanceof MappingError);
    assert.equal(error.context.nearest, "customer_tin");
    return true;
  });
});
