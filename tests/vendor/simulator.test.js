// What the simulated Pipedrive answers is what the platform's own description and its own client take: the shapes that our
// connector was built against are not only ours.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { Configuration as Configuration1, CurrenciesApi, UsersApi, WebhooksApi } from "pipedrive/v1";
import {
  Configuration,
  DealFieldsApi,
  DealInstallmentsApi,
  DealProductsApi,
  DealsApi,
  OAuth2Configuration,
  OrganizationsApi,
  PersonsApi,
  PipelinesApi,
  ProductsApi,
  StagesApi,
} from "pipedrive/v2";
import { descriptions, reduced } from "./description.js";
import { proxy } from "./prism.js";

const binary = process.env.TAXPOYNT_SIM;
assert.ok(binary, "TAXPOYNT_SIM is not set: it names the simulators' binary");

let [child, sim, own, deals] = [];

async function control(path, body) {
  const response = await fetch(sim.control + path, { method: "POST", body: body && JSON.stringify(body) });
  assert.equal(response.status, 200, `${path}: ${response.status}`);
  return response.json();
}

before(async () => {
  child = spawn(binary, ["--port", "0", "--now", "2026-11-20T10:00:00Z", "--quiet"], { stdio: ["ignore", "pipe", "inherit"] });
  sim = await new Promise((resolve, reject) => {
    let said = "";
    child.once("exit", (code) => reject(new Error(`the simulators ended with ${code}`)));
    child.stdout.on("data", (chunk) => {
      said += chunk;
      if (said.includes("\n")) resolve(JSON.parse(said));
    });
  });
  own = sim.credentials.pipedrive;
  deals = {};
  for (const offer of ["exclusive", "inclusive", "untaxed", "bare"]) deals[offer] = (await control(`pipedrive/offers/${offer}`)).id;
  await control(`pipedrive/deals/${deals.exclusive}/win`);
  await control(`pipedrive/deals/${deals.bare}/delete`);
  await control("pipedrive/stock", { count: 230, from: "2026-10-01T00:00:00Z", to: "2026-11-01T00:00:00Z", seed: 7, equal: 300 });
  await control("pipedrive/webhook_url", { url: `${sim.control}clock` });
});
after(() => child.kill());

/**
 * Any member of an answer may be null: the description says so of few, though its words do of `next_cursor` and the
 * platform's own webhook example does of a deal's times.
 */
function nullable(node) {
  if (Array.isArray(node)) node.forEach(nullable);
  else if (node && typeof node === "object") {
    for (const property of Object.values(node.properties ?? {})) if (property && typeof property === "object") property.nullable = true;
    Object.values(node).forEach(nullable);
  }
}

const lenient = (spec) => Object.values(spec.paths).flatMap(Object.values).forEach((operation) => nullable(operation.responses));

async function judge(version, paths) {
  const { file } = descriptions("pipedrive").find(({ below }) => below.endsWith(version));
  const prism = await proxy(reduced(file, paths, lenient), `${sim.urls.pipedrive}api/${version}`);
  try {
    const judged = [];
    for (const path of paths) {
      const response = await fetch(prism.base + path, { headers: { "x-api-token": own.api_token } });
      judged.push({ path, status: response.status, text: await response.text() });
    }
    return judged;
  } finally {
    prism.stop();
  }
}

test("what the simulator answers is what the description of version 2 has", async () => {
  const paths = [
    "/deals?status=open,won,lost,deleted&sort_by=update_time&limit=50", "/deals/archived", `/deals/${deals.exclusive}`,
    `/deals/${deals.exclusive}?include_fields=first_won_time,products_count&include_option_labels=true`,
    `/deals/products?deal_ids=${Object.values(deals).join(",")}`, `/deals/${deals.untaxed}/products`, `/deals/${deals.untaxed}/discounts`,
    `/deals/installments?deal_ids=${deals.untaxed}&deal_ids=${deals.bare}`, "/persons", "/persons/701", "/organizations", "/organizations/501",
    "/products?limit=2", "/products/31", "/pipelines", "/stages?pipeline_id=2", "/dealFields", "/personFields", "/organizationFields", "/productFields",
  ];
  for (const { path, status, text } of await judge("v2", paths)) assert.equal(status, 200, `${path}: ${text}`);
});

test("and what that of version 1 has", async () => {
  const paths = ["/users/me", "/users", `/users/${own.user_id}`, "/currencies", "/webhooks"];
  for (const { path, status, text } of await judge("v1", paths)) assert.equal(status, 200, `${path}: ${text}`);
});

test("an answer that breaks the description is told, so that a pass means something", async () => {
  await control("pipedrive/records", {
    deal: { id: 7001, title: ["a", "list"], value: "a lot" },
    products: [{ name: "Thing", item_price: 1, quantity: 1, tax_method: "sometimes" }],
  });
  for (const { path, status, text } of await judge("v2", ["/deals/7001", "/deals/7001/products"])) {
    assert.equal(status, 500, `${path}: ${text}`);
    assert.match(text, /title must be|tax_method must be/);
  }
});

const configured = () => new Configuration({ apiKey: own.api_token, basePath: `${sim.urls.pipedrive}api/v2` });

test("the platform's own client reads every deal through the simulator's cursors", async () => {
  const api = new DealsApi(configured());
  const found = [];
  let cursor;
  do {
    const page = await api.getDeals({ status: "won", sort_by: "update_time", limit: 50, cursor });
    assert.equal(page.success, true);
    found.push(...page.data);
    cursor = page.additional_data.next_cursor ?? undefined;
  } while (cursor);
  assert.equal(found.length, 231);
  assert.equal(new Set(found.map((deal) => deal.id)).size, 231);
  assert.deepEqual(found.map((deal) => deal.update_time), found.map((deal) => deal.update_time).sort());
});

test("it reads what belongs to a deal, and whom it is with", async () => {
  const configuration = configured();
  const ids = [deals.exclusive, deals.inclusive, deals.untaxed].map(Number);
  const lines = await new DealProductsApi(configuration).getDealsProducts({ deal_ids: ids });
  assert.deepEqual(lines.data.map((line) => line.sum), [450000, 22000, 310000, 107500, 5869.5, 240000]);
  const { data: deal } = await new DealsApi(configuration).getDeal({ id: ids[0] });
  assert.deepEqual([deal.status, deal.value], ["won", 467000]);
  const installments = await new DealInstallmentsApi(configuration).getInstallments({ deal_ids: ids });
  assert.deepEqual(installments.data.map((part) => part.amount), [114000, 114000]);
  const discounts = await new DealsApi(configuration).getAdditionalDiscounts({ id: ids[2] });
  assert.deepEqual(discounts.data.map((discount) => [discount.type, discount.amount]), [["percentage", 5]]);
  const { data: organizations } = await new OrganizationsApi(configuration).getOrganizations({ ids: String(deal.org_id) });
  assert.equal(organizations[0].custom_fields[sim.pipedrive.tin_field], "40506070-0001");
  const { data: persons } = await new PersonsApi(configuration).getPersons({ ids: String(deal.person_id) });
  assert.equal(persons[0].emails.find((email) => email.primary).value, "ngozi@delta-marine.example");
});

test("it reads settings, users and currencies", async () => {
  const configuration = configured();
  assert.deepEqual((await new PipelinesApi(configuration).getPipelines()).data.map((pipeline) => pipeline.name), ["Sales", "Contracts"]);
  assert.equal((await new StagesApi(configuration).getStages({ pipeline_id: 2 })).data.length, 2);
  assert.ok((await new DealFieldsApi(configuration).getDealFields()).data.some((field) => field.is_custom_field));
  assert.equal((await new ProductsApi(configuration).getProduct({ id: 31 })).data.prices[0].price, 125000);
  const older = new Configuration1({ apiKey: own.api_token, basePath: `${sim.urls.pipedrive}v1` });
  assert.equal((await new UsersApi(older).getCurrentUser()).data.company_id, own.company_id);
  assert.equal((await new CurrenciesApi(older).getCurrencies()).data.length, 4);
  assert.equal((await new WebhooksApi(older).getWebhooks()).data.length, 1);
});

test("its OAuth client is authorized, refreshes and revokes at the simulator", async () => {
  const oauth = new OAuth2Configuration({
    clientId: own.client_id,
    clientSecret: own.client_secret,
    redirectUri: own.redirect_uri,
    host: sim.urls.pipedrive.replace(/\/$/, ""),
  });
  const page = await fetch(oauth.authorizationUrl, { redirect: "manual" });
  assert.equal(page.status, 302);
  await oauth.authorize(new URL(page.headers.get("location")).searchParams.get("code"));
  const first = { ...oauth };
  assert.equal(oauth.basePath, `${sim.urls.pipedrive}api/v2`);
  const api = new DealsApi(new Configuration({ accessToken: () => oauth.accessToken, basePath: oauth.basePath }));
  assert.equal((await api.getDeals({ limit: 1 })).data.length, 1);
  await oauth.tokenRefresh();
  assert.equal(oauth.refreshToken, first.refreshToken);
  assert.notEqual(oauth.accessToken, first.accessToken);
  await oauth.revokeToken("refresh_token");
  await assert.rejects(api.getDeals({ limit: 1 }), { errorCode: 401 });
});
