// The engine's calls about the tax authority against its simulator: each reaches core and comes back as documented.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigError, Engine, NotFound, PayloadError, StoreError, Vault, ubl } from "@taxpoynt/engine";
import { Simulators, host, record } from "./support.js";

const KEY = Vault.generateKey();
const MEAL = { hsnCode: "2106.90", productCategory: "Food preparations" };

/** An engine, a tenant with these settings, and its connected till. */
async function shop(t, settings = {}, options = {}) {
  const sim = await Simulators.start(t);
  const engine = await Engine.open("sqlite::memory:", { keys: [KEY], ...sim.options(), ...options });
  t.after(() => engine.close());
  const { id: tenant } = await engine.addTenant({ ...sim.tenant(), ...settings });
  const { id: till } = await engine.connect("square", tenant, sim.square("https://host.example/hook"));
  return { sim, engine, tenant, till };
}

/** The accepted invoice of a record. */
async function accepted({ engine, till }, sale = record()) {
  await engine.ingest(till, sale);
  assert.ok((await engine.drain()).empty);
  const { items } = await engine.invoices({ state: "accepted" });
  assert.equal(items.length, 1);
  return items[0];
}

const conflict = (error) => error instanceof StoreError && error.kind === "conflict";
const naming = (Kind, field) => (error) => {
  assert.ok(error instanceof Kind && error.context.field === field, inspect(error));
  return true;
};

test("an item without a classification is listed once, and one answer releases its sales", async (t) => {
  const { engine, tenant, till } = await shop(t, { classification: {} });
  const another = record();
  another.order.id = "ORDER-2";
  for (const sale of [record(), another]) await engine.ingest(till, sale);
  assert.ok((await engine.drain()).empty);
  const [item, ...others] = await engine.unclassified(tenant);
  assert.deepEqual(others, []);
  assert.deepEqual([item.name, item.platform, item.itemId, item.waiting], ["Ofada rice", "square", "MEAL", 2]);
  assert.deepEqual(item.amounts, { NGN: "12000" });
  const half = { hsnCode: "2106.90" };
  await assert.rejects(engine.classify(tenant, item.key, half), naming(PayloadError, "product_category"));
  for (const pair of [{ ...MEAL, isicCode: "5610" }, { hsn: "2106.90" }, undefined]) {
    await assert.rejects(engine.classify(tenant, item.key, pair), PayloadError);
  }
  const done = await engine.classify(tenant, item.key, MEAL);
  assert.deepEqual([done.released, done.entry.classification, done.problems], [2, MEAL, []]);
  assert.deepEqual([done.entry.key, done.entry.itemId, done.entry.sku], [item.key, "MEAL", null]);
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.invoices({ state: "accepted" })).length, 2);
  assert.deepEqual(await engine.unclassified(tenant), []);
});

test("a catalogue comes in and goes out as CSV, and everything wrong with it is told", async (t) => {
  const { engine, tenant } = await shop(t);
  const head = "sku,hsn_code,product_category\n";
  const csv = `${head}A-1,2106.90,Food preparations\nA-2,,\nA-3,210690x,Food\n`;
  const refused = await engine.importCatalogue(tenant, csv);
  assert.deepEqual([refused.imported, refused.rows, refused.added], [false, 3, 0]);
  assert.deepEqual([...new Set(refused.problems.map((one) => `${one.line} ${one.severity}`))], ["3 fatal", "4 fatal"]);
  const partial = await engine.importCatalogue(tenant, Buffer.from(csv), { partial: true });
  assert.deepEqual([partial.imported, partial.added, partial.problems], [true, 1, refused.problems]);
  const exported = await engine.exportCatalogue(tenant);
  assert.match(exported, /A-1/);
  const again = await engine.importCatalogue(tenant, exported);
  assert.deepEqual([again.added, again.changed, again.unchanged], [0, 0, 1]);
  const other = await engine.importCatalogue(tenant, `${head}B-1,2106.90,Food\n`, { replace: true });
  assert.deepEqual([other.added, other.removed], [1, 1]);
});

test("code lists say where they are from", async (t) => {
  const { engine, tenant } = await shop(t);
  const byName = (lists) => new Map(lists.map((one) => [one.name, one]));
  const shipped = byName(await engine.codeLists(tenant));
  assert.deepEqual([shipped.size, shipped.get("lgas").codes], [9, []]);
  assert.match(shipped.get("states").shippedOn, /^\d{4}-\d\d-\d\d$/);
  assert.ok(shipped.get("states").codes.some((row) => row.code === "NG-LA" && row.state === null));
  const report = byName(await engine.refreshLists(tenant));
  const read = byName(await engine.codeLists(tenant));
  assert.equal(report.get("states").kept, null);
  assert.match(report.get("lgas").kept, /rows/);
  for (const [name, { kept, rows, refreshedAt }] of report) {
    if (kept === null) assert.deepEqual([read.get(name).refreshedAt, read.get(name).codes.length], [refreshedAt, rows]);
  }
});

test("what others sent is listed, checked, and acknowledged by a person", async (t) => {
  const { sim, engine, tenant } = await shop(t, { policy: { inbound: "manual" } });
  await sim.control("authority/inbox", { announce: false });
  assert.equal((await engine.pullInbound(tenant)).new, 1);
  assert.ok((await engine.drain()).empty);
  const [listed] = await engine.inbound({ state: "checked", tenant });
  assert.deepEqual([listed.origin, listed.mbsText, listed.ubl, listed.pdf], ["pull", null, null, null]);
  assert.equal((await engine.inbound({ faulty: true, tenant })).length, listed.faulty ? 1 : 0);
  const received = await engine.inboundDocument(listed.id, { tenant });
  assert.equal(JSON.parse(received.mbsText).irn, listed.irn);
  const invoice = ubl.parse(received.ubl);
  assert.deepEqual(
    [invoice.number, Number(invoice.totals.payableAmount), invoice.type, invoice.issueDate],
    [listed.number, Number(listed.payableAmount), listed.type, listed.issueDate],
  );
  await engine.acknowledgeInbound(listed.id, { tenant });
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.inboundDocument(listed.id)).state, "acknowledged");
  const { received: there } = await sim.state("authority/inbox");
  assert.deepEqual(there.map((one) => one.acknowledged_count), [1]);
  assert.ok((await engine.inboundAudit(listed.id, { tenant })).length > 0);
  await assert.rejects(engine.retryInbound(listed.id, { tenant }), conflict);
  assert.equal((await engine.pullInbound(tenant, { toDate: "2020-01-01" })).new, 0);
  await assert.rejects(engine.pullInbound(tenant, { fromDate: "1/1/2026" }), naming(PayloadError, "from_date"));
});

test("a received document that is a PDF is kept as it came", async (t) => {
  const { sim, engine, tenant } = await shop(t);
  const sent = await sim.control("authority/inbox", { announce: false, form: "pdf" });
  const id = await engine.announceInbound(sent.id, { tenant });
  assert.ok((await engine.drain()).empty);
  const received = await engine.inboundDocument(id, { tenant });
  assert.deepEqual([received.origin, received.code, received.ubl], ["host", "pdf_only", null]);
  assert.equal(received.pdf.subarray(0, 4).toString(), "%PDF");
  await assert.rejects(engine.announceInbound("no irn", { tenant }), PayloadError);
});

test("a notice makes the engine look, and is listed", async (t) => {
  const its = await shop(t);
  const { sim, engine, tenant } = its;
  const document = await accepted(its);
  const receipts = [];
  const url = await host(t, async (request) => {
    receipts.push(await engine.receiveAuthority(request));
    return receipts.at(-1).status;
  });
  await sim.control("authority/webhook_url", { url });
  const sent = await sim.control("authority/inbox", {});
  assert.deepEqual(sent.deliveries.map((delivery) => delivery.status), [200]);
  const body = JSON.stringify({ irn: document.irn, message: "TRANSMITTED" });
  for (let i = 0; i < 2; i += 1) await engine.receiveAuthority({ method: "POST", url, headers: {}, body });
  assert.deepEqual(receipts.map((one) => [one.status, one.new]), [[200, 1]]);
  assert.ok((await engine.drain()).empty);
  const [received] = await engine.inbound({ tenant });
  assert.deepEqual([received.irn, received.origin], [sent.id, "webhook"]);
  const [notice] = await engine.notices(document.id, { tenant });
  assert.deepEqual([notice.event, notice.seen, notice.bodyText], ["TRANSMITTED", 2, body]);
  assert.notEqual(notice.handledAt, null);
  const transmission = await engine.transmission(document.id, { tenant });
  assert.deepEqual([transmission.documentId, transmission.resent], [document.id, 0]);
  await engine.lookAgain(document.id, { tenant });
  assert.ok((await engine.drain()).empty);
});

test("a notice that is not signed is refused where a secret is set", async (t) => {
  const sim = await Simulators.start(t);
  const authority = { ...sim.options().authority, webhookSecret: "s3cret" };
  const engine = await Engine.open("sqlite::memory:", { keys: [KEY], ...sim.options(), authority });
  t.after(() => engine.close());
  const at = String(Math.floor(Date.now() / 1000));
  const body = '{"irn":"INV1-94ND90NR-20261102","message":"TRANSMITTED"}';
  const signature = createHmac("sha256", "s3cret").update(body + at).digest("hex");
  const send = async (given) => {
    const headers = { "x-timestamp": at, "x-signature": given };
    return (await engine.receiveAuthority({ method: "POST", url: "/", headers, body })).status;
  };
  assert.deepEqual([await send("00".repeat(32)), await send(signature)], [401, 200]);
});

test("a payment is reported once", async (t) => {
  const percentField = "line_items[].properties.hs_tax_rate";
  const { sim, engine, tenant } = await shop(t, { tax: { default: { category: "S", percent: "7.5" }, percentField } });
  const crm = await engine.connect("hubspot", tenant, {
    credentials: { accessToken: sim.credentials.hubspot.access_token },
    settings: { baseUrl: sim.urls.hubspot, properties: "tin,hs_tax_rate" },
  });
  await sim.control(`hubspot/deals/${sim.hubspot.deal_id}/win`);
  await engine.invoice(crm.id, sim.hubspot.deal_id);
  assert.ok((await engine.drain()).empty);
  const [{ id, invoice }] = await engine.invoices({ state: "accepted" });
  assert.equal(invoice.paymentStatus, "PENDING");
  assert.equal(await engine.payment(id, { tenant }), null);
  const wanted = await engine.updatePayment(id, "PAID", { reference: "TRF-77", tenant });
  assert.deepEqual([wanted.status, wanted.state, wanted.reference, wanted.origin], ["PAID", "wanted", "TRF-77", "host"]);
  assert.ok((await engine.drain()).empty);
  const done = await engine.payment(id);
  assert.deepEqual([done.state, done.documentId], ["done", id]);
  assert.deepEqual(await engine.updatePayment(id, "PAID"), done);
  await assert.rejects(engine.updatePayment(id, "REJECTED"), conflict);
  await assert.rejects(engine.updatePayment(id, "paid"), naming(ConfigError, "status"));
});

test("an accepted invoice is corrected by notes", async (t) => {
  const its = await shop(t);
  const { engine, tenant } = its;
  const invoice = await accepted(its);
  const more = { key: "freight", reason: "Freight, not on the invoice", amount: "1000.10" };
  const debit = await engine.debitNote(invoice.id, { ...more, tenant });
  assert.equal((await engine.debitNote(invoice.id, more)).id, debit.id);
  assert.deepEqual([debit.type, debit.payableAmount], ["debit_note", "1075.11"]);
  assert.equal(debit.invoice.references[0].irn, invoice.irn);
  const tax = { category: "S", percent: "7.5" };
  const line = { ...invoice.invoice.lines[0], netAmount: "2000.00", quantity: "1", tax };
  const meal = await engine.debitNote(invoice.id, { key: "meal", reason: "One more meal", lines: [line] });
  assert.equal(meal.payableAmount, "2150.00");
  const twice = { ...more, key: "two words" };
  await assert.rejects(engine.debitNote(invoice.id, twice), naming(PayloadError, "key"));
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.invoices({ state: "accepted" })).length, 3);
});

test("an accepted invoice is taken back once", async (t) => {
  const its = await shop(t);
  const { engine, tenant } = its;
  const invoice = await accepted(its);
  const options = { reason: "never delivered", tenant };
  const [note, ...others] = await engine.correct(invoice.id, "credit_note_only", options);
  assert.deepEqual([note.type, note.payableAmount, others], ["credit_note", invoice.payableAmount, []]);
  assert.ok((await engine.drain()).empty);
  const again = await engine.correct(invoice.id, "credit_note_only", options);
  assert.deepEqual(again.map((one) => one.id), [note.id]);
  for (const how of ["held", "undo"]) await assert.rejects(engine.correct(invoice.id, how, options), ConfigError);
  await assert.rejects(engine.correct(invoice.id, "credit_note_only"), naming(ConfigError, "reason"));
});

test("a tenant may have a deployment of its own", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await Engine.open("sqlite::memory:", { keys: [KEY], allowHosts: ["127.0.0.1"] });
  t.after(() => engine.close());
  const { api_key: appKey, api_secret: appSecret, crypto_keys: cryptoKeys } = sim.tenant().authority;
  const half = { baseUrl: sim.urls.authority, appKey, cryptoKeys };
  const of = (authority) => ({ ...sim.tenant(), authority });
  await assert.rejects(engine.addTenant(of(half)), naming(ConfigError, "authority.app_secret"));
  const tenant = await engine.addTenant(of({ ...half, appSecret }));
  const { id: till } = await engine.connect("square", tenant.id, sim.square("https://host.example/hook"));
  assert.equal((await accepted({ engine, till })).stage, "confirmed");
});

test("what a bookkeeper decides about corrections, rates and deadlines is kept", async (t) => {
  const { engine, sim } = await shop(t);
  const rate = { currency: "USD", from: "2026-11-18", rate: "1530.25", source: "CBN" };
  const policy = { corrections: "credit_note_only", exchangeRate: "required", b2cThreshold: "50000" };
  const settings = { exchangeRates: [rate], policy, debitNoteSeries: "DN{seq:04}" };
  const { settings: stored } = await engine.addTenant({ ...sim.tenant(), ...settings });
  assert.deepEqual([stored.exchange_rates, stored.debit_note_series], [[rate], "DN{seq:04}"]);
  assert.deepEqual(
    [stored.policy.corrections, stored.policy.exchange_rate, stored.policy.b2c_threshold],
    ["credit_note_only", "required", "50000"],
  );
});

test("a tenant is checked at the authority in words", async (t) => {
  const { engine, tenant } = await shop(t, { service_id: "WRONG123" });
  const check = await engine.checkAuthority(tenant);
  assert.equal(check.ok, false);
  assert.ok(check.findings.some(({ code, message }) => code === "service_id_differs" && message.endsWith(".")));
});

test("an outage is foreseen with who will be late", async (t) => {
  const limits = { breaker: { failures: 1, pauseSeconds: 3600 }, deadlines: { everySeconds: 0, aheadSeconds: 100_000 } };
  const { sim, engine, tenant, till } = await shop(t, {}, limits);
  const calm = await engine.forecast({ tenant });
  assert.deepEqual([calm.pace, calm.waiting, calm.slots, calm.outSince], ["keeps_up", 0, [], null]);
  assert.deepEqual(await engine.alarms(), []);
  await sim.control("authority/faults", { endpoint: "*", fault: "500", times: 1000 });
  await engine.invoice(till, (await sim.control("square/sales/walk_in")).id);
  // The first turn finds the outage, the second looks at what it means.
  await engine.drain();
  await engine.drain();
  const forecast = await engine.forecast({ tenant });
  assert.deepEqual([forecast.pace, forecast.documentsPerHour], ["stopped", 0]);
  assert.deepEqual([forecast.waiting, forecast.willMiss, forecast.slots.length], [1, 1, 1]);
  assert.equal(forecast.slots[0].first, forecast.firstMissed);
  assert.ok(forecast.outSince !== null && forecast.message.endsWith("."));
  const alarms = await engine.alarms({ limit: 5 });
  assert.deepEqual(alarms.map(({ seq, change, willMiss, first }) => [seq, change, willMiss, first]), [
    [1, "raised", 1, forecast.firstMissed],
  ]);
});

test("what the authority refused is listed by its code and sent again, what it accepted is not", async (t) => {
  const { sim, engine, tenant, till } = await shop(t, { business_id: "00000000-0000-4000-8000-000000000000" });
  await engine.ingest(till, record());
  assert.ok((await engine.drain()).empty);
  const [refused] = await engine.invoices({ code: "validation_failed", tenant });
  assert.deepEqual([refused.state, refused.phase, refused.code], ["rejected", "validation_failed", "validation_failed"]);
  assert.equal((await engine.invoices({ code: "quarantined" })).length, 0);
  const calls = async () => (await sim.state("authority/state")).calls.validate;
  const before = await calls();
  await engine.resubmit(refused.id, { tenant });
  assert.ok((await engine.drain()).empty);
  assert.equal(await calls(), before + 1);
});

test("what the authority accepted is never sent again", async (t) => {
  const its = await shop(t);
  const document = await accepted(its);
  assert.deepEqual([document.phase, document.code], ["transmitted", null]);
  await assert.rejects(its.engine.resubmit(document.id), conflict);
});

test("another tenant's ids do not exist for any call", async (t) => {
  const its = await shop(t);
  const { sim, engine } = its;
  const { id } = await accepted(its);
  await sim.control("authority/inbox", { announce: false });
  await engine.pullInbound(its.tenant);
  const [received] = await engine.inbound();
  const { id: tenant } = await engine.addTenant({ name: "Another Ltd", tin: "99999999-0001" });
  for (const call of [
    () => engine.resubmit(id, { tenant }),
    () => engine.updatePayment(id, "PAID", { tenant }),
    () => engine.payment(id, { tenant }),
    () => engine.transmission(id, { tenant }),
    () => engine.lookAgain(id, { tenant }),
    () => engine.notices(id, { tenant }),
    () => engine.correct(id, "credit_note_only", { reason: "x", tenant }),
    () => engine.debitNote(id, { key: "a", reason: "x", amount: "1", tenant }),
    () => engine.inboundDocument(received.id, { tenant }),
    () => engine.inboundAudit(received.id, { tenant }),
    () => engine.acknowledgeInbound(received.id, { tenant }),
    () => engine.retryInbound(received.id, { tenant }),
    () => engine.forecast({ tenant: id }),
    () => engine.checkAuthority(id),
    () => engine.codeLists(id),
    () => engine.refreshLists(id),
    () => engine.importCatalogue(id, "sku\n"),
    () => engine.exportCatalogue(id),
    () => engine.unclassified(id),
    () => engine.classify(id, "sku::a", MEAL),
    () => engine.pullInbound(id),
    () => engine.announceInbound(received.irn, { tenant: id }),
    () => engine.resubmit("not-an-id"),
  ]) {
    await assert.rejects(call, NotFound, String(call));
  }
  assert.equal((await engine.inbound({ tenant })).length, 0);
});

test("an argument or option of a wrong type is named and refused", async (t) => {
  const { engine, tenant } = await shop(t);
  for (const [call, field] of [
    [() => engine.resubmit(5), "id"],
    [() => engine.resubmit("a", { tenant: undefined }), "tenant"],
    [() => engine.forecast({ tenant: null }), "tenant"],
    [() => engine.inbound({ tenant: undefined }), "tenant"],
    [() => engine.announceInbound("a", { tenant: undefined }), "tenant"],
    [() => engine.codeLists(), "tenantId"],
    [() => engine.inbound({ state: "lost" }), "state"],
    [() => engine.inbound({ faulty: "yes" }), "faulty"],
    [() => engine.inbound({ held: true }), "held"],
    [() => engine.invoices({ code: 5 }), "code"],
    [() => engine.alarms({ limit: "x" }), "limit"],
    [() => engine.importCatalogue(tenant, 5), "csv"],
    [() => engine.importCatalogue(tenant, "sku\n", { partial: 1 }), "partial"],
    [() => engine.debitNote("a", { keys: "a" }), "keys"],
    [() => engine.pullInbound(tenant, { since: "2026-01-01" }), "since"],
  ]) {
    await assert.rejects(async () => call(), naming(ConfigError, field));
  }
});

for (const [options, field] of [
  [{ breaker: { failure: 1 } }, "breaker.failure"],
  [{ breaker: { pauseSeconds: -1 } }, "breaker.pause_seconds"],
  [{ deadlines: { marginPercent: 100 } }, "deadlines.margin_percent"],
  [{ webhooks: { keepDays: 6 } }, "webhooks.keep_days"],
  [{ webhooks: { keep: 90 } }, "webhooks.keep"],
  [{ sync: { sideBySide: 0 } }, "sync.side_by_side"],
  [{ sync: { reconcile: "yes" } }, "sync.reconcile"],
  [{ sideBySide: 0 }, "side_by_side"],
  [{ authority: { baseUrl: "http://127.0.0.1/", acknowledgeBody: "none" } }, "authority.acknowledge_body"],
]) {
  test(`an engine does not open with a wrong ${field}`, async () => {
    await assert.rejects(Engine.open("sqlite::memory:", { keys: [KEY], ...options }), naming(ConfigError, field));
  });
}

test("an engine opens with every option a host may set", async () => {
  const engine = await Engine.open("sqlite::memory:", {
    keys: [KEY],
    webhooks: { keepDays: 7, checkEverySeconds: 60, bodyLimit: 100_000 },
    sync: { everySeconds: 0, sideBySide: 1, reconcile: false },
    sideBySide: 1,
    metrics: { perTenant: true },
  });
  assert.notEqual((await engine.health()).state, "failing");
  await engine.close();
});
