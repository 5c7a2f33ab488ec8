// Webhooks from their bytes to the store, and what brings them: subscriptions, the guide, secrets.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { ConfigError, Engine, NotFound, PlatformError, StoreError, Vault } from "@taxpoynt/engine";
import { Simulators, host } from "./support.js";

/** An engine behind a web server that keeps what came, and its connected till. */
async function till(t, more = {}) {
  const sim = await Simulators.start(t);
  const engine = await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()], ...sim.options(), ...more });
  t.after(() => engine.close());
  const { id: tenant } = await engine.addTenant(sim.tenant());
  const taken = [];
  let connection;
  const url = await host(t, async (request) => {
    taken.push({ request, receipt: await engine.receive(connection, request) });
    return taken.at(-1).receipt.status;
  });
  ({ id: connection } = await engine.connect("square", tenant, sim.square(url)));
  return { sim, engine, tenant, connection, url, taken, last: () => taken.at(-1).receipt.status };
}

/** A call of Square's own API at the simulator, as somebody at the platform's dashboard would cause it. */
async function square(sim, method, path, body) {
  const token = sim.credentials.square.access_token;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(new URL(path, sim.urls.square), { method, headers, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.text());
}

const conflict = (error) => error instanceof StoreError && error.kind === "conflict";

test("raw bytes are stored once, and read again when asked", async (t) => {
  const { sim, engine, tenant, connection, url, taken } = await till(t);
  await sim.control("square/webhook_url", { url });
  const sold = await sim.control("square/sales/b2b");
  const [{ request, receipt }] = taken;
  assert.deepEqual([receipt.status, receipt.new, receipt.duplicates], [200, 1, 0]);
  const again = await engine.receive(connection, request);
  assert.deepEqual([again.status, again.new, again.duplicates], [200, 0, 1]);
  const altered = await engine.receive(connection, { ...request, body: `${request.body} ` });
  assert.deepEqual([altered.status, altered.new], [401, 0]);
  assert.ok((await engine.drain()).empty);
  assert.deepEqual((await engine.invoices()).items.map((document) => document.sourceId), [sold.id]);

  const [delivery] = await engine.deliveries({ tenant, connection });
  assert.deepEqual(
    [delivery.connectionId, delivery.tenantId, delivery.bytes, delivery.shared, delivery.replays, delivery.replayedAt],
    [connection, tenant, request.body.length, false, 0, null],
  );
  assert.deepEqual(delivery.faults, []);
  const [event] = delivery.events;
  assert.deepEqual([event.eventId, event.kind], [JSON.parse(request.body).event_id, "payment.updated"]);
  assert.notEqual(event.recordId, null);
  assert.equal((await engine.deliveries({ faulty: true })).length, 0);
  assert.equal((await engine.deliveries({ ignored: true })).length, 0);
  assert.equal(await engine.replayDelivery(delivery.id, { tenant }), 1);
  assert.deepEqual({ ...(await engine.replayDeliveries({ connection })) }, { deliveries: 1, queued: 1, faulty: 0 });
  const [replayed] = await engine.deliveries({ limit: 1 });
  assert.equal(replayed.replays, 2);
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.invoices()).length, 1, "reading it again makes no second invoice");

  const { id: other } = await engine.addTenant({ name: "Another Ltd", tin: "99999999-0001" });
  assert.equal((await engine.deliveries({ tenant: other })).length, 0);
  await assert.rejects(engine.replayDelivery(delivery.id, { tenant: other }), NotFound);
  await assert.rejects(engine.deliveries({ faulty: "yes" }), ConfigError);
});

test("what is none of ours is kept, and said to be ignored", async (t) => {
  const { sim, engine, connection, url, taken } = await till(t);
  await sim.control("square/webhook_url", { url });
  await sim.control("square/sales/walk_in");
  const told = JSON.parse(taken[0].request.body);
  const event = { ...told, event_id: "11111111-0000-4000-8000-000000000001", type: "loyalty.account.created" };
  const body = JSON.stringify(event);
  const signed = createHmac("sha256", sim.credentials.square.signature_key).update(url + body).digest("base64");
  const headers = { "x-square-hmacsha256-signature": signed };
  const receipt = await engine.receive(connection, { method: "POST", url: "/", headers, body });
  assert.deepEqual([receipt.status, receipt.new], [200, 1]);
  const [delivery, ...more] = await engine.deliveries({ ignored: true });
  assert.deepEqual(more, []);
  assert.deepEqual({ ...delivery.events[0] }, { eventId: event.event_id, kind: event.type, recordId: null });
  assert.equal((await engine.deliveries()).length, 2);
  assert.equal((await engine.replayDeliveries({ ignored: true })).queued, 0);
});

test("a subscription is made, mended, renewed and ended by the platform's API", async (t) => {
  const { sim, engine, tenant, connection, url, last } = await till(t);
  const made = await engine.subscribe(connection, { tenant });
  assert.deepEqual([made.outcome, made.platform, made.connectionId], ["created", "square", connection]);
  assert.deepEqual([made.drift, made.message], [[], null]);
  assert.equal((await engine.subscribe(connection)).outcome, "unchanged");
  const [kept] = await engine.subscriptions();
  assert.deepEqual([kept.state, kept.url, kept.connectionId, kept.message], ["active", url, connection, null]);
  assert.ok(kept.events.includes("payment.updated"));
  await sim.control("square/sales/walk_in");
  assert.equal(last(), 200, "signed with the key that the platform gave");

  const path = `v2/webhooks/subscriptions/${kept.externalId}`;
  await square(sim, "PUT", path, { subscription: { enabled: false } });
  const [mended] = await engine.checkSubscriptions();
  assert.deepEqual([mended.outcome, mended.drift], ["amended", ["disabled"]]);
  await square(sim, "DELETE", path);
  assert.deepEqual((await engine.checkSubscriptions()).map(({ outcome }) => outcome), ["recreated"]);
  assert.deepEqual((await engine.checkSubscriptions()).map(({ outcome }) => outcome), ["unchanged"]);

  await engine.renewWebhookSecret(connection, { tenant });
  await sim.control("square/sales/walk_in");
  assert.equal(last(), 200);
  const secrets = await engine.webhookSecrets(connection, { tenant });
  assert.deepEqual(secrets.map(({ origin }) => origin), ["configured", "platform", "platform", "platform"]);
  const live = secrets.filter(({ retiredAt }) => retiredAt === null);
  assert.equal(await engine.retireOldWebhookSecrets(connection), live.length - 1);
  await sim.control("square/sales/walk_in");
  assert.equal(last(), 200, "the newest still opens");

  assert.equal(await engine.unsubscribe(connection, { tenant }), true);
  assert.deepEqual(await engine.subscriptions(), []);
  assert.equal(await engine.unsubscribe(connection), false);
  await assert.rejects(engine.renewWebhookSecret(connection), NotFound);
});

test("two secrets are live while one is changed by hand", async (t) => {
  const { sim, engine, tenant, connection, url, taken, last } = await till(t);
  await sim.control("square/webhook_url", { url });
  const [configured] = await engine.webhookSecrets(connection);
  assert.deepEqual({ ...configured }, { id: null, origin: "configured", addedAt: null, retiredAt: null });
  await assert.rejects(engine.retireOldWebhookSecrets(connection), conflict);
  await assert.rejects(engine.addWebhookSecret(connection, ["the next canary"]), (error) => {
    assert.ok(error instanceof ConfigError && !inspect(error).includes("canary"));
    return true;
  });
  const added = await engine.addWebhookSecret(connection, "the next canary", { tenant });
  assert.deepEqual([added.origin, added.retiredAt], ["host", null]);
  await sim.control("square/sales/walk_in");
  assert.equal(last(), 200, "what the platform signs with the old one");
  assert.equal(await engine.retireOldWebhookSecrets(connection, { tenant }), 1);
  assert.equal((await engine.receive(connection, taken.at(-1).request)).status, 401);
  const shown = await engine.webhookSecrets(connection);
  const live = new Map(shown.map(({ origin, retiredAt }) => [origin, retiredAt === null]));
  assert.deepEqual(live, new Map([["configured", false], ["host", true]]));
  const text = inspect(shown, { depth: 9 });
  assert.ok(!text.includes("canary") && !text.includes(sim.credentials.square.signature_key));
});

test("a guide says step by step what to paste where", async (t) => {
  const webhookUrl = "https://host.example/hooks/hubspot";
  const apps = { hubspot: { clientSecret: "s", webhookUrl } };
  const { engine, tenant, connection, url } = await till(t, { apps });
  const guide = await engine.webhookGuide(connection, { tenant });
  assert.deepEqual([guide.platform, guide.url, guide.automatic], ["square", url, true]);
  assert.ok(guide.steps.some(({ paste }) => paste.length === 1 && paste[0] === url));
  assert.ok(guide.events.some(({ name, why }) => name === "payment.updated" && why !== ""));
  assert.ok(guide.text.includes(url) && guide.text.includes(guide.title), guide.text);
  assert.ok(guide.before && guide.secret && guide.check);
  const ofApp = await engine.webhookGuide("hubspot");
  assert.deepEqual([ofApp.automatic, ofApp.url], [false, webhookUrl]);
  assert.ok(ofApp.files.length > 0 && ofApp.files.every(({ content }) => content.includes(webhookUrl)));
  await assert.rejects(engine.webhookGuide(tenant), NotFound);
  await assert.rejects(engine.webhookGuide("square"), ConfigError);
});

test("a platform that subscribes nobody by its API says so", async (t) => {
  const apps = { hubspot: { clientSecret: "s", webhookUrl: "https://host.example/hooks/hubspot" } };
  const { sim, engine, tenant } = await till(t, { apps });
  const { id } = await engine.connect("hubspot", tenant, {
    credentials: { accessToken: sim.credentials.hubspot.access_token },
    settings: { baseUrl: sim.urls.hubspot },
  });
  const unsupported = (error) => error instanceof PlatformError && error.kind === "unsupported";
  await assert.rejects(engine.subscribe(id), unsupported);
});
