// The reference data, the repository, the simulators, and a record of our own.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Engine, Vault } from "@taxpoynt/engine";

const above = (levels) => join(dirname(fileURLToPath(import.meta.url)), ...Array(levels).fill(".."));

function folder(variable, fallback, witness) {
  const path = process.env[variable] ?? fallback;
  if (!existsSync(join(path, witness))) throw new Error(`${variable}: no ${witness} in ${path}`);
  return path;
}

/** A file of the reference data. */
export function reference(...path) {
  const root = folder("TAXPOYNT_REFERENCE", join(above(3), "shared", "data"), "peer-inputs/tenants.json");
  return readFileSync(join(root, ...path));
}

/** The root of the repository. */
export function repository() {
  return folder("TAXPOYNT_REPOSITORY", above(2), "bindings-node/README.md");
}

const TENANT = {
  name: "Balogun Kitchens Ltd",
  tin: "22334455-0001",
  email: "accounts@balogun.example",
  phone: "+2348030000007",
  timezone: "Africa/Lagos",
  business_id: "0d5d7a52-6a0f-4c1b-8f0e-3b8a64e0c911",
  service_id: "9C2E71AB",
  address: { street: "3 Broad Street", city: "Lagos", state: "NG-LA", lga: "NG-LA-LIS", country: "NG" },
  tax: { untaxed: { category: "E", percent: "0", reason: "basic food" } },
  classification: { default: { hsn_code: "2106.90", product_category: "Food preparations" } },
};

export const tenant = () => structuredClone(TENANT);

const naira = (amount) => ({ amount, currency: "NGN" });

/** 3 × 2,000.00 with 7.5 % of tax: 6,000.00 + 450.00. */
const ORDER = {
  id: "ORDER-1",
  location_id: "L-1",
  state: "COMPLETED",
  created_at: "2026-10-05T23:30:00.000Z",
  updated_at: "2026-10-05T23:31:00.000Z",
  closed_at: "2026-10-05T23:31:00.000Z",
  line_items: [
    {
      uid: "line-1",
      catalog_object_id: "MEAL",
      name: "Ofada rice",
      quantity: "3",
      base_price_money: naira(200000),
      variation_total_price_money: naira(600000),
      gross_sales_money: naira(600000),
      total_tax_money: naira(45000),
      total_discount_money: naira(0),
      total_money: naira(645000),
      applied_taxes: [{ uid: "applied-1", tax_uid: "vat", applied_money: naira(45000) }],
    },
  ],
  taxes: [
    {
      uid: "vat",
      catalog_object_id: "VAT",
      name: "VAT",
      percentage: "7.5",
      type: "ADDITIVE",
      scope: "LINE_ITEM",
      applied_money: naira(45000),
    },
  ],
  tenders: [{ id: "tender-1", type: "CASH", amount_money: naira(645000) }],
  total_money: naira(645000),
  total_tax_money: naira(45000),
  total_discount_money: naira(0),
  total_tip_money: naira(0),
  total_service_charge_money: naira(0),
  net_amounts: {
    total_money: naira(645000),
    tax_money: naira(45000),
    discount_money: naira(0),
    tip_money: naira(0),
    service_charge_money: naira(0),
  },
};

export const record = () => structuredClone({ order: ORDER });

/** Takes one of the three meals back. */
export function refund() {
  const { order } = record();
  const amounts = {
    total_money: naira(215000),
    tax_money: naira(15000),
    discount_money: naira(0),
    tip_money: naira(0),
    service_charge_money: naira(0),
  };
  order.returns = [
    {
      uid: "return-1",
      source_order_id: "ORDER-0",
      return_line_items: [
        {
          uid: "return-line-1",
          source_line_item_uid: "line-1",
          name: "Ofada rice",
          quantity: "1",
          base_price_money: naira(200000),
          variation_total_price_money: naira(200000),
          gross_return_money: naira(200000),
          total_tax_money: naira(15000),
          total_discount_money: naira(0),
          total_money: naira(215000),
          applied_taxes: [{ uid: "a", tax_uid: "vat-back", applied_money: naira(15000) }],
        },
      ],
      return_taxes: [
        {
          uid: "vat-back",
          source_tax_uid: "vat",
          catalog_object_id: "VAT",
          name: "VAT",
          percentage: "7.5",
          type: "ADDITIVE",
          scope: "LINE_ITEM",
          applied_money: naira(15000),
        },
      ],
      return_amounts: amounts,
    },
  ];
  order.return_amounts = amounts;
  for (const name of ["line_items", "taxes", "tenders", "net_amounts"]) delete order[name];
  Object.assign(order, { id: "ORDER-2", total_money: naira(0), total_tax_money: naira(0) });
  order.refunds = [
    {
      id: "refund-1",
      location_id: "L-1",
      transaction_id: "ORDER-2",
      tender_id: "tender-1",
      status: "APPROVED",
      amount_money: naira(215000),
    },
  ];
  return { order };
}

/** A running `taxpoynt-sim`: every platform and the authority on loopback. */
export class Simulators {
  #process;

  constructor(process, { urls, credentials, hubspot }) {
    this.#process = process;
    this.urls = urls;
    this.credentials = credentials;
    this.hubspot = hubspot;
  }

  /** Fresh simulators, which end with the test. */
  static async start(test) {
    const program = process.env.TAXPOYNT_SIM ?? join(above(2), "target", "debug", "taxpoynt-sim");
    if (!existsSync(program)) throw new Error(`TAXPOYNT_SIM: the simulator is absent at ${program}`);
    const child = spawn(program, ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface(child.stdout), "line");
    const sim = new Simulators(child, JSON.parse(line));
    test.after(() => sim.#stop());
    return sim;
  }

  async #stop() {
    this.#process.kill("SIGKILL");
    await once(this.#process, "close");
  }

  control(path, body) {
    return this.request("POST", path, body);
  }

  state(path) {
    return this.request("GET", path);
  }

  async request(method, path, body) {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const answer = await fetch(new URL(path, this.urls.control), { method, body: sent });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text === "" ? null : JSON.parse(text);
  }

  /** The seller the simulated authority knows. */
  tenant() {
    const { name, tin, business_id, service_id, api_key, api_secret, crypto_keys } = this.credentials.authority;
    return { ...tenant(), name, tin, business_id, service_id, authority: { api_key, api_secret, crypto_keys } };
  }

  /** Options of `Engine.open` that reach the simulators. */
  options() {
    return { authority: { baseUrl: this.urls.authority }, allowHosts: ["127.0.0.1"] };
  }

  /** Options of `connect` for the simulated till. */
  square(webhookUrl) {
    const { access_token, signature_key } = this.credentials.square;
    return {
      credentials: { accessToken: access_token, webhookSecret: signature_key },
      settings: { baseUrl: this.urls.square, webhookUrl },
    };
  }
}

/** A host's web server; `receive(request)` gives the status of its answer. Returns its URL. */
export async function host(test, receive) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    response.statusCode = await receive({ method, url, headers, body: Buffer.concat(chunks) });
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/hooks`;
}

/** A shop whose till is connected, over simulators of its own. */
export async function till(t) {
  const sim = await Simulators.start(t);
  const engine = await Engine.open("sqlite::memory:", { keys: [Vault.generateKey()], ...sim.options() });
  t.after(() => engine.close());
  const { id: tenant } = await engine.addTenant(sim.tenant());
  const { id: connection } = await engine.connect("square", tenant, sim.square("https://host.example/hook"));
  return { sim, engine, tenant, connection };
}
