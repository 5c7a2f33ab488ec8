// Metrics, health and switches reach core and come back as documented.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, Engine, NotFound, Vault } from "@taxpoynt/engine";
import { Simulators, record } from "./support.js";

test("what is switched off waits, says why, and goes on when it is switched on", async (t) => {
  const sim = await Simulators.start(t);
  const engine = await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()], ...sim.options() });
  t.after(() => engine.close());
  const { id: tenant } = await engine.addTenant(sim.tenant());
  const { id: till } = await engine.connect("square", tenant, sim.square("https://host.example/hook"));
  const told = { who: "ada", reason: "The price list is wrong." };
  assert.equal(await engine.switch("ingest.prepare", { percent: 0, platform: "square", ...told }), 0);
  await engine.ingest(till, record());
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.invoices()).items.length, 0);
  const [setting] = await engine.switches({ tenant });
  assert.deepEqual(
    [setting.switch, setting.percent, setting.spread, setting.platform, setting.tenant, setting.setBy],
    ["ingest.prepare", 0, "record", "square", null, "ada"],
  );
  const off = (await engine.health()).checks.find(({ name }) => name === "switches");
  assert.ok(off.state === "warning" && off.sentence.includes("ingest.prepare at 0 % by ada"), off.sentence);
  assert.equal(await engine.switch("ingest.prepare", { percent: null, platform: "square", ...told }), 1);
  assert.ok((await engine.drain()).empty);
  assert.equal((await engine.invoices({ state: "accepted" })).items.length, 1);
  const log = await engine.switchLog({ limit: 10 });
  assert.deepEqual(
    log.map(({ seq, before, after }) => [seq, before?.percent ?? null, after?.percent ?? null]),
    [
      [2, 0, null],
      [1, null, 0],
    ],
  );
  assert.equal((await engine.health()).state, "ok");
  const text = await engine.metrics();
  assert.match(text, /^pos_transaction_volume_total\{platform="square"\} 1$/m);
  assert.ok(text.endsWith("# EOF\n"));
  await assert.rejects(engine.switch("submit", { percent: 101, ...told }), ConfigError);
  await assert.rejects(engine.switch("everything", { percent: 0, ...told }), ConfigError);
  await assert.rejects(engine.switch("submit", { percent: 0, tenant: till, ...told }), NotFound);
});
