// The engine from end to end against the simulators.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigError, Engine, NotFound, PayloadError, Unauthenticated, Vault, ubl } from "@taxpoynt/engine";
import { Simulators, host, record } from "./support.js";

const KEY = Vault.generateKey();
const HOOK = "https://host.example/hook";

/** An engine that ends with the test. */
async function open(t, sim, url = "sqlite::memory:", more = {}) {
  const engine = await Engine.open(url, { keys: [KEY], ...sim.options(), ...more });
  t.after(() => engine.close());
  return engine;
}

/** A file that ends with the test. */
function file(t) {
  const folder = mkdtempSync(join(tmpdir(), "taxpoynt-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return `sqlite://${join(folder, "t.db")}`;
}

/** What every accepted document must be. */
function checked(document) {
  assert.equal(document.state, "accepted");
  const times = document.stages.map((stage) => stage.at);
  // A fraction of whole milliseconds is written with three digits, so texts are compared without their Z.
  const order = (a, b) => (a.slice(0, -1) < b.slice(0, -1) ? -1 : 1);
  assert.deepEqual(times, times.toSorted(order));
  const { invoice } = document;
  assert.deepEqual(
    [invoice.number, invoice.irn, invoice.totals.payableAmount],
    [document.number, document.irn, document.payableAmount],
  );
  assert.match(document.ubl.toString(), /^<\?xml/);
  const faults = ubl.validate(document.ubl, { rulesets: ["ubl21", "en16931"] });
  assert.deepEqual(faults.filter((fault) => fault.severity === "fatal"), []);
  assert.equal(JSON.parse(document.mbs).irn, document.irn);
  assert.deepEqual(document.stamp.qrPng().subarray(1, 4).toString(), "PNG");
}

test("a sale at the till becomes one accepted invoice", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim, file(t));
  const tenant = await engine.addTenant(sim.tenant());
  assert.deepEqual(await engine.tenant(tenant.id), tenant);
  assert.equal(tenant.businessId, sim.credentials.authority.business_id);
  assert.ok(!("authority" in tenant.settings) && !inspect(tenant, { depth: 9 }).includes("crypto_keys"));

  const receipts = [];
  let connection;
  const url = await host(t, async (request) => {
    receipts.push(await engine.receive(connection.id, request));
    return receipts.at(-1).status;
  });
  connection = await engine.connect("square", tenant.id, sim.square(url));
  assert.deepEqual([connection.state, connection.account], ["active", sim.credentials.square.merchant_id]);
  assert.equal(connection.settings.webhook_url, url);
  assert.deepEqual(await engine.connections({ tenant: tenant.id }), [connection]);
  await sim.control("square/webhook_url", { url });

  const workers = engine.workers();
  const sold = await sim.control("square/sales/b2b");
  const again = await sim.control("redeliver");
  const drained = await engine.drain({ timeoutMs: 30_000 });
  await workers.stop();
  await workers.stop();
  assert.ok(drained.empty, inspect(drained));
  assert.deepEqual([...sold.deliveries, ...again.deliveries].map((delivery) => delivery.status), [200, 200]);
  assert.deepEqual(receipts.map((one) => [one.new, one.duplicates]), [[1, 0], [0, 1]]);

  const page = await engine.invoices({ tenant: tenant.id });
  assert.deepEqual([page.length, page.next], [1, null]);
  const [document] = page;
  checked(document);
  assert.deepEqual([document.kind, document.platform, document.sourceId], ["B2B", "square", sold.id]);
  const { plain } = await sim.control("authority/decrypt", { stamp: document.stamp.payload });
  assert.ok(JSON.parse(plain).irn.startsWith(`${document.irn}.`), plain);

  assert.deepEqual(await engine.document(document.id, { tenant: tenant.id }), document);
  assert.deepEqual((await engine.invoices({ state: "accepted" })).items, [document]);
  assert.equal((await engine.invoices({ state: "rejected" })).length, 0);
  const [sale] = await engine.transactions();
  assert.deepEqual([sale.sourceId, sale.held, sale.kind, sale.id], [sold.id, null, "order", document.recordId]);
  assert.equal(sale.body.order.id, sold.id);
  assert.equal((await engine.deals()).length, 0);
  const explained = await engine.explain(document.id, { tenant: tenant.id });
  assert.equal(explained.number, document.number);
  assert.ok(explained.fields.length > 0);
  assert.ok(explained.elements.length > 50 && explained.elements.every((element) => element.sentence !== ""));
  assert.match(explained.table, /Number of the document \(BT-1\)/);
  const history = await engine.audit(document.id, { tenant: tenant.id });
  assert.ok(history.length > 0 && history.every((entry) => entry.event !== ""), inspect(history));

  const report = await engine.sync(connection.id, { tenant: tenant.id });
  assert.deepEqual([report.failed, report.new, report.changed], [0, 0, 0]);
  const [pull] = await engine.syncLog(connection.id);
  assert.deepEqual([pull.seen, pull.error, pull.connectionId], [report.seen, null, connection.id]);
  await engine.drain({ timeoutMs: 30_000 });
  assert.equal((await engine.invoices()).length, 1);
  assert.deepEqual(await engine.deadLetters(), []);

  const state = await sim.state("authority/state");
  assert.deepEqual([state.registered.length, state.refusals], [1, []]);
});

test("what was stored is there for whoever opens it next, and is not sent again", async (t) => {
  const sim = await Simulators.start(t);
  const url = file(t);
  const first = await open(t, sim, url);
  const tenant = await first.addTenant(sim.tenant());
  const connection = await first.connect("square", tenant.id, sim.square(HOOK));
  await first.ingest(connection.id, record());
  await first.drain();
  const { items } = await first.invoices();
  checked(items[0]);
  await first.close();
  const second = await open(t, sim, url);
  assert.equal((await second.addTenant(sim.tenant())).id, tenant.id);
  assert.ok((await second.drain()).empty);
  assert.deepEqual((await second.invoices()).items, items);
  assert.equal((await sim.state("authority/state")).registered.length, 1);
});

test("a won deal becomes one accepted invoice through the host's app", async (t) => {
  const sim = await Simulators.start(t);
  const { access_token, client_secret } = sim.credentials.hubspot;
  let engine;
  const url = await host(t, async (request) => (await engine.receive("hubspot", request)).status);
  const apps = { hubspot: { clientSecret: client_secret, webhookUrl: url } };
  engine = await open(t, sim, "sqlite::memory:", { apps });
  const seller = sim.tenant();
  seller.tax.default = { category: "S", percent: "7.5" };
  const tenant = await engine.addTenant(seller);
  const connection = await engine.connect("hubspot", tenant.id, {
    credentials: { accessToken: access_token },
    settings: { baseUrl: sim.urls.hubspot },
  });
  await sim.control("hubspot/webhook_url", { url });
  const deal = sim.hubspot.deal_id;
  const won = await sim.control(`hubspot/deals/${deal}/win`);
  assert.deepEqual(won.deliveries.map((delivery) => delivery.status), [200]);
  assert.ok((await engine.drain({ timeoutMs: 30_000 })).empty);
  const documents = await engine.invoices();
  const [record] = await engine.deals();
  assert.equal(documents.length, 1, inspect(record?.held));
  checked(documents.items[0]);
  assert.deepEqual([documents.items[0].sourceId, record.connectionId], [deal, connection.id]);
});

test("a forged webhook stores nothing", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const tenant = await engine.addTenant(sim.tenant());
  const connection = await engine.connect("square", tenant.id, sim.square(HOOK));
  const headers = { "x-square-hmacsha256-signature": "AAAA" };
  const receipt = await engine.receive(connection.id, { method: "POST", url: HOOK, headers, body: "{}" });
  assert.deepEqual([receipt.status, receipt.new], [401, 0]);
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.records()).length, 0);
});

test("a record in hand is taken, and a fetched one is invoiced now", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const tenant = await engine.addTenant(sim.tenant());
  const connection = await engine.connect("square", tenant.id, sim.square(HOOK));
  const key = await engine.ingest(connection.id, record(), { tenant: tenant.id });
  assert.deepEqual(key, { kind: "order", id: "ORDER-1" });
  assert.ok((await engine.drain()).empty);
  const sold = await sim.control("square/sales/b2b");
  const prepared = await engine.invoice(connection.id, sold.id, { tenant: tenant.id });
  assert.deepEqual([prepared.kind, prepared.reason], ["invoice", null]);
  assert.deepEqual([prepared.invoice.sourceId, prepared.record.sourceId], [sold.id, sold.id]);
  assert.ok((await engine.drain()).empty);
  const states = new Map((await engine.invoices()).items.map((d) => [d.sourceId, [d.state, d.payableAmount]]));
  assert.deepEqual(states.get("ORDER-1"), ["accepted", "6450.00"]);
  assert.equal(states.get(sold.id)[0], "accepted");
});

test("a buffer that changes after the call changes nothing stored", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const tenant = await engine.addTenant(sim.tenant());
  const connection = await engine.connect("square", tenant.id, sim.square(HOOK));
  const bytes = Buffer.from(JSON.stringify(record()));
  const stored = engine.ingest(connection.id, bytes);
  bytes.fill(0);
  assert.equal((await stored).id, "ORDER-1");
});

test("pages go on where the last one ended", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const tenant = await engine.addTenant(sim.tenant());
  const connection = await engine.connect("square", tenant.id, sim.square(HOOK));
  for (const id of ["A", "B", "C"]) {
    const sale = record();
    sale.order.id = id;
    await engine.ingest(connection.id, sale);
  }
  await engine.drain();
  const seen = [];
  let page = await engine.invoices({ limit: 2 });
  assert.equal(page.length, 2);
  seen.push(...page);
  page = await engine.invoices({ limit: 2, cursor: page.next });
  seen.push(...page);
  assert.equal(page.next, null);
  assert.deepEqual(new Set(seen.map((document) => document.sourceId)), new Set(["A", "B", "C"]));
  assert.equal(seen.length, 3);
  await assert.rejects(engine.invoices({ cursor: page.next }), ConfigError);
});

test("what waits says why and moves on when the tenant is mended", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const known = sim.tenant();
  const tenant = await engine.addTenant({ ...known, classification: {} });
  const connection = await engine.connect("square", tenant.id, sim.square(HOOK));
  await engine.ingest(connection.id, record());
  assert.ok((await engine.drain()).empty);
  const [waiting] = await engine.records({ held: true, tenant: tenant.id });
  assert.equal(waiting.held.code, "classification_missing");
  assert.notEqual(waiting.held.message, "");
  assert.equal((await engine.invoices()).length, 0);
  await engine.addTenant(known);
  await engine.replayRecord(waiting.id, { tenant: tenant.id });
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.records({ held: true })).length, 0);
  assert.deepEqual((await engine.invoices()).items.map((document) => document.state), ["accepted"]);
});

test("a dead letter can be replayed or discarded", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const tenant = await engine.addTenant(sim.tenant());
  let connection;
  const url = await host(t, async (request) => (await engine.receive(connection.id, request)).status);
  connection = await engine.connect("square", tenant.id, sim.square(url));
  await sim.control("square/webhook_url", { url });
  const failing = async (sale) => {
    await sim.control("square/faults", { endpoint: "order", fault: "malformed", times: 1000 });
    await sim.control(`square/sales/${sale}`);
    await engine.drain({ timeoutMs: 10_000 });
    await sim.request("DELETE", "square/faults");
    const [letter] = await engine.deadLetters({ tenant: tenant.id });
    assert.deepEqual([letter.kind, letter.errorKind], ["fetch", "payload"]);
    return letter;
  };
  const first = await failing("walk_in");
  await engine.replay(first.id, { tenant: tenant.id });
  assert.ok((await engine.drain()).empty);
  assert.deepEqual(await engine.deadLetters(), []);
  assert.equal((await engine.invoices()).length, 1);
  const reason = { reason: "done by hand", tenant: tenant.id };
  await assert.rejects(engine.discard(first.id, reason), NotFound);
  const second = await failing("b2b");
  await assert.rejects(engine.discard(second.id, { tenant: tenant.id }), ConfigError);
  await engine.discard(second.id, reason);
  assert.deepEqual(await engine.deadLetters(), []);
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.invoices()).length, 1);
});

test("another tenant's ids do not exist", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const ours = await engine.addTenant(sim.tenant());
  const connection = await engine.connect("square", ours.id, sim.square(HOOK));
  await engine.ingest(connection.id, record());
  await engine.drain();
  const [document] = await engine.invoices();
  const { id: tenant } = await engine.addTenant({ name: "Another Ltd", tin: "99999999-0001" });
  for (const call of [
    () => engine.document(document.id, { tenant }),
    () => engine.explain(document.id, { tenant }),
    () => engine.audit(document.id, { tenant }),
    () => engine.ingest(connection.id, record(), { tenant }),
    () => engine.sync(connection.id, { tenant }),
    () => engine.syncLog(connection.id, { tenant }),
    () => engine.invoice(connection.id, "ORDER-1", { tenant }),
    () => engine.replay(document.id, { tenant }),
    () => engine.replayRecord(document.recordId, { tenant }),
    () => engine.document("not-an-id"),
    () => engine.tenant(document.id),
  ]) {
    await assert.rejects(call, NotFound);
  }
  assert.equal((await engine.invoices({ tenant })).length, 0);
  assert.equal((await engine.records({ tenant })).length, 0);
  assert.deepEqual(await engine.connections({ tenant }), []);
});

test("a tenant that is misspelt or undefined never means every tenant", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  for (const options of [{ tennant: "x" }, { tenant: undefined }, { tenant: null }, { tenantId: "x" }, null, "x"]) {
    for (const call of [
      () => engine.invoices(options),
      () => engine.records(options),
      () => engine.deals(options),
      () => engine.connections(options),
      () => engine.deadLetters(options),
      () => engine.document("a", options),
      () => engine.audit("a", options),
    ]) {
      await assert.rejects(call, ConfigError, inspect(options));
    }
  }
});

test("an argument or option of a wrong type is named and refused", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  for (const [call, field] of [
    [() => engine.document(5), "id"],
    [() => engine.sync({}), "connectionId"],
    [() => engine.records({ held: "yes" }), "held"],
    [() => engine.records({ kind: "sale" }), "kind"],
    [() => engine.invoices({ state: "lost" }), "state"],
    [() => engine.invoices({ limit: -1 }), "limit"],
    [() => engine.drain({ timeoutMs: "1" }), "timeoutMs"],
    [() => engine.workers("many"), "count"],
    [() => engine.receive("square", { method: "POST", url: HOOK, headers: {}, body: "{}", secret: "s" }), "secret"],
  ]) {
    await assert.rejects(
      async () => call(),
      (error) => error instanceof ConfigError && error.context.field === field,
      field,
    );
  }
});

test("refused credentials are unauthenticated, and not shown", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const tenant = await engine.addTenant(sim.tenant());
  const { credentials, settings } = sim.square(HOOK);
  const hidden = (Kind) => (error) => {
    assert.equal(error.constructor, Kind, String(error));
    assert.ok(!inspect(error).includes("wrong-token"), inspect(error));
    return true;
  };
  const wrong = { ...credentials, accessToken: "wrong-token" };
  await assert.rejects(engine.connect("square", tenant.id, { credentials: wrong, settings }), hidden(Unauthenticated));
  const typo = { ...wrong, acessToken: "wrong-token" };
  await assert.rejects(engine.connect("square", tenant.id, { credentials: typo, settings }), /acess_token/);
  const list = { accessToken: ["wrong-token"] };
  await assert.rejects(engine.connect("square", tenant.id, { credentials: list, settings }), hidden(ConfigError));
  await assert.rejects(engine.connect(["wrong-token"], tenant.id, { credentials, settings }), hidden(ConfigError));
});

for (const [what, options, field] of [
  ["no key", { keys: [] }],
  ["a key that is none", { keys: ["not-a-key"] }],
  ["no options", undefined],
  ["redis", { redis: "redis://localhost" }, "redis"],
  ["an authority that is no URL", { authority: { baseUrl: "no url" } }, "authority.base_url"],
  ["half a pair", { authority: { baseUrl: "http://127.0.0.1/", apiKey: "k" } }, "authority"],
  ["an unknown member", { authority: { url: "http://127.0.0.1/" } }],
  ["an unknown platform", { apps: { sqare: {} } }],
  ["an unknown option", { allowHost: [] }, "allowHost"],
  ["a secret that is no text", { apps: { square: { webhookSecret: ["secret-in-a-list"] } } }],
]) {
  test(`an engine with ${what} does not open`, async () => {
    const given = options && { keys: [KEY], ...options };
    await assert.rejects(Engine.open("sqlite::memory:", given), (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.ok(field === undefined || error.context.field === field, inspect(error.context));
      assert.ok(!inspect(error).includes("secret-in-a-list"));
      return true;
    });
  });
}

test("a closed engine says so, closes again, and its workers are stopped", async () => {
  const engine = await Engine.open("sqlite::memory:", { keys: KEY });
  const workers = engine.workers(1);
  const under = engine.drain();
  await Promise.all([engine.close(), engine.close()]);
  assert.ok((await under).empty);
  await workers.stop();
  await assert.rejects(engine.invoices(), (error) => error instanceof ConfigError && /closed/.test(error.message));
  assert.throws(() => engine.workers(), ConfigError);
});

test("an engine and its workers end with the block that uses them", async () => {
  const engine = await Engine.open("sqlite::memory:", { keys: [KEY] });
  await engine.workers()[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  await assert.rejects(engine.invoices(), /closed/);
});

test("the event loop runs on while the engine works", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const tenant = await engine.addTenant(sim.tenant());
  const connection = await engine.connect("square", tenant.id, sim.square(HOOK));
  await sim.control("authority/faults", { endpoint: "validate", fault: "slow", times: 1, delay_ms: 300 });
  await engine.ingest(connection.id, record());
  let turns = 0;
  const turning = setInterval(() => (turns += 1), 1);
  await engine.drain();
  clearInterval(turning);
  assert.ok(turns > 10, `${turns} turns`);
  assert.equal((await engine.invoices({ state: "accepted" })).length, 1);
});

test("many calls at once are answered each with its own", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await open(t, sim);
  const tenant = await engine.addTenant(sim.tenant());
  const connection = await engine.connect("square", tenant.id, sim.square(HOOK));
  const ids = Array.from({ length: 50 }, (_, i) => `ORDER-${i}`);
  const keys = await Promise.all(
    ids.map((id) => {
      const sale = record();
      sale.order.id = id;
      return engine.ingest(connection.id, sale);
    }),
  );
  assert.deepEqual(keys.map((key) => key.id), ids);
  await assert.rejects(engine.ingest(connection.id, { order: {} }), PayloadError);
});
