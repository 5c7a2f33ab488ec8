// JavaScript data in a record counts exactly, or is refused by path.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PayloadError, Vault, convert } from "@taxpoynt/engine";
import { record, tenant } from "./support.js";

/** What a value becomes inside sealed JSON, which takes the same way in. */
function kept(value) {
  const vault = new Vault([Vault.generateKey()]);
  return vault.open(vault.seal({ a: [value] }, { context: "c" }), { context: "c" }).a[0];
}

for (const value of [0.1, 7.5, -1234567890.12345, 1e-7, 1e22, 123456789012345, 100000000000000000000, 0, -7]) {
  test(`the number ${value} counts by its shortest form`, () => assert.equal(kept(value), value));
}

test("other data passes unchanged", () => {
  for (const value of [null, true, false, '₦ "quoted" \n', "", [], {}, { a: { b: ["c"] } }]) {
    assert.deepEqual(kept(value), value);
  }
  assert.equal(kept(12345678901234567890n), 12345678901234567890);
  assert.equal(kept(new Date(0)), "1970-01-01T00:00:00.000Z");
  assert.deepEqual([kept(new Number(7.5)), kept(new String("a")), kept({ toJSON: () => "1.50" })], [7.5, "a", "1.50"]);
  assert.deepEqual(kept({ there: 1, absent: undefined }), { there: 1 });
});

const endless = [];
endless.push(endless);

for (const [name, value] of Object.entries({
  "more than 15 digits": 0.1 + 0.2,
  "an integer past exactness": 9007199254740993,
  "a long fraction": 1234567890.1234567,
  NaN,
  "a boxed NaN": new Number(NaN),
  Infinity,
  "-Infinity": -Infinity,
  "undefined in an array": [undefined],
  "a function": () => 1,
  "a symbol": Symbol("a"),
  "a Map": new Map([["a", 1]]),
  "a Set": new Set([1]),
  bytes: Buffer.from("a"),
  "half of a surrogate pair": "\ud800",
  "what contains itself": endless,
})) {
  test(`${name} is refused by path`, () => {
    const sale = record();
    sale.order.line_items[0].quantity = value;
    assert.throws(
      () => convert("square", sale, { tenant: tenant() }),
      (error) => {
        assert.ok(error instanceof PayloadError, String(error));
        assert.ok(error.field.startsWith("order.line_items[0].quantity"), error.field);
        assert.ok(error.message.includes(error.field), error.message);
        return true;
      },
    );
  });
}

test("a quantity that is a number is as exact as its text", () => {
  const quantity = (value) => {
    const sale = record();
    sale.order.line_items[0].quantity = value;
    return convert("square", sale, { tenant: tenant() })[0].invoice.lines[0].quantity;
  };
  assert.equal(quantity("3"), "3");
  assert.throws(() => quantity(3.0000000000000004), PayloadError);
});

test("a value deep in a list is named", () => {
  assert.throws(
    () => convert("square", { order: { taxes: [{}, { percentage: NaN }] } }, { tenant: tenant() }),
    (error) => error.field === "order.taxes[1].percentage",
  );
});

test("numbers of a record in text keep every digit", () => {
  const text = JSON.stringify(record()).replace('"amount":200000', '"amount":200000.00000000000000001');
  assert.throws(() => convert("square", text, { tenant: tenant() }), PayloadError);
});
