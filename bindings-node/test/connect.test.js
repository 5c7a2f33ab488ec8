// Connections by authorization: begun, ended with what the redirect brought, and taken back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, Engine, PermissionDenied, Unauthenticated, Vault } from "@taxpoynt/engine";
import { Simulators } from "./support.js";

/** What the account's owner brings back from the consent page: the query of the redirect. */
async function consent(url) {
  const answer = await fetch(url, { redirect: "manual" });
  assert.equal(answer.status, 302, await answer.text());
  return new URL(answer.headers.get("location")).searchParams;
}

/** An engine registered at the platform, a tenant, and what `authorizeUrl` is told. */
async function asking(t, platform) {
  const sim = await Simulators.start(t);
  const { client_id, client_secret, redirect_uri } = sim.credentials[platform];
  const app = {
    clientId: client_id,
    clientSecret: client_secret,
    redirectUris: [redirect_uri],
    webhookUrl: "https://host.example/hook",
  };
  const told = { keys: [Vault.generateKey()], apps: { [platform]: app }, ...sim.options() };
  const engine = await Engine.open("sqlite::memory:", told);
  t.after(() => engine.close());
  const { id: tenant } = await engine.addTenant(sim.tenant());
  return { sim, engine, tenant, told: { redirectUri: redirect_uri, settings: { baseUrl: sim.urls[platform] } } };
}

for (const platform of ["square", "hubspot"]) {
  test(`an account at ${platform} is connected by its owner's consent and removed with its tokens`, async (t) => {
    const { engine, tenant, told } = await asking(t, platform);
    const query = String(await consent(await engine.authorizeUrl(platform, tenant, told)));
    const connection = await engine.exchange(platform, tenant, { query });
    assert.deepEqual([connection.platform, connection.tenantId, connection.state], [platform, tenant, "active"]);
    assert.equal((await engine.testConnection(connection.id, { tenant })).id, connection.account);
    assert.deepEqual(await engine.connectionLog(connection.id, { tenant }), []);
    await assert.rejects(engine.exchange(platform, tenant, { query }), PermissionDenied);
    const removal = await engine.remove(connection.id, { tenant });
    assert.ok(removal.revoked && removal.how !== "", removal.how);
    const log = await engine.connectionLog(connection.id);
    assert.deepEqual(log.map(({ event }) => event), ["connection.removed", "connection.forgotten"]);
    assert.equal(log[1].detail, removal.how);
    assert.deepEqual((await engine.connections({ tenant })).map(({ state }) => state), ["removed"]);
  });
}

test("a token that the platform takes back is noticed, and its owner asked again", async (t) => {
  const { sim, engine, tenant, told } = await asking(t, "square");
  const scopes = ["MERCHANT_PROFILE_READ", "ORDERS_READ"];
  const { access_token: accessToken } = await sim.control("square/oauth/grant", { scopes });
  const { settings } = told;
  const connection = await engine.connect("square", tenant, { credentials: { accessToken }, settings });
  await sim.control("square/oauth/revoke");
  await assert.rejects(engine.testConnection(connection.id), Unauthenticated);
  const [noticed] = await engine.connectionLog(connection.id);
  assert.equal(noticed.event, "connection.needs_reauth");
  const query = String(await consent(await engine.authorizeUrl("square", tenant, told)));
  const again = await engine.exchange("square", tenant, { query });
  assert.deepEqual([again.id, again.state], [connection.id, "active"]);
});

test("a code counts for its tenant and state alone", async (t) => {
  const { engine, tenant, told } = await asking(t, "square");
  const answer = await consent(await engine.authorizeUrl("square", tenant, told));
  const [code, state] = [answer.get("code"), answer.get("state")];
  const { id: other } = await engine.addTenant({ name: "Another Ltd", tin: "99999999-0001" });
  await assert.rejects(engine.exchange("square", tenant, { code, state: "made up" }), PermissionDenied);
  await assert.rejects(engine.exchange("square", other, { code, state }), PermissionDenied);
  await assert.rejects(engine.exchange("square", tenant, {}), ConfigError);
  const elsewhere = { ...told, redirectUri: `${told.redirectUri}/` };
  await assert.rejects(engine.authorizeUrl("square", tenant, elsewhere), ConfigError);
});

test("an owner who declines is told apart", async (t) => {
  const { sim, engine, tenant, told } = await asking(t, "square");
  await sim.control("square/oauth/settings", { consent: "denied" });
  const query = String(await consent(await engine.authorizeUrl("square", tenant, told)));
  await assert.rejects(engine.exchange("square", tenant, { query }), /declined/);
  assert.deepEqual(await engine.connections(), []);
});
