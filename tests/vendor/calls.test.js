// Every call our connectors make is one that the platform's own API description allows: Prism serves the description and
// refuses what breaks it. The calls are those of the behaviour suite, recorded on the wire.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { description, reduced } from "./description.js";
import { recorded, reference } from "./support.js";

const DESCRIBED = ["square"];
const PRISM = fileURLToPath(new URL("node_modules/@stoplight/prism-cli/dist/index.js", import.meta.url));

const free = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function serve(file) {
  const port = await free();
  const child = spawn(process.execPath, [PRISM, "mock", "--errors", "-h", "127.0.0.1", "-p", String(port), file], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  await new Promise((resolve, reject) => {
    const hear = (chunk) => {
      said += chunk;
      if (said.includes("Prism is listening")) resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", (code) => reject(new Error(`Prism ended with ${code}: ${said}`)));
  });
  return { base: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

async function answer(base, call, change = {}) {
  const { method, path, headers, body } = { ...call, ...change };
  const sent = { authorization: "Bearer any-token", ...headers };
  const response = await fetch(base + path, { method, headers: sent, body: body === "" ? undefined : body });
  return { status: response.status, text: await response.text() };
}

const of = (platform) => recorded("calls.jsonl").filter((call) => call.platform === platform);

const prisms = new Map();
before(async () => {
  await Promise.all(DESCRIBED.map(async (platform) => {
    const file = description(platform);
    assert.ok(file, `the reference data hold no API description of ${platform} below ${reference}`);
    prisms.set(platform, await serve(reduced(file, of(platform).map((call) => call.path))));
  }));
});
after(() => prisms.forEach((prism) => prism.stop()));

test("a platform whose API description is among the reference data is judged by it", () => {
  const platforms = new Set(recorded("calls.jsonl").map((call) => call.platform));
  assert.deepEqual([...platforms].filter(description).sort(), DESCRIBED);
});

for (const platform of DESCRIBED) {
  test(`${platform}: every recorded call is accepted`, async (context) => {
    const calls = of(platform);
    const { base } = prisms.get(platform);
    const kinds = new Set();
    for (const call of calls) {
      const { status, text } = await answer(base, call);
      assert.ok(status >= 200 && status < 300, `${call.method} ${call.path} ${call.body} is answered ${status}: ${text}`);
      kinds.add(`${call.method} ${call.path.split("?")[0].replace(/(orders|payments)\/(?!search|batch)[^/]+$/, "$1/{id}")}`);
    }
    assert.ok(kinds.size >= 7, `only these kinds of call were recorded: ${[...kinds].join(", ")}`);
    context.diagnostic(`${calls.length} calls accepted: ${[...kinds].sort().join(", ")}`);
  });
}

test("square: what breaks the description is refused, so that an acceptance means something", async () => {
  const { base } = prisms.get("square");
  const calls = of("square");
  const search = calls.find((call) => call.path === "/v2/orders/search");
  const payments = calls.find((call) => call.path.startsWith("/v2/payments?"));
  const wrong = JSON.parse(search.body);
  const broken = [
    [search, { body: JSON.stringify({ ...wrong, limit: "many" }) }],
    [search, { body: JSON.stringify({ ...wrong, query: { sort: { sort_field: 7 } } }) }],
    [search, { body: JSON.stringify({ ...wrong, location_ids: "L1" }) }],
    [search, { method: "DELETE", body: "" }],
    [search, { path: "/v2/orders/look" }],
    [search, { headers: { ...search.headers, authorization: "" } }],
    [payments, { path: `${payments.path.replace(/limit=\d+/, "limit=many")}` }],
  ];
  for (const [call, change] of broken) {
    const { status, text } = await answer(base, call, change);
    assert.ok(status >= 400, `${JSON.stringify(change)} is answered ${status}: ${text}`);
  }
});
