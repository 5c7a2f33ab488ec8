// `convert`: the true totals of known sales, and every attribute of a document.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  ConfigError, Invoice, MappingError, PayloadError, Rules, convert, irn, platforms, registerTemplate, ubl,
} from "@taxpoynt/engine";
import { record, reference, refund, repository, tenant } from "./support.js";

const tenants = () => JSON.parse(reference("peer-inputs", "tenants.json"));

function peer(platform, name) {
  const [outcome] = convert(platform, reference("peer-inputs", `${name}.json`), { tenant: tenants()[platform] });
  assert.equal(outcome.reason, null);
  return outcome.invoice;
}

/** Decimal strings as whole hundredths. */
const cents = (text) => {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(2, "0"));
};
const sum = (amounts) => amounts.map(cents).reduce((a, b) => a + b, 0n);

for (const [platform, name, net, tax, payable, currency] of [
  ["square", "square_payment_order_ngn", "28690.29", "1651.77", "30342.06", "NGN"],
  ["square", "square_payment_order_usd", "28690.29", "1651.77", "30342.06", "USD"],
  ["hubspot", "hubspot_deal_with_line_items", "1250000.35", "89275.03", "1339275.38", "NGN"],
  ["pipedrive", "pipedrive_deal_with_products", "853500.45", "64012.53", "917512.98", "NGN"],
]) {
  test(`${name} comes to its true totals`, () => {
    const invoice = peer(platform, name);
    const { taxExclusiveAmount, taxAmount, payableAmount, lineExtensionAmount } = invoice.totals;
    assert.deepEqual([taxExclusiveAmount, taxAmount, payableAmount, invoice.currency], [net, tax, payable, currency]);
    assert.equal(sum(invoice.lines.map((line) => line.netAmount)), cents(lineExtensionAmount));
    assert.equal(sum(invoice.taxSubtotals.map((row) => row.taxAmount)), cents(taxAmount));
    const faults = ubl.validate(invoice.toUbl(), { rulesets: ["ubl21", "en16931"] }).filter((fault) => fault.severity === "fatal");
    assert.deepEqual(faults, []);
  });
}

test("a document says all that the contract names", () => {
  const [outcome] = convert("square", record(), { tenant: tenant(), sequence: 7 });
  assert.deepEqual([outcome.kind, outcome.reason], ["invoice", null]);
  const { invoice } = outcome;
  assert.deepEqual([invoice.type, invoice.kind, invoice.number], ["invoice", "B2C", "INV000007"]);
  // 23:31 UTC is the next day in Lagos.
  assert.deepEqual([invoice.issueDate, invoice.taxPointDate], ["2026-10-06", "2026-10-06"]);
  assert.equal(invoice.irn, "INV000007-9C2E71AB-20261006");
  assert.deepEqual([invoice.currency, invoice.sourceId, invoice.paymentStatus], ["NGN", "ORDER-1", "PAID"]);
  assert.deepEqual([invoice.supplier.name, invoice.supplier.address.city], ["Balogun Kitchens Ltd", "Lagos"]);
  assert.equal(invoice.customer, null);
  const [line] = invoice.lines;
  assert.deepEqual(
    [line.id, line.name, line.quantity, line.unit, line.unitPrice, line.netAmount],
    ["1", "Ofada rice", "3", "C62", "2000.00", "6000.00"],
  );
  assert.deepEqual([line.tax.category, line.tax.percent, line.allowances, line.charges], ["S", "7.5", [], []]);
  assert.deepEqual(line.classification, { hsnCode: "2106.90", productCategory: "Food preparations" });
  const [row] = invoice.taxSubtotals;
  assert.deepEqual(
    [row.category, row.percent, row.taxableAmount, row.taxAmount, invoice.taxSubtotals.length],
    ["S", "7.5", "6000.00", "450.00", 1],
  );
  assert.deepEqual([cents(invoice.totals.prepaidAmount), invoice.totals.payableAmount], [0n, "6450.00"]);
  assert.deepEqual(invoice.paymentMeans.map((means) => means.code), ["10"]);
  assert.deepEqual([invoice.allowances, invoice.charges, invoice.references], [[], [], []]);
});

test("bytes, text and data give the same document", () => {
  const text = JSON.stringify(record());
  const bytes = new TextEncoder().encode(text);
  const forms = [text, Buffer.from(text), bytes, bytes.buffer, record()];
  const documents = forms.map((form) => convert("square", form, { tenant: tenant() })[0].invoice);
  for (const document of documents) {
    assert.deepEqual(document, documents[0]);
    assert.deepEqual(document.toUbl(), documents[0].toUbl());
  }
});

test("a tenant reads in its file's names and in camelCase, and its tables keep their keys", () => {
  const inFile = tenant();
  inFile.classification.by_field = {
    field: "order.line_items[].catalog_object_id",
    values: { mealOfTheDay: { isic_code: "5610", service_category: "Restaurants" } },
  };
  const { business_id, service_id, classification, ...rest } = inFile;
  const inCamel = {
    ...rest,
    businessId: business_id,
    serviceId: service_id,
    classification: {
      default: { hsnCode: "2106.90", productCategory: "Food preparations" },
      byField: {
        field: "order.line_items[].catalog_object_id",
        values: { mealOfTheDay: { isicCode: "5610", serviceCategory: "Restaurants" } },
      },
    },
  };
  const sale = record();
  sale.order.line_items[0].catalog_object_id = "mealOfTheDay";
  const [a, b, c] = [inFile, inCamel, JSON.stringify(inFile)].map((one) => convert("square", sale, { tenant: one })[0]);
  assert.deepEqual(a.invoice.lines[0].classification, { isicCode: "5610", serviceCategory: "Restaurants" });
  assert.deepEqual([b.invoice, c.invoice], [a.invoice, a.invoice]);
});

test("what cannot be invoiced yet is held with a reason", () => {
  const sale = record();
  sale.order.state = "OPEN";
  const [outcome] = convert("square", sale, { tenant: tenant() });
  assert.deepEqual([outcome.kind, outcome.invoice], ["held", null]);
  assert.match(outcome.reason.code, /^[a-z_]+$/);
  assert.match(outcome.reason.message, /\.$/);
});

test("every element of a document says where it came from", () => {
  const sale = record();
  const [outcome] = convert("square", sale, { tenant: tenant() });
  const explained = outcome.explanation();
  assert.equal(explained.number, outcome.invoice.number);
  assert.deepEqual(explained.fields, outcome.explain());
  const elements = new Map(explained.elements.map((element) => [element.path, element]));
  const number = elements.get("/Invoice/cbc:ID");
  assert.deepEqual([number.value, number.term, number.origin.kind], [outcome.invoice.number, "BT-1", "numbering"]);
  const payable = elements.get("/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount");
  assert.ok(payable.origin.step.endsWith(payable.value), payable.sentence);
  const { origin } = elements.get("/Invoice/cac:InvoiceLine/cac:Item/cbc:Name");
  assert.deepEqual([origin.kind, origin.set, origin.sources[0].path], ["rule", "square/mapping.toml", "item.name"]);
  assert.ok(explained.elements.every((element) => element.words !== "" && element.origin.kind !== "unknown"));
  assert.match(explained.table, /Amount to pay \(BT-115\)/);
});

test("why a sale is held is explained", () => {
  const sale = record();
  sale.order.state = "OPEN";
  const [outcome] = convert("square", sale, { tenant: tenant() });
  const [why] = outcome.explanation().held;
  assert.deepEqual([why.code, why.message], [outcome.reason.code, outcome.reason.message]);
  assert.ok(outcome.explanation().table.includes(why.remedy));
});

test("every mapped field says where it came from", () => {
  const [outcome] = convert("square", record(), { tenant: tenant() });
  const rows = outcome.explain();
  assert.ok(rows.some((row) => row.target === "lines[0].tax"), JSON.stringify(rows));
  assert.ok(rows.every((row) => row.rule !== "" && typeof row.value === "string"));
});

test("the host's rules come on top", () => {
  const rules = '[invoice]\nnote = { value = "Thank you" }\n';
  assert.notEqual(convert("square", record(), { tenant: tenant() })[0].invoice.note, "Thank you");
  for (const given of [rules, Rules.parse(rules)]) {
    assert.equal(convert("square", record(), { tenant: tenant(), rules: given })[0].invoice.note, "Thank you");
  }
});

test("the issue date can be chosen", () => {
  const [{ invoice }] = convert("square", record(), { tenant: tenant(), issueDate: "2026-10-09" });
  assert.deepEqual([invoice.issueDate, invoice.taxPointDate], ["2026-10-09", "2026-10-06"]);
});

test("a refund names the invoice it takes back", () => {
  const [original] = convert("square", record(), { tenant: tenant() });
  const issued = {
    sourceId: "ORDER-0",
    number: "INV000003",
    issueDate: "2026-10-01",
    irn: "INV000003-9C2E71AB-20261001",
  };
  for (const entry of [issued, { ...issued, invoice: original.invoice }]) {
    const [outcome] = convert("square", refund(), { tenant: tenant(), issued: [entry] });
    assert.equal(outcome.kind, "credit_note", inspect(outcome.reason));
    assert.deepEqual(
      [outcome.invoice.number, outcome.invoice.totals.payableAmount, outcome.invoice.references],
      ["CN000001", "2150.00", [{ number: issued.number, irn: issued.irn, issueDate: issued.issueDate }]],
    );
  }
});

test("a document survives toDict, JSON and the names of its stored form", () => {
  const [{ invoice }] = convert("square", record(), { tenant: tenant() });
  const snake = (value) =>
    Array.isArray(value)
      ? value.map(snake)
      : value !== null && typeof value === "object"
        ? Object.fromEntries(
            Object.entries(value).map(([k, v]) => [k.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), snake(v)]),
          )
        : value;
  for (const data of [invoice.toDict(), JSON.parse(JSON.stringify(invoice)), snake(invoice.toDict()), invoice]) {
    const again = Invoice.fromDict(data);
    assert.deepEqual(again, invoice);
    assert.deepEqual(again.toUbl(), invoice.toUbl());
  }
  assert.match(inspect(invoice), /INV000001/);
});

test("a document never changes, and a copy of it may", () => {
  const [{ invoice }] = convert("square", record(), { tenant: tenant() });
  assert.throws(() => (invoice.number = "INV9"), TypeError);
  assert.throws(() => (invoice.totals.payableAmount = "0"), TypeError);
  assert.throws(() => invoice.lines.push({}), TypeError);
  const copy = invoice.toDict();
  copy.lines[0].name = "Jollof rice";
  assert.equal(Invoice.fromDict(copy).lines[0].name, "Jollof rice");
  assert.equal(invoice.lines[0].name, "Ofada rice");
});

test("two documents that differ are not equal", () => {
  const [a, b] = [1, 2].map((sequence) => convert("square", record(), { tenant: tenant(), sequence })[0].invoice);
  assert.notDeepEqual(a, b);
});

test("the authority's JSON keeps its exact digits as text", () => {
  const [{ invoice }] = convert("square", record(), { tenant: tenant() });
  const mbs = invoice.toMbs();
  assert.equal(mbs.irn, invoice.irn);
  assert.equal(mbs.legal_monetary_total.payable_amount, 6450);
  assert.match(invoice.toMbsJson(), /"payable_amount":\s*6450(\.0+)?[,}]/);
  assert.deepEqual(JSON.parse(invoice.toMbsJson()), mbs);
});

test("UBL reads back what it wrote", () => {
  const [{ invoice }] = convert("square", record(), { tenant: tenant() });
  const xml = invoice.toUbl();
  assert.ok(Buffer.isBuffer(xml));
  for (const form of [xml, xml.toString(), new Uint8Array(xml)]) {
    const again = ubl.parse(form);
    const hundredths = ({ totals }) => Object.entries(totals).map(([name, amount]) => [name, cents(amount)]);
    assert.deepEqual([again.number, hundredths(again)], [invoice.number, hundredths(invoice)]);
    assert.deepEqual(again.toUbl(), xml);
  }
});

test("every platform says what it can do", () => {
  const byId = new Map(platforms().map((platform) => [platform.id, platform]));
  assert.ok(byId.has("square") && byId.has("hubspot"), [...byId.keys()].join());
  const square = byId.get("square");
  assert.deepEqual([square.name, square.family], ["Square", "pos"]);
  assert.ok(square.capabilities.includes("webhook"));
  const schema = square.settingsSchema();
  assert.equal(schema.properties.webhook_url.type, "string");
  assert.equal(schema.additionalProperties, false);
});

test("a template adds a platform", () => {
  const text = readFileSync(join(repository(), "examples", "custom-connector", "kiosk.toml"), "utf8");
  const kiosk = registerTemplate(text, { name: "kiosk.toml" });
  assert.deepEqual([kiosk.id, kiosk.family, kiosk.auth], ["kiosk", "pos", ["api_key"]]);
  const { credentials } = kiosk.setupForm.properties;
  assert.deepEqual(credentials.required, ["access_token"]);
  assert.equal(credentials.properties.webhook_secret.format, "password");
  assert.ok("shop_group" in kiosk.settingsSchema().properties);
  const line = { id: 1, title: "Rice", count: 2, price: 8_600_000, vat: 7.5 };
  const receipt = { id: "9", status: "closed", currency: "NGN", closed_at: "2026-11-20T10:00:00Z", lines: [line], total: 17_200_000 };
  const [outcome] = convert("kiosk", { receipt }, { tenant: tenant() });
  assert.equal(outcome.invoice.totals.taxExclusiveAmount, "160000.00");
  assert.equal(outcome.invoice.totals.payableAmount, "172000.00");
  const line10 = String(text.slice(0, text.indexOf("calls = 10")).split("\n").length);
  assert.throws(
    () => registerTemplate(text.replace("calls = 10", "cals = 10"), { name: "kiosk.toml" }),
    (error) => error instanceof MappingError && error.context.line === line10,
  );
  assert.throws(() => registerTemplate(text.replace('id = "kiosk"', 'id = "square"')), ConfigError);
});

test("an IRN is made as the authority says", () => {
  const { valid } = JSON.parse(reference("firs", "vectors", "irn-vectors.json"));
  assert.ok(valid.length > 0);
  for (const vector of valid) {
    assert.equal(irn(vector.invoice_number, vector.service_id, vector.issue_date), vector.irn);
  }
  for (const [given, field] of [
    [["---", "94ND90NR", "2026-01-01"], "number"],
    [["INV1", "94ND90N", "2026-01-01"], "serviceId"],
    [["INV1", "94ND90NR", "2026-13-01"], "issueDate"],
  ]) {
    assert.throws(() => irn(...given), (error) => error instanceof PayloadError && error.field === field);
  }
});
