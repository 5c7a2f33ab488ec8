// Every call that the engine knows by its name has a declared method that makes it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Engine, Vault } from "@taxpoynt/engine";

const installed = dirname(fileURLToPath(import.meta.resolve("@taxpoynt/engine")));
const { native } = await import(join(installed, "lib", "native.js"));
const declared = readFileSync(join(installed, "types", "engine.d.ts"), "utf8");

const CALLS = native.callNames();

/** `engine.replay_delivery` → `replayDelivery`. */
const method = (call) => call.replace("engine.", "").replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** What may be given where nobody looks: none, an id, an id and a name, either with a day or number between. */
const ARGUMENTS = [[], ["x"], ["x", "x"], ["x", 1], ["x", "x", {}]];

test("there are calls to hold the methods to", () => {
  assert.ok(CALLS.length > 50);
  assert.equal(new Set(CALLS).size, CALLS.length);
});

test("every call has a declared method of its name that makes it", async (t) => {
  const engine = await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()] });
  t.after(() => engine.close());
  let asked;
  t.mock.method(native.Engine.prototype, "ask", (call) => {
    asked.push(call);
    throw new Error("nobody answers");
  });
  for (const call of CALLS) {
    const name = method(call);
    assert.equal(typeof engine[name], "function", `${call} is reached only by its name: give it a method`);
    assert.match(declared, new RegExp(`\\*/\\n  ${name}\\(`), `${name} is declared, with its comment`);
    asked = [];
    for (const given of ARGUMENTS) await assert.rejects(async () => engine[name](...given));
    assert.ok(asked.length > 0, `${name} asks nothing`);
    assert.deepEqual(new Set(asked), new Set([call]));
  }
});
