// How hosts type it; compiled, never run. What must not compile says so.

import {
  Engine,
  Invoice,
  Rules,
  Stamp,
  CryptoKeys,
  Vault,
  RateLimited,
  TaxpoyntError,
  ValidationError,
  convert,
  irn,
  platforms,
  ubl,
  verifyWebhook,
  type Amount,
  type Backfill,
  type Delivery,
  type Document,
  type Forecast,
  type Inbound,
  type Outcome,
  type Party,
  type Reconciliation,
  type UnclassifiedItem,
  type WebhookEvent,
} from "@taxpoynt/engine";

function converting(record: Buffer | string | object): Amount[] {
  const outcomes: Outcome[] = convert("square", record, {
    tenant: { name: "Adire Works Ltd", business_id: "5f0c1c3e-0c2d-4b6e-9a11-0d1f2a3b4c5d" },
    rules: Rules.parse(""),
    issued: [{ sourceId: "ORDER-0", number: "INV000003", issueDate: "2026-10-01", irn: null }],
    sequence: 7,
    issueDate: "2026-11-02",
  });
  const [first] = outcomes;
  const code: string | undefined = first?.reason?.code;
  const source: (string | null)[] | undefined = first?.explain().map((row) => row.source);
  const sentences: string[] | undefined = first?.explanation().elements.map((element) => element.sentence);
  const document: Invoice | null | undefined = first?.invoice;
  if (!document) throw new Error(`${code} ${source} ${sentences}`);
  const kind: "B2B" | "B2C" | "B2G" = document.kind;
  const buyer: Party | null = document.customer;
  const xml: Buffer = document.toUbl();
  const again: Invoice = Invoice.fromDict(JSON.parse(JSON.stringify(document)));
  const faults: string[] = ubl.validate(xml, { rulesets: ubl.rulesets() }).map((fault) => `${fault.id} ${fault.path}`);
  const wants: string | undefined = ubl.explain(ubl.ruleIds("peppol")[0] ?? "")?.wants;
  console.log(wants, kind, buyer?.address.city, again.toMbs()["irn"], document.toMbsJson().length, faults);
  // @ts-expect-error an invoice does not change
  document.number = "INV9";
  // @ts-expect-error amounts are text
  const wrong: number = document.totals.payableAmount;
  // @ts-expect-error only the package makes one
  new Invoice();
  // @ts-expect-error the seller must be said
  convert("square", record, {});
  return [document.totals.payableAmount, ...document.lines.map((line) => line.netAmount), `${wrong}`];
}

function verifying(request: { headers: import("node:http").IncomingHttpHeaders; body: Buffer }): WebhookEvent[] {
  verifyWebhook("square", { method: "POST", url: "", headers: new Headers(), body: new ArrayBuffer(0), secret: "s" });
  verifyWebhook("square", { method: "POST", url: "", headers: [["a", "b"]], body: "{}", secret: "s", now: new Date() });
  return verifyWebhook("hubspot", { method: "POST", url: "https://h.example/", ...request, secret: ["new", "old"] });
}

async function running(body: Uint8Array): Promise<Document[]> {
  await using engine = await Engine.open("sqlite::memory:", {
    keys: [Vault.generateKey()],
    authority: { baseUrl: "https://authority.example/", apiKey: "k", apiSecret: "s" },
    apps: { hubspot: { clientSecret: "s", webhookUrl: "https://h.example/" } },
    allowHosts: ["127.0.0.1"],
    breaker: { failures: 5, pauseSeconds: 30 },
    deadlines: { everySeconds: 60, marginPercent: 15 },
    webhooks: { keepDays: 90, checkEverySeconds: 3600, bodyLimit: 1_000_000 },
    sync: { everySeconds: 600, sideBySide: 4, reconcile: true },
    sideBySide: 16,
  });
  const tenant = await engine.addTenant({ name: "Adire Works Ltd" });
  const connection = await engine.connect("square", tenant.id, {
    credentials: { accessToken: "t", webhookSecret: "w" },
    settings: { webhookUrl: "https://h.example/" },
  });
  const receipt = await engine.receive(connection.id, { method: "POST", url: "", headers: {}, body });
  const status: number = receipt.status;
  await engine.ingest(connection.id, { order: {} }, { tenant: tenant.id });
  await engine.sync(connection.id, { since: new Date(0), tenant: tenant.id });
  const prepared = await engine.invoice(connection.id, "ORDER-1");
  const workers = engine.workers(2);
  const left: number = (await engine.drain({ timeoutMs: 1000 })).later;
  await workers.stop();
  const page = await engine.invoices({ state: "accepted", tenant: tenant.id, limit: 10 });
  for (const document of page) console.log(document.number, document.invoice.irn, document.mbs.length, document.stamp);
  if (page.next !== null) await engine.invoices({ cursor: page.next });
  for (const waiting of await engine.records({ held: true })) console.log(waiting.held?.message, waiting.body.order);
  for (const letter of await engine.deadLetters()) await engine.discard(letter.id, { reason: "paid in cash" });
  const pulls = await engine.syncLog(connection.id);
  console.log(status, left, prepared.kind, pulls[0]?.error, (await engine.audit("x"))[0]?.event);
  // @ts-expect-error a state there is not
  await engine.invoices({ state: "lost" });
  // @ts-expect-error a tenant that came out undefined
  await engine.invoices({ tenant: undefined });
  // @ts-expect-error a discard gives its reason
  await engine.discard("x", {});
  return [...page];
}

async function operating(engine: Engine, tenant: string, body: Buffer): Promise<Forecast> {
  const { ok, findings } = await engine.checkAuthority(tenant);
  const receipt = await engine.receiveAuthority({ method: "POST", url: "", headers: new Headers(), body });
  for (const { id, code, phase } of await engine.invoices({ code: "quarantined", tenant })) {
    await engine.resubmit(id, { tenant });
    const [notice] = await engine.notices(id, { tenant });
    console.log(code, phase, notice?.event, (await engine.transmission(id))?.state, ok, findings[0]?.code, receipt.new);
  }
  const payment = await engine.updatePayment("x", "PAID", { reference: "TRF-77", tenant });
  const notes: Document[] = await engine.correct("x", "credit_note_only", { reason: "never delivered", tenant });
  const debit = await engine.debitNote("x", { key: "freight", reason: "Freight", amount: "10000.00", tenant });
  const items: UnclassifiedItem[] = await engine.unclassified(tenant);
  const due: Amount | undefined = items[0]?.amounts["NGN"];
  for (const { key, suggestions } of items) {
    if (suggestions[0]) await engine.classify(tenant, key, suggestions[0].classification);
  }
  const report = await engine.importCatalogue(tenant, await engine.exportCatalogue(tenant), { replace: true });
  const states = (await engine.codeLists(tenant)).find((list) => list.name === "states")?.codes.map((row) => row.code);
  await engine.pullInbound(tenant, { fromDate: "2026-11-01" });
  for (const { id } of await engine.inbound({ state: "held", faulty: true, tenant })) {
    const received: Inbound = await engine.inboundDocument(id, { tenant });
    if (received.ubl) console.log(ubl.parse(received.ubl).number, received.pdf?.length, received.findings[0]?.fatal);
    await engine.acknowledgeInbound(id, { tenant });
  }
  console.log(payment.settledAt, notes.length, debit.irn, due, report.problems[0]?.line, states);
  // @ts-expect-error a payment starts as pending
  await engine.updatePayment("x", "PENDING");
  // @ts-expect-error a correction gives its reason
  await engine.correct("x", "credit_note_only");
  // @ts-expect-error half a classification
  await engine.classify(tenant, "x", { hsnCode: "2106.90" });
  console.log((await engine.alarms({ limit: 1 }))[0]?.message);
  return engine.forecast({ tenant });
}

async function connecting(engine: Engine, tenant: string, query: string): Promise<Delivery | undefined> {
  const url: string = await engine.authorizeUrl("square", tenant, { redirectUri: "https://h.example/back" });
  const { id } = await engine.exchange("square", tenant, { query });
  const check = await engine.subscribe(id, { tenant });
  if (check.outcome === "failed") console.log(url, check.message, (await engine.webhookGuide(id)).text);
  const drifted: string[] = (await engine.checkSubscriptions()).flatMap((one) => one.drift);
  const secret = await engine.addWebhookSecret("square", "s");
  const retired: number = await engine.retireOldWebhookSecrets("square");
  await engine.renewWebhookSecret(id);
  const [kept] = await engine.subscriptions();
  console.log(drifted, secret.origin, retired, kept?.checkAt, (await engine.webhookSecrets(id))[0]?.retiredAt);
  const { queued } = await engine.replayDeliveries({ faulty: true, connection: id });
  const ended: boolean = await engine.unsubscribe(id);
  for (const { id: one, events } of await engine.deliveries({ ignored: true, limit: 10, tenant })) {
    console.log(events[0]?.recordId, await engine.replayDelivery(one, { tenant }), queued, ended);
  }
  console.log((await engine.remove(id, { tenant })).how, (await engine.testConnection(id)).name);
  // @ts-expect-error a code goes with its state
  await engine.exchange("square", tenant, { code: "c" });
  // @ts-expect-error what is replayed is not paged
  await engine.replayDeliveries({ limit: 1 });
  return (await engine.deliveries()).items[0];
}

async function pulling(engine: Engine, connection: string): Promise<Reconciliation[]> {
  const id: string = await engine.backfill(connection, { since: new Date(0), until: "2026-11-02T00:00:00Z" });
  const { progress, counts, state }: Backfill = await engine.backfillProgress(id);
  if (state === "running") await engine.pauseBackfill(id);
  await engine.resumeBackfill(id);
  await engine.cancelBackfill(id);
  await engine.setSyncSchedule(connection, null);
  await engine.setSyncSchedule(connection, 600, { tenant: "x" });
  const { failing, everySeconds } = await engine.syncHealth(connection);
  const day = await engine.reconcile(connection, "2026-11-02", { fetch: true });
  const sum: Amount | undefined = day.ours.sums["NGN"];
  console.log(progress.doneAt, counts.failed, failing, everySeconds, sum, day.missing[0]?.key.id, day.table);
  // @ts-expect-error an import begins somewhere
  await engine.backfill(connection, {});
  // @ts-expect-error a day is text
  await engine.reconcile(connection, new Date());
  console.log((await engine.backfills(connection))[0]?.error);
  return engine.reconciliations(connection, { unequal: true });
}

function failing(error: unknown): number | null {
  if (error instanceof ValidationError) return error.faults.length;
  if (error instanceof RateLimited) return error.retryAfter;
  if (error instanceof TaxpoyntError && error.retryable) return Number(error.context["status"] ?? error.kind.length);
  return null;
}

function stamping(keys: CryptoKeys): [string, string, Buffer] {
  const stamp: Stamp = keys.stamp(irn("INV-1", "94ND90NR", "2026-11-02"), new Date(), "unix_seconds");
  return [stamp.payload, stamp.qrSvg(), Stamp.of(stamp.payload).qrPngForRoll(384)];
}

console.log(converting, verifying, running, operating, connecting, pulling);
console.log(failing, stamping, platforms()[0]?.settings[0]?.required);
