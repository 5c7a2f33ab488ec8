// Every call our connectors make is one that the platform's own API description allows: Prism serves the description and
// refuses what breaks it. The calls are those of the behaviour suite, recorded on the wire.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { descriptions, judged, reduced } from "./description.js";
import { mock } from "./prism.js";
import { recorded, reference } from "./support.js";

/** The platforms whose descriptions are among the reference data, how many kinds of call at least, and what they leave out. */
const DESCRIBED = {
  pipedrive: { kinds: 10, undescribed: ["/oauth/revoke"] },
  square: { kinds: 7, undescribed: [] },
};

/** A credential of each kind: the recorded calls keep none. */
const CREDENTIALS = {
  basic: { authorization: `Basic ${Buffer.from("any-client:any-secret").toString("base64")}` },
  bearer: { authorization: "Bearer any-token" },
  // Square's words ask for `Client` where its description asks for a bearer token.
  client: { authorization: "Bearer any-token" },
  "x-api-token": { "x-api-token": "any-token" },
};

const of = (platform) => recorded("calls.jsonl").filter((call) => call.platform === platform);

/** What Prism is given to judge of a platform: by file, the calls as that description has their paths. */
function cases(platform) {
  const files = new Map();
  for (const call of of(platform)) {
    const found = judged(platform, call.path);
    if (!found) continue;
    if (!files.has(found.file)) files.set(found.file, []);
    files.get(found.file).push({ ...call, path: found.path });
  }
  return files;
}

async function answer(base, call, change = {}) {
  const { method, path, headers, body, auth } = { ...call, ...change };
  const sent = { ...headers, ...CREDENTIALS[auth] };
  const response = await fetch(base + path, { method, headers: sent, body: body === "" ? undefined : body });
  return { status: response.status, text: await response.text() };
}

const prisms = new Map();
before(async () => {
  for (const platform of Object.keys(DESCRIBED)) {
    assert.ok(descriptions(platform).length > 0, `the reference data hold no API description of ${platform} below ${reference}`);
    for (const [file, calls] of cases(platform)) prisms.set(file, await mock(reduced(file, calls.map((call) => call.path))));
  }
});
after(() => prisms.forEach((prism) => prism.stop()));

test("a platform whose API description is among the reference data is judged by it", () => {
  const platforms = new Set(recorded("calls.jsonl").map((call) => call.platform));
  assert.deepEqual([...platforms].filter((platform) => descriptions(platform).length > 0).sort(), Object.keys(DESCRIBED));
});

for (const [platform, { kinds: least, undescribed }] of Object.entries(DESCRIBED)) {
  test(`${platform}: every recorded call is accepted`, async (context) => {
    const left = of(platform).filter((call) => !judged(platform, call.path)).map((call) => call.path.split("?")[0]);
    assert.deepEqual([...new Set(left)].sort(), undescribed, "what the description leaves out");
    const [kinds, proofs] = [new Set(), new Set()];
    let count = 0;
    for (const [file, calls] of cases(platform)) {
      for (const call of calls) {
        const { status, text } = await answer(prisms.get(file).base, call);
        assert.ok(status >= 200 && status < 300, `${call.method} ${call.path} ${call.body} is answered ${status}: ${text}`);
        kinds.add(`${call.method} ${call.path.split("?")[0].replace(/(orders|payments|deals)\/(?!search|batch|products)[^/]+/, "$1/{id}")}`);
        proofs.add(call.auth ?? "nothing");
        count += 1;
      }
    }
    assert.ok(kinds.size >= least, `only these kinds of call were recorded: ${[...kinds].join(", ")}`);
    context.diagnostic(`${count} calls accepted, proved by ${[...proofs].sort().join(", ")}: ${[...kinds].sort().join(", ")}`);
  });
}

async function refused(platform, broken) {
  const all = [...cases(platform)];
  for (const [like, change] of broken) {
    const [file, call] = all.map(([file, calls]) => [file, calls.find((call) => like.test(`${call.method} ${call.path}`))]).find(([, call]) => call) ?? [];
    assert.ok(call, `no recorded call is like ${like}`);
    const altered = typeof change === "function" ? change(call) : change;
    const { status, text } = await answer(prisms.get(file).base, call, altered);
    assert.ok(status >= 400, `${JSON.stringify(altered)} is answered ${status}: ${text}`);
  }
}

test("square: what breaks the description is refused, so that an acceptance means something", async () => {
  const search = /POST \/v2\/orders\/search/;
  const body = (change) => (call) => ({ body: JSON.stringify({ ...JSON.parse(call.body), ...change }) });
  await refused("square", [
    [search, body({ limit: "many" })],
    [search, body({ query: { sort: { sort_field: 7 } } })],
    [search, body({ location_ids: "L1" })],
    [search, { method: "DELETE", body: "" }],
    [search, { path: "/v2/orders/look" }],
    [search, { auth: null }],
    [/GET \/v2\/payments\?/, (call) => ({ path: call.path.replace(/limit=\d+/, "limit=many") })],
  ]);
});

test("pipedrive: what breaks the description is refused, so that an acceptance means something", async () => {
  const [list, products, token] = [/GET \/deals\?/, /GET \/deals\/products\?/, /POST \/oauth\/token/];
  const path = (from, to) => (call) => ({ path: call.path.replace(from, to) });
  await refused("pipedrive", [
    [list, path(/status=[^&]+/, "status=closed")],
    [list, path(/status=[^&]+/, "status=won%2Cclosed")],
    [list, path(/sort_by=[^&]+/, "sort_by=title")],
    [list, path(/limit=\d+/, "limit=many")],
    [list, { auth: null }],
    [list, { method: "DELETE" }],
    [products, path(/deal_ids=[^&]+/, "deal_ids=first")],
    [products, path(/deal_ids=[^&]+&/, "")],
    [/GET \/deals\/\d+$/, path(/\d+$/, "first")],
    [token, { auth: null }],
    [token, path(/$/, "s")],
    [token, (call) => ({ body: call.body.replace(/grant_type=[^&]+/, "grant_type=password") })],
  ]);
});
