// One tree of errors, each with what a caller decides by.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as engine from "@taxpoynt/engine";
import { Invoice, Rules, convert, ubl } from "@taxpoynt/engine";
import { record, tenant } from "./support.js";

const TREE = {
  TaxpoyntError: "Error",
  ConfigError: "TaxpoyntError",
  MappingError: "TaxpoyntError",
  PayloadError: "TaxpoyntError",
  WebhookError: "TaxpoyntError",
  SignatureInvalid: "WebhookError",
  Replayed: "WebhookError",
  PlatformError: "TaxpoyntError",
  Unauthenticated: "PlatformError",
  PermissionDenied: "PlatformError",
  NotFound: "PlatformError",
  RateLimited: "PlatformError",
  Unavailable: "PlatformError",
  TimedOut: "PlatformError",
  ValidationError: "TaxpoyntError",
  AuthorityError: "TaxpoyntError",
  Rejected: "AuthorityError",
  Ambiguous: "AuthorityError",
  StoreError: "TaxpoyntError",
};

function thrown(work, Kind) {
  try {
    work();
  } catch (error) {
    assert.equal(error.constructor, Kind, String(error));
    return error;
  }
  assert.fail("nothing was thrown");
}

test("the tree is the contract's", () => {
  for (const [name, parent] of Object.entries(TREE)) {
    assert.equal(Object.getPrototypeOf(engine[name]).name, parent, name);
    const facts = { kind: "k", operation: "square.fetch", retryable: true, retryAfter: 1.5 };
    const error = new engine[name]("It broke.", facts);
    assert.deepEqual(
      [error.name, error.message, error.kind, error.operation, error.retryable, error.retryAfter, error.context],
      [name, "It broke.", "k", "square.fetch", true, 1.5, {}],
    );
    assert.ok(error instanceof Error && error.stack.includes("It broke."));
  }
});

test("a malformed record names its field", () => {
  const cut = '{"order": {"id": "A", "state": ';
  const error = thrown(() => convert("square", cut, { tenant: tenant() }), engine.PayloadError);
  assert.deepEqual([error.kind, error.retryable, error.retryAfter], ["payload", false, null]);
  assert.match(error.message, /JSON/);
  assert.notEqual(error.operation, "");
});

test("an amount that is none names its path", () => {
  const sale = record();
  sale.order.line_items[0].total_money.amount = "abc";
  const error = thrown(() => convert("square", sale, { tenant: tenant() }), engine.PayloadError);
  assert.equal(error.field, "order.line_items[0].total_money.amount");
});

test("a tenant that cannot be used names its setting", () => {
  const seller = { ...tenant(), timezone: "Lagos" };
  const error = thrown(() => convert("square", record(), { tenant: seller }), engine.ConfigError);
  assert.equal(error.context.field, "timezone");
  assert.match(error.message, /IANA/);
  thrown(() => convert("square", record(), {}), engine.ConfigError);
});

test("an unknown platform is answered with those there are", () => {
  assert.match(thrown(() => convert("sqare", "{}", { tenant: tenant() }), engine.ConfigError).message, /square/);
});

test("an option that is misspelt is answered with those there are", () => {
  const options = { tenant: tenant(), isueDate: "2026-10-09" };
  const error = thrown(() => convert("square", record(), options), engine.ConfigError);
  assert.match(error.message, /isueDate.*issueDate/);
});

test("rules that do not load say where and what is nearest", () => {
  const error = thrown(() => Rules.parse('\n[buyer]\nemial = "customer.email"\n'), engine.MappingError);
  assert.deepEqual([error.line, error.column], [3, 1]);
  assert.match(error.message, /email/);
});

test("the schema of the rules is JSON Schema", () => {
  assert.match(Rules.jsonSchema().$schema, /^https:\/\/json-schema\.org\//);
});

test("a rule set that is not built is answered with those there are", () => {
  assert.ok(ubl.rulesets().includes("en16931"));
  const error = thrown(() => ubl.validate("<Invoice/>", { rulesets: ["no-such-rules"] }), engine.ConfigError);
  for (const name of ubl.rulesets()) assert.ok(error.message.includes(name), error.message);
});

test("every rule of every set can be looked up", () => {
  for (const ruleset of ubl.rulesets()) {
    const ids = ubl.ruleIds(ruleset);
    assert.ok(ids.length > 0, ruleset);
    assert.deepEqual(ids, [...new Set(ids)].sort());
    for (const id of ids) {
      const rule = ubl.explain(id);
      assert.deepEqual([rule.id, rule.ruleset], [id, ruleset]);
      assert.ok(["fatal", "warning"].includes(rule.severity) && rule.concerns && rule.wants, id);
    }
  }
  assert.equal(ubl.explain("BR-NO-SUCH"), null);
  const error = thrown(() => ubl.ruleIds("no-such-rules"), engine.ConfigError);
  assert.match(error.message, /en16931/);
  assert.equal(error.context.field, "ruleset");
  thrown(() => ubl.explain(5), engine.ConfigError);
});

test("the usual rule sets are structure, EN 16931 and Peppol", () => {
  const [{ invoice }] = convert("square", record(), { tenant: tenant() });
  // Peppol wants electronic addresses; the structure wants an issue date.
  const broken = invoice.toUbl().toString().replace(/<cbc:IssueDate>.*?<\/cbc:IssueDate>/, "");
  const broke = (options) => [...new Set(ubl.validate(broken, options).map((fault) => fault.ruleset))].sort();
  assert.deepEqual(broke(), ["en16931", "peppol", "ubl21"]);
  assert.deepEqual(broke({ rulesets: "peppol" }), ["peppol"]);
});

test("broken rules are listed with id and path", () => {
  const [{ invoice }] = convert("square", record(), { tenant: tenant() });
  const broken = invoice.toUbl().toString().replace(">6450.00</cbc:PayableAmount>", ">6451.00</cbc:PayableAmount>");
  const faults = ubl.validate(broken, { rulesets: ["en16931"] }).filter((fault) => fault.severity === "fatal");
  assert.deepEqual(faults.map((fault) => [fault.id, fault.ruleset]), [["BR-CO-16", "en16931"]]);
  assert.match(faults[0].path, /^\/Invoice/);
  assert.notEqual(faults[0].message, "");
});

test("what is no document is a payload error", () => {
  const hostile = ["", "not xml", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', Buffer.from([0xff, 0xfe])];
  for (const xml of [...hostile, undefined, 5, {}]) {
    thrown(() => ubl.parse(xml), engine.PayloadError);
    thrown(() => ubl.validate(xml), engine.PayloadError);
  }
});

test("data that is no document names what is missing", () => {
  const data = convert("square", record(), { tenant: tenant() })[0].invoice.toDict();
  delete data.currency;
  assert.equal(thrown(() => Invoice.fromDict(data), engine.PayloadError).field, "currency");
});

test("an argument of a wrong type is refused without being shown", () => {
  const error = thrown(() => engine.CryptoKeys.parse({ certificate: "top-secret" }), engine.ConfigError);
  assert.ok(!error.stack.includes("top-secret"));
  assert.equal(error.operation, "stamp.keys");
  thrown(() => engine.irn(5, "94ND90NR", "2026-01-01"), engine.ConfigError);
  thrown(() => convert("square", record(), { tenant: tenant(), sequence: -1 }), engine.ConfigError);
  thrown(() => convert("square", record(), { tenant: tenant(), sequence: 1.5 }), engine.ConfigError);
});

test("nobody outside the package makes what only it can make", () => {
  for (const Kind of [Invoice, Rules, engine.CryptoKeys, engine.Stamp, engine.Engine]) {
    assert.throws(() => new Kind({}), /made by/, Kind.name);
  }
});
