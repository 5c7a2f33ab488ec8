// The package as a process meets it: `require`, worker threads, exits, and the READMEs' examples as they stand.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Engine, Vault } from "@taxpoynt/engine";
import * as engine from "@taxpoynt/engine";
import { Simulators, host, record, repository, tenant } from "./support.js";

const installed = dirname(fileURLToPath(import.meta.resolve("@taxpoynt/engine")));

/** An empty folder that sees the package under its name, and ends with the test. */
function project(t) {
  const folder = mkdtempSync(join(tmpdir(), "taxpoynt-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules", "@taxpoynt"), { recursive: true });
  symlinkSync(installed, join(folder, "node_modules", "@taxpoynt", "engine"), "dir");
  return folder;
}

/** Runs a module in a folder and returns what it printed. */
function run(folder, source, name = "main.mjs") {
  writeFileSync(join(folder, name), source);
  return execFileSync(process.execPath, [name], { cwd: folder, timeout: 60_000, encoding: "utf8" });
}

const examples = (readme) => [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map((match) => match[1]);

test("the example of the repository's README runs as it stands", (t) => {
  const root = repository();
  const [example] = examples(readFileSync(join(root, "README.md"), "utf8"));
  const folder = project(t);
  copyFileSync(join(root, "examples", "quickstart", "tenant.json"), join(folder, "shop.json"));
  copyFileSync(join(root, "examples", "records", "square_sale.json"), join(folder, "sale.json"));
  const [first, ...faults] = run(folder, example).trimEnd().split("\n");
  assert.equal(first, "INV000001: 51106.25 to pay");
  assert.ok(faults.every((line) => /^[A-Z]+-[A-Z0-9-]+ \/Invoice/.test(line)), faults.join("\n"));
});

const README = () => examples(readFileSync(join(installed, "README.md"), "utf8"));

test("the first example of the package's README prints the document", (t) => {
  const folder = project(t);
  writeFileSync(join(folder, "sale.json"), JSON.stringify(record()));
  writeFileSync(join(folder, "shop.json"), JSON.stringify(tenant()));
  assert.equal(run(folder, README()[0]), "INV000001 INV000001-9C2E71AB-20261006 6450.00 NGN\n");
});

test("the second example says what is wrong and what is wanted", (t) => {
  const folder = project(t);
  const [{ invoice }] = engine.convert("square", record(), { tenant: tenant() });
  const xml = invoice.toUbl().toString().replace(">6450.00</cbc:PayableAmount>", ">6451.00</cbc:PayableAmount>");
  writeFileSync(join(folder, "invoice.xml"), xml);
  const printed = run(folder, README()[1]);
  assert.match(printed, /^BR-CO-16 \/Invoice\/cac:LegalMonetaryTotal \S/m);
  assert.match(printed, /^wants: \S/m);
});

test("the third example sends what was received", async (t) => {
  const sim = await Simulators.start(t);
  const taken = [];
  const url = await host(t, (request) => taken.push(request) && 200);
  await sim.control("square/webhook_url", { url });
  await sim.control("square/sales/walk_in");
  const [{ headers, body }] = taken;
  const printed = [];
  const names = {
    Engine: { open: (path, options) => Engine.open("sqlite::memory:", { ...options, ...sim.options() }) },
    key: Vault.generateKey(),
    authority: {},
    tenant: sim.tenant(),
    ...sim.square(url),
    request: { method: "POST", url, headers, body },
    console: { log: (...line) => printed.push(line.join(" ")) },
  };
  const example = README()[2].replace(/^import .*$/m, "");
  const AsyncFunction = (async () => {}).constructor;
  await new AsyncFunction(...Object.keys(names), example)(...Object.values(names));
  assert.equal(printed.length, 1, printed.join("\n"));
  assert.match(printed[0], /^INV000001 INV000001-\S+ accepted$/);
});

test("the Next.js example takes raw bytes once, and refuses the rest", async (t) => {
  const sim = await Simulators.start(t);
  const folder = project(t);
  const taken = [];
  const url = await host(t, (request) => taken.push(request) && 200);
  await sim.control("square/webhook_url", { url });
  await sim.control("square/sales/walk_in");
  const [{ headers, body }] = taken;
  const key = Vault.generateKey();
  const open = () => Engine.open(`sqlite://${join(folder, "taxpoynt.db")}`, { keys: key, ...sim.options() });
  const before = await open();
  const { id: tenant } = await before.addTenant(sim.tenant());
  const { id: shop } = await before.connect("square", tenant, sim.square(url));
  await before.close();
  writeFileSync(join(folder, "route.mjs"), README()[3]);
  const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-square-")));
  const asked = [
    [shop, `${body} `],
    [shop, String(body)],
    [shop, String(body)],
    [tenant, String(body)],
  ];
  const source = `
    Object.assign(process.env, ${JSON.stringify({ TAXPOYNT_KEY: key, AUTHORITY_URL: sim.urls.authority })});
    const { POST, runtime } = await import("./route.mjs");
    const [headers, statuses] = [${JSON.stringify(signed)}, []];
    for (const [connection, body] of ${JSON.stringify(asked)}) {
      const request = new Request("http://behind-a-proxy/", { method: "POST", headers, body });
      const answer = await POST(request, { params: Promise.resolve({ connection }) });
      statuses.push(answer.status);
    }
    console.log(runtime, ...statuses);
  `;
  assert.equal(run(folder, source), "nodejs 401 200 200 404\n");
  const after = await open();
  t.after(() => after.close());
  const deliveries = await after.deliveries();
  assert.equal(deliveries.length, 1);
  assert.equal(deliveries.items[0].events[0].eventId, JSON.parse(body).event_id);
});

test("the nightly example prints the day as a table", async (t) => {
  const sim = await Simulators.start(t);
  const folder = project(t);
  const key = Vault.generateKey();
  const open = (path, options) => {
    assert.equal(path, "sqlite:///taxpoynt.db");
    return Engine.open(`sqlite://${join(folder, "taxpoynt.db")}`, { ...options, ...sim.options() });
  };
  const before = await open("sqlite:///taxpoynt.db", { keys: [key] });
  const { id: tenant } = await before.addTenant(sim.tenant());
  await before.connect("square", tenant, sim.square("https://host.example/hook"));
  await before.close();
  // Lagos is an hour ahead of UTC all year.
  const yesterday = new Date(Date.now() - 23 * 3_600_000).toISOString().slice(0, 10);
  const hours = { from: `${yesterday}T11:00:00Z`, to: `${yesterday}T12:00:00Z` };
  const { ids } = await sim.control("square/stock", { count: 1, ...hours });
  const AsyncFunction = (async () => {}).constructor;
  const example = new AsyncFunction("Engine", "key", "authority", "console", README()[4].replace(/^import .*$/m, ""));
  for (const verdict of ["NOT EQUAL", "equal"]) {
    const printed = [];
    await example({ open }, key, {}, { log: (line) => printed.push(line) });
    assert.equal(printed.length, 1, printed.join("\n"));
    const [first, ...lines] = printed[0].split("\n");
    assert.equal(first, `square ${yesterday} ${verdict}`);
    const missing = lines.some((line) => line.startsWith("missing here") && line.includes(ids[0]));
    assert.equal(missing, verdict === "NOT EQUAL");
  }
});

test("the package is the same through require, where Node has it for modules", (t) => {
  if (!process.features.require_module) {
    assert.ok(process.version < "v22", "every Node from 22.12 requires modules");
    return;
  }
  const required = createRequire(import.meta.url)("@taxpoynt/engine");
  assert.equal(required.Engine, engine.Engine);
  const folder = project(t);
  const source = 'console.log(typeof require("@taxpoynt/engine").convert);';
  assert.equal(run(folder, source, "main.cjs"), "function\n");
});

test("the package brings every declaration that its index names", () => {
  const named = [...readFileSync(join(installed, "index.d.ts"), "utf8").matchAll(/^export \* from "(.*)\.js";$/gm)];
  assert.ok(named.length > 5);
  for (const [, file] of named) assert.match(readFileSync(join(installed, `${file}.d.ts`), "utf8"), /^export /m);
});

test("importing starts no thread", (t) => {
  const folder = project(t);
  // Threads by name, as Linux lists them; elsewhere the operating system says how many there are to nobody.
  const source = `
    import { existsSync, readFileSync, readdirSync } from "node:fs";
    import { Engine, Vault, platforms } from "@taxpoynt/engine";
    const tasks = "/proc/self/task";
    const named = (id) => readFileSync(tasks + "/" + id + "/comm", "utf8").startsWith("taxpoynt");
    const count = () => existsSync(tasks) ? readdirSync(tasks).filter(named).length : 0;
    platforms();
    const imported = count();
    const engine = await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()] });
    const opened = count();
    await engine.close();
    console.log(imported, opened);
  `;
  const opened = process.platform === "linux" ? 2 : 0;
  assert.equal(run(folder, source), `0 ${opened}\n`);
});

test("a process ends by itself though its engine was not closed", (t) => {
  const folder = project(t);
  const source = `
    import { Engine, Vault } from "@taxpoynt/engine";
    const engine = await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()] });
    engine.workers();
    console.log((await engine.drain()).empty);
  `;
  assert.equal(run(folder, source), "true\n");
});

test("an engine in a worker thread works, and the thread can be ended under it", (t) => {
  const folder = project(t);
  const source = `
    import { Worker, isMainThread, parentPort } from "node:worker_threads";
    import { Engine, Vault } from "@taxpoynt/engine";
    if (isMainThread) {
      const worker = new Worker(new URL(import.meta.url));
      worker.once("message", async (message) => {
        console.log(message, await worker.terminate());
      });
    } else {
      const engine = await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()] });
      engine.workers();
      await engine.drain();
      parentPort.postMessage("drained");
      for (;;) await engine.invoices();
    }
  `;
  assert.equal(run(folder, source), "drained 1\n");
});

test("engines that are forgotten take nothing with them", (t) => {
  const folder = project(t);
  const source = `
    import { Engine, Vault } from "@taxpoynt/engine";
    const keys = [Vault.generateKey()];
    for (let i = 0; i < 20; i += 1) {
      const engine = await Engine.open("sqlite::memory:", { keys });
      engine.invoices();
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log("done");
  `;
  writeFileSync(join(folder, "main.mjs"), source);
  const told = { cwd: folder, encoding: "utf8", timeout: 60_000 };
  const ended = spawnSync(process.execPath, ["--expose-gc", "main.mjs"], told);
  assert.deepEqual([ended.stdout, ended.stderr, ended.status], ["done\n", "", 0]);
});
